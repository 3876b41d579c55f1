//! [`Engine`] is Tintype's domain: it finds photos under folders, reads each once, remembers every computed fact in
//! the store, and never computes one twice. `media` gives it pixels and metadata, `vision` the functions over them,
//! `store` the memory; this crate is the only place where they meet.
//!
//! Work over many photos is an operation ([`OperationRequest`]): durable, resumable, watched through
//! [`OperationView`]. A step of the pipeline is one file under `steps/` and one row of its table.
//!
//! ```no_run
//! use tintype_core::Control;
//! use tintype_engine::{Engine, EngineConfig, OperationRequest};
//!
//! # fn main() -> tintype_engine::Result<()> {
//! let engine = Engine::open(EngineConfig::new("library-data".into()))?;
//! let photos = engine.local_folder("photos".as_ref())?;
//! let request = OperationRequest::Index { paths: vec![photos], steps: None, config: serde_json::Value::Null };
//! let done = engine.run(&request, &Control::new(), &mut |view| eprintln!("{} of {}", view.done, view.total))?;
//! println!("{} features computed", done.computed);
//! # Ok(())
//! # }
//! ```

mod annotate;
mod backups;
mod budget;
mod captions;
mod care;
mod claim;
mod dates;
mod edit_dates;
mod empty_folders;
mod engine;
mod error;
mod executor;
mod feature_pack;
mod import;
mod items;
mod journal;
mod library;
mod live;
mod models;
mod moving;
mod operations;
pub mod paths;
mod planner;
mod previews;
mod reading;
mod rebuild;
mod report;
mod runner;
mod scan;
pub mod search;
mod steps;
mod trash;
mod upload;
pub mod vectors;
mod verify;
mod walk;
mod watch;
mod write_back;

pub use annotate::{Change, Mark, Written};
pub use captions::{MadeOf, PictureCaption};
pub use dates::rfc3339;
pub use edit_dates::{DateChange, DateEdit};
pub use engine::{Engine, EngineConfig};
pub use error::{Error, Result};
pub use feature_pack::{ExportReport, ImportReport, PackProgress};
pub use import::{DEFAULT_TEMPLATE, ImportPlan, ImportPreview};
pub use journal::DecisionImport;
pub use library::{CacheReport, Check, Coverage, DuplicatePage, FeatureView, Original, Preview};
pub use operations::{OperationRequest, OperationView};
pub use previews::PREVIEW_SIZES;
pub use reading::{FileDescription, describe};
pub use report::ReportLine;
pub use steps::group_duplicates::{DuplicateGroup, DuplicateMember, Tier};
pub use steps::{PRESETS, Parameter, StepRow, StepScope};
pub use tintype_infer as infer;
pub use tintype_media::jpeg_backend;
pub use tintype_store as store;
pub use trash::{TrashChoice, Unwanted};
pub use watch::{WatchEvent, WatchOptions};
