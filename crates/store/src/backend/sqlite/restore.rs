//! Going back to a backup while the database is open, here and in other processes.
//!
//! All that can fail is done on a copy first. Then its pages are copied over the live database as one transaction
//! of SQLite's own: readers see the old state until it commits and the new one after, and a process killed in
//! between leaves the old one.

use std::path::Path;
use std::sync::PoisonError;

use rusqlite::Connection;

use super::backup::{copy_pages, write_backup};
use super::prepare::{Memories, Prepared};
use super::rebuild::take_operations;
use super::{Sqlite, open};
use crate::error::{Error, Result};
use crate::model::backup::RestoreReport;

/// How many times somebody may write between the copy of the present state and its replacement.
const TRIES: u32 = 5;

impl Sqlite {
    /// Replaces the database's content by that of the backup at `source`, after copying the present state into
    /// `backups`. Whatever goes wrong, the database is as it was.
    pub(crate) fn restore(
        &self,
        source: &Path,
        backups: &Path,
        has_blob: &dyn Fn(&[u8]) -> bool,
    ) -> Result<RestoreReport> {
        self.put_in_place(&Prepared::new(source, backups, has_blob)?, backups)
    }

    /// Replaces the database's content by that of the one at `source`, which is used up. As [`Sqlite::restore`], but
    /// without a copy in between, and references are checked too.
    pub(crate) fn take_in(
        &self,
        source: &Path,
        backups: &Path,
        has_blob: &dyn Fn(&[u8]) -> bool,
    ) -> Result<RestoreReport> {
        self.put_in_place(&Prepared::of_own(source, has_blob)?, backups)
    }

    fn put_in_place(&self, prepared: &Prepared, backups: &Path) -> Result<RestoreReport> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if !writer.is_autocommit() {
            writer.execute_batch("ROLLBACK")?; // see `write`
        }
        for _ in 0..TRIES {
            // It counts the commits of every other connection, so nothing is lost that is not in `before`.
            let watcher = self.reader()?;
            let seen = data_version(&watcher)?;
            let before = write_backup(&watcher, open::latest_schema(), backups)?;
            prepared.fit(&Memories::of(&watcher)?)?;
            take_operations(&prepared.connection, &self.path)?;
            let is_done = replace(&prepared.connection, &mut writer, || Ok(data_version(&watcher)? == seen))?;
            if is_done {
                return Ok(RestoreReport { restored: prepared.source.clone(), before });
            }
            fs_err::remove_file(backups.join(&before.name)).ok(); // the next one holds more
        }
        Err(Error::Busy("other processes keep changing the library; stop them first".into()))
    }
}

fn data_version(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

/// Copies everything from `from` over `writer`, on disk when this returns. `false` if `may_begin` said no.
fn replace(
    from: &Connection,
    writer: &mut Connection,
    may_begin: impl FnMut() -> Result<bool>,
) -> Result<bool> {
    writer.pragma_update(None, "synchronous", "FULL")?;
    let outcome = copy_pages(from, writer, may_begin);
    let reset = writer.pragma_update(None, "synchronous", "NORMAL");
    let is_done = outcome?;
    reset?;
    if is_done {
        // The write-ahead log is as large as the database now. What readers still need stays in it; the next
        // checkpoint shrinks it.
        writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_row| Ok(()))?;
    }
    Ok(is_done)
}
