//! The crate through its public face.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]

mod changing;
mod concurrent;
mod damage;
mod exactness;
#[cfg(feature = "hnsw")]
mod graph;
mod support;
