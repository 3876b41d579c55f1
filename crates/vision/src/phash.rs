//! [`PerceptualHash`]: 64 bits that stay almost the same when a photo is resized or recompressed, and the hashes
//! that the same photo would have mirrored and turned.
//!
//! The hash is the sign pattern of a photo's lowest 8×8 cosine coefficients around their median (the DCT hash of
//! Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, as in `imagehash.phash`).

use std::f32::consts::PI;

use crate::image::GrayImage;
use crate::resize::resize_gray;

/// Side of the reduced picture that is transformed.
const SIDE: usize = 32;
/// Coefficients kept in each direction.
const KEPT: usize = 8;

/// A photo's DCT hash with those of its mirrored and turned versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PerceptualHash {
    /// The hash of the photo as it is; bit `8 v + u` stands for the coefficient of horizontal frequency `u` and
    /// vertical frequency `v`.
    pub hash: u64,
    /// The hashes of the photo's eight symmetries: index bit 0 mirrors left–right, bit 1 mirrors top–bottom, bit 2
    /// then swaps the axes. `variants[0] == hash`. Two photos show the same picture in some orientation when a
    /// variant of one is near the hash of the other.
    pub variants: [u64; 8],
}

impl PerceptualHash {
    /// The eight variants, little-endian, 64 bytes.
    pub fn to_bytes(self) -> [u8; 64] {
        let mut out = [0; 64];
        for (bytes, variant) in out.as_chunks_mut::<8>().0.iter_mut().zip(self.variants) {
            *bytes = variant.to_le_bytes();
        }
        out
    }

    /// The reverse of [`PerceptualHash::to_bytes`]; `None` unless `bytes` are exactly 64.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 64] = bytes.try_into().ok()?;
        let mut variants = [0; 8];
        for (variant, bytes) in variants.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *variant = u64::from_le_bytes(*bytes);
        }
        Some(Self { hash: variants[0], variants })
    }
}

/// The number of bits in which two hashes differ, 0–64.
pub fn hamming(a: u64, b: u64) -> u32 {
    (a ^ b).count_ones()
}

/// The hash of a picture of any size; 256 px on the long side are plenty.
pub fn perceptual_hash(image: &GrayImage) -> PerceptualHash {
    let small = resize_gray(image, SIDE as u32, SIDE as u32);
    let mut coefficients = [0.0f32; KEPT * KEPT];
    for v in 0..KEPT {
        for u in 0..KEPT {
            let mut sum = 0.0;
            for y in 0..SIDE {
                for x in 0..SIDE {
                    sum += f32::from(small.data()[y * SIDE + x])
                        * (PI * (2 * x + 1) as f32 * u as f32 / (2 * SIDE) as f32).cos()
                        * (PI * (2 * y + 1) as f32 * v as f32 / (2 * SIDE) as f32).cos();
                }
            }
            coefficients[v * KEPT + u] = sum;
        }
    }
    let variants = std::array::from_fn(|symmetry| hash_of(&transformed(&coefficients, symmetry)));
    PerceptualHash { hash: variants[0], variants }
}

fn transformed(coefficients: &[f32; KEPT * KEPT], symmetry: usize) -> [f32; KEPT * KEPT] {
    std::array::from_fn(|i| {
        let (mut u, mut v) = (i % KEPT, i / KEPT);
        if symmetry & 4 != 0 {
            (u, v) = (v, u);
        }
        let odd = (symmetry & 1 != 0 && u % 2 == 1) ^ (symmetry & 2 != 0 && v % 2 == 1);
        if odd { -coefficients[v * KEPT + u] } else { coefficients[v * KEPT + u] }
    })
}

fn hash_of(coefficients: &[f32; KEPT * KEPT]) -> u64 {
    let mut sorted = *coefficients;
    sorted.sort_unstable_by(f32::total_cmp);
    let median = f32::midpoint(sorted[31], sorted[32]);
    coefficients.iter().enumerate().fold(0, |hash, (i, &c)| hash | (u64::from(c > median) << i))
}
