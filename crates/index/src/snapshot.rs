//! One committed state of an index, which searches read and later commits do not change.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::code::Encoder;
use crate::error::Error;
use crate::file::{BLOCK_ROWS, Checked, Entry, Header, Layout, Map, Part};
use crate::identity::Identity;

/// A committed state: what [`Index::snapshot`](crate::Index::snapshot) returns. Cheap to clone and to keep; searches
/// on it see exactly these vectors, whatever is written meanwhile.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(crate) path: Arc<PathBuf>,
    pub(crate) header: Arc<Header>,
    pub(crate) layout: Layout,
    pub(crate) encoder: Arc<Encoder>,
    pub(crate) blocks: Arc<Vec<Block>>,
}

impl Snapshot {
    /// What the index is of.
    pub fn identity(&self) -> &Identity {
        &self.header.identity
    }

    /// The stamp of the last commit.
    pub fn generation(&self) -> u64 {
        self.header.generation
    }

    /// Vectors that can be found.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.live as usize).sum()
    }

    /// Whether nothing can be found.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows that hold no vector any more, until [`Index::compact`](crate::Index::compact) drops them.
    pub fn dead(&self) -> usize {
        self.blocks.iter().map(|block| (block.entry.rows - block.live) as usize).sum()
    }

    /// Bytes of the file that are in use; it may be longer, with nothing in the rest.
    pub fn file_bytes(&self) -> u64 {
        self.layout.end(self.blocks.len() as u32)
    }

    /// The keys that can be found, in no particular order.
    ///
    /// # Errors
    /// [`Error::Damaged`] where a block's checksum does not fit.
    pub fn keys(&self) -> Result<Vec<u64>, Error> {
        let mut keys = Vec::with_capacity(self.len());
        for index in 0..self.blocks.len() {
            self.for_each_key(index, |_, key| keys.push(key))?;
        }
        Ok(keys)
    }

    /// Reads the whole file and compares every checksum; parts are otherwise compared when they are first used.
    ///
    /// # Errors
    /// [`Error::Damaged`] where a block's checksum does not fit.
    pub fn verify(&self) -> Result<(), Error> {
        for index in 0..self.blocks.len() {
            self.checked(index, Part::Scan)?;
            self.checked(index, Part::Fine)?;
        }
        Ok(())
    }

    /// The block, once the checksum of the part was found right.
    pub(crate) fn checked(&self, index: usize, part: Part) -> Result<&Block, Error> {
        let block = &self.blocks[index];
        if block.checked.check(part, self.layout, &block.entry, |range| block.bytes(range)) {
            return Ok(block);
        }
        Err(Error::damaged(&self.path, format!("the checksum of block {index} does not fit")))
    }

    /// Calls `each` with row and key of every live row of a block.
    pub(crate) fn for_each_key(&self, index: usize, mut each: impl FnMut(usize, u64)) -> Result<(), Error> {
        let block = self.checked(index, Part::Scan)?;
        let keys = block.bytes(self.layout.keys());
        for (row, key) in keys.as_chunks::<8>().0.iter().enumerate().take(block.entry.rows as usize) {
            if block.entry.live[row / 64] >> (row % 64) & 1 == 1 {
                each(row, u64::from_le_bytes(*key));
            }
        }
        Ok(())
    }
}

/// A block of rows.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) map: Arc<Map>,
    /// Where it begins in the file.
    pub(crate) at: u64,
    pub(crate) entry: Entry,
    /// Which of its two directory entries is in use.
    pub(crate) which: u8,
    /// Whether the other one was written by a commit that never was.
    pub(crate) stray: bool,
    /// Rows that count.
    pub(crate) live: u32,
    pub(crate) checked: Arc<Checked>,
}

impl Block {
    /// Bytes of a part, by its place in the block.
    pub(crate) fn bytes(&self, part: Range<usize>) -> &[u8] {
        self.map.bytes(self.at, part)
    }

    /// A row's bytes in a part.
    pub(crate) fn row(&self, part: &Range<usize>, row: usize, row_bytes: usize) -> &[u8] {
        let start = part.start + row * row_bytes;
        self.bytes(start..start + row_bytes)
    }

    /// A row's 32-bit word in a part; 0 where the map does not reach.
    pub(crate) fn word(&self, part: &Range<usize>, row: usize) -> u32 {
        self.row(part, row, 4).first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// A row's key; 0 where the map does not reach.
    pub(crate) fn key(&self, layout: Layout, row: usize) -> u64 {
        self.row(&layout.keys(), row, 8).first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// Block and row of a slot: rows are numbered through all blocks.
pub(crate) fn place(slot: u32) -> (usize, usize) {
    (slot as usize / BLOCK_ROWS, slot as usize % BLOCK_ROWS)
}

/// The slot of a row.
pub(crate) fn slot(block: usize, row: usize) -> u32 {
    (block * BLOCK_ROWS + row) as u32
}
