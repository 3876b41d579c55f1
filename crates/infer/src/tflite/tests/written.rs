//! [`Node`]: writes flatbuffers field by field, right ones and wrong ones.

use std::collections::HashMap;

/// A field's value, or an element of a vector.
#[derive(Debug, Clone)]
pub(in crate::tflite) enum Node {
    I8(i8),
    I32(i32),
    Table(Vec<(usize, Node)>),
    Tables(Vec<Node>),
    Bytes(Vec<u8>),
    I32s(Vec<i32>),
    I64s(Vec<i64>),
    F32s(Vec<f32>),
    /// The same bytes wherever this number appears.
    Shared(u32, Box<Node>),
    /// An offset that leads nowhere in particular.
    Wild(u32),
}

impl Node {
    pub(in crate::tflite) fn text(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

/// The bytes of a file with that root table.
pub(in crate::tflite) fn file(root: &Node) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0];
    bytes.extend(b"TFL3");
    let mut shared = HashMap::new();
    let at = put(&mut bytes, root, &mut shared);
    patch(&mut bytes, 0, at);
    bytes
}

/// Makes the offset at `slot` lead to `target`.
fn patch(bytes: &mut [u8], slot: usize, target: usize) {
    bytes[slot..slot + 4].copy_from_slice(&((target - slot) as u32).to_le_bytes());
}

fn len(bytes: &mut Vec<u8>, len: usize) {
    bytes.extend((len as u32).to_le_bytes());
}

/// Appends what a node points at and returns where it is. Offsets lead forwards, so that what is shared must come
/// behind its first user; a copy is written where it would not.
fn put(bytes: &mut Vec<u8>, node: &Node, shared: &mut HashMap<u32, usize>) -> usize {
    match node {
        Node::Table(fields) => return table(bytes, fields, shared),
        Node::Shared(_, inner) => return put(bytes, inner, shared),
        _ => {}
    }
    let at = bytes.len();
    match node {
        Node::Tables(nodes) => {
            len(bytes, nodes.len());
            let slots = bytes.len();
            bytes.resize(slots + 4 * nodes.len(), 0);
            for (index, node) in nodes.iter().enumerate() {
                point(bytes, slots + 4 * index, node, shared);
            }
        }
        Node::Bytes(data) => {
            len(bytes, data.len());
            bytes.extend(data);
        }
        Node::I32s(data) => {
            len(bytes, data.len());
            bytes.extend(data.iter().flat_map(|each| each.to_le_bytes()));
        }
        Node::I64s(data) => {
            len(bytes, data.len());
            bytes.extend(data.iter().flat_map(|each| each.to_le_bytes()));
        }
        Node::F32s(data) => {
            len(bytes, data.len());
            bytes.extend(data.iter().flat_map(|each| each.to_le_bytes()));
        }
        other => panic!("{other:?} is no object"),
    }
    at
}

fn point(bytes: &mut Vec<u8>, slot: usize, node: &Node, shared: &mut HashMap<u32, usize>) {
    let target = match node {
        Node::Wild(offset) => {
            bytes[slot..slot + 4].copy_from_slice(&offset.to_le_bytes());
            return;
        }
        Node::Shared(number, inner) => match shared.get(number) {
            Some(at) if *at > slot => *at,
            _ => {
                let at = put(bytes, inner, shared);
                shared.insert(*number, at);
                at
            }
        },
        other => put(bytes, other, shared),
    };
    patch(bytes, slot, target);
}

fn table(bytes: &mut Vec<u8>, fields: &[(usize, Node)], shared: &mut HashMap<u32, usize>) -> usize {
    let slots = fields.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
    let vtable = bytes.len();
    // Every field takes four bytes here, behind the four that lead back to the list of fields.
    bytes.extend((4 + 2 * slots as u16).to_le_bytes());
    bytes.extend((4 + 4 * fields.len() as u16).to_le_bytes());
    let mut list = vec![0u16; slots];
    for (at, (number, _)) in fields.iter().enumerate() {
        list[*number] = 4 + 4 * at as u16;
    }
    bytes.extend(list.iter().flat_map(|each| each.to_le_bytes()));
    let at = bytes.len();
    bytes.extend(((at - vtable) as u32).to_le_bytes());
    bytes.resize(at + 4 + 4 * fields.len(), 0);
    for (index, (_, node)) in fields.iter().enumerate() {
        let slot = at + 4 + 4 * index;
        match node {
            Node::I8(value) => bytes[slot] = *value as u8,
            Node::I32(value) => bytes[slot..slot + 4].copy_from_slice(&value.to_le_bytes()),
            node => point(bytes, slot, node, shared),
        }
    }
    at
}

/// A tensor of float32 or another element type, without values.
pub(in crate::tflite) fn tensor(name: &str, element: i8, shape: &[i32]) -> Vec<(usize, Node)> {
    vec![(0, Node::I32s(shape.to_vec())), (1, Node::I8(element)), (3, Node::text(name))]
}

/// A constant: the values are buffer `buffer`.
pub(in crate::tflite) fn constant(name: &str, element: i8, shape: &[i32], buffer: i32) -> Vec<(usize, Node)> {
    let mut fields = tensor(name, element, shape);
    fields.push((2, Node::I32(buffer)));
    fields
}

/// An operator that uses code `code`.
pub(in crate::tflite) fn operator(code: i32, inputs: &[i32], outputs: &[i32]) -> Vec<(usize, Node)> {
    vec![(0, Node::I32(code)), (1, Node::I32s(inputs.to_vec())), (2, Node::I32s(outputs.to_vec()))]
}

/// What a file is made of.
#[derive(Debug, Clone, Default)]
pub(in crate::tflite) struct Parts {
    pub(in crate::tflite) tensors: Vec<Vec<(usize, Node)>>,
    /// Number, version and name of operator codes.
    pub(in crate::tflite) codes: Vec<(i32, i32, &'static str)>,
    pub(in crate::tflite) operators: Vec<Vec<(usize, Node)>>,
    /// Behind buffer 0, which is empty.
    pub(in crate::tflite) buffers: Vec<Vec<u8>>,
    pub(in crate::tflite) inputs: Vec<i32>,
    pub(in crate::tflite) outputs: Vec<i32>,
}

impl Parts {
    /// The file's root table.
    pub(in crate::tflite) fn root(&self) -> Vec<(usize, Node)> {
        let tables =
            |each: &[Vec<(usize, Node)>]| Node::Tables(each.iter().cloned().map(Node::Table).collect());
        let codes = self.codes.iter().map(|(number, version, name)| {
            Node::Table(vec![(1, Node::text(name)), (2, Node::I32(*version)), (3, Node::I32(*number))])
        });
        let mut buffers = vec![Node::Table(Vec::new())];
        buffers.extend(self.buffers.iter().map(|data| Node::Table(vec![(0, Node::Bytes(data.clone()))])));
        let graph = Node::Table(vec![
            (0, tables(&self.tensors)),
            (1, Node::I32s(self.inputs.clone())),
            (2, Node::I32s(self.outputs.clone())),
            (3, tables(&self.operators)),
        ]);
        vec![
            (0, Node::I32(3)),
            (1, Node::Tables(codes.collect())),
            (2, Node::Tables(vec![graph])),
            (4, Node::Tables(buffers)),
        ]
    }

    /// The file.
    pub(in crate::tflite) fn file(&self) -> Vec<u8> {
        file(&Node::Table(self.root()))
    }
}

/// A graph that is right: y = |x|, of so many numbers.
pub(in crate::tflite) fn absolute(length: i32) -> Parts {
    Parts {
        tensors: vec![tensor("x", 0, &[length]), tensor("y", 0, &[length])],
        codes: vec![(101, 1, "")],
        operators: vec![operator(0, &[0], &[1])],
        inputs: vec![0],
        outputs: vec![1],
        ..Parts::default()
    }
}
