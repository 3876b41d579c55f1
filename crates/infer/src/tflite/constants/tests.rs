use proptest::prelude::*;

use super::*;

#[test]
fn every_half_float_is_what_the_standard_says() {
    for half in 0..=u16::MAX {
        let (sign, exponent, fraction) = (half >> 15, i32::from(half >> 10 & 31), f64::from(half & 1023));
        let size = match exponent {
            0 => fraction / 1024.0 * 2f64.powi(-14),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
        };
        let expected = if sign == 1 { -size } else { size };
        let wide = widened(half);
        assert!(f64::from(wide) == expected || (wide.is_nan() && expected.is_nan()), "{half:#06x}: {wide}");
        assert_eq!(wide.is_sign_negative(), sign == 1);
    }
}

proptest! {
    #[test]
    fn reordering_moves_every_element_to_its_place(
        dims in proptest::collection::vec(1usize..5, 1..5),
        shuffle in any::<u64>(),
        size in prop_oneof![Just(1usize), Just(4)],
    ) {
        let mut order: Vec<usize> = (0..dims.len()).collect();
        order.sort_by_key(|axis| (shuffle >> (8 * axis)) & 0xFF);
        let count: usize = dims.iter().product();
        let data: Vec<u8> = (0..count * size).map(|at| (at * 7) as u8).collect();
        let result = reordered(&data, size, &dims, &order);
        prop_assert_eq!(result.len(), data.len());
        for at in 0..count {
            // The place of each axis in the source, then in the result.
            let mut rest = at;
            let mut place = vec![0; dims.len()];
            for axis in (0..dims.len()).rev() {
                place[axis] = rest % dims[axis];
                rest /= dims[axis];
            }
            let to = order.iter().fold(0, |to, axis| to * dims[*axis] + place[*axis]);
            prop_assert_eq!(&result[to * size..(to + 1) * size], &data[at * size..(at + 1) * size]);
        }
    }

    #[test]
    fn scales_belong_to_slices_along_their_axis(
        dims in proptest::collection::vec(1usize..5, 1..4),
        axis in any::<prop::sample::Index>(),
        seed in any::<u8>(),
    ) {
        let axis = axis.index(dims.len());
        let count: usize = dims.iter().product();
        let data: Vec<u8> = (0..count).map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed)).collect();
        let scales: Vec<f32> = (0..dims[axis]).map(|slice| 0.5 + slice as f32).collect();
        let zero_points: Vec<i64> = (0..dims[axis]).map(|slice| slice as i64 - 2).collect();
        let quantisation = Quantisation { scales: scales.clone(), zero_points: zero_points.clone(), axis };
        let real = real_values(&data, ElementType::I8, &dims, Some(&quantisation)).unwrap();
        let inner: usize = dims[axis + 1..].iter().product();
        for (at, value) in real.iter().enumerate() {
            let slice = at / inner % dims[axis];
            let expected = (i64::from(data[at] as i8) - zero_points[slice]) as f32 * scales[slice];
            prop_assert_eq!(*value, expected);
        }
    }
}

#[test]
fn whole_numbers_without_scales_stand_for_themselves() {
    let bytes = [1i32, -2].map(i32::to_le_bytes).concat();
    assert_eq!(real_values(&bytes, ElementType::I32, &[2], None), Some(vec![1.0, -2.0]));
    assert_eq!(real_values(&[200], ElementType::U8, &[1], None), Some(vec![200.0]));
    assert_eq!(real_values(&[1], ElementType::Bool, &[1], None), None);
}
