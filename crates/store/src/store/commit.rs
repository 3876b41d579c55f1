//! Committing a batch: results, checkpoint and totals in one transaction (INV-1, INV-3), under a lease (INV-4).

use std::collections::{HashMap, HashSet};

use tintype_core::clock::now_ms;
use tintype_core::{ContentHash, Issue, PhotoId};

use super::photo::{self, subject_key};
use super::{Store, bump_generation, decisions, features, operations, scan, scope, search, work};
use crate::backend::{Column, Session, Value, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::work::{BatchCommit, ContentRecord, FileOutcome, SubjectUpdate};

/// Ids tried for a new photo. Each further one is needed only if the same bytes came back once more from a
/// backup after their photo's metadata was edited.
const ID_ATTEMPTS: u8 = 8;

impl Store {
    /// Commits everything a batch found out, marks it done and adds to its operation's totals, all or nothing.
    /// A lease that is not the batch's, or expired, gives [`Error::Conflict`] and nothing is written.
    ///
    /// A file whose content changed but whose picture did not keeps its photo, with its id, if no other present
    /// file holds that photo; otherwise the photo of the new content is found or made.
    pub fn commit_batch(&self, batch: &BatchCommit) -> Result<()> {
        let encoded = self.encode_features(&batch.features)?;
        self.write(|session| {
            operations::finish_batch(session, batch)?;
            let subjects = Subjects::intern(session, batch)?;
            let decoded =
                batch.subjects.iter().map(|update| subject_key(&update.pixel_hash, update.orientation));
            let touched = commit_files(session, &batch.files, &subjects, &decoded.collect())?;
            commit_subjects(session, &batch.subjects, &subjects)?;
            features::write_features(session, &encoded, |key| subjects.get(key))?;
            refresh_scores(session, subjects.all())?;
            if !batch.features.is_empty() {
                search::mark_pictures(session, &subjects.all())?;
            }
            if touched.settle(session)? {
                bump_generation(session)?;
            }
            Ok(())
        })?;
        self.forget_features(&batch.features);
        Ok(())
    }
}

impl Store {
    /// Takes in files that were read outside of an operation, all or nothing.
    pub fn commit_read(&self, files: &[FileOutcome]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        self.write(|session| {
            if commit_read_files(session, files)? {
                bump_generation(session)?;
            }
            Ok(())
        })
    }

    /// The row of the file at `path`, if the library knows one there.
    pub fn file_at(&self, path: &std::path::Path) -> Result<Option<(crate::FileId, Option<PhotoId>)>> {
        let roots = self.roots()?;
        let holder = roots
            .iter()
            .filter(|root| path.starts_with(&root.path))
            .max_by_key(|root| root.path.as_os_str().len());
        let (Some(root), Some(name)) = (holder, path.file_name()) else { return Ok(None) };
        let folder = path.parent().and_then(|folder| folder.strip_prefix(&root.path).ok());
        let folder = folder.map(|folder| folder.as_os_str().as_encoded_bytes().to_vec()).unwrap_or_default();
        let sql = "SELECT f.id, p.uuid FROM files f JOIN folders d ON d.id = f.folder_id \
                   LEFT JOIN photos p ON p.id = f.photo_id WHERE d.root_id = ?1 AND d.rel = ?2 AND f.name = ?3";
        self.read(|session| {
            let name = name.as_encoded_bytes();
            query_one(session, sql, params![root.id.0, folder.clone(), name], |row| {
                let photo = row.opt_bytes(1)?.map(photo::photo_id).transpose()?;
                Ok((crate::FileId(row.int(0)?), photo))
            })
        })
    }
}

/// Takes in files that were read, within a transaction of another kind of work; whether the library changed.
pub(super) fn commit_read_files(session: &mut dyn Session, files: &[FileOutcome]) -> Result<bool> {
    if files.is_empty() {
        return Ok(false);
    }
    let contents = files.iter().filter_map(|file| file.content.as_ref());
    let keys = contents.map(|content| subject_key(&content.pixel_hash, content.metadata.orientation));
    let subjects = Subjects::intern_keys(session, keys.collect())?;
    let touched = commit_files(session, files, &subjects, &HashSet::new())?;
    refresh_scores(session, subjects.all())?;
    touched.settle(session)
}

/// Rows of the pictures that a transaction is about, by their keys.
pub(super) struct Subjects(HashMap<Vec<u8>, i64>);

impl Subjects {
    fn intern(session: &mut dyn Session, batch: &BatchCommit) -> Result<Self> {
        let contents = batch.files.iter().filter_map(|file| file.content.as_ref());
        let keys = contents
            .map(|content| subject_key(&content.pixel_hash, content.metadata.orientation))
            .chain(batch.subjects.iter().map(|update| subject_key(&update.pixel_hash, update.orientation)))
            .chain(
                batch.features.iter().map(|feature| subject_key(&feature.pixel_hash, feature.orientation)),
            );
        Self::intern_keys(session, keys.collect())
    }

    /// Finds or makes the rows of `keys`.
    pub(super) fn intern_keys(session: &mut dyn Session, mut keys: Vec<Vec<u8>>) -> Result<Self> {
        keys.sort_unstable();
        keys.dedup();
        let mut known = Self::find(session, &keys)?;
        let missing: Vec<&Vec<u8>> = keys.iter().filter(|key| !known.0.contains_key(*key)).collect();
        if !missing.is_empty() {
            let ids = session.new_ids(missing.len())?;
            let rows: Vec<_> = missing.iter().zip(&ids).map(|(key, id)| values![*id, *key]).collect();
            let sql = "INSERT INTO subjects (id, subject_key) SELECT r.c1, r.c2 FROM {rows} WHERE true \
                       ON CONFLICT (subject_key) DO NOTHING";
            let inserted = session.bulk(sql, &[Column::Int, Column::Blob], &rows)?;
            if inserted == ids.len() as u64 {
                known.0.extend(missing.into_iter().cloned().zip(ids));
            } else {
                known = Self::find(session, &keys)?; // another worker was first
            }
        }
        Ok(known)
    }

    fn find(session: &mut dyn Session, keys: &[Vec<u8>]) -> Result<Self> {
        let sql = "SELECT subject_key, id FROM subjects WHERE subject_key IN rarray(?1)";
        let rows =
            query_all(session, sql, params![keys.to_vec()], |row| Ok((row.bytes(0)?.to_vec(), row.int(1)?)))?;
        Ok(Self(rows.into_iter().collect()))
    }

    pub(super) fn get(&self, key: &[u8]) -> Result<i64> {
        self.0.get(key).copied().ok_or(Error::value("picture"))
    }

    pub(super) fn all(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.0.values().copied().collect();
        ids.sort_unstable();
        ids
    }
}

/// What committing files changed.
struct Touched {
    photos: Vec<i64>,
    /// Photos that are new.
    new: Vec<i64>,
    /// Photos whose facts were read anew.
    read: Vec<i64>,
    membership_changed: bool,
}

impl Touched {
    /// Brings everything that follows from the files up to date; whether the library changed.
    fn settle(self, session: &mut dyn Session) -> Result<bool> {
        scan::refresh_photos(session, self.photos)?;
        decisions::after_reading(session, &self.new, &self.read)?;
        Ok(self.membership_changed)
    }
}

/// The photo a file held before.
#[derive(Clone, Copy)]
struct Before {
    photo: Option<i64>,
    /// Size, time of modification and inode as stored.
    stat: (i64, i64, i64),
    settled: bool,
}

/// What is wrong with the coded pixels of pictures, by their keys: found by decoding, which is done once.
fn decode_issues(session: &mut dyn Session, keys: Vec<Vec<u8>>) -> Result<HashMap<Vec<u8>, Vec<Issue>>> {
    let mut found: HashMap<Vec<u8>, Vec<Issue>> = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let sql = "SELECT s.subject_key, i.stage, i.code, i.detail FROM subjects s JOIN photos p ON p.subject_id = s.id \
               JOIN files f ON f.photo_id = p.id JOIN issues i ON i.file_id = f.id \
               WHERE s.subject_key IN rarray(?1) AND i.stage = 'decode' ORDER BY i.file_id, i.position";
    let rows =
        query_all(session, sql, params![keys], |row| Ok((row.bytes(0)?.to_vec(), photo::issue(row, 1)?)))?;
    for (key, issue) in rows {
        let known = found.entry(key).or_default();
        if !known.contains(&issue) {
            known.push(issue);
        }
    }
    Ok(found)
}

/// Takes in what reading files found. Pictures outside `decoded` were not decoded this time: what was wrong with
/// their pixels still is.
fn commit_files(
    session: &mut dyn Session,
    files: &[FileOutcome],
    subjects: &Subjects,
    decoded: &HashSet<Vec<u8>>,
) -> Result<Touched> {
    let mut touched =
        Touched { photos: Vec::new(), new: Vec::new(), read: Vec::new(), membership_changed: false };
    if files.is_empty() {
        return Ok(touched);
    }
    let ids: Vec<i64> = files.iter().map(|file| file.file.0).collect();
    let find = "SELECT id, photo_id, size, mtime_ns, inode, settled FROM files WHERE id IN rarray(?1)";
    let before: HashMap<i64, Before> = query_all(session, find, params![ids], |row| {
        let stat = (row.int(2)?, row.int(3)?, row.int(4)?);
        Ok((row.int(0)?, Before { photo: row.opt_int(1)?, stat, settled: row.bool(5)? }))
    })?
    .into_iter()
    .collect();

    let contents = files.iter().filter_map(|file| file.content.as_ref());
    let keys = contents.map(|content| subject_key(&content.pixel_hash, content.metadata.orientation));
    let remembered = decode_issues(session, keys.filter(|key| !decoded.contains(key)).collect())?;
    let mut photos = Photos::load(session, files, &before)?;
    let mut file_rows = Vec::with_capacity(files.len());
    let mut issues = Vec::with_capacity(files.len());
    for outcome in files {
        // Rows can go away under a running operation, when their root is absorbed by another.
        let Some(old) = before.get(&outcome.file.0) else { continue };
        let mut wrong: Vec<&Issue> = outcome.issues.iter().collect();
        let photo = match &outcome.content {
            None => None,
            Some(content) => {
                let key = subject_key(&content.pixel_hash, content.metadata.orientation);
                wrong.extend(remembered.get(&key).into_iter().flatten());
                let subject = subjects.get(&key)?;
                Some(photos.place(outcome.file.0, old.photo, content, subject)?)
            }
        };
        let stat = (outcome.stat.size as i64, outcome.stat.mtime_ns, outcome.stat.inode as i64);
        if photo != old.photo || !old.settled || stat != old.stat {
            file_rows.push(values![outcome.file.0, stat.0, stat.1, stat.2, photo]);
            touched.photos.extend(photo);
        }
        if photo != old.photo {
            touched.membership_changed = true;
            touched.photos.extend(old.photo);
        }
        issues.push((outcome.file, wrong));
    }
    photos.write(session)?;
    let ids = |rows: &[Vec<Value>]| -> Vec<i64> {
        rows.iter()
            .filter_map(|row| if let Some(Value::Int(id)) = row.first() { Some(*id) } else { None })
            .collect()
    };
    (touched.new, touched.read) = (ids(&photos.new), ids(&photos.updated));
    decisions::write_keywords(session, &photos.keywords)?;
    touched.membership_changed |= photos.changed;
    session.bulk(
        "UPDATE files SET size = r.c2, mtime_ns = r.c3, inode = r.c4, photo_id = r.c5, settled = 1 \
         FROM {rows} WHERE files.id = r.c1",
        &[Column::Int; 5],
        &file_rows,
    )?;
    work::write_issues(session, &issues)?;
    Ok(touched)
}

/// The photos that a batch's files held or will hold.
struct Photos {
    by_content: HashMap<ContentHash, i64>,
    /// Of the photos held before: content hash and pixel hash.
    old: HashMap<i64, (ContentHash, Vec<u8>)>,
    /// Files that vouch for an old photo: present, and not waiting to be looked at.
    anchors: HashMap<i64, HashSet<i64>>,
    /// Files of the batch that hold the same content now.
    together: HashMap<ContentHash, HashSet<i64>>,
    /// Keywords of photos, where they may have changed.
    keywords: Vec<(i64, Vec<String>)>,
    taken_ids: HashSet<Vec<u8>>,
    fresh_ids: Vec<i64>,
    new: Vec<Vec<Value>>,
    updated: Vec<Vec<Value>>,
    metadata: Vec<Vec<Value>>,
    /// Whether a photo is new or moved on to new content.
    changed: bool,
}

impl Photos {
    fn load(session: &mut dyn Session, files: &[FileOutcome], before: &HashMap<i64, Before>) -> Result<Self> {
        let contents: Vec<&ContentRecord> = files.iter().filter_map(|file| file.content.as_ref()).collect();
        let hashes: Vec<Vec<u8>> = contents.iter().map(|content| content.content_hash.0.to_vec()).collect();
        let find = "SELECT content_hash, id FROM photos WHERE content_hash IN rarray(?1)";
        let by_content: HashMap<ContentHash, i64> = query_all(session, find, params![hashes], |row| {
            Ok((photo::content_hash(row.bytes(0)?)?, row.int(1)?))
        })?
        .into_iter()
        .collect();

        let mut old_ids: Vec<i64> = before.values().filter_map(|before| before.photo).collect();
        old_ids.sort_unstable();
        old_ids.dedup();
        let find = "SELECT p.id, p.content_hash, s.subject_key FROM photos p JOIN subjects s ON s.id = p.subject_id \
                    WHERE p.id IN rarray(?1)";
        let old = query_all(session, find, params![old_ids.clone()], |row| {
            Ok((row.int(0)?, (photo::content_hash(row.bytes(1)?)?, row.bytes(2)?.to_vec())))
        })?
        .into_iter()
        .collect();
        let mut anchors: HashMap<i64, HashSet<i64>> = HashMap::new();
        let find =
            "SELECT photo_id, id FROM files WHERE photo_id IN rarray(?1) AND present = 1 AND settled = 1";
        session.query(find, params![old_ids], &mut |row| {
            anchors.entry(row.int(0)?).or_default().insert(row.int(1)?);
            Ok(())
        })?;

        let candidates: Vec<Vec<u8>> = contents
            .iter()
            .flat_map(|content| (0..ID_ATTEMPTS).map(|attempt| id_bytes(&content.content_hash, attempt)))
            .collect();
        let find = "SELECT uuid FROM photos WHERE uuid IN rarray(?1)";
        let taken_ids = if candidates.is_empty() {
            HashSet::new()
        } else {
            query_all(session, find, params![candidates], |row| Ok(row.bytes(0)?.to_vec()))?
                .into_iter()
                .collect()
        };
        let fresh_ids = session.new_ids(contents.len())?;
        let mut together: HashMap<ContentHash, HashSet<i64>> = HashMap::new();
        for file in files {
            if let Some(content) = &file.content {
                together.entry(content.content_hash).or_default().insert(file.file.0);
            }
        }
        let (new, updated, metadata, keywords) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let changed = false;
        Ok(Self {
            by_content,
            old,
            anchors,
            together,
            keywords,
            taken_ids,
            fresh_ids,
            new,
            updated,
            metadata,
            changed,
        })
    }

    /// The photo that `file`, which held `old`, holds now.
    fn place(&mut self, file: i64, old: Option<i64>, content: &ContentRecord, subject: i64) -> Result<i64> {
        if let Some(photo) = self.by_content.get(&content.content_hash).copied() {
            self.settle(file, old, photo);
            // Metadata is a function of the content, but a newer reader may see more in it, and so may a side file.
            self.keywords.push((photo, content.metadata.keywords.clone()));
            self.updated.push(Self::row(photo, content, subject));
            self.metadata.push(metadata_row(photo, content)?);
            return Ok(photo);
        }
        let kept = old.filter(|photo| {
            let same_picture =
                self.old.get(photo).is_some_and(|(_, key)| key.starts_with(&content.pixel_hash.0));
            // Copies that were edited alike in one go stay one photo.
            let together = self.together.get(&content.content_hash);
            let moves_along = |other: &i64| together.is_some_and(|files| files.contains(other));
            let others = self
                .anchors
                .get(photo)
                .is_some_and(|files| files.iter().any(|other| *other != file && !moves_along(other)));
            same_picture && !others
        });
        let photo = if let Some(photo) = kept {
            if let Some((hash, _)) = self.old.get(&photo) {
                self.by_content.remove(hash);
            }
            self.updated.push(Self::row(photo, content, subject));
            photo
        } else {
            let id = (0..ID_ATTEMPTS)
                .map(|attempt| id_bytes(&content.content_hash, attempt))
                .find(|id| !self.taken_ids.contains(id))
                .ok_or_else(|| Error::conflict("no free id for a photo"))?;
            self.taken_ids.insert(id.clone());
            let photo = self.fresh_ids.pop().ok_or(Error::value("new id"))?;
            let mut row = Self::row(photo, content, subject);
            row.extend(values![id, now_ms()]);
            self.new.push(row);
            photo
        };
        self.settle(file, old, photo);
        self.changed = true;
        self.by_content.insert(content.content_hash, photo);
        self.keywords.push((photo, content.metadata.keywords.clone()));
        self.metadata.push(metadata_row(photo, content)?);
        Ok(photo)
    }

    fn settle(&mut self, file: i64, old: Option<i64>, photo: i64) {
        if let Some(old) = old {
            self.anchors.entry(old).or_default().remove(&file);
        }
        self.anchors.entry(photo).or_default().insert(file);
    }

    /// The columns that come from the content, in the order of [`COLUMNS`].
    fn row(photo: i64, content: &ContentRecord, subject: i64) -> Vec<Value> {
        let meta = &content.metadata;
        values![
            photo,
            &content.content_hash.0,
            subject,
            scope::media_code(meta.media),
            meta.width,
            meta.height,
            photo::taken_ms(meta),
            meta.rating,
            meta.iso,
            meta.gps.map(|gps| gps.latitude),
            meta.gps.map(|gps| gps.longitude),
            &content.format,
            meta.taken_at.as_ref().map(|taken| taken.local.as_str()),
            meta.make.as_deref(),
            meta.model.as_deref(),
            photo::camera(meta),
            meta.lens.as_deref(),
        ]
    }

    /// Writes all that was placed.
    fn write(&self, session: &mut dyn Session) -> Result<()> {
        let mut columns = COLUMNS.to_vec();
        // A photo that moves on to new content must let go of the old hash before another photo takes it.
        session.bulk(
            "UPDATE photos SET content_hash = r.c2, subject_id = r.c3, media = r.c4, width = r.c5, height = r.c6, \
             taken_ms = r.c7, rating = r.c8, iso = r.c9, lat = r.c10, lon = r.c11, format = r.c12, \
             taken_at = r.c13, make = r.c14, model = r.c15, camera = r.c16, lens = r.c17 \
             FROM {rows} WHERE photos.id = r.c1",
            &columns,
            &latest(&self.updated),
        )?;
        columns.extend([Column::Blob, Column::Int]);
        session.bulk(
            "INSERT INTO photos (id, content_hash, subject_id, media, width, height, taken_ms, rating, iso, lat, lon, \
             format, taken_at, make, model, camera, lens, uuid, added_ms, copies, size, name) \
             SELECT r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7, r.c8, r.c9, r.c10, r.c11, r.c12, r.c13, r.c14, r.c15, \
             r.c16, r.c17, r.c18, r.c19, 0, 0, '' FROM {rows}",
            &columns,
            &self.new,
        )?;
        session.bulk(
            "INSERT INTO photo_metadata (photo_id, metadata) SELECT r.c1, r.c2 FROM {rows} WHERE true \
             ON CONFLICT (photo_id) DO UPDATE SET metadata = excluded.metadata",
            &[Column::Int, Column::Text],
            &latest(&self.metadata),
        )?;
        Ok(())
    }
}

/// Types of [`Photos::row`].
const COLUMNS: [Column; 17] = [
    Column::Int,
    Column::Blob,
    Column::Int,
    Column::Int,
    Column::Int,
    Column::Int,
    Column::Int,
    Column::Int,
    Column::Int,
    Column::Real,
    Column::Real,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
    Column::Text,
];

/// The last row for each id (the first column): a set-based statement must not meet a row twice.
fn latest(rows: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let mut seen = HashSet::new();
    let mut kept: Vec<_> = rows
        .iter()
        .rev()
        .filter(|row| matches!(row.first(), Some(Value::Int(id)) if seen.insert(*id)))
        .cloned()
        .collect();
    kept.reverse();
    kept
}

fn id_bytes(hash: &ContentHash, attempt: u8) -> Vec<u8> {
    PhotoId::from_content(hash, attempt).0.as_bytes().to_vec()
}

fn metadata_row(photo: i64, content: &ContentRecord) -> Result<Vec<Value>> {
    Ok(values![photo, serde_json::to_string(&content.metadata)?])
}

fn commit_subjects(session: &mut dyn Session, updates: &[SubjectUpdate], subjects: &Subjects) -> Result<()> {
    let mut rows = Vec::with_capacity(updates.len());
    for update in updates {
        rows.push(values![
            subjects.get(&subject_key(&update.pixel_hash, update.orientation))?,
            update.undecodable.as_deref(),
            update.decoder.as_deref(),
            update.sharpness,
            update.quality,
            update.is_blurry,
            update.blur_kind.as_deref(),
        ]);
    }
    session.bulk(
        "UPDATE subjects SET undecodable = r.c2, decoder = COALESCE(r.c3, subjects.decoder), \
         sharpness = COALESCE(r.c4, subjects.sharpness), quality = COALESCE(r.c5, subjects.quality), \
         is_blurry = COALESCE(r.c6, subjects.is_blurry), blur_kind = COALESCE(r.c7, subjects.blur_kind) \
         FROM {rows} WHERE subjects.id = r.c1",
        &[Column::Int, Column::Text, Column::Text, Column::Real, Column::Real, Column::Int, Column::Text],
        &latest(&rows),
    )?;
    Ok(())
}

/// Photos carry their picture's scores, so that sorting and filtering need no join.
pub(super) fn refresh_scores(session: &mut dyn Session, subjects: Vec<i64>) -> Result<()> {
    session.execute(
        "UPDATE photos SET sharpness = s.sharpness, quality = s.quality, is_blurry = s.is_blurry, \
         blur_kind = s.blur_kind FROM subjects s WHERE s.id = photos.subject_id AND photos.subject_id IN rarray(?1) \
         AND (photos.sharpness IS DISTINCT FROM s.sharpness OR photos.quality IS DISTINCT FROM s.quality \
         OR photos.is_blurry IS DISTINCT FROM s.is_blurry OR photos.blur_kind IS DISTINCT FROM s.blur_kind)",
        params![subjects],
    )?;
    Ok(())
}
