//! Previews inside raw files: JPEG wherever the maker hid it, or plain RGB strips of a TIFF directory.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

use tintype_core::{ErrorCode, Orientation};
use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, jpeg, portrait};
use crate::bytes::be16;
use crate::jpeg_stream::{Part, Segments};
use crate::metadata::tiff::{Entry, Tiff, find};
use crate::picture::Base;
use crate::{Error, Inspected, RawKind};

/// More start-of-image marks than a file has previews; sensor data can contain the three bytes by chance.
const MAX_CANDIDATES: usize = 4096;
/// How many previews are tried when the largest ones turn out to be broken.
const MAX_TRIES: usize = 4;

/// A JPEG inside a file, from its first byte to the end of the file.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    width: u32,
    height: u32,
    at: usize,
}

impl Candidate {
    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// The range of the JPEG with the most pixels in the file, from its first byte to the end of the file.
pub(crate) fn largest(bytes: &[u8]) -> Option<Range<usize>> {
    candidates(bytes)
        .max_by_key(|found| (found.pixels(), Reverse(found.at)))
        .map(|found| found.at..bytes.len())
}

/// Every JPEG in the file. Lossless JPEG (the sensor data of many makers) does not count. A search through the bytes
/// finds what each maker hides in its own place: tags, maker notes, boxes.
fn candidates(bytes: &[u8]) -> impl Iterator<Item = Candidate> {
    memchr::memmem::find_iter(bytes, &[0xFF, 0xD8, 0xFF]).take(MAX_CANDIDATES).filter_map(|at| {
        let (width, height) = picture_size(&bytes[at..])?;
        Some(Candidate { width, height, at })
    })
}

/// Minolta overwrites the first byte of its previews.
fn minolta(bytes: &[u8]) -> impl Iterator<Item = Candidate> {
    memchr::memmem::find_iter(bytes, &[0xD8, 0xFF, 0xDB]).take(MAX_CANDIDATES).filter_map(|found| {
        let at = found.checked_sub(1)?;
        let (width, height) = picture_size(&bytes[at..])?;
        Some(Candidate { width, height, at })
    })
}

/// The size of the JPEG at the start of `bytes`, if it is a Huffman-coded one of 8 bits with one or three
/// components and reaches its first scan.
fn picture_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut size = None;
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
                size = Some((u32::from(be16(segment.body, 3)?), u32::from(be16(segment.body, 1)?)));
            }
            Part::Scan => return size.filter(|&(width, height)| width > 0 && height > 0),
            Part::End | Part::Damaged => return None,
            Part::Meta(_) | Part::Other => {}
        }
    }
    None
}

/// The best preview of a raw file: the one with the most pixels that can be decoded.
pub(super) fn decode(
    photo: &Inspected,
    kind: RawKind,
    bytes: &[u8],
    request: &DecodeRequest,
) -> Result<Decoded, Error> {
    let mut found: Vec<Candidate> = candidates(bytes).collect();
    if kind == RawKind::Mrw {
        found.extend(minolta(bytes));
    }
    found.sort_by_key(|found| (Reverse(found.pixels()), found.at));
    let (mut first_failure, mut cut) = (None, None::<Decoded>);
    let strips = Strips::largest(bytes);
    for preview in found.iter().take(MAX_TRIES) {
        if strips.as_ref().is_some_and(|strips| strips.pixels() > preview.pixels()) {
            break;
        }
        let mut data = Cow::Borrowed(&bytes[preview.at..]);
        if data.first() != Some(&0xFF) {
            data.to_mut()[0] = 0xFF;
        }
        match jpeg(&data, request, None) {
            Ok(decoded) => {
                let mut decoded = labelled(decoded, (preview.width, preview.height), photo);
                if is_cut(&decoded) {
                    cut = cut.or(Some(decoded));
                    continue;
                }
                // A whole picture, if smaller, rather than the upper part of a large one; that the file is cut stays said.
                decoded.issues.extend(cut.map(|cut| cut.issues).unwrap_or_default());
                return Ok(decoded);
            }
            Err(error) => first_failure = first_failure.or(Some(error)),
        }
    }
    if let Some(cut) = cut {
        return Ok(cut);
    }
    if let Some((strips, image)) = strips.and_then(|strips| strips.read(bytes).map(|image| (strips, image))) {
        let decoded = Decoded {
            base: Base::Rgb(image),
            decoder: "".into(),
            issues: Vec::new(),
            managed: true,
            upright: false,
        };
        return Ok(labelled(decoded, (strips.width, strips.height), photo));
    }
    Err(first_failure.unwrap_or_else(|| Error::NotDecodable {
        format: crate::Format::Raw(kind).name(),
        detail: "the raw file carries no preview that can be decoded, and sensor data is not developed"
            .to_owned(),
    }))
}

fn is_cut(decoded: &Decoded) -> bool {
    decoded.issues.iter().any(|issue| issue.code == ErrorCode::TruncatedImage)
}

/// Says that a preview made the pixels, of which size, and which way up they are.
fn labelled(decoded: Decoded, (width, height): (u32, u32), photo: &Inspected) -> Decoded {
    let (meta, orientation) = (&photo.metadata, photo.metadata.orientation);
    // A few writers turn the preview upright and leave the raw data's orientation. Where axes swap, the shape tells.
    let swaps = Orientation::from_exif(5).exif() <= orientation.exif();
    let upright = swaps
        && portrait(width, height).is_some()
        && portrait(width, height) == portrait(meta.width, meta.height);
    Decoded {
        decoder: format!("embedded preview {width} × {height}").into(),
        // Previews are sRGB or tagged inside; the profile of the raw file is for its sensor data.
        managed: true,
        upright,
        ..decoded
    }
}

/// An uncompressed RGB picture in a TIFF directory, as some DNG and NEF files keep their thumbnail.
struct Strips {
    width: u32,
    height: u32,
    rows_per_strip: u32,
    offsets: Vec<u64>,
}

impl Strips {
    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    fn largest(bytes: &[u8]) -> Option<Self> {
        let tiff = Tiff::open(bytes)?;
        let chain = tiff.chain();
        let children: Vec<_> = chain
            .iter()
            .filter_map(|entries| find(entries, 0x014A))
            .flat_map(|entry| tiff.children(entry))
            .collect();
        chain
            .iter()
            .chain(&children)
            .filter_map(|entries| Self::of(entries, bytes.len() as u64))
            .max_by_key(Self::pixels)
    }

    /// The picture of a directory: 8-bit RGB, interleaved, uncompressed, inside the file.
    fn of(entries: &[Entry<'_>], file_len: u64) -> Option<Self> {
        let value = |tag: u16, i: usize| find(entries, tag)?.unsigned(i);
        let side = |tag| value(tag, 0).and_then(|side| u32::try_from(side).ok()).filter(|&side| side > 0);
        let (width, height) = (side(0x100)?, side(0x101)?);
        let plain = value(0x103, 0).unwrap_or(1) == 1
            && value(0x106, 0) == Some(2)
            && value(0x115, 0) == Some(3)
            && (0..3).all(|i| value(0x102, i) == Some(8))
            && value(0x11C, 0).unwrap_or(1) == 1;
        if !plain || u64::from(width) * u64::from(height) * 3 > file_len {
            return None;
        }
        let rows_per_strip = side(0x116).unwrap_or(height).min(height);
        let count = height.div_ceil(rows_per_strip) as usize;
        let offsets: Vec<u64> = (0..count).map_while(|i| value(0x111, i)).collect();
        (offsets.len() == count).then_some(Self { width, height, rows_per_strip, offsets })
    }

    fn read(&self, bytes: &[u8]) -> Option<RgbImage> {
        let row = self.width as usize * 3;
        let mut data = Vec::with_capacity(row * self.height as usize);
        let mut left = self.height;
        for &offset in &self.offsets {
            let rows = self.rows_per_strip.min(left);
            left -= rows;
            let start = usize::try_from(offset).ok()?;
            data.extend_from_slice(bytes.get(start..start.checked_add(row * rows as usize)?)?);
        }
        RgbImage::new(self.width, self.height, data)
    }
}
