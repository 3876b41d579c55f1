//! Operators that put a border around a tensor.

use crate::tflite::error::Result;
use crate::tflite::lowering::Lowering;
use crate::tflite::model::Operator;
use crate::tflite::onnx::{Attribute, Value};

/// A border of zeros.
pub(in crate::tflite) fn pad(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let zero = lo.graph.float(0.0);
    bordered(lo, operator, "constant", Some(zero))
}

/// A border of a value that the file gives.
pub(in crate::tflite) fn pad_v2(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let value = lo.input(operator, 2)?;
    if lo.def(value).elements() != 1 {
        return Err(lo.refuse("its border has not one value"));
    }
    let value = if lo.is_constant(value) {
        lo.constant(value, true, &[], &[])?
    } else {
        lo.real(value, &(0..lo.def(value).rank()).collect::<Vec<_>>())?
    };
    bordered(lo, operator, "constant", Some(value))
}

/// A border of the elements inside, mirrored.
pub(in crate::tflite) fn mirror_pad(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    // The other way mirrors the edge as well, for which ONNX has no word.
    match operator.options.map(|options| options.i8(0)).transpose()?.unwrap_or(0) {
        0 => bordered(lo, operator, "reflect", None),
        _ => Err(lo.refuse("mirroring the edge itself is not supported")),
    }
}

fn bordered(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
    mode: &'static str,
    value: Option<Value>,
) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let dims = &lo.def(input).dims;
    let widths = lo.whole_numbers(lo.input(operator, 1)?)?;
    let (pairs, rest) = widths.as_chunks::<2>();
    let within = pairs.iter().flatten().all(|width| (0..=1 << 20).contains(width));
    if pairs.len() != dims.len() || !rest.is_empty() || !within {
        return Err(lo.refuse(format!("{widths:?} are no borders for {} axes", dims.len())));
    }
    let expected: Vec<usize> =
        dims.iter().zip(pairs).map(|(dim, [before, after])| dim + (before + after) as usize).collect();
    lo.expect_shape(output, &expected)?;
    let order = lo.likely_order(&[input], dims.len());
    let picture = lo.real(input, &order)?;
    let side = |side: usize| order.iter().map(move |axis| pairs[*axis][side]);
    let widths: Vec<i64> = side(0).chain(side(1)).collect();
    let mut inputs = vec![picture, lo.graph.ints(&widths)];
    inputs.extend(value);
    let value = lo.graph.node("Pad", &inputs, vec![("mode", Attribute::Text(mode))]);
    lo.define(output, &order, value)
}

/// Rows and columns of zeros around a picture in TFLite's layout, for [`super::blocks`].
pub(super) fn bordered_by_zeros(
    lo: &mut Lowering<'_, '_, '_>,
    value: Value,
    borders: [[usize; 2]; 2],
) -> Value {
    if borders == [[0; 2]; 2] {
        return value;
    }
    let widths = [0, borders[0][0], borders[1][0], 0, 0, borders[0][1], borders[1][1], 0];
    let widths = lo.graph.ints(&widths.map(|width| width as i64));
    let zero = lo.graph.float(0.0);
    lo.graph.node("Pad", &[value, widths, zero], vec![("mode", Attribute::Text("constant"))])
}
