//! The one metadata writer (INV-5): ratings, dates, titles and keywords into files that people own.
//!
//! Three layers, each usable alone. [`edit_bytes`] is a pure function from a file's bytes to its new bytes: it changes
//! what the edit names and leaves everything else where it is, and it gives nothing back that it has not read again:
//! the pixel hash must be the old one, the metadata the intended one, every other fact unchanged. [`write_metadata`]
//! puts those bytes in the file's place in one step that either happens or does not. [`write_sidecar`] does the same
//! for an XMP file beside the photo, where the photo itself cannot be changed safely.
//!
//! | format | rating | date | title, keywords |
//! | --- | --- | --- | --- |
//! | JPEG, PNG, WebP | Exif `Rating`, `RatingPercent`; `xmp:Rating` | three Exif dates with offsets and fractions; XMP's where they exist | `dc:title`, `dc:subject`; IPTC and Windows' tags where they exist |
//! | TIFF, DNG | the same | the same | the same |
//! | HEIF, AVIF | in place, where tags or padding have room; else side file | in place; else side file | in place; else side file |
//! | everything else | side file | side file | side file |
//!
//! The side file says `exif:DateTimeOriginal`, `photoshop:DateCreated` and `xmp:CreateDate` for a date. Lists by other
//! programs that mirror keywords (`lr:hierarchicalSubject`, `digiKam:TagsList`) are theirs and stay as they are.

mod batch;
mod block;
mod check;
mod disk;
mod fields;
mod heif;
mod iptc;
mod jpeg;
mod png;
mod sidecar;
mod splice;
mod tiff;
mod webp;
mod xmp;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tintype_core::{ContentHash, PixelHash};

use crate::format::is_raw_name;
use crate::inspect::{guarded, inspect_edited};
use crate::metadata::date::Stamp;
use crate::{Error, Format, Inspected, Limits, RawKind};
use batch::Prepared;
pub use batch::{BatchEdit, write_batch};
pub use disk::is_leftover;
use disk::{Held, Staged};
pub use sidecar::{find_sidecar, load_sidecar, merge_sidecar, sidecar_path, write_sidecar};

/// Longest title, and longest keyword, in bytes: IPTC counts to 32,767, and a JPEG has 64 KiB for all of XMP.
const MAX_TITLE: usize = 4096;
const MAX_KEYWORD: usize = 1024;
/// Most keywords, as many as are read.
const MAX_KEYWORDS: usize = 1000;

/// What to change. `None` leaves a field alone, `Some(None)` removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetadataEdit {
    /// Stars, −1 (rejected) to 5.
    pub rating: Option<Option<i8>>,
    /// When the picture was taken.
    pub taken_at: Option<TakenEdit>,
    /// Title.
    pub title: Option<Option<String>>,
    /// All keywords; an empty list removes them.
    pub keywords: Option<Vec<String>>,
}

/// A new date. It replaces the old one as a whole: a fraction or an offset that is not given is removed, because the
/// old one belonged to the old date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenEdit {
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    pub local: String,
    /// Fraction of a second in nanoseconds.
    pub subsec_nanos: Option<u32>,
    /// Offset from UTC in minutes, east is positive; at most 15 hours and 59 minutes.
    pub offset_minutes: Option<i16>,
}

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Into the photo's file.
    File,
    /// Into this side file.
    Sidecar(PathBuf),
}

/// What a write did.
#[derive(Debug)]
pub struct Written {
    /// Where it was written.
    pub place: Place,
    /// Whether anything had to change.
    pub changed: bool,
    /// The photo's file as it is now, its side file's word counted in. Without the bytes.
    pub inspected: Inspected,
    /// Why it went into a side file and not into the photo's.
    pub aside: Option<String>,
}

/// How to write.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// How much one file may cost. A file too large to be held in memory gets a side file.
    pub limits: Limits,
    /// Keep the times of access and modification. Programs that tell changed files by their time will not notice.
    pub keep_times: bool,
    /// What the caller believes the file to hold; with something else nothing is written.
    pub expected: Option<Expected>,
}

/// The content that a caller believes a photo's file to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// SHA-256 of the whole file.
    pub content: ContentHash,
    /// Size in bytes and time of last modification (nanoseconds since the Unix epoch) that vouch for it: a file that
    /// has both is taken for unchanged without being hashed. `None`: it is hashed.
    pub vouched_by: Option<(u64, i64)>,
}

impl MetadataEdit {
    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The edit as it can be written: white space trimmed, keywords once each; values that no file can hold refused.
    fn normalised(&self) -> Result<Self, Error> {
        let invalid = |detail: String| Error::InvalidEdit { detail };
        if let Some(Some(rating)) = self.rating
            && !(-1..=5).contains(&rating)
        {
            return Err(invalid(format!("a rating is −1 to 5, not {rating}")));
        }
        if let Some(taken) = &self.taken_at {
            let parsed = Stamp::parse(taken.local.as_bytes()).map(|stamp| stamp.into_taken("").local);
            if parsed.as_ref() != Some(&taken.local) {
                return Err(invalid(format!("{:?} is no date like 2021-05-12T12:21:21", taken.local)));
            }
            if taken.subsec_nanos.is_some_and(|nanos| nanos >= 1_000_000_000) {
                return Err(invalid("a fraction of a second is less than 1,000,000,000 ns".to_owned()));
            }
            if taken.offset_minutes.is_some_and(|minutes| minutes.unsigned_abs() >= 16 * 60) {
                return Err(invalid("an offset from UTC is less than 16 hours".to_owned()));
            }
        }
        let title = match &self.title {
            Some(Some(title)) => {
                Some(clean(title, MAX_TITLE)?).map(|title| (!title.is_empty()).then_some(title))
            }
            other => other.clone(),
        };
        let keywords = match &self.keywords {
            Some(keywords) => {
                let mut clean_ones = Vec::new();
                for keyword in keywords {
                    let keyword = clean(keyword, MAX_KEYWORD)?;
                    if !keyword.is_empty() && !clean_ones.contains(&keyword) {
                        clean_ones.push(keyword);
                    }
                }
                if clean_ones.len() > MAX_KEYWORDS {
                    return Err(invalid(format!("a photo has at most {MAX_KEYWORDS} keywords")));
                }
                Some(clean_ones)
            }
            None => None,
        };
        Ok(Self { rating: self.rating, taken_at: self.taken_at.clone(), title, keywords })
    }
}

/// Text without what XML cannot hold; line breaks and tabs become spaces, since IPTC's short fields have none.
fn clean(text: &str, max_len: usize) -> Result<String, Error> {
    let forbidden = |c: char| c.is_control() && !c.is_whitespace() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if text.len() > max_len {
        return Err(Error::InvalidEdit { detail: format!("a text is longer than {max_len} bytes") });
    }
    if text.contains(forbidden) {
        return Err(Error::InvalidEdit { detail: format!("{text:?} holds control characters") });
    }
    let spaced = text.replace(|c: char| c.is_control(), " ");
    Ok(spaced.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').to_owned())
}

/// Whether metadata is written into files of a format, at least into some. See the table at the top of this module.
pub fn is_writable(format: Format) -> bool {
    matches!(
        format,
        Format::Jpeg
            | Format::Png
            | Format::WebP
            | Format::Tiff
            | Format::Raw(RawKind::Dng)
            | Format::Heif
            | Format::Avif
    )
}

/// The bytes of a file of `format` with the edit made; `None` when they say so already.
///
/// [`Error::NotWritable`] means that this file cannot be changed with certainty, for example because its metadata is
/// damaged or there is no room; [`write_metadata`] then writes a side file.
pub fn edit_bytes(format: Format, bytes: &[u8], edit: &MetadataEdit) -> Result<Option<Vec<u8>>, Error> {
    Ok(edited(format, bytes, &edit.normalised()?)?.map(|(bytes, _pixel_hash)| bytes))
}

/// New bytes with their pixel hash, which is that of the old ones.
fn edited(format: Format, bytes: &[u8], edit: &MetadataEdit) -> Result<Option<(Vec<u8>, PixelHash)>, Error> {
    let outcome = guarded(|| {
        let new = match format {
            Format::Jpeg => jpeg::edit(bytes, edit)?,
            Format::Png => png::edit(bytes, edit)?,
            Format::WebP => webp::edit(bytes, edit)?,
            Format::Tiff | Format::Raw(RawKind::Dng) => block::edit(bytes, edit, block::Kind::File)?,
            Format::Heif | Format::Avif => heif::edit(bytes, edit)?,
            _ => return refused("metadata is not written into files of this format"),
        };
        let Some(new) = new else { return Ok(None) };
        let pixel_hash = check::verified(format, bytes, &new, edit)?;
        Ok(Some((new, pixel_hash)))
    });
    outcome.unwrap_or_else(|| refused("the metadata writer gave up: please report this file"))
}

/// Writes the edit into the photo's file where that is safe, else into its side file.
///
/// Links, files with several names and files whose format or content does not allow a certain edit get a side file. A
/// file with several names (hard links) would lose them by being replaced, and writing through them would change
/// copies that a backup may rely on. A write-protected file is refused: its owner said so.
///
/// Where a side file says something about an edited field already, it is kept in step: side files come first when
/// metadata is read.
pub fn write_metadata(path: &Path, edit: &MetadataEdit, options: &WriteOptions) -> Result<Written, Error> {
    prepare(path, edit, options)?.finish()
}

/// Reads, edits, checks and writes new files beside the old ones. Everything that can fail for want of room or rights
/// happens here; what is left is flushing and renaming.
fn prepare(path: &Path, edit: &MetadataEdit, options: &WriteOptions) -> Result<Prepared, Error> {
    let edit = edit.normalised()?;
    let aside = |detail: String| sidecar::prepare(path, &edit, options, Some(detail));
    let held = match Held::read(path, &options.limits)? {
        disk::Reading::Held(held) => held,
        disk::Reading::Aside(detail) => return aside(detail),
    };
    check_expected(path, &held, options)?;
    let Some(format) = Format::sniff(&held.bytes) else { return aside("the format is not known".to_owned()) };
    // A raw file that is not known for one by its content: its makers' own places are not known either.
    if format == Format::Tiff && path.file_name().is_some_and(|name| is_raw_name(name.as_encoded_bytes())) {
        return aside("the name says that it is a raw file".to_owned());
    }
    let new = match edited(format, &held.bytes, &edit) {
        Ok(new) => new,
        Err(Error::NotWritable { detail }) => return aside(detail),
        Err(error) => return Err(error),
    };
    let beside = sidecar::Beside::find(path, &edit)?;
    let mut staged = Vec::new();
    let (bytes, pixel_hash, stat) = match new {
        Some((bytes, pixel_hash)) => {
            held.check_permission(path)?;
            let file = Staged::over(path, &bytes, &held, options.keep_times)?;
            let stat = file.stat();
            staged.push(file);
            (bytes, Some(pixel_hash), stat)
        }
        None => (held.bytes, None, held.stat),
    };
    let mut inspected = inspect_edited(bytes, format, pixel_hash, &options.limits);
    (inspected.mtime_ns, inspected.inode) = (stat.mtime_ns, stat.inode);
    if let Some(beside) = beside {
        merge_sidecar(&mut inspected.metadata, &beside.says());
        staged.extend(beside.stage()?);
    }
    Ok(Prepared { place: Place::File, inspected, aside: None, staged })
}

fn check_expected(path: &Path, held: &Held, options: &WriteOptions) -> Result<(), Error> {
    let Some(expected) = options.expected else { return Ok(()) };
    let is_vouched = expected.vouched_by == Some((held.stat.size, held.stat.mtime_ns));
    if is_vouched || ContentHash(Sha256::digest(&held.bytes).into()) == expected.content {
        return Ok(());
    }
    Err(Error::Vanished { path: path.to_owned() })
}

/// The refusal of an edit that cannot be made with certainty.
fn refused<T>(detail: impl Into<String>) -> Result<T, Error> {
    Err(Error::NotWritable { detail: detail.into() })
}
