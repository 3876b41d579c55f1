//! The two hashes: metadata edits keep the pixel hash, coded bytes change it.

use std::process::Command;

use proptest::prelude::*;
use tintype_core::PixelHash;
use tintype_media::{DecodeRequest, Limits, decode, encode_jpeg, inspect_bytes};

use crate::roundtrip::drawn;

fn pixel_hash(bytes: &[u8]) -> PixelHash {
    inspect_bytes(bytes.to_vec(), &Limits::default()).pixel_hash
}

fn encoded(format: image::ImageFormat) -> Vec<u8> {
    let picture = drawn(64, 48);
    let image = image::RgbImage::from_raw(64, 48, picture.into_data()).unwrap();
    let mut out = std::io::Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

#[test]
fn exiftool_edits_keep_the_pixel_hash() {
    if Command::new("exiftool").arg("-ver").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "exiftool is missing");
        eprintln!("SKIPPED: exiftool is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("a.jpg", encode_jpeg(&drawn(64, 48), 85).unwrap()),
        ("a.png", encoded(image::ImageFormat::Png)),
        ("a.webp", encoded(image::ImageFormat::WebP)),
        ("a.gif", encoded(image::ImageFormat::Gif)),
        ("a.tif", encoded(image::ImageFormat::Tiff)),
    ] {
        let path = folder.path().join(name);
        fs_err::write(&path, &bytes).unwrap();
        let status = Command::new("exiftool")
            .args([
                "-q",
                "-m",
                "-overwrite_original",
                "-XMP:Rating=4",
                "-XMP-dc:Subject=harbour",
                "-Comment=hello",
            ])
            .arg(&path)
            .status()
            .unwrap();
        assert!(status.success(), "{name}");
        let edited = inspect_bytes(fs_err::read(&path).unwrap(), &Limits::default());
        assert_ne!(
            edited.content_hash,
            inspect_bytes(bytes.clone(), &Limits::default()).content_hash,
            "{name}"
        );
        assert_eq!(edited.pixel_hash, pixel_hash(&bytes), "{name}");
        assert_eq!(edited.metadata.rating, Some(4), "{name}");
        assert_eq!(edited.metadata.keywords, ["harbour"], "{name}");
    }
}

#[test]
fn trailing_data_and_comments_keep_the_hash_of_a_jpeg() {
    let jpeg = encode_jpeg(&drawn(64, 48), 85).unwrap();
    let mut longer = jpeg.clone();
    longer.extend(b"trailer");
    assert_eq!(pixel_hash(&longer), pixel_hash(&jpeg));
    let mut commented = jpeg[..2].to_vec();
    commented.extend([0xFF, 0xFE, 0, 6, b'n', b'o', b't', b'e']);
    commented.extend(&jpeg[2..]);
    assert_eq!(pixel_hash(&commented), pixel_hash(&jpeg));
    // Adobe's marker changes how the colours are read.
    let mut adobe = jpeg[..2].to_vec();
    adobe.extend([0xFF, 0xEE, 0, 14]);
    adobe.extend(b"Adobe\0\x64\0\0\0\0\0");
    adobe.extend(&jpeg[2..]);
    assert_ne!(pixel_hash(&adobe), pixel_hash(&jpeg));
}

proptest! {
    #[test]
    fn any_byte_of_a_tiff_that_is_not_a_description_counts(at in 0.0_f64..1.0, bit in 0_u8..8) {
        let tiff = encoded(image::ImageFormat::Tiff);
        let at = (tiff.len() as f64 * at) as usize;
        let mut changed = tiff.clone();
        changed[at] ^= 1 << bit;
        // The file says nothing but its picture; a moved strip or a description by a changed tag may do no harm.
        let same_picture = || {
            let limits = Limits::default();
            let request = DecodeRequest { long_side: 64, limits: limits.clone() };
            let decoded = |bytes: &[u8]| {
                let picture = decode(&inspect_bytes(bytes.to_vec(), &limits), &request).ok()?;
                Some(picture.rgb(64).into_data())
            };
            decoded(&changed) == decoded(&tiff)
        };
        prop_assert!(pixel_hash(&changed) != pixel_hash(&tiff) || same_picture());
    }

    #[test]
    fn any_coded_byte_counts(at in 0.0_f64..1.0, bit in 0_u8..8) {
        let jpeg = encode_jpeg(&drawn(64, 48), 85).unwrap();
        let scan = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 14;
        let at = scan + ((jpeg.len() - 2 - scan) as f64 * at) as usize;
        let mut changed = jpeg.clone();
        changed[at] ^= 1 << bit;
        prop_assert_ne!(pixel_hash(&changed), pixel_hash(&jpeg));
    }
}
