//! JPEG previews inside raw files.

use std::ops::Range;

use crate::bytes::be16;
use crate::jpeg_stream::{Part, Segments};

/// More start-of-image marks than a file has previews; sensor data can contain the three bytes by chance.
const MAX_CANDIDATES: usize = 4096;

/// The range of the JPEG with the most pixels in the file, from its first byte to the end of the file. Lossless
/// JPEG (the sensor data of many makers) does not count. A search through the bytes finds what each maker hides in
/// its own place: tags, maker notes, boxes.
pub(crate) fn largest(bytes: &[u8]) -> Option<Range<usize>> {
    let mut best: Option<(u64, usize)> = None;
    for at in memchr::memmem::find_iter(bytes, &[0xFF, 0xD8, 0xFF]).take(MAX_CANDIDATES) {
        let pixels = picture_pixels(&bytes[at..]).unwrap_or(0);
        if pixels > 0 && best.is_none_or(|(most, _at)| pixels > most) {
            best = Some((pixels, at));
        }
    }
    best.map(|(_pixels, at)| at..bytes.len())
}

/// The pixels of the JPEG at the start of `bytes`, if it is a Huffman-coded one of 8 bits with one or three
/// components and reaches its first scan.
fn picture_pixels(bytes: &[u8]) -> Option<u64> {
    let mut pixels = None;
    for segment in Segments::headers(bytes) {
        match segment.part {
            Part::Frame => {
                let baseline_or_progressive = matches!(segment.marker, 0xC0..=0xC2);
                if !baseline_or_progressive || segment.body.first() != Some(&8) {
                    return None;
                }
                if !matches!(segment.body.get(5), Some(1 | 3)) {
                    return None;
                }
                pixels = Some(u64::from(be16(segment.body, 3)?) * u64::from(be16(segment.body, 1)?));
            }
            Part::Scan => return pixels,
            Part::End | Part::Damaged => return None,
            Part::Meta(_) | Part::Other => {}
        }
    }
    None
}
