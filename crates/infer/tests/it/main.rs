//! The crate through its public face, with real models: what it gives, on both engines, against numbers computed with
//! other tools (`tests/golden/make_golden.py`).
#![allow(clippy::unwrap_used, reason = "what fails here is the test")]

mod golden;
mod pictures;
mod support;
