//! Asking for photos by words and facts.

mod condition;
mod document;
mod words;

pub use condition::{Adjacent, PhotoFact, Range, SearchCondition, TextMatch};
pub use document::{Piece, SearchDocument, SearchField};
use tintype_core::PhotoId;
pub use words::{folded, words};

/// A photo that meets a condition, with its document.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchCandidate {
    /// The photo.
    pub photo: PhotoId,
    /// When it was taken: local wall clock as if it were UTC, milliseconds.
    pub taken_ms: Option<i64>,
    /// What is known of it in words.
    pub document: SearchDocument,
}

/// A text that photos' documents hold, with how many do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// Where it stands.
    pub field: SearchField,
    /// As it was first said.
    pub label: String,
    /// Photos that have it.
    pub photos: u64,
}

/// How far the documents follow the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SearchRefresh {
    /// Documents written.
    pub written: u64,
    /// Whether more wait to be written.
    pub more: bool,
}
