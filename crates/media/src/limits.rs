//! How much one file may cost.

use std::path::PathBuf;
use std::time::Duration;

/// Bounds on what one file may cost, whatever its headers claim (INV-8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Files larger than this are not read at all. Default 4 GiB.
    pub max_file_bytes: u64,
    /// Files larger than this are hashed by streaming and only their metadata is read. Default 256 MiB.
    pub whole_file_bytes: u64,
    /// Most pixels a header may claim. Default 268 million (16,384²).
    pub max_pixels: u64,
    /// Most bytes one decode may allocate. Default 600 MB.
    pub max_decode_bytes: u64,
    /// Longest one decode may take. Default 20 s.
    pub max_decode: Duration,
    /// The program that decodes formats whose decoders cannot be stopped from outside (HEIC, AVIF, JPEG XL, JPEG 2000),
    /// one process a picture: its `main` calls [`decode_if_asked`](crate::decode_if_asked) first. Without one, the
    /// default, they run in this process, bounded by what headers claim, and time is not enforced.
    pub decode_program: Option<PathBuf>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: 4 << 30,
            whole_file_bytes: 256 << 20,
            max_pixels: 1 << 28,
            max_decode_bytes: 600_000_000,
            max_decode: Duration::from_secs(20),
            decode_program: None,
        }
    }
}
