//! The principal directions of a collection, turned into the first coordinates.
//!
//! Real embeddings have most of their spread in a few directions. With those first, a scan can look at a quarter of
//! the coordinates and know from the length of the rest how much that can still change: for a query that lies among
//! the vectors, almost every row is out by then. The turn is a product of Householder reflections, so that it is
//! orthogonal whatever their numbers are, and no product changes.

/// Sample vectors used.
const SAMPLE: usize = 2048;
/// Rounds of orthogonal iteration; directions need not be exact, any that hold much of the spread do.
const ROUNDS: usize = 4;
/// The least share of the spread that makes it worthwhile: below it, most rows would be read in full anyway.
const LEAST_SHARE: f64 = 0.5;
/// The least sample for a given number of directions.
const PER_DIRECTION: usize = 8;

/// Reflections that turn the principal directions into the first coordinates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Basis {
    dim: usize,
    /// One after the other, each of `dim` numbers, of any length.
    reflectors: Vec<f32>,
    /// 2 / the squared length of each; 0 where that is 0.
    factors: Vec<f64>,
}

impl Basis {
    /// The turn with these reflections; `None` where they are not finite.
    pub(crate) fn new(dim: usize, reflectors: Vec<f32>) -> Option<Self> {
        if !reflectors.iter().all(|value| value.is_finite()) {
            return None;
        }
        let square = |reflector: &[f32]| reflector.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>();
        let factors = reflectors
            .chunks_exact(dim)
            .map(square)
            .map(|square| if square > 0.0 { 2.0 / square } else { 0.0 });
        Some(Self { dim, factors: factors.collect(), reflectors })
    }

    pub(crate) fn reflectors(&self) -> &[f32] {
        &self.reflectors
    }

    /// Turns in place. In f64, where a hundred reflections round less than one does in f32.
    pub(crate) fn apply(&self, vector: &mut [f64]) {
        for ((k, reflector), factor) in self.reflectors.chunks_exact(self.dim).enumerate().zip(&self.factors)
        {
            // A reflector's first k numbers are 0 by construction, and left out on both sides.
            let (reflector, vector) = (&reflector[k..], &mut vector[k..]);
            let along = factor * dot(reflector, vector);
            vector.iter_mut().zip(reflector).for_each(|(x, &v)| *x -= along * f64::from(v));
        }
    }

    /// The mean's direction and the `count` - 1 principal directions of a sample of vectors centred on it; `None` where
    /// they hold too little of its spread.
    ///
    /// The mean comes first because queries are not centred: what they have along it would otherwise lie in the rest,
    /// and make its length, by which rows are judged before it is read, useless.
    pub(crate) fn of(mean: &[f32], sample: &[Vec<f32>], count: usize) -> Option<Self> {
        let dim = mean.len();
        if sample.len() < PER_DIRECTION * count || count == 0 {
            return None;
        }
        let sample: Vec<&Vec<f32>> = sample.iter().step_by(sample.len().div_ceil(SAMPLE)).collect();
        // Begin with the sample's own differences, which lie where the spread is.
        let mut directions: Vec<Vec<f64>> = (0..count)
            .map(|k| {
                sample[k]
                    .iter()
                    .zip(sample[sample.len() - 1 - k])
                    .map(|(&a, &b)| f64::from(a) - 0.5 * f64::from(b))
                    .collect()
            })
            .collect();
        let along_mean = || mean.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        directions[0] = along_mean();
        orthonormalise(&mut directions);
        for _ in 0..ROUNDS {
            let mut next = vec![vec![0f64; dim]; count];
            for vector in &sample {
                for (direction, next) in directions.iter().zip(&mut next) {
                    let along = dot(vector, direction);
                    next.iter_mut().zip(vector.iter()).for_each(|(sum, &x)| *sum += along * f64::from(x));
                }
            }
            directions = next;
            directions[0] = along_mean();
            orthonormalise(&mut directions);
        }
        let square = |values: &[f32]| values.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
        let total: f64 = sample.iter().map(|vector| square(vector)).sum();
        let held: f64 = sample
            .iter()
            .flat_map(|vector| directions.iter().map(|direction| dot(vector, direction).powi(2)))
            .sum();
        if held < LEAST_SHARE * total { None } else { Self::new(dim, reflectors(directions, dim)) }
    }
}

/// The Householder reflections that carry orthonormal directions onto the first axes, up to sign.
fn reflectors(mut directions: Vec<Vec<f64>>, dim: usize) -> Vec<f32> {
    let mut all = Vec::with_capacity(directions.len() * dim);
    for k in 0..directions.len() {
        let mut reflector: Vec<f32> = directions[k].iter().map(|&x| x as f32).collect();
        reflector[..k].fill(0.0);
        let length = directions[k][k..].iter().map(|x| x * x).sum::<f64>().sqrt();
        reflector[k] = (directions[k][k] + length.copysign(directions[k][k])) as f32;
        let square: f64 = reflector.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
        if square > 0.0 {
            for direction in &mut directions[k..] {
                let along = 2.0 / square * dot(&reflector, direction);
                direction.iter_mut().zip(&reflector).for_each(|(x, &v)| *x -= along * f64::from(v));
            }
        }
        all.extend(reflector);
    }
    all
}

/// Gram–Schmidt, each direction against those before it.
fn orthonormalise(directions: &mut [Vec<f64>]) {
    for k in 0..directions.len() {
        let (before, rest) = directions.split_at_mut(k);
        let direction = &mut rest[0];
        for other in before {
            let along: f64 = other.iter().zip(direction.iter()).map(|(a, b)| a * b).sum();
            direction.iter_mut().zip(other.iter()).for_each(|(x, v)| *x -= along * v);
        }
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        // A collection of fewer dimensions than directions: nothing lies along the rest.
        let scale = if length > 1e-12 { 1.0 / length } else { 0.0 };
        for x in direction.iter_mut() {
            *x *= scale;
        }
    }
}

/// In lanes, so that the compiler may use vectors.
fn dot(a: &[f32], b: &[f64]) -> f64 {
    let (wide_a, rest_a) = a.as_chunks::<8>();
    let (wide_b, rest_b) = b.as_chunks::<8>();
    let mut sums = [0f64; 8];
    for (a, b) in wide_a.iter().zip(wide_b) {
        for lane in 0..8 {
            sums[lane] += f64::from(a[lane]) * b[lane];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(&a, &b)| f64::from(a) * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::Basis;

    /// Vectors with their spread in three odd directions, and a little elsewhere.
    fn sample(dim: usize) -> Vec<Vec<f32>> {
        let wave = |i: usize, j: usize| ((i * 37 + j * j * 11 + 5) as f32).sin();
        (0..200)
            .map(|i| {
                let weights = [wave(i, 1) * 3.0, wave(i, 2) * 2.0, wave(i, 3)];
                (0..dim)
                    .map(|j| {
                        weights.iter().enumerate().map(|(k, w)| w * wave(k + 9, j)).sum::<f32>()
                            + 0.01 * wave(i, j)
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn the_spread_comes_first_and_lengths_stay() {
        let dim = 40;
        let sample = sample(dim);
        let basis = Basis::of(&[0.01; 40], &sample, 4).unwrap();
        for vector in &sample {
            let mut turned: Vec<f64> = vector.iter().map(|&x| f64::from(x)).collect();
            let square = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>();
            let before = square(&turned);
            basis.apply(&mut turned);
            assert!((square(&turned) - before).abs() < 1e-10 * before);
            assert!(square(&turned[..4]) > 0.99 * before);
            let mean: f64 = vector.iter().map(|&x| f64::from(x)).sum::<f64>() / (dim as f64).sqrt();
            assert!((turned[0].abs() - mean.abs()).abs() < 1e-5);
        }
    }

    #[test]
    fn no_basis_where_there_is_nothing_to_gain() {
        let flat: Vec<Vec<f32>> = (0..400)
            .map(|i| (0..64).map(|j| ((i * 64 + j) as f32 * 1.7).sin()).map(|x| x * x * x).collect())
            .collect();
        assert_eq!(Basis::of(&[0.0; 64], &flat[..20], 8), None);
        let spiky: Vec<Vec<f32>> =
            (0..640).map(|i| (0..64).map(|j| f32::from(u8::from(i % 64 == j))).collect()).collect();
        assert_eq!(Basis::of(&[0.1; 64], &spiky, 8), None);
        assert_eq!(Basis::new(4, vec![f32::NAN; 4]), None);
        assert!(Basis::of(&[0.0; 64], &vec![vec![0.0; 64]; 100], 8).is_some());
    }
}
