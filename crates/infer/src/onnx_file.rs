//! Reads the declared inputs and outputs out of an ONNX file, so that both engines are held to the same names,
//! types and shapes. Everything else in the file is skipped. Field numbers: `onnx.proto` (ONNX 1.x).

use std::collections::HashSet;

use crate::session::TensorInfo;
use crate::tensor::DType;

/// What a graph takes and gives.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    pub(crate) inputs: Vec<TensorInfo>,
    pub(crate) outputs: Vec<TensorInfo>,
    /// Whether values are quantised by a scale that is measured over a whole tensor when it runs, all pictures of a batch
    /// together: a picture's result then depends a little on the others.
    pub(crate) measures_whole_batches: bool,
}

/// The inputs (without those that are weights) and outputs of the model. The error says what is wrong with the
/// bytes.
pub(crate) fn declared(bytes: &[u8]) -> Result<Declared, String> {
    const MODEL_GRAPH: u64 = 7;
    let mut found = Declared::default();
    let mut weights = HashSet::new();
    let mut has_graph = false;
    for_each(bytes, |field, value| {
        if field == MODEL_GRAPH
            && let Value::Bytes(graph) = value
        {
            has_graph = true;
            read_graph(graph, &mut found, &mut weights)?;
        }
        Ok(())
    })?;
    if !has_graph {
        return Err("there is no graph in the file".to_owned());
    }
    found.inputs.retain(|input| !weights.contains(&input.name));
    Ok(found)
}

fn read_graph(graph: &[u8], found: &mut Declared, weights: &mut HashSet<String>) -> Result<(), String> {
    const NODE: u64 = 1;
    const INITIALIZER: u64 = 5;
    const INPUT: u64 = 11;
    const OUTPUT: u64 = 12;
    const TENSOR_NAME: u64 = 8;
    const NODE_OPERATOR: u64 = 4;
    for_each(graph, |field, value| {
        let Value::Bytes(inner) = value else { return Ok(()) };
        match field {
            NODE => for_each(inner, |field, value| {
                if let (NODE_OPERATOR, Value::Bytes(name)) = (field, value) {
                    found.measures_whole_batches |= name == b"DynamicQuantizeLinear";
                }
                Ok(())
            })?,
            INITIALIZER => for_each(inner, |field, value| {
                if let (TENSOR_NAME, Value::Bytes(name)) = (field, value) {
                    weights.insert(text(name));
                }
                Ok(())
            })?,
            INPUT => found.inputs.push(value_info(inner)?),
            OUTPUT => found.outputs.push(value_info(inner)?),
            _ => {}
        }
        Ok(())
    })
}

/// `ValueInfoProto`: name = 1, type = 2 → tensor_type = 1 → elem_type = 1, shape = 2 → dim = 1 → dim_value = 1.
fn value_info(bytes: &[u8]) -> Result<TensorInfo, String> {
    let mut info =
        TensorInfo { name: String::new(), dtype: DType::Other, shape: Vec::new(), has_rank: false };
    for_each(bytes, |field, value| {
        match (field, value) {
            (1, Value::Bytes(name)) => info.name = text(name),
            (2, Value::Bytes(kind)) => for_each(kind, |field, value| match (field, value) {
                (1, Value::Bytes(tensor)) => tensor_type(tensor, &mut info),
                _ => Ok(()),
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(info)
}

fn tensor_type(bytes: &[u8], info: &mut TensorInfo) -> Result<(), String> {
    for_each(bytes, |field, value| {
        match (field, value) {
            (1, Value::Number(elem_type)) => {
                // TensorProto.DataType
                info.dtype = match elem_type {
                    1 => DType::F32,
                    2 => DType::U8,
                    6 => DType::I32,
                    7 => DType::I64,
                    9 => DType::Bool,
                    _ => DType::Other,
                };
            }
            (2, Value::Bytes(shape)) => {
                info.has_rank = true;
                for_each(shape, |field, value| {
                    if let (1, Value::Bytes(dimension)) = (field, value) {
                        info.shape.push(fixed_size(dimension)?);
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })
}

fn fixed_size(dimension: &[u8]) -> Result<Option<usize>, String> {
    let mut size = None;
    for_each(dimension, |field, value| {
        if let (1, Value::Number(fixed)) = (field, value) {
            // 0 and -1 stand for "any" in files of some exporters.
            size = i64::try_from(fixed)
                .ok()
                .filter(|&fixed| fixed > 0)
                .and_then(|fixed| usize::try_from(fixed).ok());
        }
        Ok(())
    })?;
    Ok(size)
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Skipped,
}

/// Calls `each` for every field of a protobuf message.
fn for_each<'a>(
    mut bytes: &'a [u8],
    mut each: impl FnMut(u64, Value<'a>) -> Result<(), String>,
) -> Result<(), String> {
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut bytes)?),
            1 => {
                take(&mut bytes, 8)?;
                Value::Skipped
            }
            2 => {
                let len = varint(&mut bytes)?;
                Value::Bytes(take(&mut bytes, len)?)
            }
            5 => {
                take(&mut bytes, 4)?;
                Value::Skipped
            }
            other => return Err(format!("the file is no ONNX model (wire type {other})")),
        };
        each(key >> 3, value)?;
    }
    Ok(())
}

fn varint(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("the file ends early")?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("the file is no ONNX model (a number of more than 64 bits)".to_owned())
}

fn take<'a>(bytes: &mut &'a [u8], len: u64) -> Result<&'a [u8], String> {
    let len = usize::try_from(len).ok().filter(|&len| len <= bytes.len()).ok_or("the file ends early")?;
    let (taken, rest) = bytes.split_at(len);
    *bytes = rest;
    Ok(taken)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_names_types_and_shapes() {
        let declared = declared(&crate::session::test_graphs::add_one()).unwrap();
        assert_eq!(declared.inputs.len(), 1, "the weight is no input: {:?}", declared.inputs);
        let input = &declared.inputs[0];
        assert_eq!((input.name.as_str(), input.dtype), ("x", DType::F32));
        assert_eq!(input.shape, [None, Some(2)]);
        assert_eq!(declared.outputs[0].name, "y");
    }

    #[test]
    fn every_truncation_is_an_error_or_a_smaller_graph() {
        let whole = crate::session::test_graphs::add_one();
        for len in 0..whole.len() {
            if let Ok(cut) = declared(&whole[..len]) {
                assert!(cut.inputs.len() + cut.outputs.len() <= 2);
            }
        }
        assert!(declared(b"").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = declared(&bytes);
        }
    }
}
