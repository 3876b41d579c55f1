//! TIFF files, and raw files: most are TIFF with directories for the sensor data and previews; Fujifilm, Minolta and
//! Canon's older one wrap it in containers of their own.

use super::draft::{Draft, Origin};
use super::tiff::{Entry, Tiff, find};
use super::{bmff, exif, still};
use crate::bytes::{be16, be32, slice};
use crate::{Format, RawKind};

pub(crate) fn read(format: Format, bytes: &[u8], draft: &mut Draft) {
    match format {
        Format::Raw(RawKind::Cr3) => bmff::read(format, bytes, draft),
        Format::Raw(RawKind::Raf) => fujifilm(bytes, draft),
        Format::Raw(RawKind::Mrw) => minolta(bytes, draft),
        Format::Raw(RawKind::X3f | RawKind::Crw) => preview(bytes, draft),
        _ => directories(format, bytes, draft),
    }
}

fn directories(format: Format, bytes: &[u8], draft: &mut Draft) {
    let Some(tiff) = Tiff::open(bytes) else {
        draft.damaged("the TIFF header is damaged");
        return;
    };
    let mut chain = tiff.chain();
    if chain.is_empty() {
        draft.damaged("the first directory lies outside the file");
        return;
    }
    // Facts of the photo are in the first directory, whichever holds the pixels.
    let first = chain.remove(0);
    draft.size.offer(Origin::Container, panasonic_size(format, &first));
    draft.size.offer(Origin::Xmp, main_size(format, &tiff, &first, &chain));
    exif::primary(&tiff, &first, draft);
    // Panasonic keeps Exif in the preview JPEG, and the sensitivity in a tag of its own.
    if format == Format::Raw(RawKind::Rw2) {
        let iso = find(&first, 0x17).and_then(|entry| entry.unsigned(0));
        draft.meta.iso =
            draft.meta.iso.or(iso.and_then(|iso| u32::try_from(iso).ok()).filter(|&iso| iso > 0));
        if let Some(jpeg) = find(&first, 0x2E) {
            nested_jpeg(jpeg.value, draft);
        }
    }
}

/// The size of the main picture. In a raw file that is the largest directory of full resolution (`NewSubfileType` 0),
/// in a plain TIFF the first page.
fn main_size(
    format: Format,
    tiff: &Tiff<'_>,
    first: &[Entry<'_>],
    rest: &[Vec<Entry<'_>>],
) -> Option<(u32, u32)> {
    let size = |entries: &[Entry<'_>]| {
        let side = |tag| find(entries, tag)?.unsigned(0).and_then(|side| u32::try_from(side).ok());
        side(0x100).zip(side(0x101))
    };
    if format == Format::Tiff {
        // Pixels in a sub-directory only: a thumbnail came first.
        let reduced = find(first, 0xFE).and_then(|entry| entry.unsigned(0)).unwrap_or(0) & 1 == 1;
        if !reduced && let Some(size) = size(first) {
            return Some(size);
        }
    }
    if format == Format::Raw(RawKind::Cr2) {
        // The first directory is the full-size JPEG; the sensor directory counts masked borders too.
        return size(first);
    }
    let full = |entries: &&[Entry<'_>]| {
        find(entries, 0xFE).and_then(|entry| entry.unsigned(0)).unwrap_or(0) & 1 == 0
    };
    let children = find(first, 0x014A).map(|entry| tiff.children(entry)).unwrap_or_default();
    let best = std::iter::once(first)
        .chain(children.iter().map(Vec::as_slice))
        .chain(rest.iter().map(Vec::as_slice))
        .filter(full)
        .filter_map(size)
        .max_by_key(|&(w, h)| u64::from(w) * u64::from(h));
    best.or_else(|| size(first))
}

/// Panasonic states the borders of the picture on the sensor: top, left, bottom, right in tags 4 to 7.
fn panasonic_size(format: Format, first: &[Entry<'_>]) -> Option<(u32, u32)> {
    if format != Format::Raw(RawKind::Rw2) {
        return None;
    }
    let border = |tag| find(first, tag)?.unsigned(0).and_then(|value| u32::try_from(value).ok());
    border(7)?
        .checked_sub(border(5)?)
        .zip(border(6)?.checked_sub(border(4)?))
        .filter(|&(w, h)| w > 0 && h > 0)
}

/// Fujifilm: the offsets of a JPEG with the Exif and of a directory with the size, both in the file header.
fn fujifilm(bytes: &[u8], draft: &mut Draft) {
    let part = |at: usize| {
        let (offset, len) = (be32(bytes, at)? as usize, be32(bytes, at + 4)? as usize);
        bytes.get(offset..bytes.len().min(offset.checked_add(len)?))
    };
    if let Some(records) = part(92) {
        let mut at = 4;
        for _ in 0..be32(records, 0).unwrap_or(0).min(256) {
            let (Some(tag), Some(len)) = (be16(records, at), be16(records, at + 2)) else { break };
            // Raw image cropped size: height, width.
            if tag == 0x0111 {
                let size = be16(records, at + 6).zip(be16(records, at + 4));
                draft.size.offer(Origin::Container, size.map(|(w, h)| (u32::from(w), u32::from(h))));
            }
            at += 4 + usize::from(len);
        }
    }
    match part(84) {
        Some(jpeg) => nested_jpeg(jpeg, draft),
        None => draft.damaged("the preview with the Exif lies outside the file"),
    }
}

/// Minolta: blocks after the header, one with the size (`PRD`), one with a TIFF structure (`TTW`).
fn minolta(bytes: &[u8], draft: &mut Draft) {
    let mut at = 8;
    for _ in 0..64 {
        let (Some(code), Some(len)) = (slice(bytes, at, 4), be32(bytes, at + 4)) else { break };
        let body = &bytes[at + 8..bytes.len().min((at + 8).saturating_add(len as usize))];
        match code {
            b"\0PRD" => {
                let size = be16(body, 14).zip(be16(body, 12));
                draft.size.offer(Origin::Container, size.map(|(w, h)| (u32::from(w), u32::from(h))));
            }
            b"\0TTW" => {
                exif::read(body, draft);
            }
            _ => {}
        }
        at = (at + 8).saturating_add(len as usize);
    }
}

/// Formats whose own directories are not read: the preview's metadata stands for them.
fn preview(bytes: &[u8], draft: &mut Draft) {
    if let Some(range) = crate::decode::largest_preview(bytes) {
        nested_jpeg(&bytes[range], draft);
    }
}

/// The metadata of a JPEG inside a raw file; its size only if nothing better is known.
fn nested_jpeg(jpeg: &[u8], draft: &mut Draft) {
    let mut size = std::mem::take(&mut draft.size);
    still::jpeg(jpeg, draft);
    size.offer(Origin::Other, draft.size.take());
    draft.size = size;
}
