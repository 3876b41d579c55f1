//! Skies: what lights every outdoor scene.

use super::super::canvas::Canvas;
use super::super::colour::{Rgb, grey, hex, rgb};
use super::super::noise::{Rng, fbm, smooth, value};
use super::{land, trees};

/// A time of day and weather.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Light {
    Sunset,
    Golden,
    Dawn,
    Noon,
    Overcast,
    BlueHour,
    Violet,
}

/// The colours a [`Light`] stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) zenith: Rgb,
    pub(super) middle: Rgb,
    pub(super) horizon: Rgb,
    pub(super) sun: Rgb,
    /// Height of the sun above the horizon in picture heights; below 0: set.
    pub(super) sun_height: f32,
    /// Sides of clouds that face the sun, and away from it.
    pub(super) cloud_lit: Rgb,
    pub(super) cloud_dark: Rgb,
    pub(super) clouds: f32,
    /// Light on the ground, and the colour of what is near and unlit.
    pub(super) ground: Rgb,
    pub(super) dark: Rgb,
}

impl Light {
    pub(super) fn palette(self) -> Palette {
        let p = |z, m, h, s: u32, sun_height, lit, dark, clouds, ground, near| Palette {
            zenith: hex(z),
            middle: hex(m),
            horizon: hex(h),
            sun: hex(s),
            sun_height,
            cloud_lit: hex(lit),
            cloud_dark: hex(dark),
            clouds,
            ground: hex(ground),
            dark: hex(near),
        };
        match self {
            Self::Sunset => {
                p(0x2b3f78, 0xb4607c, 0xffa24a, 0xffd9a0, 0.06, 0xff9a62, 0x5a3d63, 0.55, 0xffa765, 0x1a1524)
            }
            Self::Golden => {
                p(0x5d93c9, 0xb9cbd2, 0xffdf9f, 0xfff0c4, 0.16, 0xfff3d8, 0xb3a7a4, 0.45, 0xffd487, 0x24301f)
            }
            Self::Dawn => {
                p(0x6b86bd, 0xd7a9bf, 0xffd3b8, 0xffe6cf, 0.03, 0xffc8bd, 0x8d83a8, 0.5, 0xf4bfae, 0x2a2c3e)
            }
            Self::Noon => {
                p(0x2a6fc0, 0x6fa9de, 0xc4dff0, 0xffffff, 0.5, 0xffffff, 0xa9b7c6, 0.5, 0xfff8e6, 0x1f3526)
            }
            Self::Overcast => {
                p(0x8d99a6, 0xaab4bd, 0xd3d8da, 0xe8e8e6, -1.0, 0xdfe3e5, 0x7b8590, 0.95, 0xc9d0d2, 0x252e30)
            }
            Self::BlueHour => {
                p(0x0d1b42, 0x2a4a86, 0xd48a6a, 0xffb27a, -0.08, 0x7a6a9a, 0x16244a, 0.45, 0x4e6aa8, 0x0a1020)
            }
            Self::Violet => {
                p(0x232356, 0x7d4f97, 0xf2889a, 0xffc0b0, 0.01, 0xe488b0, 0x3d3468, 0.6, 0xc57fae, 0x150f26)
            }
        }
    }
}

/// Paints the sky above `horizon` (in picture heights from the top) and returns where the sun stands.
pub(super) fn sky(canvas: &mut Canvas, rng: &mut Rng, light: Light, horizon: f32) -> (f32, f32) {
    let p = light.palette();
    let aspect = canvas.aspect();
    let sun = (aspect * rng.range(0.25, 0.75), horizon - p.sun_height * rng.range(0.8, 1.4));
    let (seed, detail) = (rng.seed(), rng.seed());
    let cover = (p.clouds + rng.range(-0.2, 0.2)).clamp(0.05, 0.98);
    let stretch = rng.range(1.4, 3.2);
    canvas.backdrop(3, |small| {
        small.shade(|x, y, _| {
            let height = ((horizon - y) / horizon.max(0.2)).clamp(0.0, 1.0);
            let mut c =
                p.horizon.mix(p.middle, smooth(0.0, 0.45, height)).mix(p.zenith, smooth(0.3, 1.0, height));
            let (dx, dy) = (x - sun.0, (y - sun.1) * 1.3);
            let distance = (dx * dx + dy * dy).sqrt();
            let visible = if p.sun_height < -0.5 { 0.0 } else { 1.0 };
            c += p.sun * (visible * (0.55 * (-distance * 3.2).exp() + 0.35 * (-distance * 11.0).exp()));
            // Clouds lie flat: they grow denser towards the horizon.
            let rise = 0.10 + height * 0.9;
            let (u, v) = (x / (0.35 + rise) * stretch * 0.8, 1.6 / (rise + 0.12) * stretch * 0.7);
            let n = fbm(u, v, 6, seed) + 0.15 * fbm(u * 3.1, v * 3.1, 3, detail);
            let density = smooth(0.42 - cover * 0.75, 0.95 - cover * 0.6, n);
            let towards_sun = fbm(u + (sun.0 - x) * 0.25, v - 0.18, 4, seed);
            let lit = smooth(-0.25, 0.35, n - towards_sun + 0.25 * (-distance * 1.5).exp());
            let mut cloud = p.cloud_dark.mix(p.cloud_lit, lit);
            cloud += p.sun * (visible * 0.45 * (-distance * 4.0).exp() * (1.0 - density * 0.6));
            c = c.mix(cloud, density * smooth(0.0, 0.12, height) * 0.92);
            c
        });
    });
    if p.sun_height > 0.0 && p.sun_height < 0.4 {
        canvas.glow(sun, 0.05, p.sun * 0.9);
        canvas.disc(sun, 0.024, p.sun * 3.0);
        canvas.glow(sun, 0.012, p.sun * 1.2);
    }
    sun
}

/// A clear night: the Milky Way, stars, and a lit tent or a dark wood below.
pub(super) fn stars(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let (seed, dust) = (rng.seed(), rng.seed());
    let slope = rng.range(0.9, 1.7) * if rng.unit() < 0.5 { -1.0 } else { 1.0 };
    let through = (aspect * rng.range(0.4, 0.6), 0.4);
    let band = |x: f32, y: f32| {
        let across = ((x - through.0) * slope - (y - through.1)) / (1.0 + slope * slope).sqrt();
        across + 0.05 * value(x * 3.0, y * 3.0, seed)
    };
    canvas.backdrop(2, |small| {
        small.shade(|x, y, _| {
            let sky = hex(0x0a1430)
                .mix(hex(0x24406a), smooth(0.1, 1.0, y))
                .mix(hex(0x8a6a58), smooth(0.62, 1.0, y) * 0.5);
            let across = band(x, y);
            let core = (-across * across * 28.0).exp();
            let clumps = 0.55 + 0.6 * fbm(x * 4.0, y * 4.0, 5, seed);
            let lanes = smooth(
                0.05,
                0.5,
                fbm(x * 3.5 + 9.0, y * 3.5, 6, dust) + 0.45 * (-across * across * 160.0).exp(),
            );
            let glow = hex(0x9fa8d8).mix(hex(0xf0c8a8), core)
                * (core * clumps.max(0.0) * (1.0 - 0.85 * lanes) * 0.55);
            sky * 0.7 + glow
        });
    });
    for _ in 0..2600 {
        let (x, y) = (rng.unit() * aspect, rng.unit() * 0.85);
        let crowd = (-band(x, y).powi(2) * 28.0).exp();
        if rng.unit() > 0.35 + 0.65 * crowd {
            continue;
        }
        // Few bright, many faint (a power law, as the sky has).
        let bright = (0.02 / (rng.unit() + 0.012)).min(1.8);
        let tint = hex(0xaec6ff).mix(hex(0xffd9b0), rng.unit());
        canvas.glow((x, y), 0.00055 + 0.0004 * bright, tint * (0.35 + bright * 1.6));
    }
    let hill = rng.seed();
    let line = rng.range(0.78, 0.86);
    canvas.below(
        |x| line - 0.14 * (0.5 + fbm(x * 1.3, 0.0, 5, hill)),
        |_| 1.0,
        |x, y, d| {
            hex(0x101a2c).mix(hex(0x0a0f18), smooth(0.0, 0.15, d))
                + grey(0.004 * value(x * 200.0, y * 200.0, hill))
        },
    );
    let ground = rng.seed();
    let near = move |x: f32| 0.9 + 0.03 * fbm(x * 2.0, 7.0, 4, ground);
    for i in 0..34 {
        let x = aspect * (i as f32 + rng.unit()) / 34.0;
        let height = rng.range(0.08, 0.2);
        trees::conifer(canvas, rng, (x, near(x) + 0.02), height, &|_, _| hex(0x070b10));
    }
    canvas.below(
        near,
        |_| 1.0,
        |x, y, _| hex(0x0b1014) + hex(0x1c2418) * (0.15 + 0.2 * value(x * 300.0, y * 120.0, ground)),
    );
    let tent = (aspect * rng.range(0.3, 0.7), 0.93);
    canvas.glow((tent.0, tent.1), 0.11, hex(0xff9a40) * 0.35);
    let (w, h) = (0.085, 0.085);
    let points = [
        (tent.0 - w, tent.1 + 0.012),
        (tent.0 - w * 0.35, tent.1 - h * 0.9),
        (tent.0, tent.1 - h),
        (tent.0 + w * 0.4, tent.1 - h * 0.88),
        (tent.0 + w, tent.1 + 0.012),
    ];
    canvas.polygon(&points, |x, y| {
        let lamp = (-((x - tent.0).powi(2) + (y - tent.1 + 0.02).powi(2)) * 340.0).exp();
        let fold = 0.85 + 0.15 * ((x - tent.0) * 150.0).sin();
        (hex(0xff8a2a).mix(hex(0xffe29a), lamp) * (0.35 + 1.3 * lamp) * fold, 1.0)
    });
    canvas.stroke((tent.0, tent.1 - h), (tent.0 - 0.006, tent.1 + 0.012), 0.0011, hex(0x5a2a08));
    canvas.stroke((tent.0 - w * 0.35, tent.1 - h * 0.9), (tent.0 - w, tent.1 + 0.012), 0.0014, hex(0x5a2a08));
}

/// Northern lights over snow.
pub(super) fn aurora(canvas: &mut Canvas, rng: &mut Rng) {
    let aspect = canvas.aspect();
    let seed = rng.seed();
    let curtains: Vec<(f32, f32, f32, f32)> = (0..3)
        .map(|i| {
            (
                rng.range(0.35, 0.62) - 0.07 * i as f32,
                rng.range(0.05, 0.12),
                rng.range(0.8, 1.8),
                rng.range(0.5, 1.0),
            )
        })
        .collect();
    canvas.backdrop(2, |small| {
        small.shade(|x, y, _| {
            let mut c = hex(0x081026).mix(hex(0x1d3a58), smooth(0.0, 0.9, y));
            for (i, &(base, sway, rate, power)) in curtains.iter().enumerate() {
                let line = base
                    + sway * (x * rate * 3.0 + i as f32 * 2.0).sin()
                    + 0.06 * value(x * 2.2, i as f32, seed);
                let above = line - y;
                let rays = 0.4
                    + 0.9
                        * (0.5 + fbm(x * 16.0 + above * 1.5, i as f32 * 5.0 + above * 0.8, 4, seed)).max(0.0);
                let body = if above > 0.0 { (-above * 5.5).exp() } else { (above * 45.0).exp() };
                let hue = hex(0x38ff9a)
                    .mix(hex(0x9a5cff), smooth(0.08, 0.5, above))
                    .mix(hex(0xff5aa0), smooth(0.35, 0.7, above));
                c += hue * (body * rays * power * 0.55);
            }
            c
        });
    });
    for _ in 0..900 {
        let at = (rng.unit() * aspect, rng.unit() * 0.75);
        let bright = (0.015 / (rng.unit() + 0.012)).min(1.5);
        canvas.glow(at, 0.0006 + 0.0004 * bright, hex(0xdfe8ff) * (0.2 + bright));
    }
    let hills = rng.seed();
    canvas.below(
        |x| 0.76 - 0.2 * land::crest(x, 1.1, hills),
        |_| 1.0,
        |x, y, d| {
            let snow = smooth(-0.2, 0.3, fbm(x * 14.0, y * 22.0, 4, hills) - d * 1.5 + 0.2);
            hex(0x14263a).mix(hex(0x5a8a90), snow * 0.8)
        },
    );
    let level = 0.8;
    if rng.unit() < 0.6 {
        canvas.reflect(level, 0.25, hex(0x081420), rng.seed());
    } else {
        let snow = rng.seed();
        canvas.below(
            |x| level + 0.02 * fbm(x * 2.0, 0.0, 4, snow),
            |_| 1.0,
            |x, y, _| hex(0x3a6a70) * (0.6 + 0.35 * fbm(x * 5.0, y * 18.0, 5, snow)) + rgb(0.0, 0.02, 0.015),
        );
        for _ in 0..26 {
            let x = rng.unit() * aspect;
            let height = rng.range(0.1, 0.3);
            let base = level + rng.range(0.0, 0.06);
            trees::conifer(canvas, rng, (x, base), height, &|u, v| {
                hex(0x0a1418).mix(hex(0x4a7a80), smooth(0.1, 0.7, value(u * 60.0, v * 90.0, snow)))
            });
        }
    }
}
