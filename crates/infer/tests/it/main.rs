//! The crate through its public face: what models give, on both engines, against numbers that other tools computed
//! (the scripts in `tests/golden`).
#![allow(missing_docs, reason = "tests")]
#![allow(clippy::unwrap_used, reason = "what fails here is the test")]

mod fixtures;
mod golden;
mod pictures;
mod published;
mod support;
mod tokenize;
