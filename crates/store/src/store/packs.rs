//! Features leaving for another library, and coming in from one.

use std::collections::HashMap;

use tintype_core::FeatureKey;
use tintype_core::clock::now_ms;

use super::commit::{Subjects, refresh_scores};
use super::features::{RawFeature, decode, write_features};
use super::maintenance::count_removal;
use super::photo::{self, subject_key};
use super::scope::{self, Query};
use super::{Store, bump_generation, search};
use crate::backend::{Column, Session, params, query_all, values};
use crate::error::Result;
use crate::model::pack::{ImportCounts, PackedFeature, PackedPicture, PictureId, PictureScores};
use crate::model::scope::Scope;

/// A feature's row before its value is read: picture, feature, size, type, and the value or its hash.
struct FeatureRow {
    subject: i64,
    key: FeatureKey,
    created_ms: i64,
    bytes: u64,
    kind: i64,
    value: Vec<u8>,
}

impl Store {
    /// Every picture that has a feature and is in `scope`; for the library also those whose photos are gone.
    pub fn pictures_with_features(&self, scope: &Scope) -> Result<Vec<PictureId>> {
        self.read(|session| {
            let mut query = Query::default();
            let sql = if *scope == Scope::Library {
                "SELECT DISTINCT x.subject_id FROM features x ORDER BY 1".to_owned()
            } else {
                let condition = scope::photos(session, scope, &mut query)?;
                format!(
                    "SELECT DISTINCT p.subject_id FROM photos p WHERE {condition} AND EXISTS \
                     (SELECT 1 FROM features x WHERE x.subject_id = p.subject_id) ORDER BY 1"
                )
            };
            query_all(session, &sql, &query.params, |row| Ok(PictureId(row.int(0)?)))
        })
    }

    /// Pictures with their features: of the first of `ids`, as many as fit into `budget` bytes of values (at least
    /// one), and how many ids that covers. Pictures that are gone meanwhile are left out, like values whose blob is.
    pub fn load_pictures(&self, ids: &[PictureId], budget: u64) -> Result<(Vec<PackedPicture>, usize)> {
        let rows: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let (mut pictures, raw) = self.read(|session| {
            let mut pictures = HashMap::new();
            let sql = "SELECT id, subject_key, decoder, sharpness, quality, is_blurry, blur_kind FROM subjects \
                       WHERE id IN rarray(?1)";
            session.query(sql, params![rows.clone()], &mut |row| {
                let (pixel_hash, orientation) = photo::split_key(row.bytes(1)?)?;
                let scores = PictureScores {
                    decoder: row.opt_text(2)?,
                    sharpness: row.opt_real(3)?,
                    quality: row.opt_real(4)?,
                    is_blurry: row.opt_bool(5)?,
                    blur_kind: row.opt_text(6)?,
                };
                pictures.insert(row.int(0)?, PackedPicture { pixel_hash, orientation, scores, features: Vec::new() });
                Ok(())
            })?;
            let sql = "SELECT x.subject_id, k.kind, k.producer, k.params, x.created_ms, x.bytes, x.type, x.value \
                       FROM features x JOIN feature_keys k ON k.id = x.key_id WHERE x.subject_id IN rarray(?1) \
                       ORDER BY x.subject_id, k.kind, k.producer, k.params";
            let raw = query_all(session, sql, params![rows.clone()], |row| {
                let key = FeatureKey { kind: row.text(1)?, producer: row.text(2)?, params: row.text(3)? };
                let (subject, created_ms, bytes) = (row.int(0)?, row.int(4)?, row.int(5)? as u64);
                Ok(FeatureRow { subject, key, created_ms, bytes, kind: row.int(6)?, value: row.bytes(7)?.to_vec() })
            })?;
            Ok((pictures, raw))
        })?;
        let mut by_subject: HashMap<i64, Vec<FeatureRow>> = HashMap::with_capacity(pictures.len());
        for feature in raw {
            by_subject.entry(feature.subject).or_default().push(feature);
        }
        let (mut loaded, mut covered, mut bytes) = (Vec::new(), 0, 0);
        for id in &rows {
            let features = by_subject.remove(id).unwrap_or_default();
            let size: u64 = features.iter().map(|feature| feature.bytes).sum();
            if covered > 0 && bytes + size > budget {
                break;
            }
            bytes += size;
            covered += 1;
            let Some(mut picture) = pictures.remove(id) else { continue };
            for FeatureRow { key, created_ms, kind, value, .. } in features {
                if let Some((kind, value)) = self.raw_value(kind, value)? {
                    picture.features.push(PackedFeature { key, created_ms, kind: kind as u8, value });
                }
            }
            loaded.push(picture);
        }
        Ok((loaded, covered))
    }

    /// Takes in pictures with their features, in one transaction. A value takes the place of one that is there only
    /// if it is newer; photos that show the picture need not be known yet. A value that is not of its type gives
    /// [`Error::Value`](crate::Error::Value), and nothing is taken in.
    pub fn import_pictures(&self, pictures: &[PackedPicture]) -> Result<ImportCounts> {
        for feature in pictures.iter().flat_map(|picture| &picture.features) {
            decode(i64::from(feature.kind), &feature.value)?;
        }
        let mut counts = ImportCounts { pictures: pictures.len() as u64, ..ImportCounts::default() };
        let there = self.feature_times(pictures)?;
        // A clock that was wrong elsewhere must not win over what is computed here later.
        let now = now_ms();
        let mut newest: HashMap<(Vec<u8>, &FeatureKey), &PackedFeature> = HashMap::new();
        for picture in pictures {
            let subject = subject_key(&picture.pixel_hash, picture.orientation);
            for feature in &picture.features {
                let before = newest.entry((subject.clone(), &feature.key)).or_insert(feature);
                if before.created_ms < feature.created_ms {
                    *before = feature;
                }
            }
        }
        let mut wanted = Vec::new();
        let mut taken = HashMap::new();
        for picture in pictures {
            let subject = subject_key(&picture.pixel_hash, picture.orientation);
            for feature in &picture.features {
                let id = (subject.clone(), &feature.key);
                if newest.get(&id).is_none_or(|newest| !std::ptr::eq(*newest, feature)) {
                    counts.kept += 1;
                    continue;
                }
                let created = feature.created_ms.min(now);
                match there.get(&(subject.clone(), feature.key.clone())) {
                    Some(time) if *time >= created => counts.kept += 1,
                    known => {
                        let is_newer = known.is_some();
                        *taken.entry(subject.clone()).or_insert(false) |= is_newer;
                        counts.replaced += u64::from(is_newer);
                        counts.added += u64::from(!is_newer);
                        wanted.push(RawFeature {
                            picture: (picture.pixel_hash, picture.orientation),
                            key: &feature.key,
                            created_ms: Some(created),
                            kind: i64::from(feature.kind),
                            value: feature.value.as_slice().into(),
                        });
                    }
                }
            }
        }
        if wanted.is_empty() {
            return Ok(counts);
        }
        let encoded = self.encode_raw(wanted)?;
        self.write(|session| {
            let subjects = Subjects::intern_keys(session, taken.keys().cloned().collect())?;
            write_features(session, &encoded, |key| subjects.get(key))?;
            let mut rows = Vec::with_capacity(taken.len());
            for picture in pictures {
                let subject = subject_key(&picture.pixel_hash, picture.orientation);
                if let Some(is_newer) = taken.get(&subject) {
                    rows.push((subjects.get(&subject)?, *is_newer, &picture.scores));
                }
            }
            write_scores(session, rows)?;
            refresh_scores(session, subjects.all())?;
            search::mark_pictures(session, &subjects.all())?;
            // Views are made from features; memory anywhere may hold a value that was replaced.
            if counts.replaced > 0 { count_removal(session) } else { bump_generation(session) }
        })?;
        Ok(counts)
    }

    /// When each feature of `pictures` that is there was stored.
    fn feature_times(&self, pictures: &[PackedPicture]) -> Result<HashMap<(Vec<u8>, FeatureKey), i64>> {
        let mut subjects: Vec<Vec<u8>> =
            pictures.iter().map(|picture| subject_key(&picture.pixel_hash, picture.orientation)).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let sql = "SELECT s.subject_key, k.kind, k.producer, k.params, x.created_ms FROM subjects s \
                   JOIN features x ON x.subject_id = s.id JOIN feature_keys k ON k.id = x.key_id \
                   WHERE s.subject_key IN rarray(?1)";
        let times = self.read(|session| {
            query_all(session, sql, params![subjects.clone()], |row| {
                let key = FeatureKey { kind: row.text(1)?, producer: row.text(2)?, params: row.text(3)? };
                Ok(((row.bytes(0)?.to_vec(), key), row.int(4)?))
            })
        })?;
        Ok(times.into_iter().collect())
    }
}

/// Columns follow their features: newer ones win, otherwise what is there stays.
fn write_scores(session: &mut dyn Session, scores: Vec<(i64, bool, &PictureScores)>) -> Result<()> {
    let mut rows: HashMap<i64, (bool, &PictureScores)> = HashMap::with_capacity(scores.len());
    for (subject, is_newer, scores) in scores {
        rows.insert(subject, (is_newer, scores)); // a picture that comes twice says it once
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_unstable_by_key(|(subject, _)| *subject);
    let rows: Vec<_> = rows
        .into_iter()
        .map(|(subject, (is_newer, scores))| {
            values![
                subject,
                is_newer,
                scores.decoder.as_deref(),
                scores.sharpness,
                scores.quality,
                scores.is_blurry,
                scores.blur_kind.as_deref(),
            ]
        })
        .collect();
    let set: Vec<String> = ["decoder", "sharpness", "quality", "is_blurry", "blur_kind"]
        .iter()
        .zip(3..)
        .map(|(name, at)| {
            format!("{name} = CASE WHEN r.c2 = 1 THEN COALESCE(r.c{at}, subjects.{name}) ELSE COALESCE(subjects.{name}, r.c{at}) END")
        })
        .collect();
    session.bulk(
        &format!("UPDATE subjects SET {} FROM {{rows}} WHERE subjects.id = r.c1", set.join(", ")),
        &[Column::Int, Column::Int, Column::Text, Column::Real, Column::Real, Column::Int, Column::Text],
        &rows,
    )?;
    Ok(())
}
