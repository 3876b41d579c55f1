//! The stored form of [`Keypoints`].
//!
//! Little endian: version u8, thumbnail width u8 and height u8, level step of the finest scale is implied, picture
//! width u32 and height u32, number of points u16, thumbnail rows, then per point x u16, y u16 (1/65535 of the long
//! side), scale u8 (1/8 octaves below the long side), angle u8 (1/256 turn) and the descriptor (4 × u64).

use super::{Keypoint, Keypoints, MAX_POINTS, THUMB_SIDE};
use crate::GrayImage;
use std::f32::consts::{PI, TAU};

const VERSION: u8 = 1;
const HEADER: usize = 13;
const POINT: usize = 38;

impl Keypoints {
    /// The stored form, at most about 6.9 KB. Positions, scales and angles are rounded to the stored steps.
    pub fn to_bytes(&self) -> Vec<u8> {
        let thumb = self.thumb.data();
        let mut out = Vec::with_capacity(HEADER + thumb.len() + self.points.len() * POINT);
        out.extend([VERSION, self.thumb.width() as u8, self.thumb.height() as u8]);
        out.extend(self.width.to_le_bytes());
        out.extend(self.height.to_le_bytes());
        out.extend((self.points.len() as u16).to_le_bytes());
        out.extend(thumb);
        for point in &self.points {
            out.extend(((point.x * 65535.0).round() as u16).to_le_bytes());
            out.extend(((point.y * 65535.0).round() as u16).to_le_bytes());
            out.push((-8.0 * point.scale.log2()).round() as u8);
            out.push(((point.angle + PI) * 256.0 / TAU).round() as u32 as u8);
            for word in point.descriptor {
                out.extend(word.to_le_bytes());
            }
        }
        out
    }

    /// Reads the stored form; `None` for anything that [`Keypoints::to_bytes`] does not write.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
        if header[0] != VERSION {
            return None;
        }
        let (thumb_w, thumb_h) = (u32::from(header[1]), u32::from(header[2]));
        if thumb_w > THUMB_SIDE || thumb_h > THUMB_SIDE {
            return None;
        }
        let width = u32::from_le_bytes(*header[3..].first_chunk()?);
        let height = u32::from_le_bytes(*header[7..].first_chunk()?);
        let count = usize::from(u16::from_le_bytes(*header[11..].first_chunk()?));
        let (thumb, rest) = rest.split_at_checked((thumb_w * thumb_h) as usize)?;
        if count > MAX_POINTS || rest.len() != count * POINT {
            return None;
        }
        let points = rest.as_chunks::<POINT>().0.iter().map(point).collect();
        Some(Self { width, height, points, thumb: GrayImage::new(thumb_w, thumb_h, thumb.to_vec())? })
    }
}

fn point(bytes: &[u8; POINT]) -> Keypoint {
    let unit = |at: usize| f32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]])) / 65535.0;
    let mut descriptor = [0u64; 4];
    for (word, stored) in descriptor.iter_mut().zip(bytes[6..].as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*stored);
    }
    Keypoint {
        x: unit(0),
        y: unit(2),
        scale: (-f32::from(bytes[4]) / 8.0).exp2(),
        angle: f32::from(bytes[5]) * TAU / 256.0 - PI,
        descriptor,
    }
}
