//! Metadata against exiftool's reading of the same files (TARGETS A5: at least 99 % equal).

use serde_json::Value;
use tintype_media::{Limits, inspect, read_metadata};

use crate::{files_below, photos};

/// Exiftool's date as local time, if it is one.
fn local(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let date = text.get(..10)?.replace(':', "-");
    let time = text.get(11..19).unwrap_or("00:00:00");
    let year: u32 = date.get(..4)?.parse().ok()?;
    (1826..2100).contains(&year).then(|| format!("{date}T{time}"))
}

#[test]
fn metadata_equals_exiftools() {
    let Some(photos) = photos() else { return };
    let labels = photos.join("labels/exiftool_truth.json");
    let truth: Vec<Value> = serde_json::from_slice(&fs_err::read(labels).unwrap()).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for expected in &truth {
        let name = expected["SourceFile"].as_str().unwrap();
        let Ok(photo) = inspect(&photos.join(name), &Limits::default()) else { continue };
        let meta = &photo.metadata;
        let mut check = |field: &str, equal: bool, expected: &Value, found: String| {
            compared += 1;
            if !equal {
                wrong.push(format!("{name}: {field} is {expected}, read {found}"));
            }
        };
        let date = &expected["ExifIFD:DateTimeOriginal"];
        if let Some(date_text) = local(date) {
            let found = meta.taken_at.as_ref().map(|taken| taken.local.clone());
            check("date", found.as_deref() == Some(&date_text), date, format!("{found:?}"));
        }
        for (key, field) in [("IFD0:Make", &meta.make), ("IFD0:Model", &meta.model)] {
            if let Some(text) = expected[key].as_str().map(str::trim).filter(|text| !text.is_empty()) {
                check(
                    key,
                    field.as_deref().map(str::trim) == Some(text),
                    &expected[key],
                    format!("{field:?}"),
                );
            }
        }
        if let Some(value @ 1..=8) = expected["IFD0:Orientation"].as_u64() {
            let found = meta.orientation.exif();
            check("orientation", u64::from(found) == value, &expected["IFD0:Orientation"], found.to_string());
        }
        if let Some(stars @ -1..=5) = expected["XMP-xmp:Rating"].as_i64() {
            let equal = meta.rating.map(i64::from) == Some(stars);
            check("rating", equal, &expected["XMP-xmp:Rating"], format!("{:?}", meta.rating));
        }
        let (latitude, longitude) = (&expected["Composite:GPSLatitude"], &expected["Composite:GPSLongitude"]);
        if let (Some(north), Some(east), Some(place)) = (latitude.as_f64(), longitude.as_f64(), meta.gps) {
            let equal = (place.latitude - north).abs() < 1e-5 && (place.longitude - east).abs() < 1e-5;
            check("place", equal, latitude, format!("{place:?}"));
        }
    }
    for line in &wrong {
        eprintln!("{line}");
    }
    assert!(compared > 350, "only {compared} facts were compared");
    let share = 1.0 - wrong.len() as f64 / f64::from(compared);
    assert!(share >= 0.99, "{share:.4} of {compared} facts are equal");
}

#[test]
fn metadata_alone_is_what_reading_everything_finds() {
    let Some(photos) = photos() else { return };
    let (limits, mut buffer) = (Limits::default(), Vec::new());
    let mut compared = 0;
    for path in ["exif", "big", "hostile"].iter().flat_map(|folder| files_below(&photos.join(folder))) {
        let (whole, alone) = (inspect(&path, &limits), read_metadata(&path, &limits, &mut buffer));
        let (Ok(whole), Ok(alone)) = (&whole, &alone) else {
            assert_eq!(whole.is_ok(), alone.is_ok(), "{}", path.display());
            continue;
        };
        compared += 1;
        assert_eq!((whole.format, whole.size), (alone.format, alone.size), "{}", path.display());
        assert_eq!(whole.metadata, alone.metadata, "{}", path.display());
        assert_eq!(whole.issues, alone.issues, "{}", path.display());
    }
    assert!(compared > 150, "only {compared} files were compared");
}

/// More in front of the pixels than is read at first: several segments of a large profile, and padding.
#[test]
fn metadata_behind_long_segments_is_found() {
    let jpeg = tintype_media::encode_jpeg(&crate::roundtrip::drawn(64, 48), 80).unwrap();
    let mut bytes = jpeg[..2].to_vec();
    for _ in 0..5 {
        bytes.extend([0xFF, 0xEB, 0xFF, 0xFF]);
        bytes.extend(std::iter::repeat_n(7, 0xFFFD));
    }
    bytes.extend(&jpeg[2..]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.jpg");
    fs_err::write(&path, &bytes).unwrap();
    let alone = read_metadata(&path, &Limits::default(), &mut Vec::new()).unwrap();
    assert_eq!((alone.metadata.width, alone.metadata.height), (64, 48));
}
