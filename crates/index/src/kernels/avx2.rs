//! The loops for AVX2: 32 bytes a step, four rows side by side so that the query is loaded once for them.
#![allow(unsafe_code, reason = "vector instructions; the bounds are asserted before each loop")]
#![allow(clippy::wildcard_imports, reason = "forty names that all begin alike")]

use std::arch::x86_64::*;

use super::{FINE_LEVELS, Kernels, Threshold, portable};

/// The set, where the processor has AVX2.
pub(super) fn kernels() -> Option<Kernels> {
    is_x86_feature_detected!("avx2").then_some(KERNELS)
}

const KERNELS: Kernels = Kernels {
    // SAFETY (all four): only `kernels` hands this set out, after it found AVX2.
    nibbles: |rows, stride, query, out| unsafe { nibbles(rows, stride, query, out) },
    crumbs: |row, query| unsafe { crumbs(row, query) },
    full: |nibbles, high, low, query| unsafe { full(nibbles, high, low, query) },
    select: |dots, words, addends, query| unsafe { select(dots, words, addends, query) },
};

/// Rows side by side.
const ROWS: usize = 4;
/// Bytes of a row between widenings: eight products of at most 15 · 127 · 2 fit 16 bits, and 32 bytes make two.
const SPAN: usize = 128;

#[target_feature(enable = "avx2")]
pub(super) fn nibbles(rows: &[u8], stride: usize, query: &[i8], out: &mut [i32]) {
    assert!(stride.is_multiple_of(32) && query.len() == 2 * stride && rows.len() >= out.len() * stride);
    let fours = out.len() / ROWS;
    for (four, out) in out.chunks_exact_mut(ROWS).enumerate() {
        // SAFETY: rows four · 4 .. four · 4 + 4 are within `rows`, as asserted; `query` is 2 · stride long.
        let wide =
            unsafe { products::<ROWS>(rows.as_ptr().add(four * ROWS * stride), stride, query.as_ptr()) };
        let pairs =
            _mm256_hadd_epi32(_mm256_hadd_epi32(wide[0], wide[1]), _mm256_hadd_epi32(wide[2], wide[3]));
        let sums = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256::<1>(pairs));
        // SAFETY: `out` is four integers long.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), sums) };
    }
    for (row, out) in out.iter_mut().enumerate().skip(fours * ROWS) {
        // SAFETY: the row is within `rows`, as asserted.
        let [wide] = unsafe { products::<1>(rows.as_ptr().add(row * stride), stride, query.as_ptr()) };
        *out = sum(wide);
    }
}

/// The products of R neighbouring rows, summed in eight lanes.
///
/// # Safety
/// `rows` points at R · `stride` readable bytes, `query` at 2 · `stride`; `stride` is a multiple of 32.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn products<const R: usize>(rows: *const u8, stride: usize, query: *const i8) -> [__m256i; R] {
    let (mask, ones) = (_mm256_set1_epi8(15), _mm256_set1_epi16(1));
    let mut wide = [_mm256_setzero_si256(); R];
    let mut at = 0;
    while at < stride {
        let end = (at + SPAN).min(stride);
        let mut narrow = [_mm256_setzero_si256(); R];
        while at < end {
            // SAFETY: at + 32 <= stride, so both loads stay within the query.
            let (below, above) = unsafe {
                (_mm256_loadu_si256(query.add(at).cast()), _mm256_loadu_si256(query.add(stride + at).cast()))
            };
            for (row, narrow) in narrow.iter_mut().enumerate() {
                // SAFETY: row < R and at + 32 <= stride.
                let bytes = unsafe { _mm256_loadu_si256(rows.add(row * stride + at).cast()) };
                let low = _mm256_and_si256(bytes, mask);
                let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), mask);
                let sum =
                    _mm256_add_epi16(_mm256_maddubs_epi16(low, below), _mm256_maddubs_epi16(high, above));
                *narrow = _mm256_add_epi16(*narrow, sum);
            }
            at += 32;
        }
        for (wide, narrow) in wide.iter_mut().zip(narrow) {
            *wide = _mm256_add_epi32(*wide, _mm256_madd_epi16(narrow, ones));
        }
    }
    wide
}

#[target_feature(enable = "avx2")]
fn crumbs(row: &[u8], query: &[i8]) -> i32 {
    let quarter = row.len();
    assert!(quarter.is_multiple_of(32) && query.len() == 4 * quarter);
    let (mask, ones) = (_mm256_set1_epi8(3), _mm256_set1_epi16(1));
    let mut wide = _mm256_setzero_si256();
    for at in (0..quarter).step_by(32) {
        // SAFETY: at + 32 <= quarter, the row's length.
        let bytes = unsafe { _mm256_loadu_si256(row.as_ptr().add(at).cast()) };
        let parts = [
            bytes,
            _mm256_srli_epi16::<2>(bytes),
            _mm256_srli_epi16::<4>(bytes),
            _mm256_srli_epi16::<6>(bytes),
        ];
        let mut narrow = _mm256_setzero_si256();
        for (part, crumbs) in parts.into_iter().enumerate() {
            // SAFETY: part · quarter + at + 32 <= 4 · quarter, the query's length.
            let query = unsafe { _mm256_loadu_si256(query.as_ptr().add(part * quarter + at).cast()) };
            // Four products of at most 3 · 127 · 2 fit 16 bits.
            narrow = _mm256_add_epi16(narrow, _mm256_maddubs_epi16(_mm256_and_si256(crumbs, mask), query));
        }
        wide = _mm256_add_epi32(wide, _mm256_madd_epi16(narrow, ones));
    }
    sum(wide)
}

#[target_feature(enable = "avx2")]
fn full(nibbles: &[u8], high: &[u8], low: &[u8], query: &[i16]) -> i32 {
    let (stride, quarter) = (nibbles.len(), high.len());
    assert!(
        quarter.is_multiple_of(32)
            && stride == 2 * quarter
            && low.len() == quarter
            && query.len() == 2 * stride
    );
    // SAFETY: sixteen bytes are read from an array of sixteen.
    let levels = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(FINE_LEVELS.as_ptr().cast()) });
    let (three, fifteen, steps) = (_mm256_set1_epi8(3), _mm256_set1_epi8(15), _mm256_set1_epi16(24));
    let mut total = _mm256_setzero_si256();
    for at in (0..quarter).step_by(32) {
        // SAFETY: at + 32 <= quarter, the length of `high` and `low`; quarter + at + 32 <= stride.
        let (mut high, mut low, nibbles) = unsafe {
            (
                _mm256_loadu_si256(high.as_ptr().add(at).cast()),
                _mm256_loadu_si256(low.as_ptr().add(at).cast()),
                [
                    _mm256_loadu_si256(nibbles.as_ptr().add(at).cast()),
                    _mm256_loadu_si256(nibbles.as_ptr().add(quarter + at).cast()),
                ],
            )
        };
        for part in 0..4 {
            let fine = _mm256_or_si256(
                _mm256_slli_epi16::<2>(_mm256_and_si256(high, three)),
                _mm256_and_si256(low, three),
            );
            (high, low) = (_mm256_srli_epi16::<2>(high), _mm256_srli_epi16::<2>(low));
            let fine = _mm256_shuffle_epi8(levels, fine);
            let packed = nibbles[part % 2];
            let nibble =
                _mm256_and_si256(if part < 2 { packed } else { _mm256_srli_epi16::<4>(packed) }, fifteen);
            // SAFETY: part · quarter + at + 32 <= 4 · quarter = 2 · stride, the query's length.
            let query = unsafe { query.as_ptr().add(part * quarter + at) };
            let halves = [
                (_mm256_castsi256_si128(nibble), _mm256_castsi256_si128(fine)),
                (_mm256_extracti128_si256::<1>(nibble), _mm256_extracti128_si256::<1>(fine)),
            ];
            for (half, (nibble, fine)) in halves.into_iter().enumerate() {
                let value = _mm256_add_epi16(
                    _mm256_mullo_epi16(_mm256_cvtepu8_epi16(nibble), steps),
                    _mm256_cvtepi8_epi16(fine),
                );
                // SAFETY: sixteen of the 32 integers counted above.
                let query = unsafe { _mm256_loadu_si256(query.add(16 * half).cast()) };
                total = _mm256_add_epi32(total, _mm256_madd_epi16(value, query));
            }
        }
    }
    sum(total)
}

#[target_feature(enable = "avx2")]
fn select(dots: &[i32], words: &[u8], addends: &[f32], query: Threshold) -> u64 {
    assert!(dots.len() <= 64 && words.len() >= 4 * dots.len() && addends.len() >= dots.len());
    let eights = dots.len() / 8;
    let (factor, minimum) = (_mm256_set1_ps(query.factor), _mm256_set1_ps(query.minimum));
    let weight = _mm256_set1_ps(query.weight);
    let (offset, top) = (_mm256_set1_epi32(query.offset), _mm256_set1_epi32(0xFFFF_0000_u32 as i32));
    let mut selected = 0u64;
    for eight in 0..eights {
        // SAFETY: 8 · eight + 8 <= dots.len(), as many addends, and four times that many bytes of words.
        let (dots, words, addends) = unsafe {
            (
                _mm256_loadu_si256(dots.as_ptr().add(8 * eight).cast()),
                _mm256_loadu_si256(words.as_ptr().add(32 * eight).cast()),
                _mm256_loadu_ps(addends.as_ptr().add(8 * eight)),
            )
        };
        let scale = _mm256_castsi256_ps(_mm256_and_si256(words, top));
        let error = _mm256_castsi256_ps(_mm256_slli_epi32::<16>(words));
        let doubled = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_slli_epi32::<1>(dots), offset));
        let estimate = _mm256_mul_ps(_mm256_mul_ps(scale, factor), doubled);
        let reach = _mm256_add_ps(_mm256_add_ps(estimate, _mm256_mul_ps(error, weight)), addends);
        let bits = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(reach, minimum)) as u32;
        selected |= u64::from(bits) << (8 * eight);
    }
    let rest = portable::select(&dots[8 * eights..], &words[32 * eights..], &addends[8 * eights..], query);
    if eights < 8 { selected | rest << (8 * eights) } else { selected }
}

/// The sum of eight integers.
#[target_feature(enable = "avx2")]
#[inline]
fn sum(wide: __m256i) -> i32 {
    let four = _mm_add_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256::<1>(wide));
    let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
    _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two)))
}

/// Asks for the cache lines of `bytes`.
pub(super) fn prefetch(bytes: &[u8]) {
    for line in bytes.chunks(64) {
        // SAFETY: a hint; every x86-64 processor has it, and it reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}
