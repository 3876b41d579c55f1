//! Results of collection steps, and which plans were completed.

use serde_json::Value as Json;
use tintype_core::clock::now_ms;

use super::Store;
use super::roots::one_id;
use crate::backend::{Column, params, query_all, query_one, values};
use crate::error::Result;
use crate::model::operation::Completion;

impl Store {
    /// Replaces a view's rows. `stamp` says what they were computed from.
    pub fn put_view(&self, name: &str, scope_key: &str, stamp: &str, rows: &[Json]) -> Result<()> {
        self.write(|session| {
            session
                .execute("DELETE FROM views WHERE name = ?1 AND scope_key = ?2", params![name, scope_key])?;
            let id = one_id(session)?;
            let sql = "INSERT INTO views (id, name, scope_key, stamp, row_count) VALUES (?1, ?2, ?3, ?4, ?5)";
            session.execute(sql, params![id, name, scope_key, stamp, rows.len()])?;
            let rows: Vec<_> =
                rows.iter().enumerate().map(|(i, row)| values![id, i, row.to_string()]).collect();
            session.bulk(
                "INSERT INTO view_rows (view_id, position, body) SELECT r.c1, r.c2, r.c3 FROM {rows}",
                &[Column::Int, Column::Int, Column::Text],
                &rows,
            )?;
            Ok(())
        })
    }

    /// What a view's rows were computed from, if there is such a view.
    pub fn view_stamp(&self, name: &str, scope_key: &str) -> Result<Option<String>> {
        let sql = "SELECT stamp FROM views WHERE name = ?1 AND scope_key = ?2";
        self.read(|session| query_one(session, sql, params![name, scope_key], |row| row.text(0)))
    }

    /// Some of a view's rows, and how many there are; none where there is no such view.
    pub fn view_rows(
        &self,
        name: &str,
        scope_key: &str,
        offset: u64,
        limit: usize,
    ) -> Result<(Vec<Json>, u64)> {
        self.read(|session| {
            let sql = "SELECT id, row_count FROM views WHERE name = ?1 AND scope_key = ?2";
            let found =
                query_one(session, sql, params![name, scope_key], |row| Ok((row.int(0)?, row.int(1)?)))?;
            let Some((id, total)) = found else { return Ok((Vec::new(), 0)) };
            let sql =
                "SELECT body FROM view_rows WHERE view_id = ?1 AND position >= ?2 ORDER BY position LIMIT ?3";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = query_all(session, sql, params![id, offset, limit], |row| {
                Ok(serde_json::from_str(&row.text(0)?)?)
            })?;
            Ok((rows, total as u64))
        })
    }

    /// The completion recorded for a plan on a scope. It holds as long as its generation is the library's.
    pub fn completion(&self, scope_key: &str, plan_hash: &str) -> Result<Option<Completion>> {
        let sql = "SELECT generation, photos, files, features FROM completions WHERE scope_key = ?1 AND plan_hash = ?2";
        self.read(|session| {
            query_one(session, sql, params![scope_key, plan_hash], |row| {
                Ok(Completion {
                    generation: row.int(0)? as u64,
                    photos: row.int(1)? as u64,
                    files: row.int(2)? as u64,
                    features: row.int(3)? as u64,
                })
            })
        })
    }

    /// Records that a plan was completed on a scope.
    pub fn record_completion(&self, scope_key: &str, plan_hash: &str, completion: Completion) -> Result<()> {
        let Completion { generation, photos, files, features } = completion;
        self.write(|session| {
            session.execute(
                "INSERT INTO completions (scope_key, plan_hash, generation, photos, files, features, created_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (scope_key, plan_hash) DO UPDATE SET \
                 generation = excluded.generation, photos = excluded.photos, files = excluded.files, \
                 features = excluded.features, created_ms = excluded.created_ms",
                params![scope_key, plan_hash, generation, photos, files, features, now_ms()],
            )?;
            Ok(())
        })
    }
}
