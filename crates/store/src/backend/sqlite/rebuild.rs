//! Filling a new database from an old one, for a library that is built anew beside the old.
//!
//! Rows are read from the old tables one by one and their indexes are made anew, so that what a crash or a bad disk
//! did to the old file's structure does not come along. Groups are stale until the next run.

use std::fs::File;
use std::path::Path;
use std::sync::PoisonError;

use rusqlite::Connection;

use super::{Sqlite, WRITER_CACHE_KIB, configure};
use crate::backend::transfer::TABLES;
use crate::error::{Error, Result};

impl Sqlite {
    /// Copies everything but completions from the database at `old` into this new one. With `reread`, every file of a
    /// root that can be reached is to be read again. It is on the disk when this returns; after a failure it is rubbish.
    pub(crate) fn seed(&self, old: &Path, reread: bool) -> Result<()> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        // Nobody uses it before it is whole: neither a log nor a rollback journal is needed, and references are checked
        // when it is swapped in.
        connection.pragma_update(Some("main"), "journal_mode", "OFF")?;
        connection.pragma_update(Some("main"), "synchronous", "OFF")?;
        connection.pragma_update(None, "foreign_keys", false)?;
        attached(&connection, old, "BEGIN", |connection| {
            let indexes = indexes(connection)?;
            for (name, _) in &indexes {
                connection.execute_batch(&format!("DROP INDEX main.{name}"))?;
            }
            for table in TABLES {
                let columns = columns(connection, table)?;
                connection.execute_batch(&format!(
                    "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM old.{table}"
                ))?;
            }
            connection.execute_batch(
                "UPDATE main.tintype_meta SET (next_id, generation, removals, vector_revision) = \
                 (SELECT next_id, generation + 1, removals + 1, vector_revision FROM old.tintype_meta); \
                 INSERT INTO main.search_dirty (photo_id) SELECT id FROM main.photos",
            )?;
            if reread {
                connection.execute_batch(
                    "UPDATE main.files SET settled = 0 WHERE present = 1 AND folder_id IN \
                     (SELECT d.id FROM main.folders d JOIN main.roots r ON r.id = d.root_id WHERE r.online = 1)",
                )?;
            }
            for (_, definition) in &indexes {
                connection.execute_batch(definition)?;
            }
            Ok(())
        })?;
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(Error::io(&self.path))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        configure(&connection, WRITER_CACHE_KIB)
    }

    /// Takes over what happened to operations in the database at `old` since [`Sqlite::seed`].
    pub(crate) fn catch_up(&self, old: &Path) -> Result<()> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        take_operations(&connection, old)
    }
}

/// What is wrong with the references of a database, at most one line for each table.
pub(super) fn dangling(connection: &Connection) -> Result<Vec<String>> {
    let mut found = std::collections::BTreeSet::new();
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = check.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        found.insert(format!("a row of {table} refers to no row of {parent}"));
    }
    Ok(found.into_iter().collect())
}

/// The indexes that are no part of a table's definition, with theirs: made after the rows are there, by sorting, they
/// take a fraction of the time. That of features comes along as it is: their rows are in its order already, and so many
/// that sorting them would take hundreds of megabytes.
fn indexes(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare(
        "SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL \
         AND tbl_name NOT LIKE 'search%' AND tbl_name <> 'features'",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes over into the main database of a connection what the one at `old` knows of operations: what was asked for
/// and done stays known, whichever state of the library it is about.
pub(crate) fn take_operations(connection: &Connection, old: &Path) -> Result<()> {
    attached(connection, old, "BEGIN IMMEDIATE", |connection| {
        let shared =
            "state, started_ms, finished_ms, updated_ms, total, done, totals, phase, owner, error, result";
        connection.execute_batch(&format!(
            "UPDATE main.operations SET ({shared}) = (SELECT {shared} FROM old.operations o WHERE o.uuid = main.operations.uuid) \
             WHERE uuid IN (SELECT uuid FROM old.operations)"
        ))?;
        for table in ["operations", "operation_batches", "operation_items"] {
            let columns = columns(connection, table)?;
            connection.execute_batch(&format!(
                "INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM old.{table}"
            ))?;
        }
        // Work in batches does not run while the database is replaced; the replacing itself has none.
        connection.execute_batch(
            "UPDATE main.operations SET state = 'interrupted', phase = 'interrupted' WHERE state IN ('running', 'pending') \
             AND EXISTS (SELECT 1 FROM main.operation_batches b WHERE b.operation_id = main.operations.id AND b.state <> 'done'); \
             UPDATE main.operation_batches SET state = 'pending', lease = NULL, owner = NULL, expires_ms = NULL \
             WHERE state = 'leased'",
        )?;
        connection.execute_batch(
            "UPDATE main.tintype_meta SET next_id = max(next_id, (SELECT next_id FROM old.tintype_meta)), \
             generation = max(generation, (SELECT generation FROM old.tintype_meta)) + 1",
        )?;
        Ok(())
    })
}

/// Does `work` in one transaction, begun by `begin`, with the database at `old` beside the connection's own.
fn attached(
    connection: &Connection,
    old: &Path,
    begin: &str,
    work: impl FnOnce(&Connection) -> Result<()>,
) -> Result<()> {
    let path = old.to_str().ok_or_else(|| Error::invalid("the data directory's path is not UTF-8"))?;
    connection.execute("ATTACH DATABASE ?1 AS old", [path])?;
    let outcome = connection
        .execute_batch(begin)
        .map_err(Error::from)
        .and_then(|()| work(connection))
        .and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    connection.execute_batch("DETACH DATABASE old")?;
    outcome
}

/// The columns of a table of the new schema, which the old one has too: it was migrated when it was opened.
fn columns(connection: &Connection, table: &str) -> Result<String> {
    let mut statement = connection.prepare(&format!("PRAGMA main.table_info({table})"))?;
    let names: Vec<String> = statement.query_map([], |row| row.get(1))?.collect::<rusqlite::Result<_>>()?;
    Ok(names.join(", "))
}
