//! Bytes to pixels, at the scale that is needed.

#[cfg(feature = "turbo")]
mod jpeg_turbo;
mod preview;
mod raster;

pub(crate) use preview::largest as largest_preview;

use std::panic::{AssertUnwindSafe, catch_unwind};

use tintype_core::{ErrorCode, Issue, Orientation, Stage};
use tintype_vision::resize::{fit_within, resize_rgb};

use crate::bytes::be16;
use crate::jpeg_stream::{Part, Segments};
use crate::picture::{Base, Picture};
use crate::planes::to_rgb;
use crate::{Error, Format, Inspected, Limits, colour};

/// The version of this set of decoders. It is kept with what was made from decoded pixels.
pub const DECODERS: &str = "media@1";

/// What to decode.
#[derive(Debug, Clone)]
pub struct DecodeRequest {
    /// The smallest long side wanted, in pixels. The decoder may give more; less only if the photo is smaller.
    pub long_side: u32,
    /// What the decode may cost.
    pub limits: Limits,
}

/// The library that decodes JPEG in this build.
pub fn jpeg_backend() -> &'static str {
    if cfg!(feature = "turbo") { "libjpeg-turbo 3" } else { "zune-jpeg" }
}

/// Pixels with what a decoder has to say about them.
pub(crate) struct Decoded {
    pub(crate) base: Base,
    pub(crate) decoder: &'static str,
    pub(crate) issues: Vec<Issue>,
    /// Whether the pixels are already sRGB, whatever the embedded profile says.
    pub(crate) managed: bool,
}

/// Upper bound of the bytes that decoding will allocate, from headers alone: for a budget of memory.
pub fn decode_cost(photo: &Inspected, long_side: u32) -> u64 {
    let Some(bytes) = &photo.bytes else { return 0 };
    match photo.format {
        Some(Format::Jpeg) => jpeg_cost(bytes, long_side),
        Some(Format::Raw(_)) => {
            preview::largest(bytes).map_or(0, |range| jpeg_cost(&bytes[range], long_side))
        }
        Some(Format::Png | Format::Gif | Format::WebP | Format::Tiff | Format::Bmp) => {
            let pixels = u64::from(photo.metadata.width) * u64::from(photo.metadata.height);
            // Up to 8 bytes a pixel (16-bit RGBA) beside the 3 of the result.
            pixels.saturating_mul(raster::bytes_per_pixel(photo.format, bytes) + 3)
        }
        _ => 0,
    }
}

/// Frame header facts of a JPEG: width, height, components, whether the whole picture is kept as coefficients.
fn jpeg_frame(bytes: &[u8]) -> Option<(u32, u32, u64, bool)> {
    let frame = Segments::headers(bytes).find(|s| s.part == Part::Frame)?;
    let (width, height) = (be16(frame.body, 3)?, be16(frame.body, 1)?);
    let progressive = !matches!(frame.marker, 0xC0 | 0xC1);
    Some((u32::from(width), u32::from(height), u64::from(*frame.body.get(5)?), progressive))
}

fn jpeg_cost(bytes: &[u8], long_side: u32) -> u64 {
    let Some((width, height, components, progressive)) = jpeg_frame(bytes) else { return 0 };
    let pixels = u64::from(width) * u64::from(height);
    let eighths = scale_eighths(width.max(height), long_side);
    let scaled = pixels * u64::from(eighths * eighths) / 64;
    // Decoded planes, the same again while they are cut apart, two bytes for each coefficient of progressive
    // files, and row buffers.
    let coefficients = if progressive { pixels * components * 2 } else { 0 };
    scaled * components * 2 + coefficients + u64::from(width) * 256
}

/// The smallest supported scale, in eighths, at which the long side keeps at least `wanted` pixels.
pub(crate) fn scale_eighths(long_side: u32, wanted: u32) -> u32 {
    [1, 2, 4]
        .into_iter()
        .find(|eighths| (u64::from(long_side) * eighths).div_ceil(8) >= u64::from(wanted))
        .unwrap_or(8) as u32
}

/// Decodes the photo for a request. Damaged files give what could be decoded, with issues on the picture.
pub fn decode(photo: &Inspected, request: &DecodeRequest) -> Result<Picture, Error> {
    let Some(format) = photo.format else {
        return Err(Error::NotAnImage { detail: "the content is of no known format".to_owned() });
    };
    let Some(bytes) = &photo.bytes else {
        return Err(Error::TooLarge { detail: format!("a file of {} bytes is not decoded", photo.size) });
    };
    let limits = &request.limits;
    let (width, height) = (photo.metadata.width, photo.metadata.height);
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.max_pixels {
        let detail = format!("{width} × {height} pixels, at most {}", limits.max_pixels);
        return Err(Error::TooLarge { detail });
    }
    let cost = decode_cost(photo, request.long_side);
    if cost > limits.max_decode_bytes {
        let detail = format!("decoding needs {cost} bytes, at most {}", limits.max_decode_bytes);
        return Err(Error::TooLarge { detail });
    }
    let decoded = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Jpeg => jpeg(bytes, request, photo.icc.as_deref()),
        Format::Raw(_) => raw(format, bytes, request),
        Format::Png | Format::Gif | Format::WebP | Format::Tiff | Format::Bmp => {
            raster::decode(format, bytes, request)
        }
        _ => Err(Error::NotDecodable {
            format: format.name(),
            detail: "pixels of this format are not decoded yet".to_owned(),
        }),
    }))
    .unwrap_or_else(|panic| {
        let detail = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::Panicked { decoder: format.name(), detail })
    })?;
    Ok(finished(decoded, photo.metadata.orientation, photo.icc.as_deref(), request.long_side))
}

/// Converts colours on the reduced picture and makes it a [`Picture`].
fn finished(decoded: Decoded, orientation: Orientation, icc: Option<&[u8]>, long_side: u32) -> Picture {
    let Decoded { mut base, decoder, mut issues, managed } = decoded;
    if let Base::Rgb(image) = &base {
        let (w, h) = fit_within(image.width(), image.height(), long_side);
        if (w, h) != (image.width(), image.height()) {
            base = Base::Rgb(resize_rgb(image, w, h));
        }
    }
    if let Some(profile) = icc.filter(|profile| !managed && colour::needs_conversion(profile)) {
        let image = match base {
            Base::Rgb(image) => image,
            Base::Planes(planes) => {
                let (w, h) = fit_within(planes.y.width, planes.y.height, long_side);
                let chroma = planes.chroma.map(|chroma| chroma.map(|plane| plane.resized(w, h)));
                to_rgb(&planes.y.resized(w, h), chroma.as_ref())
            }
        };
        let converted = catch_unwind(AssertUnwindSafe(|| colour::to_srgb(&image, profile)));
        base = Base::Rgb(if let Some(converted) = converted.ok().flatten() {
            converted
        } else {
            let detail = "the embedded colour profile cannot be used; colours are shown as sRGB";
            issues.push(Issue::new(Stage::Decode, ErrorCode::MetadataDamaged, detail));
            image
        });
    }
    Picture::new(base, orientation, decoder, issues)
}

fn raw(format: Format, bytes: &[u8], request: &DecodeRequest) -> Result<Decoded, Error> {
    let Some(range) = preview::largest(bytes) else {
        return Err(Error::NotDecodable {
            format: format.name(),
            detail: "the raw file carries no JPEG preview".to_owned(),
        });
    };
    let mut decoded = jpeg(&bytes[range], request, None)?;
    decoded.decoder = "embedded preview";
    // Previews are sRGB or tagged inside; the profile of the raw file is for its sensor data.
    decoded.managed = true;
    Ok(decoded)
}

#[cfg(feature = "turbo")]
fn jpeg(bytes: &[u8], request: &DecodeRequest, icc: Option<&[u8]>) -> Result<Decoded, Error> {
    match jpeg_turbo::decode(bytes, request, icc) {
        // Sampling factors that libjpeg-turbo has no name for: the other decoder may know them.
        Err(Error::Decoder { .. }) => raster::decode(Format::Jpeg, bytes, request).or_else(|_second| {
            // The first decoder's words are the more precise ones.
            jpeg_turbo::decode(bytes, request, icc)
        }),
        other => other,
    }
}

#[cfg(not(feature = "turbo"))]
fn jpeg(bytes: &[u8], request: &DecodeRequest, _icc: Option<&[u8]>) -> Result<Decoded, Error> {
    raster::decode(Format::Jpeg, bytes, request)
}
