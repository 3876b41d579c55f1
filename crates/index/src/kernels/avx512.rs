//! The loops for AVX-512 with VNNI: 64 bytes a step, products summed four at a time straight into 32 bits.
#![allow(unsafe_code, reason = "vector instructions; the bounds are asserted before each loop")]
#![allow(clippy::wildcard_imports, reason = "forty names that all begin alike")]

use std::arch::x86_64::*;

use super::{Kernels, avx2};

/// The set, where the processor has what it needs.
pub(super) fn kernels() -> Option<Kernels> {
    let has = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni");
    // What runs for a few rows only stays with AVX2.
    avx2::kernels().filter(|_| has).map(|avx2| Kernels {
        // SAFETY: the processor has the features, as asked above.
        nibbles: |rows, stride, query, out| unsafe { nibbles(rows, stride, query, out) },
        ..avx2
    })
}

/// Rows side by side.
const ROWS: usize = 4;

#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2")]
fn nibbles(rows: &[u8], stride: usize, query: &[i8], out: &mut [i32]) {
    assert!(stride.is_multiple_of(64) && query.len() == 2 * stride && rows.len() >= out.len() * stride);
    let mask = _mm512_set1_epi8(15);
    let fours = out.len() / ROWS;
    for (four, out) in out.chunks_exact_mut(ROWS).enumerate() {
        let first = four * ROWS * stride;
        let mut sums = [_mm512_setzero_si512(); ROWS];
        for at in (0..stride).step_by(64) {
            // SAFETY: at + 64 <= stride, so both loads stay within the query.
            let (below, above) = unsafe {
                (
                    _mm512_loadu_si512(query.as_ptr().add(at).cast()),
                    _mm512_loadu_si512(query.as_ptr().add(stride + at).cast()),
                )
            };
            for (row, sum) in sums.iter_mut().enumerate() {
                // SAFETY: row four · 4 + row lies within `rows`, as asserted, and at + 64 <= stride.
                let bytes =
                    unsafe { _mm512_loadu_si512(rows.as_ptr().add(first + row * stride + at).cast()) };
                *sum = _mm512_dpbusd_epi32(*sum, _mm512_and_si512(bytes, mask), below);
                let high = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), mask);
                *sum = _mm512_dpbusd_epi32(*sum, high, above);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = _mm512_reduce_add_epi32(sum);
        }
    }
    // What is left of four is left to AVX2.
    avx2::nibbles(&rows[fours * ROWS * stride..], stride, query, &mut out[fours * ROWS..]);
}
