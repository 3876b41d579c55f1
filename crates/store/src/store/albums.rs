//! Albums.

use tintype_core::clock::now_ms;
use tintype_core::{AlbumId, PhotoId};

use super::roots::one_id;
use super::scope::{self, Query};
use super::{Store, bump_generation, decisions, paths, photo, search};
use crate::backend::{Column, Row, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::album::{Album, AlbumSource, AlbumUpdate, NewAlbum};
use crate::model::decision::{AlbumContent, Choice, NewDecision, PhotoRef};
use crate::model::scan::RootId;
use crate::model::scope::Scope;

const COLUMNS: &str = "id, uuid, name, kind, root_id, rel, filter, created_ms";

impl Store {
    /// Makes an album.
    pub fn create_album(&self, new: &NewAlbum) -> Result<Album> {
        let id = AlbumId::random();
        self.write(|session| {
            let row = one_id(session)?;
            let (kind, root, rel, filter) = columns(&new.source)?;
            if let Some(root) = root {
                let known = query_one(session, "SELECT id FROM roots WHERE id = ?1", params![root], |row| {
                    row.int(0)
                })?;
                known.ok_or_else(|| Error::not_found("library root"))?;
            }
            session.execute(
                "INSERT INTO albums (id, uuid, name, kind, root_id, rel, filter, created_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![row, id.0, &new.name, kind, root, rel, filter, now_ms()],
            )?;
            log_album(session, row)?;
            if let AlbumSource::Photos { photos } = &new.source {
                add_photos(session, row, photos)?;
                log_photos(session, id, photos, true)?;
            }
            Ok(())
        })?;
        self.album(id)?.ok_or_else(|| Error::not_found("album"))
    }

    /// An album.
    pub fn album(&self, id: AlbumId) -> Result<Option<Album>> {
        self.read(|session| {
            let sql = format!("SELECT {COLUMNS} FROM albums WHERE uuid = ?1");
            let found = query_one(session, &sql, params![id.0], album)?;
            found.map(|album| counted(session, album)).transpose()
        })
    }

    /// All albums, by name.
    pub fn albums(&self) -> Result<Vec<Album>> {
        self.read(|session| {
            let sql = format!("SELECT {COLUMNS} FROM albums ORDER BY name, id");
            let albums = query_all(session, &sql, &[], album)?;
            albums.into_iter().map(|album| counted(session, album)).collect()
        })
    }

    /// Renames an album, adds and removes photos. Photos that do not exist are not added.
    pub fn update_album(&self, id: AlbumId, update: &AlbumUpdate) -> Result<Album> {
        self.write(|session| {
            let sql = "SELECT id, kind FROM albums WHERE uuid = ?1";
            let found = query_one(session, sql, params![id.0], |row| Ok((row.int(0)?, row.text(1)?)))?;
            let (row, kind) = found.ok_or_else(|| Error::not_found("album"))?;
            if let Some(name) = &update.name {
                session.execute("UPDATE albums SET name = ?2 WHERE id = ?1", params![row, name])?;
                mark_members(session, row)?;
                log_album(session, row)?;
            }
            if update.add.is_empty() && update.remove.is_empty() {
                return Ok(());
            }
            if kind != "photos" {
                return Err(Error::invalid("only albums of single photos can have photos added or removed"));
            }
            let uuids: Vec<Vec<u8>> = update.remove.iter().map(|photo| photo.0.as_bytes().to_vec()).collect();
            search::mark_where(session, "p.uuid IN rarray(?1)", params![uuids.clone()])?;
            session.execute(
                "DELETE FROM album_photos WHERE album_id = ?1 \
                 AND photo_id IN (SELECT p.id FROM photos p WHERE p.uuid IN rarray(?2))",
                params![row, uuids],
            )?;
            add_photos(session, row, &update.add)?;
            log_photos(session, id, &update.remove, false)?;
            log_photos(session, id, &update.add, true)?;
            bump_generation(session)
        })?;
        self.album(id)?.ok_or_else(|| Error::not_found("album"))
    }

    /// Deletes an album, not its photos; whether there was one.
    pub fn delete_album(&self, id: AlbumId) -> Result<bool> {
        self.write(|session| {
            if let Some(row) =
                query_one(session, "SELECT id FROM albums WHERE uuid = ?1", params![id.0], |row| row.int(0))?
            {
                mark_members(session, row)?;
            }
            let deleted = session.execute("DELETE FROM albums WHERE uuid = ?1", params![id.0])? > 0;
            if deleted {
                log(session, Choice::AlbumDeleted { id: id.0 })?;
            }
            Ok(deleted)
        })
    }

    /// Makes an album again as decisions tell it, or brings one up to date: with its id, without recording anything.
    /// Photos are found by content, then by picture; those that are not there are left out.
    pub fn put_album(&self, album: &Album, photos: &[PhotoRef]) -> Result<()> {
        self.write(|session| {
            let find = "SELECT id FROM albums WHERE uuid = ?1";
            let row = match query_one(session, find, params![album.id.0], |row| row.int(0))? {
                Some(row) => row,
                None => one_id(session)?,
            };
            let (kind, root, rel, filter) = columns(&album.source)?;
            session.execute(
                "INSERT INTO albums (id, uuid, name, kind, root_id, rel, filter, created_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (uuid) DO UPDATE SET name = excluded.name, \
                 kind = excluded.kind, root_id = excluded.root_id, rel = excluded.rel, filter = excluded.filter",
                params![row, album.id.0, &album.name, kind, root, rel, filter, album.created_ms],
            )?;
            let found = find_photos(session, photos)?;
            mark_members(session, row)?;
            session.execute("DELETE FROM album_photos WHERE album_id = ?1", params![row])?;
            add_photos(session, row, &found)?;
            bump_generation(session)
        })
    }
}

/// How an album's source is written: kind, root, folder, filter.
type SourceColumns<'a> = (&'static str, Option<i64>, Option<&'a [u8]>, Option<String>);

fn columns(source: &AlbumSource) -> Result<SourceColumns<'_>> {
    Ok(match source {
        AlbumSource::Folder { root, rel } => ("folder", Some(root.0), Some(rel.as_slice()), None),
        AlbumSource::Photos { .. } => ("photos", None, None, None),
        AlbumSource::Search { filter } => ("search", None, None, Some(serde_json::to_string(filter)?)),
    })
}

fn log(session: &mut dyn Session, choice: Choice) -> Result<()> {
    decisions::record(session, &[NewDecision { photo: None, operation: None, choice }]).map(|_photos| ())
}

/// Records an album as it is now.
fn log_album(session: &mut dyn Session, row: i64) -> Result<()> {
    let sql = "SELECT a.uuid, a.name, a.kind, r.path, a.rel, a.filter, a.created_ms FROM albums a \
               LEFT JOIN roots r ON r.id = a.root_id WHERE a.id = ?1";
    let choice = query_one(session, sql, params![row], |row| {
        let source = match row.text(2)?.as_str() {
            "folder" => {
                let path = paths::full_path(
                    row.opt_bytes(3)?.unwrap_or_default(),
                    b"",
                    row.opt_bytes(4)?.unwrap_or_default(),
                );
                AlbumContent::Folder { path: path.as_path().into() }
            }
            "search" => AlbumContent::Search { filter: serde_json::from_str(&row.text(5)?)? },
            _ => AlbumContent::Photos,
        };
        Ok(Choice::Album {
            id: photo::uuid(row.bytes(0)?)?,
            name: row.text(1)?,
            source,
            created_ms: row.int(6)?,
        })
    })?;
    choice.map_or(Ok(()), |choice| log(session, choice))
}

fn log_photos(session: &mut dyn Session, album: AlbumId, photos: &[PhotoId], added: bool) -> Result<()> {
    if photos.is_empty() {
        return Ok(());
    }
    let uuids: Vec<Vec<u8>> = photos.iter().map(|photo| photo.0.as_bytes().to_vec()).collect();
    let sql = "SELECT p.uuid, p.content_hash, s.subject_key FROM photos p JOIN subjects s ON s.id = p.subject_id \
               WHERE p.uuid IN rarray(?1) ORDER BY p.id";
    let photos = query_all(session, sql, params![uuids], |row| {
        let (pixel_hash, _) = photo::split_key(row.bytes(2)?)?;
        Ok(PhotoRef {
            id: photo::photo_id(row.bytes(0)?)?,
            content_hash: photo::content_hash(row.bytes(1)?)?,
            pixel_hash,
        })
    })?;
    let id = album.0;
    log(session, if added { Choice::AlbumAdded { id, photos } } else { Choice::AlbumRemoved { id, photos } })
}

/// The photos that `wanted` speaks of: by id, else by content, else by picture.
fn find_photos(session: &mut dyn Session, wanted: &[PhotoRef]) -> Result<Vec<PhotoId>> {
    let mut found = Vec::with_capacity(wanted.len());
    for one in wanted {
        let keys: Vec<Vec<u8>> =
            (1..=8_u8).map(|orientation| [one.pixel_hash.0.as_slice(), &[orientation]].concat()).collect();
        let sql = "SELECT p.uuid FROM photos p JOIN subjects s ON s.id = p.subject_id \
                   WHERE p.uuid = ?1 OR p.content_hash = ?2 OR s.subject_key IN rarray(?3) \
                   ORDER BY CASE WHEN p.uuid = ?1 THEN 0 WHEN p.content_hash = ?2 THEN 1 ELSE 2 END, p.id LIMIT 1";
        let photo = query_one(session, sql, params![one.id.0, &one.content_hash.0, keys], |row| {
            photo::photo_id(row.bytes(0)?)
        })?;
        found.extend(photo);
    }
    Ok(found)
}

/// Marks the photos of an album whose documents name it.
fn mark_members(session: &mut dyn Session, album: i64) -> Result<()> {
    let members = "p.id IN (SELECT m.photo_id FROM album_photos m WHERE m.album_id = ?1)";
    search::mark_where(session, members, params![album])
}

fn add_photos(session: &mut dyn Session, album: i64, photos: &[PhotoId]) -> Result<()> {
    let mut ids: Vec<PhotoId> = photos.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let now = now_ms();
    let rows: Vec<_> = ids.iter().map(|photo| values![album, photo.0, now]).collect();
    session.bulk(
        "INSERT INTO album_photos (album_id, photo_id, added_ms) SELECT r.c1, p.id, r.c3 FROM {rows} \
         JOIN photos p ON p.uuid = r.c2 WHERE true ON CONFLICT (album_id, photo_id) DO NOTHING",
        &[Column::Int, Column::Blob, Column::Int],
        &rows,
    )?;
    mark_members(session, album)
}

fn album(row: &Row<'_>) -> Result<Album> {
    let source = match row.text(3)?.as_str() {
        "folder" => AlbumSource::Folder { root: RootId(row.int(4)?), rel: row.bytes(5)?.to_vec() },
        "search" => AlbumSource::Search { filter: serde_json::from_str(&row.text(6)?)? },
        _ => AlbumSource::Photos { photos: Vec::new() },
    };
    let id = AlbumId(photo::uuid(row.bytes(1)?)?);
    Ok(Album { id, name: row.text(2)?, source, created_ms: row.int(7)?, photos: 0 })
}

fn counted(session: &mut dyn Session, mut album: Album) -> Result<Album> {
    let mut query = Query::default();
    let condition = scope::photos(session, &Scope::Album(album.id), &mut query)?;
    let sql = format!("SELECT COUNT(*) FROM photos p WHERE {condition}");
    album.photos = query_one(session, &sql, &query.params, |row| row.int(0))?.unwrap_or(0) as u64;
    Ok(album)
}
