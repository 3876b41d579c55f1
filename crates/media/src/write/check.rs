//! Reading again what was made, before anyone else does.

use tintype_core::{Metadata, PixelHash};

use super::{MetadataEdit, refused};
use crate::{Error, Format, metadata, pixel_hash};

/// Titles that an edit does not touch; they show once the title proper is gone.
const OTHER_TITLES: [&str; 2] = ["XMP.photoshop:Headline", "PNG.Title"];

/// The pixel hash of both, if the new bytes hold the same picture and say what the edit wants, and nothing else
/// changed that is read.
pub(super) fn verified(
    format: Format,
    old: &[u8],
    new: &[u8],
    edit: &MetadataEdit,
) -> Result<PixelHash, Error> {
    let before = pixel_hash::of(Some(format), old);
    if !pixel_hash::is_of(before, format, old, new) || Format::sniff(new) != Some(format) {
        return refused("the coded picture would not stay the same");
    }
    let (old, new) = (metadata::read(format, old), metadata::read(format, new));
    if new.issues.len() > old.issues.len() || new.icc != old.icc {
        return refused("other metadata would be damaged");
    }
    if let Some(field) = disagreement(&new.metadata, edit) {
        return refused(format!("another place in the file says otherwise about its {field}"));
    }
    if !same_elsewhere(old.metadata, new.metadata, edit) {
        return refused("other metadata would change");
    }
    Ok(before)
}

/// The first edited field about which the metadata does not say what it should.
fn disagreement(metadata: &Metadata, edit: &MetadataEdit) -> Option<&'static str> {
    if edit.rating.is_some_and(|rating| metadata.rating != rating) {
        return Some("rating");
    }
    if let Some(wanted) = &edit.taken_at
        && !metadata.taken_at.as_ref().is_some_and(|taken| {
            taken.local == wanted.local
                && taken.subsec_nanos == wanted.subsec_nanos
                && taken.offset_minutes == wanted.offset_minutes
        })
    {
        return Some("date");
    }
    let another =
        || metadata.sources.get("title").is_some_and(|source| OTHER_TITLES.contains(&source.as_str()));
    if let Some(title) = &edit.title
        && metadata.title != *title
        && !(title.is_none() && another())
    {
        return Some("title");
    }
    // The order is that of reading: IPTC or XMP first.
    let sorted = |keywords: &[String]| {
        let mut keywords = keywords.to_vec();
        keywords.sort_unstable();
        keywords
    };
    edit.keywords
        .as_ref()
        .is_some_and(|keywords| sorted(keywords) != sorted(&metadata.keywords))
        .then_some("keywords")
}

/// Whether two readings agree in all that an edit does not name.
fn same_elsewhere(mut old: Metadata, mut new: Metadata, edit: &MetadataEdit) -> bool {
    for metadata in [&mut old, &mut new] {
        metadata.sources.clear();
        if edit.rating.is_some() {
            metadata.rating = None;
        }
        if edit.taken_at.is_some() {
            metadata.taken_at = None;
        }
        if edit.title.is_some() {
            metadata.title = None;
        }
        if edit.keywords.is_some() {
            metadata.keywords.clear();
        }
    }
    old == new
}
