//! [`score_iqa`]: technical quality by rule, each part kept (producer `rule_based@1`).

use serde::{Deserialize, Serialize};

use crate::blur::laplacian::tile_areas;
use crate::blur::sharpness_of;
use crate::image::{GrayImage, RgbImage};

/// Technical quality and its parts; each 0–1, 1 is good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Iqa {
    /// The parts together: their weighted geometric mean, so that one ruined part ruins the photo.
    pub score: f64,
    /// From the sharpest tile, noise taken off.
    pub sharpness: f64,
    /// Neither crushed into black nor burnt into white, and of middling brightness.
    pub exposure: f64,
    /// Spread of the luma histogram.
    pub contrast: f64,
    /// Hasler and Süsstrunk's colourfulness; 0 for grey photos.
    pub colourfulness: f64,
    /// Freedom from noise (Immerkær's estimate over the quietest tiles).
    pub noise: f64,
}

/// Weights of sharpness, exposure, contrast, colourfulness and noise. Colour counts little: black-and-white photos
/// are no worse for it.
const WEIGHTS: [f64; 5] = [0.35, 0.25, 0.15, 0.05, 0.2];
/// A part never pulls the score below this share of itself.
const FLOOR: f64 = 0.02;
/// Distance of the 2nd and the 98th luma percentile that counts as full contrast.
const FULL_CONTRAST: f64 = 180.0;
/// Hasler and Süsstrunk's "highly colourful" (Measuring Colourfulness in Natural Images, 2003, table 2: 82).
const HIGHLY_COLOURFUL: f64 = 82.0;
/// Noise, in grey levels, at which a photo loses half of that part: visible grain at screen size.
const HALF_NOISE: f64 = 5.0;
/// Variance of the Laplacian of noise of variance 1: the sum of its kernel's squares, 4² + 4 · 1².
const LAPLACIAN_GAIN: f64 = 20.0;

/// Scores a photo from its colours at about 256–512 px, its luma at up to 1024 px on the long side and its
/// [`tile_sharpness`](crate::blur::BlurReport::tile_sharpness).
pub fn score_iqa(rgb: &RgbImage, luma_1024: &GrayImage, tile_sharpness: f64) -> Iqa {
    let sigma = quiet_noise(luma_1024);
    let histogram = histogram(luma_1024);
    let sharpness = sharpness_of(tile_sharpness - LAPLACIAN_GAIN * sigma * sigma);
    let exposure = exposure(&histogram);
    let contrast = contrast(&histogram);
    let colourfulness = (colourfulness(rgb) / HIGHLY_COLOURFUL).min(1.0);
    let noise = 1.0 / (1.0 + (sigma / HALF_NOISE).powi(2));
    let parts = [sharpness, exposure, contrast, colourfulness, noise];
    let score =
        parts.iter().zip(WEIGHTS).map(|(part, weight)| weight * (FLOOR + (1.0 - FLOOR) * part).ln()).sum();
    Iqa { score: f64::exp(score), sharpness, exposure, contrast, colourfulness, noise }
}

fn histogram(image: &GrayImage) -> [u32; 256] {
    let mut counts = [0; 256];
    image.data().iter().for_each(|&p| counts[usize::from(p)] += 1);
    counts
}

/// The share of unclipped pixels times how close the mean is to the middle.
fn exposure(histogram: &[u32; 256]) -> f64 {
    let count = histogram.iter().map(|&n| u64::from(n)).sum::<u64>().max(1) as f64;
    let share = |levels: &[u32]| levels.iter().map(|&n| f64::from(n)).sum::<f64>() / count;
    let mean =
        histogram.iter().enumerate().map(|(level, &n)| level as f64 * f64::from(n)).sum::<f64>() / count;
    // A twentieth of the picture may be black or white: lamps, shadows, sky.
    let clipped = (share(&histogram[..4]) + share(&histogram[252..]) - 0.05).max(0.0);
    let off_middle = (mean - 118.0).abs() / if mean < 118.0 { 118.0 } else { 137.0 };
    ((1.0 - clipped) * (1.0 - off_middle * off_middle)).clamp(0.0, 1.0)
}

/// The distance of the 2nd and the 98th percentile, 1 from `FULL_CONTRAST` on.
fn contrast(histogram: &[u32; 256]) -> f64 {
    let count = histogram.iter().map(|&n| u64::from(n)).sum::<u64>();
    let percentile = |share: f64| {
        let wanted = (count as f64 * share) as u64;
        let mut seen = 0;
        histogram.iter().position(|&n| {
            seen += u64::from(n);
            seen > wanted
        })
    };
    match (percentile(0.02), percentile(0.98)) {
        (Some(low), Some(high)) => ((high - low) as f64 / FULL_CONTRAST).min(1.0),
        _ => 0.0,
    }
}

/// σ(rg, yb) + 0.3 μ(rg, yb) with rg = R − G and yb = (R + G)/2 − B: Hasler and Süsstrunk's M³, about 0–110.
fn colourfulness(image: &RgbImage) -> f64 {
    let pixels = image.data().as_chunks::<3>().0;
    if pixels.is_empty() {
        return 0.0;
    }
    // Twice yb, so that all is whole numbers.
    let (mut a, mut aa, mut b, mut bb) = (0i64, 0i64, 0i64, 0i64);
    for pixel in pixels {
        let [red, green, blue] = pixel.map(i32::from);
        let (rg, yb) = (red - green, red + green - 2 * blue);
        a += i64::from(rg);
        aa += i64::from(rg * rg);
        b += i64::from(yb);
        bb += i64::from(yb * yb);
    }
    let count = pixels.len() as f64;
    let (rg, yb) = (a as f64 / count, b as f64 / count / 2.0);
    let variance = (aa as f64 / count - rg * rg) + (bb as f64 / count / 4.0 - yb * yb);
    variance.max(0.0).sqrt() + 0.3 * rg.hypot(yb)
}

/// Standard deviation of the noise in grey levels: Immerkær's estimate (Fast Noise Variance Estimation, 1996), the
/// mean of |p ∗ [1 −2 1]ᵀ[1 −2 1]| times √(π/2)/6, at the lower quartile of 8×8 tiles, where texture disturbs least.
fn quiet_noise(image: &GrayImage) -> f64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let mut tiles: Vec<f64> = tile_areas(image, 8)
        .filter_map(|area| {
            let (x0, x1) = (area.x0.max(1), area.x1.min(w.saturating_sub(1)));
            let (y0, y1) = (area.y0.max(1), area.y1.min(h.saturating_sub(1)));
            if x0 >= x1 || y0 >= y1 {
                return None;
            }
            let mut sum = 0u64;
            for y in y0..y1 {
                let row = |y: usize| &image.data()[y * w + x0 - 1..=y * w + x1];
                let (up, middle, down) = (row(y - 1), row(y), row(y + 1));
                let line: i32 = up
                    .windows(3)
                    .zip(middle.windows(3))
                    .zip(down.windows(3))
                    .map(|((u, m), d)| {
                        let bend = |p: &[u8]| i32::from(p[0]) - 2 * i32::from(p[1]) + i32::from(p[2]);
                        (bend(u) - 2 * bend(m) + bend(d)).abs()
                    })
                    .sum();
                sum += line as u64;
            }
            Some(sum as f64 / ((x1 - x0) * (y1 - y0)) as f64)
        })
        .collect();
    if tiles.is_empty() {
        return 0.0;
    }
    let quarter = tiles.len() / 4;
    let (_, &mut tile, _) = tiles.select_nth_unstable_by(quarter, f64::total_cmp);
    tile * std::f64::consts::FRAC_PI_2.sqrt() / 6.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blur::tests::texture;

    /// Pseudo-random numbers, about normal with variance 1.
    fn normal(count: usize) -> Vec<f64> {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 40) as f64 / (1u64 << 24) as f64
        };
        (0..count).map(|_| (0..12).map(|_| next()).sum::<f64>() - 6.0).collect()
    }

    #[test]
    fn noise_is_measured_in_grey_levels() {
        for sigma in [2.0, 8.0] {
            let data = normal(512 * 512).iter().map(|n| (128.0 + sigma * n).round() as u8).collect();
            let estimate = quiet_noise(&GrayImage::new(512, 512, data).unwrap());
            assert!((estimate / sigma - 1.0).abs() < 0.06, "{estimate} for {sigma}");
        }
        assert_eq!(quiet_noise(&GrayImage::black(2, 9)), 0.0);
    }

    #[test]
    fn each_fault_lowers_its_part_and_the_score() {
        let good = texture(512, 384, 1);
        let rgb =
            RgbImage::new(512, 384, good.data().iter().flat_map(|&p| [p, p / 2, 255 - p]).collect()).unwrap();
        let score = |change: &dyn Fn(f64) -> f64| {
            let data = good.data().iter().map(|&p| change(f64::from(p)).clamp(0.0, 255.0) as u8).collect();
            score_iqa(&rgb, &GrayImage::new(512, 384, data).unwrap(), 4000.0)
        };
        let best = score(&|p| p);
        let (dark, bright, dull) =
            (score(&|p| p * 0.3), score(&|p| p * 2.5), score(&|p| 118.0 + (p - 118.0) * 0.2));
        assert!(dark.exposure < best.exposure && dark.score < best.score);
        assert!(bright.exposure < best.exposure && bright.score < best.score);
        // Its score may rise: less contrast is less noise as well.
        assert!(dull.contrast < best.contrast);
        assert!(score_iqa(&rgb, &good, 100.0).score < best.score);
        let gray = RgbImage::new(2, 1, vec![9, 9, 9, 200, 200, 200]).unwrap();
        assert_eq!(score_iqa(&gray, &good, 4000.0).colourfulness, 0.0);
    }

    #[test]
    fn nothing_is_judged_without_panic() {
        let iqa = score_iqa(&RgbImage::black(0, 0), &GrayImage::black(0, 0), 0.0);
        assert!((0.0..=1.0).contains(&iqa.score));
    }
}
