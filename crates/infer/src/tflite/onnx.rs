//! [`Graph`]: an ONNX graph while it is being put together, and its bytes in the end.

use std::collections::{HashMap, HashSet};

use super::proto::Message;

/// ONNX operator set that the nodes are written for: the newest where `ReduceMean` still takes its axes as an
/// attribute, which both engines read. It has everything used here (`HardSwish` came with 14).
const OPERATOR_SET: i64 = 17;
/// Version of the file format that belongs to operator set 17.
const FORMAT_VERSION: i64 = 8;

/// Element types by their number in ONNX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OnnxType {
    F32 = 1,
    U8 = 2,
    I8 = 3,
    I32 = 6,
    I64 = 7,
    Bool = 9,
}

/// A value of the graph, named when the graph is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Value(u32);

/// An attribute of a node.
#[derive(Debug, Clone)]
pub(super) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
    Text(&'static str),
}

/// The length along an axis: fixed, or any (named by a text, so that equal ones can be told).
#[derive(Debug, Clone)]
pub(super) enum Length {
    Fixed(usize),
    Open(String),
}

#[derive(Debug)]
struct Node {
    operator: &'static str,
    inputs: Vec<Option<Value>>,
    outputs: Vec<Value>,
    attributes: Vec<(&'static str, Attribute)>,
}

/// Nodes, constants, inputs and outputs in the order they were added.
#[derive(Debug, Default)]
pub(super) struct Graph {
    values: u32,
    names: HashMap<Value, String>,
    computed: HashSet<Value>,
    nodes: Vec<Node>,
    constants: Vec<Message>,
    /// Small constants by what they are, so that equal ones are written once.
    small: HashMap<(OnnxType, Vec<i64>, Vec<u8>), Value>,
    inputs: Vec<Message>,
    outputs: Vec<Message>,
    /// What unnamed values' names begin with: no named one does.
    prefix: String,
}

impl Graph {
    /// An empty graph; `reserved` are the names of its inputs and outputs.
    pub(super) fn new(reserved: &[&str]) -> Self {
        let mut prefix = String::from("v");
        while reserved.iter().any(|name| name.starts_with(&prefix)) {
            prefix.push('_');
        }
        Self { prefix, ..Self::default() }
    }

    fn value(&mut self) -> Value {
        self.values += 1;
        Value(self.values)
    }

    fn name(&self, value: Value) -> String {
        self.names.get(&value).cloned().unwrap_or_else(|| format!("{}{}", self.prefix, value.0))
    }

    /// Adds an input of the graph.
    pub(super) fn input(&mut self, name: &str, element: OnnxType, shape: &[Length]) -> Value {
        let value = self.value();
        self.names.insert(value, name.to_owned());
        self.inputs.push(value_info(name, element, shape));
        value
    }

    /// Makes `value` an output of the graph under that name.
    pub(super) fn output(&mut self, value: Value, name: &str, element: OnnxType, shape: &[Length]) {
        // A computed value simply gets the name; an input, a constant or a second output needs a node between.
        let value = if self.computed.contains(&value) && !self.names.contains_key(&value) {
            value
        } else {
            self.node("Identity", &[value], Vec::new())
        };
        self.names.insert(value, name.to_owned());
        self.outputs.push(value_info(name, element, shape));
    }

    /// Adds a constant; `bytes` are its elements, little-endian.
    pub(super) fn constant(&mut self, element: OnnxType, dims: &[i64], bytes: &[u8]) -> Value {
        /// Longer ones are weights, hardly ever equal.
        const SMALL: usize = 64;
        let key = (bytes.len() <= SMALL).then(|| (element, dims.to_vec(), bytes.to_vec()));
        if let Some(value) = key.as_ref().and_then(|key| self.small.get(key)) {
            return *value;
        }
        let value = self.value();
        let mut tensor = Message::new();
        tensor.ints(1, dims);
        tensor.int(2, element as i64);
        tensor.string(8, &self.name(value));
        tensor.bytes(9, bytes);
        self.constants.push(tensor);
        if let Some(key) = key {
            self.small.insert(key, value);
        }
        value
    }

    /// A constant list of whole numbers.
    pub(super) fn ints(&mut self, values: &[i64]) -> Value {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(OnnxType::I64, &[values.len() as i64], &bytes)
    }

    /// A constant number.
    pub(super) fn float(&mut self, value: f32) -> Value {
        self.constant(OnnxType::F32, &[], &value.to_le_bytes())
    }

    /// Adds a node with one output.
    pub(super) fn node(
        &mut self,
        operator: &'static str,
        inputs: &[Value],
        attributes: Vec<(&'static str, Attribute)>,
    ) -> Value {
        let inputs = inputs.iter().copied().map(Some).collect();
        self.nodes_outputs(operator, inputs, 1, attributes)[0]
    }

    /// Adds a node with inputs that may be absent, and several outputs.
    pub(super) fn nodes_outputs(
        &mut self,
        operator: &'static str,
        inputs: Vec<Option<Value>>,
        outputs: usize,
        attributes: Vec<(&'static str, Attribute)>,
    ) -> Vec<Value> {
        let outputs: Vec<Value> = (0..outputs).map(|_| self.value()).collect();
        self.computed.extend(&outputs);
        self.nodes.push(Node { operator, inputs, outputs: outputs.clone(), attributes });
        outputs
    }

    /// The whole as the bytes of an ONNX file.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        let mut graph = Message::new();
        for (at, node) in self.nodes.iter().enumerate() {
            graph.message(1, &self.node_message(at, node));
        }
        graph.string(2, "tflite");
        for constant in &self.constants {
            graph.message(5, constant);
        }
        for input in &self.inputs {
            graph.message(11, input);
        }
        for output in &self.outputs {
            graph.message(12, output);
        }
        let mut operators = Message::new();
        operators.string(1, "");
        operators.int(2, OPERATOR_SET);
        let mut model = Message::new();
        model.int(1, FORMAT_VERSION);
        model.string(2, "tintype");
        model.message(7, &graph);
        model.message(8, &operators);
        model.into_bytes()
    }

    fn node_message(&self, at: usize, node: &Node) -> Message {
        let mut message = Message::new();
        for input in &node.inputs {
            // An absent input is an empty name.
            message.string(1, &input.map(|value| self.name(value)).unwrap_or_default());
        }
        for output in &node.outputs {
            message.string(2, &self.name(*output));
        }
        message.string(3, &format!("{}_{at}", node.operator));
        message.string(4, node.operator);
        for (name, attribute) in &node.attributes {
            message.message(5, &attribute_message(name, attribute));
        }
        message
    }
}

fn attribute_message(name: &str, attribute: &Attribute) -> Message {
    let mut message = Message::new();
    message.string(1, name);
    // Each kind of value has its own field, and says in field 20 which it is.
    let kind = match attribute {
        Attribute::Float(value) => {
            message.float(2, *value);
            1
        }
        Attribute::Int(value) => {
            message.int(3, *value);
            2
        }
        Attribute::Text(value) => {
            message.string(4, value);
            3
        }
        Attribute::Ints(values) => {
            message.ints(8, values);
            7
        }
    };
    message.int(20, kind);
    message
}

fn value_info(name: &str, element: OnnxType, shape: &[Length]) -> Message {
    let mut dims = Message::new();
    for length in shape {
        let mut dim = Message::new();
        match length {
            Length::Fixed(length) => dim.int(1, *length as i64),
            Length::Open(name) => dim.string(2, name),
        }
        dims.message(1, &dim);
    }
    let mut tensor = Message::new();
    tensor.int(1, element as i64);
    tensor.message(2, &dims);
    let mut kind = Message::new();
    kind.message(1, &tensor);
    let mut info = Message::new();
    info.string(1, name);
    info.message(2, &kind);
    info
}
