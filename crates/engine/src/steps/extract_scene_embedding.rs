//! `extract_scene_embedding` without a model: colour layout and gradients on a grid.

use tintype_core::{FeatureKey, FeatureValue};
use tintype_vision::scene;

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject};
use crate::Result;

pub(crate) struct ExtractSceneEmbedding;

const ROW: StepRow = StepRow {
    id: "extract_scene_embedding",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["scene_embedding"],
    parameters: &[],
    help: "A vector of what the scene looks like; near vectors are similar scenes.",
};

/// The key of the feature.
pub(crate) fn key() -> FeatureKey {
    FeatureKey::new("scene_embedding", "colour-gradient-grid@1")
}

impl PhotoStep for ExtractSceneEmbedding {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        key()
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        Ok(FeatureValue::Vector(scene::scene_descriptor(&subject.picture.rgb(256))))
    }
}
