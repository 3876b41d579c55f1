//! JPEG XL by `jxl-oxide`.

use std::io::Cursor;
use std::time::Instant;

use jxl_oxide::{AllocTracker, EnumColourEncoding, JxlImage, JxlThreadPool, RenderingIntent};
use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, on_white};
use crate::picture::Base;
use crate::{Error, colour};

const NAME: &str = "jxl-oxide";

/// Bytes that decoding a pixel takes at most: three channels of 32-bit samples, twice while filters run, and the
/// result.
pub(super) const BYTES_PER_PIXEL: u64 = 4 * 3 * 2 + 4;

fn failed(error: &(dyn std::error::Error + Send + Sync)) -> Error {
    Error::Decoder { decoder: NAME, detail: error.to_string() }
}

/// The first frame, upright: the decoder applies the orientation in the code stream.
pub(super) fn decode(bytes: &[u8], request: &DecodeRequest) -> Result<Decoded, Error> {
    let limits = &request.limits;
    let deadline = Instant::now() + limits.max_decode;
    let in_time = || {
        let late = Instant::now() > deadline;
        if late { Err(Error::TimedOut { limit_secs: limits.max_decode.as_secs() }) } else { Ok(()) }
    };
    let budget = AllocTracker::with_limit(usize::try_from(limits.max_decode_bytes).unwrap_or(usize::MAX));
    let pool = JxlThreadPool::none();
    let mut image = JxlImage::builder()
        .pool(pool)
        .alloc_tracker(budget)
        .read(Cursor::new(bytes))
        .map_err(|error| failed(&*error))?;
    let (width, height) = (image.width(), image.height());
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.max_pixels || pixels * BYTES_PER_PIXEL > limits.max_decode_bytes {
        return Err(Error::TooLarge { detail: format!("{width} × {height} pixels") });
    }
    in_time()?;
    if image.num_loaded_keyframes() == 0 {
        return Err(Error::Truncated { detail: "no whole frame".to_owned() });
    }
    // Between named encodings the decoder converts by itself; a profile is left to our own colour code.
    if image.original_icc().is_none() {
        image.request_color_encoding(EnumColourEncoding::srgb(RenderingIntent::Relative));
    }
    let render = image.render_frame(0).map_err(|error| failed(&*error))?;
    in_time()?;
    let mut stream = render.stream();
    let channels = stream.channels() as usize;
    let mut samples = vec![0_u8; width as usize * height as usize * channels];
    stream.write_to_buffer(&mut samples);
    let format = image.pixel_format();
    let profile = image.original_icc().map(|_original| image.rendered_icc());
    let rgb = if format.has_black() {
        // No ink is 1 here, as in Adobe's JPEGs.
        let ink: Vec<u8> =
            samples.chunks_exact(channels).flat_map(|pixel| &pixel[..4]).map(|ink| 255 - ink).collect();
        colour::cmyk_to_srgb(&ink, width, height, profile.as_deref())
    } else {
        let data = opaque(&samples, channels, format.is_grayscale(), format.has_alpha());
        let rgb = data.and_then(|data| RgbImage::new(width, height, data));
        let Some(rgb) = rgb else { return Err(Error::NotAnImage { detail: "channels".to_owned() }) };
        match profile.filter(|profile| colour::needs_conversion(profile)) {
            Some(profile) => colour::to_srgb(&rgb, &profile).unwrap_or(rgb),
            None => rgb,
        }
    };
    Ok(Decoded {
        base: Base::Rgb(rgb),
        decoder: NAME.into(),
        issues: Vec::new(),
        managed: true,
        upright: true,
    })
}

/// Grey or colour samples, perhaps with alpha behind them, as opaque RGB.
fn opaque(samples: &[u8], channels: usize, is_gray: bool, has_alpha: bool) -> Option<Vec<u8>> {
    let colours = if is_gray { 1 } else { 3 };
    if channels < colours + usize::from(has_alpha) {
        return None;
    }
    let mut data = Vec::with_capacity(samples.len() / channels * 3);
    for pixel in samples.chunks_exact(channels) {
        let [r, g, b] = if is_gray { [pixel[0]; 3] } else { [pixel[0], pixel[1], pixel[2]] };
        data.extend(if has_alpha { on_white(&[r, g, b, pixel[colours]]) } else { [r, g, b] });
    }
    Some(data)
}
