//! The handle, and the work it is cut into: one file per noun.

mod albums;
mod backups;
mod blobs;
mod captions;
mod commit;
mod decisions;
mod features;
mod items;
mod listing;
mod maintenance;
mod memory;
mod operations;
mod packs;
mod paths;
mod photo;
mod report;
mod roots;
mod scan;
mod scope;
mod search;
mod sidecars;
mod stacks;
mod timeline;
mod trash;
mod vectors;
mod views;
mod work;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use tintype_core::FeatureKey;

use crate::backend::postgres::Postgres;
use crate::backend::sqlite::Sqlite;
use crate::backend::{Backend, Session, query_one};
use crate::error::{Error, Result};
pub use backups::{backup_path, recover};
use blobs::Blobs;
use memory::Memory;
pub(crate) use paths::to_path;
pub use vectors::VectorState;

/// Where the store keeps what, and how much of it in memory.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Folder for the SQLite file, blobs and backups; created when missing.
    pub data_dir: PathBuf,
    /// Address of a PostgreSQL database, `postgres://user@host:port/name`; `None` is SQLite in `data_dir`.
    pub url: Option<String>,
    /// Bytes of feature values kept in memory; 0 keeps none.
    pub cache_bytes: usize,
    /// How long values stay in memory; `None` is until they are pushed out.
    pub cache_ttl: Option<Duration>,
}

impl StoreConfig {
    /// SQLite in `data_dir` with 64 MiB of memory for feature values.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), url: None, cache_bytes: 64 << 20, cache_ttl: None }
    }
}

/// The database, its blobs and the memory level above them. Clones share all three.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Box<dyn Backend>,
    data_dir: PathBuf,
    blobs: Blobs,
    memory: Mutex<Memory>,
    /// Rows of feature keys, which never change.
    keys: RwLock<HashMap<FeatureKey, i64>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("backend", &self.inner.backend.name()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store, creating or migrating it as needed.
    ///
    /// A database that is not ours or is newer than this program gives [`Error::Foreign`], a damaged one
    /// [`Error::Corrupt`]; neither is touched.
    pub fn open(config: &StoreConfig) -> Result<Self> {
        fs_err::create_dir_all(&config.data_dir).map_err(Error::io(&config.data_dir))?;
        let backend: Box<dyn Backend> = match &config.url {
            Some(url) => Box::new(Postgres::open(url)?),
            None => Box::new(Sqlite::open(&config.data_dir)?),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                backend,
                data_dir: config.data_dir.clone(),
                blobs: Blobs::new(config.data_dir.join("blobs")),
                memory: Mutex::new(Memory::new(config.cache_bytes, config.cache_ttl)),
                keys: RwLock::new(HashMap::new()),
            }),
        })
    }

    /// Product and version of the database, for example `SQLite 3.51.1`.
    pub fn backend_name(&self) -> String {
        self.inner.backend.name().to_owned()
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    /// Asks the database something small, to see whether it answers.
    pub fn ping(&self) -> Result<()> {
        self.generation().map(|_generation| ())
    }

    /// The library's generation: it grows with every change of which files and photos there are, and with every
    /// removal of features, but not when features are added.
    pub fn generation(&self) -> Result<u64> {
        self.read(|session| {
            let sql = "SELECT generation FROM tintype_meta WHERE id = 1";
            query_one(session, sql, &[], |row| row.int(0))?
                .map(|generation| generation as u64)
                .ok_or(Error::value("generation"))
        })
    }

    fn read<T>(&self, mut work: impl FnMut(&mut dyn Session) -> Result<T>) -> Result<T> {
        let mut answer = None;
        self.inner.backend.read(&mut |session| {
            answer = Some(work(session)?);
            Ok(())
        })?;
        answer.ok_or(Error::value("answer"))
    }

    fn write<T>(&self, mut work: impl FnMut(&mut dyn Session) -> Result<T>) -> Result<T> {
        let mut answer = None;
        self.inner.backend.write(&mut |session| {
            answer = Some(work(session)?);
            Ok(())
        })?;
        answer.ok_or(Error::value("answer"))
    }
}

/// Counts one change of the library.
fn bump_generation(session: &mut dyn Session) -> Result<()> {
    session.execute("UPDATE tintype_meta SET generation = generation + 1 WHERE id = 1", &[])?;
    Ok(())
}
