//! Which pairs are worth confirming.

use super::{Item, MAX_HASH_DISTANCE, PictureEvidence, PicturePair};
use crate::keypoints::Keypoint;
use crate::phash::PerceptualHash;
use rayon::prelude::*;

/// A pair to confirm; `a < b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) a: u32,
    pub(super) b: u32,
    /// Strength of the suspicion: more is checked first.
    pub(super) votes: u32,
}

/// Most candidates confirmed for one photo, strongest first.
pub(super) const MAX_PER_PHOTO: usize = 48;

/// Tables of descriptor bits. Each reads its own 16 bits of both mirror halves; pattern bits are in random order, so
/// neighbouring ones are independent. With 5 to 12 % of bits wrong on true matches, a key of 28 bits survives with
/// probability 0.24 to 0.03: tens of points times eight tables find the pair several times over.
const TABLES: u32 = 8;

/// Entries of one bucket that are all paired with each other; in a fuller bucket (plain sky, a logo, a long series)
/// each is paired with [`CROWD_WINDOW`] neighbours in hash order.
const MAX_BUCKET: usize = 24;
const CROWD_WINDOW: usize = 6;

/// Points in all from which one shared key no longer proposes a pair: chance collisions grow with the number of
/// points, pairs with two of them hardly do.
const POINTS_FOR_TWO_VOTES: usize = 4_000_000;

/// Most votes held at once (8 bytes each). A library of near-equal small pictures would cast billions; what the first
/// tables found is enough there.
const MAX_VOTES: usize = 8_000_000;

/// Entries around its own place in a hash bucket that a hash is compared with.
const HASH_WINDOW: usize = 128;

/// Up to this many photos every hash is compared with every other.
const EXHAUSTIVE: usize = 4_000;

/// One index per set of identical items, and the pairs that tie the others to it.
pub(super) fn fold_identical(items: &[Item<'_>]) -> (Vec<u32>, Vec<PicturePair>) {
    let key = |i: u32| {
        let item = &items[i as usize];
        let points = &item.keypoints.points;
        let sum = points.iter().fold(points.len() as u64, |sum, p| mixed(sum ^ p.descriptor[0]));
        let thumb = item.keypoints.thumb.data().iter().fold(0, |sum, v| mixed(sum ^ u64::from(*v)));
        (item.hash.hash, sum, thumb)
    };
    let mut order: Vec<((u64, u64, u64), u32)> = (0..items.len() as u32).map(|i| (key(i), i)).collect();
    order.sort_unstable();
    let (mut representatives, mut pairs) = (Vec::new(), Vec::new());
    for run in order.chunk_by(|l, r| l.0 == r.0) {
        let first = run[0].1;
        representatives.push(first);
        for (_, other) in &run[1..] {
            pairs.push(PicturePair { a: first, b: *other, evidence: PictureEvidence::Identical });
        }
    }
    representatives.sort_unstable();
    (representatives, pairs)
}

/// The pairs among `chosen` worth confirming, strongest suspicion first, at most [`MAX_PER_PHOTO`] for each photo.
pub(super) fn propose(items: &[Item<'_>], chosen: &[u32]) -> Vec<Candidate> {
    let mut pairs = by_hash(items, chosen);
    by_points(items, chosen, &mut pairs);
    pairs.sort_unstable_by_key(|(a, b, _)| (*a, *b));
    let mut merged: Vec<Candidate> = pairs
        .chunk_by(|l, r| (l.0, l.1) == (r.0, r.1))
        .map(|run| Candidate { a: run[0].0, b: run[0].1, votes: run.iter().map(|p| p.2).sum() })
        .collect();
    merged.sort_by_key(|c| (std::cmp::Reverse(c.votes), c.a, c.b));
    let mut used = vec![0u16; items.len()];
    merged.retain(|c| {
        let full = |i: u32| usize::from(used[i as usize]) >= MAX_PER_PHOTO;
        if full(c.a) && full(c.b) {
            return false;
        }
        used[c.a as usize] = used[c.a as usize].saturating_add(1);
        used[c.b as usize] = used[c.b as usize].saturating_add(1);
        true
    });
    merged
}

/// Pairs whose hashes are close under a symmetry, with a vote that grows with closeness.
fn by_hash(items: &[Item<'_>], chosen: &[u32]) -> Vec<(u32, u32, u32)> {
    let mut out = Vec::new();
    let mut offer = |a: u32, b: u32| {
        let distance = super::closest_symmetry(&items[a as usize], &items[b as usize]).0;
        if a != b && distance <= MAX_HASH_DISTANCE {
            out.push((a.min(b), a.max(b), 1000 - 100 * distance));
        }
    };
    if chosen.len() <= EXHAUSTIVE {
        for (index, a) in chosen.iter().enumerate() {
            for b in &chosen[index + 1..] {
                offer(*a, *b);
            }
        }
        return out;
    }
    for chunk in 0..4 {
        let key = |hash: u64| hash.rotate_right(16 * chunk);
        let mut sorted: Vec<(u64, u32)> =
            chosen.iter().map(|i| (key(items[*i as usize].hash.hash), *i)).collect();
        sorted.sort_unstable();
        for i in chosen {
            for variant in items[*i as usize].hash.variants {
                let wanted = key(variant);
                let at = sorted.partition_point(|e| e.0 < wanted);
                let from = at.saturating_sub(HASH_WINDOW);
                let to = (at + HASH_WINDOW).min(sorted.len());
                for (found, other) in &sorted[from..to] {
                    if (found ^ wanted).count_ones() <= MAX_HASH_DISTANCE {
                        offer(*i, *other);
                    }
                }
            }
        }
    }
    out
}

/// Neighbours on either side that a hash is compared with where memory must not depend on what the photos are.
const NARROW_WINDOW: usize = 32;

/// Most candidates that one photo proposes there.
const NARROW_CANDIDATES: usize = 16;

/// Pairs whose hashes are close under a symmetry, at most [`NARROW_CANDIDATES`] proposed by each photo, sorted.
///
/// Hashes are sorted under four rotations of their bits, so that close ones whose differing bits spare one quarter
/// are neighbours; equal ones always are, and chains of neighbours tie any number of them together.
pub(super) fn narrow_by_hash(hashes: &[PerceptualHash]) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for rotation in [0, 16, 32, 48] {
        let mut sorted: Vec<(u64, u32)> =
            hashes.iter().zip(0..).map(|(hash, at)| (hash.hash.rotate_right(rotation), at)).collect();
        sorted.par_sort_unstable();
        let found = hashes.par_iter().zip(0..hashes.len() as u32).flat_map_iter(|(hash, own)| {
            let mut near: Vec<(u32, u32, u32)> = Vec::new();
            for variant in hash.variants {
                let wanted = variant.rotate_right(rotation);
                let at = sorted.partition_point(|entry| entry.0 < wanted);
                let window = at.saturating_sub(NARROW_WINDOW)..(at + NARROW_WINDOW).min(sorted.len());
                near.extend(sorted[window].iter().filter(|entry| entry.1 != own).filter_map(
                    |(other, at)| {
                        let distance = (other ^ wanted).count_ones();
                        (distance <= MAX_HASH_DISTANCE).then_some((distance, own.min(*at), own.max(*at)))
                    },
                ));
            }
            near.sort_unstable();
            near.dedup();
            near.into_iter().take(NARROW_CANDIDATES / 4).map(|(_, a, b)| (a, b))
        });
        pairs.par_extend(found);
    }
    pairs.par_sort_unstable();
    pairs.dedup();
    pairs
}

/// Pairs that share descriptor keys, one vote a shared key.
///
/// Keys are as long as keeps buckets small for this many points, so that work and memory grow with the number of
/// points, not with its square.
fn by_points(items: &[Item<'_>], chosen: &[u32], out: &mut Vec<(u32, u32, u32)>) {
    let total: usize = chosen.iter().map(|i| items[*i as usize].keypoints.points.len()).sum();
    let bits_per_half = ((usize::BITS - total.leading_zeros() + 3).clamp(16, 32)).div_ceil(2);
    let mut votes: Vec<u64> = Vec::new();
    'tables: for table in 0..TABLES {
        // Key in the upper half, photo in the lower.
        let mut entries: Vec<u64> = Vec::with_capacity(total);
        for i in chosen {
            let points = &items[*i as usize].keypoints.points;
            entries
                .extend(points.iter().map(|p| u64::from(key(p, table, bits_per_half)) << 32 | u64::from(*i)));
        }
        entries.par_sort_unstable();
        entries.dedup();
        for bucket in entries.chunk_by(|l, r| l >> 32 == r >> 32).filter(|b| b.len() > 1) {
            if votes.len() >= MAX_VOTES {
                break 'tables;
            }
            let mut members: Vec<u32> = bucket.iter().map(|e| *e as u32).collect();
            let mut reach = members.len();
            if reach > MAX_BUCKET {
                members.sort_unstable_by_key(|i| (items[*i as usize].hash.hash, *i));
                reach = CROWD_WINDOW;
            }
            for (index, a) in members.iter().enumerate() {
                for b in members[index + 1..].iter().take(reach) {
                    votes.push(u64::from(*a.min(b)) << 32 | u64::from(*a.max(b)));
                }
            }
        }
    }
    votes.par_sort_unstable();
    let needed = if total >= POINTS_FOR_TWO_VOTES { 2 } else { 1 };
    for run in votes.chunk_by(|l, r| l == r).filter(|run| run.len() >= needed) {
        out.push(((run[0] >> 32) as u32, run[0] as u32, run.len() as u32));
    }
}

/// The key of a point in a table; the same for its mirror image, because the halves are put in order.
fn key(point: &Keypoint, table: u32, bits_per_half: u32) -> u32 {
    let half = |words: &[u64]| {
        let (word, shift) = ((table / 4) as usize, table % 4 * 16);
        (words[word] >> shift) as u32 & ((1 << bits_per_half) - 1)
    };
    let (one, other) = (half(&point.descriptor[..2]), half(&point.descriptor[2..]));
    one.min(other) << 16 | one.max(other)
}

/// A well-mixed function of its argument (the finaliser of splitmix64).
fn mixed(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
