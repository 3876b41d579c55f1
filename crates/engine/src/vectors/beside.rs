//! [`Beside`]: the graph beside the exact index of a large library, where one is wanted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tintype_core::FeatureKey;
use tintype_index::{Filter, Graph, GraphWriter, Hit, Identity, Options, Rows, Snapshot, State, Vectors};
use tintype_store::{PictureId, Store};

use super::followed::tolerate;
use crate::Result;

/// Of fewer pictures than this, or than a third of all, a filter's are compared by the exact index. A walk takes longer
/// the more it has to pass over (nine in ten: 9.4 ms instead of 0.7 among 100,000), the exact index less.
const FEW_LEFT: usize = 5_000;
/// The same as a share of all.
const FEW_LEFT_SHARE: usize = 3;
/// Whoever wants more neighbours than this is answered by the exact index.
const MANY_WANTED: usize = 2_000;
/// The graph is made anew when more than one in so many vectors is not in it …
const MISSING_SHARE: usize = 20;
/// … or one in so many of those in it is gone, which a walk passes through for nothing; then from the beginning.
const GONE_SHARE: usize = 4;
/// A graph that lacks more than one in so many vectors is not used.
const BEHIND_SHARE: usize = 10;

/// The graph of one key. The exact index answers whatever this does not: while there is no graph, for what came after
/// it, and where little is left to compare.
pub(super) struct Beside {
    store: Store,
    key: FeatureKey,
    path: PathBuf,
    /// How many vectors make a graph worth it; `None` where none is wanted.
    from: Option<usize>,
    open: RwLock<Option<Arc<Open>>>,
    /// Held by whoever opens the file or makes it.
    writing: Mutex<()>,
}

struct Open {
    graph: Graph,
    later: Mutex<Later>,
}

/// Vectors that were written after the graph was made.
struct Later {
    /// The revision of the store up to which they are known.
    reached: u64,
    keys: Vec<u64>,
    /// Where they are in a state of the exact index.
    rows: Option<Arc<(Snapshot, Rows)>>,
    /// The generation of that state.
    of: Option<u64>,
}

impl Beside {
    pub(super) fn new(store: Store, key: FeatureKey, path: PathBuf, from: Option<usize>) -> Self {
        Self { store, key, path, from, open: RwLock::default(), writing: Mutex::default() }
    }

    /// Nearly all of the `options.k` nearest; `None` where the exact index is to answer.
    pub(super) fn search(
        &self,
        index: &Snapshot,
        query: &[f32],
        options: Options,
        only: Option<&[u64]>,
        vectors: &dyn Vectors,
    ) -> Option<Vec<Hit>> {
        let left = only.map_or(usize::MAX, <[u64]>::len);
        let is_little = left < FEW_LEFT.max(index.len() / FEW_LEFT_SHARE);
        if self.from.is_none_or(|from| index.len() < from) || is_little || options.k > MANY_WANTED {
            return None;
        }
        let found = self.walk(index, query, options, only, vectors);
        found.unwrap_or_else(|error| {
            tracing::warn!(%error, kind = self.key.kind, "the exact index answers instead of the graph");
            None
        })
    }

    fn walk(
        &self,
        index: &Snapshot,
        query: &[f32],
        options: Options,
        only: Option<&[u64]>,
        vectors: &dyn Vectors,
    ) -> Result<Option<Vec<Hit>>> {
        let Some(open) = self.opened(index.identity()) else { return Ok(None) };
        let Some(later) = self.later(&open, index)? else { return Ok(None) };
        let filter = only.map_or(Filter::All, Filter::Only);
        let mut hits = open.graph.search(query, options, filter, vectors)?;
        let (index, rows) = &*later;
        if rows.count() > 0 {
            let allowed = index.rows(filter)?.map(|allowed| allowed.and(rows));
            hits.extend(index.search_rows(query, options, allowed.as_ref().or(Some(rows)), vectors)?);
            // A vector that was written again is found both ways, with the same score.
            hits.sort_by(Hit::rank);
            hits.dedup_by_key(|hit| hit.key);
            hits.truncate(options.k);
        }
        Ok(Some(hits))
    }

    /// The graph, if there is one; nobody waits for one that is being opened or made.
    fn opened(&self, identity: &Identity) -> Option<Arc<Open>> {
        if let Some(open) = self.current(identity) {
            return Some(open);
        }
        let _writing = self.writing.try_lock().ok()?;
        self.current(identity).or_else(|| self.open(identity))
    }

    fn current(&self, identity: &Identity) -> Option<Arc<Open>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner).clone();
        open.filter(|open| open.graph.identity() == identity)
    }

    /// Opens the file, unless it is missing or of other vectors. A damaged one is removed, so that it is read once.
    fn open(&self, identity: &Identity) -> Option<Arc<Open>> {
        match Graph::open(&self.path, identity) {
            Ok(State::Ready(graph)) => return Some(self.keep(graph)),
            Ok(State::Damaged { reason }) => {
                tracing::warn!(path = %self.path.display(), reason, "the graph is made again after the next run");
                // If it cannot be removed, it is replaced then.
                let _ = fs_err::remove_file(&self.path);
            }
            Ok(State::Missing | State::Stale(_)) => {}
            Err(error) => tracing::warn!(%error, "the graph cannot be read"),
        }
        None
    }

    fn keep(&self, graph: Graph) -> Arc<Open> {
        let later = Later { reached: graph.generation(), keys: Vec::new(), rows: None, of: None };
        let open = Arc::new(Open { graph, later: Mutex::new(later) });
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&open));
        open
    }

    /// Where the vectors are that were written after the graph; `None` where they are too many for it to be of use.
    fn later(&self, open: &Open, index: &Snapshot) -> Result<Option<Arc<(Snapshot, Rows)>>> {
        let mut later = open.later.lock().unwrap_or_else(PoisonError::into_inner);
        if later.of == Some(index.generation()) {
            return Ok(later.rows.clone());
        }
        let most = index.len() / BEHIND_SHARE;
        if self.store.count_vectors_since(&self.key, open.graph.generation(), most + 1)? > most {
            return Ok(None);
        }
        let mut keys = later.keys.clone();
        later.reached = self.store.vectors_since(&self.key, later.reached, |_, picture, _| {
            keys.push(picture.number());
            true
        })?;
        keys.sort_unstable();
        keys.dedup();
        later.rows = index.rows(Filter::Only(&keys))?.map(|rows| Arc::new((index.clone(), rows)));
        (later.keys, later.of) = (keys, Some(index.generation()));
        Ok(later.rows.clone())
    }

    /// Makes the graph, or makes it anew when much is missing, unless `stop` says so. If that fails, the exact index
    /// goes on answering.
    pub(super) fn bring_up_to_date(&self, index: &Snapshot, stop: &dyn Fn() -> bool) {
        if let Err(error) = self.make(index, stop) {
            tracing::warn!(%error, path = %self.path.display(), "the graph could not be made");
        }
    }

    fn make(&self, index: &Snapshot, stop: &dyn Fn() -> bool) -> Result<()> {
        if self.from.is_none_or(|from| index.len() < from) {
            return Ok(());
        }
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = index.identity();
        let mut base = match self.current(identity) {
            Some(open) if !self.lacks(&open, index)? => return Ok(()),
            // Another process may have made it meanwhile.
            _ => self.open(identity),
        };
        if let Some(open) = &base {
            if !self.lacks(open, index)? {
                return Ok(());
            }
            if open.is_worn(index)? {
                base = None;
            }
        }
        let writer = match &base {
            Some(open) => GraphWriter::from_graph(&open.graph),
            None => GraphWriter::new(&self.path, identity),
        };
        let mut writer = match writer {
            // The other process makes it.
            Err(tintype_index::Error::Locked { .. }) => return Ok(()),
            other => other?,
        };
        let from = base.map_or(0, |open| open.graph.generation());
        tracing::info!(path = %self.path.display(), vectors = index.len(), from, "making the graph");
        let (mut outcome, mut is_stopped) = (Ok(()), false);
        let reached = self.store.vectors_since(&self.key, from, |_, picture: PictureId, vector| {
            is_stopped = stop();
            outcome = tolerate(writer.put(picture.number(), vector), picture);
            outcome.is_ok() && !is_stopped
        })?;
        outcome?;
        if !is_stopped {
            self.keep(writer.commit(reached)?);
        }
        Ok(())
    }

    /// Whether too much is missing from the graph, or gone.
    fn lacks(&self, open: &Open, index: &Snapshot) -> Result<bool> {
        let few = index.len() / MISSING_SHARE;
        let later = self.store.count_vectors_since(&self.key, open.graph.generation(), few + 1)?;
        Ok(later > few || open.is_worn(index)?)
    }
}

impl Open {
    /// Whether too much of the graph is gone from the index.
    fn is_worn(&self, index: &Snapshot) -> Result<bool> {
        let shared = index.keys()?.into_iter().filter(|key| self.graph.contains(*key)).count();
        Ok(self.graph.len().saturating_sub(shared) * GONE_SHARE > self.graph.len())
    }
}

#[cfg(test)]
mod tests;
