//! Variance of the Laplacian, of a whole picture and of tiles.
//!
//! The kernel sums squares only: in the sum of all second differences everything but the border cancels, so that the
//! mean costs one pass over four edges. Sums are integers, hence exact on every instruction set.
#![allow(unsafe_code, reason = "AVX-512 kernel")]
#![allow(clippy::inline_always, reason = "bodies are compiled into one caller per instruction set")]

use rayon::prelude::*;

use crate::image::GrayImage;
use crate::simd::{Level, detected, per_level};

/// The variance of the 4-neighbour Laplacian over all pixels, borders mirrored without repeating the edge: exactly
/// `cv2.Laplacian(image, cv2.CV_64F).var()`. Zero for an image without pixels.
pub fn laplacian_variance(image: &GrayImage) -> f64 {
    variance(image, Area { x0: 0, y0: 0, x1: image.width() as usize, y1: image.height() as usize })
}

/// The Laplacian variance of `tiles` × `tiles` rectangles of about equal size, row by row from the top left; zero
/// for those without pixels.
pub fn tile_laplacian(image: &GrayImage, tiles: u32) -> Vec<f64> {
    tile_areas(image, tiles).map(|area| variance(image, area)).collect()
}

/// [`laplacian_variance`] of each image, spread over the threads of the current rayon pool.
pub fn laplacian_variance_batch(images: &[GrayImage]) -> Vec<f64> {
    images.par_iter().with_min_len(8).map(laplacian_variance).collect()
}

/// [`laplacian_variance`], the plain way.
pub fn naive_laplacian_variance(image: &GrayImage) -> f64 {
    let area = Area { x0: 0, y0: 0, x1: image.width() as usize, y1: image.height() as usize };
    naive_variance(image, area)
}

/// [`tile_laplacian`], the plain way.
pub fn naive_tile_laplacian(image: &GrayImage, tiles: u32) -> Vec<f64> {
    tile_areas(image, tiles).map(|area| naive_variance(image, area)).collect()
}

/// The pixels with `x0 ≤ x < x1` and `y0 ≤ y < y1`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x0: usize,
    pub(crate) y0: usize,
    pub(crate) x1: usize,
    pub(crate) y1: usize,
}

/// `tiles` × `tiles` areas that cover the image, row by row.
pub(crate) fn tile_areas(image: &GrayImage, tiles: u32) -> impl Iterator<Item = Area> {
    let (w, h, n) = (image.width() as usize, image.height() as usize, tiles as usize);
    (0..n * n).map(move |i| {
        let (row, col) = (i / n, i % n);
        Area { x0: col * w / n, y0: row * h / n, x1: (col + 1) * w / n, y1: (row + 1) * h / n }
    })
}

fn variance(image: &GrayImage, area: Area) -> f64 {
    let count = (area.x1 - area.x0) * (area.y1 - area.y0);
    if count == 0 {
        return 0.0;
    }
    let squares = match detected() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 if image.width() >= 2 => {
            // SAFETY: the processor has the features of the level that was detected.
            unsafe { squares_avx512(image, area) }
        }
        _ => squares(image, area),
    };
    from_sums(sum(image, area), squares, count)
}

fn from_sums(sum: i64, squares: u64, count: usize) -> f64 {
    let mean = sum as f64 / count as f64;
    squares as f64 / count as f64 - mean * mean
}

/// The neighbours of `i` in a line of `n`, mirrored at both ends (OpenCV's `BORDER_REFLECT_101`).
fn neighbours(i: usize, n: usize) -> (usize, usize) {
    let last = n - 1;
    (if i == 0 { last.min(1) } else { i - 1 }, if i == last { last.saturating_sub(1) } else { i + 1 })
}

/// The sum of the Laplacian over `area`: in each line Σ (p[i−1] − 2 p[i] + p[i+1]) leaves only the differences at its
/// two ends.
fn sum(image: &GrayImage, area: Area) -> i64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let data = image.data();
    let line = |y: usize| -> i64 {
        let row = &data[y * w + area.x0..y * w + area.x1];
        row.chunks(1 << 16).map(|part| i64::from(part.iter().map(|&p| u32::from(p)).sum::<u32>())).sum()
    };
    let (up, down) = (neighbours(area.y0, h).0, neighbours(area.y1 - 1, h).1);
    let vertical = line(up) - line(area.y0) + line(down) - line(area.y1 - 1);
    let (left, right) = (neighbours(area.x0, w).0, neighbours(area.x1 - 1, w).1);
    let horizontal: i32 = data[area.y0 * w..area.y1 * w]
        .chunks_exact(w)
        .map(|row| {
            i32::from(row[left]) - i32::from(row[area.x0]) + i32::from(row[right])
                - i32::from(row[area.x1 - 1])
        })
        .sum();
    vertical + i64::from(horizontal)
}

per_level! {
    /// The sum of the squared Laplacian over `area`.
    fn squares(image: &GrayImage, area: Area) -> u64 = squares_by_rows;
}

#[inline(always)]
fn squares_by_rows(image: &GrayImage, area: Area) -> u64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    // The columns whose left and right neighbours exist; the other one or two go pixel by pixel.
    let (from, to) = (area.x0.max(1), area.x1.min(w - 1));
    let mut total = 0;
    for y in area.y0..area.y1 {
        let (up, down) = neighbours(y, h);
        let (up, row, down) =
            (&image.data()[up * w..][..w], image.row(y as u32), &image.data()[down * w..][..w]);
        let mut start = from;
        while start < to {
            // 1024 squares of at most 1020² fit 32 bits.
            let end = to.min(start + 1024);
            let (left, right) = (&row[start - 1..end - 1], &row[start + 1..=end]);
            let mut part = 0u32;
            for ((((&u, &d), &l), &r), &m) in
                up[start..end].iter().zip(&down[start..end]).zip(left).zip(right).zip(&row[start..end])
            {
                let value = i16::from(u) + i16::from(d) + i16::from(l) + i16::from(r) - 4 * i16::from(m);
                part += (i32::from(value) * i32::from(value)) as u32;
            }
            total += u64::from(part);
            start = end;
        }
        for x in (area.x0..area.x1).filter(|&x| x == 0 || x + 1 == w) {
            let (left, right) = neighbours(x, w);
            let value = i32::from(up[x]) + i32::from(down[x]) + i32::from(row[left]) + i32::from(row[right])
                - 4 * i32::from(row[x]);
            total += (value * value) as u64;
        }
    }
    total
}

/// Columns of 64 pixels, walked from top to bottom: a row is widened to 16 bits once and serves as the lower, the
/// middle and the upper neighbour in turn. Image at least two pixels wide.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
fn squares_avx512(image: &GrayImage, area: Area) -> u64 {
    let w = image.width() as usize;
    let mut total = 0;
    let mut x = area.x0;
    while x < area.x1 {
        let end = area.x1.min(x + 64);
        // Bands keep a column's rows in the first-level cache for the next one, and the sums within 32 bits.
        let mut y = area.y0;
        while y < area.y1 {
            let band = Area { x0: x, y0: y, x1: end, y1: area.y1.min(y + 128) };
            total += if x == 0 || end == w {
                column_avx512::<true>(image, band)
            } else {
                column_avx512::<false>(image, band)
            };
            y = band.y1;
        }
        x = end;
    }
    total
}

/// The squares of an area of at most 64 columns and 128 rows; `EDGE` when it touches the left or right border.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
#[inline]
fn column_avx512<const EDGE: bool>(image: &GrayImage, area: Area) -> u64 {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_mask_loadu_epi8, _mm256_maskz_loadu_epi8, _mm512_add_epi16,
        _mm512_add_epi64, _mm512_castsi512_si256, _mm512_cvtepu8_epi16, _mm512_cvtepu32_epi64,
        _mm512_dpwssd_epi32, _mm512_extracti64x4_epi64, _mm512_reduce_add_epi64, _mm512_setzero_si512,
        _mm512_slli_epi16, _mm512_sub_epi16,
    };
    let (w, h) = (image.width() as usize, image.height() as usize);
    let columns = area.x1 - area.x0;
    assert!((1..=64).contains(&columns) && area.x1 <= w && area.y0 < area.y1 && area.y1 <= h && w >= 2);
    let all = u64::MAX >> (64 - columns);
    let halves = [all as u32, (all >> 32) as u32];
    // Lanes whose left (right) neighbour is inside; the mirrored one takes the value from the other side.
    let has_left = if area.x0 == 0 { all & !1 } else { all };
    let has_right = if area.x1 == w { all & (all >> 1) } else { all };
    let base = image.data().as_ptr();

    let load = |y: usize, offset: isize, half: usize, keep: u32, other: __m256i| -> __m256i {
        let pointer = base.wrapping_add(y * w + area.x0 + 32 * half).wrapping_offset(offset);
        // SAFETY: `keep` has only lanes whose pixel lies in row `y` of the image.
        unsafe { _mm256_mask_loadu_epi8(other, keep, pointer.cast()) }
    };
    let row = |y: usize, half: usize| -> __m512i {
        let pointer = base.wrapping_add(y * w + area.x0 + 32 * half);
        // SAFETY: the mask has only lanes whose pixel lies in row `y` of the image.
        _mm512_cvtepu8_epi16(unsafe { _mm256_maskz_loadu_epi8(halves[half], pointer.cast()) })
    };
    let zero = _mm512_castsi512_si256(_mm512_setzero_si512());
    let first = neighbours(area.y0, h).0;
    let mut up = [row(first, 0), row(first, 1)];
    let mut middle = [row(area.y0, 0), row(area.y0, 1)];
    let mut squares = [_mm512_setzero_si512(); 2];
    for y in area.y0..area.y1 {
        let below = neighbours(y, h).1;
        for half in 0..2 {
            let down = row(below, half);
            let (left, right) = if EDGE {
                let keep = [(has_left >> (32 * half)) as u32, (has_right >> (32 * half)) as u32];
                let right = load(y, 1, half, keep[1], zero);
                let left = load(y, -1, half, keep[0], right);
                (left, load(y, 1, half, keep[1], left))
            } else {
                (load(y, -1, half, halves[half], zero), load(y, 1, half, halves[half], zero))
            };
            let beside = _mm512_add_epi16(_mm512_cvtepu8_epi16(left), _mm512_cvtepu8_epi16(right));
            let around = _mm512_add_epi16(_mm512_add_epi16(up[half], down), beside);
            let mut value = _mm512_sub_epi16(around, _mm512_slli_epi16::<2>(middle[half]));
            if EDGE {
                // Lanes outside the area may hold what was mirrored into them.
                value = std::arch::x86_64::_mm512_maskz_mov_epi16(halves[half], value);
            }
            squares[half] = _mm512_dpwssd_epi32(squares[half], value, value);
            up[half] = middle[half];
            middle[half] = down;
        }
    }
    let mut total = _mm512_setzero_si512();
    for part in squares {
        total = _mm512_add_epi64(total, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(part)));
        total = _mm512_add_epi64(total, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64::<1>(part)));
    }
    _mm512_reduce_add_epi64(total) as u64
}

fn naive_variance(image: &GrayImage, area: Area) -> f64 {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let count = (area.x1 - area.x0) * (area.y1 - area.y0);
    if count == 0 {
        return 0.0;
    }
    let pixel = |x: usize, y: usize| i64::from(image.data()[y * w + x]);
    let (mut sum, mut squares) = (0i64, 0u64);
    for y in area.y0..area.y1 {
        let (up, down) = neighbours(y, h);
        for x in area.x0..area.x1 {
            let (left, right) = neighbours(x, w);
            let value = pixel(left, y) + pixel(right, y) + pixel(x, up) + pixel(x, down) - 4 * pixel(x, y);
            sum += value;
            squares += (value * value) as u64;
        }
    }
    from_sums(sum, squares, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blur::tests::texture;

    #[test]
    fn every_path_equals_the_plain_sums() {
        for (w, h) in
            [(1, 1), (1, 7), (7, 1), (2, 2), (3, 5), (31, 4), (33, 9), (64, 3), (65, 200), (130, 140)]
        {
            let image = texture(w, h, 7);
            assert_eq!(laplacian_variance(&image), naive_laplacian_variance(&image), "{w}×{h}");
            assert_eq!(tile_laplacian(&image, 3), naive_tile_laplacian(&image, 3), "{w}×{h}");
            let area = Area { x0: 0, y0: 0, x1: w as usize, y1: h as usize };
            assert_eq!(squares_by_rows(&image, area), squares(&image, area));
            let fallback = from_sums(sum(&image, area), squares(&image, area), (w * h) as usize);
            assert_eq!(fallback, naive_laplacian_variance(&image));
        }
    }

    #[test]
    fn the_strongest_contrast_does_not_overflow() {
        let data = (0..64 * 3000).map(|i| if (i % 64 + i / 64) % 2 == 0 { 0 } else { 255 }).collect();
        let image = GrayImage::new(64, 3000, data).unwrap();
        assert_eq!(laplacian_variance(&image), 1020.0 * 1020.0);
        let wide = GrayImage::new(
            3000,
            64,
            (0..64 * 3000).map(|i| ((i % 3000 + i / 3000) % 2 * 255) as u8).collect(),
        );
        assert_eq!(laplacian_variance(&wide.unwrap()), 1020.0 * 1020.0);
    }

    #[test]
    fn no_pixels_no_variance() {
        assert_eq!(laplacian_variance(&GrayImage::black(0, 4)), 0.0);
        assert_eq!(tile_laplacian(&GrayImage::black(2, 2), 8).len(), 64);
        assert_eq!(laplacian_variance_batch(&[GrayImage::black(4, 0), GrayImage::black(4, 4)]), [0.0, 0.0]);
    }
}
