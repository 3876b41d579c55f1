//! ONNX Runtime: loaded once in a process, with one session per worker, since its sessions are not safe to share.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use ort::environment::Environment;
use ort::ep::{CUDA, CoreML, DirectML, ExecutionProviderDispatch, OpenVINO};
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{OutputSelector, RunOptions, SessionInputValue};
use ort::value::{DynValue, TensorElementType, TensorRef};

use crate::engine::{EngineConfig, Provider, library};
use crate::session::{ModelSource, SessionOptions, TensorInfo};
use crate::tensor::Tensor;

/// What a process has loaded. A library can be loaded once only, and never unloaded.
static LOADED: Mutex<Option<Loaded>> = Mutex::new(None);

#[derive(Clone)]
struct Loaded {
    library: PathBuf,
    version: String,
    environment: Environment,
}

/// The library of ONNX Runtime, ready to load graphs.
pub struct OnnxRuntime {
    loaded: Loaded,
    provider: Provider,
    reason: String,
}

impl std::fmt::Debug for OnnxRuntime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnnxRuntime")
            .field("library", &self.loaded.library)
            .field("version", &self.loaded.version)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

impl OnnxRuntime {
    /// Looks for the library and loads it. The error is one sentence for people.
    pub(super) fn find(config: &EngineConfig) -> Result<Self, String> {
        let mut slot = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = if let Some(loaded) = &*slot {
            // Named otherwise, the new library would be ignored in silence; looked for, it is the same.
            if let Some(wanted) = config.library.as_ref().filter(|wanted| **wanted != loaded.library) {
                return Err(format!(
                    "{} is loaded already; {} can be used after a restart only",
                    loaded.library.display(),
                    wanted.display()
                ));
            }
            loaded.clone()
        } else {
            let (library, version) = library::find(config)?;
            let environment = start(&library)?;
            let loaded = Loaded { library, version, environment };
            *slot = Some(loaded.clone());
            loaded
        };
        drop(slot);
        let reason = format!("{} was found", loaded.library.display());
        Ok(Self::on(loaded, config.provider, reason))
    }

    /// The provider asked for, or the processor if the library was built without it.
    fn on(loaded: Loaded, provider: Provider, reason: String) -> Self {
        match catch(|| register(&loaded.environment, provider)).err() {
            None => Self { loaded, provider, reason },
            Some(why) => Self {
                loaded,
                provider: Provider::Cpu,
                reason: format!("{reason}; {provider} cannot be used, the processor is: {why}"),
            },
        }
    }

    /// The library's version.
    pub fn version(&self) -> &str {
        &self.loaded.version
    }

    /// The library's file, or its name where the system found it.
    pub fn library(&self) -> &Path {
        &self.loaded.library
    }

    /// What it computes on.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Why it is used as it is.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    fn session(&self, bytes: &[u8], threads: usize) -> Result<ort::session::Session, String> {
        let said = |error: ort::Error<ort::session::builder::SessionBuilder>| error.message().to_owned();
        ort::session::Session::builder(&self.loaded.environment)
            .map_err(|error| error.message().to_owned())?
            .with_optimization_level(GraphOptimizationLevel::All)
            .map_err(said)?
            .with_intra_threads(threads)
            .map_err(said)?
            .with_inter_threads(1)
            .map_err(said)?
            .with_intra_op_spinning(false)
            .map_err(said)?
            .with_execution_providers(dispatch(self.provider))
            .map_err(said)?
            .commit_from_memory(bytes)
            .map_err(|error| error.message().to_owned())
    }
}

fn start(library: &Path) -> Result<Environment, String> {
    catch(|| {
        let environment = ort::init_from(library)
            .map_err(|error| error.to_string())?
            .with_name("tintype")
            .with_telemetry(false)
            .build()
            .map_err(|error| error.message().to_owned())?;
        // Its own lines on the error output would come between ours; what fails is returned.
        environment.set_log_level(ort::logging::LogLevel::Fatal);
        Ok(environment)
    })
}

/// `ort` panics where a library lacks what it should have.
fn catch<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(crate::session::panic_text(&*panic)))
}

fn dispatch(provider: Provider) -> Vec<ExecutionProviderDispatch> {
    match provider {
        Provider::Cpu => Vec::new(),
        Provider::Cuda => vec![CUDA::default().build().error_on_failure()],
        Provider::CoreMl => vec![CoreML::default().build().error_on_failure()],
        Provider::OpenVino => vec![OpenVINO::default().build().error_on_failure()],
        Provider::DirectMl => vec![DirectML::default().build().error_on_failure()],
    }
}

fn register(environment: &Environment, provider: Provider) -> Result<(), String> {
    let builder = ort::session::Session::builder(environment).map_err(|error| error.message().to_owned())?;
    builder
        .with_execution_providers(dispatch(provider))
        .map(drop)
        .map_err(|error| error.message().lines().next().unwrap_or_default().to_owned())
}

/// A graph loaded by ONNX Runtime: sessions of the same graph, as many as there are runs at one time, up to a
/// limit. Each holds its own weights.
pub(crate) struct OnnxGraph {
    runtime: std::sync::Arc<OnnxRuntime>,
    source: ModelSource,
    threads: usize,
    sessions: Mutex<Sessions>,
    returned: Condvar,
}

struct Sessions {
    free: Vec<ort::session::Session>,
    made: usize,
    limit: usize,
}

impl OnnxGraph {
    pub(crate) fn load(
        bytes: &[u8],
        source: ModelSource,
        runtime: &std::sync::Arc<OnnxRuntime>,
        options: SessionOptions,
    ) -> Result<Self, String> {
        let first = runtime.session(bytes, options.threads)?;
        let sessions = Sessions { free: vec![first], made: 1, limit: options.workers.max(1) };
        Ok(Self {
            runtime: std::sync::Arc::clone(runtime),
            source,
            threads: options.threads,
            sessions: Mutex::new(sessions),
            returned: Condvar::new(),
        })
    }

    /// How many sessions hold weights now.
    pub(crate) fn copies(&self) -> usize {
        self.lock().made
    }

    /// Runs the graph. Names and types were checked by the caller.
    pub(crate) fn run(
        &self,
        inputs: &[(&str, Tensor)],
        outputs: &[&TensorInfo],
    ) -> Result<Vec<Tensor>, String> {
        let mut borrowed = Borrowed { graph: self, session: Some(self.borrow()?) };
        let session = borrowed.session.as_mut().ok_or("no session")?;
        let result = run_session(session, inputs, outputs);
        if let Some(session) = borrowed.session.take() {
            self.lock().free.push(session);
            self.returned.notify_one();
        }
        result
    }

    fn borrow(&self) -> Result<ort::session::Session, String> {
        let mut sessions = self.lock();
        loop {
            if let Some(session) = sessions.free.pop() {
                return Ok(session);
            }
            if sessions.made < sessions.limit {
                sessions.made += 1;
                break;
            }
            sessions = self.returned.wait(sessions).unwrap_or_else(PoisonError::into_inner);
        }
        drop(sessions);
        let made = self.source.bytes().and_then(|bytes| self.runtime.session(&bytes, self.threads));
        if made.is_err() {
            self.lock().made -= 1;
            self.returned.notify_one();
        }
        made
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session in use. One that was not given back (its run unwound) is counted out, so that another can be made.
struct Borrowed<'a> {
    graph: &'a OnnxGraph,
    session: Option<ort::session::Session>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if self.session.take().is_some() {
            self.graph.lock().made -= 1;
            self.graph.returned.notify_one();
        }
    }
}

fn run_session(
    session: &mut ort::session::Session,
    inputs: &[(&str, Tensor)],
    outputs: &[&TensorInfo],
) -> Result<Vec<Tensor>, String> {
    let said = |error: ort::Error| error.message().to_owned();
    let values = inputs
        .iter()
        .map(|(name, tensor)| Ok((*name, input_value(tensor).map_err(said)?)))
        .collect::<Result<Vec<(&str, SessionInputValue<'_>)>, String>>()?;
    let selected =
        outputs.iter().fold(OutputSelector::no_default(), |selector, info| selector.with(info.name.as_str()));
    let options = RunOptions::new().map_err(said)?.with_outputs(selected);
    let results = session.run_with_options(values, &options).map_err(said)?;
    outputs
        .iter()
        .map(|info| {
            let value = results.get(&info.name).ok_or_else(|| format!("no output {:?}", info.name))?;
            output_tensor(value)
        })
        .collect()
}

fn input_value(tensor: &Tensor) -> ort::Result<SessionInputValue<'_>> {
    let shape = tensor.shape().to_vec();
    Ok(match tensor {
        Tensor::F32 { data, .. } => TensorRef::from_array_view((shape, data.as_slice()))?.into(),
        Tensor::U8 { data, .. } => TensorRef::from_array_view((shape, data.as_slice()))?.into(),
        Tensor::I32 { data, .. } => TensorRef::from_array_view((shape, data.as_slice()))?.into(),
        Tensor::I64 { data, .. } => TensorRef::from_array_view((shape, data.as_slice()))?.into(),
        Tensor::Bool { data, .. } => TensorRef::from_array_view((shape, data.as_slice()))?.into(),
    })
}

fn output_tensor(value: &DynValue) -> Result<Tensor, String> {
    macro_rules! extract {
        ($variant:ident, $type:ty) => {{
            let (shape, data) =
                value.try_extract_tensor::<$type>().map_err(|error| error.message().to_owned())?;
            let shape = shape.iter().map(|&side| usize::try_from(side).unwrap_or(0)).collect();
            Ok(Tensor::$variant { shape, data: data.to_vec() })
        }};
    }
    match value.dtype().tensor_type() {
        Some(TensorElementType::Float32) => extract!(F32, f32),
        Some(TensorElementType::Uint8) => extract!(U8, u8),
        Some(TensorElementType::Int32) => extract!(I32, i32),
        Some(TensorElementType::Int64) => extract!(I64, i64),
        Some(TensorElementType::Bool) => extract!(Bool, bool),
        _ => Err(format!("an output of type {:?} cannot be read", value.dtype())),
    }
}
