//! `detect_blur`: how sharp the sharpest part of a photo is, and whether it is blurred.

use serde_json::{Value as Json, json};
use tintype_core::{FeatureKey, FeatureValue};
use tintype_store::SubjectUpdate;
use tintype_vision::blur::{self, BlurParams, BlurReport};

use super::{Facts, Parameter, Params, PhotoStep, StepRow, StepScope, Subject};
use crate::Result;

pub(crate) struct DetectBlur;

const ROW: StepRow = StepRow {
    id: "detect_blur",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["blur"],
    parameters: &[Parameter {
        name: "laplacian_threshold",
        kind: "number",
        default: None,
        range: (0.0, 1e6),
        help: "When given, a photo is blurred when the Laplacian variance at 256 px is below it (often 100); otherwise the strongest tile decides.",
    }],
    help: "Laplacian variance, share of high frequencies, the sharpest tile, and whether the photo is blurred and how.",
};

/// The report held in a stored feature.
pub(crate) fn read(value: &FeatureValue) -> Option<BlurReport> {
    value.as_json().and_then(|json| serde_json::from_value(json.clone()).ok())
}

impl PhotoStep for DetectBlur {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, params: &Params) -> FeatureKey {
        let key = FeatureKey::new("blur", "tile-laplacian@1");
        match params.get("laplacian_threshold") {
            Some(threshold) => key.with_params(&json!({ "laplacian_threshold": threshold })),
            None => key,
        }
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, params: &Params) -> Result<FeatureValue> {
        let params = BlurParams { laplacian_threshold: params.get("laplacian_threshold").copied() };
        let report = blur::detect_blur(&subject.picture.luma(1024), &subject.picture.luma(256), &params);
        Ok(FeatureValue::Json(serde_json::to_value(report).unwrap_or(Json::Null)))
    }

    fn scores(&self, value: &FeatureValue, columns: &mut SubjectUpdate) {
        if let Some(report) = read(value) {
            columns.sharpness = Some(report.sharpness);
            columns.is_blurry = Some(report.is_blurry);
            columns.blur_kind =
                value.as_json().and_then(|json| json.get("kind")?.as_str().map(str::to_owned));
        }
    }
}
