//! Still lifes.

use std::f32::consts::TAU;

use super::super::canvas::{Canvas, Point};
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::noise::{Rng, fbm, ridged, smooth, value};

/// A board of wood, seen along the grain in x.
pub(super) fn wood(x: f32, y: f32, base: Rgb, seed: u32) -> Rgb {
    let bend = fbm(x * 1.2, y * 3.5, 4, seed);
    let rings = ((y * 26.0 + bend * 5.0) * 2.0).sin() * 0.5 + 0.5;
    let fibre = value(x * 18.0, y * 520.0, seed) * 0.5 + value(x * 40.0, y * 240.0, seed ^ 1) * 0.5;
    base * (0.72 + 0.28 * rings + 0.16 * fibre + 0.10 * bend)
}

fn shadow(canvas: &mut Canvas, at: Point, r: f32) {
    canvas.ellipse((at.0 + r * 0.5, at.1), (r * 1.5, r * 0.30), 0.02, |u, v| {
        (hex(0x120a06), 0.72 * (1.0 - u * u - v * v).clamp(0.0, 1.0).sqrt())
    });
}

/// A fruit of kind 0 apple, 1 orange, 2 lemon, 3 plum, 4 pear.
fn fruit_on(canvas: &mut Canvas, rng: &mut Rng, at: Point, r: f32, kind: usize) {
    let seed = rng.seed();
    let (base, flush) = match kind {
        0 => (hsv(rng.range(0.0, 0.02), 0.9, 0.75), hsv(0.15, 0.7, 0.85)),
        1 => (hsv(0.085, 0.95, 0.98), hsv(0.1, 0.9, 0.95)),
        2 => (hsv(0.145, 0.85, 0.98), hsv(0.17, 0.7, 0.9)),
        3 => (hsv(0.80, 0.6, 0.35), hsv(0.93, 0.6, 0.5)),
        _ => (hsv(0.19, 0.65, 0.75), hsv(0.06, 0.6, 0.75)),
    };
    let (rx, ry) = match kind {
        2 => (r * 1.2, r * 0.86),
        3 => (r * 0.72, r * 0.78),
        _ => (r, r * 0.95),
    };
    let y = at.1 - ry * 0.92;
    shadow(canvas, (at.0, at.1 - r * 0.05), r * (rx / r));
    if kind == 4 {
        canvas.limb(((at.0, y - r * 0.5), r * 0.62), ((at.0 + r * 0.12, y - r * 1.15), r * 0.33), |_, s| {
            base * (0.75 - 0.35 * s)
        });
    }
    canvas.ellipse((at.0, y), (rx, ry), 0.0, |u, v| {
        let z = (1.0 - u * u - v * v).max(0.0).sqrt();
        let light = (-0.45 * u - 0.6 * v + 0.66 * z).max(0.0);
        let skin = match kind {
            0 => {
                let streak =
                    smooth(-0.3, 0.6, value(u * 14.0, v * 2.5, seed) + 0.5 * fbm(u * 4.0, v * 2.0, 3, seed));
                base.mix(flush, (0.62 * streak + 0.35 * smooth(-0.4, -1.0, v)).min(1.0))
                    * (1.0 + 0.25 * smooth(0.72, 0.9, value(u * 30.0, v * 30.0, seed ^ 3)))
            }
            1 | 2 => {
                base.mix(flush, 0.5 + 0.5 * fbm(u * 3.0, v * 3.0, 3, seed))
                    * (1.0 - 0.24 * smooth(0.35, 0.75, value(u * 34.0, v * 34.0, seed)) * z)
            }
            3 => {
                base.mix(flush, smooth(0.0, 0.7, fbm(u * 2.0, v * 2.0, 4, seed)))
                    + hex(0x8a90c0) * (0.16 * smooth(-0.2, 0.6, fbm(u * 5.0, v * 5.0, 4, seed)))
            }
            _ => {
                base.mix(flush, smooth(-0.1, 0.8, u + 0.4 * fbm(u * 3.0, v * 3.0, 3, seed)))
                    * (1.0 - 0.25 * smooth(0.5, 0.8, value(u * 40.0, v * 40.0, seed)))
            }
        };
        let rough = value(u * 34.0, v * 34.0, seed) * 0.05;
        let gleam = (-((u + 0.36 + rough).powi(2) + (v + 0.44 + rough).powi(2)) * 26.0).exp();
        let bounce = hex(0x8a5a30) * (0.12 * smooth(0.2, 1.0, v));
        (skin * (0.07 + 0.95 * light) + grey(0.75 * gleam) + skin * bounce, 1.0)
    });
    if kind == 0 || kind == 4 {
        let top = if kind == 4 { (at.0 + r * 0.13, y - r * 1.42) } else { (at.0 + r * 0.03, y - ry * 0.90) };
        canvas.limb((top, r * 0.045), ((top.0 + r * 0.1, top.1 - r * 0.32), r * 0.03), |_, s| {
            hex(0x3a2614) * (0.9 - 0.5 * s)
        });
        if rng.unit() < 0.6 {
            canvas.ellipse((top.0 + r * 0.34, top.1 - r * 0.22), (r * 0.30, r * 0.12), -0.4, |u, v| {
                (hsv(0.27, 0.7, 0.5) * (0.8 - 0.4 * v + 0.12 * (u * 24.0).sin()), 1.0)
            });
        }
    }
}

pub(super) fn fruit(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let (wall, board, edge) = (rng.seed(), rng.seed(), rng.range(0.48, 0.56));
    let tint = hex(rng.pick(&[0x39424a_u32, 0x4a4038, 0x5a6b68, 0x7a5a4a]));
    let timber = hex(rng.pick(&[0x8a5a34_u32, 0x5a3a22, 0xa87a4c]));
    canvas.shade(|x, y, _| {
        let lamp = (-((x - aspect * 0.25).powi(2) + (y - 0.25).powi(2)) * 1.6).exp();
        if y < edge {
            tint * (0.35
                + 0.85 * lamp
                + 0.12 * fbm(x * 3.0, y * 3.0, 5, wall)
                + 0.02 * value(x * 260.0, y * 260.0, wall))
        } else {
            let depth = (y - edge) / (1.0 - edge);
            let v = 1.0 / (1.35 - depth);
            let plank = (v * 4.0).floor();
            let gap = smooth(0.0, 0.03, (v * 4.0 - plank).min(plank + 1.0 - v * 4.0));
            wood((x - aspect / 2.0) * (1.5 - depth * 0.7) + plank * 3.3, v, timber, board)
                * ((0.35 + 0.75 * lamp + 0.25 * depth) * (0.45 + 0.55 * gap))
        }
    });
    let base = edge + 0.22;
    // A bowl behind, fruit before it.
    let bowl = (aspect * rng.range(0.4, 0.6), base - 0.02);
    let glaze = hex(rng.pick(&[0x2f5a7a_u32, 0xe6ded0, 0x3f6a58, 0x8a3a2a]));
    let (w, h) = (0.30, 0.19);
    shadow(canvas, (bowl.0, bowl.1 + 0.012), w * 0.85);
    for i in 0..7 {
        let kind = rng.below(4);
        let x = bowl.0 + w * (-0.66 + 0.22 * i as f32);
        let lift = 0.03 + 0.10 * (1.0 - ((i as f32 - 3.0) / 3.0).powi(2));
        fruit_on(canvas, rng, (x, bowl.1 - h + lift * -0.6 + 0.06), 0.085, kind);
    }
    let seed = rng.seed();
    let mut rim: Vec<Point> = vec![(bowl.0 - w, bowl.1 - h), (bowl.0 + w, bowl.1 - h)];
    rim.extend((0..=24).map(|i| {
        let t = i as f32 / 24.0 * std::f32::consts::PI;
        (
            bowl.0 + w * t.cos() * (0.42 + 0.58 * (1.0 - t.sin()).powf(0.35)),
            bowl.1 - h + h * t.sin().powf(0.8),
        )
    }));
    canvas.polygon(&rim, |x, y| {
        let u = (x - bowl.0) / w;
        let light = 0.20 + 0.75 * smooth(0.95, -0.75, u) * (1.0 - 0.4 * smooth(-0.7, -1.0, u));
        let crackle = 1.0 - 0.06 * smooth(0.62, 0.75, ridged(x * 16.0, y * 16.0, 2, seed));
        let band = 1.0 - 0.45 * smooth(0.012, 0.006, (y - bowl.1 + h - 0.035).abs());
        let gleam = (-((u + 0.5).powi(2) * 60.0 + (y - bowl.1 + h * 0.6).powi(2) * 400.0)).exp();
        (glaze * (light * crackle * band) + grey(gleam * 0.5), 1.0)
    });
    canvas.limb(((bowl.0 - w, bowl.1 - h), 0.008), ((bowl.0 + w, bowl.1 - h), 0.008), |t, s| {
        glaze * (1.1 - 0.8 * t - 0.3 * s) + grey(0.04)
    });
    let count = 3 + rng.below(3);
    for i in 0..count {
        let x = aspect * (0.10 + 0.82 * (i as f32 + rng.range(0.2, 0.8)) / count as f32);
        let y = base + 0.07 + 0.09 * rng.unit();
        let kind = rng.below(5);
        let r = rng.range(0.075, 0.1);
        fruit_on(canvas, rng, (x, y), r, kind);
    }
}

pub(super) fn coffee(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let (board, timber) = (rng.seed(), hex(rng.pick(&[0x9a6a40_u32, 0x4a3020, 0xc8a880, 0x6a7a80])));
    canvas.shade(|x, y, _| {
        let plank = (y * 4.0).floor();
        let gap = smooth(0.0, 0.02, (y * 4.0 - plank).min(plank + 1.0 - y * 4.0));
        wood(x + plank * 5.1, y, timber, board) * ((0.45 + 0.55 * gap) * (1.05 - 0.35 * x / aspect))
    });
    let at = (aspect * rng.range(0.42, 0.6), rng.range(0.46, 0.54));
    let china = hex(rng.pick(&[0xf2f0ea_u32, 0x8fb0b8, 0xd8c8b0, 0x3a4a5a]));
    canvas.ellipse((at.0 + 0.035, at.1 + 0.045), (0.41, 0.41), 0.0, |u, v| {
        (hex(0x100a06), 0.62 * smooth(1.0, 0.8, u * u + v * v))
    });
    canvas.ellipse(at, (0.385, 0.385), 0.0, |u, v| {
        let d = (u * u + v * v).sqrt();
        let slope = if d > 0.93 {
            -1.0
        } else if d > 0.62 {
            0.7
        } else {
            0.0
        };
        (
            china
                * (0.72 - 0.20 * slope * (u * 0.6 + v * 0.7) / d.max(0.1)
                    + 0.10 * smooth(0.05, 0.0, (d - 0.62).abs())),
            1.0,
        )
    });
    canvas.ellipse((at.0 + 0.02, at.1 + 0.025), (0.262, 0.262), 0.0, |u, v| {
        (hex(0x1a1410), 0.6 * smooth(1.0, 0.75, u * u + v * v))
    });
    canvas.limb(((at.0 + 0.20, at.1 - 0.12), 0.028), ((at.0 + 0.33, at.1 - 0.20), 0.022), |_, s| {
        china * (0.82 - 0.35 * s)
    });
    let seed = rng.seed();
    let lobes = rng.below(2);
    canvas.ellipse(at, (0.24, 0.24), 0.0, |u, v| {
        let d = (u * u + v * v).sqrt();
        let turn = v.atan2(u);
        if d > 0.90 {
            return (china * (0.86 - 0.25 * (u * 0.6 + v * 0.7)), 1.0);
        }
        if d > 0.80 {
            return (china * (0.42 + 0.28 * (u * 0.6 + v * 0.7)), 1.0);
        }
        // Poured milk: a leaf of nested bands, or a heart.
        let swirl = fbm(u * 3.0, v * 3.0, 3, seed) * 0.10;
        let milk = if lobes == 0 {
            let spine = u.abs() * 1.9 + v * 0.9 + swirl;
            smooth(0.05, 0.30, (spine * 17.0).sin())
                * smooth(0.62, 0.52, (u * u * 1.7 + (v - 0.02).powi(2)).sqrt() + swirl)
                * smooth(0.0, 0.02, u.abs())
        } else {
            let r = 0.42 * (1.0 - 0.5 * (turn + 1.57).sin()) + swirl;
            smooth(0.04, 0.0, d - r) * (1.0 - 0.5 * smooth(0.3, 0.8, ((d - r) * 60.0).sin()))
        };
        let crema = hex(0x9a5a22).mix(hex(0x4a220c), smooth(0.45, 0.80, d + swirl * 2.0))
            * (0.9 + 0.2 * value(u * 70.0, v * 70.0, seed) + 0.1 * fbm(u * 9.0, v * 9.0, 4, seed));
        let bubbles = smooth(0.80, 0.9, value(u * 46.0, v * 46.0, seed ^ 8)) * smooth(0.55, 0.78, d);
        (crema.mix(hex(0xf6e6cc), milk * 0.95) + grey(0.12 * bubbles), 1.0)
    });
    // A spoon and a few beans.
    let (sx, sy) = (at.0 - 0.52, at.1 - 0.18);
    canvas.limb(((sx + 0.008, sy + 0.01), 0.008), ((sx + 0.058, sy + 0.52), 0.014), |_, _| hex(0x1a1008));
    canvas.limb(((sx, sy), 0.008), ((sx + 0.05, sy + 0.5), 0.014), |t, s| {
        grey(0.38 - 0.34 * s) + grey(0.10 * (t * 9.0).sin())
    });
    canvas.ellipse((sx - 0.005, sy - 0.05), (0.042, 0.07), -0.1, |u, v| {
        (grey(0.34 - 0.3 * u - 0.2 * v + 0.4 * (-((u + 0.4).powi(2) + (v + 0.3).powi(2)) * 14.0).exp()), 1.0)
    });
    for _ in 0..14 + rng.below(20) {
        let turn = rng.unit() * TAU;
        let p = (at.0 + rng.range(0.45, 0.95) * aspect * 0.55 * turn.cos(), at.1 + 0.52 * turn.sin());
        let (angle, size) = (rng.unit() * 3.2, 0.019);
        canvas.ellipse((p.0 + 0.005, p.1 + 0.006), (size, size * 0.7), angle, |_, _| (hex(0x0a0604), 0.5));
        canvas.ellipse(p, (size, size * 0.7), angle, |u, v| {
            let groove = smooth(0.12, 0.04, (v - 0.18 * (u * 3.0).sin()).abs());
            (
                hex(0x5a3018)
                    * (0.75 - 0.3 * v - 0.6 * groove
                        + 0.3 * (-((u + 0.2).powi(2) + (v + 0.4).powi(2)) * 9.0).exp()),
                1.0,
            )
        });
    }
}
