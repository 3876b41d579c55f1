//! Photoshop documents: the merged picture that Photoshop keeps beside the layers, else the thumbnail (Adobe
//! Photoshop File Formats Specification).

use tintype_core::{ErrorCode, Issue, Stage};
use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, jpeg};
use crate::bytes::{be16, be32, be64, slice};
use crate::metadata::photoshop_resources;
use crate::picture::Base;
use crate::{Error, colour};

/// Bytes that decoding a pixel takes at most: four planes, the same interleaved, and the result.
pub(super) const BYTES_PER_PIXEL: u64 = 4 + 4 + 3;

/// `Thumbnail Resource`: a header of 28 bytes and a JPEG.
const THUMBNAIL: u16 = 0x040C;
/// `Version Info`: whether there is a real merged picture, after four bytes of version.
const VERSION_INFO: u16 = 0x0421;

/// The colour modes that are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Bitmap,
    /// Grey, and duotones, whose inks are left out as the specification advises.
    Gray,
    Indexed,
    Rgb,
    Cmyk,
}

/// The header and where the parts of the document lie.
struct Document<'a> {
    width: u32,
    height: u32,
    depth: u16,
    mode: Option<Mode>,
    /// Row lengths are of four bytes instead of two.
    is_large: bool,
    channels: u16,
    palette: &'a [u8],
    resources: &'a [u8],
    merged: &'a [u8],
}

impl<'a> Document<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let is_large = be16(bytes, 4)? == 2;
        let mode = match be16(bytes, 24)? {
            0 => Some(Mode::Bitmap),
            1 | 8 => Some(Mode::Gray),
            2 => Some(Mode::Indexed),
            3 => Some(Mode::Rgb),
            4 => Some(Mode::Cmyk),
            _ => None,
        };
        let palette = slice(bytes, 30, be32(bytes, 26)? as usize)?;
        let at = 30 + palette.len();
        let resources = slice(bytes, at + 4, be32(bytes, at)? as usize)?;
        let at = at + 4 + resources.len();
        // What is left after the layers; nothing when the file ends early.
        let (head, layers) =
            if is_large { (8, be64(bytes, at)) } else { (4, be32(bytes, at).map(u64::from)) };
        let start = layers.and_then(|len| usize::try_from(len).ok()?.checked_add(at + head));
        Some(Self {
            width: be32(bytes, 18)?,
            height: be32(bytes, 14)?,
            depth: be16(bytes, 22)?,
            mode,
            is_large,
            channels: be16(bytes, 12)?,
            palette,
            resources,
            merged: start.and_then(|start| bytes.get(start..)).unwrap_or_default(),
        })
    }
}

pub(super) fn decode(bytes: &[u8], request: &DecodeRequest, icc: Option<&[u8]>) -> Result<Decoded, Error> {
    let Some(document) = Document::open(bytes) else {
        return Err(Error::Truncated { detail: "the document ends in its header".to_owned() });
    };
    let pixels = u64::from(document.width) * u64::from(document.height);
    if pixels == 0 || pixels > request.limits.max_pixels {
        return Err(Error::TooLarge { detail: format!("{} × {} pixels", document.width, document.height) });
    }
    let resource = |wanted: u16| {
        photoshop_resources(document.resources).find(|(id, _body)| *id == wanted).map(|(_id, body)| body)
    };
    let has_merged = resource(VERSION_INFO).and_then(|info| info.get(4)) != Some(&0);
    if has_merged && let Some(decoded) = merged(&document, icc) {
        return Ok(decoded);
    }
    let thumbnail = resource(THUMBNAIL).and_then(|body| body.get(28..));
    let Some(thumbnail) = thumbnail else {
        let detail = match document.mode {
            Some(_) if !has_merged => {
                "saved without a merged picture (\"maximise compatibility\") or thumbnail"
            }
            Some(_) => "the merged picture is of a depth or packing that is not decoded",
            None => "a colour mode that is not decoded, without thumbnail",
        };
        return Err(Error::NotDecodable { format: "psd", detail: detail.to_owned() });
    };
    let mut decoded = jpeg(thumbnail, request, None)?;
    decoded.decoder = "photoshop thumbnail".into();
    Ok(decoded)
}

fn merged(document: &Document<'_>, icc: Option<&[u8]>) -> Option<Decoded> {
    let mode = document.mode?;
    let wanted = match mode {
        Mode::Bitmap | Mode::Gray | Mode::Indexed => 1,
        Mode::Rgb => 3,
        Mode::Cmyk => 4,
    };
    let known_depth =
        if mode == Mode::Bitmap { document.depth == 1 } else { matches!(document.depth, 8 | 16) };
    if !known_depth || document.channels < wanted {
        return None;
    }
    let rows = Rows::open(document)?;
    let (width, height) = (document.width as usize, document.height as usize);
    // White, where the file ends early: 255 in every mode but bitmap (1 is black) and indexed.
    let mut planes = vec![if mode == Mode::Bitmap { 0 } else { 255 }; width * height * usize::from(wanted)];
    let mut row = Vec::new();
    let mut whole = true;
    for (out, at) in planes.chunks_exact_mut(width).zip(0..) {
        if !rows.read(at, &mut row) {
            whole = false;
            break;
        }
        match document.depth {
            1 => {
                for (x, pixel) in out.iter_mut().enumerate() {
                    *pixel = row[x / 8] >> (7 - x % 8) & 1;
                }
            }
            8 => out.copy_from_slice(&row[..width]),
            // The high byte of each sample.
            _ => out.iter_mut().zip(row.chunks_exact(2)).for_each(|(pixel, sample)| *pixel = sample[0]),
        }
    }
    let plane = |i: usize| &planes[i * width * height..(i + 1) * width * height];
    let (width, height) = (document.width, document.height);
    let gray = |value: u8| [value; 3];
    let data: Vec<u8> = match mode {
        Mode::Bitmap => plane(0).iter().flat_map(|&bit| gray(if bit == 1 { 0 } else { 255 })).collect(),
        Mode::Gray => plane(0).iter().flat_map(|&value| gray(value)).collect(),
        Mode::Indexed => {
            // All reds, then all greens, then all blues.
            let entry =
                |i: u8, c: usize| document.palette.get(c * 256 + usize::from(i)).copied().unwrap_or(0);
            plane(0).iter().flat_map(|&i| [0, 1, 2].map(|c| entry(i, c))).collect()
        }
        Mode::Rgb => {
            let (red, green, blue) = (plane(0), plane(1), plane(2));
            red.iter().zip(green).zip(blue).flat_map(|((&r, &g), &b)| [r, g, b]).collect()
        }
        Mode::Cmyk => {
            // No ink is 255.
            let ink = |c: usize| plane(c).iter().map(|value| 255 - value);
            let mixed = ink(0).zip(ink(1)).zip(ink(2)).zip(ink(3));
            mixed.flat_map(|(((c, m), y), k)| [c, m, y, k]).collect()
        }
    };
    let image = if mode == Mode::Cmyk {
        colour::cmyk_to_srgb(&data, width, height, icc)
    } else {
        RgbImage::new(width, height, data)?
    };
    let mut issues = Vec::new();
    if !whole {
        let detail = "the file ends before the last row of the merged picture";
        issues.push(Issue::new(Stage::Decode, ErrorCode::TruncatedImage, detail));
    }
    let managed = matches!(mode, Mode::Cmyk | Mode::Indexed | Mode::Bitmap);
    Some(Decoded { base: Base::Rgb(image), decoder: "photoshop".into(), issues, managed, upright: false })
}

/// The rows of the merged picture, channel after channel.
struct Rows<'a> {
    data: &'a [u8],
    /// Where each packed row lies in `data`; `None` when rows are not packed.
    packed: Option<Vec<(usize, usize)>>,
    len: usize,
}

impl<'a> Rows<'a> {
    fn open(document: &Document<'a>) -> Option<Self> {
        let compression = be16(document.merged, 0)?;
        let body = document.merged.get(2..)?;
        let len = (document.width as usize * usize::from(document.depth)).div_ceil(8);
        match compression {
            0 => Some(Self { data: body, packed: None, len }),
            1 => {
                let count = document.height as usize * usize::from(document.channels);
                let step = if document.is_large { 4 } else { 2 };
                let lengths = body.get(..count.checked_mul(step)?)?;
                let data = &body[lengths.len()..];
                let mut at = 0_usize;
                let mut packed = Vec::with_capacity(count);
                for i in 0..count {
                    let length = if document.is_large {
                        be32(lengths, i * 4)? as usize
                    } else {
                        usize::from(be16(lengths, i * 2)?)
                    };
                    packed.push((at, length));
                    at = at.checked_add(length)?;
                }
                Some(Self { data, packed: Some(packed), len })
            }
            _ => None,
        }
    }

    /// Puts row `at` into `row`; false when the data ends before it does.
    fn read(&self, at: usize, row: &mut Vec<u8>) -> bool {
        row.clear();
        match &self.packed {
            None => match at.checked_mul(self.len).and_then(|start| slice(self.data, start, self.len)) {
                Some(data) => row.extend_from_slice(data),
                None => return false,
            },
            Some(packed) => {
                let Some(data) = packed.get(at).and_then(|&(start, len)| slice(self.data, start, len)) else {
                    return false;
                };
                unpack(data, self.len, row);
                row.resize(self.len, 0);
            }
        }
        true
    }
}

/// PackBits (TIFF 6.0 §9), up to `len` bytes.
fn unpack(mut data: &[u8], len: usize, out: &mut Vec<u8>) {
    while let [head, rest @ ..] = data
        && out.len() < len
    {
        let room = len - out.len();
        match head.cast_signed() {
            -128 => data = rest,
            run @ -127..=-1 => {
                let Some((&value, rest)) = rest.split_first() else { return };
                out.resize(out.len() + room.min(1 - isize::from(run) as usize), value);
                data = rest;
            }
            literal => {
                let count = (literal as usize + 1).min(rest.len());
                out.extend_from_slice(&rest[..count.min(room)]);
                data = &rest[count..];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rows_unfold_as_the_standard_shows() {
        // The example of TIFF 6.0 §9.
        let packed =
            [0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA];
        let mut out = Vec::new();
        unpack(&packed, 24, &mut out);
        let mut expected =
            vec![0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22];
        expected.extend([0xAA; 10]);
        assert_eq!(out, expected);
        out.clear();
        unpack(&[0x81, 7, 0x7F, 1], 20, &mut out);
        assert_eq!(out, [7; 20]);
    }
}
