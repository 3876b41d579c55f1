//! Comparing two thumbnails where an alignment lays one on the other.

use crate::GrayImage;
use crate::keypoints::Keypoints;

/// Cells per side of the grid over which [`Overlap::agreement`] is counted.
const CELLS: usize = 5;

/// Least standard deviation, in grey levels, for a cell to have something to compare.
const MIN_CELL_DEVIATION: f32 = 4.0;

/// Correlation from which a cell agrees.
const CELL_CORRELATION: f32 = 0.8;

/// Variance, in squared grey levels, below which detail is rounding.
const MIN_DETAIL_VARIANCE: f32 = 1.0;

/// Pixels of common area below which nothing can be said.
const MIN_PIXELS: usize = 64;

/// What two thumbnails have in common. All zeros when there is too little of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Overlap {
    /// Correlation over the common part, −1 to 1.
    pub(crate) correlation: f32,
    /// The same after taking away each pixel's surroundings, so that broad layout does not count; equal to
    /// `correlation` when neither picture has any detail at this size (sky, fog).
    pub(crate) detail: f32,
    /// Share of the structured cells that correlate by themselves, 0 to 1; 1 when no cell has structure.
    pub(crate) agreement: f32,
    /// Common part as a share of the smaller footprint, 0 to 1.
    pub(crate) coverage: f32,
}

/// Two thumbnails on one grid; `None` where only one of them is.
struct Laid {
    width: usize,
    pixels: Vec<Option<(f32, f32)>>,
}

impl Laid {
    /// `fine` sampled at every pixel of `coarse`, which `transform` carries to `fine`; `spread` is the size of a
    /// coarse pixel in fine ones.
    fn new(coarse: &GrayImage, fine: &GrayImage, transform: &[f32; 6], spread: f32) -> Self {
        let long = coarse.width().max(coarse.height()) as f32;
        let mut pixels = Vec::with_capacity(coarse.data().len());
        for y in 0..coarse.height() {
            for (x, value) in coarse.row(y).iter().enumerate() {
                let (px, py) = super::apply(transform, ((x as f32 + 0.5) / long, (y as f32 + 0.5) / long));
                pixels.push(sample(fine, px, py, spread).map(|other| (f32::from(*value), other)));
            }
        }
        Self { width: coarse.width() as usize, pixels }
    }

    /// The pixels around `index` (5×5) that both have.
    fn mean_around(&self, index: usize) -> (f32, f32) {
        let (x, y) = (index % self.width, index / self.width);
        let height = self.pixels.len() / self.width;
        let (mut a, mut b, mut n) = (0.0, 0.0, 0.0);
        for yy in y.saturating_sub(2)..(y + 3).min(height) {
            for (l, r) in
                self.pixels[yy * self.width..][x.saturating_sub(2)..(x + 3).min(self.width)].iter().flatten()
            {
                (a, b, n) = (a + l, b + r, n + 1.0);
            }
        }
        (a / n, b / n)
    }

    /// Correlation of what is left without the surroundings, or `layout` when that is nothing.
    fn detail(&self, layout: f32) -> f32 {
        let pairs = self.pixels.iter().enumerate().filter_map(|(index, pixel)| {
            let (a, b) = (*pixel)?;
            let (am, bm) = self.mean_around(index);
            Some((a - am, b - bm))
        });
        let pairs: Vec<(f32, f32)> = pairs.collect();
        if variance(&pairs, |p| p.0).max(variance(&pairs, |p| p.1)) < MIN_DETAIL_VARIANCE {
            return layout;
        }
        correlation(&pairs, 0.01)
    }

    fn agreement(&self) -> f32 {
        let height = self.pixels.len() / self.width;
        let inside: Vec<usize> = (0..self.pixels.len()).filter(|i| self.pixels[*i].is_some()).collect();
        let bounds = |of: fn(usize, usize) -> usize| {
            let of = |i: &usize| of(*i, self.width);
            (inside.iter().map(of).min().unwrap_or(0), inside.iter().map(of).max().unwrap_or(0) + 1)
        };
        let (left, right) = bounds(|i, w| i % w);
        let (top, bottom) = bounds(|i, w| i / w);
        let mut cells: Vec<Vec<(f32, f32)>> = vec![Vec::new(); CELLS * CELLS];
        for y in top..bottom.min(height) {
            for x in left..right {
                if let Some(pixel) = self.pixels[y * self.width + x] {
                    let cell =
                        (y - top) * CELLS / (bottom - top) * CELLS + (x - left) * CELLS / (right - left);
                    cells[cell].push(pixel);
                }
            }
        }
        let (mut told, mut agreed) = (0.0, 0.0);
        for cell in cells.iter().filter(|c| c.len() >= 12) {
            let deviation = variance(cell, |p| p.0).max(variance(cell, |p| p.1)).sqrt();
            if deviation >= MIN_CELL_DEVIATION {
                told += 1.0;
                agreed += f32::from(correlation(cell, 0.01) >= CELL_CORRELATION);
            }
        }
        if told == 0.0 { 1.0 } else { agreed / told }
    }
}

fn variance(pixels: &[(f32, f32)], of: impl Fn(&(f32, f32)) -> f32) -> f32 {
    let n = pixels.len() as f32;
    let mean = pixels.iter().map(&of).sum::<f32>() / n;
    pixels.iter().map(|p| (of(p) - mean).powi(2)).sum::<f32>() / n
}

/// Pearson's correlation; 0 when one of the signals varies by less than `min_variance` and so tells nothing.
fn correlation(pixels: &[(f32, f32)], min_variance: f32) -> f32 {
    let n = pixels.len() as f32;
    if pixels.len() < 2 {
        return 0.0;
    }
    let (ma, mb) = (pixels.iter().map(|p| p.0).sum::<f32>() / n, pixels.iter().map(|p| p.1).sum::<f32>() / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pixels {
        let (da, db) = (a - ma, b - mb);
        aa += da * da;
        bb += db * db;
        ab += da * db;
    }
    if aa < min_variance * n || bb < min_variance * n {
        0.0
    } else {
        (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0)
    }
}

/// Brightness at a place in units of the long side, averaged over `spread` thumbnail pixels; `None` outside.
fn sample(thumb: &GrayImage, x: f32, y: f32, spread: f32) -> Option<f32> {
    let long = thumb.width().max(thumb.height()) as f32;
    let (cx, cy) = (x * long, y * long);
    if cx < 0.0 || cy < 0.0 || cx > thumb.width() as f32 || cy > thumb.height() as f32 {
        return None;
    }
    let taps = if spread < 1.2 { 1 } else { (spread.ceil() as i32).min(4) };
    let offset = |i: i32| ((i as f32 + 0.5) / taps as f32 - 0.5) * spread - 0.5;
    let mut sum = 0.0;
    for iy in 0..taps {
        for ix in 0..taps {
            sum += bilinear(thumb, cx + offset(ix), cy + offset(iy));
        }
    }
    Some(sum / (taps * taps) as f32)
}

fn bilinear(thumb: &GrayImage, x: f32, y: f32) -> f32 {
    let (w, h) = (thumb.width() as usize, thumb.height() as usize);
    let (x, y) = (x.clamp(0.0, (w - 1) as f32), y.clamp(0.0, (h - 1) as f32));
    let (x0, y0) = (x as usize, y as usize);
    let (x1, y1) = ((x0 + 1).min(w - 1), (y0 + 1).min(h - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let at = |x: usize, y: usize| f32::from(thumb.data()[y * w + x]);
    let top = at(x0, y0) + (at(x1, y0) - at(x0, y0)) * fx;
    let bottom = at(x0, y1) + (at(x1, y1) - at(x0, y1)) * fx;
    top + (bottom - top) * fy
}

/// The thumbnails of `a` and `b` compared with `transform` laying `a` on `b`.
pub(crate) fn overlap(a: &Keypoints, b: &Keypoints, transform: &[f32; 6]) -> Overlap {
    let det = transform[0] * transform[4] - transform[1] * transform[3];
    let growth = det.abs().sqrt();
    if a.thumb.data().is_empty() || b.thumb.data().is_empty() || !(0.05..20.0).contains(&growth) {
        return Overlap::default();
    }
    let long = |k: &Keypoints| k.thumb.width().max(k.thumb.height()) as f32;
    // One pixel of a's thumbnail covers this many of b's: walk the coarser grid.
    let ratio = growth * long(b) / long(a);
    let (laid, other) = if ratio >= 1.0 {
        (Laid::new(&a.thumb, &b.thumb, transform, ratio), b)
    } else {
        let Some(inverse) = inverted(transform) else { return Overlap::default() };
        (Laid::new(&b.thumb, &a.thumb, &inverse, 1.0 / ratio), a)
    };
    let common: Vec<(f32, f32)> = laid.pixels.iter().flatten().copied().collect();
    let spread = ratio.max(1.0 / ratio);
    let other_area = other.thumb.data().len() as f32 / (spread * spread);
    let coverage = (common.len() as f32 / other_area.min(laid.pixels.len() as f32).max(1.0)).min(1.0);
    if common.len() < MIN_PIXELS {
        return Overlap { coverage, ..Overlap::default() };
    }
    let layout = correlation(&common, 1.0);
    Overlap { correlation: layout, detail: laid.detail(layout), agreement: laid.agreement(), coverage }
}

pub(super) fn inverted(t: &[f32; 6]) -> Option<[f32; 6]> {
    let det = t[0] * t[4] - t[1] * t[3];
    if det.abs() < 1e-9 {
        return None;
    }
    let (a, b, c, d) = (t[4] / det, -t[1] / det, -t[3] / det, t[0] / det);
    Some([a, b, -(a * t[2] + b * t[5]), c, d, -(c * t[2] + d * t[5])])
}

/// The whole of `a` stretched on the whole of `b` under symmetry `index` of the rectangle, counted as in
/// [`crate::phash::PerceptualHash::variants`].
pub(crate) fn whole_on_whole(a: &Keypoints, b: &Keypoints, index: u8) -> [f32; 6] {
    let extent = |k: &Keypoints| {
        let long = k.thumb.width().max(k.thumb.height()).max(1) as f32;
        (k.thumb.width() as f32 / long, k.thumb.height() as f32 / long)
    };
    let ((aw, ah), (bw, bh)) = (extent(a), extent(b));
    // Unit coordinates of a, through mirroring and exchange of axes, to unit coordinates of b.
    let (sx, ox) = if index & 1 == 0 { (1.0, 0.0) } else { (-1.0, 1.0) };
    let (sy, oy) = if index & 2 == 0 { (1.0, 0.0) } else { (-1.0, 1.0) };
    if index & 4 == 0 {
        [sx * bw / aw, 0.0, ox * bw, 0.0, sy * bh / ah, oy * bh]
    } else {
        [0.0, sy * bw / ah, oy * bw, sx * bh / aw, 0.0, ox * bh]
    }
}
