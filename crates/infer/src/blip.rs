//! BLIP: a vision tower of 384 pixels and a BERT that reads it, trained on captions.
//!
//! Its publisher offers PyTorch weights only. `scripts/export_blip.py` turns them into three graphs in the folder
//! `blip-base` of the models directory: `encoder.onnx` (`pixel_values` → `last_hidden_state`), `decoder.onnx`
//! (`input_ids`, `encoder_hidden_states` → `logits`, `present.N.key` and `present.N.value`) and `decoder_next.onnx`
//! (the same for one token, with `past_key_values.N.key` and `past_key_values.N.value`). An export has no hash that
//! could be pinned: what lies in the folder is used as it is.

use tintype_vision::vit_input::VitInput;

use crate::error::{Error, Result};
use crate::generate::{CaptionRules, Captioner, Generation, Stopping};
use crate::graphs::Graphs;
use crate::registry::Models;
use crate::session::Session;

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

/// The graphs, by role, and their files.
const FILES: [(&str, &str); 3] =
    [("encoder", "encoder.onnx"), ("decoder", "decoder.onnx"), ("decoder_next", "decoder_next.onnx")];

/// Whether the exported graphs are there.
pub fn is_exported(models: &Models) -> bool {
    FILES.iter().all(|(_, file)| models.config().models_dir.join(MODEL).join(file).is_file())
}

/// The captioner of an installation, its three graphs loaded: they stay loaded as long as it or a clone of it lives.
/// [`Error::NotInstalled`] if one of them, or the tokeniser, is missing.
pub fn captioner(models: &Models) -> Result<Captioner> {
    let tokenizer = Graphs::installed(models, MODEL)?.tokenizer()?;
    let folder = models.config().models_dir.join(MODEL);
    let mut sessions = Vec::with_capacity(FILES.len());
    for (role, file) in FILES {
        let path = folder.join(file);
        if !path.is_file() {
            return Err(Error::NotInstalled { model: MODEL.to_owned(), file: format!("{MODEL}/{file}") });
        }
        let name = format!("{MODEL}/{role}");
        sessions.push((role, Session::load(&name, path, models.engine(), models.config().sessions)?));
    }
    Ok(Captioner::over(Graphs::loaded(MODEL, sessions, Some(tokenizer)), RULES))
}
