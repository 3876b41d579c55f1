//! [`lower`] turns a TFLite file into an ONNX one, so that the engines run official MediaPipe and TFLite models as
//! they were published.
//!
//! The reader trusts nothing: every offset of the flatbuffer is checked, shapes are compared with what operators
//! make of them, and memory is bounded by the file's size. What it does not know it names
//! ([`TfliteError::UnsupportedOperator`]). Weights may be float, half float, or whole numbers with scales (per
//! tensor or per channel); graphs whose activations are whole numbers come out with `QuantizeLinear` and
//! `DequantizeLinear` around every operator.
//!
//! Inputs and outputs keep their names, types and layout (batch, height, width, channels). [`lower_with`] makes
//! tensors from the middle of the graph outputs as well, for example the vector that a classifier's last layer
//! looks at. MediaPipe's bundles (`.task`) are opened by [`task_member`].
//!
//! ```
//! use tintype_infer::tflite::{TfliteError, lower};
//!
//! assert!(matches!(lower(b"no model"), Err(TfliteError::NotTflite(_))));
//! ```

mod bundle;
mod constants;
mod error;
mod flatbuffer;
mod lowering;
mod model;
mod onnx;
mod operators;
mod ops;
mod proto;

pub use bundle::{BundleError, task_member};
pub use error::TfliteError;

use std::collections::HashSet;

use flatbuffer::Flatbuffer;
use lowering::Lowering;
use model::Model;
use onnx::Graph;

/// A tensor inside the graph that becomes an output too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraOutput {
    /// The tensor's name in the TFLite file.
    pub tensor: String,
    /// The output's name in the ONNX graph.
    pub name: String,
}

/// Lowers a TFLite file to the bytes of an ONNX file.
pub fn lower(bytes: &[u8]) -> Result<Vec<u8>, TfliteError> {
    lower_with(bytes, &[])
}

/// Like [`lower`], with more outputs: tensors of float32 in the shape that TFLite gives them. A quantised tensor is
/// given as real numbers from before they were rounded to whole ones.
pub fn lower_with(bytes: &[u8], extra: &[ExtraOutput]) -> Result<Vec<u8>, TfliteError> {
    let file = Flatbuffer::open(bytes)?;
    let model = Model::read(&file)?;
    let own = model.inputs.iter().chain(&model.outputs).map(|tensor| model.tensors[*tensor].name);
    let names: Vec<&str> = own.chain(extra.iter().map(|extra| extra.name.as_str())).collect();
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().find(|name| !seen.insert(**name)) {
        return Err(TfliteError::AmbiguousName(error::shortened(name)));
    }
    let kept = extra.iter().map(|extra| find(&model, &extra.tensor)).collect::<Result<Vec<_>, _>>()?;
    let mut lowering = Lowering::new(&model, bytes.len(), Graph::new(&names), kept.clone())?;
    for (index, operator) in model.operators.iter().enumerate() {
        lowering.operator(index, operator)?;
    }
    for output in &model.outputs {
        lowering.output(*output)?;
    }
    for (tensor, extra) in kept.into_iter().zip(extra) {
        lowering.real_output(tensor, &extra.name)?;
    }
    Ok(lowering.graph.into_bytes())
}

/// The tensor of that name that an operator computes. Names need not be unique; weights often share one.
fn find(model: &Model<'_, '_>, name: &str) -> Result<usize, TfliteError> {
    let mut computed = model.operators.iter().flat_map(|operator| operator.outputs.iter().copied());
    let found = computed.find(|tensor| model.tensors[*tensor].name == name);
    found.ok_or_else(|| TfliteError::NoSuchTensor(name.to_owned()))
}

#[cfg(test)]
mod tests;
