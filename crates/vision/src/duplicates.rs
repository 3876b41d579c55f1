//! [`picture_pairs`] and [`picture_groups`]: which photos are copies of one picture; [`moment_groups`]: which show
//! one moment; [`keep_best`]: which copy to keep.
//!
//! Candidates come from two inverted indexes, perceptual hashes under the eight symmetries and descriptor bits of
//! the points, both with bounded buckets; every candidate is then confirmed on pixels (thumbnail correlation, for
//! points after alignment), so that no pair is claimed because two 64-bit numbers happened to be close. The number
//! of confirmations per photo is bounded, and photos with equal hashes and equal points are folded into one before
//! anything else, so a library of a million copies of one picture costs no more than one of a million pictures.

mod candidates;
mod keep;
mod moments;

use crate::geometry::{self, Alignment};
use crate::keypoints::Keypoints;
use crate::phash::{PerceptualHash, hamming};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use keep::{Copy, KeepReason, keep_best};
pub use moments::{MomentGroup, MomentReason, moment_groups};

/// Most differing bits (of 64) at which hashes, under any symmetry, propose a pair (MEASURED: 8).
pub const MAX_HASH_DISTANCE: u32 = 8;

/// Lowest correlation of whole thumbnails that confirms a pair proposed by its hashes.
const MIN_HASH_CORRELATION: f32 = 0.9;

/// Whole quarters of an hour between two capture times are a time zone corrected afterwards, in milliseconds.
const ZONE_STEP_MS: u64 = 900_000;

/// What is compared of one photo.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Perceptual hash of the upright picture, with those of its eight symmetries.
    pub hash: PerceptualHash,
    /// Its points and thumbnail.
    pub keypoints: &'a Keypoints,
    /// When it was taken according to its own metadata (never the file's date), in milliseconds.
    pub taken_ms: Option<i64>,
    /// Scene descriptor, L2-normalised; empty where there is none. Used for moments only.
    pub scene: &'a [f32],
}

/// Why two photos are taken for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum PictureEvidence {
    /// Hashes and points are equal.
    Identical,
    /// The hashes are close, and so are the whole thumbnails.
    Hash {
        /// Differing bits of 64.
        distance: u32,
        /// Index of the symmetry under which they are close, 0 for none.
        symmetry: u8,
        /// Correlation of the whole thumbnails, −1 to 1.
        correlation: f32,
    },
    /// One lies on the other.
    Geometry {
        /// Pairs of points that agree.
        inliers: u32,
        /// Correlation of the thumbnails where they overlap, −1 to 1.
        correlation: f32,
        /// Whether one must be mirrored.
        mirrored: bool,
        /// Share of the smaller one that is inside the other, 0 to 1.
        coverage: f32,
    },
}

impl PictureEvidence {
    /// Correlation of the thumbnails, 1 for identical photos.
    pub fn correlation(&self) -> f32 {
        match *self {
            Self::Identical => 1.0,
            Self::Hash { correlation, .. } | Self::Geometry { correlation, .. } => correlation,
        }
    }
}

/// Two photos of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PicturePair {
    /// Index of the first photo.
    pub a: u32,
    /// Index of the second, greater than `a`.
    pub b: u32,
    /// Why.
    pub evidence: PictureEvidence,
}

/// Pairs of photos that are one picture, sorted, each with its evidence.
///
/// The pairs connect every group that was found, but not every pair inside a group is listed: a pair whose photos
/// are already known to belong together may be left out, which is what bounds the work on large groups.
pub fn picture_pairs(items: &[Item<'_>]) -> Vec<PicturePair> {
    let (representatives, mut pairs) = candidates::fold_identical(items);
    let proposed = candidates::propose(items, &representatives);
    let mut sets = Sets::new(items.len());
    // One capture time of each set; an undated copy must not tie two exposures of different times together.
    let mut times: Vec<Option<i64>> = items.iter().map(|i| i.taken_ms).collect();
    for pair in &pairs {
        sets.join(pair.a, pair.b);
        times[pair.a as usize] = times[pair.a as usize].or(times[pair.b as usize]);
    }
    // In blocks: a block is confirmed in parallel, and what it joins spares later blocks their work.
    for block in proposed.chunks(4096) {
        let open: Vec<_> = block.iter().filter(|c| !sets.joined(c.a, c.b)).collect();
        let mut confirmed: Vec<PicturePair> = open
            .par_iter()
            .filter_map(|c| {
                let evidence = confirm(&items[c.a as usize], &items[c.b as usize])?;
                Some(PicturePair { a: c.a, b: c.b, evidence })
            })
            .collect();
        confirmed.sort_by(|l, r| r.evidence.correlation().total_cmp(&l.evidence.correlation()));
        for pair in confirmed {
            let (a, b) = (sets.root(pair.a) as usize, sets.root(pair.b) as usize);
            if different_times(times[a], times[b]) {
                continue;
            }
            sets.join(pair.a, pair.b);
            times[a.min(b)] = times[a].or(times[b]);
            pairs.push(pair);
        }
    }
    pairs.sort_by_key(|p| (p.a, p.b));
    pairs
}

/// Groups of photos that are one picture: the connected parts of [`picture_pairs`], each sorted, sizes ≥ 2.
pub fn picture_groups(items: &[Item<'_>]) -> Vec<Vec<u32>> {
    groups_of_pairs(items.len(), &picture_pairs(items))
}

/// The connected parts of `pairs` over `len` photos, each sorted, sizes ≥ 2, ordered by their first photo.
pub fn groups_of_pairs(len: usize, pairs: &[PicturePair]) -> Vec<Vec<u32>> {
    let mut sets = Sets::new(len);
    for pair in pairs {
        sets.join(pair.a, pair.b);
    }
    sets.groups()
}

/// Candidates by hash alone, for libraries whose points do not fit in memory: a bounded number for each photo, in
/// memory of about 150 bytes a photo whatever the photos are. Confirm them with [`confirm_by_hash`].
pub fn hash_candidates(hashes: &[PerceptualHash]) -> Vec<(u32, u32)> {
    candidates::narrow_by_hash(hashes)
}

/// The evidence that two photos whose hashes are close are one picture: their thumbnails, laid on each other.
pub fn confirm_by_hash(a: &Item<'_>, b: &Item<'_>) -> Option<PictureEvidence> {
    // A copy carries its original's capture time: another time is another exposure, however alike they are (frames of
    // a focus series on a tripod, a bird that crosses a still sea).
    if different_times(a.taken_ms, b.taken_ms) {
        return None;
    }
    let (distance, symmetry) = closest_symmetry(a, b);
    if distance > MAX_HASH_DISTANCE {
        return None;
    }
    let laid = geometry::whole_on_whole(a.keypoints, b.keypoints, symmetry);
    let seen = geometry::overlap(a.keypoints, b.keypoints, &laid);
    let alike = seen.correlation >= MIN_HASH_CORRELATION
        && seen.detail >= geometry::MIN_DETAIL
        && seen.agreement >= geometry::MIN_AGREEMENT;
    alike.then_some(PictureEvidence::Hash { distance, symmetry, correlation: seen.correlation })
}

/// The evidence that two photos are one picture, if there is any.
pub fn confirm(a: &Item<'_>, b: &Item<'_>) -> Option<PictureEvidence> {
    if different_times(a.taken_ms, b.taken_ms) {
        return None;
    }
    confirm_by_hash(a, b).or_else(|| {
        let alignment = geometry::align(a.keypoints, b.keypoints)?;
        geometry::same_picture(&alignment).then(|| evidence_of(&alignment))
    })
}

/// Whether both capture times are known and of different exposures: other seconds, or other fractions of one second
/// where both recorded a fraction (a copy may have lost its own).
fn different_times(a: Option<i64>, b: Option<i64>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    if a.div_euclid(1000) == b.div_euclid(1000) {
        return a != b && a.rem_euclid(1000) != 0 && b.rem_euclid(1000) != 0;
    }
    (a.div_euclid(1000) * 1000).abs_diff(b.div_euclid(1000) * 1000) % ZONE_STEP_MS != 0
}

fn evidence_of(alignment: &Alignment) -> PictureEvidence {
    PictureEvidence::Geometry {
        inliers: alignment.inliers,
        correlation: alignment.correlation,
        mirrored: alignment.mirrored,
        coverage: alignment.coverage,
    }
}

/// Fewest differing bits over the symmetries of `b`, and which one.
fn closest_symmetry(a: &Item<'_>, b: &Item<'_>) -> (u32, u8) {
    let mut best = (64, 0);
    for (index, variant) in b.hash.variants.iter().enumerate() {
        let distance = hamming(a.hash.hash, *variant);
        if distance < best.0 {
            best = (distance, index as u8);
        }
    }
    best
}

/// Disjoint sets over photo indexes (Tarjan 1975, path halving).
pub(crate) struct Sets {
    parent: Vec<u32>,
}

impl Sets {
    pub(crate) fn new(len: usize) -> Self {
        Self { parent: (0..len as u32).collect() }
    }

    fn root(&mut self, mut of: u32) -> u32 {
        while self.parent[of as usize] != of {
            let up = self.parent[of as usize];
            self.parent[of as usize] = self.parent[up as usize];
            of = up;
        }
        of
    }

    pub(crate) fn joined(&mut self, a: u32, b: u32) -> bool {
        self.root(a) == self.root(b)
    }

    /// The smaller index stays the root, so that the result does not depend on the order of joins.
    pub(crate) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    pub(crate) fn groups(&mut self) -> Vec<Vec<u32>> {
        let mut members: Vec<(u32, u32)> = (0..self.parent.len() as u32).map(|i| (self.root(i), i)).collect();
        members.sort_unstable();
        members
            .chunk_by(|l, r| l.0 == r.0)
            .filter(|group| group.len() > 1)
            .map(|group| group.iter().map(|m| m.1).collect())
            .collect()
    }
}

#[cfg(test)]
mod tests;
