//! MobileNetV2: labels for the whole picture, and a vector of its scene.

use std::sync::{Arc, OnceLock};

use tintype_vision::RgbImage;
use tintype_vision::tensor_input::resize_and_crop;

use crate::error::{Error, Result};
use crate::registry::Models;
use crate::tensor::Tensor;

/// The row of the table.
pub const MODEL: &str = "mobilenet-v2";
/// The shorter side before cropping, and the side of the crop, in pixels (as the model was evaluated).
const SIDE: u32 = 256;
const CROP: u32 = 224;
/// ImageNet's classes and one for everything else, which comes first.
const LABELS: usize = 1001;
/// Length of the vector.
pub const DIMENSIONS: usize = 1280;
/// The model gives logarithms of probabilities as bytes; this is one step (the output's scale in its file).
const LOGIT_STEP: f32 = 0.098_892_54;

/// A label with how sure the model is.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Label {
    /// Its number in the model, 1 to 1000.
    pub class: usize,
    /// Its name, synonyms separated by commas.
    pub name: String,
    /// 0 to 1; all labels together 1.
    pub confidence: f32,
}

/// What the model sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The surest labels, best first. "Something else" is none, but has its share of confidence.
    pub labels: Vec<Label>,
    /// 1280 numbers of length 1: the cosine of two tells how alike the scenes are.
    pub embedding: Vec<f32>,
}

/// The model, loaded when first used.
#[derive(Debug, Clone)]
pub struct SceneModel {
    models: Models,
    labels: Arc<OnceLock<Vec<String>>>,
}

impl SceneModel {
    /// The model of an installation.
    pub fn new(models: &Models) -> Self {
        Self { models: models.clone(), labels: Arc::default() }
    }

    /// Labels (at most `top`) and vector of an upright picture of any size.
    pub fn look_at(&self, image: &RgbImage, top: usize) -> Result<Scene> {
        let session = self.models.session(MODEL, "graph")?;
        let pixels = resize_and_crop(image, SIDE, CROP).into_data();
        let input = Tensor::u8([1, CROP as usize, CROP as usize, 3], pixels)?;
        let outputs = session.run_single(input)?;
        let of_len = |len: usize| {
            outputs.iter().find(|output| output.len() == len).ok_or_else(|| Error::Output {
                model: MODEL.to_owned(),
                detail: format!("none of its outputs has {len} numbers"),
            })
        };
        let logits = of_len(LABELS)?.as_u8().map_err(|error| error.of_model(MODEL))?;
        let embedding = of_len(DIMENSIONS)?.as_f32().map_err(|error| error.of_model(MODEL))?;
        let embedding = normalised(embedding).ok_or_else(|| Error::Output {
            model: MODEL.to_owned(),
            detail: "the vector is of no length".to_owned(),
        })?;
        Ok(Scene { labels: self.best(logits, top)?, embedding })
    }

    fn best(&self, logits: &[u8], top: usize) -> Result<Vec<Label>> {
        let names = self.names()?;
        let shares = shares(logits);
        let mut classes: Vec<usize> = (1..logits.len()).collect();
        classes.sort_by_key(|&class| (std::cmp::Reverse(logits[class]), class));
        classes.truncate(top);
        let label = |class: usize| Label {
            class,
            name: names.get(class).cloned().unwrap_or_default(),
            confidence: shares[class],
        };
        Ok(classes.into_iter().map(label).collect())
    }

    fn names(&self) -> Result<&[String]> {
        if let Some(names) = self.labels.get() {
            return Ok(names);
        }
        let names: Vec<String> =
            self.models.text(MODEL, "labels")?.lines().map(|line| line.trim().to_owned()).collect();
        if names.len() != LABELS {
            let detail = format!("{} labels instead of {LABELS}", names.len());
            return Err(Error::Output { model: MODEL.to_owned(), detail });
        }
        Ok(self.labels.get_or_init(|| names))
    }
}

/// Probabilities of logits (softmax).
fn shares(logits: &[u8]) -> Vec<f32> {
    let highest = logits.iter().copied().max().unwrap_or(0);
    let powers: Vec<f32> =
        logits.iter().map(|&logit| (-f32::from(highest - logit) * LOGIT_STEP).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The vector at length 1; `None` if it has no length or holds what is no number.
pub(crate) fn normalised(vector: &[f32]) -> Option<Vec<f32>> {
    let square: f64 = vector.iter().map(|value| f64::from(*value).powi(2)).sum();
    let length = square.sqrt();
    (length.is_finite() && length > 0.0)
        .then(|| vector.iter().map(|value| (f64::from(*value) / length) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::{normalised, shares};

    #[test]
    fn shares_add_up_and_keep_their_order() {
        let shares = shares(&[58, 90, 58, 91]);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(shares[3] > shares[1] && shares[1] > shares[0] && shares[0] == shares[2]);
        assert!((shares[3] / shares[1] - 1.103_95).abs() < 1e-4);
    }

    #[test]
    fn vectors_get_length_one_or_are_refused() {
        assert_eq!(normalised(&[3.0, 4.0]).unwrap(), [0.6, 0.8]);
        assert!(normalised(&[0.0; 3]).is_none());
        assert!(normalised(&[f32::NAN, 1.0]).is_none());
        assert!(normalised(&[f32::INFINITY]).is_none());
    }
}
