//! Pipeline steps, and asking for them to run.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use tintype_engine::{Parameter, StepRow};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a step works on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StepScope {
    /// The folders of the library.
    Library,
    /// One photo at a time.
    Photo,
    /// A whole album or library, from stored features alone.
    Collection,
}

/// A parameter of a step.
#[derive(Debug, Serialize, ToSchema)]
struct StepParameter {
    /// Its name in `config`.
    name: &'static str,
    /// `number` or `integer`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Used when not given; null means off.
    default: Option<f64>,
    /// Smallest and largest value.
    range: [f64; 2],
    /// One line.
    help: &'static str,
}

impl From<&'static Parameter> for StepParameter {
    fn from(parameter: &'static Parameter) -> Self {
        let Parameter { name, kind, default, range: (low, high), help } = parameter;
        Self { name, kind, default: *default, range: [*low, *high], help }
    }
}

/// A step of the pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Step {
    /// Its name.
    id: &'static str,
    /// Rises when its results change.
    version: u32,
    /// What it works on.
    scope: StepScope,
    /// Kinds of features or results it makes.
    makes: Vec<&'static str>,
    /// Steps whose features it reads.
    needs: Vec<&'static str>,
    /// Its parameters.
    parameters: Vec<StepParameter>,
    /// One line.
    help: &'static str,
    /// Whether it can run.
    available: bool,
    /// Why not.
    reason: Option<String>,
}

impl Step {
    /// A row of the table, and why it cannot run, if it cannot.
    pub(crate) fn new(row: &'static StepRow, reason: Option<String>) -> Self {
        Self {
            id: row.id,
            version: row.version,
            scope: match row.scope {
                tintype_engine::StepScope::Library => StepScope::Library,
                tintype_engine::StepScope::Photo => StepScope::Photo,
                tintype_engine::StepScope::Collection => StepScope::Collection,
            },
            makes: row.makes.to_vec(),
            needs: row.needs.to_vec(),
            parameters: row.parameters.iter().map(Into::into).collect(),
            help: row.help,
            available: reason.is_none(),
            reason,
        }
    }
}

/// Every step, and named sets of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepCatalogue {
    /// The steps, each after those it needs.
    pub(crate) items: Vec<Step>,
    /// Sets of steps; their names may stand in `steps`.
    pub(crate) presets: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Steps to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PipelineRun {
    /// The album to analyse; null for the whole library.
    #[serde(deserialize_with = "required")]
    #[schema(required = true)]
    pub(crate) album_id: Option<Uuid>,
    /// Names of steps or presets; null for every step that can run.
    pub(crate) steps: Option<Vec<String>>,
    /// Parameters by step: `{"detect_blur": {"laplacian_threshold": 100}}`.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, BTreeMap<String, f64>>)]
    pub(crate) config: serde_json::Map<String, Json>,
}

/// A field that may be null but not absent.
fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    Option::deserialize(deserializer)
}

/// A folder to index.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IngestDirectory {
    /// A folder under the library or under a folder that the server was allowed to read; absolute.
    pub(crate) path: String,
    /// Folders below it are indexed too; `false` is not supported yet.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(crate) recursive: bool,
    /// Make an album of this name of it, 1 to 200 characters.
    pub(crate) album_name: Option<String>,
}

fn yes() -> bool {
    true
}
