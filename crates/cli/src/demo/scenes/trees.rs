//! Woods: conifers in fog, autumn, winter.

use super::super::canvas::{Canvas, Point};
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::noise::{Rng, fbm, ridged, smooth, value};
use super::sky::{Light, sky};

/// A spruce standing at `foot`: whorls of drooping branches. `paint` gets x and y.
pub(super) fn conifer(
    canvas: &mut Canvas,
    rng: &mut Rng,
    foot: Point,
    height: f32,
    paint: &dyn Fn(f32, f32) -> Rgb,
) {
    let (x, y) = foot;
    let whorls = if height * canvas.scale() < 60.0 { 7 } else { 13 + (height * 26.0) as usize };
    let slim = rng.range(0.15, 0.21);
    let mut side = |sign: f32| {
        let mut points: Vec<Point> = Vec::with_capacity(whorls * 4);
        for i in 0..whorls {
            let t = (i as f32 + 0.35) / whorls as f32;
            let reach = height * slim * (t.powf(0.85) + 0.03) * rng.range(0.72, 1.15);
            let level = y - height * (1.0 - t * 0.95);
            let droop = height * 0.022 + reach * 0.28;
            points.push((x + sign * reach * 0.28, level - height * 0.006));
            points.push((x + sign * reach * 0.70, level + droop * 0.45));
            points.push((x + sign * reach, level + droop));
            points.push((x + sign * reach * 0.66, level + droop * 0.86));
            points.push((x + sign * reach * 0.52, level + droop * 1.02));
        }
        points
    };
    let mut outline = vec![(x, y - height)];
    outline.extend(side(1.0));
    outline.push((x + height * 0.012, y - height * 0.02));
    outline.push((x + height * 0.012, y));
    outline.push((x - height * 0.012, y));
    outline.push((x - height * 0.012, y - height * 0.02));
    let mut left = side(-1.0);
    left.reverse();
    outline.extend(left);
    canvas.polygon(&outline, |px, py| (paint(px, py), 1.0));
}

pub(super) fn fog(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let warm = rng.unit();
    let fog = hex(0xc9d3d6).mix(hex(0xf4d9b0), warm);
    let deep = hex(0x1c2f2a).mix(hex(0x2a2c1e), warm);
    let sun = (aspect * rng.range(0.2, 0.8), rng.range(0.08, 0.3));
    let seed = rng.seed();
    canvas.backdrop(4, |small| {
        small.shade(|x, y, _| {
            let d = ((x - sun.0).powi(2) + (y - sun.1).powi(2)).sqrt();
            fog * (0.72 + 0.5 * (-d * 2.2).exp() + 0.10 * fbm(x * 2.0, y * 3.0, 5, seed))
        });
    });
    let layers = 6;
    for layer in 0..layers {
        let near = layer as f32 / (layers - 1) as f32;
        let count = (34.0 - 24.0 * near) as usize;
        let ground = 0.66 + 0.36 * near * near;
        let tone = fog.mix(deep, 0.08 + 0.90 * near.powf(1.4));
        let hill = rng.seed();
        let line = move |x: f32| ground - 0.10 * (1.0 - near) * (0.5 + fbm(x * 1.2, near * 9.0, 3, hill));
        for i in 0..count {
            let x = aspect * (i as f32 + rng.range(-0.3, 1.3)) / count as f32;
            let height = rng.range(0.16, 0.34) + near * rng.range(0.15, 0.55);
            let seed = rng.seed();
            conifer(canvas, rng, (x, line(x) + 0.02), height, &|u, v| {
                let needles =
                    0.55 * value(u * 260.0, v * 110.0, seed) + 0.45 * value(u * 520.0, v * 380.0, seed ^ 5);
                let rim = smooth(0.25, 0.9, needles) * near;
                (tone * (1.0 + 0.30 * needles * near)) + fog * (0.06 * rim)
            });
        }
        canvas.below(
            line,
            |_| 1.0,
            |x, y, d| {
                let grass = value(x * 320.0, y * 60.0, hill) * 0.6 + fbm(x * 30.0, y * 60.0, 3, hill);
                tone.mix(fog, smooth(0.0, 0.2, d) * 0.55 * (1.0 - near)) * (1.0 + 0.35 * grass * near)
            },
        );
        if layer + 1 < layers {
            let drift = rng.seed();
            canvas.shade_rows(ground - 0.35, 1.0, |x, y, c| {
                let n = smooth(-0.2, 0.7, fbm(x * 1.4 + near * 7.0, y * 3.5, 3, drift));
                let low = smooth(ground - 0.35, ground + 0.05, y);
                let d = ((x - sun.0).powi(2) + (y - sun.1).powi(2)).sqrt();
                c.mix(fog * (0.85 + 0.3 * (-d * 2.0).exp()), n * low * 0.42)
            });
        }
    }
    if warm > 0.35 {
        // Sunbeams between the trunks.
        let beams = rng.seed();
        canvas.shade(|x, y, c| {
            let (dx, dy) = (x - sun.0, y - sun.1 + 0.15);
            let angle = dx.atan2(dy) * 9.0;
            let beam = smooth(0.15, 0.75, value(angle, 0.0, beams)) * (-(dx * dx + dy * dy) * 1.4).exp();
            c + fog * (beam * 0.22)
        });
    }
}

/// Leaves as thousands of small ellipses around `centre`.
fn foliage(
    canvas: &mut Canvas,
    rng: &mut Rng,
    centre: Point,
    radius: f32,
    count: usize,
    hue: (f32, f32),
    light: f32,
) {
    for _ in 0..count {
        let (turn, r) = (rng.unit() * std::f32::consts::TAU, radius * rng.unit().sqrt());
        let at = (centre.0 + r * turn.cos() * 1.15, centre.1 + r * turn.sin() * 0.8);
        let up = smooth(radius, -radius, at.1 - centre.1);
        let colour = hsv(
            rng.range(hue.0, hue.1),
            rng.range(0.7, 0.95),
            (0.34 + 0.62 * up * rng.range(0.55, 1.0)) * light,
        );
        let size = radius * rng.range(0.035, 0.075);
        let angle = rng.unit() * 3.2;
        canvas.ellipse(at, (size, size * 0.55), angle, |u, _| (colour * (0.9 + 0.25 * u), 1.0));
    }
}

pub(super) fn autumn(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let hue = {
        let base = rng.range(0.02, 0.09);
        (base, base + 0.075)
    };
    let seed = rng.seed();
    let glow = (aspect * rng.range(0.35, 0.65), 0.38);
    canvas.backdrop(4, |small| {
        small.shade(|x, y, _| {
            let d = ((x - glow.0).powi(2) * 1.6 + (y - glow.1).powi(2)).sqrt();
            let n = fbm(x * 7.0, y * 7.0, 5, seed);
            let leaves = hsv(hue.0 + 0.05 + 0.04 * n, 0.75, 0.55 + 0.25 * n);
            leaves.mix(hex(0xfff0c0) * 1.1, (-d * 2.6).exp()).mix(hex(0x4a3a20), smooth(0.55, 0.75, y) * 0.6)
        });
    });
    let floor = 0.66;
    canvas.below(
        |x| floor + 0.015 * fbm(x * 3.0, 0.0, 3, seed),
        |_| 1.0,
        |x, y, d| {
            let depth = 0.2 / (d + 0.03);
            let litter = fbm(x * depth * 30.0, depth * 60.0, 4, seed ^ 9);
            let path = smooth(0.16, 0.04, ((x - glow.0) / (0.12 + d * 1.9)).abs() - 0.12);
            let _ = y;
            hsv(hue.0 + 0.02 + 0.03 * litter, 0.8, 0.42 + 0.3 * litter)
                .mix(hex(0x8a7358) * (0.8 + 0.4 * litter), path * 0.8)
        },
    );
    for layer in 0..4 {
        let near = layer as f32 / 3.0;
        let count = 11 - layer * 2;
        for i in 0..count {
            let mut x = aspect * (i as f32 + rng.range(0.1, 0.9)) / count as f32;
            // Keep the path open.
            let gap = 0.10 + 0.30 * near;
            if (x - glow.0).abs() < gap {
                x = glow.0 + if x < glow.0 { -gap } else { gap } * rng.range(1.0, 1.4);
            }
            let foot = floor + 0.02 + 0.28 * near * near;
            let radius = 0.006 + 0.026 * near * rng.range(0.6, 1.2);
            let (bark, air) = (rng.seed(), (1.0 - near) * 0.55);
            let lean = rng.range(-0.04, 0.04);
            let paint = |t: f32, s: f32| {
                let rough = ridged(s * 2.5 + t * 1.0, t * 26.0, 3, bark) - 0.5;
                let round = (1.0 - s * s * 0.75).max(0.1);
                (hex(0x4a3626) * (0.35 + 0.55 * round + 0.5 * rough)).mix(hex(0xe8c078), air)
            };
            canvas.limb(((x, foot), radius * 1.25), ((x + lean, -0.05), radius * 0.7), paint);
            for _ in 0..3 {
                let t = rng.range(0.35, 0.85);
                let from = (x + lean * t, foot - (foot + 0.05) * t);
                let reach = rng.range(0.08, 0.2) * if rng.unit() < 0.5 { -1.0 } else { 1.0 };
                canvas.limb(
                    (from, radius * 0.35),
                    ((from.0 + reach, from.1 - reach.abs() * 0.7), radius * 0.12),
                    paint,
                );
            }
            for _ in 0..(2 + layer) {
                let at = (x + rng.range(-0.2, 0.2), rng.range(-0.02, 0.36 - 0.06 * near));
                let (r, n) = (rng.range(0.07, 0.13) * (0.7 + 0.5 * near), 170 + 40 * layer);
                foliage(canvas, rng, at, r, n, hue, 0.75 + 0.25 * (1.0 - near));
            }
        }
    }
    // Fallen leaves, and a few in the air.
    for _ in 0..2600 {
        let near = rng.unit().powf(0.6);
        let at = (rng.unit() * aspect, floor + 0.03 + (0.97 - floor) * near);
        let size = 0.0012 + 0.0065 * near * near;
        let colour = hsv(rng.range(hue.0, hue.1 + 0.03), rng.range(0.6, 0.95), rng.range(0.45, 0.95));
        let angle = rng.unit() * 3.2;
        canvas.ellipse(at, (size, size * 0.5), angle, |u, v| (colour * (0.85 + 0.3 * u - 0.2 * v), 1.0));
    }
    canvas.glow(glow, 0.22, hex(0xffd890) * 0.22);
}

pub(super) fn winter(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let horizon = rng.range(0.5, 0.6);
    let sun = sky(canvas, rng, light, horizon);
    let p = light.palette();
    let aspect = canvas.aspect();
    let (lit, shade) =
        (hex(0xf6f8fc) * p.ground.mix(grey(1.0), 0.45), hex(0x8fa6cf).mix(p.zenith, 0.35) * 0.75);
    for layer in 0..4 {
        let near = layer as f32 / 3.0;
        let seed = rng.seed();
        let base = horizon + 0.02 + 0.34 * near;
        let line =
            move |x: f32| base - (0.14 - 0.06 * near) * fbm(x * (1.4 - 0.5 * near), near * 4.0, 4, seed);
        canvas.below(
            line,
            |_| 1.0,
            |x, y, d| {
                let slope = fbm(x * 3.0, y * 7.0, 4, seed) - fbm((x + 0.03) * 3.0, y * 7.0, 4, seed);
                let sparkle = smooth(0.86, 0.98, value(x * 900.0, y * 900.0, seed)) * near;
                let drift = smooth(-0.12, 0.16, slope * if sun.0 > x { 1.0 } else { -1.0 } + 0.05 - 0.1 * d);
                (shade.mix(lit, drift) * (0.95 + 0.05 * value(x * 300.0, y * 300.0, seed))
                    + grey(sparkle * 0.5))
                .mix(p.horizon, (1.0 - near) * 0.35)
            },
        );
        let count = [40, 22, 12, 5][layer];
        for i in 0..count {
            let x = aspect * (i as f32 + rng.range(-0.4, 1.4)) / count as f32;
            let height = (0.05 + 0.36 * near * near) * rng.range(0.7, 1.3);
            let foot = line(x) + rng.range(0.0, 0.06) * (0.3 + near);
            let crust = rng.seed();
            // A blue shadow on the snow.
            canvas.ellipse((x + height * 0.22, foot), (height * 0.34, height * 0.035), 0.0, |u, v| {
                (shade * 0.8, 0.55 * (1.0 - u * u) * (1.0 - v * v))
            });
            conifer(canvas, rng, (x, foot), height, &|u, v| {
                let load = fbm(u * 26.0 / height.max(0.1), v * 40.0 / height.max(0.1), 3, crust)
                    + 0.3 * value(u * 300.0, v * 300.0, crust);
                let white = smooth(-0.18, 0.22, load + (x - u) / height * if sun.0 > x { -0.6 } else { 0.6 });
                (hex(0x1d2f33) * (0.8 + 0.3 * load))
                    .mix(shade.mix(lit, smooth(-0.1, 0.4, load)), white * 0.92)
                    .mix(p.horizon, (1.0 - near) * 0.4)
            });
        }
    }
    if rng.unit() < 0.5 {
        for _ in 0..700 {
            let near = rng.unit().powi(3);
            let r = 0.0008 + 0.004 * near;
            let at = (rng.unit() * aspect, rng.unit());
            canvas.ellipse(at, (r, r), 0.0, |u, v| {
                (grey(0.95), (1.0 - (u * u + v * v)).max(0.0) * (0.9 - 0.5 * near))
            });
        }
    }
}
