//! Variance of the Laplacian, of a whole picture and of tiles.

use rayon::prelude::*;

use crate::image::GrayImage;

/// The variance of the 4-neighbour Laplacian over all pixels, borders mirrored without repeating the edge: exactly
/// `cv2.Laplacian(image, cv2.CV_64F).var()`.
pub fn laplacian_variance(image: &GrayImage) -> f64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    rectangle_variance(image, 0, 0, w, h)
}

/// The Laplacian variance of `tiles` × `tiles` rectangles of about equal size, row by row from the top left.
pub fn tile_laplacian(image: &GrayImage, tiles: u32) -> Vec<f64> {
    let (w, h, n) = (image.width() as usize, image.height() as usize, tiles as usize);
    let mut out = Vec::with_capacity(n * n);
    for row in 0..n {
        for col in 0..n {
            out.push(rectangle_variance(
                image,
                col * w / n,
                row * h / n,
                (col + 1) * w / n,
                (row + 1) * h / n,
            ));
        }
    }
    out
}

/// [`laplacian_variance`] of each image, spread over the threads of the current rayon pool.
pub fn laplacian_variance_batch(images: &[GrayImage]) -> Vec<f64> {
    images.par_iter().map(laplacian_variance).collect()
}

fn rectangle_variance(image: &GrayImage, x0: usize, y0: usize, x1: usize, y1: usize) -> f64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let count = (x1 - x0) * (y1 - y0);
    if count == 0 {
        return 0.0;
    }
    let pixel = |x: usize, y: usize| i64::from(image.data()[y * w + x]);
    let (mut sum, mut squares) = (0i64, 0i64);
    for y in y0..y1 {
        let (up, down) = neighbours(y, h);
        for x in x0..x1 {
            let (left, right) = neighbours(x, w);
            let value = pixel(left, y) + pixel(right, y) + pixel(x, up) + pixel(x, down) - 4 * pixel(x, y);
            sum += value;
            squares += value * value;
        }
    }
    let mean = sum as f64 / count as f64;
    squares as f64 / count as f64 - mean * mean
}

/// The neighbours of `i` in a line of `n`, mirrored at both ends (OpenCV's `BORDER_REFLECT_101`).
fn neighbours(i: usize, n: usize) -> (usize, usize) {
    let last = n - 1;
    (if i == 0 { last.min(1) } else { i - 1 }, if i == last { last.saturating_sub(1) } else { i + 1 })
}
