//! The block that rows are being added to.

use super::write_at;
use crate::code::Row;
use crate::error::Error;
use crate::file::{BLOCK_ROWS, Layout, Part};
use crate::snapshot::Snapshot;
use fs_err::File;

/// A block in memory, of which the first rows may be in the file already.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) index: u32,
    pub(super) rows: usize,
    written: usize,
    pub(super) length: f32,
    bytes: Vec<u8>,
}

impl Tail {
    pub(super) fn empty(index: u32, layout: Layout) -> Self {
        Self { index, rows: 0, written: 0, length: 0.0, bytes: vec![0; layout.block_bytes()] }
    }

    /// The last block where it has room, else the one after it.
    pub(super) fn of(snapshot: &Snapshot) -> Result<Self, Error> {
        let layout = snapshot.layout;
        let Some(last) = snapshot.blocks.len().checked_sub(1) else { return Ok(Self::empty(0, layout)) };
        let rows = snapshot.blocks[last].entry.rows as usize;
        if rows == BLOCK_ROWS {
            return Ok(Self::empty(last as u32 + 1, layout));
        }
        // New checksums over damaged rows would hide the damage.
        snapshot.checked(last, Part::Scan)?;
        let block = snapshot.checked(last, Part::Fine)?;
        let mut tail = Self::empty(last as u32, layout);
        (tail.rows, tail.written, tail.length) = (rows, rows, block.entry.length);
        for (part, row_bytes) in layout.parts() {
            let used = part.start..part.start + rows * row_bytes;
            tail.bytes[used.clone()].copy_from_slice(block.bytes(used));
        }
        Ok(tail)
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows == BLOCK_ROWS
    }

    pub(super) fn push(&mut self, layout: Layout, key: u64, row: &Row) {
        let rest = &row.rest;
        let (mut high, mut low) = (Vec::new(), Vec::new());
        for segment in row.head.iter().chain([rest]) {
            high.extend(&segment.high);
            low.extend(&segment.low);
        }
        let words = row
            .head
            .as_ref()
            .map(|head| [head.coarse.to_le_bytes(), rest.length.to_le_bytes(), head.fine.to_le_bytes()]);
        let head_word = |which: usize| words.as_ref().map_or(&[][..], |words| &words[which]);
        let fields: [&[u8]; 10] = [
            row.head.as_ref().map_or(&[], |head| &head.nibbles),
            head_word(0),
            head_word(1),
            &rest.nibbles,
            &rest.coarse.to_le_bytes(),
            &key.to_le_bytes(),
            &high,
            &low,
            head_word(2),
            &rest.fine.to_le_bytes(),
        ];
        self.push_fields(layout, fields, row.length());
    }

    /// Adds a row by its bytes in each part.
    pub(super) fn push_fields(&mut self, layout: Layout, fields: [&[u8]; 10], length: f32) {
        for ((part, row_bytes), field) in layout.parts().into_iter().zip(fields) {
            let start = part.start + self.rows * row_bytes;
            self.bytes[start..start + row_bytes].copy_from_slice(field);
        }
        self.length = self.length.max(length);
        self.rows += 1;
    }

    /// Writes the rows that are not in the file yet.
    pub(super) fn write(&mut self, layout: Layout, file: &mut File) -> Result<(), Error> {
        let start = layout.block(self.index);
        if self.written == 0 && self.is_full() {
            write_at(file, start, &self.bytes)?;
        } else {
            for (part, row_bytes) in layout.parts() {
                let new = part.start + self.written * row_bytes..part.start + self.rows * row_bytes;
                write_at(file, start + new.start as u64, &self.bytes[new])?;
            }
        }
        self.written = self.rows;
        Ok(())
    }

    pub(super) fn sum(&self, layout: Layout, part: Part) -> u64 {
        part.sum(layout, self.rows, |range| &self.bytes[range])
    }
}
