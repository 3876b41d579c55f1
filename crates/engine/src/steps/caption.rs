//! `caption`: one sentence about a picture, by each captioning model that is installed; where there is none, composed
//! of what other steps found. Which of several is shown, [`tintype_core::Caption::shown`] says.

mod composed;

use serde_json::json;
use tintype_core::{FeatureKey, FeatureValue};
use tintype_infer::generate::Captioner;
use tintype_infer::{Models, blip, vit_gpt2};

pub(crate) use composed::ComposedCaption;

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject, model_key, ready};
use crate::Result;

/// Longer side in pixels of what captioners are given: above what any looks at (384).
const LONG_SIDE: u32 = 720;

pub(crate) const ROW: StepRow = StepRow {
    id: "caption",
    version: 1,
    scope: StepScope::Photo,
    needs: &["extract_tags", "read_text"],
    makes: &["caption"],
    parameters: &[],
    help: "One sentence about the picture: by a captioning model where one is installed, else composed of labels, objects and text.",
};

/// A sentence by a captioning model.
pub(crate) struct ModelCaption {
    models: Models,
    ids: Vec<&'static str>,
    key: FeatureKey,
    captioner: Captioner,
}

impl ModelCaption {
    /// Every captioning model of the table, the one to recommend first.
    pub(crate) fn all(models: &Models) -> Vec<Self> {
        let captioners =
            [(vit_gpt2::MODEL, vit_gpt2::captioner(models)), (blip::MODEL, blip::captioner(models))];
        // Only a table without the row can refuse.
        let known = captioners.into_iter().filter_map(|(id, captioner)| Some((id, captioner.ok()?)));
        known.map(|(id, captioner)| Self::of_row(models, id, captioner)).collect()
    }

    fn of_row(models: &Models, id: &'static str, captioner: Captioner) -> Self {
        Self { models: models.clone(), ids: vec![id], key: model_key(&ROW, &[id]), captioner }
    }

    /// By a captioner that is in no table and is loaded already.
    #[cfg(test)]
    pub(crate) fn over(models: &Models, producer: &str, captioner: Captioner) -> Self {
        let key = FeatureKey::new(ROW.makes[0], producer);
        Self { models: models.clone(), ids: Vec::new(), key, captioner }
    }
}

impl PhotoStep for ModelCaption {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn models(&self) -> &[&'static str] {
        &self.ids
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn prepare(&self) -> Result<()> {
        ready(&self.models, &self.ids)
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        self.key.clone()
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        let caption = self.captioner.caption(&subject.picture.rgb(LONG_SIDE))?;
        // The mean chance of a token: how sure the model was of its words.
        let confidence = caption.score.exp().clamp(0.0, 1.0);
        Ok(FeatureValue::Json(json!({ "text": caption.text, "confidence": confidence })))
    }
}

#[cfg(test)]
pub(crate) mod tests;
