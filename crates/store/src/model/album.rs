//! Albums: named parts of the library.

use serde::{Deserialize, Serialize};
use tintype_core::{AlbumId, PhotoId};

use super::listing::PhotoFilter;
use super::scan::RootId;

/// What an album holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlbumSource {
    /// Everything in a folder and below it.
    Folder {
        /// Its root.
        root: RootId,
        /// Path under the root, parts separated by `/`; empty for the whole root.
        rel: Vec<u8>,
    },
    /// Photos picked one by one. An album read back carries none here: list them by [`crate::Scope::Album`].
    Photos {
        /// The photos to begin with.
        photos: Vec<PhotoId>,
    },
    /// Whatever meets the filter, now and later.
    Search {
        /// The filter.
        filter: PhotoFilter,
    },
}

/// An album to create.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlbum {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub source: AlbumSource,
}

/// An album.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Album {
    /// Its id.
    pub id: AlbumId,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub source: AlbumSource,
    /// When it was created, milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// Photos in it that have a present file.
    pub photos: u64,
}

/// A change to an album.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlbumUpdate {
    /// A new name.
    pub name: Option<String>,
    /// Photos to add; only where photos are picked one by one.
    pub add: Vec<PhotoId>,
    /// Photos to remove; only where photos are picked one by one.
    pub remove: Vec<PhotoId>,
}
