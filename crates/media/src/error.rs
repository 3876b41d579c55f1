//! Why nothing could be read or decoded.

use std::path::PathBuf;

use tintype_core::ErrorCode;

/// Reading or decoding failed as a whole. Damage that left something readable is an issue instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file disappeared, or its size or time changed while it was being read.
    #[error("{path} changed or disappeared while it was being read")]
    Vanished {
        /// The file.
        path: PathBuf,
    },
    /// The content is no picture that is known here.
    #[error("not a picture: {detail}")]
    NotAnImage {
        /// What was wrong.
        detail: String,
    },
    /// The format is known, and its pixels cannot be decoded here.
    #[error("{format}: {detail}")]
    NotDecodable {
        /// The format's name.
        format: &'static str,
        /// Why.
        detail: String,
    },
    /// The file ends before any pixels.
    #[error("the file ends early: {detail}")]
    Truncated {
        /// What the decoder said.
        detail: String,
    },
    /// The decoder refused the data.
    #[error("{decoder}: {detail}")]
    Decoder {
        /// Which decoder.
        decoder: &'static str,
        /// What it said.
        detail: String,
    },
    /// The picture exceeds a limit of pixels or bytes.
    #[error("too large: {detail}")]
    TooLarge {
        /// Which limit, and by how much.
        detail: String,
    },
    /// Decoding took longer than the limit.
    #[error("decoding took longer than {limit_secs} s")]
    TimedOut {
        /// The limit in seconds.
        limit_secs: u64,
    },
    /// A decoder panicked. The panic was caught.
    #[error("{decoder} panicked: {detail}")]
    Panicked {
        /// Which decoder.
        decoder: &'static str,
        /// The panic's message.
        detail: String,
    },
    /// Encoding a preview failed.
    #[error("cannot encode: {detail}")]
    Encoder {
        /// What the encoder said.
        detail: String,
    },
    /// The metadata inside this file cannot be changed with certainty. Nothing was changed.
    #[error("the file's metadata cannot be changed safely: {detail}")]
    NotWritable {
        /// Why.
        detail: String,
    },
    /// The new metadata is of no kind that a file can hold.
    #[error("not valid metadata: {detail}")]
    InvalidEdit {
        /// What is wrong.
        detail: String,
    },
    /// The file is write-protected. Nothing was changed.
    #[error("{path} is write-protected")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The side file is damaged or not a plain file. It was left as it is.
    #[error("the side file {path} was left untouched: {detail}")]
    SidecarUnusable {
        /// The side file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The new file could not be written beside the old one, or not put in its place. The old one is as it was.
    #[error("cannot write {path}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// The public code of this error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Unreadable { .. } => ErrorCode::FileUnreadable,
            Self::Vanished { .. } => ErrorCode::FileVanished,
            Self::NotAnImage { .. } | Self::Decoder { .. } | Self::Panicked { .. } => ErrorCode::InvalidImage,
            Self::NotDecodable { .. } => ErrorCode::NotDecodable,
            Self::Truncated { .. } => ErrorCode::TruncatedImage,
            Self::TooLarge { .. } => ErrorCode::ImageTooLarge,
            Self::TimedOut { .. } => ErrorCode::DecodeTimeout,
            Self::Encoder { .. } => ErrorCode::Internal,
            Self::NotWritable { .. } => ErrorCode::NotWritable,
            Self::InvalidEdit { .. } => ErrorCode::ValidationError,
            Self::ReadOnly { .. } => ErrorCode::FileReadOnly,
            Self::SidecarUnusable { .. } => ErrorCode::SidecarDamaged,
            Self::Unwritable { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull,
                std::io::ErrorKind::ReadOnlyFilesystem => ErrorCode::FileReadOnly,
                _ => ErrorCode::FileUnwritable,
            },
        }
    }
}
