//! The unigram model of SentencePiece: of all ways to cut a text into known pieces, the one with the highest sum of
//! log-probabilities.

use super::TokenizerError;

/// Added to the lowest score for a character that no piece covers (the constant of SentencePiece).
const UNKNOWN_PENALTY: f32 = 10.0;

/// Scored pieces.
#[derive(Debug)]
pub(super) struct Unigram {
    /// Sorted by text, so that the pieces that begin a text are found by narrowing a range.
    pieces: Vec<Piece>,
    unknown: u32,
    unknown_score: f32,
}

#[derive(Debug)]
struct Piece {
    text: Box<[u8]>,
    id: u32,
    score: f32,
}

/// The best way found so far to reach a byte position.
#[derive(Clone, Copy)]
struct Step {
    from: usize,
    id: u32,
    score: f32,
}

impl Unigram {
    /// Pieces that may be found in text, each with its id and score (log-probability); control tokens not among them.
    pub(super) fn new(
        pieces: impl Iterator<Item = (String, u32, f32)>,
        unknown: u32,
    ) -> Result<Self, TokenizerError> {
        let mut pieces: Vec<Piece> = pieces
            .filter(|(text, ..)| !text.is_empty())
            .map(|(text, id, score)| Piece { text: text.into_bytes().into(), id, score })
            .collect();
        if pieces.is_empty() || pieces.iter().any(|piece| !piece.score.is_finite()) {
            return Err(TokenizerError::Damaged("no pieces, or a score that is not a number"));
        }
        pieces.sort_by(|a, b| a.text.cmp(&b.text).then(a.id.cmp(&b.id)));
        pieces.dedup_by(|b, a| a.text == b.text);
        let lowest = pieces.iter().map(|piece| piece.score).fold(f32::INFINITY, f32::min);
        Ok(Self { pieces, unknown, unknown_score: lowest - UNKNOWN_PENALTY })
    }

    /// Appends the ids of `text`. Neighbouring unknown characters become one unknown token. Time grows with the
    /// length of the text times the length of the longest piece.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<u32>) {
        let bytes = text.as_bytes();
        let mut best: Vec<Option<Step>> = vec![None; bytes.len() + 1];
        for (start, c) in text.char_indices() {
            let here =
                if start == 0 { 0.0 } else { best[start].map_or(f32::NEG_INFINITY, |step| step.score) };
            let mut reach = |end: usize, id: u32, score: f32| {
                if best[end].is_none_or(|step| here + score > step.score) {
                    best[end] = Some(Step { from: start, id, score: here + score });
                }
            };
            let single = start + c.len_utf8();
            let mut has_single = false;
            self.pieces_at(&bytes[start..], |piece| {
                has_single |= start + piece.text.len() == single;
                reach(start + piece.text.len(), piece.id, piece.score);
            });
            if !has_single {
                reach(single, self.unknown, self.unknown_score);
            }
        }
        let mut path = Vec::new();
        let mut end = bytes.len();
        while end > 0 {
            let Some(step) = best[end] else { break };
            if step.id != self.unknown || path.last() != Some(&self.unknown) {
                path.push(step.id);
            }
            end = step.from;
        }
        ids.extend(path.iter().rev());
    }

    /// Calls `found` for every piece that `text` begins with, shortest first.
    fn pieces_at<'p>(&'p self, text: &[u8], mut found: impl FnMut(&'p Piece)) {
        let mut range = &self.pieces[..];
        for (at, byte) in text.iter().enumerate() {
            // All of `range` agree with `text` up to `at`; those that end there come first.
            let longer = range.partition_point(|piece| piece.text.len() <= at);
            range = &range[longer..];
            let from = range.partition_point(|piece| piece.text[at] < *byte);
            let to = range.partition_point(|piece| piece.text[at] <= *byte);
            range = &range[from..to];
            match range.first() {
                None => return,
                Some(piece) if piece.text.len() == at + 1 => found(piece),
                Some(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way to cut, the slow way. Unknown characters only where no piece of one character exists.
    fn naive_score(model: &Unigram, text: &str) -> f32 {
        let Some(first) = text.chars().next() else { return 0.0 };
        let known = model.pieces.iter().any(|piece| piece.text.as_ref() == first.to_string().as_bytes());
        let skip = if known {
            f32::NEG_INFINITY
        } else {
            model.unknown_score + naive_score(model, &text[first.len_utf8()..])
        };
        model
            .pieces
            .iter()
            .filter(|piece| text.as_bytes().starts_with(&piece.text))
            .map(|piece| piece.score + naive_score(model, &text[piece.text.len()..]))
            .fold(skip, f32::max)
    }

    proptest! {
        #[test]
        fn finds_the_best_cut(
            pieces in prop::collection::vec(("[abcé]{1,4}", -40i32..-1), 1..20),
            text in "[abcéx]{0,9}",
        ) {
            // Halves, so that sums are exact whatever their order.
            let pieces = pieces.into_iter().enumerate().map(|(id, (text, score))| (text, id as u32 + 1, score as f32 / 2.0));
            let model = Unigram::new(pieces, 0).unwrap();
            let mut ids = Vec::new();
            model.encode(&text, &mut ids);
            prop_assert!(ids.windows(2).all(|pair| pair != [0, 0]));
            if !ids.contains(&0) {
                let found = ids.iter().map(|id| model.pieces.iter().find(|piece| piece.id == *id).unwrap());
                let joined: Vec<u8> = found.clone().flat_map(|piece| piece.text.iter().copied()).collect();
                prop_assert_eq!(&joined, text.as_bytes());
                prop_assert_eq!(found.map(|piece| piece.score).sum::<f32>() + 0.0, naive_score(&model, &text) + 0.0);
            }
        }
    }
}
