//! Where the parts of the file lie: plain arithmetic, nothing stored.

use std::ops::Range;

use super::{ENTRY_BYTES, HEADER_BYTES};
use crate::code::Shape;

/// Rows of a block: 264 KiB of nibbles at 512 dimensions, which fits a second-level cache when several queries
/// share one pass.
pub(crate) const BLOCK_ROWS: usize = 1024;
/// Words of a bitmap over a block's rows.
pub(crate) const WORDS: usize = BLOCK_ROWS / 64;
/// Blocks that share a directory.
const GROUP_BLOCKS: u64 = 256;
/// Bytes of a group's directory: two entries a block.
const DIRECTORY_BYTES: u64 = GROUP_BLOCKS * 2 * ENTRY_BYTES as u64;
/// What parts are rounded up to.
const PAGE: u64 = 4096;

/// The arithmetic for vectors of one shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) shape: Shape,
}

impl Layout {
    /// Where the mean lies.
    pub(crate) const MEAN: u64 = 2 * HEADER_BYTES as u64;

    fn first_group(self) -> u64 {
        Self::MEAN + (4 * self.shape.dim as u64).next_multiple_of(PAGE)
    }

    /// Bytes of a block: nibbles, coarse words and keys, which a scan reads; then crumbs and fine words, which only
    /// candidates need. A whole number of pages, since strides are multiples of 64.
    pub(crate) fn block_bytes(self) -> usize {
        self.fine().end
    }

    fn group(self, block: u32) -> u64 {
        let bytes = DIRECTORY_BYTES + GROUP_BLOCKS * self.block_bytes() as u64;
        self.first_group() + u64::from(block) / GROUP_BLOCKS * bytes
    }

    /// Where directory entry `which` (0 or 1) of a block lies.
    pub(crate) fn entry(self, block: u32, which: u8) -> u64 {
        self.group(block) + (u64::from(block) % GROUP_BLOCKS * 2 + u64::from(which)) * ENTRY_BYTES as u64
    }

    /// Where a block begins.
    pub(crate) fn block(self, block: u32) -> u64 {
        self.group(block) + DIRECTORY_BYTES + u64::from(block) % GROUP_BLOCKS * self.block_bytes() as u64
    }

    /// Where the last of so many blocks ends.
    pub(crate) fn end(self, blocks: u32) -> u64 {
        match blocks.checked_sub(1) {
            Some(last) => self.block(last) + self.block_bytes() as u64,
            None => self.first_group(),
        }
    }

    pub(crate) fn nibbles(self) -> Range<usize> {
        0..BLOCK_ROWS * self.shape.stride
    }

    pub(crate) fn coarse(self) -> Range<usize> {
        after(self.nibbles(), 4)
    }

    pub(crate) fn keys(self) -> Range<usize> {
        after(self.coarse(), 8)
    }

    pub(crate) fn high(self) -> Range<usize> {
        after(self.keys(), self.shape.crumbs())
    }

    pub(crate) fn low(self) -> Range<usize> {
        after(self.high(), self.shape.crumbs())
    }

    pub(crate) fn fine(self) -> Range<usize> {
        after(self.low(), 4)
    }

    /// The parts in file order, with the bytes of a row in each.
    pub(crate) fn parts(self) -> [(Range<usize>, usize); 6] {
        [
            (self.nibbles(), self.shape.stride),
            (self.coarse(), 4),
            (self.keys(), 8),
            (self.high(), self.shape.crumbs()),
            (self.low(), self.shape.crumbs()),
            (self.fine(), 4),
        ]
    }
}

fn after(part: Range<usize>, row_bytes: usize) -> Range<usize> {
    part.end..part.end + BLOCK_ROWS * row_bytes
}
