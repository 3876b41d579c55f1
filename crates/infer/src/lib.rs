//! Inference.

pub mod tokenize;
