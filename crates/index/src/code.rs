//! Rows: a vector as two four-bit codes a dimension, with proven bounds of what they leave out.
//!
//! With x the unit vector, m the file's mean and R the [`Rotation`], a row stands for y = R (x − m). The **nibble**
//! of a coordinate is its place among sixteen steps of width Δ around zero; Δ is chosen per row. The **fine code**
//! divides the step (see [`FINE_LEVELS`]); its upper two bits alone, the *high crumb*, divide it by three. So there
//! are three approximations of y, each closer: nibbles, with high crumbs, with all bits. The row keeps the length
//! of each one's error, which by Cauchy–Schwarz bounds the error of any score computed from it.

use crate::kernels::{FINE_LEVELS, FULL_LIMIT, Threshold};
use crate::rotation::Rotation;

/// What rounding may add to the difference between a computed estimate and the score it stands for.
///
/// Normalising, centring and rotating round each coordinate at most 64 times (4 rotations × 12 stages + 4 rounds of
/// scaling and a few more), so that each side is off by at most 64 · 2⁻²⁴ = 3.8e-6 of a length of at most 2, which is
/// 1.6e-5 for both sides; evaluating an estimate in f32 adds less than 1e-6, and lengths that exceed 1 by rounding
/// scale an error of at most 2 by 1 + 4e-6.
pub(crate) const SLACK: f32 = 4e-5;

/// Fractions of the step that reaches the largest coordinate, tried in turn: clipping a few large coordinates makes
/// all others finer. For Gaussian coordinates of 512 dimensions the best is about 0.84, and in few dimensions 1.
const STEP_FRACTIONS: [f32; 6] = [1.0, 0.93, 0.87, 0.81, 0.75, 0.69];

/// How many bytes the parts of a row take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Dimensions of the vectors.
    pub(crate) dim: usize,
    /// Bytes of a row's nibbles; two dimensions each, rounded up to whole cache lines.
    pub(crate) stride: usize,
}

impl Shape {
    pub(crate) fn new(dim: usize) -> Self {
        Self { dim, stride: dim.div_ceil(128) * 64 }
    }

    /// Bytes of a row's high crumbs, and of its low ones.
    pub(crate) fn crumbs(self) -> usize {
        self.stride / 2
    }
}

/// An encoded vector.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) nibbles: Vec<u8>,
    pub(crate) high: Vec<u8>,
    pub(crate) low: Vec<u8>,
    /// Step and error of the nibbles, see [`coarse_word`].
    pub(crate) coarse: u32,
    /// Errors with high crumbs and with all bits, see [`fine_errors`].
    pub(crate) fine: u32,
    /// At least the length of each of the three approximations.
    pub(crate) length: f32,
}

/// Turns vectors into rows and queries; one per file.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub(crate) shape: Shape,
    pub(crate) mean: Vec<f32>,
    rotation: Rotation,
}

impl Encoder {
    pub(crate) fn new(shape: Shape, mean: Vec<f32>, seed: u64) -> Self {
        Self { shape, mean, rotation: Rotation::new(shape.dim, seed) }
    }

    /// The row of a vector that [`normalised`] returned.
    pub(crate) fn row(&self, unit: &[f32]) -> Row {
        let mut y: Vec<f32> = unit.iter().zip(&self.mean).map(|(x, mean)| x - mean).collect();
        self.rotation.apply(&mut y);
        let step = best_step(&y);
        let Shape { dim, stride } = self.shape;
        let quarter = self.shape.crumbs();
        let mut row =
            Row { nibbles: vec![0; stride], high: vec![0; quarter], low: vec![0; quarter], ..Row::default() };
        let mut errors = [0f64; 3];
        let mut lengths = [0f64; 3];
        for (i, &value) in y.iter().enumerate().take(dim) {
            let in_steps = value / step;
            let nibble = nibble_of(in_steps);
            let centre = f32::from(nibble) - 7.5;
            let fine = fine_of((in_steps - centre) * 24.0);
            row.nibbles[i % stride] |= nibble << (4 * (i / stride));
            row.high[i % quarter] |= (fine >> 2) << (2 * (i / quarter));
            row.low[i % quarter] |= (fine & 3) << (2 * (i / quarter));
            let (centre, step, value) = (f64::from(centre), f64::from(step), f64::from(value));
            let approximations = [
                centre,
                centre + f64::from(2 * i32::from(fine >> 2) - 3) / 6.0,
                centre + f64::from(FINE_LEVELS[usize::from(fine)]) / 24.0,
            ];
            for (level, approximation) in approximations.into_iter().enumerate() {
                errors[level] += (value - step * approximation).powi(2);
                lengths[level] += (step * approximation).powi(2);
            }
        }
        let errors = errors.map(|square| short_up(square.sqrt() as f32));
        row.coarse = step.to_bits() | errors[0] >> 16;
        row.fine = errors[1] | errors[2] >> 16;
        row.length = lengths.iter().fold(0f64, |most, &square| most.max(square.sqrt())) as f32 * (1.0 + 1e-6);
        row
    }

    /// The query of a vector that [`normalised`] returned.
    pub(crate) fn query(&self, unit: &[f32]) -> CodedQuery {
        let base: f64 = unit.iter().zip(&self.mean).map(|(&q, &mean)| f64::from(q) * f64::from(mean)).sum();
        let mut p = unit.to_vec();
        self.rotation.apply(&mut p);
        let padded = 2 * self.shape.stride;
        let largest = p.iter().fold(0f32, |most, value| most.max(value.abs())).max(f32::MIN_POSITIVE);
        let (coarse, coarse_step, coarse_error) = quantised(&p, largest, 127);
        // Sums of `padded` products of at most FULL_LIMIT stay below 2³¹.
        let limit = (i64::from(i32::MAX) / (FULL_LIMIT * padded as i64)).min(i64::from(i16::MAX));
        let (fine, fine_step, fine_error) = quantised(&p, largest, limit as i32);
        let coarse_sum: i32 = coarse.iter().sum();
        let fine_sum: i32 = fine.iter().sum();
        let pad = |values: Vec<i32>| values.into_iter().chain(std::iter::repeat(0)).take(padded);
        CodedQuery {
            base: base as f32,
            coarse: pad(coarse).map(|g| g as i8).collect(),
            coarse_step,
            coarse_sum,
            coarse_error,
            fine: pad(fine).map(|g| g as i16).collect(),
            fine_step,
            fine_sum,
            fine_error,
        }
    }
}

/// A query in integers, twice: in eight bits for the scan, in up to sixteen for the rows that are left.
#[derive(Debug)]
pub(crate) struct CodedQuery {
    /// The query's product with the file's mean.
    pub(crate) base: f32,
    pub(crate) coarse: Vec<i8>,
    coarse_step: f32,
    coarse_sum: i32,
    /// Length of what eight bits leave out.
    pub(crate) coarse_error: f32,
    pub(crate) fine: Vec<i16>,
    fine_step: f32,
    fine_sum: i32,
    /// Length of what the finer integers leave out.
    pub(crate) fine_error: f32,
}

impl CodedQuery {
    /// What [`crate::kernels::Kernels::select`] needs to find rows that may reach `minimum` in a block whose
    /// approximations are at most `length` long.
    pub(crate) fn threshold(&self, minimum: f32, length: f32) -> Threshold {
        let minimum = minimum - self.base - self.coarse_error * length - SLACK;
        Threshold { factor: 0.5 * self.coarse_step, offset: 15 * self.coarse_sum, minimum }
    }

    /// What high crumbs add to the nibbles' estimate.
    pub(crate) fn crumb_correction(&self, dot: i32, coarse: u32) -> f32 {
        step_of(coarse) / 6.0 * self.coarse_step * (2 * dot - 3 * self.coarse_sum) as f32
    }

    /// The estimate from all bits.
    pub(crate) fn full_estimate(&self, dot: i32, coarse: u32) -> f32 {
        let centred = i64::from(dot) - 180 * i64::from(self.fine_sum);
        self.base + step_of(coarse) / 24.0 * self.fine_step * centred as f32
    }
}

/// A row's step from its coarse word: the upper half, a bfloat16.
pub(crate) fn step_of(coarse: u32) -> f32 {
    f32::from_bits(coarse & 0xFFFF_0000)
}

/// The nibbles' error from a coarse word: the lower half, a bfloat16.
pub(crate) fn coarse_error(coarse: u32) -> f32 {
    f32::from_bits(coarse << 16)
}

/// The errors with high crumbs and with all bits, from a fine word: two bfloat16.
pub(crate) fn fine_errors(fine: u32) -> (f32, f32) {
    (f32::from_bits(fine & 0xFFFF_0000), f32::from_bits(fine << 16))
}

/// The vector at length one (f64 arithmetic, rounded once); `None` where it holds NaN or infinity. A vector of
/// zeros stays one: it has no direction, and its cosine with anything counts as 0.
pub(crate) fn normalised(vector: &[f32]) -> Option<Vec<f32>> {
    if !vector.iter().all(|value| value.is_finite()) {
        return None;
    }
    let length = vector.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
    if length == 0.0 {
        return Some(vec![0.0; vector.len()]);
    }
    Some(vector.iter().map(|&x| (f64::from(x) / length) as f32).collect())
}

/// The step, a bfloat16, with the least coarse error among [`STEP_FRACTIONS`].
fn best_step(y: &[f32]) -> f32 {
    let largest = y.iter().fold(0f32, |most, value| most.max(value.abs()));
    // Eight steps on each side of zero. Kept away from zero and subnormal numbers for the division's sake.
    let widest = (largest / 8.0).max(1e-12);
    let mut best = (f32::INFINITY, widest);
    for fraction in STEP_FRACTIONS {
        let step = f32::from_bits((widest * fraction).to_bits().wrapping_add(0x8000) & 0xFFFF_0000);
        let inverse = 1.0 / step;
        let error: f32 = y
            .iter()
            .map(|&value| {
                let in_steps = value * inverse;
                let off = in_steps - ((in_steps + 7.5).round_ties_even().clamp(0.0, 15.0) - 7.5);
                off * off
            })
            .sum::<f32>()
            * step
            * step;
        if error < best.0 {
            best = (error, step);
        }
    }
    f32::from_bits(best.1.to_bits() & 0xFFFF_0000)
}

fn nibble_of(in_steps: f32) -> u8 {
    (in_steps + 7.5).round_ties_even().clamp(0.0, 15.0) as u8
}

/// The fine code whose level is nearest to `remainder`, in 24ths of a step.
fn fine_of(remainder: f32) -> u8 {
    let magnitude = remainder.abs();
    let outward = if magnitude < 12.0 {
        (magnitude * 0.5).floor().min(5.0)
    } else if magnitude < 15.5 {
        5.0
    } else if magnitude < 30.0 {
        6.0
    } else {
        7.0
    } as u8;
    if remainder < 0.0 { 7 - outward } else { 8 + outward }
}

/// The least bfloat16 that is not below `value` (which is not negative), as the bits of an f32.
fn short_up(value: f32) -> u32 {
    // 1e-6 more than the f32, which itself was rounded to nearest.
    ((value * (1.0 + 1e-6)).to_bits() + 0xFFFF) & 0xFFFF_0000
}

/// Integers of at most `limit`, their step, and the length of what they leave out.
fn quantised(p: &[f32], largest: f32, limit: i32) -> (Vec<i32>, f32, f32) {
    let step = largest / limit as f32;
    let integers: Vec<i32> =
        p.iter().map(|value| ((value / step).round_ties_even() as i32).clamp(-limit, limit)).collect();
    let square: f64 = p
        .iter()
        .zip(&integers)
        .map(|(&value, &g)| (f64::from(value) - f64::from(step) * f64::from(g)).powi(2))
        .sum();
    (integers, step, square.sqrt() as f32 * (1.0 + 1e-6))
}

#[cfg(test)]
mod tests;
