//! The loops as plain arithmetic, which the compiler vectorises for what every processor of the target has (NEON on
//! 64-bit ARM).

use super::{FINE_LEVELS, Kernels, Threshold};

pub(super) const KERNELS: Kernels = Kernels { nibbles, crumbs, full, select };

pub(super) fn nibbles(rows: &[u8], stride: usize, query: &[i8], out: &mut [i32]) {
    let (below, above) = query.split_at(stride);
    for (row, out) in rows.chunks_exact(stride).zip(out) {
        *out = row
            .chunks_exact(32)
            .zip(below.chunks_exact(32))
            .zip(above.chunks_exact(32))
            .map(|((row, below), above)| {
                // 32 products of at most 15 · 127 · 2 in 16 bits, widened as they are summed.
                let mut products = [0i16; 32];
                for i in 0..32 {
                    products[i] = i16::from(row[i] & 15) * i16::from(below[i])
                        + i16::from(row[i] >> 4) * i16::from(above[i]);
                }
                products.iter().map(|&product| i32::from(product)).sum::<i32>()
            })
            .sum();
    }
}

pub(super) fn crumbs(row: &[u8], query: &[i8]) -> i32 {
    let quarter = row.len();
    (0..4)
        .map(|part| {
            let query = &query[part * quarter..][..quarter];
            row.iter()
                .zip(query)
                .map(|(&byte, &g)| i32::from(byte >> (2 * part) & 3) * i32::from(g))
                .sum::<i32>()
        })
        .sum()
}

pub(super) fn full(nibbles: &[u8], high: &[u8], low: &[u8], query: &[i16]) -> i32 {
    let (stride, quarter) = (nibbles.len(), high.len());
    let mut sum = 0;
    for (dim, &g) in query.iter().enumerate() {
        let nibble = nibbles[dim % stride] >> (4 * (dim / stride)) & 15;
        let (byte, shift) = (dim % quarter, 2 * (dim / quarter));
        let fine = (high[byte] >> shift & 3) << 2 | (low[byte] >> shift & 3);
        sum += (24 * i32::from(nibble) + i32::from(FINE_LEVELS[usize::from(fine)])) * i32::from(g);
    }
    sum
}

pub(super) fn select(dots: &[i32], words: &[u8], addends: &[f32], query: Threshold) -> u64 {
    let mut selected = 0;
    for (i, ((&dot, word), addend)) in dots.iter().zip(words.as_chunks::<4>().0).zip(addends).enumerate() {
        let word = u32::from_le_bytes(*word);
        let reach = query.estimate(dot, word) + f32::from_bits(word << 16) * query.weight + addend;
        selected |= u64::from(reach >= query.minimum) << i;
    }
    selected
}
