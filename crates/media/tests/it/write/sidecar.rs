//! Side files: where they lie, what they say, and who comes first.

use std::path::Path;

use tintype_core::{ErrorCode, FaceRegion, Metadata, Orientation};
use tintype_media::{
    MetadataEdit, Place, WriteOptions, edit_bytes, find_sidecar, merge_sidecar, read_sidecar, sidecar_path,
    write_metadata, write_sidecar,
};

use super::{drawn_files, encoded, full_edit, rating, read};
use crate::photos;

fn touch(path: &Path) {
    fs_err::write(path, b"x").unwrap();
}

#[test]
fn a_side_file_is_found_by_either_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    touch(&at("a.jpg"));
    assert_eq!(find_sidecar(&at("a.jpg")), None);
    assert_eq!(sidecar_path(&at("a.jpg")), at("a.jpg.xmp"));
    touch(&at("a.xmp"));
    assert_eq!(sidecar_path(&at("a.jpg")), at("a.xmp"));
    // Of a pair it is the raw file's, as Adobe's programs have it.
    touch(&at("a.nef"));
    assert_eq!(sidecar_path(&at("a.nef")), at("a.xmp"));
    assert_eq!(sidecar_path(&at("a.jpg")), at("a.jpg.xmp"));
    // Unless it says otherwise.
    let packet = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
        photoshop:SidecarForExtension="JPG"/></rdf:RDF></x:xmpmeta>"#;
    fs_err::write(at("a.xmp"), packet).unwrap();
    assert_eq!(sidecar_path(&at("a.nef")), at("a.nef.xmp"));
    assert_eq!(sidecar_path(&at("a.jpg")), at("a.xmp"));
    touch(&at("a.jpg.xmp"));
    assert_eq!(sidecar_path(&at("a.jpg")), at("a.jpg.xmp"));
}

#[test]
fn a_format_that_is_not_written_gets_a_side_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gif");
    let gif = encoded(image::ImageFormat::Gif);
    fs_err::write(&path, &gif).unwrap();
    let written = write_metadata(&path, &full_edit(), &WriteOptions::default()).unwrap();
    let beside = folder.path().join("a.gif.xmp");
    assert_eq!(written.place, Place::Sidecar(beside.clone()));
    assert!(written.changed && written.aside.is_some());
    assert_eq!(fs_err::read(&path).unwrap(), gif);
    let says = read_sidecar(&fs_err::read(&beside).unwrap());
    for meta in [&says, &written.inspected.metadata] {
        assert_eq!(meta.rating, Some(4));
        assert_eq!(meta.keywords, ["harbour", "Zürich", "a & b"]);
        assert_eq!(meta.title.as_deref(), Some("Harbour <at> \"dusk\" & löwe"));
        let taken = meta.taken_at.as_ref().unwrap();
        assert_eq!((taken.local.as_str(), taken.offset_minutes), ("2019-08-07T06:05:04", Some(-150)));
    }
    assert_eq!(written.inspected.metadata.sources["rating"], "Sidecar.xmp:Rating");
    let again = write_metadata(&path, &full_edit(), &WriteOptions::default()).unwrap();
    assert!(!again.changed);
    let removal = MetadataEdit { rating: Some(None), ..MetadataEdit::default() };
    write_metadata(&path, &removal, &WriteOptions::default()).unwrap();
    assert_eq!(read_sidecar(&fs_err::read(&beside).unwrap()).rating, None);
}

#[test]
fn nothing_to_say_makes_no_side_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gif");
    fs_err::write(&path, encoded(image::ImageFormat::Gif)).unwrap();
    let removal = MetadataEdit { rating: Some(None), ..MetadataEdit::default() };
    assert!(!write_metadata(&path, &removal, &WriteOptions::default()).unwrap().changed);
    assert_eq!(find_sidecar(&path), None);
}

#[test]
fn a_damaged_side_file_is_left_alone_and_so_is_the_photo() {
    for damage in [&b""[..], b"<x:xmpmeta><rdf:RDF>", b"not xmp at all", b"\xFF\xFEx\0"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        let jpeg = drawn_files().remove(0).1;
        fs_err::write(&path, &jpeg).unwrap();
        let beside = folder.path().join("a.jpg.xmp");
        fs_err::write(&beside, damage).unwrap();
        for write in [write_metadata, write_sidecar] {
            let error = write(&path, &rating(5), &WriteOptions::default()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::SidecarDamaged, "{error}");
            assert_eq!(fs_err::read(&beside).unwrap(), damage);
            assert_eq!(fs_err::read(&path).unwrap(), jpeg);
        }
    }
}

#[test]
fn a_side_file_is_kept_in_step_with_the_photo() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    fs_err::write(&path, drawn_files().remove(0).1).unwrap();
    write_sidecar(&path, &rating(1), &WriteOptions::default()).unwrap();
    let written = write_metadata(&path, &full_edit(), &WriteOptions::default()).unwrap();
    assert_eq!(written.place, Place::File);
    assert_eq!(written.inspected.metadata.rating, Some(4));
    let says = read_sidecar(&fs_err::read(folder.path().join("a.jpg.xmp")).unwrap());
    assert_eq!((says.rating, says.title), (Some(4), None));
    assert_eq!(read(&fs_err::read(&path).unwrap()).metadata.rating, Some(4));
}

#[test]
fn a_side_file_says_none_as_zero_stars() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jpg");
    fs_err::write(&path, drawn_files().remove(0).1).unwrap();
    let removal = MetadataEdit { rating: Some(None), ..MetadataEdit::default() };
    let written = write_sidecar(&path, &removal, &WriteOptions::default()).unwrap();
    assert_eq!(written.inspected.metadata.rating, Some(0));
}

#[test]
fn real_side_files_keep_everything_else() {
    let Some(photos) = photos() else { return };
    let mut seen = 0;
    for path in crate::files_below(&photos.join("exif/sidecar")) {
        let old = fs_err::read(&path).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let photo = folder.path().join("a.gif");
        fs_err::write(&photo, encoded(image::ImageFormat::Gif)).unwrap();
        let beside = folder.path().join("a.gif.xmp");
        fs_err::write(&beside, &old).unwrap();
        match write_metadata(&photo, &rating(3), &WriteOptions::default()) {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::SidecarDamaged);
                assert_eq!(fs_err::read(&beside).unwrap(), old);
                continue;
            }
        }
        let new = fs_err::read(&beside).unwrap();
        let (mut before, mut after) = (read_sidecar(&old), read_sidecar(&new));
        assert_eq!(after.rating, Some(3));
        for meta in [&mut before, &mut after] {
            meta.rating = None;
            meta.sources.clear();
        }
        assert_eq!(before, after);
        // Line by line everything that was there still is, but for what held the rating.
        let (old, new) = (String::from_utf8(old).unwrap(), String::from_utf8(new).unwrap());
        let lost: Vec<&str> = old.lines().filter(|line| !new.contains(line.trim())).collect();
        assert!(lost.len() <= 2, "{lost:?}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn the_side_file_comes_first_where_it_says_anything() {
    let edit = MetadataEdit { title: None, keywords: None, ..full_edit() };
    let jpeg = drawn_files().remove(0).1;
    let mut embedded =
        read(&edit_bytes(tintype_media::Format::Jpeg, &jpeg, &edit).unwrap().unwrap()).metadata;
    let modified_only = packet("xmp:ModifyDate=\"2001-01-01T00:00:01\"");
    merge_sidecar(&mut embedded, &read_sidecar(modified_only.as_bytes()));
    assert_eq!(embedded.taken_at.as_ref().unwrap().local, "2019-08-07T06:05:04");
    let says = packet("xmp:Rating=\"1\" exif:DateTimeOriginal=\"2002-02-02T02:02:02\"");
    merge_sidecar(&mut embedded, &read_sidecar(says.as_bytes()));
    assert_eq!(embedded.rating, Some(1));
    let taken = embedded.taken_at.as_ref().unwrap();
    assert_eq!(
        (taken.local.as_str(), taken.source.as_str()),
        ("2002-02-02T02:02:02", "Sidecar.exif:DateTimeOriginal")
    );
    assert_eq!(embedded.sources["taken_at"], "Sidecar.exif:DateTimeOriginal");
    assert_eq!(embedded.description.as_deref(), Some("a drawing"));
    assert_eq!(embedded.sources["description"], "Exif.ImageDescription");
}

#[test]
fn regions_of_a_side_file_are_turned_as_the_photo_is() {
    let region = FaceRegion { name: None, x: 0.1, y: 0.2, width: 0.3, height: 0.4 };
    let sidecar = Metadata { face_regions: vec![region], ..Metadata::default() };
    let mut embedded = Metadata { orientation: Orientation::from_exif(3), ..Metadata::default() };
    merge_sidecar(&mut embedded, &sidecar);
    let turned = &embedded.face_regions[0];
    assert!((turned.x - 0.6).abs() < 1e-6 && (turned.y - 0.4).abs() < 1e-6);
}

fn packet(attributes: &str) -> String {
    format!(
        r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
        {attributes}/></rdf:RDF></x:xmpmeta>"#
    )
}
