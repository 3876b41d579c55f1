//! [`Index`] finds, among a million vectors, the k with the highest cosine against a query: exactly those that
//! comparing with every vector would find, in a fraction of the time. It is one memory-mapped file, `<kind>.tvi`,
//! which the engine fills from the feature store and makes again when it is missing, stale or damaged ([`State`]).
//!
//! The file holds eight bits a dimension, so that a scan reads half a byte a dimension and the deciding few rows are
//! narrowed down by proven bounds (see the module `search`). The vectors themselves stay in the store: the caller's
//! [`Vectors`] reads the dozens whose exact [`score`] decides. What that costs and why: 528 bytes a vector of 512
//! dimensions instead of 2,048.
//!
//! It knows nothing of photos and of SQL: keys are the caller's 64-bit numbers. Writing goes through [`Batch`]
//! (append, replace, remove; crash-safe, seen by searches that begin after the commit) and [`Builder`] (from
//! nothing).
//!
//! With the feature `hnsw` there is `Graph` too, which lies beside an index that is so large that finding nearly all
//! of the nearest, sooner, is preferred.
//!
//! ```
//! use tintype_index::{Builder, Filter, Identity, Options};
//!
//! let vectors = [[1.0f32, 0.0], [0.6, 0.8], [0.0, 1.0]];
//! let folder = tempfile::tempdir()?;
//! let mut builder = Builder::new(&folder.path().join("scene.tvi"), &Identity::new("scene", "example@1", 2))?;
//! for (key, vector) in (0u64..).zip(&vectors) {
//!     builder.put(key, vector)?;
//! }
//! let index = builder.finish(1)?;
//!
//! // In the engine, one query of the store; here, a slice.
//! let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| {
//!     keys.iter().enumerate().for_each(|(at, &key)| found(at, &vectors[key as usize]));
//!     Ok(())
//! };
//! let hits = index.snapshot().search(&[0.0, 2.0], Options::top(2), Filter::All, &read)?;
//! assert_eq!(hits.iter().map(|hit| hit.key).collect::<Vec<_>>(), [2, 1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod basis;
mod code;
mod error;
mod file;
mod filter;
#[cfg(feature = "hnsw")]
mod graph;
mod identity;
mod index;
mod kernels;
mod opening;
mod rotation;
mod score;
mod search;
mod snapshot;
mod writing;

pub use error::Error;
pub use filter::{Filter, Rows};
#[cfg(feature = "hnsw")]
pub use graph::{Graph, GraphWriter};
pub use identity::Identity;
pub use index::{Index, Stale, State};
pub use score::{Hit, ReadError, Vectors, brute_force, score};
pub use search::Options;
pub use snapshot::Snapshot;
pub use writing::{Batch, Builder};
