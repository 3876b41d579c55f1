//! Pictures made larger or smaller.

use crate::tflite::error::Result;
use crate::tflite::lowering::{CHANNELS_SECOND, Lowering};
use crate::tflite::model::Operator;
use crate::tflite::onnx::{Attribute, Value};

/// Between the four nearest pixels.
pub(in crate::tflite) fn bilinear(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    // Two fields before these are no longer in use.
    let corners = flags(operator, 2)?;
    resize(lo, operator, "linear", corners)
}

/// The nearest pixel.
pub(in crate::tflite) fn nearest(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let corners = flags(operator, 0)?;
    resize(lo, operator, "nearest", corners)
}

/// Whether the corner pixels' centres stay where they are, and whether pixels are squares with a centre at all.
fn flags(operator: &Operator<'_, '_>, first: usize) -> Result<[bool; 2]> {
    let Some(options) = operator.options else { return Ok([false, false]) };
    Ok([options.bool(first)?, options.bool(first + 1)?])
}

fn resize(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
    mode: &'static str,
    [corners, centres]: [bool; 2],
) -> Result<()> {
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let [batch, _, _, channels] = lo.dims4(input)?;
    let size = lo.whole_numbers(lo.input(operator, 1)?)?;
    let [_, rows, columns, _] = lo.dims4(output)?;
    if size != [rows as i64, columns as i64] {
        return Err(lo.refuse(format!("its size {size:?} is not that of its result")));
    }
    lo.expect_shape(output, &[batch, rows, columns, channels])?;
    if lo.def(input).open[1..].contains(&true) {
        return Err(lo.refuse("its input's size is open"));
    }
    let picture = lo.real(input, &CHANNELS_SECOND)?;
    let (coordinates, rounding) = match (corners, centres) {
        (true, false) => ("align_corners", "round_prefer_ceil"),
        (false, true) => ("half_pixel", "round_prefer_ceil"),
        (false, false) => ("asymmetric", "floor"),
        (true, true) => return Err(lo.refuse("its two ways of placing pixels exclude each other")),
    };
    let mut attributes = vec![
        ("mode", Attribute::Text(mode)),
        ("coordinate_transformation_mode", Attribute::Text(coordinates)),
    ];
    if mode == "nearest" {
        attributes.push(("nearest_mode", Attribute::Text(rounding)));
    }
    // The size is given rather than the factor, which a float cannot always hold.
    let sizes = [channels, rows, columns].map(|length| length as i64);
    let sizes =
        if lo.def(input).open[0] { open_batch(lo, picture, &sizes) } else { fixed(lo, batch, &sizes) };
    let inputs = vec![Some(picture), None, None, Some(sizes)];
    let value = lo.graph.nodes_outputs("Resize", inputs, 1, attributes)[0];
    lo.define(output, &CHANNELS_SECOND, value)
}

fn fixed(lo: &mut Lowering<'_, '_, '_>, batch: usize, sizes: &[i64]) -> Value {
    let mut all = vec![batch as i64];
    all.extend(sizes);
    lo.graph.ints(&all)
}

/// The sizes behind however many pictures there are.
fn open_batch(lo: &mut Lowering<'_, '_, '_>, picture: Value, sizes: &[i64]) -> Value {
    let shape = lo.graph.node("Shape", &[picture], Vec::new());
    let first = lo.graph.ints(&[0]);
    let batch = lo.graph.node("Gather", &[shape, first], vec![("axis", Attribute::Int(0))]);
    let sizes = lo.graph.ints(sizes);
    lo.graph.node("Concat", &[batch, sizes], vec![("axis", Attribute::Int(0))])
}
