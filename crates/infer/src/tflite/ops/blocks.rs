//! Operators that trade height and width for channels or for pictures, block by block.

use super::pad;
use super::slice::cropped;
use crate::tflite::error::Result;
use crate::tflite::lowering::{CHANNELS_SECOND, Lowering, identity};
use crate::tflite::model::Operator;
use crate::tflite::onnx::{Attribute, Value};

/// Each pixel's channels become a block of pixels.
pub(in crate::tflite) fn depth_to_space(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let (input, output, block) = read(lo, operator)?;
    let [batch, height, width, channels] = lo.dims4(input)?;
    if !channels.is_multiple_of(block * block) {
        return Err(lo.refuse(format!("{channels} channels make no blocks of {block} by {block}")));
    }
    lo.expect_shape(output, &[batch, height * block, width * block, channels / (block * block)])?;
    let value = lo.real(input, &CHANNELS_SECOND)?;
    let attributes = vec![("blocksize", Attribute::Int(block as i64)), ("mode", Attribute::Text("DCR"))];
    let value = lo.graph.node("DepthToSpace", &[value], attributes);
    lo.define(output, &CHANNELS_SECOND, value)
}

/// Each block of pixels becomes one pixel with all their channels.
pub(in crate::tflite) fn space_to_depth(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let (input, output, block) = read(lo, operator)?;
    let [batch, height, width, channels] = lo.dims4(input)?;
    if !height.is_multiple_of(block) || !width.is_multiple_of(block) {
        return Err(lo.refuse(format!("{height} by {width} makes no blocks of {block} by {block}")));
    }
    let result = [batch, height / block, width / block, channels * block * block];
    lo.expect_shape(output, &result)?;
    let value = lo.real(input, &identity(4))?;
    // One engine has no node for this.
    let parts = [batch, height / block, block, width / block, block, channels];
    let value = rearranged(lo, value, &parts, &[0, 1, 3, 2, 4, 5], &result);
    lo.define(output, &identity(4), value)
}

fn read(lo: &Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<(usize, usize, usize)> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let block = operator.options.map(|options| options.i32(0, 0)).transpose()?.unwrap_or(0);
    let block = super::window::positive(lo, "its block", block)?;
    closed(lo, input)?;
    Ok((input, output, block))
}

/// The shapes below are written into the graph.
fn closed(lo: &Lowering<'_, '_, '_>, input: usize) -> Result<()> {
    if lo.def(input).open.contains(&true) { Err(lo.refuse("its input's shape is open")) } else { Ok(()) }
}

/// Pictures are padded, then every block's pixels go to pictures of their own.
pub(in crate::tflite) fn space_to_batch(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    closed(lo, input)?;
    let [batch, height, width, channels] = lo.dims4(input)?;
    let ([down, right], borders) = blocks(lo, operator)?;
    let size = [height + borders[0][0] + borders[0][1], width + borders[1][0] + borders[1][1]];
    if !size[0].is_multiple_of(down) || !size[1].is_multiple_of(right) {
        return Err(lo.refuse(format!("{size:?} makes no blocks of {down} by {right}")));
    }
    let result = [batch * down * right, size[0] / down, size[1] / right, channels];
    lo.expect_shape(output, &result)?;
    let value = lo.real(input, &identity(4))?;
    let value = pad::bordered_by_zeros(lo, value, borders);
    let parts = [batch, size[0] / down, down, size[1] / right, right, channels];
    let value = rearranged(lo, value, &parts, &[2, 4, 0, 1, 3, 5], &result);
    lo.define(output, &identity(4), value)
}

/// The way back, then pictures are cropped.
pub(in crate::tflite) fn batch_to_space(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    closed(lo, input)?;
    let [batch, height, width, channels] = lo.dims4(input)?;
    let ([down, right], crops) = blocks(lo, operator)?;
    if !batch.is_multiple_of(down * right) {
        return Err(lo.refuse(format!("{batch} pictures make no blocks of {down} by {right}")));
    }
    let size = [height * down, width * right];
    let left = |axis: usize| size[axis].checked_sub(crops[axis][0] + crops[axis][1]);
    let Some((rows, columns)) = left(0).zip(left(1)) else {
        return Err(lo.refuse("more is cropped than there is"));
    };
    let pictures = batch / (down * right);
    lo.expect_shape(output, &[pictures, rows, columns, channels])?;
    let value = lo.real(input, &identity(4))?;
    let parts = [down, right, pictures, height, width, channels];
    let value = rearranged(lo, value, &parts, &[2, 3, 0, 4, 1, 5], &[pictures, size[0], size[1], channels]);
    let value = cropped(lo, value, crops, size);
    lo.define(output, &identity(4), value)
}

/// The size of a block, and what is added or cropped above, below, left and right.
fn blocks(lo: &Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<([usize; 2], [[usize; 2]; 2])> {
    let number = |least: i64| {
        move |number: &i64| usize::try_from(*number).ok().filter(|_| (least..=1 << 12).contains(number))
    };
    let size = lo.whole_numbers(lo.input(operator, 1)?)?;
    let borders = lo.whole_numbers(lo.input(operator, 2)?)?;
    let size: Option<Vec<usize>> = size.iter().map(number(1)).collect();
    let borders: Option<Vec<usize>> = borders.iter().map(number(0)).collect();
    match (size.as_deref(), borders.as_deref()) {
        (Some(&[down, right]), Some(&[above, below, left, right_of])) => {
            Ok(([down, right], [[above, below], [left, right_of]]))
        }
        _ => Err(lo.refuse("its blocks or its borders are not those of pictures")),
    }
}

/// Elements told with more axes, those in another order, and told with fewer again.
fn rearranged(
    lo: &mut Lowering<'_, '_, '_>,
    value: Value,
    parts: &[usize; 6],
    order: &[i64; 6],
    result: &[usize; 4],
) -> Value {
    let lengths = lo.graph.ints(&parts.map(|length| length as i64));
    let value = lo.graph.node("Reshape", &[value, lengths], Vec::new());
    let value = lo.graph.node("Transpose", &[value], vec![("perm", Attribute::Ints(order.to_vec()))]);
    let lengths = lo.graph.ints(&result.map(|length| length as i64));
    lo.graph.node("Reshape", &[value, lengths], Vec::new())
}
