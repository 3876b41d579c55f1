//! HEIF and AVIF: items are changed in place only. Their data is located by absolute offsets all over the file, so
//! anything that would change a length is left to a side file.

use super::block::{self, Kind};
use super::fields::{self, Role};
use super::splice::Splices;
use super::{MetadataEdit, refused, xmp};
use crate::Error;
use crate::bytes::be32;
use crate::metadata::metadata_items;

pub(super) fn edit(bytes: &[u8], wanted: &MetadataEdit) -> Result<Option<Vec<u8>>, Error> {
    let items = metadata_items(bytes);
    let mut splices = Splices::default();
    let (mut had_exif, mut had_xmp) = (false, false);
    for (is_xmp, ranges) in items {
        let [range] = &ranges[..] else { return refused("a metadata item lies in several pieces") };
        let item = &bytes[range.clone()];
        if is_xmp {
            let role = if std::mem::replace(&mut had_xmp, true) { Role::Extra } else { Role::Beside };
            if let Some(edited) = xmp::edit(item, &fields::xmp(wanted, role))? {
                if edited.len() != item.len() {
                    return refused("the XMP item has no room for this");
                }
                splices.replace(range.clone(), edited);
            }
        } else {
            if std::mem::replace(&mut had_exif, true) {
                return refused("the file has several Exif items");
            }
            let at = be32(item, 0).map_or(0, |offset| offset as usize).saturating_add(4);
            let Some(block) = item.get(at..) else { return refused("the Exif item is damaged") };
            if let Some(edited) = block::edit(block, wanted, Kind::FixedExif)? {
                splices.replace(range.start + at..range.end, edited);
            }
        }
    }
    // What an item that is missing would have to say cannot be said.
    let needs_exif = !had_exif && block::create(wanted)?.is_some();
    let needs_xmp =
        !had_xmp && xmp::create(&fields::xmp(wanted, Role::Beside), xmp::Wrapping::File)?.is_some();
    if needs_exif || needs_xmp {
        return refused("a metadata item would have to be added");
    }
    Ok((!splices.is_empty()).then(|| splices.applied(bytes)))
}
