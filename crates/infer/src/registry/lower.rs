//! Graphs that are published as TFLite, as the ONNX that the engines load.

use std::path::Path;

use crate::table::Format;
use crate::tflite::{ExtraOutput, lower_with, task_member};

/// The graph of a checked file; the error is what is wrong with it.
pub(super) fn to_onnx(path: &Path, format: Format) -> Result<Vec<u8>, String> {
    let bytes = fs_err::read(path).map_err(|error| error.to_string())?;
    let (graph, more): (_, &[_]) = match format {
        Format::TfLite { more } => (bytes, more),
        Format::Task { member } => (task_member(&bytes, member).map_err(|error| error.to_string())?, &[]),
        Format::Onnx | Format::PyTorch { .. } | Format::Data => return Err("it is no TFLite file".to_owned()),
    };
    let more: Vec<ExtraOutput> = more
        .iter()
        .map(|&(tensor, name)| ExtraOutput { tensor: tensor.to_owned(), name: name.to_owned() })
        .collect();
    lower_with(&graph, &more).map_err(|error| error.to_string())
}
