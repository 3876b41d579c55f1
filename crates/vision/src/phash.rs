//! [`PerceptualHash`]: 64 bits that stay almost the same when a photo is resized or recompressed, and the hashes
//! that the same photo would have mirrored and turned.
//!
//! The hash is the sign pattern of a photo's lowest 8×8 cosine coefficients around their median (the DCT hash of
//! Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, as in `imagehash.phash`).

#![allow(unsafe_code, reason = "one kernel per instruction set")]
#![allow(clippy::inline_always, reason = "bodies are compiled into one caller per instruction set")]

use std::f64::consts::PI;
use std::sync::OnceLock;

use crate::image::GrayImage;
use crate::resize::{fit_within, resize_gray};
use crate::simd::per_level;

/// Side of the reduced picture that is transformed.
const SIDE: usize = 32;
/// Coefficients kept in each direction.
const KEPT: usize = 8;
/// Larger pictures are reduced to this first; up to here the sums of pixels fit 16 bits on the way down to 32×32.
const LONG_SIDE: u32 = 256;
/// Coefficients this small, in grey levels summed over the reduced picture, are rounding: their signs would be
/// chance, so they count as zero. (Rounding stays below 10⁻³; those of photos reach hundreds.)
const ROUNDING: f32 = 0.01;

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

/// The hash of a picture of any size; 256 px on the long side are plenty. Deterministic: the same pixels give the
/// same bits on every processor. A picture without pixels hashes like a black one.
pub fn perceptual_hash(image: &GrayImage) -> PerceptualHash {
    let reduced;
    let image = if image.width().max(image.height()) > LONG_SIDE {
        let (w, h) = fit_within(image.width(), image.height(), LONG_SIDE);
        reduced = resize_gray(image, w, h);
        &reduced
    } else {
        image
    };
    if image.data().is_empty() {
        return PerceptualHash { hash: 0, variants: [0; 8] };
    }
    let mut coefficients = [0.0; KEPT * KEPT];
    low_cosines(image, cosines(), &mut coefficients);
    from_coefficients(&coefficients)
}

/// [`perceptual_hash`] of a picture of at most 256 px, the plain way: each coefficient by its definition, each
/// variant from its own coefficients.
pub fn naive_perceptual_hash(image: &GrayImage) -> PerceptualHash {
    let (w, h) = (image.width() as usize, image.height() as usize);
    if w * h == 0 {
        return PerceptualHash { hash: 0, variants: [0; 8] };
    }
    let overlap = |cell: usize, pixel: usize, n: usize| {
        ((cell + 1) * n).min((pixel + 1) * SIDE).saturating_sub((cell * n).max(pixel * SIDE))
    };
    let mut cells = [0.0f64; SIDE * SIDE];
    for (i, cell) in cells.iter_mut().enumerate() {
        for y in 0..h {
            for x in 0..w {
                let weight = overlap(i % SIDE, x, w) * overlap(i / SIDE, y, h);
                *cell += weight as f64 * f64::from(image.data()[y * w + x]) / (w * h) as f64;
            }
        }
    }
    let mean = cells.iter().sum::<f64>() / cells.len() as f64;
    let wave = |i: usize, k: usize| (PI * (2 * i + 1) as f64 * k as f64 / (2 * SIDE) as f64).cos();
    let coefficients: [f32; KEPT * KEPT] = std::array::from_fn(|k| {
        if k == 0 {
            return (mean * (SIDE * SIDE) as f64) as f32;
        }
        let sum: f64 = (0..SIDE * SIDE)
            .map(|i| (cells[i] - mean) * wave(i % SIDE, k % KEPT) * wave(i / SIDE, k / KEPT))
            .sum();
        if sum.abs() < f64::from(ROUNDING) { 0.0 } else { sum as f32 }
    });
    let variants = std::array::from_fn(|symmetry| {
        let turned: [f32; KEPT * KEPT] = std::array::from_fn(|i| {
            let (mut u, mut v) = (i % KEPT, i / KEPT);
            if symmetry & 4 != 0 {
                (u, v) = (v, u);
            }
            let odd = (symmetry & 1 != 0 && u % 2 == 1) ^ (symmetry & 2 != 0 && v % 2 == 1);
            if odd { -coefficients[v * KEPT + u] } else { coefficients[v * KEPT + u] }
        });
        hash_of(&turned)
    });
    PerceptualHash { hash: variants[0], variants }
}

/// `cosines()[i][k]` = cos π(2i+1)k/64.
fn cosines() -> &'static [[f32; KEPT]; SIDE] {
    static TABLE: OnceLock<[[f32; KEPT]; SIDE]> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::array::from_fn(|i| {
            std::array::from_fn(|k| (PI * (2 * i + 1) as f64 * k as f64 / (2 * SIDE) as f64).cos() as f32)
        })
    })
}

per_level! {
    /// The lowest cosine coefficients, in grey levels, of `image` reduced to 32×32 by area.
    fn low_cosines(image: &GrayImage, cosines: &[[f32; KEPT]; SIDE], out: &mut [f32; KEPT * KEPT]) = plain_low_cosines;
}

// No fused multiplication and no sums over lanes anywhere below, so that every instruction set rounds alike.
#[inline(always)]
fn plain_low_cosines(image: &GrayImage, cosines: &[[f32; KEPT]; SIDE], out: &mut [f32; KEPT * KEPT]) {
    let (w, h) = (image.width() as usize, image.height() as usize);
    // In units of 1/32 pixel, cell i of a line of n pixels covers i·n..(i+1)·n and pixel p covers 32p..32p+32: the
    // weights of a cell are whole numbers with the sum n ≤ 256, and sums of 256 bytes fit 16 bits.
    let overlaps = |cell: usize, n: usize| {
        let (start, end) = (cell * n, (cell + 1) * n);
        (start / SIDE..end.div_ceil(SIDE)).map(move |p| (p, end.min((p + 1) * SIDE) - start.max(p * SIDE)))
    };
    let mut cells = [[0u32; SIDE]; SIDE];
    let mut total = 0u64;
    let mut line = [0u16; LONG_SIDE as usize];
    let line = &mut line[..w];
    for (j, cells) in cells.iter_mut().enumerate() {
        line.fill(0);
        for (y, weight) in overlaps(j, h) {
            let weight = weight as u16;
            for (sum, &p) in line.iter_mut().zip(&image.data()[y * w..][..w]) {
                *sum += weight * u16::from(p);
            }
        }
        if w == 256 {
            for (cell, part) in cells.iter_mut().zip(line.as_chunks::<8>().0) {
                *cell = part.iter().map(|&sum| u32::from(sum)).sum::<u32>() * SIDE as u32;
            }
        } else {
            for (i, cell) in cells.iter_mut().enumerate() {
                *cell = overlaps(i, w).map(|(x, weight)| u32::from(line[x]) * weight as u32).sum();
            }
        }
        total += cells.iter().map(|&cell| u64::from(cell)).sum::<u64>();
    }
    let area = (w * h) as f32;
    let mean = total as f64 / (SIDE * SIDE) as f64;
    let mut sums = [0.0f32; KEPT * KEPT];
    for (cells, wave) in cells.iter().zip(cosines) {
        let mut row = [0.0f32; KEPT];
        for (&cell, wave) in cells.iter().zip(cosines) {
            let value = (f64::from(cell) - mean) as f32;
            for (sum, &weight) in row.iter_mut().zip(wave) {
                *sum += value * weight;
            }
        }
        for (sums, &weight) in sums.as_chunks_mut::<KEPT>().0.iter_mut().zip(wave) {
            for (sum, &value) in sums.iter_mut().zip(&row) {
                *sum += value * weight;
            }
        }
    }
    for (out, sum) in out.iter_mut().zip(sums) {
        let value = sum / area;
        *out = if value.abs() < ROUNDING { 0.0 } else { value };
    }
    // The mean was taken away before the transform, for precision's sake.
    out[0] = (total as f64 / f64::from(area)) as f32;
}

/// Mirroring a picture changes the signs of its odd coefficients, swapping the axes transposes them.
fn from_coefficients(coefficients: &[f32; KEPT * KEPT]) -> PerceptualHash {
    let mut variants = [0; 8];
    for mirrors in 0..4 {
        let mirrored = std::array::from_fn(|i| {
            let (u, v) = (i % KEPT, i / KEPT);
            let odd = (mirrors & 1 & u) ^ ((mirrors >> 1) & 1 & v) & 1;
            if odd == 1 { -coefficients[i] } else { coefficients[i] }
        });
        variants[mirrors] = hash_of(&mirrored);
        variants[mirrors | 4] = transposed(variants[mirrors]);
    }
    PerceptualHash { hash: variants[0], variants }
}

fn hash_of(coefficients: &[f32; KEPT * KEPT]) -> u64 {
    let mut values = *coefficients;
    let (_, &mut low, above) = values.select_nth_unstable_by(KEPT * KEPT / 2 - 1, f32::total_cmp);
    let high = above.iter().copied().fold(f32::INFINITY, f32::min);
    let median = f32::midpoint(low, high);
    coefficients.iter().enumerate().fold(0, |hash, (i, &c)| hash | (u64::from(c > median) << i))
}

/// The 8×8 bits of `hash`, rows and columns swapped: 1×1, 2×2 and 4×4 blocks change places (Hacker's Delight, 7-3).
fn transposed(hash: u64) -> u64 {
    let mut x = hash;
    for (shift, mask) in
        [(7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0x0000_0000_F0F0_F0F0)]
    {
        let swap = (x ^ (x >> shift)) & mask;
        x ^= swap ^ (swap << shift);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blur::tests::texture;

    fn turned(image: &GrayImage, symmetry: usize) -> GrayImage {
        let (w, h) = (image.width(), image.height());
        let (tw, th) = if symmetry & 4 != 0 { (h, w) } else { (w, h) };
        let data = (0..tw * th)
            .map(|i| {
                let (mut x, mut y) = (i % tw, i / tw);
                if symmetry & 4 != 0 {
                    (x, y) = (y, x);
                }
                let x = if symmetry & 1 != 0 { w - 1 - x } else { x };
                let y = if symmetry & 2 != 0 { h - 1 - y } else { y };
                image.row(y)[x as usize]
            })
            .collect();
        GrayImage::new(tw, th, data).unwrap()
    }

    #[test]
    fn variants_are_the_hashes_of_the_turned_pictures() {
        let image = texture(200, 131, 3);
        let hash = perceptual_hash(&image);
        for symmetry in 0..8 {
            let direct = perceptual_hash(&turned(&image, symmetry)).hash;
            assert!(hamming(direct, hash.variants[symmetry]) <= 1, "symmetry {symmetry}");
        }
        assert!(hamming(hash.variants[0], hash.variants[1]) > 12);
    }

    #[test]
    fn agrees_with_the_definition() {
        for (w, h) in [(256, 256), (256, 171), (90, 33), (20, 7), (1, 1)] {
            let image = texture(w, h, 5);
            let (fast, slow) = (perceptual_hash(&image), naive_perceptual_hash(&image));
            for (a, b) in fast.variants.iter().zip(slow.variants) {
                // A coefficient that equals the median up to rounding may fall on either side of it.
                assert!(hamming(*a, b) <= 1, "{w}×{h}");
            }
        }
    }

    #[test]
    fn flat_pictures_have_no_chance_bits() {
        for level in [1, 90, 255] {
            let image = GrayImage::new(40, 30, vec![level; 1200]).unwrap();
            assert_eq!(perceptual_hash(&image).variants, [1; 8]);
        }
        assert_eq!(perceptual_hash(&GrayImage::black(0, 9)).hash, 0);
    }

    #[test]
    fn bytes_round_trip() {
        let hash = perceptual_hash(&texture(64, 64, 9));
        assert_eq!(PerceptualHash::from_bytes(&hash.to_bytes()), Some(hash));
        assert_eq!(PerceptualHash::from_bytes(&[0; 63]), None);
    }
}
