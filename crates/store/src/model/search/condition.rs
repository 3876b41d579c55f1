//! What photos are to be like, as a tree.

use tintype_core::MediaKind;

use super::document::{SearchDocument, SearchField};
use crate::model::scope::Scope;

/// Alternatives of which each is looked up on its own, at most; see [`SearchCondition::alternatives`].
const MOST_ALTERNATIVES: usize = 8;

/// A condition on photos.
#[derive(Debug, Clone, PartialEq)]
pub enum SearchCondition {
    /// All of these; met by every photo where there are none.
    All(Vec<SearchCondition>),
    /// At least one of these; met by no photo where there are none.
    Any(Vec<SearchCondition>),
    /// Not this. A photo that lacks the fact asked for does not meet the condition inside.
    Not(Box<SearchCondition>),
    /// Words in its document.
    Text(TextMatch),
    /// A number that is known of it lies in a range.
    Number(PhotoFact, Range<f64>),
    /// Taken in this stretch: local wall clock as if it were UTC, milliseconds; the end is not part of it.
    Taken {
        /// First millisecond.
        from: Option<i64>,
        /// The one after the last.
        to: Option<i64>,
    },
    /// Taken within a rectangle; one that crosses the date line has `west` greater than `east`.
    Within {
        /// Degrees north.
        south: f64,
        /// Degrees north.
        north: f64,
        /// Degrees east.
        west: f64,
        /// Degrees east.
        east: f64,
    },
    /// In one of these parts of the library.
    In(Vec<Scope>),
    /// A still picture or a film.
    Media(MediaKind),
    /// Of one of these formats.
    Format(Vec<String>),
    /// Blurred or not; photos not yet judged meet neither.
    Blurry(bool),
    /// Picked, rejected, or neither.
    Flag(Option<tintype_core::Flag>),
    /// Something went wrong with one of its present files.
    HasIssues,
}

/// A number that may be known of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhotoFact {
    /// Stars, −1 to 5; photos without a rating count as 0.
    Rating,
    /// Sensitivity.
    Iso,
    /// Sharpness, 0 to 1.
    Sharpness,
    /// Technical quality, 0 to 1.
    Quality,
    /// Aesthetic score, 1 to 10.
    Aesthetic,
    /// The f-number.
    Aperture,
    /// Focal length, mm.
    FocalLength,
    /// Faces found or marked.
    Faces,
    /// Upright width, pixels.
    Width,
    /// Upright height, pixels.
    Height,
    /// Size of its file, bytes.
    Bytes,
    /// Degrees north of where it was taken.
    Latitude,
    /// Width minus height, pixels.
    Shape,
}

/// A range; each end with whether it is part of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Range<T> {
    /// Lower end.
    pub low: Option<(T, bool)>,
    /// Upper end.
    pub high: Option<(T, bool)>,
}

impl<T: PartialOrd> Range<T> {
    /// Whether a value lies in it.
    pub fn contains(&self, value: &T) -> bool {
        self.low.as_ref().is_none_or(|(low, included)| value > low || (*included && value == low))
            && self.high.as_ref().is_none_or(|(high, included)| value < high || (*included && value == high))
    }
}

/// Words one after another in one piece of a document, as [`super::words`] gives them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Adjacent {
    /// The words, at least one.
    pub words: Vec<String>,
    /// Whether the last word may go on.
    pub is_prefix: bool,
}

impl Adjacent {
    /// How often they stand in a piece.
    pub fn count_in(&self, piece: &[String]) -> usize {
        let Some((last, before)) = self.words.split_last() else { return 0 };
        let starts = piece.windows(self.words.len()).filter(|window| {
            let Some((end, start)) = window.split_last() else { return false };
            start == before && (end == last || (self.is_prefix && end.starts_with(last.as_str())))
        });
        starts.count()
    }
}

/// A text that a document holds: one of some alternatives, in one of some fields.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TextMatch {
    /// Where; in any field where there are none.
    pub fields: Vec<SearchField>,
    /// What; `None` asks whether the fields hold anything at all.
    pub alternatives: Option<Vec<Adjacent>>,
}

impl TextMatch {
    /// Whether a document holds it.
    pub fn is_in(&self, document: &SearchDocument) -> bool {
        document.tokens().iter().any(|(piece, tokens)| {
            let is_here = self.fields.is_empty() || self.fields.contains(&piece.field);
            let holds =
                |alternatives: &Vec<Adjacent>| alternatives.iter().any(|one| one.count_in(tokens) > 0);
            is_here && self.alternatives.as_ref().is_none_or(holds)
        })
    }
}

impl SearchCondition {
    /// The same with negations only around conditions that hold no others.
    pub(crate) fn normalised(&self, negated: bool) -> Self {
        let each = |list: &[Self]| list.iter().map(|one| one.normalised(negated)).collect();
        match (self, negated) {
            (Self::Not(inner), _) => inner.normalised(!negated),
            (Self::All(list), false) | (Self::Any(list), true) => Self::All(each(list)).flat(),
            (Self::Any(list), false) | (Self::All(list), true) => Self::Any(each(list)).flat(),
            (leaf, false) => leaf.clone(),
            (leaf, true) => Self::Not(Box::new(leaf.clone())),
        }
    }

    /// Conditions of which photos meet at least one if they meet this one, which is normalised: where texts and facts are
    /// alternatives, one for the texts and one for each of the others. Photos come from the full-text index or from
    /// elsewhere, but not from both in one go.
    pub(crate) fn alternatives(&self) -> Vec<Self> {
        let parts = match self {
            Self::All(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let is_mixed = |one: &Self| match one {
            Self::Any(list) => {
                list.len() <= MOST_ALTERNATIVES
                    && !list.iter().all(Self::is_text)
                    && list.iter().any(Self::has_text)
            }
            _ => false,
        };
        let Some(at) = parts.iter().position(is_mixed) else { return vec![self.clone()] };
        let Self::Any(list) = &parts[at] else { return vec![self.clone()] };
        let (texts, others): (Vec<_>, Vec<_>) = list.iter().cloned().partition(Self::is_text);
        let choices = (!texts.is_empty()).then_some(Self::Any(texts)).into_iter().chain(others);
        let with = |choice| {
            let mut all = parts.to_vec();
            all[at] = choice;
            Self::All(all).normalised(false)
        };
        choices.map(with).collect()
    }

    /// Whether it is about wanted texts and nothing else.
    fn is_text(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::All(list) | Self::Any(list) => list.iter().all(Self::is_text),
            _ => false,
        }
    }

    fn has_text(&self) -> bool {
        match self {
            Self::Text(_) => true,
            Self::All(list) | Self::Any(list) => list.iter().any(Self::has_text),
            _ => false,
        }
    }

    /// Without lists directly within lists of the same kind, and without lists of one.
    fn flat(self) -> Self {
        let (list, is_all) = match self {
            Self::All(list) => (list, true),
            Self::Any(list) => (list, false),
            leaf => return leaf,
        };
        let mut flat = Vec::with_capacity(list.len());
        for one in list {
            match one {
                Self::All(inner) if is_all => flat.extend(inner),
                Self::Any(inner) if !is_all => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match (flat.len(), flat.pop()) {
            (1, Some(only)) => only,
            (_, last) => {
                flat.extend(last);
                if is_all { Self::All(flat) } else { Self::Any(flat) }
            }
        }
    }

    /// Calls `visit` for each text, with whether photos are to hold it.
    pub fn each_text(&self, visit: &mut dyn FnMut(&TextMatch, bool)) {
        self.walk_text(true, visit);
    }

    fn walk_text(&self, wanted: bool, visit: &mut dyn FnMut(&TextMatch, bool)) {
        match self {
            Self::All(list) | Self::Any(list) => {
                for one in list {
                    one.walk_text(wanted, visit);
                }
            }
            Self::Not(inner) => inner.walk_text(!wanted, visit),
            Self::Text(text) => visit(text, wanted),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adjacent(text: &str, is_prefix: bool) -> Adjacent {
        Adjacent { words: super::super::words(text), is_prefix }
    }

    #[test]
    fn sequences_stand_within_one_piece() {
        let mut document = SearchDocument::default();
        document.add(SearchField::Tag, "new", 0.5);
        document.add(SearchField::Tag, "York", 0.5);
        document.add(SearchField::Name, "new-york-1.jpg", 1.0);
        let text = |fields: &[SearchField], words: &str, is_prefix| TextMatch {
            fields: fields.to_vec(),
            alternatives: Some(vec![adjacent(words, is_prefix)]),
        };
        assert!(text(&[], "new york", false).is_in(&document));
        assert!(!text(&[SearchField::Tag], "new york", false).is_in(&document));
        assert!(text(&[], "york 1", false).is_in(&document));
        assert!(!text(&[], "new yo", false).is_in(&document));
        assert!(text(&[], "new yo", true).is_in(&document));
        assert!(TextMatch { fields: vec![SearchField::Name], alternatives: None }.is_in(&document));
        assert!(!TextMatch { fields: vec![SearchField::Text], alternatives: None }.is_in(&document));
    }

    #[test]
    fn negations_end_at_the_leaves() {
        use SearchCondition::{All, Any, Blurry, HasIssues, Not};
        let tree = Not(Box::new(All(vec![
            Blurry(true),
            Any(vec![HasIssues, Not(Box::new(Blurry(false)))]),
            All(vec![HasIssues]),
        ])));
        let not = |leaf| Not(Box::new(leaf));
        assert_eq!(
            tree.normalised(false),
            Any(vec![not(Blurry(true)), All(vec![not(HasIssues), Blurry(false)]), not(HasIssues)])
        );
    }
}
