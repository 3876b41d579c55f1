//! Copies of the database, and what came of going back to one.

use std::path::PathBuf;

use serde::Serialize;

/// A copy of the SQLite database. Photos, previews and large feature values are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupInfo {
    /// File name in the folder of backups, or the path that was given.
    pub name: String,
    /// When it was made, milliseconds since the Unix epoch: from its name, else its modification time.
    pub created_ms: i64,
    /// Size on disk.
    pub bytes: u64,
    /// Version of the schema; `None` where it could not be read.
    pub schema: Option<i64>,
    /// Photos with at least one present file; `None` where they could not be counted.
    pub photos: Option<u64>,
    /// Why it cannot be restored, as far as a quick look can tell; `None` for a usable one.
    pub problem: Option<String>,
}

impl BackupInfo {
    /// Whether a quick look found nothing against restoring it.
    pub fn is_usable(&self) -> bool {
        self.problem.is_none()
    }
}

/// A restored backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// The backup that is the library now.
    pub restored: BackupInfo,
    /// The copy that was made of the state before.
    pub before: BackupInfo,
}

/// A library that runs again from a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecoverReport {
    /// The backup that is the library now.
    pub restored: BackupInfo,
    /// Where the files of the damaged database are kept.
    pub set_aside: Vec<PathBuf>,
}
