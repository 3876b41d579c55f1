//! Byte-pair encoding: the pair that was learned first is joined first, leftmost first, until no pair is known.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::{TokenizerError, Vocabulary};

/// The learned joins over a [`Vocabulary`].
#[derive(Debug)]
pub(super) struct Bpe {
    /// Left id, right id → order of learning, joined id.
    merges: HashMap<(u32, u32), (u32, u32)>,
    /// Marks the last character of a word (`</w>` in CLIP).
    suffix: Option<String>,
    unknown: Option<u32>,
    joins_unknown: bool,
}

/// One symbol of the word being joined, in a doubly linked list over a vector.
#[derive(Clone, Copy)]
struct Symbol {
    id: u32,
    previous: usize,
    next: usize,
    is_joined: bool,
}

const NONE: usize = usize::MAX;

impl Bpe {
    /// `merges` in the order of learning. Every part and every result must be in `vocabulary`.
    pub(super) fn new<'m>(
        vocabulary: &Vocabulary,
        merges: impl Iterator<Item = (&'m str, &'m str)>,
        suffix: Option<String>,
        unknown: Option<u32>,
        joins_unknown: bool,
    ) -> Result<Self, TokenizerError> {
        let mut table = HashMap::new();
        let mut joined = String::new();
        for (rank, (left, right)) in merges.enumerate() {
            joined.clear();
            joined.push_str(left);
            joined.push_str(right);
            let id = |token: &str| {
                vocabulary.id(token).ok_or(TokenizerError::Damaged("a merge of unknown tokens"))
            };
            table.entry((id(left)?, id(right)?)).or_insert((rank as u32, id(&joined)?));
        }
        Ok(Self { merges: table, suffix: suffix.filter(|s| !s.is_empty()), unknown, joins_unknown })
    }

    /// The end-of-word mark, if the family has one.
    pub(super) fn suffix(&self) -> Option<&str> {
        self.suffix.as_deref()
    }

    /// Appends the ids of one word. Time grows as n log n with its length.
    pub(super) fn encode(&self, word: &str, vocabulary: &Vocabulary, ids: &mut Vec<u32>) {
        let start = self.symbols(word, vocabulary);
        self.join(&start, ids);
    }

    /// The word's characters as ids, the last one with the suffix.
    fn symbols(&self, word: &str, vocabulary: &Vocabulary) -> Vec<u32> {
        let mut symbols = Vec::with_capacity(word.len());
        let mut last_unknown = false;
        for (at, c) in word.char_indices() {
            let end = at + c.len_utf8();
            let id = match &self.suffix {
                Some(suffix) if end == word.len() => vocabulary.id(&format!("{c}{suffix}")),
                _ => vocabulary.id(&word[at..end]),
            };
            let is_unknown = id.is_none();
            if let Some(id) = id.or(self.unknown)
                && !(is_unknown && last_unknown && self.joins_unknown)
            {
                symbols.push(id);
            }
            last_unknown = is_unknown;
        }
        symbols
    }

    fn join(&self, start: &[u32], ids: &mut Vec<u32>) {
        let len = start.len();
        let mut symbols: Vec<Symbol> = (0..len)
            .map(|at| Symbol {
                id: start[at],
                previous: at.checked_sub(1).unwrap_or(NONE),
                next: if at + 1 < len { at + 1 } else { NONE },
                is_joined: false,
            })
            .collect();
        // Smallest rank first, then leftmost; the id tells whether the entry is still about the same pair.
        let mut queue: BinaryHeap<Reverse<(u32, usize, u32)>> = (1..len)
            .filter_map(|at| {
                self.merges.get(&(start[at - 1], start[at])).map(|&(rank, id)| Reverse((rank, at - 1, id)))
            })
            .collect();
        while let Some(Reverse((rank, at, id))) = queue.pop() {
            let left = symbols[at];
            if left.is_joined || left.next == NONE {
                continue;
            }
            let right = symbols[left.next];
            if self.merges.get(&(left.id, right.id)) != Some(&(rank, id)) {
                continue; // one of the two has changed since
            }
            symbols[left.next].is_joined = true;
            symbols[at] = Symbol { id, next: right.next, ..left };
            if right.next != NONE {
                symbols[right.next].previous = at;
            }
            for pair_at in [left.previous, at] {
                if let Some(pair) = symbols.get(pair_at).copied()
                    && let Some(next) = symbols.get(pair.next)
                    && let Some(&(rank, id)) = self.merges.get(&(pair.id, next.id))
                {
                    queue.push(Reverse((rank, pair_at, id)));
                }
            }
        }
        ids.extend(symbols.iter().filter(|symbol| !symbol.is_joined).map(|symbol| symbol.id));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The slow version: look at every pair, join the best, begin again.
    fn naive(model: &Bpe, start: &[u32]) -> Vec<u32> {
        let mut ids = start.to_vec();
        loop {
            let best = (1..ids.len())
                .filter_map(|at| model.merges.get(&(ids[at - 1], ids[at])).map(|&(rank, id)| (rank, at, id)))
                .min();
            let Some((_, at, id)) = best else { return ids };
            ids.splice(at - 1..=at, [id]);
        }
    }

    proptest! {
        #[test]
        fn joins_like_the_slow_version(
            pairs in prop::collection::vec((0u32..40, 0u32..40), 0..60),
            word in prop::collection::vec(0u32..4, 0..60),
        ) {
            // Results 4.. are reused on purpose, so that different joins can lead to the same token.
            let mut merges = HashMap::new();
            for (rank, (left, right)) in pairs.iter().enumerate() {
                merges.entry((left % (4 + rank as u32), right % (4 + rank as u32)))
                    .or_insert((rank as u32, 4 + rank as u32 % 36));
            }
            let model = Bpe { merges, suffix: None, unknown: None, joins_unknown: false };
            let mut ids = Vec::new();
            model.join(&word, &mut ids);
            prop_assert_eq!(ids, naive(&model, &word));
        }
    }

    #[test]
    fn a_very_long_word_takes_no_time() {
        let mut vocabulary = Vocabulary::default();
        for (id, token) in ["a", "aa", "aaaa"].iter().enumerate() {
            vocabulary.insert(token, id as u32).unwrap();
        }
        let model = Bpe::new(&vocabulary, [("a", "a"), ("aa", "aa")].into_iter(), None, None, false).unwrap();
        let mut ids = Vec::new();
        model.encode(&"a".repeat(1_000_003), &vocabulary, &mut ids);
        assert_eq!(ids.len(), 250_002);
        assert_eq!(ids[249_999..], [2, 1, 0]);
    }
}
