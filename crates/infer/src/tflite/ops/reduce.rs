//! Operators that look along axes: sums, means, extremes, and what makes distributions of numbers.

use crate::tflite::error::Result;
use crate::tflite::lowering::{Lowering, identity};
use crate::tflite::model::{ElementType, Operator};
use crate::tflite::onnx::{Attribute, OnnxType};

type Lo<'a, 'f, 'm> = Lowering<'a, 'f, 'm>;
type Op<'a, 'f> = Operator<'a, 'f>;

/// Mean along axes.
pub(in crate::tflite) fn mean(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    reduce(lo, operator, "ReduceMean")
}

/// Sum along axes.
pub(in crate::tflite) fn sum(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    reduce(lo, operator, "ReduceSum")
}

/// The greatest along axes.
pub(in crate::tflite) fn max(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    reduce(lo, operator, "ReduceMax")
}

/// The least along axes.
pub(in crate::tflite) fn min(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    reduce(lo, operator, "ReduceMin")
}

fn reduce(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>, node: &'static str) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let keep = operator.options.map(|options| options.bool(0)).transpose()?.unwrap_or(false);
    let def = lo.def(input);
    let (rank, dims) = (def.rank(), &def.dims);
    let axes = lo.whole_numbers(lo.input(operator, 1)?)?;
    let axes = axes.into_iter().map(|axis| lo.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
    let order = lo.likely_order(&[input], rank);
    let left: Vec<usize> = (0..rank).filter(|axis| !axes.contains(axis)).collect();
    let expected: Vec<usize> = if keep {
        (0..rank).map(|axis| if axes.contains(&axis) { 1 } else { dims[axis] }).collect()
    } else {
        left.iter().map(|axis| dims[*axis]).collect()
    };
    lo.expect_shape(output, &expected)?;
    let value = lo.real(input, &order)?;
    let reduced: Vec<i64> = (0..rank).filter(|at| axes.contains(&order[*at])).map(|at| at as i64).collect();
    if reduced.is_empty() {
        return lo.define(output, &order, value);
    }
    let keep_dims = ("keepdims", Attribute::Int(i64::from(keep)));
    // Sums take their axes as an input since operator set 13, the others since 18.
    let value = if node == "ReduceSum" {
        let reduced = lo.graph.ints(&reduced);
        lo.graph.node(node, &[value, reduced], vec![keep_dims])
    } else {
        lo.graph.node(node, &[value], vec![("axes", Attribute::Ints(reduced)), keep_dims])
    };
    let order = if keep {
        order
    } else {
        // The axes that are left, numbered anew, in the order in which the value has them.
        order.iter().filter_map(|axis| left.iter().position(|other| other == axis)).collect()
    };
    lo.define(output, &order, value)
}

/// Exponentials divided by their sum along the last axis.
pub(in crate::tflite) fn softmax(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    let beta = operator.options.map(|options| options.f32(0)).transpose()?.unwrap_or(1.0);
    along_last(lo, operator, "Softmax", beta)
}

/// The logarithm of [`softmax`].
pub(in crate::tflite) fn log_softmax(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    along_last(lo, operator, "LogSoftmax", 1.0)
}

fn along_last(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>, node: &'static str, beta: f32) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    lo.expect_shape(output, &lo.def(input).dims)?;
    let order = identity(lo.def(input).rank());
    let mut value = lo.real(input, &order)?;
    if beta != 1.0 {
        let beta = lo.graph.float(beta);
        value = lo.graph.node("Mul", &[value, beta], Vec::new());
    }
    let value = lo.graph.node(node, &[value], vec![("axis", Attribute::Int(-1))]);
    lo.define(output, &order, value)
}

/// Elements divided by their length as a vector along the last axis (at least 10⁻⁶).
pub(in crate::tflite) fn l2_normalization(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let activation = operator.options.map(|options| options.i8(0)).transpose()?.unwrap_or(0);
    lo.expect_shape(output, &lo.def(input).dims)?;
    let order = identity(lo.def(input).rank());
    let value = lo.real(input, &order)?;
    let axes = Attribute::Ints(vec![-1]);
    let length = lo.graph.node("ReduceL2", &[value], vec![("axes", axes), ("keepdims", Attribute::Int(1))]);
    let least = lo.graph.float(1e-6);
    let length = lo.graph.node("Max", &[length, least], Vec::new());
    let value = lo.graph.node("Div", &[value, length], Vec::new());
    let value = super::activation::fused(lo, activation, output, value)?;
    lo.define(output, &order, value)
}

/// Where the greatest along an axis is.
pub(in crate::tflite) fn arg_max(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    position(lo, operator, "ArgMax")
}

/// Where the least along an axis is.
pub(in crate::tflite) fn arg_min(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    position(lo, operator, "ArgMin")
}

fn position(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>, node: &'static str) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let def = lo.def(input);
    let axis = match lo.whole_numbers(lo.input(operator, 1)?)?.as_slice() {
        [axis] => lo.axis(*axis, def.rank())?,
        _ => return Err(lo.refuse("it has not one axis")),
    };
    let mut dims = def.dims.clone();
    dims.remove(axis);
    lo.expect_shape(output, &dims)?;
    let value = lo.real(input, &identity(def.rank()))?;
    let attributes = vec![("axis", Attribute::Int(axis as i64)), ("keepdims", Attribute::Int(0))];
    let value = lo.graph.node(node, &[value], attributes);
    let value = match lo.def(output).element {
        ElementType::I64 => value,
        ElementType::I32 => {
            lo.graph.node("Cast", &[value], vec![("to", Attribute::Int(OnnxType::I32 as i64))])
        }
        _ => return Err(lo.refuse("its result is not a whole number")),
    };
    lo.define(output, &identity(dims.len()), value)
}
