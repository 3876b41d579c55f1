//! Formats decoded at full size by the `image` crates.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::time::Instant;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use tintype_vision::RgbImage;

use super::{DecodeRequest, Decoded, on_white};
use crate::picture::Base;
use crate::{Error, Format};

/// Bytes that the decoder itself may hold for a pixel.
pub(crate) fn bytes_per_pixel(format: Option<Format>, bytes: &[u8]) -> u64 {
    match format {
        // IHDR: bit depth and colour type.
        Some(Format::Png) => match (bytes.get(24), bytes.get(25)) {
            (Some(16), Some(6)) => 8,
            (Some(16), Some(2)) => 6,
            (_, Some(0)) => 2,
            (_, Some(2 | 3)) => 3,
            _ => 4,
        },
        // 16-bit channels; the canvas and the frame.
        Some(Format::Tiff | Format::Gif) => 8,
        _ => 4,
    }
}

/// A reader over bytes that fails once the time is up: the only way to stop a decoder that asks for more.
struct Timed<'a> {
    inner: Cursor<&'a [u8]>,
    deadline: Instant,
}

impl Timed<'_> {
    fn check(&self) -> std::io::Result<()> {
        if Instant::now() > self.deadline {
            return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, "decoding takes too long"));
        }
        Ok(())
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.check()?;
        self.inner.read(buf)
    }
}

impl BufRead for Timed<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
    }
}

impl Seek for Timed<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

pub(super) fn decode(format: Format, bytes: &[u8], request: &DecodeRequest) -> Result<Decoded, Error> {
    let (kind, name) = match format {
        Format::Png => (ImageFormat::Png, "image/png"),
        Format::Gif => (ImageFormat::Gif, "image/gif"),
        Format::WebP => (ImageFormat::WebP, "image/webp"),
        Format::Tiff => (ImageFormat::Tiff, "image/tiff"),
        Format::Bmp => (ImageFormat::Bmp, "image/bmp"),
        Format::Jpeg => (ImageFormat::Jpeg, "zune-jpeg"),
        _ => return Err(Error::NotDecodable { format: format.name(), detail: "no decoder".to_owned() }),
    };
    let limits = &request.limits;
    let reader = Timed { inner: Cursor::new(bytes), deadline: Instant::now() + limits.max_decode };
    let mut reader = ImageReader::with_format(reader, kind);
    let mut allowed = image::Limits::default();
    allowed.max_alloc = Some(limits.max_decode_bytes);
    reader.limits(allowed);
    let failed = |error: ImageError| failed(error, name, limits);
    let decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        let detail = format!("{width} × {height} pixels, at most {}", limits.max_pixels);
        return Err(Error::TooLarge { detail });
    }
    if decoder.total_bytes() > limits.max_decode_bytes {
        return Err(Error::TooLarge { detail: format!("{} bytes of pixels", decoder.total_bytes()) });
    }
    let image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    Ok(Decoded {
        base: Base::Rgb(flattened(image)),
        decoder: name.into(),
        issues: Vec::new(),
        managed: false,
        upright: false,
    })
}

/// Eight bits of red, green and blue; transparent parts lie on white, as a page would show them.
fn flattened(image: DynamicImage) -> RgbImage {
    let (width, height) = (image.width(), image.height());
    let data = if image.color().has_alpha() {
        let rgba = image.into_rgba8();
        let mut data = Vec::with_capacity(width as usize * height as usize * 3);
        for pixel in rgba.as_raw().chunks_exact(4) {
            data.extend(on_white(pixel));
        }
        data
    } else {
        image.into_rgb8().into_raw()
    };
    RgbImage::new(width, height, data).unwrap_or_else(|| RgbImage::black(width, height))
}

fn failed(error: ImageError, decoder: &'static str, limits: &crate::Limits) -> Error {
    let detail = error.to_string();
    match error {
        ImageError::Limits(_) => Error::TooLarge { detail },
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::TimedOut => {
            Error::TimedOut { limit_secs: limits.max_decode.as_secs() }
        }
        ImageError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::Truncated { detail }
        }
        _ => Error::Decoder { decoder, detail },
    }
}
