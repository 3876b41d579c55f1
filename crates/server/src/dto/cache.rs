//! The feature store in figures.

use serde::{Deserialize, Serialize};
use tintype_engine::{CacheReport, store};
use utoipa::ToSchema;

/// How much is stored of one kind, by one producer with one set of parameters.
#[derive(Debug, Serialize, ToSchema)]
struct KeyStats {
    /// The fact.
    kind: String,
    /// Who made it.
    producer: String,
    /// Its parameters as canonical JSON.
    params: String,
    /// Features.
    entries: u64,
    /// Bytes of their values.
    bytes: u64,
}

/// The memory level.
#[derive(Debug, Serialize, ToSchema)]
struct MemoryStats {
    /// Values held.
    entries: u64,
    /// Their approximate size.
    bytes: u64,
    /// Lookups answered.
    hits: u64,
    /// Lookups passed on to the database.
    misses: u64,
    /// Hits among lookups, 0 to 1.
    hit_rate: f64,
}

/// Large values beside the database.
#[derive(Debug, Serialize, ToSchema)]
struct BlobStats {
    /// Files.
    count: u64,
    /// Their size on disk.
    bytes: u64,
}

/// How many photos have a feature.
#[derive(Debug, Serialize, ToSchema)]
struct Coverage {
    /// The fact.
    kind: String,
    /// Who makes it.
    producer: String,
    /// Photos that have it.
    have: u64,
    /// Photos in all.
    total: u64,
}

/// The feature store in figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CacheStats {
    /// Features stored.
    entries: u64,
    /// Bytes of their values.
    bytes: u64,
    /// The same by kind, producer and parameters.
    by_key: Vec<KeyStats>,
    /// The memory level since the server started.
    memory: MemoryStats,
    /// Photos with a file.
    photos: u64,
    /// Files.
    files: u64,
    /// Distinct pictures.
    subjects: u64,
    /// Files that are further copies of a photo.
    duplicate_files: u64,
    /// Size of the database.
    database_bytes: u64,
    /// Large values beside the database.
    blobs: BlobStats,
    /// How many photos have each feature that the current steps make: of a kind's producers, those whose models are here
    /// and those that have made something, else the first.
    coverage: Vec<Coverage>,
}

impl From<CacheReport> for CacheStats {
    fn from(report: CacheReport) -> Self {
        let stats = report.stats;
        let key = |key: store::KeyStats| {
            let store::KeyStats { kind, producer, params, entries, bytes } = key;
            KeyStats { kind, producer, params, entries, bytes }
        };
        let coverage = |coverage: tintype_engine::Coverage| {
            let tintype_engine::Coverage { kind, producer, have, total } = coverage;
            Coverage { kind, producer, have, total }
        };
        let store::MemoryStats { entries, bytes, hits, misses, hit_rate } = stats.memory;
        Self {
            entries: stats.entries,
            bytes: stats.bytes,
            by_key: stats.by_key.into_iter().map(key).collect(),
            memory: MemoryStats { entries, bytes, hits, misses, hit_rate },
            photos: stats.photos,
            files: stats.files,
            subjects: stats.subjects,
            duplicate_files: stats.duplicate_files,
            database_bytes: stats.database_bytes,
            blobs: BlobStats { count: stats.blobs.count, bytes: stats.blobs.bytes },
            coverage: report.coverage.into_iter().map(coverage).collect(),
        }
    }
}

/// How to prune.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PruneRequest {
    /// Only say what would be removed.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What was removed, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PruneReport {
    /// Files that are gone.
    files: u64,
    /// Photos without a file.
    photos: u64,
    /// Features that nothing asks for any more.
    features: u64,
    /// Pictures that no photo shows.
    subjects: u64,
    /// Blobs that no feature refers to.
    blobs: u64,
    /// Bytes of features and blobs.
    bytes_freed: u64,
    /// Whether nothing was removed.
    dry_run: bool,
}

impl PruneReport {
    /// The record of `report`.
    pub(crate) fn new(report: store::PruneReport, dry_run: bool) -> Self {
        let store::PruneReport { files, photos, features, subjects, blobs, bytes_freed } = report;
        Self { files, photos, features, subjects, blobs, bytes_freed, dry_run }
    }
}

/// What was forgotten about a photo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Forgotten {
    /// Features removed.
    pub(crate) features: u64,
}
