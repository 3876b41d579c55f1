//! What optics and hands do to a picture: true convolutions in linear light, and its development to 8 bits.

use tintype_vision::RgbImage;

use super::canvas::Canvas;
use super::colour::{Rgb, encode_srgb, grey};
use super::noise::lattice;

/// Convolution with a uniform disc: defocus. `radius` in pixels. Every source row is summed once, so the cost
/// grows with the radius and not with the area.
pub(super) fn defocus(source: &Canvas, radius: f32) -> Canvas {
    let reach = radius.ceil() as isize;
    let (width, height) = (source.width as isize, source.height as isize);
    let pad = reach as usize + 1;
    let mut out = Canvas::new(source.width, source.height);
    let half_widths: Vec<(isize, f32)> =
        (-reach..=reach).map(|dy| (dy, (radius * radius - (dy * dy) as f32).max(0.0).sqrt())).collect();
    let area: f32 = half_widths.iter().map(|(_, half)| 2.0 * half + 1.0).sum();
    let mut sums = vec![[0.0_f64; 3]; source.width + 2 * pad + 1];
    for row in -reach..height + reach {
        let line = &source.pixels[row.clamp(0, height - 1) as usize * source.width..][..source.width];
        for i in 0..source.width + 2 * pad {
            let c = line[(i as isize - pad as isize).clamp(0, width - 1) as usize];
            let before = sums[i];
            sums[i + 1] =
                [before[0] + f64::from(c.r), before[1] + f64::from(c.g), before[2] + f64::from(c.b)];
        }
        for &(dy, half) in &half_widths {
            let target = row + dy;
            if !(0..height).contains(&target) {
                continue;
            }
            let whole = half as usize;
            let part = half - whole as f32;
            for (x, pixel) in
                out.pixels[target as usize * source.width..][..source.width].iter_mut().enumerate()
            {
                let span = |w: usize| {
                    let (a, b) = (sums[x + pad - w], sums[x + pad + w + 1]);
                    Rgb { r: (b[0] - a[0]) as f32, g: (b[1] - a[1]) as f32, b: (b[2] - a[2]) as f32 }
                };
                *pixel += span(whole) * (1.0 - part) + span(whole + 1) * part;
            }
        }
    }
    for pixel in &mut out.pixels {
        *pixel = *pixel * (1.0 / area);
    }
    out
}

/// Convolution with a path that starts in direction `angle` and bends: a hand or a subject that moved by
/// `length` pixels while the shutter was open.
pub(super) fn motion(source: &Canvas, length: f32, angle: f32, bend: f32) -> Canvas {
    let steps = (length * 1.5).ceil().max(2.0) as usize;
    let mut taps: Vec<(isize, isize, f32)> = Vec::new();
    let (mut x, mut y) = (0.0_f32, 0.0_f32);
    for step in 0..steps {
        let direction = angle + bend * (step as f32 / steps as f32 - 0.5);
        x += direction.cos() * length / steps as f32;
        y += direction.sin() * length / steps as f32;
        let (ix, iy) = (x.floor(), y.floor());
        let (fx, fy) = (x - ix, y - iy);
        for (dx, dy, w) in [
            (0, 0, (1.0 - fx) * (1.0 - fy)),
            (1, 0, fx * (1.0 - fy)),
            (0, 1, (1.0 - fx) * fy),
            (1, 1, fx * fy),
        ] {
            let (dx, dy) = (ix as isize + dx, iy as isize + dy);
            match taps.iter_mut().find(|tap| tap.0 == dx && tap.1 == dy) {
                Some(tap) => tap.2 += w / steps as f32,
                None => taps.push((dx, dy, w / steps as f32)),
            }
        }
    }
    let mut out = Canvas::new(source.width, source.height);
    let (width, height) = (source.width as isize, source.height as isize);
    for row in 0..height {
        let target = &mut out.pixels[row as usize * source.width..][..source.width];
        for &(dx, dy, weight) in &taps {
            let line =
                &source.pixels[(row + dy).clamp(0, height - 1) as usize * source.width..][..source.width];
            let inside = (-dx).clamp(0, width)..(width - dx).clamp(0, width);
            for column in (0..inside.start).chain(inside.end..width) {
                target[column as usize] += line[(column + dx).clamp(0, width - 1) as usize] * weight;
            }
            let (from, to) = (inside.start as usize, inside.end as usize);
            if from < to {
                let shifted = &line[(from as isize + dx) as usize..][..to - from];
                for (pixel, c) in target[from..to].iter_mut().zip(shifted) {
                    *pixel += *c * weight;
                }
            }
        }
    }
    out
}

/// How a sensor and its firmware turn light into numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Development {
    /// Exposure in stops.
    pub(super) stops: f32,
    /// Standard deviation of the noise in mid grey, in 8-bit steps.
    pub(super) noise: f32,
    /// Darkening of the corners, 0 to 1.
    pub(super) vignette: f32,
    pub(super) seed: u32,
}

/// Exposure, vignette, a soft shoulder for highlights, the sRGB curve, and noise that grows with signal.
pub(super) fn develop(canvas: &Canvas, settings: Development) -> RgbImage {
    const STEPS: usize = 4096;
    // Indexed by the square root of the light: fine steps in the shadows.
    let curve: Vec<f32> = (0..=STEPS)
        .map(|i| {
            let light = (i as f32 / STEPS as f32).powi(2) * 4.0;
            let rolled =
                if light < 0.55 { light } else { 0.55 + 0.45 * (1.0 - (-(light - 0.55) / 0.45).exp()) };
            encode_srgb(rolled) * 255.0
        })
        .collect();
    let gain = settings.stops.exp2();
    let encode = |light: f32| {
        let at = (light.clamp(0.0, 3.999) * 0.25).sqrt() * STEPS as f32;
        curve[at as usize]
    };
    let (cx, cy) = (canvas.width as f32 / 2.0, canvas.height as f32 / 2.0);
    let far = cx * cx + cy * cy;
    let mut data = Vec::with_capacity(canvas.pixels.len() * 3);
    for row in 0..canvas.height {
        let dy = row as f32 - cy;
        for column in 0..canvas.width {
            let dx = column as f32 - cx;
            let from_centre = (dx * dx + dy * dy) / far;
            let shade = gain * (1.0 - settings.vignette * from_centre * from_centre);
            let c = canvas.pixels[row * canvas.width + column] * shade;
            // Four uniform bytes each: close enough to a normal distribution, mean 510, deviation 147.8.
            let bell = |bits: u32| {
                ((bits & 0xFF) + (bits >> 8 & 0xFF) + (bits >> 16 & 0xFF) + (bits >> 24)) as f32 - 510.0
            };
            let common = bell(lattice(column as i32, row as i32, settings.seed)) / 147.8;
            let colour = bell(lattice(column as i32 >> 1, row as i32 >> 1, settings.seed ^ 0xC0)) / 147.8;
            for (i, light) in [c.r, c.g, c.b].into_iter().enumerate() {
                let level = encode(light);
                // Clipped white has no noise; deep shadows have a little less than mid grey.
                let strength =
                    settings.noise * (0.55 + 0.45 * (level / 128.0).min(1.0)) * (1.0 - level / 262.0);
                let tint = [0.35, 0.0, -0.45][i] * colour;
                data.push((level + strength * (common + tint) + 0.5).clamp(0.0, 255.0) as u8);
            }
        }
    }
    sharpen(&mut data, canvas.width, canvas.height);
    RgbImage::new(canvas.width as u32, canvas.height as u32, data)
        .unwrap_or_else(|| RgbImage::black(canvas.width as u32, canvas.height as u32))
}

/// The sharpening that cameras apply before they compress: an unsharp mask of 7 × 7 pixels on luma, which leaves
/// differences as small as noise alone. Blurred pictures have nothing for it to find, so they stay blurred.
fn sharpen(data: &mut [u8], width: usize, height: usize) {
    const REACH: usize = 3;
    const AMOUNT: f32 = 1.5;
    const CORE: f32 = 4.0;
    let luma: Vec<f32> = data
        .chunks_exact(3)
        .map(|p| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]))
        .collect();
    let across: Vec<f32> = luma.chunks_exact(width).flat_map(|row| running_mean(row, REACH)).collect();
    let mut column = vec![0.0; height];
    for x in 0..width {
        for (y, value) in column.iter_mut().enumerate() {
            *value = across[y * width + x];
        }
        for (y, mean) in running_mean(&column, REACH).into_iter().enumerate() {
            let detail = luma[y * width + x] - mean;
            let kept = (detail.abs() - CORE).max(0.0).copysign(detail) * AMOUNT;
            for byte in &mut data[(y * width + x) * 3..][..3] {
                *byte = (f32::from(*byte) + kept).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// The mean of each value with `reach` neighbours on either side, fewer at the ends.
fn running_mean(values: &[f32], reach: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0.0f64);
    for value in values {
        sums.push(sums[sums.len() - 1] + f64::from(*value));
    }
    (0..values.len())
        .map(|at| {
            let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(values.len()));
            ((sums[to] - sums[from]) / (to - from) as f64) as f32
        })
        .collect()
}

/// Scatters a little of every bright light over its surroundings, as lenses do.
pub(super) fn bloom(canvas: &mut Canvas, strength: f32) {
    let mut small = Canvas::new((canvas.width / 8).max(8), (canvas.height / 8).max(8));
    let ratio = canvas.aspect() / small.aspect();
    let source = &*canvas;
    small.shade(|x, y, _| {
        let c = source.sample(x * ratio, y);
        c * (1.0 - (-(c.luminance() - 0.6).max(0.0)).exp()).max(0.0)
    });
    let radius = small.height as f32 * 0.035;
    let blurred = defocus(&defocus(&small, radius), radius);
    canvas.shade(|x, y, c| c + blurred.sample(x / ratio, y) * strength + grey(0.0));
}
