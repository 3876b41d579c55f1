//! Scopes and filters as conditions of statements.

use tintype_core::{AlbumId, MediaKind};

use super::scan::below;
use crate::backend::{Session, Value, params, query_all, query_one};
use crate::error::{Error, Result};
use crate::model::listing::PhotoFilter;
use crate::model::scan::RootId;
use crate::model::scope::Scope;

/// Up to this many photos a folder is passed as a list, which the database looks up one by one; above it, the
/// database walks all photos in the order asked for and looks whether each is in the folder.
const FEW_PHOTOS: usize = 20_000;

/// The condition on a photo `p` for issues of its present files. Few files have issues, so the list of their photos is
/// short.
pub(super) const HAS_ISSUES: &str = "(p.id IN (SELECT g.photo_id FROM issues i JOIN files g ON g.id = i.file_id \
                                     WHERE g.photo_id IS NOT NULL AND g.present = 1))";

/// The parameters of a statement that is put together.
#[derive(Default)]
pub(super) struct Query {
    pub(super) params: Vec<Value>,
}

impl Query {
    /// Adds a parameter; how the statement refers to it.
    pub(super) fn arg(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("?{}", self.params.len())
    }
}

/// What an album's rows say it holds.
enum Source {
    Folder(RootId, Vec<u8>),
    Photos(i64),
    Search(Box<PhotoFilter>),
}

fn source(session: &mut dyn Session, album: AlbumId) -> Result<Source> {
    let sql = "SELECT id, kind, root_id, rel, filter FROM albums WHERE uuid = ?1";
    let found = query_one(session, sql, params![album.0], |row| {
        Ok(match row.text(1)?.as_str() {
            "folder" => Source::Folder(RootId(row.int(2)?), row.bytes(3)?.to_vec()),
            "search" => Source::Search(Box::new(serde_json::from_str(&row.text(4)?)?)),
            _ => Source::Photos(row.int(0)?),
        })
    })?;
    found.ok_or_else(|| Error::not_found("album"))
}

/// The condition on a folder `d` for lying in `rel` of `root`.
fn in_folder(root: RootId, rel: &[u8], query: &mut Query) -> String {
    let root = query.arg(root.0);
    if rel.is_empty() {
        return format!("d.root_id = {root}");
    }
    let (from, to) = below(rel);
    let (rel, from, to) = (query.arg(rel), query.arg(from), query.arg(to));
    format!("d.root_id = {root} AND (d.rel = {rel} OR (d.rel >= {from} AND d.rel < {to}))")
}

/// The condition on a file `f` in folder `d` for being in `scope`.
pub(super) fn files(session: &mut dyn Session, scope: &Scope, query: &mut Query) -> Result<String> {
    Ok(match scope {
        Scope::Library => "1 = 1".to_owned(),
        Scope::Folder { root, rel } => in_folder(*root, rel, query),
        Scope::Album(album) => match source(session, *album)? {
            Source::Folder(root, rel) => in_folder(root, &rel, query),
            Source::Photos(id) => {
                format!(
                    "f.photo_id IN (SELECT a.photo_id FROM album_photos a WHERE a.album_id = {})",
                    query.arg(id)
                )
            }
            Source::Search(search) => {
                format!(
                    "f.photo_id IN (SELECT p.id FROM photos p WHERE p.copies > 0{})",
                    filter(&search, query)
                )
            }
        },
    })
}

/// The condition on a photo `p` for being in `scope` with at least one present file.
pub(super) fn photos(session: &mut dyn Session, scope: &Scope, query: &mut Query) -> Result<String> {
    match scope {
        Scope::Library => Ok("p.copies > 0".to_owned()),
        Scope::Folder { root, rel } => photos_in_folder(session, *root, rel, query),
        Scope::Album(album) => match source(session, *album)? {
            Source::Folder(root, rel) => photos_in_folder(session, root, &rel, query),
            Source::Photos(id) => Ok(format!(
                "p.copies > 0 AND p.id IN (SELECT a.photo_id FROM album_photos a WHERE a.album_id = {})",
                query.arg(id)
            )),
            Source::Search(search) => Ok(format!("p.copies > 0{}", filter(&search, query))),
        },
    }
}

fn photos_in_folder(
    session: &mut dyn Session,
    root: RootId,
    rel: &[u8],
    query: &mut Query,
) -> Result<String> {
    if rel.is_empty() {
        // The whole of the only root is the whole library, which needs no look at files.
        let roots = query_one(session, "SELECT COUNT(*), MIN(id) FROM roots", &[], |row| {
            Ok((row.int(0)?, row.opt_int(1)?))
        })?;
        if roots == Some((1, Some(root.0))) {
            return Ok("p.copies > 0".to_owned());
        }
    }
    let mut look = Query::default();
    let condition = in_folder(root, rel, &mut look);
    let find = format!(
        "SELECT DISTINCT f.photo_id FROM files f JOIN folders d ON d.id = f.folder_id \
         WHERE f.present = 1 AND f.photo_id IS NOT NULL AND {condition} LIMIT {}",
        FEW_PHOTOS + 1
    );
    let few = query_all(session, &find, &look.params, |row| row.int(0))?;
    if few.len() <= FEW_PHOTOS {
        return Ok(format!("p.copies > 0 AND p.id IN rarray({})", query.arg(few)));
    }
    let condition = in_folder(root, rel, query);
    Ok(format!(
        "p.copies > 0 AND EXISTS (SELECT 1 FROM files f JOIN folders d ON d.id = f.folder_id \
         WHERE f.photo_id = p.id AND f.present = 1 AND {condition})"
    ))
}

/// The filter as further conditions on a photo `p`, each beginning with ` AND `.
pub(super) fn filter(filter: &PhotoFilter, query: &mut Query) -> String {
    let mut sql = String::new();
    let mut and = |condition: String| {
        sql.push_str(" AND ");
        sql.push_str(&condition);
    };
    if let Some(media) = filter.media {
        and(format!("p.media = {}", query.arg(media_code(media))));
    }
    if let Some(camera) = &filter.camera {
        let camera = query.arg(camera);
        and(format!("(p.model = {camera} OR p.camera = {camera})"));
    }
    if let Some(lens) = &filter.lens {
        and(format!("p.lens = {}", query.arg(lens)));
    }
    if let Some(from) = filter.taken_from {
        and(format!("p.taken_ms >= {}", query.arg(from)));
    }
    if let Some(to) = filter.taken_to {
        and(format!("p.taken_ms < {}", query.arg(to)));
    }
    for (column, comparison, bound) in [
        ("sharpness", ">=", filter.sharpness_min),
        ("sharpness", "<=", filter.sharpness_max),
        ("quality", ">=", filter.quality_min),
        ("quality", "<=", filter.quality_max),
    ] {
        if let Some(bound) = bound {
            and(format!("p.{column} {comparison} {}", query.arg(bound)));
        }
    }
    if let Some(is_blurry) = filter.is_blurry {
        and(format!("p.is_blurry = {}", query.arg(is_blurry)));
    }
    if let Some(rating) = filter.rating_min {
        and(format!("COALESCE(p.rating, 0) >= {}", query.arg(rating)));
    }
    if let Some(rating) = filter.rating {
        and(format!("COALESCE(p.rating, 0) = {}", query.arg(rating)));
    }
    match filter.favorite {
        Some(true) => and("p.rating = 5".to_owned()),
        Some(false) => and("COALESCE(p.rating, 0) < 5".to_owned()),
        None => {}
    }
    if let Some(flag) = filter.flag {
        and(format!("p.flag = {}", query.arg(flag.as_str())));
    }
    match filter.unflagged {
        Some(true) => and("p.flag IS NULL".to_owned()),
        Some(false) => and("p.flag IS NOT NULL".to_owned()),
        None => {}
    }
    if let Some(keyword) = &filter.keyword {
        let keyword = query.arg(keyword.trim().to_lowercase());
        and(format!("p.id IN (SELECT k.photo_id FROM photo_keywords k WHERE k.keyword = {keyword})"));
    }
    if filter.stacked == Some(true) {
        // A stack whose lead is gone is shown whole rather than not at all.
        and("(p.stack_lead IS NULL OR p.stack_lead = p.id OR NOT EXISTS \
             (SELECT 1 FROM photos q WHERE q.id = p.stack_lead AND q.copies > 0))"
            .to_owned());
    }
    match filter.has_gps {
        Some(true) => and("p.lat IS NOT NULL".to_owned()),
        Some(false) => and("p.lat IS NULL".to_owned()),
        None => {}
    }
    if let Some(has_issues) = filter.has_issues {
        and(format!("{}{HAS_ISSUES}", if has_issues { "" } else { "NOT " }));
    }
    if let Some(part) = &filter.name_contains {
        let pattern = query.arg(format!("%{}%", escape_like(&part.to_ascii_lowercase())));
        and(format!("LOWER(p.name) LIKE {pattern} ESCAPE '\\'"));
    }
    if let Some(format) = &filter.format {
        and(format!("p.format = {}", query.arg(format)));
    }
    sql
}

/// `text` as a LIKE pattern that matches only itself.
fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// How the database writes the kind of media.
pub(super) fn media_code(media: MediaKind) -> i64 {
    match media {
        MediaKind::Photo => 0,
        MediaKind::Video => 1,
    }
}
