//! Bytes to pixels, at the scale that is needed.

mod available;
mod child;
mod film;
mod heif;
mod isolated;
mod jp2;
#[cfg(feature = "turbo")]
mod jpeg_turbo;
mod jxl;
mod preview;
mod psd;
mod raster;

pub use available::{DecoderInfo, available_decoders, decoders};
pub use isolated::decode_if_asked;
pub(crate) use preview::largest as largest_preview;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tintype_core::{ErrorCode, Issue, Orientation, Stage};
use tintype_vision::resize::{fit_within, resize_rgb};

use crate::bytes::be16;
use crate::jpeg_stream::{Part, Segments};
use crate::picture::{Base, Picture};
use crate::planes::to_rgb;
use crate::{Error, Format, Inspected, Limits, colour, metadata};

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
    pub(crate) decoder: Cow<'static, str>,
    pub(crate) issues: Vec<Issue>,
    /// Whether the pixels are already sRGB, whatever the embedded profile says.
    pub(crate) managed: bool,
    /// Whether the decoder has turned them upright already.
    pub(crate) upright: bool,
}

/// Upper bound of the bytes that decoding will allocate, from headers alone: for a budget of memory.
pub fn decode_cost(photo: &Inspected, long_side: u32) -> u64 {
    let Some(bytes) = &photo.bytes else { return 0 };
    let pixels = u64::from(photo.metadata.width) * u64::from(photo.metadata.height);
    match photo.format {
        Some(Format::Jpeg) => jpeg_cost(bytes, long_side),
        Some(Format::Raw(_)) => {
            preview::largest(bytes).map_or(0, |range| jpeg_cost(&bytes[range], long_side))
        }
        Some(Format::Png | Format::Gif | Format::WebP | Format::Tiff | Format::Bmp) => {
            // Up to 8 bytes a pixel (16-bit RGBA) beside the 3 of the result.
            pixels.saturating_mul(raster::bytes_per_pixel(photo.format, bytes) + 3)
        }
        Some(Format::Heif | Format::Avif) => {
            pixels.saturating_mul(heif::bytes_per_pixel(metadata::heif_layout(bytes).is_deep))
        }
        Some(Format::Jxl) => pixels.saturating_mul(jxl::BYTES_PER_PIXEL),
        Some(Format::Jp2) => pixels.saturating_mul(jp2::BYTES_PER_PIXEL),
        Some(Format::Psd) => pixels.saturating_mul(psd::BYTES_PER_PIXEL),
        // Another program's memory, and one small picture of ours.
        Some(Format::Video(_)) => u64::from(long_side).pow(2) * 6,
        None => 0,
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
    let decoded = caught(format, || pixels_of(photo, format, request))?;
    let orientation = if decoded.upright { Orientation::UPRIGHT } else { photo.metadata.orientation };
    Ok(finished(decoded, orientation, photo.icc.as_deref(), request.long_side))
}

/// Runs a decoder under a net.
fn caught(format: Format, decode: impl FnOnce() -> Result<Decoded, Error>) -> Result<Decoded, Error> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|panic| {
        let detail = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::Panicked { decoder: format.name(), detail })
    })
}

fn pixels_of(photo: &Inspected, format: Format, request: &DecodeRequest) -> Result<Decoded, Error> {
    if let Format::Video(kind) = format {
        return film::decode(photo, kind, request);
    }
    let Some(bytes) = &photo.bytes else {
        return Err(Error::TooLarge { detail: format!("a file of {} bytes is not decoded", photo.size) });
    };
    match format {
        Format::Jpeg => jpeg(bytes, request, photo.icc.as_deref()),
        Format::Raw(kind) => preview::decode(photo, kind, bytes, request),
        Format::Png | Format::Gif | Format::WebP | Format::Tiff | Format::Bmp => {
            raster::decode(format, bytes, request)
        }
        Format::Psd => psd::decode(bytes, request, photo.icc.as_deref()),
        Format::Heif | Format::Avif | Format::Jxl | Format::Jp2 | Format::Video(_) => {
            if matches!(format, Format::Heif | Format::Avif) {
                heif::check(format)?;
            }
            match &request.limits.decode_program {
                Some(program) => isolated::decode(program, format, bytes, request),
                None => foreign(format, bytes, request),
            }
        }
    }
}

/// Formats whose decoders cannot be stopped from outside, in this process.
fn foreign(format: Format, bytes: &[u8], request: &DecodeRequest) -> Result<Decoded, Error> {
    caught(format, || match format {
        Format::Heif | Format::Avif => heif::decode(format, bytes, request),
        Format::Jxl => jxl::decode(bytes, request),
        Format::Jp2 => jp2::decode(bytes, request),
        _ => Err(Error::NotDecodable { format: format.name(), detail: "no decoder".to_owned() }),
    })
}

/// A pixel of red, green, blue and alpha as it looks on white, the colour of a page.
fn on_white(pixel: &[u8]) -> [u8; 3] {
    let alpha = u32::from(pixel[3]);
    [0, 1, 2].map(|i| ((u32::from(pixel[i]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// Whether a size is that of an upright rectangle; `None` for squares and unknown sizes.
fn portrait(width: u32, height: u32) -> Option<bool> {
    (width != height && width > 0 && height > 0).then_some(height > width)
}

/// The picture at no more than the size that is needed.
fn reduced(base: Base, long_side: u32) -> Base {
    match base {
        Base::Rgb(image) => {
            let (w, h) = fit_within(image.width(), image.height(), long_side);
            let fits = (w, h) == (image.width(), image.height());
            Base::Rgb(if fits { image } else { resize_rgb(&image, w, h) })
        }
        planes @ Base::Planes(_) => planes,
    }
}

/// Converts colours on the reduced picture and makes it a [`Picture`].
fn finished(decoded: Decoded, orientation: Orientation, icc: Option<&[u8]>, long_side: u32) -> Picture {
    let Decoded { base, decoder, mut issues, managed, upright: _ } = decoded;
    let mut base = reduced(base, long_side);
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
