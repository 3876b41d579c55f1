//! Why a model cannot be had, loaded or run.

use std::path::PathBuf;

use tintype_core::ErrorCode;

use crate::engine::EngineKind;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A model could not be had, loaded or run. Every variant that concerns a model names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No row of the table has this id.
    #[error("there is no model {id:?}; `tintype models list` shows those there are")]
    UnknownModel {
        /// What was asked for.
        id: String,
    },
    /// The model's files are neither in the models directory nor in a mirror on this machine.
    #[error("model {model} is not installed: {file} is missing; `tintype models pull {model}` gets it")]
    NotInstalled {
        /// The model.
        model: String,
        /// The first file that is missing.
        file: String,
    },
    /// Graphs that are exported from the model's weights are not in its folder.
    #[error(
        "model {model} is not installed: {file} is missing in the models directory; it is exported once from its \
         publisher's weights ({how})"
    )]
    NotExported {
        /// The model.
        model: String,
        /// The first graph that is missing.
        file: String,
        /// What its row says of how it is exported.
        how: String,
    },
    /// The licence forbids commercial use, and the model was not asked for by name.
    #[error("model {model} may not be used commercially ({licence}): ask for it by name to accept that")]
    NonCommercial {
        /// The model.
        model: String,
        /// Its licence.
        licence: String,
    },
    /// A file is not the one that the table pins.
    #[error("model {model}: {file} has the SHA-256 {found}, not {expected}: it is damaged or another file")]
    WrongHash {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// What the table says.
        expected: String,
        /// What the bytes say.
        found: String,
    },
    /// A file has a different length from what the table pins.
    #[error("model {model}: {file} has {found} bytes instead of {expected}: it is cut short or another file")]
    WrongLength {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// What the table says.
        expected: u64,
        /// What was found.
        found: u64,
    },
    /// A download did not succeed. What has arrived is kept and continued next time.
    #[error("model {model}: {file} cannot be fetched from {address}: {detail}")]
    Download {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// Where from.
        address: String,
        /// What went wrong.
        detail: String,
    },
    /// No place has the file.
    #[error("model {model}: {file} is not there: {detail}")]
    NowhereToGet {
        /// The model.
        model: String,
        /// The file.
        file: String,
        /// Which places were asked.
        detail: String,
    },
    /// Whoever asked for the download called it off. What has arrived is kept.
    #[error("fetching model {model} was cancelled")]
    Cancelled {
        /// The model.
        model: String,
    },
    /// A file of a model could not be read or written.
    #[error("model {model}: cannot access {path}")]
    File {
        /// The model.
        model: String,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The model failed to load before, and its file has not changed since.
    #[error("model {model} cannot be used: {reason}")]
    Unavailable {
        /// The model.
        model: String,
        /// Why it failed.
        reason: String,
    },
    /// An engine refused the graph.
    #[error("model {model} cannot be loaded by {engine}: {detail}")]
    Load {
        /// The model.
        model: String,
        /// The engine.
        engine: EngineKind,
        /// What it said.
        detail: String,
    },
    /// The tensors given or asked for do not fit the graph.
    #[error("model {model}: {detail}")]
    Input {
        /// The model.
        model: String,
        /// What does not fit.
        detail: String,
    },
    /// An engine failed to run the graph.
    #[error("model {model} failed in {engine}: {detail}")]
    Run {
        /// The model.
        model: String,
        /// The engine.
        engine: EngineKind,
        /// What it said.
        detail: String,
    },
    /// An engine panicked. The panic was caught.
    #[error("model {model}: {engine} panicked: {detail}")]
    Panicked {
        /// The model.
        model: String,
        /// The engine.
        engine: EngineKind,
        /// The panic's message.
        detail: String,
    },
    /// A run of several items together failed.
    #[error("model {model}: {reason}")]
    Batch {
        /// The model.
        model: String,
        /// Why.
        reason: String,
    },
    /// A graph gave something that its family cannot read.
    #[error("model {model} gave an output that cannot be read: {detail}")]
    Output {
        /// The model.
        model: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The vocabulary of a text model cannot be used.
    #[error("model {model}: its tokenizer cannot be used")]
    Tokenizer {
        /// The model.
        model: String,
        /// Why not.
        #[source]
        source: Box<crate::tokenize::TokenizerError>,
    },
    /// Numbers, shape and type of a tensor do not fit each other or what was asked.
    #[error("{detail}")]
    Tensor {
        /// What does not fit.
        detail: String,
    },
}

impl Error {
    /// The public code of this error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownModel { .. } => ErrorCode::NotFound,
            Self::NonCommercial { .. } => ErrorCode::Forbidden,
            Self::Cancelled { .. } => ErrorCode::Conflict,
            Self::NotInstalled { .. }
            | Self::NotExported { .. }
            | Self::WrongHash { .. }
            | Self::WrongLength { .. }
            | Self::Download { .. }
            | Self::NowhereToGet { .. }
            | Self::Tokenizer { .. }
            | Self::Unavailable { .. }
            | Self::Load { .. } => ErrorCode::ModelUnavailable,
            Self::File { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull,
                _ => ErrorCode::ModelUnavailable,
            },
            Self::Input { .. }
            | Self::Run { .. }
            | Self::Panicked { .. }
            | Self::Batch { .. }
            | Self::Output { .. }
            | Self::Tensor { .. } => ErrorCode::Internal,
        }
    }

    /// This error, naming `model` where it names none yet.
    #[must_use]
    pub fn of_model(self, model: &str) -> Self {
        match self {
            Self::Tensor { detail } => Self::Output { model: model.to_owned(), detail },
            other => other,
        }
    }
}
