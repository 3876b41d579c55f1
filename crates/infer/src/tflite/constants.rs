//! Constants of a file as the bytes of an ONNX constant: half floats widened, stored numbers made real, axes put in
//! the order in which they are wanted.

use super::model::{ElementType, Quantisation};

/// A half-precision float (IEEE 754 binary16) as a single-precision one; exact.
pub(super) fn widened(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let exponent = u32::from(half >> 10) & 0x1F;
    let fraction = u32::from(half) & 0x3FF;
    match exponent {
        // Zero and subnormals: fraction × 2⁻²⁴.
        0 => f32::from_bits(sign | (fraction as f32 / 16_777_216.0).to_bits()),
        0x1F => f32::from_bits(sign | 0x7F80_0000 | fraction << 13),
        // The bias is 15 there and 127 here.
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

/// The elements in storage order as real numbers. Whole numbers without quantisation stand for themselves.
pub(super) fn real_values(
    data: &[u8],
    element: ElementType,
    dims: &[usize],
    quantisation: Option<&Quantisation>,
) -> Option<Vec<f32>> {
    let whole = |values: Vec<i64>| match quantisation {
        Some(quantisation) => dequantised(&values, dims, quantisation),
        None => values.into_iter().map(|value| value as f32).collect(),
    };
    Some(match element {
        ElementType::F32 => data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        ElementType::F16 => {
            data.as_chunks().0.iter().map(|bytes| widened(u16::from_le_bytes(*bytes))).collect()
        }
        ElementType::U8 => whole(data.iter().map(|byte| i64::from(*byte)).collect()),
        ElementType::I8 => whole(data.iter().map(|byte| i64::from(*byte as i8)).collect()),
        ElementType::I32 => {
            whole(data.as_chunks().0.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect())
        }
        ElementType::I64 | ElementType::Bool | ElementType::Other(_) => return None,
    })
}

fn dequantised(values: &[i64], dims: &[usize], quantisation: &Quantisation) -> Vec<f32> {
    let several = quantisation.scales.len() > 1;
    // Elements of one slice lie `inner` at a time.
    let inner: usize = if several { dims[quantisation.axis + 1..].iter().product() } else { values.len() };
    let real = |(at, value): (usize, &i64)| {
        let slice = if several { at / inner % quantisation.scales.len() } else { 0 };
        // As the engines compute it: the difference as a whole number, then one product of floats.
        (value - quantisation.zero_points[slice]) as f32 * quantisation.scales[slice]
    };
    values.iter().enumerate().map(real).collect()
}

/// Elements of `size` bytes with their axes in another order: axis `i` of the result is axis `order[i]` of the
/// source.
pub(super) fn reordered(data: &[u8], size: usize, dims: &[usize], order: &[usize]) -> Vec<u8> {
    if order.is_sorted() || data.is_empty() {
        return data.to_vec();
    }
    let strides: Vec<usize> = (0..dims.len()).map(|axis| dims[axis + 1..].iter().product()).collect();
    let lengths: Vec<usize> = order.iter().map(|axis| dims[*axis]).collect();
    let steps: Vec<usize> = order.iter().map(|axis| strides[*axis]).collect();
    let mut at = vec![0; lengths.len()];
    let mut source = 0;
    let mut result = Vec::with_capacity(data.len());
    while result.len() < data.len() {
        result.extend_from_slice(&data[source * size..(source + 1) * size]);
        // Counts like an odometer, the last axis fastest.
        for axis in (0..at.len()).rev() {
            at[axis] += 1;
            source += steps[axis];
            if at[axis] < lengths[axis] {
                break;
            }
            source -= steps[axis] * lengths[axis];
            at[axis] = 0;
        }
    }
    result
}

#[cfg(test)]
mod tests;
