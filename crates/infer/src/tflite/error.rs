//! What can be wrong with a TFLite file.

use tintype_core::ErrorCode;

/// Why a TFLite file could not be lowered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TfliteError {
    /// The bytes are no TFLite file at all.
    #[error("not a TFLite file: {0}")]
    NotTflite(&'static str),
    /// The flatbuffer breaks its own rules: an offset, a length or an index points outside.
    #[error("damaged TFLite file at byte {at}: {what}")]
    Damaged {
        /// What was being read.
        what: &'static str,
        /// Where, in bytes from the start of the file.
        at: usize,
    },
    /// A tensor's description contradicts itself, or is of a kind that no engine here can hold.
    #[error("tensor {index} ({name}): {reason}")]
    Tensor {
        /// Its index in the file.
        index: usize,
        /// Its name in the file, shortened.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// An operator that this reader does not know.
    #[error("operator {index} is {name} version {version}, which is not supported")]
    UnsupportedOperator {
        /// Its place in the graph, from 0.
        index: usize,
        /// Its name in the TFLite schema, or a custom operator's own name.
        name: String,
        /// Its version as the file states it.
        version: i32,
    },
    /// A known operator with options, shapes or types that this reader does not know or that make no sense.
    #[error("operator {index} ({name} version {version}): {reason}")]
    Operator {
        /// Its place in the graph, from 0.
        index: usize,
        /// Its name in the TFLite schema, or a custom operator's own name.
        name: String,
        /// Its version as the file states it.
        version: i32,
        /// What is wrong.
        reason: String,
    },
    /// The graph's inputs and outputs cannot be told apart by name.
    #[error("two inputs or outputs of the graph are named {0:?}")]
    AmbiguousName(String),
    /// An extra output was asked for that the file does not have.
    #[error("the graph computes no tensor named {0:?}")]
    NoSuchTensor(String),
    /// The file is small, but asks for much memory: shared offsets or constants used over and over.
    #[error("the file asks for more memory than {limit} bytes, far beyond its size")]
    TooLarge {
        /// The limit, which grows with the file.
        limit: u64,
    },
}

impl TfliteError {
    /// The public code of this error.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::ModelUnavailable
    }
}

/// What every function of this module returns.
pub(super) type Result<T, E = TfliteError> = std::result::Result<T, E>;

/// A name from a file, short enough for a message.
pub(super) fn shortened(name: &str) -> String {
    const LONGEST: usize = 80;
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.chars().take(LONGEST).chain(std::iter::once('…')).collect()
}
