//! What is known about the files under a root, and taking in what a walk found.

use std::collections::{HashMap, HashSet};

use super::{Store, bump_generation, search};
use crate::backend::{Column, Row, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::scan::{AppliedScan, FileId, KnownFile, KnownFolder, RootId, ScanChanges, SeenFile, Stat};
use crate::model::scope::Scope;

/// Bytes right after `/` in order: `rel/` ≤ path < `rel0` are the paths below `rel`.
const AFTER_SLASH: u8 = b'/' + 1;

/// The bounds of the paths below `rel`.
pub(super) fn below(rel: &[u8]) -> (Vec<u8>, Vec<u8>) {
    ([rel, b"/"].concat(), [rel, &[AFTER_SLASH]].concat())
}

impl Store {
    /// All that is known about the files under `root`, or in the folder `under` of it and below: folders in the
    /// order of their paths, without those that never held a file.
    pub fn load_scan(&self, root: RootId, under: Option<&[u8]>) -> Result<Vec<KnownFolder>> {
        self.read(|session| {
            let (mut folders, slots) = load_folders(session, root, under)?;
            if folders.is_empty() {
                return Ok(folders);
            }
            let all = query_one(session, "SELECT COUNT(*) FROM folders", &[], |row| row.int(0))?.unwrap_or(0)
                as usize;
            let mut take = |row: &Row<'_>| -> Result<()> {
                if let Some(slot) = slots.slot(row.int(1)?) {
                    folders[slot].files.push(known_file(row)?);
                }
                Ok(())
            };
            // Walking the table is faster than looking up most of it.
            let columns = "SELECT id, folder_id, size, mtime_ns, inode, present, settled, name FROM files";
            if slots.len() * 2 >= all {
                session.query(columns, &[], &mut take)?;
            } else {
                session.query(
                    &format!("{columns} WHERE folder_id IN rarray(?1)"),
                    params![slots.ids()],
                    &mut take,
                )?;
            }
            folders.retain(|folder| !folder.files.is_empty());
            for folder in &mut folders {
                if !folder.files.is_sorted_by(|a, b| a.name <= b.name) {
                    folder.files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
                }
            }
            Ok(folders)
        })
    }

    /// Takes in what a walk of `root` found, in one transaction.
    pub fn apply_scan(&self, root: RootId, changes: &ScanChanges) -> Result<AppliedScan> {
        if changes.is_empty() {
            return Ok(AppliedScan::default());
        }
        self.write(|session| {
            let known =
                query_one(session, "SELECT id FROM roots WHERE id = ?1", params![root.0], |row| row.int(0))?;
            known.ok_or_else(|| Error::not_found("library root"))?;
            let folders = ensure_folders(
                session,
                root,
                changes.added.iter().chain(changes.moved.iter().map(|(_, seen)| seen)),
            )?;
            let mut photos = Vec::new();
            move_files(session, &folders, &changes.moved, &mut photos)?;
            let added = add_files(session, &folders, &changes.added)?;
            let rows: Vec<_> = changes
                .changed
                .iter()
                .map(|(id, stat)| values![id.0, stat.size, stat.mtime_ns, stat.inode])
                .collect();
            session.bulk(
                "UPDATE files SET size = r.c2, mtime_ns = r.c3, inode = r.c4, settled = 0, present = 1 \
                 FROM {rows} WHERE files.id = r.c1",
                &[Column::Int; 4],
                &rows,
            )?;
            let ids = |list: &[FileId]| -> Vec<i64> { list.iter().map(|id| id.0).collect() };
            let set_present = "UPDATE files SET present = ?2 WHERE id IN rarray(?1)";
            session.execute(set_present, params![ids(&changes.gone), false])?;
            session.execute(set_present, params![ids(&changes.back), true])?;

            let mut touched = ids(&changes.gone);
            touched
                .extend(changes.back.iter().chain(changes.changed.iter().map(|(id, _)| id)).map(|id| id.0));
            touched.extend(changes.moved.iter().map(|(id, _)| id.0));
            let find = "SELECT DISTINCT photo_id FROM files WHERE id IN rarray(?1) AND photo_id IS NOT NULL";
            photos.extend(query_all(session, find, params![touched], |row| row.int(0))?);
            refresh_photos(session, photos)?;
            bump_generation(session)?;
            Ok(AppliedScan { added })
        })
    }

    /// Present files whose content is not known for what they look like now, ordered by root, folder and name.
    pub fn unsettled_files(&self, scope: &Scope) -> Result<Vec<FileId>> {
        self.read(|session| {
            let mut query = super::scope::Query::default();
            let condition = super::scope::files(session, scope, &mut query)?;
            let sql = format!(
                "SELECT f.id FROM files f JOIN folders d ON d.id = f.folder_id \
                 WHERE f.settled = 0 AND f.present = 1 AND {condition} ORDER BY d.root_id, d.rel, f.name"
            );
            query_all(session, &sql, &query.params, |row| Ok(FileId(row.int(0)?)))
        })
    }
}

/// Records that files are gone, or there again as they look now, within a transaction; whether there were any.
pub(super) fn set_presence(
    session: &mut dyn Session,
    gone: &[FileId],
    back: &[(FileId, Stat)],
) -> Result<bool> {
    if gone.is_empty() && back.is_empty() {
        return Ok(false);
    }
    let gone: Vec<i64> = gone.iter().map(|file| file.0).collect();
    session.execute("UPDATE files SET present = 0 WHERE id IN rarray(?1)", params![gone.clone()])?;
    let rows: Vec<_> =
        back.iter().map(|(file, stat)| values![file.0, stat.size, stat.mtime_ns, stat.inode]).collect();
    session.bulk(
        "UPDATE files SET present = 1, size = r.c2, mtime_ns = r.c3, inode = r.c4 FROM {rows} WHERE files.id = r.c1",
        &[Column::Int; 4],
        &rows,
    )?;
    let touched: Vec<i64> = gone.into_iter().chain(back.iter().map(|(file, _)| file.0)).collect();
    let find = "SELECT DISTINCT photo_id FROM files WHERE id IN rarray(?1) AND photo_id IS NOT NULL";
    let photos = query_all(session, find, params![touched], |row| row.int(0))?;
    refresh_photos(session, photos)?;
    Ok(true)
}

/// Where each folder's files go. Row ids are handed out in order, so a table is smaller and faster than a map.
struct Slots {
    first: i64,
    table: Vec<u32>,
    ids: Vec<i64>,
}

impl Slots {
    const NONE: u32 = u32::MAX;

    fn new(ids: Vec<i64>) -> Self {
        let first = ids.iter().copied().min().unwrap_or(0);
        let last = ids.iter().copied().max().unwrap_or(-1);
        let mut table = vec![Self::NONE; (last - first + 1) as usize];
        for (slot, id) in ids.iter().enumerate() {
            table[(id - first) as usize] = slot as u32;
        }
        Self { first, table, ids }
    }

    fn slot(&self, id: i64) -> Option<usize> {
        let slot = *self.table.get(usize::try_from(id - self.first).ok()?)?;
        (slot != Self::NONE).then_some(slot as usize)
    }

    fn len(&self) -> usize {
        self.ids.len()
    }

    fn ids(&self) -> Vec<i64> {
        self.ids.clone()
    }
}

fn load_folders(
    session: &mut dyn Session,
    root: RootId,
    under: Option<&[u8]>,
) -> Result<(Vec<KnownFolder>, Slots)> {
    let mut ids = Vec::new();
    let mut folders = Vec::new();
    let mut take = |row: &Row<'_>| -> Result<()> {
        ids.push(row.int(0)?);
        folders.push(KnownFolder { rel: row.bytes(1)?.to_vec(), files: Vec::new() });
        Ok(())
    };
    match under {
        None | Some(b"") => {
            session.query(
                "SELECT id, rel FROM folders WHERE root_id = ?1 ORDER BY rel",
                params![root.0],
                &mut take,
            )?;
        }
        Some(rel) => {
            let (from, to) = below(rel);
            let sql = "SELECT id, rel FROM folders WHERE root_id = ?1 AND (rel = ?2 OR (rel >= ?3 AND rel < ?4)) ORDER BY rel";
            session.query(sql, params![root.0, rel, from, to], &mut take)?;
        }
    }
    Ok((folders, Slots::new(ids)))
}

fn known_file(row: &Row<'_>) -> Result<KnownFile> {
    Ok(KnownFile {
        id: FileId(row.int(0)?),
        stat: Stat { size: row.int(2)? as u64, mtime_ns: row.int(3)?, inode: row.int(4)? as u64 },
        present: row.bool(5)?,
        settled: row.bool(6)?,
        name: row.bytes(7)?.into(),
    })
}

/// Rows of the folders of `seen`, by path.
fn ensure_folders<'a>(
    session: &mut dyn Session,
    root: RootId,
    seen: impl Iterator<Item = &'a SeenFile>,
) -> Result<HashMap<Vec<u8>, i64>> {
    let mut wanted: Vec<Vec<u8>> = Vec::new();
    for file in seen {
        if wanted.last() != Some(&file.folder) {
            wanted.push(file.folder.clone());
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    let find = "SELECT rel, id FROM folders WHERE root_id = ?1 AND rel IN rarray(?2)";
    let mut known: HashMap<Vec<u8>, i64> =
        query_all(session, find, params![root.0, wanted.clone()], |row| {
            Ok((row.bytes(0)?.to_vec(), row.int(1)?))
        })?
        .into_iter()
        .collect();
    wanted.retain(|rel| !known.contains_key(rel));
    let ids = session.new_ids(wanted.len())?;
    let rows: Vec<_> = wanted.iter().zip(&ids).map(|(rel, id)| values![*id, root.0, rel]).collect();
    session.bulk(
        "INSERT INTO folders (id, root_id, rel) SELECT r.c1, r.c2, r.c3 FROM {rows}",
        &[Column::Int, Column::Int, Column::Blob],
        &rows,
    )?;
    known.extend(wanted.into_iter().zip(ids));
    Ok(known)
}

fn folder_of(folders: &HashMap<Vec<u8>, i64>, seen: &SeenFile) -> Result<i64> {
    folders.get(&seen.folder).copied().ok_or(Error::value("folder"))
}

/// The row at each of the paths that has one.
fn files_at(session: &mut dyn Session, paths: &[(i64, &[u8])]) -> Result<HashMap<(i64, Vec<u8>), i64>> {
    let mut folders: Vec<i64> = paths.iter().map(|(folder, _)| *folder).collect();
    folders.sort_unstable();
    folders.dedup();
    let mut names: Vec<Vec<u8>> = paths.iter().map(|(_, name)| name.to_vec()).collect();
    names.sort_unstable();
    names.dedup();
    let find = "SELECT folder_id, name, id FROM files WHERE folder_id IN rarray(?1) AND name IN rarray(?2)";
    let rows = query_all(session, find, params![folders, names], |row| {
        Ok(((row.int(0)?, row.bytes(1)?.to_vec()), row.int(2)?))
    })?;
    Ok(rows.into_iter().collect())
}

fn add_files(
    session: &mut dyn Session,
    folders: &HashMap<Vec<u8>, i64>,
    added: &[SeenFile],
) -> Result<Vec<FileId>> {
    if added.is_empty() {
        return Ok(Vec::new());
    }
    let ids = session.new_ids(added.len())?;
    let mut rows = Vec::with_capacity(added.len());
    for (seen, id) in added.iter().zip(&ids) {
        let folder = folder_of(folders, seen)?;
        rows.push(values![*id, folder, &seen.name, seen.stat.size, seen.stat.mtime_ns, seen.stat.inode]);
    }
    let sql = "INSERT INTO files (id, folder_id, name, size, mtime_ns, inode, present, settled) \
               SELECT r.c1, r.c2, r.c3, r.c4, r.c5, r.c6, 1, 0 FROM {rows} WHERE true \
               ON CONFLICT (folder_id, name) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, \
               inode = excluded.inode, present = 1, settled = 0";
    let columns = [Column::Int, Column::Int, Column::Blob, Column::Int, Column::Int, Column::Int];
    session.bulk(sql, &columns, &rows)?;
    let taken = "SELECT COUNT(*) FROM files WHERE id >= ?1 AND id <= ?2";
    let (first, last) = (ids[0], ids[ids.len() - 1]);
    let count = query_one(session, taken, params![first, last], |row| row.int(0))?.unwrap_or(0) as usize;
    if count == added.len() {
        return Ok(ids.into_iter().map(FileId).collect());
    }
    // Some of the paths had rows already.
    let mut paths = Vec::with_capacity(added.len());
    for seen in added {
        paths.push((folder_of(folders, seen)?, seen.name.as_slice()));
    }
    let at = files_at(session, &paths)?;
    paths
        .into_iter()
        .map(|(folder, name)| {
            at.get(&(folder, name.to_vec())).map(|id| FileId(*id)).ok_or(Error::value("file"))
        })
        .collect()
}

/// Re-points rows to new paths. `photos` gets those of rows that stood in the way.
fn move_files(
    session: &mut dyn Session,
    folders: &HashMap<Vec<u8>, i64>,
    moved: &[(FileId, SeenFile)],
    photos: &mut Vec<i64>,
) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let mut paths = Vec::with_capacity(moved.len());
    for (_, seen) in moved {
        paths.push((folder_of(folders, seen)?, seen.name.as_slice()));
    }
    let targets: HashSet<(i64, &[u8])> = paths.iter().copied().collect();
    let mut in_the_way: Vec<i64> = files_at(session, &paths)?
        .into_iter()
        .filter(|((folder, name), _)| targets.contains(&(*folder, name.as_slice())))
        .map(|(_, id)| id)
        .collect();
    if !in_the_way.is_empty() {
        let moving: HashSet<i64> = moved.iter().map(|(id, _)| id.0).collect();
        in_the_way.retain(|id| !moving.contains(id));
        let find = "SELECT DISTINCT photo_id FROM files WHERE id IN rarray(?1) AND photo_id IS NOT NULL";
        photos.extend(query_all(session, find, params![in_the_way.clone()], |row| row.int(0))?);
        session.execute("DELETE FROM files WHERE id IN rarray(?1)", params![in_the_way])?;
        // Files may trade places: all step aside before any takes its new one. No file name holds a NUL.
        let aside: Vec<_> =
            moved.iter().map(|(id, _)| values![id.0, format!("\0{}", id.0).into_bytes()]).collect();
        let sql = "UPDATE files SET name = r.c2 FROM {rows} WHERE files.id = r.c1";
        session.bulk(sql, &[Column::Int, Column::Blob], &aside)?;
    }
    let rows: Vec<_> = moved
        .iter()
        .zip(&paths)
        .map(|((id, seen), (folder, name))| {
            values![id.0, *folder, *name, seen.stat.size, seen.stat.mtime_ns, seen.stat.inode]
        })
        .collect();
    session.bulk(
        "UPDATE files SET folder_id = r.c2, name = r.c3, size = r.c4, mtime_ns = r.c5, inode = r.c6, present = 1 \
         FROM {rows} WHERE files.id = r.c1",
        &[Column::Int, Column::Int, Column::Blob, Column::Int, Column::Int, Column::Int],
        &rows,
    )?;
    Ok(())
}

/// Brings what photos say about their files (copies, name, size) up to date.
pub(super) fn refresh_photos(session: &mut dyn Session, mut photos: Vec<i64>) -> Result<()> {
    photos.sort_unstable();
    photos.dedup();
    if photos.is_empty() {
        return Ok(());
    }
    search::mark(session, &photos)?;
    let count = "SELECT photo_id, COUNT(*), MIN(id) FROM files WHERE photo_id IN rarray(?1) AND present = 1 GROUP BY photo_id";
    let counts = query_all(session, count, params![photos.clone()], |row| {
        Ok((row.int(0)?, row.int(1)?, row.int(2)?))
    })?;
    let firsts: Vec<i64> = counts.iter().map(|(_, _, first)| *first).collect();
    let find = "SELECT id, name, size FROM files WHERE id IN rarray(?1)";
    let names: HashMap<i64, (String, i64)> = query_all(session, find, params![firsts], |row| {
        Ok((row.int(0)?, (String::from_utf8_lossy(row.bytes(1)?).into_owned(), row.int(2)?)))
    })?
    .into_iter()
    .collect();
    let mut rows = Vec::with_capacity(counts.len());
    let mut with_file = HashSet::new();
    for (photo, copies, first) in counts {
        let (name, size) = names.get(&first).ok_or(Error::value("file"))?;
        rows.push(values![photo, copies, name, *size]);
        with_file.insert(photo);
    }
    session.bulk(
        "UPDATE photos SET copies = r.c2, name = r.c3, size = r.c4 FROM {rows} WHERE photos.id = r.c1",
        &[Column::Int, Column::Int, Column::Text, Column::Int],
        &rows,
    )?;
    photos.retain(|photo| !with_file.contains(photo));
    session.execute("UPDATE photos SET copies = 0 WHERE id IN rarray(?1)", params![photos])?;
    Ok(())
}
