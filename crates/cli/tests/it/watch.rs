//! Watching folders with the real binary: whatever happens, the end is that of a fresh index.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tintype_testkit::{Library, jpeg};

use crate::support::{Counts, command, dupes, index, report};

/// Long enough for a slow machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_mins(2);

struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(library: &Library, extra: &[&str]) -> Self {
        Self::run(library, &[&["watch", "--json", "--settle", "200"], extra].concat())
    }

    fn run(library: &Library, args: &[&str]) -> Self {
        let mut child = command(&library.data())
            .args(args)
            .arg(library.photos())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next run's counts.
    fn next(&mut self) -> Counts {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn stop(mut self) {
        self.signal("-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "stopping it is how it ends");
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a fresh index of the photos as they are now says.
fn fresh(library: &Library) -> (Vec<Json>, Vec<Json>) {
    let data = library.path().join("fresh");
    fs_err::remove_dir_all(&data).ok();
    index(&data, &[&library.photos()]);
    // Ids of photos are kept over edits, so a fresh library gives the edited one another.
    (without_ids(report(&data)), paths_only(dupes(&data)))
}

fn state(data: &Path) -> (Vec<Json>, Vec<Json>) {
    (without_ids(report(data)), paths_only(dupes(data)))
}

fn without_ids(mut lines: Vec<Json>) -> Vec<Json> {
    for line in &mut lines {
        line["photo_id"] = Json::Null;
    }
    lines.sort_by_key(|line| line["path"].as_str().unwrap().to_owned());
    lines
}

fn paths_only(groups: Vec<Json>) -> Vec<Json> {
    let mut groups: Vec<Json> = groups;
    groups.sort_by_key(Json::to_string);
    groups
}

/// A JPEG with a comment, as a program that rates photos might write one: other bytes, the same picture.
fn with_comment(jpeg: &[u8], comment: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xfe]);
    bytes.extend((comment.len() as u16 + 2).to_be_bytes());
    bytes.extend(comment);
    bytes.extend(&jpeg[2..]);
    bytes
}

fn every_kind_of_change(extra: &[&str]) {
    let library = Library::drawn(25);
    let mut watching = Watching::start(&library, extra);
    let first = watching.next();
    let per_photo = first.computed / 25;
    assert_eq!((first.files, first.photos), (25, 25));

    library.add("new/deep/one.jpg", &jpeg(100, 640, 480));
    let added = watching.next();
    assert_eq!((added.computed, added.opened), (per_photo, 1));

    fs_err::rename(library.photos().join("roll-01"), library.photos().join("moved")).unwrap();
    let moved = watching.next();
    assert_eq!((moved.computed, moved.opened), (0, 0), "a renamed folder opens nothing");

    let photo = library.photos().join("moved/IMG_0012.jpg");
    fs_err::write(&photo, with_comment(&fs_err::read(&photo).unwrap(), b"five stars")).unwrap();
    let rated = watching.next();
    assert_eq!((rated.computed, rated.opened), (0, 1), "what is not the picture computes nothing");

    fs_err::remove_file(library.photos().join("roll-00/IMG_0003.jpg")).unwrap();
    let gone = watching.next();
    assert_eq!((gone.computed, gone.opened), (0, 0));
    // Nothing that is never indexed starts a run: the next line is about the photo after it.
    library.add(".hidden.jpg", &jpeg(7, 320, 240));
    library.add("notes.txt", b"no photo");
    std::thread::sleep(Duration::from_millis(600));
    library.add("last.jpg", &jpeg(101, 640, 480));
    let last = watching.next();
    assert_eq!((last.computed, last.opened), (per_photo, 1));
    watching.stop();
    assert_eq!(state(&library.data()), fresh(&library));
}

#[test]
fn changes_are_indexed_as_they_happen() {
    every_kind_of_change(&[]);
}

#[test]
fn changes_are_found_by_polling() {
    every_kind_of_change(&["--poll", "1"]);
}

#[test]
fn a_file_that_is_still_being_written_is_read_again() {
    let library = Library::drawn(2);
    let mut watching = Watching::start(&library, &[]);
    watching.next();
    let whole = jpeg(55, 640, 480);
    library.add("slow.jpg", &whole[..whole.len() / 2]);
    watching.next();
    library.add("slow.jpg", &whole);
    watching.next();
    watching.stop();
    let line =
        report(&library.data()).into_iter().find(|line| line["path"].as_str().unwrap().ends_with("slow.jpg"));
    assert_eq!(line.unwrap()["issues"].as_array().unwrap().len(), 0);
    assert_eq!(state(&library.data()), fresh(&library));
}

#[test]
fn a_folder_that_disappears_is_offline_and_comes_back() {
    let library = Library::drawn(4);
    let mut watching = Watching::start(&library, &[]);
    watching.next();
    let away = library.path().join("away");
    fs_err::rename(library.photos(), &away).unwrap();
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(report(&library.data()).len(), 4, "its photos stay");
    fs_err::write(away.join("meanwhile.jpg"), jpeg(60, 640, 480)).unwrap();
    fs_err::rename(&away, library.photos()).unwrap();
    let back = watching.next();
    assert_eq!((back.files, back.opened), (5, 1));
    library.add("after.jpg", &jpeg(61, 640, 480));
    assert_eq!(watching.next().opened, 1, "it is watched again");
    watching.stop();
    assert_eq!(state(&library.data()), fresh(&library));
}

#[test]
fn a_killed_watch_goes_on_where_it_was() {
    let library = Library::drawn(60);
    let mut random = 0x2545_F491_4F6C_DD1Du64;
    for round in 0..8_u32 {
        let watching = Watching::start(&library, &[]);
        for seed in 0..6 {
            library.add(&format!("round-{round}/{seed}.jpg"), &jpeg(1000 + round * 10 + seed, 480, 320));
        }
        if round > 0 {
            let before = library.photos().join(format!("round-{}", round - 1));
            fs_err::rename(before, library.photos().join(format!("old-{round}"))).unwrap();
            fs_err::remove_file(library.photos().join(format!("old-{round}/0.jpg"))).unwrap();
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(20 + (random >> 33) % 500));
        watching.signal("-KILL");
    }
    let watching = Watching::start(&library, &[]);
    let files = 60 + 8 * 6 - 7;
    until("everything is indexed", || {
        let lines = report(&library.data());
        lines.len() == files
            && lines.iter().all(|line| line["photo_id"].is_string() && !line["sharpness"].is_null())
    });
    watching.stop();
    let last = index(&library.data(), &[&library.photos()]);
    assert_eq!((last.files, last.opened, last.computed), (files as u64, 0, 0));
    assert_eq!(state(&library.data()), fresh(&library));
}

#[test]
fn the_server_watches_too() {
    let library = Library::drawn(2);
    let args = ["serve", "--no-open", "--listen", "127.0.0.1:0", "--json", "--watch", "--settle", "100"];
    let serving = Watching::run(&library, &args);
    until("the folder is indexed", || report(&library.data()).len() == 2);
    library.add("new/one.jpg", &jpeg(70, 640, 480));
    until("the new photo is there", || report(&library.data()).len() == 3);
    serving.stop();
    assert_eq!(index(&library.data(), &[&library.photos()]).opened, 0);
    assert_eq!(state(&library.data()), fresh(&library));
}
