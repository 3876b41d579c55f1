//! What can go wrong in the index.

use std::path::{Path, PathBuf};

use tintype_core::ErrorCode;

/// An error of the index. [`Error::code`] is its public code.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A vector has another number of dimensions than the index.
    #[error("the vector has {got} dimensions, the index {expected}")]
    Dimension {
        /// Of the index.
        expected: usize,
        /// Of the vector.
        got: usize,
    },
    /// The index cannot be made for vectors of so many dimensions, or under such names.
    #[error("no index can be made so: {what}")]
    Identity {
        /// What is wrong with it.
        what: String,
    },
    /// A vector holds NaN or infinity.
    #[error("the vector holds a number that is not finite")]
    NotFinite,
    /// A query of zeros has no direction, so nothing is near it.
    #[error("the query vector is zero")]
    ZeroQuery,
    /// The index holds as many rows as its row numbers allow.
    #[error("the index is full")]
    Full,
    /// Another process is writing this index.
    #[error("{path} is being written by another process")]
    Locked {
        /// The index file.
        path: PathBuf,
    },
    /// Another process has written this index since it was opened: open it again.
    #[error("{path} was changed by another process")]
    Changed {
        /// The index file.
        path: PathBuf,
    },
    /// The file is damaged: make it again from the store.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The index file.
        path: PathBuf,
        /// How we know.
        reason: String,
    },
    /// The file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The graph could not be made or asked.
    #[error("the graph: {what}")]
    Graph {
        /// What `usearch` said.
        what: String,
    },
    /// The caller's [`Vectors`](crate::Vectors) failed.
    #[error("the vectors to compare could not be read")]
    Vectors(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The public code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Dimension { .. } | Self::Identity { .. } | Self::NotFinite | Self::ZeroQuery => {
                ErrorCode::ValidationError
            }
            Self::Locked { .. } | Self::Changed { .. } => ErrorCode::Busy,
            Self::Full => ErrorCode::NotSupported,
            Self::Damaged { .. } => ErrorCode::FileDamaged,
            Self::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                ErrorCode::StorageFull
            }
            Self::Io { .. } => ErrorCode::FileUnwritable,
            Self::Graph { .. } => ErrorCode::Internal,
            Self::Vectors(_) => ErrorCode::DatabaseUnavailable,
        }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    #[cfg(feature = "hnsw")]
    pub(crate) fn graph(what: impl Into<Box<dyn std::error::Error>>) -> Self {
        Self::Graph { what: what.into().to_string() }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }
}
