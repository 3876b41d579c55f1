//! Graphs that are exported from a model's published weights: they lie in a folder of the model's own, and have no
//! hash that could be checked.

use std::path::PathBuf;
use std::sync::Arc;

use super::{FileReport, Models, files};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::table::{Format, ModelRow, Part};

/// Whether a part is weights that are of no use themselves.
pub(super) fn is_weights(part: &Part) -> bool {
    part.pins.iter().all(|pin| matches!(pin.format, Format::PyTorch { .. }))
}

impl Models {
    /// Exported graphs of a row: what each is in the model, and where it lies or is to lie.
    pub(super) fn exports(&self, row: &ModelRow) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let folder = self.0.config.models_dir.join(row.id);
        row.exports().iter().map(move |(role, file)| (*role, folder.join(file)))
    }

    /// Whether a part is here: its file, or the graphs that are exported from it.
    pub(super) fn has_part(&self, row: &ModelRow, part: &'static Part) -> bool {
        if is_weights(part) {
            self.exports(row).all(|(_, path)| path.is_file())
        } else {
            self.locate(part).is_some()
        }
    }

    /// A session of an exported graph; `None` if no graph of this role is exported.
    pub(super) fn exported_session(
        &self,
        row: &'static ModelRow,
        role: &str,
    ) -> Option<Result<Arc<Session>>> {
        let (role, path) = self.exports(row).find(|(exported, _)| *exported == role)?;
        if !path.is_file() {
            return Some(Err(not_exported(row, &path)));
        }
        let load = || {
            let name = format!("{}/{role}", row.id);
            let session = Session::load(&name, path.clone(), self.engine(), self.0.config.sessions)?;
            Ok(session.counted(self.counter(row)))
        };
        Some(self.0.loaded.get(row.id, role, files::stamp(&path).ok(), load))
    }

    /// What can be said of exported graphs: whether they are there.
    pub(super) fn report_exports(&self, row: &'static ModelRow) -> impl Iterator<Item = FileReport> {
        let names = row.exports().iter().map(|(_, file)| *file);
        self.exports(row).zip(names).map(|((role, path), name)| {
            let is_here = path.is_file();
            let problem = (!is_here).then(|| not_exported(row, &path).to_string());
            FileReport { role, name, path: is_here.then_some(path), problem }
        })
    }
}

/// The error for an exported graph that is not there.
pub(super) fn not_exported(row: &ModelRow, path: &std::path::Path) -> Error {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    Error::NotExported {
        model: row.id.to_owned(),
        file: format!("{}/{file}", row.id),
        how: row.note.to_owned(),
    }
}
