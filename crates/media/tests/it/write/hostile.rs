//! Damaged files: a refusal or the same picture, never a panic.

use proptest::prelude::*;
use tintype_core::ErrorCode;
use tintype_media::{Format, edit_bytes};

use super::{drawn_files, full_edit, rating, read, writable_photos};
use crate::{files_below, photos};

/// Edits whatever it is; a result must be of the same picture and say what was asked for.
fn survive(bytes: &[u8]) -> bool {
    let Some(format) = Format::sniff(bytes) else { return false };
    match edit_bytes(format, bytes, &full_edit()) {
        Ok(Some(new)) => {
            assert_eq!(read(&new).pixel_hash, read(bytes).pixel_hash);
            assert_eq!(read(&new).metadata.rating, Some(4));
            true
        }
        Ok(None) => panic!("a file cannot say all of this by itself"),
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::NotWritable);
            assert!(!error.to_string().contains("gave up"), "{error}");
            false
        }
    }
}

#[test]
fn files_cut_anywhere_keep_their_picture_or_are_refused() {
    let Some(photos) = writable_photos() else { return };
    let (mut written, mut refused) = (0, 0);
    for (_name, bytes) in photos.iter().filter(|(_name, bytes)| bytes.len() < 300_000) {
        for part in 0..24 {
            let cut = &bytes[..bytes.len() * part / 24];
            if survive(cut) { written += 1 } else { refused += 1 }
        }
    }
    assert!(written > 100 && refused > 100, "{written} written, {refused} refused");
}

#[test]
fn hostile_files_keep_their_picture_or_are_refused() {
    let Some(photos) = photos() else { return };
    for path in files_below(&photos.join("hostile")) {
        survive(&fs_err::read(&path).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_metadata_is_refused_or_kept(
        which in 0_usize..5,
        flips in prop::collection::vec((0_usize..4000, any::<u8>()), 1..10),
    ) {
        let (_name, bytes) = &drawn_files()[which];
        let mut bytes = edit_bytes(Format::sniff(bytes).unwrap(), bytes, &rating(3)).unwrap().unwrap();
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        survive(&bytes);
    }
}
