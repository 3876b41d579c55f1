//! Pictures as JPEG keeps them: one plane of luma, two of colour difference at their own resolution (JFIF, full
//! range BT.601). Resizing planes costs half of resizing RGB, and luma alone a third of that.

use tintype_vision::resize::resize_plane;
use tintype_vision::{GrayImage, RgbImage};

/// One plane without padding.
#[derive(Debug, Clone)]
pub(crate) struct Plane {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) data: Vec<u8>,
}

impl Plane {
    pub(crate) fn resized(&self, width: u32, height: u32) -> Self {
        let data = if (width, height) == (self.width, self.height) {
            self.data.clone()
        } else {
            resize_plane(&self.data, self.width, self.height, width, height)
        };
        Self { width, height, data }
    }

    pub(crate) fn into_gray(self) -> GrayImage {
        let (width, height) = (self.width, self.height);
        GrayImage::new(width, height, self.data).unwrap_or_else(|| GrayImage::black(width, height))
    }
}

/// A picture in planes. Without colour planes it is grey.
#[derive(Debug, Clone)]
pub(crate) struct Planes {
    pub(crate) y: Plane,
    pub(crate) chroma: Option<[Plane; 2]>,
}

/// Joins planes of equal size to RGB. The matrix is that of JFIF 1.02, in 16-bit fixed point.
pub(crate) fn to_rgb(y: &Plane, chroma: Option<&[Plane; 2]>) -> RgbImage {
    let mut rgb = RgbImage::black(y.width, y.height);
    let out = rgb.data_mut().chunks_exact_mut(3);
    match chroma {
        None => out.zip(&y.data).for_each(|(pixel, &luma)| pixel.fill(luma)),
        Some([cb, cr]) => {
            for (((pixel, &y), &cb), &cr) in out.zip(&y.data).zip(&cb.data).zip(&cr.data) {
                let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
                let clamp = |value: i32| ((value + (1 << 15)) >> 16).clamp(0, 255) as u8;
                pixel[0] = clamp(y + 91881 * cr);
                pixel[1] = clamp(y - 22554 * cb - 46802 * cr);
                pixel[2] = clamp(y + 116130 * cb);
            }
        }
    }
    rgb
}
