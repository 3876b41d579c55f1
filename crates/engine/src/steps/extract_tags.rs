//! `extract_tags`: what is in a picture: labels for the whole of it, and objects with boxes.

use serde_json::{Value as Json, json};
use tintype_core::{FeatureKey, FeatureValue};
use tintype_infer::Models;
use tintype_infer::scene::SceneModel;
use tintype_infer::yolox::{DetectOptions, ObjectModel};
use tintype_vision::RgbImage;

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject, model_key, ready};
use crate::Result;

/// Longer side in pixels of what both models are given: above what either looks at (256 and 416).
pub(crate) const LONG_SIDE: u32 = 720;
/// At most so many labels.
pub(super) const LABELS: usize = 10;
/// Labels less sure than this are noise: a thousand classes share what is left.
const MIN_CONFIDENCE: f32 = 0.03;

const ROW: StepRow = StepRow {
    id: "extract_tags",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["tags"],
    parameters: &[],
    help: "Labels for the picture and objects with boxes, each with its confidence.",
};

pub(crate) struct ExtractTags {
    models: Models,
    scene: SceneModel,
    objects: ObjectModel,
}

impl ExtractTags {
    pub(crate) fn new(models: &Models) -> Self {
        Self { models: models.clone(), scene: SceneModel::new(models), objects: ObjectModel::new(models) }
    }
}

impl PhotoStep for ExtractTags {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn models(&self) -> &[&'static str] {
        &["mobilenet-v2", "yolox-nano"]
    }

    fn prepare(&self) -> Result<()> {
        ready(&self.models, self.models())
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        model_key(&ROW, self.models())
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        let image = subject.picture.rgb(LONG_SIDE);
        let scene = subject.scene(&self.scene)?;
        let labels: Vec<Json> = scene
            .labels
            .iter()
            .filter(|label| label.confidence >= MIN_CONFIDENCE)
            .map(|label| json!({ "name": label.name, "confidence": label.confidence }))
            .collect();
        let objects: Vec<Json> = self
            .objects
            .find_objects(&image, &DetectOptions::default())?
            .iter()
            .map(|found| {
                json!({
                    "name": found.name, "confidence": found.score,
                    "box": box_in_shares(&image, found.bbox_in_image),
                })
            })
            .collect();
        Ok(FeatureValue::Json(json!({ "labels": labels, "objects": objects })))
    }
}

/// A box of left, top, right, bottom in pixels as left, top, width, height in shares of the picture, 0 to 1.
pub(super) fn box_in_shares(image: &RgbImage, [left, top, right, bottom]: [f32; 4]) -> [f32; 4] {
    let (width, height) = (image.width().max(1) as f32, image.height().max(1) as f32);
    [left / width, top / height, (right - left) / width, (bottom - top) / height]
}
