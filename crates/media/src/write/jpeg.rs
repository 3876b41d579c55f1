//! JPEG: the Exif, XMP and Photoshop segments in front of the first scan. Every other segment stays where it is.
//!
//! Two things in a JPEG point behind its end, at further pictures there: the entries of MPF (CIPA DC-007), and offsets
//! in the maker's notes of some cameras. When the segments in front grow, the first are corrected; the second are
//! corrected where they can be told for certain, and otherwise the file is not edited.

use super::block::{self, Kind};
use super::fields::{self, Role};
use super::splice::Splices;
use super::xmp::{self, Wrapping};
use super::{MetadataEdit, iptc, refused};
use crate::Error;
use crate::jpeg_stream::{Part, Segment, Segments};
use crate::metadata::tiff::{Tiff, find};

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const MPF: &[u8] = b"MPF\0";
/// Pictures behind the end of the first that are looked at; cameras write one or two.
const MAX_TRAILING: usize = 16;

pub(super) fn edit(bytes: &[u8], wanted: &MetadataEdit) -> Result<Option<Vec<u8>>, Error> {
    let segments: Vec<Segment<'_>> = Segments::headers(bytes).collect();
    if !segments.iter().any(|segment| segment.part == Part::Scan) {
        return refused("the file ends before the picture");
    }
    let mut splices = Splices::default();
    let start = start_of_metadata(&segments);
    let exif = exif(&segments, wanted, start, &mut splices)?;
    let packets = || {
        segments.iter().filter(|segment| segment.part == Part::Meta(0xE1) && segment.body.starts_with(XMP))
    };
    for (i, segment) in packets().enumerate() {
        let role = if i == 0 { Role::Beside } else { Role::Extra };
        let packet = &segment.body[XMP.len()..];
        if let Some(edited) = xmp::edit(packet, &fields::xmp(wanted, role))? {
            splices.replace(segment.range.clone(), coded(0xE1, XMP, &edited)?);
        }
    }
    if packets().next().is_none()
        && let Some(packet) = xmp::create(&fields::xmp(wanted, Role::Beside), Wrapping::Packet)?
    {
        splices.insert(exif.map_or(start, |exif| exif.range.end), coded(0xE1, XMP, &packet)?);
    }
    let datasets = fields::iptc(wanted);
    for segment in segments.iter().filter(|segment| segment.part == Part::Meta(0xED)) {
        if let Some(resources) = segment.body.strip_prefix(PHOTOSHOP)
            && let Some(edited) = iptc::edit_resources(resources, &datasets, false)?
        {
            splices.replace(segment.range.clone(), coded(0xED, PHOTOSHOP, &edited)?);
        }
    }
    if splices.is_empty() {
        return Ok(None);
    }
    let moves = Moves::of(bytes, &segments, exif, &splices);
    let mut edited = splices.applied(bytes);
    moves.correct(&mut edited)?;
    Ok(Some(edited))
}

/// Where the first segment of metadata goes: after the start of image and JFIF's segments, which must come first.
fn start_of_metadata(segments: &[Segment<'_>]) -> usize {
    segments
        .iter()
        .take_while(|segment| segment.part == Part::Meta(0xE0) && segment.body.starts_with(b"JF"))
        .last()
        .map_or(2, |segment| segment.range.end)
}

/// Edits the Exif block or puts a new one at `start`. Gives the segment that was there.
fn exif<'s, 'a>(
    segments: &'s [Segment<'a>],
    wanted: &MetadataEdit,
    start: usize,
    splices: &mut Splices,
) -> Result<Option<&'s Segment<'a>>, Error> {
    let mut found = segments
        .iter()
        .filter(|segment| segment.part == Part::Meta(0xE1) && segment.body.starts_with(b"Exif\0"));
    let Some(segment) = found.next() else {
        if let Some(block) = block::create(wanted)? {
            splices.insert(start, coded(0xE1, b"Exif\0\0", &block)?);
        }
        return Ok(None);
    };
    if found.next().is_some() {
        // Two blocks, or one that goes on in the next segment: which counts depends on who reads.
        return refused("the file has several Exif segments");
    }
    let (prefix, body) = segment.body.split_at(segment.body.len().min(6));
    if let Some(edited) = block::edit(body, wanted, Kind::Exif)? {
        splices.replace(segment.range.clone(), coded(0xE1, prefix, &edited)?);
    }
    Ok(Some(segment))
}

/// A segment. Its length field counts itself and holds 16 bits.
fn coded(marker: u8, prefix: &[u8], body: &[u8]) -> Result<Vec<u8>, Error> {
    let Ok(len) = u16::try_from(prefix.len() + body.len() + 2) else {
        return refused("the metadata does not fit one segment (64 KiB)");
    };
    let mut out = vec![0xFF, marker];
    out.extend(len.to_be_bytes());
    out.extend(prefix);
    out.extend(body);
    Ok(out)
}

/// What points behind the first picture, and how far both ends move.
struct Moves {
    /// How much longer everything in front of the first scan gets.
    growth: isize,
    mpf: Option<Mpf>,
    notes: Option<Notes>,
}

/// The entries of the MP index, before the edit.
struct Mpf {
    /// Where the MPF's TIFF header lies in the new file, and by how much it moved.
    header: usize,
    moved: isize,
    big_endian: bool,
    /// Where the entries lie from there, and their size and offset.
    entries: Vec<(usize, u32, u32)>,
}

/// Offsets in the Exif block that point at pictures behind the first.
struct Notes {
    /// Where the Exif block lies in the new file, how long it was, and by how much it moved.
    block: usize,
    len: usize,
    moved: isize,
    big_endian: bool,
    /// Offsets from the block's beginning, as they were.
    offsets: Vec<u32>,
}

impl Moves {
    fn of(bytes: &[u8], segments: &[Segment<'_>], exif: Option<&Segment<'_>>, splices: &Splices) -> Self {
        let growth = splices.growth_before(bytes.len());
        let start_of_body = |segment: &Segment<'_>| segment.range.end - segment.body.len();
        let mpf = segments
            .iter()
            .find(|segment| segment.part == Part::Meta(0xE2) && segment.body.starts_with(MPF))
            .and_then(|segment| {
                let moved = splices.growth_before(segment.range.start);
                let header = start_of_body(segment) + MPF.len();
                Mpf::read(&segment.body[MPF.len()..], header.checked_add_signed(moved)?, moved)
            });
        // Looking for pictures behind the first means walking all of it.
        let notes = exif.filter(|_exif| growth != 0).and_then(|segment| {
            let moved = splices.growth_before(segment.range.start);
            let block = start_of_body(segment) + 6;
            let big_endian = segment.body.get(6) == Some(&b'M');
            let end = Segments::new(bytes).last().map_or(bytes.len(), |last| last.range.end);
            let trailer = bytes.get(end..).unwrap_or_default();
            let pictures = memchr::memmem::find_iter(trailer, &[0xFF, 0xD8, 0xFF]).take(MAX_TRAILING);
            let offsets = pictures.filter_map(|at| u32::try_from(end + at - block).ok()).collect();
            Some(Notes {
                block: block.checked_add_signed(moved)?,
                len: segment.body.len().saturating_sub(6),
                moved,
                big_endian,
                offsets,
            })
        });
        Self { growth, mpf, notes }
    }

    fn correct(&self, edited: &mut [u8]) -> Result<(), Error> {
        if self.growth == 0 {
            return Ok(());
        }
        if let Some(mpf) = &self.mpf {
            mpf.correct(edited, self.growth)?;
        }
        match &self.notes {
            Some(notes) => notes.correct(edited, self.growth),
            None => Ok(()),
        }
    }
}

impl Mpf {
    fn read(body: &[u8], header: usize, moved: isize) -> Option<Self> {
        let tiff = Tiff::open(body)?;
        let (index, _next) = tiff.directory(tiff.first)?;
        let value = find(&index, 0xB002)?.value;
        let at = value.as_ptr().addr() - body.as_ptr().addr();
        let entries = (0..value.len() / 16)
            .map(|i| at + 16 * i)
            .filter_map(|at| Some((at, tiff.u32(at + 4)?, tiff.u32(at + 8)?)))
            .collect();
        Some(Self { header, moved, big_endian: tiff.big_endian, entries })
    }

    /// The first picture grew, and the others moved away from the header.
    fn correct(&self, edited: &mut [u8], growth: isize) -> Result<(), Error> {
        for &(at, size, offset) in &self.entries {
            // Offset 0 stands for the first picture, in which all of this lies.
            let (at, old, change) =
                if offset == 0 { (at + 4, size, growth) } else { (at + 8, offset, growth - self.moved) };
            let new = (old as usize).checked_add_signed(change).and_then(|new| u32::try_from(new).ok());
            match new.and_then(|new| Some((new, edited.get_mut(self.header + at..self.header + at + 4)?))) {
                Some((new, place)) if old != 0 => place.copy_from_slice(&in_order(new, self.big_endian)),
                Some(_) => {}
                None => return refused("the list of further pictures (MPF) is damaged"),
            }
        }
        Ok(())
    }
}

impl Notes {
    fn correct(&self, edited: &mut [u8], growth: isize) -> Result<(), Error> {
        let change = growth - self.moved;
        if change == 0 {
            return Ok(());
        }
        let end = (self.block + self.len).min(edited.len());
        for &old in &self.offsets {
            let block = &edited[self.block.min(end)..end];
            let places: Vec<usize> =
                memchr::memmem::find_iter(block, &in_order(old, self.big_endian)).take(2).collect();
            match places[..] {
                [] => {}
                [at] => {
                    let new =
                        (old as usize).checked_add_signed(change).and_then(|new| u32::try_from(new).ok());
                    let Some(new) = new else { return refused("an offset behind the picture is damaged") };
                    let at = self.block + at;
                    edited[at..at + 4].copy_from_slice(&in_order(new, self.big_endian));
                }
                _ => {
                    return refused(
                        "the maker's notes point behind the picture in a way that cannot be kept",
                    );
                }
            }
        }
        Ok(())
    }
}

fn in_order(value: u32, big_endian: bool) -> [u8; 4] {
    if big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
}
