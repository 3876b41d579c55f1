//! Operators that take parts of a tensor.

use crate::tflite::error::Result;
use crate::tflite::lowering::{Lowering, identity, reshape_lengths};
use crate::tflite::model::Operator;
use crate::tflite::onnx::{Attribute, Value};

/// What is taken along one axis: from `start` in steps, before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    start: i64,
    end: i64,
    step: i64,
}

/// Everything.
const ALL: Range = Range { start: 0, end: i64::MAX, step: 1 };

impl Range {
    /// How many elements are taken of so many.
    fn count(self, length: usize) -> usize {
        let length = length as i64;
        let count = if self.step > 0 {
            let (start, end) = (self.start.clamp(0, length), self.end.clamp(0, length));
            (end - start).max(0).div_euclid(self.step) + i64::from((end - start).max(0) % self.step != 0)
        } else {
            let (start, end) = (self.start.clamp(-1, length - 1), self.end.clamp(-1, length - 1));
            let span = (start - end).max(0);
            span / -self.step + i64::from(span % self.step != 0)
        };
        count as usize
    }
}

/// Python's slices: begin, end and step for each axis, with bits that say which begins and ends do not count and
/// which axes are dropped.
pub(in crate::tflite) fn strided_slice(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    if options.i32(2, 0)? != 0 || options.i32(3, 0)? != 0 || options.bool(5)? {
        return Err(lo.refuse("ellipses, new axes and offsets are not supported"));
    }
    let input = lo.input(operator, 0)?;
    let dims = &lo.def(input).dims;
    let [begins, ends, steps] =
        [1, 2, 3].map(|at| lo.input(operator, at).and_then(|list| lo.whole_numbers(list)));
    let (begins, ends, steps) = (begins?, ends?, steps?);
    if begins.len() > dims.len() || ends.len() != begins.len() || steps.len() != begins.len() {
        return Err(lo.refuse("its lists have not one number for each axis"));
    }
    let (begin_mask, end_mask, drop_mask) = (options.i32(0, 0)?, options.i32(1, 0)?, options.i32(4, 0)?);
    let mut ranges = vec![ALL; dims.len()];
    let mut dropped = Vec::new();
    for axis in 0..begins.len() {
        let bit = |mask: i32| mask >> axis & 1 == 1;
        let length = dims[axis] as i64;
        let counted = |place: i64| if place < 0 { place + length } else { place };
        let step = steps[axis];
        if step == 0 || step.unsigned_abs() > 1 << 31 {
            return Err(lo.refuse("a step is 0"));
        }
        if bit(drop_mask) {
            let start = counted(begins[axis]);
            if !(0..length).contains(&start) {
                return Err(lo.refuse(format!("place {} is outside of {length}", begins[axis])));
            }
            ranges[axis] = Range { start, end: start + 1, step: 1 };
            dropped.push(axis);
            continue;
        }
        let whole = if step > 0 { (0, i64::MAX) } else { (length - 1, -1) };
        let (least, most) = if step > 0 { (0, length) } else { (-1, length - 1) };
        let start = if bit(begin_mask) { whole.0 } else { counted(begins[axis]).clamp(least, most) };
        let end = if bit(end_mask) { whole.1 } else { counted(ends[axis]).clamp(least, most) };
        ranges[axis] = Range { start, end, step };
    }
    taken(lo, operator, input, &ranges, &dropped)
}

/// Begin and size for each axis; −1 means all that is left.
pub(in crate::tflite) fn slice(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let input = lo.input(operator, 0)?;
    let dims = &lo.def(input).dims;
    let begins = lo.whole_numbers(lo.input(operator, 1)?)?;
    let sizes = lo.whole_numbers(lo.input(operator, 2)?)?;
    if begins.len() != dims.len() || sizes.len() != dims.len() {
        return Err(lo.refuse("its lists have not one number for each axis"));
    }
    let mut ranges = Vec::with_capacity(dims.len());
    for (axis, dim) in dims.iter().enumerate() {
        let (start, size, length) = (begins[axis], sizes[axis], *dim as i64);
        let end = if size == -1 { length } else { start.saturating_add(size) };
        if start < 0 || size < -1 || end > length {
            return Err(lo.refuse(format!("{size} from {start} on is outside of {length}")));
        }
        let whole = start == 0 && end == length;
        ranges.push(if whole { ALL } else { Range { start, end, step: 1 } });
    }
    taken(lo, operator, input, &ranges, &[])
}

fn taken(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
    input: usize,
    ranges: &[Range],
    dropped: &[usize],
) -> Result<()> {
    let output = lo.only_output(operator)?;
    let dims = &lo.def(input).dims;
    let counts: Vec<usize> = ranges.iter().zip(dims).map(|(range, dim)| range.count(*dim)).collect();
    let left: Vec<usize> =
        (0..dims.len()).filter(|axis| !dropped.contains(axis)).map(|axis| counts[axis]).collect();
    lo.expect_shape(output, &left)?;
    if dropped.is_empty()
        && counts == *dims
        && ranges.iter().all(|range| range.step == 1)
        && lo.held_alike(input, output)
    {
        return lo.alias(output, input, &identity(dims.len()));
    }
    let order = if dropped.is_empty() { lo.likely_order(&[input], dims.len()) } else { identity(dims.len()) };
    let value = lo.real(input, &order)?;
    let value = sliced(lo, value, &order, ranges);
    if dropped.is_empty() {
        return lo.define(output, &order, value);
    }
    let axes: Vec<i64> = dropped.iter().map(|axis| *axis as i64).collect();
    let axes = lo.graph.ints(&axes);
    let value = lo.graph.node("Squeeze", &[value, axes], Vec::new());
    lo.define(output, &identity(left.len()), value)
}

/// A `Slice` of the axes that are not taken whole.
fn sliced(lo: &mut Lowering<'_, '_, '_>, value: Value, order: &[usize], ranges: &[Range]) -> Value {
    let parts: Vec<(i64, Range)> = order
        .iter()
        .enumerate()
        .filter(|(_, axis)| ranges[**axis] != ALL)
        .map(|(at, axis)| (at as i64, ranges[*axis]))
        .collect();
    if parts.is_empty() {
        return value;
    }
    let mut list = |number: fn(&(i64, Range)) -> i64| {
        let numbers: Vec<i64> = parts.iter().map(number).collect();
        lo.graph.ints(&numbers)
    };
    // Going backwards, an end of −1 means "before the first"; ONNX would count it from the end.
    let end = |(_, range): &(i64, Range)| if range.end < 0 { i64::MIN } else { range.end };
    let inputs = [list(|part| part.1.start), list(end), list(|part| part.0), list(|part| part.1.step)];
    let mut all = vec![value];
    all.extend(inputs);
    lo.graph.node("Slice", &all, Vec::new())
}

/// Rows taken off a tensor's front and back along one axis, for [`super::blocks`].
pub(super) fn cropped(
    lo: &mut Lowering<'_, '_, '_>,
    value: Value,
    crops: [[usize; 2]; 2],
    size: [usize; 2],
) -> Value {
    let range = |axis: usize| match crops[axis] {
        [0, 0] => ALL,
        [before, after] => Range { start: before as i64, end: (size[axis] - after) as i64, step: 1 },
    };
    sliced(lo, value, &[0, 1, 2, 3], &[ALL, range(0), range(1), ALL])
}

/// Equal parts along an axis.
pub(in crate::tflite) fn split(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let input = lo.input(operator, 1)?;
    let def = lo.def(input);
    let axis = match lo.whole_numbers(lo.input(operator, 0)?)?.as_slice() {
        [axis] => lo.axis(*axis, def.rank())?,
        _ => return Err(lo.refuse("it has not one axis")),
    };
    let parts = operator.outputs.len();
    if parts == 0 || !def.dims[axis].is_multiple_of(parts) {
        return Err(lo.refuse(format!("{} cannot be split into {parts} equal parts", def.dims[axis])));
    }
    let mut dims = def.dims.clone();
    dims[axis] /= parts;
    for output in &operator.outputs {
        lo.expect_shape(*output, &dims)?;
    }
    let order = lo.likely_order(&[input], dims.len());
    let values = divided(lo, input, &order, axis, parts, dims[axis])?;
    for (output, value) in operator.outputs.iter().zip(values) {
        lo.define(*output, &order, value)?;
    }
    Ok(())
}

/// One tensor for each place along an axis, without that axis.
pub(in crate::tflite) fn unpack(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let input = lo.input(operator, 0)?;
    let def = lo.def(input);
    let axis = operator.options.map(|options| options.i32(1, 0)).transpose()?.unwrap_or(0);
    let axis = lo.axis(i64::from(axis), def.rank())?;
    if operator.outputs.len() != def.dims[axis] {
        return Err(lo.refuse(format!(
            "{} cannot become {} tensors",
            def.dims[axis],
            operator.outputs.len()
        )));
    }
    let mut dims = def.dims.clone();
    dims.remove(axis);
    let values = divided(lo, input, &identity(def.rank()), axis, operator.outputs.len(), 1)?;
    for (output, value) in operator.outputs.iter().zip(values) {
        lo.expect_shape(*output, &dims)?;
        let order = identity(dims.len());
        let lengths = reshape_lengths(lo.def(*output), &order);
        let lengths = lengths.ok_or_else(|| lo.refuse("two lengths of its result are open, or one is 0"))?;
        let lengths = lo.graph.ints(&lengths);
        let value = lo.graph.node("Reshape", &[value, lengths], Vec::new());
        lo.define(*output, &order, value)?;
    }
    Ok(())
}

fn divided(
    lo: &mut Lowering<'_, '_, '_>,
    input: usize,
    order: &[usize],
    axis: usize,
    parts: usize,
    each: usize,
) -> Result<Vec<Value>> {
    let value = lo.real(input, order)?;
    let lengths = lo.graph.ints(&vec![each as i64; parts]);
    let axis = order.iter().position(|other| *other == axis).unwrap_or(axis);
    let attributes = vec![("axis", Attribute::Int(axis as i64))];
    Ok(lo.graph.nodes_outputs("Split", vec![Some(value), Some(lengths)], parts, attributes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_count_like_python() {
        let count = |start, end, step, length| Range { start, end, step }.count(length);
        assert_eq!(count(0, i64::MAX, 1, 7), 7);
        assert_eq!(count(1, 6, 2, 7), 3);
        assert_eq!(count(5, 2, 1, 7), 0);
        assert_eq!(count(6, -1, -1, 7), 7);
        assert_eq!(count(6, 0, -4, 7), 2);
    }
}
