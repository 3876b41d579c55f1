//! The half-octave pyramid and its centre–surround peaks.

use crate::GrayImage;
use crate::resize;

/// Distance in pixels that a peak keeps from its level's edge, so that every descriptor sample lies inside.
pub(super) const BORDER: usize = 16;

/// Shortest side in pixels of a level that is still searched.
const MIN_SIDE: u32 = 2 * BORDER as u32 + 4;

/// Levels of half an octave each: 512 → 45 pixels.
const MAX_LEVELS: usize = 8;

/// Ratio of principal curvatures above which a peak is an edge (Lowe 2004 §4.1).
const EDGE_RATIO: f32 = 10.0;

/// One reduced copy of the picture.
pub(super) struct Level {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Pixels of the searched picture per pixel of this level.
    pub(super) step_x: f32,
    pub(super) step_y: f32,
    /// The level after a 5-tap binomial filter (σ = 1).
    pub(super) smooth: Vec<u8>,
    /// (level − smooth) × 16.
    pub(super) response: Vec<i16>,
}

/// A local extremum of one level's response.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peak {
    pub(super) x: usize,
    pub(super) y: usize,
    /// Offset of the fitted centre from the pixel, −0.5 to 0.5.
    pub(super) dx: f32,
    pub(super) dy: f32,
    /// Absolute response.
    pub(super) response: i16,
}

impl Peak {
    /// Ties are broken by position, so that the same pixels always give the same points.
    pub(super) fn order(&self) -> (usize, usize) {
        (self.y, self.x)
    }
}

/// `image` reduced so that its long side is at most `side`.
pub(super) fn fit(image: &GrayImage, side: u32) -> GrayImage {
    let (w, h) = resize::fit_within(image.width(), image.height(), side);
    resize::resize_gray(image, w, h)
}

/// The levels of `image`, finest first; none when it is too small to search.
pub(super) fn build(image: &GrayImage) -> Vec<Level> {
    let mut levels = Vec::new();
    let (width, height) = (image.width(), image.height());
    let mut current = image.clone();
    for index in 0..MAX_LEVELS {
        let factor = 2f32.powf(index as f32 / 2.0);
        let (w, h) = ((width as f32 / factor).round() as u32, (height as f32 / factor).round() as u32);
        if w < MIN_SIDE || h < MIN_SIDE {
            break;
        }
        if index > 0 {
            current = resize::resize_gray(&current, w, h);
        }
        levels.push(Level::new(&current, width as f32 / w as f32, height as f32 / h as f32));
    }
    levels
}

impl Level {
    fn new(image: &GrayImage, step_x: f32, step_y: f32) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let mut smooth = vec![0u8; width * height];
        let mut response = vec![0i16; width * height];
        let data = image.data();
        // Sums of 16 × 255 and 256 × 255 both fit 16 bits, so all of it stays in one lane width.
        let mut column = vec![0u16; width];
        for y in 0..height {
            let row = |dy: isize| {
                let at = (y as isize + dy).clamp(0, height as isize - 1) as usize;
                &data[at * width..][..width]
            };
            let (a, b, c, d, e) = (row(-2), row(-1), row(0), row(1), row(2));
            for (x, sum) in column.iter_mut().enumerate() {
                *sum = a[x] as u16 + e[x] as u16 + 4 * (b[x] as u16 + d[x] as u16) + 6 * c[x] as u16;
            }
            let out = &mut smooth[y * width..][..width];
            for x in [0, 1, width - 2, width - 1] {
                out[x] = ((column[x] + 8) >> 4) as u8;
            }
            let inner = width - 4;
            let out = &mut out[2..][..inner];
            let response = &mut response[y * width + 2..][..inner];
            let centre = &c[2..][..inner];
            let taps: [&[u16]; 5] = std::array::from_fn(|i| &column[i..][..inner]);
            for x in 0..inner {
                let sum = taps[0][x] + taps[4][x] + 4 * (taps[1][x] + taps[3][x]) + 6 * taps[2][x];
                out[x] = ((sum + 128) >> 8) as u8;
                response[x] = (centre[x] as i16) * 16 - ((sum + 8) >> 4) as i16;
            }
        }
        Self { width, height, step_x, step_y, smooth, response }
    }

    /// Strongest response of the 3×3 pixels around a place given as a fraction of the level, with the sign of `sign`.
    fn strongest_near(&self, fx: f32, fy: f32, sign: i16) -> i16 {
        let x = ((fx * self.width as f32) as usize).clamp(1, self.width - 2);
        let y = ((fy * self.height as f32) as usize).clamp(1, self.height - 2);
        let mut best = 0;
        for yy in y - 1..=y + 1 {
            for xx in x - 1..=x + 1 {
                best = best.max(self.response[yy * self.width + xx] * sign);
            }
        }
        best
    }
}

/// The extrema of level `index` that are stronger than `min_response`, than their eight neighbours and than the
/// same place one level finer and coarser, and that are not edges.
pub(super) fn peaks(levels: &[Level], index: usize, min_response: i16) -> Vec<Peak> {
    let level = &levels[index];
    let (width, response) = (level.width, &level.response);
    let mut out = Vec::new();
    let inner = width - 2 * BORDER;
    let (mut most, mut least) = (vec![0i16; inner + 2], vec![0i16; inner + 2]);
    let mut marks = vec![0u8; inner];
    for y in BORDER..level.height - BORDER {
        let rows: [&[i16]; 3] =
            std::array::from_fn(|i| &response[(y + i - 1) * width + BORDER - 1..][..inner + 2]);
        for (x, (most, least)) in most.iter_mut().zip(&mut least).enumerate() {
            *most = rows[0][x].max(rows[1][x]).max(rows[2][x]);
            *least = rows[0][x].min(rows[1][x]).min(rows[2][x]);
        }
        mark_extrema(&rows[1][1..=inner], &most, &least, min_response, &mut marks);
        for (block, marked) in marks.chunks(16).enumerate().filter(|(_, m)| m.iter().any(|v| *v != 0)) {
            for x in marked.iter().enumerate().filter(|(_, v)| **v != 0).map(|(i, _)| BORDER + block * 16 + i)
            {
                out.extend(peak_at(levels, index, x, y));
            }
        }
    }
    out
}

/// Marks where `values` is at least `min_response` strong and not exceeded by its neighbours, given the highest and
/// lowest of each column of three (one column more on both sides).
fn mark_extrema(values: &[i16], most: &[i16], least: &[i16], min_response: i16, marks: &mut [u8]) {
    let n = marks.len();
    let (most, least): ([&[i16]; 3], [&[i16]; 3]) =
        (std::array::from_fn(|i| &most[i..][..n]), std::array::from_fn(|i| &least[i..][..n]));
    let values = &values[..n];
    for x in 0..n {
        let v = values[x];
        let high = most[0][x].max(most[1][x]).max(most[2][x]);
        let low = least[0][x].min(least[1][x]).min(least[2][x]);
        marks[x] = u8::from(v >= min_response) & u8::from(v == high)
            | u8::from(v <= -min_response) & u8::from(v == low);
    }
}

/// The peak at a local extremum of its level, unless it is a plateau's later pixel, weaker than the same place one
/// level finer or coarser, or an edge.
fn peak_at(levels: &[Level], index: usize, x: usize, y: usize) -> Option<Peak> {
    let level = &levels[index];
    let (width, response) = (level.width, &level.response);
    let at = y * width + x;
    let value = response[at];
    if [at - width - 1, at - width, at - width + 1, at - 1].iter().any(|n| response[*n] == value) {
        return None;
    }
    let (dx, dy) = fitted_centre(response, width, at)?;
    let (fx, fy) = ((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / level.height as f32);
    let beaten =
        |other: Option<&Level>| other.is_some_and(|l| l.strongest_near(fx, fy, value.signum()) > value.abs());
    if beaten(index.checked_sub(1).and_then(|i| levels.get(i))) || beaten(levels.get(index + 1)) {
        return None;
    }
    Some(Peak { x, y, dx, dy, response: value.abs() })
}

/// The offset of the extremum of the quadratic through the 3×3 values at `at`, or `None` on an edge.
fn fitted_centre(response: &[i16], width: usize, at: usize) -> Option<(f32, f32)> {
    let v = |n: usize| f32::from(response[n]);
    let (left, right, up, down) = (v(at - 1), v(at + 1), v(at - width), v(at + width));
    let centre = v(at);
    let (dx, dy) = ((right - left) / 2.0, (down - up) / 2.0);
    let (dxx, dyy) = (left + right - 2.0 * centre, up + down - 2.0 * centre);
    let dxy = (v(at + width + 1) + v(at - width - 1) - v(at + width - 1) - v(at - width + 1)) / 4.0;
    let det = dxx * dyy - dxy * dxy;
    let trace = dxx + dyy;
    if det <= 0.0 || trace * trace * EDGE_RATIO >= (EDGE_RATIO + 1.0) * (EDGE_RATIO + 1.0) * det {
        return None;
    }
    let ox = (dxy * dy - dyy * dx) / det;
    let oy = (dxy * dx - dxx * dy) / det;
    Some((ox.clamp(-0.5, 0.5), oy.clamp(-0.5, 0.5)))
}
