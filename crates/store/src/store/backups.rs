//! Backups of the database, and going back to one.

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::Store;
use super::blobs::{BlobHash, Blobs};
use crate::backend::postgres::Folder;
use crate::backend::sqlite::{self, Prepared, Sqlite};
use crate::backend::transfer::{OPERATIONS, TABLES};
use crate::error::{Error, Result};
use crate::model::backup::{BackupInfo, RecoverReport, RestoreReport};

impl Store {
    /// Copies the database, as it is at this moment, to `<data>/backups/tintype-<schema>-<time>.db`, while others go
    /// on reading and writing. The copy is complete, checked and on disk before it has that name.
    ///
    /// It holds everything but photos, previews and large feature values, which lie beside the database. It is a SQLite
    /// file whichever database it is of, and can be restored into either.
    pub fn backup(&self) -> Result<BackupInfo> {
        match self.inner.backend.as_postgres() {
            Some(postgres) => postgres.backup(&self.backups_dir()),
            None => self.sqlite()?.backup(&self.backups_dir()),
        }
    }

    /// What is in the folder of backups, newest first. Files that are none, or damaged, say so.
    pub fn backups(&self) -> Result<Vec<BackupInfo>> {
        sqlite::list_backups(&self.backups_dir())
    }

    /// Removes all but the newest `keep` backups (at least one) and returns the names of those removed. Only usable
    /// backups with names that the program chose are counted and removed: what people put there stays.
    pub fn prune_backups(&self, keep: usize) -> Result<Vec<String>> {
        let mut removed = Vec::new();
        let ours = self.backups()?.into_iter();
        let ours = ours.filter(|backup| backup.is_usable() && sqlite::is_named_by_us(&backup.name));
        for backup in ours.skip(keep.max(1)) {
            let path = self.backups_dir().join(&backup.name);
            fs_err::remove_file(&path).map_err(Error::io(&path))?;
            removed.push(backup.name);
        }
        Ok(removed)
    }

    /// Replaces the library by the backup called `name` in the folder of backups, after a backup of the library as
    /// it is. Other connections and processes see the old or the new library, never a mixture, and may go on
    /// running; an older schema is migrated. On any failure the library is as it was.
    ///
    /// Nothing else may write meanwhile: the engine's `restore` makes sure that no operation runs.
    pub fn restore(&self, name: &str) -> Result<RestoreReport> {
        let path = named(&self.backups_dir(), name)?;
        self.restore_file(&path)
    }

    /// As [`Store::restore`], from a file anywhere. The file is only read.
    pub fn restore_file(&self, path: &Path) -> Result<RestoreReport> {
        let (backups, blobs) = (self.backups_dir(), &self.inner.blobs);
        let has_blob = |hash: &[u8]| has_blob(blobs, hash);
        let report = match self.inner.backend.as_postgres() {
            Some(postgres) => postgres.put_in_place(&Prepared::new(path, &backups, &has_blob)?, &backups)?,
            None => self.sqlite()?.restore(path, &backups, &has_blob)?,
        };
        self.forget_memories();
        Ok(report)
    }

    /// As [`Store::restore_file`], from a database that was built for this by [`Store::seed_from`] and that nobody has
    /// open any more. References are checked as well as structure; the file is gone afterwards, whatever happens.
    pub fn take_in(&self, path: &Path) -> Result<RestoreReport> {
        let (backups, blobs) = (self.backups_dir(), &self.inner.blobs);
        let has_blob = |hash: &[u8]| has_blob(blobs, hash);
        let report = match self.inner.backend.as_postgres() {
            Some(postgres) => postgres.put_in_place(&Prepared::of_own(path, &has_blob)?, &backups)?,
            None => self.sqlite()?.take_in(path, &backups, &has_blob)?,
        };
        self.forget_memories();
        Ok(report)
    }

    fn forget_memories(&self) {
        self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.inner.keys.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Fills this new store from `old`. With `reread`, every file that can be reached is to be read again, and what
    /// `old` knows of it only stands for it until then.
    pub fn seed_from(&self, old: &Self, reread: bool) -> Result<()> {
        old.as_file(&TABLES, |old| self.sqlite()?.seed(old, reread))
    }

    /// Takes over what happened in `old` to operations since [`Store::seed_from`].
    pub fn catch_up_with(&self, old: &Self) -> Result<()> {
        old.as_file(&OPERATIONS, |old| self.sqlite()?.catch_up(old))
    }

    /// Does `work` with a SQLite file that holds at least these tables.
    fn as_file(&self, tables: &[&'static str], work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let Some(postgres) = self.inner.backend.as_postgres() else { return work(&self.database_path()?) };
        let folder = Folder::beside(&self.backups_dir())?;
        drop(postgres.copy(&folder.0, tables)?);
        work(&folder.0.join("tintype.db"))
    }

    /// The database file.
    pub fn database_path(&self) -> Result<PathBuf> {
        self.sqlite()?;
        Ok(self.inner.data_dir.join("tintype.db"))
    }

    fn backups_dir(&self) -> PathBuf {
        self.inner.data_dir.join("backups")
    }

    fn sqlite(&self) -> Result<&Sqlite> {
        self.inner
            .backend
            .as_sqlite()
            .ok_or_else(|| Error::Unsupported { what: "a PostgreSQL database is no file".to_owned() })
    }
}

/// Makes a library run again whose SQLite database in `data_dir` is damaged or missing: puts a backup in its place,
/// `source` or the newest usable one. The damaged files are renamed, never removed. A database that is well is
/// refused with [`Error::Conflict`], one that a process has open with [`Error::Busy`].
pub fn recover(data_dir: &Path, source: Option<&Path>) -> Result<RecoverReport> {
    let blobs = Blobs::new(data_dir.join("blobs"));
    let (path, backups) = (data_dir.join("tintype.db"), data_dir.join("backups"));
    sqlite::recover(&path, source, &backups, &|hash| has_blob(&blobs, hash))
}

/// The path of the backup called `name` in `data_dir`; it need not exist.
pub fn backup_path(data_dir: &Path, name: &str) -> Result<PathBuf> {
    named(&data_dir.join("backups"), name)
}

/// A name is one part of a path: nothing outside the folder is reached by it (INV-7).
fn named(backups: &Path, name: &str) -> Result<PathBuf> {
    let is_plain = Path::new(name).file_name().is_some_and(|part| part == name) && !name.starts_with('.');
    if is_plain { Ok(backups.join(name)) } else { Err(Error::not_found(format!("backup: {name}"))) }
}

fn has_blob(blobs: &Blobs, hash: &[u8]) -> bool {
    BlobHash::try_from(hash).is_ok_and(|hash| blobs.has(&hash))
}
