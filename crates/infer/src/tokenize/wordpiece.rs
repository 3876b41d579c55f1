//! WordPiece: the longest known beginning of a word, then the longest known continuation, and so on.

use super::{TokenizerError, Vocabulary};

/// The rules over a [`Vocabulary`] of beginnings (`cat`) and continuations (`##s`).
#[derive(Debug)]
pub(super) struct WordPiece {
    prefix: String,
    unknown: u32,
    max_chars: usize,
}

impl WordPiece {
    /// `prefix` marks a continuation. A word of more than `max_chars` characters is unknown.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        prefix: String,
        unknown: &str,
        max_chars: usize,
    ) -> Result<Self, TokenizerError> {
        let unknown = super::Tokenizer::required_id(vocabulary, unknown)?;
        Ok(Self { prefix, unknown, max_chars })
    }

    /// Appends the ids of one word, or the unknown token when a part of it is in no way known.
    pub(super) fn encode(&self, word: &str, vocabulary: &Vocabulary, ids: &mut Vec<u32>) {
        let before = ids.len();
        if word.chars().count() > self.max_chars || !self.encode_parts(word, vocabulary, ids) {
            ids.truncate(before);
            ids.push(self.unknown);
        }
    }

    fn encode_parts(&self, word: &str, vocabulary: &Vocabulary, ids: &mut Vec<u32>) -> bool {
        let mut rest = word;
        let mut candidate = String::new();
        while !rest.is_empty() {
            let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
            let found = ends.into_iter().find_map(|end| {
                candidate.clear();
                if rest.len() < word.len() {
                    candidate.push_str(&self.prefix);
                }
                candidate.push_str(&rest[..end]);
                vocabulary.id(&candidate).map(|id| (id, end))
            });
            let Some((id, end)) = found else { return false };
            ids.push(id);
            rest = &rest[end..];
        }
        true
    }
}
