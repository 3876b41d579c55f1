//! Writing JPEG.

use tintype_vision::RgbImage;

use crate::Error;
use crate::planes::Plane;

/// An encoded preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The JPEG file.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Encodes an image as a baseline JPEG with 4:2:0 colour, quality 1 to 100.
pub fn encode_jpeg(image: &RgbImage, quality: u8) -> Result<Vec<u8>, Error> {
    if image.width() == 0 || image.height() == 0 || image.width() > 65_500 || image.height() > 65_500 {
        let detail = format!("{} × {} is no size of a JPEG", image.width(), image.height());
        return Err(Error::Encoder { detail });
    }
    backend::rgb(image, i32::from(quality.clamp(1, 100)))
}

/// Encodes luma and, if there is colour, two planes of half its size, rounded up.
pub(crate) fn encode_planes(y: &Plane, chroma: Option<&[Plane; 2]>, quality: u8) -> Result<Vec<u8>, Error> {
    backend::planes(y, chroma, i32::from(quality.clamp(1, 100)))
}

#[cfg(feature = "turbo")]
mod backend {
    use std::borrow::Cow;

    use tintype_vision::RgbImage;
    use turbojpeg::{Compressor, Image, PixelFormat, Subsamp, YuvPlanesImage};

    use crate::Error;
    use crate::planes::Plane;

    fn failed(error: &turbojpeg::Error) -> Error {
        Error::Encoder { detail: error.to_string() }
    }

    pub(super) fn rgb(image: &RgbImage, quality: i32) -> Result<Vec<u8>, Error> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let image = Image { pixels: image.data(), width, pitch: width * 3, height, format: PixelFormat::RGB };
        let mut compressor = Compressor::new().map_err(|error| failed(&error))?;
        compressor.set_quality(quality).map_err(|error| failed(&error))?;
        compressor.set_subsamp(Subsamp::Sub2x2).map_err(|error| failed(&error))?;
        compressor.compress_to_vec(image).map_err(|error| failed(&error))
    }

    pub(super) fn planes(y: &Plane, chroma: Option<&[Plane; 2]>, quality: i32) -> Result<Vec<u8>, Error> {
        let (width, height) = (y.width as usize, y.height as usize);
        let mut compressor = Compressor::new().map_err(|error| failed(&error))?;
        compressor.set_quality(quality).map_err(|error| failed(&error))?;
        let Some([cb, cr]) = chroma else {
            let image = Image { pixels: &y.data[..], width, pitch: width, height, format: PixelFormat::GRAY };
            compressor.set_subsamp(Subsamp::Gray).map_err(|error| failed(&error))?;
            return compressor.compress_to_vec(image).map_err(|error| failed(&error));
        };
        // The encoder wants luma of even size below 4:2:0.
        let (luma, stride) = even(y);
        let image = YuvPlanesImage {
            y_plane: &luma[..],
            u_plane: &cb.data[..],
            v_plane: &cr.data[..],
            width,
            height,
            y_stride: stride,
            u_stride: cb.width as usize,
            v_stride: cr.width as usize,
            subsamp: Subsamp::Sub2x2,
        };
        compressor.compress_yuv_planes_to_vec(&image).map_err(|error| failed(&error))
    }

    /// The plane with its last column and row repeated where its size is odd.
    fn even(plane: &Plane) -> (Cow<'_, [u8]>, usize) {
        let (w, h) = (plane.width as usize, plane.height as usize);
        if w.is_multiple_of(2) && h.is_multiple_of(2) {
            return (Cow::Borrowed(&plane.data), w);
        }
        let (even_w, even_h) = (w.next_multiple_of(2), h.next_multiple_of(2));
        let mut out = Vec::with_capacity(even_w * even_h);
        for y in 0..even_h {
            let row = &plane.data[y.min(h - 1) * w..][..w];
            out.extend_from_slice(row);
            out.resize((y + 1) * even_w, row[w - 1]);
        }
        (Cow::Owned(out), even_w)
    }
}

#[cfg(not(feature = "turbo"))]
mod backend {
    use image::ExtendedColorType;
    use image::codecs::jpeg::JpegEncoder;
    use tintype_vision::RgbImage;

    use crate::Error;
    use crate::planes::{Plane, to_rgb};

    pub(super) fn rgb(image: &RgbImage, quality: i32) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality as u8)
            .encode(image.data(), image.width(), image.height(), ExtendedColorType::Rgb8)
            .map_err(|error| Error::Encoder { detail: error.to_string() })?;
        Ok(bytes)
    }

    pub(super) fn planes(y: &Plane, chroma: Option<&[Plane; 2]>, quality: i32) -> Result<Vec<u8>, Error> {
        let chroma = chroma.map(|planes| planes.each_ref().map(|plane| plane.resized(y.width, y.height)));
        rgb(&to_rgb(y, chroma.as_ref()), quality)
    }
}
