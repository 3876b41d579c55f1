//! Copying tables from one database to another, whichever they are. Both have the same tables and columns, and no value
//! needs a dialect; what full-text search makes of documents is made anew.

use super::{Column, Row, Session, Value, params, query_all};
use crate::error::{Error, Result};

/// Everything that makes a library, tables that others refer to first. Documents for searching follow from it.
pub(crate) const TABLES: [&str; 23] = [
    "roots",
    "folders",
    "subjects",
    "photos",
    "photo_metadata",
    "photo_keywords",
    "files",
    "issues",
    "sidecars",
    "feature_keys",
    "features",
    "operations",
    "operation_batches",
    "operation_items",
    "albums",
    "album_photos",
    "decisions",
    "annotations",
    "trash",
    "seen_sources",
    "views",
    "view_rows",
    "settings",
];

/// The tables of durable work.
pub(crate) const OPERATIONS: [&str; 3] = ["operations", "operation_batches", "operation_items"];

/// Rows, and bytes of their values, that are written at once.
const ROWS: usize = 2_000;
const BYTES: usize = 8 << 20;

/// The columns of a table.
pub(crate) struct Shape {
    table: &'static str,
    columns: Vec<(String, Column)>,
}

/// What `tables` look like, as SQLite declares them.
pub(crate) fn shapes(sqlite: &mut dyn Session, tables: &[&'static str]) -> Result<Vec<Shape>> {
    tables
        .iter()
        .map(|table| {
            let sql = "SELECT name, type FROM pragma_table_info(?1)";
            let columns = query_all(sqlite, sql, params![*table], |row| {
                let column = match row.text(1)?.as_str() {
                    "INTEGER" => Column::Int,
                    "REAL" => Column::Real,
                    "TEXT" => Column::Text,
                    _ => Column::Blob,
                };
                Ok((row.text(0)?, column))
            })?;
            if columns.is_empty() {
                return Err(Error::value("table"));
            }
            Ok(Shape { table, columns })
        })
        .collect()
}

/// Copies all rows of tables, of which `to` has none.
pub(crate) fn copy(from: &mut dyn Session, to: &mut dyn Session, shapes: &[Shape]) -> Result<()> {
    for Shape { table, columns } in shapes {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let types: Vec<Column> = columns.iter().map(|(_, column)| *column).collect();
        let names = names.join(", ");
        let values: Vec<String> = (1..=types.len()).map(|at| format!("r.c{at}")).collect();
        let write =
            format!("INSERT INTO {table} ({names}) SELECT {} FROM {{rows}} WHERE true", values.join(", "));
        let (mut rows, mut bytes) = (Vec::new(), 0);
        from.query(&format!("SELECT {names} FROM {table}"), &[], &mut |row| {
            let values = types.iter().enumerate().map(|(at, column)| value(row, at, *column));
            let values = values.collect::<Result<Vec<_>>>()?;
            bytes += values.iter().map(size).sum::<usize>();
            rows.push(values);
            if rows.len() >= ROWS || bytes >= BYTES {
                to.bulk(&write, &types, &rows)?;
                rows.clear();
                bytes = 0;
            }
            Ok(())
        })?;
        to.bulk(&write, &types, &rows)?;
    }
    Ok(())
}

fn value(row: &Row<'_>, at: usize, column: Column) -> Result<Value> {
    Ok(match column {
        Column::Int => row.opt_int(at)?.into(),
        Column::Real => row.opt_real(at)?.into(),
        Column::Text => row.opt_text(at)?.into(),
        Column::Blob => row.opt_bytes(at)?.into(),
    })
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        _ => 8,
    }
}
