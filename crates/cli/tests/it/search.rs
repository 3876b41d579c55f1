//! Searching through the program.

use serde_json::Value as Json;
use tintype_testkit::Library;

use crate::support::{index, stdout, tintype};

fn lines(library: &Library, args: &[&str]) -> Vec<Json> {
    stdout(&library.data(), args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn photos_are_found_by_words_facts_and_pictures() {
    let library = Library::drawn(4);
    let photos = library.photos();
    index(&library.data(), &[&photos]);
    let photo = photos.join("roll-00/IMG_0001.jpg");
    let path = photo.to_str().unwrap();
    stdout(&library.data(), &["rate", "--stars", "4", "--keyword", "Red car", path]);

    let found = lines(&library, &["search", "red car", "rating:>=4", "--limit", "5", "--json"]);
    let [hit, summary] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((&hit["path"], &hit["good"]), (&Json::from(path), &Json::from(true)));
    assert_eq!(hit["reasons"], serde_json::json!(["keyword: Red car", "rating:>=4"]));
    assert_eq!(
        (&summary["query"], &summary["total"]),
        (&Json::from("\"red car\" rating:>=4"), &Json::from(1))
    );

    let nothing = lines(&library, &["search", "--json", "walrus"]);
    assert_eq!(nothing[0]["no_good_match"], true);
    let text = stdout(&library.data(), &["search", "rating:>=4 -walrus"]);
    assert!(text.contains("1.00") && text.contains(path), "{text}");

    let copy = library.path().join("elsewhere.jpg");
    fs_err::copy(&photo, &copy).unwrap();
    let by_file = lines(&library, &["search", "--json", "--image", copy.to_str().unwrap()]);
    assert_eq!((&by_file[0]["path"], &by_file[0]["score"]), (&Json::from(path), &Json::from(1.0)));
    let similar = lines(&library, &["similar", "--json", path]);
    assert_eq!(similar.len(), 3, "all but the photo itself");
    let by_picture = lines(&library, &["similar", "--json", "--limit", "1", copy.to_str().unwrap()]);
    assert_eq!(by_picture[0]["path"], path);

    for args in [&["search"][..], &["search", "--image", "/nowhere.jpg"], &["similar", "/nowhere.jpg"]] {
        assert_eq!(tintype(&library.data(), args).status.code(), Some(2), "{args:?}");
    }
    let no_picture = library.add("note.jpg", b"hello");
    let output = tintype(&library.data(), &["similar", no_picture.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
