//! IPTC-IIM records (IIM 4.2) and the Photoshop image resources that hold them.

use super::date::Stamp;
use super::draft::{DateSource, Draft, Origin};
use super::{exif, xmp};
use crate::bytes::{be16, be32, slice, text};

/// Reads application record 2 of an IIM stream.
pub(crate) fn read_iim(data: &[u8], draft: &mut Draft) {
    let (mut at, mut date, mut time) = (0, None, None);
    // Some writers pad the stream in front.
    while data.get(at) == Some(&0) && at < 8 {
        at += 1;
    }
    while let Some(&[0x1C, record, dataset]) = slice(data, at, 3) {
        let Some(len) = be16(data, at + 3) else { break };
        // The top bit marks an extended length field, which only huge previews use: nothing of ours follows.
        if len & 0x8000 != 0 {
            break;
        }
        let Some(value) = slice(data, at + 5, usize::from(len)) else {
            draft.damaged("the IPTC record is cut off");
            break;
        };
        at += 5 + usize::from(len);
        if record != 2 {
            continue;
        }
        match dataset {
            5 => draft.title.offer(Origin::Iptc, "IPTC.ObjectName", text(value)),
            25 => {
                if let Some(keyword) = text(value) {
                    draft.keyword("IPTC.Keywords", &keyword);
                }
            }
            55 => date = Some(value),
            60 => time = Some(value),
            120 => draft.description.offer(Origin::Iptc, "IPTC.Caption-Abstract", text(value)),
            _ => {}
        }
    }
    if let Some(date) = date {
        // CCYYMMDD and HHMMSS±HHMM (IIM §6: 2:55, 2:60).
        let mut stamp = date.to_vec();
        if let Some(time) = time {
            stamp.push(b' ');
            stamp.extend_from_slice(time);
        }
        draft.date(DateSource::Iptc, Stamp::parse(&stamp));
    }
}

/// The image resources of Photoshop (`8BIM` blocks): number and contents.
pub(crate) fn photoshop_resources(data: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if !matches!(slice(data, at, 4)?, b"8BIM" | b"MeSa" | b"PHUT" | b"AgHg" | b"DCSR") {
            return None;
        }
        let (id, name) = (be16(data, at + 4)?, *data.get(at + 6)?);
        // The name is a Pascal string padded to even length, its length byte included.
        let body = at + 6 + (usize::from(name) + 1).next_multiple_of(2);
        let len = be32(data, body)? as usize;
        let value = slice(data, body + 4, len)?;
        at = body + 4 + len + (len & 1);
        Some((id, value))
    })
}

/// Reads Photoshop image resources: IPTC 0x0404, Exif 0x0422, XMP 0x0424, ICC 0x040F.
pub(crate) fn read_photoshop(data: &[u8], draft: &mut Draft) {
    for (id, value) in photoshop_resources(data) {
        match id {
            0x0404 => read_iim(value, draft),
            0x0422 => {
                exif::read(value, draft);
            }
            0x0424 => xmp::read(value, draft),
            0x040F => {
                draft.icc.get_or_insert_with(|| value.to_vec());
            }
            _ => {}
        }
    }
}
