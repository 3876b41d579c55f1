//! [`Graph`]: a shortcut through a large collection, for when finding nearly all of the nearest is enough.
//!
//! A hierarchical navigable small world (Malkov and Yashunin, 2016) made by `usearch`, of vectors in half precision. A
//! search walks from neighbour to neighbour and looks at some thousand vectors, whatever their number. What it comes
//! by are candidates: their [`score`](crate::score()) is computed from the caller's vectors, so that scores and order
//! are those of the exact index, and only what the walk missed is missing.
//!
//! A graph lies beside an exact [`Index`](crate::Index), not in its place. What was written or removed since the graph
//! was made, and filters that leave little, are the exact index's part; so the graph's file is written seldom and
//! whole, under another name, and is never half of anything.

mod file;
mod writing;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use usearch::{IndexOptions, MetricKind, ScalarKind};

use crate::error::Error;
use crate::file::Map;
use crate::filter::{Filter, KeySet};
use crate::identity::Identity;
use crate::index::{Stale, State};
use crate::score::{Hit, Vectors};
use crate::search::{Options, scores};

use file::{Opened, Trailer};
pub use writing::GraphWriter;

/// Neighbours of a vector above the ground level, and twice as many on it: usual for some hundred dimensions.
const CONNECTIVITY: usize = 16;
/// Candidates kept in mind while a vector is put in its place.
const EXPANSION_ADD: usize = 128;
/// Candidates kept in mind by a search, at least.
const EXPANSION_SEARCH: usize = 256;
/// Candidates asked for, for each vector wanted: half precision confuses neighbours that lie close together.
const CANDIDATES: usize = 4;
/// Searches that may go on at once; one more than that fails, and the exact index answers it.
const SEATS: usize = 64;

/// A graph in one memory-mapped file. Any number of threads may search, 64 of them at once.
pub struct Graph {
    // Before the memory that it looks at, because fields are dropped in this order.
    native: usearch::Index,
    map: Map,
    trailer: Trailer,
    path: PathBuf,
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("path", &self.path)
            .field("trailer", &self.trailer)
            .finish_non_exhaustive()
    }
}

impl Graph {
    /// Opens the graph at `path` if it is of `identity`. Reads the whole file once to compare its checksum, because
    /// nothing in `usearch` would notice a neighbour that is not there.
    ///
    /// # Errors
    /// [`Error::Io`] where the file is there and cannot be read.
    pub fn open(path: &Path, identity: &Identity) -> Result<State<Self>, Error> {
        Ok(match file::open(path, identity)? {
            Opened::Missing => State::Missing,
            Opened::Version(version) => State::Stale(Stale::Version(version)),
            Opened::Other(other) => State::Stale(Stale::Identity(other)),
            Opened::Damaged(reason) => State::Damaged { reason },
            Opened::Whole(trailer, map) => match Self::view(path, trailer, map) {
                Ok(graph) => State::Ready(graph),
                // Whole, and `usearch` cannot read it: of another version of it, for example.
                Err(error) => State::Damaged { reason: error.to_string() },
            },
        })
    }

    #[expect(unsafe_code, reason = "usearch looks at mapped memory")]
    fn view(path: &Path, trailer: Trailer, map: Map) -> Result<Self, Error> {
        let native = native(trailer.identity.dimension)?;
        native.reserve_capacity_and_threads(0, SEATS).map_err(Error::graph)?;
        let bytes = map.bytes(0, 0..trailer.graph_bytes as usize);
        // SAFETY: the memory stays where it is for as long as the map does, which is dropped after `native`; the file
        // is replaced by renaming and never written again.
        unsafe { native.view_from_buffer(bytes) }.map_err(Error::graph)?;
        if native.dimensions() != trailer.identity.dimension || native.size() as u64 != trailer.count {
            return Err(Error::damaged(path, "the graph is not what its trailer says"));
        }
        Ok(Self { native, map, trailer, path: path.to_owned() })
    }

    /// What the graph is of.
    pub fn identity(&self) -> &Identity {
        &self.trailer.identity
    }

    /// The caller's stamp of the last commit.
    pub fn generation(&self) -> u64 {
        self.trailer.generation
    }

    /// Vectors in it.
    pub fn len(&self) -> usize {
        self.native.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there is a vector under this key.
    pub fn contains(&self, key: u64) -> bool {
        self.native.contains(key)
    }

    /// What `usearch` wrote.
    fn bytes(&self) -> &[u8] {
        self.map.bytes(0, 0..self.trailer.graph_bytes as usize)
    }

    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.trailer.file_bytes()
    }

    /// Nearly all of the vectors with the highest [`score`](crate::score()) against `query`, best first, equal ones by
    /// key. Vectors of zeros are not among them, and neither is what `vectors` has no more.
    ///
    /// The more a filter leaves out, the longer a walk takes: with one in ten left, among 100,000, thirteen times as long.
    /// Searching the exact index is faster then.
    ///
    /// # Errors
    /// As [`Snapshot::search`](crate::Snapshot::search), and [`Error::Graph`] where 64 searches are going on.
    pub fn search(
        &self,
        query: &[f32],
        options: Options,
        filter: Filter<'_>,
        vectors: &dyn Vectors,
    ) -> Result<Vec<Hit>, Error> {
        let unit = crate::search::unit_query(query, self.trailer.identity.dimension)?;
        let least = options.min_score.unwrap_or(f32::NEG_INFINITY);
        if options.k == 0 || least.is_nan() || self.is_empty() {
            return Ok(Vec::new());
        }
        let mut wanted = options.k.saturating_mul(CANDIDATES);
        loop {
            wanted = wanted.min(self.len());
            let keys = self.candidates(&unit, wanted, filter)?;
            let is_all = keys.len() < wanted || wanted == self.len();
            let scores = scores(query, &keys, vectors)?;
            let mut hits: Vec<Hit> = keys
                .into_iter()
                .zip(scores)
                .filter_map(|(key, score)| score.map(|score| Hit { key, score }))
                .collect();
            hits.sort_by(Hit::rank);
            let found = hits.len();
            hits.retain(|hit| hit.score >= least);
            // Too few only where many of the candidates have no vector any more.
            if is_all || found >= options.k {
                hits.truncate(options.k);
                return Ok(hits);
            }
            wanted = wanted.saturating_mul(CANDIDATES);
        }
    }

    /// Keys that a filter lets through and whose vectors are near.
    fn candidates(&self, unit: &[f32], wanted: usize, filter: Filter<'_>) -> Result<Vec<u64>, Error> {
        let matches = match filter {
            Filter::All => self.native.search(unit, wanted),
            Filter::Only(keys) => {
                let keys = KeySet::new(keys);
                self.native.filtered_search(unit, wanted, |key| keys.contains(key))
            }
            Filter::Except(keys) => {
                let keys = KeySet::new(keys);
                self.native.filtered_search(unit, wanted, |key| !keys.contains(key))
            }
            Filter::Where(accepts) => {
                // A panic must not unwind through C++: it goes on afterwards.
                let panicked = Mutex::new(None);
                let found = self.native.filtered_search(unit, wanted, |key| {
                    catch_unwind(AssertUnwindSafe(|| accepts(key))).unwrap_or_else(|payload| {
                        panicked.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(payload);
                        false
                    })
                });
                if let Some(payload) = panicked.into_inner().unwrap_or_else(PoisonError::into_inner) {
                    resume_unwind(payload);
                }
                found
            }
        };
        Ok(matches.map_err(Error::graph)?.keys)
    }
}

/// An empty graph in memory.
fn native(dimensions: usize) -> Result<usearch::Index, Error> {
    usearch::Index::new(&IndexOptions {
        dimensions,
        metric: MetricKind::Cos,
        quantization: ScalarKind::F16,
        connectivity: CONNECTIVITY,
        expansion_add: EXPANSION_ADD,
        expansion_search: EXPANSION_SEARCH,
        multi: false,
    })
    .map_err(Error::graph)
}
