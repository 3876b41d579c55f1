//! The metadata writer: what it writes is read back, by us and by exiftool, and nothing else changes.

mod containers;
mod disk;
mod exiftool;
mod hostile;
mod sequences;
mod sidecar;

use tintype_media::{
    DecodeRequest, ExifFields, Format, Inspected, Limits, MetadataEdit, TakenEdit, decode, edit_bytes,
    encode_jpeg, inspect_bytes, is_writable, with_exif,
};

use crate::roundtrip::drawn;
use crate::{files_below, photos};

/// An edit of everything.
fn full_edit() -> MetadataEdit {
    MetadataEdit {
        rating: Some(Some(4)),
        taken_at: Some(TakenEdit {
            local: "2019-08-07T06:05:04".to_owned(),
            subsec_nanos: Some(120_000_000),
            offset_minutes: Some(-150),
        }),
        title: Some(Some("Harbour <at> \"dusk\" & löwe".to_owned())),
        keywords: Some(vec!["harbour".to_owned(), "Zürich".to_owned(), "a & b".to_owned()]),
    }
}

fn rating(stars: i8) -> MetadataEdit {
    MetadataEdit { rating: Some(Some(stars)), ..MetadataEdit::default() }
}

fn read(bytes: &[u8]) -> Inspected {
    inspect_bytes(bytes.to_vec(), &Limits::default())
}

fn format(bytes: &[u8]) -> Format {
    Format::sniff(bytes).unwrap()
}

/// The file with the edit made, which must be one that is possible and needed.
fn edited(bytes: &[u8], edit: &MetadataEdit) -> Vec<u8> {
    edit_bytes(format(bytes), bytes, edit).unwrap().unwrap()
}

/// The decoded picture.
fn pixels(bytes: &[u8]) -> Vec<u8> {
    let request = DecodeRequest { long_side: 64, limits: Limits::default() };
    decode(&read(bytes), &request).unwrap().rgb(64).into_data()
}

/// A drawn picture in a format of the `image` crate.
fn encoded(format: image::ImageFormat) -> Vec<u8> {
    let image = image::RgbImage::from_raw(64, 48, drawn(64, 48).into_data()).unwrap();
    let mut out = std::io::Cursor::new(Vec::new());
    image.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// One drawn picture in each format that can be written and made here.
fn drawn_files() -> Vec<(&'static str, Vec<u8>)> {
    let jpeg = encode_jpeg(&drawn(64, 48), 85).unwrap();
    let fields = ExifFields {
        taken_at: Some("2021-05-12T12:21:21".to_owned()),
        make: Some("Tintype".to_owned()),
        model: Some("Demo 1".to_owned()),
        rating: Some(2),
        description: Some("a drawing".to_owned()),
        iso: Some(400),
        ..ExifFields::default()
    };
    vec![
        ("exif.jpg", with_exif(&jpeg, &fields)),
        ("plain.jpg", jpeg),
        ("plain.png", encoded(image::ImageFormat::Png)),
        ("plain.webp", encoded(image::ImageFormat::WebP)),
        ("plain.tif", encoded(image::ImageFormat::Tiff)),
    ]
}

fn assert_says(bytes: &[u8], edit: &MetadataEdit, name: &str) {
    let meta = read(bytes).metadata;
    if let Some(rating) = edit.rating {
        assert_eq!(meta.rating, rating, "{name}");
    }
    if let Some(wanted) = &edit.taken_at {
        let taken = meta.taken_at.unwrap();
        assert_eq!(taken.local, wanted.local, "{name}");
        assert_eq!(taken.subsec_nanos, wanted.subsec_nanos, "{name}");
        assert_eq!(taken.offset_minutes, wanted.offset_minutes, "{name}");
    }
    if let Some(title) = &edit.title {
        assert_eq!(&meta.title, title, "{name}");
    }
    if let Some(keywords) = &edit.keywords {
        assert_eq!(&meta.keywords, keywords, "{name}");
    }
}

#[test]
fn an_edit_is_read_back_and_the_picture_stays() {
    for (name, bytes) in drawn_files() {
        let edit = full_edit();
        let new = edited(&bytes, &edit);
        assert_says(&new, &edit, name);
        assert_eq!(read(&new).pixel_hash, read(&bytes).pixel_hash, "{name}");
        assert_eq!(read(&new).metadata.make, read(&bytes).metadata.make, "{name}");
        assert!(read(&new).issues.is_empty(), "{name}: {:?}", read(&new).issues);
        assert_eq!(pixels(&new), pixels(&bytes), "{name}");
        assert_eq!(edit_bytes(format(&new), &new, &edit).unwrap(), None, "{name}: a second time");
    }
}

#[test]
fn sources_name_the_tag_that_won() {
    let jpeg = drawn_files().remove(0).1;
    let sources = read(&jpeg).metadata.sources;
    assert_eq!(sources["rating"], "Exif.Rating");
    assert_eq!(sources["taken_at"], "Exif.DateTimeOriginal");
    assert_eq!(sources["description"], "Exif.ImageDescription");
    let sources = read(&edited(&jpeg, &full_edit())).metadata.sources;
    assert_eq!(sources["rating"], "XMP.xmp:Rating");
    assert_eq!(sources["keywords"], "XMP.dc:subject");
    assert_eq!(sources["title"], "XMP.dc:title");
}

#[test]
fn removing_what_was_written_leaves_no_trace_of_it() {
    for (name, bytes) in drawn_files() {
        let new = edited(&bytes, &full_edit());
        let removal = MetadataEdit {
            rating: Some(None),
            title: Some(None),
            keywords: Some(Vec::new()),
            ..MetadataEdit::default()
        };
        let bare = edited(&new, &removal);
        let meta = read(&bare).metadata;
        assert_eq!((meta.rating, meta.title, meta.keywords), (None, None, Vec::new()), "{name}");
        assert!(!bare.windows(7).any(|part| part == b"harbour"), "{name}");
        assert_eq!(edit_bytes(format(&bare), &bare, &removal).unwrap(), None, "{name}");
    }
}

#[test]
fn nothing_is_written_where_nothing_was_asked_for() {
    for (name, bytes) in drawn_files() {
        assert_eq!(edit_bytes(format(&bytes), &bytes, &MetadataEdit::default()).unwrap(), None, "{name}");
        if name.starts_with("plain") {
            let removal = MetadataEdit { rating: Some(None), ..MetadataEdit::default() };
            assert_eq!(edit_bytes(format(&bytes), &bytes, &removal).unwrap(), None, "{name}");
        }
    }
}

#[test]
fn setting_and_removing_over_and_over_does_not_grow_the_file() {
    for (name, bytes) in drawn_files() {
        let removal = MetadataEdit { rating: Some(None), ..MetadataEdit::default() };
        let first = edited(&bytes, &rating(5));
        let mut now = first.clone();
        for _ in 0..10 {
            now = edited(&edited(&now, &removal), &rating(5));
        }
        assert!(now.len() <= first.len() + 400, "{name}: from {} to {} bytes", first.len(), now.len());
        let longest = now.len();
        now = edited(&edited(&now, &removal), &rating(5));
        assert_eq!(now.len(), longest, "{name}");
    }
}

#[test]
fn a_rejected_photo_is_minus_one_in_xmp_only() {
    let (_, jpeg) = drawn_files().remove(0);
    let rejected = edited(&jpeg, &rating(-1));
    let meta = read(&rejected).metadata;
    assert_eq!((meta.rating, meta.sources["rating"].as_str()), (Some(-1), "XMP.xmp:Rating"));
}

#[test]
fn values_that_no_file_can_hold_are_refused() {
    let jpeg = drawn_files().remove(0).1;
    let taken = |local: &str, subsec_nanos, offset_minutes| MetadataEdit {
        taken_at: Some(TakenEdit { local: local.to_owned(), subsec_nanos, offset_minutes }),
        ..MetadataEdit::default()
    };
    let keywords =
        |keyword: &str| MetadataEdit { keywords: Some(vec![keyword.to_owned()]), ..MetadataEdit::default() };
    for edit in [
        rating(6),
        rating(-2),
        taken("2021-02-29T00:00:01", None, None),
        taken("2021-02-28 00:00:01", None, None),
        taken("2021-02-28T00:00:01", Some(1_000_000_000), None),
        taken("2021-02-28T00:00:01", None, Some(960)),
        keywords("nul\0"),
        keywords(&"long".repeat(1000)),
    ] {
        let error = edit_bytes(Format::Jpeg, &jpeg, &edit).unwrap_err();
        assert_eq!(error.code(), tintype_core::ErrorCode::ValidationError, "{edit:?}");
    }
}

/// Every real file of a format that can be written.
fn writable_photos() -> Option<Vec<(String, Vec<u8>)>> {
    let photos = photos()?;
    let mut found = Vec::new();
    for folder in ["exif", "big"] {
        for path in files_below(&photos.join(folder)) {
            let bytes = fs_err::read(&path).unwrap();
            if Format::sniff(&bytes).is_some_and(is_writable) {
                found.push((path.strip_prefix(&photos).unwrap().to_string_lossy().into_owned(), bytes));
            }
        }
    }
    assert!(found.len() > 100, "only {} files", found.len());
    Some(found)
}
