//! Going back to a backup when the database cannot be opened, or is not there.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, fcntl_lock};
use tintype_core::clock::now_ms;

use super::backup::{self, beside, put_in_place, sync_folder};
use super::prepare::Prepared;
use super::{BUSY_TIMEOUT, open};
use crate::error::{Error, Result};
use crate::model::backup::RecoverReport;

/// Puts the backup at `source` (the newest usable one of `backups` if `None`) in the place of the database at `path`.
/// What is there is set aside under another name. A database that is well, or newer than this program, is refused.
pub(crate) fn recover(
    path: &Path,
    source: Option<&Path>,
    backups: &Path,
    has_blob: &dyn Fn(&[u8]) -> bool,
) -> Result<RecoverReport> {
    refuse_if_open(path)?;
    refuse_if_well(path)?;
    // Beside the database, because the folder of backups may be on another disk.
    let folder = path.parent().unwrap_or(Path::new("."));
    backup::remove_stale(folder);
    let prepared = match source {
        Some(source) => Prepared::new(source, folder, has_blob)?,
        None => newest(backups, folder, has_blob)?,
    };
    let (file, restored) = prepared.into_file()?;
    let set_aside = set_aside(path)?;
    put_in_place(&file.0, path)?;
    Ok(RecoverReport { restored, set_aside })
}

/// The newest backup that stands a full check.
fn newest(backups: &Path, folder: &Path, has_blob: &dyn Fn(&[u8]) -> bool) -> Result<Prepared> {
    let mut first_error = None;
    for info in backup::list(backups)?.into_iter().filter(super::BackupInfo::is_usable) {
        match Prepared::new(&backups.join(&info.name), folder, has_blob) {
            Ok(prepared) => return Ok(prepared),
            Err(error @ (Error::Corrupt { .. } | Error::Foreign { .. })) => {
                tracing::warn!(%error, "this backup cannot be used; trying the one before");
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(first_error.unwrap_or_else(|| Error::not_found(format!("usable backup in {}", backups.display()))))
}

/// Every connection holds a shared lock on the file of shared memory. (Locks are per process: our own connections
/// are not noticed, and there are none.)
fn refuse_if_open(path: &Path) -> Result<()> {
    let shared = beside(path, "-shm");
    let Ok(file) = std::fs::File::options().read(true).write(true).open(&shared) else { return Ok(()) };
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => {
            Err(Error::Busy("another process has the database open; stop it first".into()))
        }
        // A file system without locks cannot tell.
        _ => Ok(()),
    }
}

fn refuse_if_well(path: &Path) -> Result<()> {
    match fs_err::metadata(path) {
        Ok(meta) if meta.len() == 0 => return Ok(()),
        Ok(meta) if !meta.is_file() => return Err(super::foreign(path, "it is not a regular file")),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(path)(error)),
    }
    let well = open::check_header(path).and_then(|()| {
        let version = open::check_content(path, open::latest_schema())?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "query_only", true)?;
        let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok(version > 0 && found == "ok")
    });
    match well {
        Ok(true) => Err(Error::conflict(
            "the database is well, so nothing needs to be recovered; to go back to a backup: tintype restore NAME",
        )),
        // A newer program's database is well, too; one whose first bytes are gone is not.
        Err(error @ Error::Foreign { .. }) if open::check_header(path).is_ok() => Err(error),
        Err(error @ (Error::Busy(_) | Error::Io { .. })) => Err(error),
        _ => Ok(()),
    }
}

/// Renames the database and what belongs to it. The log goes first: it must never meet another database.
fn set_aside(path: &Path) -> Result<Vec<PathBuf>> {
    let mut time = now_ms();
    let aside = |time: i64| beside(path, &format!(".damaged-{time}"));
    while aside(time).exists() {
        time += 1;
    }
    let mut moved = Vec::new();
    for suffix in ["-wal", "-shm", ""] {
        let (from, to) = (beside(path, suffix), beside(&aside(time), suffix));
        match fs_err::rename(&from, &to) {
            Ok(()) => moved.push(to),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io(from)(error)),
        }
    }
    sync_folder(path)?;
    moved.reverse();
    Ok(moved)
}
