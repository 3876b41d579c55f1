//! Rows: a vector as two four-bit codes a dimension, with proven bounds of what they leave out.
//!
//! With x the unit vector, m the file's mean and R an orthogonal map ([`Basis`] and [`Rotation`]), a row stands for
//! y = R (x − m). The **nibble**
//! of a coordinate is its place among sixteen steps of width Δ around zero; Δ is chosen per row. The **fine code**
//! divides the step (see [`FINE_LEVELS`]); its upper two bits alone, the *high crumb*, divide it by three. So there
//! are three approximations of y, each closer: nibbles, with high crumbs, with all bits. The row keeps the length
//! of each one's error, which by Cauchy–Schwarz bounds the error of any score computed from it.

use crate::basis::Basis;
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

/// Principal directions that are looked at first, where a collection has such: two cache lines of nibbles are one
/// line too many and 32 bytes half a line wasted.
const HEAD: usize = 128;

/// How many bytes the parts of a row take. A row has one segment, or two: the *head*, its coordinates along the
/// principal directions (see [`Basis`]), and the *rest*. Each is encoded by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Dimensions of the vectors.
    pub(crate) dim: usize,
    /// Dimensions of the head: a multiple of 128, or 0 where there is none.
    pub(crate) head: usize,
}

impl Shape {
    pub(crate) fn new(dim: usize, head: usize) -> Self {
        Self { dim, head }
    }

    /// Bytes of a row's nibbles in the head.
    pub(crate) fn head_stride(self) -> usize {
        self.head / 2
    }

    /// Bytes of a row's nibbles in the rest; two dimensions each, rounded up to whole cache lines.
    pub(crate) fn stride(self) -> usize {
        (self.dim - self.head).div_ceil(128) * 64
    }

    /// Bytes of a row's high crumbs in both segments, and of its low ones.
    pub(crate) fn crumbs(self) -> usize {
        usize::midpoint(self.head_stride(), self.stride())
    }

    /// Whether vectors of so many dimensions get a head if their collection suits.
    pub(crate) fn head_for(dim: usize) -> usize {
        if dim >= 3 * HEAD { HEAD } else { 0 }
    }
}

/// One segment of an encoded vector.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) nibbles: Vec<u8>,
    pub(crate) high: Vec<u8>,
    pub(crate) low: Vec<u8>,
    /// Step and error of the nibbles: two bfloat16, see [`step_of`] and [`coarse_error`].
    pub(crate) coarse: u32,
    /// Errors with high crumbs and with all bits, see [`fine_errors`].
    pub(crate) fine: u32,
    /// At least the length of each of the three approximations, and of the segment itself.
    pub(crate) length: f32,
}

/// An encoded vector.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) head: Option<Segment>,
    pub(crate) rest: Segment,
}

impl Row {
    /// At least the length of any segment.
    pub(crate) fn length(&self) -> f32 {
        self.head.as_ref().map_or(0.0, |head| head.length).max(self.rest.length)
    }
}

/// Turns vectors into rows and queries; one per file.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub(crate) shape: Shape,
    pub(crate) mean: Vec<f32>,
    pub(crate) basis: Option<Basis>,
    head: Option<Rotation>,
    rest: Rotation,
}

impl Encoder {
    /// An encoder with or without principal directions; their number is the shape's head.
    pub(crate) fn new(shape: Shape, mean: Vec<f32>, basis: Option<Basis>, seed: u64) -> Self {
        let head = (shape.head > 0).then(|| Rotation::new(shape.head, !seed));
        Self { shape, mean, basis, head, rest: Rotation::new(shape.dim - shape.head, seed) }
    }

    /// Turns a vector in place and rotates its segments.
    fn turn(&self, vector: &mut [f32]) {
        if let Some(basis) = &self.basis {
            let mut wide: Vec<f64> = vector.iter().map(|&x| f64::from(x)).collect();
            basis.apply(&mut wide);
            vector.iter_mut().zip(wide).for_each(|(x, wide)| *x = wide as f32);
        }
        let (head, rest) = vector.split_at_mut(self.shape.head);
        if let Some(rotation) = &self.head {
            rotation.apply(head);
        }
        self.rest.apply(rest);
    }

    /// The row of a vector that [`normalised`] returned.
    pub(crate) fn row(&self, unit: &[f32]) -> Row {
        let mut y: Vec<f32> = unit.iter().zip(&self.mean).map(|(x, mean)| x - mean).collect();
        self.turn(&mut y);
        let (head, rest) = y.split_at(self.shape.head);
        Row {
            head: (!head.is_empty()).then(|| Segment::new(head, self.shape.head_stride())),
            rest: Segment::new(rest, self.shape.stride()),
        }
    }

    /// The query of a vector that [`normalised`] returned.
    pub(crate) fn query(&self, unit: &[f32]) -> CodedQuery {
        let base: f64 = unit.iter().zip(&self.mean).map(|(&q, &mean)| f64::from(q) * f64::from(mean)).sum();
        let mut p = unit.to_vec();
        self.turn(&mut p);
        let (head, rest) = p.split_at(self.shape.head);
        CodedQuery {
            base: base as f32,
            head: (!head.is_empty()).then(|| QuerySegment::new(head, self.shape.head_stride())),
            rest: QuerySegment::new(rest, self.shape.stride()),
        }
    }
}

impl Segment {
    fn new(y: &[f32], stride: usize) -> Self {
        let step = best_step(y);
        let quarter = stride / 2;
        let (mut nibbles, mut high, mut low) = (vec![0; stride], vec![0; quarter], vec![0; quarter]);
        let mut errors = [0f64; 3];
        let mut lengths = [0f64; 4];
        for (i, &value) in y.iter().enumerate() {
            let in_steps = value / step;
            let nibble = nibble_of(in_steps);
            let centre = f32::from(nibble) - 7.5;
            let fine = fine_of((in_steps - centre) * 24.0);
            nibbles[i % stride] |= nibble << (4 * (i / stride));
            high[i % quarter] |= (fine >> 2) << (2 * (i / quarter));
            low[i % quarter] |= (fine & 3) << (2 * (i / quarter));
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
            lengths[3] += value * value;
        }
        let errors = errors.map(|square| short_up(square.sqrt() as f32));
        Self {
            nibbles,
            high,
            low,
            coarse: step.to_bits() | errors[0] >> 16,
            fine: errors[1] | errors[2] >> 16,
            length: lengths.iter().fold(0f64, |most, &square| most.max(square.sqrt())) as f32 * (1.0 + 1e-6),
        }
    }
}

/// A query, as segments that meet those of rows.
#[derive(Debug)]
pub(crate) struct CodedQuery {
    /// The query's product with the file's mean.
    pub(crate) base: f32,
    pub(crate) head: Option<QuerySegment>,
    pub(crate) rest: QuerySegment,
}

/// One segment of a query in integers, twice: in eight bits for the scan, in up to sixteen for the rows that are left.
#[derive(Debug)]
pub(crate) struct QuerySegment {
    /// At least its length.
    pub(crate) length: f32,
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

impl QuerySegment {
    fn new(p: &[f32], stride: usize) -> Self {
        let padded = 2 * stride;
        let largest = p.iter().fold(0f32, |most, value| most.max(value.abs())).max(1e-12);
        let (coarse, coarse_step, coarse_error) = quantised(p, largest, 127);
        // Sums of `padded` products of at most FULL_LIMIT stay below 2³¹.
        let limit = (i64::from(i32::MAX) / (FULL_LIMIT * padded as i64)).min(i64::from(i16::MAX));
        let (fine, fine_step, fine_error) = quantised(p, largest, limit as i32);
        let (coarse_sum, fine_sum) = (coarse.iter().sum(), fine.iter().sum());
        let pad = |values: Vec<i32>| values.into_iter().chain(std::iter::repeat(0)).take(padded);
        let square: f64 = p.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        Self {
            length: square.sqrt() as f32 * (1.0 + 1e-6),
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

    /// What [`crate::kernels::Kernels::select`] needs to find rows that may reach `minimum`.
    pub(crate) fn threshold(&self, minimum: f32) -> Threshold {
        let (factor, offset) = (0.5 * self.coarse_step, 15 * self.coarse_sum);
        Threshold { factor, offset, weight: self.length, minimum }
    }

    /// What the nibbles of a row with this product and coarse word contribute to its estimate.
    pub(crate) fn estimate(&self, dot: i32, coarse: u32) -> f32 {
        self.threshold(0.0).estimate(dot, coarse)
    }

    /// What high crumbs add to that.
    pub(crate) fn crumb_correction(&self, dot: i32, coarse: u32) -> f32 {
        step_of(coarse) / 6.0 * self.coarse_step * (2 * dot - 3 * self.coarse_sum) as f32
    }

    /// What all bits contribute.
    pub(crate) fn full_estimate(&self, dot: i32, coarse: u32) -> f32 {
        let centred = i64::from(dot) - 180 * i64::from(self.fine_sum);
        step_of(coarse) / 24.0 * self.fine_step * centred as f32
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
    let outward = if magnitude < 17.5 {
        (magnitude * 0.5).floor().min(5.0)
    } else if magnitude < 40.0 {
        6.0
    } else {
        7.0
    } as u8;
    if remainder < 0.0 { 7 - outward } else { 8 + outward }
}

/// The least bfloat16 that is not below `value` (which is not negative), as the bits of an f32.
fn short_up(value: f32) -> u32 {
    // 1e-6 more, for the f32 itself was rounded to nearest.
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
