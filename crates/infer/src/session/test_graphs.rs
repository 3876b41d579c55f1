//! Tiny ONNX files, written byte by byte, for tests that need no model.

/// Appends a protobuf field of bytes.
fn field(out: &mut Vec<u8>, number: u8, content: &[u8]) {
    out.push(number << 3 | 2);
    assert!(content.len() < 1 << 14, "two bytes of length are enough here");
    if content.len() < 128 {
        out.push(content.len() as u8);
    } else {
        out.extend([content.len() as u8 & 0x7f | 0x80, (content.len() >> 7) as u8]);
    }
    out.extend(content);
}

fn number(out: &mut Vec<u8>, field: u8, value: u8) {
    out.extend([field << 3, value]);
}

/// A value of `elem_type` and shape `[?, columns]`.
fn value_info(name: &str, elem_type: u8, columns: u8) -> Vec<u8> {
    let mut any = Vec::new();
    field(&mut any, 2, b"n");
    let mut fixed = Vec::new();
    number(&mut fixed, 1, columns);
    let mut shape = Vec::new();
    field(&mut shape, 1, &any);
    field(&mut shape, 1, &fixed);
    let mut tensor = Vec::new();
    number(&mut tensor, 1, elem_type);
    field(&mut tensor, 2, &shape);
    let mut kind = Vec::new();
    field(&mut kind, 1, &tensor);
    let mut info = Vec::new();
    field(&mut info, 1, name.as_bytes());
    field(&mut info, 2, &kind);
    info
}

fn node(op: &str, inputs: &[&str], output: &str) -> Vec<u8> {
    let mut node = Vec::new();
    for input in inputs {
        field(&mut node, 1, input.as_bytes());
    }
    field(&mut node, 2, output.as_bytes());
    field(&mut node, 4, op.as_bytes());
    node
}

fn model(graph: &[u8]) -> Vec<u8> {
    let mut opset = Vec::new();
    number(&mut opset, 2, 13);
    let mut model = Vec::new();
    number(&mut model, 1, 7); // IR version
    field(&mut model, 8, &opset);
    field(&mut model, 7, graph);
    model
}

/// `y = x + one`, f32, shape `[?, 2]`; `one` is a weight that is listed among the inputs, as old exporters do.
pub(crate) fn add_one() -> Vec<u8> {
    let mut weight = Vec::new();
    number(&mut weight, 1, 1);
    number(&mut weight, 2, 1); // f32
    field(&mut weight, 8, b"one");
    field(&mut weight, 9, &1f32.to_le_bytes());
    let mut graph = Vec::new();
    field(&mut graph, 1, &node("Add", &["x", "one"], "y"));
    field(&mut graph, 2, b"add_one");
    field(&mut graph, 5, &weight);
    field(&mut graph, 11, &value_info("x", 1, 2));
    let mut scalar = Vec::new();
    field(&mut scalar, 1, b"one");
    field(&mut graph, 11, &scalar_info());
    field(&mut graph, 12, &value_info("y", 1, 2));
    model(&graph)
}

fn scalar_info() -> Vec<u8> {
    let mut dimension = Vec::new();
    number(&mut dimension, 1, 1);
    let mut shape = Vec::new();
    field(&mut shape, 1, &dimension);
    let mut tensor = Vec::new();
    number(&mut tensor, 1, 1);
    field(&mut tensor, 2, &shape);
    let mut kind = Vec::new();
    field(&mut kind, 1, &tensor);
    let mut info = Vec::new();
    field(&mut info, 1, b"one");
    field(&mut info, 2, &kind);
    info
}

/// `sum = a + b`, 64-bit integers; `same = (a == b)`, truth values; shapes `[?, 2]`.
pub(crate) fn integers() -> Vec<u8> {
    let mut graph = Vec::new();
    field(&mut graph, 1, &node("Add", &["a", "b"], "sum"));
    field(&mut graph, 1, &node("Equal", &["a", "b"], "same"));
    field(&mut graph, 2, b"integers");
    field(&mut graph, 11, &value_info("a", 7, 2));
    field(&mut graph, 11, &value_info("b", 7, 2));
    field(&mut graph, 12, &value_info("sum", 7, 2));
    field(&mut graph, 12, &value_info("same", 9, 2));
    model(&graph)
}

/// A graph with an operator that does not exist.
pub(crate) fn unknown_operator() -> Vec<u8> {
    let mut graph = Vec::new();
    field(&mut graph, 1, &node("Tintypify", &["x"], "y"));
    field(&mut graph, 2, b"unknown");
    field(&mut graph, 11, &value_info("x", 1, 2));
    field(&mut graph, 12, &value_info("y", 1, 2));
    model(&graph)
}
