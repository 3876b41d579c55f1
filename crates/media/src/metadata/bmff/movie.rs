//! QuickTime, MP4 and 3GP films, and Canon's CR3, which is one (QuickTime File Format specification; 14496-12).

use tintype_core::Gps;

use super::{Origin, boxes, find, full, path, uuid, xmp};
use crate::bytes::{be16, be32, be64, slice, text};
use crate::metadata::date::Stamp;
use crate::metadata::draft::{DateSource, Draft};
use crate::metadata::exif;
use crate::metadata::tiff::Tiff;

/// Seconds between the QuickTime epoch (1904) and the Unix epoch.
const EPOCH_1904: i64 = 2_082_844_800;

pub(super) fn read(file: &[u8], draft: &mut Draft) {
    for found in boxes(file) {
        match &found.kind {
            b"moov" => movie(found.body, draft),
            b"uuid" => uuid(found.body, draft),
            b"meta" => meta(found.body, draft),
            _ => {}
        }
    }
}

fn movie(moov: &[u8], draft: &mut Draft) {
    let mut best: Option<Track> = None;
    for found in boxes(moov) {
        match &found.kind {
            b"mvhd" => {
                if let Some(header) = Header::read(found.body) {
                    draft.meta.duration_secs = header.duration;
                    draft.date(DateSource::ContainerCreation, header.created);
                }
            }
            b"trak" => {
                if let Some(track) = Track::read(found.body)
                    && best.as_ref().is_none_or(|best| track.pixels() > best.pixels())
                {
                    best = Some(track);
                }
            }
            b"udta" => user_data(found.body, draft),
            b"meta" => meta(found.body, draft),
            b"uuid" => {
                uuid(found.body, draft);
                canon(found.body, draft);
            }
            _ => {}
        }
    }
    if let Some(track) = best {
        draft.size.offer(Origin::Iptc, Some((track.width, track.height)));
        if track.orientation != 1 {
            draft.orientation.offer(Origin::Container, Some(track.orientation));
        }
        draft.date(DateSource::ContainerCreation, track.created);
    }
}

/// The fields that `mvhd` and `mdhd` share.
struct Header {
    created: Option<Stamp>,
    duration: Option<f64>,
}

impl Header {
    fn read(body: &[u8]) -> Option<Self> {
        let (version, rest) = full(body)?;
        let (created, scale, duration) = if version == 1 {
            (be64(rest, 0)?, be32(rest, 16)?, be64(rest, 20)?)
        } else {
            (u64::from(be32(rest, 0)?), be32(rest, 8)?, u64::from(be32(rest, 12)?))
        };
        let duration = (scale > 0 && duration != u64::MAX && duration != u64::from(u32::MAX))
            .then(|| duration as f64 / f64::from(scale));
        Some(Self { created: moment(created), duration })
    }
}

/// A creation time. Zero means that the clock was not set; times before 1970 are those of writers that count from
/// the Unix epoch by mistake.
fn moment(since_1904: u64) -> Option<Stamp> {
    let since_1904 = i64::try_from(since_1904).ok().filter(|&seconds| seconds != 0)?;
    Stamp::from_unix(if since_1904 >= EPOCH_1904 { since_1904 - EPOCH_1904 } else { since_1904 })
}

struct Track {
    width: u32,
    height: u32,
    orientation: u32,
    created: Option<Stamp>,
}

impl Track {
    /// A video track; `None` for sound and others.
    fn read(trak: &[u8]) -> Option<Self> {
        let handler = path(trak, &[*b"mdia", *b"hdlr"])?;
        if slice(handler, 8, 4) != Some(b"vide") {
            return None;
        }
        let (version, header) = full(find(trak, *b"tkhd")?)?;
        // Times, id, duration, then 16 bytes of layer and volume, then the matrix and the size.
        let created = if version == 1 { be64(header, 0)? } else { u64::from(be32(header, 0)?) };
        let at = if version == 1 { 32 } else { 20 } + 16;
        let entry = |i: usize| be32(header, at + 4 * i).map(u32::cast_signed);
        let (a, b, c, d) = (entry(0)?, entry(1)?, entry(3)?, entry(4)?);
        let orientation = match (a.signum(), b.signum(), c.signum(), d.signum()) {
            (0, 1, -1, 0) => 6,
            (-1, 0, 0, -1) => 3,
            (0, -1, 1, 0) => 8,
            (-1, 0, 0, 1) => 2,
            (1, 0, 0, -1) => 4,
            (0, 1, 1, 0) => 5,
            (0, -1, -1, 0) => 7,
            _ => 1,
        };
        // The sample description holds the coded size, the track header the shown one.
        let coded = path(trak, &[*b"mdia", *b"minf", *b"stbl", *b"stsd"])
            .and_then(|stsd| be16(stsd, 8 + 32).zip(be16(stsd, 8 + 34)))
            .filter(|&(w, h)| w > 0 && h > 0)
            .map(|(w, h)| (u32::from(w), u32::from(h)));
        let shown = (be32(header, at + 36)? >> 16, be32(header, at + 40)? >> 16);
        let (width, height) = if shown.0 > 0 && shown.1 > 0 { shown } else { coded? };
        Some(Self { width, height, orientation, created: moment(created) })
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// User data: QuickTime's international text atoms and the metadata list of iTunes.
fn user_data(udta: &[u8], draft: &mut Draft) {
    for found in boxes(udta) {
        // Size of the text, language, text.
        let international = || text(found.body.get(4..)?);
        match &found.kind {
            b"\xA9xyz" => draft.gps.offer(
                Origin::Exif,
                "QuickTime.GPSCoordinates",
                found.body.get(4..).and_then(iso_6709),
            ),
            b"\xA9mak" => draft.make.offer(Origin::Other, international()),
            b"\xA9mod" => draft.model.offer(Origin::Other, international()),
            b"\xA9day" => {
                let stamp = found.body.get(4..).and_then(Stamp::parse);
                draft.date(DateSource::QuickTimeCreation, stamp);
            }
            b"\xA9nam" => draft.title.offer(Origin::Other, "QuickTime.Title", international()),
            b"\xA9des" => draft.description.offer(Origin::Other, "QuickTime.Description", international()),
            b"XMP_" => xmp::read(found.body, draft),
            b"meta" => meta(found.body, draft),
            _ => {}
        }
    }
}

/// A `meta` box with Apple's keys (`keys` names them, `ilst` holds the values by number) or iTunes' own atoms.
fn meta(body: &[u8], draft: &mut Draft) {
    // QuickTime's meta atom has no version; ISO's has.
    let body = if slice(body, 4, 4) == Some(b"hdlr") { body } else { body.get(4..).unwrap_or_default() };
    let keys: Vec<&[u8]> = find(body, *b"keys")
        .and_then(|keys| keys.get(8..))
        .map(|keys| boxes(keys).map(|key| key.body).collect())
        .unwrap_or_default();
    let Some(list) = find(body, *b"ilst") else { return };
    for entry in boxes(list) {
        // Type indicator, locale, value.
        let Some(value) = find(entry.body, *b"data").and_then(|data| data.get(8..)) else { continue };
        let number = u32::from_be_bytes(entry.kind) as usize;
        let key = number.checked_sub(1).and_then(|index| keys.get(index)).copied().unwrap_or_default();
        match key {
            b"com.apple.quicktime.creationdate" | b"com.android.capture.date" => {
                draft.date(DateSource::QuickTimeCreation, Stamp::parse(value));
            }
            b"com.apple.quicktime.location.ISO6709" => {
                draft.gps.offer(Origin::Exif, "QuickTime.GPSCoordinates", iso_6709(value));
            }
            b"com.apple.quicktime.make" | b"com.android.manufacturer" => {
                draft.make.offer(Origin::Exif, text(value));
            }
            b"com.apple.quicktime.model" | b"com.android.model" => {
                draft.model.offer(Origin::Exif, text(value));
            }
            b"com.apple.quicktime.title" => draft.title.offer(Origin::Other, "QuickTime.Title", text(value)),
            b"com.apple.quicktime.description" => {
                draft.description.offer(Origin::Other, "QuickTime.Description", text(value));
            }
            _ => match &entry.kind {
                b"\xA9day" => draft.date(DateSource::QuickTimeCreation, Stamp::parse(value)),
                b"\xA9nam" => draft.title.offer(Origin::Other, "QuickTime.Title", text(value)),
                _ => {}
            },
        }
    }
}

/// `+48.8577+002.2950+035/`: latitude, longitude and perhaps altitude in degrees and metres, signs as separators.
fn iso_6709(value: &[u8]) -> Option<Gps> {
    let value = std::str::from_utf8(value).ok()?.trim_end_matches('\0');
    let value = value.split(['/', 'C']).next()?;
    let starts: Vec<usize> = value.match_indices(['+', '-']).map(|(at, _)| at).collect();
    let number = |i: usize| -> Option<f64> {
        let end = starts.get(i + 1).copied().unwrap_or(value.len());
        value.get(*starts.get(i)?..end)?.parse().ok()
    };
    let place = Gps { latitude: number(0)?, longitude: number(1)?, altitude: number(2) };
    let possible = place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0;
    Some(place).filter(|place| possible && exif::is_somewhere(place))
}

/// Canon's box in CR3: the primary, Exif and GPS directories as TIFF files of their own.
fn canon(body: &[u8], draft: &mut Draft) {
    const CANON: [u8; 16] =
        [0x85, 0xC0, 0xB6, 0x87, 0x82, 0x0F, 0x11, 0xE0, 0x81, 0x11, 0xF4, 0xCE, 0x46, 0x2B, 0x6A, 0x48];
    let Some(content) = body.strip_prefix(&CANON) else { return };
    let directory = |kind: [u8; 4]| {
        let tiff = Tiff::open(find(content, kind)?)?;
        tiff.directory(tiff.first).map(|(entries, _next)| (tiff, entries))
    };
    let exif = directory(*b"CMT2").map(|(_tiff, entries)| entries).unwrap_or_default();
    if let Some((tiff, entries)) = directory(*b"CMT1") {
        exif::photo(&exif, &entries, draft);
        exif::primary(&tiff, &entries, draft);
        let side = |tag| crate::metadata::tiff::find(&entries, tag)?.unsigned(0);
        let size = side(0x100).zip(side(0x101)).map(|(w, h)| (w as u32, h as u32));
        draft.size.offer(Origin::Container, size);
    }
    if let Some((_tiff, entries)) = directory(*b"CMT4") {
        exif::gps(&entries, draft);
    }
}
