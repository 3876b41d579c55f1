//! The sea, the beach, and a gull.

use super::super::canvas::Canvas;
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::noise::{Rng, fbm, ridged, smooth, value};
use super::land;
use super::sky::{Light, sky};

pub(super) fn sea(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let level = rng.range(0.5, 0.62);
    let sun = sky(canvas, rng, light, level);
    let p = light.palette();
    let aspect = canvas.aspect();
    let what = rng.below(4);
    if what != 2 {
        // A headland on the horizon.
        let (seed, left) = (rng.seed(), rng.unit() < 0.5);
        let air = p.dark.mix(p.horizon, 0.55);
        canvas.below(
            |x| {
                let reach = smooth(0.55, 0.0, if left { x / aspect } else { 1.0 - x / aspect });
                level - reach * 0.13 * (0.35 + land::crest(x, 1.7, seed)) + 0.012
            },
            |_| level,
            |x, y, d| air * (0.85 + 0.3 * ridged(x * 20.0, y * 20.0, 3, seed) - d),
        );
    }
    let place = (aspect * rng.range(0.2, 0.8), level + rng.range(0.005, 0.03));
    let wind = rng.range(0.35, 0.8);
    if what == 1 || what == 2 {
        canvas.reflect(level, wind, p.dark.mix(p.zenith, 0.55) * 0.6, rng.seed());
        glitter(canvas, rng, level, sun.0, p.sun, p.sun_height);
        let size = rng.range(0.12, 0.24);
        yacht(canvas, place, size, p.ground, p.dark);
    //X(canvas, place, rng.range(0.12, 0.24), p.ground, p.dark);
    } else {
        if what == 0 {
            let foot = (aspect * rng.range(0.12, 0.3), level + 0.005);
            lighthouse(canvas, rng, foot, p.ground, p.dark, light);
        }
        canvas.reflect(level, wind, p.dark.mix(p.zenith, 0.55) * 0.6, rng.seed());
        glitter(canvas, rng, level, sun.0, p.sun, p.sun_height);
    }
    if what == 3 || rng.unit() < 0.4 {
        surf(canvas, rng, p.ground.mix(grey(0.9), 0.4), hex(0xc8a880) * p.ground * 0.7);
    }
    if rng.unit() < 0.5 {
        land::birds(canvas, rng, p.dark);
    }
}

/// Sparkles on the water below the sun.
fn glitter(canvas: &mut Canvas, rng: &mut Rng, level: f32, sun_x: f32, sun: Rgb, height: f32) {
    if !(0.0..0.4).contains(&height) {
        return;
    }
    for _ in 0..1500 {
        let near = rng.unit().powf(1.4);
        let y = level + 0.004 + (1.0 - level) * near;
        let spread = 0.03 + 0.22 * near;
        let x = sun_x + (rng.unit() + rng.unit() + rng.unit() - 1.5) * spread;
        let long = (0.0015 + 0.012 * near) * rng.range(0.4, 1.3);
        let shine = sun * rng.range(0.5, 2.2);
        canvas.ellipse((x, y), (long, long * 0.16), 0.0, |u, _| (shine, (1.0 - u * u) * (0.85 - 0.5 * near)));
    }
}

/// Foam lines running up a beach at the bottom of the picture.
fn surf(canvas: &mut Canvas, rng: &mut Rng, foam: Rgb, sand: Rgb) {
    let seed = rng.seed();
    let edge = rng.range(0.82, 0.9);
    let line = move |x: f32| edge + 0.035 * (x * 3.1).sin() + 0.03 * fbm(x * 2.5, 0.0, 4, seed);
    canvas.below(
        line,
        |_| 1.0,
        |x, y, d| {
            let wet = smooth(0.10, 0.0, d);
            let grain = value(x * 800.0, y * 800.0, seed) * 0.08 + 0.08 * fbm(x * 12.0, y * 30.0, 3, seed);
            (sand * (1.0 + grain)).mix(sand * 0.55 + foam * 0.08, wet)
        },
    );
    for (offset, width) in [(-0.075, 0.016), (-0.035, 0.012), (0.0, 0.02)] {
        canvas.shade_rows(edge - 0.25, 1.0, |x, y, c| {
            let d = y - line(x * 1.04 + offset) - offset + 0.012 * fbm(x * 14.0, y * 14.0, 3, seed);
            let lace = smooth(0.25, 0.6, ridged(x * 26.0, y * 44.0, 3, seed ^ 3));
            let front = smooth(width, 0.0, d.abs()) * (0.45 + 0.55 * lace)
                + smooth(-width * 3.0, 0.0, d) * f32::from(d < 0.0) * lace * 0.35;
            c.mix(foam, front.min(1.0) * 0.9)
        });
    }
}

fn yacht(canvas: &mut Canvas, at: (f32, f32), size: f32, ground: Rgb, dark: Rgb) {
    let (x, y) = at;
    let sail = hex(0xf8f4ea) * ground.mix(grey(1.0), 0.4);
    for (mirror, alpha) in [(-0.75_f32, 0.32_f32), (1.0, 1.0)] {
        let p = |dx: f32, dy: f32| {
            (
                x + dx * size + if mirror < 0.0 { 0.01 * (dy * 40.0).sin() * size } else { 0.0 },
                y - dy * size * mirror,
            )
        };
        let shade = |px: f32| 0.72 + 0.28 * smooth(-0.1, 0.35, (px - x) / size + 0.1);
        canvas
            .polygon(&[p(0.02, 0.10), p(0.03, 0.6), p(0.025, 1.0), p(0.2, 0.55), p(0.33, 0.12)], |px, _| {
                (sail * shade(px), alpha)
            });
        canvas.polygon(&[p(-0.03, 0.12), p(-0.005, 0.84), p(-0.15, 0.5), p(-0.31, 0.13)], |px, _| {
            (sail * (shade(px) * 0.9), alpha)
        });
        canvas.polygon(&[p(-0.36, 0.09), p(0.38, 0.09), p(0.31, 0.0), p(-0.25, 0.0)], |_, py| {
            let v = (y - py) / size * mirror;
            (if v > 0.055 { sail * 0.8 } else { dark.mix(hex(0x7a1f1f), 0.6) }, alpha)
        });
        let (from, to) = (p(0.008, 0.08), p(0.008, 1.03));
        canvas.polygon(&[(from.0 - 0.0012, from.1), (from.0 + 0.0012, from.1), to], |_, _| (dark, alpha));
    }
}

fn lighthouse(canvas: &mut Canvas, rng: &mut Rng, at: (f32, f32), ground: Rgb, dark: Rgb, light: Light) {
    let (x, y) = at;
    let seed = rng.seed();
    canvas.below(
        |px| {
            y - 0.09 * smooth(0.24, 0.0, (px - x).abs()) * (0.7 + 0.6 * ridged(px * 9.0, 0.0, 4, seed))
                + 0.004
        },
        |_| y,
        |px, py, _| dark.mix(ground * 0.4, smooth(0.3, 0.9, ridged(px * 22.0, py * 26.0, 4, seed))),
    );
    let (foot, top) = (y - 0.07, y - 0.37);
    canvas.polygon(&[(x - 0.034, foot), (x - 0.022, top), (x + 0.022, top), (x + 0.034, foot)], |px, py| {
        let band = ((py - top) / (foot - top) * 5.0) as i32 % 2 == 0;
        let round = 0.45 + 0.6 * (1.0 - ((px - x) / 0.034 - 0.35).powi(2)).max(0.0);
        ((if band { hex(0xc0342c) } else { hex(0xf2efe6) }) * ground.mix(grey(1.0), 0.4) * round, 1.0)
    });
    canvas.fill(&[(x - 0.03, top), (x + 0.03, top), (x + 0.03, top - 0.008), (x - 0.03, top - 0.008)], dark);
    canvas.fill(
        &[
            (x - 0.016, top - 0.008),
            (x + 0.016, top - 0.008),
            (x + 0.016, top - 0.04),
            (x - 0.016, top - 0.04),
        ],
        hex(0xffe9b0),
    );
    canvas.fill(&[(x - 0.022, top - 0.04), (x, top - 0.068), (x + 0.022, top - 0.04)], hex(0x8a241e));
    if matches!(light, Light::BlueHour | Light::Violet | Light::Sunset) {
        canvas.glow((x, top - 0.024), 0.03, hex(0xffe0a0) * 1.6);
        canvas.glow((x, top - 0.024), 0.12, hex(0xffc880) * 0.25);
    }
}

/// A beach from above: sea, foam, sand, umbrellas and towels with their shadows.
pub(super) fn beach(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let (seed, deep) = (rng.seed(), rng.seed());
    let slope = rng.range(-0.18, 0.18);
    let start = rng.range(0.30, 0.42);
    let shore = move |x: f32| {
        start + slope * (x - aspect / 2.0) + 0.03 * (x * 4.0).sin() + 0.03 * fbm(x * 2.0, 0.0, 4, seed)
    };
    canvas.shade(|x, y, _| {
        let d = y - shore(x);
        let sand = hex(0xe9cfa2)
            * (0.93 + 0.09 * fbm(x * 5.0, y * 5.0, 4, seed) + 0.07 * value(x * 700.0, y * 700.0, seed));
        let prints = smooth(0.55, 0.75, ridged(x * 38.0, y * 38.0, 2, deep)) * 0.10;
        if d > 0.0 {
            (sand * (1.0 - prints)).mix(hex(0xb08f63), smooth(0.09, 0.0, d) * 0.8)
        } else {
            let swell = fbm(x * 6.0, y * 14.0, 5, deep);
            let water = hex(0x8fe0d2)
                .mix(hex(0x1f93a8), smooth(0.0, 0.2, -d + 0.03 * swell))
                .mix(hex(0x0b5a86), smooth(0.12, 0.42, -d));
            let caustic = smooth(0.5, 0.95, ridged(x * 22.0, y * 30.0, 3, seed ^ 2)) * smooth(-0.3, 0.0, d);
            water * (1.0 + 0.22 * swell) + grey(0.10 * caustic)
        }
    });
    for (offset, width) in [(0.0, 0.012), (-0.06, 0.016), (-0.14, 0.01)] {
        canvas.shade(|x, y, c| {
            let d = y - shore(x + offset * 2.0) - offset + 0.02 * fbm(x * 9.0, y * 9.0, 4, deep);
            let lace = smooth(0.3, 0.7, ridged(x * 24.0, y * 30.0, 3, deep ^ 5));
            let foam = smooth(width, 0.0, d.abs()) + smooth(-0.05, 0.0, d) * f32::from(d < 0.0) * lace * 0.6;
            c.mix(grey(0.95), (foam * (0.6 + 0.4 * lace)).min(1.0) * 0.92)
        });
    }
    let count = 9 + rng.below(9);
    for i in 0..count {
        let x = aspect * ((i as f32 * 0.618_034 + 0.05).rem_euclid(1.0) * 0.92 + 0.04);
        let room = (0.97 - shore(x) - 0.16).max(0.05);
        let at =
            (x, shore(x) + 0.15 + room * ((i as f32 * 0.754_877) + rng.range(0.0, 0.12)).rem_euclid(1.0));
        let r = rng.range(0.042, 0.058);
        for side in [-1.0, 1.0] {
            if rng.unit() < 0.75 {
                let (hue, turn) = (rng.unit(), rng.range(-0.25, 0.25));
                let (tx, ty) = (at.0 + side * r * 1.3, at.1 + rng.range(0.0, 0.03));
                let (w, h) = (0.016, 0.042);
                let (s, c) = turn.sin_cos();
                let corner = |u: f32, v: f32, o: f32| {
                    (tx + (u * w * c - v * h * s) + o, ty + (u * w * s + v * h * c) + o * 0.8)
                };
                for (o, shadow) in [(0.004, true), (0.0, false)] {
                    canvas.polygon(
                        &[
                            corner(-1.0, -1.0, o),
                            corner(1.0, -1.0, o),
                            corner(1.0, 1.0, o),
                            corner(-1.0, 1.0, o),
                        ],
                        |px, py| {
                            let along = ((px - tx) * -s + (py - ty) * c) * 240.0;
                            if shadow {
                                (hex(0x5a4a40), 0.55)
                            } else {
                                (
                                    if along.sin() > 0.0 { hsv(hue, 0.7, 0.9) } else { hsv(hue, 0.12, 0.97) },
                                    1.0,
                                )
                            }
                        },
                    );
                }
            }
        }
        canvas.ellipse((at.0 + 0.030, at.1 + 0.024), (r, r), 0.0, |u, v| {
            (hex(0x4a3f48), 0.55 * smooth(1.0, 0.85, u * u + v * v))
        });
        let (hue, second) = (rng.unit(), if rng.unit() < 0.6 { 0.0 } else { 0.8 });
        let turn = rng.unit();
        canvas.ellipse(at, (r, r), 0.0, |u, v| {
            let angle = v.atan2(u) / std::f32::consts::TAU * 10.0 + turn;
            let part = angle - angle.floor();
            let c = if angle.floor() as i32 & 1 == 0 {
                hsv(hue, 0.82, 0.92)
            } else {
                hsv(hue + 0.5, second, 0.96)
            };
            let fold = 0.86 + 0.14 * smooth(0.0, 0.1, part.min(1.0 - part));
            (c * fold * (0.9 - 0.22 * (u * 0.7 + v * 0.7)), 1.0)
        });
        canvas.disc(at, r * 0.05, hex(0xf0f0f0));
    }
}

/// A gull in flight. The sea behind is the same in every frame of a burst.
pub(super) fn gull(canvas: &mut Canvas, rng: &mut Rng, beat: f32, at: (f32, f32)) {
    sea(canvas, rng, Light::Golden);
    let (x, y) = (at.0 * canvas.aspect(), at.1);
    let s = 0.21;
    let lift = (beat * std::f32::consts::TAU).sin();
    let plumage = |c: Rgb| {
        move |t: f32, v: f32| c * (0.78 + 0.30 * (1.0 - v.abs()) - 0.12 * v + 0.05 * (t * 90.0).sin())
    };
    for (side, far) in [(-1.0_f32, 0.86_f32), (1.0, 1.0)] {
        // Two joints each: shoulder to wrist, wrist to tip; the tip lags behind the beat.
        let lag = ((beat - 0.12) * std::f32::consts::TAU).sin();
        let shoulder = (x + side * s * 0.03, y - s * 0.03);
        let wrist = (x + side * s * 0.48, y - s * (0.20 * lift + 0.20));
        let tip = (x + side * s * 1.02, y - s * (0.50 * lag + 0.04));
        let feather = |px: f32, py: f32| {
            let out = ((px - x).abs() / s).min(1.0);
            let vane = 0.90 + 0.10 * ((px - x) / s * 85.0 + (py - y) / s * 30.0).sin();
            (
                hex(0xb9c2cc)
                    .mix(hex(0xf7f4ec), smooth(0.65, 0.1, out))
                    .mix(hex(0x22262e), smooth(0.80, 0.92, out))
                    * (far * vane),
                1.0,
            )
        };
        canvas.polygon(
            &[
                shoulder,
                (wrist.0 - side * s * 0.12, wrist.1 - s * 0.045),
                (wrist.0, wrist.1 - s * 0.05),
                (wrist.0 + side * s * 0.2, wrist.1 - s * 0.045 + (tip.1 - wrist.1) * 0.3),
                tip,
                (tip.0 - side * s * 0.17, tip.1 + s * 0.05),
                (wrist.0 + side * s * 0.10, wrist.1 + s * 0.14),
                (wrist.0 - side * s * 0.16, wrist.1 + s * 0.18),
                (shoulder.0 + side * s * 0.06, shoulder.1 + s * 0.14),
            ],
            feather,
        );
    }
    canvas.limb(
        ((x - s * 0.24, y + s * 0.03), s * 0.035),
        ((x - s * 0.44, y + s * 0.05), s * 0.06),
        plumage(hex(0xe8e8e6)),
    );
    canvas.limb(
        ((x - s * 0.25, y + s * 0.03), s * 0.05),
        ((x + s * 0.12, y), s * 0.11),
        plumage(hex(0xf4f2ec)),
    );
    canvas.limb(
        ((x + s * 0.10, y), s * 0.10),
        ((x + s * 0.31, y - s * 0.05), s * 0.075),
        plumage(hex(0xfaf8f2)),
    );
    canvas.limb(
        ((x + s * 0.36, y - s * 0.045), s * 0.026),
        ((x + s * 0.46, y - s * 0.015), s * 0.010),
        |_, _| hex(0xe89a1c),
    );
    canvas.disc((x + s * 0.335, y - s * 0.07), s * 0.012, hex(0x181410));
}
