//! How much of a picture's spectrum lies at high frequencies.
//!
//! Only the low frequencies are transformed: by Parseval's theorem the energy of all of them is the pixels' own,
//! and what is not low is high. A discrete Fourier transform pruned to 1/8 cycle per pixel is two products with small
//! matrices, halved once by the symmetry of cosine and sine, and it takes pictures of any size.
#![allow(unsafe_code, reason = "one kernel per instruction set")]

use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, PoisonError};

use crate::image::GrayImage;
use crate::resize::{fit_within, resize_gray};
use crate::simd::per_level;

/// Frequencies up to this many cycles per pixel are low: a quarter of the way to Nyquist's 1/2. Radius 32 in the
/// spectrum of a 256×256 picture.
const LOW: f64 = 1.0 / 8.0;
/// Pictures are reduced to this long side first, so that the measure does not depend on the camera.
const LONG_SIDE: u32 = 256;

/// The share (0–1) of a picture's spectral energy at frequencies above 1/8 cycle per pixel, the mean apart, at 256 px
/// on the long side (larger pictures are reduced, smaller ones taken as they are). With NumPy:
///
/// ```text
/// energy = abs(fft2(image - image.mean())) ** 2
/// energy[hypot(fftfreq(h)[:, None], fftfreq(w)) > 1 / 8].sum() / energy.sum()
/// ```
///
/// Zero for a picture of one colour. Accurate to about 10⁻⁶.
pub fn fft_hf_ratio(image: &GrayImage) -> f64 {
    let (w, h) = fit_within(image.width(), image.height(), LONG_SIDE);
    let reduced;
    let image = if image.width().max(image.height()) > LONG_SIDE {
        reduced = resize_gray(image, w, h);
        &reduced
    } else {
        image
    };
    let (w, h) = (image.width() as usize, image.height() as usize);
    let Some(total) = energy_about_mean(image.data()) else { return 0.0 };
    let vertical = waves(h);
    let horizontal = waves(w);
    let mut scratch = Scratch::default();
    let low = low_energy(image.data(), &vertical, &horizontal, &mut scratch);
    (1.0 - low / total).clamp(0.0, 1.0)
}

/// [`fft_hf_ratio`] of a picture of at most 256 px, the plain way: every frequency of the definition.
pub fn naive_fft_hf_ratio(image: &GrayImage) -> f64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let mean = image.data().iter().map(|&p| f64::from(p)).sum::<f64>() / (w * h).max(1) as f64;
    // Rows, then columns.
    let spectrum = |values: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        let n = values.len();
        (0..n)
            .map(|k| {
                values.iter().enumerate().fold((0.0, 0.0), |(re, im), (i, &(a, b))| {
                    let (sin, cos) = (-TAU * ((k * i) % n) as f64 / n as f64).sin_cos();
                    (re + a * cos - b * sin, im + a * sin + b * cos)
                })
            })
            .collect()
    };
    let rows: Vec<Vec<(f64, f64)>> = (0..h)
        .map(|y| spectrum(image.row(y as u32).iter().map(|&p| (f64::from(p) - mean, 0.0)).collect()))
        .collect();
    let (mut total, mut high) = (0.0, 0.0);
    let frequency = |k: usize, n: usize| k.min(n - k) as f64 / n as f64;
    for u in 0..w {
        for (v, (re, im)) in spectrum(rows.iter().map(|row| row[u]).collect()).into_iter().enumerate() {
            let energy = re * re + im * im;
            total += energy;
            if frequency(u, w).hypot(frequency(v, h)) > LOW {
                high += energy;
            }
        }
    }
    if total > 1e-6 { high / total } else { 0.0 }
}

/// Σ (p − mean)², exactly rounded; `None` when all pixels are equal or there are none.
fn energy_about_mean(data: &[u8]) -> Option<f64> {
    let (mut sum, mut squares) = (0u64, 0u64);
    for part in data.chunks(1 << 15) {
        let (s, q) = sums(part);
        sum += u64::from(s);
        squares += u64::from(q);
    }
    let count = data.len() as u64;
    let scaled = (count * squares).checked_sub(sum * sum).filter(|&scaled| scaled > 0)?;
    Some(scaled as f64 / count as f64)
}

per_level! {
    fn sums(part: &[u8]) -> (u32, u32) = plain_sums;
}

/// Sum and sum of squares of at most 2¹⁵ bytes.
#[inline(always)]
fn plain_sums(part: &[u8]) -> (u32, u32) {
    part.iter().fold((0, 0), |(sum, squares), &p| {
        let p = i32::from(i16::from(p));
        (sum + p as u32, squares + (p * p) as u32)
    })
}

/// Cosines and sines of the low frequencies of a line of `n` pixels, over the folded line.
struct Waves {
    /// Length of the line.
    n: usize,
    /// Number of frequencies, zero among them.
    count: usize,
    /// Length of the folded line: pixel `i` and pixel `n − i` share a place.
    half: usize,
    /// `cosines[i * count + k]` = cos 2πki/n, i < half.
    cosines: Vec<f32>,
    /// Sines in the same order.
    sines: Vec<f32>,
}

impl Waves {
    fn new(n: usize) -> Self {
        let count = (n as f64 * LOW).floor() as usize + 1;
        let half = n / 2 + 1;
        let wave = |f: fn(f64) -> f64| {
            (0..half)
                .flat_map(|i| (0..count).map(move |k| f(TAU * ((k * i) % n) as f64 / n as f64) as f32))
                .collect()
        };
        Self { n, count, half, cosines: wave(f64::cos), sines: wave(f64::sin) }
    }
}

/// The waves of a length, remembered: photos of a library share few sizes.
fn waves(n: usize) -> Arc<Waves> {
    static KNOWN: Mutex<Vec<Arc<Waves>>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(waves) = known.iter().find(|waves| waves.n == n) {
        return Arc::clone(waves);
    }
    let waves = Arc::new(Waves::new(n));
    known.push(Arc::clone(&waves));
    waves
}

/// What the two products need between them.
#[derive(Default)]
struct Scratch {
    even: Vec<f32>,
    odd: Vec<f32>,
    columns: Vec<f32>,
    folded: Vec<f32>,
    result: Vec<f32>,
}

/// The energy of the low frequencies of the picture `data`, but for frequency zero.
fn low_energy(data: &[u8], vertical: &Waves, horizontal: &Waves, scratch: &mut Scratch) -> f64 {
    let (w, h) = (horizontal.n, vertical.n);
    // Columns: x[i] + x[h−i] meets the cosines, x[i] − x[h−i] the sines. Taking 128 away keeps the numbers small and
    // changes frequency zero alone.
    let pixel = |p: u8| f32::from(p) - 128.0;
    scratch.even.resize(vertical.half * w, 0.0);
    scratch.odd.resize(vertical.half * w, 0.0);
    for i in 0..vertical.half {
        let (even, odd) = (&mut scratch.even[i * w..][..w], &mut scratch.odd[i * w..][..w]);
        let a = &data[i * w..][..w];
        let b = &data[(h - i) % h * w..][..w];
        if i == 0 || 2 * i == h {
            for ((e, o), &p) in even.iter_mut().zip(odd).zip(a) {
                (*e, *o) = (pixel(p), 0.0);
            }
        } else {
            for (((e, o), &p), &q) in even.iter_mut().zip(odd).zip(a).zip(b) {
                (*e, *o) = (pixel(p) + pixel(q), pixel(p) - pixel(q));
            }
        }
    }
    // Rows 2k and 2k+1 of `columns`: the cosine and sine sums of frequency k.
    scratch.columns.resize(2 * vertical.count * w, 0.0);
    product(&scratch.even, w, vertical, &vertical.cosines, &mut scratch.columns, 0);
    product(&scratch.odd, w, vertical, &vertical.sines, &mut scratch.columns, vertical.count * w);

    // Rows, the same way on the transpose: line i of `folded` holds x[i] ± x[w−i] of every column sum.
    let lines = 2 * vertical.count;
    scratch.folded.resize(2 * horizontal.half * lines, 0.0);
    let (even, odd) = scratch.folded.split_at_mut(horizontal.half * lines);
    for line in 0..lines {
        let row = &scratch.columns[line * w..][..w];
        for i in 0..horizontal.half {
            let (a, b) = if i == 0 || 2 * i == w { (row[i], 0.0) } else { (row[i], row[w - i]) };
            even[i * lines + line] = a + b;
            odd[i * lines + line] = if i == 0 || 2 * i == w { 0.0 } else { a - b };
        }
    }
    scratch.result.resize(2 * horizontal.count * lines, 0.0);
    product(even, lines, horizontal, &horizontal.cosines, &mut scratch.result, 0);
    product(odd, lines, horizontal, &horizontal.sines, &mut scratch.result, horizontal.count * lines);

    // With C and S the cosine and sine sums along y, and c and s along x: F(u, ±v) = (Cc ∓ Ss) − i (Cs ± Sc).
    let (cos_x, sin_x) = scratch.result.split_at(horizontal.count * lines);
    let mut low = 0.0;
    for u in 0..horizontal.count {
        for v in 0..vertical.count {
            let frequency = (u as f64 / w as f64).hypot(v as f64 / h as f64);
            if (u, v) == (0, 0) || frequency > LOW {
                continue;
            }
            let at = |table: &[f32], part: usize| f64::from(table[u * lines + part * vertical.count + v]);
            let (cc, sc, cs, ss) = (at(cos_x, 0), at(cos_x, 1), at(sin_x, 0), at(sin_x, 1));
            let plus = (cc - ss) * (cc - ss) + (cs + sc) * (cs + sc);
            let minus = (cc + ss) * (cc + ss) + (cs - sc) * (cs - sc);
            // Every frequency (u, v) stands for itself and its conjugate (−u, −v).
            low += match (u, v) {
                (0, _) | (_, 0) => 2.0 * plus,
                _ => 2.0 * (plus + minus),
            };
        }
    }
    low / (w * h) as f64
}

/// `out[offset + k * width + x] = Σ_i table[i, k] · lines[i * width + x]` for every frequency k of `waves`: four lines
/// at a time, so that the sums are read and written a quarter as often as they are added to.
#[inline(always)]
fn plain_product(lines: &[f32], width: usize, waves: &Waves, table: &[f32], out: &mut [f32], offset: usize) {
    let out = &mut out[offset..][..waves.count * width];
    out.fill(0.0);
    let lines = &lines[..waves.half * width];
    let fours = lines.chunks_exact(4 * width);
    let rest = fours.remainder();
    for (k, out) in out.chunks_exact_mut(width).enumerate() {
        let mut weights = table[k..].iter().step_by(waves.count).copied();
        let mut weight = || weights.next().unwrap_or(0.0);
        for four in fours.clone() {
            let (ab, cd) = four.split_at(2 * width);
            let ((a, b), (c, d)) = (ab.split_at(width), cd.split_at(width));
            let (p, q, r, s) = (weight(), weight(), weight(), weight());
            for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *out += (p * a + q * b) + (r * c + s * d);
            }
        }
        for line in rest.chunks_exact(width) {
            let p = weight();
            out.iter_mut().zip(line).for_each(|(out, a)| *out += p * a);
        }
    }
}

per_level! {
    fn product(lines: &[f32], width: usize, waves: &Waves, table: &[f32], out: &mut [f32], offset: usize) = plain_product;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blur::tests::texture;

    #[test]
    fn equals_the_full_transform() {
        for (w, h) in [(1, 1), (1, 9), (9, 2), (16, 16), (33, 20), (64, 47), (90, 128)] {
            let image = texture(w, h, w);
            let (fast, slow) = (fft_hf_ratio(&image), naive_fft_hf_ratio(&image));
            assert!((fast - slow).abs() < 2e-6, "{w}×{h}: {fast} against {slow}");
        }
    }

    #[test]
    fn flat_has_no_frequencies_and_a_checkerboard_only_high_ones() {
        assert_eq!(fft_hf_ratio(&GrayImage::black(256, 256)), 0.0);
        assert_eq!(fft_hf_ratio(&GrayImage::black(0, 3)), 0.0);
        let board = (0..64 * 64).map(|i| ((i % 64 + i / 64) % 2 * 255) as u8).collect();
        assert!((fft_hf_ratio(&GrayImage::new(64, 64, board).unwrap()) - 1.0).abs() < 1e-6);
    }
}
