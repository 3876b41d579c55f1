//! [`compare`] turns a walk of a folder and what the database knows of it into [`ScanChanges`]: what was added,
//! changed, moved, gone and back. It opens no file.

use std::collections::HashMap;

use tintype_store::{FileId, KnownFolder, ScanChanges, SeenFile, Stat};

use crate::paths::is_under;
use crate::walk::Walk;

/// What changed, with counts for people.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// To be applied to the store.
    pub(crate) changes: ScanChanges,
    /// Candidate files on disk.
    pub(crate) seen: u64,
}

impl Comparison {
    /// Whether there is nothing to apply.
    pub(crate) fn is_empty(&self) -> bool {
        let c = &self.changes;
        c.added.is_empty() && c.changed.is_empty() && c.moved.is_empty() && c.gone.is_empty() && c.back.is_empty()
    }
}

/// Compares disk and database. Known files below folders that could not be listed stay as they are.
///
/// A file at a new path with the inode, size and modification time (in nanoseconds) of one that is no longer at
/// its old path is the same file, moved: its hashes are still vouched for and it is not opened.
pub(crate) fn compare(mut walk: Walk, known: Vec<KnownFolder>) -> Comparison {
    let mut result = Comparison::default();
    let mut by_rel: HashMap<Vec<u8>, KnownFolder> = known.into_iter().map(|folder| (folder.rel.clone(), folder)).collect();
    let mut missing: Vec<(FileId, Stat)> = Vec::new();
    let mut fresh: Vec<SeenFile> = Vec::new();
    walk.folders.sort_unstable_by(|a, b| a.rel.cmp(&b.rel));
    for folder in walk.folders {
        result.seen += folder.files.len() as u64;
        let known = by_rel.remove(&folder.rel).map(|known| known.files).unwrap_or_default();
        let mut known = known.into_iter().peekable();
        for (name, stat) in folder.files {
            while let Some(gone) = known.next_if(|file| file.name < name) {
                if gone.present {
                    missing.push((gone.id, gone.stat));
                }
            }
            match known.next_if(|file| file.name == name) {
                Some(file) if file.stat.size == stat.size && file.stat.mtime_ns == stat.mtime_ns => {
                    if !file.present {
                        result.changes.back.push(file.id);
                    }
                }
                Some(file) => result.changes.changed.push((file.id, stat)),
                None => fresh.push(SeenFile { folder: folder.rel.clone(), name: name.into_vec(), stat }),
            }
        }
        missing.extend(known.filter(|file| file.present).map(|file| (file.id, file.stat)));
    }
    let unreadable: Vec<&[u8]> = walk.unreadable.iter().map(|(rel, _)| rel.as_slice()).collect();
    let mut left: Vec<KnownFolder> = by_rel.into_values().collect();
    left.sort_unstable_by(|a, b| a.rel.cmp(&b.rel));
    for folder in left {
        if !unreadable.iter().any(|closed| is_under(&folder.rel, closed)) {
            missing.extend(folder.files.iter().filter(|file| file.present).map(|file| (file.id, file.stat)));
        }
    }
    pair_moves(missing, fresh, &mut result.changes);
    result
}

fn pair_moves(missing: Vec<(FileId, Stat)>, fresh: Vec<SeenFile>, changes: &mut ScanChanges) {
    let identity = |stat: &Stat| (stat.inode, stat.size, stat.mtime_ns);
    let mut vanished: HashMap<(u64, u64, i64), FileId> = HashMap::with_capacity(missing.len());
    for (id, stat) in &missing {
        if stat.inode != 0 {
            vanished.insert(identity(stat), *id);
        }
    }
    let mut moved = std::collections::HashSet::new();
    for file in fresh {
        if let Some(id) = vanished.remove(&identity(&file.stat)) {
            moved.insert(id);
            changes.moved.push((id, file));
        } else {
            changes.added.push(file);
        }
    }
    changes.gone.extend(missing.into_iter().map(|(id, _)| id).filter(|id| !moved.contains(id)));
}
