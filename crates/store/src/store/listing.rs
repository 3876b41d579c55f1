//! Lists of photos, page by page, and one photo in full.

use std::collections::HashMap;

use tintype_core::{Flag, PhotoId};

use super::scope::{self, Query};
use super::{Store, paths, photo, search};
use crate::backend::{Row, Session, Value, params, query_all, query_one};
use crate::error::{Error, Result};
use crate::model::decision::Annotations;
use crate::model::listing::{FileDetail, PhotoDetail, PhotoQuery, PhotoSort, PhotoSummary};
use crate::model::operation::Page;
use crate::model::scan::{FileId, WriteMode};

/// Columns of [`summary`], after which others may follow.
const SUMMARY: &str = "p.id, p.uuid, p.width, p.height, s.subject_key, p.taken_at, p.taken_ms, p.added_ms, p.media, \
                       p.format, p.name, p.camera, p.rating, p.sharpness, p.quality, p.is_blurry, p.blur_kind, p.copies, \
                       p.size, s.undecodable, (SELECT COUNT(*) FROM issues i JOIN files g ON g.id = i.file_id \
                       WHERE g.photo_id = p.id AND g.present = 1), p.flag, \
                       CASE WHEN p.stack_lead IS NULL THEN 0 ELSE (SELECT COUNT(*) - 1 FROM photos q \
                       WHERE q.stack_lead = p.stack_lead AND q.copies > 0) END, p.stack_lead";
/// How many columns that is.
const SUMMARY_COLUMNS: usize = 24;

impl Store {
    /// One page of photos that have a present file.
    pub fn list_photos(&self, query: &PhotoQuery) -> Result<Page<PhotoSummary>> {
        let limit = query.limit.clamp(1, PhotoQuery::MAX_LIMIT);
        let order = Order::new(query.sort, query.descending);
        let start = query.cursor.as_deref().map(|text| order.parse(text)).transpose()?;
        self.read(|session| {
            let mut found: Vec<(i64, Value)> = Vec::new();
            if !matches!(start, Some((_, Value::Null))) {
                found = order.page(session, query, start.as_ref(), false, limit + 1)?;
            }
            if order.is_nullable && found.len() <= limit {
                // Photos that lack the fact come last; after them there is nothing.
                let start = start.as_ref().filter(|(_, key)| matches!(key, Value::Null));
                found.extend(order.page(session, query, start, true, limit + 1 - found.len())?);
            }
            let more = found.len() > limit;
            found.truncate(limit);
            let next_cursor = found.last().filter(|_| more).map(|(id, key)| order.cursor(*id, key));
            let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
            Ok(Page { items: summaries(session, &ids)?, next_cursor })
        })
    }

    /// How many photos there are in all pages together.
    pub fn count_photos(&self, query: &PhotoQuery) -> Result<u64> {
        self.read(|session| {
            let mut sql = Query::default();
            let condition = scope::photos(session, &query.scope, &mut sql)?;
            let filter = scope::filter(&query.filter, &mut sql);
            let searched = searched(session, query, &mut sql)?;
            let text = format!("SELECT COUNT(*) FROM photos p WHERE {condition}{filter}{searched}");
            Ok(query_one(session, &text, &sql.params, |row| row.int(0))?.unwrap_or(0) as u64)
        })
    }

    /// Everything about one photo but its features.
    pub fn photo(&self, id: PhotoId) -> Result<Option<PhotoDetail>> {
        let issues = self.issues_of_photo(id)?;
        self.read(|session| {
            let sql = format!(
                "SELECT {SUMMARY}, p.content_hash, s.decoder, m.metadata FROM photos p \
                 JOIN subjects s ON s.id = p.subject_id LEFT JOIN photo_metadata m ON m.photo_id = p.id WHERE p.uuid = ?1"
            );
            let found = query_one(session, &sql, params![id.0], |row| {
                let summary = summary(row)?;
                let metadata = row.opt_text(SUMMARY_COLUMNS + 2)?.map(|text| photo::metadata(&text)).transpose()?;
                let detail = PhotoDetail {
                    content_hash: photo::content_hash(row.bytes(SUMMARY_COLUMNS)?)?,
                    pixel_hash: summary.pixel_hash,
                    metadata: metadata.unwrap_or_default(),
                    decoder: row.opt_text(SUMMARY_COLUMNS + 1)?,
                    files: Vec::new(),
                    issues: issues.clone(),
                    annotations: Annotations::default(),
                    companions: Vec::new(),
                    summary,
                };
                Ok((row.int(0)?, row.opt_int(SUMMARY_COLUMNS - 1)?, detail))
            })?;
            let Some((row, lead, mut detail)) = found else { return Ok(None) };
            let sql = "SELECT body FROM annotations WHERE photo_id = ?1";
            if let Some(body) = query_one(session, sql, params![row], |row| row.text(0))? {
                detail.annotations = serde_json::from_str(&body)?;
            }
            if let Some(lead) = lead {
                let sql = "SELECT uuid FROM photos WHERE stack_lead = ?1 AND copies > 0 AND id <> ?2 ORDER BY id";
                detail.companions =
                    query_all(session, sql, params![lead, row], |row| photo::photo_id(row.bytes(0)?))?;
            }
            let sql = "SELECT f.id, r.path, d.rel, f.name, f.size, f.mtime_ns, f.present, f.settled, r.online, r.write_mode FROM files f \
                       JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id \
                       WHERE f.photo_id = ?1 ORDER BY f.present DESC, f.id";
            detail.files = query_all(session, sql, params![row], |row| {
                Ok(FileDetail {
                    id: FileId(row.int(0)?),
                    path: paths::full_path(row.bytes(1)?, row.bytes(2)?, row.bytes(3)?),
                    size: row.int(4)? as u64,
                    mtime_ns: row.int(5)?,
                    present: row.bool(6)?,
                    settled: row.bool(7)?,
                    root_online: row.bool(8)?,
                    write_mode: WriteMode::from_name(&row.text(9)?).unwrap_or_default(),
                })
            })?;
            Ok(Some(detail))
        })
    }
}

/// An order of photos: by one column, then by row.
struct Order {
    column: &'static str,
    is_nullable: bool,
    descending: bool,
}

impl Order {
    fn new(sort: PhotoSort, descending: bool) -> Self {
        let (column, is_nullable) = match sort {
            PhotoSort::TakenAt => ("taken_ms", true),
            PhotoSort::AddedAt => ("added_ms", false),
            PhotoSort::Sharpness => ("sharpness", true),
            PhotoSort::Quality => ("quality", true),
            PhotoSort::Name => ("name", false),
            PhotoSort::Size => ("size", false),
        };
        Self { column, is_nullable, descending }
    }

    fn direction(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }

    /// Rows and keys of the photos after `start`, in order: those that have the fact, or those that lack it.
    /// Each is one walk along an index, which a single order with "nulls last" would not be.
    fn page(
        &self,
        session: &mut dyn Session,
        query: &PhotoQuery,
        start: Option<&(i64, Value)>,
        lacking: bool,
        limit: usize,
    ) -> Result<Vec<(i64, Value)>> {
        let mut sql = Query::default();
        let condition = scope::photos(session, &query.scope, &mut sql)?;
        let filter = scope::filter(&query.filter, &mut sql) + &searched(session, query, &mut sql)?;
        let (column, direction) = (self.column, self.direction());
        let comparison = if self.descending { "<" } else { ">" };
        let null = if lacking { "IS NULL" } else { "IS NOT NULL" };
        let after = match start {
            None => String::new(),
            Some((id, _)) if lacking => format!(" AND p.id {comparison} {}", sql.arg(*id)),
            Some((id, key)) => {
                let (key, id) = (sql.arg(key.clone()), sql.arg(*id));
                format!(" AND (p.{column}, p.id) {comparison} ({key}, {id})")
            }
        };
        let limit = sql.arg(limit);
        let order = if lacking { String::new() } else { format!("p.{column} {direction}, ") };
        let text = format!(
            "SELECT p.id, p.{column} FROM photos p WHERE {condition}{filter} AND p.{column} {null}{after} \
             ORDER BY {order}p.id {direction} LIMIT {limit}"
        );
        query_all(session, &text, &sql.params, |row| {
            let key = match self.column {
                _ if lacking => Value::Null,
                "name" => row.text(1)?.into(),
                "sharpness" | "quality" => row.opt_real(1)?.into(),
                _ => row.int(1)?.into(),
            };
            Ok((row.int(0)?, key))
        })
    }

    /// The cursor after a photo: column, direction, row, and the key in hexadecimal digits.
    fn cursor(&self, id: i64, key: &Value) -> String {
        let key = match key {
            Value::Int(x) => format!("i{x:x}"),
            Value::Real(x) => format!("r{:x}", x.to_bits()),
            Value::Text(x) => x.bytes().fold("t".to_owned(), |text, byte| text + &format!("{byte:02x}")),
            _ => "n".to_owned(),
        };
        format!("{}.{}.{id}.{key}", self.column, self.direction())
    }

    fn parse(&self, text: &str) -> Result<(i64, Value)> {
        let wrong = || Error::invalid("the cursor does not belong to this sort order");
        let parts: Vec<&str> = text.split('.').collect();
        let [column, direction, id, key] = parts[..] else { return Err(wrong()) };
        if column != self.column || direction != self.direction() || !key.is_ascii() {
            return Err(wrong());
        }
        let id = id.parse().map_err(|_text| wrong())?;
        let digits = key.get(1..).ok_or_else(wrong)?;
        let key = match (key.as_bytes()[0], self.column) {
            (b'i', "taken_ms" | "added_ms" | "size") => {
                Value::Int(u64::from_str_radix(digits, 16).map_err(|_text| wrong())? as i64)
            }
            (b'r', "sharpness" | "quality") => {
                Value::Real(f64::from_bits(u64::from_str_radix(digits, 16).map_err(|_text| wrong())?))
            }
            (b't', "name") => {
                let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
                let bytes: Option<Vec<u8>> = pairs
                    .iter()
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                    .collect();
                let name = bytes.filter(|_| rest.is_empty()).and_then(|bytes| String::from_utf8(bytes).ok());
                Value::Text(name.ok_or_else(wrong)?)
            }
            (b'n', _) if self.is_nullable => Value::Null,
            _ => return Err(wrong()),
        };
        Ok((id, key))
    }
}

/// The further condition of a query, beginning with ` AND `.
fn searched(session: &mut dyn Session, query: &PhotoQuery, sql: &mut Query) -> Result<String> {
    let Some(condition) = &query.condition else { return Ok(String::new()) };
    Ok(format!(" AND {}", search::condition(session, condition, sql)?))
}

/// The photos of `ids`, in that order.
pub(super) fn summaries(session: &mut dyn Session, ids: &[i64]) -> Result<Vec<PhotoSummary>> {
    let sql = format!(
        "SELECT {SUMMARY} FROM photos p JOIN subjects s ON s.id = p.subject_id WHERE p.id IN rarray(?1)"
    );
    let mut found: HashMap<i64, PhotoSummary> =
        query_all(session, &sql, params![ids.to_vec()], |row| Ok((row.int(0)?, summary(row)?)))?
            .into_iter()
            .collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// A row of [`SUMMARY`].
fn summary(row: &Row<'_>) -> Result<PhotoSummary> {
    let (pixel_hash, orientation) = photo::split_key(row.bytes(4)?)?;
    Ok(PhotoSummary {
        id: photo::photo_id(row.bytes(1)?)?,
        width: row.int(2)? as u32,
        height: row.int(3)? as u32,
        orientation,
        taken_at: row.opt_text(5)?,
        taken_ms: row.opt_int(6)?,
        added_ms: row.int(7)?,
        media: photo::media(row.int(8)?),
        format: row.text(9)?,
        name: row.text(10)?,
        camera: row.opt_text(11)?,
        rating: row.opt_int(12)?.map(|rating| rating as i8),
        sharpness: row.opt_real(13)?,
        quality: row.opt_real(14)?,
        is_blurry: row.opt_bool(15)?,
        blur_kind: row.opt_text(16)?,
        files: row.int(17)? as u32,
        bytes: row.int(18)? as u64,
        decodable: row.opt_text(19)?.is_none(),
        issues: row.int(20)? as u32,
        flag: row.opt_text(21)?.and_then(|flag| Flag::from_name(&flag)),
        stack: row.int(22)?.max(0) as u32,
        pixel_hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_others_are_refused() {
        for (sort, key) in [
            (PhotoSort::TakenAt, Value::Int(-5)),
            (PhotoSort::TakenAt, Value::Null),
            (PhotoSort::Quality, Value::Real(0.1)),
            (PhotoSort::Name, Value::Text("ü.n'\n".to_owned())),
        ] {
            let order = Order::new(sort, true);
            let (id, parsed) = order.parse(&order.cursor(7, &key)).unwrap();
            assert_eq!((id, format!("{parsed:?}")), (7, format!("{key:?}")));
            assert!(Order::new(sort, false).parse(&order.cursor(7, &key)).is_err());
        }
        let order = Order::new(PhotoSort::Size, true);
        for bad in [
            "",
            "....",
            "size.DESC.x.i1",
            "size.DESC.1.",
            "size.DESC.1.n",
            "size.DESC.1.ü",
            "size.DESC.1.izz",
        ] {
            assert!(order.parse(bad).is_err(), "{bad}");
        }
    }
}
