//! [`Models`]: the models of one installation. Where their files are, how they get there, and sessions that are
//! loaded when first used and let go when not used for a while.

mod edit;
mod exports;
mod fetch;
mod files;
mod loaded;
mod lower;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tintype_core::Control;

pub use fetch::FetchOptions;
#[cfg(test)]
pub(crate) use files::sha256_hex;

use crate::engine::{Engine, EngineChoice, EngineConfig, EngineReport, Provider};
use crate::error::{Error, Result};
use crate::own;
use crate::registry::edit::Edit;
use crate::registry::fetch::{Fetch, Place};
use crate::registry::loaded::{Known, Loaded};
use crate::runs::{RunCounter, RunTotals};
use crate::session::{Session, SessionOptions};
use crate::table::{Format, ModelRow, Part, Pin};

/// Settings of [`Models`].
#[derive(Debug, Clone)]
pub struct InferConfig {
    /// Where files of models are kept.
    pub models_dir: PathBuf,
    /// A directory or an `http(s)` address that has the files, by name or by SHA-256. Asked before the publishers.
    pub mirror: Option<String>,
    /// Whether publishers' addresses may be asked at all.
    pub allow_official: bool,
    /// Which engine is wanted.
    pub engine: EngineChoice,
    /// What ONNX Runtime is to compute on.
    pub provider: Provider,
    /// The library of ONNX Runtime, if it is not to be looked for.
    pub onnxruntime: Option<PathBuf>,
    /// Folders in which that library is looked for first (`<data>/lib`).
    pub library_dirs: Vec<PathBuf>,
    /// How sessions share the machine.
    pub sessions: SessionOptions,
    /// After how many seconds without use a session is let go; 0 keeps it.
    pub idle_secs: u64,
    /// How many bytes of weights may be loaded; beyond that the session longest unused is let go. 0: no limit.
    pub memory_limit: u64,
    /// How files are fetched.
    pub fetch: FetchOptions,
}

impl InferConfig {
    /// Files in `models_dir`, everything else as it usually is.
    pub fn new(models_dir: impl Into<PathBuf>) -> Self {
        Self {
            models_dir: models_dir.into(),
            mirror: None,
            allow_official: true,
            engine: EngineChoice::Auto,
            provider: Provider::Cpu,
            onnxruntime: None,
            library_dirs: Vec::new(),
            sessions: SessionOptions::default(),
            idle_secs: 300,
            memory_limit: 0,
            fetch: FetchOptions::default(),
        }
    }
}

/// Where a model stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "reason")]
pub enum ModelState {
    /// A file is missing.
    Absent,
    /// Its files are there; nothing is loaded.
    Installed,
    /// A graph of it is being loaded.
    Loading,
    /// A graph of it is loaded.
    Ready,
    /// It cannot be used, and why.
    Failed(String),
}

/// A row of the table with what is there of it.
#[derive(Debug, Clone, Serialize)]
pub struct ModelStatus {
    /// The row.
    #[serde(flatten)]
    pub row: &'static ModelRow,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ModelState,
    /// Bytes of its files on this machine.
    pub installed_bytes: u64,
    /// Bytes of weights loaded now.
    pub loaded_bytes: u64,
    /// Graphs that are loaded now.
    pub sessions: usize,
    /// What its graphs did since the program started.
    pub ran: RunTotals,
}

/// How a pull goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PullProgress {
    /// The model.
    pub model: &'static str,
    /// The file that is being fetched.
    pub file: &'static str,
    /// Bytes of it that are there.
    pub bytes: u64,
    /// Bytes of it in all, where known.
    pub total: Option<u64>,
}

/// What was found out about one file by [`Models::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// What the file is in its model.
    pub role: &'static str,
    /// Its name in the table.
    pub name: &'static str,
    /// Where it is, if it is there.
    pub path: Option<PathBuf>,
    /// What is wrong with it, if anything.
    pub problem: Option<String>,
}

/// The models of one installation. Clones are the same.
#[derive(Debug, Clone)]
pub struct Models(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: InferConfig,
    rows: &'static [ModelRow],
    /// Chosen when first asked for: looking for a shared library takes longer than many a command.
    engine: OnceLock<(Engine, EngineReport)>,
    loaded: Loaded,
    /// By model; one that never ran has none.
    runs: Mutex<BTreeMap<&'static str, Arc<RunCounter>>>,
}

impl Models {
    /// Opens the models directory, which need not exist. Never fails: what is missing shows
    /// when it is asked for.
    ///
    /// The table is [`MODELS`] and the models that people list in [`own::FILE`](crate::own::FILE) there.
    pub fn open(config: InferConfig) -> Self {
        let rows = own::with_own(&config.models_dir);
        Self::with_rows(config, rows)
    }

    /// The same with another table.
    pub(crate) fn with_rows(config: InferConfig, rows: &'static [ModelRow]) -> Self {
        let loaded = Loaded::new(Duration::from_secs(config.idle_secs), config.memory_limit);
        Self(Arc::new(Inner { config, rows, engine: OnceLock::new(), loaded, runs: Mutex::default() }))
    }

    /// The settings.
    pub fn config(&self) -> &InferConfig {
        &self.0.config
    }

    /// The engine in use.
    pub fn engine(&self) -> &Engine {
        &self.chosen().0
    }

    fn chosen(&self) -> &(Engine, EngineReport) {
        self.0.engine.get_or_init(|| {
            let config = &self.0.config;
            let (engine, report) = Engine::choose(&EngineConfig {
                choice: config.engine,
                provider: config.provider,
                library: config.onnxruntime.clone(),
                library_dirs: config.library_dirs.clone(),
            });
            tracing::debug!(engine = %report.engine, version = report.version, reason = report.reason, "engine");
            (engine, report)
        })
    }

    /// Which engine runs, and why.
    pub fn engine_report(&self) -> &EngineReport {
        &self.chosen().1
    }

    /// The row of a model; [`Error::UnknownModel`] if there is none.
    pub fn row(&self, id: &str) -> Result<&'static ModelRow> {
        self.0.rows.iter().find(|row| row.id == id).ok_or_else(|| Error::UnknownModel { id: id.to_owned() })
    }

    /// Every row.
    pub fn rows(&self) -> &'static [ModelRow] {
        self.0.rows
    }

    /// Every row with what is there of it.
    pub fn list(&self) -> Vec<ModelStatus> {
        self.0.rows.iter().map(|row| self.status_of(row)).collect()
    }

    /// One row with what is there of it.
    pub fn status(&self, id: &str) -> Result<ModelStatus> {
        Ok(self.status_of(self.row(id)?))
    }

    /// Whether the model can be used: its files are in the models directory, or in a mirror on this machine.
    pub fn is_available(&self, id: &str) -> bool {
        self.row(id).is_ok_and(|row| {
            row.parts.iter().all(|part| {
                self.has_part(row, part)
                    || part.pins.iter().any(|pin| is_loadable(pin) && self.in_local_mirror(pin).is_some())
            })
        })
    }

    fn status_of(&self, row: &'static ModelRow) -> ModelStatus {
        let found: Vec<_> = row.parts.iter().map(|part| self.locate(part)).collect();
        let installed_bytes = found
            .iter()
            .flatten()
            .map(|(_, path)| path.clone())
            .chain(self.exports(row).map(|(_, path)| path))
            .filter_map(|path| fs_err::metadata(path).ok())
            .map(|metadata| metadata.len())
            .sum();
        let is_installed = row.parts.iter().all(|part| self.has_part(row, part));
        let Known { state, bytes: loaded_bytes, sessions } = self.0.loaded.state(row.id);
        let state = state.unwrap_or(if is_installed { ModelState::Installed } else { ModelState::Absent });
        let ran = self.runs().get(row.id).map(|counter| counter.totals()).unwrap_or_default();
        ModelStatus { row, state, installed_bytes, loaded_bytes, sessions, ran }
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<&'static str, Arc<RunCounter>>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What counts the runs of a model.
    fn counter(&self, row: &ModelRow) -> Arc<RunCounter> {
        Arc::clone(self.runs().entry(row.id).or_default())
    }

    /// The checked file of a part that holds data (labels, a tokeniser).
    ///
    /// A file that is not in the models directory, but in a mirror that is a directory, is copied from there.
    pub fn file(&self, id: &str, role: &str) -> Result<PathBuf> {
        let row = self.row(id)?;
        let (pin, path) = self.installed(row, role)?;
        files::verify(row.id, &path, pin, false)?;
        Ok(path)
    }

    /// The content of the checked file of a part, as text. [`Error::Output`] if it is no UTF-8.
    pub fn text(&self, id: &str, role: &str) -> Result<String> {
        let path = self.file(id, role)?;
        let bytes = fs_err::read(&path).map_err(|source| Error::File {
            model: id.to_owned(),
            path: path.clone(),
            source,
        })?;
        String::from_utf8(bytes)
            .map_err(|error| Error::Output { model: id.to_owned(), detail: error.to_string() })
    }

    /// A session of a part, loaded now if it is not: one thread loads, others wait for it. What cannot be loaded is
    /// not tried again until its file changes.
    pub fn session(&self, id: &str, role: &str) -> Result<Arc<Session>> {
        let row = self.row(id)?;
        if let Some(session) = self.0.loaded.ready(row.id, role) {
            return Ok(session);
        }
        if let Some(exported) = self.exported_session(row, role) {
            return exported;
        }
        let edit = Edit::of(row, role, self.engine().kind());
        let (pin, path) = self.installed(row, edit.part(role))?;
        let load = || Ok(self.load(row, role, edit, pin, &path)?.counted(self.counter(row)));
        self.0.loaded.get(row.id, role, files::stamp(&path).ok(), load)
    }

    /// Loads every graph of a model and checks its other files, so that what is wrong with one shows now.
    pub fn prepare(&self, id: &str) -> Result<()> {
        let row = self.row(id)?;
        for (role, _) in row.exports() {
            self.session(id, role)?;
        }
        for part in row.parts.iter().filter(|part| !exports::is_weights(part)) {
            if part.pins.iter().all(|pin| pin.format == Format::Data) {
                self.file(id, part.role)?;
            } else {
                self.session(id, part.role)?;
            }
        }
        Ok(())
    }

    fn load(&self, row: &ModelRow, role: &str, edit: Edit, pin: &Pin, path: &Path) -> Result<Session> {
        files::verify(row.id, path, pin, false)?;
        let name = if row.parts.len() == 1 { row.id.to_owned() } else { format!("{}/{role}", row.id) };
        match pin.format {
            Format::Onnx => {
                let engine = self.engine();
                let source = edit.source(path).map_err(|detail| Error::Load {
                    model: name.clone(),
                    engine: engine.kind(),
                    detail,
                })?;
                Session::load(&name, source, engine, self.0.config.sessions)
            }
            Format::TfLite { .. } | Format::Task { .. } => {
                let onnx = lower::to_onnx(path, pin.format).map_err(|detail| Error::Load {
                    model: name.clone(),
                    engine: self.engine().kind(),
                    detail,
                })?;
                Session::load(&name, onnx, self.engine(), self.0.config.sessions)
            }
            Format::PyTorch { .. } | Format::Data => Err(Error::Load {
                model: name,
                engine: self.engine().kind(),
                detail: format!("{} is no graph that can be read here", pin.name),
            }),
        }
    }

    /// Fetches what is missing of a model: from the mirror, else from its publisher. A model that may not be used
    /// commercially needs `accept_licence`.
    ///
    /// What has arrived when this fails or is called off is kept and continued next time.
    pub fn pull(
        &self,
        id: &str,
        accept_licence: bool,
        control: &Control,
        progress: &(dyn Fn(&PullProgress) + Sync),
    ) -> Result<()> {
        let row = self.row(id)?;
        if !row.commercial && !accept_licence {
            return Err(Error::NonCommercial { model: row.id.to_owned(), licence: row.licence.to_owned() });
        }
        for part in row.parts.iter().filter(|part| !exports::is_weights(part)) {
            if let Some((pin, path)) = self.locate(part) {
                match files::verify(row.id, &path, pin, false) {
                    Ok(()) => continue,
                    Err(Error::WrongHash { .. } | Error::WrongLength { .. })
                        if path.starts_with(&self.0.config.models_dir) =>
                    {
                        tracing::warn!(model = row.id, file = pin.name, "a damaged file is fetched again");
                    }
                    Err(error) => return Err(error),
                }
            }
            self.pull_part(row, part, control, progress)?;
        }
        self.0.loaded.forget_failures(row.id);
        // Only whoever has Python with PyTorch can make these.
        match self.exports(row).find(|(_, path)| !path.is_file()) {
            Some((_, path)) => Err(exports::not_exported(row, &path)),
            None => Ok(()),
        }
    }

    fn pull_part(
        &self,
        row: &'static ModelRow,
        part: &'static Part,
        control: &Control,
        progress: &(dyn Fn(&PullProgress) + Sync),
    ) -> Result<()> {
        let mut absent = Vec::new();
        let mut failed = None;
        for pin in part.pins.iter().filter(|pin| is_loadable(pin)) {
            let places = self.places(pin);
            if places.is_empty() {
                continue;
            }
            let tell = |bytes, total| progress(&PullProgress { model: row.id, file: pin.name, bytes, total });
            match self.fetch(row, pin, &places, control, &tell) {
                Ok(None) => return Ok(()),
                Ok(Some(why)) => absent.push(why),
                Err(
                    error @ (Error::Download { .. } | Error::WrongHash { .. } | Error::WrongLength { .. }),
                ) => {
                    failed = failed.or(Some(error));
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let detail = if !absent.is_empty() {
            absent.join("; ")
        } else if row.note.is_empty() {
            "neither a mirror nor an address may be asked".to_owned()
        } else {
            format!("no place offers it ({})", row.note)
        };
        let file = part.pins.first().map_or(part.role, |pin| pin.name).to_owned();
        Err(Error::NowhereToGet { model: row.id.to_owned(), file, detail })
    }

    fn fetch(
        &self,
        row: &ModelRow,
        pin: &Pin,
        places: &[Place],
        control: &Control,
        progress: &dyn Fn(u64, Option<u64>),
    ) -> Result<Option<String>> {
        let target = self.0.config.models_dir.join(pin.name);
        let fetch =
            Fetch { model: row.id, pin, target: &target, options: self.0.config.fetch, control, progress };
        fetch.first_of(places)
    }

    /// Reads every file of a model again and compares it with the table.
    pub fn verify(&self, id: &str) -> Result<Vec<FileReport>> {
        let row = self.row(id)?;
        let parts = row.parts.iter().filter(|part| !exports::is_weights(part));
        let reports = parts
            .map(|part| match self.locate(part) {
                Some((pin, path)) => {
                    let problem =
                        files::verify(row.id, &path, pin, true).err().map(|error| error.to_string());
                    FileReport { role: part.role, name: pin.name, path: Some(path), problem }
                }
                None => FileReport {
                    role: part.role,
                    name: part.pins.first().map_or("", |pin| pin.name),
                    path: None,
                    problem: Some("it is missing".to_owned()),
                },
            })
            .chain(self.report_exports(row))
            .collect();
        self.0.loaded.forget_failures(row.id);
        Ok(reports)
    }

    /// Lets go of a model and deletes its files from the models directory, except those that another installed
    /// model shares. Returns how many files went.
    pub fn remove(&self, id: &str) -> Result<usize> {
        let row = self.row(id)?;
        self.0.loaded.forget(row.id);
        let mut removed = 0;
        for pin in row.parts.iter().flat_map(|part| part.pins) {
            let is_shared = self.0.rows.iter().filter(|other| other.id != row.id).any(|other| {
                other.parts.iter().any(|part| part.pins.iter().any(|its| its.sha256 == pin.sha256))
                    && other.parts.iter().all(|part| self.has_part(other, part))
            });
            let path = self.0.config.models_dir.join(pin.name);
            if !is_shared && files::remove(&path).map_err(|source| file_error(row, &path, source))? {
                removed += 1;
            }
        }
        for (_, path) in self.exports(row) {
            removed += usize::from(files::remove(&path).map_err(|source| file_error(row, &path, source))?);
        }
        Ok(removed)
    }

    /// Lets go of sessions that nobody has used for `idle`. Happens by itself after the configured time.
    pub fn unload_unused_for(&self, idle: Duration) -> usize {
        self.0.loaded.unload_unused_for(idle)
    }

    /// Bytes of weights that are loaded.
    pub fn loaded_bytes(&self) -> u64 {
        self.0.loaded.bytes()
    }

    /// The preferred file of a part that is in the models directory and that a session or a reader can use.
    fn locate(&self, part: &'static Part) -> Option<(&'static Pin, PathBuf)> {
        part.pins
            .iter()
            .filter(|pin| is_loadable(pin))
            .find_map(|pin| files::find(&self.0.config.models_dir, pin).map(|path| (pin, path)))
    }

    /// The same, after copying the file from a mirror on this machine if need be.
    fn installed(&self, row: &'static ModelRow, role: &str) -> Result<(&'static Pin, PathBuf)> {
        let part = row.part(role).ok_or_else(|| Error::Input {
            model: row.id.to_owned(),
            detail: format!("it has no part {role:?}"),
        })?;
        if let Some(found) = self.locate(part) {
            return Ok(found);
        }
        for pin in part.pins.iter().filter(|pin| is_loadable(pin)) {
            if let Some(path) = self.in_local_mirror(pin) {
                let place = [Place::File(path)];
                if self.fetch(row, pin, &place, &Control::new(), &|_, _| {})?.is_none() {
                    return Ok((pin, self.0.config.models_dir.join(pin.name)));
                }
            }
        }
        Err(Error::NotInstalled {
            model: row.id.to_owned(),
            file: part.pins.first().map_or(role, |pin| pin.name).to_owned(),
        })
    }

    fn in_local_mirror(&self, pin: &Pin) -> Option<PathBuf> {
        let mirror = self.0.config.mirror.as_deref().filter(|mirror| !is_address(mirror))?;
        files::find(Path::new(mirror.strip_prefix("file://").unwrap_or(mirror)), pin)
    }

    /// Places that may have a file, in order.
    fn places(&self, pin: &Pin) -> Vec<Place> {
        let mut places = Vec::new();
        if let Some(mirror) = self.0.config.mirror.as_deref() {
            if is_address(mirror) {
                let base = mirror.trim_end_matches('/');
                places.push(Place::Address(format!("{base}/{}", pin.name)));
                places.push(Place::Address(format!("{base}/{}", pin.sha256)));
            } else if let Some(path) = self.in_local_mirror(pin) {
                places.push(Place::File(path));
            }
        }
        if let Some(url) = pin.url.filter(|_| self.0.config.allow_official) {
            places.push(Place::Address(url.to_owned()));
        }
        places
    }
}

/// Whether a file of this format can be used as it is.
fn is_loadable(pin: &Pin) -> bool {
    !matches!(pin.format, Format::PyTorch { .. })
}

fn is_address(mirror: &str) -> bool {
    mirror.starts_with("http://") || mirror.starts_with("https://")
}

fn file_error(row: &ModelRow, path: &Path, source: std::io::Error) -> Error {
    Error::File { model: row.id.to_owned(), path: path.to_owned(), source }
}
