//! TIFF files and the raw files built on TIFF.

use super::draft::{Draft, Origin};
use super::exif;
use super::tiff::{Tiff, find};
use crate::Format;

pub(crate) fn read(_format: Format, bytes: &[u8], draft: &mut Draft) {
    let Some(tiff) = Tiff::open(bytes) else { return };
    let Some((entries, _next)) = tiff.directory(tiff.first) else {
        draft.damaged("the first directory lies outside the file");
        return;
    };
    let size =
        |tag| find(&entries, tag).and_then(|entry| entry.unsigned(0)).and_then(|v| u32::try_from(v).ok());
    draft.size.offer(Origin::Container, size(0x100).zip(size(0x101)));
    exif::primary(&tiff, &entries, draft);
}
