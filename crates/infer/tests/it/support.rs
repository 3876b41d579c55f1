//! The installations that tests run on.

use tempfile::TempDir;
use tintype_infer::{EngineChoice, EngineKind, InferConfig, Models};
use tintype_media::{DecodeRequest, Limits, decode, inspect};
use tintype_vision::RgbImage;

/// An installation with the test data as mirror, on RTen and, where its library is, on ONNX Runtime. Empty without
/// test data; under CI that is a failure.
pub(crate) fn installations() -> Vec<(Models, TempDir)> {
    let Some(data) = tintype_testkit::test_data() else { return Vec::new() };
    let open = |engine| {
        let dir = tempfile::tempdir().unwrap();
        let mut config = InferConfig::new(dir.path());
        config.mirror = Some(data.join("models").to_str().unwrap().to_owned());
        config.engine = engine;
        config.onnxruntime = std::env::var_os("TINTYPE__MODELS__ONNXRUNTIME").map(Into::into);
        let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/lib");
        config.library_dirs = vec![beside];
        (Models::open(config), dir)
    };
    let mut all = vec![open(EngineChoice::Rten)];
    let other = open(EngineChoice::Onnx);
    let report = other.0.engine_report();
    if report.engine == EngineKind::Onnx {
        all.push(other);
    } else {
        assert!(std::env::var_os("CI").is_none(), "ONNX Runtime must be there in CI: {}", report.reason);
        eprintln!("SKIPPED on ONNX Runtime: {}", report.reason);
    }
    all
}

/// A real photo, upright, at its own size.
pub(crate) fn photo(name: &str) -> RgbImage {
    let path = tintype_testkit::photos_dir().unwrap().join(name);
    let inspected = inspect(&path, &Limits::default()).unwrap();
    decode(&inspected, &DecodeRequest { long_side: 4096, limits: Limits::default() }).unwrap().rgb(4096)
}
