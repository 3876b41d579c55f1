//! Operators that put tensors side by side or pick parts of them.

use super::activation::fused;
use crate::tflite::error::Result;
use crate::tflite::lowering::{Lowering, identity};
use crate::tflite::model::{ElementType, Operator};
use crate::tflite::onnx::Attribute;

/// All inputs along one axis.
pub(in crate::tflite) fn concatenation(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    let output = lo.only_output(operator)?;
    let inputs = all_inputs(lo, operator)?;
    let mut dims = lo.def(inputs[0]).dims.clone();
    let axis = lo.axis(i64::from(options.i32(0, 0)?), dims.len())?;
    dims[axis] = 0;
    for input in &inputs {
        let each = &lo.def(*input).dims;
        let fits = each.len() == dims.len() && (0..dims.len()).all(|at| at == axis || each[at] == dims[at]);
        if !fits {
            return Err(lo.refuse(format!("an input of shape {each:?} does not fit the others")));
        }
        dims[axis] += each[axis];
    }
    lo.expect_shape(output, &dims)?;
    let order = lo.likely_order(&inputs, dims.len());
    let values = inputs.iter().map(|input| lo.real(*input, &order)).collect::<Result<Vec<_>>>()?;
    let axis = order.iter().position(|each| *each == axis).unwrap_or(axis);
    let value = lo.graph.node("Concat", &values, vec![("axis", Attribute::Int(axis as i64))]);
    let value = fused(lo, options.i8(1)?, output, value)?;
    lo.define(output, &order, value)
}

/// All inputs, of one shape, along a new axis.
pub(in crate::tflite) fn pack(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let axis = operator.options.map(|options| options.i32(1, 0)).transpose()?.unwrap_or(0);
    let output = lo.only_output(operator)?;
    let inputs = all_inputs(lo, operator)?;
    let one = &lo.def(inputs[0]).dims;
    if inputs.iter().any(|input| lo.def(*input).dims != *one) {
        return Err(lo.refuse("its inputs differ in shape"));
    }
    let axis = lo.axis(i64::from(axis), one.len() + 1)?;
    let mut dims = one.clone();
    dims.insert(axis, inputs.len());
    lo.expect_shape(output, &dims)?;
    let axes = lo.graph.ints(&[axis as i64]);
    let mut values = Vec::with_capacity(inputs.len());
    for input in inputs {
        let value = lo.real(input, &identity(dims.len() - 1))?;
        values.push(lo.graph.node("Unsqueeze", &[value, axes], Vec::new()));
    }
    let value = lo.graph.node("Concat", &values, vec![("axis", Attribute::Int(axis as i64))]);
    lo.define(output, &identity(dims.len()), value)
}

/// Slices along an axis, in the order of a list of places.
pub(in crate::tflite) fn gather(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let (input, places, output) = (lo.input(operator, 0)?, lo.input(operator, 1)?, lo.only_output(operator)?);
    let axis = operator.options.map(|options| options.i32(0, 0)).transpose()?.unwrap_or(0);
    if operator.options.map(|options| options.i32(1, 0)).transpose()?.unwrap_or(0) != 0 {
        return Err(lo.refuse("picking by batch is not supported"));
    }
    let (from, list) = (lo.def(input), lo.def(places));
    if !matches!(list.element, ElementType::I32 | ElementType::I64) {
        return Err(lo.refuse("its places are not whole numbers"));
    }
    let axis = lo.axis(i64::from(axis), from.rank())?;
    let mut dims = from.dims.clone();
    dims.splice(axis..=axis, list.dims.iter().copied());
    lo.expect_shape(output, &dims)?;
    let value = lo.real(input, &identity(from.rank()))?;
    let places = lo.stored(places, &identity(list.rank()))?;
    let value = lo.graph.node("Gather", &[value, places], vec![("axis", Attribute::Int(axis as i64))]);
    lo.define(output, &identity(dims.len()), value)
}

fn all_inputs(lo: &Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<Vec<usize>> {
    let inputs: Option<Vec<usize>> = operator.inputs.iter().copied().collect();
    inputs.filter(|inputs| !inputs.is_empty()).ok_or_else(|| lo.refuse("an input is missing"))
}
