//! Writing the documents of photos about which something changed.
//!
//! Whatever changes what a document is made of marks the photo in the same transaction ([`mark`]); marked photos are
//! written anew in batches ([`Store::refresh_search`]). Nothing is ever asked of all photos.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;
use tintype_core::{Caption, ComputedCaption, FeatureValue, Metadata};

use super::{index, terms};
use crate::backend::{Column, Dialect, Session, Value, params, query_all, query_one, values};
use crate::civil::{DAY_MS, civil_from_days};
use crate::error::Result;
use crate::model::decision::Annotations;
use crate::model::search::{SearchDocument, SearchField, SearchRefresh};
use crate::store::{Store, captions, paths, photo};

/// Kinds of features that documents are made of. Steps that make them may come later; what is not there is left out.
const KINDS: [&str; 7] = ["tags", "text", "caption", "bibs", "place", "faces", "aesthetic"];

/// Photos written in one transaction: short enough that a batch of analysis does not wait.
const AT_ONCE: usize = 250;

/// Pages of the index of words put together in one transaction, so that whoever else writes does not wait for all of it.
const MERGED_AT_ONCE: i64 = 500;

/// Bytes of text in a document: positions in PostgreSQL end at 16,383.
const MAX_TEXT_BYTES: usize = 8_000;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

impl Store {
    /// Writes the documents of at most `limit` marked photos, those first seen last first.
    pub fn refresh_search(&self, limit: usize) -> Result<SearchRefresh> {
        let mut done = SearchRefresh::default();
        let mut left = limit;
        while left > 0 {
            let some = left.min(AT_ONCE);
            let written = self.write(|session| self.refresh_some(session, some))?;
            done.written += written;
            left -= some;
            if written < some as u64 {
                return Ok(done);
            }
        }
        done.more = self.search_backlog(1)? > 0;
        Ok(done)
    }

    /// How many photos are marked; counting stops at `at_most`.
    pub fn search_backlog(&self, at_most: usize) -> Result<usize> {
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM search_dirty LIMIT ?1) t";
        let count = self.read(|session| query_one(session, sql, params![at_most], |row| row.int(0)))?;
        Ok(count.unwrap_or(0) as usize)
    }

    /// Puts together what SQLite's index of words keeps in parts, as they were written, until `stop` says so: each question
    /// looks into every part. PostgreSQL does so by itself.
    pub fn merge_words(&self, stop: &dyn Fn() -> bool) -> Result<()> {
        // The first call, with a number below 0, takes all parts for one merge; the others go on with it.
        let mut pages = -MERGED_AT_ONCE;
        while !stop() {
            let changed = self.write(|session| {
                if session.dialect() != Dialect::Sqlite {
                    return Ok(0);
                }
                let so_far = "SELECT total_changes()";
                let before = query_one(session, so_far, &[], |row| row.int(0))?;
                let merge = "INSERT INTO search_index (search_index, rank) VALUES ('merge', ?1)";
                session.execute(merge, params![pages])?;
                let after = query_one(session, so_far, &[], |row| row.int(0))?;
                Ok(after.unwrap_or(0) - before.unwrap_or(0))
            })?;
            // The statement itself counts as one change.
            if changed < 2 {
                break;
            }
            pages = MERGED_AT_ONCE;
        }
        Ok(())
    }

    fn refresh_some(&self, session: &mut dyn Session, limit: usize) -> Result<u64> {
        // Marks go before facts are read: whoever changes a fact meanwhile waits for this transaction, and marks again.
        let taken = format!(
            "DELETE FROM search_dirty WHERE photo_id IN (SELECT photo_id FROM search_dirty ORDER BY photo_id DESC \
             LIMIT {limit} {}) RETURNING photo_id",
            session.skip_locked()
        );
        let ids = query_all(session, &taken, &[], |row| row.int(0))?;
        if ids.is_empty() {
            return Ok(0);
        }
        let entries = self.read_entries(session, &ids)?;
        write_entries(session, &ids, &entries)?;
        session.execute("UPDATE tintype_meta SET search_revision = search_revision + 1 WHERE id = 1", &[])?;
        Ok(ids.len() as u64)
    }

    /// What is known now of the photos that are there, by row.
    fn read_entries(&self, session: &mut dyn Session, ids: &[i64]) -> Result<BTreeMap<i64, Entry>> {
        let mut entries = BTreeMap::new();
        let mut of_subject: HashMap<i64, Vec<i64>> = HashMap::new();
        let sql = "SELECT p.id, p.subject_id, p.camera, p.lens, p.taken_ms, m.metadata, a.body FROM photos p \
                   LEFT JOIN photo_metadata m ON m.photo_id = p.id LEFT JOIN annotations a ON a.photo_id = p.id \
                   WHERE p.id IN rarray(?1)";
        session.query(sql, params![ids.to_vec()], &mut |row| {
            let metadata = row.opt_text(5)?.and_then(|text| photo::metadata(&text).ok()).unwrap_or_default();
            let decided = row.opt_text(6)?.and_then(|text| serde_json::from_str::<Annotations>(&text).ok());
            let decided = decided.unwrap_or_default();
            let mut entry = Entry::default();
            entry.add_facts(&decided.over(&metadata));
            entry.own_caption = decided.caption;
            entry.add(SearchField::Camera, &row.opt_text(2)?.unwrap_or_default(), 1.0);
            entry.add(SearchField::Lens, &row.opt_text(3)?.unwrap_or_default(), 1.0);
            if let Some(taken) = row.opt_int(4)? {
                entry.add_date(taken);
            }
            of_subject.entry(row.int(1)?).or_default().push(row.int(0)?);
            entries.insert(row.int(0)?, entry);
            Ok(())
        })?;
        let sql = "SELECT f.photo_id, r.path, d.rel, f.name FROM files f JOIN folders d ON d.id = f.folder_id \
                   JOIN roots r ON r.id = d.root_id WHERE f.photo_id IN rarray(?1) AND f.present = 1 ORDER BY f.id";
        session.query(sql, params![ids.to_vec()], &mut |row| {
            if let Some(entry) = entries.get_mut(&row.int(0)?) {
                let root = row.bytes(1)?.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
                let folder = paths::join_rel(root, row.bytes(2)?);
                entry.add(SearchField::Folder, &String::from_utf8_lossy(&folder), 1.0);
                entry.add(SearchField::Name, &String::from_utf8_lossy(row.bytes(3)?), 1.0);
            }
            Ok(())
        })?;
        let sql = "SELECT m.photo_id, a.name FROM album_photos m JOIN albums a ON a.id = m.album_id \
                   WHERE m.photo_id IN rarray(?1) ORDER BY a.id";
        session.query(sql, params![ids.to_vec()], &mut |row| {
            if let Some(entry) = entries.get_mut(&row.int(0)?) {
                entry.add(SearchField::Album, &row.text(1)?, 1.0);
            }
            Ok(())
        })?;
        let sql = format!(
            "SELECT x.subject_id, k.kind, x.type, x.value, k.producer, x.created_ms FROM feature_keys k JOIN features x ON x.key_id = k.id \
             WHERE k.kind IN ({}) AND x.subject_id IN rarray(?1) ORDER BY x.subject_id, x.created_ms DESC",
            kinds()
        );
        let mut subjects: Vec<i64> = of_subject.keys().copied().collect();
        subjects.sort_unstable();
        session.query(&sql, params![subjects], &mut |row| {
            // A value that cannot be read is as good as none: the step that makes it says so elsewhere.
            let value = self.decode(row, 2).ok().flatten();
            for photo in of_subject.get(&row.int(0)?).into_iter().flatten() {
                let (Some(entry), Some(value)) = (entries.get_mut(photo), &value) else { continue };
                match row.text(1)?.as_str() {
                    captions::KIND => {
                        entry.captions.extend(captions::computed(row.text(4)?, value, row.int(5)?));
                    }
                    kind => entry.add_feature(kind, value),
                }
            }
            Ok(())
        })?;
        entries.values_mut().for_each(Entry::add_caption);
        Ok(entries)
    }
}

/// A document with the numbers beside it.
#[derive(Default)]
struct Entry {
    document: SearchDocument,
    bytes: usize,
    /// What was said of it in a sentence: by somebody here, by steps.
    own_caption: Option<String>,
    captions: Vec<ComputedCaption>,
    faces: Option<i64>,
    aperture: Option<f64>,
    focal_mm: Option<f64>,
    aesthetic: Option<f64>,
}

impl Entry {
    fn add(&mut self, field: SearchField, text: &str, confidence: f32) {
        if self.bytes + text.len() <= MAX_TEXT_BYTES {
            self.bytes += text.len();
            self.document.add(field, text, confidence);
        }
    }

    /// The caption that is shown is the one that is searched; it finds place in any document. What the file says is
    /// searched with the title, and does not hide what was computed.
    fn add_caption(&mut self) {
        if let Some(caption) = Caption::shown(self.own_caption.as_deref(), None, &self.captions) {
            self.document.add(SearchField::Caption, &caption.text, caption.confidence);
        }
    }

    fn add_facts(&mut self, facts: &Metadata) {
        for text in facts.title.iter().chain(&facts.description) {
            self.add(SearchField::Title, text, 1.0);
        }
        for keyword in &facts.keywords {
            self.add(SearchField::Keyword, keyword, 1.0);
        }
        for name in facts.face_regions.iter().filter_map(|region| region.name.as_ref()) {
            self.add(SearchField::Person, name, 1.0);
        }
        let marked = facts.face_regions.len() as i64;
        self.faces = (marked > 0).then_some(marked);
        (self.aperture, self.focal_mm) = (facts.f_number, facts.focal_length_mm);
    }

    fn add_date(&mut self, taken_ms: i64) {
        let days = taken_ms.div_euclid(DAY_MS);
        let (year, month, day) = civil_from_days(days);
        self.add(SearchField::Date, &format!("{year:04}-{month:02}-{day:02}"), 1.0);
        self.add(SearchField::Date, MONTHS[(month - 1).clamp(0, 11) as usize], 1.0);
        self.add(SearchField::Date, WEEKDAYS[days.rem_euclid(7) as usize], 1.0);
    }

    fn add_feature(&mut self, kind: &str, value: &FeatureValue) {
        if let (FeatureValue::Number(number), "aesthetic") = (value, kind) {
            self.aesthetic.get_or_insert(*number);
        }
        let Some(json) = value.as_json() else { return };
        match kind {
            "tags" => {
                self.add_list(SearchField::Tag, &json["labels"], "name");
                self.add_list(SearchField::Object, &json["objects"], "name");
            }
            "text" => self.add_list(SearchField::Text, &json["lines"], "text"),
            "bibs" => {
                let list = if json.is_array() { json } else { &json["detections"] };
                self.add_list(SearchField::Bib, list, "bib_number");
                self.add_list(SearchField::Bib, list, "number");
            }
            "place" => {
                for name in json["names"].as_array().into_iter().flatten().filter_map(Json::as_str) {
                    self.add(SearchField::Place, name, 1.0);
                }
            }
            "faces" => {
                let list = json.as_array().or_else(|| json["faces"].as_array());
                if let Some(list) = list {
                    self.faces = Some(self.faces.unwrap_or(0).max(list.len() as i64));
                }
            }
            "aesthetic" => {
                let score = ["score", "mean"].iter().find_map(|name| json[*name].as_f64());
                self.aesthetic = self.aesthetic.or(score);
            }
            _ => {}
        }
    }

    fn add_list(&mut self, field: SearchField, list: &Json, name: &str) {
        for item in list.as_array().into_iter().flatten() {
            match &item[name] {
                Json::String(text) => self.add(field, text, confidence(item)),
                Json::Number(number) => self.add(field, &number.to_string(), confidence(item)),
                _ => {}
            }
        }
    }
}

/// How sure a model was; sure, where it does not say.
fn confidence(json: &Json) -> f32 {
    json["confidence"].as_f64().map_or(1.0, |confidence| confidence as f32)
}

/// Writes the documents of `ids`; those without an entry are gone.
fn write_entries(session: &mut dyn Session, ids: &[i64], entries: &BTreeMap<i64, Entry>) -> Result<()> {
    let before = bodies(session, ids)?;
    let after = entries.iter().map(|(id, entry)| (*id, &entry.document));
    terms::change(session, &before, &after.collect())?;
    let mut rows = Vec::with_capacity(entries.len());
    for (id, entry) in entries {
        let mut row = values![
            *id,
            entry.faces,
            entry.aperture,
            entry.focal_mm,
            entry.aesthetic.filter(|score| score.is_finite()),
            entry.document.encode(),
        ];
        if session.dialect() == Dialect::Postgres {
            row.push(index::vector(&entry.document).into());
        }
        rows.push(row);
    }
    let mut columns = vec![Column::Int, Column::Int, Column::Real, Column::Real, Column::Real, Column::Text];
    let (names, selected, set) = match session.dialect() {
        Dialect::Sqlite => ("", "", ""),
        Dialect::Postgres => {
            columns.push(Column::Text);
            (", words", ", CAST(r.c7 AS tsvector)", ", words = excluded.words")
        }
    };
    session.bulk(
        &format!(
            "INSERT INTO search_documents (photo_id, faces, aperture, focal_mm, aesthetic, body{names}) \
             SELECT r.c1, r.c2, r.c3, r.c4, r.c5, r.c6{selected} FROM {{rows}} WHERE true \
             ON CONFLICT (photo_id) DO UPDATE SET faces = excluded.faces, aperture = excluded.aperture, \
             focal_mm = excluded.focal_mm, aesthetic = excluded.aesthetic, body = excluded.body{set}"
        ),
        &columns,
        &rows,
    )?;
    if session.dialect() == Dialect::Sqlite {
        index_rows(session, ids, entries)?;
    }
    Ok(())
}

/// Replaces rows of SQLite's full-text index.
fn index_rows(session: &mut dyn Session, ids: &[i64], entries: &BTreeMap<i64, Entry>) -> Result<()> {
    session.execute("DELETE FROM search_index WHERE rowid IN rarray(?1)", params![ids.to_vec()])?;
    let fields = SearchField::ALL;
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    let selected: Vec<String> = (2..fields.len() + 2).map(|at| format!("r.c{at}")).collect();
    let mut columns = vec![Column::Text; fields.len() + 1];
    columns[0] = Column::Int;
    let rows: Vec<Vec<Value>> = entries
        .iter()
        .map(|(id, entry)| {
            let mut row = values![*id];
            row.extend(index::columns(&entry.document).into_iter().map(Value::from));
            row
        })
        .collect();
    session.bulk(
        &format!(
            "INSERT INTO search_index (rowid, {}) SELECT r.c1, {} FROM {{rows}}",
            names.join(", "),
            selected.join(", ")
        ),
        &columns,
        &rows,
    )?;
    Ok(())
}

/// The documents of `ids` as they are stored.
fn bodies(session: &mut dyn Session, ids: &[i64]) -> Result<BTreeMap<i64, SearchDocument>> {
    let sql = "SELECT photo_id, body FROM search_documents WHERE photo_id IN rarray(?1)";
    let found = query_all(session, sql, params![ids.to_vec()], |row| {
        Ok((row.int(0)?, SearchDocument::decode(&row.text(1)?)))
    })?;
    Ok(found.into_iter().collect())
}

/// Marks photos about which something changed.
pub(in crate::store) fn mark(session: &mut dyn Session, photos: &[i64]) -> Result<()> {
    let mut photos = photos.to_vec();
    photos.sort_unstable();
    photos.dedup();
    let rows: Vec<_> = photos.into_iter().map(|photo| values![photo]).collect();
    session.bulk(
        "INSERT INTO search_dirty (photo_id) SELECT r.c1 FROM {rows} WHERE true ON CONFLICT (photo_id) DO NOTHING",
        &[Column::Int],
        &rows,
    )?;
    Ok(())
}

/// Marks the photos of pictures about which something was computed or forgotten.
pub(in crate::store) fn mark_pictures(session: &mut dyn Session, subjects: &[i64]) -> Result<()> {
    mark_where(session, "p.subject_id IN rarray(?1)", params![subjects.to_vec()])
}

/// Marks the photos whose documents are made of features that meet a condition.
pub(in crate::store) fn mark_readers(
    session: &mut dyn Session,
    unwanted: &str,
    params: &[Value],
) -> Result<()> {
    let condition = format!(
        "p.subject_id IN (SELECT features.subject_id FROM features WHERE ({unwanted}) \
         AND features.key_id IN (SELECT r.id FROM feature_keys r WHERE r.kind IN ({})))",
        kinds()
    );
    mark_where(session, &condition, params)
}

/// [`KINDS`] as a list of SQL.
fn kinds() -> String {
    KINDS.map(|kind| format!("'{kind}'")).join(", ")
}

/// Marks photos `p` that meet a condition.
pub(in crate::store) fn mark_where(
    session: &mut dyn Session,
    condition: &str,
    params: &[Value],
) -> Result<()> {
    let sql = format!("SELECT p.id FROM photos p WHERE {condition}");
    let photos = query_all(session, &sql, params, |row| row.int(0))?;
    mark(session, &photos)
}

/// Removes the documents of photos that are about to be removed.
pub(in crate::store) fn remove(session: &mut dyn Session, photos: &[i64]) -> Result<()> {
    for some in photos.chunks(AT_ONCE) {
        let before = bodies(session, some)?;
        terms::change(session, &before, &BTreeMap::new())?;
        let some = some.to_vec();
        session
            .execute("DELETE FROM search_documents WHERE photo_id IN rarray(?1)", params![some.clone()])?;
        session.execute("DELETE FROM search_dirty WHERE photo_id IN rarray(?1)", params![some.clone()])?;
        if session.dialect() == Dialect::Sqlite {
            session.execute("DELETE FROM search_index WHERE rowid IN rarray(?1)", params![some])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(entry: &Entry) -> Vec<(&str, &str, f32)> {
        entry.document.pieces().iter().map(|p| (p.field.name(), p.text.as_str(), p.confidence)).collect()
    }

    #[test]
    fn features_of_any_shape_are_read_as_far_as_they_go() {
        let mut entry = Entry::default();
        for (kind, value) in [
            (
                "tags",
                json!({"labels": [{"name": "beach", "confidence": 0.5}, {"name": 7}, 3], "objects": "x"}),
            ),
            ("tags", json!({"objects": [{"name": "dog", "confidence": 0.25, "box": [0, 0, 1, 1]}]})),
            ("tags", json!(null)),
            ("text", json!({"lines": [{"text": "EXIT 24", "confidence": 0.75}, {"confidence": 1}]})),
            ("bibs", json!({"detections": [{"bib_number": "0353"}, {"number": 12}]})),
            ("place", json!({"names": ["Zürich", 5]})),
            ("faces", json!([{}, {}])),
            ("aesthetic", json!({"mean": 5.5})),
            ("aesthetic", json!({"score": 9})),
            ("unknown", json!({"labels": [{"name": "x"}]})),
        ] {
            entry.add_feature(kind, &FeatureValue::Json(value));
        }
        entry.add_feature("text", &FeatureValue::Vector(vec![1.0]));
        assert_eq!(
            shown(&entry),
            [
                ("tag", "beach", 0.5),
                ("tag", "7", 1.0),
                ("object", "dog", 0.25),
                ("bib", "0353", 1.0),
                ("bib", "12", 1.0),
                ("text", "EXIT 24", 0.75),
                ("place", "Zürich", 1.0),
            ]
        );
        assert_eq!((entry.faces, entry.aesthetic), (Some(2), Some(5.5)));
    }

    #[test]
    fn of_several_captions_the_one_that_is_shown_is_searched() {
        let mut entry = Entry::default();
        let of = |producer: &str, json| captions::computed(producer.to_owned(), &FeatureValue::Json(json), 1);
        entry.captions.extend(of("composed@1(a)", json!({"text": "A dog."})));
        entry.captions.extend(of("vit@1", json!({"text": "a dog on a beach", "confidence": 0.5})));
        entry.captions.extend(of("odd@1", json!({"text": 7})));
        entry.captions.extend(of("odd@2", json!(null)));
        entry.add_caption();
        assert_eq!(shown(&entry), [("caption", "a dog on a beach", 0.5)]);
        let mut entry =
            Entry { own_caption: Some("Rex".into()), captions: entry.captions, ..Entry::default() };
        entry.add_caption();
        assert_eq!(shown(&entry), [("caption", "Rex", 1.0)]);
    }

    #[test]
    fn dates_are_words() {
        let mut entry = Entry::default();
        entry.add_date(-1);
        entry.add_date(1_717_243_200_000);
        assert_eq!(
            shown(&entry).iter().map(|(_, text, _)| *text).collect::<Vec<_>>(),
            ["1969-12-31", "December", "Wednesday", "2024-06-01", "June", "Saturday"]
        );
    }

    #[test]
    fn a_page_of_text_does_not_fill_the_index() {
        let mut entry = Entry::default();
        for line in 0..10_000 {
            entry.add(SearchField::Text, &format!("line {line} of a very long page"), 1.0);
        }
        assert!(index::vector(&entry.document).len() < 200_000);
        let words: usize = entry.document.tokens().iter().map(|(_, words)| words.len() + 1).sum();
        assert!(words < 16_383, "{words}");
    }
}
