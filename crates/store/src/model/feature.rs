//! Features as they come out of the store, and the store's own figures.

use serde::Serialize;
use tintype_core::{FeatureKey, FeatureValue, Orientation, PhotoId, PixelHash};

/// A stored feature of one photo.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredFeature {
    /// Kind, producer and parameters.
    pub key: FeatureKey,
    /// The fact.
    pub value: FeatureValue,
    /// When it was stored, milliseconds since the Unix epoch.
    pub created_ms: i64,
    /// Size of the stored value before compression.
    pub bytes: u64,
}

/// The features of one photo, for collection steps.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRow {
    /// The photo.
    pub photo: PhotoId,
    /// When it was taken: local wall clock as if it were UTC, milliseconds.
    pub taken_ms: Option<i64>,
    /// The picture.
    pub pixel_hash: PixelHash,
    /// How it is turned.
    pub orientation: Orientation,
    /// One entry for each key asked for, in that order.
    pub values: Vec<Option<FeatureValue>>,
}

/// What [`crate::Store::prune`] removed, or would remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PruneReport {
    /// Files that are gone.
    pub files: u64,
    /// Photos without a file.
    pub photos: u64,
    /// Features that nothing asks for any more.
    pub features: u64,
    /// Pictures that no photo shows.
    pub subjects: u64,
    /// Blobs that no feature refers to.
    pub blobs: u64,
    /// Bytes of features and blobs.
    pub bytes_freed: u64,
}

/// How much is stored under one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyStats {
    /// The fact.
    pub kind: String,
    /// Who made it.
    pub producer: String,
    /// Its parameters as canonical JSON.
    pub params: String,
    /// Features.
    pub entries: u64,
    /// Bytes of values, before compression.
    pub bytes: u64,
}

/// The memory level of the feature store.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct MemoryStats {
    /// Values held.
    pub entries: u64,
    /// Their approximate size.
    pub bytes: u64,
    /// Lookups answered.
    pub hits: u64,
    /// Lookups passed on to the database.
    pub misses: u64,
    /// Hits among lookups, 0 to 1.
    pub hit_rate: f64,
}

/// The blob store beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BlobStats {
    /// Files.
    pub count: u64,
    /// Their size on disk.
    pub bytes: u64,
}

/// The store in figures.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CacheStats {
    /// Features stored.
    pub entries: u64,
    /// Bytes of their values, before compression.
    pub bytes: u64,
    /// The same by key.
    pub by_key: Vec<KeyStats>,
    /// The memory level.
    pub memory: MemoryStats,
    /// Photos with at least one present file.
    pub photos: u64,
    /// Present files.
    pub files: u64,
    /// Distinct pictures.
    pub subjects: u64,
    /// Present files that are further copies of a photo.
    pub duplicate_files: u64,
    /// Size of the database.
    pub database_bytes: u64,
    /// The blob store.
    pub blobs: BlobStats,
}
