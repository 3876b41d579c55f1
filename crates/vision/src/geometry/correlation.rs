//! Comparing two thumbnails where an alignment lays one on the other.

use crate::GrayImage;
use crate::keypoints::Keypoints;

/// What two thumbnails have in common.
pub(super) struct Overlap {
    /// Correlation over the common part, −1 to 1; 0 when there is too little of it.
    pub(super) correlation: f32,
    /// Common part as a share of the smaller footprint, 0 to 1.
    pub(super) coverage: f32,
}

/// Running sums of two signals.
#[derive(Default)]
struct Sums {
    n: f32,
    a: f32,
    b: f32,
    aa: f32,
    bb: f32,
    ab: f32,
}

impl Sums {
    fn add(&mut self, a: f32, b: f32) {
        self.n += 1.0;
        self.a += a;
        self.b += b;
        self.aa += a * a;
        self.bb += b * b;
        self.ab += a * b;
    }

    /// Pearson's correlation; two flat signals tell nothing and give 0.
    fn correlation(&self) -> f32 {
        let va = self.aa - self.a * self.a / self.n;
        let vb = self.bb - self.b * self.b / self.n;
        if self.n < 2.0 || va < self.n || vb < self.n {
            return 0.0;
        }
        (self.ab - self.a * self.b / self.n) / (va * vb).sqrt()
    }
}

/// Brightness at a place in units of the long side, averaged over `spread` thumbnail pixels; `None` outside.
fn sample(thumb: &GrayImage, x: f32, y: f32, spread: f32) -> Option<f32> {
    let long = thumb.width().max(thumb.height()) as f32;
    let (cx, cy) = (x * long, y * long);
    if cx < 0.0 || cy < 0.0 || cx > thumb.width() as f32 || cy > thumb.height() as f32 {
        return None;
    }
    let taps = (spread.ceil() as i32).clamp(1, 4);
    let mut sum = 0.0;
    for iy in 0..taps {
        for ix in 0..taps {
            let off = |i: i32| ((i as f32 + 0.5) / taps as f32 - 0.5) * spread.max(1.0) * f32::from(taps > 1);
            sum += bilinear(thumb, cx + off(ix) - 0.5, cy + off(iy) - 0.5);
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
pub(super) fn overlap(a: &Keypoints, b: &Keypoints, transform: &[f32; 6]) -> Overlap {
    let nothing = Overlap { correlation: 0.0, coverage: 0.0 };
    let det = transform[0] * transform[4] - transform[1] * transform[3];
    let growth = det.abs().sqrt();
    if a.thumb.data().is_empty() || b.thumb.data().is_empty() || !(0.05..20.0).contains(&growth) {
        return nothing;
    }
    let (a_long, b_long) =
        (a.thumb.width().max(a.thumb.height()) as f32, b.thumb.width().max(b.thumb.height()) as f32);
    // One pixel of a's thumbnail covers this many of b's: walk the coarser grid.
    let ratio = growth * b_long / a_long;
    let mut sums = Sums::default();
    let walked = if ratio >= 1.0 {
        walk(&a.thumb, &b.thumb, transform, ratio, &mut sums)
    } else {
        let Some(inverse) = inverted(transform) else { return nothing };
        walk(&b.thumb, &a.thumb, &inverse, 1.0 / ratio, &mut sums)
    };
    let other = if ratio >= 1.0 { b } else { a };
    let spread = ratio.max(1.0 / ratio);
    let other_area = (other.thumb.width() * other.thumb.height()) as f32 / (spread * spread);
    let coverage = (sums.n / other_area.min(walked).max(1.0)).min(1.0);
    if sums.n < 64.0 {
        return Overlap { correlation: 0.0, coverage };
    }
    Overlap { correlation: sums.correlation(), coverage }
}

fn walk(coarse: &GrayImage, fine: &GrayImage, t: &[f32; 6], spread: f32, sums: &mut Sums) -> f32 {
    let long = coarse.width().max(coarse.height()) as f32;
    for y in 0..coarse.height() {
        for (x, value) in coarse.row(y).iter().enumerate() {
            let (px, py) = super::apply(t, ((x as f32 + 0.5) / long, (y as f32 + 0.5) / long));
            if let Some(other) = sample(fine, px, py, spread) {
                sums.add(f32::from(*value), other);
            }
        }
    }
    (coarse.width() * coarse.height()) as f32
}

fn inverted(t: &[f32; 6]) -> Option<[f32; 6]> {
    let det = t[0] * t[4] - t[1] * t[3];
    if det.abs() < 1e-9 {
        return None;
    }
    let (a, b, c, d) = (t[4] / det, -t[1] / det, -t[3] / det, t[0] / det);
    Some([a, b, -(a * t[2] + b * t[5]), c, d, -(c * t[2] + d * t[5])])
}

/// The best correlation of the whole of `a` with the whole of `b` over the eight symmetries of the rectangle, and
/// whether that one mirrors. Pictures of different shapes are stretched.
pub(crate) fn best_symmetry(a: &Keypoints, b: &Keypoints) -> (f32, bool) {
    let (ta, tb) = (&a.thumb, &b.thumb);
    if ta.data().is_empty() || tb.data().is_empty() {
        return (0.0, false);
    }
    let (w, h) = (tb.width() as f32, tb.height() as f32);
    let long = w.max(h);
    let mut best = (-1.0, false);
    for symmetry in 0..8 {
        let mut sums = Sums::default();
        for y in 0..ta.height() {
            for (x, value) in ta.row(y).iter().enumerate() {
                let mut u = (x as f32 + 0.5) / ta.width() as f32;
                let mut v = (y as f32 + 0.5) / ta.height() as f32;
                if symmetry & 1 != 0 {
                    u = 1.0 - u;
                }
                if symmetry & 2 != 0 {
                    v = 1.0 - v;
                }
                if symmetry & 4 != 0 {
                    (u, v) = (v, u);
                }
                if let Some(other) = sample(tb, u * w / long, v * h / long, 1.0) {
                    sums.add(f32::from(*value), other);
                }
            }
        }
        let correlation = sums.correlation();
        if correlation > best.0 {
            best = (correlation, (symmetry as u32).count_ones() % 2 == 1);
        }
    }
    best
}
