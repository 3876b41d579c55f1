use proptest::prelude::*;

use super::*;

/// Pillow's resampling as it is written: weights in 22-bit fixed point, rows first, bytes between the passes.
fn pillow(image: &RgbImage, w: u32, h: u32, filter: Filter) -> RgbImage {
    let across = slow_pass(image.data(), image.width(), image.height(), w, filter, true);
    let down = slow_pass(&across, w, image.height(), h, filter, false);
    RgbImage::new(w, h, down).unwrap()
}

fn weight(filter: Filter, x: f64) -> f64 {
    let x = x.abs();
    match filter {
        Filter::Bilinear => (1.0 - x).max(0.0),
        Filter::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        Filter::Bicubic if x < 2.0 => -0.5 * (((x - 5.0) * x + 8.0) * x - 4.0),
        Filter::Bicubic => 0.0,
    }
}

/// Resizes `w`×`h` pixels to `size` in one direction.
fn slow_pass(data: &[u8], w: u32, h: u32, size: u32, filter: Filter, is_across: bool) -> Vec<u8> {
    let from = if is_across { w } else { h };
    if from == size {
        return data.to_vec();
    }
    let (out_w, out_h) = if is_across { (size, h) } else { (w, size) };
    let scale = f64::from(from) / f64::from(size);
    let widening = scale.max(1.0);
    let support = if filter == Filter::Bilinear { 1.0 } else { 2.0 } * widening;
    let taps: Vec<(usize, Vec<i32>)> = (0..size)
        .map(|at| {
            let centre = (f64::from(at) + 0.5) * scale;
            let first = ((centre - support + 0.5) as i64).max(0) as usize;
            let end = ((centre + support + 0.5) as usize).min(from as usize);
            let weights: Vec<f64> =
                (first..end).map(|x| weight(filter, (x as f64 - centre + 0.5) / widening)).collect();
            let sum: f64 = weights.iter().sum();
            (first, weights.iter().map(|w| (w / sum * f64::from(1 << 22)).round() as i32).collect())
        })
        .collect();
    let mut out = Vec::with_capacity(out_w as usize * out_h as usize * 3);
    for y in 0..out_h as usize {
        for x in 0..out_w as usize {
            let (first, weights) = &taps[if is_across { x } else { y }];
            for c in 0..3 {
                let sum: i64 = (*first..)
                    .zip(weights)
                    .map(|(at, weight)| {
                        let (sx, sy) = if is_across { (at, y) } else { (x, at) };
                        i64::from(data[(sy * w as usize + sx) * 3 + c]) * i64::from(*weight)
                    })
                    .sum();
                out.push(((sum + (1 << 21)) >> 22).clamp(0, 255) as u8);
            }
        }
    }
    out
}

/// The fast filters hold their weights in 16 bits, so that each of the two passes may be off by one.
fn largest_difference(a: &RgbImage, b: &RgbImage) -> u8 {
    a.data().iter().zip(b.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn resizes_like_pillow(
        (w, h, data) in (1u32..60, 1u32..60).prop_flat_map(|(w, h)| {
            (Just(w), Just(h), prop::collection::vec(prop_oneof![Just(0), Just(255), any::<u8>()], (w * h * 3) as usize))
        }),
        out_w in 1u32..70,
        out_h in 1u32..70,
        is_cubic: bool,
    ) {
        let image = RgbImage::new(w, h, data).unwrap();
        let filter = if is_cubic { Filter::Bicubic } else { Filter::Bilinear };
        let whole = |from, to| Span::middle(from, to, to);
        let fast = resized(&image, whole(w, out_w), whole(h, out_h), filter);
        let slow = pillow(&image, out_w, out_h, filter);
        prop_assert!(largest_difference(&fast, &slow) <= 2, "{}", largest_difference(&fast, &slow));
    }

    #[test]
    fn the_middle_is_that_of_the_whole(
        (w, h, data) in (1u32..50, 1u32..50).prop_flat_map(|(w, h)| {
            (Just(w), Just(h), prop::collection::vec(any::<u8>(), (w * h * 3) as usize))
        }),
        side in 1u32..20,
        more in 0u32..6,
    ) {
        let image = RgbImage::new(w, h, data).unwrap();
        let input = VitInput { side, fit: Fit::Crop { shortest_edge: side + more }, ..VitInput::CLIP };
        let (full_w, full_h) = with_shortest_edge(w, h, side + more);
        let full = pillow(&image, full_w, full_h, Filter::Bicubic);
        let square = input.square(&image);
        prop_assert_eq!((square.width(), square.height()), (side, side));
        let (left, top) = ((full_w - side) / 2, (full_h - side) / 2);
        for y in 0..side {
            let expected = &full.row(top + y)[left as usize * 3..][..side as usize * 3];
            let off = square.row(y).iter().zip(expected).map(|(a, b)| a.abs_diff(*b)).max();
            prop_assert!(off <= Some(2), "row {y}: {off:?}");
        }
    }
}

#[test]
fn sizes_follow_python() {
    assert_eq!(with_shortest_edge(640, 480, 224), (298, 224));
    assert_eq!(with_shortest_edge(333, 500, 256), (256, 384));
    assert_eq!(with_shortest_edge(1, u32::MAX, 224), (224, u32::MAX));
    assert_eq!(with_shortest_edge(0, 0, 224), (224, 1));
}

#[test]
fn a_very_long_picture_is_cheap() {
    let image = RgbImage::new(60_000, 1, vec![77; 180_000]).unwrap();
    let square = VitInput::CLIP.square(&image);
    assert!(square.data().iter().all(|value| *value == 77));
}

#[test]
fn planes_are_scaled() {
    let mut image = RgbImage::black(224, 224);
    image.data_mut()[..3].copy_from_slice(&[255, 0, 128]);
    let mut planes = Vec::new();
    VitInput { normalisation: Normalisation::SIGNED, ..VitInput::CLIP }.push(&image, &mut planes);
    assert_eq!(planes.len(), 3 * 224 * 224);
    assert!((planes[0] - 1.0).abs() < 1e-6);
    assert_eq!((planes[1], planes[224 * 224]), (-1.0, -1.0));
    assert!((planes[2 * 224 * 224] - 0.00392).abs() < 1e-4);
    planes.clear();
    VitInput::BLIP.push(&RgbImage::black(0, 0), &mut planes);
    assert!(planes.len() == 3 * 384 * 384 && planes.iter().all(|value| *value < 0.0));
}
