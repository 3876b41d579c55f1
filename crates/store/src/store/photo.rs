//! Values of photos' and pictures' columns, in and out.

use tintype_core::{ContentHash, Issue, MediaKind, Metadata, Orientation, PhotoId, PixelHash, Stage};

use crate::backend::Row;
use crate::error::{Error, Result};

/// Bytes of a picture's key: pixel hash and orientation.
const KEY_BYTES: usize = 33;

/// The key of a picture.
pub(super) fn subject_key(pixel_hash: &PixelHash, orientation: Orientation) -> Vec<u8> {
    let mut key = Vec::with_capacity(KEY_BYTES);
    key.extend_from_slice(&pixel_hash.0);
    key.push(orientation.exif());
    key
}

/// Pixel hash and orientation of a picture's key.
pub(super) fn split_key(key: &[u8]) -> Result<(PixelHash, Orientation)> {
    match key.split_last() {
        Some((orientation, hash)) if key.len() == KEY_BYTES => {
            let hash = PixelHash::from_slice(hash).ok_or(Error::value("pixel hash"))?;
            Ok((hash, Orientation::from_exif(u32::from(*orientation))))
        }
        _ => Err(Error::value("picture key")),
    }
}

pub(super) fn content_hash(bytes: &[u8]) -> Result<ContentHash> {
    ContentHash::from_slice(bytes).ok_or(Error::value("content hash"))
}

pub(super) fn pixel_hash(bytes: &[u8]) -> Result<PixelHash> {
    PixelHash::from_slice(bytes).ok_or(Error::value("pixel hash"))
}

pub(super) fn photo_id(bytes: &[u8]) -> Result<PhotoId> {
    uuid(bytes).map(PhotoId)
}

pub(super) fn uuid(bytes: &[u8]) -> Result<uuid::Uuid> {
    uuid::Uuid::from_slice(bytes).map_err(|_length| Error::value("id"))
}

pub(super) fn metadata(text: &str) -> Result<Metadata> {
    Ok(serde_json::from_str(text)?)
}

pub(super) fn media(code: i64) -> MediaKind {
    if code == 1 { MediaKind::Video } else { MediaKind::Photo }
}

/// Maker and model, without naming the maker twice ("Canon Canon EOS R5").
pub(super) fn camera(metadata: &Metadata) -> Option<String> {
    let text = |field: &Option<String>| {
        field.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match (text(&metadata.make), text(&metadata.model)) {
        (Some(make), Some(model)) => {
            let named = model.get(..make.len()).is_some_and(|start| start.eq_ignore_ascii_case(&make));
            Some(if named { model } else { format!("{make} {model}") })
        }
        (make, model) => model.or(make),
    }
}

/// When it was taken: local wall clock as if it were UTC, milliseconds.
pub(super) fn taken_ms(metadata: &Metadata) -> Option<i64> {
    let taken = metadata.taken_at.as_ref()?;
    crate::civil::parse_local(&taken.local, taken.subsec_nanos.unwrap_or(0))
}

/// An issue of columns stage, code, detail from `first` on.
pub(super) fn issue(row: &Row<'_>, first: usize) -> Result<Issue> {
    let stage = match row.text(first)?.as_str() {
        "read" => Stage::Read,
        "identify" => Stage::Identify,
        "metadata" => Stage::Metadata,
        "decode" => Stage::Decode,
        "analyze" => Stage::Analyze,
        _ => return Err(Error::value("stage")),
    };
    let code = row.text(first + 1)?.parse().map_err(|_unknown| Error::value("issue code"))?;
    Ok(Issue { stage, code, detail: row.text(first + 2)? })
}
