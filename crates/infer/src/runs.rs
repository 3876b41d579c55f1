//! [`RunCounter`]: how often a model ran, and how long that took. It outlives the sessions, which come and go.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;

/// What a model's graphs did since the program started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct RunTotals {
    /// Runs of its graphs, failed ones among them. A picture may take several.
    pub runs: u64,
    /// Runs that failed.
    pub failures: u64,
    /// Seconds that all runs took together, on all threads.
    pub secs: f64,
}

/// Counts the runs of one model's graphs.
#[derive(Debug, Default)]
pub struct RunCounter {
    runs: AtomicU64,
    failures: AtomicU64,
    nanos: AtomicU64,
}

impl RunCounter {
    /// Adds a run.
    pub(crate) fn add(&self, took: Duration, is_ok: bool) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.failures.fetch_add(u64::from(!is_ok), Ordering::Relaxed);
        self.nanos.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn totals(&self) -> RunTotals {
        RunTotals {
            runs: self.runs.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            secs: Duration::from_nanos(self.nanos.load(Ordering::Relaxed)).as_secs_f64(),
        }
    }
}
