//! Pictures as vision transformers were trained to see them: [`VitInput`] resizes like Pillow, cuts out the middle
//! and scales, so that a published model sees here what it sees in Python.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

use crate::image::RgbImage;
use crate::tensor_input::{ChannelOrder, Normalisation, push_planes};

/// How pixels between pixels are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// A triangle, widened with the reduction.
    Bilinear,
    /// Catmull-Rom (a = −0.5), widened with the reduction.
    Bicubic,
}

/// How a picture of any shape becomes a square.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Both sides are resized, whatever the shape.
    Squash,
    /// The shorter side gets this many pixels, then the middle is cut out.
    Crop {
        /// Pixels of the shorter side before the cut; at least the side of the square.
        shortest_edge: u32,
    },
}

/// Mean and deviation of CLIP's own training pictures (Radford et al. 2021); BLIP kept them.
const CLIP_PICTURES: Normalisation =
    Normalisation::of_mean_std([0.48145466, 0.4578275, 0.40821073], [0.268_629_54, 0.261_302_6, 0.275_777_1]);

/// One family's preparation of pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VitInput {
    /// Side of the square in pixels.
    pub side: u32,
    /// How the picture becomes a square.
    pub fit: Fit,
    /// How it is resized.
    pub filter: Filter,
    /// How values are scaled.
    pub normalisation: Normalisation,
}

impl VitInput {
    /// CLIP and its relatives: shorter side 224, bicubic, middle.
    pub const CLIP: Self = Self {
        side: 224,
        fit: Fit::Crop { shortest_edge: 224 },
        filter: Filter::Bicubic,
        normalisation: CLIP_PICTURES,
    };
    /// SigLIP at 224 pixels: squashed, bicubic.
    pub const SIGLIP: Self =
        Self { side: 224, fit: Fit::Squash, filter: Filter::Bicubic, normalisation: Normalisation::SIGNED };
    /// MobileCLIP: shorter side 256, bilinear, middle, values of 0–1.
    pub const MOBILE_CLIP: Self = Self {
        side: 256,
        fit: Fit::Crop { shortest_edge: 256 },
        filter: Filter::Bilinear,
        normalisation: Normalisation { scale: [1.0 / 255.0; 3], offset: [0.0; 3] },
    };
    /// DINOv2: shorter side 256, bicubic, the middle 224.
    pub const DINO: Self = Self {
        side: 224,
        fit: Fit::Crop { shortest_edge: 256 },
        filter: Filter::Bicubic,
        normalisation: Normalisation::IMAGENET,
    };
    /// BLIP: squashed to 384, bicubic.
    pub const BLIP: Self =
        Self { side: 384, fit: Fit::Squash, filter: Filter::Bicubic, normalisation: CLIP_PICTURES };
    /// The first vision transformers: squashed to 224, bilinear.
    pub const VIT: Self =
        Self { side: 224, fit: Fit::Squash, filter: Filter::Bilinear, normalisation: Normalisation::SIGNED };

    /// The square before scaling: `side` × `side` pixels.
    pub fn square(&self, image: &RgbImage) -> RgbImage {
        let (w, h) = match self.fit {
            Fit::Squash => (self.side, self.side),
            Fit::Crop { shortest_edge } => with_shortest_edge(image.width(), image.height(), shortest_edge),
        };
        let across = Span::middle(image.width(), w, self.side);
        let down = Span::middle(image.height(), h, self.side);
        resized(image, across, down, self.filter)
    }

    /// Three planes (red, green, blue) of `side` × `side` scaled values, row by row, appended to `out`.
    pub fn push(&self, image: &RgbImage, out: &mut Vec<f32>) {
        push_planes(&self.square(image), &self.normalisation, ChannelOrder::Rgb, out);
    }
}

/// Sizes with `edge` pixels on the shorter side; the longer one rounded down, as Python does it.
fn with_shortest_edge(w: u32, h: u32, edge: u32) -> (u32, u32) {
    let longer = |long: u32, short: u32| {
        let scaled = u64::from(edge) * u64::from(long) / u64::from(short.max(1));
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    };
    if w <= h { (edge, longer(h, w)) } else { (longer(w, h), edge) }
}

/// Part of one side of a picture, in source pixels, and the pixels it becomes.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: f64,
    len: f64,
    pixels: u32,
}

impl Span {
    /// The source of the middle `kept` of the `resized` pixels that `source` pixels would become: what lies outside
    /// is never computed, so that a very long picture costs no more than a square one.
    fn middle(source: u32, resized: u32, kept: u32) -> Self {
        let scale = f64::from(source) / f64::from(resized.max(1));
        let pixels = kept.min(resized);
        let start = f64::from((resized - pixels) / 2) * scale;
        let len = (f64::from(pixels) * scale).min(f64::from(source) - start);
        Self { start, len, pixels }
    }
}

/// Two spans of `image` resized: across, then down, with bytes in between, which is Pillow's order. (Where a filter
/// overshoots, the order shows.) A source without pixels gives zeros.
fn resized(image: &RgbImage, across: Span, down: Span, filter: Filter) -> RgbImage {
    let h = image.height();
    if image.data().is_empty() {
        return RgbImage::black(across.pixels, down.pixels);
    }
    let whole = |pixels: u32| Span { start: 0.0, len: f64::from(pixels), pixels };
    let narrow = one_pass(image, across, whole(h), filter);
    one_pass(&narrow, whole(narrow.width()), down, filter)
}

fn one_pass(image: &RgbImage, across: Span, down: Span, filter: Filter) -> RgbImage {
    let mut out = RgbImage::black(across.pixels, down.pixels);
    let filter = match filter {
        Filter::Bilinear => FilterType::Bilinear,
        Filter::Bicubic => FilterType::CatmullRom,
    };
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(across.start, down.start, across.len, down.len)
        .use_alpha(false);
    // These fail only for buffers of the wrong length and spans outside the image; the zeros stay in that case.
    if let (Ok(source), Ok(mut target)) = (
        TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.data()),
        TypedImage::<U8x3>::from_buffer(across.pixels, down.pixels, out.data_mut()),
    ) {
        let _ = Resizer::new().resize_typed(&source, &mut target, &options);
    }
    out
}

#[cfg(test)]
mod tests;
