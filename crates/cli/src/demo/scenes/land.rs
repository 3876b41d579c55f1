//! Mountains, lakes, dunes, balloons.

use super::super::canvas::Canvas;
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::noise::{Rng, cell, fbm, ridged, smooth, value};
use super::sky::{Light, sky};
use super::trees;

/// The outline of a mountain range, 0 to about 1.
pub(super) fn crest(x: f32, frequency: f32, seed: u32) -> f32 {
    // A few tall triangles, worn by fractal noise.
    let mut peak = 0.0_f32;
    let whole = super::super::noise::floor(x * frequency * 1.6);
    for i in whole - 2..=whole + 2 {
        let at = i as f32 + cell(i, 0, seed);
        let (tall, wide) = (0.25 + 0.75 * cell(i, 1, seed), 0.75 + 0.6 * cell(i, 2, seed));
        let away = (x * frequency * 1.6 - at) / wide;
        // One flank is steeper than the other.
        let skew = if away > 0.0 { 0.8 + 0.5 * cell(i, 3, seed) } else { 1.25 - 0.4 * cell(i, 3, seed) };
        peak = peak.max(tall * (1.0 - away.abs() * skew));
    }
    0.80 * peak
        + 0.22 * ridged(x * frequency * 3.0, 3.7, 6, seed)
        + 0.10 * fbm(x * frequency * 9.0, 9.1, 4, seed ^ 7)
}

/// Layers of ridges from far to near between `top` and `bottom`.
fn ranges(canvas: &mut Canvas, rng: &mut Rng, light: Light, sun: (f32, f32), top: f32, bottom: f32) {
    let p = light.palette();
    let layers = 4 + rng.below(3);
    let snow = if matches!(light, Light::Noon | Light::Dawn | Light::Overcast) {
        rng.range(0.25, 0.6)
    } else {
        rng.range(0.0, 0.25)
    };
    let haze = p.horizon.mix(p.middle, 0.6) * 0.92;
    let width = canvas.width;
    let step = 1.0 / canvas.scale();
    let shapes: Vec<(Vec<f32>, u32)> = (0..layers)
        .map(|layer| {
            let near = layer as f32 / (layers - 1).max(1) as f32;
            let seed = rng.seed();
            let base = top + (bottom - top) * (near * 0.9 + 0.12);
            let tall = (bottom - top) * (0.78 - 0.46 * near) * rng.range(0.85, 1.25);
            let frequency = rng.range(0.9, 1.4) * (0.9 + near * 0.8);
            let line =
                (0..width).map(|c| base - tall * (crest(c as f32 * step, frequency, seed) - 0.25)).collect();
            (line, seed)
        })
        .collect();
    for (layer, (line, seed)) in shapes.iter().enumerate() {
        let near = layer as f32 / (layers - 1).max(1) as f32;
        let seed = *seed;
        let at = |x: f32| ((x / step) as usize).min(width - 1);
        let next = shapes.get(layer + 1);
        let air = (1.0 - near).powf(1.1) * 0.66;
        let wooded = near > 0.55;
        let rock = p.dark.mix(p.ground, 0.10) + grey(0.01);
        let side = if sun.0 > canvas.aspect() * 0.5 { 1.0 } else { -1.0 };
        canvas.below(
            |x| {
                let fringe = if wooded {
                    0.010 * near * (value(x * 150.0, 0.0, seed).abs() + value(x * 420.0, 1.0, seed).abs())
                } else {
                    0.0
                };
                line[at(x)] - fringe
            },
            |x| next.map_or(1.0, |(below, _)| below[at(x)] + 0.004),
            |x, y, depth| {
                let scale = 5.0 + 6.0 * near;
                let gully = ridged(x * scale, y * scale * 0.7 + depth * 2.0, 4, seed);
                let beside = ridged((x + 0.012 * side) * scale, y * scale * 0.7 + depth * 2.0, 3, seed);
                let facing = smooth(-0.16, 0.16, gully - beside);
                let mut c = rock.mix(p.ground * 0.5, facing * 0.7);
                let white = smooth(-0.05, 0.06, snow * 0.55 * (bottom - top) - depth + 0.06 * (gully - 0.5))
                    * smooth(0.9, 0.3, near);
                c = c.mix(p.ground.mix(p.middle, 0.55 - 0.5 * facing) * (0.55 + 0.45 * facing), white * 0.9);
                if wooded {
                    let leaf = value(x * 240.0, y * 160.0, seed) * 0.5 + 0.5;
                    c = c.mix(p.dark.mix(p.ground * 0.16, leaf * (0.3 + 0.7 * facing)), 0.75);
                }
                // Mist gathers in the valleys.
                let mist = air + (1.0 - air) * 0.5 * smooth(0.05, 0.34, depth) * (1.0 - near);
                let glow = (-((x - sun.0).powi(2)) * 3.0).exp();
                c.mix(haze.mix(p.horizon, glow * 0.7), mist)
            },
        );
    }
}

pub(super) fn mountains(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let horizon = rng.range(0.52, 0.64);
    let sun = sky(canvas, rng, light, horizon);
    ranges(canvas, rng, light, sun, horizon - 0.16, 1.0);
    let p = light.palette();
    if rng.unit() < 0.55 {
        let (count, left) = (6 + rng.below(9), rng.unit() < 0.5);
        for i in 0..count {
            let share = i as f32 / count as f32 * 0.38;
            let x = canvas.aspect() * if left { share } else { 1.0 - share };
            let height = rng.range(0.22, 0.5) * (1.1 - share * 2.0);
            let foot = rng.range(1.0, 1.06);
            let seed = rng.seed();
            trees::conifer(canvas, rng, (x, foot), height, &|u, v| {
                p.dark * (0.55 + 0.35 * value(u * 160.0, v * 90.0, seed))
                    + p.ground * (0.035 * smooth(0.0, 0.8, value(u * 90.0, v * 160.0, seed ^ 1)))
            });
        }
    } else {
        birds(canvas, rng, p.dark);
    }
}

/// A flock, far away.
pub(super) fn birds(canvas: &mut Canvas, rng: &mut Rng, colour: Rgb) {
    let (cx, cy) = (canvas.aspect() * rng.range(0.25, 0.75), rng.range(0.15, 0.35));
    for _ in 0..5 + rng.below(7) {
        let (x, y, s) = (cx + rng.range(-0.22, 0.22), cy + rng.range(-0.08, 0.08), rng.range(0.006, 0.013));
        let lift = rng.range(0.2, 0.9) * s;
        for side in [-1.0, 1.0] {
            canvas.limb(((x, y), s * 0.12), ((x + side * s * 0.6, y - lift), s * 0.10), |_, _| colour);
            canvas.limb(
                ((x + side * s * 0.6, y - lift), s * 0.10),
                ((x + side * s * 1.3, y - lift * 0.55), s * 0.03),
                |_, _| colour,
            );
        }
    }
}

pub(super) fn lake(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let level = rng.range(0.56, 0.66);
    let sun = sky(canvas, rng, light, level - 0.06);
    ranges(canvas, rng, light, sun, level - 0.3, level + 0.02);
    let p = light.palette();
    // A wooded shore.
    let aspect = canvas.aspect();
    let mut x = -0.02;
    let shore = rng.seed();
    while x < aspect {
        let height = 0.018 + 0.06 * smooth(-0.4, 0.6, fbm(x * 2.0, 0.0, 3, shore)) * rng.range(0.6, 1.2);
        trees::conifer(canvas, rng, (x, level + 0.004), height, &|u, v| {
            p.dark * (0.8 + 0.4 * value(u * 300.0, v * 300.0, shore))
                + p.ground * (0.05 * smooth(0.1, 0.9, value(u * 140.0, v * 200.0, shore ^ 3)))
        });
        x += rng.range(0.006, 0.022);
    }
    let roughness = rng.range(0.05, 0.3);
    canvas.reflect(level, roughness, p.dark.mix(p.zenith, 0.3), rng.seed());
    // Stones in the shallows.
    for _ in 0..rng.below(12) {
        let near = rng.range(0.35, 1.0);
        let (x, y) = (rng.unit() * aspect, level + (1.0 - level) * near);
        let r = 0.008 + 0.05 * near * near * rng.unit();
        let seed = rng.seed();
        let flat = rng.range(0.35, 0.6);
        canvas.ellipse((x, y + r * flat * 0.9), (r * 1.1, r * flat * 0.5), 0.0, |_, v| {
            (p.dark * 0.6, 0.7 * (1.0 - v.abs()))
        });
        canvas.ellipse((x, y), (r, r * flat), rng.range(-0.1, 0.1), |u, v| {
            let n = fbm(u * 4.0, v * 4.0, 5, seed);
            let up = smooth(0.9, -0.9, v + n * 0.8);
            (
                p.dark.mix(p.ground.mix(p.zenith, 0.35) * 0.5, up * 0.8) * (0.8 + 0.5 * n),
                if v > 0.55 { 0.75 } else { 1.0 },
            )
        });
    }
}

pub(super) fn dunes(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let horizon = rng.range(0.36, 0.48);
    let sun = sky(canvas, rng, light, horizon);
    let p = light.palette();
    let layers = 5;
    let side = if sun.0 > canvas.aspect() / 2.0 { 1.0 } else { -1.0 };
    for layer in 0..layers {
        let near = layer as f32 / (layers - 1) as f32;
        let seed = rng.seed();
        let (base, tall, f) = (
            horizon + 0.42 * near * near + 0.02,
            0.05 + 0.17 * near,
            rng.range(0.9, 1.5) * (1.5 - near * 0.8),
        );
        let phase = rng.unit() * 9.0;
        let wave = move |x: f32| {
            let t = (x * f + phase).rem_euclid(1.0);
            let rise = if t < 0.68 { smooth(0.0, 0.68, t) } else { 1.0 - smooth(0.68, 1.0, t) };
            base - tall * (rise * 0.7 + 0.5 * fbm(x * f * 0.7, 2.0, 3, seed))
        };
        let (lit, shade) = (hex(0xe2a25c) * p.ground * 1.25, hex(0x8a4a2a).mix(p.zenith, 0.28) * 0.42);
        canvas.below(
            wave,
            |_| 1.0,
            |x, y, d| {
                // The crest line wanders down the flank and parts the light from the shade.
                let bend = 0.10 * fbm(y * 5.0, x * 0.8, 3, seed) + d * 0.9 * side;
                let t = ((x + bend) * f + phase).rem_euclid(1.0);
                let lee = if side > 0.0 {
                    smooth(0.60, 0.70, t) * smooth(1.0, 0.94, t)
                } else {
                    smooth(0.02, 0.12, t) * smooth(0.68, 0.62, t)
                };
                let ripple = (y * (260.0 - 150.0 * near) + 7.0 * fbm(x * 4.0, y * 9.0, 3, seed)).sin();
                let grain = value(x * 700.0, y * 700.0, seed);
                let sand =
                    lit.mix(shade, lee) * (1.0 + 0.13 * ripple * near * (1.0 - lee * 0.6) + 0.06 * grain);
                sand.mix(p.horizon, (1.0 - near) * 0.5)
            },
        );
    }
}

pub(super) fn balloons(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let horizon = rng.range(0.74, 0.84);
    let sun = sky(canvas, rng, light, horizon);
    ranges(canvas, rng, light, sun, horizon - 0.05, 1.0);
    let p = light.palette();
    let aspect = canvas.aspect();
    let count = 4 + rng.below(5);
    for i in 0..count {
        let near = (i as f32 + 1.0) / count as f32;
        let r = 0.025 + 0.15 * near * near * rng.range(0.75, 1.0);
        let x = aspect * ((i as f32 * 0.618 + rng.range(0.0, 0.12) + 0.15).rem_euclid(0.86) + 0.07);
        let y = rng.range(0.12 + r * 0.8, 0.34 + 0.28 * (1.0 - near));
        balloon(canvas, rng, (x, y), r, (1.0 - near) * 0.45, p.horizon, if sun.0 > x { 1.0 } else { -1.0 });
    }
}

/// One hot-air balloon with its basket, seen a little from below.
fn balloon(canvas: &mut Canvas, rng: &mut Rng, at: (f32, f32), r: f32, haze: f32, air: Rgb, side: f32) {
    let hue = rng.unit();
    let colours =
        [hsv(hue, 0.85, 0.92), hsv(hue + rng.range(0.08, 0.5), 0.8, 0.95), hsv(hue + 0.03, 0.12, 0.97)];
    let (pattern, gores) = (rng.below(3), 8.0 + rng.below(5) as f32);
    let (x, y) = at;
    let mouth = y + r * 1.28;
    let lit = |u: f32, v: f32| 0.34 + 0.75 * smooth(-1.0, 1.0, u * side * 0.8 - v * 0.6);
    // Below the equator the envelope narrows along straight gores to the mouth.
    let outline: Vec<(f32, f32)> = (0..=80)
        .map(|i| {
            let turn = i as f32 / 80.0 * std::f32::consts::TAU;
            let (s, c) = turn.sin_cos();
            let stretch = if c < 0.0 { 1.28 } else { 1.0 };
            let narrow = if c < 0.0 { 1.0 - 0.42 * c * c } else { 1.0 };
            (x + r * s * narrow, y - r * c * stretch)
        })
        .collect();
    canvas.polygon(&outline, |px, py| {
        let v = (py - y) / if py > y { r * 1.28 } else { r };
        let half = (1.0 - v * v).max(0.0001).sqrt() * if v > 0.0 { 1.0 - 0.42 * v * v } else { 1.0 };
        let u = ((px - x) / r / half).clamp(-1.0, 1.0);
        let longitude = u.asin() / std::f32::consts::PI * gores;
        let gore = longitude.floor() as i32;
        let seam = smooth(0.0, 0.07, (longitude - longitude.round()).abs());
        let puff = 0.86 + 0.14 * ((longitude - longitude.floor() - 0.5) * 2.0).powi(2).mul_add(-1.0, 1.0);
        let pick = match pattern {
            0 => gore.rem_euclid(3) as usize,
            1 => (gore + (v * 6.0).floor() as i32).rem_euclid(2) as usize,
            _ => {
                if v.abs() < 0.24 {
                    1
                } else if (0.24..0.32).contains(&v.abs()) {
                    2
                } else {
                    0
                }
            }
        };
        let c = colours[pick] * (lit(u, v) * puff * (0.6 + 0.4 * seam));
        (c.mix(air, haze), 1.0)
    });
    let basket = mouth + r * 0.34;
    let wood = hex(0x5a3a1e).mix(air, haze);
    for k in [-1.0, -0.35, 0.35, 1.0] {
        canvas.stroke(
            (x + k * r * 0.15, mouth - r * 0.02),
            (x + k * r * 0.10, basket),
            r * 0.007,
            hex(0x2a2420).mix(air, haze),
        );
    }
    if rng.unit() < 0.6 {
        canvas.glow((x, mouth + r * 0.06), r * 0.06, hex(0xffb040) * 1.2);
    }
    let (w, h) = (r * 0.12, r * 0.15);
    canvas.polygon(
        &[(x - w, basket), (x + w, basket), (x + w * 0.85, basket + h), (x - w * 0.85, basket + h)],
        |px, py| {
            let weave = ((px - x) * 90.0 / r).sin() * ((py - basket) * 90.0 / r).sin();
            (wood * (1.0 + 0.35 * weave) * (0.7 + 0.4 * ((px - x) / w * side)), 1.0)
        },
    );
}
