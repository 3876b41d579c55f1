//! Which keys a search may return, as bitmaps over rows that the scan reads beside the vectors.

use crate::error::Error;
use crate::file::WORDS;
use crate::snapshot::Snapshot;

/// Which keys a search may return.
#[derive(Clone, Copy, Default)]
pub enum Filter<'a> {
    /// All.
    #[default]
    All,
    /// Only these, in any order; unknown ones do no harm.
    Only(&'a [u64]),
    /// All but these.
    Except(&'a [u64]),
    /// Those that the function accepts; it is asked once about every key.
    Where(&'a dyn Fn(u64) -> bool),
}

/// The rows of one snapshot that a search may return: a [`Filter`] worked out, to be used for several searches.
#[derive(Debug, Clone)]
pub struct Rows {
    blocks: Vec<[u64; WORDS]>,
}

impl Rows {
    /// The bitmap of a block.
    pub(crate) fn block(&self, index: usize) -> &[u64; WORDS] {
        const NONE: [u64; WORDS] = [0; WORDS];
        self.blocks.get(index).unwrap_or(&NONE)
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.blocks.iter().flatten().map(|word| word.count_ones() as usize).sum()
    }

    /// Those that are among `others` of the same snapshot, too.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        for (index, words) in self.blocks.iter_mut().enumerate() {
            words.iter_mut().zip(others.block(index)).for_each(|(word, other)| *word &= other);
        }
        self
    }

    pub(crate) fn remove(&mut self, block: usize, row: usize) {
        self.blocks[block][row / 64] &= !(1 << (row % 64));
    }
}

impl Snapshot {
    /// The live rows that a filter lets through; `None` where it lets all through.
    ///
    /// # Errors
    /// [`Error::Damaged`] where a block's checksum does not fit.
    pub fn rows(&self, filter: Filter<'_>) -> Result<Option<Rows>, Error> {
        match filter {
            Filter::All => Ok(None),
            Filter::Only(keys) => {
                let keys = KeySet::new(keys);
                self.rows_where(|key| keys.contains(key)).map(Some)
            }
            Filter::Except(keys) => {
                let keys = KeySet::new(keys);
                self.rows_where(|key| !keys.contains(key)).map(Some)
            }
            Filter::Where(accepts) => self.rows_where(accepts).map(Some),
        }
    }

    pub(crate) fn rows_where(&self, accepts: impl Fn(u64) -> bool) -> Result<Rows, Error> {
        let mut blocks = vec![[0; WORDS]; self.blocks.len()];
        for (index, words) in blocks.iter_mut().enumerate() {
            self.for_each_key(index, |row, key| words[row / 64] |= u64::from(accepts(key)) << (row % 64))?;
        }
        Ok(Rows { blocks })
    }
}

/// A set of keys that is asked about each row of the index.
pub(crate) enum KeySet {
    /// A bit for each number from the least key on: for keys that lie close together, as row numbers do.
    Dense { first: u64, bits: Vec<u64> },
    /// Sorted, behind a sieve of 2¹⁶ bits by which most absent keys are known at once.
    Sparse { sieve: Vec<u64>, sorted: Vec<u64> },
}

impl KeySet {
    pub(crate) fn new(keys: &[u64]) -> Self {
        let (first, last) =
            keys.iter().fold((u64::MAX, 0), |(low, high), &key| (low.min(key), high.max(key)));
        // At most eight bytes a key.
        if keys.is_empty() || last - first < 64 * keys.len() as u64 {
            let mut bits = vec![0u64; keys.first().map_or(0, |_| (last - first) as usize / 64 + 1)];
            for key in keys {
                bits[((key - first) / 64) as usize] |= 1 << ((key - first) % 64);
            }
            return Self::Dense { first, bits };
        }
        let mut sieve = vec![0u64; 1024];
        for &key in keys {
            let hash = hash16(key);
            sieve[hash / 64] |= 1 << (hash % 64);
        }
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        Self::Sparse { sieve, sorted }
    }

    pub(crate) fn contains(&self, key: u64) -> bool {
        match self {
            Self::Dense { first, bits } => {
                let Some(at) = key.checked_sub(*first) else { return false };
                bits.get((at / 64) as usize).is_some_and(|word| word >> (at % 64) & 1 == 1)
            }
            Self::Sparse { sieve, sorted } => {
                let hash = hash16(key);
                sieve[hash / 64] >> (hash % 64) & 1 == 1 && sorted.binary_search(&key).is_ok()
            }
        }
    }
}

/// Sixteen well-mixed bits (Fibonacci hashing).
fn hash16(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
}

#[cfg(test)]
mod tests {
    use super::KeySet;

    #[test]
    fn key_sets_hold_exactly_their_keys() {
        for keys in [vec![], vec![0], vec![u64::MAX, 0], vec![5, 9, 7, 5], vec![1 << 40, 3, 99, 1 << 63]] {
            let set = KeySet::new(&keys);
            let near = keys
                .iter()
                .flat_map(|&key| [key.wrapping_sub(1), key, key.wrapping_add(1), key ^ 64, key ^ 1 << 50]);
            for key in near.chain([0, 1, u64::MAX]) {
                assert_eq!(set.contains(key), keys.contains(&key), "{key} in {keys:?}");
            }
        }
    }
}
