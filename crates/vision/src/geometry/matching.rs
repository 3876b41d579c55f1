//! Which points of two pictures look alike.

use crate::keypoints::{self, Keypoint, Keypoints};

/// Most differing bits of a match (of 256), and how much closer than the runner-up at another place it must be.
const MAX_DISTANCE: u32 = 76;
const RATIO: f32 = 0.88;

/// A pair of points that look alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub(super) from: (f32, f32),
    pub(super) to: (f32, f32),
    /// Growth from `a` to `b` in units of their long sides.
    scale: f32,
    /// Turn from (mirrored) `a` to `b`, radians.
    turn: f32,
}

impl Match {
    /// The similarity that this match alone fixes.
    pub(super) fn similarity(&self, mirror: bool) -> [f32; 6] {
        let sign = if mirror { -1.0 } else { 1.0 };
        let (s, c) = (self.turn.sin() * self.scale, self.turn.cos() * self.scale);
        let (x, y) = (self.from.0 * sign, self.from.1);
        [c * sign, -s, self.to.0 - c * x + s * y, s * sign, c, self.to.1 - s * x - c * y]
    }
}

/// For each point of `a` (mirrored if `mirror`) its best partner in `b`, where that is close and unambiguous.
pub(super) fn matches(a: &Keypoints, b: &Keypoints, mirror: bool) -> Vec<Match> {
    let mut out = Vec::new();
    for point in &a.points {
        let wanted = if mirror { keypoints::mirrored(point.descriptor) } else { point.descriptor };
        let distance = |k: &Keypoint| -> u32 {
            wanted.iter().zip(k.descriptor).map(|(l, r)| (l ^ r).count_ones()).sum()
        };
        let mut best: Option<(u32, &Keypoint)> = None;
        for other in &b.points {
            let d = distance(other);
            if best.is_none_or(|(least, _)| d < least) {
                best = Some((d, other));
            }
        }
        let Some((least, other)) = best.filter(|(d, _)| *d <= MAX_DISTANCE) else { continue };
        let limit = (least as f32 / RATIO) as u32;
        let elsewhere = |k: &Keypoint| (k.x - other.x).abs() > 0.015 || (k.y - other.y).abs() > 0.015;
        if b.points.iter().any(|k| distance(k) <= limit && elsewhere(k)) {
            continue;
        }
        // In a mirrored picture a direction φ points to π − φ.
        let angle = if mirror { std::f32::consts::PI - point.angle } else { point.angle };
        out.push(Match {
            from: (point.x, point.y),
            to: (other.x, other.y),
            scale: other.scale / point.scale,
            turn: other.angle - angle,
        });
    }
    out
}
