//! BLIP: a vision tower of 384 pixels and a BERT that reads it, trained on captions.
//!
//! Its publisher offers PyTorch weights only. `scripts/export_blip.py` turns them into three graphs in the folder
//! `blip-base` of the models directory: `encoder.onnx` (`pixel_values` → `last_hidden_state`), `decoder.onnx`
//! (`input_ids`, `encoder_hidden_states` → `logits`, `present.N.key` and `present.N.value`) and `decoder_next.onnx`
//! (the same for one token, with `past_key_values.N.key` and `past_key_values.N.value`). The row names them; with them
//! and its tokeniser the model is available like any other.

use tintype_vision::vit_input::VitInput;

use crate::error::Result;
use crate::generate::{CaptionRules, Captioner, Generation, Stopping};
use crate::graphs::Graphs;
use crate::registry::Models;

/// The row of the table.
pub const MODEL: &str = "blip-base";

/// BLIP base: starts with `[DEC]`, ends with `[SEP]`; three beams of at most 20 and at least 5 tokens, as its authors
/// caption.
pub const RULES: CaptionRules = CaptionRules {
    input: VitInput::BLIP,
    start: 30_522,
    end: 102,
    generation: Generation {
        max_length: 20,
        min_length: 5,
        beams: 3,
        length_penalty: 1.0,
        stopping: Stopping::Unlikely,
        repetition_penalty: 1.0,
        no_repeat: 0,
    },
};

/// The captioner of an installation. Using it gives [`Error::NotExported`](crate::Error::NotExported) where the graphs
/// are not in the model's folder.
pub fn captioner(models: &Models) -> Result<Captioner> {
    Ok(Captioner::over(Graphs::installed(models, MODEL)?, RULES))
}
