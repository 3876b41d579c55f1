//! Luma from RGB with the weights of ITU-R BT.601, as in JPEG (JFIF) and OpenCV.
#![allow(unsafe_code, reason = "one kernel per instruction set")]
#![allow(clippy::inline_always, reason = "bodies are compiled into one caller per instruction set")]

use crate::image::{GrayImage, RgbImage};
use crate::simd::per_level;

/// 0.299, 0.587 and 0.114 (BT.601, section 2.5.1) in units of 2⁻¹⁵, the integers of OpenCV; they sum to exactly one,
/// so grey stays grey.
const WEIGHTS: [u32; 3] = [9798, 19235, 3735];

/// The luma of each pixel: 0.299 R + 0.587 G + 0.114 B, rounded to the nearest integer.
pub fn rgb_to_gray(image: &RgbImage) -> GrayImage {
    let mut gray = GrayImage::black(image.width(), image.height());
    convert(image.data(), gray.data_mut());
    gray
}

per_level! {
    fn convert(rgb: &[u8], gray: &mut [u8]) = plain_convert;
}

#[inline(always)]
fn plain_convert(rgb: &[u8], gray: &mut [u8]) {
    for (pixel, luma) in rgb.as_chunks::<3>().0.iter().zip(gray) {
        *luma = luma_of(*pixel);
    }
}

/// The luma of one pixel.
#[inline(always)]
fn luma_of(pixel: [u8; 3]) -> u8 {
    let [r, g, b] = pixel.map(u32::from);
    ((r * WEIGHTS[0] + g * WEIGHTS[1] + b * WEIGHTS[2] + (1 << 14)) >> 15) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_grey() {
        let pixels: Vec<u8> = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3], [0; 3], [77; 3]].concat();
        let gray = rgb_to_gray(&RgbImage::new(6, 1, pixels).unwrap());
        assert_eq!(gray.data(), [76, 150, 29, 255, 0, 77]);
    }

    #[test]
    fn every_level_gives_the_same_bytes() {
        let rgb: Vec<u8> = (0..3 * 1001_u32).map(|i| (i.wrapping_mul(2654435761) >> 23) as u8).collect();
        let (mut fast, mut plain) = (vec![0; 1001], vec![0; 1001]);
        convert(&rgb, &mut fast);
        plain_convert(&rgb, &mut plain);
        assert_eq!(fast, plain);
    }
}
