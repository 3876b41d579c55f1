//! What pictures look like, as vectors: the seam between searching and whatever keeps and makes vectors.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tintype_core::{FeatureKey, PhotoId};
use tintype_media::Picture;
use tintype_store::{Scope, Store};

use super::GOOD_SCORE;
use crate::Result;
use crate::steps::extract_scene_embedding;

/// Whether a photo may be among the nearest.
pub type KeepPhoto<'a> = &'a dyn Fn(PhotoId) -> bool;

/// A kind of vectors that a [`VectorSource`] has.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorKind {
    /// The kind of feature, for example `scene_embedding`.
    pub name: String,
    /// Whether words can be turned into such vectors.
    pub reads_words: bool,
    /// The similarity that photos with nothing in common have: certainty 0.
    pub unlike: f32,
    /// The similarity from which on two photos hardly have nothing in common: a good match.
    pub good: f32,
    /// The similarity of the same picture: certainty 1.
    pub alike: f32,
}

impl VectorKind {
    /// How sure a similarity makes that two pictures have something in common, 0 to 1; [`GOOD_SCORE`] at `good`.
    pub fn certainty(&self, similarity: f32) -> f32 {
        let certainty = if similarity < self.good {
            GOOD_SCORE * (similarity - self.unlike) / (self.good - self.unlike)
        } else {
            GOOD_SCORE + (1.0 - GOOD_SCORE) * (similarity - self.good) / (self.alike - self.good)
        };
        if certainty.is_finite() { certainty.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Where vectors come from. Vectors of one kind have one length and Euclidean length 1; their inner product is their
/// similarity.
pub trait VectorSource: Send + Sync {
    /// The kinds there are, the best one for pictures first.
    fn kinds(&self) -> Vec<VectorKind>;

    /// The at most `k` photos whose vectors are most similar to `query`, most similar first, of those that `keep` says
    /// yes to.
    fn nearest(
        &self,
        kind: &str,
        query: &[f32],
        k: usize,
        keep: Option<KeepPhoto<'_>>,
    ) -> Result<Vec<(PhotoId, f32)>>;

    /// A photo's vector, if it has one.
    fn vector_of(&self, kind: &str, photo: PhotoId) -> Result<Option<Vec<f32>>>;

    /// The vector of a text; `None` where no model that reads words is there.
    fn embed_text(&self, kind: &str, text: &str) -> Result<Option<Vec<f32>>>;

    /// The vector of a picture that is not in the library; `None` where the model is not there.
    fn embed_image(&self, kind: &str, picture: &Picture) -> Result<Option<Vec<f32>>>;
}

/// Bytes of vectors kept in memory. Larger libraries are read through for each question, which is exact, too, and
/// slower.
const MEMORY: usize = 256 << 20;

/// A changed library is read again when that took at most this share of the time since: a run that changes it all the
/// time does not keep every search waiting.
const RELOAD_SHARE: u32 = 20;

/// The weight-free scene vectors of the store, compared one by one.
pub(crate) struct StoredVectors {
    store: Store,
    memory: usize,
    cache: Mutex<Option<Arc<Matrix>>>,
}

struct Matrix {
    revision: (u64, u64),
    photos: Vec<PhotoId>,
    /// Row by row. Empty where the vectors are too many to keep.
    values: Vec<f32>,
    is_whole: bool,
    loaded: Instant,
    took: Duration,
}

impl StoredVectors {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, memory: MEMORY, cache: Mutex::new(None) }
    }

    fn key() -> FeatureKey {
        extract_scene_embedding::key()
    }

    fn matrix(&self) -> Result<Arc<Matrix>> {
        let revision = self.store.search_revision()?;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(matrix) = cache.as_ref() {
            let is_recent = matrix.loaded.elapsed() < matrix.took * RELOAD_SHARE;
            if matrix.revision == revision || is_recent {
                return Ok(Arc::clone(matrix));
            }
        }
        let started = Instant::now();
        let mut matrix = Matrix {
            revision,
            photos: Vec::new(),
            values: Vec::new(),
            is_whole: true,
            loaded: started,
            took: Duration::ZERO,
        };
        let limit = self.memory / size_of::<f32>();
        self.each(|photo, vector| {
            if matrix.is_whole && matrix.values.len() + vector.len() <= limit {
                matrix.photos.push(photo);
                matrix.values.extend_from_slice(vector);
            } else {
                matrix.is_whole = false;
            }
        })?;
        if !matrix.is_whole {
            (matrix.photos, matrix.values) = Default::default();
        }
        (matrix.loaded, matrix.took) = (Instant::now(), started.elapsed());
        let matrix = Arc::new(matrix);
        *cache = Some(Arc::clone(&matrix));
        Ok(matrix)
    }

    /// Every stored vector of the right length.
    fn each(&self, mut visit: impl FnMut(PhotoId, &[f32])) -> Result<()> {
        let keys = [Self::key()];
        self.store.scan_features(&Scope::Library, &keys, |row| {
            let vector = row.values.first().and_then(|value| value.as_ref()?.as_vector());
            if let Some(vector) = vector.filter(|vector| vector.len() == tintype_vision::scene::DIMENSION) {
                visit(row.photo, vector);
            }
        })?;
        Ok(())
    }
}

impl VectorSource for StoredVectors {
    fn kinds(&self) -> Vec<VectorKind> {
        // Of 5,565 pairs of photos of unrelated scenes half are more similar than 0.56, and none more than 0.89; copies
        // that were resized, recompressed or retouched a little are above 0.86 nineteen times out of twenty.
        let name = Self::key().kind;
        vec![VectorKind { name, reads_words: false, unlike: 0.56, good: 0.89, alike: 1.0 }]
    }

    fn nearest(
        &self,
        kind: &str,
        query: &[f32],
        k: usize,
        keep: Option<KeepPhoto<'_>>,
    ) -> Result<Vec<(PhotoId, f32)>> {
        let dimension = tintype_vision::scene::DIMENSION;
        if kind != Self::key().kind || query.len() != dimension {
            return Ok(Vec::new());
        }
        let mut best = Best::new(k);
        let mut offer = |photo: PhotoId, vector: &[f32]| {
            let similarity = dot(query, vector);
            if best.wants(similarity) && keep.is_none_or(|keep| keep(photo)) {
                best.add(photo, similarity);
            }
        };
        let matrix = self.matrix()?;
        if matrix.is_whole {
            for (photo, vector) in matrix.photos.iter().zip(matrix.values.chunks_exact(dimension)) {
                offer(*photo, vector);
            }
        } else {
            self.each(offer)?;
        }
        Ok(best.sorted())
    }

    fn vector_of(&self, kind: &str, photo: PhotoId) -> Result<Option<Vec<f32>>> {
        if kind != Self::key().kind {
            return Ok(None);
        }
        let Some(detail) = self.store.photo(photo)? else { return Ok(None) };
        let picture = (detail.pixel_hash, detail.metadata.orientation);
        let value = self.store.get_features(&[picture], &[Self::key()])?.pop().and_then(|mut row| row.pop());
        Ok(value.flatten().and_then(|value| value.as_vector().map(<[f32]>::to_vec)))
    }

    fn embed_text(&self, _kind: &str, _text: &str) -> Result<Option<Vec<f32>>> {
        Ok(None)
    }

    fn embed_image(&self, kind: &str, picture: &Picture) -> Result<Option<Vec<f32>>> {
        let vector = || tintype_vision::scene::scene_descriptor(&picture.rgb(256));
        Ok((kind == Self::key().kind).then(vector))
    }
}

/// The inner product. Eight sums beside each other, so that the compiler can use wide registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// The best so far, the worst of them on top.
struct Best {
    limit: usize,
    heap: BinaryHeap<Found>,
}

#[derive(PartialEq)]
struct Found {
    similarity: f32,
    photo: PhotoId,
}

impl Eq for Found {}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        other.similarity.total_cmp(&self.similarity).then_with(|| self.photo.cmp(&other.photo))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Best {
    fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::with_capacity(limit.min(10_000) + 1) }
    }

    fn wants(&self, similarity: f32) -> bool {
        self.heap.len() < self.limit || self.heap.peek().is_some_and(|worst| similarity >= worst.similarity)
    }

    fn add(&mut self, photo: PhotoId, similarity: f32) {
        self.heap.push(Found { similarity, photo });
        if self.heap.len() > self.limit {
            self.heap.pop();
        }
    }

    fn sorted(self) -> Vec<(PhotoId, f32)> {
        self.heap.into_sorted_vec().into_iter().map(|found| (found.photo, found.similarity)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_full_sort(values in prop::collection::vec(-4..4_i8, 0..60), k in 0..20_usize) {
            let mut best = Best::new(k);
            let mut all = Vec::new();
            for (n, value) in values.iter().enumerate() {
                let (photo, similarity) = (PhotoId(uuid::Uuid::from_u128(n as u128)), f32::from(*value));
                all.push((photo, similarity));
                if best.wants(similarity) {
                    best.add(photo, similarity);
                }
            }
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(k);
            prop_assert_eq!(best.sorted(), all);
        }

        #[test]
        fn products_are_those_of_one_loop(a in prop::collection::vec(-1.0..1.0_f32, 0..50)) {
            let b: Vec<f32> = a.iter().rev().copied().collect();
            let naive: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            prop_assert!((dot(&a, &b) - naive).abs() < 1e-4);
        }
    }

    #[test]
    fn certainty_lies_between_nothing_in_common_and_the_same() {
        let kind =
            VectorKind { name: String::new(), reads_words: false, unlike: 0.5, good: 0.75, alike: 1.0 };
        assert_eq!([0.2, 0.5, 0.75, 1.0, 1.2].map(|s| kind.certainty(s)), [0.0, 0.0, GOOD_SCORE, 1.0, 1.0]);
        let rising: Vec<f32> = (0..100).map(|n| kind.certainty(n as f32 / 100.0)).collect();
        assert!(rising.is_sorted());
        let broken = VectorKind { good: 1.0, ..kind };
        assert_eq!(broken.certainty(1.0), 0.0);
    }
}
