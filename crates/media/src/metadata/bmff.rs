//! ISO base media boxes (ISO/IEC 14496-12): HEIF and AVIF items (23008-12), JPEG XL and JPEG 2000 containers,
//! QuickTime and MP4 films.

mod heif;
mod movie;

pub(crate) use heif::layout as heif_layout;

use super::draft::{Draft, Origin};
use super::{exif, xmp};
use crate::Format;
use crate::bytes::{be16, be32, be64, code};

/// More boxes than one level of a real file has.
const MAX_BOXES: usize = 4096;

/// One box: its type and its contents, cut where the data ends.
pub(crate) struct Box4<'a> {
    pub(crate) kind: [u8; 4],
    pub(crate) body: &'a [u8],
}

/// The boxes of one level.
pub(crate) fn boxes(data: &[u8]) -> impl Iterator<Item = Box4<'_>> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let kind = code(data, at + 4)?;
        let (head, size) = match be32(data, at)? {
            // To the end of the file.
            0 => (8, data.len() - at),
            1 => (16, usize::try_from(be64(data, at + 8)?).ok()?),
            size => (8, size as usize),
        };
        if size < head {
            return None;
        }
        let body = data.get(at + head..data.len().min(at.saturating_add(size)))?;
        at = at.saturating_add(size);
        Some(Box4 { kind, body })
    })
    .take(MAX_BOXES)
}

/// The contents of the first box of `kind`.
pub(crate) fn find(data: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    boxes(data).find(|found| found.kind == kind).map(|found| found.body)
}

/// The contents of the box at the end of a path of kinds.
pub(crate) fn path<'a>(data: &'a [u8], kinds: &[[u8; 4]]) -> Option<&'a [u8]> {
    kinds.iter().try_fold(data, |data, kind| find(data, *kind))
}

/// XMP in a `uuid` box of a film or JPEG 2000 (XMP part 3).
const XMP_UUID: [u8; 16] =
    [0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC];
/// Exif in a `uuid` box of JPEG 2000 ("JpgTiffExif->JP2").
const EXIF_UUID: &[u8; 16] = b"JpgTiffExif->JP2";
/// IPTC in a `uuid` box of JPEG 2000.
const IPTC_UUID: [u8; 16] =
    [0x33, 0xC7, 0xA4, 0xD2, 0xB8, 0x1D, 0x47, 0x23, 0xA0, 0xBA, 0xF1, 0xA3, 0xE0, 0x97, 0xAD, 0x38];

pub(crate) fn read(format: Format, bytes: &[u8], draft: &mut Draft) {
    match format {
        Format::Heif | Format::Avif => heif::read(bytes, draft),
        Format::Jxl => jxl(bytes, draft),
        Format::Jp2 => jp2(bytes, draft),
        _ => movie::read(bytes, draft),
    }
}

/// The coded picture data of a file, part by part, for the pixel hash. Empty when none is found.
pub(crate) fn coded_parts(format: Format, bytes: &[u8]) -> Vec<&[u8]> {
    match format {
        Format::Heif | Format::Avif => heif::coded_parts(bytes),
        _ if bytes.starts_with(&[0xFF]) => Vec::new(),
        _ => boxes(bytes)
            .filter(|found| matches!(&found.kind, b"jxlc" | b"jxlp" | b"jbrd" | b"jp2c" | b"jp2h"))
            .map(|found| found.body)
            .collect(),
    }
}

/// Where the metadata items of a HEIF or AVIF file lie; see [`heif::metadata_items`].
pub(crate) fn metadata_items(file: &[u8]) -> Vec<(bool, Vec<std::ops::Range<usize>>)> {
    heif::metadata_items(file)
}

/// What a `uuid` box holds, if it is metadata.
fn uuid(body: &[u8], draft: &mut Draft) {
    let Some((id, content)) = body.split_at_checked(16) else { return };
    if id == XMP_UUID {
        xmp::read(content, draft);
    } else if id == EXIF_UUID {
        exif::read(content.strip_prefix(b"Exif\0\0").unwrap_or(content), draft);
    } else if id == IPTC_UUID {
        super::iptc::read_iim(content, draft);
    }
}

/// JPEG 2000: the image header, or the code stream's own when there is no container.
fn jp2(bytes: &[u8], draft: &mut Draft) {
    // SIZ: Rsiz, then the extent of the reference grid and the offset of the image on it (ISO/IEC 15444-1 A.5.1).
    let siz = |stream: &[u8]| {
        let at = memchr::memmem::find(stream.get(..stream.len().min(256))?, &[0xFF, 0x51])?;
        let field = |i: usize| be32(stream, at + 6 + 4 * i);
        Some((field(0)?.checked_sub(field(2)?)?, field(1)?.checked_sub(field(3)?)?))
    };
    if bytes.starts_with(&[0xFF]) {
        draft.size.offer(Origin::Container, siz(bytes));
        return;
    }
    for found in boxes(bytes) {
        match &found.kind {
            b"jp2h" => {
                if let Some(header) = find(found.body, *b"ihdr") {
                    draft.size.offer(Origin::Container, be32(header, 4).zip(be32(header, 0)));
                }
                // Method 2: a restricted ICC profile after three bytes (I.5.3.3).
                if let Some([2, _, _, profile @ ..]) = find(found.body, *b"colr") {
                    draft.icc.get_or_insert_with(|| profile.to_vec());
                }
            }
            b"jp2c" => draft.size.offer(Origin::Other, siz(found.body)),
            b"uuid" => uuid(found.body, draft),
            b"xml " => xmp::read(found.body, draft),
            _ => {}
        }
    }
}

/// JPEG XL (ISO/IEC 18181-2): the code stream's size header; `Exif` and `xml ` boxes. Brotli-packed boxes (`brob`)
/// are not read.
fn jxl(bytes: &[u8], draft: &mut Draft) {
    if bytes.starts_with(&[0xFF, 0x0A]) {
        jxl_size(bytes, draft);
        return;
    }
    for found in boxes(bytes) {
        match &found.kind {
            b"jxlc" => jxl_size(found.body, draft),
            // Partial code streams begin with their index.
            b"jxlp" if be32(found.body, 0).is_some_and(|index| index << 1 == 0) => {
                jxl_size(found.body.get(4..).unwrap_or_default(), draft);
            }
            b"Exif" => {
                exif_with_offset(found.body, draft);
            }
            b"xml " => xmp::read(found.body, draft),
            _ => {}
        }
    }
}

/// Exif as HEIF and JPEG XL keep it: an offset to the TIFF header comes first.
fn exif_with_offset(body: &[u8], draft: &mut Draft) {
    let offset = be32(body, 0).map_or(0, |offset| offset as usize).saturating_add(4);
    let block = match body.get(offset..) {
        Some(block) if block.starts_with(b"II") || block.starts_with(b"MM") => block,
        // A wrong offset is common; the header is easy to find.
        _ => {
            let head = &body[..body.len().min(64)];
            let found = memchr::memmem::find(head, b"II*\0").or_else(|| memchr::memmem::find(head, b"MM\0*"));
            match found {
                Some(at) => &body[at..],
                None => return,
            }
        }
    };
    exif::read(block, draft);
}

/// The size header and orientation of a JPEG XL code stream (ISO/IEC 18181-1 §A.3, D.2): a stream of bits, least
/// significant first.
fn jxl_size(stream: &[u8], draft: &mut Draft) {
    let mut bits = Bits { data: stream.get(2..).unwrap_or_default(), at: 0 };
    let Some((width, height)) = size_header(&mut bits) else { return };
    // ImageMetadata: all_default, then extra_fields, then orientation − 1.
    let orientation = if bits.take(1) == Some(0) && bits.take(1) == Some(1) {
        bits.take(3).map(|o| o + 1)
    } else {
        Some(1)
    };
    draft.size.offer(Origin::Container, Some((width, height)));
    // The code stream's own orientation is what decoders apply; Exif's is for information.
    draft.orientation.offer(Origin::Container, orientation);
}

fn size_header(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    let small = bits.take(1)? == 1;
    let side = |bits: &mut Bits<'_>| -> Option<u32> {
        if small {
            return Some((bits.take(5)? + 1) * 8);
        }
        let len = [9, 13, 18, 30][bits.take(2)? as usize];
        Some(bits.take(len)? + 1)
    };
    let height = side(bits)?;
    let ratio = bits.take(3)?;
    let scaled = |over: u64, under: u64| u32::try_from(u64::from(height) * over / under).ok();
    let width = match ratio {
        0 => side(bits)?,
        1 => height,
        2 => scaled(12, 10)?,
        3 => scaled(4, 3)?,
        4 => scaled(3, 2)?,
        5 => scaled(16, 9)?,
        6 => scaled(5, 4)?,
        _ => scaled(2, 1)?,
    };
    Some((width, height))
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, len: usize) -> Option<u32> {
        (0..len).try_fold(0, |value, i| {
            let at = self.at;
            self.at += 1;
            Some(value | u32::from(*self.data.get(at / 8)? >> (at % 8) & 1) << i)
        })
    }
}

/// A full box's version and the rest after its flags.
fn full(body: &[u8]) -> Option<(u8, &[u8])> {
    Some((*body.first()?, body.get(4..)?))
}

/// A big-endian number of 0 to 8 bytes.
fn sized(data: &[u8], at: usize, len: usize) -> Option<u64> {
    match len {
        0 => Some(0),
        2 => be16(data, at).map(u64::from),
        4 => be32(data, at).map(u64::from),
        8 => be64(data, at),
        _ => None,
    }
}
