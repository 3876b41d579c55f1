//! What work on photos needs to know: where files are, what they hold, what is missing for them.

use std::collections::HashMap;

use tintype_core::{FeatureKey, Issue, Orientation, PhotoId, PixelHash};

use super::photo::{self, subject_key};
use super::scope::{self, Query};
use super::{Store, paths};
use crate::backend::{Column, Session, params, query_all, values};
use crate::error::{Error, Result};
use crate::model::scan::{FileId, Stat};
use crate::model::scope::Scope;
use crate::model::work::{WorkItem, WorkPhoto};

/// Keys that fit a bit mask.
const MAX_KEYS: usize = 64;

impl Store {
    /// What is known about `files`, in that order; unknown rows are left out.
    pub fn work_items(&self, files: &[FileId]) -> Result<Vec<WorkItem>> {
        let ids: Vec<i64> = files.iter().map(|file| file.0).collect();
        let sql = "SELECT f.id, r.path, d.rel, f.name, f.size, f.mtime_ns, f.inode, f.settled, \
                   p.uuid, p.content_hash, s.subject_key, m.metadata, x.name \
                   FROM files f JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id \
                   LEFT JOIN photos p ON p.id = f.photo_id LEFT JOIN subjects s ON s.id = p.subject_id \
                   LEFT JOIN photo_metadata m ON m.photo_id = p.id \
                   LEFT JOIN sidecars x ON x.file_id = f.id WHERE f.id IN rarray(?1)";
        let items = self.read(|session| {
            query_all(session, sql, params![ids.clone()], |row| {
                let (root, folder, name) = (row.bytes(1)?, row.bytes(2)?, row.bytes(3)?);
                let photo = match row.opt_bytes(8)? {
                    None => None,
                    Some(uuid) => {
                        let (pixel_hash, orientation) = photo::split_key(row.bytes(10)?)?;
                        let metadata = row.opt_text(11)?.map(|text| photo::metadata(&text)).transpose()?;
                        Some(WorkPhoto {
                            id: photo::photo_id(uuid)?,
                            content_hash: photo::content_hash(row.bytes(9)?)?,
                            pixel_hash,
                            orientation,
                            metadata: metadata.unwrap_or_default(),
                        })
                    }
                };
                Ok(WorkItem {
                    file: FileId(row.int(0)?),
                    path: paths::full_path(root, folder, name),
                    rel: paths::join_rel(folder, name),
                    stat: Stat { size: row.int(4)? as u64, mtime_ns: row.int(5)?, inode: row.int(6)? as u64 },
                    settled: row.bool(7)?,
                    sidecar: row.opt_bytes(12)?.map(|name| paths::full_path(root, folder, name)),
                    photo,
                })
            })
        })?;
        let mut by_id: HashMap<FileId, WorkItem> = items.into_iter().map(|item| (item.file, item)).collect();
        Ok(files.iter().filter_map(|file| by_id.remove(file)).collect())
    }

    /// One present, settled file for each picture in `scope` that lacks any of `keys`, with a bit set for each
    /// key it lacks (bit 0 is the first key). Pictures on which the decoders `decoders` failed are left out.
    /// Ordered by root, folder and name.
    pub fn missing_features(
        &self,
        scope: &Scope,
        keys: &[FeatureKey],
        decoders: &str,
    ) -> Result<Vec<(FileId, u64)>> {
        check_keys(keys)?;
        let key_ids = self.find_keys(keys)?;
        self.read(|session| {
            let mut masks: HashMap<i64, u64> = HashMap::new();
            for (bit, key) in key_ids.iter().enumerate() {
                // The anti-join: pictures in scope without a feature of this key. A key never seen has id 0.
                let mut query = Query::default();
                let condition = scope::photos(session, scope, &mut query)?;
                let (key, decoders) = (query.arg(key.unwrap_or(0)), query.arg(decoders));
                let sql = format!(
                    "SELECT p.subject_id FROM photos p JOIN subjects s ON s.id = p.subject_id \
                     WHERE {condition} AND (s.undecodable IS NULL OR s.undecodable <> {decoders}) \
                     AND NOT EXISTS (SELECT 1 FROM features x WHERE x.subject_id = p.subject_id AND x.key_id = {key})"
                );
                session.query(&sql, &query.params, &mut |row| {
                    *masks.entry(row.int(0)?).or_default() |= 1 << bit;
                    Ok(())
                })?;
            }
            if masks.is_empty() {
                return Ok(Vec::new());
            }
            let mut query = Query::default();
            let condition = scope::files(session, scope, &mut query)?;
            let sql = format!(
                "SELECT f.id, p.subject_id FROM files f JOIN folders d ON d.id = f.folder_id \
                 JOIN photos p ON p.id = f.photo_id \
                 WHERE f.present = 1 AND f.settled = 1 AND {condition} ORDER BY d.root_id, d.rel, f.name"
            );
            let mut missing = Vec::with_capacity(masks.len());
            session.query(&sql, &query.params, &mut |row| {
                if let Some(mask) = masks.remove(&row.int(1)?) {
                    missing.push((FileId(row.int(0)?), mask));
                }
                Ok(())
            })?;
            Ok(missing)
        })
    }

    /// For each picture: a bit for each of `keys` that is stored (bit 0 is the first key), and the decoders that
    /// failed on it, if any.
    pub fn have_features(
        &self,
        pictures: &[(PixelHash, Orientation)],
        keys: &[FeatureKey],
    ) -> Result<Vec<(u64, Option<String>)>> {
        check_keys(keys)?;
        let key_ids = self.find_keys(keys)?;
        let bits: HashMap<i64, usize> =
            key_ids.iter().enumerate().filter_map(|(bit, key)| key.map(|key| (key, bit))).collect();
        let wanted: Vec<i64> = key_ids.iter().copied().flatten().collect();
        let subject_keys: Vec<Vec<u8>> =
            pictures.iter().map(|(hash, turn)| subject_key(hash, *turn)).collect();
        self.read(|session| {
            let find = "SELECT id, subject_key, undecodable FROM subjects WHERE subject_key IN rarray(?1)";
            let mut found: HashMap<Vec<u8>, (i64, Option<String>)> = HashMap::new();
            session.query(find, params![subject_keys.clone()], &mut |row| {
                found.insert(row.bytes(1)?.to_vec(), (row.int(0)?, row.opt_text(2)?));
                Ok(())
            })?;
            let mut ids: Vec<i64> = found.values().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            let mut masks: HashMap<i64, u64> = HashMap::new();
            let have = "SELECT subject_id, key_id FROM features WHERE subject_id IN rarray(?1) AND key_id IN rarray(?2)";
            session.query(have, params![ids, wanted.clone()], &mut |row| {
                if let Some(bit) = bits.get(&row.int(1)?) {
                    *masks.entry(row.int(0)?).or_default() |= 1 << bit;
                }
                Ok(())
            })?;
            Ok(subject_keys
                .iter()
                .map(|key| match found.get(key) {
                    Some((id, undecodable)) => (masks.get(id).copied().unwrap_or(0), undecodable.clone()),
                    None => (0, None),
                })
                .collect())
        })
    }

    /// Replaces the issues recorded for a file.
    pub fn replace_issues(&self, file: FileId, issues: &[Issue]) -> Result<()> {
        self.write(|session| write_issues(session, &[(file, issues.iter().collect())]))
    }

    /// What went wrong with a file.
    pub fn issues_of_file(&self, file: FileId) -> Result<Vec<Issue>> {
        let sql = "SELECT stage, code, detail FROM issues WHERE file_id = ?1 ORDER BY position";
        self.read(|session| query_all(session, sql, params![file.0], |row| photo::issue(row, 0)))
    }

    /// What went wrong with the present files of a photo.
    pub fn issues_of_photo(&self, photo: PhotoId) -> Result<Vec<Issue>> {
        let sql = "SELECT i.stage, i.code, i.detail FROM issues i JOIN files f ON f.id = i.file_id \
                   JOIN photos p ON p.id = f.photo_id WHERE p.uuid = ?1 AND f.present = 1 ORDER BY i.file_id, i.position";
        self.read(|session| query_all(session, sql, params![photo.0], |row| photo::issue(row, 0)))
    }
}

fn check_keys(keys: &[FeatureKey]) -> Result<()> {
    if keys.len() > MAX_KEYS {
        return Err(Error::invalid(format!("at most {MAX_KEYS} feature keys at once")));
    }
    Ok(())
}

/// Replaces the issues of files that exist.
pub(super) fn write_issues(session: &mut dyn Session, issues: &[(FileId, Vec<&Issue>)]) -> Result<()> {
    let files: Vec<i64> = issues.iter().map(|(file, _)| file.0).collect();
    session.execute("DELETE FROM issues WHERE file_id IN rarray(?1)", params![files])?;
    let mut rows = Vec::new();
    for (file, list) in issues {
        for (position, issue) in list.iter().enumerate() {
            rows.push(values![file.0, position, issue.stage.as_str(), issue.code.as_str(), &issue.detail]);
        }
    }
    session.bulk(
        "INSERT INTO issues (file_id, position, stage, code, detail) SELECT r.c1, r.c2, r.c3, r.c4, r.c5 FROM {rows} \
         WHERE EXISTS (SELECT 1 FROM files f WHERE f.id = r.c1)",
        &[Column::Int, Column::Int, Column::Text, Column::Text, Column::Text],
        &rows,
    )?;
    Ok(())
}
