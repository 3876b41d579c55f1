//! Photos of one moment: bursts and near-repeats, looser than one picture and tighter than a scene.

use super::{Item, closest_symmetry};
use crate::geometry;
use crate::phash::hamming;
use serde::{Deserialize, Serialize};

/// Longest pause between neighbouring frames of one burst, and longest burst, in milliseconds. Bounding the whole
/// keeps a steady sequence of photos from chaining a whole event into one moment.
const MAX_GAP_MS: i64 = 3_000;
const MAX_SPAN_MS: i64 = 20_000;

/// Frames of a burst differ by what moves: hash distance or scene similarity that still counts as one view.
const BURST_HASH_DISTANCE: u32 = 20;
const BURST_SCENE_COSINE: f32 = 0.90;

/// Without dates only clearly similar pictures count.
const UNDATED_HASH_DISTANCE: u32 = 10;
const UNDATED_SCENE_COSINE: f32 = 0.97;
const UNDATED_INLIERS: u32 = 12;

/// Undated photos compared with each one; they are compared in hash order.
const UNDATED_WINDOW: usize = 64;

/// Why photos are one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum MomentReason {
    /// Taken within seconds of each other, and alike.
    Burst {
        /// From the first to the last, milliseconds.
        span_ms: i64,
    },
    /// No dates to go by, but clearly alike.
    Similar {
        /// Largest hash distance of a member to the first one, bits of 64.
        distance: u32,
    },
}

/// Photos of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MomentGroup {
    /// Indexes of the photos: by time in a burst, else ascending. At least two.
    pub members: Vec<u32>,
    /// Why they are together.
    pub reason: MomentReason,
}

/// Groups of photos of one moment.
///
/// A burst is a run of dated photos, each within 3 s of the one before and like the first one, no longer than 20 s
/// in all. Undated photos join the first earlier one that they clearly resemble; every member resembles the
/// group's first, so groups cannot drift. A photo is in at most one group.
pub fn moment_groups(items: &[Item<'_>]) -> Vec<MomentGroup> {
    let mut dated: Vec<(i64, u32)> = Vec::new();
    let mut undated: Vec<(u64, u32)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match item.taken_ms {
            Some(ms) => dated.push((ms, index as u32)),
            None => undated.push((item.hash.hash, index as u32)),
        }
    }
    dated.sort_unstable();
    undated.sort_unstable();
    let mut out = bursts(items, &dated);
    out.extend(similar(items, &undated));
    out
}

fn bursts(items: &[Item<'_>], dated: &[(i64, u32)]) -> Vec<MomentGroup> {
    let mut out = Vec::new();
    let mut taken = vec![false; dated.len()];
    for start in 0..dated.len() {
        if taken[start] {
            continue;
        }
        let (first_ms, first) = dated[start];
        let (mut members, mut last_ms) = (vec![first], first_ms);
        for (index, (ms, i)) in dated.iter().enumerate().skip(start + 1) {
            if ms - last_ms > MAX_GAP_MS || ms - first_ms > MAX_SPAN_MS {
                break;
            }
            if !taken[index] && one_view(&items[first as usize], &items[*i as usize]) {
                taken[index] = true;
                members.push(*i);
                last_ms = *ms;
            }
        }
        if members.len() > 1 {
            out.push(MomentGroup { members, reason: MomentReason::Burst { span_ms: last_ms - first_ms } });
        }
    }
    out
}

fn similar(items: &[Item<'_>], undated: &[(u64, u32)]) -> Vec<MomentGroup> {
    let mut out = Vec::new();
    let mut taken = vec![false; undated.len()];
    for start in 0..undated.len() {
        if taken[start] {
            continue;
        }
        let first = undated[start].1;
        let (mut members, mut widest) = (vec![first], 0);
        for index in start + 1..undated.len().min(start + UNDATED_WINDOW) {
            let i = undated[index].1;
            if taken[index] {
                continue;
            }
            if let Some(distance) = clearly_alike(&items[first as usize], &items[i as usize]) {
                taken[index] = true;
                members.push(i);
                widest = widest.max(distance);
            }
        }
        if members.len() > 1 {
            members.sort_unstable();
            out.push(MomentGroup { members, reason: MomentReason::Similar { distance: widest } });
        }
    }
    out
}

/// Whether two frames of a burst show one view.
fn one_view(a: &Item<'_>, b: &Item<'_>) -> bool {
    hamming(a.hash.hash, b.hash.hash) <= BURST_HASH_DISTANCE
        || cosine(a.scene, b.scene).is_some_and(|c| c >= BURST_SCENE_COSINE)
}

/// The hash distance of two undated photos that are clearly alike.
fn clearly_alike(a: &Item<'_>, b: &Item<'_>) -> Option<u32> {
    let distance = closest_symmetry(a, b).0;
    let alike = distance <= UNDATED_HASH_DISTANCE
        || cosine(a.scene, b.scene).is_some_and(|c| c >= UNDATED_SCENE_COSINE)
            && geometry::align(a.keypoints, b.keypoints).is_some_and(|g| g.inliers >= UNDATED_INLIERS);
    alike.then_some(distance)
}

/// Cosine of two normalised descriptors; `None` where one is missing or they are of different producers.
fn cosine(a: &[f32], b: &[f32]) -> Option<f32> {
    (!a.is_empty() && a.len() == b.len()).then(|| a.iter().zip(b).map(|(l, r)| l * r).sum())
}
