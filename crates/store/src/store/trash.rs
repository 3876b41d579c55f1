//! What was moved to the trash, and whether it is still there.

use std::collections::HashSet;

use tintype_core::clock::now_ms;
use tintype_core::{ContentHash, OperationId};
use uuid::Uuid;

use super::{Store, paths, photo};
use crate::backend::{Column, Row, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::item::{NewTrash, TrashChange, TrashEntry};
use crate::model::operation::Page;
use crate::model::scan::{FileId, Stat};

const COLUMNS: &str = "id, uuid, trashed_ms, original, place, size, mtime_ns, file_id, photo, content_hash, reason, kept, operation";

impl Store {
    /// One page of what is in the trash, latest first.
    pub fn trash(&self, limit: usize, cursor: Option<&str>) -> Result<Page<TrashEntry>> {
        let before = match cursor {
            Some(text) => {
                text.parse::<i64>().map_err(|_text| Error::invalid("the cursor is not one of the trash"))?
            }
            None => i64::MAX,
        };
        let limit = limit.clamp(1, 10_000);
        self.read(|session| {
            let sql = format!(
                "SELECT {COLUMNS} FROM trash WHERE state = 'trashed' AND id < ?1 ORDER BY id DESC LIMIT ?2"
            );
            let mut rows = query_all(session, &sql, params![before, limit + 1], entry)?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let next_cursor = rows.last().filter(|_| more).map(|(id, _)| id.to_string());
            Ok(Page { items: rows.into_iter().map(|(_, entry)| entry).collect(), next_cursor })
        })
    }

    /// How many files are in the trash, and their bytes.
    pub fn trash_totals(&self) -> Result<(u64, u64)> {
        let sql =
            "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM trash WHERE state = 'trashed'";
        let found = self.read(|session| {
            query_one(session, sql, &[], |row| Ok((row.int(0)? as u64, row.int(1)? as u64)))
        })?;
        Ok(found.unwrap_or_default())
    }

    /// What is in the trash of `ids`, oldest first.
    pub fn trash_entries(&self, ids: &[Uuid]) -> Result<Vec<TrashEntry>> {
        let list: Vec<Vec<u8>> = ids.iter().map(|id| id.as_bytes().to_vec()).collect();
        let sql =
            format!("SELECT {COLUMNS} FROM trash WHERE state = 'trashed' AND uuid IN rarray(?1) ORDER BY id");
        self.read(|session| {
            let rows = query_all(session, &sql, params![list.clone()], entry)?;
            Ok(rows.into_iter().map(|(_, entry)| entry).collect())
        })
    }

    /// What is in the trash since before `before_ms`, or because of `operation`, oldest first.
    pub fn trash_since(&self, before_ms: i64, operation: Option<OperationId>) -> Result<Vec<TrashEntry>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM trash WHERE state = 'trashed' AND trashed_ms <= ?1 \
             AND (?2 = 0 OR operation = ?3) ORDER BY id"
        );
        self.read(|session| {
            let of = operation.map_or(Uuid::nil(), |operation| operation.0);
            let rows = query_all(session, &sql, params![before_ms, operation.is_some(), of], entry)?;
            Ok(rows.into_iter().map(|(_, entry)| entry).collect())
        })
    }

    /// Writes entries down again whose files are in the trash still, after the database was lost.
    pub fn put_trash(&self, entries: Vec<NewTrash>) -> Result<()> {
        let changes: Vec<_> = entries.into_iter().map(|entry| TrashChange::Added(Box::new(entry))).collect();
        self.write(|session| write(session, &changes))
    }

    /// Of `hashes`, those whose content was thrown away and not put back.
    pub fn contents_thrown_away(&self, hashes: &[ContentHash]) -> Result<HashSet<ContentHash>> {
        let list: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.0.to_vec()).collect();
        let sql = "SELECT content_hash FROM trash WHERE content_hash IN rarray(?1) AND state <> 'restored'";
        let found = self.read(|session| {
            query_all(session, sql, params![list.clone()], |row| photo::content_hash(row.bytes(0)?))
        })?;
        Ok(found.into_iter().collect())
    }
}

/// Writes changes within a transaction.
pub(super) fn write(session: &mut dyn Session, changes: &[TrashChange]) -> Result<()> {
    let mut added = Vec::new();
    for change in changes {
        match change {
            TrashChange::Added(new) => added.push(new),
            TrashChange::Restored(id) => set_state(session, *id, "restored")?,
            TrashChange::Purged(id) => set_state(session, *id, "purged")?,
        }
    }
    let ids = session.new_ids(added.len())?;
    let now = now_ms();
    let rows: Vec<_> = added
        .into_iter()
        .zip(ids)
        .map(|(new, id)| {
            values![
                id,
                new.id,
                now,
                paths::to_bytes(&new.original),
                paths::to_bytes(&new.place),
                new.stat.size,
                new.stat.mtime_ns,
                new.file.map(|file| file.0),
                new.photo.map(|photo| photo.0),
                new.content_hash.as_ref().map(|hash| &hash.0),
                new.reason.as_deref(),
                new.kept.as_deref().map(paths::to_bytes),
                new.operation.map(|operation| operation.0),
            ]
        })
        .collect();
    // The same item done again after a crash has the same id, and so has a file that comes back once more.
    session.bulk(
        "INSERT INTO trash (id, uuid, state, trashed_ms, original, place, size, mtime_ns, file_id, photo, content_hash, \
         reason, kept, operation) SELECT r.c1, r.c2, 'trashed', r.c3, r.c4, r.c5, r.c6, r.c7, r.c8, r.c9, r.c10, \
         r.c11, r.c12, r.c13 FROM {rows} WHERE true ON CONFLICT (uuid) DO UPDATE SET state = 'trashed', \
         trashed_ms = excluded.trashed_ms, place = excluded.place, file_id = excluded.file_id, \
         photo = excluded.photo, content_hash = excluded.content_hash, reason = excluded.reason, \
         kept = excluded.kept, operation = excluded.operation",
        &[
            Column::Int,
            Column::Blob,
            Column::Int,
            Column::Blob,
            Column::Blob,
            Column::Int,
            Column::Int,
            Column::Int,
            Column::Blob,
            Column::Blob,
            Column::Text,
            Column::Blob,
            Column::Blob,
        ],
        &rows,
    )?;
    Ok(())
}

fn set_state(session: &mut dyn Session, id: Uuid, state: &str) -> Result<()> {
    session.execute("UPDATE trash SET state = ?2 WHERE uuid = ?1", params![id, state])?;
    Ok(())
}

fn entry(row: &Row<'_>) -> Result<(i64, TrashEntry)> {
    let file = NewTrash {
        id: photo::uuid(row.bytes(1)?)?,
        original: paths::to_path(row.bytes(3)?),
        place: paths::to_path(row.bytes(4)?),
        stat: Stat { size: row.int(5)? as u64, mtime_ns: row.int(6)?, inode: 0 },
        file: row.opt_int(7)?.map(FileId),
        photo: row.opt_bytes(8)?.map(photo::photo_id).transpose()?,
        content_hash: row.opt_bytes(9)?.map(photo::content_hash).transpose()?,
        reason: row.opt_text(10)?,
        kept: row.opt_bytes(11)?.map(paths::to_path),
        operation: row.opt_bytes(12)?.map(photo::uuid).transpose()?.map(OperationId),
    };
    Ok((row.int(0)?, TrashEntry { file, trashed_ms: row.int(2)? }))
}
