//! SPEC §1's first consequence: no feature is computed twice, whatever happens to the files.

use std::process::Command;

use tintype_testkit::{Library, jpeg};

use crate::support::{index, report, stdout};

/// Features of one photo under the full plan.
fn features_per_photo(library: &Library) -> u64 {
    let counts = index(&library.data(), &[&library.photos()]);
    assert!(counts.computed > 0 && counts.computed.is_multiple_of(counts.photos), "{counts:?}");
    counts.computed / counts.photos
}

#[test]
fn a_second_run_computes_and_opens_nothing() {
    let library = Library::drawn(12);
    let first = index(&library.data(), &[&library.photos()]);
    assert_eq!((first.files, first.photos, first.opened, first.issues), (12, 12, 12, 0));
    let second = index(&library.data(), &[&library.photos()]);
    assert_eq!((second.files, second.photos), (12, 12));
    assert_eq!((second.computed, second.opened, second.cached), (0, 0, first.computed));
}

#[test]
fn moving_copying_and_forgetting_compute_nothing() {
    let library = Library::drawn(12);
    let per_photo = features_per_photo(&library);
    let photos = library.photos();

    fs_err::rename(photos.join("roll-00"), photos.join("renamed")).unwrap();
    let moved = index(&library.data(), &[&photos]);
    assert_eq!(
        (moved.files, moved.photos, moved.computed, moved.opened),
        (12, 12, 0, 0),
        "a move opens no file"
    );

    fs_err::create_dir(photos.join("copy")).unwrap();
    for entry in fs_err::read_dir(photos.join("renamed")).unwrap() {
        let entry = entry.unwrap();
        fs_err::copy(entry.path(), photos.join("copy").join(entry.file_name())).unwrap();
    }
    let copied = index(&library.data(), &[&photos]);
    assert_eq!((copied.files, copied.photos, copied.computed, copied.opened), (22, 12, 0, 10));

    stdout(&library.data(), &["forget", photos.to_str().unwrap()]);
    assert!(report(&library.data()).is_empty(), "nothing is left of a forgotten folder");
    let again = index(&library.data(), &[&photos]);
    assert_eq!((again.files, again.photos, again.computed), (22, 12, 0));
    assert_eq!(again.cached, 12 * per_photo);
}

#[test]
fn a_parent_folder_takes_over_what_its_child_knew() {
    let library = Library::drawn(12);
    let child = library.photos().join("roll-00");
    let first = index(&library.data(), &[&child]);
    assert_eq!(first.photos, 10);
    let all = index(&library.data(), &[&library.photos()]);
    assert_eq!((all.files, all.photos, all.opened), (12, 12, 2), "only the two new files are opened");
    assert_eq!(all.computed, first.computed / 10 * 2);
}

#[test]
fn a_rating_written_by_another_program_computes_nothing() {
    if Command::new("exiftool").arg("-ver").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "exiftool must be installed in CI");
        eprintln!("SKIPPED: exiftool is not installed");
        return;
    }
    let library = Library::drawn(3);
    index(&library.data(), &[&library.photos()]);
    let before = report(&library.data());
    let written = Command::new("exiftool")
        .args(["-q", "-r", "-overwrite_original", "-Rating=4"])
        .arg(library.photos())
        .status()
        .unwrap();
    assert!(written.success());
    let after = index(&library.data(), &[&library.photos()]);
    assert_eq!((after.photos, after.computed, after.opened), (3, 0, 3));
    for (old, new) in before.iter().zip(report(&library.data())) {
        assert_eq!(new["rating"], 4);
        assert_eq!(new["photo_id"], old["photo_id"], "an edited photo stays the same photo");
        assert_eq!(new["pixel_hash"], old["pixel_hash"]);
        assert_ne!(new["content_hash"], old["content_hash"]);
    }
}

#[test]
fn replacing_one_photo_computes_one_photos_worth() {
    let library = Library::drawn(8);
    let per_photo = features_per_photo(&library);
    library.add("roll-00/IMG_0003.jpg", &jpeg(77, 640, 480));
    let after = index(&library.data(), &[&library.photos()]);
    assert_eq!((after.photos, after.computed, after.opened), (8, per_photo, 1));
}

#[test]
fn equal_photos_met_in_one_run_are_computed_once() {
    let library = Library::empty();
    let bytes = jpeg(5, 640, 480);
    for copy in 0..30 {
        library.add(&format!("copy-{copy}.jpg"), &bytes);
    }
    let counts = index(&library.data(), &[&library.photos()]);
    assert_eq!((counts.files, counts.photos), (30, 1));
    library.add("other.jpg", &jpeg(6, 640, 480));
    let other = index(&library.data(), &[&library.photos()]);
    assert_eq!(counts.computed, other.computed, "thirty copies cost what one photo costs");
}

#[test]
fn parameters_and_steps_have_their_own_results() {
    let library = Library::drawn(2);
    let photos = library.photos();
    let run = |extra: &[&str]| {
        let mut args = vec!["index", "--json", photos.to_str().unwrap()];
        args.extend(extra);
        let line = stdout(&library.data(), &args);
        serde_json::from_str::<serde_json::Value>(line.trim()).unwrap()["computed"].as_u64().unwrap()
    };
    assert_eq!(run(&["--steps", "perceptual_hash"]), 2);
    assert_eq!(run(&["--steps", "perceptual_hash"]), 0);
    assert_eq!(run(&["--steps", "score_iqa"]), 4, "what a step needs is computed with it");
    assert_eq!(run(&["--steps", "detect_blur", "--set", "detect_blur.laplacian_threshold=100"]), 2);
    assert_eq!(run(&["--steps", "detect_blur", "--set", "detect_blur.laplacian_threshold=100"]), 0);
}
