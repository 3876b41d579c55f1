//! The decision: sharp, out of focus, shaken, or nothing there to be sharp.

use serde::{Deserialize, Serialize};

use super::laplacian::tile_areas;
use super::{fft_hf_ratio, laplacian_variance, tile_laplacian};
use crate::image::GrayImage;

/// What a photo's blur looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlurKind {
    /// Something in the picture is sharp.
    Sharp,
    /// Out of focus: soft in every direction.
    Defocus,
    /// Shaken or moved: soft along one direction.
    Motion,
    /// Too little detail to tell: fog, sky, a wall, darkness.
    LowDetail,
}

/// How [`detect_blur`] decides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BlurParams {
    /// When set, a photo is blurry if and only if its [`BlurReport::laplacian_variance`] is below this number
    /// (100.0 is the customary one). By default the strongest tile decides.
    pub laplacian_threshold: Option<f64>,
}

/// Everything [`detect_blur`] finds out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlurReport {
    /// [`laplacian_variance`] at 256 px on the long side, ≥ 0.
    pub laplacian_variance: f64,
    /// [`fft_hf_ratio`] at 256 px on the long side, 0–1.
    pub fft_hf_ratio: f64,
    /// The largest Laplacian variance of 8×8 tiles at up to 1024 px on the long side, ≥ 0.
    pub tile_sharpness: f64,
    /// `tile_sharpness` on a scale for people: 0 mush, 0.5 the decision, 1 pin-sharp.
    pub sharpness: f64,
    /// Whether a person would call the photo blurred.
    pub is_blurry: bool,
    /// How sure the decision is: 0 a coin toss, 1 certain.
    pub confidence: f64,
    /// What kind of blur, if any.
    pub kind: BlurKind,
}

/// Tiles in each direction: an eighth of the picture is enough for a face in focus before a blurred background.
const TILES: u32 = 8;
/// Tile sharpness below which a photo is called blurred. Labelled blurred photos reach 375 (a Gaussian of 1 px),
/// labelled sharp ones begin at 815; but unlabelled good photos of soft subjects (aerial views, faces in 250 px
/// pictures) go down to 290, and calling a soft photo sharp harms less than calling a good one blurred.
const TILE_THRESHOLD: f64 = 300.0;
/// Octaves between value and threshold at which the decision is three quarters sure.
const OCTAVES: f64 = 1.0;
/// With no tile's luma spread (standard deviation) above this, in grey levels, there is nothing to be sharp: fog, a
/// wall, the lens cap. JPEG and sensor noise stay below 3.
const LOW_DETAIL_SPREAD: f64 = 4.0;
/// Gradients along the weakest direction against those along the strongest, in energy, below which a blurred photo
/// counts as shaken. A hint only: scenes full of parallel lines look the same. Of labelled photos it names two
/// motions in five and takes two of eleven other blurs for motion.
const MOTION_BALANCE: f64 = 0.25;

/// Judges a photo from its luma at up to 1024 and up to 256 px on the long side.
pub fn detect_blur(luma_1024: &GrayImage, luma_256: &GrayImage, params: &BlurParams) -> BlurReport {
    let variance = laplacian_variance(luma_256);
    let tile_sharpness = tile_laplacian(luma_1024, TILES).into_iter().fold(0.0, f64::max);
    let (value, threshold) =
        params.laplacian_threshold.map_or((tile_sharpness, TILE_THRESHOLD), |limit| (variance, limit));
    let empty = strongest_spread(luma_256) < LOW_DETAIL_SPREAD;
    // A threshold that somebody asked for is obeyed even where there is nothing to see.
    let is_blurry = value < threshold && !(empty && params.laplacian_threshold.is_none());
    let octaves = ((value + 1.0) / (threshold.max(0.0) + 1.0)).log2();
    let certainty = (octaves.abs() / OCTAVES).tanh();
    let kind = match (empty, is_blurry) {
        (true, _) => BlurKind::LowDetail,
        (false, false) => BlurKind::Sharp,
        (false, true) if gradient_balance(luma_1024) < MOTION_BALANCE => BlurKind::Motion,
        (false, true) => BlurKind::Defocus,
    };
    BlurReport {
        laplacian_variance: variance,
        fft_hf_ratio: fft_hf_ratio(luma_256),
        tile_sharpness,
        sharpness: sharpness_of(tile_sharpness),
        is_blurry,
        confidence: if kind == BlurKind::LowDetail { 0.25 * certainty } else { certainty },
        kind,
    }
}

/// A tile sharpness on the scale 0–1: 0.5 at the decision, 0.8 at twice, 0.2 at half of it.
pub(crate) fn sharpness_of(tile_sharpness: f64) -> f64 {
    let square = (tile_sharpness.max(0.0) / TILE_THRESHOLD).powi(2);
    square / (square + 1.0)
}

/// The largest standard deviation of the luma within a tile.
fn strongest_spread(image: &GrayImage) -> f64 {
    tile_areas(image, TILES)
        .map(|area| {
            let (mut sum, mut squares, mut count) = (0u64, 0u64, 0u64);
            for y in area.y0..area.y1 {
                for &p in &image.row(y as u32)[area.x0..area.x1] {
                    sum += u64::from(p);
                    squares += u64::from(p) * u64::from(p);
                    count += 1;
                }
            }
            if count == 0 { 0.0 } else { ((count * squares - sum * sum) as f64).sqrt() / count as f64 }
        })
        .fold(0.0, f64::max)
}

/// The smaller eigenvalue of the structure tensor Σ∇p∇pᵀ over the larger, 0–1: motion leaves gradients across its
/// direction and wipes out those along it.
fn gradient_balance(image: &GrayImage) -> f64 {
    let (mut xx, mut yy, mut xy) = (0i64, 0i64, 0i64);
    for y in 1..image.height().saturating_sub(1) {
        let (up, row, down) = (image.row(y - 1), image.row(y), image.row(y + 1));
        for x in 1..row.len().saturating_sub(1) {
            let gx = i64::from(row[x + 1]) - i64::from(row[x - 1]);
            let gy = i64::from(down[x]) - i64::from(up[x]);
            xx += gx * gx;
            yy += gy * gy;
            xy += gx * gy;
        }
    }
    let trace = (xx + yy) as f64;
    let spread = ((xx - yy) as f64).hypot(2.0 * xy as f64);
    if trace > 0.0 { (trace - spread) / (trace + spread) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resize::resize_gray;

    /// Black and white cells of 16 px with sloping borders.
    fn board(blur: i32, along_x_only: bool) -> GrayImage {
        let cell = |x: i32, y: i32| if (x.div_euclid(37) + y.div_euclid(29)) % 2 == 0 { 40.0 } else { 210.0 };
        let (w, h) = (512, 384);
        let data = (0..w * h)
            .map(|i| {
                let (x, y) = (i % w, i / w);
                let rows = if along_x_only { 0..=0 } else { -blur..=blur };
                let (mut sum, mut count) = (0.0, 0.0);
                for dy in rows {
                    for dx in -blur..=blur {
                        sum += cell(x + dx, y + dy);
                        count += 1.0;
                    }
                }
                (sum / count) as u8
            })
            .collect();
        GrayImage::new(w as u32, h as u32, data).unwrap()
    }

    fn judge(image: &GrayImage, params: &BlurParams) -> BlurReport {
        detect_blur(image, &resize_gray(image, 256, 192), params)
    }

    #[test]
    fn kinds() {
        let default = BlurParams::default();
        let sharp = judge(&board(0, false), &default);
        assert!(!sharp.is_blurry && sharp.kind == BlurKind::Sharp && sharp.confidence > 0.9, "{sharp:?}");
        let defocus = judge(&board(7, false), &default);
        assert!(defocus.is_blurry && defocus.kind == BlurKind::Defocus, "{defocus:?}");
        assert!(defocus.sharpness < 0.5 && defocus.tile_sharpness < sharp.tile_sharpness);
        assert!(defocus.fft_hf_ratio < sharp.fft_hf_ratio);
        let flat = judge(&GrayImage::new(512, 384, vec![99; 512 * 384]).unwrap(), &default);
        assert!(!flat.is_blurry && flat.kind == BlurKind::LowDetail && flat.confidence <= 0.25, "{flat:?}");
        let none = detect_blur(&GrayImage::black(0, 0), &GrayImage::black(0, 0), &default);
        assert_eq!(none.kind, BlurKind::LowDetail);
    }

    #[test]
    fn one_direction_is_motion() {
        assert!(gradient_balance(&board(15, true)) < 0.5 * gradient_balance(&board(0, false)));
        assert!(gradient_balance(&board(7, false)) > MOTION_BALANCE);
    }

    #[test]
    fn a_threshold_asked_for_decides() {
        let image = board(1, false);
        let variance = judge(&image, &BlurParams::default()).laplacian_variance;
        for (limit, blurry) in [(variance + 1.0, true), (variance - 1.0, false), (0.0, false)] {
            let report = judge(&image, &BlurParams { laplacian_threshold: Some(limit) });
            assert_eq!(report.is_blurry, blurry);
        }
    }

    #[test]
    fn sharpness_is_monotone_within_0_and_1() {
        let values: Vec<f64> = [0.0, 10.0, 150.0, TILE_THRESHOLD, 1000.0, 1e6].map(sharpness_of).to_vec();
        assert!(values.is_sorted() && values[0] == 0.0 && values[3] == 0.5 && values[5] <= 1.0);
    }
}
