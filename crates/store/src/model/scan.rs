//! Library roots, the files under them, and what a walk found.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A library root's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RootId(pub i64);

/// A file's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(pub i64);

/// Where decisions about a root's photos are written, beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteMode {
    /// Nowhere else: the folder is only read.
    #[default]
    Database,
    /// Into XMP side files beside the photos.
    Sidecar,
    /// Into the photos' files where their format allows, into side files otherwise.
    File,
}

impl WriteMode {
    /// The mode as it is written in responses and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Sidecar => "sidecar",
            Self::File => "file",
        }
    }

    /// The mode that `text` names.
    pub fn from_name(text: &str) -> Option<Self> {
        [Self::Database, Self::Sidecar, Self::File].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A folder that photos are read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its row.
    pub id: RootId,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it could be reached when last looked at.
    pub online: bool,
    /// Where decisions about its photos are written.
    pub write_mode: WriteMode,
}

/// What the file system says about a file without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// Time of the last modification, nanoseconds since the Unix epoch.
    pub mtime_ns: i64,
    /// Inode number; 0 where there is none.
    pub inode: u64,
}

/// A file as the store remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// Its row.
    pub id: FileId,
    /// File name, bytes as the file system has them.
    pub name: Box<[u8]>,
    /// What it looked like when it was last seen.
    pub stat: Stat,
    /// Hashed, or failed with a recorded issue: not to be opened again while `stat` is unchanged.
    pub settled: bool,
    /// Whether it was there at the last walk.
    pub present: bool,
}

/// A folder with the files that the store remembers in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFolder {
    /// Path under the root, parts separated by `/`; empty for the root itself.
    pub rel: Vec<u8>,
    /// Its files, sorted by name.
    pub files: Vec<KnownFile>,
}

/// A file that a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// Path of its folder under the root, parts separated by `/`; empty for the root itself.
    pub folder: Vec<u8>,
    /// File name.
    pub name: Vec<u8>,
    /// What it looks like.
    pub stat: Stat,
}

/// An XMP side file that a walk found beside a photo's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeenSidecar {
    /// Path of the folder under the root.
    pub folder: Vec<u8>,
    /// Name of the file that it describes.
    pub of: Vec<u8>,
    /// Its own name.
    pub name: Vec<u8>,
    /// Bytes.
    pub size: u64,
    /// Time of the last modification, nanoseconds since the Unix epoch.
    pub mtime_ns: i64,
}

/// How the files under a root differ from what the store remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanChanges {
    /// Paths that were not known.
    pub added: Vec<SeenFile>,
    /// Files whose stat changed; they become unsettled.
    pub changed: Vec<(FileId, Stat)>,
    /// Files with the same inode, size and mtime under a new path: the row is re-pointed and keeps its state.
    pub moved: Vec<(FileId, SeenFile)>,
    /// Files that are not there any more; row and photo are kept.
    pub gone: Vec<FileId>,
    /// Files that are there again, unchanged.
    pub back: Vec<FileId>,
}

impl ScanChanges {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.changed.is_empty()
            && self.moved.is_empty()
            && self.gone.is_empty()
            && self.back.is_empty()
    }
}

/// What came of [`ScanChanges`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedScan {
    /// Rows of the added files, in the order given.
    pub added: Vec<FileId>,
}
