//! What each container asks for when metadata is put into it.

use tintype_core::ErrorCode;
use tintype_media::{
    Format, MetadataEdit, Place, TakenEdit, WriteOptions, edit_bytes, is_writable, write_metadata,
};

use super::{drawn_files, edited, full_edit, pixels, rating, read};
use crate::{files_below, photos};

fn position(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|part| part == wanted).unwrap()
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// A JPEG with a second picture behind the first, an index that points there, and maker's notes that do too.
fn with_second_picture(first: &[u8]) -> Vec<u8> {
    let mut index = b"MPF\0MM\0*\0\0\0\x08\0\x01\xB0\x02\0\x07\0\0\0\x20\0\0\0\x1A\0\0\0\0".to_vec();
    let entries = index.len();
    index.extend([0; 32]);
    let mut notes = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1A\0\0\0\0".to_vec();
    notes.extend(b"\0\x01\x92\x7C\0\x07\0\0\0\x08\0\0\0\x2C\0\0\0\0");
    let note = notes.len();
    notes.extend([0; 8]);
    let segment = |marker, body: &[u8]| {
        let mut out = vec![0xFF, marker];
        out.extend((body.len() as u16 + 2).to_be_bytes());
        out.extend(body);
        out
    };
    let exif = segment(0xE1, &notes);
    let head = [&[0xFF, 0xD8][..], &exif, &segment(0xE2, &index)].concat();
    let mut bytes = [&head, &first[2..]].concat();
    let second = bytes.len();
    bytes.extend(first);
    // Offsets count from the TIFF headers.
    let header = 2 + exif.len() + 4 + 4;
    let entries = 2 + exif.len() + 4 + entries;
    bytes[entries + 4..entries + 8].copy_from_slice(&(second as u32).to_be_bytes());
    bytes[entries + 20..entries + 24].copy_from_slice(&(first.len() as u32).to_be_bytes());
    bytes[entries + 24..entries + 28].copy_from_slice(&((second - header) as u32).to_be_bytes());
    let note = 2 + 4 + note;
    bytes[note..note + 4].copy_from_slice(&((second - 12) as u32).to_be_bytes());
    bytes
}

#[test]
fn pictures_behind_the_first_are_still_found() {
    let plain = drawn_files().remove(1).1;
    let bytes = with_second_picture(&plain);
    let old_note = position(&bytes, b"\x92\x7C") + 10 + 6;
    for edit in [rating(3), full_edit()] {
        let new = edited(&bytes, &edit);
        let second = new.len() - plain.len();
        assert_eq!(&new[second..], plain);
        let header = position(&new, b"MPF\0") + 4;
        assert_eq!(be32(&new, header + 26 + 4) as usize, second, "length of the first picture");
        assert_eq!(header + be32(&new, header + 26 + 24) as usize, second, "place of the second picture");
        let block = position(&new, b"Exif\0\0") + 6;
        // The notes themselves stay where they were in their block.
        let note = old_note - 12 + block;
        assert_eq!(block + be32(&new, note) as usize, second, "place in the maker's notes");
    }
}

#[test]
fn notes_that_cannot_be_told_for_certain_are_not_touched() {
    let plain = drawn_files().remove(1).1;
    let mut bytes = with_second_picture(&plain);
    let note = position(&bytes, b"\x92\x7C") + 10 + 6;
    bytes.copy_within(note..note + 4, note + 4);
    let error = edit_bytes(Format::Jpeg, &bytes, &rating(3)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotWritable);
}

#[test]
fn webp_flags_and_length_are_right() {
    let mut cursor = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(20, 30, image::Rgba([200, 10, 30, 128]))
        .write_to(&mut cursor, image::ImageFormat::WebP)
        .unwrap();
    let plain = cursor.into_inner();
    let new = edited(&plain, &full_edit());
    assert_eq!(u32::from_le_bytes(new[4..8].try_into().unwrap()) as usize, new.len() - 8);
    let header = position(&new, b"VP8X") + 8;
    assert_eq!(new[header], 0x10 | 0x08 | 0x04, "alpha, Exif, XMP");
    assert_eq!((new[header + 4], new[header + 7]), (19, 29));
    let decoded = image::load_from_memory(&new).unwrap().to_rgba8();
    assert_eq!(decoded, image::load_from_memory(&plain).unwrap().to_rgba8());
}

#[test]
fn png_chunks_have_right_checksums_and_order() {
    let plain = drawn_files().remove(2).1;
    let new = edited(&plain, &full_edit());
    let (mut at, mut codes) = (8, Vec::new());
    while at < new.len() {
        let len = be32(&new, at) as usize;
        let mut crc = flate2::Crc::new();
        crc.update(&new[at + 4..at + 8 + len]);
        assert_eq!(crc.sum(), be32(&new, at + 8 + len));
        codes.push(String::from_utf8_lossy(&new[at + 4..at + 8]).into_owned());
        at += 12 + len;
    }
    assert_eq!(codes[..3], ["IHDR", "eXIf", "iTXt"]);
    assert_eq!(codes.last().unwrap(), "IEND");
}

#[test]
fn jpegs_get_jfif_then_exif_then_xmp() {
    let plain = drawn_files().remove(1).1;
    let new = edited(&plain, &full_edit());
    let order = [
        position(&new, b"JFIF"),
        position(&new, b"Exif\0\0"),
        position(&new, b"http://ns.adobe.com/xap/1.0/\0"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    // What the camera coded ends the file, bit for bit.
    let tables = position(&plain, &[0xFF, 0xDB]);
    assert!(new.ends_with(&plain[tables..]));
}

#[test]
fn packets_keep_what_they_do_not_know_and_their_length() {
    let plain = drawn_files().remove(1).1;
    let padding = " ".repeat(600);
    let packet = format!(
        r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <r:Description r:about="" xmlns:q="http://ns.adobe.com/xap/1.0/" q:Rating='2' xmlns:my="http://example.com/my#" my:thing="a &lt; b">
  <my:list><r:Seq><r:li r:parseType="Resource"><my:deep>1</my:deep></r:li></r:Seq></my:list>
  <d:title xmlns:d="http://purl.org/dc/elements/1.1/"><r:Alt><r:li xml:lang="x-default">Old</r:li><r:li xml:lang="de">Alt</r:li></r:Alt></d:title>
 </r:Description></r:RDF></x:xmpmeta>{padding}<?xpacket end="w"?>"#
    );
    let mut segment = vec![0xFF, 0xE1];
    let body = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
    segment.extend((body.len() as u16 + 2).to_be_bytes());
    segment.extend(&body);
    let bytes = [&plain[..2], &segment, &plain[2..]].concat();
    let edit = MetadataEdit {
        title: Some(Some("New".to_owned())),
        keywords: Some(vec!["k".to_owned()]),
        ..MetadataEdit::default()
    };
    let new = edited(&bytes, &edit);
    assert_eq!(new.len(), bytes.len(), "it fits the padding");
    let text = String::from_utf8_lossy(&new);
    for kept in [
        r"q:Rating='2'",
        r#"my:thing="a &lt; b""#,
        r#"<r:li r:parseType="Resource"><my:deep>1</my:deep></r:li>"#,
        r#"<r:li xml:lang="de">Alt</r:li>"#,
        r#"<r:li xml:lang="x-default">New</r:li>"#,
        r#"xmlns:dc="http://purl.org/dc/elements/1.1/""#,
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(!text.contains("Old"));
    let new = edited(&bytes, &rating(5));
    assert!(String::from_utf8_lossy(&new).contains("q:Rating='5'"));
    assert_eq!(read(&new).metadata.title.as_deref(), Some("Old"));
}

#[test]
fn a_block_too_large_for_its_segment_is_refused() {
    let plain = drawn_files().remove(1).1;
    let edit = MetadataEdit {
        keywords: Some((0..100).map(|i| format!("{i}{}", "x".repeat(1000))).collect()),
        ..MetadataEdit::default()
    };
    let error = edit_bytes(Format::Jpeg, &plain, &edit).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotWritable);
}

#[test]
fn heif_is_changed_in_place_or_not_at_all() {
    let Some(photos) = photos() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut inside, mut beside) = (0, 0);
    for path in files_below(&photos) {
        let bytes = fs_err::read(&path).unwrap();
        let format = Format::sniff(&bytes);
        if !matches!(format, Some(Format::Heif | Format::Avif)) || !format.is_some_and(is_writable) {
            continue;
        }
        let Some(taken) = read(&bytes).metadata.taken_at else { continue };
        let copy = folder.path().join(path.file_name().unwrap());
        fs_err::write(&copy, &bytes).unwrap();
        let date = TakenEdit {
            local: "2020-02-03T04:05:06".to_owned(),
            subsec_nanos: taken.subsec_nanos,
            offset_minutes: taken.offset_minutes,
        };
        let edit = MetadataEdit { taken_at: Some(date), ..MetadataEdit::default() };
        let written = write_metadata(&copy, &edit, &WriteOptions::default()).unwrap();
        let new = fs_err::read(&copy).unwrap();
        assert_eq!(new.len(), bytes.len(), "{}", path.display());
        assert_eq!(read(&new).pixel_hash, read(&bytes).pixel_hash, "{}", path.display());
        assert_eq!(written.inspected.metadata.taken_at.unwrap().local, "2020-02-03T04:05:06");
        match written.place {
            Place::File => inside += 1,
            Place::Sidecar(sidecar) => {
                assert_eq!(new, bytes);
                fs_err::remove_file(sidecar).unwrap();
                beside += 1;
            }
        }
    }
    eprintln!("{inside} HEIF files changed in place, {beside} got a side file");
    assert!(inside > 0);
}

#[test]
fn bare_tiff_keeps_its_strips_where_they_are() {
    let plain = drawn_files().remove(4).1;
    let new = edited(&plain, &full_edit());
    // Only the offset of the first directory changed in what was there.
    assert_eq!(new[..4], plain[..4]);
    assert_eq!(new[8..plain.len()], plain[8..]);
    assert_eq!(pixels(&new), pixels(&plain));
}

/// A DNG as small as can be: a preview of 2 × 2 grey pixels, and a full picture of 4 × 4 in a sub-directory.
fn dng() -> (Vec<u8>, std::ops::Range<usize>) {
    let directory = |entries: &[(u16, u16, u32, u32)]| {
        let mut out = (entries.len() as u16).to_le_bytes().to_vec();
        for &(tag, kind, count, value) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(kind.to_le_bytes());
            out.extend(count.to_le_bytes());
            out.extend(value.to_le_bytes());
        }
        out.extend([0; 4]);
        out
    };
    let picture = |reduced: u32, side: u32, strip: u32| {
        vec![
            (0xFE, 4, 1, reduced),
            (0x100, 4, 1, side),
            (0x101, 4, 1, side),
            (0x102, 3, 1, 8),
            (0x103, 3, 1, 1),
            (0x106, 3, 1, 1),
            (0x111, 4, 1, strip),
            (0x115, 3, 1, 1),
            (0x116, 4, 1, side),
            (0x117, 4, 1, side * side),
        ]
    };
    let (first, second) = (8 + 2 + 12 * 12 + 4, 2 + 12 * 10 + 4);
    let strips = first + second;
    let mut primary = picture(1, 2, strips);
    primary.push((0x14A, 4, 1, first));
    primary.push((0xC612, 1, 4, 0x0401));
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(directory(&primary));
    bytes.extend(directory(&picture(0, 4, strips + 4)));
    bytes.extend(0..20_u8);
    (bytes, strips as usize..strips as usize + 20)
}

#[test]
fn dng_is_written_into_and_its_pixels_are_known() {
    let (bytes, strips) = dng();
    assert_eq!(Format::sniff(&bytes).map(Format::name), Some("dng"));
    let new = edited(&bytes, &full_edit());
    assert_eq!(new[strips.clone()], bytes[strips.clone()]);
    assert_eq!(read(&new).pixel_hash, read(&bytes).pixel_hash);
    assert_eq!((read(&new).metadata.width, read(&new).metadata.rating), (4, Some(4)));
    for at in strips {
        let mut changed = new.clone();
        changed[at] ^= 1;
        assert_ne!(read(&changed).pixel_hash, read(&new).pixel_hash);
    }
}

#[test]
fn a_tiff_whose_strips_are_not_all_there_gets_nothing_appended() {
    let (bytes, strips) = dng();
    // What is appended would become the rest of the picture.
    let cut = &bytes[..strips.end - 3];
    let error = edit_bytes(Format::sniff(cut).unwrap(), cut, &rating(3)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotWritable);
}

#[test]
fn a_raw_file_known_by_its_name_only_gets_a_side_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.nef");
    let tiff = drawn_files().remove(4).1;
    fs_err::write(&path, &tiff).unwrap();
    let written = write_metadata(&path, &rating(3), &WriteOptions::default()).unwrap();
    assert_eq!(written.place, Place::Sidecar(folder.path().join("a.nef.xmp")));
    assert_eq!(fs_err::read(&path).unwrap(), tiff);
}
