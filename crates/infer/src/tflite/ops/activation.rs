//! The activation functions that TFLite fuses into other operators.

use crate::tflite::error::Result;
use crate::tflite::lowering::Lowering;
use crate::tflite::model::{ElementType, TensorDef};
use crate::tflite::onnx::Value;

/// Applies the activation function with this number in the schema to `value`, which becomes `output`.
pub(super) fn fused(lo: &mut Lowering<'_, '_, '_>, number: i8, output: usize, value: Value) -> Result<Value> {
    Ok(match number {
        0 => value,
        1 => clamped(lo, output, value, Some(0.0), None),
        2 => clamped(lo, output, value, Some(-1.0), Some(1.0)),
        3 => clamped(lo, output, value, Some(0.0), Some(6.0)),
        other => return Err(lo.refuse(format!("activation function {other} is not supported"))),
    })
}

/// Values limited to a range; nothing where quantising `output` limits them to it already.
pub(super) fn clamped(
    lo: &mut Lowering<'_, '_, '_>,
    output: usize,
    value: Value,
    least: Option<f32>,
    most: Option<f32>,
) -> Value {
    let stored_range = if lo.is_quantised(output) { stored_range(lo.def(output)) } else { None };
    let (least, most) = match stored_range {
        Some((low, high, stored)) => {
            (least.filter(|least| stored(*least) > low), most.filter(|most| stored(*most) < high))
        }
        None => (least, most),
    };
    match (least, most) {
        (None, None) => value,
        (Some(0.0), None) => lo.graph.node("Relu", &[value], Vec::new()),
        (least, most) => {
            let least = lo.graph.float(least.unwrap_or(f32::MIN));
            let most = lo.graph.float(most.unwrap_or(f32::MAX));
            lo.graph.node("Clip", &[value, least, most], Vec::new())
        }
    }
}

/// The least and the greatest whole number that a quantised tensor can hold, and what a real one becomes.
fn stored_range(def: &TensorDef<'_>) -> Option<(f32, f32, impl Fn(f32) -> f32 + use<>)> {
    let quantisation = def.quantisation.as_ref().filter(|each| each.scales.len() == 1)?;
    let (scale, zero) = (quantisation.scales[0], quantisation.zero_points[0] as f32);
    let (low, high) = if def.element == ElementType::U8 { (0.0, 255.0) } else { (-128.0, 127.0) };
    Some((low, high, move |real: f32| (real / scale).round() + zero))
}
