//! A batch of changes, visible and durable all at once.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError, RwLock};

use super::tail::Tail;
use super::{Inner, WriteLock, header_at, write_at};
use crate::code::normalised;
use crate::error::Error;
use crate::file::{Checked, ENTRY_BYTES, Entry, Header, Layout, Map, Part, WORDS};
use crate::snapshot::{Block, Snapshot, place, slot};

/// Changes to an [`Index`](crate::Index) that become visible and durable together, by [`Self::commit`]. Dropped
/// without it, they never were.
#[derive(Debug)]
pub struct Batch<'a> {
    inner: MutexGuard<'a, Inner>,
    current: &'a RwLock<Snapshot>,
    changes: Changes,
    _lock: WriteLock,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(
        mut inner: MutexGuard<'a, Inner>,
        lock: WriteLock,
        current: &'a RwLock<Snapshot>,
    ) -> Result<Self, Error> {
        inner.slots()?;
        let changes = Changes::new(&inner)?;
        Ok(Self { inner, current, changes, _lock: lock })
    }

    /// Adds a vector, of any length above zero, under a key; one that was there under this key is replaced. A vector
    /// of zeros is kept, and scores 0 against everything.
    ///
    /// # Errors
    /// A vector of another dimension or not finite, which changes nothing; [`Error::Io`].
    pub fn put(&mut self, key: u64, vector: &[f32]) -> Result<(), Error> {
        self.changes.put(&mut self.inner, key, vector)
    }

    /// Removes the vector under a key; says whether there was one.
    pub fn remove(&mut self, key: u64) -> bool {
        self.changes.remove(&mut self.inner, key)
    }

    /// Makes the changes durable and visible, under the store's `generation`. Compacts the file when more than a
    /// quarter of its rows are dead.
    ///
    /// # Errors
    /// [`Error::Io`]: nothing has changed then, unless it was compaction that failed, which is tried again next time.
    pub fn commit(mut self, generation: u64) -> Result<(), Error> {
        self.changes.commit(&mut self.inner, generation)?;
        self.show();
        if self.inner.wants_compaction() {
            self.inner.compact()?;
            self.show();
        }
        Ok(())
    }

    fn show(&self) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = self.inner.snapshot.clone();
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if !self.changes.committed {
            // It knows of rows that never were; made again when next needed.
            self.inner.slots = None;
        }
    }
}

/// What a batch has changed so far.
#[derive(Debug)]
pub(crate) struct Changes {
    tail: Tail,
    /// Blocks that differ from the snapshot's; their sequence and, for the tail, checksums are filled in at the end.
    entries: BTreeMap<u32, Entry>,
    /// Those of them with new rows.
    grown: Vec<u32>,
    committed: bool,
}

impl Changes {
    pub(crate) fn new(inner: &Inner) -> Result<Self, Error> {
        let tail = Tail::of(&inner.snapshot)?;
        Ok(Self { tail, entries: BTreeMap::new(), grown: Vec::new(), committed: false })
    }

    pub(crate) fn put(&mut self, inner: &mut Inner, key: u64, vector: &[f32]) -> Result<(), Error> {
        let snapshot = &inner.snapshot;
        let expected = snapshot.layout.shape.dim;
        if vector.len() != expected {
            return Err(Error::Dimension { expected, got: vector.len() });
        }
        let unit = normalised(vector).ok_or(Error::NotFinite)?;
        let row = snapshot.encoder.row(&unit);
        self.make_room(inner)?;
        self.tail.push(inner.snapshot.layout, key, &row);
        self.pushed(inner, key)
    }

    /// Copies the live rows of a block of another file with the same encoder.
    pub(crate) fn copy_block(
        &mut self,
        inner: &mut Inner,
        from: &Snapshot,
        index: usize,
    ) -> Result<(), Error> {
        let layout = from.layout;
        from.checked(index, Part::Scan)?;
        let block = from.checked(index, Part::Fine)?;
        let mut rows = Vec::with_capacity(block.live as usize);
        from.for_each_key(index, |row, key| rows.push((row, key)))?;
        for (row, key) in rows {
            self.make_room(inner)?;
            let fields = layout.parts().map(|(part, row_bytes)| block.row(&part, row, row_bytes));
            self.tail.push_fields(layout, fields, block.entry.length);
            self.pushed(inner, key)?;
        }
        Ok(())
    }

    /// Notes the row that was just added.
    fn pushed(&mut self, inner: &mut Inner, key: u64) -> Result<(), Error> {
        let (index, row) = (self.tail.index, self.tail.rows - 1);
        let old = inner.slots()?.insert(key, slot(index as usize, row));
        if self.grown.last() != Some(&index) {
            self.grown.push(index);
        }
        self.entry(&inner.snapshot, index).live[row / 64] |= 1 << (row % 64);
        if let Some(old) = old {
            self.bury(&inner.snapshot, old);
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, inner: &mut Inner, key: u64) -> bool {
        let Some(old) = inner.slots.as_mut().and_then(|slots| slots.remove(&key)) else { return false };
        self.bury(&inner.snapshot, old);
        true
    }

    fn bury(&mut self, snapshot: &Snapshot, slot: u32) {
        let (block, row) = place(slot);
        self.entry(snapshot, block as u32).live[row / 64] &= !(1 << (row % 64));
    }

    fn entry(&mut self, snapshot: &Snapshot, index: u32) -> &mut Entry {
        self.entries.entry(index).or_insert_with(|| match snapshot.blocks.get(index as usize) {
            Some(block) => block.entry.clone(),
            None => Entry { sequence: 0, rows: 0, length: 0.0, scan_sum: 0, fine_sum: 0, live: [0; WORDS] },
        })
    }

    /// Sees to it that the tail can take a row.
    fn make_room(&mut self, inner: &mut Inner) -> Result<(), Error> {
        if self.tail.is_full() {
            self.finish_tail(inner)?;
            // Slots are 32 bits.
            let next = self.tail.index.checked_add(1).filter(|&next| next < 1 << 22).ok_or(Error::Full)?;
            self.tail = Tail::empty(next, inner.snapshot.layout);
        }
        Ok(())
    }

    /// Writes the tail's new rows and completes its entry.
    fn finish_tail(&mut self, inner: &mut Inner) -> Result<(), Error> {
        let layout = inner.snapshot.layout;
        if self.grown.last() != Some(&self.tail.index) {
            return Ok(());
        }
        let end = layout.end(self.tail.index + 1);
        let file = inner.file()?;
        let path = file.path().to_owned();
        let length = file.metadata().map_err(Error::io(&path))?.len();
        if length < end {
            // An eighth more than needed, which costs nothing on disk until it is written: so that maps are few.
            let ahead = layout.end(self.tail.index + 1 + self.tail.index / 8);
            file.set_len(ahead).map_err(Error::io(&path))?;
        }
        self.tail.write(layout, file)?;
        let (rows, length) = (self.tail.rows as u32, self.tail.length);
        let (scan_sum, fine_sum) = (self.tail.sum(layout, Part::Scan), self.tail.sum(layout, Part::Fine));
        let entry = self.entry(&inner.snapshot, self.tail.index);
        (entry.rows, entry.length, entry.scan_sum, entry.fine_sum) = (rows, length, scan_sum, fine_sum);
        Ok(())
    }

    pub(crate) fn commit(&mut self, inner: &mut Inner, generation: u64) -> Result<(), Error> {
        self.finish_tail(inner)?;
        let old = inner.snapshot.clone();
        let layout = old.layout;
        let mut blocks = old.blocks.as_ref().clone();
        let sequence = old.header.sequence + 1;
        inner.stray.extend(self.entries.keys().filter(|&&index| index < blocks.len() as u32));
        let strays: Vec<u32> =
            inner.stray.iter().copied().filter(|index| !self.entries.contains_key(index)).collect();
        let file = inner.file()?;
        for index in strays {
            write_at(file, layout.entry(index, 1 - blocks[index as usize].which), &[0; ENTRY_BYTES])?;
        }
        for (&index, entry) in &mut self.entries {
            entry.sequence = sequence;
            let which = blocks.get(index as usize).map_or(0, |block| 1 - block.which);
            write_at(file, layout.entry(index, which), &entry.encode())?;
        }
        let path = file.path().to_owned();
        file.sync_data().map_err(Error::io(&path))?;
        for (&index, entry) in &self.entries {
            let grown = self.grown.binary_search(&index).is_ok();
            match blocks.get_mut(index as usize) {
                Some(block) => {
                    (block.which, block.live, block.entry) =
                        (1 - block.which, entry.live_rows(), entry.clone());
                    if grown {
                        block.checked = Arc::new(Checked::default());
                    }
                }
                None => blocks.push(Block {
                    map: inner.map_of(layout, index)?,
                    at: layout.block(index),
                    live: entry.live_rows(),
                    entry: entry.clone(),
                    which: 0,
                    stray: false,
                    checked: Arc::new(Checked::default()),
                }),
            }
        }
        let header = Header {
            sequence,
            generation,
            blocks: blocks.len() as u32,
            directory: Entry::sum(blocks.iter().map(|block| &block.entry)),
            ..old.header.as_ref().clone()
        };
        let file = inner.file()?;
        write_at(file, header_at(header.sequence), &header.encode())?;
        file.sync_data().map_err(Error::io(&path))?;
        inner.snapshot = Snapshot { header: Arc::new(header), blocks: Arc::new(blocks), ..old };
        inner.stray.clear();
        self.committed = true;
        Ok(())
    }
}

impl Inner {
    /// A map that covers a new block, and those that the file has room for after it.
    fn map_of(&mut self, layout: Layout, index: u32) -> Result<Arc<Map>, Error> {
        if let Some((_, map)) = self.room.as_ref().filter(|(blocks, _)| blocks.contains(&index)) {
            return Ok(Arc::clone(map));
        }
        let file = self.file()?;
        let length = file.metadata().map_err(Error::io(file.path()))?.len();
        let mut end = index + 1;
        while layout.end(end + 1) <= length {
            end += 1;
        }
        let map = Arc::new(Map::new(file, layout.block(index)..layout.end(end))?);
        self.room = Some((index..end, Arc::clone(&map)));
        Ok(map)
    }
}
