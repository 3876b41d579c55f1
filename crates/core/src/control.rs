//! Asking long work to pause or stop, and noticing it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Why work should stop at its next checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Keep the remaining work for later; the operation becomes `paused`.
    Pause,
    /// Drop the remaining work; the operation becomes `cancelled`.
    Cancel,
    /// The process is going down; the operation becomes `interrupted` and can be resumed.
    Interrupt,
}

/// A shared flag between whoever asks and whoever works. Clones refer to the same flag.
///
/// Work checks [`Control::requested`] between photos, so that a request takes effect within one photo.
#[derive(Debug, Clone, Default)]
pub struct Control(Arc<AtomicU8>);

impl Control {
    /// A control on which nothing was requested yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the work to stop. A later request replaces an earlier one.
    pub fn request(&self, stop: Stop) {
        let code = match stop {
            Stop::Pause => 1,
            Stop::Cancel => 2,
            Stop::Interrupt => 3,
        };
        self.0.store(code, Ordering::Release);
    }

    /// What was asked for, if anything.
    pub fn requested(&self) -> Option<Stop> {
        match self.0.load(Ordering::Acquire) {
            1 => Some(Stop::Pause),
            2 => Some(Stop::Cancel),
            3 => Some(Stop::Interrupt),
            _ => None,
        }
    }
}
