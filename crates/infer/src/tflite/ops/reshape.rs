//! Operators that move no element, only tell its place in another way.

use crate::tflite::error::Result;
use crate::tflite::lowering::{Lowering, identity, reshape_lengths};
use crate::tflite::model::{ElementType, Operator};
use crate::tflite::onnx::{Attribute, OnnxType};

/// `RESHAPE`, `SQUEEZE` and `EXPAND_DIMS`: the file says of the result what shape it has.
pub(in crate::tflite) fn reshape(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let (from, to) = (lo.def(input), lo.def(output));
    if from.elements() != to.elements() {
        return Err(lo.refuse(format!("{:?} cannot be told as {:?}", from.dims, to.dims)));
    }
    if !lo.held_alike(input, output) {
        return Err(lo.refuse("its result is held in another way than its input"));
    }
    if from.dims == to.dims {
        return lo.alias(output, input, &identity(to.rank()));
    }
    let lengths = reshape_lengths(to, &identity(to.rank()));
    let lengths = lengths.ok_or_else(|| lo.refuse("two lengths of its result are open, or one is 0"))?;
    let value = lo.in_memory_order(input)?;
    let lengths = lo.graph.ints(&lengths);
    let value = lo.graph.node("Reshape", &[value, lengths], Vec::new());
    lo.define_stored(output, &identity(to.rank()), value);
    Ok(())
}

/// `TRANSPOSE`: the same values, known by another order of axes.
pub(in crate::tflite) fn transpose(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let dims = &lo.def(input).dims;
    let axes = lo.whole_numbers(lo.input(operator, 1)?)?;
    let axes = axes.into_iter().map(|axis| lo.axis(axis, dims.len())).collect::<Result<Vec<_>>>()?;
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    if sorted != identity(dims.len()) {
        return Err(lo.refuse(format!("{axes:?} is no order of {} axes", dims.len())));
    }
    if !lo.held_alike(input, output) {
        return Err(lo.refuse("its result is held in another way than its input"));
    }
    lo.expect_shape(output, &axes.iter().map(|axis| dims[*axis]).collect::<Vec<_>>())?;
    lo.alias(output, input, &axes)
}

/// `SHAPE`: the lengths as numbers.
pub(in crate::tflite) fn shape(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let rank = lo.def(input).rank();
    lo.expect_shape(output, &[rank])?;
    let value = lo.stored(input, &identity(rank))?;
    let value = lo.graph.node("Shape", &[value], Vec::new());
    let value = match lo.def(output).element {
        ElementType::I64 => value,
        ElementType::I32 => {
            lo.graph.node("Cast", &[value], vec![("to", Attribute::Int(OnnxType::I32 as i64))])
        }
        _ => return Err(lo.refuse("its result is not a list of whole numbers")),
    };
    lo.define(output, &[0], value)
}
