//! What can go wrong in the store.

use std::path::PathBuf;

use tintype_core::ErrorCode;

/// An error of the store. [`Error::code`] is its public code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something that the caller named does not exist.
    #[error("no such {what}")]
    NotFound {
        /// What was named.
        what: String,
    },
    /// The store is in a state that does not allow this now, for example a lease was lost (INV-4).
    #[error("{what}")]
    Conflict {
        /// Why not.
        what: String,
    },
    /// The caller passed something that cannot be, for example a cursor of another sort order.
    #[error("{what}")]
    Invalid {
        /// What is wrong with it.
        what: String,
    },
    /// The database in use cannot do this.
    #[error("{what}")]
    Unsupported {
        /// Why, and what to use instead.
        what: String,
    },
    /// The database was written by something else, or by a newer version. It was left untouched.
    #[error("{database} is not a database of this version of Tintype: {detail}")]
    Foreign {
        /// File or schema.
        database: String,
        /// How we know.
        detail: String,
    },
    /// The database is damaged.
    #[error("{database} is damaged: {detail}")]
    Corrupt {
        /// File or schema.
        database: String,
        /// How we know.
        detail: String,
    },
    /// Someone else holds the database for longer than we care to wait.
    #[error("the database is busy")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk is full.
    #[error("no space left for the database")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database cannot be reached, opened or written.
    #[error("the database cannot be used: {detail}")]
    Unavailable {
        /// What happened.
        detail: String,
        /// The driver's error, if there is one.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The database refused a statement.
    #[error("the database refused a statement")]
    Statement(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored value is not what it should be.
    #[error("a stored {what} cannot be read")]
    Value {
        /// Which value.
        what: &'static str,
        /// Why, where there is a cause.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// A file beside the database could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
}

/// What functions of the store return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The public code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Conflict { .. } => ErrorCode::Conflict,
            Self::Invalid { .. } => ErrorCode::ValidationError,
            Self::Unsupported { .. } => ErrorCode::NotSupported,
            Self::Foreign { .. } => ErrorCode::DatabaseForeign,
            Self::Corrupt { .. } | Self::Value { .. } => ErrorCode::DatabaseCorrupt,
            Self::Busy(_) => ErrorCode::Busy,
            Self::Full(_) => ErrorCode::StorageFull,
            Self::Unavailable { .. } => ErrorCode::DatabaseUnavailable,
            Self::Statement(_) => ErrorCode::Internal,
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull,
                _ => ErrorCode::DatabaseUnavailable,
            },
        }
    }

    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict { what: what.into() }
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }

    pub(crate) fn value(what: &'static str) -> Self {
        Self::Value { what, source: None }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                Self::Corrupt { database: "tintype.db".to_owned(), detail: error.to_string() }
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy(error.into()),
            Some(Code::DiskFull) => Self::Full(error.into()),
            Some(
                Code::CannotOpen
                | Code::ReadOnly
                | Code::PermissionDenied
                | Code::SystemIoFailure
                | Code::OutOfMemory
                | Code::FileLockingProtocolFailed,
            ) => Self::Unavailable { detail: error.to_string(), source: Some(error.into()) },
            _ => Self::Statement(error.into()),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        let Some(state) = error.code() else {
            return Self::Unavailable { detail: error.to_string(), source: Some(error.into()) };
        };
        if matches!(*state, SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED) {
            Self::Corrupt { database: "the PostgreSQL database".to_owned(), detail: error.to_string() }
        } else if *state == SqlState::DISK_FULL {
            Self::Full(error.into())
        } else if matches!(
            *state,
            SqlState::T_R_DEADLOCK_DETECTED
                | SqlState::T_R_SERIALIZATION_FAILURE
                | SqlState::LOCK_NOT_AVAILABLE
                | SqlState::TOO_MANY_CONNECTIONS
        ) {
            Self::Busy(error.into())
        } else if ["08", "28", "3D", "57", "53", "58"].iter().any(|class| state.code().starts_with(class)) {
            // Connection, authorisation, missing database, operator's intervention, resources, system (SQLSTATE classes).
            Self::Unavailable { detail: error.to_string(), source: Some(error.into()) }
        } else {
            Self::Statement(error.into())
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Value { what: "JSON value", source: Some(error) }
    }
}
