//! What the tests of this module share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::test_support::onnx_runtime;
use crate::{DType, Engine, Session, SessionOptions, Tensor};

/// Recorded numbers of one file.
#[derive(Debug, Deserialize)]
pub(super) struct Recorded {
    /// The first input's seed; the others' follow.
    pub(super) seed: u64,
    /// How many elements of an input in a row are the same.
    pub(super) spread: u64,
    pub(super) outputs: Vec<RecordedOutput>,
    /// NIMA only: what the interpreter's kernels for whole-number weights give, which round activations too.
    pub(super) rounding_activations: Option<Vec<f64>>,
}

/// Some or all of an output's elements.
#[derive(Debug, Deserialize)]
pub(super) struct RecordedOutput {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    /// Every so many elements are recorded, from the first on.
    pub(super) every: usize,
    pub(super) values: Vec<f64>,
    /// How far apart neighbouring values of a quantised output are.
    pub(super) step: Option<f64>,
}

/// The folder of drawn files and recorded numbers.
pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tflite")
}

/// Recorded numbers by file.
pub(super) fn recorded(file: &str) -> BTreeMap<String, Recorded> {
    serde_json::from_slice(&fs_err::read(fixtures().join(file)).unwrap()).unwrap()
}

/// A drawn file.
pub(super) fn drawn(name: &str) -> Vec<u8> {
    fs_err::read(fixtures().join(format!("{name}.tflite"))).unwrap()
}

/// Every engine that is there.
pub(super) fn engines() -> Vec<Engine> {
    std::iter::once(Engine::rten()).chain(onnx_runtime()).collect()
}

pub(super) fn session(name: &str, onnx: Vec<u8>, engine: &Engine) -> Session {
    Session::load(name, onnx, engine, SessionOptions { threads: 1, workers: 1 }).unwrap()
}

/// Element `at` of the pseudo-random input with this seed (splitmix64).
pub(super) fn random(seed: u64, at: u64) -> u64 {
    let mut z = (seed << 32).wrapping_add(at).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Pseudo-random inputs of a graph, the same as the script draws; open lengths are `open`, and `spread` elements in
/// a row are the same.
pub(super) fn inputs(session: &Session, seed: u64, spread: u64, open: usize) -> Vec<(String, Tensor)> {
    let draw = |(at, info): (usize, &crate::TensorInfo)| {
        let shape: Vec<usize> = info.shape.iter().map(|length| length.unwrap_or(open)).collect();
        let count = shape.iter().product::<usize>() as u64;
        let numbers = (0..count).map(|element| random(seed + at as u64, element / spread));
        let tensor = match info.dtype {
            DType::F32 => {
                Tensor::f32(shape, numbers.map(|z| ((z >> 40) as f64 / 8_388_608.0 - 1.0) as f32).collect())
            }
            DType::U8 => Tensor::u8(shape, numbers.map(|z| (z >> 56) as u8).collect()),
            other => panic!("no input of {other} is drawn"),
        };
        (info.name.clone(), tensor.unwrap())
    };
    session.inputs().iter().enumerate().map(draw).collect()
}

/// All outputs in the graph's order, as floats of double precision.
pub(super) fn run(session: &Session, inputs: &[(String, Tensor)]) -> Vec<(Vec<usize>, Vec<f64>)> {
    let inputs: Vec<(&str, Tensor)> =
        inputs.iter().map(|(name, tensor)| (name.as_str(), tensor.clone())).collect();
    let names: Vec<&str> = session.outputs().iter().map(|info| info.name.as_str()).collect();
    let outputs = session.run(&inputs, &names).unwrap();
    outputs.into_iter().map(|tensor| (tensor.shape().to_vec(), numbers(&tensor))).collect()
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    match tensor {
        Tensor::F32 { data, .. } => data.iter().map(|value| f64::from(*value)).collect(),
        Tensor::U8 { data, .. } => data.iter().map(|value| f64::from(*value)).collect(),
        Tensor::I32 { data, .. } => data.iter().map(|value| f64::from(*value)).collect(),
        Tensor::I64 { data, .. } => data.iter().map(|value| *value as f64).collect(),
        Tensor::Bool { data, .. } => data.iter().map(|value| f64::from(u8::from(*value))).collect(),
    }
}

/// The largest difference between elements.
pub(super) fn apart(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f64::max)
}

/// The largest absolute element.
pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}

/// The types of a graph's nodes, read back from the bytes of an ONNX file.
pub(super) fn node_types(onnx: &[u8]) -> Vec<String> {
    let graph = fields(onnx).into_iter().find_map(|(field, bytes)| (field == 7).then_some(bytes)).unwrap();
    let nodes = fields(graph).into_iter().filter(|(field, _)| *field == 1);
    let kind = |(_, node)| fields(node).into_iter().find(|(field, _)| *field == 4).unwrap().1;
    nodes.map(|node| String::from_utf8(kind(node).to_vec()).unwrap()).collect()
}

/// The fields of a message that have a length, by number.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        match key & 7 {
            0 => drop(varint(&mut bytes)),
            2 => {
                let len = varint(&mut bytes) as usize;
                found.push((key >> 3, &bytes[..len]));
                bytes = &bytes[len..];
            }
            5 => bytes = &bytes[4..],
            other => panic!("wire type {other} is never written"),
        }
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}
