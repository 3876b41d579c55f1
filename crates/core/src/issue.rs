//! A broken photo is data, not an error: what went wrong with one file, where, and how badly.

use serde::{Deserialize, Serialize};

use crate::ErrorCode;

/// The stage of work at which a photo had an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Opening and reading the file.
    Read,
    /// Finding out what the bytes are.
    Identify,
    /// Reading metadata.
    Metadata,
    /// Decoding pixels.
    Decode,
    /// Computing a feature.
    Analyze,
}

impl Stage {
    /// The stage as it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Identify => "identify",
            Self::Metadata => "metadata",
            Self::Decode => "decode",
            Self::Analyze => "analyze",
        }
    }
}

/// One thing that went wrong with one file or photo. It is recorded and shown; it never fails a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Where it happened.
    pub stage: Stage,
    /// What kind of thing it is.
    pub code: ErrorCode,
    /// What exactly, in words: the decoder's own message where there is one.
    pub detail: String,
}

impl Issue {
    /// An issue of `code` at `stage`.
    pub fn new(stage: Stage, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { stage, code, detail: detail.into() }
    }
}
