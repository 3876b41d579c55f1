//! Vectors on their way into indexes that lie beside the database, and back for the few whose exact score decides.

use std::collections::HashMap;

use tintype_core::{FeatureKey, FeatureValue, PhotoId};

use super::scope::Query;
use super::search::condition_source;
use super::{Store, photo};
use crate::backend::{Session, params, query_all, query_one};
use crate::error::{Error, Result};
use crate::model::listing::PhotoFilter;
use crate::model::pack::PictureId;
use crate::model::scope::Scope;
use crate::model::search::SearchCondition;

/// Vectors read at once: 2 MB of 512 dimensions.
const CHUNK: usize = 1_000;

/// Where the vectors of a database stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VectorState {
    /// Changes where row numbers may mean other pictures than before: in a database that was restored or rebuilt.
    pub epoch: i64,
    /// The last transaction that wrote a vector; grows.
    pub revision: u64,
}

impl Store {
    /// Where the vectors stand.
    pub fn vector_state(&self) -> Result<VectorState> {
        let sql = "SELECT vector_epoch, vector_revision FROM tintype_meta WHERE id = 1";
        let found = self.read(|session| {
            query_one(session, sql, &[], |row| {
                Ok(VectorState { epoch: row.int(0)?, revision: row.int(1)? as u64 })
            })
        })?;
        found.ok_or(Error::value("state of vectors"))
    }

    /// The keys of these kinds, each with how many pictures have its feature.
    pub fn keys_of_kinds(&self, kinds: &[&str]) -> Result<Vec<(FeatureKey, u64)>> {
        self.read(|session| {
            let sql = "SELECT k.kind, k.producer, k.params, (SELECT COUNT(*) FROM features x \
                       WHERE x.key_id = k.id AND x.revision IS NOT NULL) FROM feature_keys k ORDER BY k.id";
            let mut all = query_all(session, sql, &[], |row| {
                let key = FeatureKey { kind: row.text(0)?, producer: row.text(1)?, params: row.text(2)? };
                Ok((key, row.int(3)? as u64))
            })?;
            all.retain(|(key, _)| kinds.contains(&key.kind.as_str()));
            Ok(all)
        })
    }

    /// How many vectors of a key were written after a revision; counting stops at `at_most`.
    pub fn count_vectors_since(&self, key: &FeatureKey, revision: u64, at_most: usize) -> Result<usize> {
        let Some(Some(key)) = self.find_keys(std::slice::from_ref(key))?.pop() else { return Ok(0) };
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM features x WHERE x.key_id = ?1 AND x.revision IS NOT NULL \
                   AND x.revision > ?2 LIMIT ?3) t";
        let count =
            self.read(|session| query_one(session, sql, params![key, revision, at_most], |row| row.int(0)))?;
        Ok(count.unwrap_or(0) as usize)
    }

    /// Calls `visit` with revision, picture and vector of each vector of a key that was written after `revision`, oldest
    /// first, and returns the revision that they reach. Whatever the number, about a thousand are in memory at once.
    /// `visit` may stop it by returning false; the revision returned is then the one given.
    pub fn vectors_since(
        &self,
        key: &FeatureKey,
        revision: u64,
        mut visit: impl FnMut(u64, PictureId, &[f32]) -> bool,
    ) -> Result<u64> {
        let reached = self.vector_state()?.revision.max(revision);
        let Some(Some(key)) = self.find_keys(std::slice::from_ref(key))?.pop() else { return Ok(reached) };
        let sql = "SELECT x.revision, x.subject_id, x.type, x.value FROM features x WHERE x.key_id = ?1 \
                   AND x.revision IS NOT NULL AND (x.revision, x.subject_id) > (?2, ?3) \
                   ORDER BY x.revision, x.subject_id LIMIT ?4";
        let mut after = (revision as i64, i64::MAX);
        loop {
            let some = self.read(|session| {
                query_all(session, sql, params![key, after.0, after.1, CHUNK], |row| {
                    Ok((row.int(0)?, row.int(1)?, self.decode(row, 2)?))
                })
            })?;
            for (written, picture, value) in &some {
                if let Some(FeatureValue::Vector(vector)) = value
                    && !visit(*written as u64, PictureId(*picture), vector)
                {
                    return Ok(revision);
                }
            }
            match some.last() {
                Some((last, picture, _)) if some.len() == CHUNK => after = (*last, *picture),
                // What was committed while reading may have been seen, too.
                last => return Ok(last.map_or(reached, |(last, _, _)| reached.max(*last as u64))),
            }
        }
    }

    /// Calls `visit` with the position in `pictures` and the vector of each picture that has one under this key.
    pub fn read_vectors(
        &self,
        key: &FeatureKey,
        pictures: &[PictureId],
        mut visit: impl FnMut(usize, &[f32]),
    ) -> Result<()> {
        let Some(Some(key)) = self.find_keys(std::slice::from_ref(key))?.pop() else { return Ok(()) };
        let sql = "SELECT x.subject_id, x.type, x.value FROM features x \
                   WHERE x.subject_id IN rarray(?1) AND x.key_id = ?2";
        for (chunk, some) in pictures.chunks(CHUNK).enumerate() {
            let places: HashMap<i64, usize> =
                some.iter().enumerate().map(|(at, picture)| (picture.0, chunk * CHUNK + at)).collect();
            let rows: Vec<i64> = some.iter().map(|picture| picture.0).collect();
            self.read(|session| {
                session.query(sql, params![rows.clone(), key], &mut |row| {
                    if let (Some(at), Some(FeatureValue::Vector(vector))) =
                        (places.get(&row.int(0)?), self.decode(row, 1)?)
                    {
                        visit(*at, &vector);
                    }
                    Ok(())
                })
            })?;
        }
        Ok(())
    }

    /// Of `pictures`, those that have a feature of this key no more.
    pub fn without_vector(&self, key: &FeatureKey, pictures: &[PictureId]) -> Result<Vec<PictureId>> {
        let Some(Some(key)) = self.find_keys(std::slice::from_ref(key))?.pop() else {
            return Ok(pictures.to_vec());
        };
        let sql = "SELECT x.subject_id FROM features x WHERE x.subject_id IN rarray(?1) AND x.key_id = ?2";
        let mut gone = Vec::new();
        for some in pictures.chunks(CHUNK) {
            let rows: Vec<i64> = some.iter().map(|picture| picture.0).collect();
            let there =
                self.read(|session| query_all(session, sql, params![rows.clone(), key], |row| row.int(0)))?;
            let there: std::collections::HashSet<i64> = there.into_iter().collect();
            gone.extend(some.iter().filter(|picture| !there.contains(&picture.0)));
        }
        Ok(gone)
    }

    /// The pictures of at most `limit` photos of `scope` that meet `filter` and `condition`, in no particular order.
    pub fn search_pictures(
        &self,
        scope: &Scope,
        filter: &PhotoFilter,
        condition: &SearchCondition,
        limit: usize,
    ) -> Result<Vec<PictureId>> {
        self.read(|session| {
            let mut query = Query::default();
            let from = condition_source(session, scope, filter, condition, &mut query)?;
            let limit = query.arg(limit);
            let sql = format!("SELECT p.subject_id FROM {from} LIMIT {limit}");
            query_all(session, &sql, &query.params, |row| Ok(PictureId(row.int(0)?)))
        })
    }

    /// The photos of the library that show these pictures, in the order given; copies with other metadata stand next
    /// to each other.
    pub fn photos_showing(&self, pictures: &[PictureId]) -> Result<Vec<(PictureId, PhotoId)>> {
        let rows: Vec<i64> = pictures.iter().map(|picture| picture.0).collect();
        let sql = "SELECT p.subject_id, p.uuid FROM photos p WHERE p.subject_id IN rarray(?1) AND p.copies > 0 \
                   ORDER BY p.id";
        let found = self.read(|session| {
            query_all(session, sql, params![rows.clone()], |row| {
                Ok((PictureId(row.int(0)?), photo::photo_id(row.bytes(1)?)?))
            })
        })?;
        let mut by_picture: HashMap<PictureId, Vec<PhotoId>> = HashMap::new();
        for (picture, photo) in found {
            by_picture.entry(picture).or_default().push(photo);
        }
        let photos = |picture: &PictureId| {
            let photos = by_picture.get(picture).cloned().unwrap_or_default();
            photos.into_iter().map(|photo| (*picture, photo)).collect::<Vec<_>>()
        };
        Ok(pictures.iter().flat_map(photos).collect())
    }

    /// The picture that a photo shows.
    pub fn picture_of(&self, photo: PhotoId) -> Result<Option<PictureId>> {
        let sql = "SELECT p.subject_id FROM photos p WHERE p.uuid = ?1";
        self.read(|session| query_one(session, sql, params![photo.0], |row| Ok(PictureId(row.int(0)?))))
    }

    /// What people set under a name, if they did.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        let sql = "SELECT value FROM settings WHERE name = ?1";
        self.read(|session| query_one(session, sql, params![name], |row| row.text(0)))
    }

    /// Sets something under a name; `None` takes it back.
    pub fn set_setting(&self, name: &str, value: Option<&str>) -> Result<()> {
        self.write(|session| {
            session.execute("DELETE FROM settings WHERE name = ?1", params![name])?;
            if let Some(value) = value {
                session
                    .execute("INSERT INTO settings (name, value) VALUES (?1, ?2)", params![name, value])?;
            }
            Ok(())
        })
    }
}

/// The number of the transaction that writes vectors now. Taking it makes other writers of vectors wait for the end of
/// this transaction, so that whoever sees a number sees all vectors of lower ones.
pub(super) fn next_revision(session: &mut dyn Session) -> Result<i64> {
    session.execute("UPDATE tintype_meta SET vector_revision = vector_revision + 1 WHERE id = 1", &[])?;
    let sql = "SELECT vector_revision FROM tintype_meta WHERE id = 1";
    query_one(session, sql, &[], |row| row.int(0))?.ok_or(Error::value("revision of vectors"))
}
