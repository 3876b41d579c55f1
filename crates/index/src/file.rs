//! The index file: where everything lies in it, and reading and writing its parts.
//!
//! ```text
//! header page A, header page B      4 KiB each; the valid one with the higher sequence counts
//! mean, basis                       f32 × dimensions × (1 + principal directions), to a whole page
//! group 0: directory                two 256-byte entries a block; the valid one with the highest committed sequence
//!          256 blocks               each 1,024 rows, part by part (see `layout`)
//! group 1: …
//! ```
//!
//! A commit writes rows where no committed row lies and, for every block it touches, the directory entry that is not
//! in use; syncs; then writes the header page that is not in use, with the next sequence; syncs. Whatever happens in
//! between, one header is whole, and what it does not count is not read. Rows never change once committed. All
//! numbers are little-endian.

mod directory;
mod header;
mod layout;
mod map;

pub(crate) use directory::{ENTRY_BYTES, Entry};
pub(crate) use header::{HEADER_BYTES, Header, HeaderFault};
pub(crate) use layout::{BLOCK_ROWS, Layout, WORDS};
pub(crate) use map::{Checked, Map, Part, sync_folder};

/// The checksum of everything in the file: the first eight bytes of BLAKE3.
pub(crate) fn checksum(parts: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let hash = hasher.finalize();
    hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Reads fields one after the other; `None` where the bytes end.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.bytes(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.bytes(8)?.try_into().ok().map(u64::from_le_bytes)
    }
}
