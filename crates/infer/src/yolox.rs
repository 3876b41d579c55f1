//! YOLOX (Ge et al. 2021): objects of 80 kinds with boxes.

mod classes;

use tintype_vision::RgbImage;
use tintype_vision::nms::{ScoredBox, suppress};
use tintype_vision::tensor_input::{ChannelOrder, Normalisation, letterbox, push_planes};

pub use classes::CLASSES;

use crate::error::{Error, Result};
use crate::registry::Models;
use crate::tensor::Tensor;

/// The row of the table.
pub const MODEL: &str = "yolox-nano";
/// Side of the model's input in pixels.
const SIDE: u32 = 416;
/// Grey of the ground beside the picture, as in training.
const GROUND: u8 = 114;
/// Pixels per cell of the three grids, finest first.
const STRIDES: [usize; 3] = [8, 16, 32];
/// Centre, size and "something is there" before the classes.
const LEADING: usize = 5;

/// An object.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Object {
    /// Its number in [`CLASSES`].
    pub class: usize,
    /// Its name.
    pub name: &'static str,
    /// How sure the model is, 0 to 1.
    pub score: f32,
    /// Left, top, right, bottom in pixels of the picture, within it.
    pub bbox_in_image: [f32; 4],
}

/// What counts as found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DetectOptions {
    /// Objects less sure than this are left out.
    pub min_score: f32,
    /// Of two boxes of a class that overlap by more than this, the better one stays.
    pub max_overlap: f32,
    /// At most so many, the surest ones.
    pub max_objects: usize,
}

impl Default for DetectOptions {
    /// 0.3 and 0.45 are the values of the model's own demonstration.
    fn default() -> Self {
        Self { min_score: 0.3, max_overlap: 0.45, max_objects: 100 }
    }
}

/// The model, loaded when first used.
#[derive(Debug, Clone)]
pub struct ObjectModel {
    models: Models,
}

impl ObjectModel {
    /// The model of an installation.
    pub fn new(models: &Models) -> Self {
        Self { models: models.clone() }
    }

    /// The objects in an upright picture of any size, surest first.
    pub fn find_objects(&self, image: &RgbImage, options: &DetectOptions) -> Result<Vec<Object>> {
        let session = self.models.session(MODEL, "graph")?;
        let framed = letterbox(image, SIDE, SIDE, GROUND);
        let mut planes = Vec::new();
        push_planes(&framed.image, &Normalisation::IMAGENET, ChannelOrder::Rgb, &mut planes);
        let side = SIDE as usize;
        let outputs = session.run_single(Tensor::f32([1, 3, side, side], planes)?)?;
        let numbers = match outputs.first() {
            Some(output) => output.as_f32().map_err(|error| error.of_model(MODEL))?,
            None => &[],
        };
        let boxes = decode(numbers, side, options.min_score).ok_or_else(|| Error::Output {
            model: MODEL.to_owned(),
            detail: format!("{} numbers do not fit the grids of {SIDE} pixels", numbers.len()),
        })?;
        let bounds = [image.width() as f32, image.height() as f32];
        let mut objects: Vec<Object> = suppress(&boxes, options.max_overlap)
            .into_iter()
            .map(|found| Object {
                class: found.class,
                name: CLASSES[found.class],
                score: found.score,
                bbox_in_image: std::array::from_fn(|at| {
                    (found.corners[at] / framed.scale[at % 2]).clamp(0.0, bounds[at % 2])
                }),
            })
            .collect();
        objects.truncate(options.max_objects);
        Ok(objects)
    }
}

/// Boxes in pixels of the input, from one row of numbers per cell: centre relative to the cell, logarithm of the
/// size, both in strides, then scores. `None` if there are not as many rows as cells.
fn decode(numbers: &[f32], side: usize, min_score: f32) -> Option<Vec<ScoredBox>> {
    let row = LEADING + CLASSES.len();
    let cells: usize = STRIDES.iter().map(|stride| (side / stride).pow(2)).sum();
    if numbers.len() != cells * row {
        return None;
    }
    let mut rows = numbers.chunks_exact(row);
    let mut boxes = Vec::new();
    for stride in STRIDES {
        let columns = side / stride;
        for (cell, numbers) in rows.by_ref().take(columns * columns).enumerate() {
            let is_object = numbers[4];
            // Each class's score is at most this.
            if is_object.is_nan() || is_object < min_score {
                continue;
            }
            let (class, class_score) = numbers[LEADING..].iter().enumerate().fold(
                (0, f32::NEG_INFINITY),
                |best, (class, &score)| if score > best.1 { (class, score) } else { best },
            );
            let score = is_object * class_score;
            if score < min_score {
                continue;
            }
            let scale = stride as f32;
            let centre = [numbers[0] + (cell % columns) as f32, numbers[1] + (cell / columns) as f32];
            let half = [numbers[2].exp() / 2.0, numbers[3].exp() / 2.0];
            let corners = [
                (centre[0] - half[0]) * scale,
                (centre[1] - half[1]) * scale,
                (centre[0] + half[0]) * scale,
                (centre[1] + half[1]) * scale,
            ];
            boxes.push(ScoredBox { corners, score, class });
        }
    }
    Some(boxes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of zeros but for one cell of the grid of `stride`.
    fn one_object(side: usize, stride: usize, column: usize, row: usize) -> Vec<f32> {
        let width = LEADING + CLASSES.len();
        let before: usize =
            STRIDES.iter().take_while(|other| **other != stride).map(|other| (side / other).pow(2)).sum();
        let cells: usize = STRIDES.iter().map(|other| (side / other).pow(2)).sum();
        let mut numbers = vec![0.0; cells * width];
        let at = (before + row * (side / stride) + column) * width;
        numbers[at..at + 5].copy_from_slice(&[0.5, 0.25, 2f32.ln(), 0.0, 0.8]);
        numbers[at + LEADING + 16] = 0.9;
        numbers
    }

    #[test]
    fn cells_become_boxes() {
        for stride in STRIDES {
            let boxes = decode(&one_object(64, stride, 1, 0), 64, 0.3).unwrap();
            let scale = stride as f32;
            assert_eq!(boxes.len(), 1);
            assert_eq!((boxes[0].class, CLASSES[boxes[0].class]), (16, "dog"));
            assert!((boxes[0].score - 0.72).abs() < 1e-6);
            let wanted = [0.5, -0.25, 2.5, 0.75].map(|corner| corner * scale);
            for (found, wanted) in boxes[0].corners.iter().zip(wanted) {
                assert!((found - wanted).abs() < 1e-4, "{:?}", boxes[0].corners);
            }
        }
        assert!(decode(&one_object(64, 8, 1, 0), 64, 0.75).unwrap().is_empty());
        assert!(decode(&[0.0; 85], 64, 0.3).is_none());
        let cells = 64 + 16 + 4;
        assert!(decode(&vec![f32::NAN; cells * 85], 64, 0.3).unwrap().is_empty());
    }

    #[test]
    fn there_are_eighty_kinds() {
        assert_eq!(CLASSES.len(), 80);
        assert_eq!((CLASSES[0], CLASSES[79]), ("person", "toothbrush"));
    }
}
