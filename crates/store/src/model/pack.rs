//! Pictures with everything computed of them, on their way from one library to another.

use serde::{Deserialize, Serialize};
use tintype_core::{FeatureKey, Orientation, PixelHash};

/// What the columns of a picture say; they follow from its features.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureScores {
    /// What decoded it.
    pub decoder: Option<String>,
    /// Sharpness, as the producing step scales it.
    pub sharpness: Option<f64>,
    /// Quality, as the producing step scales it.
    pub quality: Option<f64>,
    /// Whether it counts as blurred.
    pub is_blurry: Option<bool>,
    /// How it is blurred.
    pub blur_kind: Option<String>,
}

/// A feature with its value as bytes: not a bit of it changes on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFeature {
    /// Kind, producer and parameters.
    pub key: FeatureKey,
    /// When it was made, milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// 0 a number (f64), 1 a vector of f32, both little-endian; 2 JSON text; 3 bytes.
    pub kind: u8,
    /// The value.
    pub value: Vec<u8>,
}

/// A picture and its features.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedPicture {
    /// The coded picture.
    pub pixel_hash: PixelHash,
    /// How it is turned.
    pub orientation: Orientation,
    /// Its columns.
    pub scores: PictureScores,
    /// All its features, of every producer and version.
    pub features: Vec<PackedFeature>,
}

/// Row of a picture, for what lies beside the database. It means the same picture for as long as
/// [`crate::VectorState::epoch`] stays what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PictureId(pub(crate) i64);

impl PictureId {
    /// As a plain number, for files that know none of ours.
    pub fn number(self) -> u64 {
        self.0 as u64
    }

    /// The picture with this number.
    pub fn from_number(number: u64) -> Self {
        Self(number as i64)
    }
}

/// What taking in pictures did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ImportCounts {
    /// Pictures looked at.
    pub pictures: u64,
    /// Features that were not there.
    pub added: u64,
    /// Features that took the place of an older value.
    pub replaced: u64,
    /// Features left alone, because what is there is as new or newer.
    pub kept: u64,
}

impl ImportCounts {
    /// Adds `other` to these counts.
    pub fn add(&mut self, other: Self) {
        self.pictures += other.pictures;
        self.added += other.added;
        self.replaced += other.replaced;
        self.kept += other.kept;
    }
}
