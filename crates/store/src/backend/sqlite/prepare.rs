//! [`Prepared`]: a copy of a backup, checked, brought up to date and made to fit what runs now, before anything
//! touches the database in use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use super::backup::{Temporary, check_alone, inspect, leave_wal};
use super::rebuild::dangling;
use super::{SqliteSession, corrupt, foreign, open};
use crate::error::{Error, Result};
use crate::model::backup::BackupInfo;

/// Page cache while all of a database is checked: each row's place is looked up in each of its table's indexes.
const CHECK_CACHE_KIB: i64 = 32 << 10;

/// Kind, producer and parameters of a feature key.
type Key = (String, String, String);

/// What other processes may remember of the database that is replaced, and so must hold in the one that replaces it.
pub(crate) struct Memories {
    keys: BTreeMap<i64, Key>,
    next_id: i64,
    generation: i64,
    removals: i64,
}

impl Memories {
    /// Feature keys by row, the next row number, generation and count of removals.
    pub(crate) fn new(keys: BTreeMap<i64, Key>, next_id: i64, generation: i64, removals: i64) -> Self {
        Self { keys, next_id, generation, removals }
    }

    pub(super) fn of(live: &Connection) -> Result<Self> {
        let meta = "SELECT next_id, generation, removals FROM tintype_meta WHERE id = 1";
        let (next_id, generation, removals) =
            live.query_row(meta, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Self { keys: keys(live)?, next_id, generation, removals })
    }
}

/// A database ready to take the place of the one in use. It goes away with this.
pub(crate) struct Prepared {
    file: Temporary,
    pub(super) connection: Connection,
    /// What it was made from.
    pub(crate) source: BackupInfo,
}

impl Prepared {
    /// Copies the backup at `source` into `folder`, checks all of it and migrates it. `has_blob` says whether the
    /// large value of a hash is still there.
    pub(crate) fn new(source: &Path, folder: &Path, has_blob: &dyn Fn(&[u8]) -> bool) -> Result<Self> {
        let info = inspect(source);
        fs_err::metadata(source).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(format!("backup: {}", source.display())),
            _ => Error::io(source)(error),
        })?;
        open::check_header(source)?;
        check_alone(source)?;
        fs_err::create_dir_all(folder).map_err(Error::io(folder))?;
        let file = Temporary::new(folder);
        fs_err::copy(source, &file.0).map_err(Error::io(source))?;
        let connection = checked(&file.0).map_err(|error| match error {
            Error::Corrupt { detail, .. } => corrupt(source, detail),
            Error::Foreign { detail, .. } => foreign(source, detail),
            other => other,
        })?;
        let prepared = Self { file, connection, source: info };
        prepared.settle(has_blob)?;
        Ok(prepared)
    }

    /// Checks the database at `source`, with every reference, and makes it ready where it lies: nobody else uses it, and
    /// it goes away with this.
    pub(crate) fn of_own(source: &Path, has_blob: &dyn Fn(&[u8]) -> bool) -> Result<Self> {
        let info = inspect(source);
        open::check_header(source)?;
        check_alone(source)?;
        let file = Temporary(source.to_owned());
        let connection = checked(&file.0)?;
        if let Some(problem) = dangling(&connection)?.first() {
            return Err(corrupt(source, problem.as_str()));
        }
        let prepared = Self { file, connection, source: info };
        prepared.settle(has_blob)?;
        Ok(prepared)
    }

    /// Its connection, for what needs SQLite's own words.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Its content, for another database.
    pub(crate) fn session(&self) -> SqliteSession<'_> {
        SqliteSession(&self.connection)
    }

    /// The finished file's path; nothing is open any more.
    pub(super) fn into_file(self) -> Result<(Temporary, BackupInfo)> {
        leave_wal(&self.connection)?;
        self.connection.close().map_err(|(_, error)| error)?;
        Ok((self.file, self.source))
    }

    /// What ran when the backup was made does not run now; what large values are gone are no features; and every
    /// generation that anybody has seen is past.
    fn settle(&self, has_blob: &dyn Fn(&[u8]) -> bool) -> Result<()> {
        self.connection.execute_batch(
            "BEGIN IMMEDIATE; \
             UPDATE operations SET state = 'interrupted', phase = 'interrupted' WHERE state IN ('running', 'pending'); \
             UPDATE operation_batches SET state = 'pending', lease = NULL, owner = NULL, expires_ms = NULL \
             WHERE state = 'leased'; \
             UPDATE tintype_meta SET generation = generation + 1, removals = removals + 1, vector_epoch = random()",
        )?;
        let mut gone = Vec::new();
        {
            let mut blobs =
                self.connection.prepare("SELECT subject_id, key_id, value FROM features WHERE type >= 16")?;
            let mut rows = blobs.query([])?;
            while let Some(row) = rows.next()? {
                let hash = row.get_ref(2)?.as_blob().map_err(|_type| Error::value("blob hash"))?;
                if !has_blob(hash) {
                    gone.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
                }
            }
            let mut remove =
                self.connection.prepare("DELETE FROM features WHERE subject_id = ?1 AND key_id = ?2")?;
            for (subject, key) in gone {
                remove.execute([subject, key])?;
            }
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Makes true what any process remembers: a feature key keeps its row, no row number is given out a second
    /// time, and generations and removals only grow. Other processes then need not be told.
    pub(crate) fn fit(&self, live: &Memories) -> Result<()> {
        let own = keys(&self.connection)?;
        let known: BTreeMap<&Key, i64> = live.keys.iter().map(|(id, key)| (key, *id)).collect();
        let mut next: i64 =
            self.connection
                .query_row("SELECT next_id FROM tintype_meta WHERE id = 1", [], |row| row.get(0))?;
        next = next.max(live.next_id);
        let mut moves = Vec::new();
        for (id, key) in &own {
            let wanted = match known.get(key) {
                Some(known) => *known,
                None if !live.keys.contains_key(id) => *id,
                None => {
                    next += 1;
                    next - 1
                }
            };
            if wanted != *id {
                moves.push((*id, wanted));
            }
        }
        let own: BTreeSet<&Key> = own.values().collect();
        // Not one by one in place: the rows may take each other's numbers.
        self.connection.pragma_update(None, "foreign_keys", false)?;
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for (from, to) in
            moves.iter().map(|(from, to)| (*from, -to)).chain(moves.iter().map(|(_, to)| (-to, *to)))
        {
            self.connection.execute("UPDATE feature_keys SET id = ?2 WHERE id = ?1", [from, to])?;
            self.connection.execute("UPDATE features SET key_id = ?2 WHERE key_id = ?1", [from, to])?;
        }
        for (id, key) in live.keys.iter().filter(|(_, key)| !own.contains(key)) {
            let sql = "INSERT INTO feature_keys (id, kind, producer, params) VALUES (?1, ?2, ?3, ?4)";
            self.connection.execute(sql, params![id, key.0, key.1, key.2])?;
        }
        self.connection.execute(
            "UPDATE tintype_meta SET next_id = MAX(next_id, ?1), generation = MAX(generation, ?2 + 1), \
             removals = MAX(removals, ?3 + 1)",
            [next, live.generation, live.removals],
        )?;
        self.connection.execute_batch("COMMIT")?;
        Ok(())
    }
}

fn keys(connection: &Connection) -> Result<BTreeMap<i64, Key>> {
    let mut rows = connection.prepare("SELECT id, kind, producer, params FROM feature_keys")?;
    let keys = rows.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// Opens our copy of a backup, of this version when this returns, having read all of it.
fn checked(path: &Path) -> Result<Connection> {
    let latest = open::latest_schema();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    open::check_length(&connection, path)?;
    leave_wal(&connection)?;
    // If the process dies, the copy is rubbish that the next backup removes.
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -CHECK_CACHE_KIB)?;
    connection.query_row("PRAGMA journal_mode = MEMORY", [], |_row| Ok(())).optional()?;
    let version = open::schema_of(&connection, path, latest)?;
    if version == 0 {
        return Err(corrupt(path, "it holds no library"));
    }
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(corrupt(path, found));
    }
    if version < latest {
        open::migrate(&mut connection)?;
    }
    Ok(connection)
}
