//! Moving and copying people's files: nothing is ever overwritten, nothing is half there under its name, and the
//! original goes only when the copy is known to be whole.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use tintype_core::ErrorCode;
use tintype_store::Stat;

use crate::Result;

/// What became of a move.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// It is there now.
    Done,
    /// It was there already: an earlier try got that far.
    Before,
    /// It could not be; both places are as they were.
    Refused(ErrorCode, String),
}

/// Marks files that are being written. A walk leaves out names that begin with a dot.
const TEMPORARY: &str = ".tintype-";

/// How old a file must be that a process left unfinished, so that none is taken for it that is being written now.
const ABANDONED: std::time::Duration = std::time::Duration::from_hours(24);

/// Whether a file of this name is one that we began to write, or to copy, and did not give its name.
pub(crate) fn is_unfinished(name: &[u8]) -> bool {
    name.starts_with(TEMPORARY.as_bytes())
        && std::str::from_utf8(name).is_ok_and(|name| {
            tintype_media::is_leftover(name.as_ref()) || name[TEMPORARY.len()..].parse::<uuid::Uuid>().is_ok()
        })
}

/// Removes what a process that died left unfinished, a day or more ago.
pub(crate) fn remove_unfinished(files: &[PathBuf]) {
    for path in files {
        let age = fs_err::symlink_metadata(path)
            .and_then(|meta| meta.modified())
            .ok()
            .and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age >= ABANDONED)
            && let Err(error) = fs_err::remove_file(path)
        {
            tracing::debug!(%error, "an unfinished file stays behind");
        }
    }
}

/// What the file system says about a regular file.
pub(crate) fn stat(path: &Path) -> Option<Stat> {
    let stat = rustix::fs::lstat(path).ok()?;
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile;
    is_file.then(|| Stat {
        size: stat.st_size as u64,
        mtime_ns: stat.st_mtime * 1_000_000_000 + stat.st_mtime_nsec as i64,
        inode: stat.st_ino,
    })
}

/// Moves a file to `target`, which must be free. With `expected`, only while the file still has that size and time.
/// An error means that the place of `target` cannot be written at all.
pub(crate) fn relocate(source: &Path, target: &Path, expected: Option<Stat>) -> Result<Moved> {
    let Some(found) = stat(source) else {
        return Ok(match stat(target) {
            Some(there) if expected.is_none_or(|wanted| wanted.size == there.size) => Moved::Before,
            _ => Moved::Refused(ErrorCode::FileVanished, format!("{} is not there", source.display())),
        });
    };
    if let Some(wanted) = expected
        && (wanted.size, wanted.mtime_ns) != (found.size, found.mtime_ns)
    {
        let detail = format!("{} was changed since it was looked at", source.display());
        return Ok(Moved::Refused(ErrorCode::FileChanged, detail));
    }
    if let Some(folder) = target.parent() {
        fs_err::create_dir_all(folder)?;
    }
    match rustix::fs::renameat_with(CWD, source, CWD, target, RenameFlags::NOREPLACE) {
        Ok(()) => {
            sync_folder(source)?;
            sync_folder(target)?;
            Ok(Moved::Done)
        }
        Err(rustix::io::Errno::EXIST) => Ok(occupied(target)),
        // Another disk, or a file system without this kind of rename.
        Err(rustix::io::Errno::XDEV | rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            across_disks(source, target, found)
        }
        Err(error) => Ok(refused(source, &error.into())),
    }
}

fn occupied(target: &Path) -> Moved {
    Moved::Refused(ErrorCode::AlreadyExists, format!("something else is at {}", target.display()))
}

fn refused(path: &Path, error: &std::io::Error) -> Moved {
    let code = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull,
        std::io::ErrorKind::NotFound => ErrorCode::FileVanished,
        _ => ErrorCode::FileUnreadable,
    };
    Moved::Refused(code, format!("{}: {error}", path.display()))
}

fn across_disks(source: &Path, target: &Path, found: Stat) -> Result<Moved> {
    match copy(source, None, target) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            // An earlier try died between the copy and the removal of the original.
            if !same_content(source, target)? {
                return Ok(occupied(target));
            }
        }
        Err(error) => return Ok(refused(source, &error)),
    }
    if stat(source).is_none_or(|now| (now.size, now.mtime_ns) != (found.size, found.mtime_ns)) {
        fs_err::remove_file(target)?;
        let detail = format!("{} was changed while it was moved", source.display());
        return Ok(Moved::Refused(ErrorCode::FileChanged, detail));
    }
    match fs_err::remove_file(source) {
        Ok(()) => {
            sync_folder(source)?;
            Ok(Moved::Done)
        }
        Err(error) => {
            fs_err::remove_file(target)?;
            Ok(refused(source, &error))
        }
    }
}

/// Copies a file to `target`, which must be free: under a temporary name, compared with the original byte for byte
/// after it reached the disk, with the original's times and permissions, then given its name. `bytes` saves reading
/// the original when it is in memory already.
pub(crate) fn copy(source: &Path, bytes: Option<&[u8]>, target: &Path) -> std::io::Result<()> {
    if stat(target).is_some() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "something else is at the target",
        ));
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let temporary = folder.join(format!("{TEMPORARY}{}", uuid::Uuid::now_v7()));
    let outcome = copy_to(source, bytes, &temporary).and_then(|()| {
        rustix::fs::renameat_with(CWD, &temporary, CWD, target, RenameFlags::NOREPLACE).or_else(|error| {
            match error {
                // A file system without this kind of rename: a link fails just the same where something is.
                rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS => {
                    rustix::fs::link(&temporary, target)?;
                    rustix::fs::unlink(&temporary)
                }
                other => Err(other),
            }
        })?;
        sync_folder(target)
    });
    if outcome.is_err() {
        std::fs::remove_file(&temporary).ok();
    }
    outcome
}

fn copy_to(source: &Path, bytes: Option<&[u8]>, temporary: &Path) -> std::io::Result<()> {
    let mut from = File::open(source)?;
    let metadata = from.metadata()?;
    let mut to = File::options().write(true).read(true).create_new(true).open(temporary)?;
    match bytes {
        Some(bytes) => to.write_all(bytes)?,
        None => {
            std::io::copy(&mut from, &mut to)?;
        }
    }
    to.sync_all()?;
    let whole = match bytes {
        Some(bytes) => equals(&mut File::open(temporary)?, bytes)?,
        None => same_content(source, temporary)?,
    };
    if !whole {
        return Err(std::io::Error::other("the copy differs from the original"));
    }
    to.set_permissions(metadata.permissions())?;
    to.set_times(std::fs::FileTimes::new().set_modified(metadata.modified()?))?;
    Ok(())
}

/// Whether a file holds exactly these bytes.
fn equals(file: &mut File, bytes: &[u8]) -> std::io::Result<bool> {
    let mut buffer = vec![0; 1 << 18];
    let mut rest = bytes;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(rest.is_empty());
        }
        match rest.split_at_checked(read) {
            Some((head, tail)) if head == &buffer[..read] => rest = tail,
            _ => return Ok(false),
        }
    }
}

fn same_content(a: &Path, b: &Path) -> std::io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (vec![0; 1 << 18], vec![0; 1 << 18]);
    loop {
        let read = a.read(&mut one)?;
        if read == 0 {
            return Ok(true);
        }
        if b.read_exact(&mut other[..read]).is_err() || one[..read] != other[..read] {
            return Ok(false);
        }
    }
}

/// Makes what happened in a file's folder outlive a power cut.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some network file systems cannot sync a folder.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) => Ok(()),
        other => other,
    }
}

/// Brings `NAME.EXT.xmp` along with its file. A side file that is not brought stays where it was: nothing is lost,
/// and the file itself is in its place.
pub(crate) fn bring_side_file(source: &Path, target: &Path) {
    let beside = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".xmp");
        PathBuf::from(name)
    };
    let (from, to) = (beside(source), beside(target));
    if stat(&from).is_some() {
        match relocate(&from, &to, None) {
            Ok(Moved::Done | Moved::Before) => {}
            Ok(Moved::Refused(_, detail)) => tracing::warn!("the side file was left behind: {detail}"),
            Err(error) => tracing::warn!(%error, "the side file {} was left behind", from.display()),
        }
    }
}

/// A name beside `path` that is free now: `name-1.ext`, `name-2.ext`, …
pub(crate) fn free_name(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default();
    let extension = path.extension();
    (1..u32::MAX)
        .map(|number| {
            let mut name = stem.to_owned();
            name.push(format!("-{number}"));
            if let Some(extension) = extension {
                name.push(".");
                name.push(extension);
            }
            path.with_file_name(name)
        })
        .find(|candidate| rustix::fs::lstat(candidate).is_err())
        .unwrap_or_else(|| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_and_a_second_try_finds_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a.jpg"), dir.path().join("deep/b.jpg"));
        fs_err::write(&a, b"one").unwrap();
        let known = stat(&a).unwrap();
        assert_eq!(relocate(&a, &b, Some(known)).unwrap(), Moved::Done);
        assert_eq!(relocate(&a, &b, Some(known)).unwrap(), Moved::Before);
        fs_err::write(&a, b"two").unwrap();
        assert!(matches!(relocate(&a, &b, None).unwrap(), Moved::Refused(ErrorCode::AlreadyExists, _)));
        assert!(matches!(
            relocate(&a, &dir.path().join("c"), Some(known)).unwrap(),
            Moved::Refused(ErrorCode::FileChanged, _)
        ));
        assert_eq!(
            (fs_err::read(&a).unwrap(), fs_err::read(&b).unwrap()),
            (b"two".to_vec(), b"one".to_vec())
        );
        assert_eq!(free_name(&b), dir.path().join("deep/b-1.jpg"));
    }

    #[test]
    fn only_our_own_old_unfinished_files_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            ".tintype-0198c0de-7a00-7c3b-8d15-5f2e8c1b9a44",
            ".tintype-write-1-2.tmp",
            ".tintype-notes",
            ".hidden.jpg",
            "photo.jpg",
        ];
        let ours: Vec<bool> = names.iter().map(|name| is_unfinished(name.as_bytes())).collect();
        assert!(ours[0] && !ours[2] && !ours[3] && !ours[4], "{ours:?}");
        let (old, new) =
            (dir.path().join(names[0]), dir.path().join(".tintype-0198c0de-7a00-7c3b-8d15-000000000000"));
        for path in [&old, &new] {
            fs_err::write(path, b"half").unwrap();
        }
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        remove_unfinished(&[old.clone(), new.clone()]);
        assert!(!old.exists() && new.exists());
    }

    #[test]
    fn copies_keep_times_and_permissions_and_leave_nothing_behind() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a.jpg"), dir.path().join("b.jpg"));
        fs_err::write(&a, vec![7; 700_000]).unwrap();
        fs_err::set_permissions(&a, std::fs::Permissions::from_mode(0o640)).unwrap();
        let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&a).unwrap().set_modified(then).unwrap();
        copy(&a, None, &b).unwrap();
        let copied = fs_err::metadata(&b).unwrap();
        assert_eq!((copied.modified().unwrap(), copied.permissions().mode() & 0o777), (then, 0o640));
        assert!(same_content(&a, &b).unwrap());
        assert!(copy(&a, Some(b"not what it holds"), &b).is_err());
        assert_eq!(copy(&a, Some(b"in memory"), &dir.path().join("c.jpg")).ok(), Some(()));
        let left = fs_err::read_dir(dir.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(TEMPORARY));
        assert_eq!(left.count(), 0);
    }
}
