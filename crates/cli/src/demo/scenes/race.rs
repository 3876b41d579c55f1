//! A street race: figures with readable numbers, and the strokes the digits are made of.

use super::super::canvas::{Canvas, Point};
use super::super::colour::{Rgb, grey, hex, hsv};
use super::super::lens::defocus;
use super::super::noise::{Rng, fbm, smooth, value};

/// One runner in one frame.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Runner {
    /// The number on the bib; also decides hair, skin and shirt, so that a runner looks the same in every frame.
    pub(in super::super) number: u32,
    /// Place of the feet as shares of width and height.
    pub(in super::super) at: (f32, f32),
    /// Size of the figure in picture heights.
    pub(in super::super) size: f32,
    /// Phase of the stride, 0 to 1.
    pub(in super::super) stride: f32,
}

/// The strokes of a digit in a box one wide and 1.7 high, y down.
fn digit_strokes(digit: u32) -> Vec<Vec<Point>> {
    let arc = |cx: f32, cy: f32, rx: f32, ry: f32, from: f32, to: f32| -> Vec<Point> {
        (0..=14)
            .map(|i| {
                let t = (from + (to - from) * i as f32 / 14.0).to_radians();
                (cx + rx * t.cos(), cy + ry * t.sin())
            })
            .collect()
    };
    match digit {
        0 => vec![arc(0.5, 0.85, 0.42, 0.78, 0.0, 360.0)],
        1 => vec![vec![(0.22, 0.38), (0.56, 0.08), (0.56, 1.62)]],
        2 => {
            let mut line = arc(0.5, 0.5, 0.40, 0.43, 190.0, 390.0);
            line.extend([(0.10, 1.60), (0.94, 1.60)]);
            vec![line]
        }
        3 => vec![arc(0.46, 0.47, 0.40, 0.40, 200.0, 450.0), arc(0.46, 1.23, 0.44, 0.40, 270.0, 520.0)],
        4 => vec![vec![(0.70, 1.62), (0.70, 0.08), (0.06, 1.18), (0.96, 1.18)]],
        5 => {
            let mut line = vec![(0.88, 0.10), (0.20, 0.10), (0.14, 0.78)];
            line.extend(arc(0.47, 1.13, 0.44, 0.49, 235.0, 505.0));
            vec![line]
        }
        6 => vec![vec![(0.76, 0.08), (0.36, 0.50), (0.12, 1.0)], arc(0.5, 1.16, 0.40, 0.46, 0.0, 360.0)],
        7 => vec![vec![(0.08, 0.10), (0.92, 0.10), (0.38, 1.62)]],
        8 => vec![arc(0.5, 0.46, 0.36, 0.38, 0.0, 360.0), arc(0.5, 1.22, 0.43, 0.41, 0.0, 360.0)],
        _ => vec![arc(0.5, 0.54, 0.40, 0.46, 0.0, 360.0), vec![(0.88, 0.70), (0.64, 1.20), (0.26, 1.62)]],
    }
}

/// Writes `number` into the box around `centre`, `height` high, turned by `lean`.
fn write_number(canvas: &mut Canvas, number: u32, centre: Point, height: f32, lean: f32, ink: Rgb) {
    let text: Vec<u32> = number.to_string().bytes().map(|b| u32::from(b - b'0')).collect();
    let unit = height / 1.7;
    let advance = 1.34;
    let total = text.len() as f32 * advance - (advance - 1.0);
    let (sin, cos) = lean.sin_cos();
    for (i, &digit) in text.iter().enumerate() {
        for line in digit_strokes(digit) {
            let place = |p: Point| {
                let (x, y) = ((p.0 + i as f32 * advance - total / 2.0) * unit, (p.1 - 0.85) * unit);
                (centre.0 + x * cos - y * sin, centre.1 + x * sin + y * cos)
            };
            for pair in line.windows(2) {
                canvas.stroke(place(pair[0]), place(pair[1]), unit * 0.135, ink);
            }
        }
    }
}

/// A joint reached from `from` over `length` at `angle` from straight down (positive is forward, right).
fn joint(from: Point, length: f32, angle: f32) -> Point {
    (from.0 + length * angle.sin(), from.1 + length * angle.cos())
}

fn figure(canvas: &mut Canvas, runner: Runner) {
    let mut rng = Rng::new(u64::from(runner.number) * 7919);
    let skin = hex(rng.pick(&[0xe8b890_u32, 0xc68a5e, 0x8a5a3a, 0xf0c8a4, 0x5e3b28]));
    let hair = hex(rng.pick(&[0x2a1a10_u32, 0x6a4420, 0x14100e, 0xb08a4a, 0x7a2e14]));
    let shirt = hsv(rng.unit(), 0.78, 0.86);
    let shorts = hex(rng.pick(&[0x1a2233_u32, 0x222222, 0x2f4a6a, 0x5a1f2f]));
    let shoes = hsv(rng.unit(), 0.85, 0.95);
    let tail = rng.unit() < 0.45;
    let s = runner.size;
    let x = runner.at.0 * canvas.aspect();
    let phase = runner.stride * std::f32::consts::TAU;
    let bounce = 0.018 * (2.0 * phase).cos() * s;
    let hip = (x, runner.at.1 - 0.50 * s - bounce);
    let lean = 0.10;
    let chest = (hip.0 + 0.28 * s * lean, hip.1 - 0.27 * s);
    let head = (chest.0 + 0.035 * s, chest.1 - 0.165 * s);
    let seed = rng.seed();
    canvas.ellipse((x + 0.05 * s, runner.at.1 + 0.008 * s), (0.27 * s, 0.028 * s), 0.0, |u, v| {
        (hex(0x14161c), 0.6 * (1.0 - u * u - v * v).clamp(0.0, 1.0))
    });
    let tone =
        |c: Rgb| move |t: f32, v: f32| c * (0.74 - 0.30 * v + 0.05 * (t * 3.0).sin() + 0.14 * (1.0 - v * v));
    let cloth = |c: Rgb| {
        move |t: f32, v: f32| {
            c * (0.72 - 0.28 * v + 0.14 * (1.0 - v * v) + 0.10 * value(t * 7.0, v * 3.0, seed))
        }
    };
    let leg = |canvas: &mut Canvas, p: f32, dim: f32| {
        let swing = 0.62 * p.sin() + 0.12;
        let bend = 0.35 + 0.75 * (p.cos() * 0.5 + 0.5);
        let knee = joint((hip.0, hip.1 + 0.01 * s), 0.235 * s, swing);
        let ankle = joint(knee, 0.235 * s, swing - bend);
        let toe = joint(ankle, 0.105 * s, swing - bend + 1.35);
        canvas.limb((knee, 0.045 * s), (ankle, 0.026 * s), tone(skin * dim));
        canvas.limb((ankle, 0.030 * s), (toe, 0.024 * s), tone(shoes * dim));
        canvas.limb(
            ((ankle.0, ankle.1 + 0.022 * s), 0.010 * s),
            ((toe.0, toe.1 + 0.020 * s), 0.008 * s),
            |_, _| grey(0.75 * dim),
        );
        canvas.limb((hip, 0.070 * s), (knee, 0.048 * s), tone(skin * dim));
        let hem = joint(hip, 0.145 * s, swing);
        canvas.limb((hip, 0.078 * s), (hem, 0.074 * s), cloth(shorts * dim));
    };
    let arm = |canvas: &mut Canvas, p: f32, dim: f32| {
        let swing = -0.75 * p.sin() - 0.05;
        let shoulder = (chest.0, chest.1 - 0.035 * s);
        let elbow = joint(shoulder, 0.155 * s, swing);
        let hand = joint(elbow, 0.14 * s, swing + 1.45);
        canvas.limb((elbow, 0.030 * s), (hand, 0.022 * s), tone(skin * dim));
        canvas.disc(hand, 0.027 * s, skin * (0.72 * dim));
        canvas.limb((shoulder, 0.045 * s), (elbow, 0.032 * s), tone(skin * dim));
        canvas.limb(
            (shoulder, 0.056 * s),
            (joint(shoulder, 0.075 * s, swing), 0.052 * s),
            cloth(shirt * dim),
        );
    };
    arm(canvas, phase + std::f32::consts::PI, 0.62);
    leg(canvas, phase + std::f32::consts::PI, 0.68);
    leg(canvas, phase, 1.0);
    // Trunk.
    canvas.limb((hip, 0.086 * s), ((chest.0, chest.1 - 0.02 * s), 0.108 * s), |t, v| {
        let fold = 0.08 * value(t * 6.0 + v * 2.0, v * 4.0, seed) + 0.06 * value(t * 16.0, v * 7.0, seed ^ 3);
        shirt
            * (0.76 - 0.26 * v + 0.16 * (1.0 - v * v) + fold)
            * if (0.80..0.86).contains(&t) { 1.5 } else { 1.0 }
    });
    canvas.limb(((chest.0 + 0.01 * s, chest.1 - 0.07 * s), 0.038 * s), (head, 0.036 * s), tone(skin * 0.8));
    if tail {
        let wave = 0.05 * (2.0 * phase).sin() * s;
        canvas.limb(
            ((head.0 - 0.06 * s, head.1 - 0.02 * s), 0.03 * s),
            ((head.0 - 0.16 * s, head.1 + 0.05 * s + wave), 0.012 * s),
            tone(hair),
        );
    }
    canvas.ellipse(head, (0.066 * s, 0.084 * s), 0.08, |u, v| (skin * (0.86 - 0.22 * u - 0.10 * v), 1.0));
    canvas.ellipse((head.0 - 0.012 * s, head.1 - 0.034 * s), (0.072 * s, 0.064 * s), 0.1, |u, v| {
        let parting = if v > 0.28 + 0.35 * u || (u > 0.35 && v > -0.1) { 0.0 } else { 1.0 };
        (hair * (0.8 - 0.4 * u - 0.3 * v + 0.25 * (u * 40.0).sin()), parting)
    });
    for dx in [0.012, 0.042] {
        canvas.ellipse((head.0 + dx * s, head.1 - 0.004 * s), (0.0075 * s, 0.0095 * s), 0.0, |_, _| {
            (hex(0x1a1410), 0.9)
        });
        canvas.stroke(
            (head.0 + (dx - 0.010) * s, head.1 - 0.022 * s),
            (head.0 + (dx + 0.010) * s, head.1 - 0.024 * s),
            0.003 * s,
            hair * 0.7,
        );
    }
    canvas.stroke(
        (head.0 + 0.033 * s, head.1 + 0.004 * s),
        (head.0 + 0.038 * s, head.1 + 0.022 * s),
        0.004 * s,
        skin * 0.6,
    );
    canvas.ellipse((head.0 + 0.028 * s, head.1 + 0.042 * s), (0.020 * s, 0.009 * s), 0.0, |_, v| {
        (if v < -0.1 { grey(0.85) } else { hex(0x8a2f2a) }, 0.95)
    });
    arm(canvas, phase, 1.0);
    // The bib lies over everything, so that every number can be read: paper with a coloured head, four pins, the number.
    let turn = lean * 0.6;
    let centre = (hip.0 + 0.16 * s * lean + 0.012 * s, hip.1 - 0.135 * s);
    let (w, h) = (0.112 * s, 0.082 * s);
    let (sin, cos) = turn.sin_cos();
    let place = |u: f32, v: f32| (centre.0 + u * w * cos - v * h * sin, centre.1 + u * w * sin + v * h * cos);
    canvas.polygon(&[place(-1.0, -1.0), place(1.0, -1.0), place(1.0, 1.0), place(-1.0, 1.0)], |px, py| {
        let (dx, dy) = (px - centre.0, py - centre.1);
        let v = (dy * cos - dx * sin) / h;
        let crease = 0.95 + 0.05 * fbm(dx / s * 16.0, dy / s * 16.0, 3, seed);
        (if v < -0.62 { hex(0x1f5fa8) } else { grey(0.92) } * crease, 1.0)
    });
    // Four digits have to be smaller to fit the paper.
    let height = if runner.number > 999 { h * 0.86 } else { h * 1.12 };
    write_number(canvas, runner.number, place(0.0, 0.19), height, turn, hex(0x0d1018));
    for (u, v) in [(-0.92, -0.86), (0.92, -0.86), (-0.92, 0.88), (0.92, 0.88)] {
        canvas.disc(place(u, v), 0.0045 * s, grey(0.3));
    }
}

pub(super) fn race(canvas: &mut Canvas, rng: &mut Rng, runners: &[Runner]) {
    let aspect = canvas.aspect();
    let seed = rng.seed();
    let horizon = 0.36;
    // The street and its spectators, out of focus.
    let mut far = Canvas::new(canvas.width / 3, canvas.height / 3);
    far.shade(|x, y, _| {
        let house = floor_of(x * 3.2);
        let tone = hsv(
            0.05 + 0.10 * super::super::noise::cell(house, 0, seed),
            0.25 + 0.2 * super::super::noise::cell(house, 1, seed),
            0.55 + 0.3 * super::super::noise::cell(house, 2, seed),
        );
        let (u, v) = ((x * 3.2 - house as f32) * 4.0, y * 11.0);
        let window = (u - u.floor() - 0.5).abs() < 0.22 && (v - v.floor() - 0.5).abs() < 0.3 && y < 0.3;
        let roof = 0.05 + 0.05 * super::super::noise::cell(house, 3, seed);
        if y < roof {
            hex(0x9fc4e4).mix(hex(0xe8f0f4), y * 6.0)
        } else if window {
            hex(0x2f3a46)
        } else {
            tone * 0.9
        }
    });
    for i in 0..90 {
        let x = aspect * (i as f32 + rng.unit()) / 90.0;
        let y = horizon + rng.range(-0.035, 0.0);
        let c = hsv(rng.unit(), rng.range(0.3, 0.8), rng.range(0.4, 0.9));
        far.limb(((x, y), 0.016), ((x, y + 0.08), 0.018), |_, _| c);
        far.disc((x, y - 0.028), 0.012, hex(0xd8a884));
    }
    for i in 0..14 {
        let x = aspect * i as f32 / 13.0;
        let tone = hsv(if i % 2 == 0 { 0.58 } else { 0.02 }, 0.75, 0.8);
        far.fill(
            &[
                (x - 0.07, horizon + 0.02),
                (x + 0.07, horizon + 0.02),
                (x + 0.07, horizon + 0.075),
                (x - 0.07, horizon + 0.075),
            ],
            tone,
        );
    }
    let blur = far.scale() * 0.011;
    let far = defocus(&far, blur);
    let ratio = far.aspect() / aspect;
    canvas.shade(|x, y, _| far.sample(x * ratio, y));
    let vanish = (aspect * 0.5, horizon);
    canvas.shade_rows(horizon + 0.075, 1.0, |x, y, _| {
        let d = (y - horizon) / (1.0 - horizon);
        let across = (x - vanish.0) / (d + 0.05);
        let stone = value(x * 420.0, y * 420.0 / (0.4 + d), seed) * 0.10
            + value(x * 160.0, y * 160.0, seed ^ 2) * 0.06
            + 0.10 * fbm(x * 3.0, y * 6.0, 4, seed);
        let asphalt = hex(0x74767c) * (0.85 + stone + 0.15 * d);
        let line = smooth(0.035, 0.028, across.abs()) * f32::from((1.4 / (d + 0.12)).sin() > -0.1);
        let kerb = smooth(1.32, 1.30, across.abs());
        (hex(0xb0a898) * (0.8 + stone)).mix(asphalt, kerb).mix(grey(0.85), line * 0.85)
    });
    for runner in runners {
        figure(canvas, *runner);
    }
}

fn floor_of(x: f32) -> i32 {
    super::super::noise::floor(x)
}
