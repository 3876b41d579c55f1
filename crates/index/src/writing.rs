//! Writing: batches that append, replace and delete; compaction; building from nothing.

mod batch;
mod builder;
mod tail;

use std::collections::{BTreeSet, HashMap};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::{File, OpenOptions};

use crate::basis::Basis;
use crate::code::{Encoder, Shape};
use crate::error::Error;
use crate::file::{Entry, HEADER_BYTES, Header, Layout, Map, checksum, sync_folder};
use crate::identity::Identity;
use crate::opening;
use crate::snapshot::{Snapshot, slot};

pub use batch::Batch;
pub(crate) use batch::Changes;
pub use builder::Builder;

/// The seed of every file's rotation. Any number serves; one that is always the same makes files repeatable.
const SEED: u64 = 0x7453_1e00_c0de;
/// Compact when more than one row in so many is dead …
const DEAD_SHARE: usize = 4;
/// … of at least so many.
const DEAD_FLOOR: usize = 4096;

/// The writer's side of an index.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) snapshot: Snapshot,
    /// Where each key lies; made when first needed.
    slots: Option<HashMap<u64, u32>>,
    /// The file, opened for writing when first needed.
    file: Option<File>,
    /// The last part of the file that was mapped, with the blocks it has room for.
    room: Option<(std::ops::Range<u32>, Arc<Map>)>,
    /// Blocks whose unused directory entry may come from a commit that did not get as far as its header. The next
    /// commit, which takes the same sequence, has to wipe them or they would count.
    stray: BTreeSet<u32>,
}

impl Inner {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        let stray =
            (0..).zip(snapshot.blocks.iter()).filter(|(_, block)| block.stray).map(|(index, _)| index);
        Self { stray: stray.collect(), snapshot, slots: None, file: None, room: None }
    }

    /// An empty index in a new file at `path`, which must not be there.
    fn create(path: &Path, identity: &Identity, mean: Vec<f32>, basis: Option<Basis>) -> Result<Self, Error> {
        identity.check()?;
        let reflectors = basis.as_ref().map_or(&[][..], Basis::reflectors);
        let shape = Shape::new(identity.dimension, reflectors.len() / identity.dimension);
        let bytes: Vec<u8> = mean.iter().chain(reflectors).flat_map(|value| value.to_le_bytes()).collect();
        let header = Header {
            identity: identity.clone(),
            sequence: 0,
            generation: 0,
            file: fresh_number(path),
            seed: SEED,
            basis: checksum(&[&bytes]),
            directory: Entry::sum(std::iter::empty()),
            blocks: 0,
            head: shape.head as u32,
        };
        let layout = Layout { shape };
        let mut file =
            OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(Error::io(path))?;
        file.set_len(layout.end(0)).map_err(Error::io(path))?;
        write_at(&mut file, 0, &header.encode())?;
        write_at(&mut file, Layout::BASIS, &bytes)?;
        let snapshot = Snapshot {
            path: Arc::new(path.to_owned()),
            encoder: Arc::new(Encoder::new(shape, mean, basis, header.seed)),
            header: Arc::new(header),
            layout,
            blocks: Arc::new(Vec::new()),
        };
        Ok(Self { slots: Some(HashMap::new()), file: Some(file), ..Self::new(snapshot) })
    }

    fn path(&self) -> &Path {
        &self.snapshot.path
    }

    /// Where each key lies.
    fn slots(&mut self) -> Result<&mut HashMap<u64, u32>, Error> {
        if self.slots.is_none() {
            let mut slots = HashMap::with_capacity(self.snapshot.len());
            for index in 0..self.snapshot.blocks.len() {
                self.snapshot.for_each_key(index, |row, key| {
                    slots.insert(key, slot(index, row));
                })?;
            }
            self.slots = Some(slots);
        }
        Ok(self.slots.get_or_insert_default())
    }

    /// The file, open for writing.
    fn file(&mut self) -> Result<&mut File, Error> {
        if self.file.is_none() {
            let path = self.path();
            let file = OpenOptions::new().read(true).write(true).open(path).map_err(Error::io(path))?;
            self.file = Some(file);
        }
        self.file.as_mut().ok_or(Error::Full)
    }

    fn wants_compaction(&self) -> bool {
        let (dead, live) = (self.snapshot.dead(), self.snapshot.len());
        dead + live >= DEAD_FLOOR && dead * DEAD_SHARE > dead + live
    }

    /// Writes the live rows to a new file and puts it in the old one's place.
    pub(crate) fn compact(&mut self) -> Result<(), Error> {
        let path = self.path().to_owned();
        let temporary = Temporary::beside(&path)?;
        let old = &self.snapshot;
        let (mean, basis) = (old.encoder.mean.clone(), old.encoder.basis.clone());
        let mut new = Self::create(&temporary.0, old.identity(), mean, basis)?;
        let mut changes = Changes::new(&new)?;
        for index in 0..old.blocks.len() {
            changes.copy_block(&mut new, old, index)?;
        }
        let commit = changes.commit(&mut new, old.generation());
        commit?;
        *self = temporary.into_place(new, &path)?;
        Ok(())
    }
}

/// A name beside a path, whose file is removed again unless it is put in the path's place.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    /// Makes the folder where needed, and removes what a process that died left under this name: the write lock is
    /// held, so nobody is writing it.
    pub(crate) fn beside(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder).map_err(Error::io(path))?;
        }
        let temporary = path.with_added_extension("new");
        match fs_err::remove_file(&temporary) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io(&temporary)(error)),
            _ => Ok(Self(temporary)),
        }
    }

    #[cfg(feature = "hnsw")]
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Renames the finished index and opens it there.
    fn into_place(self, mut inner: Inner, path: &Path) -> Result<Inner, Error> {
        let mut file = match inner.file.take() {
            Some(file) => file,
            None => File::open(&self.0).map_err(Error::io(&self.0))?,
        };
        file.sync_all().map_err(Error::io(&self.0))?;
        fs_err::rename(&self.0, path).map_err(Error::io(path))?;
        sync_folder(path)?;
        let mut snapshot = opening::snapshot(&mut file, inner.snapshot.header.as_ref().clone())?;
        snapshot.path = Arc::new(path.to_owned());
        Ok(Inner { slots: inner.slots.take(), ..Inner::new(snapshot) })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already once it is in place; and if it cannot be removed, the next writer tries again.
        let _ = fs_err::remove_file(&self.0);
    }
}

/// Keeps other processes from writing the index. Released by the system if this process dies.
#[derive(Debug)]
pub(crate) struct WriteLock {
    _file: File,
}

impl WriteLock {
    /// Takes the lock of the file that the snapshot is of.
    pub(crate) fn take(snapshot: &Snapshot) -> Result<Self, Error> {
        let lock = Self::at(&snapshot.path)?;
        let path = snapshot.path.as_path();
        let mut file = File::open(path).map_err(Error::io(path))?;
        let same = opening::header(&mut file)?.is_ok_and(|header| header == *snapshot.header);
        if same { Ok(lock) } else { Err(Error::Changed { path: path.to_owned() }) }
    }

    /// Takes the lock of a path, whatever is there.
    pub(crate) fn at(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder).map_err(Error::io(path))?;
        }
        let name = path.with_added_extension("lock");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&name)
            .map_err(Error::io(&name))?;
        match file.file().try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned() }),
            Err(std::fs::TryLockError::Error(error)) => Err(Error::io(&name)(error)),
        }
    }
}

fn write_at(file: &mut File, at: u64, bytes: &[u8]) -> Result<(), Error> {
    let written = file.seek(SeekFrom::Start(at)).and_then(|_| file.write_all(bytes));
    written.map_err(Error::io(file.path()))
}

/// Where the header with this sequence goes: the page that the one before is not in.
fn header_at(sequence: u64) -> u64 {
    sequence % 2 * HEADER_BYTES as u64
}

/// A number that tells files apart.
fn fresh_number(path: &Path) -> u64 {
    let now = tintype_core::clock::now_ms().to_le_bytes();
    let count = {
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_le_bytes()
    };
    checksum(&[&now, &count, &std::process::id().to_le_bytes(), path.as_os_str().as_encoded_bytes()])
}
