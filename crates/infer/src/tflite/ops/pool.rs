//! Pooling: the mean or the greatest of a window.

use super::activation::fused;
use super::window::{Window, attributes, padding, positive};
use crate::tflite::error::Result;
use crate::tflite::lowering::{CHANNELS_SECOND, Lowering};
use crate::tflite::model::Operator;

/// Means; padding does not count.
pub(in crate::tflite) fn average(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    pool(lo, operator, ["AveragePool", "GlobalAveragePool"])
}

/// Maxima.
pub(in crate::tflite) fn max(lo: &mut Lowering<'_, '_, '_>, operator: &Operator<'_, '_>) -> Result<()> {
    pool(lo, operator, ["MaxPool", "GlobalMaxPool"])
}

fn pool(
    lo: &mut Lowering<'_, '_, '_>,
    operator: &Operator<'_, '_>,
    [windowed, global]: [&'static str; 2],
) -> Result<()> {
    let options = operator.options.ok_or_else(|| lo.refuse("its options are missing"))?;
    let (input, output) = (lo.input(operator, 0)?, lo.only_output(operator)?);
    let [batch, height, width, channels] = lo.dims4(input)?;
    let read = |kernel: usize, stride: usize| {
        let kernel = positive(lo, "its window", options.i32(kernel, 0)?)?;
        let stride = positive(lo, "its stride", options.i32(stride, 0)?)?;
        Result::Ok(Window { kernel, stride, dilation: 1 })
    };
    let windows = [read(4, 2)?, read(3, 1)?];
    let padding = padding(lo, options.i8(0)?)?;
    let fit = windows[0].over(height, padding).zip(windows[1].over(width, padding));
    let Some(((rows, vertical), (columns, horizontal))) = fit else {
        return Err(lo.refuse("its window is larger than its input"));
    };
    lo.expect_shape(output, &[batch, rows, columns, channels])?;
    let value = lo.real(input, &CHANNELS_SECOND)?;
    let open = lo.def(input).open[1] || lo.def(input).open[2];
    // One window over everything is a plain reduction, several times as fast.
    let value =
        if [windows[0].kernel, windows[1].kernel] == [height, width] && [rows, columns] == [1, 1] && !open {
            lo.graph.node(global, &[value], Vec::new())
        } else {
            lo.graph.node(windowed, &[value], attributes(windows, [vertical, horizontal]))
        };
    let value = fused(lo, options.i8(5)?, output, value)?;
    lo.define(output, &CHANNELS_SECOND, value)
}
