//! Files that lie, are cut off, are damaged, or ask for what is not supported: an error that says so, every time.

use super::super::{TfliteError, lower, lower_with};
use super::real::{extra_outputs, published};
use super::support::{drawn, inputs, random, recorded};
use super::written::{self, Node, Parts, absolute, constant, operator, tensor};
use crate::{Engine, Session, SessionOptions};

fn refusal(parts: &Parts) -> String {
    lower(&parts.file()).unwrap_err().to_string()
}

#[test]
fn a_right_file_is_the_start() {
    assert!(lower(&absolute(3).file()).is_ok());
}

#[test]
fn what_is_no_tflite_file_is_called_so() {
    for bytes in [b"".as_slice(), b"\0\0\0\0TFL2", b"ONNXONNXONNX", b"\x08\0\0\0TFL"] {
        assert!(matches!(lower(bytes), Err(TfliteError::NotTflite(_))), "{bytes:?}");
    }
    let mut root = absolute(3).root();
    root[0].1 = Node::I32(2);
    assert_eq!(
        lower(&written::file(&Node::Table(root))).unwrap_err().to_string(),
        "not a TFLite file: its schema version is not 3"
    );
    let mut root = absolute(3).root();
    root[2].1 = Node::Tables(Vec::new());
    assert!(matches!(lower(&written::file(&Node::Table(root))), Err(TfliteError::NotTflite(_))));
}

#[test]
fn unsupported_operators_are_named_with_version_and_place() {
    let mut parts = absolute(3);
    parts.tensors.push(tensor("z", 0, &[3]));
    parts.codes.push((16, 4, ""));
    parts.operators.push(operator(1, &[1], &[2]));
    assert_eq!(refusal(&parts), "operator 1 is LSTM version 4, which is not supported");
    parts.codes[1] = (32, 1, "MyOwnOperator");
    assert_eq!(refusal(&parts), "operator 1 is MyOwnOperator version 1, which is not supported");
    parts.codes[1] = (101, 6, "");
    assert_eq!(refusal(&parts), "operator 1 is ABS version 6, which is not supported");
    parts.codes[1] = (4000, 1, "");
    assert_eq!(refusal(&parts), "operator 1 is operator number 4000 version 1, which is not supported");
    parts.operators[1] = operator(2, &[1], &[2]);
    assert!(refusal(&parts).contains("index of an operator code"));
}

#[test]
fn tensors_that_contradict_themselves_are_named() {
    let with = |fields: Vec<(usize, Node)>| {
        let mut parts = absolute(3);
        parts.buffers = vec![vec![0; 12]];
        parts.tensors.push(fields);
        refusal(&parts)
    };
    let shaped = |shape: &[i32]| with(tensor("t", 0, shape));
    assert!(
        shaped(&[1 << 20, 1 << 20]).starts_with("tensor 2 (t): its shape [1048576, 1048576] has more than")
    );
    assert!(shaped(&[i32::MAX; 6]).contains("has more than"));
    assert!(shaped(&[0, i32::MAX]).contains("has more than"));
    assert!(shaped(&[-2]).contains("negative length"));
    assert!(shaped(&[1; 7]).contains("7 axes are more than 6"));
    assert!(with(constant("t", 0, &[4], 1)).contains("its shape needs 16 bytes, its buffer has 12"));
    assert!(with(constant("t", 0, &[3], 9)).contains("there is no buffer 9"));
    let and = |field: usize, node: Node| {
        let mut fields = constant("t", 3, &[12], 1);
        fields.push((field, node));
        with(fields)
    };
    assert!(and(5, Node::I8(1)).contains("keeps its value between runs"));
    assert!(and(6, Node::Table(Vec::new())).contains("stored sparsely"));
    assert!(and(10, Node::I32(1)).contains("another file"));
    let quantised = |scales: &[f32], zeros: &[i64], axis: i32| {
        let fields =
            vec![(2, Node::F32s(scales.to_vec())), (3, Node::I64s(zeros.to_vec())), (6, Node::I32(axis))];
        and(4, Node::Table(fields))
    };
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(quantised(&[scale], &[0], 0).contains("not a positive number"));
    }
    assert!(quantised(&[1.0], &[256], 0).contains("zero points"));
    assert!(quantised(&[1.0], &[-1], 0).contains("zero points"));
    assert!(quantised(&[1.0; 12], &[0, 0], 0).contains("zero points"));
    assert!(quantised(&[1.0; 11], &[], 0).contains("as many quantisation scales"));
    assert!(quantised(&[1.0; 12], &[], 1).contains("as many quantisation scales"));
    assert!(quantised(&[1.0; 12], &[], -1).contains("as many quantisation scales"));
    assert!(and(4, Node::Table(vec![(2, Node::F32s(vec![1.0])), (4, Node::I8(1))])).contains("in blocks"));
    let long = with(tensor(&"n".repeat(500), 0, &[-1]));
    assert!(long.len() < 300 && long.contains('…'), "{long}");
}

#[test]
fn graphs_that_contradict_themselves_are_refused() {
    let mut parts = absolute(3);
    parts.operators = vec![operator(0, &[1], &[1])];
    assert!(refusal(&parts).contains("used before it is computed"));
    parts.operators = vec![operator(0, &[0], &[1]), operator(0, &[0], &[1])];
    assert_eq!(refusal(&parts), "operator 1 (ABS version 1): it computes tensor 1 a second time");
    parts.operators = vec![operator(0, &[0], &[0])];
    assert!(refusal(&parts).contains("a second time"));
    parts.operators = Vec::new();
    assert!(refusal(&parts).contains("before it is computed"));
    for (inputs, outputs) in [(vec![0], vec![2]), (vec![-2], vec![1]), (vec![0], vec![-1])] {
        parts.operators = vec![operator(0, &inputs, &outputs)];
        assert!(refusal(&parts).starts_with("damaged TFLite file"), "{inputs:?} {outputs:?}");
    }
    parts.operators = vec![operator(0, &[-1], &[1])];
    assert!(refusal(&parts).contains("input 0 is missing"));
    parts.operators = vec![operator(0, &[0], &[])];
    assert!(refusal(&parts).contains("0 outputs instead of one"));
    let mut parts = absolute(3);
    parts.tensors[1] = tensor("y", 0, &[4]);
    assert_eq!(refusal(&parts), "operator 0 (ABS version 1): its result has shape [3], the file says [4]");
    parts.tensors[1] = tensor("x", 0, &[3]);
    assert_eq!(refusal(&parts), "two inputs or outputs of the graph are named \"x\"");
    let mut parts = absolute(3);
    parts.outputs = Vec::new();
    assert!(refusal(&parts).contains("its graph has no output"));
    parts.outputs = vec![7];
    assert!(refusal(&parts).contains("index of a tensor"));
    let mut parts = absolute(3);
    parts.tensors[0] = tensor("x", 7, &[3]);
    assert_eq!(refusal(&parts), "tensor 0 (x): element type 7 is not supported");
}

#[test]
fn small_files_that_describe_much_are_stopped() {
    // Every operator is the same one, and that one has a thousand inputs.
    let many = |count: usize| {
        let mut parts = absolute(3);
        parts.operators = Vec::new();
        let shared = Node::Shared(1, Box::new(Node::Table(operator(0, &[0; 1000], &[1]))));
        let mut root = parts.root();
        let Node::Tables(graphs) = &mut root[2].1 else { unreachable!() };
        let Node::Table(graph) = &mut graphs[0] else { unreachable!() };
        graph[3].1 = Node::Tables(vec![shared; count]);
        written::file(&Node::Table(root))
    };
    let bomb = many(20_000);
    assert!(bomb.len() < 100_000);
    assert!(matches!(lower(&bomb), Err(TfliteError::TooLarge { .. })), "{:?}", lower(&bomb));
    // One constant of half floats, made into floats again and again.
    let mut parts = absolute(1000);
    parts.buffers = vec![vec![0; 2_000_000]];
    parts.codes.push((6, 3, ""));
    parts.codes.push((0, 1, ""));
    parts.tensors.push(constant("half", 1, &[1_000_000], 1));
    for round in 0..10 {
        let at = parts.tensors.len() as i32;
        parts.tensors.push(tensor("float", 0, &[1_000_000]));
        parts.tensors.push(tensor("sum", 0, &[1_000_000]));
        parts.operators.push(operator(1, &[2], &[at]));
        parts.operators.push(operator(2, &[at, at], &[at + 1]));
        let limit = lower(&parts.file());
        assert_eq!(limit.is_err(), round >= 4, "{round}: 4 MB each, of 8 × 2 + 1 in all");
    }
    assert!(matches!(lower(&parts.file()), Err(TfliteError::TooLarge { .. })));
}

#[test]
fn offsets_that_lead_astray_are_found() {
    let root = absolute(3).root();
    // Without buffers the file would be right: it has no constant.
    for field in [1, 2] {
        for wild in [0, 1, 3, 1 << 16, u32::MAX, i32::MAX as u32] {
            let mut root = root.clone();
            root[field].1 = Node::Wild(wild);
            assert!(lower(&written::file(&Node::Table(root))).is_err(), "{field} {wild}");
        }
    }
}

const DRAWN: &[&str] = &["convolutions", "parts", "whole_signed_per_channel", "half_weights", "custom"];

#[test]
fn drawn_files_cut_anywhere_are_refused() {
    for name in DRAWN {
        let whole = drawn(name);
        for len in 0..whole.len() {
            assert!(lower(&whole[..len]).is_err(), "{name} cut to {len} of {}", whole.len());
        }
    }
}

#[test]
fn drawn_files_with_changed_bytes_never_panic() {
    let names: Vec<String> = recorded("cases.json").into_keys().collect();
    let mut accepted = 0usize;
    for name in &names {
        let mut bytes = drawn(name);
        for at in 0..bytes.len() {
            let was = bytes[at];
            let dice = random(at as u64, 1);
            bytes[at] = match dice >> 8 & 3 {
                0 => 0xFF,
                1 => (dice >> 16) as u8,
                _ => was ^ 1 << (dice & 7),
            };
            accepted += usize::from(lower(&bytes).is_ok());
            bytes[at] = was;
        }
    }
    // Most bytes are weights, which may be any.
    assert!(accepted > 0);
}

#[test]
fn engines_answer_what_changed_graphs_ask_of_them() {
    let engine = Engine::rten();
    let mut ran = 0;
    for name in DRAWN {
        let whole = drawn(name);
        for round in 0..60 {
            let mut bytes = whole.clone();
            for flip in 0..4 {
                let dice = random(round, flip);
                let at = (dice >> 8) as usize % bytes.len();
                bytes[at] ^= 1 << (dice & 7);
            }
            let Ok(onnx) = lower(&bytes) else { continue };
            let Ok(session) = Session::load(name, onnx, &engine, SessionOptions { threads: 1, workers: 1 })
            else {
                continue;
            };
            if session.inputs().iter().any(|info| !matches!(info.dtype, crate::DType::F32 | crate::DType::U8))
            {
                continue;
            }
            let inputs = inputs(&session, 1, 1, 1);
            let inputs: Vec<_> =
                inputs.iter().map(|(name, tensor)| (name.as_str(), tensor.clone())).collect();
            let outputs: Vec<&str> = session.outputs().iter().map(|info| info.name.as_str()).collect();
            ran += usize::from(session.run(&inputs, &outputs).is_ok());
        }
    }
    assert!(ran > 0);
}

#[test]
fn published_files_cut_or_changed_never_panic() {
    let Some(data) = tintype_testkit::test_data() else { return };
    for name in recorded("real.json").keys() {
        let whole = published(&data.join("models"), name);
        for part in 0..16 {
            let len = whole.len() * part / 16;
            assert!(lower(&whole[..len]).is_err(), "{name} cut to {len}");
        }
        // Graph and tables lie at the two ends, weights between.
        let mut bytes = whole.clone();
        for round in 0..60 {
            let dice = random(round, 2);
            let reach = if round % 3 == 0 { whole.len() } else { 40_000.min(whole.len()) };
            let offset = (dice >> 8) as usize % reach;
            let at = if round % 2 == 0 { offset } else { whole.len() - 1 - offset };
            let was = bytes[at];
            bytes[at] ^= 1 << (dice & 7);
            let _ = lower_with(&bytes, &extra_outputs(name));
            bytes[at] = was;
        }
    }
}
