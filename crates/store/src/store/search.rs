//! Finding photos by words and facts, and keeping the documents that this needs up to date.

mod condition;
mod documents;
mod index;
mod rare;
mod terms;

use std::collections::{HashMap, HashSet};

use condition::Order;
pub(super) use condition::condition;
pub(super) use documents::{mark, mark_pictures, mark_readers, mark_where, remove};
use tintype_core::PhotoId;

use super::scope::{self, Query};
use super::{Store, listing, photo};
use crate::backend::{Dialect, Row, Session, params, query_all, query_one};
use crate::error::{Error, Result};
use crate::model::listing::{PhotoFilter, PhotoSummary};
use crate::model::scope::Scope;
use crate::model::search::{SearchCandidate, SearchCondition, SearchDocument, TextMatch};

/// What follows FROM in a query of the photos `p` of `scope` that meet `filter` and `condition`.
pub(super) fn condition_source(
    session: &mut dyn Session,
    scope: &Scope,
    filter: &PhotoFilter,
    condition: &SearchCondition,
    query: &mut Query,
) -> Result<String> {
    let source = condition::source(session, scope, filter, condition, Order::Any, query)?;
    Ok(source.from.replace("{documents}", ""))
}

impl Store {
    /// A number that grows whenever documents were written, together with the library's generation.
    pub fn search_revision(&self) -> Result<(u64, u64)> {
        let sql = "SELECT generation, search_revision FROM tintype_meta WHERE id = 1";
        self.read(|session| {
            let found = query_one(session, sql, &[], |row| Ok((row.int(0)? as u64, row.int(1)? as u64)))?;
            found.ok_or(Error::value("search revision"))
        })
    }

    /// At most `limit` photos of `scope` that meet `filter` and `condition`, those first seen last first, with their
    /// documents; and whether there are more. Photos without a document yet are not found by words.
    pub fn search_candidates(
        &self,
        scope: &Scope,
        filter: &PhotoFilter,
        condition: &SearchCondition,
        limit: usize,
    ) -> Result<(Vec<SearchCandidate>, bool)> {
        self.read(|session| {
            let mut found: Vec<(i64, SearchCandidate)> = Vec::new();
            for condition in condition.normalised(false).alternatives() {
                let mut query = Query::default();
                let source = condition::source(session, scope, filter, &condition, Order::Row, &mut query)?;
                let (from, row, limited) = (source.from, source.row, query.arg(limit + 1));
                let sql = format!(
                    "SELECT p.uuid, p.taken_ms, b.body, {row} FROM {from} ORDER BY {row} DESC LIMIT {limited}"
                );
                let sql = sql.replace("{documents}", "JOIN search_documents b ON b.photo_id = p.id");
                found.extend(query_all(session, &sql, &query.params, |row| {
                    Ok((row.int(3)?, candidate(row)?))
                })?);
            }
            found.sort_by_key(|(row, _)| std::cmp::Reverse(*row));
            found.dedup_by_key(|(row, _)| *row);
            let more = found.len() > limit;
            found.truncate(limit);
            Ok((found.into_iter().map(|(_, candidate)| candidate).collect(), more))
        })
    }

    /// How many photos of `scope` meet `filter` and `condition`; counting stops at `at_most`.
    pub fn search_count(
        &self,
        scope: &Scope,
        filter: &PhotoFilter,
        condition: &SearchCondition,
        at_most: usize,
    ) -> Result<u64> {
        self.read(|session| {
            let mut query = Query::default();
            let from = condition_source(session, scope, filter, condition, &mut query)?;
            let limit = query.arg(at_most);
            let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {from} LIMIT {limit}) t");
            Ok(query_one(session, &sql, &query.params, |row| row.int(0))?.unwrap_or(0) as u64)
        })
    }

    /// Of `photos`, those of `scope` that meet `filter` and `condition`, with their documents (empty where there is
    /// none yet), in the order given.
    pub fn search_among(
        &self,
        photos: &[PhotoId],
        scope: &Scope,
        filter: &PhotoFilter,
        condition: &SearchCondition,
    ) -> Result<Vec<SearchCandidate>> {
        let uuids: Vec<Vec<u8>> = photos.iter().map(|photo| photo.0.as_bytes().to_vec()).collect();
        self.read(|session| {
            let mut query = Query::default();
            let conditions = condition::on_photo(session, scope, filter, condition, &mut query)?;
            let among = query.arg(uuids.clone());
            let sql = format!(
                "SELECT p.uuid, p.taken_ms, b.body FROM photos p LEFT JOIN search_documents b ON b.photo_id = p.id \
                 WHERE p.uuid IN rarray({among}) AND {conditions}"
            );
            let mut found: HashMap<PhotoId, SearchCandidate> = query_all(session, &sql, &query.params, candidate)?
                .into_iter()
                .map(|one| (one.photo, one))
                .collect();
            Ok(photos.iter().filter_map(|photo| found.remove(photo)).collect())
        })
    }

    /// In how many documents each text stands; counting stops at `at_most`.
    pub fn text_frequencies(&self, texts: &[TextMatch], at_most: usize) -> Result<Vec<u64>> {
        self.read(|session| {
            let sql = match session.dialect() {
                Dialect::Sqlite => {
                    "SELECT COUNT(*) FROM (SELECT 1 FROM search_index x WHERE x.search_index MATCH ?1 LIMIT ?2) t"
                }
                Dialect::Postgres => {
                    "SELECT COUNT(*) FROM (SELECT 1 FROM search_documents x \
                     WHERE x.words @@ CAST(CAST(?1 AS TEXT) AS tsquery) LIMIT ?2) t"
                }
            };
            texts
                .iter()
                .map(|text| {
                    let text = index::question(session.dialect(), text);
                    Ok(query_one(session, sql, params![text, at_most], |row| row.int(0))?.unwrap_or(0) as u64)
                })
                .collect()
        })
    }

    /// About how many photos the library has ever had, for how telling a word is. It costs nothing.
    pub fn photos_about(&self) -> Result<u64> {
        // Row numbers are shared by all tables; the highest of photos is of the right size.
        let sql = "SELECT COALESCE(MAX(photo_id), 0) FROM search_documents";
        Ok(self.read(|session| query_one(session, sql, &[], |row| row.int(0)))?.unwrap_or(0) as u64)
    }

    /// What lists show of photos, in the order given; those that are not there are left out.
    pub fn photo_summaries(&self, photos: &[PhotoId]) -> Result<Vec<PhotoSummary>> {
        let uuids: Vec<Vec<u8>> = photos.iter().map(|photo| photo.0.as_bytes().to_vec()).collect();
        self.read(|session| {
            let rows: HashMap<PhotoId, i64> = query_all(
                session,
                "SELECT uuid, id FROM photos WHERE uuid IN rarray(?1)",
                params![uuids.clone()],
                |row| Ok((photo::photo_id(row.bytes(0)?)?, row.int(1)?)),
            )?
            .into_iter()
            .collect();
            let rows: Vec<i64> = photos.iter().filter_map(|photo| rows.get(photo).copied()).collect();
            listing::summaries(session, &rows)
        })
    }
}

fn candidate(row: &Row<'_>) -> Result<SearchCandidate> {
    Ok(SearchCandidate {
        photo: photo::photo_id(row.bytes(0)?)?,
        taken_ms: row.opt_int(1)?,
        document: row.opt_text(2)?.map_or_else(SearchDocument::default, |body| SearchDocument::decode(&body)),
    })
}

impl Store {
    /// The names of albums, by name.
    pub fn album_names(&self) -> Result<Vec<String>> {
        self.read(|session| {
            query_all(session, "SELECT name FROM albums ORDER BY name, id", &[], |row| row.text(0))
        })
    }

    /// Parts of the library whose album's name holds `words` (as [`crate::words`] gives them), the last of which may
    /// go on.
    pub fn albums_named(&self, words: &[String]) -> Result<Vec<Scope>> {
        let sql = "SELECT uuid, name FROM albums ORDER BY id";
        let albums = self.read(|session| {
            query_all(session, sql, &[], |row| Ok((photo::uuid(row.bytes(0)?)?, row.text(1)?)))
        })?;
        let Some((last, before)) = words.split_last() else { return Ok(Vec::new()) };
        let is_named = |name: &str| {
            let named: HashSet<String> = crate::words(name).into_iter().collect();
            before.iter().all(|word| named.contains(word))
                && crate::words(name).iter().any(|word| word.starts_with(last.as_str()))
        };
        let named = albums.into_iter().filter(|(_, name)| is_named(name));
        Ok(named.map(|(id, _)| Scope::Album(tintype_core::AlbumId(id))).collect())
    }
}

/// The conditions that make a photo `p` one of `scope` that meets `filter`.
fn listed(
    session: &mut dyn Session,
    scope: &Scope,
    filter: &PhotoFilter,
    query: &mut Query,
) -> Result<String> {
    let condition = scope::photos(session, scope, query)?;
    let filter = scope::filter(filter, query);
    Ok(condition + &filter)
}
