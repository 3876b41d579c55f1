//! The machine failing (TARGETS R2): full disks, disks that go away, permissions, and a clock that jumps. Each time
//! there is a clear word, nothing is lost, and the work goes on afterwards.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value as Json;
use tintype_testkit::{Library, jpeg};

use crate::support::{command, index, report, stdout, tintype};

/// A file system of its own, unmounted when dropped.
struct Disk(PathBuf);

impl Disk {
    /// Mounts what `options` say at `at`. Only root can; under CI it must be.
    fn mount(at: &Path, options: &[&str]) -> Option<Self> {
        fs_err::create_dir_all(at).unwrap();
        let status = Command::new("mount").args(options).arg(at).stderr(Stdio::null()).status();
        if status.is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        assert!(std::env::var_os("CI").is_none(), "a disk could not be mounted");
        eprintln!("SKIPPED: only root can mount a disk");
        None
    }

    /// A disk of so many kilobytes.
    fn small(at: &Path, kilobytes: u32) -> Option<Self> {
        Self::mount(at, &["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tintype-test"])
    }

    fn grow(&self, kilobytes: u32) {
        let size = format!("remount,size={kilobytes}k");
        assert!(Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The last JSON line of a run, however it ended.
fn last(output: &Output) -> Json {
    let out = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(out.lines().last().unwrap_or("null")).unwrap_or(Json::Null)
}

/// Codes of the items of an operation that failed.
fn failures(data: &Path, operation: &Json) -> Vec<String> {
    stdout(data, &["ops", "items", "--json", "--state", "failed", operation.as_str().unwrap()])
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["code"].as_str().unwrap().to_owned())
        .collect()
}

/// Names and bytes of every visible file below a folder.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let Ok(entries) = fs_err::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            let bytes = fs_err::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}

fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let mut contents: Vec<_> = tree(folder).into_iter().map(|(_, bytes)| bytes).collect();
    contents.sort();
    contents
}

#[test]
fn an_import_onto_a_full_disk_keeps_the_card_and_goes_on() {
    let library = Library::empty();
    let card = library.path().join("card");
    fs_err::create_dir(&card).unwrap();
    for seed in 0..24 {
        fs_err::write(card.join(format!("P{seed:02}.jpg")), jpeg(seed, 640, 480)).unwrap();
    }
    let originals = contents(&card);
    let room = originals.iter().map(Vec::len).sum::<usize>() / 2;
    let Some(disk) = Disk::small(&library.photos(), (room >> 10) as u32) else { return };
    index(&library.data(), &[&library.photos()]);
    let photos = library.photos();
    let args = ["import", "--json", "--move", text(&card), "--into", text(&photos)];
    let output = tintype(&library.data(), &args);
    assert_eq!(output.status.code(), Some(4), "{}", message(&output));
    assert!(message(&output).contains("STORAGE_FULL"), "{}", message(&output));
    // What arrived is whole, and nothing left the card that had not arrived.
    let (arrived, left) = (contents(&library.photos()), contents(&card));
    assert!(!arrived.is_empty() && left == originals, "{} arrived, {} left", arrived.len(), left.len());
    let mut all = [arrived.clone(), left].concat();
    all.sort();
    all.dedup();
    assert!(all == originals, "a photo is neither here nor there");
    assert!(arrived.iter().all(|bytes| originals.contains(bytes)), "half a photo");

    disk.grow(64 << 10);
    stdout(&library.data(), &["ops", "resume", "--json"]);
    assert!(contents(&library.photos()) == originals);
    assert!(contents(&card).is_empty(), "originals go once all copies are whole");
    assert_eq!(report(&library.data()).len(), originals.len());
}

#[test]
fn a_full_disk_under_the_database_stops_the_run_which_goes_on_later() {
    let library = Library::drawn(60);
    let before = tree(&library.photos());
    let Some(disk) = Disk::small(&library.data(), 1500) else { return };
    let output = tintype(&library.data(), &["index", "--json", text(&library.photos())]);
    assert_eq!(output.status.code(), Some(4), "{}", message(&output));
    assert!(message(&output).contains("STORAGE_FULL"), "{}", message(&output));
    assert!(tree(&library.photos()) == before);

    disk.grow(256 << 10);
    let counts = index(&library.data(), &[&library.photos()]);
    assert_eq!((counts.files, counts.issues), (60, 0));
    let undisturbed = Library::empty();
    index(&undisturbed.data(), &[&library.photos()]);
    let facts = |data: &Path| -> Vec<Json> {
        let mut lines = report(data);
        for line in &mut lines {
            line.as_object_mut().unwrap().remove("photo_id");
        }
        lines
    };
    assert_eq!(facts(&library.data()), facts(&undisturbed.data()));
    assert_eq!(index(&library.data(), &[&library.photos()]).computed, 0);
}

#[test]
fn a_trash_without_room_leaves_photos_where_they_are() {
    let library = Library::drawn(24);
    let before = contents(&library.photos());
    let Some(disk) = Disk::small(&library.data(), 64 << 10) else { return };
    index(&library.data(), &[&library.photos()]);
    // The trash is on another disk than the photos, and there is room for a few of them.
    let filler = library.data().join("filler");
    let free = rustix_free(&library.data());
    let room = before.iter().map(Vec::len).sum::<usize>() as u64 / 2;
    fs_err::write(&filler, vec![0; (free - room) as usize]).unwrap();
    let output = tintype(&library.data(), &["trash", "add", "--json", text(&library.photos())]);
    let done = last(&output);
    let codes = if done["operation"].is_string() {
        failures(&library.data(), &done["operation"])
    } else {
        vec![message(&output)]
    };
    assert!(!codes.is_empty() && codes.iter().all(|code| code.contains("STORAGE_FULL")), "{codes:?} {done}");
    let mut all = [contents(&library.photos()), contents(&library.data().join("trash"))].concat();
    all.sort();
    all.dedup();
    assert!(all.iter().filter(|bytes| before.contains(bytes)).count() == before.len(), "a photo was lost");

    fs_err::remove_file(&filler).unwrap();
    disk.grow(128 << 10);
    for line in stdout(&library.data(), &["ops", "list", "--json"]).lines() {
        let operation: Json = serde_json::from_str(line).unwrap();
        if operation["resumable"] == true {
            stdout(&library.data(), &["ops", "resume", "--json", operation["id"].as_str().unwrap()]);
        }
    }
    stdout(&library.data(), &["trash", "add", "--json", text(&library.photos())]);
    assert!(contents(&library.photos()).is_empty());
    stdout(&library.data(), &["trash", "restore", "--json", "--all"]);
    assert!(contents(&library.photos()) == before);
}

/// Bytes free on the disk of a folder.
fn rustix_free(folder: &Path) -> u64 {
    let output = Command::new("df").args(["--output=avail", "-B1"]).arg(folder).output().unwrap();
    String::from_utf8_lossy(&output.stdout).lines().last().unwrap().trim().parse().unwrap()
}

#[test]
fn an_unmounted_folder_is_offline_and_no_command_takes_it_for_empty() {
    let library = Library::drawn(12);
    let real = library.path().join("disk");
    fs_err::rename(library.photos(), &real).unwrap();
    let bind = ["--bind", text(&real)];
    let Some(disk) = Disk::mount(&library.photos(), &bind) else { return };
    let photos = library.photos();
    index(&library.data(), &[&photos]);
    stdout(&library.data(), &["roots", "mode", text(&photos), "file"]);
    let album = stdout(&library.data(), &["report", "--json"]);
    let photo = photos.join("roll-00/IMG_0003.jpg");

    drop(disk);
    index(&library.data(), &[&photos]);
    assert_eq!(stdout(&library.data(), &["report", "--json"]), album, "nothing is taken for deleted");
    let verified = last(&tintype(&library.data(), &["verify", "--json"]));
    assert_eq!((&verified["unreachable"], &verified["missing"]), (&12.into(), &0.into()), "{verified}");
    let trashed = tintype(&library.data(), &["trash", "add", "--json", text(&photo)]);
    assert!(!trashed.status.success() || last(&trashed)["failed"] == 1, "{}", last(&trashed));
    // A rating is a decision: it holds at once and is written when the disk is back.
    tintype(&library.data(), &["rate", "--json", "--stars", "5", text(&photo)]);
    stdout(&library.data(), &["rebuild", "--json"]);
    assert_eq!(report(&library.data()).len(), 12, "a rebuild keeps what it cannot reach");

    let _disk = Disk::mount(&photos, &bind).unwrap();
    let back = index(&library.data(), &[&photos]);
    assert_eq!((back.files, back.computed, back.issues), (12, 0, 0));
    let line = report(&library.data()).into_iter().find(|line| line["path"] == text(&photo)).unwrap();
    assert_eq!(line["rating"], 5);
}

/// The same program as somebody whom permissions stop.
fn as_nobody(library: &Library, args: &[&str]) -> Output {
    const NOBODY: u32 = 65534;
    let mut command = command(&library.data());
    command.args(args).env("HOME", library.path());
    if Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n") {
        let give = |path: &Path| std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        give(library.path());
        fs_err::create_dir_all(library.data()).unwrap();
        give(&library.data());
        for (path, _) in tree(&library.data()) {
            give(&path);
        }
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    command.output().unwrap()
}

fn chmod(path: &Path, mode: u32) {
    fs_err::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn what_may_not_be_read_is_said_and_tried_again() {
    let library = Library::drawn(14);
    let (file, folder) = (library.photos().join("roll-00/IMG_0001.jpg"), library.photos().join("roll-01"));
    let args = ["index", "--json", text(&library.photos())].map(str::to_owned);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let all = last(&as_nobody(&library, &args));
    assert_eq!((&all["files"], &all["issues"]), (&14.into(), &0.into()), "{all}");
    chmod(&file, 0o000);
    chmod(&folder, 0o000);
    fs_err::write(&file, jpeg(99, 640, 480)).unwrap();
    let denied = last(&as_nobody(&library, &args));
    assert_eq!(denied["state"], "completed", "{denied}");
    assert!(denied["issues"].as_u64().unwrap() > 0, "{denied}");
    assert_eq!(report(&library.data()).len(), 14, "what cannot be seen is not taken for deleted");
    chmod(&file, 0o644);
    chmod(&folder, 0o755);
    let again = last(&as_nobody(&library, &args));
    assert_eq!((&again["files"], &again["issues"]), (&14.into(), &0.into()), "{again}");
}

#[test]
fn a_read_only_folder_keeps_its_files_and_the_library_its_decisions() {
    let library = Library::drawn(3);
    let photos = library.photos();
    let before = tree(&photos);
    as_nobody(&library, &["index", "--json", text(&photos)]);
    as_nobody(&library, &["roots", "mode", text(&photos), "file"]);
    let rated = last(&as_nobody(&library, &["rate", "--json", "--stars", "2", text(&photos)]));
    assert_eq!(rated["failed"], 3, "{rated}");
    let trashed = last(&as_nobody(&library, &["trash", "add", "--json", text(&photos)]));
    assert_eq!(trashed["failed"], 3, "{trashed}");
    assert!(tree(&photos) == before, "the files are as they were");
    for line in report(&library.data()) {
        assert_eq!(line["rating"], 2, "{line}");
    }
}

/// The program under a clock that is `shift` off; `None` where there is no such clock.
fn under_clock(library: &Library, shift: &str, args: &[&str]) -> Option<Command> {
    if Command::new("faketime").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "faketime is missing");
        eprintln!("SKIPPED: faketime is not installed");
        return None;
    }
    let program = command(&library.data());
    let mut shifted = Command::new("faketime");
    shifted.args(["-m", "-f", shift]).arg(program.get_program()).args(program.get_args()).args(args);
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shifted.env(name, value),
            None => shifted.env_remove(name),
        };
    }
    shifted.stdin(Stdio::null());
    Some(shifted)
}

#[test]
fn a_clock_that_jumps_holds_nothing_up() {
    let library = Library::drawn(60);
    let photos = library.photos();
    let args = ["index", "--json", text(&photos)];
    // Killed in the middle of a run, ten years ahead: its lease seems to last for another ten.
    let Some(mut ahead) = under_clock(&library, "+10y", &args) else { return };
    let mut child = ahead.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(400));
    child.kill().unwrap();
    child.wait().unwrap();
    let counts = index(&library.data(), &[&photos]);
    assert_eq!((counts.files, counts.issues), (60, 0));
    let photo = photos.join("roll-00/IMG_0003.jpg");
    stdout(&library.data(), &["roots", "mode", text(&photos), "file"]);
    // Decided ten years ahead, and again now: what was said last holds, and files follow.
    let rate = |stars: &'static str| ["rate", "--json", "--stars", stars, text(&photo)].map(str::to_owned);
    let ahead = rate("2");
    let ahead: Vec<&str> = ahead.iter().map(String::as_str).collect();
    assert!(under_clock(&library, "+10y", &ahead).unwrap().output().unwrap().status.success());
    let now = rate("4");
    let now: Vec<&str> = now.iter().map(String::as_str).collect();
    stdout(&library.data(), &now);
    for name in ["tintype.db", "tintype.db-wal", "tintype.db-shm"] {
        fs_err::remove_file(library.data().join(name)).ok();
    }
    index(&library.data(), &[&photos]);
    let line = report(&library.data()).into_iter().find(|line| line["path"] == text(&photo)).unwrap();
    assert_eq!(line["rating"], 4, "{line}");
    let behind = under_clock(&library, "-20y", &args).unwrap().output().unwrap();
    let counts = last(&behind);
    assert_eq!((&counts["computed"], &counts["opened"]), (&0.into(), &0.into()), "{counts}");
}
