//! The crate through its public face.
#![allow(missing_docs, reason = "tests")]

mod golden;
mod tokenize;
