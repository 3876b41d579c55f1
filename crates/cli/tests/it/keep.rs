//! Backups, recovery and feature packs through the binary.

use std::path::PathBuf;

use serde_json::Value as Json;
use tintype_testkit::{Library, jpeg};

use crate::support::{dupes, index, report, stdout, tintype};

fn json(text: &str) -> Json {
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn refused(library: &Library, args: &[&str]) -> (Option<i32>, String) {
    let output = tintype(&library.data(), args);
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_library_goes_back_and_forth() {
    let library = Library::drawn(5);
    index(&library.data(), &[&library.photos()]);
    let early = report(&library.data());
    let made = json(&stdout(&library.data(), &["backup", "--json"]));
    let name = made["backup"]["name"].as_str().unwrap();
    assert_eq!((made["backup"]["photos"].as_u64(), made["removed"].as_array().unwrap().len()), (Some(5), 0));

    for seed in 50..53 {
        library.add(&format!("late/{seed}.jpg"), &jpeg(seed, 320, 240));
    }
    let second = index(&library.data(), &[&library.photos()]);
    let late = report(&library.data());
    let back = json(&stdout(&library.data(), &["restore", name, "--json"]));
    assert_eq!(back["restored"]["name"].as_str(), Some(name));
    assert_eq!(report(&library.data()), early);
    let before = back["before"]["name"].as_str().unwrap();
    stdout(&library.data(), &["restore", before]);
    assert_eq!(report(&library.data()), late);
    let again = index(&library.data(), &[&library.photos()]);
    assert_eq!((again.computed, again.opened, again.photos), (0, 0, 8));
    assert_eq!(again.cached, second.cached + second.computed);

    // From the old state, what is new on disk is found and only that is computed.
    let path = library.data().join("backups").join(name);
    let elsewhere = library.path().join("carried away.db");
    fs_err::copy(&path, &elsewhere).unwrap();
    stdout(&library.data(), &["restore", elsewhere.to_str().unwrap()]);
    let after = index(&library.data(), &[&library.photos()]);
    assert_eq!((after.photos, after.computed, after.opened), (8, second.computed, 3));
    assert_eq!(report(&library.data()).len(), 8);

    let listed = stdout(&library.data(), &["backup", "--list", "--json"]);
    assert_eq!(listed.lines().count(), 4, "one asked for, one before each restore");
    let kept = json(&stdout(&library.data(), &["backup", "--keep", "2", "--json"]));
    assert_eq!(kept["removed"].as_array().unwrap().len(), 3);
    assert_eq!(stdout(&library.data(), &["backup", "--list"]).lines().count(), 2);
    for (args, status, word) in [
        (vec!["restore", "nothing.db"], 2, "no such backup"),
        (vec!["restore", library.photos().join("late/50.jpg").to_str().unwrap()], 4, "DATABASE_FOREIGN"),
        (vec!["backup", "--keep", "0"], 2, "--keep"),
        (vec!["recover"], 2, "the database is well"),
    ] {
        let (code, message) = refused(&library, &args);
        assert!(code == Some(status) && message.contains(word), "{args:?}: {code:?} {message}");
    }
}

#[test]
fn a_damaged_library_is_recovered() {
    let library = Library::drawn(4);
    index(&library.data(), &[&library.photos()]);
    let expected = report(&library.data());
    assert_eq!(refused(&library, &["recover"]).0, Some(2));
    stdout(&library.data(), &["backup"]);
    let database = library.data().join("tintype.db");
    fs_err::write(&database, b"SQLite format 3\0 and then rubbish".repeat(200)).unwrap();
    let (code, message) = refused(&library, &["report"]);
    assert!(code == Some(4) && message.contains("DATABASE_"), "{message}");
    let done = json(&stdout(&library.data(), &["recover", "--json"]));
    assert_eq!(done["restored"]["photos"], 4);
    let aside = PathBuf::from(done["set_aside"][0].as_str().unwrap());
    assert!(fs_err::read(aside).unwrap().ends_with(b"rubbish"), "the damaged file is kept");
    assert_eq!(report(&library.data()), expected);
    fs_err::remove_file(&database).unwrap();
    for suffix in ["-wal", "-shm"] {
        fs_err::remove_file(library.data().join(format!("tintype.db{suffix}"))).ok();
    }
    stdout(&library.data(), &["recover"]);
    let again = index(&library.data(), &[&library.photos()]);
    assert_eq!((again.photos, again.computed, again.opened), (4, 0, 0));
    assert_eq!(refused(&library, &["recover", "--database", "postgres://x@127.0.0.1/x"]).0, Some(2));
}

/// A second library on the same photos.
fn other(library: &Library) -> PathBuf {
    library.path().join("other-data")
}

/// Reports differ in nothing that a person sees.
fn same_library(library: &Library) {
    assert_eq!(report(&other(library)), report(&library.data()));
    assert_eq!(dupes(&other(library)), dupes(&library.data()));
}

#[test]
fn what_one_machine_computed_another_need_not() {
    let library = Library::drawn(12);
    library.add("copy.jpg", &jpeg(3, 320, 240));
    let first = index(&library.data(), &[&library.photos()]);
    let pack = library.path().join("all.tintype");
    let file = pack.to_str().unwrap();
    let out = json(&stdout(&library.data(), &["cache", "export", file, "--json"]));
    assert_eq!((out["completed"].as_bool(), out["features"].as_u64()), (Some(true), Some(first.computed)));
    assert_eq!(out["bytes"].as_u64(), Some(fs_err::metadata(&pack).unwrap().len()));

    let data = other(&library);
    let took = json(&stdout(&data, &["cache", "import", file, "--json"]));
    assert_eq!((took["added"].as_u64(), took["replaced"].as_u64()), (Some(first.computed), Some(0)));
    let second = index(&data, &[&library.photos()]);
    assert_eq!((second.computed, second.cached, second.photos), (0, first.computed, 13));
    same_library(&library);
    let again = json(&stdout(&data, &["cache", "import", file, "--json"]));
    assert_eq!((again["added"].as_u64(), again["kept"].as_u64()), (Some(0), Some(first.computed)));

    // A part: a folder's pack, into a library that already has its photos.
    let part = library.path().join("part.tintype");
    let folder = library.photos().join("roll-01");
    stdout(&library.data(), &["cache", "export", part.to_str().unwrap(), folder.to_str().unwrap()]);
    fs_err::remove_dir_all(&data).unwrap();
    stdout(&data, &["cache", "import", part.to_str().unwrap()]);
    let rest = index(&data, &[&library.photos()]);
    assert_eq!(rest.computed, first.computed / 13 * 11, "two photos came with the pack");
    same_library(&library);
}

#[test]
fn hostile_packs_and_targets_are_refused() {
    let library = Library::drawn(6);
    index(&library.data(), &[&library.photos()]);
    let pack = library.path().join("all.tintype");
    stdout(&library.data(), &["cache", "export", pack.to_str().unwrap()]);
    let whole = fs_err::read(&pack).unwrap();
    let bad = library.path().join("bad.tintype");
    let data = other(&library);
    let mut cases: Vec<(Vec<u8>, &str)> = vec![
        (vec![], "not a feature pack"),
        (b"a letter".to_vec(), "not a feature pack"),
        (whole[..10].to_vec(), "cut short"),
        (whole[1..].to_vec(), "not a feature pack"),
        ([&whole[..16], &7_u32.to_le_bytes(), &whole[20..]].concat(), "version 7"),
        ([&whole[..], b"more"].concat(), "checksum"),
    ];
    for length in [16, 20, 51, 52, 100, whole.len() / 2, whole.len() - 1] {
        cases.push((whole[..length].to_vec(), ""));
    }
    for at in (20..whole.len()).step_by(whole.len() / 25) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        cases.push((flipped, "checksum"));
    }
    for (bytes, word) in &cases {
        fs_err::write(&bad, bytes).unwrap();
        let output = tintype(&data, &["cache", "import", bad.to_str().unwrap()]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("INVALID_PACK") && message.contains(word), "{word}: {message}");
    }
    let stats: Json = json(&stdout(&data, &["cache", "stats", "--json"]));
    assert_eq!(stats["entries"], 0, "nothing of a damaged pack is taken in");
    // A photo is never overwritten by a slip of the hand.
    let photo = library.photos().join("roll-00/IMG_0000.jpg");
    let before = fs_err::read(&photo).unwrap();
    let (code, message) = refused(&library, &["cache", "export", photo.to_str().unwrap()]);
    assert!(code == Some(2) && message.contains("left as it is"), "{message}");
    assert_eq!(fs_err::read(&photo).unwrap(), before);
    // A pack that lies in the library is no photo.
    fs_err::copy(&pack, library.photos().join("all.tintype")).unwrap();
    assert_eq!(index(&library.data(), &[&library.photos()]).files, 6);
    let left: Vec<_> = fs_err::read_dir(library.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn empty_folders_go_only_when_asked() {
    let library = Library::drawn(3);
    fs_err::create_dir_all(library.photos().join("empty/deep/deeper")).unwrap();
    fs_err::create_dir_all(library.photos().join("roll-00/none")).unwrap();
    index(&library.data(), &[&library.photos()]);
    assert!(library.photos().join("empty/deep/deeper").is_dir());
    let photos = library.photos();
    let line =
        json(&stdout(&library.data(), &["index", "--json", "--clean-empty", photos.to_str().unwrap()]));
    assert_eq!((line["folders_removed"].as_u64(), line["files"].as_u64()), (Some(4), Some(3)));
    assert!(!photos.join("empty").exists() && photos.join("roll-00").is_dir());
    fs_err::remove_dir_all(photos.join("roll-00")).unwrap();
    let text = stdout(&library.data(), &["index", "--clean-empty", photos.to_str().unwrap()]);
    assert!(text.contains("0 empty folders"), "{text}");
    assert!(photos.is_dir(), "a root stays");
}
