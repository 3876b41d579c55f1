//! The one table of public error codes. It drives HTTP status codes, the CLI's exit status and the docs.

use serde::{Deserialize, Serialize};

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The request or the command is wrong: change it.
    Input,
    /// The thing asked for does not exist.
    Missing,
    /// The thing is in a state that does not allow this now.
    Conflict,
    /// The photo or its file is at fault.
    Media,
    /// Try again later.
    Busy,
    /// Disk, database, permission or network.
    Environment,
    /// Stored data is damaged.
    Corrupt,
    /// A mistake in Tintype.
    Bug,
}

impl ErrorClass {
    /// The exit status of the command line: 2 wrong usage, 4 environment, 70 a bug.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Input | Self::Missing | Self::Conflict | Self::Media => 2,
            Self::Busy | Self::Environment | Self::Corrupt => 4,
            Self::Bug => 70,
        }
    }
}

macro_rules! error_codes {
    ($($variant:ident, $text:literal, $status:literal, $class:ident, $help:literal;)*) => {
        /// A stable public error code: what API clients and scripts may rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[doc = $help] #[serde(rename = $text)] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in table order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is written in responses and reports.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The HTTP status that carries this code.
            pub fn http_status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Who can do something about it.
            pub fn class(self) -> ErrorClass {
                match self { $(Self::$variant => ErrorClass::$class),* }
            }

            /// One line on what it means and what to do.
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),* }
            }
        }
    };
}

error_codes! {
    NotFound, "NOT_FOUND", 404, Missing, "No such thing: check the id or the address.";
    ValidationError, "VALIDATION_ERROR", 422, Input, "A field is missing or has a wrong value.";
    MethodNotAllowed, "METHOD_NOT_ALLOWED", 405, Input, "This address does not take that method.";
    InvalidImage, "INVALID_IMAGE", 400, Media, "The file is not a picture that can be read.";
    ImageTooSmall, "IMAGE_TOO_SMALL", 400, Media, "The picture is smaller than 32 by 32 pixels.";
    ImageTooLarge, "IMAGE_TOO_LARGE", 400, Media, "The picture exceeds the configured limit of pixels or bytes.";
    DecodeTimeout, "DECODE_TIMEOUT", 400, Media, "Decoding took longer than the configured limit.";
    NotDecodable, "NOT_DECODABLE", 400, Media, "The format is recognised, but its pixels cannot be decoded yet.";
    TruncatedImage, "TRUNCATED_IMAGE", 400, Media, "The file ends early; what could be read is shown.";
    MetadataDamaged, "METADATA_DAMAGED", 400, Media, "Part of the metadata is damaged; the rest was read.";
    EmptyFile, "EMPTY_FILE", 400, Media, "The file holds no bytes.";
    UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", 415, Media, "The content is of a type that is not handled.";
    FileUnreadable, "FILE_UNREADABLE", 400, Environment, "The file could not be opened or read: check its permissions and its disk.";
    FileVanished, "FILE_VANISHED", 400, Environment, "The file disappeared or changed while it was being read; index again.";
    FileChanged, "FILE_CHANGED", 409, Media, "The file was changed since it was looked at; index again, then repeat.";
    FileDamaged, "FILE_DAMAGED", 400, Corrupt, "The file's content changed although its size and time did not: the disk or a transfer damaged it. Restore it from a backup.";
    AlreadyExists, "ALREADY_EXISTS", 409, Conflict, "Something else is at that place; nothing was overwritten.";
    FileReadOnly, "FILE_READ_ONLY", 409, Environment, "The file or its disk is write-protected; nothing was changed. Allow writing first, or keep ratings in the database or in side files.";
    FileUnwritable, "FILE_UNWRITABLE", 500, Environment, "The file could not be written: check its folder's permissions and its disk. The original is untouched.";
    NotWritable, "NOT_WRITABLE", 409, Media, "The metadata of this file cannot be changed safely; the file is untouched. A side file can hold it.";
    SidecarDamaged, "SIDECAR_DAMAGED", 409, Media, "The side file (.xmp) is damaged and was left untouched: repair it, or move it away.";
    PathNotAllowed, "PATH_NOT_ALLOWED", 403, Input, "The path lies outside the configured library roots.";
    PathNotFound, "PATH_NOT_FOUND", 422, Input, "No such folder: check the path.";
    RootOffline, "ROOT_OFFLINE", 409, Environment, "The library folder cannot be reached now; nothing was removed.";
    InvalidPack, "INVALID_PACK", 400, Input, "The file is no feature pack of this version, or it is damaged or cut short.";
    NotSupported, "NOT_SUPPORTED", 501, Input, "This set-up cannot do that; the message says what to use instead.";
    Conflict, "CONFLICT", 409, Conflict, "The thing is in a state that does not allow this now.";
    Unauthorized, "UNAUTHORIZED", 401, Input, "A valid key is needed.";
    Forbidden, "FORBIDDEN", 403, Input, "The key does not have this right.";
    RateLimited, "RATE_LIMITED", 429, Busy, "Too many requests: wait as long as Retry-After says.";
    PayloadTooLarge, "PAYLOAD_TOO_LARGE", 413, Input, "The request body exceeds the limit.";
    BatchTooLarge, "BATCH_TOO_LARGE", 400, Input, "At most 100 images in one batch.";
    NoFaces, "NO_FACES", 400, Media, "No face was found in the picture.";
    ModelUnavailable, "MODEL_UNAVAILABLE", 503, Environment, "The model is not installed or not ready.";
    UnknownStep, "UNKNOWN_STEP", 422, Input, "No pipeline step has this name.";
    Busy, "BUSY", 503, Busy, "Another process is using this data directory; try again later.";
    DatabaseUnavailable, "DATABASE_UNAVAILABLE", 503, Environment, "The database cannot be reached or is out of space.";
    DatabaseForeign, "DATABASE_FOREIGN", 500, Corrupt, "The database file was not written by Tintype, or by a newer version; it was left untouched.";
    DatabaseCorrupt, "DATABASE_CORRUPT", 500, Corrupt, "The database file is damaged; it was left untouched. Go back to a backup with tintype recover, or start a new data directory.";
    StorageFull, "STORAGE_FULL", 507, Environment, "No space left on the device.";
    Internal, "INTERNAL", 500, Bug, "A mistake in Tintype: please report it with the request id.";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ErrorCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

/// The text is not a code of the table.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an error code")]
pub struct UnknownCode(String);

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn codes_are_unique_and_round_trip() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse::<ErrorCode>().unwrap(), *code);
            assert!(code.help().ends_with('.'), "{code}: help is a sentence");
            assert!((400..600).contains(&code.http_status()));
        }
        let mut texts: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), ErrorCode::ALL.len());
    }
}
