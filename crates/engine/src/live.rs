//! [`Live`]: the numbers of an operation that is running in this process, updated photo by photo.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tintype_core::{Control, OperationId};
use tintype_store::Counters;

/// A running operation's progress. Readers get a consistent enough picture without stopping the work.
pub(crate) struct Live {
    pub(crate) id: OperationId,
    pub(crate) control: Control,
    pub(crate) total: AtomicU64,
    pub(crate) done: AtomicU64,
    phase: Mutex<String>,
    counters: Mutex<Counters>,
    pace: Mutex<Pace>,
}

/// When photos began to be processed, and how many were done by then.
struct Pace {
    since: Instant,
    done: u64,
}

impl Live {
    pub(crate) fn new(id: OperationId, control: Control) -> Self {
        Self {
            id,
            control,
            total: AtomicU64::new(0),
            done: AtomicU64::new(0),
            phase: Mutex::new("starting".into()),
            counters: Mutex::new(Counters::default()),
            pace: Mutex::new(Pace { since: Instant::now(), done: 0 }),
        }
    }

    pub(crate) fn set_phase(&self, phase: &str) {
        phase.clone_into(&mut self.phase.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn phase(&self) -> String {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts counting photos per second from here.
    pub(crate) fn start_pace(&self, done: u64, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner) = Pace { since: Instant::now(), done };
    }

    /// Takes over the progress of an operation that runs within this one.
    pub(crate) fn follow(&self, done: u64, total: u64) {
        if self.total.swap(total, Ordering::Relaxed) != total {
            self.start_pace(done, total);
        }
        self.done.store(done, Ordering::Relaxed);
    }

    /// Photos per second since the pace started; 0 before the first photo.
    pub(crate) fn rate(&self) -> f64 {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.done.load(Ordering::Relaxed).saturating_sub(pace.done);
        let secs = pace.since.elapsed().as_secs_f64();
        if secs > 0.0 { done as f64 / secs } else { 0.0 }
    }

    /// Adds one photo's counts.
    pub(crate) fn add(&self, counters: &Counters) {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).add(counters);
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Sets counts that were not gathered photo by photo.
    pub(crate) fn set_counters(&self, counters: Counters) {
        *self.counters.lock().unwrap_or_else(PoisonError::into_inner) = counters;
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
