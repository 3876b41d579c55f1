//! How much of a picture's spectrum lies at high frequencies.
//!
//! Only the low frequencies are transformed: by Parseval's theorem the energy of all of them is the pixels' own,
//! and what is not low is high. A discrete Fourier transform pruned to 1/8 cycle per pixel is two products with small
//! matrices, halved once by the symmetry of cosine and sine, and it takes pictures of any size.
#![allow(unsafe_code, reason = "one kernel per instruction set")]
#![allow(clippy::inline_always, reason = "bodies are compiled into one caller per instruction set")]

use std::cell::RefCell;
use std::f64::consts::TAU;
use std::sync::{Arc, Mutex, PoisonError};

use crate::image::GrayImage;
use crate::resize::{fit_within, resize_gray};
use crate::simd::{Level, detected, per_level};

/// Frequencies up to one cycle in this many pixels are low: a quarter of the way to Nyquist's 1/2. Radius 32 in the
/// spectrum of a 256×256 picture.
const LOW: usize = 8;
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
    let low = SCRATCH.with_borrow_mut(|scratch| low_energy(image.data(), &vertical, &horizontal, scratch));
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
    for u in 0..w {
        for (v, (re, im)) in spectrum(rows.iter().map(|row| row[u]).collect()).into_iter().enumerate() {
            let energy = re * re + im * im;
            total += energy;
            if !is_low(u.min(w - u), w, v.min(h - v), h) {
                high += energy;
            }
        }
    }
    if total > 1e-6 { high / total } else { 0.0 }
}

/// Whether `hypot(u / w, v / h) ≤ 1 / LOW`, in whole numbers.
fn is_low(u: usize, w: usize, v: usize, h: usize) -> bool {
    LOW * LOW * (u * u * h * h + v * v * w * w) <= w * w * h * h
}

per_level! {
    /// Columns: x[i] + x[h−i] meets the cosines, x[i] − x[h−i] the sines.
    fn fold(data: &[u8], w: usize, h: usize, even: &mut [f32], odd: &mut [f32]) = plain_fold;
}

#[inline(always)]
fn plain_fold(data: &[u8], w: usize, h: usize, even: &mut [f32], odd: &mut [f32]) {
    // Taking 128 away keeps the numbers small and changes frequency zero alone.
    let pixel = |p: u8| f32::from(p) - 128.0;
    for (i, (even, odd)) in even.chunks_exact_mut(w).zip(odd.chunks_exact_mut(w)).enumerate() {
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
        let count = n / LOW + 1;
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

thread_local! {
    /// Half a megabyte that would cost as much to ask the system for as to fill.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
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
    // `resize` only ever changes lengths here; every value is written before it is read.
    scratch.even.resize(vertical.half * w, 0.0);
    scratch.odd.resize(vertical.half * w, 0.0);
    fold(data, w, h, &mut scratch.even, &mut scratch.odd);
    // Rows 2k and 2k+1 of `columns`: the cosine and sine sums of frequency k.
    scratch.columns.resize(2 * vertical.count * w, 0.0);
    product(&scratch.even, w, vertical, &vertical.cosines, &mut scratch.columns, 0);
    product(&scratch.odd, w, vertical, &vertical.sines, &mut scratch.columns, vertical.count * w);

    // Rows, the same way on the transpose: line i of `folded` holds x[i] ± x[w−i] of every column sum.
    let lines = 2 * vertical.count;
    scratch.folded.resize(2 * horizontal.half * lines, 0.0);
    let (even, odd) = scratch.folded.split_at_mut(horizontal.half * lines);
    // In strips of a cache line, for the reads and the writes run across each other.
    for start in (0..horizontal.half).step_by(16) {
        for (line, row) in scratch.columns[..lines * w].chunks_exact(w).enumerate() {
            for i in start..horizontal.half.min(start + 16) {
                let alone = i == 0 || 2 * i == w;
                let (a, b) = (row[i], if alone { 0.0 } else { row[w - i] });
                even[i * lines + line] = a + b;
                odd[i * lines + line] = if alone { 0.0 } else { a - b };
            }
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
            if (u, v) == (0, 0) || !is_low(u, w, v, h) {
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
    fn product_by_level(lines: &[f32], width: usize, waves: &Waves, table: &[f32], out: &mut [f32], offset: usize) =
        plain_product;
}

fn product(lines: &[f32], width: usize, waves: &Waves, table: &[f32], out: &mut [f32], offset: usize) {
    match detected() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the features of the level that was detected.
        Level::Avx512 => unsafe { product_avx512(lines, width, waves, table, out, offset) },
        _ => product_by_level(lines, width, waves, table, out, offset),
    }
}

/// [`plain_product`] in blocks of four frequencies by 64 columns, whose sums stay in registers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn product_avx512(lines: &[f32], width: usize, waves: &Waves, table: &[f32], out: &mut [f32], offset: usize) {
    let out = &mut out[offset..][..waves.count * width];
    let lines = &lines[..waves.half * width];
    let table = &table[..waves.half * waves.count];
    let mut x = 0;
    while x < width {
        let left = width - x;
        let mut k = 0;
        while k < waves.count {
            match (waves.count - k >= 4, left >= 64) {
                (true, true) => block_avx512::<4, 4>(lines, width, x, table, waves.count, k, out),
                (true, false) => block_avx512::<4, 1>(lines, width, x, table, waves.count, k, out),
                (false, true) => block_avx512::<1, 4>(lines, width, x, table, waves.count, k, out),
                (false, false) => block_avx512::<1, 1>(lines, width, x, table, waves.count, k, out),
            }
            k += if waves.count - k >= 4 { 4 } else { 1 };
        }
        x += if left >= 64 { 64 } else { 16 };
    }
}

/// `R` frequencies from `k` on and `V` × 16 columns from `x` on; with `V` = 1 the columns may end earlier.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
#[allow(clippy::needless_range_loop, reason = "rows and vectors of a block of registers")]
fn block_avx512<const R: usize, const V: usize>(
    lines: &[f32],
    width: usize,
    x: usize,
    table: &[f32],
    count: usize,
    k: usize,
    out: &mut [f32],
) {
    use std::arch::x86_64::{
        _mm512_fmadd_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps,
    };
    let half = lines.len() / width;
    assert!(lines.len() == half * width && table.len() == half * count && out.len() == count * width);
    assert!(k + R <= count && x < width && (V == 1 || x + 16 * V <= width));
    let mask = if V == 1 { u16::MAX >> (16 - (width - x).min(16)) } else { u16::MAX };
    let mut sums = [[_mm512_setzero_ps(); V]; R];
    for i in 0..half {
        for v in 0..V {
            // SAFETY: the lanes of `mask` lie in line `i`, by the assertions.
            let line = unsafe { _mm512_maskz_loadu_ps(mask, lines.as_ptr().add(i * width + x + 16 * v)) };
            for r in 0..R {
                // SAFETY: `i < half` and `k + r < count`, by the assertions.
                let weight = _mm512_set1_ps(unsafe { *table.get_unchecked(i * count + k + r) });
                sums[r][v] = _mm512_fmadd_ps(weight, line, sums[r][v]);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (v, &sum) in sums.iter().enumerate() {
            // SAFETY: the lanes of `mask` lie in line `k + r` of `out`, by the assertions.
            unsafe { _mm512_mask_storeu_ps(out.as_mut_ptr().add((k + r) * width + x + 16 * v), mask, sum) };
        }
    }
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
