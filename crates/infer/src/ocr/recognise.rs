//! Reads lines that were cut out.

use tintype_vision::RgbImage;
use tintype_vision::ctc;
use tintype_vision::resize::resize_rgb;
use tintype_vision::tensor_input::{ChannelOrder, Normalisation, push_planes};

use super::OcrModel;
use crate::error::Result;
use crate::tensor::Tensor;

/// Height of a line for the reader, in pixels.
const HEIGHT: u32 = 48;
/// Narrower lines are filled up to this width; the reader was trained so.
const NARROWEST: u32 = 320;
/// Wider lines are squeezed: the reader has seen none.
const WIDEST: u32 = 3200;
/// Lines whose widths round up to the same multiple are read together.
const WIDTH_STEP: u32 = 32;

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) text: String,
    /// The mean over the letters; 0 without any.
    pub(super) confidence: f32,
}

impl OcrModel {
    /// What each line says, in the given order.
    pub(super) fn read_lines(&self, lines: &[RgbImage], batch: usize) -> Result<Vec<Reading>> {
        let mut readings = vec![Reading { text: String::new(), confidence: 0.0 }; lines.len()];
        let widths: Vec<(u32, u32)> = lines.iter().map(widths).collect();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|&at| widths[at].1);
        let is_together = |a: &usize, b: &usize| widths[*a].1 == widths[*b].1;
        for group in order.chunk_by(is_together).flat_map(|group| group.chunks(batch.max(1))) {
            let frame = widths[group[0]].1;
            let mut planes = Vec::with_capacity(group.len() * 3 * HEIGHT as usize * frame as usize);
            for &at in group {
                push_line(&lines[at], widths[at].0, frame, &mut planes);
            }
            for (&at, reading) in group.iter().zip(self.read_batch(planes, group.len(), frame as usize)?) {
                readings[at] = reading;
            }
        }
        Ok(readings)
    }

    fn read_batch(&self, planes: Vec<f32>, count: usize, width: usize) -> Result<Vec<Reading>> {
        let letters = self.letters()?;
        let session = self.models.session(&self.id, "recognition")?;
        let outputs = session.run_single(Tensor::f32([count, 3, HEIGHT as usize, width], planes)?)?;
        let Some(output) = outputs.first() else { return Err(self.unreadable("it gave nothing".to_owned())) };
        let [lines, steps, classes] = output.dims::<3>().map_err(|error| error.of_model(&self.id))?;
        if lines != count || classes != letters.len() {
            let wanted = letters.len();
            return Err(self.unreadable(format!(
                "{lines} lines of {classes} letters; {count} lines of {wanted} letters were expected"
            )));
        }
        let scores = output.as_f32().map_err(|error| error.of_model(&self.id))?;
        Ok(scores.chunks_exact((steps * classes).max(1)).map(|scores| reading(scores, letters)).collect())
    }
}

fn reading(scores: &[f32], letters: &[String]) -> Reading {
    const BLANK: usize = 0;
    let read = ctc::decode(scores, letters.len(), BLANK);
    let text = read.iter().map(|letter| letters[letter.class].as_str()).collect();
    let sum: f32 = read.iter().map(|letter| letter.score).sum();
    let confidence = if read.is_empty() { 0.0 } else { sum / read.len() as f32 };
    Reading { text, confidence }
}

/// The width of the line at the reader's height, and of the frame it is put into.
fn widths(line: &RgbImage) -> (u32, u32) {
    let ratio = f64::from(line.width().max(1)) / f64::from(line.height().max(1));
    let width = (f64::from(HEIGHT) * ratio).ceil().clamp(1.0, f64::from(WIDEST)) as u32;
    (width, width.next_multiple_of(WIDTH_STEP).max(NARROWEST))
}

/// The line at the left of its frame; the rest is 0, which is the middle grey.
fn push_line(line: &RgbImage, width: u32, frame: u32, planes: &mut Vec<f32>) {
    let resized = resize_rgb(line, width, HEIGHT);
    let mut narrow = Vec::new();
    push_planes(&resized, &Normalisation::SIGNED, ChannelOrder::Bgr, &mut narrow);
    for row in narrow.chunks_exact(width as usize) {
        planes.extend_from_slice(row);
        planes.resize(planes.len() + (frame - width) as usize, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_wide_enough_and_bounded() {
        let of = |w, h| widths(&RgbImage::black(w, h));
        assert_eq!(of(48, 48), (48, 320));
        assert_eq!(of(700, 70), (480, 480));
        assert_eq!(of(701, 70), (481, 512));
        assert_eq!(of(60_000, 2), (3200, 3200));
        assert_eq!(of(0, 0), (48, 320));
    }

    #[test]
    fn a_line_stands_at_the_left_of_its_frame() {
        let white = RgbImage::new(4, 2, vec![255; 24]).unwrap();
        let mut planes = Vec::new();
        push_line(&white, 96, 320, &mut planes);
        assert_eq!(planes.len(), 3 * 48 * 320);
        for row in planes.chunks_exact(320) {
            assert!(row[..96].iter().all(|&value| value > 0.999));
            assert!(row[96..].iter().all(|&value| value == 0.0));
        }
    }

    #[test]
    fn letters_are_joined_and_their_scores_averaged() {
        let letters: Vec<String> = ["", "4", "2", " "].map(str::to_owned).to_vec();
        let scores = [0.0, 0.9, 0.0, 0.1, 0.8, 0.1, 0.1, 0.0, 0.1, 0.1, 0.7, 0.1];
        let read = reading(&scores, &letters);
        assert_eq!(read.text, "42");
        assert!((read.confidence - 0.8).abs() < 1e-6);
        assert_eq!(
            reading(&[1.0, 0.0, 0.0, 0.0], &letters),
            Reading { text: String::new(), confidence: 0.0 }
        );
    }
}
