//! The log of what people decided, and its sum on each photo (INV-6).

use std::collections::{HashMap, HashSet};

use tintype_core::clock::now_ms;
use tintype_core::{ContentHash, Metadata, OperationId, PhotoId, PixelHash};
use uuid::Uuid;

use super::{Store, bump_generation, photo, scope::Query, search};
use crate::backend::{Column, Row, Session, Value, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::decision::{Annotations, Choice, Decision, NewDecision, PathText, PhotoRef};
use crate::model::scan::RootId;
use crate::model::scope::Scope;

const COLUMNS: &str = "id, uuid, made_ms, photo, content_hash, pixel_hash, operation, choice";

impl Store {
    /// Records decisions and lets them take effect, all or nothing. Decisions about photos that do not exist give
    /// [`Error::NotFound`].
    pub fn decide(&self, decisions: &[NewDecision]) -> Result<()> {
        self.write(|session| {
            let touched = record(session, decisions)?;
            let regroups = |one: &NewDecision| matches!(one.choice, Choice::KeptTogether { .. });
            if !touched.is_empty() || decisions.iter().any(regroups) {
                bump_generation(session)?;
            }
            Ok(())
        })
    }

    /// What people say of a photo, and whether all of it is where it should be written.
    pub fn annotations(&self, photo: PhotoId) -> Result<(Annotations, bool)> {
        self.read(|session| {
            let sql = "SELECT a.body, a.pending FROM annotations a JOIN photos p ON p.id = a.photo_id WHERE p.uuid = ?1";
            let found = query_one(session, sql, params![photo.0], |row| {
                Ok((serde_json::from_str(&row.text(0)?)?, !row.bool(1)?))
            })?;
            Ok(found.unwrap_or((Annotations::default(), true)))
        })
    }

    /// Photos of `scope` with something decided that is not yet where it should be written, in order of their ids.
    pub fn pending_annotations(&self, scope: &Scope) -> Result<Vec<PhotoId>> {
        self.read(|session| {
            let mut query = Query::default();
            let condition = super::scope::photos(session, scope, &mut query)?;
            let sql = format!(
                "SELECT p.uuid FROM annotations a JOIN photos p ON p.id = a.photo_id \
                 WHERE a.pending = 1 AND {condition} ORDER BY p.id"
            );
            query_all(session, &sql, &query.params, |row| photo::photo_id(row.bytes(0)?))
        })
    }

    /// Photos of `scope` about which anything was decided, in order of their ids.
    pub fn annotated_photos(&self, scope: &Scope) -> Result<Vec<PhotoId>> {
        self.read(|session| {
            let mut query = Query::default();
            let condition = super::scope::photos(session, scope, &mut query)?;
            let sql = format!(
                "SELECT p.uuid FROM annotations a JOIN photos p ON p.id = a.photo_id WHERE {condition} ORDER BY p.id"
            );
            query_all(session, &sql, &query.params, |row| photo::photo_id(row.bytes(0)?))
        })
    }

    /// Says whether everything decided about photos is where it should be written.
    pub fn set_annotations_pending(&self, photos: &[PhotoId], pending: bool) -> Result<()> {
        let uuids: Vec<Vec<u8>> = photos.iter().map(|photo| photo.0.as_bytes().to_vec()).collect();
        let sql = "UPDATE annotations SET pending = ?2 WHERE photo_id IN (SELECT p.id FROM photos p WHERE p.uuid IN rarray(?1))";
        self.write(|session| session.execute(sql, params![uuids.clone(), pending]).map(|_rows| ()))
    }

    /// Decisions after the `after`-th, oldest first, with their numbers: at most `limit`.
    pub fn decisions(&self, after: i64, limit: usize) -> Result<Vec<(i64, Decision)>> {
        let sql = format!("SELECT {COLUMNS} FROM decisions WHERE id > ?1 ORDER BY id LIMIT {limit}");
        self.read(|session| query_all(session, &sql, params![after], decision))
    }

    /// Every group of pictures that is to stay side by side: pixel hashes, and files where they hold one picture.
    pub fn kept_together(&self) -> Result<Vec<(Vec<PixelHash>, Vec<PathText>)>> {
        let sql = "SELECT choice FROM decisions WHERE photo IS NULL AND choice LIKE '{\"kind\":\"kept_together\"%' ORDER BY id";
        self.read(|session| {
            let choices = query_all(session, sql, &[], |row| Ok(serde_json::from_str(&row.text(0)?)?))?;
            Ok(choices
                .into_iter()
                .filter_map(|choice| match choice {
                    Choice::KeptTogether { pictures, paths } => Some((pictures, paths)),
                    _ => None,
                })
                .collect())
        })
    }

    /// Takes in decisions that were recorded elsewhere; those known already count once. How many were new. They take
    /// effect on the photos that are there, and on those that come later.
    pub fn import_decisions(&self, decisions: &[Decision]) -> Result<u64> {
        self.write(|session| {
            let uuids: Vec<Vec<u8>> = decisions.iter().map(|one| one.id.as_bytes().to_vec()).collect();
            let known: HashSet<Vec<u8>> = query_all(
                session,
                "SELECT uuid FROM decisions WHERE uuid IN rarray(?1)",
                params![uuids],
                |row| Ok(row.bytes(0)?.to_vec()),
            )?
            .into_iter()
            .collect();
            let mut new: Vec<&Decision> =
                decisions.iter().filter(|one| !known.contains(one.id.as_bytes().as_slice())).collect();
            let mut seen = HashSet::new();
            new.retain(|one| seen.insert(one.id));
            let ids = session.new_ids(new.len())?;
            let mut rows = Vec::with_capacity(new.len());
            for (one, id) in new.iter().zip(&ids) {
                rows.push(row_of(*id, one)?);
            }
            insert(session, &rows)?;
            let pixels: Vec<Vec<u8>> =
                new.iter().filter_map(|one| Some(one.photo?.pixel_hash.0.to_vec())).collect();
            let affected = photos_with(session, &pixels)?;
            refold(session, &affected)?;
            if !new.is_empty() {
                bump_generation(session)?;
            }
            Ok(new.len() as u64)
        })
    }
}

fn decision(row: &Row<'_>) -> Result<(i64, Decision)> {
    let photo = match (row.opt_bytes(3)?, row.opt_bytes(4)?, row.opt_bytes(5)?) {
        (Some(id), Some(content), Some(pixels)) => Some(PhotoRef {
            id: photo::photo_id(id)?,
            content_hash: photo::content_hash(content)?,
            pixel_hash: photo::pixel_hash(pixels)?,
        }),
        _ => None,
    };
    let operation = row.opt_bytes(6)?.map(photo::uuid).transpose()?.map(OperationId);
    let choice = serde_json::from_str(&row.text(7)?)?;
    Ok((
        row.int(0)?,
        Decision { id: photo::uuid(row.bytes(1)?)?, made_ms: row.int(2)?, photo, operation, choice },
    ))
}

fn row_of(id: i64, decision: &Decision) -> Result<Vec<Value>> {
    let photo = decision.photo.as_ref();
    Ok(values![
        id,
        decision.id,
        decision.made_ms,
        photo.map(|photo| photo.id.0),
        photo.map(|photo| &photo.content_hash.0),
        photo.map(|photo| &photo.pixel_hash.0),
        decision.operation.map(|operation| operation.0),
        serde_json::to_string(&decision.choice)?,
    ])
}

fn insert(session: &mut dyn Session, rows: &[Vec<Value>]) -> Result<()> {
    session.bulk(
        "INSERT INTO decisions (id, uuid, made_ms, photo, content_hash, pixel_hash, operation, choice) \
         SELECT r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, r.c7, r.c8 FROM {rows}",
        &[
            Column::Int,
            Column::Blob,
            Column::Int,
            Column::Blob,
            Column::Blob,
            Column::Blob,
            Column::Blob,
            Column::Text,
        ],
        rows,
    )?;
    Ok(())
}

/// Records decisions within a transaction and lets them take effect; the rows of the photos they are about.
pub(super) fn record(session: &mut dyn Session, decisions: &[NewDecision]) -> Result<Vec<i64>> {
    if decisions.is_empty() {
        return Ok(Vec::new());
    }
    let uuids: Vec<Vec<u8>> =
        decisions.iter().filter_map(|one| one.photo).map(|photo| photo.0.as_bytes().to_vec()).collect();
    let sql = "SELECT p.uuid, p.id, p.content_hash, s.subject_key FROM photos p \
               JOIN subjects s ON s.id = p.subject_id WHERE p.uuid IN rarray(?1)";
    let photos: HashMap<PhotoId, (i64, PhotoRef)> = query_all(session, sql, params![uuids], |row| {
        let (pixel_hash, _) = photo::split_key(row.bytes(3)?)?;
        let id = photo::photo_id(row.bytes(0)?)?;
        let content_hash = photo::content_hash(row.bytes(2)?)?;
        Ok((id, (row.int(1)?, PhotoRef { id, content_hash, pixel_hash })))
    })?
    .into_iter()
    .collect();
    let now = now_ms();
    correct_times(session, now)?;
    let ids = session.new_ids(decisions.len())?;
    let mut rows = Vec::with_capacity(decisions.len());
    let mut touched: Vec<(i64, &Choice)> = Vec::new();
    for (new, id) in decisions.iter().zip(ids) {
        let photo = match new.photo {
            None => None,
            Some(photo) => Some(*photos.get(&photo).ok_or_else(|| Error::not_found("photo"))?),
        };
        touched.extend(photo.map(|(row, _)| (row, &new.choice)));
        let decision = Decision {
            id: Uuid::now_v7(),
            made_ms: now,
            photo: photo.map(|(_, reference)| reference),
            operation: new.operation,
            choice: new.choice.clone(),
        };
        rows.push(row_of(id, &decision)?);
    }
    insert(session, &rows)?;
    let mut sums = load(session, &touched.iter().map(|(row, _)| *row).collect::<Vec<_>>())?;
    for (row, choice) in &touched {
        sums.entry(*row).or_default().apply(choice, now);
    }
    store(session, &sums)?;
    take_effect(session, &sums)?;
    let mut rows: Vec<i64> = sums.into_keys().collect();
    rows.sort_unstable();
    Ok(rows)
}

/// What was decided before `now` was not decided after it: where the log says so, the clock was ahead and has been set
/// right since. What is decided later must come later when decisions are summed up anew.
fn correct_times(session: &mut dyn Session, now: i64) -> Result<()> {
    let latest = "SELECT made_ms FROM decisions ORDER BY id DESC LIMIT 1";
    if query_one(session, latest, &[], |row| row.int(0))?.is_some_and(|latest| latest > now) {
        session.execute("UPDATE decisions SET made_ms = ?1 WHERE made_ms > ?1", params![now])?;
    }
    Ok(())
}

/// The sums of the photos in `rows` that have one.
fn load(session: &mut dyn Session, rows: &[i64]) -> Result<HashMap<i64, Annotations>> {
    let sql = "SELECT photo_id, body FROM annotations WHERE photo_id IN rarray(?1)";
    let found = query_all(session, sql, params![rows.to_vec()], |row| {
        Ok((row.int(0)?, serde_json::from_str(&row.text(1)?)?))
    })?;
    Ok(found.into_iter().collect())
}

/// Writes sums, and whether their photos' files lack something of them.
fn store(session: &mut dyn Session, sums: &HashMap<i64, Annotations>) -> Result<()> {
    let ids: Vec<i64> = sums.keys().copied().collect();
    let wanted = "SELECT DISTINCT f.photo_id FROM files f JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id \
                  WHERE f.photo_id IN rarray(?1) AND f.present = 1 AND r.write_mode <> 'database'";
    let written: HashSet<i64> =
        query_all(session, wanted, params![ids.clone()], |row| row.int(0))?.into_iter().collect();
    let facts = metadata_of(session, &ids)?;
    let mut rows = Vec::with_capacity(sums.len());
    for (id, sum) in ordered(sums) {
        let pending = written.contains(&id) && facts.get(&id).is_some_and(|facts| sum.differs_from(facts));
        rows.push(values![id, pending, serde_json::to_string(sum)?]);
    }
    session.bulk(
        "INSERT INTO annotations (photo_id, pending, body) SELECT r.c1, r.c2, r.c3 FROM {rows} WHERE true \
         ON CONFLICT (photo_id) DO UPDATE SET pending = excluded.pending, body = excluded.body",
        &[Column::Int, Column::Int, Column::Text],
        &rows,
    )?;
    Ok(())
}

fn ordered(sums: &HashMap<i64, Annotations>) -> Vec<(i64, &Annotations)> {
    let mut list: Vec<_> = sums.iter().map(|(id, sum)| (*id, sum)).collect();
    list.sort_unstable_by_key(|(id, _)| *id);
    list
}

fn metadata_of(session: &mut dyn Session, rows: &[i64]) -> Result<HashMap<i64, Metadata>> {
    let sql = "SELECT photo_id, metadata FROM photo_metadata WHERE photo_id IN rarray(?1)";
    let found = query_all(session, sql, params![rows.to_vec()], |row| {
        Ok((row.int(0)?, photo::metadata(&row.text(1)?)?))
    })?;
    Ok(found.into_iter().collect())
}

/// When photos' files, or the side files beside them, were last changed: milliseconds since the Unix epoch.
fn changed_ms(session: &mut dyn Session, rows: &[i64]) -> Result<HashMap<i64, i64>> {
    let sql = "SELECT f.photo_id, MAX(f.mtime_ns), MAX(COALESCE(x.mtime_ns, f.mtime_ns)) FROM files f \
               LEFT JOIN sidecars x ON x.file_id = f.id WHERE f.photo_id IN rarray(?1) AND f.present = 1 GROUP BY f.photo_id";
    let found = query_all(session, sql, params![rows.to_vec()], |row| {
        Ok((row.int(0)?, row.int(1)?.max(row.int(2)?) / 1_000_000))
    })?;
    Ok(found.into_iter().collect())
}

/// Brings the columns that lists sort and filter by up to what holds.
fn take_effect(session: &mut dyn Session, sums: &HashMap<i64, Annotations>) -> Result<()> {
    let ids: Vec<i64> = sums.keys().copied().collect();
    search::mark(session, &ids)?;
    let facts = metadata_of(session, &ids)?;
    let (mut rows, mut keywords) = (Vec::with_capacity(sums.len()), Vec::new());
    for (id, sum) in ordered(sums) {
        let Some(file) = facts.get(&id) else { continue };
        let holds = sum.over(file);
        rows.push(values![
            id,
            holds.rating,
            photo::taken_ms(&holds),
            holds.taken_at.as_ref().map(|taken| taken.local.as_str()),
            sum.flag.map(tintype_core::Flag::as_str),
        ]);
        if sum.keywords.is_some() {
            keywords.push((id, holds.keywords));
        }
    }
    session.bulk(
        "UPDATE photos SET rating = r.c2, taken_ms = r.c3, taken_at = r.c4, flag = r.c5 FROM {rows} WHERE photos.id = r.c1",
        &[Column::Int, Column::Int, Column::Int, Column::Text, Column::Text],
        &rows,
    )?;
    write_keywords(session, &keywords)
}

/// Replaces the keywords that photos are found by.
pub(super) fn write_keywords(session: &mut dyn Session, photos: &[(i64, Vec<String>)]) -> Result<()> {
    if photos.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = photos.iter().map(|(id, _)| *id).collect();
    session.execute("DELETE FROM photo_keywords WHERE photo_id IN rarray(?1)", params![ids])?;
    let rows: Vec<_> = photos
        .iter()
        .flat_map(|(id, words)| words.iter().map(|word| values![*id, word.to_lowercase()]))
        .collect();
    session.bulk(
        "INSERT INTO photo_keywords (photo_id, keyword) SELECT r.c1, r.c2 FROM {rows} WHERE true \
         ON CONFLICT (photo_id, keyword) DO NOTHING",
        &[Column::Int, Column::Text],
        &rows,
    )?;
    Ok(())
}

/// Photos of the pictures `pixels`.
fn photos_with(session: &mut dyn Session, pixels: &[Vec<u8>]) -> Result<Vec<i64>> {
    let mut keys = Vec::with_capacity(pixels.len() * 8);
    for hash in pixels {
        keys.extend((1..=8_u8).map(|orientation| [hash.as_slice(), &[orientation]].concat()));
    }
    keys.sort_unstable();
    keys.dedup();
    let sql = "SELECT p.id FROM photos p JOIN subjects s ON s.id = p.subject_id WHERE s.subject_key IN rarray(?1) ORDER BY p.id";
    query_all(session, sql, params![keys], |row| row.int(0))
}

/// A photo that decisions may be about.
struct Candidate {
    row: i64,
    id: PhotoId,
    content_hash: ContentHash,
    pixel_hash: PixelHash,
}

/// Which of the photos of a picture each decision about it is about: the photo itself; when that is gone (its bytes
/// were written anew, and a new database gives it another id), the one with the bytes that the photo had at any
/// decision; when no bytes are known, every photo of the picture that is not known by its bytes to be another. A photo
/// that was thrown away has no heir.
struct Readers {
    alive: HashSet<PhotoId>,
    thrown_away: HashSet<PhotoId>,
    by_content: HashMap<PhotoId, HashSet<i64>>,
    claimed: HashSet<i64>,
}

impl Readers {
    fn new(decisions: &[(i64, Decision)], candidates: &[Candidate], alive: HashSet<PhotoId>) -> Self {
        let mut rows: HashMap<ContentHash, Vec<i64>> = HashMap::new();
        for one in candidates {
            rows.entry(one.content_hash).or_default().push(one.row);
        }
        let mut by_content: HashMap<PhotoId, HashSet<i64>> = HashMap::new();
        let (mut claimed, mut thrown_away) = (HashSet::new(), HashSet::new());
        for (about, choice) in decisions.iter().filter_map(|(_, one)| Some((one.photo?, &one.choice))) {
            if matches!(choice, Choice::Trashed { .. }) {
                thrown_away.insert(about.id);
            } else {
                thrown_away.remove(&about.id);
            }
            if !alive.contains(&about.id)
                && let Some(rows) = rows.get(&about.content_hash)
            {
                by_content.entry(about.id).or_default().extend(rows);
                claimed.extend(rows);
            }
        }
        Self { alive, thrown_away, by_content, claimed }
    }

    fn is_about(&self, about: &PhotoRef, photo: &Candidate) -> bool {
        if about.pixel_hash != photo.pixel_hash {
            return false;
        }
        if self.alive.contains(&about.id) {
            return about.id == photo.id;
        }
        match self.by_content.get(&about.id) {
            Some(rows) => rows.contains(&photo.row),
            None => !self.thrown_away.contains(&about.id) && !self.claimed.contains(&photo.row),
        }
    }
}

/// Sums up the decisions about photos anew, and about the other photos of the same pictures: one that was read before
/// may have stood in for one that came later.
fn refold(session: &mut dyn Session, photos: &[i64]) -> Result<()> {
    let sql =
        "SELECT s.subject_key FROM photos p JOIN subjects s ON s.id = p.subject_id WHERE p.id IN rarray(?1)";
    let mut pixels = query_all(session, sql, params![photos.to_vec()], |row| {
        Ok(photo::split_key(row.bytes(0)?)?.0.0.to_vec())
    })?;
    pixels.sort_unstable();
    pixels.dedup();
    let sql = format!("SELECT {COLUMNS} FROM decisions WHERE pixel_hash IN rarray(?1) ORDER BY made_ms, id");
    let decisions = query_all(session, &sql, params![pixels], decision)?;
    if decisions.is_empty() {
        return Ok(());
    }
    let mut decided: Vec<Vec<u8>> =
        decisions.iter().filter_map(|(_, one)| Some(one.photo?.pixel_hash.0.to_vec())).collect();
    decided.sort_unstable();
    decided.dedup();
    let rows = photos_with(session, &decided)?;
    let sql = "SELECT p.id, p.uuid, p.content_hash, s.subject_key FROM photos p JOIN subjects s ON s.id = p.subject_id \
               WHERE p.id IN rarray(?1) ORDER BY p.id";
    let candidates = query_all(session, sql, params![rows.clone()], |row| {
        Ok(Candidate {
            row: row.int(0)?,
            id: photo::photo_id(row.bytes(1)?)?,
            content_hash: photo::content_hash(row.bytes(2)?)?,
            pixel_hash: photo::split_key(row.bytes(3)?)?.0,
        })
    })?;
    let about: Vec<Vec<u8>> =
        decisions.iter().filter_map(|(_, one)| Some(one.photo?.id.0.as_bytes().to_vec())).collect();
    let alive =
        query_all(session, "SELECT uuid FROM photos WHERE uuid IN rarray(?1)", params![about], |row| {
            photo::photo_id(row.bytes(0)?)
        })?;
    let readers = Readers::new(&decisions, &candidates, alive.into_iter().collect());
    let facts = metadata_of(session, &rows)?;
    let changed = changed_ms(session, &rows)?;
    let before = load(session, &rows)?;
    let (mut sums, mut cleared) = (HashMap::new(), Vec::new());
    for photo in &candidates {
        let mut sum = Annotations::default();
        for (_, one) in &decisions {
            if one.photo.is_some_and(|about| readers.is_about(&about, photo)) {
                sum.apply(&one.choice, one.made_ms);
            }
        }
        if let Some(file) = facts.get(&photo.row) {
            sum.reconcile(file, changed.get(&photo.row).copied().unwrap_or(0));
        }
        let was = before.get(&photo.row);
        if let (Some(was), Some(file)) = (was, facts.get(&photo.row))
            && was.keywords.is_some()
            && sum.keywords.is_none()
        {
            cleared.push((photo.row, file.keywords.clone()));
        }
        if !sum.is_empty() || was.is_some() {
            sums.insert(photo.row, sum);
        }
    }
    store(session, &sums)?;
    take_effect(session, &sums)?;
    write_keywords(session, &cleared)
}

/// Decides anew which of a root's photos wait to be written, after it is written elsewhere from now on.
pub(super) fn look_again(session: &mut dyn Session, root: RootId) -> Result<()> {
    let sql = "SELECT DISTINCT a.photo_id FROM annotations a JOIN files f ON f.photo_id = a.photo_id \
               JOIN folders d ON d.id = f.folder_id WHERE d.root_id = ?1";
    let photos = query_all(session, sql, params![root.0], |row| row.int(0))?;
    let sums = load(session, &photos)?;
    store(session, &sums)
}

/// After files were read: photos that are new remember what was decided about their picture; photos whose file was
/// edited by another program after a decision follow the file.
pub(super) fn after_reading(session: &mut dyn Session, new: &[i64], read: &[i64]) -> Result<()> {
    if !new.is_empty() {
        refold(session, new)?;
    }
    let mut sums = load(session, read)?;
    if sums.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = sums.keys().copied().collect();
    let facts = metadata_of(session, &ids)?;
    let changed = changed_ms(session, &ids)?;
    let uuids: HashMap<i64, PhotoId> = query_all(
        session,
        "SELECT id, uuid FROM photos WHERE id IN rarray(?1)",
        params![ids.clone()],
        |row| Ok((row.int(0)?, photo::photo_id(row.bytes(1)?)?)),
    )?
    .into_iter()
    .collect();
    let mut edited = Vec::new();
    for id in ids {
        let (Some(sum), Some(file)) = (sums.get_mut(&id), facts.get(&id)) else { continue };
        let changed = changed.get(&id).copied().unwrap_or(0);
        edited.extend(sum.reconcile(file, changed).into_iter().map(|field| NewDecision {
            photo: uuids.get(&id).copied(),
            operation: None,
            choice: Choice::FileEdited { field },
        }));
    }
    store(session, &sums)?;
    take_effect(session, &sums)?;
    record(session, &edited)?;
    Ok(())
}
