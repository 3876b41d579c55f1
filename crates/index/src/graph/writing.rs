//! Making a graph, or a new one of an old one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use fs_err::{File, OpenOptions};
use rayon::prelude::*;

use super::file::{self, Trailer};
use super::{Graph, native};
use crate::code::normalised;
use crate::error::Error;
use crate::file::{Map, sync_folder};
use crate::identity::Identity;
use crate::index::State;
use crate::writing::{Temporary, WriteLock};

/// Vectors that all threads put in their places together.
const TOGETHER: usize = 4096;

/// A graph in memory that is to be a file: from nothing, or with what a graph holds already. All threads of the
/// current rayon pool work at it. Nothing is visible before [`Self::commit`].
pub struct GraphWriter {
    path: PathBuf,
    identity: Identity,
    native: usearch::Index,
    waiting: BTreeMap<u64, Vec<f32>>,
    _lock: WriteLock,
}

impl std::fmt::Debug for GraphWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

impl GraphWriter {
    /// Begins a graph of `identity` that is to be at `path`. Its folder is made where needed.
    ///
    /// # Errors
    /// [`Error::Identity`]; [`Error::Locked`] where another process makes one there; [`Error::Io`].
    pub fn new(path: &Path, identity: &Identity) -> Result<Self, Error> {
        identity.check()?;
        Ok(Self {
            native: native(identity.dimension)?,
            path: path.to_owned(),
            identity: identity.clone(),
            waiting: BTreeMap::new(),
            _lock: WriteLock::at(path)?,
        })
    }

    /// Begins with what a graph holds, read into memory. The graph itself does not change.
    ///
    /// # Errors
    /// As [`Self::new`], and [`Error::Graph`] where there is too little memory.
    pub fn from_graph(graph: &Graph) -> Result<Self, Error> {
        let writer = Self::new(&graph.path, graph.identity())?;
        writer.native.load_from_buffer(graph.bytes()).map_err(Error::graph)?;
        Ok(writer)
    }

    /// Adds a vector under a key; one that was there under this key is replaced. A vector of zeros is left out, for
    /// it lies in no direction.
    ///
    /// # Errors
    /// A vector of another dimension or not finite, which changes nothing; [`Error::Graph`] where memory is short.
    pub fn put(&mut self, key: u64, vector: &[f32]) -> Result<(), Error> {
        if vector.len() != self.identity.dimension {
            return Err(Error::Dimension { expected: self.identity.dimension, got: vector.len() });
        }
        let unit = normalised(vector).ok_or(Error::NotFinite)?;
        if unit.iter().all(|&value| value == 0.0) {
            return self.remove(key).map(drop);
        }
        self.waiting.insert(key, unit);
        if self.waiting.len() < TOGETHER { Ok(()) } else { self.place() }
    }

    /// Removes the vector under a key; says whether there was one.
    ///
    /// # Errors
    /// [`Error::Graph`] where memory is short.
    pub fn remove(&mut self, key: u64) -> Result<bool, Error> {
        let was_waiting = self.waiting.remove(&key).is_some();
        Ok(self.native.remove(key).map_err(Error::graph)? > 0 || was_waiting)
    }

    /// Makes the graph durable, puts it in its place, and opens it. `generation` is the store's.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Graph`]: what was at the path is still there then.
    pub fn commit(mut self, generation: u64) -> Result<Graph, Error> {
        self.place()?;
        let temporary = Temporary::beside(&self.path)?;
        self.save(temporary.path(), generation)?;
        fs_err::rename(temporary.path(), &self.path).map_err(Error::io(&self.path))?;
        sync_folder(&self.path)?;
        match Graph::open(&self.path, &self.identity)? {
            State::Ready(graph) => Ok(graph),
            other => Err(Error::damaged(&self.path, format!("{other:?} after writing it"))),
        }
    }

    /// Puts what waits in its place.
    fn place(&mut self) -> Result<(), Error> {
        let waiting: Vec<(u64, Vec<f32>)> = std::mem::take(&mut self.waiting).into_iter().collect();
        if waiting.is_empty() {
            return Ok(());
        }
        for (key, _) in &waiting {
            self.native.remove(*key).map_err(Error::graph)?;
        }
        let needed = self.native.size() + waiting.len();
        let capacity = self.native.capacity();
        // By halves, so that what is there is seldom moved.
        let capacity = if needed > capacity { needed.max(capacity + capacity / 2) } else { capacity };
        let threads = rayon::current_num_threads();
        self.native.reserve_capacity_and_threads(capacity, threads).map_err(Error::graph)?;
        // In as many runs as there are threads, because so many may be at it at once.
        let runs = waiting.par_chunks(waiting.len().div_ceil(threads));
        runs.try_for_each(|run| run.iter().try_for_each(|(key, unit)| self.native.add(*key, unit)))
            .map_err(Error::graph)
    }

    fn save(&self, path: &Path, generation: u64) -> Result<(), Error> {
        let name = path.to_str().ok_or_else(|| Error::graph("the folder's name is not UTF-8"))?;
        self.native.save(name).map_err(Error::graph)?;
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(Error::io(path))?;
        // `usearch` notices a full disk while it writes, but not while it closes the file.
        let (graph_bytes, written) = (self.native.serialized_length() as u64, length(&file)?);
        if written != graph_bytes {
            return Err(Error::graph(format!("{written} bytes were written of {graph_bytes}")));
        }
        let map = Map::new(&file, 0..graph_bytes)?;
        let trailer = Trailer {
            identity: self.identity.clone(),
            generation,
            count: self.native.size() as u64,
            graph_bytes,
            sum: file::sum(map.bytes(0, 0..graph_bytes as usize)),
        };
        drop(map);
        file.write_all(&trailer.encode()).and_then(|()| file.sync_all()).map_err(Error::io(path))
    }
}

fn length(file: &File) -> Result<u64, Error> {
    Ok(file.metadata().map_err(Error::io(file.path()))?.len())
}
