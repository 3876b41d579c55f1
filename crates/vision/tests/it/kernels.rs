//! Fast kernels against their plain twins on inputs nobody thought of.

use proptest::collection::vec;
use proptest::prelude::*;
use tintype_vision::hamming::{
    cross_pairs_within, groups_within, naive_cross_pairs_within, naive_groups_within, naive_pairs_within,
    pairs_within,
};
use tintype_vision::phash::{PerceptualHash, hamming, naive_perceptual_hash, perceptual_hash};
use tintype_vision::{GrayImage, blur};

fn image(max_side: u32) -> impl Strategy<Value = GrayImage> {
    (1..=max_side, 1..=max_side).prop_flat_map(|(w, h)| {
        vec(any::<u8>(), (w * h) as usize).prop_filter_map("fits", move |data| GrayImage::new(w, h, data))
    })
}

/// Hashes with relatives: a few centres, each with some bits flipped.
fn families() -> impl Strategy<Value = Vec<u64>> {
    let member = (0..6usize, vec(0..64u32, 0..12));
    (vec(any::<u64>(), 6), vec(member, 0..150)).prop_map(|(centres, members)| {
        members
            .iter()
            .map(|(centre, bits)| bits.iter().fold(centres[*centre], |hash, bit| hash ^ 1 << bit))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn laplacian_equals_its_twin(image in image(150), tiles in 1..9u32) {
        prop_assert_eq!(blur::laplacian_variance(&image), blur::naive_laplacian_variance(&image));
        prop_assert_eq!(blur::tile_laplacian(&image, tiles), blur::naive_tile_laplacian(&image, tiles));
    }

    #[test]
    fn spectrum_equals_its_twin(image in image(48)) {
        let (fast, slow) = (blur::fft_hf_ratio(&image), blur::naive_fft_hf_ratio(&image));
        prop_assert!((fast - slow).abs() < 1e-5, "{} against {}", fast, slow);
    }

    #[test]
    fn perceptual_hash_equals_its_twin(image in image(60)) {
        let (fast, slow) = (perceptual_hash(&image), naive_perceptual_hash(&image));
        for (a, b) in fast.variants.iter().zip(slow.variants) {
            prop_assert!(hamming(*a, b) <= 2);
        }
        prop_assert_eq!(PerceptualHash::from_bytes(&fast.to_bytes()), Some(fast));
    }

    #[test]
    fn joins_equal_their_twins(hashes in families(), others in families(), radius in 0..20u32) {
        prop_assert_eq!(pairs_within(&hashes, radius), naive_pairs_within(&hashes, radius));
        prop_assert_eq!(groups_within(&hashes, radius), naive_groups_within(&hashes, radius));
        let cross = cross_pairs_within(&hashes, &others, radius);
        prop_assert_eq!(cross, naive_cross_pairs_within(&hashes, &others, radius));
    }
}

/// Enough hashes that chunks pay off, among them families and repetitions.
fn many(count: u64) -> Vec<u64> {
    let scatter = |i: u64| {
        let z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let z = (z ^ (z >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z ^ (z >> 32)
    };
    (0..count)
        .map(
            |i| {
                if i % 3 == 0 {
                    scatter(i)
                } else {
                    scatter(i / 9) ^ (1 << (scatter(i) % 64)) ^ (1 << (i % 5))
                }
            },
        )
        .collect()
}

#[test]
fn chunked_joins_miss_nothing() {
    let hashes = many(6000);
    for radius in [0, 1, 3, 8, 11] {
        assert_eq!(pairs_within(&hashes, radius), naive_pairs_within(&hashes, radius), "radius {radius}");
        assert_eq!(groups_within(&hashes, radius), naive_groups_within(&hashes, radius), "radius {radius}");
        let (queries, targets) = hashes.split_at(2000);
        let cross = cross_pairs_within(queries, targets, radius);
        assert_eq!(cross, naive_cross_pairs_within(queries, targets, radius), "radius {radius}");
    }
}

#[test]
fn radius_beyond_all_bits_takes_everything() {
    let hashes = many(50);
    assert_eq!(pairs_within(&hashes, 64).len(), 50 * 49 / 2);
    assert_eq!(groups_within(&hashes, 70).len(), 1);
    assert!(groups_within(&[], 8).is_empty() && cross_pairs_within(&[], &hashes, 8).is_empty());
}

#[test]
fn a_million_equal_hashes_are_one_group() {
    let groups = groups_within(&vec![0xABCD; 1_000_000], 8);
    assert_eq!((groups.len(), groups[0].len()), (1, 1_000_000));
}

#[test]
fn a_dense_cloud_is_one_group() {
    // Every hash within two bits of the centre on 40 bits, and one far away: all pairs near, in few buckets.
    let mut hashes: Vec<u64> = vec![0];
    for a in 0..40 {
        hashes.push(1 << a);
        for b in 0..a {
            hashes.push(1 << a | 1 << b);
            hashes.push(1 << a | 1 << b | 1 << 40);
        }
    }
    hashes.push(u64::MAX);
    let groups = groups_within(&hashes, 6);
    assert_eq!((groups.len(), groups[0].len()), (1, hashes.len() - 1));
}
