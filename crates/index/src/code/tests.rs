use proptest::prelude::*;

use super::{Encoder, Row, SLACK, Shape, coarse_error, fine_errors, normalised, step_of};
use crate::kernels::Kernels;

/// The three estimates of a product with their bounds, by the judge's loops.
fn estimates(encoder: &Encoder, query: &[f32], row: &Row) -> [(f32, f32); 3] {
    let (_, kernels) = Kernels::all()[0];
    let coded = encoder.query(query);
    let mut dot = [0];
    (kernels.nibbles)(&row.nibbles, encoder.shape.stride, &coded.coarse, &mut dot);
    let first = coded.base + coded.threshold(0.0, 0.0).estimate(dot[0], row.coarse);
    let second = first + coded.crumb_correction((kernels.crumbs)(&row.high, &coded.coarse), row.coarse);
    let third =
        coded.full_estimate((kernels.full)(&row.nibbles, &row.high, &row.low, &coded.fine), row.coarse);
    let (middle, full) = fine_errors(row.fine);
    let rounding = coded.coarse_error * row.length + SLACK;
    [
        (first, coarse_error(row.coarse) + rounding),
        (second, middle + rounding),
        (third, full + coded.fine_error * row.length + SLACK),
    ]
}

fn vectors(dim: usize) -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>)> {
    let one = || {
        prop_oneof![
            proptest::collection::vec(-1f32..1.0, dim),
            proptest::collection::vec(prop_oneof![9 => Just(0f32), 1 => -100f32..100.0], dim),
            proptest::collection::vec(
                prop_oneof![Just(1e-30f32), Just(-3e20f32), Just(0f32), Just(1f32)],
                dim
            ),
            Just(vec![0f32; dim]),
        ]
    };
    (one(), one(), proptest::collection::vec(-0.04f32..0.04, dim))
}

proptest! {
    #[test]
    fn scores_lie_within_the_bounds(
        (query, vector, mean) in prop_oneof![vectors(2), vectors(7), vectors(64), vectors(100), vectors(512)]
    ) {
        let dim = query.len();
        let encoder = Encoder::new(Shape::new(dim), mean, 1);
        let (query, vector) = (normalised(&query).unwrap(), normalised(&vector).unwrap());
        let score: f64 = query.iter().zip(&vector).map(|(&q, &x)| f64::from(q) * f64::from(x)).sum();
        let row = encoder.row(&vector);
        for (level, (estimate, bound)) in estimates(&encoder, &query, &row).into_iter().enumerate() {
            prop_assert!(
                (f64::from(estimate) - score).abs() <= f64::from(bound),
                "level {}: {} against {}, bound {}", level, estimate, score, bound
            );
        }
    }
}

#[test]
fn errors_of_gaussian_coordinates_are_what_the_design_counts_on() {
    let dim = 512;
    let encoder = Encoder::new(Shape::new(dim), vec![0.0; dim], 1);
    let vector: Vec<f32> = (0..dim).map(|i| ((i * i + 3 * i) as f32).sin()).collect();
    let row = encoder.row(&normalised(&vector).unwrap());
    let (middle, full) = fine_errors(row.fine);
    assert!(coarse_error(row.coarse) < 0.115, "{}", coarse_error(row.coarse));
    assert!(middle < 0.045, "{middle}");
    assert!(full < 0.016, "{full}");
    assert!(step_of(row.coarse) > 0.0);
}
