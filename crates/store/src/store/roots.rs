//! Library roots.

use std::collections::HashMap;
use std::path::Path;

use super::{Store, bump_generation, decisions, paths, scan};
use crate::backend::{Column, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::decision::{Choice, NewDecision};
use crate::model::scan::{Root, RootId, WriteMode};

impl Store {
    /// The root at `path`, added (online) if it is new.
    pub fn ensure_root(&self, path: &Path) -> Result<RootId> {
        let path = paths::to_bytes(path);
        self.write(|session| {
            let find = "SELECT id FROM roots WHERE path = ?1";
            if let Some(id) = query_one(session, find, params![&path], |row| row.int(0))? {
                return Ok(RootId(id));
            }
            let id = one_id(session)?;
            session.execute("INSERT INTO roots (id, path, online) VALUES (?1, ?2, 1)", params![id, &path])?;
            log_root(session, &path, WriteMode::default())?;
            Ok(RootId(id))
        })
    }

    /// All roots, by path.
    pub fn roots(&self) -> Result<Vec<Root>> {
        self.read(|session| {
            query_all(session, "SELECT id, path, online, write_mode FROM roots ORDER BY path", &[], |row| {
                Ok(Root {
                    id: RootId(row.int(0)?),
                    path: paths::to_path(row.bytes(1)?),
                    online: row.bool(2)?,
                    write_mode: WriteMode::from_name(&row.text(3)?).ok_or(Error::value("write mode"))?,
                })
            })
        })
    }

    /// Says where decisions about a root's photos are written from now on. What was decided before waits to be
    /// written there.
    pub fn set_write_mode(&self, root: RootId, mode: WriteMode) -> Result<()> {
        self.write(|session| {
            let sql = "UPDATE roots SET write_mode = ?2 WHERE id = ?1";
            if session.execute(sql, params![root.0, mode.as_str()])? == 0 {
                return Err(Error::not_found("library root"));
            }
            let sql = "SELECT path FROM roots WHERE id = ?1";
            let path = query_one(session, sql, params![root.0], |row| Ok(row.bytes(0)?.to_vec()))?;
            log_root(session, &path.unwrap_or_default(), mode)?;
            decisions::look_again(session, root)
        })
    }

    /// Records whether a root can be reached. Its files stay as they are.
    pub fn set_root_online(&self, root: RootId, online: bool) -> Result<()> {
        self.write(|session| {
            match session.execute("UPDATE roots SET online = ?2 WHERE id = ?1", params![root.0, online])? {
                0 => Err(Error::not_found("library root")),
                _ => Ok(()),
            }
        })
    }

    /// Makes `child` a part of `parent`: its folder `x` becomes `prefix/x` there, with all its files, and the
    /// root `child` is no more. Where both roots know a path, the parent's row stays.
    pub fn absorb_root(&self, parent: RootId, child: RootId, prefix: &[u8]) -> Result<()> {
        if parent == child {
            return Err(Error::invalid("a root cannot absorb itself"));
        }
        self.write(|session| {
            let list = "SELECT id, rel FROM folders WHERE root_id = ?1";
            let of_parent: HashMap<Vec<u8>, i64> =
                query_all(session, list, params![parent.0], |row| Ok((row.bytes(1)?.to_vec(), row.int(0)?)))?
                    .into_iter()
                    .collect();
            let of_child =
                query_all(session, list, params![child.0], |row| Ok((row.int(0)?, row.bytes(1)?.to_vec())))?;
            let mut moved = Vec::new();
            let mut merged = Vec::new();
            for (id, rel) in of_child {
                let rel = match (prefix.is_empty(), rel.is_empty()) {
                    (true, _) => rel,
                    (_, true) => prefix.to_vec(),
                    _ => paths::join_rel(prefix, &rel),
                };
                match of_parent.get(&rel) {
                    Some(target) => merged.push(values![id, *target]),
                    None => moved.push(values![id, parent.0, rel]),
                }
            }
            session.bulk(
                "UPDATE folders SET root_id = r.c2, rel = r.c3 FROM {rows} WHERE folders.id = r.c1",
                &[Column::Int, Column::Int, Column::Blob],
                &moved,
            )?;
            session.bulk(
                "UPDATE files SET folder_id = r.c2 FROM {rows} WHERE files.folder_id = r.c1 \
                 AND NOT EXISTS (SELECT 1 FROM files o WHERE o.folder_id = r.c2 AND o.name = files.name)",
                &[Column::Int, Column::Int],
                &merged,
            )?;
            // What is still in a merged folder is known to the parent too.
            let left = "SELECT DISTINCT f.photo_id FROM files f JOIN folders d ON d.id = f.folder_id \
                        WHERE d.root_id = ?1 AND f.photo_id IS NOT NULL";
            let photos = query_all(session, left, params![child.0], |row| row.int(0))?;
            repoint_albums(session, parent, child, prefix)?;
            session.execute("DELETE FROM roots WHERE id = ?1", params![child.0])?;
            scan::refresh_photos(session, photos)?;
            session.execute(
                "DELETE FROM completions WHERE scope_key LIKE ?1",
                params![format!("folder:{}:%", child.0)],
            )?;
            bump_generation(session)
        })
    }

    /// Takes a root and the rows of its files out of the library and returns how many present files it had. Albums
    /// over its folders go with it. Features stay: they hang on pictures, not on files.
    pub fn forget_root(&self, root: RootId) -> Result<u64> {
        self.write(|session| {
            let photos = "SELECT DISTINCT f.photo_id FROM files f JOIN folders d ON d.id = f.folder_id \
                          WHERE d.root_id = ?1 AND f.photo_id IS NOT NULL";
            let photos = query_all(session, photos, params![root.0], |row| row.int(0))?;
            let files = "SELECT COUNT(*) FROM files f JOIN folders d ON d.id = f.folder_id WHERE d.root_id = ?1 AND f.present <> ?2";
            let files = query_one(session, files, params![root.0, false], |row| row.int(0))?.unwrap_or(0);
            let path = "SELECT path FROM roots WHERE id = ?1";
            if let Some(path) = query_one(session, path, params![root.0], |row| Ok(row.bytes(0)?.to_vec()))? {
                let choice = Choice::RootForgotten { path: path.as_slice().into() };
                decisions::record(session, &[NewDecision { photo: None, operation: None, choice }])?;
            }
            session.execute("DELETE FROM albums WHERE root_id = ?1", params![root.0])?;
            if session.execute("DELETE FROM roots WHERE id = ?1", params![root.0])? == 0 {
                return Err(Error::not_found("library root"));
            }
            scan::refresh_photos(session, photos)?;
            bump_generation(session)?;
            Ok(files as u64)
        })
    }
}

fn log_root(session: &mut dyn Session, path: &[u8], write_mode: WriteMode) -> Result<()> {
    let choice = Choice::Root { path: path.into(), write_mode };
    decisions::record(session, &[NewDecision { photo: None, operation: None, choice }]).map(|_photos| ())
}

fn repoint_albums(session: &mut dyn Session, parent: RootId, child: RootId, prefix: &[u8]) -> Result<()> {
    let list = "SELECT id, rel FROM albums WHERE root_id = ?1";
    let albums = query_all(session, list, params![child.0], |row| Ok((row.int(0)?, row.bytes(1)?.to_vec())))?;
    let rows: Vec<_> = albums
        .into_iter()
        .map(|(id, rel)| {
            let rel = if rel.is_empty() { prefix.to_vec() } else { paths::join_rel(prefix, &rel) };
            values![id, parent.0, rel]
        })
        .collect();
    let sql = "UPDATE albums SET root_id = r.c2, rel = r.c3 FROM {rows} WHERE albums.id = r.c1";
    session.bulk(sql, &[Column::Int, Column::Int, Column::Blob], &rows)?;
    Ok(())
}

/// One id for a new row.
pub(super) fn one_id(session: &mut dyn Session) -> Result<i64> {
    session.new_ids(1)?.first().copied().ok_or(Error::value("new id"))
}
