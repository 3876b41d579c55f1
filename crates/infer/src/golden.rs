//! The large families against the reference implementations, number by number, on both engines: small models of
//! their architecture, installed like any model. `tests/golden` has the files and the scripts that wrote them.

mod captions;
mod embeddings;

use std::io::Read as _;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;
use tintype_vision::RgbImage;

use crate::engine::{EngineChoice, EngineKind};
use crate::registry::{InferConfig, Models, sha256_hex};
use crate::table::{Format, ModelRow, Pack, Part, Pin, Task};

/// A fixture, unpacked.
fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.gz"));
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&fs_err::read(path).unwrap()[..]).read_to_end(&mut bytes).unwrap();
    bytes
}

fn expected(family: &str) -> Value {
    serde_json::from_slice(&unpacked(&format!("{family}.json"))).unwrap()
}

/// A row over fixtures: role and file of each part.
fn row(id: &'static str, family: &'static str, parts: &[(&'static str, &'static str)]) -> ModelRow {
    let part = |(role, name): &(&'static str, &'static str)| {
        let sha256: &'static str = sha256_hex(&unpacked(name)).leak();
        let format = if std::path::Path::new(name).extension().is_some_and(|extension| extension == "onnx") {
            Format::Onnx
        } else {
            Format::Data
        };
        let pins = vec![Pin { name, format, bytes: None, sha256, url: None }];
        Part { role, pins: pins.leak() }
    };
    ModelRow {
        id,
        title: "A small one of the same kind",
        task: Task::ImageText,
        family,
        version: "golden@1",
        pack: Pack::Lite,
        licence: "MIT",
        commercial: true,
        note: "",
        parts: parts.iter().map(part).collect::<Vec<_>>().leak(),
    }
}

/// The rows installed in a folder of their own, for each engine there is.
fn on_each_engine(rows: Vec<ModelRow>, check: impl Fn(&Models)) {
    let rows: &'static [ModelRow] = rows.leak();
    let dir = TempDir::new().unwrap();
    let pins = rows.iter().flat_map(|row| row.parts).flat_map(|part| part.pins);
    for pin in pins.filter(|pin| !matches!(pin.format, Format::PyTorch { .. })) {
        fs_err::write(dir.path().join(pin.name), unpacked(pin.name)).unwrap();
    }
    let config = || InferConfig::new(dir.path());
    check(&Models::with_rows(InferConfig { engine: EngineChoice::Rten, ..config() }, rows));
    let Some(engine) = crate::test_support::onnx_runtime() else { return };
    let crate::engine::Engine::Onnx(runtime) = engine else { unreachable!("it is ONNX Runtime") };
    let library = Some(runtime.library().to_owned());
    let models =
        Models::with_rows(InferConfig { engine: EngineChoice::Onnx, onnxruntime: library, ..config() }, rows);
    assert_eq!(models.engine_report().engine, EngineKind::Onnx);
    check(&models);
}

/// The script's picture: slopes, hard-edged blocks and noise, from integers alone.
fn drawn(seed: i64, width: u32, height: u32) -> RgbImage {
    let mut data = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..i64::from(height) {
        for x in 0..i64::from(width) {
            for c in 0..3 {
                let noise = ((x * 73856093) ^ (y * 19349663) ^ ((c + seed) * 83492791)) % 61;
                let blocks = ((x / (9 + 4 * c + seed) + y / (13 + seed)) % 2) * 110;
                let slope = (x * (2 + c) + y * (5 - c) + seed * 40) / 4 % 90;
                data.push((noise + blocks + slope).clamp(0, 255) as u8);
            }
        }
    }
    RgbImage::new(width, height, data).unwrap()
}

/// Pictures of every shape.
static PICTURES: LazyLock<Vec<RgbImage>> = LazyLock::new(|| {
    let sizes = [(640, 480), (384, 384), (224, 224), (60, 41), (333, 500)];
    sizes.into_iter().zip(0..).map(|((width, height), seed)| drawn(seed, width, height)).collect()
});

fn pictures() -> Vec<&'static RgbImage> {
    PICTURES.iter().collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// Compares values spread over a whole with those the script sampled: each within `tolerance`.
#[track_caller]
fn assert_sampled(found: &[f32], expected: &Value, tolerance: f64, what: &str) {
    let values = floats(&expected["values"]);
    assert!(values.len() >= 12);
    for (at, value) in floats(&expected["at"]).into_iter().zip(values) {
        let off = (f64::from(found[at as usize]) - value).abs();
        assert!(off <= tolerance, "{what}: {} at {at} instead of {value}", found[at as usize]);
    }
}

/// Compares rows of numbers: each number within `tolerance`. Returns the largest difference.
#[track_caller]
fn assert_rows(found: &[Vec<f32>], expected: &Value, tolerance: f64, what: &str) -> f64 {
    let rows = expected.as_array().unwrap();
    assert_eq!(found.len(), rows.len(), "{what}");
    let mut largest = 0.0f64;
    for (at, (found, expected)) in found.iter().zip(rows).enumerate() {
        let expected = floats(expected);
        assert_eq!(found.len(), expected.len(), "{what} {at}");
        for (found, expected) in found.iter().zip(expected) {
            let off = (f64::from(*found) - expected).abs();
            assert!(off <= tolerance, "{what} {at}: {found} instead of {expected}");
            largest = largest.max(off);
        }
    }
    largest
}
