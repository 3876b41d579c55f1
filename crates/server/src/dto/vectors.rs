//! Vectors of pictures and words.

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use tintype_core::ErrorCode;
use tintype_engine::vectors;
use utoipa::ToSchema;

use super::search::Hit;
use crate::problem::{FieldError, Problem};

/// Pictures and texts of one request at most.
const MOST: usize = 100;

/// The vectors of one producer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VectorSpace {
    /// `scene_embedding` (how a picture looks) or `clip_embedding` (pictures and words).
    kind: String,
    /// The model or algorithm with its version.
    producer: String,
    /// The model's id; null without weights and for producers of the past.
    model: Option<&'static str>,
    /// Whether words can be turned into such vectors.
    reads_words: bool,
    /// Whether vectors of new pictures and words can be made now.
    can_embed: bool,
    /// How many pictures have one.
    pictures: u64,
    /// Whether searches use it, of those of its kind.
    active: bool,
    /// Whether that is because somebody said so.
    chosen: bool,
}

impl From<vectors::VectorSpace> for VectorSpace {
    fn from(space: vectors::VectorSpace) -> Self {
        Self {
            kind: space.kind,
            producer: space.producer,
            model: space.model,
            reads_words: space.reads_words,
            can_embed: space.can_embed,
            pictures: space.pictures,
            active: space.is_active,
            chosen: space.is_chosen,
        }
    }
}

/// Which vectors of a kind searches are to use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseVectors {
    /// The kind.
    pub(crate) kind: String,
    /// The producer; null leaves it to how many pictures have which vectors.
    pub(crate) producer: Option<String>,
}

/// Photos that look like a photo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SimilarPhotos {
    /// The photos, most similar first.
    pub(crate) items: Vec<Hit>,
    /// The kind of vectors that were compared.
    pub(crate) kind: String,
    /// Who made them.
    pub(crate) producer: String,
}

/// What to make vectors of.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbedRequest {
    /// Texts and pictures, 1 to 100.
    #[serde(default)]
    inputs: Vec<EmbedInput>,
    /// The kind of vectors; when not given, one that serves for all inputs.
    pub(crate) kind: Option<String>,
    /// The producer; the one that searches use when not given.
    pub(crate) producer: Option<String>,
}

/// Exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbedInput {
    /// Words, in any language that the model knows.
    text: Option<String>,
    /// A picture file in base64.
    image: Option<String>,
}

/// A checked input.
pub(crate) enum Input {
    /// Words.
    Text(String),
    /// A picture's file.
    Image(Vec<u8>),
}

impl EmbedRequest {
    /// The checked inputs, behind them those that came as parts of a form.
    pub(crate) fn check(&mut self, parts: Vec<Input>) -> Result<Vec<Input>, Problem> {
        let mut inputs = Vec::new();
        for (at, input) in std::mem::take(&mut self.inputs).into_iter().enumerate() {
            let name = format!("inputs[{at}]");
            inputs.push(match (input.text, input.image) {
                (Some(text), None) => Input::Text(text),
                (None, Some(image)) => {
                    let bytes = base64::engine::general_purpose::STANDARD.decode(image.trim());
                    Input::Image(bytes.map_err(|_not_base64| Problem::field(name, "is no base64"))?)
                }
                _ => {
                    let error = FieldError::new(name, "has exactly one of text and image");
                    return Err(Problem::invalid(vec![error]));
                }
            });
        }
        inputs.extend(parts);
        if inputs.is_empty() {
            return Err(Problem::field("inputs", "holds at least one text or picture"));
        }
        if inputs.len() > MOST {
            let detail = format!("at most {MOST} texts and pictures at once, not {}", inputs.len());
            return Err(Problem::new(ErrorCode::BatchTooLarge, detail));
        }
        Ok(inputs)
    }
}

/// Vectors, all of one space.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Embeddings {
    /// The kind.
    pub(crate) kind: String,
    /// The model or algorithm with its version: only vectors of one producer can be compared.
    pub(crate) producer: String,
    /// Numbers in each vector.
    pub(crate) dimension: usize,
    /// A vector of Euclidean length 1 for each input, in their order: the inner product of two is their similarity.
    pub(crate) vectors: Vec<Vec<f32>>,
}
