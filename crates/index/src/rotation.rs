//! A fixed rotation that spreads every vector's weight evenly over its coordinates.
//!
//! Embeddings put much of their weight into a few coordinates, which a quantiser with one step for all of them
//! cannot follow. After random sign flips and fast Hadamard transforms the coordinates of any vector look like
//! independent Gaussians, for which one step is right, and dot products stay what they were.

/// Pairs of sign flips and transforms when the dimension is a power of two.
const ROUNDS: usize = 2;
/// The same otherwise, where each transform covers the largest power of two, at the front and at the back in turn.
const ROUNDS_IN_PARTS: usize = 4;

/// The rotation of one dimension under one seed.
#[derive(Debug, Clone)]
pub(crate) struct Rotation {
    dim: usize,
    /// Largest power of two not above the dimension.
    part: usize,
    /// One round after the other; ±1.
    signs: Vec<f32>,
}

impl Rotation {
    pub(crate) fn new(dim: usize, seed: u64) -> Self {
        let part = 1 << dim.ilog2();
        let rounds = if part == dim { ROUNDS } else { ROUNDS_IN_PARTS };
        let mut random = SplitMix(seed);
        let signs = (0..rounds * dim).map(|_| if random.next() >> 63 == 0 { 1.0 } else { -1.0 }).collect();
        Self { dim, part, signs }
    }

    /// Rotates in place. The relative error is at most (transforms × stages) × 2⁻²⁴ of the vector's length: every
    /// stage rounds each coordinate once.
    pub(crate) fn apply(&self, vector: &mut [f32]) {
        let scale = 1.0 / (self.part as f32).sqrt();
        for (round, signs) in self.signs.chunks_exact(self.dim).enumerate() {
            for (value, sign) in vector.iter_mut().zip(signs) {
                *value *= sign;
            }
            let from = if round % 2 == 0 { 0 } else { self.dim - self.part };
            let part = &mut vector[from..from + self.part];
            hadamard(part);
            for value in part {
                *value *= scale;
            }
        }
    }
}

/// The Walsh–Hadamard transform without its scale; the length is a power of two.
fn hadamard(values: &mut [f32]) {
    let mut half = 1;
    while half < values.len() {
        for pair in values.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (a, b) in left.iter_mut().zip(right) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::Rotation;

    #[test]
    fn lengths_and_products_are_kept_and_weight_is_spread() {
        for dim in [2, 3, 5, 8, 100, 128, 384, 512, 768, 1000, 1280, 4096] {
            let rotation = Rotation::new(dim, 7);
            let (mut a, mut b) = (vec![0f32; dim], vec![0.5f32; dim]);
            a[dim - 1] = 3.0;
            let product = f64::from(a[dim - 1]) * 0.5;
            rotation.apply(&mut a);
            rotation.apply(&mut b);
            let dot = |x: &[f32], y: &[f32]| {
                x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>()
            };
            assert!((dot(&a, &a) - 9.0).abs() < 1e-5, "{dim}");
            assert!((dot(&a, &b) - product).abs() < 1e-5 * (dim as f64).sqrt(), "{dim}");
            if dim >= 100 {
                let largest = a.iter().fold(0f32, |most, x| most.max(x.abs()));
                assert!(largest < 6.0 * 3.0 / (dim as f32).sqrt(), "{dim}: {largest}");
            }
        }
    }
}
