//! Luma from RGB with the weights of ITU-R BT.601, as in JPEG (JFIF) and OpenCV.

use crate::image::{GrayImage, RgbImage};

/// Bits after the point of the weights.
const BITS: u32 = 14;
/// 0.299, 0.587 and 0.114 (BT.601, section 2.5.1) in units of 2⁻¹⁴; they sum to exactly one, so grey stays grey.
const WEIGHTS: [u32; 3] = [4899, 9617, 1868];

/// The luma of each pixel: 0.299 R + 0.587 G + 0.114 B, rounded to the nearest integer.
pub fn rgb_to_gray(image: &RgbImage) -> GrayImage {
    let mut gray = GrayImage::black(image.width(), image.height());
    convert(image.data(), gray.data_mut());
    gray
}

fn convert(rgb: &[u8], gray: &mut [u8]) {
    for (pixel, luma) in rgb.as_chunks::<3>().0.iter().zip(gray) {
        let [r, g, b] = pixel.map(u32::from);
        *luma = ((r * WEIGHTS[0] + g * WEIGHTS[1] + b * WEIGHTS[2] + (1 << (BITS - 1))) >> BITS) as u8;
    }
}
