//! Sessions that are loaded: loaded once when first asked for, let go when unused or when memory is short.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::ModelState;
use super::files::Stamp;
use crate::error::{Error, Result};
use crate::session::Session;

/// Model and role.
type Key = (String, String);

enum Slot {
    Loading,
    Ready { session: Arc<Session>, used: Instant },
    Failed { reason: String, file: Option<Stamp> },
}

/// What is known of a model from its sessions.
pub(super) struct Known {
    /// `None` when nothing is.
    pub(super) state: Option<ModelState>,
    /// Bytes of weights that are loaded.
    pub(super) bytes: u64,
    /// Graphs that are loaded.
    pub(super) sessions: usize,
}

#[derive(Debug)]
pub(super) struct Loaded {
    shared: Arc<Shared>,
    idle: Duration,
    memory_limit: u64,
}

struct Shared {
    slots: Mutex<Slots>,
    changed: Condvar,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Slots {
    by_key: BTreeMap<Key, Slot>,
    has_reaper: bool,
}

impl Loaded {
    pub(super) fn new(idle: Duration, memory_limit: u64) -> Self {
        let shared = Shared { slots: Mutex::default(), changed: Condvar::new() };
        Self { shared: Arc::new(shared), idle, memory_limit }
    }

    /// The session, if it is loaded.
    pub(super) fn ready(&self, id: &str, role: &str) -> Option<Arc<Session>> {
        match self.shared.lock().by_key.get_mut(&(id.to_owned(), role.to_owned())) {
            Some(Slot::Ready { session, used }) => {
                *used = Instant::now();
                Some(Arc::clone(session))
            }
            _ => None,
        }
    }

    /// The session, loaded by `load` if it is not. `file` is the state of the file: one that failed is tried again
    /// when it has changed.
    pub(super) fn get(
        &self,
        id: &str,
        role: &str,
        file: Option<Stamp>,
        load: impl FnOnce() -> Result<Session>,
    ) -> Result<Arc<Session>> {
        let key = (id.to_owned(), role.to_owned());
        let mut slots = self.shared.lock();
        loop {
            match slots.by_key.get_mut(&key) {
                Some(Slot::Ready { session, used }) => {
                    *used = Instant::now();
                    return Ok(Arc::clone(session));
                }
                Some(Slot::Loading) => {
                    slots = self.shared.changed.wait(slots).unwrap_or_else(PoisonError::into_inner);
                }
                Some(Slot::Failed { reason, file: failed }) if *failed == file => {
                    return Err(Error::Unavailable { model: id.to_owned(), reason: reason.clone() });
                }
                _ => break,
            }
        }
        slots.by_key.insert(key.clone(), Slot::Loading);
        drop(slots);

        // If `load` unwinds, the slot must not say "loading" for ever.
        let mut guard = LoadingGuard { shared: &self.shared, key: Some(key.clone()) };
        let result = load();
        guard.key = None;

        let mut slots = self.shared.lock();
        let slot = match &result {
            Ok(_) => None,
            Err(error) => Some(Slot::Failed { reason: error.to_string(), file }),
        };
        let outcome = match (result, slot) {
            (Ok(session), _) => {
                let session = Arc::new(session);
                let used = Instant::now();
                slots.by_key.insert(key.clone(), Slot::Ready { session: Arc::clone(&session), used });
                self.start_reaper(&mut slots);
                make_room(&mut slots, self.memory_limit, &key);
                Ok(session)
            }
            (Err(error), Some(failed)) => {
                slots.by_key.insert(key, failed);
                Err(error)
            }
            (Err(error), None) => Err(error),
        };
        drop(slots);
        self.shared.changed.notify_all();
        outcome
    }

    /// What is known of a model from its sessions.
    pub(super) fn state(&self, id: &str) -> Known {
        let slots = self.shared.lock();
        let (mut state, mut bytes, mut sessions) = (None, 0, 0);
        for (_, slot) in slots.by_key.iter().filter(|((model, _), _)| model == id) {
            match slot {
                Slot::Failed { reason, .. } => state = Some(ModelState::Failed(reason.clone())),
                Slot::Loading if !matches!(state, Some(ModelState::Failed(_))) => {
                    state = Some(ModelState::Loading);
                }
                Slot::Loading => {}
                Slot::Ready { session, .. } => {
                    bytes += session.weight_bytes();
                    sessions += 1;
                    state = state.or(Some(ModelState::Ready));
                }
            }
        }
        Known { state, bytes, sessions }
    }

    pub(super) fn bytes(&self) -> u64 {
        total_bytes(&self.shared.lock())
    }

    /// Failures of a model are tried again.
    pub(super) fn forget_failures(&self, id: &str) {
        self.shared
            .lock()
            .by_key
            .retain(|(model, _), slot| model != id || !matches!(slot, Slot::Failed { .. }));
    }

    /// Nothing of a model stays loaded, once its runs are over.
    pub(super) fn forget(&self, id: &str) {
        self.shared.lock().by_key.retain(|(model, _), slot| model != id || matches!(slot, Slot::Loading));
    }

    pub(super) fn unload_unused_for(&self, idle: Duration) -> usize {
        self.shared.unload_unused_for(idle)
    }

    /// A thread of its own looks for unused sessions, as long as somebody holds the models.
    fn start_reaper(&self, slots: &mut Slots) {
        if slots.has_reaper || self.idle.is_zero() {
            return;
        }
        let shared: Weak<Shared> = Arc::downgrade(&self.shared);
        let idle = self.idle;
        let pause = (idle / 4).clamp(Duration::from_secs(1), Duration::from_secs(30));
        let reap = move || {
            loop {
                std::thread::sleep(pause);
                match shared.upgrade() {
                    Some(shared) => shared.unload_unused_for(idle),
                    None => return,
                };
            }
        };
        slots.has_reaper = std::thread::Builder::new().name("models-idle".to_owned()).spawn(reap).is_ok();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unload_unused_for(&self, idle: Duration) -> usize {
        let mut let_go = Vec::new();
        let mut slots = self.lock();
        let now = Instant::now();
        slots.by_key.retain(|_, slot| match slot {
            // A session that is running is held elsewhere too.
            Slot::Ready { session, used }
                if Arc::strong_count(session) == 1 && now.duration_since(*used) >= idle =>
            {
                let_go.push(Arc::clone(session));
                false
            }
            _ => true,
        });
        drop(slots);
        // Freed outside the lock.
        let_go.len()
    }
}

fn total_bytes(slots: &Slots) -> u64 {
    let ready = |slot: &Slot| match slot {
        Slot::Ready { session, .. } => session.weight_bytes(),
        _ => 0,
    };
    slots.by_key.values().map(ready).sum()
}

/// Lets go of the sessions longest unused until the limit holds, never of `keep` or of one that is running.
fn make_room(slots: &mut Slots, limit: u64, keep: &Key) {
    while limit > 0 && total_bytes(slots) > limit {
        let oldest = slots
            .by_key
            .iter()
            .filter_map(|(key, slot)| match slot {
                Slot::Ready { session, used } if key != keep && Arc::strong_count(session) == 1 => {
                    Some((*used, key.clone()))
                }
                _ => None,
            })
            .min();
        let Some((_, key)) = oldest else { return };
        slots.by_key.remove(&key);
    }
}

struct LoadingGuard<'a> {
    shared: &'a Shared,
    key: Option<Key>,
}

impl Drop for LoadingGuard<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.shared.lock().by_key.remove(&key);
            self.shared.changed.notify_all();
        }
    }
}
