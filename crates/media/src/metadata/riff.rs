//! RIFF containers: WebP and AVI.

use super::date::Stamp;
use super::draft::{DateSource, Draft, Origin};
use super::{exif, xmp};
use crate::bytes::{code, le16, le24, le32, slice, text};

/// Walks the chunks of a RIFF file's body: four-letter code and contents, cut where the file ends.
pub(crate) fn chunks(data: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let code = code(data, at)?;
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

/// AVI: the main header (size, rate), the digitising date, `INFO` texts.
pub(crate) fn avi(bytes: &[u8], draft: &mut Draft) {
    for (code, body) in chunks(bytes.get(12..).unwrap_or_default()).take(1000) {
        list(code, body, 0, draft);
    }
}

fn list(code: [u8; 4], body: &[u8], depth: usize, draft: &mut Draft) {
    match &code {
        b"LIST" if depth < 4 && !body.starts_with(b"movi") => {
            chunks(body.get(4..).unwrap_or_default())
                .take(1000)
                .for_each(|(code, body)| list(code, body, depth + 1, draft));
        }
        b"avih" => {
            draft.size.offer(Origin::Container, le32(body, 32).zip(le32(body, 36)));
            let length = le32(body, 0).zip(le32(body, 16));
            draft.meta.duration_secs = length
                .map(|(micros, frames)| f64::from(micros) * f64::from(frames) / 1e6)
                .filter(|&secs| secs > 0.0);
        }
        b"IDIT" | b"ICRD" => draft.date(DateSource::RiffOriginal, riff_date(body)),
        b"INAM" => draft.title.offer(Origin::Other, "RIFF.Title", text(body)),
        b"ICMT" => draft.description.offer(Origin::Other, "RIFF.Comment", text(body)),
        b"_PMX" => xmp::read(body, draft),
        _ => {}
    }
}

/// Dates in the order of the standards, or as C prints them: `Mon Mar 10 15:04:43 2003`.
fn riff_date(body: &[u8]) -> Option<Stamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = text(body)?;
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    if let [_weekday, month, day, time, year, ..] = parts[..]
        && let Some(month) = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))
    {
        return Stamp::parse(format!("{year}:{:02}:{day:0>2} {time}", month + 1).as_bytes());
    }
    Stamp::parse(text.as_bytes())
}
