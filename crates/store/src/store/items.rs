//! Items: single things that an operation does, each told in full before anything is done, so that doing one again
//! after a crash comes to the same.

use std::time::Duration;

use tintype_core::clock::now_ms;
use tintype_core::{ContentHash, OperationId};

use super::operations::{self, operation_row};
use super::{Store, bump_generation, commit, decisions, paths, photo, scan, trash};
use crate::backend::{Column, Row, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::item::{Item, ItemCommit, ItemCounts, ItemState, NewItem, SeenSource};
use crate::model::operation::{LeasedBatch, Page};

const COLUMNS: &str = "position, state, path, body, target, code, detail";

impl Store {
    /// Appends items to an operation in batches of `per_batch`; its total grows by them.
    pub fn add_items(&self, id: OperationId, items: &[NewItem], per_batch: usize) -> Result<()> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            let next = "SELECT COALESCE(MAX(seq), -1) FROM operation_batches WHERE operation_id = ?1";
            let first = query_one(session, next, params![row], |row| row.int(0))?.unwrap_or(-1) + 1;
            let next = "SELECT COALESCE(MAX(position), -1) FROM operation_items WHERE operation_id = ?1";
            let start = query_one(session, next, params![row], |row| row.int(0))?.unwrap_or(-1) + 1;
            let (mut batches, mut rows) = (Vec::new(), Vec::with_capacity(items.len()));
            for ((chunk, seq), at) in
                items.chunks(per_batch.max(1)).zip(first..).zip((start..).step_by(per_batch.max(1)))
            {
                batches.push(values![row, seq, chunk.len(), Vec::<u8>::new()]);
                for (item, position) in chunk.iter().zip(at..) {
                    rows.push(values![
                        row,
                        position,
                        seq,
                        paths::to_bytes(&item.path),
                        item.body.to_string()
                    ]);
                }
            }
            session.bulk(
                "INSERT INTO operation_batches (operation_id, seq, state, commits, file_count, files, kind) \
                 SELECT r.c1, r.c2, 'pending', 0, r.c3, r.c4, 'items' FROM {rows}",
                &[Column::Int, Column::Int, Column::Int, Column::Blob],
                &batches,
            )?;
            session.bulk(
                "INSERT INTO operation_items (operation_id, position, seq, state, path, body) \
                 SELECT r.c1, r.c2, r.c3, 'pending', r.c4, r.c5 FROM {rows}",
                &[Column::Int, Column::Int, Column::Int, Column::Blob, Column::Text],
                &rows,
            )?;
            let sql = "UPDATE operations SET total = total + ?2, updated_ms = ?3 WHERE id = ?1";
            session.execute(sql, params![row, items.len(), now_ms()])?;
            Ok(())
        })
    }

    /// Takes the next batch of items that waits, or whose lease expired, until `ttl` from now.
    pub fn next_item_batch(
        &self,
        id: OperationId,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<(LeasedBatch, Vec<Item>)>> {
        let Some(batch) = self.lease(id, owner, ttl, "items")? else { return Ok(None) };
        let items = self.read(|session| {
            let row = operation_row(session, id)?;
            let sql = format!(
                "SELECT {COLUMNS} FROM operation_items WHERE operation_id = ?1 AND seq = ?2 AND state = 'pending' ORDER BY position"
            );
            query_all(session, &sql, params![row, batch.seq], item)
        })?;
        Ok(Some((batch, items)))
    }

    /// Commits what a batch of items brought about, marks it done and adds to its operation's totals, all or nothing.
    pub fn commit_items(&self, batch: &ItemCommit) -> Result<()> {
        self.write(|session| {
            let count = batch.outcomes.len() as i64;
            let row = operations::finish_lease(session, batch.operation, batch.seq, batch.lease)?;
            operations::add_totals(session, row, &batch.counters, count)?;
            if !batch.is_whole {
                let sql = "UPDATE operation_batches SET state = 'pending', commits = commits - 1 \
                           WHERE operation_id = ?1 AND seq = ?2";
                session.execute(sql, params![row, batch.seq])?;
            }
            let outcomes: Vec<_> = batch
                .outcomes
                .iter()
                .map(|one| {
                    values![
                        row,
                        one.position,
                        one.state.as_str(),
                        one.target.as_deref().map(paths::to_bytes),
                        one.code.map(tintype_core::ErrorCode::as_str),
                        one.detail.as_deref(),
                    ]
                })
                .collect();
            session.bulk(
                "UPDATE operation_items SET state = r.c3, target = r.c4, code = r.c5, detail = r.c6 FROM {rows} \
                 WHERE operation_items.operation_id = r.c1 AND operation_items.position = r.c2",
                &[Column::Int, Column::Int, Column::Text, Column::Blob, Column::Text, Column::Text],
                &outcomes,
            )?;
            let decided = decisions::record(session, &batch.decisions)?;
            let read = commit::commit_read_files(session, &batch.files)?;
            let moved = scan::set_presence(session, &batch.gone, &batch.back)?;
            trash::write(session, &batch.trash)?;
            remember_sources(session, &batch.seen)?;
            if read || moved || !decided.is_empty() {
                bump_generation(session)?;
            }
            Ok(())
        })
    }

    /// One page of an operation's items, in their order; those in `state` only, if given.
    pub fn items(
        &self,
        id: OperationId,
        state: Option<ItemState>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Item>> {
        let after = match cursor {
            Some(text) => {
                text.parse::<i64>().map_err(|_text| Error::invalid("the cursor is not one of items"))?
            }
            None => -1,
        };
        let limit = limit.clamp(1, 10_000);
        self.read(|session| {
            let row = operation_row(session, id)?;
            let mut params = params![row, after, limit + 1].to_vec();
            let condition = match state {
                Some(state) => {
                    params.push(state.as_str().into());
                    " AND state = ?4"
                }
                None => "",
            };
            let sql = format!(
                "SELECT {COLUMNS} FROM operation_items WHERE operation_id = ?1 AND position > ?2{condition} \
                 ORDER BY position LIMIT ?3"
            );
            let mut items = query_all(session, &sql, &params, item)?;
            let more = items.len() > limit;
            items.truncate(limit);
            let next_cursor = items.last().filter(|_| more).map(|item| item.position.to_string());
            Ok(Page { items, next_cursor })
        })
    }

    /// How many items of an operation are in which state.
    pub fn item_counts(&self, id: OperationId) -> Result<ItemCounts> {
        self.read(|session| {
            let row = operation_row(session, id)?;
            let mut counts = ItemCounts::default();
            let sql = "SELECT state, COUNT(*) FROM operation_items WHERE operation_id = ?1 GROUP BY state";
            session.query(sql, params![row], &mut |row| {
                let count = row.int(1)? as u64;
                match ItemState::from_name(&row.text(0)?) {
                    Some(ItemState::Pending) => counts.pending = count,
                    Some(ItemState::Done) => counts.done = count,
                    Some(ItemState::Skipped) => counts.skipped = count,
                    Some(ItemState::Failed) => counts.failed = count,
                    None => {}
                }
                Ok(())
            })?;
            Ok(counts)
        })
    }

    /// Forgets items that came to `state`: those of a check of a whole library say nothing that its result does not.
    pub fn forget_items(&self, id: OperationId, state: ItemState) -> Result<u64> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            let sql = "DELETE FROM operation_items WHERE operation_id = ?1 AND state = ?2";
            session.execute(sql, params![row, state.as_str()])
        })
    }

    /// Lets failed items wait again (all of them, or those at `positions`), with their batches; how many.
    pub fn retry_items(&self, id: OperationId, positions: Option<&[u64]>) -> Result<u64> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            let find = "SELECT position, seq FROM operation_items WHERE operation_id = ?1 AND state = 'failed' ORDER BY position";
            let mut failed =
                query_all(session, find, params![row], |row| Ok((row.int(0)?, row.int(1)?)))?;
            if let Some(positions) = positions {
                failed.retain(|(position, _)| positions.contains(&(*position as u64)));
            }
            let again: Vec<i64> = failed.iter().map(|(position, _)| *position).collect();
            let mut batches: Vec<i64> = failed.iter().map(|(_, seq)| *seq).collect();
            batches.dedup();
            session.execute(
                "UPDATE operation_items SET state = 'pending', code = NULL, detail = NULL \
                 WHERE operation_id = ?1 AND position IN rarray(?2)",
                params![row, again.clone()],
            )?;
            session.execute(
                "UPDATE operation_batches SET state = 'pending', lease = NULL, owner = NULL, expires_ms = NULL \
                 WHERE operation_id = ?1 AND seq IN rarray(?2)",
                params![row, batches],
            )?;
            let sql = "UPDATE operations SET done = done - ?2, updated_ms = ?3 WHERE id = ?1";
            session.execute(sql, params![row, again.len(), now_ms()])?;
            Ok(again.len() as u64)
        })
    }

    /// What is known about files outside the library: for each, the hash of its content if it looks as it did then.
    pub fn seen_sources(&self, files: &[(std::path::PathBuf, u64, i64)]) -> Result<Vec<Option<ContentHash>>> {
        let list: Vec<Vec<u8>> = files.iter().map(|(path, ..)| paths::to_bytes(path)).collect();
        let sql = "SELECT path, size, mtime_ns, content_hash FROM seen_sources WHERE path IN rarray(?1)";
        let known: std::collections::HashMap<Vec<u8>, (u64, i64, ContentHash)> = self
            .read(|session| {
                query_all(session, sql, params![list.clone()], |row| {
                    let hash = photo::content_hash(row.bytes(3)?)?;
                    Ok((row.bytes(0)?.to_vec(), (row.int(1)? as u64, row.int(2)?, hash)))
                })
            })?
            .into_iter()
            .collect();
        let same = |(at, (_, size, mtime)): (&Vec<u8>, &(std::path::PathBuf, u64, i64))| {
            known.get(at).filter(|(held, when, _)| held == size && when == mtime).map(|(.., hash)| *hash)
        };
        Ok(list.iter().zip(files).map(same).collect())
    }

    /// Of `hashes`, those whose content the library holds in a present file, with one such file's path.
    pub fn contents_held(
        &self,
        hashes: &[ContentHash],
    ) -> Result<std::collections::HashMap<ContentHash, std::path::PathBuf>> {
        let list: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.0.to_vec()).collect();
        let sql = "SELECT p.content_hash, r.path, d.rel, f.name FROM photos p JOIN files f ON f.photo_id = p.id \
                   JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id \
                   WHERE p.content_hash IN rarray(?1) AND f.present = 1";
        let found = self.read(|session| {
            query_all(session, sql, params![list.clone()], |row| {
                let path = paths::full_path(row.bytes(1)?, row.bytes(2)?, row.bytes(3)?);
                Ok((photo::content_hash(row.bytes(0)?)?, path))
            })
        })?;
        Ok(found.into_iter().collect())
    }
}

fn remember_sources(session: &mut dyn Session, seen: &[SeenSource]) -> Result<()> {
    let rows: Vec<_> = seen
        .iter()
        .map(|one| values![paths::to_bytes(&one.path), one.size, one.mtime_ns, &one.content_hash.0])
        .collect();
    session.bulk(
        "INSERT INTO seen_sources (path, size, mtime_ns, content_hash) SELECT r.c1, r.c2, r.c3, r.c4 FROM {rows} WHERE true \
         ON CONFLICT (path) DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, content_hash = excluded.content_hash",
        &[Column::Blob, Column::Int, Column::Int, Column::Blob],
        &rows,
    )?;
    Ok(())
}

fn item(row: &Row<'_>) -> Result<Item> {
    Ok(Item {
        position: row.int(0)? as u64,
        state: ItemState::from_name(&row.text(1)?).ok_or(Error::value("item state"))?,
        path: paths::to_path(row.bytes(2)?),
        body: serde_json::from_str(&row.text(3)?)?,
        target: row.opt_bytes(4)?.map(paths::to_path),
        code: row.opt_text(5)?.and_then(|code| code.parse().ok()),
        detail: row.opt_text(6)?,
    })
}
