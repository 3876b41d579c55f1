//! [`compare`] turns a walk of a folder and what the database knows of it into [`ScanChanges`]: what was added,
//! changed, moved, gone and back. It opens no file.

use std::collections::HashMap;

use tintype_store::{FileId, KnownFolder, ScanChanges, SeenFile, SeenSidecar, Stat};

use crate::paths::is_under;
use crate::walk::{Walk, WalkedFolder};

/// What changed, with counts for people.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// To be applied to the store.
    pub(crate) changes: ScanChanges,
    /// Candidate files on disk.
    pub(crate) seen: u64,
    /// Side files with the files that they describe.
    pub(crate) sidecars: Vec<SeenSidecar>,
}

/// Compares disk and database. Known files below folders that could not be listed stay as they are.
///
/// A file at a new path with the inode, size and modification time (in nanoseconds) of one that is no longer at
/// its old path is the same file, moved: its hashes are still vouched for and it is not opened.
pub(crate) fn compare(mut walk: Walk, known: Vec<KnownFolder>) -> Comparison {
    let mut result = Comparison::default();
    let mut by_rel: HashMap<Vec<u8>, KnownFolder> =
        known.into_iter().map(|folder| (folder.rel.clone(), folder)).collect();
    let mut missing: Vec<(FileId, Stat)> = Vec::new();
    let mut fresh: Vec<SeenFile> = Vec::new();
    walk.folders.sort_unstable_by(|a, b| a.rel.cmp(&b.rel));
    for folder in walk.folders {
        result.seen += folder.files.len() as u64;
        pair_sidecars(&folder, &mut result.sidecars);
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

/// `IMG_1.CR2.xmp` describes `IMG_1.CR2`; `IMG_1.xmp` may describe any file `IMG_1.*` that has none of its own, so that a
/// change to it has them all read again; whose it is is decided then.
fn pair_sidecars(folder: &WalkedFolder, pairs: &mut Vec<SeenSidecar>) {
    if folder.sidecars.is_empty() {
        return;
    }
    let mut by_stem: HashMap<Vec<u8>, &(Box<[u8]>, Stat)> = HashMap::new();
    for sidecar in &folder.sidecars {
        by_stem.insert(sidecar.0[..sidecar.0.len() - 4].to_ascii_lowercase(), sidecar);
    }
    for (name, _) in &folder.files {
        let whole = name.to_ascii_lowercase();
        let stem = whole.iter().rposition(|byte| *byte == b'.').map_or(&whole[..], |dot| &whole[..dot]);
        if let Some((sidecar, stat)) = by_stem.get(&whole).or_else(|| by_stem.get(stem)) {
            pairs.push(SeenSidecar {
                folder: folder.rel.clone(),
                of: name.to_vec(),
                name: sidecar.to_vec(),
                size: stat.size,
                mtime_ns: stat.mtime_ns,
            });
        }
    }
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

#[cfg(test)]
mod tests {
    use tintype_core::{ErrorCode, Issue, Stage};
    use tintype_store::KnownFile;

    use super::*;

    fn stat(inode: u64, size: u64, mtime_ns: i64) -> Stat {
        Stat { size, mtime_ns, inode }
    }

    fn known(rel: &str, files: &[(i64, &str, Stat, bool)]) -> KnownFolder {
        let files = files.iter().map(|(id, name, stat, present)| KnownFile {
            id: FileId(*id),
            name: name.as_bytes().into(),
            stat: *stat,
            settled: true,
            present: *present,
        });
        let mut files: Vec<KnownFile> = files.collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        KnownFolder { rel: rel.as_bytes().to_vec(), files }
    }

    fn walked(rel: &str, files: &[(&str, Stat)]) -> WalkedFolder {
        let files = files.iter().map(|(name, stat)| (name.as_bytes().into(), *stat));
        WalkedFolder { rel: rel.as_bytes().to_vec(), files: files.collect(), sidecars: Vec::new() }
    }

    fn walk_of(folders: Vec<WalkedFolder>) -> Walk {
        Walk { folders, saw_anything: true, ..Walk::default() }
    }

    #[test]
    fn each_kind_of_change_is_found() {
        let database = vec![
            known(
                "",
                &[
                    (1, "same", stat(1, 10, 100), true),
                    (2, "touched", stat(2, 10, 100), true),
                    (3, "gone", stat(3, 10, 100), true),
                ],
            ),
            known("a", &[(4, "moved", stat(4, 10, 100), true), (5, "back", stat(5, 10, 100), false)]),
        ];
        let disk = walk_of(vec![
            walked("b", &[("new", stat(9, 1, 1)), ("renamed", stat(4, 10, 100))]),
            walked("a", &[("back", stat(5, 10, 100))]),
            walked("", &[("same", stat(1, 10, 100)), ("touched", stat(2, 10, 101))]),
        ]);
        let found = compare(disk, database);
        assert_eq!(found.seen, 5);
        let ids = |files: &[FileId]| files.iter().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!(ids(&found.changes.gone), [3]);
        assert_eq!(ids(&found.changes.back), [5]);
        assert_eq!(found.changes.changed, [(FileId(2), stat(2, 10, 101))]);
        assert_eq!(
            found.changes.moved.iter().map(|(id, file)| (id.0, file.name.clone())).collect::<Vec<_>>(),
            [(4, b"renamed".to_vec())]
        );
        assert_eq!(
            found.changes.added.iter().map(|file| file.name.clone()).collect::<Vec<_>>(),
            [b"new".to_vec()]
        );
    }

    #[test]
    fn nothing_below_a_closed_folder_is_gone() {
        let database = vec![
            known("closed", &[(1, "x", stat(1, 1, 1), true)]),
            known("closed/deep", &[(2, "y", stat(2, 1, 1), true)]),
            known("closed-not", &[(3, "z", stat(3, 1, 1), true)]),
        ];
        let mut disk = walk_of(Vec::new());
        disk.unreadable
            .push((b"closed".to_vec(), Issue::new(Stage::Read, ErrorCode::FileUnreadable, "closed")));
        let found = compare(disk, database);
        assert_eq!(found.changes.gone, [FileId(3)]);
    }

    #[test]
    fn side_files_find_what_they_describe() {
        let mut folder =
            walked("d", &[("a.cr2", stat(1, 1, 1)), ("A.JPG", stat(2, 1, 1)), ("b.jpg", stat(3, 1, 1))]);
        folder.sidecars = [("a.xmp", 5), ("A.JPG.XMP", 6), ("c.xmp", 7)]
            .into_iter()
            .map(|(name, size)| (name.as_bytes().into(), stat(9, size, 1)))
            .collect();
        let mut pairs = Vec::new();
        pair_sidecars(&folder, &mut pairs);
        let found: Vec<(&[u8], u64)> = pairs.iter().map(|pair| (pair.of.as_slice(), pair.size)).collect();
        assert_eq!(found, [(b"a.cr2".as_slice(), 5), (b"A.JPG".as_slice(), 6)]);
    }

    #[test]
    fn equal_inode_with_other_size_is_another_file() {
        let database = vec![known("", &[(1, "old", stat(7, 10, 100), true)])];
        let disk = walk_of(vec![walked("", &[("new", stat(7, 11, 100))])]);
        let found = compare(disk, database);
        assert_eq!(
            (found.changes.moved.len(), found.changes.added.len(), found.changes.gone.len()),
            (0, 1, 1)
        );
    }
}
