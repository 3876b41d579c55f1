//! `thumbnail`: previews of 1440 and 256 px, upright, sRGB, as JPEG files beside the database.

use serde_json::json;
use tintype_core::{FeatureKey, FeatureValue};

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject};
use crate::Result;
use crate::previews::{PREVIEW_SIZES, Previews};

/// JPEG quality of previews: the knee above which files grow faster than their visible quality at these sizes.
const QUALITY: u8 = 80;

pub(crate) struct Thumbnail {
    previews: Previews,
}

impl Thumbnail {
    pub(crate) fn new(previews: Previews) -> Self {
        Self { previews }
    }

    /// Encodes and writes every preview, and says what was written.
    pub(crate) fn write(&self, subject: &Subject<'_>) -> Result<FeatureValue> {
        let mut sizes = Vec::with_capacity(PREVIEW_SIZES.len());
        for size in PREVIEW_SIZES {
            let encoded = subject.picture.jpeg(size, QUALITY)?;
            self.previews.save(&subject.pixel_hash, subject.orientation, size, &encoded.bytes)?;
            sizes.push(json!({ "size": size, "width": encoded.width, "height": encoded.height, "bytes": encoded.bytes.len() }));
        }
        Ok(FeatureValue::Json(json!({ "previews": sizes })))
    }
}

const ROW: StepRow = StepRow {
    id: "thumbnail",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &["thumbnail"],
    parameters: &[],
    help: "Previews of 256 and 1440 px, upright and in sRGB.",
};

impl PhotoStep for Thumbnail {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        FeatureKey::new("thumbnail", "jpeg-previews@1")
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        self.write(subject)
    }
}
