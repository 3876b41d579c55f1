//! `kill -9` at random moments of everything that changes files: nothing is lost, nothing half done, nothing done twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value as Json;
use tintype_testkit::{Library, jpeg};

use crate::support::{command, index, report, stdout};

/// Runs of one command that are killed before one may end.
const KILLS: u32 = 12;

/// Starts a command again and again, killing it after a while, longer and longer; then lets it end. How many were
/// caught at work.
fn killed(library: &Library, args: &[&str]) -> u32 {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut caught = 0;
    for round in 0..KILLS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child =
            command(&library.data()).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(8 + (state >> 40) % (20 + u64::from(round) * 12)));
        child.kill().unwrap();
        caught += u32::from(!child.wait().unwrap().success());
    }
    // The same command goes on with what it left, and so do those that were asked for something else by then.
    stdout(&library.data(), args);
    for line in stdout(&library.data(), &["ops", "list", "--json", "--limit", "100"]).lines() {
        let operation: Json = serde_json::from_str(line).unwrap();
        if operation["resumable"] == true {
            stdout(&library.data(), &["ops", "resume", "--json", operation["id"].as_str().unwrap()]);
        }
    }
    assert!(caught > 0, "no run was caught before it ended");
    caught
}

/// Every visible file below a folder with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let Ok(entries) = fs_err::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else if !path.file_name().unwrap().to_string_lossy().starts_with('.') {
            let bytes = fs_err::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
    files
}

fn facts(library: &Library, fields: &[&str]) -> Vec<Vec<Json>> {
    let pick = |line: Json| fields.iter().map(|field| line[*field].clone()).collect();
    report(&library.data()).into_iter().map(pick).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn writable(count: u32) -> (Library, PathBuf) {
    let library = Library::drawn(count);
    let photos = library.photos();
    index(&library.data(), &[&photos]);
    stdout(&library.data(), &["roots", "mode", text(&photos), "file"]);
    (library, photos)
}

#[test]
fn ratings_and_dates_are_written_once() {
    let (library, photos) = writable(120);
    let before = facts(&library, &["path", "photo_id", "pixel_hash"]);
    killed(&library, &["rate", "--stars", "3", "--json", text(&photos)]);
    stdout(&library.data(), &["date", "set", "2020-02-02T20:20:20", "--json", text(&photos)]);
    killed(&library, &["date", "shift", "+1h", "--json", text(&photos)]);
    assert_eq!(facts(&library, &["path", "photo_id", "pixel_hash"]), before);
    // What the files themselves say, to a library that knows nothing.
    let fresh = Library::empty();
    let counts = index(&fresh.data(), &[&photos]);
    assert_eq!((counts.files, counts.issues), (120, 0));
    for line in report(&fresh.data()) {
        assert_eq!(
            (&line["rating"], &line["taken_at"]),
            (&3.into(), &"2020-02-02T21:20:20".into()),
            "{line}"
        );
    }
    let again = index(&library.data(), &[&photos]);
    assert_eq!(again.computed, 0);
}

#[test]
fn the_trash_takes_all_and_gives_all_back() {
    let (library, photos) = writable(150);
    let before = tree(&photos);
    killed(&library, &["trash", "add", "--json", text(&photos)]);
    assert!(tree(&photos).is_empty());
    assert_eq!(tree(&library.data().join("trash")).len(), before.len());
    killed(&library, &["trash", "restore", "--all", "--json"]);
    assert!(tree(&photos) == before);
    let counts = index(&library.data(), &[&photos]);
    assert_eq!((counts.files, counts.computed), (150, 0));
}

#[test]
fn an_import_brings_each_photo_once() {
    let library = Library::empty();
    index(&library.data(), &[&library.photos()]);
    let card = library.path().join("card");
    let mut expected = Vec::new();
    for seed in 0..120 {
        let bytes = jpeg(seed, 320, 240);
        let path = card.join(format!("{}/P{seed:03}.jpg", seed / 40));
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, &bytes).unwrap();
        expected.push(bytes);
    }
    let into = library.photos().join("in");
    killed(
        &library,
        &["import", "--json", "--move", text(&card), "--into", text(&into), "--template", "{yyyy}"],
    );
    let mut got: Vec<Vec<u8>> = tree(&into).into_values().collect();
    got.sort();
    expected.sort();
    assert!(got == expected, "{} files instead of {}", got.len(), expected.len());
    assert!(tree(&card).is_empty(), "originals go when their copies are known to be whole");
    let counts = index(&library.data(), &[&library.photos()]);
    assert_eq!((counts.files, counts.computed), (120, 0));
}

#[test]
fn a_rebuild_swaps_whole_libraries_or_nothing() {
    let (library, photos) = writable(80);
    stdout(&library.data(), &["rate", "--stars", "4", "--json", text(&photos.join("roll-00"))]);
    let fields = ["path", "photo_id", "content_hash", "rating", "sharpness", "quality"];
    let before = facts(&library, &fields);
    let mut state = 99_u64;
    for _ in 0..8 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = command(&library.data())
            .args(["rebuild", "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(10 + (state >> 40) % 400));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(facts(&library, &fields), before, "the library works after each kill");
    }
    stdout(&library.data(), &["rebuild", "--json"]);
    assert_eq!(facts(&library, &fields), before);
    let counts = index(&library.data(), &[&photos]);
    assert_eq!((counts.files, counts.computed), (80, 0));
}
