//! Opening a database file: told apart from everything else, checked, backed up and migrated.

use std::io::Read as _;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::{BUSY_TIMEOUT, corrupt, foreign};
use crate::error::{Error, Result};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Marks our files (SQLite file format §1.3.14): "Tint".
pub(super) const APPLICATION_ID: u32 = 0x5469_6e74;
/// What every SQLite file begins with (SQLite file format §1.3.1).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Length of the header that holds the application id at offset 68 (SQLite file format §1.3).
const HEADER_BYTES: usize = 100;

/// Opens the database at `path` for writing, having made sure that it is ours, whole as far as a quick look
/// can tell, and of this version or older. Whatever is refused is left as it is, byte for byte.
pub(super) fn open_checked(path: &Path, backups: &Path) -> Result<Connection> {
    let latest = latest_schema();
    let version = if is_new(path)? {
        0
    } else {
        check_header(path)?;
        check_content(path, latest).map_err(|error| name_file(path, error))?
    };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| name_file(path, error.into()))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    if version < latest {
        if version > 0 {
            let copy = super::backup::write_backup(&connection, version, backups)?;
            tracing::info!(backup = %copy.name, "copied the database before migrating it");
        }
        migrate(&mut connection).map_err(|error| name_file(path, error))?;
    }
    connection.pragma_update(None, "journal_mode", "WAL").map_err(|error| name_file(path, error.into()))?;
    Ok(connection)
}

/// The schema version of this program.
pub(super) fn latest_schema() -> i64 {
    let latest =
        embedded::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max();
    i64::from(latest.unwrap_or(0))
}

/// Errors of SQLite do not say which file they are about.
pub(super) fn name_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Corrupt { detail, .. } => corrupt(path, detail),
        other => other,
    }
}

/// Whether there is no database yet. SQLite itself leaves an empty file behind when it dies before its first
/// transaction, so an empty one counts as none.
fn is_new(path: &Path) -> Result<bool> {
    match fs_err::metadata(path) {
        Ok(meta) if meta.is_file() => Ok(meta.len() == 0),
        Ok(_) => Err(foreign(path, "it is not a regular file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(Error::Io { path: path.to_owned(), source: error }),
    }
}

pub(super) fn check_header(path: &Path) -> Result<()> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    let file = fs_err::File::open(path).map_err(Error::io(path))?;
    file.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(Error::io(path))?;
    if !header.starts_with(MAGIC) {
        return Err(foreign(path, "it is not a SQLite file"));
    }
    let Some(id) = header.get(68..72).filter(|_| header.len() == HEADER_BYTES) else {
        return Err(corrupt(path, "it ends within its header"));
    };
    if id != APPLICATION_ID.to_be_bytes() {
        return Err(foreign(path, "another program wrote it"));
    }
    Ok(())
}

/// The schema version of the file, having read something of each table. A full check would read the whole file.
pub(super) fn check_content(path: &Path, latest: i64) -> Result<i64> {
    // Reading needs the shared-memory file of a write-ahead log, so "read only" is a promise of ours
    // (`query_only`) rather than of the open mode.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if fs_err::metadata(super::backup::beside(path, "-wal")).map_or(0, |meta| meta.len()) == 0 {
        check_length(&connection, path)?;
    }
    schema_of(&connection, path, latest)
}

/// Whether the file is as long as it says. Without a write-ahead log it must be.
pub(super) fn check_length(connection: &Connection, path: &Path) -> Result<()> {
    let pages: u64 = connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))? as u64;
    let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))? as u64;
    let length = fs_err::metadata(path).map_err(Error::io(path))?.len();
    if length < pages * page {
        return Err(corrupt(path, format!("it should be {} bytes long but is {length}", pages * page)));
    }
    Ok(())
}

/// The schema version, having read something of each table; at most `latest`.
pub(super) fn schema_of(connection: &Connection, path: &Path, latest: i64) -> Result<i64> {
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if tables.is_empty() {
        return Ok(0); // died between its first and its second transaction
    }
    let history = "SELECT max(version) FROM refinery_schema_history";
    let known = tables.iter().any(|table| table == "refinery_schema_history");
    let version: i64 = if known {
        connection.query_row(history, [], |row| row.get(0)).optional()?.flatten().unwrap_or(0)
    } else {
        0
    };
    if version > latest {
        return Err(foreign(path, format!("its schema is version {version}, newer than {latest}")));
    }
    if version > 0 {
        for table in &tables {
            let quoted = table.replace('"', "\"\"");
            connection
                .query_row(&format!("SELECT 1 FROM \"{quoted}\" LIMIT 1"), [], |_row| Ok(()))
                .optional()?;
        }
        let meta = connection
            .query_row("SELECT generation FROM tintype_meta WHERE id = 1", [], |row| row.get::<_, i64>(0));
        if meta.optional().map_or(true, |generation| generation.is_none()) {
            return Err(corrupt(path, "its table tintype_meta cannot be read"));
        }
    }
    Ok(version)
}

pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    // First and alone, so that a file that is not empty always carries our mark.
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    match embedded::migrations::runner().run(connection) {
        Ok(_report) => Ok(()),
        Err(error) => {
            let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
            while let Some(link) = cause {
                if let Some(rusqlite::Error::SqliteFailure(failure, text)) = link.downcast_ref() {
                    return Err(rusqlite::Error::SqliteFailure(*failure, text.clone()).into());
                }
                cause = link.source();
            }
            Err(Error::Unavailable {
                detail: "the schema could not be brought up to date".to_owned(),
                source: Some(error.into()),
            })
        }
    }
}
