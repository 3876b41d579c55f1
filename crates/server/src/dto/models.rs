//! Models.

use serde::{Deserialize, Serialize};
use tintype_engine::infer::{EngineKind, ModelState, ModelStatus, Models};
use utoipa::ToSchema;

/// Where a model stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// A file is missing.
    Absent,
    /// Its files are there; nothing is loaded.
    Installed,
    /// It is being loaded.
    Loading,
    /// It is loaded.
    Ready,
    /// It cannot be used; `reason` says why.
    Failed,
}

/// A model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Model {
    /// Its id.
    id: &'static str,
    /// One line.
    title: &'static str,
    /// What it is for.
    task: String,
    /// The producer under which its results are kept.
    version: &'static str,
    /// `lite`, `quality` or `research`.
    pack: String,
    /// The licence its publisher declares.
    licence: &'static str,
    /// Whether that licence allows commercial use. Other models come only when named one by one.
    commercial: bool,
    /// What else to know before using it; empty if nothing.
    note: &'static str,
    /// Where it stands.
    state: State,
    /// Why it cannot be used.
    reason: Option<String>,
    /// Whether it can be used now: its files are here, or in a mirror on this machine.
    usable: bool,
    /// Bytes of its files here.
    installed_bytes: u64,
    /// Bytes to fetch in all, as far as they are known.
    download_bytes: u64,
    /// Bytes of its weights in memory now.
    loaded_bytes: u64,
}

impl Model {
    fn of(models: &Models, status: ModelStatus) -> Self {
        let row = status.row;
        let (state, reason) = match status.state {
            ModelState::Absent => (State::Absent, None),
            ModelState::Installed => (State::Installed, None),
            ModelState::Loading => (State::Loading, None),
            ModelState::Ready => (State::Ready, None),
            ModelState::Failed(reason) => (State::Failed, Some(reason)),
        };
        let word = |value: serde_json::Result<serde_json::Value>| {
            value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        Self {
            id: row.id,
            title: row.title,
            task: word(serde_json::to_value(row.task)),
            version: row.version,
            pack: row.pack.to_string(),
            licence: row.licence,
            commercial: row.commercial,
            note: row.note,
            state,
            reason,
            usable: models.is_available(row.id),
            installed_bytes: status.installed_bytes,
            download_bytes: row.bytes(),
            loaded_bytes: status.loaded_bytes,
        }
    }
}

/// What runs the models.
#[derive(Debug, Serialize, ToSchema)]
struct InferenceEngine {
    /// `rten` (built in) or `onnxruntime`.
    name: &'static str,
    /// Its version.
    version: String,
    /// What it computes on: `cpu`, `cuda`, `coreml`, `openvino` or `directml`.
    provider: String,
    /// Why this one.
    reason: String,
}

impl InferenceEngine {
    fn of(models: &Models) -> Self {
        let report = models.engine_report();
        Self {
            name: match report.engine {
                EngineKind::Rten => "rten",
                EngineKind::Onnx => "onnxruntime",
            },
            version: report.version.clone(),
            provider: report.provider.to_string(),
            reason: report.reason.clone(),
        }
    }
}

/// A model that cannot be used.
#[derive(Debug, Serialize, ToSchema)]
struct FailedModel {
    /// Its id.
    id: &'static str,
    /// Why.
    reason: String,
}

/// What runs models, and how many of them stand where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelSummary {
    /// What runs them, and why.
    engine: InferenceEngine,
    /// Models of which a file is missing.
    absent: usize,
    /// Models that are here, and of which nothing is loaded.
    installed: usize,
    /// Models that are being loaded.
    loading: usize,
    /// Models that are loaded.
    ready: usize,
    /// Models that cannot be used, and why. Steps that need them are skipped; everything else works.
    failed: Vec<FailedModel>,
    /// Graphs that are loaded. Those that nobody uses are let go after a while.
    sessions: usize,
    /// Bytes of weights that are loaded.
    loaded_bytes: u64,
}

impl ModelSummary {
    pub(crate) fn of(models: &Models, statuses: &[ModelStatus]) -> Self {
        let count = |state: &ModelState| statuses.iter().filter(|one| one.state == *state).count();
        let failed = statuses.iter().filter_map(|one| match &one.state {
            ModelState::Failed(reason) => Some(FailedModel { id: one.row.id, reason: reason.clone() }),
            _ => None,
        });
        Self {
            engine: InferenceEngine::of(models),
            absent: count(&ModelState::Absent),
            installed: count(&ModelState::Installed),
            loading: count(&ModelState::Loading),
            ready: count(&ModelState::Ready),
            failed: failed.collect(),
            sessions: statuses.iter().map(|one| one.sessions).sum(),
            loaded_bytes: statuses.iter().map(|one| one.loaded_bytes).sum(),
        }
    }

    /// How many models are in each state.
    pub(crate) fn states(&self) -> [(&'static str, usize); 5] {
        [
            ("absent", self.absent),
            ("installed", self.installed),
            ("loading", self.loading),
            ("ready", self.ready),
            ("failed", self.failed.len()),
        ]
    }
}

/// Every model, and what runs them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// What runs them.
    engine: InferenceEngine,
    /// The models.
    items: Vec<Model>,
}

impl ModelList {
    pub(crate) fn of(models: &Models) -> Self {
        Self {
            engine: InferenceEngine::of(models),
            items: models.list().into_iter().map(|status| Model::of(models, status)).collect(),
        }
    }
}

/// Models to fetch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PullModels {
    /// Ids, or the packs `lite`, `quality` and `research`. A model that may not be used commercially comes only by its
    /// id: naming it accepts its licence.
    pub(crate) models: Vec<String>,
}
