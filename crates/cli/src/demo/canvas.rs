//! A linear-light picture to paint on, with antialiased shapes.
//!
//! Coordinates are in picture heights: y runs from 0 at the top to 1 at the bottom, x from 0 to
//! [`Canvas::aspect`], so that a scene looks the same at every size.

use super::colour::{Rgb, rgb};

/// A point in picture heights.
pub(super) type Point = (f32, f32);

#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<Rgb>,
}

/// The pixels `low..high` (in picture heights) touches, within `0..limit`.
fn pixel_range(low: f32, high: f32, scale: f32, limit: usize) -> std::ops::Range<usize> {
    let from = (low * scale - 1.0).max(0.0) as usize;
    let to = ((high * scale + 2.0).max(0.0) as usize).min(limit);
    from.min(to)..to
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![Rgb::default(); width * height] }
    }

    /// Width over height.
    pub(super) fn aspect(&self) -> f32 {
        self.width as f32 / self.height as f32
    }

    /// Pixels per picture height.
    pub(super) fn scale(&self) -> f32 {
        self.height as f32
    }

    /// Replaces every pixel by `paint(x, y, what is there)`.
    pub(super) fn shade(&mut self, paint: impl Fn(f32, f32, Rgb) -> Rgb) {
        self.shade_rows(0.0, 1.0, paint);
    }

    /// The same for the rows between `top` and `bottom`.
    pub(super) fn shade_rows(&mut self, top: f32, bottom: f32, paint: impl Fn(f32, f32, Rgb) -> Rgb) {
        let step = 1.0 / self.scale();
        let rows = (top * self.scale()).clamp(0.0, self.scale()) as usize
            ..(bottom * self.scale()).clamp(0.0, self.scale()).ceil() as usize;
        for row in rows {
            let y = (row as f32 + 0.5) * step;
            for (column, pixel) in self.pixels[row * self.width..][..self.width].iter_mut().enumerate() {
                *pixel = paint((column as f32 + 0.5) * step, y, *pixel);
            }
        }
    }

    /// Fills what lies below the line `top(x)` down to `bottom(x)`. `paint` gets x, y and the depth under the line.
    pub(super) fn below(
        &mut self,
        top: impl Fn(f32) -> f32,
        bottom: impl Fn(f32) -> f32,
        paint: impl Fn(f32, f32, f32) -> Rgb,
    ) {
        let (scale, step) = (self.scale(), 1.0 / self.scale());
        let edges: Vec<(f32, f32)> = (0..self.width)
            .map(|column| {
                let x = (column as f32 + 0.5) * step;
                (top(x), bottom(x))
            })
            .collect();
        let highest = edges.iter().fold(1.0_f32, |least, edge| least.min(edge.0));
        let lowest = edges.iter().fold(0.0_f32, |most, edge| most.max(edge.1));
        for row in pixel_range(highest, lowest, scale, self.height) {
            let y = (row as f32 + 0.5) * step;
            let line = &mut self.pixels[row * self.width..][..self.width];
            for (column, (pixel, edge)) in line.iter_mut().zip(&edges).enumerate() {
                let cover = ((y - edge.0) * scale + 0.5).clamp(0.0, 1.0);
                if cover > 0.0 && y <= edge.1 {
                    let paint = paint((column as f32 + 0.5) * step, y, (y - edge.0).max(0.0));
                    *pixel = pixel.mix(paint, cover);
                }
            }
        }
    }

    /// Fills a polygon (even–odd rule); four sample lines a pixel row, exact along each line.
    pub(super) fn polygon(&mut self, points: &[Point], paint: impl Fn(f32, f32) -> (Rgb, f32)) {
        const LINES: usize = 4;
        let (scale, step) = (self.scale(), 1.0 / self.scale());
        let bounds = points.iter().fold((f32::MAX, f32::MAX, f32::MIN, f32::MIN), |b, p| {
            (b.0.min(p.0), b.1.min(p.1), b.2.max(p.0), b.3.max(p.1))
        });
        let columns = pixel_range(bounds.0, bounds.2, scale, self.width);
        if columns.is_empty() {
            return;
        }
        let mut cover = vec![0.0_f32; columns.len()];
        let mut crossings: Vec<f32> = Vec::new();
        for row in pixel_range(bounds.1, bounds.3, scale, self.height) {
            cover.fill(0.0);
            for line in 0..LINES {
                let y = (row as f32 + (line as f32 + 0.5) / LINES as f32) * step;
                crossings.clear();
                for (i, &(ax, ay)) in points.iter().enumerate() {
                    let (bx, by) = points[(i + 1) % points.len()];
                    if (ay <= y) != (by <= y) {
                        crossings
                            .push((ax + (y - ay) / (by - ay) * (bx - ax)) * scale - columns.start as f32);
                    }
                }
                crossings.sort_by(f32::total_cmp);
                for pair in crossings.chunks_exact(2) {
                    let (from, to) = (pair[0].max(0.0), pair[1].min(cover.len() as f32));
                    if to <= from {
                        continue;
                    }
                    let last = (to.ceil() as usize).min(cover.len());
                    for (i, c) in cover[from as usize..last].iter_mut().enumerate() {
                        let left = (from as usize + i) as f32;
                        *c += (to.min(left + 1.0) - from.max(left)).clamp(0.0, 1.0) / LINES as f32;
                    }
                }
            }
            let y = (row as f32 + 0.5) * step;
            for (i, &c) in cover.iter().enumerate() {
                if c > 0.0 {
                    let column = columns.start + i;
                    let (colour, alpha) = paint((column as f32 + 0.5) * step, y);
                    let pixel = &mut self.pixels[row * self.width + column];
                    *pixel = pixel.mix(colour, c.min(1.0) * alpha);
                }
            }
        }
    }

    /// Fills a polygon with one colour.
    pub(super) fn fill(&mut self, points: &[Point], colour: Rgb) {
        self.polygon(points, |_, _| (colour, 1.0));
    }

    /// An ellipse turned by `angle`. `paint` gets the place within it (u, v from −1 to 1 along its axes).
    pub(super) fn ellipse(
        &mut self,
        centre: Point,
        radii: Point,
        angle: f32,
        paint: impl Fn(f32, f32) -> (Rgb, f32),
    ) {
        let (scale, step) = (self.scale(), 1.0 / self.scale());
        let (sin, cos) = angle.sin_cos();
        let reach_x = ((radii.0 * cos).powi(2) + (radii.1 * sin).powi(2)).sqrt();
        let reach_y = ((radii.0 * sin).powi(2) + (radii.1 * cos).powi(2)).sqrt();
        let columns = pixel_range(centre.0 - reach_x, centre.0 + reach_x, scale, self.width);
        // Half a pixel of soft edge, measured along the smaller radius.
        let edge = (radii.0.min(radii.1) * scale).max(0.5);
        for row in pixel_range(centre.1 - reach_y, centre.1 + reach_y, scale, self.height) {
            let dy = (row as f32 + 0.5) * step - centre.1;
            for column in columns.clone() {
                let dx = (column as f32 + 0.5) * step - centre.0;
                let (u, v) = ((dx * cos + dy * sin) / radii.0, (dy * cos - dx * sin) / radii.1);
                let squared = u * u + v * v;
                let limit = 1.0 + 1.0 / edge;
                if squared < limit * limit {
                    let cover = ((1.0 - squared.sqrt()) * edge + 0.5).clamp(0.0, 1.0);
                    let (colour, alpha) = paint(u, v);
                    let pixel = &mut self.pixels[row * self.width + column];
                    *pixel = pixel.mix(colour, cover * alpha);
                }
            }
        }
    }

    /// A disc of one colour.
    pub(super) fn disc(&mut self, centre: Point, radius: f32, colour: Rgb) {
        self.ellipse(centre, (radius, radius), 0.0, |_, _| (colour, 1.0));
    }

    /// A line with round ends whose radius goes from `from.1` to `to.1`. `paint` gets the place along it
    /// (0 to 1) and across it (−1 to 1).
    pub(super) fn limb(&mut self, from: (Point, f32), to: (Point, f32), paint: impl Fn(f32, f32) -> Rgb) {
        let (scale, step) = (self.scale(), 1.0 / self.scale());
        let (((ax, ay), ra), ((bx, by), rb)) = (from, to);
        let reach = ra.max(rb);
        let (dx, dy) = (bx - ax, by - ay);
        let length = (dx * dx + dy * dy).max(1e-12);
        let columns = pixel_range(ax.min(bx) - reach, ax.max(bx) + reach, scale, self.width);
        for row in pixel_range(ay.min(by) - reach, ay.max(by) + reach, scale, self.height) {
            let py = (row as f32 + 0.5) * step - ay;
            for column in columns.clone() {
                let px = (column as f32 + 0.5) * step - ax;
                let t = ((px * dx + py * dy) / length).clamp(0.0, 1.0);
                let radius = ra + (rb - ra) * t;
                let (ox, oy) = (px - dx * t, py - dy * t);
                let squared = ox * ox + oy * oy;
                let limit = radius + step;
                if squared < limit * limit {
                    // Thinner than a pixel: fade instead of breaking up.
                    let cover = ((radius - squared.sqrt()) * scale + 0.5).clamp(0.0, 1.0);
                    let side = (px * dy - py * dx).signum() * squared.sqrt() / radius.max(1e-6);
                    let pixel = &mut self.pixels[row * self.width + column];
                    *pixel = pixel.mix(paint(t, side), cover);
                }
            }
        }
    }

    /// A line of one colour and width.
    pub(super) fn stroke(&mut self, from: Point, to: Point, radius: f32, colour: Rgb) {
        self.limb((from, radius), (to, radius), |_, _| colour);
    }

    /// Adds light around a point, falling off like a Gaussian of standard deviation `sigma`.
    pub(super) fn glow(&mut self, centre: Point, sigma: f32, light: Rgb) {
        let (scale, step) = (self.scale(), 1.0 / self.scale());
        let reach = sigma * 3.3;
        let columns = pixel_range(centre.0 - reach, centre.0 + reach, scale, self.width);
        let falloff = |d: f32| (-0.5 * d * d / (sigma * sigma)).exp();
        let across: Vec<f32> = columns.clone().map(|c| falloff((c as f32 + 0.5) * step - centre.0)).collect();
        for row in pixel_range(centre.1 - reach, centre.1 + reach, scale, self.height) {
            let down = falloff((row as f32 + 0.5) * step - centre.1);
            for (pixel, k) in self.pixels[row * self.width..][columns.clone()].iter_mut().zip(&across) {
                *pixel += light * (down * k);
            }
        }
    }

    /// The colour at a place, bilinear, the border repeated outside.
    pub(super) fn sample(&self, x: f32, y: f32) -> Rgb {
        let px = (x * self.scale() - 0.5).clamp(0.0, (self.width - 1) as f32);
        let py = (y * self.scale() - 0.5).clamp(0.0, (self.height - 1) as f32);
        let (ix, iy) = (px as usize, py as usize);
        let (fx, fy) = (px - ix as f32, py - iy as f32);
        let (jx, jy) = ((ix + 1).min(self.width - 1), (iy + 1).min(self.height - 1));
        let at = |x: usize, y: usize| self.pixels[y * self.width + x];
        (at(ix, iy) * (1.0 - fx) + at(jx, iy) * fx) * (1.0 - fy)
            + (at(ix, jy) * (1.0 - fx) + at(jx, jy) * fx) * fy
    }

    /// Paints something smooth on a canvas `factor` times smaller and enlarges it over the whole picture.
    pub(super) fn backdrop(&mut self, factor: usize, draw: impl FnOnce(&mut Self)) {
        let mut small = Self::new((self.width / factor).max(8), (self.height / factor).max(8));
        draw(&mut small);
        let (kx, ky) = (small.aspect() / self.aspect(), 1.0);
        self.shade(|x, y, _| small.sample(x * kx, y * ky));
    }

    /// Turns what is above the line `level` into its reflection in water below it. Waves grow towards the
    /// viewer; `roughness` is about 0 for a pond at dawn and 1 for a windy sea.
    pub(super) fn reflect(&mut self, level: f32, roughness: f32, tint: Rgb, seed: u32) {
        let upper = self.clone();
        self.shade_rows(level, 1.0, |x, y, _| {
            let near = ((y - level) / (1.0 - level)).clamp(0.0, 1.0);
            // Perspective: equal waves look smaller towards the horizon.
            let depth = 0.12 / (near + 0.035);
            let wave = super::noise::fbm(x * depth * 9.0, depth * 30.0 + y * 8.0, 3, seed);
            let chop = super::noise::value(x * depth * 60.0, depth * 160.0, seed ^ 0x51);
            let lift = (wave + 0.35 * chop) * roughness * (0.02 + 0.16 * near);
            let mirrored = (level - (y - level) * (1.0 + 0.12 * roughness) + lift).clamp(0.0, level);
            let seen = upper.sample(x + wave * roughness * 0.02, mirrored);
            // Water reflects less where one looks down into it (Fresnel).
            let reflectance = 0.92 - 0.42 * near - 0.10 * roughness * chop.max(0.0);
            seen * reflectance + tint * (1.0 - reflectance)
        });
        // The far shore is a little lighter than the water under it.
        let edge = 1.0 / self.scale();
        self.shade_rows(level - edge, level + edge, |_, _, c| c * 0.8 + rgb(0.02, 0.02, 0.02));
    }
}
