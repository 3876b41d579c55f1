//! `score_iqa`: technical quality from rules, each part kept.

use serde_json::Value as Json;
use tintype_core::{FeatureKey, FeatureValue};
use tintype_store::SubjectUpdate;
use tintype_vision::quality;

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject, detect_blur, missing_fact};
use crate::Result;

pub(crate) struct ScoreIqa;

const ROW: StepRow = StepRow {
    id: "score_iqa",
    version: 1,
    scope: StepScope::Photo,
    needs: &["detect_blur"],
    makes: &["technical_quality"],
    parameters: &[],
    help: "Technical quality from 0 to 1: sharpness, exposure, contrast, colourfulness and noise.",
};

impl PhotoStep for ScoreIqa {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        FeatureKey::new("technical_quality", "rule_based@1")
    }

    fn compute(&self, subject: &Subject<'_>, facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        let blur = facts.get("blur").and_then(detect_blur::read).ok_or_else(|| missing_fact("blur"))?;
        let iqa =
            quality::score_iqa(&subject.picture.rgb(256), &subject.picture.luma(1024), blur.tile_sharpness);
        Ok(FeatureValue::Json(serde_json::to_value(iqa).unwrap_or(Json::Null)))
    }

    fn scores(&self, value: &FeatureValue, columns: &mut SubjectUpdate) {
        columns.quality = value.as_json().and_then(|json| json.get("score")?.as_f64());
    }
}
