//! Captions through the program.

use serde_json::Value as Json;
use tintype_testkit::{Library, test_data};

use crate::support::{command, index, report, stdout, tintype};

#[test]
fn files_are_described_where_models_are_there() {
    let Some(data) = test_data() else { return };
    let library = Library::empty();
    let note = library.add("note.jpg", b"hello");
    let photo = data.join("photos/scenes/coco/000000000328.jpg");
    let run = |args: &[&str]| {
        let mut command = command(&library.data());
        command.env("TINTYPE__MODELS__MIRROR", data.join("models"));
        command.arg("caption").args(args).arg(&photo).output().unwrap()
    };
    let output = run(&["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let line: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["path"], photo.to_str().unwrap());
    assert!(line["caption"].as_str().unwrap().ends_with('.'), "{line}");
    assert!(line["producer"].as_str().unwrap().starts_with("composed@1("), "{line}");
    // A file that is no picture does not keep the others from being described.
    let output = run(&[note.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("note.jpg"));
    assert!(String::from_utf8_lossy(&output.stdout).contains(line["caption"].as_str().unwrap()));
    assert_eq!(tintype(&library.data(), &["caption", "/nowhere.jpg"]).status.code(), Some(2));
    // What was used of the mirror is in the first library's folder of models now.
    let output = tintype(&library.path().join("other"), &["caption", photo.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tintype models pull vit-gpt2"));
}

#[test]
fn a_caption_of_ones_own_is_kept_undone_and_survives_the_database() {
    let library = Library::drawn(2);
    index(&library.data(), &[&library.photos()]);
    let photo = library.photos().join("roll-00/IMG_0001.jpg");
    let path = photo.to_str().unwrap();
    let captions = || {
        let lines = report(&library.data());
        let of = |name: &str| {
            let line = lines.iter().find(|line| line["path"].as_str().unwrap().ends_with(name));
            line.unwrap()["caption"].clone()
        };
        (of("IMG_0000.jpg"), of("IMG_0001.jpg"))
    };
    let own = (Json::Null, Json::from("Rex at home"));
    let rated = stdout(&library.data(), &["rate", "--json", "--caption", "Rex at home", path]);
    assert_eq!(captions(), own);
    let operation: Json = serde_json::from_str(rated.lines().last().unwrap()).unwrap();
    let id = operation["operation"].as_str().unwrap();
    stdout(&library.data(), &["ops", "undo", id]);
    assert_eq!(captions(), (Json::Null, Json::Null));

    stdout(&library.data(), &["rate", "--caption", "Rex at home", path]);
    let portable = library.path().join("decisions.jsonl");
    stdout(&library.data(), &["decisions", "export", portable.to_str().unwrap()]);
    assert!(fs_err::read_to_string(&portable).unwrap().contains("Rex at home"));
    stdout(&library.data(), &["rebuild"]);
    assert_eq!(captions(), own);
    // A database that is lost: the journal beside it holds what was said.
    for file in ["tintype.db", "tintype.db-wal", "tintype.db-shm"] {
        let _may_be_absent = fs_err::remove_file(library.data().join(file));
    }
    index(&library.data(), &[&library.photos()]);
    assert_eq!(captions(), own);
    let found = stdout(&library.data(), &["search", "--json", "caption:rex"]);
    assert!(found.contains("IMG_0001.jpg"), "{found}");
    stdout(&library.data(), &["rate", "--caption", "  ", path]);
    assert_eq!(captions(), (Json::Null, Json::Null));
    let taken_back = stdout(&library.data(), &["rate", "--json", "--caption", "", path]);
    let operation: Json = serde_json::from_str(taken_back.lines().last().unwrap()).unwrap();
    assert_eq!(operation["skipped"], 1, "there was none any more: {operation}");
}
