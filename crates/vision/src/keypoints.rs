//! [`Keypoints`]: where a picture has local structure that can be found again after recompression, resizing,
//! cropping, turning and mirroring, without any trained weights.
//!
//! Points are scale-space extrema of a centre–surround filter (difference of Gaussians, Lowe, "Distinctive Image
//! Features from Scale-Invariant Keypoints", IJCV 2004) over a pyramid with half-octave steps. Each gets an
//! orientation from its intensity centroid and a 256-bit descriptor of rotated brightness comparisons (Rublee et
//! al., "ORB", ICCV 2011). The comparison pattern is closed under mirroring, so the descriptors of the mirrored
//! picture are those of this one with the two halves swapped ([`mirrored`]): no second extraction is needed to find
//! mirrored copies.

mod codec;
mod pattern;
mod pyramid;

use crate::GrayImage;
use pyramid::{BORDER, Level, Peak};

/// Longest side, in pixels, that [`extract`] is meant for; a larger image is reduced to it first.
pub const WORKING_SIDE: u32 = 512;

/// Most points kept for one picture; they are what a stored picture's bytes mostly consist of.
pub const MAX_POINTS: usize = 120;

/// Long side in pixels of the thumbnail kept beside the points for correlation.
pub const THUMB_SIDE: u32 = 48;

/// Share of [`MAX_POINTS`] that each pyramid level may use, in percent of the whole, finest first. Coarse levels get
/// more than their area suggests: they are what a small copy or a crop has in common with the original.
const LEVEL_SHARE: [u32; 8] = [24, 20, 17, 14, 11, 8, 4, 2];

/// Weakest response that counts as structure, in grey levels of centre minus surround times 16. Below it lie sensor
/// noise and JPEG ringing.
const MIN_RESPONSE: i16 = 24;

/// One point of interest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Keypoint {
    /// Horizontal position of the centre, in units of the picture's long side, 0 at the left edge.
    pub x: f32,
    /// Vertical position of the centre, in units of the picture's long side, 0 at the top edge.
    pub y: f32,
    /// Sampling step of the level the point was found on, in units of the long side (1/512 to about 1/40).
    pub scale: f32,
    /// Direction of the intensity centroid in radians, −π to π, 0 to the right, growing clockwise (y points down).
    pub angle: f32,
    /// 256 brightness comparisons in the frame turned by `angle`; words 2 and 3 are the mirror images of 0 and 1.
    pub descriptor: [u64; 4],
}

/// The points of one picture and a small thumbnail of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Keypoints {
    /// Width in pixels of the picture they were found in.
    pub width: u32,
    /// Height in pixels of the picture they were found in.
    pub height: u32,
    /// The points, strongest first.
    pub points: Vec<Keypoint>,
    /// The picture reduced to at most [`THUMB_SIDE`] pixels on its long side.
    pub thumb: GrayImage,
}

/// The descriptor the same point would have in the mirrored picture.
pub fn mirrored(descriptor: [u64; 4]) -> [u64; 4] {
    [descriptor[2], descriptor[3], descriptor[0], descriptor[1]]
}

/// Finds the points of `luma` (upright, long side up to [`WORKING_SIDE`]; larger images are reduced first).
///
/// An image with a side under 32 pixels has no points, only a thumbnail.
pub fn extract(luma: &GrayImage) -> Keypoints {
    let (width, height) = (luma.width(), luma.height());
    if width.max(height) > WORKING_SIDE {
        return extract(&pyramid::fit(luma, WORKING_SIDE));
    }
    let thumb = pyramid::fit(luma, THUMB_SIDE);
    let levels = pyramid::build(luma);
    let mut points = Vec::with_capacity(MAX_POINTS);
    let long = width.max(height).max(1) as f32;
    for (mut peaks, level) in peaks_by_level(&levels).into_iter().zip(&levels) {
        peaks.truncate(MAX_POINTS);
        for peak in peaks {
            points.push((peak.response, describe(level, peak, long)));
        }
    }
    points.sort_by_key(|p| std::cmp::Reverse(p.0));
    points.truncate(MAX_POINTS);
    Keypoints { width, height, points: points.into_iter().map(|p| p.1).collect(), thumb }
}

/// The strongest peaks of each level, within its share; what a level does not use goes to the next coarser one and
/// what is left at the end to the finest.
fn peaks_by_level(levels: &[Level]) -> Vec<Vec<Peak>> {
    let mut found: Vec<Vec<Peak>> =
        (0..levels.len()).map(|i| pyramid::peaks(levels, i, MIN_RESPONSE)).collect();
    for peaks in &mut found {
        peaks.sort_by(|l, r| r.response.cmp(&l.response).then(l.order().cmp(&r.order())));
    }
    let total: u32 = LEVEL_SHARE.iter().take(levels.len()).sum();
    let mut quota: Vec<usize> = LEVEL_SHARE
        .iter()
        .take(levels.len())
        .map(|share| MAX_POINTS * *share as usize / total.max(1) as usize)
        .collect();
    let mut spare = MAX_POINTS.saturating_sub(quota.iter().sum::<usize>());
    for (allowed, peaks) in quota.iter_mut().zip(&found).rev() {
        let wanted = *allowed + spare;
        let used = wanted.min(peaks.len());
        spare = wanted - used;
        *allowed = used;
    }
    for (allowed, peaks) in quota.iter_mut().zip(&found) {
        let more = spare.min(peaks.len() - *allowed);
        *allowed += more;
        spare -= more;
    }
    for (peaks, allowed) in found.iter_mut().zip(quota) {
        peaks.truncate(allowed);
    }
    found
}

/// Orientation and descriptor of a peak of `level`.
fn describe(level: &Level, peak: Peak, long: f32) -> Keypoint {
    let stride = level.width;
    let centre = peak.y * stride + peak.x;
    let angle = pattern::orientation(&level.smooth, stride, centre);
    let descriptor = pattern::compare(&level.smooth, stride, centre, angle);
    Keypoint {
        x: (peak.x as f32 + peak.dx + 0.5) * level.step_x / long,
        y: (peak.y as f32 + peak.dy + 0.5) * level.step_y / long,
        scale: level.step_x.max(level.step_y) / long,
        angle,
        descriptor,
    }
}

const _: () = assert!(pattern::REACH < BORDER, "samples must stay inside the level");

#[cfg(test)]
pub(crate) mod tests;
