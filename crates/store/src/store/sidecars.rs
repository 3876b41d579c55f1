//! XMP side files: a change to one is a change to the file that it describes.

use std::collections::HashMap;

use super::scan::below;
use super::{Store, paths};
use crate::backend::{Column, params, query_all, query_one, values};
use crate::error::Result;
use crate::model::scan::{FileId, RootId, SeenSidecar};

impl Store {
    /// Whether any side file is known under `root`, or in the folder `under` of it and below.
    pub fn has_sidecars(&self, root: RootId, under: &[u8]) -> Result<bool> {
        let (from, to) = below(under);
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM sidecars s JOIN files f ON f.id = s.file_id JOIN folders d ON d.id = f.folder_id \
                   WHERE d.root_id = ?1 AND (?2 = 0 OR d.rel = ?3 OR (d.rel >= ?4 AND d.rel < ?5)) LIMIT 1) AS one";
        self.read(|session| {
            let params = params![root.0, i64::from(!under.is_empty()), under, from.clone(), to.clone()];
            Ok(query_one(session, sql, params, |row| row.int(0))?.unwrap_or(0) > 0)
        })
    }

    /// Takes in all side files that a walk found under `root`, or in the folder `under` of it and below, after the
    /// files were taken in. Files whose side file is new, changed or gone are to be read again; how many.
    pub fn apply_sidecars(&self, root: RootId, under: &[u8], seen: &[SeenSidecar]) -> Result<u64> {
        let (from, to) = below(under);
        self.write(|session| {
            let place = "d.root_id = ?1 AND (?2 = 0 OR d.rel = ?3 OR (d.rel >= ?4 AND d.rel < ?5))";
            let range = params![root.0, i64::from(!under.is_empty()), under, from.clone(), to.clone()];
            let sql = format!(
                "SELECT s.file_id, s.name, s.size, s.mtime_ns FROM sidecars s JOIN files f ON f.id = s.file_id \
                 JOIN folders d ON d.id = f.folder_id WHERE {place}"
            );
            let mut known: HashMap<i64, (Vec<u8>, u64, i64)> = query_all(session, &sql, range, |row| {
                Ok((row.int(0)?, (row.bytes(1)?.to_vec(), row.int(2)? as u64, row.int(3)?)))
            })?
            .into_iter()
            .collect();
            let mut folders: Vec<Vec<u8>> = seen.iter().map(|one| one.folder.clone()).collect();
            folders.sort_unstable();
            folders.dedup();
            let mut names: Vec<Vec<u8>> = seen.iter().map(|one| one.of.clone()).collect();
            names.sort_unstable();
            names.dedup();
            let sql = "SELECT d.rel, f.name, f.id FROM files f JOIN folders d ON d.id = f.folder_id \
                       WHERE d.root_id = ?1 AND d.rel IN rarray(?2) AND f.name IN rarray(?3)";
            let files: HashMap<(Vec<u8>, Vec<u8>), i64> =
                query_all(session, sql, params![root.0, folders, names], |row| {
                    Ok(((row.bytes(0)?.to_vec(), row.bytes(1)?.to_vec()), row.int(2)?))
                })?
                .into_iter()
                .collect();
            let (mut rows, mut again) = (Vec::new(), Vec::new());
            for one in seen {
                let Some(file) = files.get(&(one.folder.clone(), one.of.clone())) else { continue };
                let same = known
                    .remove(file)
                    .is_some_and(|(name, size, mtime)| name == one.name && size == one.size && mtime == one.mtime_ns);
                if !same {
                    rows.push(values![*file, &one.name, one.size, one.mtime_ns]);
                    again.push(*file);
                }
            }
            let gone: Vec<i64> = known.into_keys().collect();
            session.execute("DELETE FROM sidecars WHERE file_id IN rarray(?1)", params![gone.clone()])?;
            again.extend(gone);
            session.bulk(
                "INSERT INTO sidecars (file_id, name, size, mtime_ns) SELECT r.c1, r.c2, r.c3, r.c4 FROM {rows} WHERE true \
                 ON CONFLICT (file_id) DO UPDATE SET name = excluded.name, size = excluded.size, mtime_ns = excluded.mtime_ns",
                &[Column::Int, Column::Blob, Column::Int, Column::Int],
                &rows,
            )?;
            session.execute("UPDATE files SET settled = 0 WHERE id IN rarray(?1)", params![again.clone()])?;
            if !again.is_empty() {
                super::bump_generation(session)?;
            }
            Ok(again.len() as u64)
        })
    }

    /// The side files of `files`, as paths.
    pub fn sidecars_of(&self, files: &[FileId]) -> Result<HashMap<FileId, std::path::PathBuf>> {
        let ids: Vec<i64> = files.iter().map(|file| file.0).collect();
        let sql = "SELECT s.file_id, r.path, d.rel, s.name FROM sidecars s JOIN files f ON f.id = s.file_id \
                   JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id WHERE s.file_id IN rarray(?1)";
        let found = self.read(|session| {
            query_all(session, sql, params![ids.clone()], |row| {
                Ok((FileId(row.int(0)?), paths::full_path(row.bytes(1)?, row.bytes(2)?, row.bytes(3)?)))
            })
        })?;
        Ok(found.into_iter().collect())
    }
}
