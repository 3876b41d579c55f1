//! What can be asked for as durable work ([`OperationRequest`]), and how it looks from outside ([`OperationView`]).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_core::OperationId;
use tintype_store::{Operation, OperationState, Scope};

use crate::dates::rfc3339;
use crate::live::Live;

/// A request for durable work. It is stored with the operation, so that another process can resume it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OperationRequest {
    /// Find what changed under folders, and analyse it.
    Index {
        /// Absolute, canonical paths of folders.
        paths: Vec<PathBuf>,
        /// Steps by name; `None` runs every step.
        steps: Option<Vec<String>>,
        /// Parameters by step name.
        config: Json,
    },
    /// Analyse what is known already, without looking for changes on disk.
    Analyze {
        /// What to analyse.
        scope: Scope,
        /// What to call it in front of people.
        label: String,
        /// Steps by name; `None` runs every step.
        steps: Option<Vec<String>>,
        /// Parameters by step name.
        config: Json,
    },
}

impl OperationRequest {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Index { .. } => "index",
            Self::Analyze { .. } => "analyze",
        }
    }

    pub(crate) fn label(&self) -> String {
        match self {
            Self::Index { paths, .. } => {
                let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
                format!("Index {}", names.join(", "))
            }
            Self::Analyze { label, .. } => format!("Analyse {label}"),
        }
    }

    pub(crate) fn steps(&self) -> (Option<&[String]>, &Json) {
        match self {
            Self::Index { steps, config, .. } | Self::Analyze { steps, config, .. } => {
                (steps.as_deref(), config)
            }
        }
    }

    /// What a completed run of it vouches for.
    pub(crate) fn scope_key(&self) -> String {
        match self {
            Self::Index { paths, .. } => {
                let paths: Vec<String> = paths
                    .iter()
                    .map(|path| path.as_os_str().as_encoded_bytes().escape_ascii().to_string())
                    .collect();
                format!("index:{}", paths.join("|"))
            }
            Self::Analyze { scope, .. } => scope.key(),
        }
    }
}

/// An operation as people and programs see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationView {
    /// Its id.
    pub id: OperationId,
    /// `index` or `analyze`.
    pub kind: String,
    /// What to call it.
    pub label: String,
    /// Where it stands.
    pub state: OperationState,
    /// What it is doing: `waiting`, `scanning`, `planning`, `analysing`, `grouping`, …
    pub phase: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub started_at: Option<String>,
    /// RFC 3339, UTC.
    pub finished_at: Option<String>,
    /// Photos to work on.
    pub total: u64,
    /// Photos done.
    pub done: u64,
    /// Features computed.
    pub computed: u64,
    /// Features found in the store.
    pub cached: u64,
    /// Photo files opened.
    pub opened: u64,
    /// Issues recorded.
    pub issues: u64,
    /// Bytes read from photo files.
    pub bytes_read: u64,
    /// Photos per second; 0 when not running.
    pub rate: f64,
    /// Seconds left at this rate, while running.
    pub eta_secs: Option<f64>,
    /// Time per step in milliseconds of one core.
    pub step_ms: BTreeMap<String, f64>,
    /// Why it failed: `{code, detail}`.
    pub error: Option<Json>,
    /// What came of it: the counts of SPEC §12.
    pub result: Option<Json>,
    /// Whether it can be resumed.
    pub resumable: bool,
}

impl OperationView {
    /// The stored row, with the live numbers of the process that runs it where there are any.
    pub(crate) fn new(row: Operation, live: Option<&Live>) -> Self {
        let mut totals = live.map_or(row.totals, Live::counters);
        if let Some(result) = &row.result {
            // A completed run counts what it did not have to look at, too.
            let count =
                |name: &str, otherwise: u64| result.get(name).and_then(Json::as_u64).unwrap_or(otherwise);
            (totals.computed, totals.cached) =
                (count("computed", totals.computed), count("cached", totals.cached));
        }
        let count = |atomic: &std::sync::atomic::AtomicU64| atomic.load(std::sync::atomic::Ordering::Relaxed);
        let total = live.map_or(row.total, |live| count(&live.total));
        let done = live.map_or(row.done, |live| count(&live.done)).min(total.max(row.done));
        let rate = live.map_or(0.0, Live::rate);
        let eta_secs = (live.is_some() && rate > 0.0 && total > done).then(|| (total - done) as f64 / rate);
        Self {
            id: row.id,
            kind: row.kind,
            label: row.label,
            state: row.state,
            phase: live.map_or(row.phase, Live::phase),
            created_at: rfc3339(row.created_ms),
            started_at: row.started_ms.map(rfc3339),
            finished_at: row.finished_ms.map(rfc3339),
            total,
            done,
            computed: totals.computed,
            cached: totals.cached,
            opened: totals.opened,
            issues: totals.issues,
            bytes_read: totals.bytes_read,
            rate,
            eta_secs,
            step_ms: totals
                .step_us
                .iter()
                .map(|(step, micros)| (step.clone(), *micros as f64 / 1000.0))
                .collect(),
            error: row.error,
            result: row.result,
            resumable: is_resumable(row.state),
        }
    }
}

/// Whether an operation in this state can go on.
pub(crate) fn is_resumable(state: OperationState) -> bool {
    matches!(state, OperationState::Paused | OperationState::Interrupted | OperationState::Failed)
}
