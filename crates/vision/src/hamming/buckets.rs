//! Hashes sorted by the value of one chunk.

use std::ops::Range;

use super::plan::Chunk;

/// Number of pieces that the keys are cut into for the threads: enough to even out uneven buckets.
const PIECES: u32 = 64;

/// Hashes and their ids, sorted by key.
pub(super) struct Buckets {
    hashes: Vec<u64>,
    ids: Vec<u32>,
    /// Where the bucket of each key starts, and the end of the last.
    starts: Vec<u32>,
}

/// One bucket.
#[derive(Clone, Copy)]
pub(super) struct Bucket<'a> {
    pub(super) hashes: &'a [u64],
    pub(super) ids: &'a [u32],
}

impl Buckets {
    /// The buckets of `hashes`, each known by its position.
    pub(super) fn new(hashes: &[u64], chunk: Chunk) -> Self {
        Self::filled(hashes, |i| i as u32, chunk)
    }

    /// The buckets of `hashes`, known by `ids`.
    pub(super) fn with_ids(hashes: &[u64], ids: &[u32], chunk: Chunk) -> Self {
        Self::filled(hashes, |i| ids[i], chunk)
    }

    fn filled(hashes: &[u64], id: impl Fn(usize) -> u32, chunk: Chunk) -> Self {
        // A counting sort.
        let mut starts = vec![0u32; chunk.keys() as usize + 1];
        for &hash in hashes {
            starts[chunk.key(hash) as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let (mut sorted, mut ids) = (vec![0; hashes.len()], vec![0; hashes.len()]);
        for (i, &hash) in hashes.iter().enumerate() {
            let place = &mut next[chunk.key(hash) as usize];
            sorted[*place as usize] = hash;
            ids[*place as usize] = id(i);
            *place += 1;
        }
        Self { hashes: sorted, ids, starts }
    }

    /// The bucket of `key`.
    pub(super) fn of(&self, key: u32) -> Bucket<'_> {
        let range = self.starts[key as usize] as usize..self.starts[key as usize + 1] as usize;
        Bucket { hashes: &self.hashes[range.clone()], ids: &self.ids[range] }
    }

    /// All keys, in pieces for threads.
    pub(super) fn ranges(&self) -> Vec<Range<u32>> {
        let keys = self.starts.len() as u32 - 1;
        let step = keys.div_ceil(PIECES).max(1);
        (0..keys).step_by(step as usize).map(|start| start..(start + step).min(keys)).collect()
    }
}
