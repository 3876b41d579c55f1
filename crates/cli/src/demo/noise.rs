//! Random numbers and noise fields that depend on nothing but their seed.

/// SplitMix64 (Steele, Lea & Flood 2014): small, fast, and the same everywhere.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0..1.
    pub(super) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// Uniform between `low` and `high`.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f32) as usize
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// A seed for a noise field.
    pub(super) fn seed(&mut self) -> u32 {
        self.bits() as u32
    }
}

/// A well-mixed number for a lattice point.
pub(super) fn lattice(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = seed ^ (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    h ^ (h >> 15)
}

/// The same as a number in 0..1.
pub(super) fn cell(x: i32, y: i32, seed: u32) -> f32 {
    (lattice(x, y, seed) >> 8) as f32 / 16_777_216.0
}

/// `floor` without a library call on processors before SSE4.1.
pub(super) fn floor(x: f32) -> i32 {
    let whole = x as i32;
    whole - i32::from((whole as f32) > x)
}

/// Smooth value noise, −1 to 1, one feature per unit.
pub(super) fn value(x: f32, y: f32, seed: u32) -> f32 {
    let (ix, iy) = (floor(x), floor(y));
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let (sx, sy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let top = cell(ix, iy, seed) * (1.0 - sx) + cell(ix + 1, iy, seed) * sx;
    let low = cell(ix, iy + 1, seed) * (1.0 - sx) + cell(ix + 1, iy + 1, seed) * sx;
    (top * (1.0 - sy) + low * sy) * 2.0 - 1.0
}

/// Fractal sum of `octaves` of value noise, about −1 to 1.
pub(super) fn fbm(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for octave in 0..octaves {
        // The offset keeps lattice lines of the octaves from lying on each other.
        sum +=
            weight * value(x * scale + octave as f32 * 17.3, y * scale - octave as f32 * 9.1, seed + octave);
        weight *= 0.5;
        scale *= 2.03;
    }
    sum
}

/// Fractal noise with sharp crests, 0 to about 1: ridges of mountains, veins of marble.
pub(super) fn ridged(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for octave in 0..octaves {
        let n = 1.0
            - value(x * scale + octave as f32 * 31.7, y * scale + octave as f32 * 5.9, seed + octave).abs();
        sum += weight * n * n;
        weight *= 0.5;
        scale *= 2.07;
    }
    sum
}

/// The nearest of one jittered point per unit cell (Worley 1996): distance to it, distance to the
/// second-nearest, its number, and the offset from it.
pub(super) fn worley(x: f32, y: f32, seed: u32) -> (f32, f32, u32, (f32, f32)) {
    let (ix, iy) = (floor(x), floor(y));
    let (mut first, mut second, mut id, mut offset) = (9.0_f32, 9.0_f32, 0, (0.0, 0.0));
    for cy in iy - 1..=iy + 1 {
        for cx in ix - 1..=ix + 1 {
            let h = lattice(cx, cy, seed);
            let px = cx as f32 + 0.15 + 0.7 * ((h & 0xFFFF) as f32 / 65_535.0);
            let py = cy as f32 + 0.15 + 0.7 * ((h >> 16) as f32 / 65_535.0);
            let (dx, dy) = (x - px, y - py);
            let d = dx * dx + dy * dy;
            if d < first {
                (second, first, id, offset) = (first, d, h, (dx, dy));
            } else if d < second {
                second = d;
            }
        }
    }
    (first.sqrt(), second.sqrt(), id, offset)
}

/// Hermite step from 0 at `low` to 1 at `high`.
pub(super) fn smooth(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
