//! [`walk`] lists the candidate files under a folder with their sizes and times, in parallel, without opening
//! any of them: one directory handle and one `fstatat` per entry, which is the least a rescan can cost.
//!
//! Links are never followed: a link inside a library may point anywhere, and nothing outside the roots is ever
//! read (INV-7); loops cannot happen.

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use tintype_core::{Control, ErrorCode, Issue, Stage};
use tintype_store::Stat;

/// One directory with its candidate files.
#[derive(Debug)]
pub(crate) struct WalkedFolder {
    /// Path relative to the root, `/`-separated bytes; empty for the root itself.
    pub(crate) rel: Vec<u8>,
    /// Candidate files, sorted by name.
    pub(crate) files: Vec<(Box<[u8]>, Stat)>,
    /// XMP files: they describe others.
    pub(crate) sidecars: Vec<(Box<[u8]>, Stat)>,
}

/// Everything a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Directories that hold candidates, in no particular order.
    pub(crate) folders: Vec<WalkedFolder>,
    /// Directories that could not be listed; what is known below them must be left as it is.
    pub(crate) unreadable: Vec<(Vec<u8>, Issue)>,
    /// Whether any entry at all, candidate or not, was seen.
    pub(crate) saw_anything: bool,
    /// Files that a process of ours was writing when it died, or is writing now.
    pub(crate) unfinished: Vec<PathBuf>,
}

/// Names of folders that hold other programs' caches and system files, never a person's photos.
const IGNORED_FOLDERS: &[&[u8]] =
    &[b"@eaDir", b"#recycle", b"$RECYCLE.BIN", b"System Volume Information", b"lost+found", b"node_modules"];

/// Extensions of files that are certainly no picture. Everything else is looked at once, because the content
/// and not the name decides; only the answer is remembered.
#[rustfmt::skip] // a list of words, not one a line
const OTHER_EXTENSIONS: &[&str] = &[
    "txt", "md", "csv", "tsv", "json", "jsonl", "xml", "html", "htm", "css", "js", "ts", "yaml", "yml",
    "toml", "ini", "log", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "zip", "gz",
    "xz", "zst", "tar", "7z", "rar", "iso", "exe", "dll", "so", "msi", "dmg", "apk", "deb", "rpm", "py",
    "rs", "c", "h", "cpp", "java", "sh", "bat", "lnk", "url", "db", "sqlite", "sqlite3", "plist", "aae",
    "thm", "ctg", "mp3", "wav", "flac", "m4a", "ogg", "aac", "wma", "srt", "vtt", "nfo", "pp3", "dop",
    "cos", "npz", "npy", "onnx", "pt", "mat", "lrcat", "lrprev", "lock", "tmp", "part", "crdownload",
    "svg", "eps", "ai", "ttf", "otf", "xmp", "tintype",
];

/// Whether a file of this name describes another.
fn is_sidecar(name: &[u8]) -> bool {
    name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(b".xmp") && name[0] != b'.'
}

/// Whether a file of this name may hold a picture or a film.
pub(crate) fn is_candidate(name: &[u8]) -> bool {
    if name.first() == Some(&b'.') {
        return false;
    }
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else { return true };
    let extension = &name[dot + 1..];
    // Nearly every file of a library; a rescan asks this of each.
    if extension.eq_ignore_ascii_case(b"jpg") {
        return true;
    }
    !OTHER_EXTENSIONS.iter().any(|other| extension.eq_ignore_ascii_case(other.as_bytes()))
}

pub(crate) fn is_walked_folder(name: &[u8]) -> bool {
    name.first() != Some(&b'.') && !IGNORED_FOLDERS.contains(&name)
}

/// Lists `root/under` and everything below it on `threads` threads. `skip` is a folder to leave out (the data
/// directory). Stops early, with what it has, when `control` asks; the caller must then discard the result.
pub(crate) fn walk(
    root: &Path,
    under: &[u8],
    skip: Option<&Path>,
    threads: usize,
    control: &Control,
) -> Walk {
    let start = Task { path: crate::paths::join(root, under), rel: under.to_vec() };
    let queue = Mutex::new(vec![start]);
    let pending = AtomicUsize::new(1);
    let result = Mutex::new(Walk::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut mine = Walk::default();
                while pending.load(Ordering::Acquire) > 0 && control.requested().is_none() {
                    let task = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
                    let Some(task) = task else {
                        std::thread::yield_now();
                        continue;
                    };
                    let mut children = Vec::new();
                    list(&task, skip, &mut mine, &mut children);
                    pending.fetch_add(children.len(), Ordering::AcqRel);
                    if !children.is_empty() {
                        queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).append(&mut children);
                    }
                    pending.fetch_sub(1, Ordering::AcqRel);
                }
                let mut all = result.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                all.folders.append(&mut mine.folders);
                all.unreadable.append(&mut mine.unreadable);
                all.unfinished.append(&mut mine.unfinished);
                all.saw_anything |= mine.saw_anything;
            });
        }
    });
    result.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Task {
    path: PathBuf,
    rel: Vec<u8>,
}

fn list(task: &Task, skip: Option<&Path>, walk: &mut Walk, children: &mut Vec<Task>) {
    if let Err(error) = try_list(task, skip, walk, children) {
        let code = if error == rustix::io::Errno::NOENT {
            ErrorCode::FileVanished
        } else {
            ErrorCode::FileUnreadable
        };
        let detail = format!("{}: {error}", task.path.display());
        walk.unreadable.push((task.rel.clone(), Issue::new(Stage::Read, code, detail)));
    }
}

fn try_list(
    task: &Task,
    skip: Option<&Path>,
    walk: &mut Walk,
    children: &mut Vec<Task>,
) -> rustix::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    // The starting folder itself may be a link: the user named it.
    let flags = if task.rel.is_empty() { flags - OFlags::NOFOLLOW } else { flags };
    let handle = rustix::fs::openat(CWD, &task.path, flags, Mode::empty())?;
    let (mut files, mut sidecars) = (Vec::new(), Vec::new());
    for entry in Dir::read_from(&handle)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        walk.saw_anything = true;
        let bytes = name.to_bytes();
        match entry.file_type() {
            FileType::Directory => push_child(task, bytes, skip, children),
            FileType::RegularFile if is_candidate(bytes) => push_file(&handle, name, &mut files),
            FileType::RegularFile if is_sidecar(bytes) => push_file(&handle, name, &mut sidecars),
            FileType::RegularFile if crate::moving::is_unfinished(bytes) => {
                walk.unfinished.push(crate::paths::join(&task.path, bytes));
            }
            // Some file systems do not say; ask, without following links.
            FileType::Unknown => match rustix::fs::statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                    push_child(task, bytes, skip, children);
                }
                Ok(stat)
                    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
                        && is_candidate(bytes) =>
                {
                    files.push((bytes.into(), stat_of(&stat)));
                }
                Ok(stat)
                    if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
                        && is_sidecar(bytes) =>
                {
                    sidecars.push((bytes.into(), stat_of(&stat)));
                }
                _ => {}
            },
            _ => {}
        }
    }
    if !files.is_empty() {
        files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        walk.folders.push(WalkedFolder { rel: task.rel.clone(), files, sidecars });
    }
    Ok(())
}

fn push_child(task: &Task, name: &[u8], skip: Option<&Path>, children: &mut Vec<Task>) {
    if !is_walked_folder(name) {
        return;
    }
    let path = crate::paths::join(&task.path, name);
    if skip == Some(path.as_path()) {
        return;
    }
    let mut rel = task.rel.clone();
    if !rel.is_empty() {
        rel.push(b'/');
    }
    rel.extend_from_slice(name);
    children.push(Task { path, rel });
}

/// A file that vanishes between listing and `fstatat` was simply not there.
fn push_file(handle: &impl std::os::fd::AsFd, name: &CStr, files: &mut Vec<(Box<[u8]>, Stat)>) {
    if let Ok(stat) = rustix::fs::statat(handle, name, AtFlags::SYMLINK_NOFOLLOW) {
        files.push((name.to_bytes().into(), stat_of(&stat)));
    }
}

fn stat_of(stat: &rustix::fs::Stat) -> Stat {
    Stat {
        size: stat.st_size as u64,
        mtime_ns: stat.st_mtime * 1_000_000_000 + stat.st_mtime_nsec as i64,
        inode: stat.st_ino,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_everything_once_without_following_links() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for name in [
            "a/one.jpg",
            "a/b/two.JPG",
            "a/b/notes.txt",
            ".hidden/three.jpg",
            "@eaDir/four.jpg",
            "data/five.jpg",
            "six",
            "a/.seven.jpg",
        ] {
            let path = root.join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, name).unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("a/loop")).unwrap();
        for threads in [1, 4] {
            let mut walk = walk(root, b"", Some(&root.join("data")), threads, &Control::new());
            walk.folders.sort_by(|a, b| a.rel.cmp(&b.rel));
            let names: Vec<String> = walk
                .folders
                .iter()
                .flat_map(|folder| {
                    folder.files.iter().map(|(name, _)| {
                        format!("{}|{}", String::from_utf8_lossy(&folder.rel), String::from_utf8_lossy(name))
                    })
                })
                .collect();
            assert_eq!(names, ["|six", "a|one.jpg", "a/b|two.JPG"]);
            assert!(walk.unreadable.is_empty() && walk.saw_anything);
        }
    }

    #[test]
    fn a_missing_root_is_reported() {
        let walk = walk(Path::new("/no/such/folder"), b"", None, 2, &Control::new());
        assert_eq!(walk.unreadable.len(), 1);
        assert!(!walk.saw_anything);
    }
}
