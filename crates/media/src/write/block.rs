//! Editing a TIFF structure with everything in it that an edit concerns: Exif tags, and the XMP packet and IPTC records
//! that TIFF keeps in tags of its own.

use super::fields::{self, Role};
use super::tiff::{Block, Change, Directory, EMPTY, Value};
use super::xmp::{self, Wrapping};
use super::{MetadataEdit, iptc};
use crate::Error;

const XMP: u16 = 0x02BC;
const IPTC: u16 = 0x83BB;
const PHOTOSHOP: u16 = 0x8649;

/// What the structure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The Exif block of another format, which has its own place for XMP.
    Exif,
    /// The same, of a length that must not change.
    FixedExif,
    /// A TIFF file.
    File,
}

/// The structure with the edit made; `None` when it says so already.
pub(super) fn edit(data: &[u8], edit: &MetadataEdit, kind: Kind) -> Result<Option<Vec<u8>>, Error> {
    let mut block = Block::open(data, kind == Kind::FixedExif)?;
    let mut changes = fields::exif(edit);
    let mut raw = |tag, kind, bytes| {
        changes.push(Change {
            directory: Directory::Primary,
            tag,
            value: Some(Value::Raw(kind, bytes)),
            only_present: false,
        });
    };
    let role = if kind == Kind::File { Role::Beside } else { Role::Extra };
    match block.primary_value(XMP)? {
        Some((field, packet)) => {
            if let Some(edited) = xmp::edit(packet, &fields::xmp(edit, role))? {
                raw(XMP, field, edited);
            }
        }
        None if kind == Kind::File => {
            if let Some(packet) = xmp::create(&fields::xmp(edit, role), Wrapping::Packet)? {
                raw(XMP, 1, packet);
            }
        }
        None => {}
    }
    let datasets = fields::iptc(edit);
    let mut outdated = false;
    if let Some((field, records)) = block.primary_value(IPTC)?
        && let Some(edited) = iptc::edit_records(records, &datasets)?
    {
        raw(IPTC, field, edited);
        outdated = true;
    }
    if let Some((field, resources)) = block.primary_value(PHOTOSHOP)?
        && let Some(edited) = iptc::edit_resources(resources, &datasets, outdated)?
    {
        raw(PHOTOSHOP, field, edited);
    }
    block.apply(&changes)?;
    let edited = block.into_data();
    Ok((edited != data).then_some(edited))
}

/// A new Exif block that says what the edit says; `None` when that is nothing.
pub(super) fn create(wanted: &MetadataEdit) -> Result<Option<Vec<u8>>, Error> {
    edit(EMPTY, wanted, Kind::Exif)
}
