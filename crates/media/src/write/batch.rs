//! Many writes at once: the disk is waited for once for many files, not twice for each.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

use tintype_core::ErrorCode;

use super::disk::{self, Staged};
use super::{Expected, MetadataEdit, Place, WriteOptions, Written, prepare};
use crate::{Error, Inspected};

/// Files that are flushed together. As many again are written meanwhile, so that up to twice as many old and new files
/// share the disk for a moment. More are flushed in less time each, but the last ones of a batch are waited for with
/// nothing else to do.
const FILES_AT_ONCE: usize = 25;
/// Threads that read, edit and write.
const MAX_WORKING: usize = 4;
/// Threads that wait for the disk: flushing a file and freeing the room of an old one take 3 to 5 ms each (ext4 on a
/// virtual disk), and a disk does many at once.
const MAX_WAITING: usize = 8;

/// New files, whole but for flushing and renaming. Dropped, they are removed.
pub(super) struct Prepared {
    pub(super) place: Place,
    /// The photo's file as it will be.
    pub(super) inspected: Inspected,
    pub(super) aside: Option<String>,
    /// The photo's new file first, then that of its side file, where they have to change.
    pub(super) staged: Vec<Staged>,
}

impl Prepared {
    /// Flushes and renames, to the disk.
    pub(super) fn finish(self) -> Result<Written, Error> {
        self.flush()?;
        let (written, folders) = self.commit()?;
        folders.iter().try_for_each(|folder| disk::flush_folder(folder))?;
        Ok(written)
    }

    fn flush(&self) -> Result<(), Error> {
        self.staged.iter().try_for_each(Staged::flush)
    }

    fn commit(self) -> Result<(Written, Vec<PathBuf>), Error> {
        let Self { place, inspected, aside, staged } = self;
        let changed = !staged.is_empty();
        let folders = staged.into_iter().map(Staged::commit).collect::<Result<Vec<_>, Error>>()?;
        Ok((Written { place, changed, inspected, aside }, folders))
    }
}

/// One file of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchEdit {
    /// The file.
    pub path: PathBuf,
    /// What to change.
    pub edit: MetadataEdit,
    /// What the caller believes the file to hold; with something else nothing is written.
    pub expected: Option<Expected>,
}

impl BatchEdit {
    /// An edit of a file whatever it holds now.
    pub fn new(path: PathBuf, edit: MetadataEdit) -> Self {
        Self { path, edit, expected: None }
    }
}

/// Does what [`write_metadata`](super::write_metadata) does for many files, in a fraction of the time. The outcomes are
/// in the order of the edits; one that fails does not keep the others.
pub fn write_batch(edits: &[BatchEdit], options: &WriteOptions) -> Vec<Result<Written, Error>> {
    let mut outcomes = Vec::with_capacity(edits.len());
    let mut rest = edits;
    while !rest.is_empty() {
        // Two edits of one file cannot be prepared from the same old one.
        let mut seen = std::collections::HashSet::new();
        let len = rest.iter().take_while(|one| seen.insert(&one.path)).count();
        let (now, later) = rest.split_at(len);
        outcomes.extend(write_different(now, options));
        rest = later;
    }
    outcomes
}

/// Writes different files: while some are brought to the disk, the next ones are read, edited and checked.
fn write_different(edits: &[BatchEdit], options: &WriteOptions) -> Vec<Result<Written, Error>> {
    let own = |one: &BatchEdit| WriteOptions { expected: one.expected, ..options.clone() };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let prepare_together = |edits: &[BatchEdit]| {
        on_threads(processors.min(MAX_WORKING), edits.iter().collect(), |one: &BatchEdit| {
            prepare(&one.path, &one.edit, &own(one))
        })
    };
    let mut outcomes = Vec::with_capacity(edits.len());
    std::thread::scope(|scope| {
        // Without room: no more than one group waits while another is flushed.
        let (to_disk, prepared) = mpsc::sync_channel::<(&[BatchEdit], Vec<_>)>(0);
        let flush_all = move || {
            prepared.iter().flat_map(|(edits, files)| bring_to_disk(edits, files)).collect::<Vec<_>>()
        };
        let flusher = std::thread::Builder::new().name("metadata-flusher".to_owned());
        let flusher = flusher.spawn_scoped(scope, flush_all);
        for edits in edits.chunks(FILES_AT_ONCE) {
            // Where no thread is to be had nobody takes it, and it comes back.
            if let Err(mpsc::SendError((edits, files))) = to_disk.send((edits, prepare_together(edits))) {
                outcomes.extend(bring_to_disk(edits, files));
            }
        }
        drop(to_disk);
        match flusher.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(flushed)) => outcomes.extend(flushed),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_no_thread) => {}
        }
    });
    for (outcome, one) in outcomes.iter_mut().zip(edits) {
        // The room that the others took for a moment is free again.
        if edits.len() > 1 && outcome.as_ref().is_err_and(|error| error.code() == ErrorCode::StorageFull) {
            *outcome = super::write_metadata(&one.path, &one.edit, &own(one));
        }
    }
    outcomes
}

/// Flushes and renames the files of some edits, to the disk.
fn bring_to_disk(edits: &[BatchEdit], prepared: Vec<Result<Prepared, Error>>) -> Vec<Result<Written, Error>> {
    Staged::flush_all(prepared.iter().flatten().flat_map(|prepared| &prepared.staged));
    let committed = on_threads(MAX_WAITING, prepared, |prepared: Result<Prepared, Error>| {
        let prepared = prepared?;
        prepared.flush()?;
        prepared.commit()
    });
    let (mut folders, mut outcomes) = (Vec::new(), Vec::with_capacity(edits.len()));
    for outcome in committed {
        outcomes.push(outcome.map(|(written, changed)| {
            folders.extend(changed);
            written
        }));
    }
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        if let Err(Error::Unwritable { path, source }) = disk::flush_folder(&folder) {
            // Renamed, but not for certain on the disk: whoever asked has to ask again.
            for (outcome, one) in outcomes.iter_mut().zip(edits) {
                if outcome.is_ok() && one.path.parent() == Some(&folder) {
                    let source = std::io::Error::new(source.kind(), source.to_string());
                    *outcome = Err(Error::Unwritable { path: path.clone(), source });
                }
            }
        }
    }
    outcomes
}

/// Works on every item with at most so many threads, this one among them. The results are in the order of the items.
fn on_threads<T: Send, R: Send>(threads: usize, items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len());
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let waiting = Mutex::new(items.into_iter().enumerate());
    let drain = || {
        loop {
            let next = locked(&waiting).next();
            let Some((i, item)) = next else { break };
            let result = work(item);
            locked(&done).push((i, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            let builder = std::thread::Builder::new().name("metadata-writer".to_owned());
            // Where no more threads are to be had, this one does all the work.
            let _ = builder.spawn_scoped(scope, drain);
        }
        drain();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(i, _result)| *i);
    done.into_iter().map(|(_i, result)| result).collect()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
