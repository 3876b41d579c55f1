//! Close-ups in which texture is the subject.

use super::super::canvas::Canvas;
use super::super::colour::{grey, hex, hsv};
use super::super::noise::{Rng, cell, fbm, floor, ridged, smooth, value, worley};
use super::table;

pub(super) fn close_up(canvas: &mut Canvas, rng: &mut Rng, kind: u8) {
    let seed = rng.seed();
    let hue = rng.unit();
    let aspect = canvas.aspect();
    match kind {
        0 => canvas.shade(|x, y, _| {
            // Pebbles: rounded cells lit from the upper left.
            let (wx, wy) = (
                x * 6.5 + 0.25 * fbm(x * 3.0, y * 3.0, 3, seed),
                y * 7.5 + 0.25 * fbm(x * 3.0, y * 3.0, 3, seed ^ 1),
            );
            let (d1, d2, id, (dx, dy)) = worley(wx, wy, seed);
            let edge = d2 - d1;
            let dome = smooth(0.03, 0.45, edge);
            let tone = hsv(
                0.06 + 0.5 * (f32::from(id & 1 == 0)) + 0.05 * ((id >> 8 & 255) as f32 / 255.0),
                0.06 + 0.2 * ((id >> 16 & 255) as f32 / 255.0),
                0.35 + 0.5 * ((id >> 3 & 255) as f32 / 255.0),
            );
            let light = 0.62 - 0.62 * (dx * 0.7 + dy * 0.8) * (1.0 - dome * 0.5);
            let speck = fbm(x * 60.0, y * 60.0, 3, id) * 0.28 + value(x * 260.0, y * 260.0, id) * 0.10;
            let vein =
                if id % 5 == 0 { smooth(0.86, 0.93, ridged(x * 7.0, y * 7.0, 2, id)) * 0.5 } else { 0.0 };
            tone * ((light + speck * 0.8).max(0.03) * (0.06 + 0.94 * dome)) + grey(vein * dome * 0.5)
        }),
        1 => canvas.shade(|x, y, _| {
            // Agate: bands around a hollow.
            let (cx, cy) = (aspect * 0.48, 0.52);
            let warp = 0.22 * fbm(x * 2.2, y * 2.2, 5, seed);
            let d = ((x - cx).powi(2) * 0.6 + (y - cy).powi(2)).sqrt() + warp;
            let bands = value(d * 26.0, 0.5, seed) * 0.6 + value(d * 80.0, 0.5, seed ^ 1) * 0.4;
            let fine = (d * 420.0).sin() * 0.08;
            let c = hsv(
                hue + 0.12 * bands + d * 0.25,
                (0.55 + 0.35 * bands).clamp(0.0, 0.95),
                (0.62 + 0.38 * bands + fine).clamp(0.05, 1.0),
            );
            let crystal = smooth(0.17, 0.10, d);
            let (_, _, id, (dx, dy)) = worley(x * 40.0, y * 40.0, seed);
            let facet = hsv(
                hue + 0.05,
                0.35,
                0.35 + 0.6 * (cell(id as i32, 1, seed) * 0.6 + 0.4 * (0.5 - dx - dy)).clamp(0.0, 1.0),
            );
            c.mix(facet, crystal) + grey(0.02 * value(x * 500.0, y * 500.0, seed))
        }),
        2 => canvas.shade(|x, y, _| {
            // A leaf against the light: midrib, side veins, and cells between them.
            let (u, v) =
                ((x - aspect * 0.5) * 0.92 + (y - 0.5) * 0.38, (y - 0.5) * 0.92 - (x - aspect * 0.5) * 0.38);
            let bow = v + 0.05 * u * u;
            let rib = smooth(0.016 - 0.006 * u, 0.0, bow.abs());
            let side = u - bow.abs() * 0.85 + 0.25 * bow * bow;
            let n = side * 7.5;
            let branch = smooth(0.07 - 0.08 * bow.abs(), 0.0, (n - n.round()).abs() - 0.004) * (1.0 - rib);
            let (d1, d2, _, _) = worley(x * 26.0, y * 26.0, seed);
            let net = smooth(0.10, 0.0, d2 - d1);
            let (f1, f2, _, _) = worley(x * 85.0, y * 85.0, seed ^ 5);
            let fine = smooth(0.14, 0.0, f2 - f1);
            let flesh = hsv(
                0.24 + 0.04 * fbm(u * 2.0, v * 2.0, 3, seed),
                0.82,
                0.52 + 0.2 * fbm(x * 3.0, y * 3.0, 4, seed) + 0.1 * (1.0 - (n - n.floor())),
            );
            flesh.mix(hsv(0.2, 0.6, 0.95), (rib * 0.95 + branch * 0.8 + net * 0.30 + fine * 0.14).min(1.0))
                * (0.85 + 0.3 * value(x * 2.0, y * 2.0, seed ^ 2))
        }),
        3 => {
            let base = hex(rng.pick(&[0x9a6238_u32, 0x6a4a30, 0xb08a5a]));
            let split = rng.unit() < 0.5;
            canvas.shade(|x, y, _| {
                if split {
                    return table::wood(x * 0.8, y * 0.8, base, seed) * (0.85 + 0.2 * (1.0 - x / aspect));
                }
                // A cut trunk: rings, cracks, bark.
                let (dx, dy) = (x - aspect * 0.46, y - 0.52);
                let turn = dy.atan2(dx);
                let d = (dx * dx + dy * dy).sqrt()
                    * (1.0 + 0.10 * value(turn.cos() * 2.0, turn.sin() * 2.0, seed))
                    + 0.012 * fbm(x * 5.0, y * 5.0, 4, seed);
                let year = d * 44.0 + 1.2 * value(d * 9.0, 0.0, seed);
                let late = (year - year.floor()).powi(3);
                let crack =
                    smooth(0.010, 0.0, ((turn * 3.5 + 0.4 * value(d * 8.0, 0.0, seed)).sin()).abs() * d)
                        * smooth(0.02, 0.3, d)
                        * smooth(0.35, 0.6, cell(floor(turn * 3.5 / std::f32::consts::PI), 0, seed));
                let rays = 0.09 * value(turn * 90.0, d * 6.0, seed);
                let c = base.mix(hex(0xd8aa70), 0.55)
                    * (1.05 - 0.5 * late + rays - 0.25 * smooth(0.05, 0.0, d)
                        + 0.05 * value(x * 400.0, y * 400.0, seed));
                let bark = smooth(0.60, 0.62, d);
                let rough = ridged(x * 16.0, y * 16.0, 4, seed);
                (c * (1.0 - 0.75 * crack)).mix(hex(0x3a2a20) * (0.2 + 1.1 * rough), bark)
            });
        }
        4 => canvas.shade(|x, y, _| {
            // Wind ripples in sand, low sun from the left.
            let warp = 1.6 * fbm(x * 1.8, y * 1.8, 4, seed);
            let phase = (x * 0.55 + y * 1.0) * 15.0 + warp * 2.2;
            let t = phase - phase.floor();
            let slope = if t < 0.72 { smooth(0.0, 0.72, t) } else { 1.0 - smooth(0.72, 1.0, t) };
            let light = if t < 0.72 { 0.62 + 0.38 * slope } else { 0.20 + 0.25 * (1.0 - slope) };
            let grain =
                value(x * 620.0, y * 620.0, seed) * 0.14 + value(x * 300.0, y * 300.0, seed ^ 1) * 0.10;
            let glint = smooth(0.94, 0.99, cell(floor(x * 900.0), floor(y * 900.0), seed)) * 0.5;
            hex(0xdca467).mix(hex(0x5a4a70), smooth(0.6, 0.2, light) * 0.5)
                * (light * 1.05 + grain + glint * light)
        }),
        5 => {
            // Stocking stitch: columns of leaning loops, two colours in a pattern.
            let (first, second) = (hsv(hue, 0.55, 0.75), hsv(hue + 0.08, 0.08, 0.95));
            canvas.shade(|x, y, _| {
                let (u, v) = (x * 26.0, y * 32.0);
                let column = floor(u);
                let fu = u - column as f32 - 0.5;
                let lean = fu.abs() * 1.1;
                let row = floor(v - lean);
                let fv = v - lean - row as f32 - 0.5;
                let patterned = {
                    let (a, b) = (column.rem_euclid(12) - 6, row.rem_euclid(12) - 6);
                    (a.abs() + b.abs()) % 6 < 2 || (a.abs() == b.abs())
                };
                let strand = (fu.abs() - 0.25) * 4.0;
                let round =
                    (1.0 - strand * strand * 0.8).max(0.05) * (1.0 - (fv * 1.75).powi(2)).max(0.05).sqrt();
                let twist = 0.86 + 0.14 * ((fv + fu.signum() * strand * 0.3) * 16.0).sin();
                let fuzz =
                    0.9 + 0.18 * value(x * 420.0, y * 420.0, seed) + 0.12 * fbm(x * 3.0, y * 3.0, 3, seed);
                (if patterned { second } else { first }) * (round * twist * fuzz * 0.95 + 0.03)
            });
        }
        _ => {
            canvas.backdrop(4, |small| {
                small.shade(|x, y, _| {
                    hsv(
                        hue + 0.10 * fbm(x * 1.2, y * 1.2, 3, seed),
                        0.62,
                        0.42 + 0.34 * smooth(1.2, 0.0, x * 0.4 + y * 0.6)
                            + 0.1 * fbm(x * 2.0, y * 2.0, 3, seed),
                    )
                });
            });
            let behind = canvas.clone();
            let mut placed: Vec<(f32, f32, f32)> = Vec::new();
            for i in 0..2200 {
                let r = if i < 60 { rng.range(0.035, 0.085) } else { 0.003 + 0.024 * rng.unit().powi(2) };
                let at = (rng.unit() * aspect, rng.unit());
                if placed
                    .iter()
                    .any(|p| (p.0 - at.0).powi(2) + (p.1 - at.1).powi(2) < (p.2 + r).powi(2) * 1.04)
                {
                    continue;
                }
                placed.push((at.0, at.1, r));
                canvas.ellipse((at.0 + r * 0.16, at.1 + r * 0.22), (r * 1.05, r * 1.05), 0.0, |u, v| {
                    (behind.sample(at.0, at.1) * 0.25, 0.6 * smooth(1.0, 0.6, u * u + v * v))
                });
                canvas.ellipse(at, (r, r * 0.97), 0.0, |u, v| {
                    let d = u * u + v * v;
                    let seen = behind.sample(at.0 - u * 0.35, at.1 - v * 0.35);
                    let gleam = smooth(0.09, 0.03, (u + 0.42).powi(2) + (v + 0.46).powi(2));
                    let low = 0.65 * smooth(0.1, 0.95, u * 0.6 + v * 0.7) * smooth(1.0, 0.7, d);
                    (seen * (0.72 + low * 1.6 - 0.45 * smooth(0.75, 1.0, d)) + grey(1.4 * gleam), 1.0)
                });
            }
        }
    }
}
