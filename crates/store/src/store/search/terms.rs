//! Pieces that photos share, counted for suggestions.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Column, Session, params, query_all, values};
use crate::error::Result;
use crate::model::search::{Piece, SearchDocument, SearchField, SearchTerm, folded};
use crate::store::Store;

/// Fields whose pieces are names that people choose from; texts, titles and file names differ from photo to photo.
const SUGGESTED: [SearchField; 8] = [
    SearchField::Person,
    SearchField::Keyword,
    SearchField::Tag,
    SearchField::Object,
    SearchField::Album,
    SearchField::Place,
    SearchField::Camera,
    SearchField::Lens,
];

/// Below this a model's word is a guess, and not suggested.
const SURE_ENOUGH: f32 = 0.3;

/// Terms read for each field and question, of which the most frequent are given.
const READ: usize = 2_000;

impl Store {
    /// Pieces of `fields` (of every suggested field where there are none) of which a word begins like `beginning`, most
    /// frequent first. Words within a piece are found by its first word only.
    pub fn search_terms(
        &self,
        beginning: &str,
        fields: &[SearchField],
        limit: usize,
    ) -> Result<Vec<SearchTerm>> {
        let folded = folded(beginning);
        let fields = if fields.is_empty() { &SUGGESTED } else { fields };
        let mut found = self.read(|session| {
            let mut found = Vec::new();
            for field in fields {
                let sql = "SELECT label, photos FROM search_terms WHERE field = ?1 AND folded >= ?2 AND folded < ?3 LIMIT ?4";
                // After every text that begins so: no word holds the last character of Unicode.
                let end = format!("{folded}\u{10ffff}");
                found.extend(query_all(session, sql, params![field.name(), &folded, end, READ], |row| {
                    Ok(SearchTerm { field: *field, label: row.text(0)?, photos: row.int(1)? as u64 })
                })?);
            }
            Ok(found)
        })?;
        found.sort_by(|a, b| {
            b.photos.cmp(&a.photos).then_with(|| (a.field, &a.label).cmp(&(b.field, &b.label)))
        });
        found.truncate(limit);
        Ok(found)
    }
}

/// Counts what documents hold now and did not, and the other way round.
pub(super) fn change(
    session: &mut dyn Session,
    before: &BTreeMap<i64, SearchDocument>,
    after: &BTreeMap<i64, &SearchDocument>,
) -> Result<()> {
    let mut changes: BTreeMap<(&'static str, String), (&str, i64)> = BTreeMap::new();
    let photos: BTreeSet<i64> = before.keys().chain(after.keys()).copied().collect();
    for photo in photos {
        let old = before.get(&photo).map(named).unwrap_or_default();
        let new = after.get(&photo).map(|document| named(document)).unwrap_or_default();
        for (key, label) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            changes.entry(key.clone()).or_insert((label, 0)).1 += 1;
        }
        for (key, label) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
            changes.entry(key.clone()).or_insert((label, 0)).1 -= 1;
        }
    }
    changes.retain(|_, (_, count)| *count != 0);
    let rows: Vec<_> = changes
        .iter()
        .map(|((field, folded), (label, count))| values![*field, folded, *label, *count])
        .collect();
    session.bulk(
        "INSERT INTO search_terms (field, folded, label, photos) SELECT r.c1, r.c2, r.c3, r.c4 FROM {rows} WHERE true \
         ON CONFLICT (field, folded) DO UPDATE SET photos = search_terms.photos + excluded.photos",
        &[Column::Text, Column::Text, Column::Text, Column::Int],
        &rows,
    )?;
    let fewer: Vec<_> = changes
        .iter()
        .filter(|(_, (_, count))| *count < 0)
        .map(|((field, folded), _)| values![*field, folded])
        .collect();
    session.bulk(
        "DELETE FROM search_terms WHERE photos <= 0 AND (field, folded) IN (SELECT r.c1, r.c2 FROM {rows})",
        &[Column::Text, Column::Text],
        &fewer,
    )?;
    Ok(())
}

/// The pieces of a document that are counted, by field and words.
fn named(document: &SearchDocument) -> BTreeMap<(&'static str, String), &str> {
    let is_counted = |piece: &&Piece| SUGGESTED.contains(&piece.field) && piece.confidence >= SURE_ENOUGH;
    let pieces = document.pieces().iter().filter(is_counted);
    pieces.map(|piece| ((piece.field.name(), folded(&piece.text)), piece.text.as_str())).collect()
}
