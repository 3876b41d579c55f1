//! Library folders.

use serde::{Deserialize, Serialize};
use tintype_engine::store;
use utoipa::ToSchema;

/// Where decisions about a folder's photos are written, beside the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WriteMode {
    /// Nowhere: the folder is only read.
    Database,
    /// Into XMP side files beside the photos.
    Sidecar,
    /// Into the photos' files where their format allows, into side files otherwise.
    File,
}

impl From<store::WriteMode> for WriteMode {
    fn from(mode: store::WriteMode) -> Self {
        match mode {
            store::WriteMode::Database => Self::Database,
            store::WriteMode::Sidecar => Self::Sidecar,
            store::WriteMode::File => Self::File,
        }
    }
}

impl From<WriteMode> for store::WriteMode {
    fn from(mode: WriteMode) -> Self {
        match mode {
            WriteMode::Database => Self::Database,
            WriteMode::Sidecar => Self::Sidecar,
            WriteMode::File => Self::File,
        }
    }
}

/// A change to a folder.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RootChange {
    /// Where decisions are written from now on.
    pub(crate) write_mode: WriteMode,
}

/// A folder that photos are read from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Root {
    /// Its number.
    pub(crate) id: i64,
    /// Where it is, control characters escaped.
    pub(crate) path: String,
    /// Whether it could be reached when last looked at; photos of an unreachable folder stay.
    pub(crate) online: bool,
    /// Photos in it.
    pub(crate) photos: u64,
    /// Where decisions about its photos are written.
    pub(crate) write_mode: WriteMode,
}
