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
    /// Where mean and basis lie.
    pub(crate) const BASIS: u64 = 2 * HEADER_BYTES as u64;

    /// Bytes of mean and basis.
    pub(crate) fn basis_bytes(self) -> usize {
        4 * self.shape.dim * (1 + self.shape.head)
    }

    fn first_group(self) -> u64 {
        Self::BASIS + (self.basis_bytes() as u64).next_multiple_of(PAGE)
    }

    /// Bytes of a block: nibbles, coarse words and keys, which a scan reads; then crumbs and fine words, which only
    /// candidates need. A whole number of pages, since every part has a multiple of four bytes a row.
    pub(crate) fn block_bytes(self) -> usize {
        self.fine().end
    }

    /// Bytes a row of a word that only rows with a head have.
    fn head_word(self) -> usize {
        if self.shape.head > 0 { 4 } else { 0 }
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

    pub(crate) fn head_nibbles(self) -> Range<usize> {
        0..BLOCK_ROWS * self.shape.head_stride()
    }

    pub(crate) fn head_coarse(self) -> Range<usize> {
        after(&self.head_nibbles(), self.head_word())
    }

    /// The lengths of rests, where there are heads.
    pub(crate) fn rest_lengths(self) -> Range<usize> {
        after(&self.head_coarse(), self.head_word())
    }

    pub(crate) fn nibbles(self) -> Range<usize> {
        after(&self.rest_lengths(), self.shape.stride())
    }

    pub(crate) fn coarse(self) -> Range<usize> {
        after(&self.nibbles(), 4)
    }

    pub(crate) fn keys(self) -> Range<usize> {
        after(&self.coarse(), 8)
    }

    pub(crate) fn high(self) -> Range<usize> {
        after(&self.keys(), self.shape.crumbs())
    }

    pub(crate) fn low(self) -> Range<usize> {
        after(&self.high(), self.shape.crumbs())
    }

    pub(crate) fn head_fine(self) -> Range<usize> {
        after(&self.low(), self.head_word())
    }

    pub(crate) fn fine(self) -> Range<usize> {
        after(&self.head_fine(), 4)
    }

    /// How many of [`Self::parts`] a scan reads.
    pub(crate) const SCAN_PARTS: usize = 6;

    /// The parts in file order, with the bytes of a row in each.
    pub(crate) fn parts(self) -> [(Range<usize>, usize); 10] {
        [
            (self.head_nibbles(), self.shape.head_stride()),
            (self.head_coarse(), self.head_word()),
            (self.rest_lengths(), self.head_word()),
            (self.nibbles(), self.shape.stride()),
            (self.coarse(), 4),
            (self.keys(), 8),
            (self.high(), self.shape.crumbs()),
            (self.low(), self.shape.crumbs()),
            (self.head_fine(), self.head_word()),
            (self.fine(), 4),
        ]
    }
}

fn after(part: &Range<usize>, row_bytes: usize) -> Range<usize> {
    part.end..part.end + BLOCK_ROWS * row_bytes
}
