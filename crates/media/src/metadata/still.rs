//! Still formats with simple containers: JPEG, PNG, GIF, BMP, PSD.

use super::date::Stamp;
use super::draft::{DateSource, Draft, Origin};
use super::{exif, iptc, xmp};
use crate::bytes::{be16, be32, code, le16, le32, text};
use crate::jpeg_stream::{Part, Segments};

/// Most bytes that compressed metadata in a PNG may unfold to.
const MAX_INFLATED: usize = 16 << 20;

/// JPEG: the size of the frame header; Exif, XMP, Photoshop and ICC segments in front of the first scan.
pub(crate) fn jpeg(bytes: &[u8], draft: &mut Draft) {
    let mut had_exif = false;
    let mut profile: Vec<(u8, &[u8])> = Vec::new();
    for segment in Segments::headers(bytes) {
        match segment.part {
            Part::Frame => {
                let size = be16(segment.body, 3).zip(be16(segment.body, 1));
                draft.size.offer(Origin::Container, size.map(|(w, h)| (u32::from(w), u32::from(h))));
            }
            Part::Meta(0xE1) => {
                if let Some(block) = segment.body.strip_prefix(b"Exif\0") {
                    // The second byte is padding that a few writers get wrong; the first block counts.
                    if !had_exif {
                        had_exif = exif::read(block.get(1..).unwrap_or_default(), draft);
                    }
                } else if let Some(packet) = segment.body.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
                    xmp::read(packet, draft);
                }
            }
            Part::Meta(0xE2) => {
                if let Some([sequence, _total, chunk @ ..]) = segment.body.strip_prefix(b"ICC_PROFILE\0") {
                    profile.push((*sequence, chunk));
                }
            }
            Part::Meta(0xED) => {
                if let Some(resources) = segment.body.strip_prefix(b"Photoshop 3.0\0") {
                    iptc::read_photoshop(resources, draft);
                }
            }
            _ => {}
        }
    }
    if !profile.is_empty() {
        profile.sort_by_key(|(sequence, _chunk)| *sequence);
        draft.icc = Some(profile.into_iter().flat_map(|(_sequence, chunk)| chunk).copied().collect());
    }
}

/// PNG (third edition): `IHDR`, `eXIf`, `iCCP`, text chunks, `tIME`.
pub(crate) fn png(bytes: &[u8], draft: &mut Draft) {
    for (code, body) in png_chunks(bytes) {
        match &code {
            b"IHDR" => draft.size.offer(Origin::Container, be32(body, 0).zip(be32(body, 4))),
            b"eXIf" => {
                exif::read(body.strip_prefix(b"Exif\0\0").unwrap_or(body), draft);
            }
            b"iCCP" => {
                // Name, NUL, method 0, deflated profile.
                if let Some(nul) = memchr::memchr(0, body)
                    && let Some(profile) = body.get(nul + 2..).and_then(inflated)
                {
                    draft.icc = Some(profile);
                }
            }
            b"tEXt" | b"zTXt" | b"iTXt" => png_text(code, body, draft),
            b"tIME" => {
                if let &[y1, y0, month, day, hour, minute, second] = body {
                    let year = u16::from_be_bytes([y1, y0]);
                    let stamp = format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}Z");
                    draft.date(DateSource::PngTime, Stamp::parse(stamp.as_bytes()));
                }
            }
            b"IEND" => break,
            _ => {}
        }
    }
}

/// The chunks of a PNG: code and contents, cut where the file ends.
pub(crate) fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut at = 8_usize;
    std::iter::from_fn(move || {
        let len = be32(bytes, at)? as usize;
        let code = code(bytes, at + 4)?;
        let start = at + 8;
        let body = &bytes[start..bytes.len().min(start.saturating_add(len))];
        at = start.saturating_add(len).saturating_add(4);
        Some((code, body))
    })
}

fn png_text(code: [u8; 4], body: &[u8], draft: &mut Draft) {
    let Some(nul) = memchr::memchr(0, body) else { return };
    let (keyword, rest) = (&body[..nul], &body[nul + 1..]);
    let value: Vec<u8> = match &code {
        b"tEXt" => rest.to_vec(),
        b"zTXt" => match rest.get(1..).and_then(inflated) {
            Some(text) => text,
            None => return,
        },
        _ => {
            // Compression flag and method, language, translated keyword, text.
            let Some([flag, _method, rest @ ..]) = rest.get(..).filter(|rest| rest.len() >= 2) else {
                return;
            };
            let mut parts = rest.splitn(3, |&byte| byte == 0).skip(2);
            let Some(text) = parts.next() else { return };
            if *flag == 1 {
                match inflated(text) {
                    Some(text) => text,
                    None => return,
                }
            } else {
                text.to_vec()
            }
        }
    };
    match keyword {
        b"XML:com.adobe.xmp" => xmp::read(&value, draft),
        b"Title" => draft.title.offer(Origin::Other, "PNG.Title", text(&value)),
        b"Description" | b"Comment" => {
            draft.description.offer(Origin::Other, "PNG.Description", text(&value));
        }
        b"Creation Time" => draft.date(DateSource::XmpCreate, Stamp::parse(&value)),
        b"Raw profile type exif" | b"Raw profile type APP1" => {
            if let Some(raw) = raw_profile(&value) {
                if let Some(packet) = raw.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
                    xmp::read(packet, draft);
                } else {
                    exif::read(raw.strip_prefix(b"Exif\0\0").unwrap_or(&raw), draft);
                }
            }
        }
        b"Raw profile type iptc" => {
            if let Some(raw) = raw_profile(&value) {
                if raw.starts_with(b"8BIM") {
                    iptc::read_photoshop(&raw, draft);
                } else {
                    iptc::read_iim(&raw, draft);
                }
            }
        }
        b"Raw profile type xmp" => {
            if let Some(raw) = raw_profile(&value) {
                xmp::read(&raw, draft);
            }
        }
        _ => {}
    }
}

/// ImageMagick's way to keep binary profiles in text: a name, a length, then hexadecimal digits over many lines.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.trim_ascii_start().splitn(3, |&byte| byte == b'\n');
    let (_name, len, hex) = (lines.next()?, lines.next()?, lines.next()?);
    let len: usize = std::str::from_utf8(len).ok()?.trim().parse().ok()?;
    let digits: Vec<u8> = hex.iter().filter_map(|&c| char::from(c).to_digit(16)).map(|d| d as u8).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (bytes.len() >= len.min(bytes.len())).then_some(bytes)
}

/// Inflates zlib data up to [`MAX_INFLATED`].
pub(crate) fn inflated(data: &[u8]) -> Option<Vec<u8>> {
    use std::io::Read;
    let mut out = Vec::new();
    let limit = MAX_INFLATED as u64;
    let result = flate2::read::ZlibDecoder::new(data).take(limit).read_to_end(&mut out);
    (result.is_ok() || !out.is_empty()).then_some(out)
}

/// How an XMP application extension begins. The packet after it is not cut into blocks, so that a search for the
/// mark is also how Adobe's specification finds it.
const GIF_XMP: &[u8] = b"\x21\xFF\x0BXMP DataXMP";

/// GIF89a: the logical screen, and XMP in an application extension.
pub(crate) fn gif(bytes: &[u8], draft: &mut Draft) {
    let size = le16(bytes, 6).zip(le16(bytes, 8)).map(|(w, h)| (u32::from(w), u32::from(h)));
    draft.size.offer(Origin::Container, size);
    if let Some(at) = memchr::memmem::find(bytes, GIF_XMP) {
        let packet = &bytes[at + GIF_XMP.len()..];
        // It ends in a "magic trailer" counting down from 0xFF, so that block readers land on its last zero.
        let end = memchr::memmem::find(packet, b"\x01\xFF\xFE\xFD").unwrap_or(packet.len());
        xmp::read(&packet[..end], draft);
    }
}

/// Windows bitmap: the size in its header; negative heights mean top-down rows.
pub(crate) fn bmp(bytes: &[u8], draft: &mut Draft) {
    let size = if le32(bytes, 14) == Some(12) {
        le16(bytes, 18).zip(le16(bytes, 20)).map(|(w, h)| (u32::from(w), u32::from(h)))
    } else {
        le32(bytes, 18).zip(le32(bytes, 22)).map(|(w, h)| (w, h.cast_signed().unsigned_abs()))
    };
    draft.size.offer(Origin::Container, size);
}

/// Photoshop: the header, then the image resources.
pub(crate) fn psd(bytes: &[u8], draft: &mut Draft) {
    draft.size.offer(Origin::Container, be32(bytes, 18).zip(be32(bytes, 14)));
    let Some(colour_mode) = be32(bytes, 26) else { return };
    let at = 30_usize.saturating_add(colour_mode as usize);
    if let Some(len) = be32(bytes, at) {
        let end = bytes.len().min((at + 4).saturating_add(len as usize));
        iptc::read_photoshop(&bytes[at + 4..end], draft);
    }
}
