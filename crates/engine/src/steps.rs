//! The one table of pipeline steps. A step's row says what it needs and makes; the planner, the catalogue of the
//! API, the docs and the executor read the row. To add a photo step, write `steps/<step>.rs` and add it to
//! [`photo_steps`].

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, json};
use tintype_core::{ErrorCode, FeatureKey, FeatureValue};
use tintype_infer::Models;
use tintype_infer::scene::{Scene, SceneModel};
use tintype_media::Picture;
use tintype_store::SubjectUpdate;

use crate::previews::Previews;
use crate::vectors::embedder::Embedder;
use crate::{Error, Result};

pub(crate) mod caption;
pub(crate) mod detect_blur;
mod embed;
pub(crate) mod extract_keypoints;
pub(crate) mod extract_tags;
pub(crate) mod group_duplicates;
pub(crate) mod perceptual_hash;
pub(crate) mod read_text;
pub(crate) mod score_ava;
pub(crate) mod score_iqa;
pub(crate) mod thumbnail;

/// What a step works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepScope {
    /// The folders of the library.
    Library,
    /// One photo at a time.
    Photo,
    /// A whole album or library, from stored features alone.
    Collection,
}

/// A parameter of a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name in `config`.
    pub name: &'static str,
    /// `number` or `integer`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Used when not given; `null` means "off".
    pub default: Option<f64>,
    /// Smallest and largest value accepted.
    pub range: (f64, f64),
    /// One line.
    pub help: &'static str,
}

/// One row of the table of steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRow {
    /// Its name in the API and on the command line.
    pub id: &'static str,
    /// Rises when its results change.
    pub version: u32,
    /// What it works on.
    pub scope: StepScope,
    /// Steps whose features it reads.
    pub needs: &'static [&'static str],
    /// Kinds of features or results it makes.
    pub makes: &'static [&'static str],
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// One line.
    pub help: &'static str,
}

/// Parameters given for a step, checked against its row, by name. Absent ones have their default.
pub(crate) type Params = BTreeMap<&'static str, f64>;

/// Features of the same picture that a step needs, by kind.
pub(crate) type Facts = BTreeMap<String, FeatureValue>;

/// A step that makes one feature of one photo from its pixels and from features it needs. Several may share a row: its
/// variants, each with another model and so with another producer; they stand next to each other in the table, the one
/// to recommend first.
pub(crate) trait PhotoStep: Send + Sync {
    /// Its row of the table.
    fn row(&self) -> &'static StepRow;

    /// The key of the feature it makes with these parameters.
    fn key(&self, params: &Params) -> FeatureKey;

    /// Rows of the table of models that it cannot do without.
    fn models(&self) -> &[&'static str] {
        &[]
    }

    /// Steps whose features it reads: those of its row, unless this variant does without.
    fn needs(&self) -> &'static [&'static str] {
        self.row().needs
    }

    /// Whether it runs only where no other variant of its step can.
    fn is_fallback(&self) -> bool {
        false
    }

    /// Gets ready for many photos, once before the first: loads models. A step that cannot get ready is skipped.
    fn prepare(&self) -> Result<()> {
        Ok(())
    }

    /// Makes the feature.
    fn compute(&self, subject: &Subject<'_>, facts: &Facts, params: &Params) -> Result<FeatureValue>;

    /// The feature for people and for the API.
    fn describe(&self, value: &FeatureValue) -> Json {
        describe_plainly(value)
    }

    /// Copies what lists sort and filter by into the subject's columns.
    fn scores(&self, _value: &FeatureValue, _columns: &mut SubjectUpdate) {}
}

/// The key of a feature that models make: their versions are its producer.
pub(crate) fn model_key(row: &StepRow, models: &[&str]) -> FeatureKey {
    let versions: Vec<&str> =
        models.iter().filter_map(|id| tintype_infer::table::find(id)).map(|row| row.version).collect();
    FeatureKey::new(row.makes[0], versions.join("+"))
}

/// Loads every part of these models, so that what is wrong with one shows before photos are opened.
pub(crate) fn ready(models: &Models, ids: &[&str]) -> Result<()> {
    Ok(ids.iter().try_for_each(|id| models.prepare(id))?)
}

/// The picture a step looks at.
pub(crate) struct Subject<'a> {
    /// Its decoded pixels.
    pub(crate) picture: &'a Picture,
    /// Whose pixels they are.
    pub(crate) pixel_hash: tintype_core::PixelHash,
    /// How they were turned.
    pub(crate) orientation: tintype_core::Orientation,
    /// What the scene model saw in it: labels are of use to one step, the vector to another.
    scene: OnceCell<Scene>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(
        picture: &'a Picture,
        (pixel_hash, orientation): (tintype_core::PixelHash, tintype_core::Orientation),
    ) -> Self {
        Self { picture, pixel_hash, orientation, scene: OnceCell::new() }
    }

    /// What the scene model sees in the picture, which is looked at once.
    pub(crate) fn scene(&self, model: &SceneModel) -> Result<&Scene> {
        if let Some(scene) = self.scene.get() {
            return Ok(scene);
        }
        let scene = model.look_at(&self.picture.rgb(extract_tags::LONG_SIDE), extract_tags::LABELS)?;
        Ok(self.scene.get_or_init(|| scene))
    }
}

/// A feature value as plain JSON: blobs by their size, vectors by their dimension and first values.
pub(crate) fn describe_plainly(value: &FeatureValue) -> Json {
    match value {
        FeatureValue::Number(number) => json!(number),
        FeatureValue::Json(json) => json.clone(),
        FeatureValue::Vector(vector) => {
            json!({ "dimension": vector.len(), "first": &vector[..vector.len().min(8)] })
        }
        FeatureValue::Blob(blob) => json!({ "bytes": blob.len() }),
    }
}

/// Steps over the library that run with every index and have no parameters of their own.
const LIBRARY_ROWS: &[StepRow] = &[
    StepRow {
        id: "discover_images",
        version: 1,
        scope: StepScope::Library,
        needs: &[],
        makes: &["files"],
        parameters: &[],
        help: "Finds pictures and films under the roots; hidden and system folders are left out, links are not followed.",
    },
    StepRow {
        id: "hash",
        version: 1,
        scope: StepScope::Library,
        needs: &["discover_images"],
        makes: &["content_hash", "pixel_hash"],
        parameters: &[],
        help: "SHA-256 of the file and a hash of its encoded pixels alone; unchanged size and time mean the stored ones are trusted.",
    },
    StepRow {
        id: "read_metadata",
        version: 1,
        scope: StepScope::Library,
        needs: &["discover_images"],
        makes: &["metadata"],
        parameters: &[],
        help: "Dates, dimensions, camera, lens, exposure, place, rating, keywords and marked faces, in one pass with the hashes.",
    },
];

/// Every photo step, in the order of the table. `previews` is where thumbnails are written, `models` those there are,
/// `embedders` what makes vectors.
pub(crate) fn photo_steps(
    previews: &Previews,
    models: &Models,
    embedders: &[Arc<dyn Embedder>],
) -> Vec<Arc<dyn PhotoStep>> {
    let (tags, text) = (extract_tags::ExtractTags::new(models), read_text::ReadText::new(models));
    let composed = caption::ComposedCaption::new(&[tags.key(&Params::new()), text.key(&Params::new())]);
    let mut steps: Vec<Arc<dyn PhotoStep>> = vec![
        Arc::new(thumbnail::Thumbnail::new(previews.clone())),
        Arc::new(perceptual_hash::PerceptualHashStep),
        Arc::new(extract_keypoints::ExtractKeypoints),
        Arc::new(detect_blur::DetectBlur),
        Arc::new(score_iqa::ScoreIqa),
    ];
    steps.extend(embed::steps(embedders));
    steps.extend([
        Arc::new(score_ava::ScoreAva::new(models)) as Arc<dyn PhotoStep>,
        Arc::new(tags),
        Arc::new(text),
    ]);
    steps.extend(
        caption::ModelCaption::all(models).into_iter().map(|step| Arc::new(step) as Arc<dyn PhotoStep>),
    );
    steps.push(Arc::new(composed));
    steps
}

/// The whole table; variants of a step share their row.
pub(crate) fn rows(photo_steps: &[Arc<dyn PhotoStep>]) -> Vec<&'static StepRow> {
    let mut rows: Vec<&'static StepRow> = LIBRARY_ROWS
        .iter()
        .chain(photo_steps.iter().map(|step| step.row()))
        .chain([&group_duplicates::ROW])
        .collect();
    rows.dedup_by_key(|row| row.id);
    rows
}

/// Named sets of steps. Those whose model is not installed are skipped, and the run says so.
pub const PRESETS: &[(&str, &[&str])] = &[
    (
        "full",
        &[
            "thumbnail",
            "perceptual_hash",
            "extract_keypoints",
            "detect_blur",
            "score_iqa",
            "extract_scene_embedding",
            "extract_clip_embedding",
            "score_ava",
            "extract_tags",
            "read_text",
            "caption",
            "group_duplicates",
        ],
    ),
    ("minimal", &["thumbnail", "perceptual_hash", "detect_blur", "score_iqa"]),
];

/// Checks the parameters given for one step.
pub(crate) fn check_params(row: &'static StepRow, given: Option<&Json>) -> Result<Params> {
    let mut params = Params::new();
    let Some(given) = given else { return Ok(params) };
    let bad = |detail: String| Error::BadParameter { step: row.id, detail };
    let object = given.as_object().ok_or_else(|| bad("parameters are an object".into()))?;
    for (name, value) in object {
        let parameter = row.parameters.iter().find(|parameter| parameter.name == name).ok_or_else(|| {
            let known: Vec<_> = row.parameters.iter().map(|parameter| parameter.name).collect();
            bad(format!("no parameter {name:?}; it has {known:?}"))
        })?;
        if value.is_null() {
            continue;
        }
        let number = value.as_f64().ok_or_else(|| bad(format!("{name} is a number")))?;
        let (low, high) = parameter.range;
        if !(low..=high).contains(&number) || (parameter.kind == "integer" && number.fract() != 0.0) {
            return Err(bad(format!("{name} is {} from {low} to {high}, not {number}", parameter.kind)));
        }
        params.insert(parameter.name, number);
    }
    Ok(params)
}

/// An error of a step whose needed fact is absent or of another shape: a mistake in the planner or a damaged row.
pub(crate) fn missing_fact(kind: &str) -> Error {
    Error::Unavailable {
        code: ErrorCode::Internal,
        detail: format!("the feature {kind} is missing or has another shape"),
    }
}
