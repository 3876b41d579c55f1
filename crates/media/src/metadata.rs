//! What a file says about its picture: one bounded pass per format, several standards, one [`Metadata`].
//!
//! Where two places disagree: dates by the order of [`draft::DateSource`]; ratings, titles and descriptions XMP, then
//! IPTC, then Exif; camera, place and orientation Exif, then XMP; the turns that a HEIF or film container prescribes
//! come before Exif's orientation, as the standards demand.

mod bmff;
pub(crate) mod date;
mod draft;
mod exif;
mod iptc;
mod matroska;
mod riff;
mod still;
pub(crate) mod tiff;
mod tiff_file;
mod xmp;

use tintype_core::{Issue, MediaKind, Metadata};

use crate::format::{Format, VideoKind};
use draft::Draft;
pub(crate) use draft::upright;

pub(crate) use bmff::{coded_parts, heif_layout, metadata_items};
pub(crate) use iptc::photoshop_resources;
pub(crate) use riff::chunks as riff_chunks;
pub(crate) use still::{inflated, png_chunks};

/// Everything read from the metadata of one file.
pub(crate) struct Read {
    pub(crate) metadata: Metadata,
    pub(crate) issues: Vec<Issue>,
    /// The embedded colour profile, verbatim.
    pub(crate) icc: Option<Vec<u8>>,
}

/// Reads the metadata of a file of `format`. `bytes` may be the start of a larger file.
pub(crate) fn read(format: Format, bytes: &[u8]) -> Read {
    let mut draft = Draft::default();
    if format.is_video() {
        draft.meta.media = MediaKind::Video;
    }
    match format {
        Format::Jpeg => still::jpeg(bytes, &mut draft),
        Format::Png => still::png(bytes, &mut draft),
        Format::Gif => still::gif(bytes, &mut draft),
        Format::WebP => riff::webp(bytes, &mut draft),
        Format::Bmp => still::bmp(bytes, &mut draft),
        Format::Psd => still::psd(bytes, &mut draft),
        Format::Tiff | Format::Raw(_) => tiff_file::read(format, bytes, &mut draft),
        Format::Video(VideoKind::Avi) => riff::avi(bytes, &mut draft),
        Format::Video(VideoKind::Matroska) => matroska::read(bytes, &mut draft),
        Format::Heif | Format::Avif | Format::Jxl | Format::Jp2 | Format::Video(_) => {
            bmff::read(format, bytes, &mut draft);
        }
    }
    let (mut metadata, issues, icc) = draft.finish();
    metadata.colour_profile = icc.as_deref().and_then(crate::colour::profile_name);
    Read { metadata, issues, icc }
}

/// Reads an XMP sidecar file.
pub fn read_sidecar(packet: &[u8]) -> Metadata {
    let mut draft = Draft::default();
    xmp::read(packet, &mut draft);
    draft.finish().0
}
