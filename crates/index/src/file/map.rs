//! Blocks in memory: parts of the mapped file.
#![allow(unsafe_code, reason = "memory-mapping a file")]

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use fs_err::File;

use super::layout::Layout;
use super::{Entry, checksum};
use crate::error::Error;

/// A range of blocks, mapped.
///
/// Mapped memory is a view of the file: it is read on first touch and given back whenever the system needs memory.
/// Another program that cuts the file short while it is mapped ends the process with a bus error, as with any mapped
/// file; the data directory is ours alone.
#[derive(Debug)]
pub(crate) struct Map {
    memory: memmap2::Mmap,
    start: u64,
}

impl Map {
    /// Maps `bytes` of the file, which must reach that far.
    pub(crate) fn new(file: &File, bytes: Range<u64>) -> Result<Self, Error> {
        let path = file.path();
        let length = file.metadata().map_err(Error::io(path))?.len();
        if length < bytes.end {
            return Err(Error::damaged(path, format!("{length} bytes instead of {}", bytes.end)));
        }
        let mut options = memmap2::MmapOptions::new();
        options.offset(bytes.start).len((bytes.end - bytes.start) as usize);
        // SAFETY: the file is long enough, and only rows that no reader looks at are ever written through it: slices
        // are handed out for committed rows only, which never change (see the module page of `file`).
        let memory = unsafe { options.map(file.file()) }.map_err(Error::io(path))?;
        Ok(Self { memory, start: bytes.start })
    }

    /// The bytes of a part of the block that begins at file offset `block`; empty where the map does not reach.
    pub(crate) fn bytes(&self, block: u64, part: Range<usize>) -> &[u8] {
        let at = (block - self.start) as usize;
        self.memory.get(at + part.start..at + part.end).unwrap_or_default()
    }
}

/// Which checksum of a block.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// What a scan reads.
    Scan,
    /// What candidates need besides.
    Fine,
}

impl Part {
    /// The checksum of the first `rows` rows of this part of a block's bytes.
    pub(crate) fn sum<'a>(
        self,
        layout: Layout,
        rows: usize,
        bytes: impl Fn(Range<usize>) -> &'a [u8],
    ) -> u64 {
        let parts = layout.parts();
        let parts = match self {
            Self::Scan => &parts[..Layout::SCAN_PARTS],
            Self::Fine => &parts[Layout::SCAN_PARTS..],
        };
        let parts: Vec<&[u8]> =
            parts.iter().map(|(range, row)| bytes(range.start..range.start + rows * row)).collect();
        checksum(&parts)
    }
}

/// Which parts of a block were found whole.
#[derive(Debug, Default)]
pub(crate) struct Checked(AtomicU8);

impl Checked {
    /// Compares the part's checksum with the entry's, once.
    pub(crate) fn check<'a>(
        &self,
        part: Part,
        layout: Layout,
        entry: &Entry,
        bytes: impl Fn(Range<usize>) -> &'a [u8],
    ) -> bool {
        let bit = match part {
            Part::Scan => 1,
            Part::Fine => 2,
        };
        if self.0.load(Ordering::Acquire) & bit != 0 {
            return true;
        }
        let wanted = match part {
            Part::Scan => entry.scan_sum,
            Part::Fine => entry.fine_sum,
        };
        let whole = part.sum(layout, entry.rows as usize, bytes) == wanted;
        if whole {
            self.0.fetch_or(bit, Ordering::AcqRel);
        }
        whole
    }
}

/// Asks the system to keep what a path names across a power cut: the directory's entry for it.
pub(crate) fn sync_folder(path: &Path) -> Result<(), Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) {
        let folder = File::open(folder).map_err(Error::io(path))?;
        folder.sync_all().map_err(Error::io(path))?;
    }
    Ok(())
}
