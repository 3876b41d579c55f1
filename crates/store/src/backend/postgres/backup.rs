//! Backups of a PostgreSQL database: SQLite files like all others, so that a backup of either database can be restored
//! into either, and a library moved from one to the other.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::Postgres;
use crate::backend::sqlite::{Memories, Prepared, Sqlite, take_operations};
use crate::backend::transfer::{self, OPERATIONS, TABLES};
use crate::backend::{Backend as _, Session, params, query_all, query_one};
use crate::error::{Error, Result};
use crate::model::backup::{BackupInfo, RestoreReport};

/// What follows from the other tables.
const DERIVED: [&str; 4] = ["search_dirty", "search_documents", "search_terms", "completions"];

/// Ids that others may take while the database is replaced, for rows that they write afterwards.
const TAKEN_MEANWHILE: i64 = 100_000;

impl Postgres {
    /// Copies the database, as one snapshot shows it, into a file in `backups`.
    pub(crate) fn backup(&self, backups: &Path) -> Result<BackupInfo> {
        let folder = Folder::beside(backups)?;
        let copy = self.copy(&folder.0, &TABLES)?;
        copy.backup(backups)
    }

    /// A SQLite database in `folder` with these tables as one snapshot shows them.
    pub(crate) fn copy(&self, folder: &Path, tables: &[&'static str]) -> Result<Sqlite> {
        let copy = Sqlite::open(folder)?;
        self.read(&mut |from| {
            copy.write(&mut |to| {
                let shapes = transfer::shapes(to, tables)?;
                transfer::copy(from, to, &shapes)?;
                let meta = "SELECT (SELECT last_value + 1 FROM tintype_ids), generation, removals, vector_revision \
                            FROM tintype_meta WHERE id = 1";
                let numbers =
                    query_one(from, meta, &[], |row| Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?]))?;
                let [next_id, generation, removals, revision] = numbers.ok_or(Error::value("numbers of the library"))?;
                to.execute(
                    "UPDATE tintype_meta SET next_id = ?1, generation = ?2, removals = ?3, vector_revision = ?4",
                    params![next_id, generation, removals, revision],
                )?;
                to.execute("DELETE FROM search_dirty", &[])?;
                to.execute("INSERT INTO search_dirty (photo_id) SELECT id FROM photos", &[])?;
                Ok(())
            })
        })?;
        Ok(copy)
    }

    /// Replaces the database's content by that of a checked copy, after a backup of the present state into `backups`.
    /// Others read the old state until it is done, and write after that. Whatever goes wrong, the database is as it was.
    pub(crate) fn put_in_place(&self, prepared: &Prepared, backups: &Path) -> Result<RestoreReport> {
        let mut before: Option<BackupInfo> = None;
        self.write(&mut |session| {
            // From here on nobody else writes: the backup holds everything that is replaced.
            let tables = TABLES.iter().chain(&DERIVED).copied().collect::<Vec<_>>().join(", ");
            session.execute(&format!("LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"), &[])?;
            if let Some(earlier) = before.take() {
                // Of a try that the database asked to repeat: others may have written since.
                let path = backups.join(&earlier.name);
                fs_err::remove_file(&path).map_err(Error::io(&path))?;
            }
            before = Some(self.backup(backups)?);
            prepared.fit(&memories(session)?)?;
            let folder = Folder::beside(backups)?;
            drop(self.copy(&folder.0, &OPERATIONS)?);
            take_operations(prepared.connection(), &folder.0.join("tintype.db"))?;
            for table in DERIVED.iter().chain(TABLES.iter().rev()) {
                session.execute(&format!("DELETE FROM {table}"), &[])?;
            }
            let mut from = prepared.session();
            let shapes = transfer::shapes(&mut from, &TABLES)?;
            transfer::copy(&mut from, session, &shapes)?;
            let meta = "SELECT next_id, generation, removals, vector_epoch, vector_revision FROM tintype_meta";
            let numbers = query_one(&mut from, meta, &[], |row| {
                Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?, row.int(4)?])
            })?;
            let [next_id, generation, removals, epoch, revision] =
                numbers.ok_or(Error::value("numbers of the library"))?;
            session.execute("SELECT setval('tintype_ids', ?1, false)", params![next_id + TAKEN_MEANWHILE])?;
            session.execute(
                "UPDATE tintype_meta SET generation = ?1, removals = ?2, vector_epoch = ?3, vector_revision = ?4, \
                 search_revision = search_revision + 1 WHERE id = 1",
                params![generation, removals, epoch, revision],
            )?;
            session.execute("INSERT INTO search_dirty (photo_id) SELECT id FROM photos", &[])?;
            Ok(())
        })?;
        let before = before.ok_or(Error::value("backup"))?;
        Ok(RestoreReport { restored: prepared.source.clone(), before })
    }
}

/// What processes may remember of the database.
fn memories(session: &mut dyn Session) -> Result<Memories> {
    let keys = query_all(session, "SELECT id, kind, producer, params FROM feature_keys", &[], |row| {
        Ok((row.int(0)?, (row.text(1)?, row.text(2)?, row.text(3)?)))
    })?;
    let meta = "SELECT (SELECT last_value + 1 FROM tintype_ids), generation, removals FROM tintype_meta WHERE id = 1";
    let numbers = query_one(session, meta, &[], |row| Ok([row.int(0)?, row.int(1)?, row.int(2)?]))?;
    let [next_id, generation, removals] = numbers.ok_or(Error::value("numbers of the library"))?;
    Ok(Memories::new(keys.into_iter().collect(), next_id, generation, removals))
}

/// A folder for a copy that is not one of the backups yet. It goes away with this.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn beside(backups: &Path) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let data = backups.parent().unwrap_or(backups);
        let name = format!("copy-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = data.join("run").join(name);
        if folder.exists() {
            // Of a process that died and had our number.
            fs_err::remove_dir_all(&folder).map_err(Error::io(&folder))?;
        }
        fs_err::create_dir_all(&folder).map_err(Error::io(&folder))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If it cannot be removed, it is in nobody's way.
        let _ = fs_err::remove_dir_all(&self.0);
    }
}
