//! The exact score, and where the vectors for it come from.

/// Reads the f32 vectors that the index does not keep: a search asks for the few whose exact score decides.
///
/// The index file holds eight bits a dimension; the vectors themselves lie in the feature store, and a second copy of
/// them here would take four times the index. A closure of the same shape is a `Vectors` too.
pub trait Vectors: Sync {
    /// Calls `found` with the position in `keys` and the vector of each key that has one. A key without a vector is
    /// taken to be deleted: the search answers as if the index did not hold it.
    ///
    /// # Errors
    /// Whatever prevents reading; the search then fails with [`Error::Vectors`](crate::Error::Vectors).
    fn read(&self, keys: &[u64], found: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError>;
}

/// What a [`Vectors`] may fail with.
pub type ReadError = Box<dyn std::error::Error + Send + Sync>;

impl<F> Vectors for F
where
    F: Fn(&[u64], &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> + Sync,
{
    fn read(&self, keys: &[u64], found: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        self(keys, found)
    }
}

/// The cosine of two vectors of any length; 0 where one of them is zero.
///
/// Summed in f64 in a fixed order and rounded once, so that equal vectors have equal scores on every machine. This is
/// the score that searches return, and by which they rank.
pub fn score(query: &[f32], vector: &[f32]) -> f32 {
    let (dot, length) = (dot(query, vector), (dot(query, query) * dot(vector, vector)).sqrt());
    if length == 0.0 { 0.0 } else { (dot / length) as f32 }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let (wide_a, rest_a) = a.as_chunks::<8>();
    let (wide_b, rest_b) = b.as_chunks::<8>();
    let mut sums = [0f64; 8];
    for (a, b) in wide_a.iter().zip(wide_b) {
        for lane in 0..8 {
            sums[lane] += f64::from(a[lane]) * f64::from(b[lane]);
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    sums.iter().sum::<f64>() + rest
}

/// A vector that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Its key.
    pub key: u64,
    /// Its cosine with the query, see [`score`].
    pub score: f32,
}

impl Hit {
    /// Best first: by score, then by key.
    pub fn rank(&self, other: &Self) -> std::cmp::Ordering {
        other.score.total_cmp(&self.score).then(self.key.cmp(&other.key))
    }
}

/// The slow and obvious search that the index is held against: every vector's [`score`], sorted by score and then by
/// key.
pub fn brute_force<'a>(
    query: &[f32],
    k: usize,
    vectors: impl IntoIterator<Item = (u64, &'a [f32])>,
) -> Vec<Hit> {
    let mut hits: Vec<Hit> =
        vectors.into_iter().map(|(key, vector)| Hit { key, score: score(query, vector) }).collect();
    hits.sort_by(Hit::rank);
    hits.truncate(k);
    hits
}

#[cfg(test)]
mod tests {
    use super::{brute_force, score};

    #[test]
    fn scores_are_cosines() {
        assert_eq!(score(&[1.0, 0.0], &[0.0, 1.0]), 0.0);
        assert_eq!(score(&[2.0, 0.0], &[1e30, 0.0]), 1.0);
        assert_eq!(score(&[1.0, 1.0], &[-1.0, -1.0]), -1.0);
        assert_eq!(score(&[1.0, 0.0], &[0.0, 0.0]), 0.0);
        let nine: Vec<f32> = (1..=9).map(|i| i as f32).collect();
        assert_eq!(score(&nine, &nine), 1.0);
    }

    #[test]
    fn equal_scores_are_ordered_by_key() {
        let (same, other) = ([1f32, 2.0], [2f32, 1.0]);
        let hits =
            brute_force(&[1.0, 2.0], 3, [(9, &same[..]), (4, &same[..]), (1, &other[..]), (5, &same[..])]);
        assert_eq!(hits.iter().map(|hit| hit.key).collect::<Vec<_>>(), [4, 5, 9]);
    }
}
