//! [`Budget`]: memory for pictures in flight, bounded in bytes whatever the photos (INV-8). Pixels, not threads,
//! exhaust a small machine.

use std::sync::{Condvar, Mutex, PoisonError};

/// A counting semaphore over bytes.
pub(crate) struct Budget {
    capacity: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

/// Bytes taken from a [`Budget`], given back on drop.
pub(crate) struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// A budget of `capacity` bytes.
    pub(crate) fn new(capacity: u64) -> Self {
        Self { capacity: capacity.max(1), used: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits until `bytes` are free and takes them. More than the whole budget counts as the whole budget: such a
    /// photo is processed alone.
    pub(crate) fn take(&self, bytes: u64) -> Share<'_> {
        let bytes = bytes.min(self.capacity);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while *used + bytes > self.capacity {
            used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        *used += bytes;
        Share { budget: self, bytes }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *self.budget.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.budget.freed.notify_all();
    }
}
