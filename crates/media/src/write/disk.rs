//! Replacing a file in one step: the new bytes go to a temporary file beside it, are flushed to the disk, and take the
//! old file's name. Whatever fails before that leaves the old file untouched, and the temporary one is removed.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use fs_err::File;

use crate::inspect::{Stat, open, stat};
use crate::{Error, Limits};

/// How temporary files are named: hidden, so that no walk takes them for photos, and known, so that those of a process
/// that was killed can be told and removed.
const PREFIX: &str = ".tintype-write-";
const SUFFIX: &str = ".tmp";

/// Whether a file of this name was left behind by a write that was cut off. It holds nothing that its neighbour does
/// not have: either new bytes that were not put in place, or old ones that were replaced.
pub fn is_leftover(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

/// A file read for editing.
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    pub(super) stat: Stat,
    file: File,
    meta: std::fs::Metadata,
}

/// What reading for editing gives.
pub(super) enum Reading {
    Held(Box<Held>),
    /// The file itself is not to be touched, for this reason.
    Aside(String),
}

impl Held {
    /// Reads a file of which the bytes are to be replaced.
    pub(super) fn read(path: &Path, limits: &Limits) -> Result<Reading, Error> {
        let unreadable = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => Error::Vanished { path: path.to_owned() },
            _ => Error::Unreadable { path: path.to_owned(), source },
        };
        if fs_err::symlink_metadata(path).map_err(unreadable)?.is_symlink() {
            return Ok(Reading::Aside("it is a link to another file".to_owned()));
        }
        let file = open(path).map_err(unreadable)?;
        let before = stat(&file).map_err(unreadable)?;
        let meta = file.metadata().map_err(unreadable)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            if meta.nlink() > 1 {
                return Ok(Reading::Aside("the file has several names (hard links)".to_owned()));
            }
        }
        if before.size > limits.whole_file_bytes {
            return Ok(Reading::Aside("the file is too large to be held in memory".to_owned()));
        }
        let mut bytes = Vec::with_capacity(before.size as usize + 1);
        // Not through `fs_err`, by which the room would be cleared first.
        file.file().take(before.size + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 != before.size || stat(&file).map_err(unreadable)? != before {
            return Err(Error::Vanished { path: path.to_owned() });
        }
        Ok(Reading::Held(Box::new(Self { bytes, stat: before, file, meta })))
    }

    /// Refuses a write-protected file. Replacing it would only need rights on its folder, but the protection is its
    /// owner's word.
    pub(super) fn check_permission(&self, path: &Path) -> Result<(), Error> {
        let mut protected = self.meta.permissions().readonly();
        #[cfg(unix)]
        {
            protected = protected || rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err();
        }
        if protected {
            return Err(Error::ReadOnly { path: path.to_owned() });
        }
        Ok(())
    }
}

/// New bytes on the disk, waiting to take a file's name. Dropped, they are removed.
pub(super) struct Staged {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    /// The file to be replaced; `None` for a new one.
    replaces: Option<Stat>,
    stat: Stat,
}

impl Staged {
    /// Bytes for the place of `held`, with its permissions, owner and extended attributes.
    pub(super) fn over(path: &Path, bytes: &[u8], held: &Held, keep_times: bool) -> Result<Self, Error> {
        Self::write(path, bytes, Some(held.stat), |file| {
            carry_over(file, held)?;
            if keep_times { carry_times(file, held) } else { Ok(()) }
        })
    }

    /// Bytes for a new file, which gets the permissions and the owner of the file at `like`.
    pub(super) fn fresh(path: &Path, bytes: &[u8], like: &Path) -> Result<Self, Error> {
        Self::write(path, bytes, None, |file| {
            let meta = fs_err::metadata(like)?;
            own(file, &meta, |mode| mode & 0o666 | 0o600)
        })
    }

    fn write(
        path: &Path,
        bytes: &[u8],
        replaces: Option<Stat>,
        finish: impl FnOnce(&File) -> std::io::Result<()>,
    ) -> Result<Self, Error> {
        let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
        let (temporary, file) = create_beside(path).map_err(unwritable)?;
        // From here on the temporary file is removed if anything fails.
        let mut staged = Self { file, temporary, path: path.to_owned(), replaces, stat: Stat::default() };
        staged.file.write_all(bytes).map_err(unwritable)?;
        finish(&staged.file).map_err(unwritable)?;
        staged.stat = stat(&staged.file).map_err(unwritable)?;
        Ok(staged)
    }

    /// Size, time and inode that the file will have.
    pub(super) fn stat(&self) -> Stat {
        self.stat
    }

    /// Brings the bytes to the disk.
    pub(super) fn flush(&self) -> Result<(), Error> {
        self.file.sync_all().map_err(|source| Error::Unwritable { path: self.path.clone(), source })
    }

    /// Starts what [`Staged::flush`] waits for, for many files at once: one journal entry instead of one for each.
    pub(super) fn flush_all<'s>(files: impl Iterator<Item = &'s Self>) {
        #[cfg(target_os = "linux")]
        {
            use std::os::unix::fs::MetadataExt;
            let mut disks = Vec::new();
            for staged in files {
                let Ok(disk) = staged.file.metadata().map(|meta| meta.dev()) else { continue };
                if !disks.contains(&disk) {
                    disks.push(disk);
                    // Every file is flushed by itself afterwards, and that says what went wrong.
                    let _ = rustix::fs::syncfs(&staged.file);
                }
            }
        }
        #[cfg(not(target_os = "linux"))]
        drop(files);
    }

    /// Takes the name, on the disk once the folder is flushed too. Gives the folder.
    pub(super) fn commit(self) -> Result<PathBuf, Error> {
        let unwritable = |source| Error::Unwritable { path: self.path.clone(), source };
        let vanished = || Error::Vanished { path: self.path.clone() };
        match self.replaces {
            Some(before) => {
                if stat_of(&self.path) != Some(before) {
                    return Err(vanished());
                }
                if !self.exchange(before)? {
                    fs_err::rename(&self.temporary, &self.path).map_err(unwritable)?;
                }
            }
            None => self.take_free_name().map_err(|source| match source.kind() {
                std::io::ErrorKind::AlreadyExists => vanished(),
                _ => unwritable(source),
            })?,
        }
        Ok(folder(&self.path).to_owned())
    }

    /// Swaps the two files and looks at what came out: if another program replaced the file in the last moment, its
    /// work is put back. `false` where the file system cannot swap.
    #[cfg(target_os = "linux")]
    fn exchange(&self, before: Stat) -> Result<bool, Error> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let swap = || renameat_with(CWD, &self.temporary, CWD, &self.path, RenameFlags::EXCHANGE);
        if swap().is_err() {
            // Whatever else is wrong, renaming will say it.
            return Ok(false);
        }
        if stat_of(&self.temporary) == Some(before) {
            return Ok(true);
        }
        swap().map_err(|errno| Error::Unwritable { path: self.path.clone(), source: errno.into() })?;
        Err(Error::Vanished { path: self.path.clone() })
    }

    #[cfg(not(target_os = "linux"))]
    fn exchange(&self, _before: Stat) -> Result<bool, Error> {
        Ok(false)
    }

    /// Renames to a name that nobody has, without ever replacing a file.
    fn take_free_name(&self) -> std::io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            use rustix::io::Errno;
            match renameat_with(CWD, &self.temporary, CWD, &self.path, RenameFlags::NOREPLACE) {
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
                outcome => return Ok(outcome?),
            }
        }
        if fs_err::symlink_metadata(&self.path).is_ok() {
            return Err(std::io::ErrorKind::AlreadyExists.into());
        }
        fs_err::rename(&self.temporary, &self.path)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Gone already where it was renamed; nothing can be done about another failure.
        let _ = fs_err::remove_file(&self.temporary);
    }
}

/// Size, time and inode of what has this name now, links not followed.
fn stat_of(path: &Path) -> Option<Stat> {
    crate::inspect::stat_of_meta(&fs_err::symlink_metadata(path).ok()?)
}

/// A new temporary file in the folder of `path`, readable to nobody else yet.
fn create_beside(path: &Path) -> std::io::Result<(PathBuf, File)> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let folder = folder(path);
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut attempts = 0;
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let moment = tintype_core::clock::now_ms();
        let name = format!("{PREFIX}{:x}-{moment:x}-{number:x}{SUFFIX}", std::process::id());
        let temporary = folder.join(name);
        match options.open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && attempts < 16 => attempts += 1,
            Err(error) => return Err(error),
        }
    }
}

/// The folder that a file lies in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A rename is on the disk when its folder is.
pub(super) fn flush_folder(folder: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(|source| Error::Unwritable { path: folder.to_owned(), source })?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Owner, where that is permitted, and permissions.
#[cfg(unix)]
fn own(file: &File, meta: &std::fs::Metadata, mode: impl FnOnce(u32) -> u32) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{Gid, Mode, Uid};
    let mut bits = mode(meta.mode() & 0o7777);
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (meta.uid(), meta.gid()) {
        let (owner, group) = (Uid::from_raw(meta.uid()), Gid::from_raw(meta.gid()));
        // Only root gives files away; a member of the group may still keep that.
        if rustix::fs::fchown(file, Some(owner), Some(group)).is_err()
            && rustix::fs::fchown(file, None, Some(group)).is_err()
        {
            // Rights of the old group must not go to another one.
            bits &= 0o1707;
        }
    }
    rustix::fs::fchmod(file, Mode::from_raw_mode(bits))?;
    Ok(())
}

#[cfg(not(unix))]
fn own(file: &File, meta: &std::fs::Metadata, _mode: impl FnOnce(u32) -> u32) -> std::io::Result<()> {
    file.set_permissions(meta.permissions())
}

fn carry_over(file: &File, held: &Held) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    carry_attributes(file, &held.file)?;
    own(file, &held.meta, |mode| mode)
}

/// Extended attributes, access lists among them. What only the system may set it sets itself.
#[cfg(target_os = "linux")]
fn carry_attributes(file: &File, from: &File) -> std::io::Result<()> {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    use rustix::io::Errno;
    // The sizes that Linux allows for a list and for a value.
    let mut names = vec![0_u8; 64 << 10];
    let len = match flistxattr(from, &mut names[..]) {
        Ok(len) => len,
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(()),
        Err(errno) => return Err(errno.into()),
    };
    for name in names[..len].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0_u8; 64 << 10];
        let len = fgetxattr(from, name, &mut value[..])?;
        match fsetxattr(file, name, &value[..len], XattrFlags::empty()) {
            Err(Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP)
                if !name.starts_with(b"user.") && !name.starts_with(b"system.posix_acl") => {}
            outcome => outcome?,
        }
    }
    Ok(())
}

fn carry_times(file: &File, held: &Held) -> std::io::Result<()> {
    let mut times = std::fs::FileTimes::new();
    times = times.set_modified(held.meta.modified()?);
    if let Ok(accessed) = held.meta.accessed() {
        times = times.set_accessed(accessed);
    }
    file.set_times(times)
}
