//! What is changed in a graph between its file and the engine.

use std::path::Path;

use crate::engine::EngineKind;
use crate::onnx_edit::EditableGraph;
use crate::onnx_edit::cubic::with_constant_positions;
use crate::session::ModelSource;
use crate::table::ModelRow;

/// A change to a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// None: the engine reads the file.
    Nothing,
    /// The file holds both towers of a picture-and-words model; what this output does not need is left out, so that
    /// words need no picture and a tower costs only itself.
    OneTower(&'static str),
    /// The cubic filter of DINOv2's positions becomes a constant, for an engine that has no such filter.
    ConstantPositions,
}

impl Edit {
    /// The change that a role of a row needs.
    pub(super) fn of(row: &ModelRow, role: &str, engine: EngineKind) -> Self {
        let is_in_one_file = row.part(role).is_none() && row.part("graph").is_some();
        match (row.family, role) {
            ("clip", "image") if is_in_one_file => Self::OneTower("image_embeds"),
            ("clip", "text") if is_in_one_file => Self::OneTower("text_embeds"),
            ("dino", _) if engine == EngineKind::Rten => Self::ConstantPositions,
            _ => Self::Nothing,
        }
    }

    /// The part of the row that has the file.
    pub(super) fn part(self, role: &str) -> &str {
        match self {
            Self::OneTower(_) => "graph",
            Self::Nothing | Self::ConstantPositions => role,
        }
    }

    /// The graph as the engine is to read it. The error says why it cannot be changed.
    pub(super) fn source(self, path: &Path) -> Result<ModelSource, String> {
        let read = || fs_err::read(path).map_err(|error| error.to_string());
        match self {
            Self::Nothing => Ok(path.to_owned().into()),
            Self::OneTower(output) => one_tower(&read()?, output).map(Into::into),
            Self::ConstantPositions => {
                let edited = with_constant_positions(&read()?, crate::dino::SIDE)?;
                Ok(edited.map_or_else(|| path.to_owned().into(), Into::into))
            }
        }
    }
}

/// The model with one output and what that needs.
fn one_tower(bytes: &[u8], output: &str) -> Result<Vec<u8>, String> {
    let mut graph = EditableGraph::read(bytes)?;
    graph.keep_outputs(&[output])?;
    Ok(graph.write())
}
