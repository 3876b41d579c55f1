//! The handle of an index: open, search, write.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::error::Error;
use crate::identity::Identity;
use crate::opening::{self, Opened};
use crate::snapshot::Snapshot;
use crate::writing::{Batch, Inner, WriteLock};

/// What was found where an index should be. All but `Ready` mean: make it from the store, with a
/// [`Builder`](crate::Builder).
#[derive(Debug)]
pub enum State<T = Index> {
    /// The index, whole as far as was looked: parts of it are compared with their checksums when they are first used,
    /// and a search that finds one damaged fails with [`Error::Damaged`].
    Ready(T),
    /// There is no file.
    Missing,
    /// A whole file, but not of what is wanted.
    Stale(Stale),
    /// The file is damaged.
    Damaged {
        /// How we know.
        reason: String,
    },
}

/// Why an index is not of what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stale {
    /// It has another version of the file format.
    Version(u32),
    /// It is of other vectors.
    Identity(Identity),
    /// It was last written at another generation of the store.
    Generation(u64),
}

/// An index in one file. Any number of threads may search while one writes; a search sees the last commit before it
/// began.
#[derive(Debug)]
pub struct Index {
    inner: Mutex<Inner>,
    current: RwLock<Snapshot>,
}

impl Index {
    /// Opens the index at `path` if it is of `identity`, and of `generation` where one is given.
    ///
    /// Reads header and directory only, about 0.5 MB for a million vectors.
    ///
    /// # Errors
    /// [`Error::Io`] where the file is there and cannot be read.
    pub fn open(path: &Path, identity: &Identity, generation: Option<u64>) -> Result<State, Error> {
        match opening::open(path)? {
            Opened::Missing => Ok(State::Missing),
            Opened::Version(version) => Ok(State::Stale(Stale::Version(version))),
            Opened::Damaged { reason } => Ok(State::Damaged { reason }),
            Opened::Whole(snapshot) if snapshot.identity() != identity => {
                Ok(State::Stale(Stale::Identity(snapshot.identity().clone())))
            }
            Opened::Whole(snapshot) if generation.is_some_and(|wanted| wanted != snapshot.generation()) => {
                Ok(State::Stale(Stale::Generation(snapshot.generation())))
            }
            Opened::Whole(snapshot) => Ok(State::Ready(Self::new(Inner::new(snapshot)))),
        }
    }

    pub(crate) fn new(inner: Inner) -> Self {
        let current = RwLock::new(inner.snapshot.clone());
        Self { inner: Mutex::new(inner), current }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.snapshot().path.as_ref().clone()
    }

    /// The last commit.
    pub fn snapshot(&self) -> Snapshot {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins to write: nothing is visible or durable before [`Batch::commit`]. Waits for another writer of this
    /// handle.
    ///
    /// # Errors
    /// [`Error::Locked`] or [`Error::Changed`] where another process writes or has written the file.
    pub fn write(&self) -> Result<Batch<'_>, Error> {
        let inner = self.inner();
        let lock = WriteLock::take(&inner.snapshot)?;
        Batch::new(inner, lock, &self.current)
    }

    /// Writes the file anew without its dead rows. A batch does this by itself when more than a quarter are dead.
    ///
    /// # Errors
    /// As [`Self::write`]; [`Error::Io`] where the disk is full: the old file then stays.
    pub fn compact(&self) -> Result<(), Error> {
        let mut inner = self.inner();
        let _lock = WriteLock::take(&inner.snapshot)?;
        inner.compact()?;
        self.show(&inner);
        Ok(())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic while writing leaves what was committed, and uncommitted rows do not count.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, inner: &Inner) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = inner.snapshot.clone();
    }
}
