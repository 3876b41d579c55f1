//! What is hashed of TIFF files and DNG: the coded data of every directory, and every tag that may have a say in how
//! it is read. Tags that only describe are known by name; one that is not known counts, so that a picture is computed
//! once too often rather than taken for another.

use blake3::Hasher;

use super::feed;
use crate::metadata::tiff::{Entry, Tiff, find};

/// More directories than any file has; sub-directories included.
const MAX_DIRECTORIES: usize = 64;

/// Whether a tag describes the picture, or says where something lies, without changing how it looks. The orientation
/// is among them as in every format: features are kept by pixel hash *and* orientation.
fn is_description(tag: u16) -> bool {
    matches!(
        tag,
        // Document, description, maker, model, resolution, page, software, date, artist, host, copyright.
        0x010D..=0x0110 | 0x0112 | 0x011A | 0x011B | 0x011D | 0x0128 | 0x0129 | 0x0131 | 0x0132 | 0x013B | 0x013C | 0x8298
        // Where data lies and how much of it: the data itself is hashed, with its length.
        | 0x0111 | 0x0117 | 0x0120 | 0x0121 | 0x0144 | 0x0145 | 0x014A | 0x0201 | 0x0202
        // XMP, ratings, IPTC, Photoshop, Exif, GPS and interoperability directories, Windows' texts, PrintIM.
        | 0x02BC | 0x4746 | 0x4749 | 0x83BB | 0x8649 | 0x8769 | 0x8825 | 0xA005 | 0x9C9B..=0x9C9F | 0xC4A5
        // Facts of the exposure, which TIFF/EP keeps in the primary directory.
        | 0x829A | 0x829D | 0x8822 | 0x8827 | 0x9000..=0x92FF | 0xA000..=0xA4FF
        // DNG: serial number, private data (maker's notes), name of the original.
        | 0xC62F | 0xC634 | 0xC68B
    )
}

/// Feeds the hash; `false` where the file has to be hashed whole because what its picture is made of cannot be told.
pub(super) fn hash(bytes: &[u8], hasher: &mut Hasher) -> bool {
    let Some(tiff) = Tiff::open(bytes) else { return false };
    let mut directories = tiff.chain();
    let mut next = 0;
    while let Some(directory) = directories.get(next) {
        if directories.len() < MAX_DIRECTORIES
            && let Some(pointer) = find(directory, 0x014A)
        {
            if pointer.unsigned(8).is_some() {
                // More than are followed.
                return false;
            }
            let children = tiff.children(pointer);
            directories.extend(children);
        }
        next += 1;
    }
    if directories.len() >= MAX_DIRECTORIES {
        return false;
    }
    // A file of overlapping strips must not make us read without end.
    let mut budget = bytes.len().saturating_mul(2);
    let mut coded = 0;
    for directory in &mut directories {
        directory.sort_by_key(|entry| entry.tag);
        for entry in directory.iter().filter(|entry| !is_description(entry.tag)) {
            hasher.update(&entry.tag.to_be_bytes());
            hasher.update(&entry.kind.to_be_bytes());
            feed(hasher, entry.value);
        }
        let Some(parts) = parts(bytes, directory) else { return false };
        for part in parts {
            let Some(left) = budget.checked_sub(part.len()) else { return false };
            budget = left;
            coded += part.len();
            feed(hasher, part);
        }
    }
    coded > 0
}

/// The strips, tiles or JPEG stream of a directory; `None` where they cannot be told for certain.
fn parts<'a>(bytes: &'a [u8], directory: &[Entry<'_>]) -> Option<Vec<&'a [u8]>> {
    // The tables of old JPEG compression lie anywhere (TIFF 6.0 §22).
    if [0x0207, 0x0208, 0x0209].iter().any(|&tag| find(directory, tag).is_some()) {
        return None;
    }
    let mut parts = Vec::new();
    for (starts, lengths) in [(0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202)] {
        let (starts, lengths) = match (find(directory, starts), find(directory, lengths)) {
            (Some(starts), Some(lengths)) => (starts, lengths),
            (None, None) => continue,
            _ => return None,
        };
        let mut i = 0;
        loop {
            match (starts.unsigned(i), lengths.unsigned(i)) {
                (Some(start), Some(len)) => {
                    let start = usize::try_from(start).ok()?.min(bytes.len());
                    let end = start.saturating_add(usize::try_from(len).ok()?).min(bytes.len());
                    parts.push(&bytes[start..end]);
                }
                (None, None) => break,
                _ => return None,
            }
            i += 1;
        }
    }
    let number = |tag| find(directory, tag).and_then(|entry| entry.unsigned(0));
    if !parts.is_empty() && number(0x0103).unwrap_or(1) == 1 {
        // Readers of uncompressed data go by the size of the picture where the lengths are too small.
        let bits = number(0x0102).unwrap_or(1).saturating_mul(number(0x0115).unwrap_or(1));
        let row = number(0x0100)?.saturating_mul(bits).div_ceil(8);
        let stated: u64 = parts.iter().map(|part| part.len() as u64).sum();
        if stated < row.saturating_mul(number(0x0101)?) {
            return None;
        }
    }
    Some(parts)
}
