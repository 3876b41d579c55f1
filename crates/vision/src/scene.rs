//! A small weight-free description of what a scene looks like: where its colours and edge directions lie.

use crate::image::RgbImage;
use crate::luma::rgb_to_gray;
use crate::resize::resize_rgb;

/// Side of the square that a picture is reduced to.
const SIDE: usize = 64;
/// Cells of the grid in each direction.
const GRID: usize = 4;
/// Colour values of a cell.
const COLOURS: usize = 3;
/// Edge directions of a cell, over 180°.
const DIRECTIONS: usize = 8;
/// Levels per channel of the colour histogram.
const LEVELS: usize = 4;
/// Entries of the colour histogram.
const HISTOGRAM: usize = LEVELS * LEVELS * LEVELS;
/// Shares of the squared length: where colours lie, where edges run, which colours there are. The layouts tell scenes
/// apart, the histogram survives a step to the side.
const SHARES: [f32; 3] = [0.35, 0.35, 0.3];

/// Length of a scene descriptor.
pub const DIMENSION: usize = GRID * GRID * (COLOURS + DIRECTIONS) + HISTOGRAM;

/// The descriptor of a picture (256 px on the long side are plenty): [`DIMENSION`] numbers of Euclidean length 1. The
/// inner product of two descriptors is their similarity, 1 for equal pictures.
///
/// In order: the mean of each cell in luma and two colour differences (as MPEG-7's colour layout, without its
/// transform); the gradients of each cell by direction (as GIST and HOG, Dalal and Triggs 2005), square roots taken;
/// the square roots of a 4×4×4 RGB histogram.
pub fn scene_descriptor(rgb: &RgbImage) -> Vec<f32> {
    let small = resize_rgb(rgb, SIDE as u32, SIDE as u32);
    let mut out = vec![0.0; DIMENSION];
    let (colours, rest) = out.split_at_mut(GRID * GRID * COLOURS);
    let (edges, histogram) = rest.split_at_mut(GRID * GRID * DIRECTIONS);
    let cell_of = |x: usize, y: usize| y * GRID / SIDE * GRID + x * GRID / SIDE;

    for (i, pixel) in small.data().as_chunks::<3>().0.iter().enumerate() {
        let [r, g, b] = pixel.map(f32::from);
        let cell = &mut colours[cell_of(i % SIDE, i / SIDE) * COLOURS..][..COLOURS];
        cell[0] += (r + g + b) / 3.0 - 127.5;
        cell[1] += r - b;
        cell[2] += g - f32::midpoint(r, b);
        let [r, g, b] = pixel.map(|value| usize::from(value) * LEVELS / 256);
        histogram[(r * LEVELS + g) * LEVELS + b] += 1.0;
    }
    let luma = rgb_to_gray(&small);
    let at = |x: usize, y: usize| f32::from(luma.data()[y * SIDE + x]);
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let (gx, gy) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
            let turn = gy.atan2(gx).rem_euclid(std::f32::consts::PI) / std::f32::consts::PI;
            let direction = (turn * DIRECTIONS as f32) as usize % DIRECTIONS;
            edges[cell_of(x, y) * DIRECTIONS + direction] += gx.hypot(gy);
        }
    }
    edges.iter_mut().chain(histogram.iter_mut()).for_each(|value| *value = value.sqrt());
    for (part, share) in [colours, edges, histogram].into_iter().zip(SHARES) {
        scale(part, share.sqrt());
    }
    scale(&mut out, 1.0);
    out
}

/// Gives `values` the Euclidean length `length`; zeros stay zeros.
fn scale(values: &mut [f32], length: f32) {
    let now = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    if now > 0.0 {
        for value in values {
            *value *= length / now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(seed: u32, brightness: u32) -> RgbImage {
        let data = (0..200 * 150u32)
            .flat_map(|i| {
                let (x, y) = (i % 200, i / 200);
                [(x * seed + brightness) as u8 / 2, (y * 3 / seed) as u8, ((x + y * seed) / 3) as u8]
            })
            .collect();
        RgbImage::new(200, 150, data).unwrap()
    }

    fn similarity(a: &RgbImage, b: &RgbImage) -> f32 {
        scene_descriptor(a).iter().zip(scene_descriptor(b)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn unit_length_even_without_pixels() {
        for image in [picture(2, 0), RgbImage::black(0, 0), RgbImage::new(1, 1, vec![255; 3]).unwrap()] {
            let descriptor = scene_descriptor(&image);
            assert_eq!(descriptor.len(), DIMENSION);
            assert!((descriptor.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn near_for_the_same_scene_far_for_another() {
        let (a, b, other) = (picture(1, 0), picture(1, 6), picture(5, 0));
        assert!(similarity(&a, &b) > 0.9, "{}", similarity(&a, &b));
        assert!(similarity(&a, &other) < similarity(&a, &b) - 0.1, "{}", similarity(&a, &other));
    }
}
