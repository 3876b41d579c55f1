//! Single things that an operation does, told in full beforehand, and what came of each.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_core::{ContentHash, ErrorCode, OperationId, PhotoId};
use uuid::Uuid;

use super::decision::NewDecision;
use super::scan::{FileId, Stat};
use super::work::{Counters, FileOutcome};

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Waiting.
    Pending,
    /// Done.
    Done,
    /// There was nothing to do for it.
    Skipped,
    /// Could not be done; see its code. It can be tried again.
    Failed,
}

impl ItemState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Done, Self::Skipped, Self::Failed];

    /// The state as it is written in responses and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }

    /// The state that `text` names.
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// An item to add to an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct NewItem {
    /// The file it is about.
    pub path: PathBuf,
    /// What to do, in full.
    pub body: Json,
}

/// An item of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its number within the operation, from 0.
    pub position: u64,
    /// Where it stands.
    pub state: ItemState,
    /// The file it is about.
    pub path: PathBuf,
    /// What to do.
    pub body: Json,
    /// Where the file went, for items that move or copy.
    pub target: Option<PathBuf>,
    /// What kind of failure.
    pub code: Option<ErrorCode>,
    /// Why it failed or was skipped.
    pub detail: Option<String>,
}

/// How many items of an operation are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ItemCounts {
    /// Waiting.
    pub pending: u64,
    /// Done.
    pub done: u64,
    /// Skipped.
    pub skipped: u64,
    /// Failed.
    pub failed: u64,
}

/// What came of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemOutcome {
    /// Its number.
    pub position: u64,
    /// Where it stands now.
    pub state: ItemState,
    /// Where the file went.
    pub target: Option<PathBuf>,
    /// What kind of failure.
    pub code: Option<ErrorCode>,
    /// Why it failed or was skipped.
    pub detail: Option<String>,
}

/// A change to the trash.
#[derive(Debug, Clone, PartialEq)]
pub enum TrashChange {
    /// A file was moved there.
    Added(Box<NewTrash>),
    /// It was put back.
    Restored(Uuid),
    /// It was deleted for good.
    Purged(Uuid),
}

/// A file that was moved to the trash.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTrash {
    /// Its id.
    pub id: Uuid,
    /// Where it was.
    pub original: PathBuf,
    /// Where it is, below the trash folder.
    pub place: PathBuf,
    /// What it looked like.
    pub stat: Stat,
    /// Its row among files.
    pub file: Option<FileId>,
    /// The photo it holds.
    pub photo: Option<PhotoId>,
    /// Its hash.
    pub content_hash: Option<ContentHash>,
    /// Why.
    pub reason: Option<String>,
    /// The file kept instead.
    pub kept: Option<PathBuf>,
    /// The operation that moved it.
    pub operation: Option<OperationId>,
}

/// A file in the trash.
#[derive(Debug, Clone, PartialEq)]
pub struct TrashEntry {
    /// As it was moved there.
    pub file: NewTrash,
    /// When, milliseconds since the Unix epoch.
    pub trashed_ms: i64,
}

/// A file outside the library whose content is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSource {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Time of the last modification, nanoseconds since the Unix epoch.
    pub mtime_ns: i64,
    /// Hash of its content.
    pub content_hash: ContentHash,
}

/// Everything that one batch of items brought about. It is committed whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemCommit {
    /// The operation.
    pub operation: OperationId,
    /// The batch.
    pub seq: u32,
    /// The lease under which it was worked on.
    pub lease: Uuid,
    /// Whether nothing of the batch is left; otherwise it waits again.
    pub is_whole: bool,
    /// What came of each item.
    pub outcomes: Vec<ItemOutcome>,
    /// Files of the library that were written.
    pub files: Vec<FileOutcome>,
    /// Files of the library that are gone.
    pub gone: Vec<FileId>,
    /// Files of the library that are there again.
    pub back: Vec<(FileId, Stat)>,
    /// What was decided.
    pub decisions: Vec<NewDecision>,
    /// What moved into or out of the trash.
    pub trash: Vec<TrashChange>,
    /// Sources that were hashed.
    pub seen: Vec<SeenSource>,
    /// To be added to the operation's totals.
    pub counters: Counters,
}
