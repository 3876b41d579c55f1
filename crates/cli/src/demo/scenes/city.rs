//! A skyline at dusk, and its lights out of focus.

use super::super::canvas::Canvas;
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::noise::{Rng, cell, floor, smooth, value};
use super::sky::{Light, sky};

pub(super) fn skyline(canvas: &mut Canvas, rng: &mut Rng, light: Light) {
    let level = rng.range(0.68, 0.78);
    sky(canvas, rng, light, level);
    let p = light.palette();
    let aspect = canvas.aspect();
    let lit = match light {
        Light::BlueHour | Light::Violet => 0.5,
        Light::Sunset | Light::Dawn => 0.28,
        _ => 0.06,
    };
    for layer in 0..4 {
        let near = layer as f32 / 3.0;
        let air = (1.0 - near) * 0.62;
        let mut x = -0.03;
        while x < aspect {
            let width = rng.range(0.035, 0.085) * (0.75 + 0.5 * near);
            let centre = 1.0 - ((x / aspect - 0.5) * 1.7).powi(2);
            let height = (rng.range(0.08, 0.22) + 0.22 * centre * rng.unit().powi(2)) * (1.25 - 0.55 * near);
            let tone = p.dark.mix(p.middle, rng.range(0.05, 0.2)) + p.ground * rng.range(0.02, 0.10);
            building(
                canvas,
                rng,
                (x, level),
                (width, height),
                tone.mix(p.horizon.mix(p.middle, 0.5), air),
                lit * (0.35 + 0.65 * near),
                air,
            );
            x += width + rng.range(-0.008, 0.022) * (1.0 + near);
        }
    }
    // Quay and street lamps.
    canvas.shade_rows(level - 0.012, level + 0.002, |x, y, c| {
        c.mix(p.dark * (0.8 + 0.3 * value(x * 120.0, y * 300.0, 3)), 0.9)
    });
    if lit > 0.1 {
        let lamps = 26;
        for i in 0..lamps {
            let at = (aspect * (i as f32 + 0.5) / lamps as f32, level - 0.02);
            canvas.stroke(at, (at.0, level - 0.004), 0.0008, p.dark);
            canvas.glow(at, 0.0035, hex(0xffd08a) * 2.4);
            canvas.glow(at, 0.016, hex(0xffb060) * 0.35);
        }
    }
    canvas.reflect(level, rng.range(0.30, 0.6), p.dark.mix(p.zenith, 0.3) * 0.6, rng.seed());
}

fn building(
    canvas: &mut Canvas,
    rng: &mut Rng,
    foot: (f32, f32),
    size: (f32, f32),
    tone: Rgb,
    lit: f32,
    air: f32,
) {
    let ((x, y), (w, h)) = (foot, size);
    let seed = rng.seed();
    let (columns, floor_height) = ((w / rng.range(0.006, 0.010)).max(3.0), rng.range(0.0095, 0.013));
    let (kind, warm) = (rng.below(3), rng.range(0.0, 1.0));
    let facade = |px: f32, py: f32| {
        let (u, v) = ((px - x) / w * columns, (py - (y - h)) / floor_height);
        let (cu, cv) = (u - u.floor(), v - v.floor());
        let inside = match kind {
            0 => cu > 0.22 && cu < 0.78 && cv > 0.25 && cv < 0.8,
            1 => cu > 0.08 && cu < 0.92 && cv > 0.3 && cv < 0.75,
            _ => cu > 0.3 && cu < 0.7 && cv > 0.12 && cv < 0.88,
        };
        let edge = smooth(0.0, 0.03, (px - x) / w) * smooth(1.0, 0.94, (px - x) / w);
        let wall = tone * (0.72 + 0.28 * edge) * (1.0 + 0.08 * value(px * 400.0, py * 400.0, seed));
        if !inside || v < 0.4 {
            return (wall, 1.0);
        }
        // Lights go on by rooms, and whole floors in offices.
        let room = if kind == 1 { floor(u / 3.0) } else { floor(u) };
        let dice = cell(room, floor(v), seed);
        if dice < lit {
            let lamp = hex(0xffc873)
                .mix(hex(0xfff3d8), (cell(floor(u), floor(v), seed ^ 9) * 0.7 + warm * 0.3).min(1.0));
            ((lamp * (0.55 + 0.9 * cell(floor(u), floor(v), seed ^ 4))).mix(tone, air * 0.7), 1.0)
        } else {
            (wall * 0.62 + grey(0.012), 1.0)
        }
    };
    canvas.polygon(&[(x, y), (x, y - h), (x + w, y - h), (x + w, y)], facade);
    let roof = y - h;
    match rng.below(5) {
        0 => {
            canvas.polygon(
                &[
                    (x + w * 0.2, roof + 0.001),
                    (x + w * 0.2, roof - h * 0.10),
                    (x + w * 0.8, roof - h * 0.10),
                    (x + w * 0.8, roof + 0.001),
                ],
                facade,
            );
            canvas.fill(
                &[
                    (x + w * 0.49, roof - h * 0.1),
                    (x + w * 0.5, roof - h * 0.34),
                    (x + w * 0.51, roof - h * 0.1),
                ],
                tone * 0.8,
            );
            if lit > 0.1 {
                canvas.glow((x + w * 0.5, roof - h * 0.34), 0.003, hex(0xff3a30) * 1.6);
            }
        }
        1 => canvas
            .polygon(&[(x, roof + 0.001), (x + w * 0.5, roof - w * 0.55), (x + w, roof + 0.001)], |px, _| {
                (tone * (0.7 + 0.4 * (px - x) / w), 1.0)
            }),
        2 => canvas.polygon(
            &[
                (x + w * 0.1, roof + 0.001),
                (x + w * 0.1, roof - 0.014),
                (x + w * 0.4, roof - 0.014),
                (x + w * 0.4, roof + 0.001),
            ],
            |_, _| (tone * 0.8, 1.0),
        ),
        3 => canvas.polygon(&[(x, roof + 0.001), (x, roof - h * 0.12), (x + w, roof + 0.001)], |px, _| {
            (tone * (1.1 - 0.4 * (px - x) / w), 1.0)
        }),
        _ => {}
    }
}

pub(super) fn lights(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let base = rng.pick(&[0x121a36_u32, 0x1c1030, 0x0e2226, 0x261412]);
    let seed = rng.seed();
    canvas.backdrop(4, |small| {
        small.shade(|x, y, _| {
            hex(base)
                * (0.8 + 0.9 * smooth(1.0, 0.2, (y - 0.5).abs() * 2.0) + 0.3 * value(x * 2.0, y * 2.0, seed))
        });
    });
    let hue = rng.unit();
    for i in 0..150 {
        let r = rng.range(0.018, 0.062) * if i % 7 == 0 { 1.4 } else { 1.0 };
        let spread = rng.unit() + rng.unit() - 1.0;
        let at = (rng.unit() * aspect, 0.5 + spread * 0.42);
        let c = if rng.unit() < 0.62 {
            hsv(rng.range(0.05, 0.13), rng.range(0.35, 0.85), 1.0)
        } else {
            hsv(hue + rng.range(-0.12, 0.35), 0.75, 1.0)
        };
        let power = rng.range(0.12, 0.6);
        let cut = rng.range(0.82, 1.0);
        canvas.ellipse(at, (r, r * cut), 0.0, |u, v| {
            // Out-of-focus points show the iris: an even disc with a brighter rim.
            let d = u * u + v * v;
            (c * (1.0 + 0.35 * smooth(0.75, 0.97, d)), power * smooth(1.0, 0.94, d))
        });
    }
    // In focus: rain drops on the window, each with the lights upside down in it.
    let upper = canvas.clone();
    for _ in 0..240 {
        let at = (rng.unit() * aspect, rng.unit());
        let r = 0.003 + 0.016 * rng.unit().powi(3);
        let tall = rng.range(1.0, 1.35);
        canvas.ellipse((at.0, at.1), (r, r * tall), 0.0, |u, v| {
            let seen = upper.sample(at.0 - u * 0.3, at.1 - v * 0.3);
            let rim = smooth(0.5, 1.0, u * u + v * v);
            let gleam = smooth(0.16, 0.05, (u + 0.35).powi(2) + (v + 0.4).powi(2));
            (seen * (1.5 - 1.15 * rim) + grey(0.7 * gleam), 1.0)
        });
    }
}
