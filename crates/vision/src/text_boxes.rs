//! From a map of how likely each pixel belongs to a line of text to boxes around the lines: connected pixels, the
//! smallest turned rectangle around them, and that rectangle enlarged, since such maps are trained on shrunken text
//! (Liao et al. 2020, "Real-time scene text detection with differentiable binarization").

mod components;
mod rectangle;

pub use components::{Component, components};
pub use rectangle::{Quad, TurnedRectangle, smallest_rectangle};

/// How boxes are made from a map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoxOptions {
    /// A pixel above this belongs to text.
    pub pixel_threshold: f32,
    /// A box whose pixels are less sure than this on average is left out.
    pub box_threshold: f32,
    /// How far a box is enlarged: by its area times this over its perimeter.
    pub unclip: f32,
    /// A box whose shorter side is less than this many pixels of the map, before it is enlarged, is left out.
    pub min_side: f32,
    /// At most so many boxes, the surest ones.
    pub max_boxes: usize,
}

impl Default for BoxOptions {
    /// The values that PP-OCR is published with, and a limit.
    fn default() -> Self {
        Self { pixel_threshold: 0.3, box_threshold: 0.6, unclip: 1.6, min_side: 3.0, max_boxes: 400 }
    }
}

/// A line of text found in a map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextBox {
    /// The enlarged rectangle, in pixels of the map.
    pub rectangle: TurnedRectangle,
    /// How sure the map is of the pixels within the rectangle before it was enlarged, on average.
    pub score: f32,
}

/// The boxes in a map of `width` columns, surest first. `None` unless the map has whole rows of that width.
pub fn text_boxes(map: &[f32], width: usize, options: &BoxOptions) -> Option<Vec<TextBox>> {
    let mut boxes = Vec::new();
    for component in components(map, width, options.pixel_threshold)? {
        let Some(rectangle) = smallest_rectangle(&component.outline) else { continue };
        if rectangle.half.iter().any(|half| half * 2.0 + 1.0 < options.min_side) {
            continue;
        }
        let score = mean_within(map, width, &rectangle);
        if score >= options.box_threshold {
            boxes.push(TextBox { rectangle: enlarged(&rectangle, options.unclip), score });
        }
    }
    boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
    boxes.truncate(options.max_boxes);
    Some(boxes)
}

fn enlarged(rectangle: &TurnedRectangle, unclip: f32) -> TurnedRectangle {
    let [w, h] = rectangle.half.map(|half| half * 2.0);
    let by = if w + h > 0.0 { w * h * unclip / (2.0 * (w + h)) } else { 0.0 };
    TurnedRectangle { half: rectangle.half.map(|half| half + by), ..*rectangle }
}

/// The mean of the pixels whose centres lie within the rectangle or on its edge.
fn mean_within(map: &[f32], width: usize, rectangle: &TurnedRectangle) -> f32 {
    let height = map.len() / width;
    let corners = rectangle.corners();
    let range = |axis: usize, size: usize| {
        let values = corners.map(|corner| corner[axis]);
        let low = values.into_iter().fold(f32::INFINITY, f32::min).floor().max(0.0) as usize;
        let high = values.into_iter().fold(0.0, f32::max).ceil() as usize;
        low..(high + 1).min(size)
    };
    let (mut sum, mut count) = (0f64, 0u32);
    for y in range(1, height) {
        for x in range(0, width) {
            if rectangle.contains([x as f32, y as f32]) {
                sum += f64::from(map[y * width + x]);
                count += 1;
            }
        }
    }
    if count == 0 { 0.0 } else { (sum / f64::from(count)) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_of(width: usize, height: usize, is_text: impl Fn(f32, f32) -> bool) -> Vec<f32> {
        (0..width * height)
            .map(|at| if is_text((at % width) as f32, (at / width) as f32) { 0.9 } else { 0.05 })
            .collect()
    }

    #[test]
    fn two_lines_are_two_boxes() {
        let map = map_of(120, 60, |x, y| {
            (10.0..=70.0).contains(&x) && (8.0..=16.0).contains(&y)
                || (20.0..=50.0).contains(&x) && (40.0..=52.0).contains(&y)
        });
        let mut boxes = text_boxes(&map, 120, &BoxOptions::default()).unwrap();
        boxes.sort_by(|a, b| a.rectangle.centre[1].total_cmp(&b.rectangle.centre[1]));
        assert_eq!(boxes.len(), 2);
        assert!((boxes[0].score - 0.9).abs() < 1e-5);
        // 60 × 8 pixels between the outermost centres, enlarged by 480 × 1.6 / 136.
        let first = boxes[0].rectangle;
        let by = 60.0 * 8.0 * 1.6 / (2.0 * 68.0);
        assert_eq!(first.centre, [40.0, 12.0]);
        assert!((first.half[0] - (30.0 + by)).abs() < 1e-4, "{first:?}");
        assert!((first.half[1] - (4.0 + by)).abs() < 1e-4, "{first:?}");
    }

    #[test]
    fn a_slanted_line_gets_a_slanted_box() {
        let (sin, cos) = 20f32.to_radians().sin_cos();
        let map = map_of(200, 140, |x, y| {
            let (dx, dy) = (x - 100.0, y - 70.0);
            (dx * cos + dy * sin).abs() <= 60.0 && (dy * cos - dx * sin).abs() <= 8.0
        });
        let boxes = text_boxes(&map, 200, &BoxOptions { unclip: 0.0, ..BoxOptions::default() }).unwrap();
        assert_eq!(boxes.len(), 1);
        let found = boxes[0].rectangle;
        assert!((found.angle.to_degrees() - 20.0).abs() < 1.5, "{}", found.angle.to_degrees());
        assert!((found.half[0] - 60.0).abs() < 1.5 && (found.half[1] - 8.0).abs() < 1.5, "{found:?}");
    }

    #[test]
    fn specks_and_faint_spots_are_left_out() {
        let mut map = map_of(80, 40, |x, y| x == 5.0 && y == 5.0);
        for y in 20..30 {
            for x in 20..60 {
                map[y * 80 + x] = 0.4;
            }
        }
        assert_eq!(text_boxes(&map, 80, &BoxOptions::default()).unwrap(), []);
        assert_eq!(text_boxes(&map[..81], 80, &BoxOptions::default()), None);
        assert_eq!(text_boxes(&[], 0, &BoxOptions::default()), None);
        assert_eq!(text_boxes(&[f32::NAN; 16], 4, &BoxOptions::default()).unwrap(), []);
    }
}
