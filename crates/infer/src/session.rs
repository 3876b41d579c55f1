//! [`Session`]: one graph, loaded, on one engine.

#[cfg(test)]
pub(crate) mod test_graphs;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::{Engine, EngineKind, OnnxGraph, RtenGraph};
use crate::error::{Error, Result};
use crate::onnx_file::{self, Declared};
use crate::runs::RunCounter;
use crate::tensor::{DType, Tensor};

/// Name, type and shape of an input or output, as the model's file declares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// The name in the graph.
    pub name: String,
    /// Type of the elements.
    pub dtype: DType,
    /// Sizes of the dimensions; `None` where any size will do.
    pub shape: Vec<Option<usize>>,
    /// Whether the file says how many dimensions there are. If not, `shape` is empty and means nothing.
    pub has_rank: bool,
}

impl TensorInfo {
    /// Whether a tensor of this shape fits.
    pub fn fits(&self, shape: &[usize]) -> bool {
        !self.has_rank
            || self.shape.len() == shape.len()
                && self
                    .shape
                    .iter()
                    .zip(shape)
                    .all(|(declared, given)| declared.is_none_or(|size| size == *given))
    }

    /// Whether the first dimension may have any size, so that pictures can be run in batches.
    pub fn has_batch_dimension(&self) -> bool {
        self.has_rank && self.shape.first() == Some(&None)
    }
}

impl std::fmt::Display for TensorInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}[", self.name, self.dtype)?;
        for (at, size) in self.shape.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            match size {
                Some(size) => write!(f, "{comma}{size}")?,
                None => write!(f, "{comma}?")?,
            }
        }
        f.write_str(if self.has_rank { "]" } else { "…]" })
    }
}

/// Where the bytes of a graph come from. They may be read again when ONNX Runtime gets a second session.
#[derive(Debug, Clone)]
pub enum ModelSource {
    /// Bytes of an ONNX file.
    Memory(Arc<[u8]>),
    /// An ONNX file.
    File(PathBuf),
}

impl ModelSource {
    pub(crate) fn bytes(&self) -> Result<std::borrow::Cow<'_, [u8]>, String> {
        match self {
            Self::Memory(bytes) => Ok(bytes.as_ref().into()),
            Self::File(path) => fs_err::read(path).map(Into::into).map_err(|error| error.to_string()),
        }
    }
}

impl From<Vec<u8>> for ModelSource {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Memory(bytes.into())
    }
}

impl From<PathBuf> for ModelSource {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// How a session shares the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads within one run. One is best when several pictures run at once (measured: 2–47 % over two).
    pub threads: usize,
    /// How many runs may happen at one time on ONNX Runtime; more wait. Each holds its own weights. RTen shares
    /// one set of weights and needs no limit.
    pub workers: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { threads: 1, workers: std::thread::available_parallelism().map_or(1, NonZeroUsize::get) }
    }
}

/// One loaded graph. Any number of threads may run it at once.
pub struct Session {
    model: String,
    declared: Declared,
    file_bytes: u64,
    graph: Graph,
    counter: Option<Arc<RunCounter>>,
}

enum Graph {
    Rten(Box<RtenGraph>),
    Onnx(OnnxGraph),
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("model", &self.model)
            .field("engine", &self.engine())
            .field("inputs", &self.declared.inputs)
            .field("outputs", &self.declared.outputs)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Loads a graph. `model` is the name for error messages. [`Error::Load`] if the engine refuses it.
    pub fn load(
        model: &str,
        source: impl Into<ModelSource>,
        engine: &Engine,
        options: SessionOptions,
    ) -> Result<Self> {
        let source = source.into();
        let kind = engine.kind();
        let load = || {
            let bytes = source.bytes()?;
            let declared = onnx_file::declared(&bytes)?;
            let file_bytes = bytes.len() as u64;
            let graph = match engine {
                Engine::Rten(lanes) => {
                    Graph::Rten(Box::new(RtenGraph::load(bytes.into_owned(), lanes, options.threads.max(1))?))
                }
                Engine::Onnx(runtime) => {
                    Graph::Onnx(OnnxGraph::load(&bytes, source.clone(), runtime, options)?)
                }
            };
            Ok((declared, file_bytes, graph))
        };
        let (declared, file_bytes, graph) = guarded(model, kind, load)?
            .map_err(|detail: String| Error::Load { model: model.to_owned(), engine: kind, detail })?;
        Ok(Self { model: model.to_owned(), declared, file_bytes, graph, counter: None })
    }

    /// The session, whose runs are counted.
    #[must_use]
    pub(crate) fn counted(self, counter: Arc<RunCounter>) -> Self {
        Self { counter: Some(counter), ..self }
    }

    /// The model's name, as given to [`Session::load`].
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The engine that runs it.
    pub fn engine(&self) -> EngineKind {
        match self.graph {
            Graph::Rten(_) => EngineKind::Rten,
            Graph::Onnx(_) => EngineKind::Onnx,
        }
    }

    /// What the graph takes, in the file's order.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.declared.inputs
    }

    /// What the graph gives, in the file's order.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.declared.outputs
    }

    /// Whether what comes out for one picture or text is the same whatever else is in the batch. A graph whose 8-bit
    /// scales are measured over a whole batch is to be given one at a time: vectors have to be repeatable.
    pub fn keeps_batches_apart(&self) -> bool {
        !self.declared.measures_whole_batches
    }

    /// Bytes of weights held in memory, as far as the file's size tells: one set on RTen, one per worker that has
    /// run on ONNX Runtime.
    pub fn weight_bytes(&self) -> u64 {
        match &self.graph {
            Graph::Rten(_) => self.file_bytes,
            Graph::Onnx(graph) => self.file_bytes * graph.copies() as u64,
        }
    }

    /// Runs the graph: every input by name, and the outputs wanted by name, which come back in that order.
    ///
    /// [`Error::Input`] for names, types and shapes that do not fit, [`Error::Run`] if the engine fails,
    /// [`Error::Panicked`] if it panics.
    pub fn run(&self, inputs: &[(&str, Tensor)], outputs: &[&str]) -> Result<Vec<Tensor>> {
        let wanted = self.check(inputs, outputs)?;
        let engine = self.engine();
        let run = || match &self.graph {
            Graph::Rten(graph) => graph.run(inputs, &wanted),
            Graph::Onnx(graph) => graph.run(inputs, &wanted),
        };
        let started = Instant::now();
        let outcome = guarded(&self.model, engine, run);
        if let Some(counter) = &self.counter {
            counter.add(started.elapsed(), matches!(outcome, Ok(Ok(_))));
        }
        outcome?.map_err(|detail| Error::Run { model: self.model.clone(), engine, detail })
    }

    /// Runs a graph of one input and gives all of its outputs, in the file's order.
    pub fn run_single(&self, input: Tensor) -> Result<Vec<Tensor>> {
        let [only] = self.inputs() else {
            return Err(self.misfit(format!("it takes {} inputs, not one", self.inputs().len())));
        };
        let outputs: Vec<&str> = self.outputs().iter().map(|info| info.name.as_str()).collect();
        self.run(&[(only.name.as_str(), input)], &outputs)
    }

    fn check(&self, inputs: &[(&str, Tensor)], outputs: &[&str]) -> Result<Vec<&TensorInfo>> {
        for (at, (name, tensor)) in inputs.iter().enumerate() {
            let Some(info) = self.inputs().iter().find(|info| info.name == *name) else {
                let names: Vec<&str> = self.inputs().iter().map(|info| info.name.as_str()).collect();
                return Err(self.misfit(format!("it has no input {name:?}, but {names:?}")));
            };
            if inputs[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(self.misfit(format!("the input {name:?} is given twice")));
            }
            if info.dtype != tensor.dtype() || !info.fits(tensor.shape()) || !tensor.is_consistent() {
                return Err(self.misfit(format!(
                    "it wants {info} and was given {}{:?} of {} numbers",
                    tensor.dtype(),
                    tensor.shape(),
                    tensor.len()
                )));
            }
        }
        if let Some(missing) =
            self.inputs().iter().find(|info| !inputs.iter().any(|(name, _)| *name == info.name))
        {
            return Err(self.misfit(format!("the input {missing} is missing")));
        }
        outputs
            .iter()
            .map(|name| {
                self.outputs().iter().find(|info| info.name == *name).ok_or_else(|| {
                    let names: Vec<&str> = self.outputs().iter().map(|info| info.name.as_str()).collect();
                    self.misfit(format!("it has no output {name:?}, but {names:?}"))
                })
            })
            .collect()
    }

    fn misfit(&self, detail: String) -> Error {
        Error::Input { model: self.model.clone(), detail }
    }
}

/// Runs foreign code; a panic in it becomes an error.
fn guarded<T>(model: &str, engine: EngineKind, work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Error::Panicked {
        model: model.to_owned(),
        engine,
        detail: panic_text(&*panic),
    })
}

pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
