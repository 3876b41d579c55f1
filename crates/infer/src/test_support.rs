//! For tests of this crate: the library of ONNX Runtime, where it is.

use crate::engine::{Engine, EngineChoice, EngineConfig, EngineKind};

/// ONNX Runtime: `TINTYPE__MODELS__ONNXRUNTIME`, what `make run` installs, or what the system has. Without it a
/// test says loudly that it ran on RTen alone; under CI it fails instead.
pub(crate) fn onnx_runtime() -> Option<Engine> {
    let library = std::env::var_os("TINTYPE__MODELS__ONNXRUNTIME").map(Into::into);
    let installed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/lib");
    let config = EngineConfig {
        choice: EngineChoice::Auto,
        library,
        library_dirs: vec![installed],
        ..EngineConfig::default()
    };
    let (engine, report) = Engine::choose(&config);
    if engine.kind() == EngineKind::Onnx {
        return Some(engine);
    }
    assert!(std::env::var_os("CI").is_none(), "ONNX Runtime must be there in CI: {}", report.reason);
    eprintln!("SKIPPED on ONNX Runtime: {}", report.reason);
    None
}
