//! Linear-light colours. 1.0 is paper white; lamps and the sun go beyond it.

use std::ops::{Add, AddAssign, Mul};

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Rgb {
    pub(super) r: f32,
    pub(super) g: f32,
    pub(super) b: f32,
}

/// A colour from linear components.
pub(super) const fn rgb(r: f32, g: f32, b: f32) -> Rgb {
    Rgb { r, g, b }
}

/// A grey of linear value `v`.
pub(super) const fn grey(v: f32) -> Rgb {
    rgb(v, v, v)
}

/// A colour from an sRGB hex code such as `0xff8800`.
pub(super) fn hex(code: u32) -> Rgb {
    let channel = |shift: u32| decode_srgb(((code >> shift) & 0xFF) as f32 / 255.0);
    rgb(channel(16), channel(8), channel(0))
}

/// A colour from hue (turns), saturation and value, read as sRGB.
pub(super) fn hsv(hue: f32, saturation: f32, value: f32) -> Rgb {
    let channel = |shift: f32| {
        let k = (shift + hue * 6.0).rem_euclid(6.0);
        decode_srgb(value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0))
    };
    rgb(channel(5.0), channel(3.0), channel(1.0))
}

/// The sRGB transfer curve, from encoded to linear (IEC 61966-2-1).
fn decode_srgb(v: f32) -> f32 {
    if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// From linear to encoded.
pub(super) fn encode_srgb(v: f32) -> f32 {
    if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 }
}

impl Rgb {
    /// `self` at `t` = 0, `other` at 1; `t` is clamped.
    pub(super) fn mix(self, other: Self, t: f32) -> Self {
        let t = t.clamp(0.0, 1.0);
        self * (1.0 - t) + other * t
    }

    /// Relative luminance (Rec. 709).
    pub(super) fn luminance(self) -> f32 {
        0.2126 * self.r + 0.7152 * self.g + 0.0722 * self.b
    }
}

impl Add for Rgb {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        rgb(self.r + other.r, self.g + other.g, self.b + other.b)
    }
}

impl AddAssign for Rgb {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul<f32> for Rgb {
    type Output = Self;
    fn mul(self, k: f32) -> Self {
        rgb(self.r * k, self.g * k, self.b * k)
    }
}

impl Mul for Rgb {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        rgb(self.r * other.r, self.g * other.g, self.b * other.b)
    }
}
