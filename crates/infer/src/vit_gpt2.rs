//! ViT-GPT2: the first vision transformer and a GPT-2 that reads it, trained on COCO captions.

use tintype_vision::vit_input::VitInput;

use crate::error::Result;
use crate::generate::{CaptionRules, Captioner, Generation, Stopping};
use crate::graphs::Graphs;
use crate::registry::Models;

/// The row of the table.
pub const MODEL: &str = "vit-gpt2";

/// Starts and ends with `<|endoftext|>`; four beams of at most 16 tokens, as its publisher captions.
pub const RULES: CaptionRules = CaptionRules {
    input: VitInput::VIT,
    start: 50_256,
    end: 50_256,
    generation: Generation {
        max_length: 16,
        min_length: 0,
        beams: 4,
        length_penalty: 1.0,
        stopping: Stopping::Unlikely,
        repetition_penalty: 1.0,
        no_repeat: 0,
    },
};

/// The captioner of an installation.
pub fn captioner(models: &Models) -> Result<Captioner> {
    Ok(Captioner::over(Graphs::installed(models, MODEL)?, RULES))
}
