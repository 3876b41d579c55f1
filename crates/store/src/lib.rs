//! [`Store`] is Tintype's memory: files and the hashes they vouch for, photos, features, operations with their
//! batches, albums and views, in one SQLite file or a PostgreSQL database. It is the only crate with SQL.
//!
//! It knows no other crate but `core`: the engine decides what to do, the store remembers what was done. All of
//! it is synchronous; a [`Store`] is a handle that threads clone and share.
//!
//! What it promises: a feature is committed with its value (INV-1) and found only by its exact key (INV-2); a
//! batch's results and its checkpoint are one transaction (INV-3), done by exactly one lease holder (INV-4).
//!
//! ```
//! use tintype_store::{Scope, Store, StoreConfig};
//! let folder = std::env::temp_dir().join(format!("tintype-doc-{}", std::process::id()));
//! let store = Store::open(&StoreConfig::new(&folder))?;
//! let root = store.ensure_root(std::path::Path::new("/photos"))?;
//! assert!(store.load_scan(root, None)?.is_empty());
//! assert!(store.unsettled_files(&Scope::Library)?.is_empty());
//! # drop(store);
//! # std::fs::remove_dir_all(&folder).ok();
//! # Ok::<(), tintype_store::Error>(())
//! ```

mod backend;
mod civil;
mod error;
pub mod model;
mod store;

pub use error::{Error, Result};
pub use model::album::{Album, AlbumSource, AlbumUpdate, NewAlbum};
pub use model::backup::{BackupInfo, RecoverReport, RestoreReport};
pub use model::decision::{
    AlbumContent, Annotations, Choice, Decision, Field, Held, NewDecision, PathText, PhotoRef,
};
pub use model::feature::{
    BlobStats, CacheStats, FeatureRow, KeyStats, MemoryStats, PruneReport, StoredFeature,
};
pub use model::item::{
    Item, ItemCommit, ItemCounts, ItemOutcome, ItemState, NewItem, NewTrash, SeenSource, TrashChange,
    TrashEntry,
};
pub use model::listing::{
    Facets, FileDetail, Granularity, PhotoDetail, PhotoFilter, PhotoQuery, PhotoSort, PhotoSummary,
    ReportPhoto, ReportRow, TimelineBucket,
};
pub use model::operation::{
    BatchCounts, BatchLogEntry, Completion, LeasedBatch, NewOperation, Operation, OperationState, Page,
    TransitionFields,
};
pub use model::pack::{ImportCounts, PackedFeature, PackedPicture, PictureId, PictureScores};
pub use model::scan::{
    AppliedScan, FileId, KnownFile, KnownFolder, Root, RootId, ScanChanges, SeenFile, SeenSidecar, Stat,
    WriteMode,
};
pub use model::scope::Scope;
pub use model::search::{
    Adjacent, PhotoFact, Piece, Range, SearchCandidate, SearchCondition, SearchDocument, SearchField,
    SearchRefresh, SearchTerm, TextMatch, folded, words,
};
pub use model::work::{
    BatchCommit, ContentRecord, Counters, FileOutcome, NewFeature, SubjectUpdate, WorkItem, WorkPhoto,
};
pub use store::{Store, StoreConfig, VectorState, backup_path, recover};
