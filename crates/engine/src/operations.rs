//! What can be asked for as durable work ([`OperationRequest`]), and how it looks from outside ([`OperationView`]).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_core::{OperationId, PhotoId};
use tintype_store::{ItemCounts, NewOperation, Operation, OperationState, PathText, Scope};

use crate::Result;
use crate::annotate::{Annotate, AnnotatePlan, Change};
use crate::dates::rfc3339;
use crate::edit_dates::DateEdit;
use crate::engine::Inner;
use crate::import::{Import, ImportPlan};
use crate::items::ItemWork;
use crate::live::Live;
use crate::trash::{Discard, Empty, Fate, TrashChoice, Unwanted};
use crate::verify::Verify;

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
    /// The same changes to what is said of many photos.
    Rate {
        /// The photos.
        photos: Vec<PhotoId>,
        /// The changes.
        changes: Vec<Change>,
    },
    /// New dates for many photos.
    EditDate {
        /// The photos.
        photos: Vec<PhotoId>,
        /// How dates change.
        edit: DateEdit,
    },
    /// Back to what held before an operation of kind `rate` or `edit_date`.
    Undo {
        /// The operation.
        operation: OperationId,
        /// What it did, for people.
        what: String,
    },
    /// Write what was decided and is not yet where roots ask for it.
    WriteBack {},
    /// Move files to the trash, and remember which groups of duplicates stay as they are.
    Trash {
        /// The files.
        unwanted: Vec<Unwanted>,
        /// Groups of files that stay side by side.
        #[serde(default)]
        keep_together: Vec<Vec<PathText>>,
    },
    /// Put files back from the trash.
    Restore {
        /// Which.
        choice: TrashChoice,
    },
    /// Delete files in the trash for good.
    Purge {
        /// Which.
        choice: TrashChoice,
    },
    /// Copy or move photos into the library, and index them.
    Import {
        /// What, and where to.
        plan: ImportPlan,
    },
    /// Read every file again and compare.
    Verify {
        /// What to check.
        scope: Scope,
        /// What to call it in front of people.
        label: String,
    },
    /// Fetch models.
    PullModels {
        /// Their ids.
        models: Vec<String>,
    },
    /// Build the database anew from the files and from what files do not tell, and swap it in.
    Rebuild {
        /// Read files again whose size and time are as they were, too.
        #[serde(default)]
        reread: bool,
    },
    /// Put a backup in the place of the database.
    Recover {
        /// Its name.
        backup: String,
    },
}

/// What kind of work a request is.
pub(crate) enum Work<'a> {
    /// Scanning and analysing.
    Pipeline,
    /// The database itself.
    Database,
    /// Models to fetch.
    Models(&'a [String]),
    /// One thing to each of many files; the word for its phase.
    Items(Box<dyn ItemWork + 'a>, &'static str),
}

impl OperationRequest {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Index { .. } => "index",
            Self::Analyze { .. } => "analyze",
            Self::Rate { .. } => "rate",
            Self::EditDate { .. } => "edit_date",
            Self::Undo { .. } => "undo",
            Self::WriteBack {} => "write_back",
            Self::Trash { .. } => "trash",
            Self::Restore { .. } => "restore",
            Self::Purge { .. } => "purge",
            Self::Import { .. } => "import",
            Self::Verify { .. } => "verify",
            Self::PullModels { .. } => "pull_models",
            Self::Rebuild { .. } => "rebuild",
            Self::Recover { .. } => "recover",
        }
    }

    /// How it is carried out.
    pub(crate) fn work<'a>(&'a self, engine: &'a Inner, live: &Live) -> Result<Work<'a>> {
        let annotate = |plan| Work::Items(Box::new(Annotate { engine, plan }), "writing");
        Ok(match self {
            Self::Index { .. } | Self::Analyze { .. } => Work::Pipeline,
            Self::Rebuild { .. } | Self::Recover { .. } => Work::Database,
            Self::PullModels { models } => Work::Models(models),
            Self::Rate { photos, changes } => annotate(AnnotatePlan::Same(photos, changes)),
            Self::EditDate { photos, edit } => annotate(AnnotatePlan::Dates(photos, edit)),
            Self::Undo { operation, .. } => annotate(AnnotatePlan::Undo(*operation)),
            Self::WriteBack {} => annotate(AnnotatePlan::Pending),
            Self::Trash { unwanted, keep_together } => {
                Work::Items(Box::new(Discard { engine, unwanted, keep_together }), "moving")
            }
            Self::Restore { choice } => {
                Work::Items(Box::new(Empty { engine, choice, fate: Fate::Restore }), "restoring")
            }
            Self::Purge { choice } => {
                Work::Items(Box::new(Empty { engine, choice, fate: Fate::Purge }), "deleting")
            }
            Self::Import { plan } => Work::Items(Box::new(Import::new(engine, plan, live)?), "copying"),
            Self::Verify { scope, .. } => Work::Items(Box::new(Verify::new(engine, scope)), "checking"),
        })
    }

    /// The record with which an operation of it begins.
    pub(crate) fn as_new(&self, id: OperationId, owner: &str) -> Result<NewOperation> {
        Ok(NewOperation {
            id,
            kind: self.kind().to_owned(),
            params: serde_json::to_value(self).map_err(|error| crate::Error::BadRequest(id, error))?,
            scope_key: self.scope_key(),
            label: self.label(),
            owner: owner.to_owned(),
        })
    }

    /// Whether what it did to its items can be undone.
    pub(crate) fn is_undoable(kind: &str) -> bool {
        matches!(kind, "rate" | "edit_date" | "undo" | "trash")
    }

    pub(crate) fn label(&self) -> String {
        match self {
            Self::Index { paths, .. } => {
                let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
                format!("Index {}", names.join(", "))
            }
            Self::Analyze { label, .. } => format!("Analyse {label}"),
            Self::Rate { photos, changes } => match changes.first() {
                Some(Change::Rating(Some(5))) => format!("Favour {}", photos_of(photos.len())),
                Some(Change::Rating(Some(stars))) => format!("Rate {} {stars}", photos_of(photos.len())),
                Some(Change::Rating(None)) => format!("Unrate {}", photos_of(photos.len())),
                Some(Change::Flag(Some(flag))) => {
                    format!("Flag {} as {}", photos_of(photos.len()), flag.as_str())
                }
                Some(Change::Flag(None)) => format!("Unflag {}", photos_of(photos.len())),
                _ => format!("Describe {}", photos_of(photos.len())),
            },
            Self::EditDate { photos, .. } => format!("Change the dates of {}", photos_of(photos.len())),
            Self::Undo { what, .. } => format!("Undo: {what}"),
            Self::WriteBack {} => "Write what was decided to the files".into(),
            Self::Trash { unwanted, .. } => match unwanted.len() {
                0 => "Keep duplicates".into(),
                count => format!("Move {} to the trash", photos_of(count)),
            },
            Self::Restore { .. } => "Restore from the trash".into(),
            Self::Purge { .. } => "Delete from the trash".into(),
            Self::Import { plan } => {
                let names: Vec<String> =
                    plan.sources.iter().map(|path| crate::paths::display(path.as_bytes())).collect();
                format!("Import {} into {}", names.join(", "), crate::paths::display(plan.into.as_bytes()))
            }
            Self::Verify { label, .. } => format!("Verify {label}"),
            Self::PullModels { models } => format!("Fetch models: {}", models.join(", ")),
            Self::Rebuild { .. } => "Rebuild the database".into(),
            Self::Recover { backup } => format!("Restore the backup {backup}"),
        }
    }

    pub(crate) fn steps(&self) -> (Option<&[String]>, &Json) {
        match self {
            Self::Index { steps, config, .. } | Self::Analyze { steps, config, .. } => {
                (steps.as_deref(), config)
            }
            _ => (None, &Json::Null),
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
            other => other.kind().to_owned(),
        }
    }

    /// The folders that it scans and analyses after its items.
    pub(crate) fn indexes(&self) -> Vec<PathBuf> {
        match self {
            Self::Index { paths, .. } => paths.clone(),
            Self::Import { plan } => vec![plan.into.to_path()],
            _ => Vec::new(),
        }
    }
}

fn photos_of(count: usize) -> String {
    if count == 1 { "1 photo".into() } else { format!("{count} photos") }
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
    /// Items that could not be done.
    pub failed: u64,
    /// Items for which there was nothing to do.
    pub skipped: u64,
    /// Whether failed items can be tried again.
    pub retryable: bool,
    /// Whether what it did can be undone.
    pub undoable: bool,
}

impl OperationView {
    /// The stored row and its items, with the live numbers of the process that runs it where there are any.
    pub(crate) fn new(row: Operation, items: ItemCounts, live: Option<&Live>) -> Self {
        let undoable = OperationRequest::is_undoable(&row.kind);
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
            failed: items.failed,
            skipped: items.skipped,
            retryable: items.failed > 0 && row.state == OperationState::Completed,
            undoable: items.done + items.failed > 0 && is_over(row.state) && undoable,
        }
    }
}

/// Whether nothing more of an operation in this state is done by itself.
fn is_over(state: OperationState) -> bool {
    matches!(state, OperationState::Completed | OperationState::Cancelled | OperationState::Failed)
}

/// Whether an operation in this state can go on.
pub(crate) fn is_resumable(state: OperationState) -> bool {
    matches!(state, OperationState::Paused | OperationState::Interrupted | OperationState::Failed)
}
