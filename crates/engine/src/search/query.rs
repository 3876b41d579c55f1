//! [`Query`]: what people type to find photos, read into a tree and written back. Pure: no library, no clock.
//!
//! ```text
//! query  = any
//! any    = all *( "OR" all )
//! all    = one *( [ "AND" ] one )
//! one    = ( "NOT" / "-" ) one / "(" any ")" / term
//! term   = field ":" ( value / quoted ) / quoted / word
//! ```
//!
//! Reading never fails: what cannot be understood becomes plain words, with a warning. Whatever is given, the tree is
//! bounded ([`MAX_BYTES`], [`MAX_TERMS`], [`MAX_DEPTH`], [`MAX_TEXT`]), and reading its canonical text gives the same
//! tree.
//!
//! ```
//! use tintype_engine::search::Query;
//! let query = Query::parse("beach rating:4.. -\"red car\"");
//! assert_eq!(query.to_string(), "beach rating:>=4 -\"red car\"");
//! assert_eq!(query.chips().len(), 3);
//! assert!(query.warnings.is_empty());
//! ```

mod fields;
mod lexer;
mod parser;
mod print;
#[cfg(test)]
mod tests;
mod values;

pub(super) use fields::find as field;
pub use fields::{FIELDS, FieldRow, HAS, IS, ValueKind};
pub(super) use print::value as value_text;
pub use values::{Bound, Day, Span};

/// Bytes of a query that are read; far more than anybody types.
pub const MAX_BYTES: usize = 64 << 10;
/// Terms of a query that are kept. The database compiles each into a condition.
pub const MAX_TERMS: usize = 64;
/// Parentheses within each other that are followed; deeper ones group nothing.
pub const MAX_DEPTH: usize = 24;
/// Characters of a word or quoted text that are kept.
pub const MAX_TEXT: usize = 100;

/// A query that was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// What photos are to be like; `None` asks for nothing in particular.
    pub root: Option<Node>,
    /// What was not understood as it may have been meant, in words, in order of appearance.
    pub warnings: Vec<String>,
    chips: Vec<Chip>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// All of at least two others.
    All(Vec<Node>),
    /// One of at least two others.
    Any(Vec<Node>),
    /// Not this; never around another negation.
    Not(Box<Node>),
    /// A single condition.
    Term(Term),
}

/// A single condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A word, in anything that is known of a photo; with `*` at its end, words that begin so.
    Word {
        /// As typed, without the `*`.
        text: String,
        /// Whether the word may go on.
        is_prefix: bool,
    },
    /// Words in quotes: one after another.
    Phrase(String),
    /// Words in one field.
    Text {
        /// A field of kind [`ValueKind::Text`].
        field: &'static str,
        /// As typed.
        text: String,
        /// Whether the last word may go on.
        is_prefix: bool,
    },
    /// A number of one field in a range.
    Number {
        /// A field of kind [`ValueKind::Number`].
        field: &'static str,
        /// The range.
        span: Span<f64>,
    },
    /// Taken on one of these days.
    Date(Span<Day>),
    /// In an album whose name holds these words.
    Album(String),
    /// Taken within so many kilometres of a place.
    Near {
        /// Degrees north, −90 to 90.
        latitude: f64,
        /// Degrees east, −180 to 180.
        longitude: f64,
        /// Kilometres, more than 0.
        km: f64,
    },
    /// One of a field's own words, for example `flag:pick`, `has:gps`, `type:raw`.
    Choice {
        /// A field of kind [`ValueKind::Choice`].
        field: &'static str,
        /// One of its values.
        value: &'static str,
    },
}

/// A term as the page shows it: a removable chip.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    /// `word`, `phrase`, or the name of a field.
    pub kind: &'static str,
    /// The term in canonical words, without its negation: `rating:>=4`.
    pub text: String,
    /// Where it begins in what was typed, with its negation, in UTF-16 code units as browsers count.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether photos must not be like this.
    pub is_negated: bool,
    /// The whole query without it.
    pub without: String,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Self {
        parser::parse(text)
    }

    /// Its terms in order of appearance.
    pub fn chips(&self) -> &[Chip] {
        &self.chips
    }

    /// Whether it asks for nothing in particular.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }
}

impl Node {
    /// Calls `visit` for each term, with whether it is wanted, in order of appearance.
    pub fn each_term<'a>(&'a self, visit: &mut dyn FnMut(&'a Term, bool)) {
        self.walk(true, visit);
    }

    fn walk<'a>(&'a self, wanted: bool, visit: &mut dyn FnMut(&'a Term, bool)) {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().for_each(|one| one.walk(wanted, visit)),
            Self::Not(inner) => inner.walk(!wanted, visit),
            Self::Term(term) => visit(term, wanted),
        }
    }

    /// All of `list`, in its simplest form.
    pub(crate) fn all(list: Vec<Self>) -> Option<Self> {
        Self::joined(list, true)
    }

    /// One of `list`, in its simplest form.
    pub(crate) fn any(list: Vec<Self>) -> Option<Self> {
        Self::joined(list, false)
    }

    fn joined(list: Vec<Self>, is_all: bool) -> Option<Self> {
        let mut flat = Vec::with_capacity(list.len());
        for one in list {
            match one {
                Self::All(inner) if is_all => flat.extend(inner),
                Self::Any(inner) if !is_all => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 | 1 => flat.pop(),
            _ if is_all => Some(Self::All(flat)),
            _ => Some(Self::Any(flat)),
        }
    }

    /// Not `self`, in its simplest form.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// The tree without its `at`-th term.
    pub(crate) fn without(&self, at: usize) -> Option<Self> {
        fn prune(node: &Node, next: &mut usize, at: usize) -> Option<Node> {
            match node {
                Node::All(list) => Node::all(list.iter().filter_map(|one| prune(one, next, at)).collect()),
                Node::Any(list) => Node::any(list.iter().filter_map(|one| prune(one, next, at)).collect()),
                Node::Not(inner) => prune(inner, next, at).map(Node::negated),
                Node::Term(term) => {
                    *next += 1;
                    (*next - 1 != at).then(|| Node::Term(term.clone()))
                }
            }
        }
        prune(self, &mut 0, at)
    }
}
