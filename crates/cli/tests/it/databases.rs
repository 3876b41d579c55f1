//! The program on PostgreSQL: the same library, backed up, built anew, and moved to a file and back.

use serde_json::Value as Json;
use tintype_testkit::{Library, Schema, jpeg};

use crate::support::{command, stdout};

fn line(text: &str) -> Json {
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn a_library_on_postgres_is_backed_up_rebuilt_and_moved() {
    let Some(schema) = Schema::new() else { return };
    let (library, url) = (Library::drawn(6), schema.url());
    let photos = library.photos();
    let run = |args: &[&str]| {
        let args: Vec<&str> = ["--database", &url].iter().chain(args).copied().collect();
        stdout(&library.data(), &args)
    };
    let report = || {
        let text = run(&["report", "--json"]);
        text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()).collect::<Vec<_>>()
    };
    run(&["index", "--json", photos.to_str().unwrap()]);
    let rated = photos.join("roll-00/IMG_0002.jpg");
    run(&["rate", "--stars", "4", "--keyword", "sea", rated.to_str().unwrap()]);
    let expected = report();
    assert_eq!(expected.len(), 6);
    assert!(expected.iter().any(|line| line["rating"] == 4));
    let backup = line(&run(&["backup", "--json"]))["backup"]["name"].as_str().unwrap().to_owned();

    // Built anew: nothing is computed, nothing is lost, and the old one is kept.
    let rebuilt = line(&run(&["rebuild", "--json"]));
    assert_eq!(rebuilt["state"], "completed", "{rebuilt}");
    assert_eq!(report(), expected);
    let again = line(&run(&["index", "--json", photos.to_str().unwrap()]));
    assert_eq!((&again["computed"], &again["opened"]), (&Json::from(0), &Json::from(0)), "{again}");
    let found = run(&["search", "--json", "sea"]);
    assert!(found.contains("IMG_0002.jpg"), "{found}");

    // Back to the backup, after more came.
    library.add("late.jpg", &jpeg(77, 640, 480));
    run(&["index", "--json", photos.to_str().unwrap()]);
    assert_eq!(report().len(), 7);
    run(&["restore", &backup]);
    assert_eq!(report(), expected);
    let late = line(&run(&["index", "--json", photos.to_str().unwrap()]));
    assert_eq!(
        (&late["photos"], &late["computed"].as_u64().map(|count| count > 0)),
        (&Json::from(7), &Some(true)),
        "{late}"
    );

    // The same file makes a library of the embedded database.
    let moved = library.path().join("moved");
    let path = library.data().join("backups").join(&backup);
    stdout(&moved, &["restore", path.to_str().unwrap()]);
    let text = stdout(&moved, &["report", "--json"]);
    assert_eq!(
        text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()).collect::<Vec<_>>(),
        expected
    );
    let output =
        command(&library.data()).args(["--database", &url, "restore", "nothing.db"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
