//! Removing folders that nothing is left in, when asked to.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, unlinkat};
use tintype_core::Control;

use crate::Result;
use crate::engine::Engine;
use crate::walk::is_walked_folder;

/// Deeper than any photo library, and shallow enough for the stack and for open directories.
const MAX_DEPTH: usize = 100;

impl Engine {
    /// Removes folders below `folders` in which there is nothing at all, deepest first, and returns how many. The
    /// folders themselves, library roots, hidden folders and those of other programs stay, with all in them; links
    /// are not followed. The kernel refuses to remove a folder into which a file was put meanwhile.
    pub fn remove_empty_folders(&self, folders: &[PathBuf], control: &Control) -> Result<u64> {
        let roots: Vec<PathBuf> = self.store().roots()?.into_iter().map(|root| root.path).collect();
        let mut removal = Removal { keep: roots, control, removed: 0 };
        removal.keep.extend(folders.iter().cloned());
        removal.keep.push(self.config().data_dir.clone());
        for folder in folders {
            // A folder that cannot be listed keeps what it has.
            if let Ok(dir) = openat(CWD, folder, FOLDER - OFlags::NOFOLLOW, Mode::empty()) {
                removal.clean(&dir, folder, 0);
            }
        }
        Ok(removal.removed)
    }
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW);

struct Removal<'a> {
    keep: Vec<PathBuf>,
    control: &'a Control,
    removed: u64,
}

impl Removal<'_> {
    /// Removes what is empty below the open folder `dir` at `path`.
    fn clean(&mut self, dir: &std::os::fd::OwnedFd, path: &Path, depth: usize) {
        let Ok(entries) = Dir::read_from(dir) else { return };
        let names = entries.flatten().filter(|entry| {
            // Where the file system does not say what it is, opening it as a folder will.
            matches!(entry.file_type(), FileType::Directory | FileType::Unknown)
        });
        let names: Vec<_> = names.map(|entry| entry.file_name().to_owned()).collect();
        for name in names {
            let bytes = name.to_bytes();
            if self.control.requested().is_some() || depth >= MAX_DEPTH {
                return;
            }
            if bytes == b"." || bytes == b".." || !is_walked_folder(bytes) {
                continue;
            }
            let child_path = path.join(OsStr::from_bytes(bytes));
            if self.keep.contains(&child_path) {
                continue;
            }
            let Ok(child) = openat(dir, &name, FOLDER, Mode::empty()) else { continue };
            self.clean(&child, &child_path, depth + 1);
            // It fails, as it should, unless the folder is empty at this very moment.
            if unlinkat(dir, &name, AtFlags::REMOVEDIR).is_ok() {
                self.removed += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineConfig;

    #[test]
    fn only_what_is_truly_empty_goes() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs_err::canonicalize(dir.path()).unwrap().join("photos");
        for folder in [
            "a/b/c",
            "kept/empty",
            "hidden/.git/refs",
            "@eaDir/x",
            "other",
            "data/backups",
            "links",
            "inner/root",
        ] {
            fs_err::create_dir_all(root.join(folder)).unwrap();
        }
        fs_err::write(root.join("kept/one.jpg"), "x").unwrap();
        std::os::unix::fs::symlink(root.join("other"), root.join("links/other")).unwrap();
        let engine = Engine::open(EngineConfig::new(root.join("data"))).unwrap();
        engine.store().ensure_root(&root).unwrap();
        engine.store().ensure_root(&root.join("inner/root")).unwrap();
        let clean = || engine.remove_empty_folders(std::slice::from_ref(&root), &Control::new()).unwrap();
        // a/b/c, a/b, a, kept/empty, other
        assert_eq!(clean(), 5);
        for kept in ["kept/one.jpg", "hidden/.git/refs", "@eaDir/x", "data/backups", "inner/root"] {
            assert!(root.join(kept).exists(), "{kept}");
        }
        assert!(root.join("links/other").is_symlink());
        assert_eq!(clean(), 0);
        fs_err::create_dir(root.join("late")).unwrap();
        let stopped = Control::new();
        stopped.request(tintype_core::Stop::Interrupt);
        assert_eq!(engine.remove_empty_folders(std::slice::from_ref(&root), &stopped).unwrap(), 0);
        assert!(root.join("late").exists());
    }
}
