//! Durable work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_engine::{OperationView, store};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::Code;

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OperationState {
    /// Created, not started.
    Pending,
    /// Being worked on.
    Running,
    /// Done.
    Completed,
    /// Given up, see its error.
    Failed,
    /// Stopped on request, to be continued.
    Paused,
    /// Stopped on request for good.
    Cancelled,
    /// Its process went away; to be continued.
    Interrupted,
}

impl OperationState {
    /// Whether nothing will happen to it any more unless somebody asks.
    pub(crate) fn is_final(self) -> bool {
        store::OperationState::from(self).is_final()
    }

    /// Whether it is worked on, or about to be.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

impl From<OperationState> for store::OperationState {
    fn from(state: OperationState) -> Self {
        match state {
            OperationState::Pending => Self::Pending,
            OperationState::Running => Self::Running,
            OperationState::Completed => Self::Completed,
            OperationState::Failed => Self::Failed,
            OperationState::Paused => Self::Paused,
            OperationState::Cancelled => Self::Cancelled,
            OperationState::Interrupted => Self::Interrupted,
        }
    }
}

impl From<store::OperationState> for OperationState {
    fn from(state: store::OperationState) -> Self {
        match state {
            store::OperationState::Pending => Self::Pending,
            store::OperationState::Running => Self::Running,
            store::OperationState::Completed => Self::Completed,
            store::OperationState::Failed => Self::Failed,
            store::OperationState::Paused => Self::Paused,
            store::OperationState::Cancelled => Self::Cancelled,
            store::OperationState::Interrupted => Self::Interrupted,
        }
    }
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct OperationError {
    /// A stable error code.
    code: String,
    /// What exactly.
    detail: String,
}

/// One durable piece of work over many photos. Times are RFC 3339, UTC.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Operation {
    /// Its id; later ones sort after earlier ones.
    pub(crate) id: Uuid,
    /// `index`, `analyze`, `rate`, `edit_date`, `undo`, `write_back`, `trash`, `restore`, `purge`, `import`, `verify`, …
    kind: String,
    /// What to call it.
    label: String,
    /// Where it stands.
    pub(crate) state: OperationState,
    /// What it is doing: `waiting`, `scanning`, `planning`, `analysing`, `grouping`, …
    phase: String,
    /// When it was asked for.
    created_at: String,
    /// When it first ran.
    started_at: Option<String>,
    /// When it ended.
    finished_at: Option<String>,
    /// Photos to work on.
    total: u64,
    /// Photos done.
    done: u64,
    /// Features computed.
    computed: u64,
    /// Features found in the store.
    cached: u64,
    /// Photo files opened.
    opened: u64,
    /// Issues recorded.
    issues: u64,
    /// Bytes read from photo files.
    bytes_read: u64,
    /// Photos per second; 0 when it does not run.
    rate: f64,
    /// Seconds left at this rate, while it runs.
    eta_secs: Option<f64>,
    /// Time per step, in milliseconds of one core.
    step_ms: BTreeMap<String, f64>,
    /// Why it failed.
    error: Option<OperationError>,
    /// What came of it.
    result: Option<Json>,
    /// Whether it can be resumed.
    resumable: bool,
    /// Items that could not be done.
    failed: u64,
    /// Items for which there was nothing to do.
    skipped: u64,
    /// Whether failed items can be tried again.
    retryable: bool,
    /// Whether what it did can be undone.
    undoable: bool,
}

impl From<OperationView> for Operation {
    fn from(view: OperationView) -> Self {
        Self {
            id: view.id.0,
            kind: view.kind,
            label: view.label,
            state: view.state.into(),
            phase: view.phase,
            created_at: view.created_at,
            started_at: view.started_at,
            finished_at: view.finished_at,
            total: view.total,
            done: view.done,
            computed: view.computed,
            cached: view.cached,
            opened: view.opened,
            issues: view.issues,
            bytes_read: view.bytes_read,
            rate: view.rate,
            eta_secs: view.eta_secs,
            step_ms: view.step_ms,
            error: view.error.and_then(|error| serde_json::from_value(error).ok()),
            result: view.result,
            resumable: view.resumable,
            failed: view.failed,
            skipped: view.skipped,
            retryable: view.retryable,
            undoable: view.undoable,
        }
    }
}

/// Which operations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OperationQuery {
    /// Only those in this state.
    #[param(inline)]
    pub(crate) state: Option<OperationState>,
}

/// How the database is built anew.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RebuildQuery {
    /// Read files again whose size and time are as they were, too.
    #[serde(default)]
    pub(crate) reread: bool,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemState {
    /// Waiting.
    Pending,
    /// Done.
    Done,
    /// There was nothing to do for it.
    Skipped,
    /// Could not be done; it can be tried again.
    Failed,
}

impl From<ItemState> for store::ItemState {
    fn from(state: ItemState) -> Self {
        match state {
            ItemState::Pending => Self::Pending,
            ItemState::Done => Self::Done,
            ItemState::Skipped => Self::Skipped,
            ItemState::Failed => Self::Failed,
        }
    }
}

impl From<store::ItemState> for ItemState {
    fn from(state: store::ItemState) -> Self {
        match state {
            store::ItemState::Pending => Self::Pending,
            store::ItemState::Done => Self::Done,
            store::ItemState::Skipped => Self::Skipped,
            store::ItemState::Failed => Self::Failed,
        }
    }
}

/// Which items.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ItemQuery {
    /// Only those in this state.
    #[param(inline)]
    pub(crate) state: Option<ItemState>,
}

/// One thing that an operation does to one file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationItem {
    /// Its number within the operation.
    position: u64,
    /// Where it stands.
    state: ItemState,
    /// The file, control characters escaped.
    path: String,
    /// Where the file went.
    target: Option<String>,
    /// What kind of failure.
    code: Option<Code>,
    /// Why it failed or was skipped.
    detail: Option<String>,
}

impl From<store::Item> for OperationItem {
    fn from(item: store::Item) -> Self {
        let shown =
            |path: &std::path::Path| tintype_engine::paths::display(path.as_os_str().as_encoded_bytes());
        Self {
            position: item.position,
            state: item.state.into(),
            path: shown(&item.path),
            target: item.target.as_deref().map(shown),
            code: item.code.map(Code),
            detail: item.detail,
        }
    }
}

/// Which failed items to try again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    /// Numbers of items; all that failed when not given.
    pub(crate) positions: Option<Vec<u64>>,
}

/// One thing that went wrong with one file of an operation's scope.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationIssue {
    /// The file, control characters escaped.
    pub(crate) path: String,
    /// `read`, `identify`, `metadata`, `decode` or `analyze`.
    pub(crate) stage: &'static str,
    /// What kind of thing it is.
    pub(crate) code: Code,
    /// What exactly.
    pub(crate) detail: String,
}
