//! `read_text`: lines of text in a picture.

use serde_json::{Value as Json, json};
use tintype_core::{FeatureKey, FeatureValue};
use tintype_infer::Models;
use tintype_infer::ocr::{DEFAULT_MODEL, OcrModel, OcrOptions};

use super::extract_tags::box_in_shares;
use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject, model_key, ready};
use crate::Result;
use crate::previews::PREVIEW_SIZES;

const ROW: StepRow = StepRow {
    id: "read_text",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["text"],
    parameters: &[],
    help: "Lines of text with boxes and confidence, in reading order.",
};

pub(crate) struct ReadText {
    models: Models,
    model: OcrModel,
}

impl ReadText {
    pub(crate) fn new(models: &Models) -> Self {
        Self { models: models.clone(), model: OcrModel::new(models) }
    }
}

impl PhotoStep for ReadText {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn models(&self) -> &[&'static str] {
        &[DEFAULT_MODEL]
    }

    fn prepare(&self) -> Result<()> {
        ready(&self.models, self.models())
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        model_key(&ROW, self.models())
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        // Small letters need every pixel that was decoded.
        let image = subject.picture.rgb(PREVIEW_SIZES[0]);
        let lines = self.model.read_text(&image, &OcrOptions::default())?;
        let lines: Vec<Json> = lines
            .iter()
            .map(|line| {
                json!({
                    "text": line.text, "confidence": line.confidence,
                    "box": box_in_shares(&image, line.bbox_in_image()),
                })
            })
            .collect();
        Ok(FeatureValue::Json(json!({ "lines": lines })))
    }
}
