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

use crate::jpeg_stream::{Part, Segments};
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
            Part::Meta(0xEE) if segment.body.starts_with(b"Adobe") => {}
            Part::Meta(_) => continue,
            Part::End => break,
            Part::Scan => scans += 1,
            Part::Frame | Part::Other | Part::Damaged => {}
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
