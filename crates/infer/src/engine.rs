//! [`Engine`]: which of the two runs graphs here, and [`EngineReport`], which says so to people.

mod library;
mod onnx;
mod rten;

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub(crate) use onnx::OnnxGraph;
pub use onnx::OnnxRuntime;
pub(crate) use rten::RtenGraph;
pub use rten::RtenLanes;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// RTen, built in.
    Rten,
    /// ONNX Runtime, a shared library found when the program runs.
    Onnx,
}

impl std::fmt::Display for EngineKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rten => "RTen",
            Self::Onnx => "ONNX Runtime",
        })
    }
}

/// Which engine is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineChoice {
    /// ONNX Runtime where its library is found, RTen otherwise.
    #[default]
    Auto,
    /// RTen even where the library is.
    Rten,
    /// ONNX Runtime; RTen only if it cannot be loaded, and the report says why.
    Onnx,
}

/// What ONNX Runtime computes on. Everything but the CPU needs a library built for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The processor.
    #[default]
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// Apple's GPU and neural engine.
    CoreMl,
    /// Intel CPUs, GPUs and NPUs.
    OpenVino,
    /// Any GPU under Windows.
    DirectMl,
}

impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::CoreMl => "coreml",
            Self::OpenVino => "openvino",
            Self::DirectMl => "directml",
        })
    }
}

/// How to choose an engine.
#[derive(Debug, Clone, Default)]
pub struct EngineConfig {
    /// Which engine is wanted.
    pub choice: EngineChoice,
    /// What ONNX Runtime is to compute on.
    pub provider: Provider,
    /// The library of ONNX Runtime. When set, no other place is looked at.
    pub library: Option<PathBuf>,
    /// Folders in which the library is looked for, before the folder of the program and the system's own places.
    pub library_dirs: Vec<PathBuf>,
}

/// Which engine runs graphs, for `doctor`, `health` and `metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineReport {
    /// The engine.
    pub engine: EngineKind,
    /// Its version.
    pub version: String,
    /// What it computes on.
    pub provider: Provider,
    /// Why this one: one sentence.
    pub reason: String,
    /// The library in use, of ONNX Runtime.
    pub library: Option<PathBuf>,
}

/// An engine that is ready to load graphs. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Engine {
    /// RTen.
    Rten(Arc<RtenLanes>),
    /// ONNX Runtime.
    Onnx(Arc<OnnxRuntime>),
}

impl Engine {
    /// RTen: always there.
    pub fn rten() -> Self {
        Self::Rten(Arc::default())
    }

    /// The engine that fits the wish and the machine. Never fails: without the library there is RTen, and the
    /// report says why.
    pub fn choose(config: &EngineConfig) -> (Self, EngineReport) {
        let rten = |reason: String| {
            let report = EngineReport {
                engine: EngineKind::Rten,
                version: rten::VERSION.to_owned(),
                provider: Provider::Cpu,
                reason,
                library: None,
            };
            (Self::rten(), report)
        };
        if config.choice == EngineChoice::Rten {
            return rten("RTen was asked for".to_owned());
        }
        match OnnxRuntime::find(config) {
            Ok(runtime) => {
                let report = EngineReport {
                    engine: EngineKind::Onnx,
                    version: runtime.version().to_owned(),
                    provider: runtime.provider(),
                    reason: runtime.reason().to_owned(),
                    library: Some(runtime.library().to_owned()),
                };
                (Self::Onnx(Arc::new(runtime)), report)
            }
            Err(reason) => rten(reason),
        }
    }

    /// Which one it is.
    pub fn kind(&self) -> EngineKind {
        match self {
            Self::Rten(_) => EngineKind::Rten,
            Self::Onnx(_) => EngineKind::Onnx,
        }
    }
}
