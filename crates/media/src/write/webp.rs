//! WebP (RFC 9649): the `EXIF` and `XMP ` chunks after the picture, the flags that announce them, and the length of the
//! whole. A file in the simple layout gets the extended header that metadata needs.

use super::block::{self, Kind};
use super::fields::{self, Role};
use super::splice::Splices;
use super::xmp::{self, Wrapping};
use super::{MetadataEdit, refused};
use crate::Error;
use crate::bytes::{le32, slice};
use crate::metadata::riff_chunks;

const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;

pub(super) fn edit(bytes: &[u8], wanted: &MetadataEdit) -> Result<Option<Vec<u8>>, Error> {
    let end = le32(bytes, 4).map_or(usize::MAX, |len| (len as usize).saturating_add(8));
    let Some(chunks) = bytes.get(12..end) else { return refused("the file is cut off") };
    let mut splices = Splices::default();
    let (mut header, mut coded_picture, mut had_exif, mut had_xmp, mut at) = (None, None, false, false, 12);
    for (code, body) in riff_chunks(chunks) {
        let range = at..(at + 8 + body.len() + (body.len() & 1)).min(end);
        at = range.end;
        if le32(bytes, range.start + 4) != u32::try_from(body.len()).ok() {
            return refused("a chunk is cut off");
        }
        match &code {
            b"VP8X" => header = Some(range.start + 8),
            b"VP8 " | b"VP8L" => coded_picture = coded_picture.or(Some((code, body))),
            b"EXIF" if !std::mem::replace(&mut had_exif, true) => {
                let block = body.strip_prefix(b"Exif\0\0").unwrap_or(body);
                if let Some(edited) = block::edit(block, wanted, Kind::Exif)? {
                    let prefix = &body[..body.len() - block.len()];
                    splices.replace(range, coded(*b"EXIF", &[prefix, &edited].concat())?);
                }
            }
            b"XMP " if !std::mem::replace(&mut had_xmp, true) => {
                if let Some(edited) = xmp::edit(body, &fields::xmp(wanted, Role::Beside))? {
                    splices.replace(range, coded(*b"XMP ", &edited)?);
                }
            }
            b"EXIF" | b"XMP " => return refused("the file has a metadata chunk twice"),
            _ => {}
        }
    }
    let mut flags = 0;
    if !had_exif && let Some(block) = block::create(wanted)? {
        splices.insert(end, coded(*b"EXIF", &block)?);
        flags |= EXIF;
    }
    if !had_xmp && let Some(packet) = xmp::create(&fields::xmp(wanted, Role::Beside), Wrapping::Packet)? {
        splices.insert(end, coded(*b"XMP ", &packet)?);
        flags |= XMP;
    }
    if splices.is_empty() {
        return Ok(None);
    }
    match header.and_then(|at| Some((at, *bytes.get(at)?))) {
        Some((at, held)) => splices.replace(at..at + 1, vec![held | flags]),
        None => splices.insert(12, extended_header(coded_picture, flags)?),
    }
    let growth = splices.growth_before(end);
    let len = (end - 8).checked_add_signed(growth).and_then(|len| u32::try_from(len).ok());
    let Some(len) = len else { return refused("the file would become too large for WebP") };
    splices.replace(4..8, len.to_le_bytes().to_vec());
    Ok(Some(splices.applied(bytes)))
}

/// `VP8X` for a file that has none: its canvas is its only frame.
fn extended_header(picture: Option<([u8; 4], &[u8])>, mut flags: u8) -> Result<Vec<u8>, Error> {
    let size = match picture {
        Some((code, body)) if &code == b"VP8L" && body.first() == Some(&0x2F) => le32(body, 1).map(|bits| {
            if bits >> 28 & 1 == 1 {
                flags |= ALPHA;
            }
            (bits & 0x3FFF, bits >> 14 & 0x3FFF)
        }),
        Some((_, body)) if slice(body, 3, 3) == Some(&[0x9D, 0x01, 0x2A]) => {
            // 14 bits each; the upper two of each number are a hint for scaling. The canvas counts from one.
            le32(body, 6)
                .and_then(|size| (size & 0x3FFF).checked_sub(1).zip((size >> 16 & 0x3FFF).checked_sub(1)))
        }
        _ => None,
    };
    let Some((width, height)) = size else { return refused("the frame header is damaged") };
    let mut body = vec![flags, 0, 0, 0];
    body.extend(&width.to_le_bytes()[..3]);
    body.extend(&height.to_le_bytes()[..3]);
    coded(*b"VP8X", &body)
}

/// A chunk, padded to even length.
fn coded(code: [u8; 4], body: &[u8]) -> Result<Vec<u8>, Error> {
    let Ok(len) = u32::try_from(body.len()) else { return refused("the metadata does not fit one chunk") };
    let mut out = code.to_vec();
    out.extend(len.to_le_bytes());
    out.extend(body);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    Ok(out)
}
