//! Questions and answers.

use tintype_core::PhotoId;
use tintype_store::{PhotoFilter, PhotoSummary, Scope};

use super::Query;

/// What to look for.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// Words and facts, as people type them.
    pub text: String,
    /// Somebody who is to be in it, by name.
    pub person: Option<String>,
    /// A race number that is to be in it.
    pub bib: Option<String>,
    /// Words and pictures that photos are to look like, or unlike: their vectors are added up with their weights.
    pub like: Vec<Ingredient>,
    /// Where to look.
    pub scope: Scope,
    /// What photos must be like beside what the text says.
    pub filter: PhotoFilter,
    /// Hits per page; at least 1, at most [`super::MAX_LIMIT`].
    pub limit: usize,
    /// Where the previous page ended.
    pub cursor: Option<String>,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            text: String::new(),
            person: None,
            bib: None,
            like: Vec::new(),
            scope: Scope::Library,
            filter: PhotoFilter::default(),
            limit: 100,
            cursor: None,
        }
    }
}

/// A part of what photos are to look like.
#[derive(Debug, Clone)]
pub struct Ingredient {
    /// What it is.
    pub what: Likeness,
    /// How much of it; less than 0 for what is not wanted.
    pub weight: f32,
}

/// Something that photos can look like.
#[derive(Debug, Clone)]
pub enum Likeness {
    /// Words; needs a model that reads them.
    Text(String),
    /// A photo of the library.
    Photo(PhotoId),
    /// A picture as a file's bytes.
    Image(Vec<u8>),
}

/// A photo that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The photo.
    pub photo: PhotoSummary,
    /// How sure it is what was asked for, 0 to 1.
    pub score: f32,
    /// Whether the score is at least [`super::GOOD_SCORE`].
    pub is_good: bool,
    /// Why it was found, the strongest reason for each word.
    pub reasons: Vec<Reason>,
}

/// Why a photo was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// A field of its document, a fact of the query, or `looks_like`.
    pub kind: String,
    /// In words: `tag: bicycle 0.91`.
    pub text: String,
    /// How sure that is, 0 to 1; 1 for facts.
    pub confidence: f32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchAnswer {
    /// The query as it was understood.
    pub query: Query,
    /// Hits, best first; newest first where the query has facts only.
    pub hits: Vec<Hit>,
    /// What to pass as cursor for the next page.
    pub next_cursor: Option<String>,
    /// Photos that were found.
    pub total: u64,
    /// Whether there are no more than that.
    pub is_total_exact: bool,
    /// Whether no photo has all the words, and these have some.
    pub is_relaxed: bool,
    /// Whether any hit of all pages is good.
    pub has_good_match: bool,
    /// Photos about which something changed that this search may not know yet; counting stops early.
    pub waiting: u64,
}
