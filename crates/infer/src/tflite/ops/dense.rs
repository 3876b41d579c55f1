//! Products of matrices.

use super::activation::fused;
use super::pointwise::broadcast;
use crate::tflite::error::Result;
use crate::tflite::lowering::{Lowering, identity, reshape_lengths};
use crate::tflite::model::Operator;
use crate::tflite::onnx::Attribute;

/// Weights: output, input. Every axis of the input but the last counts as batch.
pub(in crate::tflite) fn fully_connected(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    if options.i8(1)? != 0 {
        return Err(lo.refuse("shuffled weights are not supported"));
    }
    let (input, weights, output) =
        (lo.input(operator, 0)?, lo.input(operator, 1)?, lo.only_output(operator)?);
    let (from, matrix, to) = (lo.def(input), lo.def(weights), lo.def(output));
    let &[filters, depth] = matrix.dims.as_slice() else {
        return Err(lo.refuse("its weights are no matrix"));
    };
    let elements = from.elements();
    let fits = depth > 0
        && elements.is_multiple_of(depth)
        && to.elements() == elements / depth * filters
        && to.dims.last() == Some(&filters);
    if !fits {
        return Err(lo.refuse(format!("{:?} by {:?} cannot give {:?}", from.dims, matrix.dims, to.dims)));
    }
    let mut rows = lo.real(input, &identity(from.rank()))?;
    if from.dims.len() != 2 || from.dims[1] != depth {
        let lengths = lo.graph.ints(&[-1, depth as i64]);
        rows = lo.graph.node("Reshape", &[rows, lengths], Vec::new());
    }
    let mut inputs = vec![rows, lo.real(weights, &[0, 1])?];
    if let Some(bias) = operator.inputs.get(2).copied().flatten() {
        if lo.def(bias).dims != [filters] {
            return Err(lo.refuse("its bias has not one number for each output"));
        }
        inputs.push(lo.bias(bias, input, weights)?);
    }
    let mut value = lo.graph.node("Gemm", &inputs, vec![("transB", Attribute::Int(1))]);
    if to.rank() != 2 {
        let lengths = reshape_lengths(to, &identity(to.rank()));
        let lengths = lengths.ok_or_else(|| lo.refuse("two lengths of its result are open, or one is 0"))?;
        let lengths = lo.graph.ints(&lengths);
        value = lo.graph.node("Reshape", &[value, lengths], Vec::new());
    }
    let value = fused(lo, options.i8(0)?, output, value)?;
    lo.define(output, &identity(to.rank()), value)
}

/// Matrices in the last two axes, multiplied one by one; either may be given with rows and columns exchanged.
pub(in crate::tflite) fn batch_matmul(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let output = lo.only_output(operator)?;
    let mut factors = Vec::new();
    let mut shapes = Vec::new();
    for side in 0..2 {
        let input = lo.input(operator, side)?;
        let dims = &lo.def(input).dims;
        let rank = dims.len();
        if rank < 2 {
            return Err(lo.refuse("an input is no matrix"));
        }
        let mut order = identity(rank);
        if operator.options.map(|options| options.bool(side)).transpose()?.unwrap_or(false) {
            order.swap(rank - 1, rank - 2);
        }
        shapes.push(order.iter().map(|axis| dims[*axis]).collect::<Vec<_>>());
        factors.push(lo.real(input, &order)?);
    }
    let (one, other) = (&shapes[0], &shapes[1]);
    let (batch, [rows, depth]) = last_two(one);
    let (other_batch, [other_depth, columns]) = last_two(other);
    let dims = broadcast(batch, other_batch).filter(|_| depth == other_depth);
    let mut dims = dims.ok_or_else(|| lo.refuse(format!("{one:?} by {other:?} is no product")))?;
    dims.extend([rows, columns]);
    lo.expect_shape(output, &dims)?;
    let value = lo.graph.node("MatMul", &factors, Vec::new());
    lo.define(output, &identity(dims.len()), value)
}

/// A shape of two axes at least as its batch and its matrices' size.
fn last_two(dims: &[usize]) -> (&[usize], [usize; 2]) {
    match dims {
        [batch @ .., rows, columns] => (batch, [*rows, *columns]),
        short => (&[], [short.len(), 0]),
    }
}
