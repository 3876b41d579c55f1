//! The identity of a picture's coded data: what is hashed of each format, and what is left out.
//!
//! | format | hashed | left out |
//! | --- | --- | --- |
//! | JPEG | every segment of the first image but APPn and COM; APP14 `Adobe` is hashed, because its transform flag changes the colours | Exif, XMP, IPTC, ICC, comments; everything after the end-of-image marker (previews, MPF, trailers) |
//! | PNG | `IHDR`, `PLTE`, `tRNS`, the concatenated `IDAT`, animation chunks, colour chunks (`gAMA`, `cHRM`, `sRGB`, `iCCP`, `sBIT`, `cICP`) | text, `eXIf`, `tIME`, `pHYs` and others; checksums |
//! | WebP | `VP8 `, `VP8L`, `ALPH`, `ANIM`, `ANMF` | `VP8X` (its flags follow the metadata), `EXIF`, `XMP `, `ICCP` |
//! | GIF | everything but the two at the right, up to the trailer | comment extensions, application extensions other than looping |
//! | HEIF, AVIF | the data of the coded items (`hvc1`, `av01`, `grid`, `jpeg` …), without the property boxes | Exif and XMP items |
//! | JPEG XL, JPEG 2000 | code stream boxes (`jxlc`, `jxlp`, `jbrd`, `jp2c`, `jp2h`), or the whole bare stream | other boxes |
//! | TIFF, DNG | of every directory: strips, tiles or JPEG stream, and every tag that is not known to describe only | descriptions, dates, ratings, Exif, GPS, XMP, IPTC, orientation; where things lie |
//! | TIFF with old-style JPEG tables, with data that cannot be told for certain; raw but DNG, BMP, PSD, films, unknown | the whole file | – |
//!
//! A file in which no coded data is found is hashed whole, so that two broken files are never taken for one picture.

mod tiff;

use blake3::Hasher;
use tintype_core::PixelHash;

use crate::jpeg_stream::{Part, Segment, Segments};
use crate::metadata::{png_chunks, riff_chunks};
use crate::{Format, RawKind};

/// The pixel hash of a whole file of `format`.
pub(crate) fn of(format: Option<Format>, bytes: &[u8]) -> PixelHash {
    let mut hasher = Hasher::new();
    let found = match format {
        Some(Format::Jpeg) => jpeg(bytes, &mut hasher),
        Some(Format::Png) => png(bytes, &mut hasher),
        Some(Format::WebP) => webp(bytes, &mut hasher),
        Some(Format::Gif) => gif(bytes, &mut hasher),
        Some(Format::Tiff | Format::Raw(RawKind::Dng)) => tiff::hash(bytes, &mut hasher),
        Some(format @ (Format::Heif | Format::Avif | Format::Jxl | Format::Jp2)) => {
            let parts = crate::metadata::coded_parts(format, bytes);
            for part in &parts {
                feed(&mut hasher, part);
            }
            !parts.is_empty()
        }
        _ => false,
    };
    // What was fed before the doubt came does not matter: the whole file is hashed afresh.
    PixelHash(*if found { hasher.finalize() } else { blake3::hash(bytes) }.as_bytes())
}

/// Whether `new` has the pixel hash `hash`, which is that of `old`.
///
/// A JPEG mostly need not be hashed for that: where the segments in front of the first scan that count are the same,
/// and every byte from there on is, the two hashes are of the same bytes. Comparing is several times as fast, and at
/// least as certain.
pub(crate) fn is_of(hash: PixelHash, format: Format, old: &[u8], new: &[u8]) -> bool {
    format == Format::Jpeg && is_same_jpeg(old, new) || of(Some(format), new) == hash
}

fn is_same_jpeg(old: &[u8], new: &[u8]) -> bool {
    /// Bytes that count in front of the first scan, and where that begins.
    fn front(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut counted = Vec::new();
        for segment in Segments::headers(bytes) {
            match segment.part {
                Part::Scan => return Some((counted, segment.range.start)),
                Part::End => return None,
                _ if counts(&segment) => counted.extend_from_slice(&bytes[segment.range]),
                _ => {}
            }
        }
        None
    }
    match (front(old), front(new)) {
        (Some((before, old_scan)), Some((after, new_scan))) => {
            before == after && old[old_scan..] == new[new_scan..]
        }
        _ => false,
    }
}

/// Whether a segment belongs to the picture.
fn counts(segment: &Segment<'_>) -> bool {
    match segment.part {
        Part::Meta(0xEE) => segment.body.starts_with(b"Adobe"),
        Part::Meta(_) | Part::End => false,
        Part::Scan | Part::Frame | Part::Other | Part::Damaged => true,
    }
}

/// Hashes a part with its length, so that bytes cannot move between parts unseen.
fn feed(hasher: &mut Hasher, part: &[u8]) {
    hasher.update(&(part.len() as u64).to_le_bytes());
    hasher.update(part);
}

fn jpeg(bytes: &[u8], hasher: &mut Hasher) -> bool {
    let mut scans = 0;
    // Neighbouring segments are hashed in one go: the hash is fast on long runs only.
    let mut run = 0..0;
    for segment in Segments::new(bytes) {
        match segment.part {
            Part::End => break,
            Part::Scan => scans += 1,
            _ if !counts(&segment) => continue,
            _ => {}
        }
        if segment.range.start == run.end {
            run.end = segment.range.end;
        } else {
            hasher.update(&bytes[run]);
            run = segment.range;
        }
    }
    hasher.update(&bytes[run]);
    scans > 0
}

fn png(bytes: &[u8], hasher: &mut Hasher) -> bool {
    let mut coded = false;
    for (code, body) in png_chunks(bytes) {
        match &code {
            b"IDAT" => {
                // Without length: how the stream is cut into chunks does not matter.
                hasher.update(body);
                coded = true;
            }
            b"IHDR" | b"PLTE" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"iCCP" | b"sBIT" | b"cICP"
            | b"acTL" | b"fcTL" | b"fdAT" => {
                hasher.update(&code);
                feed(hasher, body);
            }
            b"IEND" => break,
            _ => {}
        }
    }
    coded
}

fn webp(bytes: &[u8], hasher: &mut Hasher) -> bool {
    let mut coded = false;
    for (code, body) in riff_chunks(bytes.get(12..).unwrap_or_default()) {
        if matches!(&code, b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF") {
            hasher.update(&code);
            feed(hasher, body);
            coded |= code != *b"ANIM" && code != *b"ALPH";
        }
    }
    coded
}

fn gif(bytes: &[u8], hasher: &mut Hasher) -> bool {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let Some(&flags) = bytes.get(10) else { return false };
    let mut at = 13 + table(flags);
    let Some(head) = bytes.get(6..at) else { return false };
    // Without the version: 87a becomes 89a when a comment is added.
    feed(hasher, head);
    let mut images = 0;
    loop {
        let start = at;
        let keep = match bytes.get(at) {
            Some(0x21) => {
                let label = bytes.get(at + 1);
                at += 2;
                let looping = bytes.get(at + 1..).is_some_and(|id| id.starts_with(b"NETSCAPE2.0"));
                !(label == Some(&0xFE) || label == Some(&0xFF) && !looping)
            }
            Some(0x2C) => {
                let Some(&flags) = bytes.get(at + 9) else { break };
                at += 10 + table(flags) + 1;
                images += 1;
                true
            }
            _ => break,
        };
        while let Some(&len) = bytes.get(at) {
            at += 1 + usize::from(len);
            if len == 0 {
                break;
            }
        }
        at = at.min(bytes.len());
        if keep {
            feed(hasher, &bytes[start.min(at)..at]);
        }
    }
    images > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A JPEG of segments, a scan, and what lies behind its end.
    fn jpeg_of(segments: &[(u8, &[u8])], scan: &[u8], behind: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        for (marker, body) in segments.iter().chain([&(0xDA, &b"header"[..])]) {
            bytes.extend([0xFF, *marker]);
            bytes.extend((body.len() as u16 + 2).to_be_bytes());
            bytes.extend(*body);
        }
        bytes.extend(scan);
        bytes.extend([0xFF, 0xD9]);
        bytes.extend(behind);
        bytes
    }

    #[test]
    fn comparing_jpegs_says_what_their_hashes_say() {
        let tables: (u8, &[u8]) = (0xDB, b"tables");
        let scan = b"\x01\xFF\x00\x02\xFF\xD0\x03".as_slice();
        let plain = jpeg_of(&[tables], scan, b"");
        let variants = [
            plain.clone(),
            jpeg_of(&[(0xE1, b"Exif\0\0more"), tables], scan, b""),
            jpeg_of(&[tables, (0xFE, b"a comment")], scan, b""),
            jpeg_of(&[tables], scan, b"another picture behind it"),
            jpeg_of(&[tables, (0xEE, b"Adobe\x64\x01")], scan, b""),
            jpeg_of(&[tables, (0xEE, b"Adobe\x64\x02")], scan, b""),
            jpeg_of(&[(0xDB, b"others")], scan, b""),
            jpeg_of(&[tables], b"\x01\xFF\x00\x02\xFF\xD0\x04", b""),
            jpeg_of(&[tables, tables], scan, b""),
            plain[..plain.len() - 3].to_vec(),
            plain[..4].to_vec(),
            vec![0xFF, 0xD8, 0xFF, 0xD9],
        ];
        let hash = |bytes: &[u8]| of(Some(Format::Jpeg), bytes);
        for old in &variants {
            for new in &variants {
                let is_same = hash(old) == hash(new);
                assert_eq!(is_of(hash(old), Format::Jpeg, old, new), is_same, "{old:?} {new:?}");
                assert!(is_same || !is_same_jpeg(old, new), "{old:?} {new:?}");
            }
        }
        assert!(is_same_jpeg(&variants[0], &variants[1]), "metadata does not count");
        assert!(!is_same_jpeg(&variants[0], &variants[3]), "what lies behind is not compared, but hashed");
    }
}
