//! Looking after the files, through the program: ratings, dates, trash, import, verify, rebuild, and everything
//! people decided outliving the database.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tintype_testkit::{Library, jpeg};

use crate::support::{index, report, stdout, tintype};

/// The last JSON line of a run that must succeed.
fn last(library: &Library, args: &[&str]) -> Json {
    serde_json::from_str(stdout(&library.data(), args).lines().last().unwrap()).unwrap()
}

fn rated(library: &Library, path: &Path) -> Json {
    line_of(library, path)["rating"].clone()
}

fn line_of(library: &Library, path: &Path) -> Json {
    let text = path.to_str().unwrap();
    report(&library.data()).into_iter().find(|line| line["path"] == text).unwrap_or(Json::Null)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn indexed(count: u32) -> (Library, PathBuf) {
    let library = Library::drawn(count);
    let photos = library.photos();
    index(&library.data(), &[&photos]);
    (library, photos)
}

#[test]
fn a_rating_stays_in_the_library_until_the_folder_may_be_written() {
    let (library, photos) = indexed(3);
    let photo = photos.join("roll-00/IMG_0001.jpg");
    let (bytes, id) = (fs_err::read(&photo).unwrap(), line_of(&library, &photo)["photo_id"].clone());

    let rate = last(&library, &["rate", "--json", "--stars", "4", "--keyword", "sea", text(&photo)]);
    assert_eq!((&rate["done"], &rate["failed"]), (&1.into(), &0.into()), "{rate}");
    assert_eq!(rated(&library, &photo), 4);
    assert!(fs_err::read(&photo).unwrap() == bytes, "the folder is only read");

    let written = last(&library, &["roots", "mode", "--json", text(&photos), "file"]);
    assert_eq!(written["done"], 1, "what was decided before is written now: {written}");
    let now = line_of(&library, &photo);
    assert_ne!(fs_err::read(&photo).unwrap(), bytes);
    assert_eq!(
        (&now["rating"], &now["photo_id"], &now["keywords"]),
        (&4.into(), &id, &Json::from(vec!["sea"]))
    );
    let again = index(&library.data(), &[&photos]);
    assert_eq!((again.computed, again.opened), (0, 0), "our own write is no news");

    let undo = last(&library, &["ops", "undo", "--json", rate["operation"].as_str().unwrap()]);
    assert_eq!(undo["done"], 1, "{undo}");
    assert_eq!(rated(&library, &photo), Json::Null);
    let other = Library::empty();
    let copy = other.add("copy.jpg", &fs_err::read(&photo).unwrap());
    index(&other.data(), &[&other.photos()]);
    assert_eq!(rated(&other, &copy), Json::Null, "the file says so too");
}

#[test]
fn copies_that_are_rated_together_stay_one_photo() {
    let library = Library::empty();
    let (one, two) =
        (library.add("a/one.jpg", &jpeg(1, 640, 480)), library.add("b/two.jpg", &jpeg(1, 640, 480)));
    index(&library.data(), &[&library.photos()]);
    let id = line_of(&library, &one)["photo_id"].clone();
    stdout(&library.data(), &["roots", "mode", text(&library.photos()), "file"]);
    last(&library, &["rate", "--json", "--stars", "5", text(&two)]);
    for path in [&one, &two] {
        let line = line_of(&library, path);
        assert_eq!((&line["photo_id"], &line["rating"]), (&id, &5.into()), "{}", path.display());
    }
    assert!(fs_err::read(&one).unwrap() == fs_err::read(&two).unwrap());
}

#[test]
fn what_another_program_writes_later_wins() {
    let (library, photos) = indexed(2);
    let photo = photos.join("roll-00/IMG_0000.jpg");
    last(&library, &["rate", "--json", "--stars", "2", text(&photo)]);
    // Another program: a second library over the same folder that may write.
    let other = Library::empty();
    index(&other.data(), &[&photos]);
    stdout(&other.data(), &["roots", "mode", text(&photos), "file"]);
    last(&other, &["rate", "--json", "--stars", "3", text(&photo)]);
    let seen = index(&library.data(), &[&photos]);
    assert_eq!((seen.opened, seen.computed), (1, 0));
    assert_eq!(rated(&library, &photo), 3);
}

#[test]
fn side_files_hold_what_files_may_not() {
    let (library, photos) = indexed(2);
    let photo = photos.join("roll-00/IMG_0001.jpg");
    let bytes = fs_err::read(&photo).unwrap();
    stdout(&library.data(), &["roots", "mode", text(&photos), "sidecar"]);
    last(&library, &["rate", "--json", "--stars", "1", "--title", "Low tide", text(&photo)]);
    assert!(fs_err::read(&photo).unwrap() == bytes);
    assert!(photos.join("roll-00/IMG_0001.jpg.xmp").is_file());
    let fresh = Library::empty();
    let counts = index(&fresh.data(), &[&photos]);
    assert_eq!((counts.files, counts.issues), (2, 0), "a side file is no photo");
    assert_eq!(rated(&fresh, &photo), 1);
    // A change to the side file alone is a change to the photo.
    let sidecar = photos.join("roll-00/IMG_0001.jpg.xmp");
    let packet = fs_err::read_to_string(&sidecar).unwrap();
    fs_err::write(
        &sidecar,
        packet.replace("Rating=\"1\"", "Rating=\"3\"").replace("<xmp:Rating>1<", "<xmp:Rating>3<"),
    )
    .unwrap();
    index(&fresh.data(), &[&photos]);
    assert_eq!(rated(&fresh, &photo), 3);
    fs_err::remove_file(&sidecar).unwrap();
    index(&fresh.data(), &[&photos]);
    assert_eq!(rated(&fresh, &photo), Json::Null);
}

#[test]
fn dates_are_shifted_once_and_undone() {
    let (library, photos) = indexed(2);
    let photo = photos.join("roll-00/IMG_0000.jpg");
    last(&library, &["date", "set", "2024-06-30T18:05:00", "--offset", "+02:00", "--json", text(&photo)]);
    assert_eq!(line_of(&library, &photo)["taken_at"], "2024-06-30T18:05:00");
    let dry = last(&library, &["date", "shift", "-1h", "--dry-run", "--json", text(&photo)]);
    assert_eq!(
        (&dry["changed"], line_of(&library, &photo)["taken_at"].as_str()),
        (&1.into(), Some("2024-06-30T18:05:00"))
    );
    let shift = last(&library, &["date", "shift", "-1h", "--json", text(&photo)]);
    assert_eq!(line_of(&library, &photo)["taken_at"], "2024-06-30T17:05:00");
    last(&library, &["date", "zone", "+00:00", "--json", text(&photo)]);
    let line = line_of(&library, &photo);
    assert_eq!(
        (&line["taken_at"], &line["taken_offset_minutes"]),
        (&"2024-06-30T15:05:00".into(), &0.into())
    );
    last(&library, &["ops", "undo", "--json", shift["operation"].as_str().unwrap()]);
    assert_eq!(line_of(&library, &photo)["taken_at"], "2024-06-30T18:05:00");
    let wrong = tintype(&library.data(), &["date", "set", "yesterday", text(&photo)]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn the_trash_gives_back_what_it_took() {
    let (library, photos) = indexed(4);
    let photo = photos.join("roll-00/IMG_0002.jpg");
    let bytes = fs_err::read(&photo).unwrap();
    last(&library, &["rate", "--json", "--stars", "5", text(&photo)]);
    let trashed = last(&library, &["trash", "add", "--json", "--reason", "blurred", text(&photo)]);
    assert_eq!(trashed["done"], 1, "{trashed}");
    assert!(!photo.exists());
    assert_eq!(line_of(&library, &photo), Json::Null);
    assert_eq!(index(&library.data(), &[&photos]).files, 3);
    let entry = last(&library, &["trash", "list", "--json"]);
    assert_eq!((&entry["path"], &entry["reason"]), (&text(&photo).into(), &"blurred".into()));

    // Something else took its place: nothing is overwritten.
    fs_err::write(&photo, jpeg(77, 640, 480)).unwrap();
    last(&library, &["trash", "restore", "--json", "--all"]);
    let beside = photos.join("roll-00/IMG_0002-1.jpg");
    assert!(fs_err::read(&beside).unwrap() == bytes);
    let counts = index(&library.data(), &[&photos]);
    assert_eq!((counts.files, rated(&library, &beside)), (5, 5.into()));

    let again = last(&library, &["trash", "add", "--json", text(&beside)]);
    last(&library, &["ops", "undo", "--json", again["operation"].as_str().unwrap()]);
    assert!(fs_err::read(&beside).unwrap() == bytes, "undo puts it back in its place");
    last(&library, &["trash", "add", "--json", text(&beside)]);
    last(&library, &["trash", "purge", "--json", "--all"]);
    assert!(stdout(&library.data(), &["trash", "list", "--json"]).is_empty());
    let left = walk(&library.data().join("trash"));
    assert!(left.is_empty(), "{left:?}");
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn import_takes_what_is_new_and_opens_nothing_twice() {
    let (library, photos) = indexed(2);
    let card = library.path().join("card");
    for (name, seed) in
        [("DCIM/A.jpg", 0), ("DCIM/B.jpg", 50), ("DCIM/C.jpg", 51), ("DCIM/copy of C.jpg", 51)]
    {
        let path = card.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, jpeg(seed, 640, 480)).unwrap();
    }
    fs_err::write(card.join("DCIM/notes"), "no picture").unwrap();
    let into = photos.join("imported");
    let args = ["import", "--json", text(&card), "--into", text(&into), "--template", "{yyyy}"];
    let dry = last(&library, &[&args[..], &["--dry-run"]].concat());
    assert_eq!((&dry["new"], &dry["known"], &dry["rejected"]), (&2.into(), &2.into(), &1.into()), "{dry}");
    let done = last(&library, &args);
    let counts = |line: &Json| (line["imported"].clone(), line["known"].clone(), line["rejected"].clone());
    assert_eq!(counts(&done), (2.into(), 2.into(), 1.into()), "{done}");
    assert_eq!(walk(&into).len(), 2);
    assert_eq!(report(&library.data()).len(), 4, "imported photos are indexed at once");

    let again = last(&library, &args);
    assert_eq!((&again["imported"], &again["known"]), (&0.into(), &4.into()), "{again}");
    let operations = stdout(&library.data(), &["ops", "list", "--json", "--limit", "1"]);
    let latest: Json = serde_json::from_str(operations.lines().next().unwrap()).unwrap();
    assert!(latest["opened"].as_u64().unwrap() <= 1, "only what is no picture is looked at again: {latest}");

    // Another photo of the same name: beside, not over.
    let second = library.path().join("second");
    fs_err::create_dir_all(&second).unwrap();
    fs_err::write(second.join("B.jpg"), jpeg(60, 640, 480)).unwrap();
    let moved = last(
        &library,
        &["import", "--json", "--move", text(&second), "--into", text(&into), "--template", "{yyyy}"],
    );
    assert_eq!((&moved["imported"], &moved["originals_removed"]), (&1.into(), &1.into()), "{moved}");
    assert_eq!((walk(&into).len(), walk(&second).len()), (3, 0));
}

#[test]
fn verify_tells_damage_from_change() {
    let (library, photos) = indexed(5);
    let file = |number: u32| photos.join(format!("roll-00/IMG_{number:04}.jpg"));
    let fine = last(&library, &["verify", "--json"]);
    assert_eq!((&fine["ok"], &fine["failed"]), (&5.into(), &0.into()), "{fine}");
    // A flipped bit under the same size and time.
    let rotten = file(1);
    let when = fs_err::metadata(&rotten).unwrap().modified().unwrap();
    let mut bytes = fs_err::read(&rotten).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs_err::write(&rotten, bytes).unwrap();
    std::fs::File::options().write(true).open(&rotten).unwrap().set_modified(when).unwrap();
    fs_err::remove_file(file(2)).unwrap();
    fs_err::write(file(3), jpeg(90, 640, 480)).unwrap();
    fs_err::write(photos.join("new.jpg"), jpeg(91, 640, 480)).unwrap();
    let output = tintype(&library.data(), &["verify", "--json", "--strict"]);
    assert_eq!(output.status.code(), Some(1));
    let found: Json = serde_json::from_slice(&output.stdout).unwrap();
    for (what, count) in [("ok", 2), ("rotten", 1), ("missing", 1), ("changed", 1), ("extra", 1)] {
        assert_eq!(found[what], count, "{what}: {found}");
    }
}

/// Everything of the report that a person would miss.
fn picture(library: &Library) -> Vec<Json> {
    let mut lines = report(&library.data());
    for line in &mut lines {
        line.as_object_mut().unwrap().retain(|field, _| {
            ["path", "rating", "taken_at", "keywords", "sharpness", "quality", "pixel_hash"]
                .contains(&field.as_str())
        });
    }
    lines
}

fn decided(library: &Library, photos: &Path) {
    let photo = |number: u32| photos.join(format!("roll-00/IMG_{number:04}.jpg"));
    last(
        library,
        &["rate", "--json", "--stars", "5", "--keyword", "first", text(&photo(0)), text(&photo(3))],
    );
    last(library, &["date", "set", "1999-12-31T23:59:59", "--json", text(&photo(1))]);
    last(library, &["trash", "add", "--json", text(&photo(4))]);
}

#[test]
fn a_lost_database_loses_no_decision() {
    let (library, photos) = indexed(6);
    decided(&library, &photos);
    let before = picture(&library);
    for name in ["tintype.db", "tintype.db-wal", "tintype.db-shm"] {
        fs_err::remove_file(library.data().join(name)).ok();
    }
    index(&library.data(), &[&photos]);
    assert_eq!(picture(&library), before);

    // And in another library, from the exported file.
    let file = library.path().join("decisions.jsonl");
    stdout(&library.data(), &["decisions", "export", text(&file)]);
    let other = Library::empty();
    index(&other.data(), &[&photos]);
    stdout(&other.data(), &["decisions", "import", text(&file)]);
    assert_eq!(picture(&other), before);
    let again = stdout(&other.data(), &["decisions", "import", "--json", text(&file)]);
    let again: Json = serde_json::from_str(again.trim()).unwrap();
    assert_eq!(again["new"], 0);
}

#[test]
fn what_is_shown_as_one_goes_to_the_trash_as_one() {
    let library = Library::drawn(3);
    let photos = library.photos();
    let [still, raw, other] =
        ["IMG_0001.jpg", "IMG_0001.RAF", "IMG_0002.jpg"].map(|name| photos.join("roll-00").join(name));
    fs_err::write(&raw, b"FUJIFILMCCD-RAW 0201FF000000").unwrap();
    index(&library.data(), &[&photos]);
    let trashed = last(&library, &["trash", "add", "--json", text(&still)]);
    assert_eq!(trashed["done"], 2, "{trashed}");
    assert!(!still.exists() && !raw.exists() && other.exists());
    let undone = last(&library, &["trash", "restore", "--json", "--all"]);
    assert_eq!(undone["done"], 2, "{undone}");
    assert!(still.exists() && raw.exists());
    // The other way round, and both named at once.
    assert_eq!(last(&library, &["trash", "add", "--json", text(&raw), text(&still)])["done"], 2);
    assert!(!still.exists() && !raw.exists() && other.exists());
}

#[test]
fn a_rebuild_reads_what_changed_since_the_last_run() {
    let (library, photos) = indexed(6);
    let paths = fs_err::read_dir(photos.join("roll-00")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.collect();
    paths.sort();
    // Another picture, and one under a second name.
    fs_err::copy(&paths[1], &paths[0]).unwrap();
    fs_err::copy(&paths[2], photos.join("roll-00/new.jpg")).unwrap();
    let rebuilt = last(&library, &["rebuild", "--json"]);
    let read = &rebuilt["result"]["read"];
    assert_eq!((&read["opened"], &read["computed"]), (&2.into(), &0.into()), "{rebuilt}");
    let report = stdout(&library.data(), &["report", "--json"]);
    let photo = |path: &std::path::Path| {
        let lines = report.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        lines.filter(|line| line["path"] == text(path)).map(|line| line["photo_id"].clone()).next().unwrap()
    };
    assert_eq!(photo(&paths[0]), photo(&paths[1]));
    assert_eq!(photo(&photos.join("roll-00/new.jpg")), photo(&paths[2]));
}

#[test]
fn a_rebuilt_library_is_the_same_library() {
    let (library, photos) = indexed(30);
    decided(&library, &photos);
    stdout(&library.data(), &["roots", "mode", text(&photos), "file"]);
    // Behind the library's back, so that the rebuild has something to find out.
    fs_err::rename(photos.join("roll-01"), photos.join("moved")).unwrap();
    index(&library.data(), &[&photos]);
    let (before, ids) = (picture(&library), stdout(&library.data(), &["report", "--json"]));
    let rebuilt = last(&library, &["rebuild", "--json"]);
    assert_eq!(
        (&rebuilt["state"], &rebuilt["result"]["computed"]),
        (&"completed".into(), &0.into()),
        "{rebuilt}"
    );
    assert_eq!(picture(&library), before);
    assert_eq!(stdout(&library.data(), &["report", "--json"]), ids, "with the same ids");
    assert!(!library.data().join("rebuild").exists());
    assert_eq!(rebuilt["result"]["read"]["opened"], 0, "size and time vouch for what is known");
    let reread = last(&library, &["rebuild", "--json", "--reread"]);
    let read = &reread["result"]["read"];
    assert_eq!((&read["opened"], &read["computed"]), (&read["files"], &0.into()), "{reread}");
    assert_eq!(picture(&library), before);
    let after = index(&library.data(), &[&photos]);
    assert_eq!((after.computed, after.opened), (0, 0));
    let restored = last(&library, &["trash", "restore", "--json", "--all"]);
    assert_eq!(restored["done"], 1, "the trash came along: {restored}");
}
