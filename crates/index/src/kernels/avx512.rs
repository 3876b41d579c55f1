//! The loops for AVX-512 with VNNI: 64 bytes a step, products summed four at a time straight into 32 bits.
#![allow(unsafe_code, reason = "vector instructions; the bounds are asserted before each loop")]
#![allow(clippy::wildcard_imports, reason = "forty names that all begin alike")]

use std::arch::x86_64::*;

use super::{Kernels, Threshold, avx2};

/// The set, where the processor has what it needs.
pub(super) fn kernels() -> Option<Kernels> {
    let has = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni");
    // What runs for a few hundred rows only, and waits for memory there, stays with AVX2.
    avx2::kernels().filter(|_| has).map(|avx2| Kernels {
        // SAFETY (all three): the processor has the features, as asked above.
        nibbles: |rows, stride, query, out| unsafe { nibbles(rows, stride, query, out) },
        crumbs: |row, query| unsafe { crumbs(row, query) },
        select: |dots, words, addends, query| unsafe { select(dots, words, addends, query) },
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
        // Two sums a row, so that no product waits for the one before it.
        let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
        for at in (0..stride).step_by(64) {
            // SAFETY: at + 64 <= stride, so both loads stay within the query.
            let (below, above) = unsafe {
                (
                    _mm512_loadu_si512(query.as_ptr().add(at).cast()),
                    _mm512_loadu_si512(query.as_ptr().add(stride + at).cast()),
                )
            };
            for (row, [low, high]) in sums.iter_mut().enumerate() {
                // SAFETY: row four · 4 + row lies within `rows`, as asserted, and at + 64 <= stride.
                let bytes =
                    unsafe { _mm512_loadu_si512(rows.as_ptr().add(first + row * stride + at).cast()) };
                *low = _mm512_dpbusd_epi32(*low, _mm512_and_si512(bytes, mask), below);
                let shifted = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), mask);
                *high = _mm512_dpbusd_epi32(*high, shifted, above);
            }
        }
        let sums = four_sums(sums.map(|[low, high]| _mm512_add_epi32(low, high)));
        // SAFETY: `out` is four integers long.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), sums) };
    }
    // What is left of four is left to AVX2.
    avx2::nibbles(&rows[fours * ROWS * stride..], stride, query, &mut out[fours * ROWS..]);
}

/// The sums of four times sixteen integers, by folding all four at once.
#[target_feature(enable = "avx512f,avx2")]
#[inline]
fn four_sums(wide: [__m512i; ROWS]) -> __m128i {
    let pair = |a, b| _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (first, second) = (pair(wide[0], wide[1]), pair(wide[2], wide[3]));
    let fours = _mm512_add_epi32(_mm512_unpacklo_epi64(first, second), _mm512_unpackhi_epi64(first, second));
    let half = _mm256_add_epi32(_mm512_castsi512_si256(fours), _mm512_extracti64x4_epi64::<1>(fours));
    _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2")]
fn crumbs(row: &[u8], query: &[i8]) -> i32 {
    let quarter = row.len();
    assert!(quarter.is_multiple_of(32) && query.len() == 4 * quarter);
    let mask = _mm512_set1_epi8(3);
    let mut sums = [_mm512_setzero_si512(); 4];
    for at in (0..quarter).step_by(64) {
        // A quarter may end with half a step.
        let present = if quarter - at < 64 { u64::from(u32::MAX) } else { u64::MAX };
        // SAFETY: `present` names no byte past the row's end.
        let bytes = unsafe { _mm512_maskz_loadu_epi8(present, row.as_ptr().add(at).cast()) };
        let parts = [
            bytes,
            _mm512_srli_epi16::<2>(bytes),
            _mm512_srli_epi16::<4>(bytes),
            _mm512_srli_epi16::<6>(bytes),
        ];
        for (part, (sum, crumbs)) in sums.iter_mut().zip(parts).enumerate() {
            // SAFETY: `present` names no byte past part · quarter + quarter <= 4 · quarter, the query's length.
            let query =
                unsafe { _mm512_maskz_loadu_epi8(present, query.as_ptr().add(part * quarter + at).cast()) };
            *sum = _mm512_dpbusd_epi32(*sum, _mm512_and_si512(crumbs, mask), query);
        }
    }
    let [a, b, c, d] = sums;
    _mm512_reduce_add_epi32(_mm512_add_epi32(_mm512_add_epi32(a, b), _mm512_add_epi32(c, d)))
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2")]
fn select(dots: &[i32], words: &[u8], addends: &[f32], query: Threshold) -> u64 {
    assert!(dots.len() <= 64 && words.len() >= 4 * dots.len() && addends.len() >= dots.len());
    let (factor, minimum) = (_mm512_set1_ps(query.factor), _mm512_set1_ps(query.minimum));
    let weight = _mm512_set1_ps(query.weight);
    let (offset, top) = (_mm512_set1_epi32(query.offset), _mm512_set1_epi32(0xFFFF_0000_u32 as i32));
    let mut selected = 0u64;
    for at in (0..dots.len()).step_by(16) {
        let present = if dots.len() - at < 16 { (1u16 << (dots.len() - at)) - 1 } else { u16::MAX };
        // SAFETY: `present` names no row past dots.len(), which words and addends reach, as asserted.
        let (dots, words, addends) = unsafe {
            (
                _mm512_maskz_loadu_epi32(present, dots.as_ptr().add(at)),
                _mm512_maskz_loadu_epi32(present, words.as_ptr().add(4 * at).cast()),
                _mm512_maskz_loadu_ps(present, addends.as_ptr().add(at)),
            )
        };
        let scale = _mm512_castsi512_ps(_mm512_and_si512(words, top));
        let error = _mm512_castsi512_ps(_mm512_slli_epi32::<16>(words));
        let doubled = _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_slli_epi32::<1>(dots), offset));
        let estimate = _mm512_mul_ps(_mm512_mul_ps(scale, factor), doubled);
        let reach = _mm512_add_ps(_mm512_add_ps(estimate, _mm512_mul_ps(error, weight)), addends);
        let hits = _mm512_mask_cmp_ps_mask::<_CMP_GE_OQ>(present, reach, minimum);
        selected |= u64::from(hits) << at;
    }
    selected
}
