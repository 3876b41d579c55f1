//! PNG: the `eXIf` chunk and the `iTXt` chunk that holds XMP. New ones come right after the header, so that they are
//! read before older ways to say the same.

use std::ops::Range;

use super::block::{self, Kind};
use super::fields::{self, Role};
use super::splice::Splices;
use super::xmp::{self, Wrapping};
use super::{MetadataEdit, refused};
use crate::Error;
use crate::metadata::{inflated, png_chunks};

/// Keyword, no compression, no language, no translated keyword.
const XMP_HEAD: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";

pub(super) fn edit(bytes: &[u8], wanted: &MetadataEdit) -> Result<Option<Vec<u8>>, Error> {
    let mut splices = Splices::default();
    let (mut had_exif, mut packets, mut start, mut at) = (false, 0, None, 8);
    for (code, body) in png_chunks(bytes) {
        let range = at..at + 12 + body.len();
        at = range.end;
        if range.end > bytes.len() {
            return refused("the file is cut off");
        }
        match &code {
            b"IHDR" => start = Some(range.end),
            b"eXIf" => {
                if std::mem::replace(&mut had_exif, true) {
                    return refused("the file has several Exif chunks");
                }
                let block = body.strip_prefix(b"Exif\0\0").unwrap_or(body);
                if let Some(edited) = block::edit(block, wanted, Kind::Exif)? {
                    let prefix = &body[..body.len() - block.len()];
                    splices.replace(range, coded(*b"eXIf", prefix, &edited)?);
                }
            }
            b"iTXt" if body.starts_with(b"XML:com.adobe.xmp\0") => {
                let role = if packets == 0 { Role::Beside } else { Role::Extra };
                packets += 1;
                edit_packet(body, range, wanted, role, &mut splices)?;
            }
            b"IEND" => break,
            _ => {}
        }
    }
    let Some(start) = start else { return refused("the header is missing") };
    if !had_exif && let Some(block) = block::create(wanted)? {
        splices.insert(start, coded(*b"eXIf", &[], &block)?);
    }
    if packets == 0
        && let Some(packet) = xmp::create(&fields::xmp(wanted, Role::Beside), Wrapping::Packet)?
    {
        splices.insert(start, coded(*b"iTXt", XMP_HEAD, &packet)?);
    }
    Ok((!splices.is_empty()).then(|| splices.applied(bytes)))
}

fn edit_packet(
    body: &[u8],
    range: Range<usize>,
    wanted: &MetadataEdit,
    role: Role,
    splices: &mut Splices,
) -> Result<(), Error> {
    let Some([flag, _method, rest @ ..]) = body.get(b"XML:com.adobe.xmp\0".len()..) else {
        return refused("the XMP chunk is damaged");
    };
    let Some(text) = rest.splitn(3, |&byte| byte == 0).nth(2) else {
        return refused("the XMP chunk is damaged");
    };
    let properties = fields::xmp(wanted, role);
    let edited = if *flag == 0 {
        xmp::edit(text, &properties)?
    } else {
        let Some(packet) = inflated(text) else { return refused("the XMP chunk is damaged") };
        xmp::edit(&packet, &properties)?
    };
    if let Some(edited) = edited {
        // A compressed packet is written plain, as the XMP specification asks for.
        let head = if *flag == 0 { &body[..body.len() - text.len()] } else { XMP_HEAD };
        splices.replace(range, coded(*b"iTXt", head, &edited)?);
    }
    Ok(())
}

/// A chunk with its checksum.
fn coded(code: [u8; 4], prefix: &[u8], body: &[u8]) -> Result<Vec<u8>, Error> {
    let len = i32::try_from(prefix.len() + body.len());
    let Ok(len) = len else { return refused("the metadata does not fit one chunk (2 GiB)") };
    let mut out = len.to_be_bytes().to_vec();
    out.extend(code);
    out.extend(prefix);
    out.extend(body);
    let mut crc = flate2::Crc::new();
    crc.update(&out[4..]);
    out.extend(crc.sum().to_be_bytes());
    Ok(out)
}
