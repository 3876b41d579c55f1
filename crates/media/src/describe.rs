//! Reading what a file says about its picture, and no more of the file than that takes.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use fs_err::File;
use tintype_core::{Issue, Metadata};

use crate::inspect::{described, open, stat, unreadable, without_media};
use crate::jpeg_stream::{Part, Segments};
use crate::{Error, Format, Limits};

/// What is read at first: Exif, XMP and a colour profile of most cameras end well before, and it is one call.
const FIRST_BYTES: u64 = 64 << 10;

/// What a file says about itself, without its hashes.
#[derive(Debug, Clone)]
pub struct Described {
    /// What the content is; `None` when nothing known here.
    pub format: Option<Format>,
    /// Size in bytes.
    pub size: u64,
    /// Time of last modification in nanoseconds since the Unix epoch.
    pub mtime_ns: i64,
    /// What the file says about its picture.
    pub metadata: Metadata,
    /// What was wrong with it.
    pub issues: Vec<Issue>,
}

/// Reads the metadata of the file at `path`: the same as [`inspect`](crate::inspect) finds, which also reads and hashes
/// everything else. JPEGs are read up to the first scan, films without their pictures and sound, other formats whole,
/// because their metadata may be anywhere. `buffer` is scratch space to be handed in again.
pub fn read_metadata(path: &Path, limits: &Limits, buffer: &mut Vec<u8>) -> Result<Described, Error> {
    let unreadable = |source| unreadable(path, source);
    let mut file = open(path).map_err(unreadable)?;
    let found = stat(&file).map_err(unreadable)?;
    if found.size > limits.max_file_bytes {
        return Err(Error::TooLarge {
            detail: format!("{} bytes, at most {} are read", found.size, limits.max_file_bytes),
        });
    }
    buffer.clear();
    read_on(&mut file, buffer, FIRST_BYTES).map_err(unreadable)?;
    let mut format = Format::sniff(buffer);
    match format {
        Some(Format::Jpeg) => {
            while (buffer.len() as u64) < found.size && !reaches_scan(buffer) {
                let more = buffer.len() as u64;
                if read_on(&mut file, buffer, more).map_err(unreadable)? == 0 {
                    break;
                }
            }
        }
        Some(of) => {
            let mut is_read = false;
            if of.is_video() && buffer.get(4..8) == Some(b"ftyp") {
                let (boxes, are_whole) = without_media(&mut file, found.size).map_err(unreadable)?;
                is_read = are_whole || found.size > limits.whole_file_bytes;
                if is_read {
                    *buffer = boxes;
                } else {
                    file.seek(SeekFrom::Start(buffer.len() as u64)).map_err(unreadable)?;
                }
            }
            if !is_read {
                let rest = found.size.min(limits.whole_file_bytes).saturating_sub(buffer.len() as u64);
                read_on(&mut file, buffer, rest).map_err(unreadable)?;
                // Which maker's raw file it is may be told further back.
                format = Format::sniff(buffer);
            }
        }
        None => {}
    }
    let (metadata, _profile, issues) = described(format, buffer, found.size, limits);
    Ok(Described { format, size: found.size, mtime_ns: found.mtime_ns, metadata, issues })
}

/// Appends up to `more` bytes; how many there were.
fn read_on(file: &mut File, buffer: &mut Vec<u8>, more: u64) -> std::io::Result<usize> {
    buffer.reserve(more as usize);
    file.take(more).read_to_end(buffer)
}

/// Whether everything before the first scan of a JPEG is there.
fn reaches_scan(bytes: &[u8]) -> bool {
    Segments::headers(bytes).any(|segment| segment.part == Part::Scan && segment.range.end < bytes.len())
}
