//! What can stop the engine from trying. A broken photo is never an error here: see [`tintype_core::Issue`].

use std::path::PathBuf;

use tintype_core::{AlbumId, ErrorCode, OperationId, PhotoId};
use tintype_store::OperationState;

/// Why the engine could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database refused or failed.
    #[error(transparent)]
    Store(#[from] tintype_store::Error),
    /// A picture could not be read or decoded.
    #[error(transparent)]
    Media(#[from] tintype_media::Error),
    /// A model could not be had, loaded or run.
    #[error(transparent)]
    Model(#[from] tintype_infer::Error),
    /// A vector index failed.
    #[error(transparent)]
    Index(#[from] tintype_index::Error),
    /// A file of the data directory could not be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// A folder given by the user is not there.
    #[error("no such folder: {}", .0.display())]
    PathNotFound(PathBuf),
    /// The path is a file where a folder is needed.
    #[error("not a folder: {}", .0.display())]
    NotAFolder(PathBuf),
    /// The data directory lies inside the folder to index, or the other way round.
    #[error("{} lies inside Tintype's own data directory", .0.display())]
    InsideDataDir(PathBuf),
    /// Paths given through the API must lie under configured roots.
    #[error("{} is outside the folders this server may read; start it with that folder, or with --allow", .0.display())]
    PathNotAllowed(PathBuf),
    /// No step has this name.
    #[error("no pipeline step is called {name:?}{}", .nearest.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default())]
    UnknownStep {
        /// As given.
        name: String,
        /// The step with the most similar name.
        nearest: Option<&'static str>,
    },
    /// A step's parameter is unknown or out of range.
    #[error("step {step}: {detail}")]
    BadParameter {
        /// The step.
        step: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// A value given is wrong.
    #[error("{field} {detail}")]
    BadValue {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// No such operation.
    #[error("no operation has the id {0}")]
    NoOperation(OperationId),
    /// The operation's state does not allow this.
    #[error("the operation is {}; it cannot {wanted} now", state.as_str())]
    WrongState {
        /// Its state.
        state: OperationState,
        /// What was asked.
        wanted: &'static str,
    },
    /// No such album.
    #[error("no album has the id {0}")]
    NoAlbum(AlbumId),
    /// No such photo.
    #[error("no photo has the id {0}")]
    NoPhoto(PhotoId),
    /// Something exists but cannot be had now: pixels, a file, a folder that is offline, a fact that a step needs.
    #[error("{detail}")]
    Unavailable {
        /// Why.
        code: ErrorCode,
        /// In words.
        detail: String,
    },
    /// A feature pack is none, or damaged, or of a newer version.
    #[error("{} cannot be taken in: {detail}", path.display())]
    InvalidPack {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Stored parameters of an operation could not be understood.
    #[error("the stored request of operation {0} cannot be read: {1}")]
    BadRequest(OperationId, serde_json::Error),
}

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The public code of this error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Media(error) => error.code(),
            Self::Model(error) => error.code(),
            Self::Index(error) => error.code(),
            Self::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => ErrorCode::StorageFull,
            Self::Io(_) => ErrorCode::FileUnreadable,
            Self::PathNotFound(_) | Self::NotAFolder(_) => ErrorCode::PathNotFound,
            Self::InsideDataDir(_) | Self::PathNotAllowed(_) => ErrorCode::PathNotAllowed,
            Self::UnknownStep { .. } => ErrorCode::UnknownStep,
            Self::BadParameter { .. } | Self::BadValue { .. } => ErrorCode::ValidationError,
            Self::NoOperation(_) | Self::NoAlbum(_) | Self::NoPhoto(_) => ErrorCode::NotFound,
            Self::WrongState { .. } => ErrorCode::Conflict,
            Self::Unavailable { code, .. } => *code,
            Self::InvalidPack { .. } => ErrorCode::InvalidPack,
            Self::BadRequest(..) => ErrorCode::Internal,
        }
    }
}
