//! [`Captioner`]: a vision tower that looks, and a text decoder that puts one word after another into a sentence.
//! [`Generation`] says how the words are chosen; the rules are those of the Python reference (`generate` of
//! transformers 4.49), so that the same weights give the same sentence.

mod beam;
mod decoder;

use std::sync::{Arc, OnceLock};

use tintype_vision::RgbImage;
use tintype_vision::vit_input::VitInput;

use crate::error::Result;
use crate::graphs::Graphs;
use crate::tensor::Tensor;
use crate::tokenize::Tokenizer;

use decoder::Decoder;

/// When beam search ends before the longest length: there are as many finished sentences as beams, and …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopping {
    /// … that is all.
    Full,
    /// … no open sentence is better than the worst of them now.
    Unlikely,
    /// … no open sentence can become better than the worst of them.
    Impossible,
}

/// How words are chosen. Lengths count tokens, the start token among them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Generation {
    /// No sentence gets longer.
    pub max_length: usize,
    /// No sentence ends before it has as many.
    pub min_length: usize,
    /// Sentences followed at a time; 1 takes the likeliest token each time.
    pub beams: usize,
    /// The score of a sentence is its log-probability divided by its length to this power: above 0, longer sentences
    /// are favoured.
    pub length_penalty: f32,
    /// When to stop.
    pub stopping: Stopping,
    /// Divides the odds of tokens that are in the sentence already; 1 leaves them.
    pub repetition_penalty: f32,
    /// No sequence of so many tokens comes twice; 0 allows it.
    pub no_repeat: usize,
}

impl Default for Generation {
    /// What the Python reference does when nothing is said, with 20 tokens.
    fn default() -> Self {
        Self {
            max_length: 20,
            min_length: 0,
            beams: 1,
            length_penalty: 1.0,
            stopping: Stopping::Unlikely,
            repetition_penalty: 1.0,
            no_repeat: 0,
        }
    }
}

/// The tokens of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// All ids: the start, the words, and the end unless the sentence was cut at the longest length.
    pub ids: Vec<u32>,
    /// Mean log-probability of a token after the start (with `length_penalty` 1).
    pub score: f32,
}

/// A sentence about a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Caption {
    /// The sentence, tidied.
    pub text: String,
    /// See [`Generated::score`]: 0 is certain, −1 is an average chance of 0.37 for each token.
    pub score: f32,
}

/// What a family of captioners fixes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaptionRules {
    /// How pictures are prepared.
    pub input: VitInput,
    /// The token a sentence begins with.
    pub start: u32,
    /// The token a sentence ends with.
    pub end: u32,
    /// How words are chosen.
    pub generation: Generation,
}

/// A captioning model; loaded when first used. Clones are the same.
#[derive(Debug, Clone)]
pub struct Captioner {
    graphs: Graphs,
    rules: CaptionRules,
    tokenizer: Arc<OnceLock<Arc<Tokenizer>>>,
}

impl Captioner {
    /// A captioner over graphs with the roles `encoder` and `decoder`, and `decoder_next` if the step that reuses
    /// what was computed before is a graph of its own.
    pub fn over(graphs: Graphs, rules: CaptionRules) -> Self {
        Self { graphs, rules, tokenizer: Arc::default() }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.graphs.model()
    }

    /// The rules.
    pub fn rules(&self) -> &CaptionRules {
        &self.rules
    }

    /// A sentence about an upright picture of any size.
    pub fn caption(&self, image: &RgbImage) -> Result<Caption> {
        let generated = self.generate(image, &self.rules.generation)?;
        Ok(Caption { text: self.text(&generated.ids)?, score: generated.score })
    }

    /// The tokens of a sentence about an upright picture of any size.
    pub fn generate(&self, image: &RgbImage, generation: &Generation) -> Result<Generated> {
        let mut decoder = Decoder::new(&self.graphs, self.look_at(image)?)?;
        beam::search(&mut decoder, &[self.rules.start], self.rules.end, generation)
    }

    /// The words of tokens.
    pub fn text(&self, ids: &[u32]) -> Result<String> {
        let tokenizer = if let Some(tokenizer) = self.tokenizer.get() {
            tokenizer
        } else {
            let tokenizer = self.graphs.tokenizer()?;
            self.tokenizer.get_or_init(|| tokenizer)
        };
        let words: Vec<u32> =
            ids.iter().copied().filter(|id| ![self.rules.start, self.rules.end].contains(id)).collect();
        Ok(tokenizer.decode(&words).trim().to_owned())
    }

    /// What the vision tower says: `[1, places, numbers]`.
    pub fn look_at(&self, image: &RgbImage) -> Result<Tensor> {
        let mut seen = self.graphs.see("encoder", &self.rules.input, &[image], &["last_hidden_state"])?;
        seen.pop().ok_or_else(|| self.graphs.unreadable("nothing came out".to_owned()))
    }

    /// The raw scores of every next token, step by step, of the sentence `ids` that begins with the start token: for
    /// comparisons with a reference.
    pub fn logits(&self, image: &RgbImage, ids: &[u32]) -> Result<Vec<Vec<f32>>> {
        let mut decoder = Decoder::new(&self.graphs, self.look_at(image)?)?;
        (1..=ids.len())
            .map(|len| beam::NextTokens::step(&mut decoder, &[ids[..len].to_vec()], &[0]))
            .map(|step| step.map(|mut rows| rows.swap_remove(0)))
            .collect()
    }
}
