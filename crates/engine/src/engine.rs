//! [`Engine`]: one cheap handle to a library and everything that can be done with it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tintype_core::{Control, OperationId, Stop};
use tintype_infer::{InferConfig, Models};
use tintype_media::Limits;
use tintype_store::{OperationState, Page, Store, StoreConfig, TransitionFields};

use crate::budget::Budget;
use crate::claim::Claim;
use crate::journal::Journal;
use crate::live::Live;
use crate::operations::{OperationRequest, OperationView, is_resumable};
use crate::previews::Previews;
use crate::steps::{self, PhotoStep, StepRow};
use crate::trash::TrashChoice;
use crate::vectors::{VectorConfig, Vectors, embedder};
use crate::{Error, Result};

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Where database, previews and blobs live.
    pub data_dir: PathBuf,
    /// A PostgreSQL address; `None` keeps an SQLite file in `data_dir`.
    pub database_url: Option<String>,
    /// Threads that decode and compute; 0 means one per core.
    pub threads: usize,
    /// Memory for files and pictures in flight, in bytes.
    pub pixel_budget_bytes: u64,
    /// Memory for features that were read lately, in bytes.
    pub cache_bytes: usize,
    /// Limits on what is decoded.
    pub limits: Limits,
    /// Folders that may be given through the API beside the library's roots.
    pub allowed: Vec<PathBuf>,
    /// Where models are and which engine runs them.
    pub models: InferConfig,
    /// How vectors are searched.
    pub vectors: VectorConfig,
    /// The data directory that walks leave out, where it is not `data_dir`: a database that is built beside another.
    pub(crate) shelter: Option<PathBuf>,
}

impl EngineConfig {
    /// The defaults: SQLite in `data_dir`, a thread per core, 384 MiB for pictures, which with two large photos in
    /// flight keeps the process under 1 GB.
    pub fn new(data_dir: PathBuf) -> Self {
        let mut models = InferConfig::new(data_dir.join("models"));
        models.library_dirs = vec![data_dir.join("lib")];
        Self {
            models,
            vectors: VectorConfig::default(),
            data_dir,
            database_url: None,
            threads: 0,
            pixel_budget_bytes: 384 << 20,
            cache_bytes: 32 << 20,
            limits: Limits::default(),
            allowed: Vec::new(),
            shelter: None,
        }
    }

    /// The folder that no walk enters.
    pub(crate) fn shelter(&self) -> &Path {
        self.shelter.as_deref().unwrap_or(&self.data_dir)
    }
}

/// A library and everything that can be done with it. Clones are cheap and refer to the same library; every method
/// is synchronous.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: EngineConfig,
    pub(crate) store: Store,
    pub(crate) steps: Vec<Arc<dyn PhotoStep>>,
    pub(crate) previews: Previews,
    pub(crate) models: Models,
    pub(crate) budget: Budget,
    pub(crate) journal: Journal,
    pub(crate) owner: String,
    pub(crate) vectors: Vectors,
    running: Mutex<HashMap<OperationId, Running>>,
}

impl Inner {
    /// Operations that are `running` in the database although the process that ran them on this host is gone
    /// become `interrupted`.
    pub(crate) fn mark_interrupted(&self) -> Result<()> {
        let host = self.owner.rsplit_once(':').map_or("", |(host, _)| host);
        for state in [OperationState::Running, OperationState::Pending] {
            for row in self.store.operations(Some(state), 1000, None)?.items {
                let ours = row.owner.rsplit_once(':').is_some_and(|(owner, _)| owner == host);
                if ours
                    && row.owner != self.owner
                    && let Some(_claim) = self.claim_abandoned(row.id)?
                {
                    self.store.release_leases(row.id)?;
                    let fields =
                        TransitionFields { phase: Some("interrupted".into()), ..TransitionFields::default() };
                    self.store.transition(row.id, &[state], OperationState::Interrupted, fields)?;
                }
            }
        }
        Ok(())
    }
}

struct Running {
    live: Arc<Live>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Opens the library in `config.data_dir`, making it if it is not there, and marks operations whose process
    /// died as interrupted.
    pub fn open(mut config: EngineConfig) -> Result<Self> {
        config.vectors.check()?;
        if config.threads == 0 {
            config.threads = std::thread::available_parallelism().map_or(1, usize::from);
        }
        fs_err::create_dir_all(&config.data_dir)?;
        config.data_dir = fs_err::canonicalize(&config.data_dir)?;
        config.allowed = config.allowed.iter().map(fs_err::canonicalize).collect::<std::io::Result<_>>()?;
        let store = Store::open(&StoreConfig {
            data_dir: config.data_dir.clone(),
            url: config.database_url.clone(),
            cache_bytes: config.cache_bytes,
            cache_ttl: None,
        })?;
        let previews = Previews::new(&config.data_dir);
        let models = Models::open(config.models.clone());
        let embedders = embedder::embedders(&models);
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let engine = Self(Arc::new(Inner {
            budget: Budget::new(config.pixel_budget_bytes),
            journal: Journal::new(&config.data_dir),
            steps: steps::photo_steps(&previews, &models, &embedders),
            vectors: Vectors::new(store.clone(), models.clone(), &config.data_dir, config.vectors, embedders),
            models,
            owner: format!("{host}:{}", std::process::id()),
            running: Mutex::default(),
            config,
            store,
            previews,
        }));
        engine.0.mark_interrupted()?;
        engine.0.recover_decisions()?;
        Ok(engine)
    }

    /// The models of this installation.
    pub fn models(&self) -> &Models {
        &self.0.models
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// How it is set up, with defaults filled in.
    pub fn config(&self) -> &EngineConfig {
        &self.0.config
    }

    /// The table of steps.
    pub fn steps(&self) -> Vec<&'static StepRow> {
        steps::rows(&self.0.steps)
    }

    /// Starts an operation on a thread of its own and returns at once. Wrong steps or parameters are refused here.
    pub fn start(&self, request: OperationRequest) -> Result<OperationView> {
        let (live, claim) = self.create(&request, &Control::new())?;
        self.spawn(request, live, claim)
    }

    /// As [`Engine::start`], but continues the same request where it was paused, interrupted or failed before.
    pub fn start_or_resume(&self, request: OperationRequest) -> Result<OperationView> {
        match self.find_resumable(&request)? {
            Some(id) => self.resume(id),
            None => self.start(request),
        }
    }

    /// Runs an operation on this thread's time, reporting progress about ten times a second; `control` can stop it.
    ///
    /// If the same request was paused, interrupted or failed before, that operation is resumed instead.
    pub fn run(
        &self,
        request: &OperationRequest,
        control: &Control,
        progress: &mut dyn FnMut(&OperationView),
    ) -> Result<OperationView> {
        if let Some(id) = self.find_resumable(request)? {
            return self.run_resumed(id, control, progress);
        }
        let (live, claim) = self.create(request, control)?;
        self.follow(request, &live, claim, progress)
    }

    /// Resumes an operation on this thread's time, as [`Engine::run`] does.
    pub fn run_resumed(
        &self,
        id: OperationId,
        control: &Control,
        progress: &mut dyn FnMut(&OperationView),
    ) -> Result<OperationView> {
        let (request, claim) = self.claim_stored(id)?;
        self.follow(&request, &self.register(id, control), claim, progress)
    }

    fn follow(
        &self,
        request: &OperationRequest,
        live: &Arc<Live>,
        claim: Claim,
        progress: &mut dyn FnMut(&OperationView),
    ) -> Result<OperationView> {
        let id = live.id;
        let (done_sender, done) = crossbeam_channel::bounded::<()>(1);
        let outcome = std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().name("operation".into()).spawn_scoped(scope, || {
                let outcome = self.0.execute(request, live, claim);
                drop(done_sender);
                outcome
            })?;
            while done.recv_timeout(Duration::from_millis(100))
                == Err(crossbeam_channel::RecvTimeoutError::Timeout)
            {
                if let Ok(view) = self.operation(id) {
                    progress(&view);
                }
            }
            worker.join().map_err(|_panic| {
                Error::Io(std::io::Error::other("the operation panicked; please report it"))
            })?
        });
        let view = self.operation(id);
        self.running().remove(&id);
        outcome?;
        view
    }

    /// Resumes a paused, interrupted or failed operation in the background.
    pub fn resume(&self, id: OperationId) -> Result<OperationView> {
        if self.running().contains_key(&id) {
            return Err(Error::WrongState { state: OperationState::Running, wanted: "be resumed" });
        }
        let (request, claim) = self.claim_stored(id)?;
        self.spawn(request, self.register(id, &Control::new()), claim)
    }

    /// Undoes what a finished operation decided or moved, as an operation of its own.
    pub fn undo(&self, id: OperationId) -> Result<OperationView> {
        self.start(self.undo_request(id)?)
    }

    /// The request that undoes an operation.
    pub fn undo_request(&self, id: OperationId) -> Result<OperationRequest> {
        let view = self.operation(id)?;
        if !view.undoable {
            return Err(Error::WrongState { state: view.state, wanted: "be undone" });
        }
        Ok(match view.kind.as_str() {
            "trash" => OperationRequest::Restore { choice: TrashChoice::Operation(id) },
            _ => OperationRequest::Undo { operation: id, what: view.label },
        })
    }

    /// Lets failed items of a finished operation (all of them, or those at `positions`) be tried again; the
    /// operation waits to be resumed then.
    pub fn prepare_retry(&self, id: OperationId, positions: Option<&[u64]>) -> Result<()> {
        let view = self.operation(id)?;
        if !view.retryable {
            return Err(Error::WrongState { state: view.state, wanted: "be tried again" });
        }
        if self.0.store.retry_items(id, positions)? == 0 {
            return Err(Error::BadValue { field: "positions", detail: "name no failed item".into() });
        }
        let fields = TransitionFields { phase: Some("waiting".into()), ..TransitionFields::default() };
        self.0.store.transition(id, &[OperationState::Completed], OperationState::Paused, fields)?;
        Ok(())
    }

    /// Tries failed items again in the background.
    pub fn retry(&self, id: OperationId, positions: Option<&[u64]>) -> Result<OperationView> {
        self.prepare_retry(id, positions)?;
        self.resume(id)
    }

    /// Asks a running operation to stop at its next checkpoint and to keep the rest for later.
    pub fn pause(&self, id: OperationId) -> Result<OperationView> {
        self.ask(id, Stop::Pause, "be paused")
    }

    /// Asks a running operation to stop for good, or gives up one that is waiting to be resumed. What it has
    /// learned so far is kept.
    pub fn cancel(&self, id: OperationId) -> Result<OperationView> {
        let row = self.0.store.operation(id)?.ok_or(Error::NoOperation(id))?;
        if is_resumable(row.state) {
            let fields = TransitionFields { phase: Some("cancelled".into()), ..TransitionFields::default() };
            self.0.store.transition(id, &[row.state], OperationState::Cancelled, fields)?;
            return self.operation(id);
        }
        self.ask(id, Stop::Cancel, "be cancelled")
    }

    fn ask(&self, id: OperationId, stop: Stop, wanted: &'static str) -> Result<OperationView> {
        let view = self.operation(id)?;
        let asked = self.running().get(&id).map(|running| running.live.control.request(stop)).is_some();
        if asked && matches!(view.state, OperationState::Running | OperationState::Pending) {
            self.operation(id)
        } else {
            Err(Error::WrongState { state: view.state, wanted })
        }
    }

    /// One operation, with the live numbers if this process runs it.
    pub fn operation(&self, id: OperationId) -> Result<OperationView> {
        let row = self.0.store.operation(id)?.ok_or(Error::NoOperation(id))?;
        let live =
            self.live(id).filter(|_| matches!(row.state, OperationState::Running | OperationState::Pending));
        let items = self.0.store.item_counts(id)?;
        Ok(OperationView::new(row, items, live.as_deref()))
    }

    /// Operations, latest first.
    pub fn operations(
        &self,
        state: Option<OperationState>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<OperationView>> {
        let page = self.0.store.operations(state, limit, cursor)?;
        let items = page.items.into_iter().map(|row| {
            let live = self
                .live(row.id)
                .filter(|_| matches!(row.state, OperationState::Running | OperationState::Pending));
            let items = self.0.store.item_counts(row.id)?;
            Ok(OperationView::new(row, items, live.as_deref()))
        });
        Ok(Page { items: items.collect::<Result<_>>()?, next_cursor: page.next_cursor })
    }

    /// Asks everything that runs to stop at its checkpoint, resumable, and waits for it.
    pub fn shutdown(&self) {
        let running: Vec<Running> = self.running().drain().map(|(_, running)| running).collect();
        for one in &running {
            one.live.control.request(Stop::Interrupt);
        }
        for one in running {
            if let Some(thread) = one.thread
                && thread.join().is_err()
            {
                tracing::error!("an operation panicked while stopping");
            }
        }
    }

    fn create(&self, request: &OperationRequest, control: &Control) -> Result<(Arc<Live>, Claim)> {
        self.0.check(request)?;
        let id = OperationId::now();
        let claim = self.0.claim(id)?;
        self.0.store.create_operation(&request.as_new(id, &self.0.owner)?)?;
        Ok((self.register(id, control), claim))
    }

    /// An operation that can be resumed, held: nobody else resumes it any more.
    fn claim_stored(&self, id: OperationId) -> Result<(OperationRequest, Claim)> {
        self.stored_request(id)?;
        let claim = self.0.claim(id)?;
        // It may have been resumed, and have ended, until the claim was there to be had.
        Ok((self.stored_request(id)?, claim))
    }

    fn register(&self, id: OperationId, control: &Control) -> Arc<Live> {
        let live = Arc::new(Live::new(id, control.clone()));
        self.running().insert(id, Running { live: Arc::clone(&live), thread: None });
        live
    }

    fn spawn(&self, request: OperationRequest, live: Arc<Live>, claim: Claim) -> Result<OperationView> {
        let engine = self.clone();
        let id = live.id;
        let thread = std::thread::Builder::new().name("operation".into()).spawn(move || {
            if let Err(error) = engine.0.execute(&request, &live, claim) {
                tracing::error!(%error, operation = %id, "the operation failed");
            }
            engine.running().remove(&id);
        })?;
        if let Some(running) = self.running().get_mut(&id) {
            running.thread = Some(thread);
        }
        self.operation(id)
    }

    fn find_resumable(&self, request: &OperationRequest) -> Result<Option<OperationId>> {
        for state in [OperationState::Interrupted, OperationState::Paused, OperationState::Failed] {
            for row in self.0.store.operations(Some(state), 50, None)?.items {
                if row.scope_key == request.scope_key()
                    && self.stored_request(row.id).is_ok_and(|stored| stored == *request)
                {
                    return Ok(Some(row.id));
                }
            }
        }
        Ok(None)
    }

    fn stored_request(&self, id: OperationId) -> Result<OperationRequest> {
        let row = self.0.store.operation(id)?.ok_or(Error::NoOperation(id))?;
        if !is_resumable(row.state) {
            return Err(Error::WrongState { state: row.state, wanted: "be resumed" });
        }
        serde_json::from_value(row.params).map_err(|error| Error::BadRequest(id, error))
    }

    fn live(&self, id: OperationId) -> Option<Arc<Live>> {
        self.running().get(&id).map(|running| Arc::clone(&running.live))
    }

    fn running(&self) -> MutexGuard<'_, HashMap<OperationId, Running>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
