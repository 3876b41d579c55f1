//! Durable work: operations, their batches, and what remains true after they completed.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_core::OperationId;
use uuid::Uuid;

use super::scan::FileId;
use super::work::Counters;

/// Where an operation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationState {
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
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Paused,
        Self::Cancelled,
        Self::Interrupted,
    ];

    /// The state as it is written in responses and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// The state that `text` names.
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing will happen to it any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// An operation to create; it starts as `pending`.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOperation {
    /// Its id.
    pub id: OperationId,
    /// What kind of work.
    pub kind: String,
    /// Its parameters.
    pub params: Json,
    /// [`crate::Scope::key`] of what it works on.
    pub scope_key: String,
    /// What to call it in front of people.
    pub label: String,
    /// Who works on it.
    pub owner: String,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// What kind of work.
    pub kind: String,
    /// Where it stands.
    pub state: OperationState,
    /// Its parameters.
    pub params: Json,
    /// [`crate::Scope::key`] of what it works on.
    pub scope_key: String,
    /// What to call it in front of people.
    pub label: String,
    /// When it was created, milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// When it first ran.
    pub started_ms: Option<i64>,
    /// When it reached a final state.
    pub finished_ms: Option<i64>,
    /// When it last changed.
    pub updated_ms: i64,
    /// Files to work on.
    pub total: u64,
    /// Files done.
    pub done: u64,
    /// Running totals.
    pub totals: Counters,
    /// What it is doing now.
    pub phase: String,
    /// Who works on it.
    pub owner: String,
    /// Why it failed: `{code, detail}`.
    pub error: Option<Json>,
    /// What came of it.
    pub result: Option<Json>,
}

/// What to set along with a change of state; `None` leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TransitionFields {
    /// What it is doing now.
    pub phase: Option<String>,
    /// Who works on it.
    pub owner: Option<String>,
    /// Why it failed.
    pub error: Option<Json>,
    /// What came of it.
    pub result: Option<Json>,
}

/// A batch that the caller may work on until its lease expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedBatch {
    /// Its number within the operation, from 0.
    pub seq: u32,
    /// The lease to commit under.
    pub lease: Uuid,
    /// Its files.
    pub files: Vec<FileId>,
}

/// How many batches of an operation are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BatchCounts {
    /// Waiting.
    pub pending: u64,
    /// Being worked on (or left behind by a dead worker).
    pub leased: u64,
    /// Committed.
    pub done: u64,
    /// All.
    pub total: u64,
}

/// One batch in an operation's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BatchLogEntry {
    /// Its number within the operation.
    pub seq: u32,
    /// How many times it was committed; never more than once.
    pub commits: u32,
}

/// One page of a longer list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to pass for the next page; `None` at the end.
    pub next_cursor: Option<String>,
}

/// Remembers that a plan was completed for a scope, and at which generation of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Completion {
    /// [`crate::Store::generation`] when it completed.
    pub generation: u64,
    /// Photos in scope then.
    pub photos: u64,
    /// Files in scope then.
    pub files: u64,
    /// Features that the plan covered then.
    pub features: u64,
}
