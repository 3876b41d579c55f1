//! Reads what a line recogniser says at each step: repeated letters are one, blanks separate (Graves 2006).

/// A letter that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Letter {
    /// Its class; never the blank.
    pub class: usize,
    /// How sure the recogniser is at the step where it is surest of this letter, as given.
    pub score: f32,
    /// The step at which the letter begins.
    pub step: usize,
}

/// The likeliest class of each step, collapsed: `scores` holds `classes` numbers per step. Steps that are cut short
/// are left out. Of equal scores the lower class wins, and what is no number never does.
pub fn decode(scores: &[f32], classes: usize, blank: usize) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::new();
    let mut previous = blank;
    if classes == 0 {
        return letters;
    }
    for (step, scores) in scores.chunks_exact(classes).enumerate() {
        let (class, score) = likeliest(scores);
        if class != blank {
            match letters.last_mut().filter(|_| class == previous) {
                Some(letter) => letter.score = letter.score.max(score),
                None => letters.push(Letter { class, score, step }),
            }
        }
        previous = class;
    }
    letters
}

/// Four running maxima side by side, since a line has thousands of classes at each step; `tests` has the plain one.
fn likeliest(scores: &[f32]) -> (usize, f32) {
    const LANES: usize = 16;
    let mut best = [f32::NEG_INFINITY; LANES];
    let blocks = scores.chunks_exact(LANES);
    let mut highest = blocks.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for block in blocks {
        for (best, &score) in best.iter_mut().zip(block) {
            *best = if score > *best { score } else { *best };
        }
    }
    highest = best.iter().copied().fold(highest, f32::max);
    let class = scores.iter().position(|&score| score == highest).unwrap_or(0);
    (class, highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_hot(steps: &[usize], classes: usize) -> Vec<f32> {
        let mut scores = vec![0.0; steps.len() * classes];
        for (step, class) in steps.iter().enumerate() {
            scores[step * classes + class] = 0.5 + step as f32 * 0.01;
        }
        scores
    }

    #[test]
    fn repeats_are_one_letter_and_blanks_separate() {
        let letters = decode(&one_hot(&[0, 3, 3, 0, 3, 2, 2, 0], 5), 5, 0);
        let read: Vec<_> = letters.iter().map(|letter| (letter.class, letter.step)).collect();
        assert_eq!(read, [(3, 1), (3, 4), (2, 5)]);
        assert_eq!(letters[0].score, 0.52, "the surest step counts");
    }

    #[test]
    fn odd_input_is_read_as_far_as_it_goes() {
        assert_eq!(decode(&[], 5, 0), []);
        assert_eq!(decode(&[1.0], 0, 0), []);
        assert_eq!(decode(&[0.1, 0.9, 0.3], 2, 0).len(), 1, "half a step is left out");
        assert_eq!(decode(&[f32::NAN, f32::NAN, 0.2], 3, 0)[0].class, 2);
        assert_eq!(decode(&[f32::NAN; 3], 3, 0), []);
    }

    proptest! {
        #[test]
        fn the_fast_maximum_is_the_plain_one(scores in proptest::collection::vec(-3i8..3, 1..70)) {
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            let mut plain = (0, scores[0]);
            for (class, &score) in scores.iter().enumerate() {
                if score > plain.1 {
                    plain = (class, score);
                }
            }
            prop_assert_eq!(likeliest(&scores), plain);
        }

        #[test]
        fn any_text_is_read_back(text in proptest::collection::vec(1usize..6, 0..20)) {
            // A blank between any two letters, each letter twice.
            let steps: Vec<usize> = text.iter().flat_map(|&class| [class, class, 0]).collect();
            let read: Vec<usize> =
                decode(&one_hot(&steps, 6), 6, 0).iter().map(|letter| letter.class).collect();
            prop_assert_eq!(read, text);
        }
    }
}
