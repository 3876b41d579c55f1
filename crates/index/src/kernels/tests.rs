use proptest::prelude::*;

use super::{FINE_LEVELS, FULL_LIMIT, Kernels, Threshold};

/// Rows of random bytes and a query of the extremes that overflow would show in.
fn case() -> impl Strategy<Value = (usize, usize, u64, bool)> {
    (1usize..=20, 0usize..=70, any::<u64>(), any::<bool>())
        .prop_map(|(chunks, rows, seed, extreme)| (chunks * 64, rows, seed, extreme))
}

fn bytes(len: usize, seed: u64, extreme: bool) -> Vec<u8> {
    let mut state = seed;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            if extreme { 0xFF } else { (state >> 33) as u8 }
        })
        .collect()
}

proptest! {
    #[test]
    fn every_version_agrees_with_the_portable_one((stride, rows, seed, extreme) in case()) {
        let nibbles = bytes(rows * stride, seed, extreme);
        let sign = if seed.is_multiple_of(2) { 127 } else { -127 };
        let query: Vec<i8> = bytes(2 * stride, !seed, false).iter().map(|&b| if extreme { sign } else { (b as i8).max(-127) }).collect();
        let limit = (i64::from(i32::MAX) / (FULL_LIMIT * 2 * stride as i64)).min(32767);
        let fine: Vec<i16> = query.iter().map(|&g| (i64::from(g) * limit / 127) as i16).collect();
        let (high, low) = (bytes(stride / 2, seed ^ 1, extreme), bytes(stride / 2, seed ^ 2, extreme));
        let words: Vec<u8> = bytes(rows * 2, seed ^ 3, false).chunks(2).flat_map(|pair| [pair[0], 0x3d, pair[1], 0x3c]).collect();
        let all = Kernels::all();
        let (_, judge) = all[0];
        let mut expected = vec![0; rows];
        (judge.nibbles)(&nibbles, stride, &query, &mut expected);
        let naive: Vec<i32> = nibbles.chunks(stride).map(|row| {
            (0..2 * stride).map(|dim| i32::from(row[dim % stride] >> (4 * (dim / stride)) & 15) * i32::from(query[dim])).sum()
        }).collect();
        prop_assert_eq!(&expected, &naive);
        let crumb = |plane: &[u8], dim: usize| plane[dim % plane.len()] >> (2 * (dim / plane.len())) & 3;
        let naive: i32 = (0..2 * stride).map(|dim| i32::from(crumb(&high, dim)) * i32::from(query[dim])).sum();
        prop_assert_eq!((judge.crumbs)(&high, &query), naive);
        if let Some(row) = nibbles.chunks(stride).next() {
            let naive: i32 = (0..2 * stride).map(|dim| {
                let nibble = row[dim % stride] >> (4 * (dim / stride)) & 15;
                let level = FINE_LEVELS[usize::from(crumb(&high, dim) << 2 | crumb(&low, dim))];
                (24 * i32::from(nibble) + i32::from(level)) * i32::from(fine[dim])
            }).sum();
            prop_assert_eq!((judge.full)(row, &high, &low, &fine), naive);
        }
        for (name, kernels) in all {
            let mut dots = vec![0; rows];
            (kernels.nibbles)(&nibbles, stride, &query, &mut dots);
            prop_assert_eq!(&dots, &expected, "nibbles, {}", name);
            prop_assert_eq!((kernels.crumbs)(&high, &query), (judge.crumbs)(&high, &query), "crumbs, {}", name);
            if let Some(row) = nibbles.chunks(stride).next() {
                prop_assert_eq!((kernels.full)(row, &high, &low, &fine), (judge.full)(row, &high, &low, &fine), "full, {}", name);
            }
            let some = rows.min(64);
            let addends: Vec<f32> = (0..rows).map(|i| (i as f32 + seed as f32).sin() * 0.1).collect();
            let threshold = Threshold { factor: 0.01, offset: 12, weight: 0.7, minimum: seed as f32 / u64::MAX as f32 };
            prop_assert_eq!(
                (kernels.select)(&dots[..some], &words, &addends, threshold),
                (judge.select)(&dots[..some], &words, &addends, threshold),
                "select, {}", name
            );
        }
    }
}
