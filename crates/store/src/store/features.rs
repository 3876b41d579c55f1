//! Features in and out: found only by picture, kind, producer and parameters (INV-2).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use tintype_core::clock::now_ms;
use tintype_core::{FeatureKey, FeatureValue, Orientation, PhotoId, PixelHash};

use super::blobs::{BlobHash, INLINE_BYTES};
use super::commit::Subjects;
use super::photo::{self, subject_key};
use super::scope::{self, Query};
use super::{Store, search, vectors};
use crate::backend::{Column, Row, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::feature::{FeatureRow, StoredFeature};
use crate::model::scope::Scope;
use crate::model::work::NewFeature;

/// Photos whose features are read at once by [`Store::scan_features`].
const SCAN_CHUNK: usize = 2_000;
/// Added to a value's type when the row holds the hash of a blob.
const EXTERNAL: i64 = 16;
/// The type of vectors.
const VECTOR: i64 = 1;

/// A feature as its row holds it.
pub(super) struct Encoded {
    pixel_hash: PixelHash,
    orientation: Orientation,
    key: i64,
    /// When it was made; `None` is now, and then it takes the place of whatever is there.
    created_ms: Option<i64>,
    kind: i64,
    bytes: usize,
    value: Vec<u8>,
}

/// A feature with its value as bytes.
pub(super) struct RawFeature<'a> {
    pub(super) picture: (PixelHash, Orientation),
    pub(super) key: &'a FeatureKey,
    pub(super) created_ms: Option<i64>,
    pub(super) kind: i64,
    pub(super) value: Cow<'a, [u8]>,
}

impl Store {
    /// For each picture, the value of each key in the order of `keys`. One query, whatever the counts.
    pub fn get_features(
        &self,
        pictures: &[(PixelHash, Orientation)],
        keys: &[FeatureKey],
    ) -> Result<Vec<Vec<Option<FeatureValue>>>> {
        let key_ids = self.find_keys(keys)?;
        let subjects: Vec<Vec<u8>> = pictures.iter().map(|(hash, turn)| subject_key(hash, *turn)).collect();
        let stamp = self.removals()?;
        let mut found: HashMap<(Vec<u8>, i64), Arc<FeatureValue>> = HashMap::new();
        let mut missing: HashSet<&Vec<u8>> = HashSet::new();
        {
            let mut memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.at(stamp);
            for subject in &subjects {
                for key in key_ids.iter().flatten() {
                    let wanted = (subject.clone(), *key);
                    match memory.get(&wanted) {
                        Some(value) => _ = found.insert(wanted, value),
                        None => _ = missing.insert(subject),
                    }
                }
            }
        }
        if !missing.is_empty() {
            let mut missing: Vec<Vec<u8>> = missing.into_iter().cloned().collect();
            missing.sort_unstable();
            let keys: Vec<i64> = key_ids.iter().copied().flatten().collect();
            let read = self.read(|session| {
                let sql = "SELECT s.subject_key, x.key_id, x.type, x.value FROM subjects s \
                           JOIN features x ON x.subject_id = s.id \
                           WHERE s.subject_key IN rarray(?1) AND x.key_id IN rarray(?2)";
                query_all(session, sql, params![missing.clone(), keys.clone()], |row| {
                    Ok(((row.bytes(0)?.to_vec(), row.int(1)?), self.decode(row, 2)?))
                })
            })?;
            let mut memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, value) in read {
                if let Some(value) = value {
                    let value = Arc::new(value);
                    memory.put(stamp, key.clone(), Arc::clone(&value));
                    found.insert(key, value);
                }
            }
        }
        Ok(subjects
            .iter()
            .map(|subject| {
                let value =
                    |key: &Option<i64>| found.get(&(subject.clone(), (*key)?)).map(|value| (**value).clone());
                key_ids.iter().map(value).collect()
            })
            .collect())
    }

    /// Stores features outside any operation, in one transaction.
    pub fn put_features(&self, features: &[NewFeature]) -> Result<()> {
        if features.is_empty() {
            return Ok(());
        }
        let encoded = self.encode_features(features)?;
        self.write(|session| {
            let keys = features.iter().map(|feature| subject_key(&feature.pixel_hash, feature.orientation));
            let subjects = Subjects::intern_keys(session, keys.collect())?;
            write_features(session, &encoded, |key| subjects.get(key))?;
            search::mark_pictures(session, &subjects.all())
        })?;
        self.forget_features(features);
        Ok(())
    }

    /// All features of a photo, by kind, producer and parameters.
    pub fn features_of(&self, photo: PhotoId) -> Result<Vec<StoredFeature>> {
        self.read(|session| {
            let sql = "SELECT k.kind, k.producer, k.params, x.created_ms, x.bytes, x.type, x.value FROM photos p \
                       JOIN features x ON x.subject_id = p.subject_id JOIN feature_keys k ON k.id = x.key_id \
                       WHERE p.uuid = ?1 ORDER BY k.kind, k.producer, k.params";
            let rows = query_all(session, sql, params![photo.0], |row| {
                let key = FeatureKey { kind: row.text(0)?, producer: row.text(1)?, params: row.text(2)? };
                let (created_ms, bytes) = (row.int(3)?, row.int(4)? as u64);
                Ok(self.decode(row, 5)?.map(|value| StoredFeature { key, value, created_ms, bytes }))
            })?;
            Ok(rows.into_iter().flatten().collect())
        })
    }

    /// Calls `on_row` for each photo of `scope`, with the values of `keys` in that order; whatever the number of
    /// photos, only a few thousand are in memory at once. Photos come in the order in which they were first seen.
    pub fn scan_features(
        &self,
        scope: &Scope,
        keys: &[FeatureKey],
        mut on_row: impl FnMut(FeatureRow),
    ) -> Result<()> {
        let key_ids = self.find_keys(keys)?;
        let slots: HashMap<i64, usize> =
            key_ids.iter().enumerate().filter_map(|(slot, key)| key.map(|key| (key, slot))).collect();
        let wanted: Vec<i64> = key_ids.iter().copied().flatten().collect();
        self.read(|session| {
            let mut after = 0;
            loop {
                let mut query = Query::default();
                let condition = scope::photos(session, scope, &mut query)?;
                let (start, limit) = (query.arg(after), query.arg(SCAN_CHUNK));
                let sql = format!(
                    "SELECT p.id, p.uuid, p.taken_ms, p.subject_id, s.subject_key FROM photos p \
                     JOIN subjects s ON s.id = p.subject_id WHERE {condition} AND p.id > {start} ORDER BY p.id LIMIT {limit}"
                );
                let photos = query_all(session, &sql, &query.params, |row| {
                    let (pixel_hash, orientation) = photo::split_key(row.bytes(4)?)?;
                    let values = vec![None; keys.len()];
                    let photo = photo::photo_id(row.bytes(1)?)?;
                    let found = FeatureRow { photo, taken_ms: row.opt_int(2)?, pixel_hash, orientation, values };
                    Ok((row.int(0)?, row.int(3)?, found))
                })?;
                let Some((last, _, _)) = photos.last() else { return Ok(()) };
                after = *last;
                let is_last = photos.len() < SCAN_CHUNK;
                let mut subjects: Vec<i64> = photos.iter().map(|(_, subject, _)| *subject).collect();
                subjects.sort_unstable();
                subjects.dedup();
                let mut found: HashMap<i64, Vec<Option<FeatureValue>>> = HashMap::with_capacity(subjects.len());
                let sql = "SELECT subject_id, key_id, type, value FROM features \
                           WHERE subject_id IN rarray(?1) AND key_id IN rarray(?2)";
                session.query(sql, params![subjects, wanted.clone()], &mut |row| {
                    if let Some(slot) = slots.get(&row.int(1)?) {
                        found.entry(row.int(0)?).or_insert_with(|| vec![None; keys.len()])[*slot] = self.decode(row, 2)?;
                    }
                    Ok(())
                })?;
                for (_, subject, mut row) in photos {
                    if let Some(values) = found.get(&subject) {
                        row.values.clone_from(values);
                    }
                    on_row(row);
                }
                if is_last {
                    return Ok(());
                }
            }
        })
    }

    /// Rows of the keys that are known.
    pub(super) fn find_keys(&self, keys: &[FeatureKey]) -> Result<Vec<Option<i64>>> {
        let lookup = |keys: &[FeatureKey]| -> Vec<Option<i64>> {
            let known = self.inner.keys.read().unwrap_or_else(PoisonError::into_inner);
            keys.iter().map(|key| known.get(key).copied()).collect()
        };
        let found = lookup(keys);
        if found.iter().all(Option::is_some) {
            return Ok(found);
        }
        let all = self.read(|session| {
            query_all(session, "SELECT id, kind, producer, params FROM feature_keys", &[], |row| {
                let key = FeatureKey { kind: row.text(1)?, producer: row.text(2)?, params: row.text(3)? };
                Ok((key, row.int(0)?))
            })
        })?;
        self.inner.keys.write().unwrap_or_else(PoisonError::into_inner).extend(all);
        Ok(lookup(keys))
    }

    /// Rows of keys, made where they are new. In a transaction of its own: a key without features is harmless.
    fn intern_keys(&self, keys: &[FeatureKey]) -> Result<Vec<i64>> {
        let found = self.find_keys(keys)?;
        let new: Vec<&FeatureKey> =
            keys.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(key, _)| key).collect();
        if !new.is_empty() {
            self.write(|session| {
                let ids = session.new_ids(new.len())?;
                let rows: Vec<_> =
                    new.iter().zip(ids).map(|(key, id)| values![id, &key.kind, &key.producer, &key.params]).collect();
                session.bulk(
                    "INSERT INTO feature_keys (id, kind, producer, params) SELECT r.c1, r.c2, r.c3, r.c4 FROM {rows} \
                     WHERE true ON CONFLICT (kind, producer, params) DO NOTHING",
                    &[Column::Int, Column::Text, Column::Text, Column::Text],
                    &rows,
                )
            })?;
        }
        self.find_keys(keys)?.into_iter().map(|id| id.ok_or(Error::value("feature key"))).collect()
    }

    /// Turns features into what their rows hold; blobs are on disk when this returns.
    pub(super) fn encode_features(&self, features: &[NewFeature]) -> Result<Vec<Encoded>> {
        let raw = features.iter().map(|feature| {
            let (kind, value) = encode(&feature.value);
            let picture = (feature.pixel_hash, feature.orientation);
            RawFeature { picture, key: &feature.key, created_ms: None, kind, value }
        });
        self.encode_raw(raw.collect())
    }

    /// As [`Store::encode_features`], of values that are bytes already.
    pub(super) fn encode_raw(&self, features: Vec<RawFeature<'_>>) -> Result<Vec<Encoded>> {
        let mut keys: Vec<FeatureKey> = features.iter().map(|feature| feature.key.clone()).collect();
        keys.sort_unstable();
        keys.dedup();
        let ids = self.intern_keys(&keys)?;
        let ids: HashMap<&FeatureKey, i64> = keys.iter().zip(ids).collect();
        let mut encoded: Vec<Encoded> = Vec::with_capacity(features.len());
        for RawFeature { picture: (pixel_hash, orientation), key, created_ms, kind, value } in features {
            let key = *ids.get(key).ok_or(Error::value("feature key"))?;
            let bytes = value.len();
            let (kind, value) = if bytes > INLINE_BYTES {
                (kind + EXTERNAL, self.inner.blobs.put(&value)?.to_vec())
            } else {
                (kind, value.into_owned())
            };
            encoded.push(Encoded { pixel_hash, orientation, key, created_ms, kind, bytes, value });
        }
        // The order of rows is the order of locks, so that workers do not block each other in a circle; of two
        // values for one key the later one stays.
        encoded.sort_by_key(|e| (e.pixel_hash, e.orientation, e.key));
        encoded.reverse();
        encoded.dedup_by_key(|e| (e.pixel_hash, e.orientation, e.key));
        Ok(encoded)
    }

    /// Drops values from memory that were just written anew.
    pub(super) fn forget_features(&self, features: &[NewFeature]) {
        let known = self.inner.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut memory = self.inner.memory.lock().unwrap_or_else(PoisonError::into_inner);
        for feature in features {
            if let Some(key) = known.get(&feature.key) {
                memory.remove(&(subject_key(&feature.pixel_hash, feature.orientation), *key));
            }
        }
    }

    fn removals(&self) -> Result<i64> {
        let sql = "SELECT removals FROM tintype_meta WHERE id = 1";
        let found = self.read(|session| query_one(session, sql, &[], |row| row.int(0)))?;
        found.ok_or(Error::value("count of removals"))
    }

    /// The value in columns type and value from `first` on; `None` where its blob is gone.
    pub(super) fn decode(&self, row: &Row<'_>, first: usize) -> Result<Option<FeatureValue>> {
        let (kind, bytes) = (row.int(first)?, row.bytes(first + 1)?);
        if kind < EXTERNAL {
            return decode(kind, bytes).map(Some);
        }
        self.blob(bytes)?.map(|bytes| decode(kind - EXTERNAL, &bytes)).transpose()
    }

    /// Type and bytes of a value, wherever it lies; `None` where its blob is gone.
    pub(super) fn raw_value(&self, kind: i64, bytes: Vec<u8>) -> Result<Option<(i64, Vec<u8>)>> {
        if kind < EXTERNAL {
            return Ok(Some((kind, bytes)));
        }
        Ok(self.blob(&bytes)?.map(|bytes| (kind - EXTERNAL, bytes)))
    }

    fn blob(&self, hash: &[u8]) -> Result<Option<Vec<u8>>> {
        let hash: BlobHash = hash.try_into().map_err(|_length| Error::value("blob hash"))?;
        Ok(self.inner.blobs.get(&hash))
    }
}

pub(super) fn write_features(
    session: &mut dyn Session,
    encoded: &[Encoded],
    subject: impl Fn(&[u8]) -> Result<i64>,
) -> Result<()> {
    let now = now_ms();
    let is_vector = |e: &Encoded| e.kind % EXTERNAL == VECTOR;
    let revision = if encoded.iter().any(is_vector) { Some(vectors::next_revision(session)?) } else { None };
    let mut rows = Vec::with_capacity(encoded.len());
    for e in encoded {
        let subject = subject(&subject_key(&e.pixel_hash, e.orientation))?;
        let revision = revision.filter(|_| is_vector(e));
        rows.push(values![subject, e.key, e.kind, e.bytes, e.created_ms.unwrap_or(now), &e.value, revision]);
    }
    let only_newer = if encoded.iter().any(|e| e.created_ms.is_some()) {
        " WHERE excluded.created_ms > features.created_ms"
    } else {
        ""
    };
    session.bulk(
        &format!(
            "INSERT INTO features (subject_id, key_id, type, bytes, created_ms, value, revision) \
             SELECT r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7 FROM {{rows}} WHERE true \
             ON CONFLICT (subject_id, key_id) DO UPDATE SET type = excluded.type, bytes = excluded.bytes, \
             created_ms = excluded.created_ms, value = excluded.value, revision = excluded.revision{only_newer}"
        ),
        &[Column::Int, Column::Int, Column::Int, Column::Int, Column::Int, Column::Blob, Column::Int],
        &rows,
    )?;
    Ok(())
}

/// Type and bytes of a value: numbers and vectors little-endian, JSON as text.
fn encode(value: &FeatureValue) -> (i64, Cow<'_, [u8]>) {
    match value {
        FeatureValue::Number(x) => (0, x.to_le_bytes().to_vec().into()),
        FeatureValue::Vector(x) => {
            (VECTOR, x.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>().into())
        }
        FeatureValue::Json(x) => (2, x.to_string().into_bytes().into()),
        FeatureValue::Blob(x) => (3, x.as_slice().into()),
    }
}

pub(super) fn decode(kind: i64, bytes: &[u8]) -> Result<FeatureValue> {
    Ok(match kind {
        0 => FeatureValue::Number(f64::from_le_bytes(
            bytes.try_into().map_err(|_length| Error::value("number"))?,
        )),
        VECTOR => {
            let (numbers, rest) = bytes.as_chunks::<4>();
            if !rest.is_empty() {
                return Err(Error::value("vector"));
            }
            FeatureValue::Vector(numbers.iter().map(|four| f32::from_le_bytes(*four)).collect())
        }
        2 => FeatureValue::Json(serde_json::from_slice(bytes)?),
        3 => FeatureValue::Blob(bytes.to_vec()),
        _ => return Err(Error::value("feature type")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_round_trip() {
        for value in [
            FeatureValue::Number(-0.1),
            FeatureValue::Vector(vec![1.5, -2.0, f32::MIN_POSITIVE]),
            FeatureValue::Json(serde_json::json!({"a": [1, null, "ü"]})),
            FeatureValue::Blob(vec![0, 255]),
        ] {
            let (kind, bytes) = encode(&value);
            assert_eq!(decode(kind, &bytes).unwrap(), value);
        }
        assert!(decode(1, &[0; 5]).is_err());
    }
}
