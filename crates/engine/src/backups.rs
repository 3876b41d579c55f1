//! Backups of the library's database, and going back to one.

use std::path::{Path, PathBuf};

use tintype_core::{Control, ErrorCode, Stop};
use tintype_store::{BackupInfo, RecoverReport, RestoreReport};

use crate::engine::Engine;
use crate::{Error, Result};

impl Engine {
    /// Copies the database, as it is at this moment, into the folder of backups; everything else goes on meanwhile.
    pub fn backup(&self) -> Result<BackupInfo> {
        Ok(self.store().backup()?)
    }

    /// What is in the folder of backups, newest first; what cannot be used says why.
    pub fn backups(&self) -> Result<Vec<BackupInfo>> {
        Ok(self.store().backups()?)
    }

    /// Removes all but the newest `keep` usable backups (at least one); the names of those removed.
    pub fn prune_backups(&self, keep: usize) -> Result<Vec<String>> {
        Ok(self.store().prune_backups(keep)?)
    }

    /// Goes back to the backup called `name`, after a backup of the library as it is. Refused while an operation
    /// runs, in this process or another. On any failure the library is as it was.
    pub fn restore(&self, name: &str) -> Result<RestoreReport> {
        let path = tintype_store::backup_path(&self.config().data_dir, name)?;
        self.restore_file(&path)
    }

    /// As [`Engine::restore`], from a file anywhere on this machine.
    pub fn restore_file(&self, path: &Path) -> Result<RestoreReport> {
        // Not to wait: an operation may run for hours.
        let now = Control::new();
        now.request(Stop::Interrupt);
        let Some(_pipeline) = self.0.wait_for_pipeline(&now)? else {
            return Err(Error::Unavailable {
                code: ErrorCode::Busy,
                detail: "an operation is running; pause or cancel it, then restore".into(),
            });
        };
        let report = self.store().restore_file(path)?;
        self.0.mark_interrupted()?;
        self.0.recover_decisions()?;
        Ok(report)
    }

    /// Makes a library run again whose database in `data_dir` is damaged or missing, from `backup` (a name in the
    /// folder of backups, or a path) or the newest usable one. What is damaged is renamed, never removed.
    pub fn recover(data_dir: &Path, backup: Option<&str>) -> Result<RecoverReport> {
        let source = backup.map(|backup| named_or_path(data_dir, backup)).transpose()?;
        Ok(tintype_store::recover(data_dir, source.as_deref())?)
    }
}

/// The backup that a user of this machine means: by its name in the folder of backups, or by its path.
fn named_or_path(data_dir: &Path, backup: &str) -> Result<PathBuf> {
    if let Ok(path) = tintype_store::backup_path(data_dir, backup)
        && path.exists()
    {
        return Ok(path);
    }
    let path = PathBuf::from(backup);
    if path.is_file() { Ok(path) } else { Ok(tintype_store::backup_path(data_dir, backup)?) }
}

impl Engine {
    /// As [`Engine::restore`], from a name or a path, as a user of this machine gives it.
    pub fn restore_named_or_path(&self, backup: &str) -> Result<RestoreReport> {
        let path = named_or_path(&self.config().data_dir, backup)?;
        self.restore_file(&path)
    }
}
