//! [`ItemRunner`]: carries out operations that do one thing to each of many files: rate, move, copy, check.
//!
//! Everything to do is written down first, in full; then batches of it are done and committed with their checkpoint.
//! A batch that died half way is done again, so every item must come to the same when it is repeated: it says where a
//! file is to be, never by how much something is to change.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value as Json;
use tintype_core::ErrorCode;
use tintype_store::{
    Counters, FileId, FileOutcome, Item, ItemCommit, ItemOutcome, ItemState, NewDecision, NewItem,
    SeenSource, Stat, TrashChange,
};

use crate::Result;
use crate::engine::Inner;
use crate::executor::Ended;
use crate::live::Live;

/// Items of one batch: the unit of checkpoint.
const BATCH: usize = 100;

/// A lease outlives the slowest batch: 100 films copied over a slow network.
const LEASE: Duration = Duration::from_hours(6);

/// One kind of work on items.
pub(crate) trait ItemWork: Sync {
    /// Everything to do. `None` when asked to stop meanwhile. It is asked once; what it says is kept.
    fn plan(&self, live: &Live) -> Result<Option<Vec<NewItem>>>;

    /// Does one item, or finds it done. An error means that no later item would fare better.
    fn apply(&self, item: &Item, live: &Live) -> Result<Applied>;

    /// Does all items of a batch together, where that is better than one by one: an outcome for each. `None`: one by
    /// one.
    fn apply_batch(&self, _items: &[Item], _live: &Live) -> Result<Option<Vec<Applied>>> {
        Ok(None)
    }

    /// What there is to do after the last item, and to say of the whole.
    fn finish(&self, _live: &Live) -> Result<Json> {
        Ok(Json::Null)
    }
}

/// What doing one item brought about.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) state: ItemState,
    pub(crate) target: Option<std::path::PathBuf>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) detail: Option<String>,
    pub(crate) files: Vec<FileOutcome>,
    pub(crate) gone: Vec<FileId>,
    pub(crate) back: Vec<(FileId, Stat)>,
    pub(crate) decisions: Vec<NewDecision>,
    pub(crate) trash: Vec<TrashChange>,
    pub(crate) seen: Vec<SeenSource>,
    pub(crate) counters: Counters,
}

impl Applied {
    fn new(state: ItemState) -> Self {
        Self {
            state,
            target: None,
            code: None,
            detail: None,
            files: Vec::new(),
            gone: Vec::new(),
            back: Vec::new(),
            decisions: Vec::new(),
            trash: Vec::new(),
            seen: Vec::new(),
            counters: Counters { photos: 1, ..Counters::default() },
        }
    }

    /// It is as it was to be.
    pub(crate) fn done() -> Self {
        Self::new(ItemState::Done)
    }

    /// There was nothing to do, for a reason.
    pub(crate) fn skipped(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(ItemState::Skipped) }
    }

    /// It could not be done; everything is as it was.
    pub(crate) fn failed(code: ErrorCode, detail: impl Into<String>) -> Self {
        let mut failed =
            Self { code: Some(code), detail: Some(detail.into()), ..Self::new(ItemState::Failed) };
        failed.counters.issues = 1;
        failed
    }
}

/// Does the items of one operation.
pub(crate) struct ItemRunner<'a> {
    pub(crate) engine: &'a Inner,
    pub(crate) live: &'a Live,
    pub(crate) work: &'a dyn ItemWork,
}

impl ItemRunner<'_> {
    /// Plans unless that was done before, then works until no batch is left or a stop is asked for. Items already
    /// begun are finished and committed.
    pub(crate) fn run(&self, phase: &str) -> Result<Ended> {
        let (store, id) = (&self.engine.store, self.live.id);
        if store.batches(id)?.total == 0 {
            self.live.set_phase("planning");
            let Some(items) = self.work.plan(self.live)? else {
                return Ok(Ended::Stopped(
                    self.live.control.requested().unwrap_or(tintype_core::Stop::Interrupt),
                ));
            };
            store.add_items(id, &items, BATCH)?;
        }
        self.live.set_phase(phase);
        if let Some(row) = store.operation(id)? {
            self.live.set_counters(row.totals);
            self.live.start_pace(row.done, row.total);
        }
        loop {
            if let Some(stop) = self.live.control.requested() {
                return Ok(Ended::Stopped(stop));
            }
            let Some((batch, items)) = store.next_item_batch(id, &self.engine.owner, LEASE)? else {
                return Ok(Ended::Finished);
            };
            let applied = match self.work.apply_batch(&items, self.live)? {
                Some(together) => {
                    for applied in &together {
                        self.live.add(&applied.counters);
                    }
                    together.into_iter().map(|applied| Some(Ok(applied))).collect()
                }
                None => self.apply_all(&items),
            };
            let mut commit = ItemCommit {
                operation: id,
                seq: batch.seq,
                lease: batch.lease,
                is_whole: true,
                outcomes: Vec::with_capacity(items.len()),
                files: Vec::new(),
                gone: Vec::new(),
                back: Vec::new(),
                decisions: Vec::new(),
                trash: Vec::new(),
                seen: Vec::new(),
                counters: Counters::default(),
            };
            let mut failure = None;
            for (item, outcome) in items.iter().zip(applied) {
                let applied = match outcome {
                    Some(Ok(applied)) => applied,
                    Some(Err(error)) => {
                        failure.get_or_insert(error);
                        commit.is_whole = false;
                        continue;
                    }
                    None => {
                        commit.is_whole = false;
                        continue;
                    }
                };
                commit.outcomes.push(ItemOutcome {
                    position: item.position,
                    state: applied.state,
                    target: applied.target,
                    code: applied.code,
                    detail: applied.detail,
                });
                commit.files.extend(applied.files);
                commit.gone.extend(applied.gone);
                commit.back.extend(applied.back);
                commit.decisions.extend(applied.decisions);
                commit.trash.extend(applied.trash);
                commit.seen.extend(applied.seen);
                commit.counters.add(&applied.counters);
            }
            // What was done before a failure was done to files: it must be known.
            store.commit_items(&commit)?;
            if let Some(error) = failure {
                return Err(error);
            }
        }
    }

    /// Does items on all threads. `None` for those that a stop or another item's failure left undone.
    fn apply_all(&self, items: &[Item]) -> Vec<Option<Result<Applied>>> {
        let outcomes: Vec<Mutex<Option<Result<Applied>>>> =
            items.iter().map(|_item| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        let failed = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let workers = self.engine.config.threads.clamp(1, items.len().max(1));
            for _ in 0..workers {
                scope.spawn(|| {
                    while self.live.control.requested().is_none() && !failed.load(Ordering::Relaxed) {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(at) else { break };
                        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
                            self.work.apply(item, self.live)
                        }))
                        .unwrap_or_else(|_panic| {
                            let detail =
                                "Tintype failed on this file; please report it, with the file if you can";
                            Ok(Applied::failed(ErrorCode::Internal, detail))
                        });
                        match &outcome {
                            Ok(applied) => self.live.add(&applied.counters),
                            Err(_) => failed.store(true, Ordering::Relaxed),
                        }
                        *outcomes[at].lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                    }
                });
            }
        });
        outcomes
            .into_iter()
            .map(|outcome| outcome.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }
}

/// Reads what an item says it is about.
pub(crate) fn body<T: serde::de::DeserializeOwned>(item: &Item, live: &Live) -> Result<T> {
    serde_json::from_value(item.body.clone()).map_err(|error| crate::Error::BadRequest(live.id, error))
}
