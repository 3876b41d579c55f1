//! JPEG 2000 by `hayro-jpeg2000`, at the smallest of its resolutions that is large enough.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use tintype_vision::RgbImage;
use tintype_vision::resize::fit_within;

use super::{DecodeRequest, Decoded, on_white};
use crate::picture::Base;
use crate::{Error, colour};

const NAME: &str = "hayro-jpeg2000";

/// Bytes that decoding a sample takes at most: wavelet coefficients, the same in 32-bit floats, and the result.
pub(super) const BYTES_PER_PIXEL: u64 = 3 * (4 + 4 + 1);

pub(super) fn decode(bytes: &[u8], request: &DecodeRequest) -> Result<Decoded, Error> {
    let limits = &request.limits;
    let failed =
        |error: hayro_jpeg2000::DecodeError| Error::Decoder { decoder: NAME, detail: error.to_string() };
    let whole = Image::new(bytes, &DecodeSettings::default()).map_err(failed)?;
    let (width, height) = (whole.width(), whole.height());
    let pixels = u64::from(width) * u64::from(height);
    let channels = usize::from(whole.color_space().num_channels()) + usize::from(whole.has_alpha());
    // The header may name any number of components of any size: their product is what is paid for.
    if pixels > limits.max_pixels || pixels * (channels as u64) * 9 > limits.max_decode_bytes {
        return Err(Error::TooLarge { detail: format!("{width} × {height} pixels of {channels} channels") });
    }
    let settings = DecodeSettings {
        target_resolution: Some(fit_within(width, height, request.long_side)),
        ..DecodeSettings::default()
    };
    let image = Image::new(bytes, &settings).map_err(failed)?;
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(failed)?;
    let (width, height) = (image.width(), image.height());
    let count = width as usize * height as usize;
    let components = decoded.components();
    // Subsampled components come at their own size; pictures of photos are never stored so.
    if components.len() != channels || components.iter().any(|component| component.samples().len() != count) {
        let detail = "components of several sizes are not put together".to_owned();
        return Err(Error::NotDecodable { format: "jp2", detail });
    }
    let samples = decoded.data_u8();
    let (gray, profile) = match image.color_space() {
        ColorSpace::Gray => (true, None),
        ColorSpace::RGB | ColorSpace::CMYK => (false, None),
        ColorSpace::Icc { profile, num_channels } => (*num_channels == 1, Some(profile.clone())),
        ColorSpace::Unknown { num_channels } => (*num_channels < 3, None),
    };
    let colours = usize::from(image.color_space().num_channels());
    let rgb = if colours == 4 {
        let ink: Vec<u8> = samples.chunks_exact(channels).flat_map(|pixel| &pixel[..4]).copied().collect();
        Some(colour::cmyk_to_srgb(&ink, width, height, profile.as_deref()))
    } else if gray || colours == 3 {
        let mut data = Vec::with_capacity(count * 3);
        for pixel in samples.chunks_exact(channels) {
            let [r, g, b] = if gray { [pixel[0]; 3] } else { [pixel[0], pixel[1], pixel[2]] };
            data.extend(if image.has_alpha() {
                on_white(&[r, g, b, pixel[channels - 1]])
            } else {
                [r, g, b]
            });
        }
        RgbImage::new(width, height, data).map(|rgb| {
            let profile = profile.filter(|profile| colour::needs_conversion(profile));
            profile.and_then(|profile| colour::to_srgb(&rgb, &profile)).unwrap_or(rgb)
        })
    } else {
        None
    };
    let Some(rgb) = rgb else {
        let detail = format!("a picture of {colours} colours");
        return Err(Error::NotDecodable { format: "jp2", detail });
    };
    Ok(Decoded {
        base: Base::Rgb(rgb),
        decoder: NAME.into(),
        issues: Vec::new(),
        managed: true,
        upright: false,
    })
}
