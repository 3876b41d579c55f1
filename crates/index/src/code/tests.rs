use proptest::prelude::*;

use super::{Encoder, Row, SLACK, Shape, coarse_error, fine_errors, normalised, step_of};
use crate::basis::Basis;
use crate::kernels::Kernels;

/// The three estimates of a product with their bounds, by the judge's loops; before them, what the head alone says.
fn estimates(encoder: &Encoder, query: &[f32], row: &Row) -> Vec<(f32, f32)> {
    let (_, kernels) = Kernels::all()[0];
    let coded = encoder.query(query);
    let mut levels = vec![(coded.base, SLACK); 3];
    let mut heads = Vec::new();
    for (segment, of) in coded.head.iter().zip(&row.head).chain([(&coded.rest, &row.rest)]) {
        let mut dot = [0];
        (kernels.nibbles)(&of.nibbles, of.nibbles.len(), &segment.coarse, &mut dot);
        let first = segment.estimate(dot[0], of.coarse);
        let correction = segment.crumb_correction((kernels.crumbs)(&of.high, &segment.coarse), of.coarse);
        let full =
            segment.full_estimate((kernels.full)(&of.nibbles, &of.high, &of.low, &segment.fine), of.coarse);
        let (middle_error, full_error) = fine_errors(of.fine);
        let parts = [
            (first, coarse_error(of.coarse) * segment.length + segment.coarse_error * row.length()),
            (first + correction, middle_error * segment.length + segment.coarse_error * row.length()),
            (full, full_error * segment.length + segment.fine_error * row.length()),
        ];
        for (level, part) in levels.iter_mut().zip(parts) {
            *level = (level.0 + part.0, level.1 + part.1);
        }
        heads.push((levels[0].0, levels[0].1 + coded.rest.length * row.rest.length));
    }
    levels.splice(0..0, heads);
    levels
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
        let head = Shape::head_for(dim);
        // Any numbers make an orthogonal map, if the first k of the k-th reflector are 0.
        let reflectors: Vec<f32> = (0..head * dim)
            .map(|i| if i % dim < i / dim { 0.0 } else { (i as f32 * 1.3 + query[0]).sin() })
            .collect();
        let basis = Basis::new(dim, reflectors).filter(|_| head > 0);
        let encoder = Encoder::new(Shape::new(dim, head), mean, basis, 1);
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
    let encoder = Encoder::new(Shape::new(dim, 0), vec![0.0; dim], None, 1);
    let vector: Vec<f32> = (0..dim).map(|i| ((i * i + 3 * i) as f32).sin()).collect();
    let row = encoder.row(&normalised(&vector).unwrap()).rest;
    let (middle, full) = fine_errors(row.fine);
    assert!(coarse_error(row.coarse) < 0.115, "{}", coarse_error(row.coarse));
    assert!(middle < 0.047, "{middle}");
    assert!(full < 0.016, "{full}");
    assert!(step_of(row.coarse) > 0.0);
}
