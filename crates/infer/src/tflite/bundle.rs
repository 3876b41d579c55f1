//! [`task_member`]: a file inside a MediaPipe bundle (`.task`), which is a zip archive of a few models.
//!
//! Only what such bundles use is read: members stored as they are or deflated, no encryption, no archives beyond
//! 4 GB. The central directory says what there is; sizes and checksums must agree with it.

use std::io::Read;

use tintype_core::ErrorCode;

/// Largest member: 256 MiB, sixteen times the largest model of any published bundle. It bounds what a hostile
/// archive can unpack to.
const LARGEST: usize = 256 << 20;

/// Why a member could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The bytes are no zip archive.
    #[error("not a bundle: no zip directory was found")]
    NotABundle,
    /// A header points outside, or contents differ from what their header says.
    #[error("damaged bundle: {0}")]
    Damaged(&'static str),
    /// A kind of archive that bundles do not use.
    #[error("unsupported bundle: {0}")]
    Unsupported(&'static str),
    /// There is no such member.
    #[error("the bundle has no member {name:?}, only {members}")]
    NoSuchMember {
        /// What was asked for.
        name: String,
        /// What is there.
        members: String,
    },
    /// The member is too large.
    #[error("a member of {0} bytes is larger than any model of a bundle")]
    TooLarge(u64),
}

impl BundleError {
    /// The public code of this error.
    pub fn code(&self) -> ErrorCode {
        ErrorCode::ModelUnavailable
    }
}

/// The contents of the member `name` of a bundle.
///
/// ```
/// use tintype_infer::tflite::{BundleError, task_member};
///
/// assert_eq!(task_member(b"", "face_detector.tflite"), Err(BundleError::NotABundle));
/// ```
pub fn task_member(bundle: &[u8], name: &str) -> Result<Vec<u8>, BundleError> {
    let directory = directory(bundle)?;
    let Some(member) = directory.iter().find(|member| member.name == name.as_bytes()) else {
        let shown = directory.iter().take(20).map(|member| String::from_utf8_lossy(member.name));
        let members: Vec<String> = shown.map(|name| super::error::shortened(&name)).collect();
        return Err(BundleError::NoSuchMember { name: name.to_owned(), members: members.join(", ") });
    };
    contents(bundle, member)
}

/// One row of the central directory.
struct Member<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    checksum: u32,
    packed: usize,
    unpacked: usize,
    header: usize,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The central directory, which a record at the archive's end points at; a comment may follow that record.
fn directory(bundle: &[u8]) -> Result<Vec<Member<'_>>, BundleError> {
    const END: &[u8] = b"PK\x05\x06";
    const END_LEN: usize = 22;
    let first = bundle.len().saturating_sub(END_LEN + usize::from(u16::MAX));
    let tail = bundle.get(first..).unwrap_or_default();
    let at = tail.windows(END.len()).rposition(|window| window == END).ok_or(BundleError::NotABundle)?;
    let end = tail.get(at..at + END_LEN).ok_or(BundleError::NotABundle)?;
    let count = u16_at(end, 10).unwrap_or_default();
    let mut at = u32_at(end, 16).unwrap_or_default() as usize;
    if count == u16::MAX || at == u32::MAX as usize {
        return Err(BundleError::Unsupported("an archive of the 64-bit kind"));
    }
    let mut members = Vec::new();
    for _ in 0..count {
        let (member, next) = row(bundle, at).ok_or(BundleError::Damaged("its directory"))?;
        members.push(member);
        at = next;
    }
    Ok(members)
}

/// The row at `at`, and where the next one begins.
fn row(bundle: &[u8], at: usize) -> Option<(Member<'_>, usize)> {
    const ROW_LEN: usize = 46;
    let row = bundle.get(at..at.checked_add(ROW_LEN)?).filter(|row| row.starts_with(b"PK\x01\x02"))?;
    let [name, extra, comment] = [28, 30, 32].map(|field| u16_at(row, field).map(usize::from));
    let (name, rest) = (name?, extra? + comment?);
    let start = at + ROW_LEN;
    let member = Member {
        name: bundle.get(start..start + name)?,
        flags: u16_at(row, 8)?,
        method: u16_at(row, 10)?,
        checksum: u32_at(row, 16)?,
        packed: u32_at(row, 20)? as usize,
        unpacked: u32_at(row, 24)? as usize,
        header: u32_at(row, 42)? as usize,
    };
    Some((member, start + name + rest))
}

fn contents(bundle: &[u8], member: &Member<'_>) -> Result<Vec<u8>, BundleError> {
    const HEADER_LEN: usize = 30;
    const ENCRYPTED: u16 = 1;
    if member.flags & ENCRYPTED != 0 {
        return Err(BundleError::Unsupported("an encrypted member"));
    }
    if member.unpacked > LARGEST {
        return Err(BundleError::TooLarge(member.unpacked as u64));
    }
    let damaged = || BundleError::Damaged("a member's header");
    let rest =
        bundle.get(member.header..).filter(|rest| rest.starts_with(b"PK\x03\x04")).ok_or_else(damaged)?;
    // Name and extra field are repeated here, and may differ in length.
    let lengths = u16_at(rest, 26).zip(u16_at(rest, 28)).ok_or_else(damaged)?;
    let start = HEADER_LEN + usize::from(lengths.0) + usize::from(lengths.1);
    let packed = start.checked_add(member.packed).and_then(|end| rest.get(start..end));
    let packed = packed.ok_or(BundleError::Damaged("a member reaches beyond the end"))?;
    let unpacked = match member.method {
        0 => packed.to_vec(),
        8 => inflated(packed, member.unpacked)?,
        _ => return Err(BundleError::Unsupported("a member packed in another way than deflate")),
    };
    if unpacked.len() != member.unpacked {
        return Err(BundleError::Damaged("a member's size is not what its header says"));
    }
    let mut checksum = flate2::Crc::new();
    checksum.update(&unpacked);
    if checksum.sum() != member.checksum {
        return Err(BundleError::Damaged("a member's checksum is wrong"));
    }
    Ok(unpacked)
}

/// At most one byte more than expected, so that a bomb is noticed and does not go off.
fn inflated(packed: &[u8], expected: usize) -> Result<Vec<u8>, BundleError> {
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::DeflateDecoder::new(packed).take(expected as u64 + 1);
    match reader.read_to_end(&mut unpacked) {
        Ok(_) => Ok(unpacked),
        Err(_broken_stream) => Err(BundleError::Damaged("a member cannot be unpacked")),
    }
}

#[cfg(test)]
mod tests;
