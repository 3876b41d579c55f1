//! Of boxes that overlap, the best ones stay.

/// A box in pixels with a score and a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredBox {
    /// Left, top, right, bottom in pixels.
    pub corners: [f32; 4],
    /// How sure its finder is, 0 to 1.
    pub score: f32,
    /// What it is: boxes of different classes do not compete.
    pub class: usize,
}

/// Overlap of two boxes over what they cover together, 0 to 1. Empty boxes overlap nothing.
pub fn intersection_over_union(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let area = |c: &[f32; 4]| (c[2] - c[0]).max(0.0) * (c[3] - c[1]).max(0.0);
    let common = (a[2].min(b[2]) - a[0].max(b[0])).max(0.0) * (a[3].min(b[3]) - a[1].max(b[1])).max(0.0);
    let union = area(a) + area(b) - common;
    if union > 0.0 { common / union } else { 0.0 }
}

/// The boxes that stay, best first: each is better than every box of its class that it overlaps by more than
/// `threshold`. Boxes with a score or a corner that is no number are left out. Of equal scores the earlier one wins.
pub fn suppress(boxes: &[ScoredBox], threshold: f32) -> Vec<ScoredBox> {
    let is_number =
        |found: &&ScoredBox| found.score.is_finite() && found.corners.iter().all(|corner| corner.is_finite());
    let mut sorted: Vec<ScoredBox> = boxes.iter().filter(is_number).copied().collect();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<ScoredBox> = Vec::new();
    for candidate in sorted {
        let is_covered = kept.iter().any(|better| {
            better.class == candidate.class
                && intersection_over_union(&better.corners, &candidate.corners) > threshold
        });
        if !is_covered {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boxes() -> impl Strategy<Value = Vec<ScoredBox>> {
        let one = (0f32..50.0, 0f32..50.0, 0f32..30.0, 0f32..30.0, 0f32..1.0, 0usize..3);
        proptest::collection::vec(one, 0..40).prop_map(|all| {
            all.into_iter()
                .map(|(x, y, w, h, score, class)| ScoredBox { corners: [x, y, x + w, y + h], score, class })
                .collect()
        })
    }

    /// Removes, one by one, the worst box that a better one covers, judged from the definition alone.
    fn by_definition(boxes: &[ScoredBox], threshold: f32) -> Vec<ScoredBox> {
        let mut left = boxes.to_vec();
        left.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut at = 0;
        while at < left.len() {
            let best = left[at];
            let mut position = 0;
            left.retain(|other| {
                position += 1;
                position <= at + 1
                    || other.class != best.class
                    || intersection_over_union(&best.corners, &other.corners) <= threshold
            });
            at += 1;
        }
        left
    }

    #[test]
    fn overlap_is_what_is_common() {
        assert_eq!(intersection_over_union(&[0.0, 0.0, 2.0, 2.0], &[1.0, 0.0, 3.0, 2.0]), 1.0 / 3.0);
        assert_eq!(intersection_over_union(&[0.0; 4], &[0.0; 4]), 0.0);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        let bad = ScoredBox { corners: [0.0, 0.0, f32::NAN, 1.0], score: 0.9, class: 0 };
        let good = ScoredBox { corners: [0.0, 0.0, 1.0, 1.0], score: 0.5, class: 0 };
        assert_eq!(suppress(&[bad, ScoredBox { score: f32::INFINITY, ..good }, good], 0.5), [good]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(boxes in boxes(), threshold in 0f32..1.0) {
            prop_assert_eq!(suppress(&boxes, threshold), by_definition(&boxes, threshold));
        }
    }
}
