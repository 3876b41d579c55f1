//! PP-OCR: finds lines of text and reads them.
//!
//! A first graph marks the pixels of text, boxes are drawn around them ([`tintype_vision::text_boxes`]), each line is
//! cut out and levelled, and a second graph reads lines in batches of like width ([`tintype_vision::ctc`]).

mod order;
mod recognise;

use std::sync::{Arc, OnceLock};

use tintype_vision::RgbImage;
use tintype_vision::resize::resize_rgb;
use tintype_vision::tensor_input::{ChannelOrder, Normalisation, push_planes};
use tintype_vision::text_boxes::{BoxOptions, Quad, TextBox, text_boxes};
use tintype_vision::warp::{cut_out, turned_left};

use crate::error::{Error, Result};
use crate::registry::Models;
use crate::tensor::Tensor;

/// The row of the table that is used when nothing else is asked for. Of 26 race numbers, 15 to 58 pixels high, the
/// PP-OCRv3 finder with the v6 reader reads 25 at 1280 pixels, the v6 finder 21 (`examples/score_models.rs`).
pub const DEFAULT_MODEL: &str = "ppocr-v3-tiny";
/// The detector wants sides that are multiples of this many pixels.
const GRID: u32 = 32;
/// A line this many times higher than wide is read after turning it as well.
const TALL: f32 = 1.5;
/// Longest side of a line that is cut out, in pixels.
const LONGEST_LINE: u32 = 4096;

/// A line of text.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TextLine {
    /// What it says.
    pub text: String,
    /// How sure the reader is, 0 to 1: the mean over the letters.
    pub confidence: f32,
    /// How sure the finder is that this is text, 0 to 1.
    pub box_score: f32,
    /// Corners in pixels of the picture: upper left, upper right, lower right, lower left as the line reads.
    pub quad_in_image: Quad,
}

impl TextLine {
    /// Left, top, right, bottom of the line in pixels of the picture.
    pub fn bbox_in_image(&self) -> [f32; 4] {
        let fold = |axis: usize, start: f32, pick: fn(f32, f32) -> f32| {
            self.quad_in_image.iter().map(|corner| corner[axis]).fold(start, pick)
        };
        [
            fold(0, f32::INFINITY, f32::min),
            fold(1, f32::INFINITY, f32::min),
            fold(0, f32::NEG_INFINITY, f32::max),
            fold(1, f32::NEG_INFINITY, f32::max),
        ]
    }
}

/// How text is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OcrOptions {
    /// The picture's longer side for the finder, in pixels. Lines lower than about ten pixels at that size are not
    /// found.
    pub long_side: u32,
    /// A smaller picture is enlarged to that side, but not by more than this factor.
    pub max_enlargement: f32,
    /// How boxes are made.
    pub boxes: BoxOptions,
    /// Lines less sure than this are left out.
    pub min_confidence: f32,
    /// How many lines are read in one run.
    pub batch: usize,
}

impl Default for OcrOptions {
    fn default() -> Self {
        Self {
            long_side: 1280,
            max_enlargement: 2.0,
            boxes: BoxOptions { box_threshold: 0.5, ..BoxOptions::default() },
            min_confidence: 0.5,
            batch: 8,
        }
    }
}

/// Finder and reader, loaded when first used.
#[derive(Debug, Clone)]
pub struct OcrModel {
    models: Models,
    id: String,
    letters: Arc<OnceLock<Vec<String>>>,
}

impl OcrModel {
    /// The default model of an installation.
    pub fn new(models: &Models) -> Self {
        Self::of_row(models, DEFAULT_MODEL)
    }

    /// Another row of the table: one of the family `ocr`.
    pub fn of_row(models: &Models, id: &str) -> Self {
        Self { models: models.clone(), id: id.to_owned(), letters: Arc::default() }
    }

    /// The lines in an upright picture of any size, in reading order.
    pub fn read_text(&self, image: &RgbImage, options: &OcrOptions) -> Result<Vec<TextLine>> {
        let boxes = self.find_boxes(image, options)?;
        let mut crops = Vec::with_capacity(boxes.len());
        let mut owners = Vec::with_capacity(boxes.len());
        for (at, found) in boxes.iter().enumerate() {
            let crop = cut_out(image, &found.rectangle, LONGEST_LINE);
            if crop.height() as f32 >= crop.width() as f32 * TALL {
                crops.push(turned_left(&crop));
                owners.push((at, true));
            }
            crops.push(crop);
            owners.push((at, false));
        }
        let mut best: Vec<Option<(recognise::Reading, bool)>> = vec![None; boxes.len()];
        for ((at, is_turned), reading) in owners.into_iter().zip(self.read_lines(&crops, options.batch)?) {
            if best[at].as_ref().is_none_or(|(earlier, _)| reading.confidence > earlier.confidence) {
                best[at] = Some((reading, is_turned));
            }
        }
        let mut lines: Vec<TextLine> = boxes
            .iter()
            .zip(best)
            .filter_map(|(found, best)| best.map(|best| line(found, best)))
            .filter(|line| line.confidence >= options.min_confidence && !line.text.trim().is_empty())
            .collect();
        order::reading_order(&mut lines);
        Ok(lines)
    }

    /// Boxes around lines, in pixels of the picture, surest first.
    fn find_boxes(&self, image: &RgbImage, options: &OcrOptions) -> Result<Vec<TextBox>> {
        if image.width() == 0 || image.height() == 0 {
            return Ok(Vec::new());
        }
        let [w, h] = finder_size(image.width(), image.height(), options);
        let mut planes = Vec::new();
        push_planes(&resize_rgb(image, w, h), &Normalisation::IMAGENET, ChannelOrder::Bgr, &mut planes);
        let session = self.models.session(&self.id, "detection")?;
        let outputs = session.run_single(Tensor::f32([1, 3, h as usize, w as usize], planes)?)?;
        let map = match outputs.first() {
            Some(output) => output.as_f32().map_err(|error| error.of_model(&self.id))?,
            None => &[],
        };
        if map.len() != w as usize * h as usize {
            return Err(self.unreadable(format!("a map of {} numbers for {w}×{h} pixels", map.len())));
        }
        let mut boxes = text_boxes(map, w as usize, &options.boxes).unwrap_or_default();
        let scale = [image.width() as f32 / w as f32, image.height() as f32 / h as f32];
        for found in &mut boxes {
            found.rectangle = found.rectangle.scaled(scale);
        }
        Ok(boxes)
    }

    /// The letters by class: a blank, the dictionary's lines, and a space.
    fn letters(&self) -> Result<&[String]> {
        if let Some(letters) = self.letters.get() {
            return Ok(letters);
        }
        let text = self.models.text(&self.id, "characters")?;
        let mut letters = vec![String::new()];
        letters.extend(text.lines().map(|line| line.trim_end_matches('\r').to_owned()));
        letters.push(" ".to_owned());
        Ok(self.letters.get_or_init(|| letters))
    }

    fn unreadable(&self, detail: String) -> Error {
        Error::Output { model: self.id.clone(), detail }
    }
}

/// The size at which the finder looks at a picture of `w`×`h` pixels.
fn finder_size(w: u32, h: u32, options: &OcrOptions) -> [u32; 2] {
    let longest = f64::from(w.max(h).max(1));
    let factor = (f64::from(options.long_side) / longest).min(f64::from(options.max_enlargement.max(1.0)));
    [w, h].map(|side| {
        let cells = (f64::from(side) * factor / f64::from(GRID)).round().max(1.0);
        cells as u32 * GRID
    })
}

fn line(found: &TextBox, (reading, is_turned): (recognise::Reading, bool)) -> TextLine {
    let mut quad = found.rectangle.corners();
    if is_turned {
        // What was on the right is the line's top.
        quad.rotate_left(1);
    }
    TextLine {
        text: reading.text,
        confidence: reading.confidence,
        box_score: found.score,
        quad_in_image: quad,
    }
}
