//! SQLite: one connection that writes, and as many that read as threads read at once.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use super::{Backend, Column, Dialect, Row, Session, Value, Work};
use crate::error::{Error, Result};
use crate::model::backup::BackupInfo;

mod backup;
mod open;
mod prepare;
mod rebuild;
mod recover;
mod restore;
mod row_set;

pub(crate) use backup::{is_named_by_us, list as list_backups};
pub(crate) use prepare::{Memories, Prepared};
pub(crate) use rebuild::take_operations;
pub(crate) use recover::recover;
pub(crate) use row_set::row_set;

/// How long to wait for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// Reading connections kept for the next reader.
const IDLE_READERS: usize = 4;

/// Page cache of the writing connection: indexes with random keys live here while a library is taken in.
const WRITER_CACHE_KIB: i64 = 32 << 10;
/// Page cache of each reading connection; the system's cache is behind it. Memory maps were rejected: each
/// connection's map counts towards the process again, and a file cut short by someone else would kill it.
const READER_CACHE_KIB: i64 = 8 << 10;

/// A SQLite database file.
pub(crate) struct Sqlite {
    name: String,
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens `<data_dir>/tintype.db`, creating or migrating it as needed.
    pub(crate) fn open(data_dir: &Path) -> Result<Self> {
        let path = data_dir.join("tintype.db");
        let writer = open::open_checked(&path, &data_dir.join("backups"))?;
        configure(&writer, WRITER_CACHE_KIB)?;
        let name = format!("SQLite {}", rusqlite::version());
        Ok(Self { name, path, writer: Mutex::new(writer), readers: Mutex::new(Vec::new()) })
    }

    fn reader(&self) -> Result<Connection> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        configure(&connection, READER_CACHE_KIB)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }
}

/// Settings of each connection. `synchronous = NORMAL` with a write-ahead log survives a killed process whole;
/// a power cut can lose the last transactions but never damages the file, and lost work is found missing and
/// done again.
fn configure(connection: &Connection, cache_kib: i64) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    // Fewer, larger checkpoints: batches touch the same pages of random-key indexes again and again (pages of 4 KiB).
    connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
    connection.pragma_update(None, "journal_size_limit", 64_i64 << 20)?;
    connection.set_prepared_statement_cache_capacity(256);
    rusqlite::vtab::array::load_module(connection)?;
    row_set::register(connection)?;
    Ok(())
}

impl Backend for Sqlite {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self, work: Work<'_>) -> Result<()> {
        let connection = self.reader()?;
        connection.execute_batch("BEGIN")?;
        let outcome = work(&mut SqliteSession(&connection));
        let ended = connection.execute_batch("COMMIT");
        if ended.is_ok() {
            let mut idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_READERS {
                idle.push(connection);
            }
        }
        outcome
    }

    fn write(&self, work: Work<'_>) -> Result<()> {
        let connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // A panic in an earlier transaction left it open: it must not become part of this one.
        if !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK")?;
        }
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let outcome =
            work(&mut SqliteSession(&connection)).and_then(|()| Ok(connection.execute_batch("COMMIT")?));
        if outcome.is_err() && !connection.is_autocommit() {
            connection.execute_batch("ROLLBACK")?;
        }
        outcome
    }

    fn size(&self) -> Result<u64> {
        let mut bytes = 0;
        for suffix in ["", "-wal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            bytes += fs_err::metadata(path).map_or(0, |meta| meta.len());
        }
        Ok(bytes)
    }

    fn as_sqlite(&self) -> Option<&Sqlite> {
        Some(self)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(x) => ToSqlOutput::Borrowed(ValueRef::Integer(*x)),
            Self::Real(x) => ToSqlOutput::Borrowed(ValueRef::Real(*x)),
            Self::Text(x) => ToSqlOutput::Borrowed(ValueRef::Text(x.as_bytes())),
            Self::Blob(x) => ToSqlOutput::Borrowed(ValueRef::Blob(x)),
            Self::Ints(list) => array(list.iter().map(|x| SqlValue::Integer(*x)).collect()),
            Self::Blobs(list) => array(list.iter().map(|x| SqlValue::Blob(x.clone())).collect()),
        })
    }
}

fn array(values: Vec<SqlValue>) -> ToSqlOutput<'static> {
    ToSqlOutput::from_rc(Rc::new(values), c"rarray")
}

pub(crate) struct SqliteSession<'a>(&'a Connection);

impl Session for SqliteSession<'_> {
    fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        on_row: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            on_row(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
    }

    /// Steps one prepared statement: within a transaction nothing is faster.
    fn bulk(&mut self, sql: &str, columns: &[Column], rows: &[Vec<Value>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let list: Vec<String> = (1..=columns.len()).map(|i| format!("?{i} AS c{i}")).collect();
        let sql = sql.replace("{rows}", &format!("(SELECT {}) AS r", list.join(", ")));
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut touched = 0;
        for row in rows {
            touched += statement.execute(rusqlite::params_from_iter(row))? as u64;
        }
        Ok(touched)
    }

    fn new_ids(&mut self, count: usize) -> Result<Vec<i64>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let sql = "UPDATE tintype_meta SET next_id = next_id + ?1 RETURNING next_id";
        let next: i64 = self.0.prepare_cached(sql)?.query_row([count as i64], |row| row.get(0))?;
        Ok((next - count as i64..next).collect())
    }

    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn skip_locked(&self) -> &'static str {
        ""
    }
}

/// The database behind `path` as errors name it.
fn display(path: &Path) -> String {
    path.display().to_string()
}

fn corrupt(path: &Path, detail: impl Into<String>) -> Error {
    Error::Corrupt { database: display(path), detail: detail.into() }
}

fn foreign(path: &Path, detail: impl Into<String>) -> Error {
    Error::Foreign { database: display(path), detail: detail.into() }
}
