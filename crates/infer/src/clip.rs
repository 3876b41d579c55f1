//! [`ClipModel`]: pictures and words in one vector space (CLIP, TinyCLIP, MobileCLIP, SigLIP). The cosine of a
//! picture's vector and a sentence's says how well they fit; both come at length 1.

use std::sync::{Arc, OnceLock};

use tintype_vision::RgbImage;
use tintype_vision::vit_input::VitInput;

use crate::error::{Error, Result};
use crate::graphs::{Graphs, first_output};
use crate::registry::Models;
use crate::session::Session;
use crate::tensor::Tensor;
use crate::tokenize::Tokenizer;

/// What differs between the families.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variant {
    /// How pictures are prepared.
    pub input: VitInput,
    /// Most tokens of a text, start and end among them; a longer text loses its end.
    pub context: usize,
    /// What every text is filled up to `context` tokens with. A tower that reads the vector off the last place, or
    /// whose words see what follows them, needs that; one that reads it off the end token does not.
    pub fill: Option<Fill>,
}

/// A token that fills a text up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The end token.
    End,
    /// The token 0.
    Zero,
}

impl Variant {
    /// CLIP and TinyCLIP.
    pub const CLIP: Self = Self { input: VitInput::CLIP, context: 77, fill: None };
    /// MobileCLIP: larger pictures without mean and deviation.
    pub const MOBILE_CLIP: Self = Self { input: VitInput::MOBILE_CLIP, context: 77, fill: Some(Fill::Zero) };
    /// SigLIP at 224 pixels.
    pub const SIGLIP: Self = Self { input: VitInput::SIGLIP, context: 64, fill: Some(Fill::End) };

    /// The variant of a family of the table of models; `None` for a family of another kind.
    pub fn of_family(family: &str) -> Option<Self> {
        match family {
            "clip" => Some(Self::CLIP),
            "siglip" => Some(Self::SIGLIP),
            "mobileclip" => Some(Self::MOBILE_CLIP),
            _ => None,
        }
    }
}

/// Two towers and a tokeniser; loaded when first used. Clones are the same.
#[derive(Debug, Clone)]
pub struct ClipModel {
    graphs: Graphs,
    variant: Variant,
    tokenizer: Arc<OnceLock<Arc<Tokenizer>>>,
}

impl ClipModel {
    /// A model of an installation, such as `tinyclip`, `clip-vit-b32-int8` or `siglip-b16`; [`Error::UnknownModel`] if
    /// there is none of this name that reads words and pictures.
    pub fn new(models: &Models, id: &str) -> Result<Self> {
        let variant = Variant::of_family(models.row(id)?.family)
            .ok_or_else(|| Error::UnknownModel { id: id.to_owned() })?;
        Ok(Self::over(Graphs::installed(models, id)?, variant))
    }

    /// A model over given graphs, with the roles `image` and `text`.
    pub fn over(graphs: Graphs, variant: Variant) -> Self {
        Self { graphs, variant, tokenizer: Arc::default() }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.graphs.model()
    }

    /// Vectors of length 1 of upright pictures of any size, in their order.
    pub fn embed_images(&self, images: &[&RgbImage]) -> Result<Vec<Vec<f32>>> {
        let seen =
            self.graphs.see("image", &self.variant.input, images, &["image_embeds", "pooler_output"])?;
        let mut vectors = Vec::with_capacity(images.len());
        for batch in &seen {
            vectors.extend(self.graphs.unit_rows(batch)?);
        }
        Ok(vectors)
    }

    /// Vectors of length 1 of texts of any length and content, in their order.
    pub fn embed_texts(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
        let tokenizer = self.tokenizer()?;
        let session = self.graphs.session("text")?;
        let output = first_output(&session, &["text_embeds", "pooler_output"])
            .ok_or_else(|| self.graphs.misfit("no vectors among its outputs".to_owned()))?;
        let mut vectors = Vec::with_capacity(texts.len());
        let batch = if session.keeps_batches_apart() { 32 } else { 1 };
        for texts in texts.chunks(batch) {
            let lines: Vec<Vec<u32>> =
                texts.iter().map(|text| tokenizer.encode_framed(text, self.variant.context)).collect();
            let inputs = self.text_inputs(&session, &lines)?;
            let embedded = session.run(&inputs, &[output])?;
            for tensor in &embedded {
                vectors.extend(self.graphs.unit_rows(tensor)?);
            }
        }
        if vectors.len() == texts.len() {
            Ok(vectors)
        } else {
            Err(self.graphs.unreadable("another number of texts came out than went in".to_owned()))
        }
    }

    /// Lines filled up to one length, and a mask of what was there, if the graph asks.
    fn text_inputs<'s>(&self, session: &'s Session, lines: &[Vec<u32>]) -> Result<Vec<(&'s str, Tensor)>> {
        let fixed = session
            .inputs()
            .iter()
            .find(|input| input.name == "input_ids")
            .and_then(|input| *input.shape.get(1)?);
        let longest = lines.iter().map(Vec::len).max().unwrap_or(0);
        let len = if self.variant.fill.is_some() { self.variant.context } else { fixed.unwrap_or(longest) };
        let shape = [lines.len(), len];
        let mut ids = Vec::with_capacity(lines.len() * len);
        let mut mask = Vec::with_capacity(lines.len() * len);
        for line in lines {
            // No word of a causal tower sees what follows it, so that anything would do but the end token: the vector is
            // read off the first one, and the engines do not agree on which of several that is.
            let fill = match self.variant.fill {
                Some(Fill::Zero) | None => 0,
                Some(Fill::End) => line.last().copied().unwrap_or(0),
            };
            ids.extend((0..len).map(|at| i64::from(line.get(at).copied().unwrap_or(fill))));
            mask.extend((0..len).map(|at| i64::from(at < line.len())));
        }
        session
            .inputs()
            .iter()
            .map(|input| {
                let data = match input.name.as_str() {
                    "input_ids" => ids.clone(),
                    "attention_mask" => mask.clone(),
                    name => return Err(self.graphs.misfit(format!("its text graph wants {name:?}"))),
                };
                Ok((input.name.as_str(), Tensor::i64(shape, data)?))
            })
            .collect()
    }

    fn tokenizer(&self) -> Result<Arc<Tokenizer>> {
        if let Some(tokenizer) = self.tokenizer.get() {
            return Ok(Arc::clone(tokenizer));
        }
        let tokenizer = self.graphs.tokenizer()?;
        Ok(Arc::clone(self.tokenizer.get_or_init(|| tokenizer)))
    }
}
