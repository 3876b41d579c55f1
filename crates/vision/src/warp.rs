//! Cuts turned rectangles out of pictures, levelled.

use crate::image::RgbImage;
use crate::text_boxes::TurnedRectangle;

/// The pixels of a turned rectangle as an upright picture of its own size, rounded, at least 1×1 and at most
/// `max_side` on a side: read between pixels, and from the picture's edge where the rectangle leaves it.
pub fn cut_out(image: &RgbImage, rectangle: &TurnedRectangle, max_side: u32) -> RgbImage {
    let size = rectangle.half.map(|half| ((half * 2.0).round() as u32).clamp(1, max_side.max(1)));
    let mut out = RgbImage::black(size[0], size[1]);
    if image.width() == 0 || image.height() == 0 {
        return out;
    }
    let (sin, cos) = rectangle.angle.sin_cos();
    let step = [0, 1].map(|axis| 2.0 * rectangle.half[axis] / size[axis] as f32);
    for (at, pixel) in out.data_mut().chunks_exact_mut(3).enumerate() {
        let along = ((at as u32 % size[0]) as f32 + 0.5) * step[0] - rectangle.half[0];
        let across = ((at as u32 / size[0]) as f32 + 0.5) * step[1] - rectangle.half[1];
        // Centres of pixels lie at whole numbers here, as in the maps that the rectangles come from.
        let x = rectangle.centre[0] + along * cos - across * sin;
        let y = rectangle.centre[1] + along * sin + across * cos;
        pixel.copy_from_slice(&between(image, x, y));
    }
    out
}

/// The colour at a point between four pixels (bilinear), clamped to the picture.
fn between(image: &RgbImage, x: f32, y: f32) -> [u8; 3] {
    let side = |value: f32, size: u32| {
        let value = if value.is_finite() { value.clamp(0.0, (size - 1) as f32) } else { 0.0 };
        let low = value.floor();
        (low as usize, (low as usize + 1).min(size as usize - 1), value - low)
    };
    let (left, right, fx) = side(x, image.width());
    let (top, bottom, fy) = side(y, image.height());
    let (upper, lower) = (image.row(top as u32), image.row(bottom as u32));
    [0, 1, 2].map(|channel| {
        let at = |row: &[u8], column: usize| f32::from(row[column * 3 + channel]);
        let above = at(upper, left) * (1.0 - fx) + at(upper, right) * fx;
        let below = at(lower, left) * (1.0 - fx) + at(lower, right) * fx;
        (above * (1.0 - fy) + below * fy).round() as u8
    })
}

/// The picture turned by a right angle: what was on its right is on top.
pub fn turned_left(image: &RgbImage) -> RgbImage {
    let (w, h) = (image.width(), image.height());
    let mut out = RgbImage::black(h, w);
    for (at, pixel) in out.data_mut().chunks_exact_mut(3).enumerate() {
        let (x, y) = (w - 1 - at as u32 / h, at as u32 % h);
        pixel.copy_from_slice(&image.row(y)[x as usize * 3..][..3]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture() -> RgbImage {
        let data = (0..40 * 30).flat_map(|at| [(at % 40 * 6) as u8, (at / 40 * 8) as u8, 7]).collect();
        RgbImage::new(40, 30, data).unwrap()
    }

    #[test]
    fn an_upright_rectangle_on_whole_pixels_is_a_crop() {
        // Pixels 10..=19 and 5..=8: edges half a pixel outside of the outermost centres.
        let rectangle = TurnedRectangle { centre: [14.5, 6.5], half: [5.0, 2.0], angle: 0.0 };
        let cut = cut_out(&picture(), &rectangle, 1000);
        assert_eq!(cut, crate::tensor_input::crop_at(&picture(), 10, 5, 10, 4));
    }

    #[test]
    fn four_turns_are_none() {
        let once = turned_left(&picture());
        assert_eq!((once.width(), once.height()), (30, 40));
        assert_eq!(once.row(0)[..3], picture().row(0)[39 * 3..]);
        assert_eq!(turned_left(&turned_left(&turned_left(&once))), picture());
    }

    proptest! {
        #[test]
        fn a_turned_cut_follows_the_slope(angle in -0.7f32..0.7) {
            let rectangle = TurnedRectangle { centre: [20.0, 15.0], half: [6.0, 3.0], angle };
            let cut = cut_out(&picture(), &rectangle, 1000);
            prop_assert_eq!((cut.width(), cut.height()), (12, 6));
            // Red grows by 6 per column and green by 8 per row of the picture.
            let (sin, cos) = angle.sin_cos();
            for (at, pixel) in cut.data().chunks_exact(3).enumerate() {
                let along = (at % 12) as f32 + 0.5 - 6.0;
                let across = (at / 12) as f32 + 0.5 - 3.0;
                let x = 20.0 + along * cos - across * sin;
                let y = 15.0 + along * sin + across * cos;
                prop_assert!((f32::from(pixel[0]) - x * 6.0).abs() <= 1.0);
                prop_assert!((f32::from(pixel[1]) - y * 8.0).abs() <= 1.0);
            }
        }

        #[test]
        fn nothing_is_read_outside(x in -50f32..90.0, y in -50f32..90.0, half in 0f32..40.0, angle in -0.7f32..0.7) {
            let rectangle = TurnedRectangle { centre: [x, y], half: [half, half / 2.0], angle };
            let cut = cut_out(&picture(), &rectangle, 30);
            prop_assert!(cut.width() <= 30 && cut.height() <= 30);
            prop_assert!(cut.data().chunks_exact(3).all(|pixel| pixel[2] == 7));
            prop_assert_eq!(cut_out(&RgbImage::black(0, 3), &rectangle, 30).width(), cut.width());
        }
    }
}
