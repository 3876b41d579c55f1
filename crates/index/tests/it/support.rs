//! Vectors to index, and the plain map that every answer is compared with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tintype_index::{
    Builder, Filter, Hit, Identity, Index, Options, ReadError, Snapshot, State, brute_force,
};

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Roughly a standard Gaussian: the sum of twelve uniform numbers less six.
    pub(crate) fn gauss(&mut self) -> f32 {
        (0..12).map(|_| (self.next() >> 40) as f32 / (1u32 << 24) as f32).sum::<f32>() - 6.0
    }

    pub(crate) fn vector(&mut self, dim: usize) -> Vec<f32> {
        (0..dim).map(|_| self.gauss()).collect()
    }
}

/// How vectors lie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Data {
    /// Every direction alike.
    Random,
    /// Around a few centres, near enough that only fine codes tell neighbours apart.
    Clustered,
    /// A common direction, a few heavy coordinates, exact copies and vectors of zeros, as real collections have them.
    Lumpy,
}

impl Data {
    pub(crate) const ALL: [Self; 3] = [Self::Random, Self::Clustered, Self::Lumpy];

    pub(crate) fn vectors(self, count: usize, dim: usize, seed: u64) -> Vec<Vec<f32>> {
        let mut random = Random(seed);
        let centres: Vec<Vec<f32>> = (0..8).map(|_| random.vector(dim)).collect();
        let mut vectors: Vec<Vec<f32>> = Vec::with_capacity(count);
        for i in 0..count {
            let mut vector = random.vector(dim);
            match self {
                Self::Random => {}
                Self::Clustered => {
                    let spread = [0.5, 0.05, 0.001][random.below(3) as usize];
                    let centre = &centres[random.below(8) as usize];
                    vector.iter_mut().zip(centre).for_each(|(x, c)| *x = c + spread * *x);
                }
                Self::Lumpy if i % 7 == 3 => vector.clone_from(&vectors[random.below(i as u64) as usize]),
                Self::Lumpy if i % 97 == 5 => vector.fill(0.0),
                Self::Lumpy => {
                    vector.iter_mut().zip(&centres[0]).for_each(|(x, c)| *x = 0.8 * c + 0.4 * *x);
                    vector[0] += 20.0;
                    vector[dim / 2] -= 7.0;
                }
            }
            vectors.push(vector);
        }
        vectors
    }
}

/// The vectors that the index should hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Judge(pub(crate) BTreeMap<u64, Vec<f32>>);

impl Judge {
    pub(crate) fn best(&self, query: &[f32], k: usize, accepts: impl Fn(u64) -> bool) -> Vec<Hit> {
        let vectors = self.0.iter().filter(|(key, _)| accepts(**key));
        brute_force(query, k, vectors.map(|(&key, vector)| (key, &vector[..])))
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape that searches ask for")]
    pub(crate) fn read(&self, keys: &[u64], found: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        for (at, key) in keys.iter().enumerate() {
            if let Some(vector) = self.0.get(key) {
                found(at, vector);
            }
        }
        Ok(())
    }

    pub(crate) fn search(&self, snapshot: &Snapshot, query: &[f32], k: usize) -> Vec<Hit> {
        self.filtered(snapshot, query, k, Filter::All)
    }

    pub(crate) fn filtered(
        &self,
        snapshot: &Snapshot,
        query: &[f32],
        k: usize,
        filter: Filter<'_>,
    ) -> Vec<Hit> {
        let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| self.read(keys, found);
        snapshot.search(query, Options::top(k), filter, &read).unwrap()
    }

    /// Compares a few searches with brute force.
    pub(crate) fn check(&self, snapshot: &Snapshot, random: &mut Random) {
        let dim = snapshot.identity().dimension;
        assert_eq!(snapshot.len(), self.0.len());
        let mut keys = snapshot.keys().unwrap();
        keys.sort_unstable();
        assert_eq!(keys, self.0.keys().copied().collect::<Vec<_>>());
        for k in [1, 10, 50] {
            let mut query = random.vector(dim);
            if let Some(near) = self.0.values().nth(random.below(self.0.len().max(1) as u64) as usize) {
                let spread = [0.0, 0.1, 1.0][random.below(3) as usize];
                query.iter_mut().zip(near).for_each(|(q, x)| *q = x + spread * *q);
            }
            if query.iter().all(|&value| value == 0.0) {
                query[0] = 1.0;
            }
            assert_eq!(self.search(snapshot, &query, k), self.best(&query, k, |_| true), "k = {k}");
        }
    }
}

/// A folder with an index in it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("vectors/test.tvi")
    }
}

pub(crate) fn identity(dim: usize) -> Identity {
    Identity::new("test", "made up@1", dim)
}

/// Builds an index of vectors under the keys 10, 20, 30, …
pub(crate) fn build(path: &Path, vectors: &[Vec<f32>], dim: usize) -> (Index, Judge) {
    let mut builder = Builder::new(path, &identity(dim)).unwrap();
    let mut judge = Judge::default();
    for (i, vector) in vectors.iter().enumerate() {
        let key = 10 * (i as u64 + 1);
        builder.put(key, vector).unwrap();
        judge.0.insert(key, vector.clone());
    }
    (builder.finish(1).unwrap(), judge)
}

pub(crate) fn reopen(path: &Path, dim: usize) -> Index {
    match Index::open(path, &identity(dim), None).unwrap() {
        State::Ready(index) => index,
        other => panic!("{other:?}"),
    }
}
