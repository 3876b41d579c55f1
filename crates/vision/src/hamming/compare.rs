//! Every hash of one list against every hash of another.
#![allow(unsafe_code, reason = "AVX-512 population counts")]
#![allow(clippy::inline_always, reason = "bodies are compiled into one caller per instruction set")]

use crate::simd::{Level, detected};

/// Puts into `hits` the positions `(i, j)` of all `a[i]`, `b[j]` at most `radius` bits apart; with `triangular`,
/// when both lists are the same one, only those with `i < j`.
pub(super) fn near_pairs(a: &[u64], b: &[u64], radius: u32, triangular: bool, hits: &mut Vec<(u32, u32)>) {
    match detected() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the features of the level that was detected.
        Level::Avx512 => unsafe { near_pairs_avx512(a, b, radius, triangular, hits) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { near_pairs_popcnt(a, b, radius, triangular, hits) },
        _ => near_pairs_portable(a, b, radius, triangular, hits),
    }
}

#[inline(always)]
fn near_pairs_portable(a: &[u64], b: &[u64], radius: u32, triangular: bool, hits: &mut Vec<(u32, u32)>) {
    for (i, &x) in a.iter().enumerate() {
        let from = if triangular { i + 1 } else { 0 };
        for (j, &y) in b.iter().enumerate().skip(from) {
            if (x ^ y).count_ones() <= radius {
                hits.push((i as u32, j as u32));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn near_pairs_popcnt(a: &[u64], b: &[u64], radius: u32, triangular: bool, hits: &mut Vec<(u32, u32)>) {
    near_pairs_portable(a, b, radius, triangular, hits);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512vpopcntdq")]
fn near_pairs_avx512(a: &[u64], b: &[u64], radius: u32, triangular: bool, hits: &mut Vec<(u32, u32)>) {
    use std::arch::x86_64::{
        _mm512_cmple_epu64_mask, _mm512_maskz_loadu_epi64, _mm512_popcnt_epi64, _mm512_set1_epi64,
        _mm512_xor_si512,
    };
    let limit = _mm512_set1_epi64(i64::from(radius));
    for j in (0..b.len()).step_by(8) {
        let lanes = (b.len() - j).min(8);
        let valid = 0xff_u8 >> (8 - lanes);
        // SAFETY: masked to the elements that `b` has from `j` on.
        let y = unsafe { _mm512_maskz_loadu_epi64(valid, b.as_ptr().add(j).cast()) };
        let rows = if triangular { a.len().min(j + lanes) } else { a.len() };
        for (i, &x) in a[..rows].iter().enumerate() {
            let distance = _mm512_popcnt_epi64(_mm512_xor_si512(y, _mm512_set1_epi64(x as i64)));
            let mut near = _mm512_cmple_epu64_mask(distance, limit) & valid;
            if near != 0 {
                if triangular && i >= j {
                    near &= 0xfe_u8 << (i - j);
                }
                while near != 0 {
                    hits.push((i as u32, j as u32 + near.trailing_zeros()));
                    near &= near - 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_agree() {
        let mut state = 1u64;
        let mut hashes = |n: usize| -> Vec<u64> {
            let next = |s: &mut u64| {
                *s = s.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                *s
            };
            (0..n).map(|_| next(&mut state) & next(&mut state) & next(&mut state)).collect()
        };
        for (n, m) in [(0, 5), (1, 1), (7, 8), (16, 9), (33, 40), (8, 0)] {
            let (a, b) = (hashes(n), hashes(m));
            for radius in [0, 3, 12, 64] {
                for (b, triangular) in [(&b, false), (&a, true)] {
                    let (mut fast, mut slow) = (Vec::new(), Vec::new());
                    near_pairs(&a, b, radius, triangular, &mut fast);
                    near_pairs_portable(&a, b, radius, triangular, &mut slow);
                    fast.sort_unstable();
                    assert_eq!(fast, slow);
                }
            }
        }
    }
}
