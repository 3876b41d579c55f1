//! The decision: sharp, out of focus, shaken, or nothing there to be sharp.

use serde::{Deserialize, Serialize};

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

/// Tile sharpness at which sharp and blurred are equally likely.
const TILE_THRESHOLD: f64 = 250.0;

/// Judges a photo from its luma at up to 1024 and up to 256 px on the long side.
pub fn detect_blur(luma_1024: &GrayImage, luma_256: &GrayImage, params: &BlurParams) -> BlurReport {
    let variance = laplacian_variance(luma_256);
    let tile_sharpness = tile_laplacian(luma_1024, 8).into_iter().fold(0.0, f64::max);
    let (value, threshold) =
        params.laplacian_threshold.map_or((tile_sharpness, TILE_THRESHOLD), |limit| (variance, limit));
    let is_blurry = value < threshold;
    let octaves = ((value + 1.0) / (threshold.max(0.0) + 1.0)).log2();
    BlurReport {
        laplacian_variance: variance,
        fft_hf_ratio: fft_hf_ratio(luma_256),
        tile_sharpness,
        sharpness: tile_sharpness / (tile_sharpness + TILE_THRESHOLD),
        is_blurry,
        confidence: (octaves.abs() / 2.0).tanh(),
        kind: if is_blurry { BlurKind::Defocus } else { BlurKind::Sharp },
    }
}
