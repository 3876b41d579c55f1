//! RIFF containers: WebP and AVI.

use super::draft::{Draft, Origin};
use super::{exif, xmp};
use crate::bytes::{le16, le24, le32, slice};

/// Walks the chunks of a RIFF file's body: four-letter code and contents, cut where the file ends.
pub(crate) fn chunks(data: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let code = *slice(data, at, 4)?.as_array::<4>()?;
        let len = le32(data, at + 4)? as usize;
        let start = at + 8;
        let body = &data[start..data.len().min(start.saturating_add(len))];
        at = start.saturating_add(len).saturating_add(len & 1);
        Some((code, body))
    })
}

/// WebP (RFC 9649): the canvas of `VP8X`, else the frame header of `VP8 ` or `VP8L`; `EXIF`, `XMP ` and `ICCP`.
pub(crate) fn webp(bytes: &[u8], draft: &mut Draft) {
    for (code, body) in chunks(bytes.get(12..).unwrap_or_default()) {
        match &code {
            b"VP8X" => {
                let size = le24(body, 4).zip(le24(body, 7)).map(|(w, h)| (w + 1, h + 1));
                draft.size.offer(Origin::Container, size);
            }
            b"VP8 " => {
                let size = le16(body, 6)
                    .zip(le16(body, 8))
                    .filter(|_| slice(body, 3, 3) == Some(&[0x9D, 0x01, 0x2A]));
                let size = size.map(|(w, h)| (u32::from(w & 0x3FFF), u32::from(h & 0x3FFF)));
                draft.size.offer(Origin::Other, size);
            }
            b"VP8L" => {
                let bits = le32(body, 1).filter(|_| body.first() == Some(&0x2F));
                draft.size.offer(Origin::Other, bits.map(|b| ((b & 0x3FFF) + 1, (b >> 14 & 0x3FFF) + 1)));
            }
            b"EXIF" => {
                // Some writers keep the prefix that JPEG needs.
                exif::read(body.strip_prefix(b"Exif\0\0").unwrap_or(body), draft);
            }
            b"XMP " => xmp::read(body, draft),
            b"ICCP" => draft.icc = draft.icc.take().or_else(|| Some(body.to_vec())),
            _ => {}
        }
    }
}

pub(crate) fn avi(_bytes: &[u8], _draft: &mut Draft) {}
