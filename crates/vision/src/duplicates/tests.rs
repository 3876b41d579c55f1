use super::*;
use crate::GrayImage;
use crate::keypoints::extract;
use crate::keypoints::tests::{mirrored_picture, picture};
use crate::phash::perceptual_hash;
use crate::resize::resize_gray;

struct Owned(PerceptualHash, Keypoints);

fn owned(image: &GrayImage) -> Owned {
    Owned(perceptual_hash(image), extract(image))
}

fn items(all: &[Owned]) -> Vec<Item<'_>> {
    all.iter().map(|o| Item { hash: o.0, keypoints: &o.1, taken_ms: None, scene: &[] }).collect()
}

#[test]
fn copies_are_grouped_and_strangers_are_not() {
    let (one, two) = (picture(512, 384, 31), picture(512, 384, 33));
    let all: Vec<Owned> = [
        one.clone(),
        two.clone(),
        resize_gray(&one, 400, 300),
        picture(512, 384, 35),
        mirrored_picture(&two),
        one.clone(),
    ]
    .iter()
    .map(owned)
    .collect();
    let items = items(&all);
    assert_eq!(picture_groups(&items), [vec![0, 2, 5], vec![1, 4]]);
    let pairs = picture_pairs(&items);
    assert!(pairs.contains(&PicturePair { a: 0, b: 5, evidence: PictureEvidence::Identical }));
    assert!(pairs.iter().all(|p| p.a < p.b));
}

#[test]
fn a_thousand_equal_photos_cost_a_thousand_pairs() {
    let one = owned(&picture(256, 192, 41));
    let items: Vec<Item<'_>> =
        (0..1000).map(|_| Item { hash: one.0, keypoints: &one.1, taken_ms: None, scene: &[] }).collect();
    assert_eq!(picture_pairs(&items).len(), 999);
    assert_eq!(picture_groups(&items).len(), 1);
}

#[test]
fn proposals_per_photo_are_bounded_in_a_crowd() {
    // Equal hashes, different points: everything suspects everything.
    let hash = perceptual_hash(&picture(256, 192, 51));
    let kinds: Vec<Keypoints> = (0..300).map(|seed| extract(&picture(96, 72, 500 + seed))).collect();
    let items: Vec<Item<'_>> =
        kinds.iter().map(|keypoints| Item { hash, keypoints, taken_ms: None, scene: &[] }).collect();
    let chosen: Vec<u32> = (0..300).collect();
    let proposed = candidates::propose(&items, &chosen);
    assert!(proposed.len() <= 300 * candidates::MAX_PER_PHOTO, "{}", proposed.len());
}

#[test]
fn other_capture_times_are_other_pictures() {
    let image = picture(512, 384, 61);
    let mut changed = image.clone();
    for y in 150..230 {
        changed.data_mut()[y * 512 + 200..y * 512 + 260].fill(90);
    }
    let all = [owned(&image), owned(&changed)];
    let mut items = items(&all);
    assert!(confirm(&items[0], &items[1]).is_some());
    (items[0].taken_ms, items[1].taken_ms) = (Some(10_000), Some(15_000));
    assert_eq!(confirm(&items[0], &items[1]), None);
    (items[0].taken_ms, items[1].taken_ms) = (Some(10_250), Some(10_370));
    assert_eq!(confirm(&items[0], &items[1]), None, "frames of one second");
    items[1].taken_ms = Some(10_000);
    assert!(confirm(&items[0], &items[1]).is_some(), "a copy that lost its fraction");
    items[0].taken_ms = Some(10_000);
    items[1].taken_ms = Some(10_000 + 3_600_000);
    assert!(confirm(&items[0], &items[1]).is_some(), "a corrected time zone is no other exposure");
}

#[test]
fn a_burst_is_bounded_in_time() {
    let one = owned(&picture(256, 192, 71));
    let items: Vec<Item<'_>> = (0..40)
        .map(|i| Item { hash: one.0, keypoints: &one.1, taken_ms: Some(i * 1_000), scene: &[] })
        .collect();
    let groups = moment_groups(&items);
    assert!(groups.len() >= 2);
    for group in groups {
        assert!(matches!(group.reason, MomentReason::Burst { span_ms } if span_ms <= 20_000));
    }
}

#[test]
fn photos_of_one_second_without_likeness_are_not_one_moment() {
    let all = [owned(&picture(256, 192, 81)), owned(&picture(256, 192, 83))];
    let mut items = items(&all);
    for item in &mut items {
        item.taken_ms = Some(5);
    }
    assert_eq!(moment_groups(&items), []);
}

const PLAIN: Copy = Copy {
    width: 4000,
    height: 3000,
    bytes: 3_000_000,
    lossless: false,
    sharpness: 50.0,
    has_metadata: true,
    has_date: true,
    path_depth: 2,
};

#[test]
fn the_better_copy_is_kept_for_a_reason() {
    let cases = [
        (Copy { width: 1000, height: 750, ..PLAIN }, KeepReason::MorePixels),
        (Copy { sharpness: 20.0, ..PLAIN }, KeepReason::Sharper),
        (Copy { has_date: false, ..PLAIN }, KeepReason::Metadata),
        (Copy { bytes: 900_000, ..PLAIN }, KeepReason::LargerFile),
        (Copy { path_depth: 5, ..PLAIN }, KeepReason::ShorterPath),
        (PLAIN, KeepReason::First),
    ];
    for (worse, reason) in cases {
        assert_eq!(keep_best(&[PLAIN, worse]), Some((0, reason)));
        if reason != KeepReason::First {
            assert_eq!(keep_best(&[worse, PLAIN]), Some((1, reason)));
        }
    }
    assert_eq!(keep_best(&[PLAIN, Copy { lossless: true, ..PLAIN }]), Some((1, KeepReason::Lossless)));
    assert_eq!(keep_best(&[PLAIN]), Some((0, KeepReason::OnlyOne)));
    assert_eq!(keep_best(&[]), None);
}

#[test]
fn narrow_candidates_find_copies_and_stay_bounded() {
    let mut state = 7u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let of = |hash: u64| PerceptualHash { hash, variants: [hash; 8] };
    let mut hashes: Vec<PerceptualHash> = (0..3000).map(|_| of(random())).collect();
    // A copy of every tenth, two bits apart, and a thousand equal pictures.
    let copies: Vec<PerceptualHash> =
        hashes.iter().step_by(10).map(|h| of(h.hash ^ 1 << 3 ^ 1 << 40)).collect();
    hashes.extend(copies);
    hashes.extend(std::iter::repeat_n(of(42), 1000));
    let pairs = hash_candidates(&hashes);
    assert!(pairs.len() <= 16 * hashes.len());
    for at in 0..300u32 {
        assert!(pairs.contains(&(at * 10, 3000 + at)), "the copy of {at} is proposed");
    }
    let mut sets = Sets::new(hashes.len());
    for (a, b) in &pairs {
        assert!(hamming(hashes[*a as usize].hash, hashes[*b as usize].hash) <= MAX_HASH_DISTANCE);
        sets.join(*a, *b);
    }
    assert!(sets.joined(3300, 4299), "equal pictures are tied together however many there are");
}
