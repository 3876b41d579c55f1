//! Operations and their batches: who works on what, until when, and what is done.

use std::time::Duration;

use serde_json::Value as Json;
use tintype_core::OperationId;
use tintype_core::clock::now_ms;
use uuid::Uuid;

use super::roots::one_id;
use super::{Store, photo};
use crate::backend::{Column, Row, Session, params, query_all, query_one, values};
use crate::error::{Error, Result};
use crate::model::operation::{
    BatchCounts, BatchLogEntry, LeasedBatch, NewOperation, Operation, OperationState, Page, TransitionFields,
};
use crate::model::scan::FileId;
use crate::model::work::{BatchCommit, Counters};

const COLUMNS: &str = "uuid, kind, state, params, scope_key, label, created_ms, started_ms, finished_ms, updated_ms, \
                       total, done, totals, phase, owner, error, result";

impl Store {
    /// Records a new operation as pending.
    pub fn create_operation(&self, new: &NewOperation) -> Result<()> {
        self.write(|session| {
            let id = one_id(session)?;
            session.execute(
                "INSERT INTO operations (id, uuid, kind, state, params, scope_key, label, created_ms, updated_ms, \
                 total, done, totals, phase, owner) VALUES (?1, ?2, ?3, 'pending', ?4, ?5, ?6, ?7, ?7, 0, 0, '{}', '', ?8)",
                params![id, new.id.0, &new.kind, new.params.to_string(), &new.scope_key, &new.label, now_ms(), &new.owner],
            )?;
            Ok(())
        })
    }

    /// An operation.
    pub fn operation(&self, id: OperationId) -> Result<Option<Operation>> {
        let sql = format!("SELECT {COLUMNS} FROM operations WHERE uuid = ?1");
        self.read(|session| query_one(session, &sql, params![id.0], operation))
    }

    /// Operations, newest first; those in `state` only, if given.
    pub fn operations(
        &self,
        state: Option<OperationState>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Operation>> {
        let before = match cursor {
            Some(text) => {
                text.parse::<i64>().map_err(|_text| Error::invalid("the cursor is not one of operations"))?
            }
            None => i64::MAX,
        };
        let limit = limit.clamp(1, 1000);
        self.read(|session| {
            let mut params = params![before, limit + 1].to_vec();
            let condition = match state {
                Some(state) => {
                    params.push(state.as_str().into());
                    " AND state = ?3"
                }
                None => "",
            };
            let sql = format!(
                "SELECT {COLUMNS}, id FROM operations WHERE id < ?1{condition} ORDER BY id DESC LIMIT ?2"
            );
            let mut rows = query_all(session, &sql, &params, |row| Ok((operation(row)?, row.int(17)?)))?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let next_cursor = rows.last().filter(|_| more).map(|(_, id)| id.to_string());
            Ok(Page { items: rows.into_iter().map(|(operation, _)| operation).collect(), next_cursor })
        })
    }

    /// Moves an operation to the state `to` if it is in one of `from`; whether it was.
    #[allow(clippy::needless_pass_by_value, reason = "callers make it on the spot")]
    pub fn transition(
        &self,
        id: OperationId,
        from: &[OperationState],
        to: OperationState,
        fields: TransitionFields,
    ) -> Result<bool> {
        let list: Vec<String> = from.iter().map(|state| format!("'{}'", state.as_str())).collect();
        if list.is_empty() {
            return Ok(false);
        }
        let now = now_ms();
        let started = (to == OperationState::Running).then_some(now);
        let finished = to.is_final().then_some(now);
        let text = |json: &Option<Json>| json.as_ref().map(Json::to_string);
        let sql = format!(
            "UPDATE operations SET state = ?2, updated_ms = ?3, started_ms = COALESCE(started_ms, ?4), \
             finished_ms = COALESCE(?5, finished_ms), phase = COALESCE(?6, phase), owner = COALESCE(?7, owner), \
             error = COALESCE(?8, error), result = COALESCE(?9, result) WHERE uuid = ?1 AND state IN ({})",
            list.join(", ")
        );
        self.write(|session| {
            let params = params![
                id.0,
                to.as_str(),
                now,
                started,
                finished,
                fields.phase.as_deref(),
                fields.owner.as_deref(),
                text(&fields.error),
                text(&fields.result),
            ];
            Ok(session.execute(&sql, params)? > 0)
        })
    }

    /// Says what an operation is doing now.
    pub fn set_phase(&self, id: OperationId, phase: &str) -> Result<()> {
        let sql = "UPDATE operations SET phase = ?2, updated_ms = ?3 WHERE uuid = ?1";
        self.write(|session| session.execute(sql, params![id.0, phase, now_ms()]).map(|_touched| ()))
    }

    /// Adds to an operation's totals outside of batches, for work that has none.
    pub fn add_totals(&self, id: OperationId, counters: &Counters) -> Result<()> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            add_totals(session, row, counters, 0)
        })
    }

    /// Appends batches to an operation; its total grows by their files.
    pub fn add_batches(&self, id: OperationId, batches: &[Vec<FileId>]) -> Result<()> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            let next = "SELECT COALESCE(MAX(seq), -1) FROM operation_batches WHERE operation_id = ?1";
            let first = query_one(session, next, params![row], |row| row.int(0))?.unwrap_or(-1) + 1;
            let rows: Vec<_> = batches
                .iter()
                .zip(first..)
                .map(|(files, seq)| {
                    let bytes: Vec<u8> = files.iter().flat_map(|file| file.0.to_le_bytes()).collect();
                    values![row, seq, files.len(), bytes]
                })
                .collect();
            session.bulk(
                "INSERT INTO operation_batches (operation_id, seq, state, commits, file_count, files) \
                 SELECT r.c1, r.c2, 'pending', 0, r.c3, r.c4 FROM {rows}",
                &[Column::Int, Column::Int, Column::Int, Column::Blob],
                &rows,
            )?;
            let files: usize = batches.iter().map(Vec::len).sum();
            let sql = "UPDATE operations SET total = total + ?2, updated_ms = ?3 WHERE id = ?1";
            session.execute(sql, params![row, files, now_ms()])?;
            Ok(())
        })
    }

    /// Takes the next batch of files that waits, or whose lease expired, until `ttl` from now.
    pub fn next_batch(&self, id: OperationId, owner: &str, ttl: Duration) -> Result<Option<LeasedBatch>> {
        self.lease(id, owner, ttl, "files")
    }

    /// Takes the next batch of a kind.
    pub(super) fn lease(
        &self,
        id: OperationId,
        owner: &str,
        ttl: Duration,
        kind: &str,
    ) -> Result<Option<LeasedBatch>> {
        let lease = Uuid::new_v4();
        self.write(|session| {
            let Some(row) = find_row(session, id)? else { return Ok(None) };
            let now = now_ms();
            let sql = format!(
                "UPDATE operation_batches SET state = 'leased', lease = ?3, owner = ?4, expires_ms = ?5 \
                 WHERE operation_id = ?1 AND seq = (SELECT b.seq FROM operation_batches b \
                 WHERE b.operation_id = ?1 AND b.kind = ?6 AND b.state <> 'done' AND (b.state = 'pending' OR b.expires_ms <= ?2) \
                 ORDER BY b.seq LIMIT 1 {}) RETURNING seq, files",
                session.skip_locked()
            );
            let params = params![row, now, lease, owner, now.saturating_add(millis(ttl)), kind];
            query_one(session, &sql, params, |row| {
                let (files, _) = row.bytes(1)?.as_chunks::<8>();
                Ok(LeasedBatch {
                    seq: row.int(0)? as u32,
                    lease,
                    files: files.iter().map(|eight| FileId(i64::from_le_bytes(*eight))).collect(),
                })
            })
        })
    }

    /// Extends a lease to `ttl` from now; false if it was lost.
    pub fn renew_lease(&self, id: OperationId, seq: u32, lease: Uuid, ttl: Duration) -> Result<bool> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            let now = now_ms();
            let sql = "UPDATE operation_batches SET expires_ms = ?4 WHERE operation_id = ?1 AND seq = ?2 \
                       AND state = 'leased' AND lease = ?3 AND expires_ms > ?5";
            Ok(session.execute(sql, params![row, seq, lease, now.saturating_add(millis(ttl)), now])? > 0)
        })
    }

    /// Puts the leased batches of an operation back, because whoever held them is gone.
    pub fn release_leases(&self, id: OperationId) -> Result<u64> {
        self.write(|session| {
            let row = operation_row(session, id)?;
            let sql = "UPDATE operation_batches SET state = 'pending', lease = NULL, owner = NULL, expires_ms = NULL \
                       WHERE operation_id = ?1 AND state = 'leased'";
            session.execute(sql, params![row])
        })
    }

    /// How many batches of an operation are in which state.
    pub fn batches(&self, id: OperationId) -> Result<BatchCounts> {
        self.read(|session| {
            let row = operation_row(session, id)?;
            let mut counts = BatchCounts::default();
            let sql = "SELECT state, COUNT(*) FROM operation_batches WHERE operation_id = ?1 GROUP BY state";
            session.query(sql, params![row], &mut |row| {
                let count = row.int(1)? as u64;
                counts.total += count;
                match row.text(0)?.as_str() {
                    "pending" => counts.pending = count,
                    "leased" => counts.leased = count,
                    _ => counts.done = count,
                }
                Ok(())
            })?;
            Ok(counts)
        })
    }

    /// Every batch of an operation with how many times it was committed.
    pub fn batch_log(&self, id: OperationId) -> Result<Vec<BatchLogEntry>> {
        self.read(|session| {
            let row = operation_row(session, id)?;
            let sql = "SELECT seq, commits FROM operation_batches WHERE operation_id = ?1 ORDER BY seq";
            query_all(session, sql, params![row], |row| {
                Ok(BatchLogEntry { seq: row.int(0)? as u32, commits: row.int(1)? as u32 })
            })
        })
    }
}

fn millis(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX)
}

fn find_row(session: &mut dyn Session, id: OperationId) -> Result<Option<i64>> {
    query_one(session, "SELECT id FROM operations WHERE uuid = ?1", params![id.0], |row| row.int(0))
}

pub(super) fn operation_row(session: &mut dyn Session, id: OperationId) -> Result<i64> {
    find_row(session, id)?.ok_or_else(|| Error::not_found("operation"))
}

/// Marks the batch done under its lease and adds to the operation's totals, or fails with a conflict.
pub(super) fn finish_batch(session: &mut dyn Session, batch: &BatchCommit) -> Result<()> {
    let row = finish_lease(session, batch.operation, batch.seq, batch.lease)?;
    let sql = "SELECT file_count FROM operation_batches WHERE operation_id = ?1 AND seq = ?2";
    let files = query_one(session, sql, params![row, batch.seq], |row| row.int(0))?.unwrap_or(0);
    add_totals(session, row, &batch.counters, files)
}

/// Marks a batch done under its lease, or fails with a conflict (INV-4); the operation's row.
pub(super) fn finish_lease(
    session: &mut dyn Session,
    operation: OperationId,
    seq: u32,
    lease: Uuid,
) -> Result<i64> {
    let row = operation_row(session, operation)?;
    let sql = "UPDATE operation_batches SET state = 'done', commits = commits + 1, lease = NULL, expires_ms = NULL \
               WHERE operation_id = ?1 AND seq = ?2 AND state = 'leased' AND lease = ?3 AND expires_ms > ?4";
    match session.execute(sql, params![row, seq, lease, now_ms()])? {
        0 => Err(Error::conflict(format!("the lease of batch {seq} was lost"))),
        _ => Ok(row),
    }
}

pub(super) fn add_totals(session: &mut dyn Session, row: i64, counters: &Counters, files: i64) -> Result<()> {
    // This also locks the row, so that two workers do not add to the same totals.
    let sql = "UPDATE operations SET done = done + ?2, updated_ms = ?3 WHERE id = ?1 RETURNING totals";
    let text = query_one(session, sql, params![row, files, now_ms()], |row| row.text(0))?;
    let mut totals: Counters = serde_json::from_str(&text.ok_or(Error::value("operation"))?)?;
    totals.add(counters);
    session.execute(
        "UPDATE operations SET totals = ?2 WHERE id = ?1",
        params![row, serde_json::to_string(&totals)?],
    )?;
    Ok(())
}

fn operation(row: &Row<'_>) -> Result<Operation> {
    let json = |text: Option<String>| -> Result<Option<Json>> {
        text.map(|text| serde_json::from_str(&text).map_err(Error::from)).transpose()
    };
    Ok(Operation {
        id: OperationId(photo::uuid(row.bytes(0)?)?),
        kind: row.text(1)?,
        state: OperationState::from_name(&row.text(2)?).ok_or(Error::value("operation state"))?,
        params: serde_json::from_str(&row.text(3)?)?,
        scope_key: row.text(4)?,
        label: row.text(5)?,
        created_ms: row.int(6)?,
        started_ms: row.opt_int(7)?,
        finished_ms: row.opt_int(8)?,
        updated_ms: row.int(9)?,
        total: row.int(10)? as u64,
        done: row.int(11)? as u64,
        totals: serde_json::from_str(&row.text(12)?)?,
        phase: row.text(13)?,
        owner: row.text(14)?,
        error: json(row.opt_text(15)?)?,
        result: json(row.opt_text(16)?)?,
    })
}
