//! [`Followed`]: one index file that follows the vectors of one key in the store.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};

use tintype_core::{ErrorCode, FeatureKey};
use tintype_index::{Builder, Filter, Identity, Index, Options, ReadError, State, score};
use tintype_store::{PictureId, Store, VectorState};

use super::VectorConfig;
#[cfg(feature = "hnsw")]
use super::beside::Beside;
use crate::{Error, Result};

/// Vectors that a search brings into the index by itself; more wait for the end of a run.
const FEW: usize = 2_000;
/// Vectors of one commit of the index.
const COMMIT: usize = 20_000;
/// Pictures whose vectors tell how alike any two are.
const SAMPLE: usize = 512;

/// How far to go to have an index that holds everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// What takes no noticeable time: an index a little behind will do.
    Little,
    /// Until everything is in it, unless asked to stop.
    Whole,
}

/// The index of one key. It is made when first needed, and made again where it is missing, damaged, or of a database
/// that has been replaced.
pub(super) struct Followed {
    store: Store,
    key: FeatureKey,
    path: PathBuf,
    current: RwLock<Option<Arc<Current>>>,
    /// Held by whoever opens the file or brings it up to date.
    writing: Mutex<()>,
    #[cfg(feature = "hnsw")]
    pub(super) beside: Beside,
}

/// An open index.
pub(super) struct Current {
    index: Index,
    epoch: i64,
    dimension: usize,
    /// The revision of the store up to which nothing is missing.
    reached: AtomicU64,
    sample: Mutex<Option<Arc<Sample>>>,
}

/// How far appending came.
enum Appended {
    /// Everything up to this revision of the store is in the index.
    All(u64),
    /// There is more.
    Part,
    /// Another process is writing the file.
    Locked,
    /// Another process has written it.
    Changed,
}

/// Vectors of pictures spread over the library.
pub(super) struct Sample {
    of: usize,
    vectors: Vec<Vec<f32>>,
}

impl Sample {
    /// Mean and standard deviation of the similarity of a vector with those of the sample, without those that are
    /// the same; `None` where there are too few to tell.
    pub(super) fn likeness(&self, query: &[f32]) -> Option<(f32, f32)> {
        const TOO_FEW: usize = 8;
        let all = self.vectors.iter().map(|vector| score(query, vector)).filter(|score| *score < 0.999);
        let all: Vec<f32> = all.collect();
        if all.len() < TOO_FEW {
            return None;
        }
        let mean = all.iter().sum::<f32>() / all.len() as f32;
        let variance = all.iter().map(|score| (score - mean).powi(2)).sum::<f32>() / all.len() as f32;
        Some((mean, variance.sqrt()))
    }
}

impl Followed {
    #[cfg_attr(not(feature = "hnsw"), expect(unused_variables, reason = "there is one index to choose from"))]
    pub(super) fn new(store: Store, key: FeatureKey, path: PathBuf, config: VectorConfig) -> Self {
        Self {
            #[cfg(feature = "hnsw")]
            beside: Beside::new(
                store.clone(),
                key.clone(),
                path.with_extension("tvg"),
                config.graph_wanted_from(),
            ),
            store,
            key,
            path,
            current: RwLock::default(),
            writing: Mutex::default(),
        }
    }

    /// The at most `k` pictures of `only` (of all, where that is `None`) whose vectors are most similar to `query`, most
    /// similar first.
    pub(super) fn nearest(
        &self,
        query: &[f32],
        k: usize,
        only: Option<&[PictureId]>,
    ) -> Result<Vec<(PictureId, f32)>> {
        let keys: Option<Vec<u64>> = only.map(|only| only.iter().map(|picture| picture.number()).collect());
        let filter = keys.as_deref().map_or(Filter::All, Filter::Only);
        for _attempt in 0..2 {
            let current = match self.ready(Effort::Little, &|| false) {
                Ok(Some(current)) => current,
                Ok(None) => return Ok(Vec::new()),
                Err(error) => return self.compare_all(query, k, only, &error),
            };
            if query.len() != current.dimension {
                let detail = format!(
                    "these vectors of {} have {} numbers, not {}",
                    self.key.producer,
                    current.dimension,
                    query.len()
                );
                return Err(Error::Unavailable { code: ErrorCode::Conflict, detail });
            }
            let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| -> Result<(), ReadError> {
                let pictures: Vec<PictureId> =
                    keys.iter().map(|number| PictureId::from_number(*number)).collect();
                Ok(self.store.read_vectors(&self.key, &pictures, found)?)
            };
            let options = Options::top(k).in_parallel();
            let snapshot = current.index.snapshot();
            #[cfg(feature = "hnsw")]
            let by_graph = self.beside.search(&snapshot, query, options, keys.as_deref(), &read);
            #[cfg(not(feature = "hnsw"))]
            let by_graph = None;
            let found = by_graph.map_or_else(|| snapshot.search(query, options, filter, &read), Ok);
            match found {
                Ok(hits) => {
                    let hit = |hit: tintype_index::Hit| (PictureId::from_number(hit.key), hit.score);
                    return Ok(hits.into_iter().map(hit).collect());
                }
                Err(tintype_index::Error::ZeroQuery | tintype_index::Error::NotFinite) => {
                    return Ok(Vec::new());
                }
                Err(tintype_index::Error::Damaged { path, reason }) => {
                    tracing::warn!(path = %path.display(), reason, "the index is made again");
                    self.discard()?;
                }
                Err(error) => return self.compare_all(query, k, only, &Error::from(error)),
            }
        }
        let again =
            Error::Unavailable { code: ErrorCode::Internal, detail: "the index was damaged twice".into() };
        self.compare_all(query, k, only, &again)
    }

    /// Vectors of pictures spread over the library, to tell what is alike from what is not.
    pub(super) fn sample(&self) -> Result<Option<Arc<Sample>>> {
        let current = match self.ready(Effort::Little, &|| false) {
            Ok(Some(current)) => current,
            Ok(None) => return Ok(None),
            Err(_said_by_the_search) => return self.sample_of_all().map(Some),
        };
        let snapshot = current.index.snapshot();
        let kept = current.sample.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A library that grew by a half looks different.
        if let Some(sample) = kept.filter(|sample| snapshot.len() * 2 <= sample.of * 3) {
            return Ok(Some(sample));
        }
        let keys = snapshot.keys()?;
        let step = keys.len().div_ceil(SAMPLE).max(1);
        let pictures: Vec<PictureId> =
            keys.iter().step_by(step).map(|number| PictureId::from_number(*number)).collect();
        let mut sample = Sample { of: keys.len(), vectors: Vec::with_capacity(pictures.len()) };
        self.store.read_vectors(&self.key, &pictures, |_, vector| sample.vectors.push(vector.to_vec()))?;
        let sample = Arc::new(sample);
        *current.sample.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&sample));
        Ok(Some(sample))
    }

    /// The same without an index.
    fn sample_of_all(&self) -> Result<Arc<Sample>> {
        let of = self.store.count_vectors_since(&self.key, 0, usize::MAX >> 1)?;
        let mut sample = Sample { of, vectors: Vec::new() };
        let (step, mut at) = (of.div_ceil(SAMPLE).max(1), 0);
        self.store.vectors_since(&self.key, 0, |_, _, vector| {
            if at % step == 0 {
                sample.vectors.push(vector.to_vec());
            }
            at += 1;
            true
        })?;
        Ok(Arc::new(sample))
    }

    /// Brings everything into the index, unless `stop` says so.
    pub(super) fn bring_up_to_date(&self, stop: &dyn Fn() -> bool) -> Result<()> {
        let current = self.ready(Effort::Whole, stop)?;
        #[cfg(feature = "hnsw")]
        if let Some(current) = &current {
            self.beside.bring_up_to_date(&current.index.snapshot(), stop);
        }
        #[cfg(not(feature = "hnsw"))]
        drop(current);
        Ok(())
    }

    /// Drops from the index what the store has no more. Searches do not return it anyway; this makes room.
    pub(super) fn sweep(&self) -> Result<()> {
        let Some(current) = self.ready(Effort::Little, &|| false)? else { return Ok(()) };
        let keys = current.index.snapshot().keys()?;
        let pictures: Vec<PictureId> = keys.iter().map(|number| PictureId::from_number(*number)).collect();
        let gone = self.store.without_vector(&self.key, &pictures)?;
        if gone.is_empty() {
            return Ok(());
        }
        let _writing = self.writing();
        let mut batch = match current.index.write() {
            Ok(batch) => batch,
            // The other process sweeps, or the next prune does.
            Err(tintype_index::Error::Locked { .. } | tintype_index::Error::Changed { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for picture in gone {
            batch.remove(picture.number());
        }
        let generation = current.index.snapshot().generation();
        Ok(batch.commit(generation)?)
    }

    /// The open index; `None` where the store has no such vector.
    fn ready(&self, effort: Effort, stop: &dyn Fn() -> bool) -> Result<Option<Arc<Current>>> {
        let state = self.store.vector_state()?;
        let known = self.current(state);
        if let Some(current) = known.as_ref().filter(|current| current.has_reached(state)) {
            return Ok(Some(Arc::clone(current)));
        }
        let writing = match (known, effort) {
            // An answer that is a little old is better than one that is late.
            (Some(current), Effort::Little) => match self.writing.try_lock() {
                Ok(guard) => guard,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return Ok(Some(current)),
            },
            _ => self.writing(),
        };
        let current = match self.current(state) {
            Some(current) => current,
            None => match self.open(state, stop)? {
                Some(current) => current,
                None => return Ok(None),
            },
        };
        let current = self.follow(current, state, effort, stop)?;
        drop(writing);
        Ok(Some(current))
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self, state: VectorState) -> Option<Arc<Current>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        current.filter(|current| current.epoch == state.epoch)
    }

    fn keep(&self, current: &Arc<Current>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(current));
    }

    /// Opens the file, or makes it from the store.
    fn open(&self, state: VectorState, stop: &dyn Fn() -> bool) -> Result<Option<Arc<Current>>> {
        let mut dimension = None;
        self.store.vectors_since(&self.key, 0, |_, _, vector| {
            dimension = Some(vector.len());
            false
        })?;
        let Some(dimension) = dimension else { return Ok(None) };
        let identity = self.identity(state, dimension);
        let index = match Index::open(&self.path, &identity, None)? {
            State::Ready(index) => index,
            other => {
                tracing::info!(path = %self.path.display(), found = ?other, "making the index from the store");
                match self.build(&identity, stop)? {
                    Some(index) => index,
                    None => return Ok(None),
                }
            }
        };
        let current = Arc::new(Current::new(index, state.epoch, dimension));
        self.keep(&current);
        Ok(Some(current))
    }

    fn identity(&self, state: VectorState, dimension: usize) -> Identity {
        let FeatureKey { kind, producer, params } = &self.key;
        Identity::new(kind.clone(), format!("{producer} {params} #{:x}", state.epoch), dimension)
    }

    /// Makes the index from nothing; `None` where it was stopped.
    fn build(&self, identity: &Identity, stop: &dyn Fn() -> bool) -> Result<Option<Index>> {
        let mut builder = Builder::new(&self.path, identity)?;
        let mut outcome = Ok(());
        let mut is_stopped = false;
        let reached = self.store.vectors_since(&self.key, 0, |_, picture, vector| {
            is_stopped = stop();
            outcome = tolerate(builder.put(picture.number(), vector), picture);
            outcome.is_ok() && !is_stopped
        })?;
        outcome?;
        if is_stopped {
            return Ok(None);
        }
        Ok(Some(builder.finish(reached)?))
    }

    /// Brings what is new into the index.
    fn follow(
        &self,
        current: Arc<Current>,
        state: VectorState,
        effort: Effort,
        stop: &dyn Fn() -> bool,
    ) -> Result<Arc<Current>> {
        let snapshot = current.index.snapshot();
        let from = snapshot.generation().max(current.reached.load(Ordering::Relaxed));
        let few = if effort == Effort::Whole { usize::MAX >> 1 } else { FEW };
        let waiting = self.store.count_vectors_since(&self.key, from, few.saturating_add(1))?;
        if waiting == 0 {
            current.reached.fetch_max(state.revision, Ordering::Relaxed);
            return Ok(current);
        }
        if waiting > few {
            return Ok(current);
        }
        // What an index knows of its vectors when it is made decides how fast it is: one that doubles is made anew.
        if waiting > snapshot.len() {
            let Some(index) = self.build(&self.identity(state, current.dimension), stop)? else {
                return Ok(current);
            };
            let anew = Arc::new(Current::new(index, state.epoch, current.dimension));
            self.keep(&anew);
            return Ok(anew);
        }
        match self.append(&current, from)? {
            Appended::All(reached) => _ = current.reached.fetch_max(reached, Ordering::Relaxed),
            Appended::Part if !stop() => return self.follow(current, state, effort, stop),
            // Another process is at it, or we were asked to stop.
            Appended::Part | Appended::Locked => {}
            Appended::Changed => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
                return Ok(self.open(state, stop)?.unwrap_or(current));
            }
        }
        Ok(current)
    }

    /// Appends vectors that were written after a revision, about [`COMMIT`] of them.
    fn append(&self, current: &Current, from: u64) -> Result<Appended> {
        let mut batch = match current.index.write() {
            Ok(batch) => batch,
            Err(tintype_index::Error::Locked { .. }) => return Ok(Appended::Locked),
            Err(tintype_index::Error::Changed { .. }) => return Ok(Appended::Changed),
            Err(error) => return Err(error.into()),
        };
        let (mut outcome, mut in_batch, mut last) = (Ok(()), 0, from);
        let mut is_part = false;
        let reached = self.store.vectors_since(&self.key, from, |revision, picture, vector| {
            // A revision counts as held only when all of it is.
            is_part = in_batch >= COMMIT && revision != last;
            if is_part {
                return false;
            }
            last = revision;
            in_batch += 1;
            outcome = tolerate(batch.put(picture.number(), vector), picture);
            outcome.is_ok()
        })?;
        outcome?;
        batch.commit(if is_part { last } else { reached })?;
        Ok(if is_part { Appended::Part } else { Appended::All(reached) })
    }

    /// Lets go of the file and removes it.
    fn discard(&self) -> Result<()> {
        let _writing = self.writing();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
        match fs_err::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The same answer without an index: it cannot be made or read, for example because the disk is full.
    fn compare_all(
        &self,
        query: &[f32],
        k: usize,
        only: Option<&[PictureId]>,
        why: &Error,
    ) -> Result<Vec<(PictureId, f32)>> {
        tracing::warn!(%why, kind = self.key.kind, "no index: every vector is compared");
        let only: Option<HashSet<PictureId>> = only.map(|only| only.iter().copied().collect());
        let mut best: Vec<(PictureId, f32)> = Vec::new();
        let rank = |best: &mut Vec<(PictureId, f32)>| {
            best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            best.truncate(k);
        };
        self.store.vectors_since(&self.key, 0, |_, picture, vector| {
            if only.as_ref().is_none_or(|only| only.contains(&picture)) && vector.len() == query.len() {
                best.push((picture, score(query, vector)));
                if best.len() >= k.saturating_mul(2).max(1024) {
                    rank(&mut best);
                }
            }
            true
        })?;
        rank(&mut best);
        Ok(best)
    }
}

impl Current {
    fn new(index: Index, epoch: i64, dimension: usize) -> Self {
        let reached = AtomicU64::new(index.snapshot().generation());
        Self { index, epoch, dimension, reached, sample: Mutex::default() }
    }

    fn has_reached(&self, state: VectorState) -> bool {
        self.reached.load(Ordering::Relaxed) >= state.revision
    }
}

/// A vector that no index can hold is left out: it is of another length than its fellows, or holds no numbers.
pub(super) fn tolerate(
    put: Result<(), tintype_index::Error>,
    picture: PictureId,
) -> Result<(), tintype_index::Error> {
    match put {
        Err(error @ (tintype_index::Error::Dimension { .. } | tintype_index::Error::NotFinite)) => {
            tracing::warn!(?picture, %error, "a vector is left out of the index");
            Ok(())
        }
        other => other,
    }
}
