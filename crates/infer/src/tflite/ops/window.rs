//! Sliding windows: how much padding TFLite's two schemes mean, and how large the result is.

use crate::tflite::error::Result;
use crate::tflite::lowering::Lowering;
use crate::tflite::onnx::Attribute;

/// The two schemes of padding: as much as keeps the size (divided by the stride), or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    Same,
    Valid,
}

/// A window along one axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
}

/// Steps and kernels beyond this are no convolution of pictures, but a damaged file.
const LONGEST: usize = 1 << 16;

/// A positive number of the file.
pub(super) fn positive(lo: &Lowering<'_, '_, '_>, what: &str, number: i32) -> Result<usize> {
    let positive = usize::try_from(number).ok().filter(|number| (1..=LONGEST).contains(number));
    positive.ok_or_else(|| lo.refuse(format!("{what} is {number}")))
}

/// The scheme by its number in the schema.
pub(super) fn padding(lo: &Lowering<'_, '_, '_>, number: i8) -> Result<Padding> {
    match number {
        0 => Ok(Padding::Same),
        1 => Ok(Padding::Valid),
        other => Err(lo.refuse(format!("padding scheme {other} is not supported"))),
    }
}

impl Window {
    /// How far the window reaches.
    fn reach(self) -> usize {
        (self.kernel - 1) * self.dilation + 1
    }

    /// The length of the result, and the padding before and after; none where the window does not fit.
    pub(super) fn over(self, length: usize, padding: Padding) -> Option<(usize, [usize; 2])> {
        if padding == Padding::Valid {
            let free = length.checked_sub(self.reach())?;
            return Some((free / self.stride + 1, [0, 0]));
        }
        let steps = length.div_ceil(self.stride);
        let total = ((steps - 1) * self.stride + self.reach()).saturating_sub(length);
        // The odd one goes behind.
        Some((steps, [total / 2, total - total / 2]))
    }
}

/// The attributes of a node that slides two windows, rows first, with their padding.
pub(super) fn attributes(windows: [Window; 2], pads: [[usize; 2]; 2]) -> Vec<(&'static str, Attribute)> {
    let each = |number: fn(&Window) -> usize| {
        Attribute::Ints(windows.iter().map(|window| number(window) as i64).collect())
    };
    let pads = [pads[0][0], pads[1][0], pads[0][1], pads[1][1]];
    vec![
        ("kernel_shape", each(|window| window.kernel)),
        ("strides", each(|window| window.stride)),
        ("pads", Attribute::Ints(pads.map(|pad| pad as i64).to_vec())),
    ]
}

/// The attribute of dilations, which pooling nodes of these versions take as well but never need.
pub(super) fn dilations(windows: [Window; 2]) -> (&'static str, Attribute) {
    ("dilations", Attribute::Ints(windows.map(|window| window.dilation as i64).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(kernel: usize, stride: usize, dilation: usize) -> Window {
        Window { kernel, stride, dilation }
    }

    #[test]
    fn padding_that_keeps_the_size_puts_the_odd_one_behind() {
        assert_eq!(window(3, 1, 1).over(7, Padding::Same), Some((7, [1, 1])));
        assert_eq!(window(3, 2, 1).over(224, Padding::Same), Some((112, [0, 1])));
        assert_eq!(window(3, 2, 1).over(257, Padding::Same), Some((129, [1, 1])));
        assert_eq!(window(3, 1, 4).over(33, Padding::Same), Some((33, [4, 4])));
        assert_eq!(window(1, 2, 1).over(5, Padding::Same), Some((3, [0, 0])));
    }

    #[test]
    fn without_padding_the_window_must_fit() {
        assert_eq!(window(7, 1, 1).over(7, Padding::Valid), Some((1, [0, 0])));
        assert_eq!(window(2, 2, 1).over(5, Padding::Valid), Some((2, [0, 0])));
        assert_eq!(window(8, 1, 1).over(7, Padding::Valid), None);
    }
}
