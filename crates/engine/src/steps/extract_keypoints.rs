//! `extract_keypoints`: local features with which duplicates are confirmed by geometry, across crops, mirrors and
//! right angles, without looking at the photo again.

use serde_json::{Value as Json, json};
use tintype_core::{FeatureKey, FeatureValue};
use tintype_vision::keypoints::{self, Keypoints};

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject};
use crate::Result;

pub(crate) struct ExtractKeypoints;

const ROW: StepRow = StepRow {
    id: "extract_keypoints",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["keypoints"],
    parameters: &[],
    help: "Corners with mirror-closed binary descriptors; duplicates are confirmed from them.",
};

/// The key of the feature.
pub(crate) fn key() -> FeatureKey {
    FeatureKey::new("keypoints", "corners@1")
}

/// The keypoints held in a stored feature.
pub(crate) fn read(value: &FeatureValue) -> Option<Keypoints> {
    value.as_blob().and_then(Keypoints::from_bytes)
}

impl PhotoStep for ExtractKeypoints {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        key()
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        Ok(FeatureValue::Blob(keypoints::extract(&subject.picture.luma(512)).to_bytes()))
    }

    fn describe(&self, value: &FeatureValue) -> Json {
        read(value).map_or(Json::Null, |found| json!({ "points": found.points.len() }))
    }
}
