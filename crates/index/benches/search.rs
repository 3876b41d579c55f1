//! The scan beside brute force, one query at a time and in a batch; random vectors, 128 and 512 dimensions.
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use divan::{Bencher, black_box};
use tintype_index::{Builder, Filter, Identity, Index, Options, brute_force};

fn main() {
    divan::main();
}

const ROWS: usize = 20_000;

/// An index of random vectors, the vectors, and its folder.
struct Setting {
    index: Index,
    vectors: Vec<f32>,
    dim: usize,
    _folder: tempfile::TempDir,
}

impl Setting {
    fn new(dim: usize) -> Self {
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 40) as f32 / (1u32 << 23) as f32 - 1.0
        };
        let vectors: Vec<f32> = (0..ROWS * dim).map(|_| next()).collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let identity = Identity::new("bench", "random@1", dim);
        let mut builder = Builder::new(&folder.path().join("bench.tvi"), &identity).expect("a new index");
        for (key, vector) in (0..).zip(vectors.chunks_exact(dim)) {
            builder.put(key, vector).expect("a finite vector");
        }
        Self { index: builder.finish(1).expect("a whole index"), vectors, dim, _folder: folder }
    }

    fn rows(&self) -> impl Iterator<Item = (u64, &[f32])> {
        (0..).zip(self.vectors.chunks_exact(self.dim))
    }

    fn query(&self) -> Vec<f32> {
        self.vectors[..self.dim].iter().zip(&self.vectors[self.dim..]).map(|(a, b)| a - b).collect()
    }
}

#[divan::bench(args = [128, 512])]
fn top_10(bencher: Bencher, dim: usize) {
    let setting = Setting::new(dim);
    let (snapshot, query) = (setting.index.snapshot(), setting.query());
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| {
        keys.iter()
            .enumerate()
            .for_each(|(at, &key)| found(at, &setting.vectors[key as usize * dim..][..dim]));
        Ok(())
    };
    bencher.bench(|| snapshot.search(black_box(&query), Options::top(10), Filter::All, &read));
}

#[divan::bench(args = [128, 512], sample_count = 10)]
fn top_10_of_16_queries(bencher: Bencher, dim: usize) {
    let setting = Setting::new(dim);
    let snapshot = setting.index.snapshot();
    let queries: Vec<&[f32]> = setting.vectors.chunks_exact(dim).take(16).collect();
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| {
        keys.iter()
            .enumerate()
            .for_each(|(at, &key)| found(at, &setting.vectors[key as usize * dim..][..dim]));
        Ok(())
    };
    bencher.bench(|| snapshot.search_batch(black_box(&queries), Options::top(10), None, &read));
}

#[divan::bench(args = [128, 512], sample_count = 5)]
fn top_10_naive(bencher: Bencher, dim: usize) {
    let setting = Setting::new(dim);
    let query = setting.query();
    bencher.bench(|| brute_force(black_box(&query), 10, setting.rows()));
}
