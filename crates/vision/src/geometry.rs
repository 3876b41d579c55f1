//! [`Alignment`]: how one picture lies on another, and whether they show the same pixels ([`same_picture`]).
//!
//! [`align`] matches the descriptors of two pictures, both as they are and mirrored, finds the similarity transform
//! that most matches agree on, refines it by least squares and compares the two thumbnails under it. Each match
//! alone fixes a similarity (position, scale, orientation), so every match is tried and nothing is drawn at random:
//! the same pictures always give the same answer.

mod correlation;
mod distance;
mod matching;

use crate::keypoints::Keypoints;
use matching::Match;
use serde::{Deserialize, Serialize};

/// Distance between a mapped point and its match that still counts as agreement, in units of the long side
/// (6 pixels of 512), before and after refinement.
const COARSE_TOLERANCE: f32 = 0.020;
const FINE_TOLERANCE: f32 = 0.010;

/// Fewest agreeing points for [`same_picture`] (MEASURED: below 8 chance agreements begin).
const MIN_INLIERS: u32 = 8;

/// What the thumbnails must show for [`same_picture`] and for pairs proposed by their hashes. On the development
/// photos 98 % of copies reach detail 0.92 and agreement 0.88 (the lowest are turned by 3° or cut by a quarter), while
/// other views of one object, other expressions of one face and other frames of one scene stay below detail 0.78 or
/// agreement 0.85, with one at 0.87 and 0.84.
pub(crate) const MIN_CORRELATION: f32 = 0.8;
pub(crate) const MIN_DETAIL: f32 = 0.88;
pub(crate) const MIN_AGREEMENT: f32 = 0.8;

/// How picture `a` lies on picture `b`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// Pairs of points that agree with the transform.
    pub inliers: u32,
    /// Correlation of the two thumbnails where they overlap, −1 to 1.
    pub correlation: f32,
    /// Whether `a` must be mirrored to lie on `b`.
    pub mirrored: bool,
    /// `x' = t0·x + t1·y + t2`, `y' = t3·x + t4·y + t5`, from `a` to `b`, both in units of their long side.
    pub transform: [f32; 6],
    /// Share of the smaller footprint that the two have in common, 0 to 1.
    pub coverage: f32,
    /// Correlation of the thumbnails' detail (each pixel less its 5×5 surroundings) where they overlap, −1 to 1.
    pub detail: f32,
    /// Share of the overlap's structured parts (5×5 cells) that correlate each by itself, 0 to 1.
    pub agreement: f32,
    /// Share of the points lying in the overlap that agree, 0 to 1, in the picture that has fewer there.
    pub support: f32,
    /// Root mean square distance of agreeing points after mapping, in thousandths of the long side.
    pub residual: f32,
}

/// The best alignment of `a` on `b`, if at least three points agree on one.
pub fn align(a: &Keypoints, b: &Keypoints) -> Option<Alignment> {
    let straight = best_transform(a, b, false);
    let mirror = best_transform(a, b, true);
    let (fit, mirrored) = match (straight, mirror) {
        (Some(s), Some(m)) if m.inliers > s.inliers => (m, true),
        (Some(s), _) => (s, false),
        (None, Some(m)) => (m, true),
        (None, None) => return None,
    };
    let transform = fit.transform;
    let overlap = correlation::overlap(a, b, &transform);
    Some(Alignment {
        inliers: fit.inliers,
        correlation: overlap.correlation,
        mirrored,
        transform,
        coverage: overlap.coverage,
        detail: overlap.detail,
        agreement: overlap.agreement,
        support: support(a, b, &fit),
        residual: fit.residual * 1000.0,
    })
}

/// Share of the points in the overlap that agree, in the picture that has fewer there.
fn support(a: &Keypoints, b: &Keypoints, fit: &Fit) -> f32 {
    let inside = |from: &Keypoints, onto: &Keypoints, t: &[f32; 6]| {
        let long = onto.width.max(onto.height).max(1) as f32;
        let (w, h) = (onto.width as f32 / long, onto.height as f32 / long);
        from.points
            .iter()
            .map(|p| apply(t, (p.x, p.y)))
            .filter(|p| p.0 > 0.0 && p.1 > 0.0 && p.0 < w && p.1 < h)
            .count()
    };
    let there = inside(a, b, &fit.transform);
    let back = correlation::inverted(&fit.transform).map_or(there, |t| inside(b, a, &t));
    (fit.inliers as f32 / there.min(back).max(1) as f32).min(1.0)
}

/// Whether an alignment means that the two are copies of one picture (recompressed, resized, cropped, turned,
/// mirrored, adjusted) rather than two pictures of one thing.
pub fn same_picture(alignment: &Alignment) -> bool {
    alignment.inliers >= MIN_INLIERS
        && alignment.correlation >= MIN_CORRELATION
        && alignment.detail >= MIN_DETAIL
        && alignment.agreement >= MIN_AGREEMENT
}

pub(crate) use correlation::{overlap, whole_on_whole};

/// A transform with what speaks for it.
struct Fit {
    transform: [f32; 6],
    inliers: u32,
    /// Root mean square distance of agreeing points, in units of the long side.
    residual: f32,
}

/// The transform most matches agree on.
fn best_transform(a: &Keypoints, b: &Keypoints, mirror: bool) -> Option<Fit> {
    let matches = matching::matches(a, b, mirror);
    if matches.len() < 3 {
        return None;
    }
    let (mut best, mut best_count) = (None, 0);
    for candidate in &matches {
        let transform = candidate.similarity(mirror);
        let count = agreeing(&matches, &transform, COARSE_TOLERANCE).count();
        if count > best_count {
            (best, best_count) = (Some(transform), count);
        }
    }
    let mut transform = best?;
    for tolerance in [COARSE_TOLERANCE, FINE_TOLERANCE, FINE_TOLERANCE] {
        let inliers: Vec<Match> = agreeing(&matches, &transform, tolerance).copied().collect();
        if inliers.len() < 3 {
            return None;
        }
        transform = fitted(&inliers, mirror)?;
    }
    let agreed: Vec<Match> = agreeing(&matches, &transform, FINE_TOLERANCE).copied().collect();
    let inliers = distinct(&agreed);
    if inliers < 3 {
        return None;
    }
    let squares = agreed.iter().map(|m| {
        let (x, y) = apply(&transform, m.from);
        (x - m.to.0).powi(2) + (y - m.to.1).powi(2)
    });
    let residual = (squares.sum::<f32>() / agreed.len() as f32).sqrt();
    Some(Fit { transform, inliers, residual })
}

/// The matches that `transform` carries to within `tolerance` of their target.
fn agreeing<'m>(
    matches: &'m [Match],
    transform: &'m [f32; 6],
    tolerance: f32,
) -> impl Iterator<Item = &'m Match> {
    matches.iter().filter(move |m| {
        let (x, y) = apply(transform, m.from);
        (x - m.to.0).abs() < tolerance && (y - m.to.1).abs() < tolerance
    })
}

/// Agreeing matches counted once per place: points of neighbouring levels on one corner are one piece of evidence.
fn distinct(inliers: &[Match]) -> u32 {
    let mut count = 0;
    for (index, m) in inliers.iter().enumerate() {
        let repeated = inliers[..index].iter().any(|o| {
            let near = |p: (f32, f32), q: (f32, f32)| (p.0 - q.0).abs() < 0.008 && (p.1 - q.1).abs() < 0.008;
            near(o.from, m.from) || near(o.to, m.to)
        });
        count += u32::from(!repeated);
    }
    count
}

/// `transform` applied to a point.
fn apply(t: &[f32; 6], (x, y): (f32, f32)) -> (f32, f32) {
    (t[0] * x + t[1] * y + t[2], t[3] * x + t[4] * y + t[5])
}

/// The least-squares similarity (mirrored or not) through the matches; `None` when they are one point.
fn fitted(matches: &[Match], mirror: bool) -> Option<[f32; 6]> {
    let n = matches.len() as f32;
    let sign = if mirror { -1.0 } else { 1.0 };
    let mean = |f: fn(&Match) -> f32| matches.iter().map(f).sum::<f32>() / n;
    let (ax, ay) = (mean(|m| m.from.0) * sign, mean(|m| m.from.1));
    let (bx, by) = (mean(|m| m.to.0), mean(|m| m.to.1));
    let (mut cos, mut sin, mut norm) = (0.0, 0.0, 0.0);
    for m in matches {
        let (px, py) = (m.from.0 * sign - ax, m.from.1 - ay);
        let (qx, qy) = (m.to.0 - bx, m.to.1 - by);
        cos += px * qx + py * qy;
        sin += px * qy - py * qx;
        norm += px * px + py * py;
    }
    if norm < 1e-9 {
        return None;
    }
    let (c, s) = (cos / norm, sin / norm);
    Some([c * sign, -s, bx - c * ax + s * ay, s * sign, c, by - s * ax - c * ay])
}

#[cfg(test)]
mod tests;
