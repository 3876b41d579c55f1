//! A minimal Exif writer: new JPEGs with a date, a camera, a place and a rating, for the demo library and for tests.
//!
//! It builds a fresh block. Editing files that people own is another matter and not done here.

use tintype_core::{Gps, Orientation};

/// What [`with_exif`] writes. Absent facts are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExifFields {
    /// `YYYY-MM-DDTHH:MM:SS` or `YYYY:MM:DD HH:MM:SS`, written as DateTimeOriginal and DateTime.
    pub taken_at: Option<String>,
    /// Digits of the fraction of a second, for example `250`.
    pub subsec: Option<String>,
    /// Offset from UTC in minutes, east is positive.
    pub offset_minutes: Option<i16>,
    /// Camera maker.
    pub make: Option<String>,
    /// Camera model.
    pub model: Option<String>,
    /// Lens model.
    pub lens: Option<String>,
    /// How the pixels must be turned.
    pub orientation: Option<Orientation>,
    /// Where it was taken.
    pub gps: Option<Gps>,
    /// Stars, 0 to 5.
    pub rating: Option<u8>,
    /// Description.
    pub description: Option<String>,
    /// Exposure time in seconds.
    pub exposure_secs: Option<f64>,
    /// Aperture as f-number.
    pub f_number: Option<f64>,
    /// Sensitivity, ISO.
    pub iso: Option<u16>,
    /// Focal length in millimetres.
    pub focal_length_mm: Option<f64>,
}

/// One directory entry: tag, type, count and value bytes, big-endian.
struct Item {
    tag: u16,
    kind: u16,
    count: u32,
    value: Vec<u8>,
}

impl Item {
    fn ascii(tag: u16, text: &str) -> Self {
        let mut value = text.as_bytes().to_vec();
        value.push(0);
        Self { tag, kind: 2, count: value.len() as u32, value }
    }

    fn short(tag: u16, number: u16) -> Self {
        Self { tag, kind: 3, count: 1, value: number.to_be_bytes().to_vec() }
    }

    fn long(tag: u16, number: u32) -> Self {
        Self { tag, kind: 4, count: 1, value: number.to_be_bytes().to_vec() }
    }

    fn rationals(tag: u16, numbers: &[f64]) -> Self {
        let value = numbers.iter().flat_map(|&number| fraction(number)).flat_map(u32::to_be_bytes).collect();
        Self { tag, kind: 5, count: numbers.len() as u32, value }
    }
}

/// A number as a fraction of 32-bit integers: short times as 1/n, as cameras write them.
fn fraction(number: f64) -> [u32; 2] {
    let inverse = 1.0 / number;
    if number > 0.0 && number < 1.0 && (inverse - inverse.round()).abs() < 1e-6 * inverse {
        return [1, inverse.round() as u32];
    }
    let under = if number < 400.0 { 1e7 } else { 1e4 };
    [(number.max(0.0) * under).round() as u32, under as u32]
}

/// A directory at `offset`, with the values that do not fit their entries after it.
fn directory(mut items: Vec<Item>, offset: u32) -> Vec<u8> {
    items.sort_by_key(|item| item.tag);
    let mut head = (items.len() as u16).to_be_bytes().to_vec();
    let mut tail = Vec::new();
    let tail_at = offset + 2 + 12 * items.len() as u32 + 4;
    for item in items {
        head.extend(item.tag.to_be_bytes());
        head.extend(item.kind.to_be_bytes());
        head.extend(item.count.to_be_bytes());
        if item.value.len() <= 4 {
            let mut value = item.value;
            value.resize(4, 0);
            head.extend(value);
        } else {
            head.extend((tail_at + tail.len() as u32).to_be_bytes());
            tail.extend(item.value);
            if tail.len() % 2 == 1 {
                tail.push(0);
            }
        }
    }
    head.extend([0; 4]);
    head.extend(tail);
    head
}

/// The JPEG with a new Exif segment as its first one. Data that is no JPEG, and fields that do not fit one segment
/// (64 KiB), give the data back unchanged.
pub fn with_exif(jpeg: &[u8], fields: &ExifFields) -> Vec<u8> {
    let Some(body) = jpeg.strip_prefix(&[0xFF, 0xD8]) else { return jpeg.to_vec() };
    let block = block(fields);
    let Ok(len) = u16::try_from(block.len() + 8) else { return jpeg.to_vec() };
    let mut out = Vec::with_capacity(jpeg.len() + block.len() + 10);
    out.extend([0xFF, 0xD8, 0xFF, 0xE1]);
    out.extend(len.to_be_bytes());
    out.extend(b"Exif\0\0");
    out.extend(block);
    out.extend(body);
    out
}

/// The TIFF structure: primary directory, Exif directory, GPS directory.
fn block(fields: &ExifFields) -> Vec<u8> {
    let mut primary = Vec::new();
    let mut exif = vec![Item { tag: 0x9000, kind: 7, count: 4, value: b"0232".to_vec() }];
    let mut gps = Vec::new();
    let text = |items: &mut Vec<Item>, tag, text: &Option<String>| {
        items.extend(text.as_deref().map(|text| Item::ascii(tag, text)));
    };
    text(&mut primary, 0x010E, &fields.description);
    text(&mut primary, 0x010F, &fields.make);
    text(&mut primary, 0x0110, &fields.model);
    text(&mut exif, 0xA434, &fields.lens);
    primary.extend(fields.orientation.map(|orientation| Item::short(0x0112, u16::from(orientation.exif()))));
    primary.extend(fields.rating.map(|stars| Item::short(0x4746, u16::from(stars))));
    if let Some(taken) = &fields.taken_at {
        let taken: String = taken.replacen('-', ":", 2).replace('T', " ");
        primary.push(Item::ascii(0x0132, &taken));
        exif.push(Item::ascii(0x9003, &taken));
        exif.push(Item::ascii(0x9004, &taken));
    }
    text(&mut exif, 0x9291, &fields.subsec);
    if let Some(minutes) = fields.offset_minutes {
        let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
        exif.push(Item::ascii(0x9011, &format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)));
    }
    exif.extend(fields.exposure_secs.map(|secs| Item::rationals(0x829A, &[secs])));
    exif.extend(fields.f_number.map(|number| Item::rationals(0x829D, &[number])));
    exif.extend(fields.iso.map(|iso| Item::short(0x8827, iso)));
    exif.extend(fields.focal_length_mm.map(|length| Item::rationals(0x920A, &[length])));
    if let Some(place) = fields.gps {
        let parts = |degrees: f64| {
            let degrees = degrees.abs();
            let minutes = degrees.fract() * 60.0;
            [degrees.trunc(), minutes.trunc(), minutes.fract() * 60.0]
        };
        gps.push(Item { tag: 0, kind: 1, count: 4, value: vec![2, 3, 0, 0] });
        gps.push(Item::ascii(1, if place.latitude < 0.0 { "S" } else { "N" }));
        gps.push(Item::rationals(2, &parts(place.latitude)));
        gps.push(Item::ascii(3, if place.longitude < 0.0 { "W" } else { "E" }));
        gps.push(Item::rationals(4, &parts(place.longitude)));
        if let Some(altitude) = place.altitude {
            gps.push(Item { tag: 5, kind: 1, count: 1, value: vec![u8::from(altitude < 0.0)] });
            gps.push(Item::rationals(6, &[altitude.abs()]));
        }
    }
    // The pointers have fixed size, so that directories can be laid out one after another in two passes.
    primary.push(Item::long(0x8769, 0));
    if !gps.is_empty() {
        primary.push(Item::long(0x8825, 0));
    }
    let size = |items: &[Item]| {
        let values: usize = items
            .iter()
            .map(|item| item.value.len())
            .filter(|&len| len > 4)
            .map(|len| len.next_multiple_of(2))
            .sum();
        (2 + 12 * items.len() + 4 + values) as u32
    };
    let exif_at = 8 + size(&primary);
    let gps_at = exif_at + size(&exif);
    for item in &mut primary {
        match item.tag {
            0x8769 => item.value = exif_at.to_be_bytes().to_vec(),
            0x8825 => item.value = gps_at.to_be_bytes().to_vec(),
            _ => {}
        }
    }
    let mut out = b"MM\0*\0\0\0\x08".to_vec();
    out.extend(directory(primary, 8));
    out.extend(directory(exif, exif_at));
    if !gps.is_empty() {
        out.extend(directory(gps, gps_at));
    }
    out
}
