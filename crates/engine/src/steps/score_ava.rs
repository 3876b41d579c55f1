//! `score_ava`: how good a picture looks, as the votes that people would give it.

use serde_json::json;
use tintype_core::{FeatureKey, FeatureValue};
use tintype_infer::Models;
use tintype_infer::nima::{NimaModel, Question};

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject, model_key, ready};
use crate::Result;

/// The picture's longer side, in pixels, that the model's own 224 are made from.
const LONG_SIDE: u32 = 720;

const ROW: StepRow = StepRow {
    id: "score_ava",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["aesthetic"],
    parameters: &[],
    help: "How good the picture looks, 1 to 10, with the shares of each vote.",
};

pub(crate) struct ScoreAva {
    models: Models,
    model: NimaModel,
}

impl ScoreAva {
    pub(crate) fn new(models: &Models) -> Self {
        Self { models: models.clone(), model: NimaModel::new(models, Question::Aesthetic) }
    }
}

impl PhotoStep for ScoreAva {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn models(&self) -> &[&'static str] {
        &["nima-aesthetic"]
    }

    fn prepare(&self) -> Result<()> {
        ready(&self.models, self.models())
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        model_key(&ROW, self.models())
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        let votes = self.model.judge(&subject.picture.rgb(LONG_SIDE))?;
        Ok(FeatureValue::Json(
            json!({ "score": votes.mean, "spread": votes.spread, "distribution": votes.shares }),
        ))
    }
}
