//! NIMA (Talebi and Milanfar 2018): which votes from 1 to 10 people would give a picture.

use tintype_vision::RgbImage;
use tintype_vision::resize::resize_rgb;
use tintype_vision::tensor_input::{Normalisation, push_pixels};

use crate::error::{Error, Result};
use crate::registry::Models;
use crate::tensor::Tensor;

/// Side of the model's input in pixels. The whole picture is squeezed into it, as in training.
const SIDE: u32 = 224;
const VOTES: usize = 10;

/// Which question the votes answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// How good does it look?
    Aesthetic,
    /// How good is it technically?
    Technical,
}

impl Question {
    /// The row of the table.
    pub fn model(self) -> &'static str {
        match self {
            Self::Aesthetic => "nima-aesthetic",
            Self::Technical => "nima-technical",
        }
    }
}

/// The votes that a picture would get.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Votes {
    /// The share of each vote from 1 to 10; together 1.
    pub shares: [f32; VOTES],
    /// The mean vote, 1 to 10.
    pub mean: f32,
    /// How far votes spread around it (standard deviation).
    pub spread: f32,
}

impl Votes {
    /// The votes from the model's ten numbers; `None` unless they are shares.
    fn of(numbers: &[f32]) -> Option<Self> {
        let numbers: [f32; VOTES] = numbers.try_into().ok()?;
        let sum: f32 = numbers.iter().sum();
        // A softmax: anything else means another model.
        if numbers.iter().any(|share| !(0.0..=1.01).contains(share)) || !(0.98..=1.02).contains(&sum) {
            return None;
        }
        let shares = numbers.map(|share| share / sum);
        let mean: f32 = shares.iter().zip(1u8..).map(|(share, vote)| share * f32::from(vote)).sum();
        let variance: f32 =
            shares.iter().zip(1u8..).map(|(share, vote)| share * (f32::from(vote) - mean).powi(2)).sum();
        Some(Self { shares, mean, spread: variance.sqrt() })
    }
}

/// The model for one question, loaded when first used.
#[derive(Debug, Clone)]
pub struct NimaModel {
    models: Models,
    question: Question,
}

impl NimaModel {
    /// The model of an installation.
    pub fn new(models: &Models, question: Question) -> Self {
        Self { models: models.clone(), question }
    }

    /// The votes for an upright picture of any size.
    ///
    /// One picture a run: the graph quantises over its whole input, so that in a batch a picture's votes would depend
    /// on its neighbours.
    pub fn judge(&self, image: &RgbImage) -> Result<Votes> {
        let model = self.question.model();
        let session = self.models.session(model, "graph")?;
        let side = SIDE as usize;
        let mut pixels = Vec::with_capacity(side * side * 3);
        // Filtered over every source pixel: with nearest neighbours the technical score ranks ladders at 0.58.
        push_pixels(&resize_rgb(image, SIDE, SIDE), &Normalisation::SIGNED, &mut pixels);
        let outputs = session.run_single(Tensor::f32([1, side, side, 3], pixels)?)?;
        let numbers = match outputs.first() {
            Some(output) => output.as_f32().map_err(|error| error.of_model(model))?,
            None => &[],
        };
        Votes::of(numbers).ok_or_else(|| self.unreadable(format!("{numbers:?} are no shares of votes")))
    }

    fn unreadable(&self, detail: String) -> Error {
        Error::Output { model: self.question.model().to_owned(), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_spread_follow_from_the_shares() {
        let mut shares = [0.0; 10];
        shares[3] = 0.5;
        shares[7] = 0.5;
        let votes = Votes::of(&shares).unwrap();
        assert_eq!((votes.mean, votes.spread), (6.0, 2.0));
        assert!(Votes::of(&shares[1..]).is_none());
        assert!(Votes::of(&[0.5; 10]).is_none());
        assert!(Votes::of(&[f32::NAN; 10]).is_none());
    }
}
