//! [`Scale`]: what similarities mean, so that a score says the same whatever made the vectors.

use crate::search::GOOD_SCORE;

/// What similarities with one vector mean. Spaces differ: in one of them unrelated pictures have a cosine of 0.1, in
/// another of 0.6, and words and the pictures they fit have 0.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    /// The similarity that photos with nothing in common have: certainty 0.
    unlike: f32,
    /// The similarity from which on they hardly have nothing in common: a good match.
    good: f32,
    /// Certainty 1.
    alike: f32,
}

impl Scale {
    /// Of the weight-free vectors. Of 5,565 pairs of photos of unrelated scenes half are more similar than 0.56, and none
    /// more than 0.89; copies that were resized, recompressed or retouched a little are above 0.86 nineteen times out
    /// of twenty.
    pub(crate) const GRID: Self = Self { unlike: 0.56, good: 0.89, alike: 1.0 };

    /// Of a picture's vector with other pictures', from mean and standard deviation of its similarity with pictures of
    /// the library: what lies three deviations above the mean is no chance.
    pub(crate) fn of_pictures(likeness: Option<(f32, f32)>) -> Self {
        let (mean, deviation) = likeness.unwrap_or((0.3, 0.15));
        let good = (mean + 3.0 * deviation.max(0.02)).min(0.97);
        Self { unlike: mean.min(good - 0.02), good, alike: 1.0 }
    }

    /// Of the vector of words with pictures': similarities lie closer together, and the best ones far below 1.
    pub(crate) fn of_words(likeness: Option<(f32, f32)>) -> Self {
        let (mean, deviation) = likeness.unwrap_or((0.17, 0.025));
        let deviation = deviation.max(0.01);
        Self { unlike: mean + deviation, good: mean + 3.5 * deviation, alike: mean + 7.0 * deviation }
    }

    /// How sure a similarity makes that two have something in common, 0 to 1; [`GOOD_SCORE`] at a good match.
    pub(crate) fn certainty(&self, similarity: f32) -> f32 {
        let certainty = if similarity < self.good {
            GOOD_SCORE * (similarity - self.unlike) / (self.good - self.unlike)
        } else {
            GOOD_SCORE + (1.0 - GOOD_SCORE) * (similarity - self.good) / (self.alike - self.good)
        };
        if certainty.is_finite() { certainty.clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certainty_lies_between_nothing_in_common_and_the_same() {
        let scale = Scale { unlike: 0.5, good: 0.75, alike: 1.0 };
        assert_eq!([0.2, 0.5, 0.75, 1.0, 1.2].map(|s| scale.certainty(s)), [0.0, 0.0, GOOD_SCORE, 1.0, 1.0]);
        let rising: Vec<f32> = (0..100).map(|n| scale.certainty(n as f32 / 100.0)).collect();
        assert!(rising.is_sorted());
        assert_eq!(Scale { good: 1.0, ..scale }.certainty(1.0), 0.0);
    }

    #[test]
    fn every_sample_gives_a_scale_that_rises() {
        for likeness in
            [None, Some((0.1, 0.0)), Some((0.99, 0.3)), Some((-0.2, 0.05)), Some((f32::NAN, f32::NAN))]
        {
            for scale in [Scale::of_pictures(likeness), Scale::of_words(likeness)] {
                let rising: Vec<f32> = (-100..=100).map(|n| scale.certainty(n as f32 / 100.0)).collect();
                assert!(rising.is_sorted(), "{likeness:?} {scale:?}");
            }
        }
        assert!(Scale::of_pictures(Some((0.3, 0.1))).certainty(1.0) > 0.999);
    }
}
