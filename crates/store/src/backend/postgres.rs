//! PostgreSQL: a few connections, each with its prepared statements.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::{IsNull, ToSql, Type, private::BytesMut};
use postgres::{Client, Config, NoTls, Statement};

use super::{Backend, Column, Dialect, Row, Session, Value, Work};
use crate::error::{Error, Result};

mod backup;

pub(crate) use backup::Folder;

mod embedded {
    refinery::embed_migrations!("migrations/postgres");
}

/// Connections kept for the next user.
const IDLE_CONNECTIONS: usize = 8;
/// Tries of a transaction that the database asks to repeat.
const TRIES: u32 = 6;
/// Rows per statement of [`Session::bulk`].
const BULK_ROWS: usize = 10_000;
/// Statements that a connection keeps prepared. Searches are put together from what people ask, so there is no end of
/// different ones.
const KEPT_STATEMENTS: usize = 400;
/// Held while migrating, so that workers that start together do not migrate twice ("tintype" as a number).
const MIGRATION_LOCK: i64 = 0x0074_696e_7479_7065;

/// A PostgreSQL database (or one schema of it, where the address sets `search_path`).
pub(crate) struct Postgres {
    name: String,
    config: Config,
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects to `url`, creating or migrating the schema as needed.
    pub(crate) fn open(url: &str) -> Result<Self> {
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
            Error::invalid(format!("the database address is wrong: {error}"))
        })?;
        config.application_name("tintype");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(10));
        }
        let mut client = config.connect(NoTls)?;
        let version: String = client.query_one("SHOW server_version", &[])?.try_get(0)?;
        migrate(&mut client)?;
        let connection = Connection { client, statements: HashMap::new() };
        Ok(Self { name: format!("PostgreSQL {version}"), config, idle: Mutex::new(vec![connection]) })
    }

    fn connection(&self) -> Result<Connection> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                Some(connection) if connection.client.is_closed() => {}
                Some(connection) => return Ok(connection),
                None => {
                    return Ok(Connection {
                        client: self.config.connect(NoTls)?,
                        statements: HashMap::new(),
                    });
                }
            }
        }
    }

    fn run(&self, begin: &str, work: Work<'_>) -> Result<()> {
        let mut connection = self.connection()?;
        if let Err(error) = connection.client.batch_execute(begin) {
            // The server was restarted since: try once on a fresh connection.
            if !connection.client.is_closed() {
                return Err(error.into());
            }
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
            connection = self.connection()?;
            connection.client.batch_execute(begin)?;
        }
        let outcome = work(&mut connection).and_then(|()| Ok(connection.client.batch_execute("COMMIT")?));
        let clean = outcome.is_ok() || connection.client.batch_execute("ROLLBACK").is_ok();
        if clean {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_CONNECTIONS {
                idle.push(connection);
            }
        }
        outcome
    }
}

/// Brings the schema up to date, unless it is someone else's or newer.
fn migrate(client: &mut Client) -> Result<()> {
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK])?;
    let outcome = migrate_locked(client);
    client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK])?;
    outcome
}

fn migrate_locked(client: &mut Client) -> Result<()> {
    let runner = embedded::migrations::runner();
    let latest = runner.get_migrations().iter().map(refinery::Migration::version).max();
    let latest = i64::from(latest.unwrap_or(0));
    let table = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1";
    let has = |client: &mut Client, name: &str| -> Result<bool> {
        Ok(client.query_one(table, &[&name])?.try_get::<_, i64>(0)? > 0)
    };
    let foreign = |detail: String| Error::Foreign { database: "the PostgreSQL schema".to_owned(), detail };
    if has(client, "refinery_schema_history")? {
        let newest = "SELECT CAST(max(version) AS BIGINT) FROM refinery_schema_history";
        let version = client.query_one(newest, &[])?.try_get::<_, Option<i64>>(0)?.unwrap_or(0);
        if version > latest {
            return Err(foreign(format!("its version is {version}, newer than {latest}")));
        }
        if version > 0 && !has(client, "tintype_meta")? {
            return Err(foreign("another program migrated it".to_owned()));
        }
        if version == latest {
            return Ok(());
        }
    } else if has(client, "photos")? || has(client, "files")? || has(client, "features")? {
        return Err(foreign("another program's tables are in it".to_owned()));
    }
    runner.run(client).map_err(|error| Error::Unavailable {
        detail: "the schema could not be brought up to date".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(())
}

/// Whether another try of the whole transaction can succeed: a deadlock, or two workers that stored the same new
/// thing at once.
fn is_worth_another_try(error: &Error) -> bool {
    use postgres::error::SqlState;
    let (Error::Busy(source) | Error::Statement(source)) = error else { return false };
    source.downcast_ref::<postgres::Error>().and_then(postgres::Error::code).is_some_and(|state| {
        matches!(
            *state,
            SqlState::T_R_DEADLOCK_DETECTED
                | SqlState::T_R_SERIALIZATION_FAILURE
                | SqlState::UNIQUE_VIOLATION
                | SqlState::FOREIGN_KEY_VIOLATION
        )
    })
}

impl Backend for Postgres {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self, work: Work<'_>) -> Result<()> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work)
    }

    fn write(&self, work: Work<'_>) -> Result<()> {
        let mut tries = 1;
        loop {
            match self.run("BEGIN", work) {
                Err(error) if tries < TRIES && is_worth_another_try(&error) => {
                    tracing::debug!(%error, tries, "repeating a transaction");
                    std::thread::sleep(std::time::Duration::from_millis(u64::from(tries * tries * 3)));
                    tries += 1;
                }
                outcome => return outcome,
            }
        }
    }

    fn as_postgres(&self) -> Option<&Postgres> {
        Some(self)
    }

    fn size(&self) -> Result<u64> {
        let sql = "SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c \
                   JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'";
        let mut bytes = 0;
        self.read(&mut |session| {
            session.query(sql, &[], &mut |row| {
                bytes = row.int(0)? as u64;
                Ok(())
            })
        })?;
        Ok(bytes)
    }
}

/// Puts a statement into PostgreSQL's words.
fn translate(sql: &str) -> String {
    let mut text = sql.to_owned();
    while let Some(at) = text.find("IN rarray(") {
        let end = text[at..].find(')').map_or(text.len(), |length| at + length);
        let parameter = text[at + "IN rarray(".len()..end].to_owned();
        let negated = text[..at].ends_with("NOT ");
        let (from, words) = if negated { (at - 4, "<> ALL") } else { (at, "= ANY") };
        text.replace_range(from..end, &format!("{words}({parameter}"));
    }
    text.replace('?', "$")
}

impl Connection {
    fn prepare(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= KEPT_STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare(&translate(sql))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Session for Connection {
    fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        on_row: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let statement = self.prepare(sql)?;
        let mut rows = self.client.query_raw(&statement, params.iter())?;
        while let Some(row) = rows.next()? {
            on_row(&Row::Postgres(&row))?;
        }
        Ok(())
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    fn bulk(&mut self, sql: &str, columns: &[Column], rows: &[Vec<Value>]) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let arrays = columns.iter().enumerate().map(|(i, column)| {
            let name = match column {
                Column::Int => "bigint",
                Column::Real => "double precision",
                Column::Text => "text",
                Column::Blob => "bytea",
            };
            format!("${}::{name}[]", i + 1)
        });
        let names = (1..=columns.len()).map(|i| format!("c{i}"));
        let arrays: Vec<String> = arrays.collect();
        let names: Vec<String> = names.collect();
        let table = format!("UNNEST({}) AS r({})", arrays.join(", "), names.join(", "));
        let statement = self.prepare(&sql.replace("{rows}", &table))?;
        let mut touched = 0;
        for chunk in rows.chunks(BULK_ROWS) {
            let arrays: Vec<ColumnArray<'_>> =
                (0..columns.len()).map(|i| ColumnArray { rows: chunk, column: i }).collect();
            let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
            touched += self.client.execute(&statement, &params)?;
        }
        Ok(touched)
    }

    fn new_ids(&mut self, count: usize) -> Result<Vec<i64>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let statement =
            self.prepare("SELECT nextval('tintype_ids') FROM generate_series(1, CAST(?1 AS BIGINT))")?;
        let rows = self.client.query(&statement, &[&(count as i64)])?;
        let mut ids = rows.iter().map(|row| row.try_get(0)).collect::<std::result::Result<Vec<i64>, _>>()?;
        ids.sort_unstable();
        Ok(ids)
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn skip_locked(&self) -> &'static str {
        "FOR UPDATE SKIP LOCKED"
    }
}

type BoxError = Box<dyn std::error::Error + Sync + Send>;

/// PostgreSQL text holds no NUL.
fn without_nul(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, BoxError> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(x) if *ty == Type::FLOAT8 => (*x as f64).to_sql(ty, out),
            Self::Int(x) if *ty == Type::INT4 => i32::try_from(*x)?.to_sql(ty, out),
            Self::Int(x) => x.to_sql(ty, out),
            Self::Real(x) => x.to_sql(ty, out),
            Self::Text(x) => without_nul(x).as_ref().to_sql(ty, out),
            Self::Blob(x) => x.as_slice().to_sql(ty, out),
            Self::Ints(list) => list.to_sql(ty, out),
            Self::Blobs(list) => list.to_sql(ty, out),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// One column of many rows, as an array.
#[derive(Debug)]
struct ColumnArray<'a> {
    rows: &'a [Vec<Value>],
    column: usize,
}

impl ToSql for ColumnArray<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, BoxError> {
        let column: Vec<&Value> = self.rows.iter().map(|row| &row[self.column]).collect();
        column.to_sql(ty, out)
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn statements_are_put_into_postgres_words() {
        assert_eq!(translate("a IN rarray(?1) AND b = ?2"), "a = ANY($1) AND b = $2");
        assert_eq!(translate("a NOT IN rarray(?3)"), "a <> ALL($3)");
    }
}
