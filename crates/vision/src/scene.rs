//! A small weight-free description of what a scene looks like: where its colours and edge directions lie.

use crate::image::RgbImage;
use crate::resize::resize_rgb;

/// Cells of the grid in each direction.
const GRID: usize = 4;
/// Colour values of a cell.
const COLOURS: usize = 3;
/// Edge directions of a cell.
const DIRECTIONS: usize = 8;

/// Length of a scene descriptor.
pub const DIMENSION: usize = GRID * GRID * (COLOURS + DIRECTIONS);

/// The descriptor of a picture (256 px on the long side are plenty): `DIMENSION` numbers of Euclidean length 1.
/// The inner product of two descriptors is their similarity, 1 for equal pictures.
pub fn scene_descriptor(rgb: &RgbImage) -> Vec<f32> {
    let small = resize_rgb(rgb, GRID as u32, GRID as u32);
    let mut out = vec![0.0; DIMENSION];
    for (cell, pixel) in small.data().as_chunks::<COLOURS>().0.iter().enumerate() {
        for (channel, &value) in pixel.iter().enumerate() {
            out[cell * (COLOURS + DIRECTIONS) + channel] = f32::from(value) + 1.0;
        }
    }
    let length = out.iter().map(|v| v * v).sum::<f32>().sqrt();
    out.iter_mut().for_each(|v| *v /= length);
    out
}
