//! JPEG by libjpeg-turbo, scaled while decoding, as planes.

use tintype_core::{ErrorCode, Issue, Stage};
use turbojpeg::{Colorspace, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp, YuvImage};

use super::{DecodeRequest, Decoded, scale_eighths};
use crate::jpeg_stream::{Part, Segments};
use crate::picture::Base;
use crate::planes::{Plane, Planes};
use crate::{Error, colour};

/// How many pixels of scans one decode may visit: about ten seconds' worth. A progressive file has ten scans or so,
/// a malicious one thousands (libjpeg-turbo's note "Two issues with the JPEG standard").
const SCAN_PIXELS: u64 = 2_000_000_000;

fn failed(error: &turbojpeg::Error) -> Error {
    Error::Decoder { decoder: "libjpeg-turbo", detail: error.to_string() }
}

pub(super) fn decode(bytes: &[u8], request: &DecodeRequest, icc: Option<&[u8]>) -> Result<Decoded, Error> {
    let mut decompressor = Decompressor::new().map_err(|error| failed(&error))?;
    let header = decompressor.read_header(bytes).map_err(|error| failed(&error))?;
    let pixels = header.width as u64 * header.height as u64;
    if pixels == 0 || pixels > request.limits.max_pixels {
        let detail = format!("{} × {} pixels", header.width, header.height);
        return Err(Error::TooLarge { detail });
    }
    let scans = (SCAN_PIXELS / pixels).clamp(16, 200) as u32;
    decompressor.set_scan_limit(scans).map_err(|error| failed(&error))?;
    let eighths = if header.is_lossless {
        8
    } else {
        scale_eighths(header.width.max(header.height) as u32, request.long_side)
    };
    let factor = ScalingFactor::new(eighths as usize, 8);
    decompressor.set_scaling_factor(factor).map_err(|error| failed(&error))?;
    let (width, height) = (factor.scale(header.width), factor.scale(header.height));
    let decoder = match eighths {
        1 => "libjpeg-turbo 1/8",
        2 => "libjpeg-turbo 1/4",
        3 => "libjpeg-turbo 3/8",
        4 => "libjpeg-turbo 1/2",
        _ => "libjpeg-turbo",
    };
    let (base, outcome, managed) = match header.colorspace {
        Colorspace::CMYK | Colorspace::YCCK => {
            let mut ink = vec![0; width * height * 4];
            let image =
                Image { pixels: &mut ink[..], width, pitch: width * 4, height, format: PixelFormat::CMYK };
            let outcome = decompressor.decompress(bytes, image);
            // Adobe writes CMYK upside down, and everyone who writes CMYK writes as Adobe.
            if has_adobe(bytes) {
                for ink in &mut ink {
                    *ink = 255 - *ink;
                }
            }
            let image = colour::cmyk_to_srgb(&ink, width as u32, height as u32, icc);
            (Base::Rgb(image), outcome, true)
        }
        Colorspace::RGB => {
            let mut data = vec![0; width * height * 3];
            let image =
                Image { pixels: &mut data[..], width, pitch: width * 3, height, format: PixelFormat::RGB };
            let outcome = decompressor.decompress(bytes, image);
            let image = tintype_vision::RgbImage::new(width as u32, height as u32, data);
            let Some(image) = image else { return Err(Error::NotAnImage { detail: "size".to_owned() }) };
            (Base::Rgb(image), outcome, false)
        }
        _ => {
            let (planes, outcome) = planes(&mut decompressor, bytes, width, height, header.subsamp)?;
            (Base::Planes(planes), outcome, false)
        }
    };
    let mut issues = Vec::new();
    if let Err(error) = outcome {
        issues.push(as_warning(&error)?);
    }
    Ok(Decoded { base, decoder: decoder.into(), issues, managed, upright: false })
}

fn planes(
    decompressor: &mut Decompressor,
    bytes: &[u8],
    width: usize,
    height: usize,
    subsamp: Subsamp,
) -> Result<(Planes, turbojpeg::Result<()>), Error> {
    let len = turbojpeg::yuv_pixels_len(width, 1, height, subsamp).map_err(|error| failed(&error))?;
    // Grey, so that what a truncated file does not hold looks as decoders usually show it.
    let mut image = YuvImage { pixels: vec![128; len], width, align: 1, height, subsamp };
    let outcome = decompressor.decompress_to_yuv(bytes, image.as_deref_mut());
    let (y_w, y_h) = image.y_size();
    let mut pixels = image.pixels;
    let chroma = if subsamp == Subsamp::Gray {
        None
    } else {
        let image = YuvImage { pixels: (), width, align: 1, height, subsamp };
        let (w, h) = image.uv_size();
        let mut cb = pixels.split_off(y_w * y_h);
        let cr = cb.split_off(w * h);
        Some([cb, cr].map(|data| Plane { width: w as u32, height: h as u32, data }))
    };
    // Subsampled pictures of odd size come with a column or row too many.
    if y_w != width {
        for y in 1..height {
            pixels.copy_within(y * y_w..y * y_w + width, y * width);
        }
    }
    pixels.truncate(width * height);
    Ok((Planes { y: Plane { width: width as u32, height: height as u32, data: pixels }, chroma }, outcome))
}

/// Damage after which libjpeg goes on and gives what it has. The crate reports warnings as errors, and only the
/// text tells them apart (`jerror.h`, the `JWRN_` messages).
fn as_warning(error: &turbojpeg::Error) -> Result<Issue, Error> {
    let turbojpeg::Error::TurboJpegError(text) = error else { return Err(failed(error)) };
    let has = |part: &str| text.contains(part);
    if has("Premature end of") {
        return Ok(Issue::new(Stage::Decode, ErrorCode::TruncatedImage, text.clone()));
    }
    let warning = has("Corrupt JPEG data")
        || has("Inconsistent progression sequence")
        || has("Unknown Adobe color transform")
        || has("Invalid SOS parameters")
        || has("unknown JFIF revision")
        || has("Invalid ICC profile");
    if warning {
        Ok(Issue::new(Stage::Decode, ErrorCode::InvalidImage, text.clone()))
    } else {
        Err(failed(error))
    }
}

fn has_adobe(bytes: &[u8]) -> bool {
    Segments::headers(bytes)
        .take_while(|segment| segment.part != Part::Scan)
        .any(|segment| segment.part == Part::Meta(0xEE) && segment.body.starts_with(b"Adobe"))
}
