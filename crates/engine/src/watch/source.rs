//! [`Source`]: the kernel's notices of changes, and which folders there are.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Config, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::changes::Changes;

/// What became of a folder or of the notices.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    Watching(PathBuf),
    Offline(PathBuf),
    Online(PathBuf),
    /// Why there are no notices.
    Polling(String),
}

struct Folder {
    path: PathBuf,
    /// Device and inode: another disk at the same place is another folder.
    identity: Option<(u64, u64)>,
    is_known: bool,
}

pub(super) struct Source {
    watcher: Option<RecommendedWatcher>,
    folders: Vec<Folder>,
    /// Set by the thread of notices when it can watch no more.
    is_full: Arc<AtomicBool>,
    /// To be told at the next look.
    polling: Option<String>,
}

impl Source {
    /// Passes notices on to `changes`; without, there are none.
    pub(super) fn new(folders: &[PathBuf], changes: Option<&Arc<Changes>>) -> Self {
        let folders = folders
            .iter()
            .map(|path| Folder { path: path.clone(), identity: None, is_known: false })
            .collect();
        let is_full = Arc::new(AtomicBool::new(false));
        let mut source = Self { watcher: None, folders, is_full, polling: None };
        match changes.map(|changes| watcher(Arc::clone(changes), Arc::clone(&source.is_full))) {
            None => source.polling = Some("as asked".into()),
            Some(Ok(watcher)) => source.watcher = Some(watcher),
            Some(Err(error)) => source.polling = Some(error.to_string()),
        }
        source
    }

    /// Looks which folders are there, and watches those that are new.
    pub(super) fn look(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        if self.is_full.swap(false, Ordering::AcqRel) {
            self.give_up("the system's limit of watched folders is reached (fs.inotify.max_user_watches)");
        }
        for at in 0..self.folders.len() {
            let folder = &mut self.folders[at];
            let meta = std::fs::metadata(&folder.path).ok().filter(std::fs::Metadata::is_dir);
            let identity = meta.map(|meta| (meta.dev(), meta.ino()));
            if identity == folder.identity && folder.is_known {
                continue;
            }
            let (was_there, was_known) = (folder.identity.is_some(), folder.is_known);
            (folder.identity, folder.is_known) = (identity, true);
            let path = folder.path.clone();
            if was_there && let Some(watcher) = &mut self.watcher {
                watcher.unwatch(&path).ok(); // the kernel may have dropped it with the folder
            }
            if identity.is_none() {
                news.push(News::Offline(path));
                continue;
            }
            if was_known {
                news.push(News::Online(path.clone()));
            }
            match self.watcher.as_mut().map(|watcher| watcher.watch(&path, RecursiveMode::Recursive)) {
                None => {}
                Some(Ok(())) => news.push(News::Watching(path)),
                Some(Err(error)) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                    self.give_up(
                        "the system's limit of watched folders is reached (fs.inotify.max_user_watches)",
                    );
                }
                Some(Err(error)) => self.give_up(&error.to_string()),
            }
        }
        news.extend(self.polling.take().map(News::Polling));
        news
    }

    /// Half of the notices would be worse than none: they would look like all.
    fn give_up(&mut self, reason: &str) {
        if self.watcher.take().is_some() {
            self.polling = Some(reason.to_owned());
        }
    }
}

fn watcher(changes: Arc<Changes>, is_full: Arc<AtomicBool>) -> notify::Result<RecommendedWatcher> {
    let on_event = move |event: notify::Result<notify::Event>| match event {
        Ok(event) if event.need_rescan() => changes.all(Instant::now()),
        Ok(event) => {
            // Reading changes nothing; and we read every new file.
            let is_reading = matches!(&event.kind, EventKind::Access(kind)
                if !matches!(kind, AccessKind::Close(AccessMode::Write)));
            if !is_reading {
                let now = Instant::now();
                event.paths.iter().for_each(|path| changes.at(path, now));
            }
        }
        Err(error) => {
            if matches!(error.kind, ErrorKind::MaxFilesWatch) {
                is_full.store(true, Ordering::Release);
            }
            changes.all(Instant::now());
        }
    };
    RecommendedWatcher::new(on_event, Config::default().with_follow_symlinks(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("photos");
        fs_err::create_dir(&path).unwrap();
        let changes = Arc::new(Changes::new(vec![path.clone()], dir.path().join("data")));
        let mut source = Source::new(std::slice::from_ref(&path), Some(&changes));
        let watching = || News::Watching(path.clone());
        assert_eq!(source.look(), [watching()]);
        assert_eq!(source.look(), []);
        fs_err::rename(&path, dir.path().join("away")).unwrap();
        assert_eq!(source.look(), [News::Offline(path.clone())]);
        assert_eq!(source.look(), []);
        fs_err::rename(dir.path().join("away"), &path).unwrap();
        assert_eq!(source.look(), [News::Online(path.clone()), watching()]);
        // The limit of the system, reported by the thread of notices.
        source.is_full.store(true, Ordering::Release);
        assert!(matches!(source.look().as_slice(), [News::Polling(reason)] if reason.contains("limit")));
        assert_eq!(source.look(), [], "said once");
        let mut polling = Source::new(std::slice::from_ref(&path), None);
        assert!(matches!(polling.look().as_slice(), [News::Polling(_)]));
    }
}
