//! One row for each present file, photo or not.

use std::collections::HashMap;

use tintype_core::Issue;

use super::scope::{self, Query};
use super::{Store, paths, photo};
use crate::backend::{Row, params, query_all};
use crate::error::{Error, Result};
use crate::model::decision::Annotations;
use crate::model::listing::{ReportPhoto, ReportRow};
use crate::model::scan::FileId;
use crate::model::scope::Scope;

/// Files read at once.
const CHUNK: usize = 1_000;

impl Store {
    /// Calls `on_row` for each present file of `scope`, ordered by path. Only row ids of all files and a thousand
    /// rows are in memory at once.
    pub fn report_rows(&self, scope: &Scope, mut on_row: impl FnMut(ReportRow)) -> Result<()> {
        self.read(|session| {
            let mut query = Query::default();
            let condition = scope::files(session, scope, &mut query)?;
            let sql = format!(
                "SELECT f.id FROM files f JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id \
                 WHERE f.present = 1 AND {condition} ORDER BY r.path, d.rel, f.name"
            );
            let ids = query_all(session, &sql, &query.params, |row| row.int(0))?;
            for chunk in ids.chunks(CHUNK) {
                let sql = "SELECT f.id, r.path, d.rel, f.name, f.size, f.settled, p.uuid, p.content_hash, s.subject_key, \
                           p.width, p.height, p.taken_at, p.rating, p.format, p.camera, m.metadata, s.decoder, \
                           p.sharpness, p.quality, p.is_blurry, p.blur_kind, a.body FROM files f \
                           JOIN folders d ON d.id = f.folder_id JOIN roots r ON r.id = d.root_id \
                           LEFT JOIN photos p ON p.id = f.photo_id LEFT JOIN subjects s ON s.id = p.subject_id \
                           LEFT JOIN photo_metadata m ON m.photo_id = p.id \
                           LEFT JOIN annotations a ON a.photo_id = p.id WHERE f.id IN rarray(?1)";
                let mut rows: HashMap<i64, ReportRow> =
                    query_all(session, sql, params![chunk.to_vec()], |row| Ok((row.int(0)?, report_row(row)?)))?
                        .into_iter()
                        .collect();
                let sql = "SELECT file_id, stage, code, detail FROM issues WHERE file_id IN rarray(?1) \
                           ORDER BY file_id, position";
                let issues: Vec<(i64, Issue)> =
                    query_all(session, sql, params![chunk.to_vec()], |row| Ok((row.int(0)?, photo::issue(row, 1)?)))?;
                for (file, issue) in issues {
                    rows.get_mut(&file).ok_or(Error::value("file"))?.issues.push(issue);
                }
                for id in chunk {
                    on_row(rows.remove(id).ok_or(Error::value("file"))?);
                }
            }
            Ok(())
        })
    }
}

fn report_row(row: &Row<'_>) -> Result<ReportRow> {
    let photo = match row.opt_bytes(6)? {
        None => None,
        Some(uuid) => {
            let (pixel_hash, _) = photo::split_key(row.bytes(8)?)?;
            let metadata = row.opt_text(15)?.map(|text| photo::metadata(&text)).transpose()?;
            let mut metadata = metadata.unwrap_or_default();
            if let Some(decided) = row.opt_text(21)? {
                metadata = serde_json::from_str::<Annotations>(&decided)?.over(&metadata);
            }
            Some(ReportPhoto {
                id: photo::photo_id(uuid)?,
                content_hash: photo::content_hash(row.bytes(7)?)?,
                pixel_hash,
                width: row.int(9)? as u32,
                height: row.int(10)? as u32,
                taken_at: row.opt_text(11)?,
                rating: row.opt_int(12)?.map(|rating| rating as i8),
                format: row.text(13)?,
                camera: row.opt_text(14)?,
                metadata,
                decoder: row.opt_text(16)?,
                sharpness: row.opt_real(17)?,
                quality: row.opt_real(18)?,
                is_blurry: row.opt_bool(19)?,
                blur_kind: row.opt_text(20)?,
            })
        }
    };
    Ok(ReportRow {
        file: FileId(row.int(0)?),
        path: paths::full_path(row.bytes(1)?, row.bytes(2)?, row.bytes(3)?),
        size: row.int(4)? as u64,
        settled: row.bool(5)?,
        photo,
        issues: Vec::new(),
    })
}
