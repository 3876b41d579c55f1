//! `perceptual_hash`: a 64-bit hash that survives resizing and recompression, for all eight symmetries.

use serde_json::{Value as Json, json};
use tintype_core::{FeatureKey, FeatureValue};
use tintype_vision::phash::{self, PerceptualHash};

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject};
use crate::Result;

pub(crate) struct PerceptualHashStep;

const ROW: StepRow = StepRow {
    id: "perceptual_hash",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["perceptual_hash"],
    parameters: &[],
    help: "64-bit hash of the picture's coarse structure, kept for its eight mirrored and turned forms.",
};

/// The key of the feature.
pub(crate) fn key() -> FeatureKey {
    FeatureKey::new("perceptual_hash", "dct8@1")
}

/// The hash held in a stored feature.
pub(crate) fn read(value: &FeatureValue) -> Option<PerceptualHash> {
    value.as_blob().and_then(PerceptualHash::from_bytes)
}

impl PhotoStep for PerceptualHashStep {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        key()
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        Ok(FeatureValue::Blob(phash::perceptual_hash(&subject.picture.luma(256)).to_bytes().to_vec()))
    }

    fn describe(&self, value: &FeatureValue) -> Json {
        read(value).map_or(Json::Null, |hash| json!({ "hash": format!("{:016x}", hash.hash) }))
    }
}
