//! Meadows, a sunflower, a succulent.

use std::f32::consts::TAU;

use super::super::canvas::{Canvas, Point};
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::lens::defocus;
use super::super::noise::{Rng, fbm, smooth, value};

/// The golden angle, by which plants place leaves and seeds (Vogel 1979).
const GOLDEN_ANGLE: f32 = 2.399_963;

fn petal_colour(kind: u8, rng: &mut Rng) -> Rgb {
    match kind {
        0 => hsv(0.13, rng.range(0.0, 0.07), 0.98),
        1 => hsv(rng.range(0.99, 1.03), rng.range(0.85, 0.97), rng.range(0.82, 0.95)),
        2 => hsv(rng.range(0.60, 0.69), rng.range(0.65, 0.85), rng.range(0.8, 0.95)),
        _ => hsv(
            rng.pick(&[0.0, 0.93, 0.13, 0.78, 0.06]) + rng.range(-0.015, 0.015),
            rng.range(0.65, 0.9),
            0.95,
        ),
    }
}

/// One blossom of radius `r`, seen at an angle (`flat` is the height of a unit circle).
fn blossom(canvas: &mut Canvas, rng: &mut Rng, at: Point, r: f32, kind: u8, flat: f32) {
    let colour = petal_colour(kind, rng);
    let seed = rng.seed();
    let tilt = rng.range(-0.3, 0.3);
    match kind {
        3 => {
            for (dx, wide, light) in [(-0.34, 0.42, 0.72), (0.34, 0.42, 0.80), (0.0, 0.5, 1.0)] {
                canvas.ellipse(
                    (at.0 + dx * r, at.1 - r * 0.1),
                    (r * wide, r * 1.05),
                    tilt + dx * 0.45,
                    |u, v| {
                        let vein = 0.92 + 0.08 * (u * 18.0 + 2.0 * value(u * 3.0, v * 5.0, seed)).sin();
                        (colour * (light * vein * (0.62 + 0.45 * smooth(1.0, -0.9, v + u * u))), 1.0)
                    },
                );
            }
        }
        1 => {
            for i in 0..5 {
                let turn = TAU * i as f32 / 5.0 + tilt;
                let centre = (at.0 + turn.cos() * r * 0.45, at.1 + turn.sin() * r * 0.45 * flat);
                canvas.ellipse(centre, (r * 0.66, r * 0.62 * (0.45 + 0.55 * flat)), turn, |u, v| {
                    let crumple = 0.86
                        + 0.16 * fbm(u * 3.0 + v * 9.0, v * 5.0 + i as f32, 3, seed)
                        + 0.10 * (v * 22.0).sin() * u.max(0.0);
                    (colour * (crumple * (0.55 + 0.5 * smooth(-0.8, 0.7, u))), 1.0)
                });
            }
            canvas.ellipse(at, (r * 0.2, r * 0.2 * flat), 0.0, |u, v| {
                (hex(0x1a1416).mix(hex(0x4a5a2a), smooth(0.6, 0.0, u * u + v * v)), 1.0)
            });
            for _ in 0..26 {
                let (turn, d) = (rng.unit() * TAU, r * rng.range(0.2, 0.32));
                canvas.disc((at.0 + turn.cos() * d, at.1 + turn.sin() * d * flat), r * 0.025, hex(0x120e14));
            }
        }
        _ => {
            let petals = if kind == 0 { 19 } else { 11 };
            for ring in 0..2 {
                for i in 0..petals {
                    let turn =
                        TAU * (i as f32 + 0.5 * ring as f32 + rng.range(-0.15, 0.15)) / petals as f32 + tilt;
                    let (dx, dy) = (turn.cos(), turn.sin() * flat);
                    let reach = r * (0.95 - 0.1 * ring as f32) * rng.range(0.92, 1.05);
                    let long = (dx * dx + dy * dy).sqrt().max(0.15);
                    let wide = if kind == 0 { 0.11 } else { 0.17 };
                    let light = 0.82 + 0.1 * ring as f32 + 0.12 * rng.unit();
                    canvas.ellipse(
                        (at.0 + dx * reach * 0.58, at.1 + dy * reach * 0.58),
                        (reach * 0.44 * long, r * wide),
                        dy.atan2(dx),
                        |u, v| {
                            let fold = 0.93 + 0.07 * (v * 9.0).cos();
                            (colour * (light * fold * (0.72 + 0.3 * smooth(-1.0, 0.3, u))), 1.0)
                        },
                    );
                }
            }
            let heart = if kind == 0 { hex(0xf2b211) } else { hex(0x3a2a7a) };
            let core = r * 0.27;
            canvas.ellipse(at, (core, core * (0.3 + 0.7 * flat)), 0.0, |u, v| {
                (heart * (0.62 - 0.3 * (u * 0.4 + v)), 1.0)
            });
            for i in 0..150 {
                let (turn, d) = (i as f32 * GOLDEN_ANGLE, core * (i as f32 / 150.0).sqrt());
                let p = (at.0 + turn.cos() * d, at.1 + turn.sin() * d * (0.3 + 0.7 * flat));
                canvas.disc(p, core * 0.062, heart * (0.7 + 0.5 * rng.unit()));
            }
        }
    }
}

/// Blades of grass from below.
fn grass(canvas: &mut Canvas, rng: &mut Rng, count: usize, foot: f32, tall: f32, thick: f32, light: f32) {
    for _ in 0..count {
        let x = rng.range(-0.05, canvas.aspect() + 0.05);
        let height = tall * rng.range(0.4, 1.1);
        let lean = rng.range(-0.35, 0.35) * height;
        let colour = hsv(rng.range(0.19, 0.30), rng.range(0.55, 0.85), rng.range(0.22, 0.68) * light);
        let y = foot + rng.range(0.0, 0.05);
        let mid = (x + lean * 0.3, y - height * 0.6);
        canvas.limb(((x, y), thick), (mid, thick * 0.75), |t, s| colour * (0.55 + 0.45 * t + 0.2 * s));
        canvas.limb((mid, thick * 0.75), ((x + lean, y - height), thick * 0.1), |t, s| {
            colour * (1.0 + 0.2 * t + 0.2 * s)
        });
    }
}

fn stem(canvas: &mut Canvas, rng: &mut Rng, head: Point, r: f32) {
    let bend = rng.range(-0.06, 0.06);
    let c = hsv(rng.range(0.22, 0.28), 0.6, 0.42);
    let mid = (head.0 + bend * 0.5, (head.1 + 1.1) * 0.5);
    let paint = |_: f32, s: f32| c * (0.8 + 0.4 * s);
    canvas.limb((head, r * 0.05), (mid, r * 0.065), paint);
    canvas.limb((mid, r * 0.065), ((head.0 + bend, 1.15), r * 0.08), paint);
}

pub(super) fn meadow(canvas: &mut Canvas, rng: &mut Rng, kind: u8) {
    let aspect = canvas.aspect();
    let (seed, warm) = (rng.seed(), rng.unit());
    let far_sky = hex(0xcfe6f2).mix(hex(0xffe2a8), warm);
    let green = hsv(0.25 - 0.04 * warm, 0.62, 0.62);
    let horizon = rng.range(0.12, 0.3);
    // Far: painted small and thrown out of focus.
    let mut far = Canvas::new(canvas.width / 3, canvas.height / 3);
    far.shade(|x, y, _| {
        let land = smooth(horizon - 0.05, horizon + 0.06, y + 0.05 * fbm(x * 2.0, 0.0, 3, seed));
        let turf = green * (0.6 + 0.5 * fbm(x * 5.0, y * 9.0, 4, seed))
            + hex(0xffe89a) * (0.14 * smooth(0.7, 0.2, y));
        far_sky.mix(turf, land)
    });
    for _ in 0..260 {
        let at = (rng.unit() * aspect, horizon + 0.02 + 0.75 * rng.unit().powf(1.3));
        let c = petal_colour(if rng.unit() < 0.8 { kind } else { rng.below(3) as u8 }, rng);
        let r = 0.006 + 0.035 * (at.1 - horizon).max(0.0);
        far.ellipse(at, (r, r * 0.7), 0.0, |_, _| (c * 1.05, 0.9));
    }
    for _ in 0..30 {
        let at = (rng.unit() * aspect, rng.range(0.0, 0.5));
        far.glow(at, rng.range(0.004, 0.01), hex(0xfff2c0) * rng.range(0.5, 2.0));
    }
    let blur = far.scale() * 0.024;
    let far = defocus(&far, blur);
    let ratio = far.aspect() / aspect;
    canvas.shade(|x, y, _| far.sample(x * ratio, y));
    // Middle distance: slightly soft.
    let mut middle = canvas.clone();
    grass(&mut middle, rng, 260, 1.0, 0.5, 0.0035, 0.8);
    for _ in 0..16 {
        let (at, r) = ((rng.unit() * aspect, rng.range(0.42, 0.75)), rng.range(0.03, 0.05));
        stem(&mut middle, rng, at, r);
        let flat = rng.range(0.35, 0.8);
        blossom(&mut middle, rng, at, r, kind, flat);
    }
    let blur = middle.scale() * 0.0055;
    *canvas = defocus(&middle, blur);
    // Near: in focus.
    grass(canvas, rng, 420, 1.03, 0.42, 0.0032, 1.0);
    let count = 3 + rng.below(5);
    for i in 0..count {
        let x = aspect * ((i as f32 * 0.618 + rng.range(0.05, 0.2)).rem_euclid(0.9) + 0.05);
        let r = rng.range(0.085, 0.15);
        let at = (x, rng.range(0.28, 0.68));
        stem(canvas, rng, at, r);
        let flat = rng.range(0.5, 0.95);
        blossom(canvas, rng, at, r, kind, flat);
    }
    grass(canvas, rng, 150, 1.05, 0.22, 0.004, 1.1);
}

pub(super) fn sunflower(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let seed = rng.seed();
    let sky = rng.unit() < 0.5;
    canvas.backdrop(4, |small| {
        small.shade(|x, y, _| {
            let n = fbm(x * 3.0, y * 3.0, 4, seed);
            if sky { hex(0x3f86c8).mix(hex(0xa8d0ea), y + 0.3 * n) } else { hsv(0.25, 0.6, 0.30 + 0.18 * n) }
        });
    });
    let at = (aspect * rng.range(0.40, 0.6), rng.range(0.46, 0.56));
    let r = rng.range(0.34, 0.5);
    for ring in 0..3 {
        let petals = 21;
        for i in 0..petals {
            let turn = TAU * (i as f32 + 0.33 * ring as f32 + rng.range(-0.25, 0.25)) / petals as f32;
            let reach = r * rng.range(0.86, 1.05) * (1.08 - 0.07 * ring as f32);
            let c = hsv(rng.range(0.115, 0.145), rng.range(0.85, 0.97), rng.range(0.85, 1.0))
                * (0.62 + 0.17 * ring as f32);
            let grain = rng.seed();
            canvas.ellipse(
                (at.0 + turn.cos() * reach * 0.76, at.1 + turn.sin() * reach * 0.76),
                (reach * 0.36, reach * 0.10),
                turn + rng.range(-0.1, 0.1),
                |u, v| {
                    let vein = 0.90 + 0.10 * (v * 16.0 + value(u * 2.0, v * 3.0, grain)).sin();
                    (c * (vein * (0.55 + 0.5 * smooth(-1.0, 0.2, u)) * (1.0 - 0.25 * v)), 1.0)
                },
            );
        }
    }
    let disc = r * 0.58;
    canvas.ellipse(at, (disc, disc), 0.0, |u, v| (hex(0x2a1608) * (0.7 + 0.3 * (u * u + v * v)), 1.0));
    let seeds = 1100;
    for i in 0..seeds {
        let t = i as f32 / seeds as f32;
        let (turn, d) = (i as f32 * GOLDEN_ANGLE, disc * t.sqrt());
        let p = (at.0 + turn.cos() * d, at.1 + turn.sin() * d);
        let c =
            hex(0x6a8a3a).mix(hex(0x4a2810), smooth(0.05, 0.3, t)).mix(hex(0xc07a18), smooth(0.55, 0.95, t))
                * rng.range(0.75, 1.15);
        let size = disc * (0.017 + 0.013 * t);
        canvas.ellipse(p, (size * 1.35, size * 0.85), turn, |u, v| {
            (c * (0.55 + 0.75 * smooth(0.9, -0.5, u * 0.4 + v + u * u * 0.4)), 1.0)
        });
    }
}

pub(super) fn succulent(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let (seed, hue) = (rng.seed(), rng.pick(&[0.38, 0.45, 0.30, 0.88, 0.52]));
    canvas.shade(|x, y, _| {
        let n = fbm(x * 16.0, y * 16.0, 5, seed);
        hex(0x2a221c) * (0.6 + 0.7 * n.max(-0.5)) + grey(0.02 * value(x * 300.0, y * 300.0, seed).max(0.0))
    });
    let at = (aspect * rng.range(0.42, 0.58), rng.range(0.45, 0.55));
    let leaves = 74;
    for i in 0..leaves {
        // Outer leaves first, inner ones on top.
        let t = 1.0 - i as f32 / leaves as f32;
        let turn = (leaves - i) as f32 * GOLDEN_ANGLE;
        let d = 0.56 * t.powf(0.72);
        let (long, wide) = (0.045 + 0.17 * t, 0.03 + 0.105 * t);
        let c = hsv(hue + rng.range(-0.02, 0.02), 0.30 + 0.18 * t, 0.80 - 0.22 * t);
        let tip = hsv(hue + 0.45, 0.5, 0.85);
        let grain = rng.seed();
        let centre = (at.0 + turn.cos() * d * 0.78, at.1 + turn.sin() * d * 0.78);
        canvas.ellipse((centre.0 + 0.008, centre.1 + 0.012), (long * 1.03, wide * 1.03), turn, |_, _| {
            (hex(0x0c100c), 0.42)
        });
        canvas.ellipse(centre, (long, wide), turn, |u, v| {
            let light = 0.58
                + 0.40
                    * smooth(
                        1.0,
                        -1.0,
                        (turn.sin() * u + turn.cos() * v) * 0.8 + (turn.cos() * u - turn.sin() * v) * 0.5,
                    )
                - 0.22 * v * v;
            let bloom = 0.05 * value(u * 26.0, v * 26.0, grain) + 0.04 * fbm(u * 5.0, v * 5.0, 3, grain);
            let edge = smooth(0.84, 0.98, u * u + v * v) * 0.55 + smooth(0.72, 1.0, u) * 0.55;
            ((c.mix(tip, edge.min(0.85)) * (light + bloom)) * (0.72 + 0.28 * smooth(-1.0, -0.2, u)), 1.0)
        });
    }
}
