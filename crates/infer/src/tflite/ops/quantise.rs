//! Operators that change how elements are held.

use crate::tflite::error::Result;
use crate::tflite::lowering::{Lowering, onnx_type};
use crate::tflite::model::{ElementType, Operator};
use crate::tflite::onnx::Attribute;

/// Stored numbers, or half floats of a constant, as floats.
pub(in crate::tflite) fn dequantize(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let def = lo.def(input);
    lo.expect_shape(output, &def.dims)?;
    let known = lo.is_quantised(input) || (def.element == ElementType::F16 && lo.is_constant(input));
    if !known || lo.def(output).element != ElementType::F32 {
        return Err(lo.refuse("its input is neither quantised nor a constant of half floats"));
    }
    if lo.is_constant(input) {
        lo.alias_constant(output, input);
        return Ok(());
    }
    let order = lo.likely_order(&[input], def.rank());
    let value = lo.real(input, &order)?;
    lo.define(output, &order, value)
}

/// Floats as stored numbers, or stored numbers as others.
pub(in crate::tflite) fn quantize(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let def = lo.def(input);
    lo.expect_shape(output, &def.dims)?;
    let real = lo.is_quantised(input) || def.element == ElementType::F32;
    if !real || !lo.is_quantised(output) {
        return Err(lo.refuse("its input has no real values, or its output is not quantised"));
    }
    let order = lo.likely_order(&[input], def.rank());
    let value = lo.real(input, &order)?;
    lo.define(output, &order, value)
}

/// Elements as another type, stored numbers as they are.
pub(in crate::tflite) fn cast(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let (from, to) = (lo.def(input), lo.def(output));
    lo.expect_shape(output, &from.dims)?;
    let element = onnx_type(output, to)?;
    let order = lo.likely_order(&[input], from.rank());
    let value = lo.stored(input, &order)?;
    let value = lo.graph.node("Cast", &[value], vec![("to", Attribute::Int(element as i64))]);
    lo.define_stored(output, &order, value);
    Ok(())
}
