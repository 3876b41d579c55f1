//! Operators that look at one element at a time, alone or paired with another.

use super::activation::{clamped, fused};
use crate::tflite::error::Result;
use crate::tflite::lowering::Lowering;
use crate::tflite::model::Operator;
use crate::tflite::onnx::{Attribute, Value};

type Lo<'a, 'f, 'm> = Lowering<'a, 'f, 'm>;
type Op<'a, 'f> = Operator<'a, 'f>;

/// An operator that is one ONNX node of the same meaning.
macro_rules! unary {
    ($($name:ident => $node:literal),* $(,)?) => {$(
        #[doc = concat!("`", $node, "` of each element.")]
        pub(in crate::tflite) fn $name(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
            one(lo, operator, |lo, _, value| Ok(lo.graph.node($node, &[value], Vec::new())))
        }
    )*};
}

unary! {
    abs => "Abs", ceil => "Ceil", cos => "Cos", elu => "Elu", exp => "Exp", floor => "Floor",
    hard_swish => "HardSwish", log => "Log", logistic => "Sigmoid", neg => "Neg", round => "Round", sin => "Sin",
    sqrt => "Sqrt", tanh => "Tanh",
}

/// One over the square root.
pub(in crate::tflite) fn rsqrt(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    one(lo, operator, |lo, _, value| {
        let root = lo.graph.node("Sqrt", &[value], Vec::new());
        Ok(lo.graph.node("Reciprocal", &[root], Vec::new()))
    })
}

/// Each element times itself.
pub(in crate::tflite) fn square(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    one(lo, operator, |lo, _, value| Ok(lo.graph.node("Mul", &[value, value], Vec::new())))
}

/// At least 0.
pub(in crate::tflite) fn relu(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    one(lo, operator, |lo, output, value| Ok(clamped(lo, output, value, Some(0.0), None)))
}

/// From 0 to 6.
pub(in crate::tflite) fn relu6(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    one(lo, operator, |lo, output, value| Ok(clamped(lo, output, value, Some(0.0), Some(6.0))))
}

/// From −1 to 1.
pub(in crate::tflite) fn relu_n1_to_1(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    one(lo, operator, |lo, output, value| Ok(clamped(lo, output, value, Some(-1.0), Some(1.0))))
}

/// Negative elements times a constant.
pub(in crate::tflite) fn leaky_relu(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    let alpha = operator.options.map(|options| options.f32(0)).transpose()?.unwrap_or(0.0);
    one(lo, operator, |lo, _, value| {
        Ok(lo.graph.node("LeakyRelu", &[value], vec![("alpha", Attribute::Float(alpha))]))
    })
}

/// Each element times the share of a normal distribution below it, exactly or by a hyperbolic tangent
/// (Hendrycks and Gimpel 2016).
pub(in crate::tflite) fn gelu(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    let approximate = operator.options.map(|options| options.bool(0)).transpose()?.unwrap_or(false);
    one(lo, operator, |lo, _, x| {
        let half = lo.graph.float(0.5);
        let one = lo.graph.float(1.0);
        let share = if approximate {
            let cubic = lo.graph.float(0.044_715);
            let root = lo.graph.float((2.0 / std::f32::consts::PI).sqrt());
            let square = lo.graph.node("Mul", &[x, x], Vec::new());
            let cube = lo.graph.node("Mul", &[square, x], Vec::new());
            let small = lo.graph.node("Mul", &[cube, cubic], Vec::new());
            let sum = lo.graph.node("Add", &[x, small], Vec::new());
            let scaled = lo.graph.node("Mul", &[sum, root], Vec::new());
            lo.graph.node("Tanh", &[scaled], Vec::new())
        } else {
            let root = lo.graph.float(std::f32::consts::FRAC_1_SQRT_2);
            let scaled = lo.graph.node("Mul", &[x, root], Vec::new());
            lo.graph.node("Erf", &[scaled], Vec::new())
        };
        let share = lo.graph.node("Add", &[share, one], Vec::new());
        let product = lo.graph.node("Mul", &[x, share], Vec::new());
        Ok(lo.graph.node("Mul", &[product, half], Vec::new()))
    })
}

/// Sum, with an activation function.
pub(in crate::tflite) fn add(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    fused_pair(lo, operator, "Add")
}

/// Difference, with an activation function.
pub(in crate::tflite) fn sub(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    fused_pair(lo, operator, "Sub")
}

/// Product, with an activation function.
pub(in crate::tflite) fn mul(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    fused_pair(lo, operator, "Mul")
}

/// Quotient, with an activation function.
pub(in crate::tflite) fn div(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    fused_pair(lo, operator, "Div")
}

/// The greater of two.
pub(in crate::tflite) fn maximum(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    two(lo, operator, |lo, _, pair| Ok(lo.graph.node("Max", &pair, Vec::new())))
}

/// The lesser of two.
pub(in crate::tflite) fn minimum(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    two(lo, operator, |lo, _, pair| Ok(lo.graph.node("Min", &pair, Vec::new())))
}

/// One to the power of the other.
pub(in crate::tflite) fn pow(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    two(lo, operator, |lo, _, pair| Ok(lo.graph.node("Pow", &pair, Vec::new())))
}

/// The difference times itself.
pub(in crate::tflite) fn squared_difference(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    two(lo, operator, |lo, _, pair| {
        let difference = lo.graph.node("Sub", &pair, Vec::new());
        Ok(lo.graph.node("Mul", &[difference, difference], Vec::new()))
    })
}

/// Negative elements times a slope of their own.
pub(in crate::tflite) fn prelu(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>) -> Result<()> {
    two(lo, operator, |lo, _, pair| Ok(lo.graph.node("PRelu", &pair, Vec::new())))
}

fn fused_pair(lo: &mut Lo<'_, '_, '_>, operator: &Op<'_, '_>, node: &'static str) -> Result<()> {
    // The four tables of options begin with the activation function; without a table there is none.
    let activation = operator.options.map(|options| options.i8(0)).transpose()?.unwrap_or(0);
    two(lo, operator, |lo, output, pair| {
        let value = lo.graph.node(node, &pair, Vec::new());
        fused(lo, activation, output, value)
    })
}

fn one(
    lo: &mut Lo<'_, '_, '_>,
    operator: &Op<'_, '_>,
    compute: impl FnOnce(&mut Lo<'_, '_, '_>, usize, Value) -> Result<Value>,
) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    lo.expect_shape(output, &lo.def(input).dims)?;
    let order = lo.likely_order(&[input], lo.def(input).rank());
    let value = lo.real(input, &order)?;
    let value = compute(lo, output, value)?;
    lo.define(output, &order, value)
}

fn two(
    lo: &mut Lo<'_, '_, '_>,
    operator: &Op<'_, '_>,
    compute: impl FnOnce(&mut Lo<'_, '_, '_>, usize, [Value; 2]) -> Result<Value>,
) -> Result<()> {
    let inputs = [lo.input(operator, 0)?, lo.input(operator, 1)?];
    let output = lo.only_output(operator)?;
    let dims = broadcast(&lo.def(inputs[0]).dims, &lo.def(inputs[1]).dims);
    let dims = dims.ok_or_else(|| lo.refuse("its two inputs have shapes that do not fit"))?;
    lo.expect_shape(output, &dims)?;
    let order = lo.likely_order(&inputs, dims.len());
    let mut pair = [Value::default(); 2];
    for (value, input) in pair.iter_mut().zip(inputs) {
        *value = operand(lo, input, &order)?;
    }
    let value = compute(lo, output, pair)?;
    lo.define(output, &order, value)
}

/// An input to be matched with another. A constant with fewer axes gets ones in front, so that its axes can be put
/// in the same order.
fn operand(lo: &mut Lo<'_, '_, '_>, input: usize, order: &[usize]) -> Result<Value> {
    let def = lo.def(input);
    if !lo.is_constant(input) || def.rank() == order.len() || def.elements() == 1 {
        let fewer: Vec<usize> = (0..def.rank()).collect();
        return lo.real(input, if def.rank() == order.len() { order } else { &fewer });
    }
    let mut dims = vec![1; order.len() - def.rank()];
    dims.extend(&def.dims);
    lo.constant(input, true, &dims, order)
}

/// The shape of two shapes' elements matched from the last axis on; lengths of one are repeated.
pub(super) fn broadcast(one: &[usize], other: &[usize]) -> Option<Vec<usize>> {
    let rank = one.len().max(other.len());
    let at = |dims: &[usize], axis: usize| (axis + dims.len()).checked_sub(rank).map_or(1, |axis| dims[axis]);
    (0..rank)
        .map(|axis| match (at(one, axis), at(other, axis)) {
            (1, length) | (length, 1) => Some(length),
            (length, same) if length == same => Some(length),
            _ => None,
        })
        .collect()
}
