//! [`EditableGraph`]: small changes to an ONNX file before an engine reads it. A file that holds two towers is cut
//! down to one, and a node that an engine computes differently is replaced. Everything not understood is kept byte by
//! byte. Field numbers: `onnx.proto` (ONNX 1.x).

pub(crate) mod cubic;

use std::collections::HashSet;

/// A model taken apart: the graph's nodes, weights, inputs and outputs, and the rest as it was.
#[derive(Debug, Clone)]
pub(crate) struct EditableGraph {
    /// The model's fields but the graph, raw.
    model: Vec<u8>,
    /// The graph's fields but those below (name, value infos, …), raw.
    rest: Vec<u8>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) weights: Vec<Weight>,
    inputs: Vec<Named>,
    outputs: Vec<Named>,
}

/// A node of the graph.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) op: String,
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    /// Names that graphs within its attributes use, its own among them.
    inner: HashSet<String>,
    raw: Vec<u8>,
}

/// A constant tensor.
#[derive(Debug, Clone)]
pub(crate) struct Weight {
    pub(crate) name: String,
    pub(crate) dims: Vec<u64>,
    raw: Vec<u8>,
}

#[derive(Debug, Clone)]
struct Named {
    name: String,
    raw: Vec<u8>,
}

const MODEL_GRAPH: u64 = 7;
const GRAPH_NODE: u64 = 1;
const GRAPH_WEIGHT: u64 = 5;
const GRAPH_INPUT: u64 = 11;
const GRAPH_OUTPUT: u64 = 12;
const NODE_INPUT: u64 = 1;
const NODE_OUTPUT: u64 = 2;
const NODE_OP: u64 = 4;
const NODE_ATTRIBUTE: u64 = 5;
const ATTRIBUTE_GRAPH: u64 = 6;
const TENSOR_DIMS: u64 = 1;
const TENSOR_TYPE: u64 = 2;
const TENSOR_NAME: u64 = 8;
const TENSOR_RAW: u64 = 9;

impl EditableGraph {
    /// Takes a model apart. The error says what is wrong with the bytes.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut graph = Self {
            model: Vec::new(),
            rest: Vec::new(),
            nodes: Vec::new(),
            weights: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let mut has_graph = false;
        for field in fields(bytes) {
            let field = field?;
            match field.bytes {
                Some(inner) if field.number == MODEL_GRAPH && !has_graph => {
                    has_graph = true;
                    graph.read_graph(inner)?;
                }
                _ => graph.model.extend_from_slice(field.raw),
            }
        }
        if has_graph { Ok(graph) } else { Err("there is no graph in the file".to_owned()) }
    }

    fn read_graph(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in fields(bytes) {
            let field = field?;
            match (field.number, field.bytes) {
                (GRAPH_NODE, Some(inner)) => self.nodes.push(Node::read(inner)?),
                (GRAPH_WEIGHT, Some(inner)) => self.weights.push(Weight::read(inner)?),
                (GRAPH_INPUT, Some(inner)) => self.inputs.push(Named::read(inner)?),
                (GRAPH_OUTPUT, Some(inner)) => self.outputs.push(Named::read(inner)?),
                _ => self.rest.extend_from_slice(field.raw),
            }
        }
        Ok(())
    }

    /// The model as one file again.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut graph = self.rest.clone();
        for node in &self.nodes {
            put_bytes(&mut graph, GRAPH_NODE, &node.raw);
        }
        for weight in &self.weights {
            put_bytes(&mut graph, GRAPH_WEIGHT, &weight.raw);
        }
        for input in &self.inputs {
            put_bytes(&mut graph, GRAPH_INPUT, &input.raw);
        }
        for output in &self.outputs {
            put_bytes(&mut graph, GRAPH_OUTPUT, &output.raw);
        }
        let mut model = self.model.clone();
        put_bytes(&mut model, MODEL_GRAPH, &graph);
        model
    }

    /// Keeps the outputs that are named and whatever they are computed from: nodes, weights and inputs.
    /// The error names an output that the graph does not have.
    pub(crate) fn keep_outputs(&mut self, names: &[&str]) -> Result<(), String> {
        if let Some(missing) =
            names.iter().find(|name| !self.outputs.iter().any(|output| output.name == **name))
        {
            return Err(format!("the graph has no output {missing:?}"));
        }
        self.outputs.retain(|output| names.contains(&output.name.as_str()));
        let mut needed: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        // Nodes are in an order in which they can be computed, so one look from the end is enough.
        let mut kept: Vec<Node> = Vec::new();
        for node in std::mem::take(&mut self.nodes).into_iter().rev() {
            if node.outputs.iter().any(|output| needed.contains(output)) {
                needed.extend(node.inputs.iter().chain(&node.inner).cloned());
                kept.push(node);
            }
        }
        kept.reverse();
        self.nodes = kept;
        self.weights.retain(|weight| needed.contains(&weight.name));
        self.inputs.retain(|input| needed.contains(&input.name));
        Ok(())
    }
}

impl Node {
    /// A node without attributes.
    pub(crate) fn new(op: &str, inputs: &[&str], output: &str) -> Self {
        let mut raw = Vec::new();
        for input in inputs {
            put_bytes(&mut raw, NODE_INPUT, input.as_bytes());
        }
        put_bytes(&mut raw, NODE_OUTPUT, output.as_bytes());
        put_bytes(&mut raw, NODE_OP, op.as_bytes());
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            op: op.to_owned(),
            inputs: owned(inputs),
            outputs: owned(&[output]),
            inner: HashSet::new(),
            raw,
        }
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut node = Self {
            op: String::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            inner: HashSet::new(),
            raw: bytes.to_vec(),
        };
        for field in fields(bytes) {
            let field = field?;
            match (field.number, field.bytes) {
                (NODE_INPUT, Some(name)) => node.inputs.push(text(name)),
                (NODE_OUTPUT, Some(name)) => node.outputs.push(text(name)),
                (NODE_OP, Some(op)) => node.op = text(op),
                (NODE_ATTRIBUTE, Some(attribute)) => {
                    for field in fields(attribute) {
                        let field = field?;
                        if let (ATTRIBUTE_GRAPH, Some(graph)) = (field.number, field.bytes) {
                            names_used(graph, &mut node.inner)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(node)
    }

    /// The text of an attribute, if it has one.
    pub(crate) fn text_attribute(&self, name: &str) -> Option<String> {
        self.attribute(name)?.filter_map(Result::ok).find(|field| field.number == 4)?.bytes.map(text)
    }

    /// The number of an attribute, if it is a float.
    pub(crate) fn float_attribute(&self, name: &str) -> Option<f32> {
        // Field 2 is the float, a fixed 32-bit number after its key.
        let field = self.attribute(name)?.filter_map(Result::ok).find(|field| field.number == 2)?;
        field.raw.last_chunk::<4>().map(|bytes| f32::from_le_bytes(*bytes))
    }

    fn attribute(&self, name: &str) -> Option<Fields<'_>> {
        fields(&self.raw)
            .filter_map(Result::ok)
            .filter(|field| field.number == NODE_ATTRIBUTE)
            .filter_map(|field| field.bytes)
            .find(|attribute| {
                fields(attribute)
                    .filter_map(Result::ok)
                    .any(|field| field.number == 1 && field.bytes == Some(name.as_bytes()))
            })
            .map(fields)
    }
}

impl Weight {
    /// A tensor of floats.
    pub(crate) fn floats(name: &str, dims: &[u64], values: &[f32]) -> Self {
        let mut raw = Vec::new();
        for dim in dims {
            put_number(&mut raw, TENSOR_DIMS, *dim);
        }
        put_number(&mut raw, TENSOR_TYPE, 1);
        put_bytes(&mut raw, TENSOR_NAME, name.as_bytes());
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        put_bytes(&mut raw, TENSOR_RAW, &bytes);
        Self { name: name.to_owned(), dims: dims.to_vec(), raw }
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut weight = Self { name: String::new(), dims: Vec::new(), raw: bytes.to_vec() };
        for field in fields(bytes) {
            let field = field?;
            match (field.number, field.bytes) {
                (TENSOR_DIMS, None) => weight.dims.push(field.value),
                // The dimensions, packed.
                (TENSOR_DIMS, Some(mut packed)) => {
                    while !packed.is_empty() {
                        weight.dims.push(varint(&mut packed)?);
                    }
                }
                (TENSOR_NAME, Some(name)) => weight.name = text(name),
                _ => {}
            }
        }
        Ok(weight)
    }
}

impl Named {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut name = String::new();
        for field in fields(bytes) {
            let field = field?;
            if let (1, Some(bytes)) = (field.number, field.bytes) {
                name = text(bytes);
            }
        }
        Ok(Self { name, raw: bytes.to_vec() })
    }
}

/// Every name that the nodes of a graph take, and its outputs.
fn names_used(graph: &[u8], names: &mut HashSet<String>) -> Result<(), String> {
    for field in fields(graph) {
        let field = field?;
        match (field.number, field.bytes) {
            (GRAPH_NODE, Some(inner)) => {
                let node = Node::read(inner)?;
                names.extend(node.inputs);
                names.extend(node.inner);
            }
            (GRAPH_OUTPUT, Some(inner)) => {
                names.insert(Named::read(inner)?.name);
            }
            _ => {}
        }
    }
    Ok(())
}

/// One field of a protobuf message.
struct Field<'b> {
    number: u64,
    /// Its number, if it is one.
    value: u64,
    /// Its content, if it has a length.
    bytes: Option<&'b [u8]>,
    /// Key and content.
    raw: &'b [u8],
}

/// The fields of a protobuf message.
struct Fields<'b>(&'b [u8]);

fn fields(bytes: &[u8]) -> Fields<'_> {
    Fields(bytes)
}

impl<'b> Iterator for Fields<'b> {
    type Item = Result<Field<'b>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'b> Fields<'b> {
    fn read(&mut self) -> Result<Field<'b>, String> {
        let start = self.0;
        let key = varint(&mut self.0)?;
        let mut value = 0;
        let mut bytes = None;
        match key & 7 {
            0 => value = varint(&mut self.0)?,
            1 => drop(self.take(8)?),
            2 => {
                let len = varint(&mut self.0)?;
                bytes = Some(self.take(len)?);
            }
            5 => drop(self.take(4)?),
            other => return Err(format!("the file is no ONNX model (wire type {other})")),
        }
        Ok(Field { number: key >> 3, value, bytes, raw: &start[..start.len() - self.0.len()] })
    }

    fn take(&mut self, len: u64) -> Result<&'b [u8], String> {
        let taken = usize::try_from(len).ok().and_then(|len| self.0.split_at_checked(len));
        let (taken, rest) = taken.ok_or("the file ends early")?;
        self.0 = rest;
        Ok(taken)
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or("the file ends early")?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("the file is no ONNX model (a number of more than 64 bits)".to_owned())
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_number(out: &mut Vec<u8>, number: u64, value: u64) {
    put_varint(out, number << 3);
    put_varint(out, value);
}

fn put_bytes(out: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_varint(out, number << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
