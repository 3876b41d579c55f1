//! Files that lie: nothing may crash, hang or allocate beyond the limits.

use proptest::prelude::*;
use tintype_core::ErrorCode;
use tintype_media::{DecodeRequest, Limits, decode, encode_jpeg, inspect, inspect_bytes, read_sidecar};

use crate::roundtrip::drawn;
use crate::{files_below, photos};

fn request() -> DecodeRequest {
    DecodeRequest { long_side: 512, limits: Limits::default() }
}

/// Inspects and decodes; the outcome does not matter, that there is one does.
fn survive(bytes: Vec<u8>) {
    let photo = inspect_bytes(bytes, &Limits::default());
    if let Ok(picture) = decode(&photo, &request()) {
        let luma = picture.luma(256);
        assert!(luma.width() > 0 && luma.height() > 0);
        let _ = picture.rgb(64);
        let _ = picture.jpeg(256, 80);
    }
}

#[test]
fn hostile_files_have_an_outcome_each() {
    let Some(photos) = photos() else { return };
    for path in files_below(&photos.join("hostile")) {
        if path.extension().is_some_and(|extension| extension == "xmp") {
            let _ = read_sidecar(&fs_err::read(&path).unwrap());
            continue;
        }
        let photo = inspect(&path, &Limits::default()).unwrap();
        match decode(&photo, &request()) {
            Ok(picture) => {
                let _ = picture.jpeg(256, 80).unwrap();
            }
            Err(error) => assert_ne!(error.code(), ErrorCode::Internal, "{}: {error}", path.display()),
        }
    }
}

#[test]
fn every_kind_of_file_survives_being_cut_anywhere() {
    let Some(photos) = photos() else { return };
    let mut seen = std::collections::HashMap::new();
    for path in files_below(&photos.join("exif")) {
        let bytes = fs_err::read(&path).unwrap();
        let format = tintype_media::Format::sniff(&bytes);
        // A few files of each kind, not too large.
        let count = seen.entry(format).or_insert(0);
        if bytes.len() > 300_000 || *count >= 4 {
            continue;
        }
        *count += 1;
        for part in 0..24 {
            survive(bytes[..bytes.len() * part / 24].to_vec());
        }
        for len in 0..bytes.len().min(48) {
            survive(bytes[..len].to_vec());
        }
    }
}

#[test]
fn drawn_pictures_of_every_format_survive_being_cut_at_every_byte() {
    let (animation, document) = (crate::formats::animation(), crate::formats::document());
    let fixtures = crate::formats::FIXTURES.iter().map(|(_name, _decoder, bytes)| *bytes);
    for bytes in fixtures.chain([animation.as_slice(), document.as_slice()]) {
        // Every length where it is cheap, some of the longer ones.
        for len in (0..bytes.len()).step_by(bytes.len().div_ceil(1000)) {
            survive(bytes[..len].to_vec());
        }
    }
}

#[test]
fn a_small_file_that_points_to_a_large_tile_many_times_is_refused() {
    let bytes = crate::formats::grid_of_one_tile(16_000, 16_000, 200);
    let error = decode(&inspect_bytes(bytes, &Limits::default()), &request()).unwrap_err();
    assert!(matches!(error.code(), ErrorCode::ImageTooLarge | ErrorCode::NotDecodable), "{error}");
}

#[test]
fn a_header_that_claims_too_much_is_refused_from_the_header() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend(100_000_u32.to_be_bytes());
    png.extend(100_000_u32.to_be_bytes());
    png.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    let photo = inspect_bytes(png, &Limits::default());
    assert_eq!(photo.issues[0].code, ErrorCode::ImageTooLarge);
    assert_eq!(decode(&photo, &request()).unwrap_err().code(), ErrorCode::ImageTooLarge);
}

#[test]
fn empty_and_foreign_files_are_answers() {
    let empty = inspect_bytes(Vec::new(), &Limits::default());
    assert_eq!((empty.format, empty.issues[0].code), (None, ErrorCode::EmptyFile));
    let foreign = inspect_bytes(b"<html>not a photo</html>".to_vec(), &Limits::default());
    assert_eq!((foreign.format, foreign.issues[0].code), (None, ErrorCode::InvalidImage));
    assert_eq!(decode(&foreign, &request()).unwrap_err().code(), ErrorCode::InvalidImage);
    let missing = inspect(std::path::Path::new("/nonexistent/a.jpg"), &Limits::default()).unwrap_err();
    assert_eq!(missing.code(), ErrorCode::FileVanished);
}

#[test]
fn a_truncated_jpeg_gives_its_upper_part_and_says_so() {
    let jpeg = encode_jpeg(&drawn(640, 480), 90).unwrap();
    let photo = inspect_bytes(jpeg[..jpeg.len() / 2].to_vec(), &Limits::default());
    let picture = decode(&photo, &request()).unwrap();
    assert_eq!((picture.width(), picture.height()), (640, 480));
    if tintype_media::jpeg_backend().starts_with("libjpeg-turbo") {
        assert_eq!(picture.issues()[0].code, ErrorCode::TruncatedImage);
        assert!(picture.luma(640).row(10)[10] > 240);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damaged_jpegs_never_panic(cut in 0_usize..6000, flips in prop::collection::vec((0_usize..6000, any::<u8>()), 0..12)) {
        let mut jpeg = encode_jpeg(&drawn(160, 120), 80).unwrap();
        for (at, value) in flips {
            let at = at % jpeg.len();
            jpeg[at] = value;
        }
        jpeg.truncate(cut.max(jpeg.len().saturating_sub(cut)));
        survive(jpeg);
    }

    #[test]
    fn any_bytes_after_any_magic_never_panic(
        magic in prop::sample::select(vec![
            &b"\xFF\xD8\xFF\xE1\x00\x40Exif\0\0MM\0*\0\0\0\x08"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8X",
            b"RIFF\x40\0\0\0AVI LIST", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0", b"\0\0\0\x10ftypheic\0\0\0\0",
            b"\0\0\0\x10ftypqt  \0\0\0\0", b"\0\0\0\x0cJXL \r\n\x87\n", b"\xFF\x0A", b"\0\0\0\x0cjP  \r\n\x87\n", b"8BPS\0\x01",
            b"FUJIFILMCCD-RAW", b"\0MRM", b"IIU\0\x08\0\0\0", b"BM",
        ]),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut bytes = magic.to_vec();
        bytes.extend(tail);
        survive(bytes);
    }
}
