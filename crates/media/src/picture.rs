//! Decoded pixels, and every size cut from them.

use std::borrow::Cow;
use std::sync::OnceLock;

use tintype_core::{Issue, Orientation};
use tintype_vision::luma::rgb_to_gray;
use tintype_vision::resize::{fit_within, resize_rgb};
use tintype_vision::{GrayImage, RgbImage};

use crate::Error;
use crate::encode::{Encoded, encode_jpeg, encode_planes};
use crate::orient::upright;
use crate::planes::{Plane, Planes, to_rgb};

/// Long sides that are made from one another, each from the next larger one and once only. Any other size is made
/// from the smallest of these above it. A fixed chain, so that the pixels of a size do not depend on what was asked
/// for before.
const CHAIN: [u32; 4] = [1440, 1024, 512, 256];

/// The pixels as the decoder left them, not yet upright.
pub(crate) enum Base {
    /// As JPEG stores them, in sRGB.
    #[cfg_attr(not(feature = "turbo"), allow(dead_code, reason = "only libjpeg-turbo hands out planes"))]
    Planes(Planes),
    /// sRGB.
    Rgb(RgbImage),
}

/// A decoded picture. All sizes it gives are upright, sRGB and never larger than what was decoded.
pub struct Picture {
    base: Base,
    orientation: Orientation,
    decoder: Cow<'static, str>,
    issues: Vec<Issue>,
    luma: [OnceLock<Plane>; CHAIN.len()],
    chroma: [OnceLock<[Plane; 2]>; CHAIN.len()],
    rgb: [OnceLock<RgbImage>; CHAIN.len()],
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {} by {})", self.width(), self.height(), self.decoder)
    }
}

impl Picture {
    pub(crate) fn new(
        base: Base,
        orientation: Orientation,
        decoder: Cow<'static, str>,
        issues: Vec<Issue>,
    ) -> Self {
        let (luma, chroma, rgb) = Default::default();
        Self { base, orientation, decoder, issues, luma, chroma, rgb }
    }

    /// Width of the decoded pixels in upright position; the photo itself may be larger.
    pub fn width(&self) -> u32 {
        let (w, h) = self.stored();
        self.orientation.upright_size(w, h).0
    }

    /// Height of the decoded pixels in upright position.
    pub fn height(&self) -> u32 {
        let (w, h) = self.stored();
        self.orientation.upright_size(w, h).1
    }

    /// What decoded it, for example `libjpeg-turbo 1/2`.
    pub fn decoder(&self) -> &str {
        &self.decoder
    }

    /// What was wrong with the data, when pixels could be had nevertheless.
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Luma (BT.601, as JPEG) with at most the given long side.
    pub fn luma(&self, long_side: u32) -> GrayImage {
        let plane = match &self.base {
            Base::Planes(_) => self.luma_plane(long_side),
            Base::Rgb(_) => {
                let gray = rgb_to_gray(&self.rgb_stored(long_side));
                Plane { width: gray.width(), height: gray.height(), data: gray.into_data() }
            }
        };
        self.turned(plane).into_gray()
    }

    /// Colour with at most the given long side.
    pub fn rgb(&self, long_side: u32) -> RgbImage {
        let image = self.rgb_stored(long_side);
        let (w, h) = (image.width(), image.height());
        let (out_w, out_h) = self.orientation.upright_size(w, h);
        let data = upright::<3>(image.into_data(), w, h, self.orientation);
        RgbImage::new(out_w, out_h, data).unwrap_or_else(|| RgbImage::black(out_w, out_h))
    }

    /// A JPEG preview with at most the given long side, quality 1 to 100.
    pub fn jpeg(&self, long_side: u32, quality: u8) -> Result<Encoded, Error> {
        let (bytes, width, height) = match &self.base {
            Base::Rgb(_) => {
                let image = self.rgb(long_side);
                (encode_jpeg(&image, quality)?, image.width(), image.height())
            }
            Base::Planes(_) => {
                let y = self.turned(self.luma_plane(long_side));
                let chroma = self.half_chroma(long_side).map(|planes| planes.map(|plane| self.turned(plane)));
                (encode_planes(&y, chroma.as_ref(), quality)?, y.width, y.height)
            }
        };
        Ok(Encoded { bytes, width, height })
    }

    fn stored(&self) -> (u32, u32) {
        match &self.base {
            Base::Planes(planes) => (planes.y.width, planes.y.height),
            Base::Rgb(image) => (image.width(), image.height()),
        }
    }

    fn turned(&self, plane: Plane) -> Plane {
        let (width, height) = self.orientation.upright_size(plane.width, plane.height);
        Plane { data: upright::<1>(plane.data, plane.width, plane.height, self.orientation), width, height }
    }

    /// The link of the chain to make `long_side` from: the smallest above it, if it is smaller than the picture.
    fn link_above(&self, long_side: u32) -> Option<usize> {
        let (w, h) = self.stored();
        CHAIN.iter().rposition(|&link| link > long_side).filter(|&at| CHAIN[at] < w.max(h))
    }

    fn luma_plane(&self, long_side: u32) -> Plane {
        match CHAIN.iter().position(|&link| link == long_side) {
            Some(at) => self.luma_link(at).clone(),
            None => self.make_luma(long_side),
        }
    }

    fn luma_link(&self, at: usize) -> &Plane {
        self.luma[at].get_or_init(|| self.make_luma(CHAIN[at]))
    }

    fn make_luma(&self, long_side: u32) -> Plane {
        let Base::Planes(planes) = &self.base else { return Plane { width: 0, height: 0, data: Vec::new() } };
        let (w, h) = fit_within(planes.y.width, planes.y.height, long_side);
        let source = self.link_above(long_side).map_or(&planes.y, |at| self.luma_link(at));
        source.resized(w, h)
    }

    /// The colour planes of a preview: half the size of its luma, rounded up.
    fn half_chroma(&self, long_side: u32) -> Option<[Plane; 2]> {
        match CHAIN.iter().position(|&link| link == long_side) {
            Some(at) => self.chroma_link(at).cloned(),
            None => self.make_chroma(long_side),
        }
    }

    fn chroma_link(&self, at: usize) -> Option<&[Plane; 2]> {
        let Base::Planes(Planes { chroma: Some(_), .. }) = &self.base else { return None };
        if self.chroma[at].get().is_none() {
            let made = self.make_chroma(CHAIN[at])?;
            return Some(self.chroma[at].get_or_init(|| made));
        }
        self.chroma[at].get()
    }

    fn make_chroma(&self, long_side: u32) -> Option<[Plane; 2]> {
        let Base::Planes(Planes { y, chroma: Some(chroma) }) = &self.base else { return None };
        let (w, h) = fit_within(y.width, y.height, long_side);
        let source = self.link_above(long_side).and_then(|at| self.chroma_link(at)).unwrap_or(chroma);
        Some(source.each_ref().map(|plane| plane.resized(w.div_ceil(2), h.div_ceil(2))))
    }

    fn rgb_stored(&self, long_side: u32) -> RgbImage {
        match &self.base {
            Base::Rgb(_) => match CHAIN.iter().position(|&link| link == long_side) {
                Some(at) => self.rgb_link(at).clone(),
                None => self.make_rgb(long_side),
            },
            Base::Planes(planes) => {
                let y = self.luma_plane(long_side);
                // Colour from the link whose half-size planes still hold every pixel wanted.
                let chroma = planes.chroma.as_ref().map(|base| {
                    let source = self
                        .link_above(long_side.saturating_mul(2).saturating_sub(1))
                        .and_then(|at| self.chroma_link(at))
                        .unwrap_or(base);
                    source.each_ref().map(|plane| plane.resized(y.width, y.height))
                });
                to_rgb(&y, chroma.as_ref())
            }
        }
    }

    fn rgb_link(&self, at: usize) -> &RgbImage {
        self.rgb[at].get_or_init(|| self.make_rgb(CHAIN[at]))
    }

    fn make_rgb(&self, long_side: u32) -> RgbImage {
        let Base::Rgb(image) = &self.base else { return RgbImage::black(0, 0) };
        let (w, h) = fit_within(image.width(), image.height(), long_side);
        let source = self.link_above(long_side).map_or(image, |at| self.rgb_link(at));
        if (w, h) == (source.width(), source.height()) { source.clone() } else { resize_rgb(source, w, h) }
    }
}
