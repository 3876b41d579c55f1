//! [`Changes`]: where something changed and since when, in as much memory as there are folders.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::walk::is_walked_folder;

/// A folder in which something changes all the time is looked at after so long.
const AT_LATEST: Duration = Duration::from_secs(30);

/// Shared between whoever hears of changes and whoever looks at them.
pub(super) struct Changes {
    data_dir: PathBuf,
    folders: Mutex<Vec<Folder>>,
}

struct Folder {
    path: PathBuf,
    change: Option<Change>,
}

struct Change {
    /// The folder below which everything that changed lies.
    within: PathBuf,
    first: Instant,
    last: Instant,
    is_due: bool,
}

impl Changes {
    pub(super) fn new(folders: Vec<PathBuf>, data_dir: PathBuf) -> Self {
        let folders = folders.into_iter().map(|path| Folder { path, change: None }).collect();
        Self { data_dir, folders: Mutex::new(folders) }
    }

    fn folders(&self) -> MutexGuard<'_, Vec<Folder>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened at `path`.
    pub(super) fn at(&self, path: &Path, now: Instant) {
        if path.starts_with(&self.data_dir) {
            return;
        }
        let mut folders = self.folders();
        let holder = folders.iter_mut().filter(|folder| path.starts_with(&folder.path));
        let Some(folder) = holder.max_by_key(|folder| folder.path.as_os_str().len()) else { return };
        let Ok(rel) = path.strip_prefix(&folder.path) else { return };
        // Other programs' folders, and files that are being written under another name: ours begin with a dot.
        let is_walked = rel.components().all(|part| match part {
            Component::Normal(name) => is_walked_folder(name.as_bytes()),
            _ => false,
        });
        if !is_walked {
            return;
        }
        let within = if rel.as_os_str().is_empty() { path } else { path.parent().unwrap_or(path) };
        folder.note(within, now);
    }

    /// Something may have happened anywhere.
    pub(super) fn all(&self, now: Instant) {
        for folder in self.folders().iter_mut() {
            let path = folder.path.clone();
            folder.note(&path, now);
        }
    }

    /// It is time to look everywhere.
    pub(super) fn all_due(&self) {
        self.all(Instant::now());
        for folder in self.folders().iter_mut() {
            if let Some(change) = &mut folder.change {
                change.is_due = true;
            }
        }
    }

    /// The folders to look at now: those in which nothing has changed for `settle`, or something for too long. Of
    /// what is gone, the folder in which it was.
    pub(super) fn take_due(&self, now: Instant, settle: Duration) -> Vec<PathBuf> {
        let mut due = Vec::new();
        for folder in self.folders().iter_mut() {
            let is_due = folder.change.as_ref().is_some_and(|change| {
                change.is_due
                    || now.duration_since(change.last) >= settle
                    || now.duration_since(change.first) >= AT_LATEST
            });
            if is_due && let Some(change) = folder.change.take() {
                due.push((folder.path.clone(), change.within));
            }
        }
        let nearest = |(folder, mut within): (PathBuf, PathBuf)| {
            while within != folder && !within.is_dir() {
                within.pop();
            }
            within
        };
        due.into_iter().map(nearest).collect()
    }
}

impl Folder {
    fn note(&mut self, within: &Path, now: Instant) {
        match &mut self.change {
            None => {
                self.change =
                    Some(Change { within: within.to_path_buf(), first: now, last: now, is_due: false });
            }
            Some(change) => {
                change.last = now;
                while !within.starts_with(&change.within) {
                    change.within.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);

    fn changes(root: &Path) -> Changes {
        for folder in ["a/b", "a/c", "other"] {
            fs_err::create_dir_all(root.join(folder)).unwrap();
        }
        Changes::new(vec![root.join("a"), root.join("other")], root.join("a/data"))
    }

    #[test]
    fn a_folder_is_due_when_it_is_quiet_or_never_quiet() {
        let dir = tempfile::tempdir().unwrap();
        let (root, start) = (dir.path(), Instant::now());
        let changes = changes(root);
        assert!(changes.take_due(start, SETTLE).is_empty());
        changes.at(&root.join("a/b/x.jpg"), start);
        assert!(changes.take_due(start + Duration::from_secs(1), SETTLE).is_empty());
        assert_eq!(changes.take_due(start + SETTLE, SETTLE), [root.join("a/b")]);
        assert!(changes.take_due(start + SETTLE, SETTLE).is_empty(), "once");
        for second in 0..30 {
            changes.at(&root.join("a/b/x.jpg"), start + Duration::from_secs(second));
            assert!(changes.take_due(start + Duration::from_secs(second), SETTLE).is_empty());
        }
        assert_eq!(changes.take_due(start + Duration::from_secs(30), SETTLE), [root.join("a/b")]);
    }

    #[test]
    fn what_lies_apart_is_looked_at_from_above() {
        let dir = tempfile::tempdir().unwrap();
        let (root, now) = (dir.path(), Instant::now());
        let changes = changes(root);
        changes.at(&root.join("a/b/x.jpg"), now);
        changes.at(&root.join("a/c/x.jpg"), now);
        changes.at(&root.join("other/y.jpg"), now);
        assert_eq!(changes.take_due(now + SETTLE, SETTLE), [root.join("a"), root.join("other")]);
        changes.at(&root.join("a/gone/deep/x.jpg"), now);
        assert_eq!(changes.take_due(now + SETTLE, SETTLE), [root.join("a")]);
        changes.all_due();
        assert_eq!(changes.take_due(now, SETTLE).len(), 2);
    }

    #[test]
    fn what_is_never_indexed_wakes_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let (root, now) = (dir.path(), Instant::now());
        let changes = changes(root);
        for path in ["a/.x.jpg.tmp", "a/.git/x", "a/@eaDir/x.jpg", "a/data/tintype.db-wal", "elsewhere/x.jpg"]
        {
            changes.at(&root.join(path), now);
        }
        assert!(changes.take_due(now + AT_LATEST, SETTLE).is_empty());
    }
}
