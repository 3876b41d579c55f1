//! Removing what is not wanted any more, and the store in figures.

use std::collections::HashSet;
use std::sync::PoisonError;

use tintype_core::{FeatureKey, PhotoId};

use super::blobs::BlobHash;
use super::scope::{self, Query};
use super::{Store, bump_generation, search};
use crate::backend::{Session, Value, params, query_all, query_one};
use crate::error::{Error, Result};
use crate::model::feature::{CacheStats, KeyStats, PruneReport};
use crate::model::scope::Scope;

impl Store {
    /// Removes all features of a photo's picture; how many.
    pub fn invalidate_photo(&self, photo: PhotoId) -> Result<u64> {
        self.remove_features(
            "features.subject_id IN (SELECT p.subject_id FROM photos p WHERE p.uuid = ?1)",
            params![photo.0],
        )
    }

    /// Removes all features of a kind; how many.
    pub fn invalidate_kind(&self, kind: &str) -> Result<u64> {
        self.remove_features(
            "features.key_id IN (SELECT k.id FROM feature_keys k WHERE k.kind = ?1)",
            params![kind],
        )
    }

    /// Removes all features of a producer; how many.
    pub fn invalidate_producer(&self, producer: &str) -> Result<u64> {
        self.remove_features(
            "features.key_id IN (SELECT k.id FROM feature_keys k WHERE k.producer = ?1)",
            params![producer],
        )
    }

    fn remove_features(&self, unwanted: &str, params: &[Value]) -> Result<u64> {
        let removed = self.write(|session| {
            search::mark_readers(session, unwanted, params)?;
            let removed = session.execute(&format!("DELETE FROM features WHERE {unwanted}"), params)?;
            count_removal(session)?;
            Ok(removed)
        })?;
        self.empty_memory();
        Ok(removed)
    }

    fn empty_memory(&self) {
        let mut memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.clear();
    }

    /// Removes files that are gone from roots that are online, photos without a file (except those picked for
    /// an album), features of keys other than `current`, pictures that no photo shows with their features, and
    /// blobs that no feature refers to. With `dry_run` it only counts.
    pub fn prune(&self, current: &[FeatureKey], dry_run: bool) -> Result<PruneReport> {
        let current: Vec<i64> = self.find_keys(current)?.into_iter().flatten().collect();
        let mut report = PruneReport::default();
        let work = |session: &mut dyn Session| prune_rows(session, &current);
        let rows = if dry_run { self.rolled_back(work)? } else { self.write(work)? };
        report.files = rows.files;
        report.photos = rows.photos;
        report.features = rows.features;
        report.subjects = rows.subjects;
        report.bytes_freed = rows.bytes;
        if !dry_run {
            self.empty_memory();
        }
        self.inner.blobs.walk(|hash, path, bytes, is_old| {
            if !rows.blobs.contains(&hash) && is_old && (dry_run || fs_err::remove_file(path).is_ok()) {
                report.blobs += 1;
                report.bytes_freed += bytes;
            }
        });
        Ok(report)
    }

    /// Does `work` and takes it back.
    fn rolled_back<T>(&self, mut work: impl FnMut(&mut dyn Session) -> Result<T>) -> Result<T> {
        let mut answer = None;
        let outcome: Result<()> = self.inner.backend.write(&mut |session| {
            answer = Some(work(session)?);
            Err(Error::conflict("rolled back on purpose"))
        });
        match (outcome, answer) {
            (Err(error), None) => Err(error),
            (_, Some(answer)) => Ok(answer),
            (Ok(()), None) => Err(Error::value("answer")),
        }
    }

    /// The store in figures. It reads the sizes of all features, so it is not for every second.
    pub fn stats(&self) -> Result<CacheStats> {
        let mut stats = self.read(|session| {
            let mut stats = CacheStats::default();
            let sql = "SELECT k.kind, k.producer, k.params, t.entries, t.bytes FROM feature_keys k JOIN \
                       (SELECT x.key_id AS key_id, COUNT(*) AS entries, CAST(SUM(x.bytes) AS BIGINT) AS bytes \
                       FROM features x GROUP BY x.key_id) t ON t.key_id = k.id ORDER BY k.kind, k.producer, k.params";
            stats.by_key = query_all(session, sql, &[], |row| {
                Ok(KeyStats {
                    kind: row.text(0)?,
                    producer: row.text(1)?,
                    params: row.text(2)?,
                    entries: row.int(3)? as u64,
                    bytes: row.int(4)? as u64,
                })
            })?;
            let mut count = |sql: &str| -> Result<u64> {
                Ok(query_one(session, sql, &[], |row| row.int(0))?.unwrap_or(0) as u64)
            };
            stats.photos = count("SELECT COUNT(*) FROM photos WHERE copies > 0")?;
            stats.files = count("SELECT COUNT(*) FROM files WHERE present = 1")?;
            stats.subjects = count("SELECT COUNT(*) FROM subjects")?;
            let copies = count("SELECT COUNT(*) FROM files WHERE present = 1 AND photo_id IS NOT NULL")?;
            stats.duplicate_files = copies.saturating_sub(stats.photos);
            Ok(stats)
        })?;
        stats.entries = stats.by_key.iter().map(|key| key.entries).sum();
        stats.bytes = stats.by_key.iter().map(|key| key.bytes).sum();
        stats.memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner).stats();
        stats.database_bytes = self.inner.backend.size()?;
        stats.blobs = self.inner.blobs.stats();
        Ok(stats)
    }

    /// How many features there are, without reading them.
    pub fn feature_count(&self) -> Result<u64> {
        self.read(|session| {
            let count = query_one(session, "SELECT COUNT(*) FROM features", &[], |row| row.int(0))?;
            Ok(count.unwrap_or(0) as u64)
        })
    }

    /// For each key, how many of the pictures in `scope` have it, and how many pictures there are.
    pub fn coverage(&self, scope: &Scope, keys: &[FeatureKey]) -> Result<Vec<(FeatureKey, u64, u64)>> {
        let key_ids = self.find_keys(keys)?;
        self.read(|session| {
            let mut query = Query::default();
            let condition = scope::photos(session, scope, &mut query)?;
            let sql = format!("SELECT COUNT(DISTINCT p.subject_id) FROM photos p WHERE {condition}");
            let total = query_one(session, &sql, &query.params, |row| row.int(0))?.unwrap_or(0) as u64;
            keys.iter()
                .zip(&key_ids)
                .map(|(key, id)| {
                    let mut query = Query::default();
                    let condition = scope::photos(session, scope, &mut query)?;
                    let id = query.arg(id.unwrap_or(0));
                    let sql = format!(
                        "SELECT COUNT(DISTINCT p.subject_id) FROM photos p WHERE {condition} AND EXISTS \
                         (SELECT 1 FROM features x WHERE x.subject_id = p.subject_id AND x.key_id = {id})"
                    );
                    let have = query_one(session, &sql, &query.params, |row| row.int(0))?.unwrap_or(0) as u64;
                    Ok((key.clone(), have, total))
                })
                .collect()
        })
    }
}

/// Says that features were removed: to the memory level of every process, and to completions.
pub(super) fn count_removal(session: &mut dyn Session) -> Result<()> {
    session.execute("UPDATE tintype_meta SET removals = removals + 1 WHERE id = 1", &[])?;
    bump_generation(session)
}

struct PrunedRows {
    files: u64,
    photos: u64,
    features: u64,
    subjects: u64,
    bytes: u64,
    /// Blobs still referred to.
    blobs: HashSet<BlobHash>,
}

fn prune_rows(session: &mut dyn Session, current: &[i64]) -> Result<PrunedRows> {
    let files = session.execute(
        "DELETE FROM files WHERE present = 0 AND folder_id IN (SELECT d.id FROM folders d \
         JOIN roots r ON r.id = d.root_id WHERE r.online = 1)",
        &[],
    )?;
    let lost = "NOT EXISTS (SELECT 1 FROM files f WHERE f.photo_id = photos.id) \
                AND NOT EXISTS (SELECT 1 FROM album_photos a WHERE a.photo_id = photos.id)";
    let documents =
        query_all(session, &format!("SELECT id FROM photos WHERE {lost}"), &[], |row| row.int(0))?;
    search::remove(session, &documents)?;
    let photos = session.execute(&format!("DELETE FROM photos WHERE {lost}"), &[])?;
    let unwanted = "key_id NOT IN (SELECT k.id FROM feature_keys k WHERE k.id IN rarray(?1)) OR NOT EXISTS \
                    (SELECT 1 FROM photos p WHERE p.subject_id = features.subject_id)";
    let sum = format!(
        "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM features WHERE type < 16 AND ({unwanted})"
    );
    let bytes = query_one(session, &sum, params![current.to_vec()], |row| row.int(0))?.unwrap_or(0) as u64;
    search::mark_readers(session, unwanted, params![current.to_vec()])?;
    let features =
        session.execute(&format!("DELETE FROM features WHERE {unwanted}"), params![current.to_vec()])?;
    let subjects = session.execute(
        "DELETE FROM subjects WHERE NOT EXISTS (SELECT 1 FROM photos p WHERE p.subject_id = subjects.id)",
        &[],
    )?;
    session.execute(
        "DELETE FROM folders WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.folder_id = folders.id)",
        &[],
    )?;
    if features > 0 || files > 0 || photos > 0 {
        count_removal(session)?;
    }
    let mut blobs = HashSet::new();
    session.query("SELECT value FROM features WHERE type >= 16", &[], &mut |row| {
        blobs.extend(BlobHash::try_from(row.bytes(0)?).ok());
        Ok(())
    })?;
    Ok(PrunedRows { files, photos, features, subjects, bytes, blobs })
}
