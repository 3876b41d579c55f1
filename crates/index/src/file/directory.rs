//! Directory entries: what is in a block.

use super::layout::{BLOCK_ROWS, WORDS};
use super::{Reader, checksum};

/// Bytes of an entry.
pub(crate) const ENTRY_BYTES: usize = 256;

/// The committed state of a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The commit that wrote it.
    pub(crate) sequence: u64,
    /// Rows in use, from the front; at most [`BLOCK_ROWS`].
    pub(crate) rows: u32,
    /// At least the length of every approximation in the block.
    pub(crate) length: f32,
    /// Checksum of the first `rows` nibble rows, coarse words and keys.
    pub(crate) scan_sum: u64,
    /// Checksum of the first `rows` crumb rows and fine words.
    pub(crate) fine_sum: u64,
    /// Rows that count: bit r of word w is row 64 w + r.
    pub(crate) live: [u64; WORDS],
}

impl Entry {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ENTRY_BYTES);
        bytes.extend(self.sequence.to_le_bytes());
        bytes.extend(self.rows.to_le_bytes());
        bytes.extend(self.length.to_le_bytes());
        bytes.extend(self.scan_sum.to_le_bytes());
        bytes.extend(self.fine_sum.to_le_bytes());
        bytes.extend(self.live.iter().flat_map(|word| word.to_le_bytes()));
        bytes.resize(ENTRY_BYTES - 8, 0);
        bytes.extend(checksum(&[&bytes]).to_le_bytes());
        bytes
    }

    /// `None` where the bytes are no entry: never written, or torn.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, sum) = bytes.split_last_chunk::<8>()?;
        if checksum(&[body]) != u64::from_le_bytes(*sum) {
            return None;
        }
        let mut reader = Reader(body);
        let sequence = reader.u64()?;
        let rows = reader.u32().filter(|&rows| rows as usize <= BLOCK_ROWS)?;
        let length = f32::from_bits(reader.u32()?);
        let (scan_sum, fine_sum) = (reader.u64()?, reader.u64()?);
        let mut live = [0; WORDS];
        for (word, used) in live.iter_mut().zip(row_bits(rows)) {
            *word = reader.u64()? & used;
        }
        Some(Self { sequence, rows, length, scan_sum, fine_sum, live })
    }

    /// The checksum of entries, one after the other.
    pub(crate) fn sum<'a>(entries: impl Iterator<Item = &'a Self>) -> u64 {
        let bytes: Vec<u8> = entries.flat_map(Self::encode).collect();
        checksum(&[&bytes])
    }

    /// Rows that count.
    pub(crate) fn live_rows(&self) -> u32 {
        self.live.iter().map(|word| word.count_ones()).sum()
    }
}

/// The bitmap of the first `rows` rows.
pub(crate) fn row_bits(rows: u32) -> [u64; WORDS] {
    std::array::from_fn(|word| match (rows as usize).saturating_sub(64 * word) {
        0 => 0,
        some @ 1..64 => (1 << some) - 1,
        _ => u64::MAX,
    })
}
