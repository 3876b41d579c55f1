//! Which points of two pictures look alike.

use super::distance;
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
    let wanted: Vec<[u64; 4]> = a
        .points
        .iter()
        .map(|p| if mirror { keypoints::mirrored(p.descriptor) } else { p.descriptor })
        .collect();
    let others: Vec<[u64; 4]> = b.points.iter().map(|p| p.descriptor).collect();
    let table = distance::table(&wanted, &others);
    let mut out = Vec::new();
    for (point, row) in a.points.iter().zip(table.chunks(others.len().max(1))) {
        let Some((best, least)) = row.iter().enumerate().min_by_key(|(_, d)| **d) else { continue };
        let other = &b.points[best];
        if u32::from(*least) > MAX_DISTANCE {
            continue;
        }
        let limit = (f32::from(*least) / RATIO) as u16;
        let elsewhere = |k: &Keypoint| (k.x - other.x).abs() > 0.015 || (k.y - other.y).abs() > 0.015;
        if row.iter().zip(&b.points).any(|(d, k)| *d <= limit && elsewhere(k)) {
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
