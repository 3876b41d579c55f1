//! The inner loops of a search: integer dot products between packed codes and a quantised query.
//!
//! All of them are integer arithmetic without overflow, so every version returns the same bits; [`portable`] is the
//! judge of the others. Rows are packed for the loops: with S bytes a row, byte i of the nibble plane holds
//! dimension i below and dimension S + i above; with Q = S / 2, byte i of a crumb plane holds dimensions i, Q + i,
//! 2 Q + i and 3 Q + i from the lowest two bits up. S is a multiple of 64, and unused dimensions meet zeros in the
//! query.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use tintype_vision::simd::{Level, detected};

/// What a fine code (0–15) adds to a nibble's centre, in 24ths of the coarse step. The inner twelve divide the
/// nibble's own cell evenly; the outer four reach beyond it, for the few coordinates outside the coarse range:
/// that range is chosen for the least coarse error, which clips about 0.7 % of Gaussian coordinates.
pub(crate) const FINE_LEVELS: [i8; 16] = [-56, -24, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11, 24, 56];

/// The largest magnitude of 24 · nibble + fine level, which bounds the query's integers in [`Kernels::full`].
pub(crate) const FULL_LIMIT: i64 = 24 * 15 + 56;

/// The type of [`Kernels::full`].
type Full = fn(&[u8], &[u8], &[u8], &[i16]) -> i32;

/// One set of inner loops.
#[derive(Clone, Copy)]
pub(crate) struct Kernels {
    /// `(rows, stride, query, out)`: for each row of `stride` bytes, the sum of nibble (0–15) × query. `query` has
    /// 2 × `stride` entries in −127..=127 and `out` one entry a row.
    pub(crate) nibbles: fn(&[u8], usize, &[i8], &mut [i32]),
    /// `(row, query)`: the sum of crumb (0–3) × query over one row of a crumb plane; `query` has 4 × the row's
    /// bytes.
    pub(crate) crumbs: fn(&[u8], &[i8]) -> i32,
    /// `(nibbles, high, low, query)`: the sum of (24 · nibble + `FINE_LEVELS[4 · high + low]`) × query over one
    /// row. The caller keeps the query's integers so small that the sum fits.
    pub(crate) full: Full,
    /// `(dots, words, addends, query)`: bit i is set where row i may reach the threshold; at most 64 rows.
    pub(crate) select: fn(&[i32], &[u8], &[f32], Threshold) -> u64,
}

/// How [`Kernels::select`] turns a row's dot product, coarse word and addend into an upper bound of its score:
/// `scale(word) * factor * (2 * dot - offset) + error(word) * weight + addend >= minimum`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Threshold {
    /// Half the query's step.
    pub(crate) factor: f32,
    /// Fifteen times the sum of the query's integers.
    pub(crate) offset: i32,
    /// The query's length, which an error counts by.
    pub(crate) weight: f32,
    /// The least value that may still matter.
    pub(crate) minimum: f32,
}

impl Threshold {
    /// What a dot product stands for.
    pub(crate) fn estimate(self, dot: i32, word: u32) -> f32 {
        f32::from_bits(word & 0xFFFF_0000) * self.factor * (2 * dot - self.offset) as f32
    }
}

impl Kernels {
    /// The fastest set that this machine can run.
    pub(crate) fn detected() -> Self {
        match detected() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::kernels().unwrap_or(portable::KERNELS),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::kernels().unwrap_or(portable::KERNELS),
            _ => portable::KERNELS,
        }
    }

    /// Every set that this machine can run, by name; the first is the judge.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<(&'static str, Self)> {
        let mut all = vec![("portable", portable::KERNELS)];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(avx2::kernels().map(|kernels| ("avx2", kernels)));
            all.extend(avx512::kernels().map(|kernels| ("avx512", kernels)));
        }
        all
    }
}

/// Asks the processor to bring these bytes near; does nothing where it takes no such hints from us.
pub(crate) fn prefetch(bytes: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    avx2::prefetch(bytes);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = bytes;
}

#[cfg(test)]
mod tests;
