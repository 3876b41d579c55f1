//! Convolutions, over all channels, one by one, and backwards.

use super::activation::fused;
use super::window::{Padding, Window, attributes, dilations, padding, positive};
use crate::tflite::error::Result;
use crate::tflite::lowering::{CHANNELS_SECOND, Lowering};
use crate::tflite::model::Operator;
use crate::tflite::onnx::Attribute;

/// Weights: output channel, row, column, input channel.
pub(in crate::tflite) fn conv_2d(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    let weights = lo.dims4(lo.input(operator, 1)?)?;
    let [.., channels] = lo.dims4(lo.input(operator, 0)?)?;
    let [filters, _, _, depth] = weights;
    if !channels.is_multiple_of(depth) || !filters.is_multiple_of(channels / depth) {
        return Err(lo.refuse(format!("{channels} channels do not fit weights of shape {weights:?}")));
    }
    let windows = [
        window(lo, weights[1], options.i32(2, 1)?, options.i32(5, 1)?)?,
        window(lo, weights[2], options.i32(1, 1)?, options.i32(4, 1)?)?,
    ];
    let layout = Layout { order: CHANNELS_SECOND, filters, groups: channels / depth };
    convolution(lo, operator, windows, padding(lo, options.i8(0)?)?, options.i8(3)?, layout)
}

/// Weights: 1, row, column, channel; several filters of a channel lie side by side.
pub(in crate::tflite) fn depthwise_conv_2d(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    let weights = lo.dims4(lo.input(operator, 1)?)?;
    let [.., channels] = lo.dims4(lo.input(operator, 0)?)?;
    let [one, _, _, filters] = weights;
    if one != 1 || !filters.is_multiple_of(channels) {
        return Err(lo.refuse(format!("{channels} channels do not fit weights of shape {weights:?}")));
    }
    let windows = [
        window(lo, weights[1], options.i32(2, 1)?, options.i32(6, 1)?)?,
        window(lo, weights[2], options.i32(1, 1)?, options.i32(5, 1)?)?,
    ];
    let layout = Layout { order: [3, 0, 1, 2], filters, groups: channels };
    convolution(lo, operator, windows, padding(lo, options.i8(0)?)?, options.i8(4)?, layout)
}

/// How a convolution's weights lie and are divided.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// The order of the weights' axes that puts filters first and channels second.
    order: [usize; 4],
    filters: usize,
    groups: usize,
}

fn window(lo: &Lowering<'_, '_, '_>, kernel: usize, stride: i32, dilation: i32) -> Result<Window> {
    let (stride, dilation) = (positive(lo, "its stride", stride)?, positive(lo, "its dilation", dilation)?);
    Ok(Window { kernel, stride, dilation })
}

fn convolution(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
    windows: [Window; 2],
    padding: Padding,
    activation: i8,
    layout: Layout,
) -> Result<()> {
    let (input, weights) = (lo.input(operator, 0)?, lo.input(operator, 1)?);
    let output = lo.only_output(operator)?;
    let [batch, height, width, _] = lo.dims4(input)?;
    let fit = windows[0].over(height, padding).zip(windows[1].over(width, padding));
    let Some(((rows, vertical), (columns, horizontal))) = fit else {
        return Err(lo.refuse("its window is larger than its input"));
    };
    lo.expect_shape(output, &[batch, rows, columns, layout.filters])?;
    let mut inputs = vec![lo.real(input, &CHANNELS_SECOND)?, lo.real(weights, &layout.order)?];
    if let Some(bias) = operator.inputs.get(2).copied().flatten() {
        if lo.def(bias).dims != [layout.filters] {
            return Err(lo.refuse("its bias has not one number for each filter"));
        }
        inputs.push(lo.bias(bias, input, weights)?);
    }
    let mut attributes = attributes(windows, [vertical, horizontal]);
    attributes.push(dilations(windows));
    attributes.push(("group", Attribute::Int(layout.groups as i64)));
    let value = lo.graph.node("Conv", &inputs, attributes);
    let value = fused(lo, activation, output, value)?;
    lo.define(output, &CHANNELS_SECOND, value)
}

/// Inputs: size of the result, weights (output channel, row, column, input channel), picture, bias.
pub(in crate::tflite) fn transpose_conv(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    let output = lo.only_output(operator)?;
    let size = lo.whole_numbers(lo.input(operator, 0)?)?;
    let said = &lo.def(output).dims;
    if !size.iter().eq(said.iter().map(|dim| *dim as i64).collect::<Vec<_>>().iter()) {
        return Err(lo.refuse(format!("it is to have shape {size:?}, the file says {said:?}")));
    }
    let strides = [options.i32(2, 1)?, options.i32(1, 1)?];
    let inputs = [
        Some(lo.input(operator, 2)?),
        Some(lo.input(operator, 1)?),
        operator.inputs.get(3).copied().flatten(),
    ];
    backwards(lo, output, inputs, strides, padding(lo, options.i8(0)?)?, options.i8(3)?)
}

/// MediaPipe's own operator: picture, weights (output channel, row, column, input channel), bias. Its options are
/// three 32-bit numbers: padding (1 keeps the size, 2 adds none), horizontal and vertical stride.
pub(in crate::tflite) fn transpose_conv_bias(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
) -> Result<()> {
    let (numbers, rest) = operator.custom_options.as_chunks::<4>();
    let [scheme, horizontal, vertical] = <[[u8; 4]; 3]>::try_from(numbers)
        .ok()
        .filter(|_| rest.is_empty())
        .ok_or_else(|| lo.refuse("its options are not three numbers"))?
        .map(i32::from_le_bytes);
    let padding = match scheme {
        1 => Padding::Same,
        2 => Padding::Valid,
        other => return Err(lo.refuse(format!("padding scheme {other} is not supported"))),
    };
    let output = lo.only_output(operator)?;
    let inputs = [Some(lo.input(operator, 0)?), Some(lo.input(operator, 1)?), Some(lo.input(operator, 2)?)];
    backwards(lo, output, inputs, [vertical, horizontal], padding, 0)
}

/// A convolution run backwards, of which the result's size is known; `inputs` are picture, weights and bias.
fn backwards(
    lo: &mut Lowering<'_, '_, '_>,
    output: usize,
    inputs: [Option<usize>; 3],
    strides: [i32; 2],
    padding: Padding,
    activation: i8,
) -> Result<()> {
    let [Some(input), Some(weights), bias] = inputs else {
        return Err(lo.refuse("its picture or its weights are missing"));
    };
    let [batch, height, width, channels] = lo.dims4(input)?;
    let [filters, kernel_height, kernel_width, depth] = lo.dims4(weights)?;
    let [_, rows, columns, _] = lo.dims4(output)?;
    lo.expect_shape(output, &[batch, rows, columns, filters])?;
    if depth != channels {
        return Err(lo.refuse(format!("{channels} channels do not fit weights for {depth}")));
    }
    let mut windows = [window(lo, kernel_height, strides[0], 1)?, window(lo, kernel_width, strides[1], 1)?];
    let mut pads = [[0; 2]; 2];
    let mut missing = [0; 2];
    for (axis, (from, to)) in [(height, rows), (width, columns)].into_iter().enumerate() {
        // The forward convolution must lead from the result's size to the input's.
        let Some((steps, cut)) = windows[axis].over(to, padding) else {
            return Err(lo.refuse("its window is larger than its result"));
        };
        if steps != from {
            return Err(lo.refuse(format!("{from} cannot become {to} with stride {}", windows[axis].stride)));
        }
        pads[axis] = cut;
        // What the forward one would have left over at the end.
        missing[axis] = (to + cut[0] + cut[1]) - ((from - 1) * windows[axis].stride + windows[axis].kernel);
        windows[axis].dilation = 1;
    }
    let mut values = vec![lo.real(input, &CHANNELS_SECOND)?, lo.real(weights, &[3, 0, 1, 2])?];
    if let Some(bias) = bias {
        if lo.def(bias).dims != [filters] {
            return Err(lo.refuse("its bias has not one number for each filter"));
        }
        values.push(lo.bias(bias, input, weights)?);
    }
    let mut attributes = attributes(windows, pads);
    if missing != [0, 0] {
        attributes.push(("output_padding", Attribute::Ints(missing.map(|each| each as i64).to_vec())));
    }
    let value = lo.graph.node("ConvTranspose", &values, attributes);
    let value = fused(lo, activation, output, value)?;
    lo.define(output, &CHANNELS_SECOND, value)
}
