//! What the two databases have in common.
//!
//! Statements are written once, in the part of SQL that SQLite and PostgreSQL share, with three notations that
//! each [`Session`] puts into its own words: `?1` for a parameter, `IN rarray(?1)` for membership in a list that
//! is passed as one parameter, and `{rows}` in [`Session::bulk`] for the rows that a set-based statement works
//! on. Whole numbers are 64 bits wide, booleans 0 or 1, JSON text and ids bytes on both, so that no
//! value needs a dialect.

pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod transfer;

use crate::error::{Error, Result};

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
    Ints(Vec<i64>),
    Blobs(Vec<Vec<u8>>),
}

macro_rules! value_from {
    ($($from:ty => |$x:ident| $to:expr;)*) => {
        $(impl From<$from> for Value { fn from($x: $from) -> Self { $to } })*
    };
}

value_from! {
    i64 => |x| Self::Int(x);
    u64 => |x| Self::Int(x as i64);
    u32 => |x| Self::Int(i64::from(x));
    i32 => |x| Self::Int(i64::from(x));
    i8 => |x| Self::Int(i64::from(x));
    usize => |x| Self::Int(x as i64);
    bool => |x| Self::Int(i64::from(x));
    f64 => |x| Self::Real(x);
    String => |x| Self::Text(x);
    &String => |x| Self::Text(x.clone());
    &str => |x| Self::Text(x.to_owned());
    Vec<u8> => |x| Self::Blob(x);
    &Vec<u8> => |x| Self::Blob(x.clone());
    &[u8] => |x| Self::Blob(x.to_vec());
    &[u8; 32] => |x| Self::Blob(x.to_vec());
    uuid::Uuid => |x| Self::Blob(x.as_bytes().to_vec());
    Vec<i64> => |x| Self::Ints(x);
    Vec<Vec<u8>> => |x| Self::Blobs(x);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Null, Into::into)
    }
}

/// `params![a, b]` is `&[Value::from(a), Value::from(b)]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::backend::Value::from($value)),*][..] };
}
/// `values![a, b]` is one row for [`Session::bulk`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::backend::Value::from($value)),*] };
}
pub(crate) use {params, values};

/// The databases, where their SQL has nothing in common: full-text search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The type of a column of [`Session::bulk`]'s rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Int,
    Real,
    Text,
    Blob,
}

/// A row of a result.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a ::postgres::Row),
}

impl Row<'_> {
    pub(crate) fn opt_int(&self, i: usize) -> Result<Option<i64>> {
        Ok(match self {
            Self::Sqlite(row) => row.get(i)?,
            Self::Postgres(row) => row.try_get(i)?,
        })
    }

    pub(crate) fn int(&self, i: usize) -> Result<i64> {
        match self {
            Self::Sqlite(row) => Ok(row.get(i)?),
            Self::Postgres(row) => Ok(row.try_get(i)?),
        }
    }

    pub(crate) fn opt_real(&self, i: usize) -> Result<Option<f64>> {
        Ok(match self {
            Self::Sqlite(row) => row.get(i)?,
            Self::Postgres(row) => row.try_get(i)?,
        })
    }

    pub(crate) fn opt_text(&self, i: usize) -> Result<Option<String>> {
        Ok(match self {
            Self::Sqlite(row) => row.get(i)?,
            Self::Postgres(row) => row.try_get(i)?,
        })
    }

    pub(crate) fn text(&self, i: usize) -> Result<String> {
        self.opt_text(i)?.ok_or(Error::value("text"))
    }

    /// Bytes, borrowed from the row.
    pub(crate) fn bytes(&self, i: usize) -> Result<&[u8]> {
        match self {
            Self::Sqlite(row) => row.get_ref(i)?.as_blob().map_err(|_type| Error::value("blob")),
            Self::Postgres(row) => Ok(row.try_get(i)?),
        }
    }

    pub(crate) fn opt_bytes(&self, i: usize) -> Result<Option<&[u8]>> {
        match self {
            Self::Sqlite(row) => row.get_ref(i)?.as_blob_or_null().map_err(|_type| Error::value("blob")),
            Self::Postgres(row) => Ok(row.try_get(i)?),
        }
    }

    pub(crate) fn bool(&self, i: usize) -> Result<bool> {
        Ok(self.int(i)? != 0)
    }

    pub(crate) fn opt_bool(&self, i: usize) -> Result<Option<bool>> {
        Ok(self.opt_int(i)?.map(|x| x != 0))
    }
}

/// A transaction on one connection.
pub(crate) trait Session {
    /// Calls `on_row` for each row of the result, as they come.
    fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        on_row: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()>;

    /// Runs a statement; the number of rows it touched.
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64>;

    /// Runs a statement on many rows: `{rows}` in `sql` stands for a table `r` with columns `c1`, `c2`, … of the
    /// given types. The number of rows it touched. The statement may be run once for each row, so what it does to
    /// one row must not depend on the others.
    fn bulk(&mut self, sql: &str, columns: &[Column], rows: &[Vec<Value>]) -> Result<u64>;

    /// Reserves `count` ids for new rows of any table.
    fn new_ids(&mut self, count: usize) -> Result<Vec<i64>>;

    /// Whose words full-text search is written in.
    fn dialect(&self) -> Dialect;

    /// What a `SELECT` of rows to be taken by one of several workers ends with.
    fn skip_locked(&self) -> &'static str;
}

/// What to do in a transaction. It may be called again when the database asks for another try.
pub(crate) type Work<'a> = &'a mut dyn FnMut(&mut dyn Session) -> Result<()>;

/// A database.
pub(crate) trait Backend: Send + Sync {
    /// Product and version.
    fn name(&self) -> &str;

    /// Runs `work` on one snapshot, without writing.
    fn read(&self, work: Work<'_>) -> Result<()>;

    /// Runs `work` in a transaction that is committed if and only if it returns `Ok`.
    fn write(&self, work: Work<'_>) -> Result<()>;

    /// Size on disk, in bytes.
    fn size(&self) -> Result<u64>;

    /// The SQLite file, if it is one.
    fn as_sqlite(&self) -> Option<&sqlite::Sqlite> {
        None
    }

    /// The PostgreSQL database, if it is one.
    fn as_postgres(&self) -> Option<&postgres::Postgres> {
        None
    }
}

/// The first row, mapped.
pub(crate) fn query_one<T>(
    session: &mut dyn Session,
    sql: &str,
    params: &[Value],
    mut map: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut found = None;
    session.query(sql, params, &mut |row| {
        if found.is_none() {
            found = Some(map(row)?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// All rows, mapped.
pub(crate) fn query_all<T>(
    session: &mut dyn Session,
    sql: &str,
    params: &[Value],
    mut map: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    session.query(sql, params, &mut |row| {
        all.push(map(row)?);
        Ok(())
    })?;
    Ok(all)
}
