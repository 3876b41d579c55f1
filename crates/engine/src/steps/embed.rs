//! `extract_scene_embedding` and `extract_clip_embedding`: vectors of pictures, by every producer that is installed.

use std::sync::Arc;

use tintype_core::{FeatureKey, FeatureValue};

use super::{Facts, Params, PhotoStep, StepRow, StepScope, Subject};
use crate::Result;
use crate::vectors::embedder::{CLIP, Embedder, SCENE};

const SCENE_ROW: StepRow = StepRow {
    id: "extract_scene_embedding",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &[SCENE],
    parameters: &[],
    help: "Vectors of what the scene looks like, one by each model installed and one without weights; near vectors are similar scenes.",
};

const CLIP_ROW: StepRow = StepRow {
    id: "extract_clip_embedding",
    version: 1,
    scope: StepScope::Photo,
    needs: &[],
    makes: &[CLIP],
    parameters: &[],
    help: "Vectors in a space of pictures and words, one by each model installed; words are near the pictures they fit.",
};

/// One producer's vectors as a step: a variant of the row of their kind.
struct Embed {
    row: &'static StepRow,
    embedder: Arc<dyn Embedder>,
    models: Vec<&'static str>,
}

/// The variants of both steps, in the order of the table.
pub(super) fn steps(embedders: &[Arc<dyn Embedder>]) -> impl Iterator<Item = Arc<dyn PhotoStep>> {
    [&SCENE_ROW, &CLIP_ROW].into_iter().flat_map(|row| {
        let of_row = embedders.iter().filter(|embedder| row.makes.contains(&embedder.key().kind.as_str()));
        of_row.map(|embedder| -> Arc<dyn PhotoStep> {
            let models = embedder.model().into_iter().collect();
            Arc::new(Embed { row, embedder: Arc::clone(embedder), models })
        })
    })
}

impl PhotoStep for Embed {
    fn row(&self) -> &'static StepRow {
        self.row
    }

    fn models(&self) -> &[&'static str] {
        &self.models
    }

    fn prepare(&self) -> Result<()> {
        self.embedder.prepare()
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        self.embedder.key()
    }

    fn compute(&self, subject: &Subject<'_>, _facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        Ok(FeatureValue::Vector(self.embedder.look_at_subject(subject)?))
    }
}
