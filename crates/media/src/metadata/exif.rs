//! Exif facts (Exif 2.32 / 3.0, CIPA DC-008), from an Exif block or from the directories of a TIFF-based file.

use tintype_core::Gps;

use super::date::Stamp;
use super::draft::{DateSource, Draft, Origin};
use super::tiff::{Entry, Tiff, find};
use super::{iptc, xmp};
use crate::bytes::utf16;

/// Reads an Exif block (what follows `Exif\0\0` in a JPEG). Returns whether it was one.
pub(crate) fn read(block: &[u8], draft: &mut Draft) -> bool {
    let Some(tiff) = Tiff::open(block) else {
        draft.damaged("the Exif block does not start with a TIFF header");
        return false;
    };
    let Some((entries, _next)) = tiff.directory(tiff.first) else {
        draft.damaged("the first Exif directory lies outside the block");
        return false;
    };
    primary(&tiff, &entries, draft);
    true
}

/// Reads the facts of the primary directory and of the Exif and GPS directories below it.
pub(crate) fn primary(tiff: &Tiff<'_>, entries: &[Entry<'_>], draft: &mut Draft) {
    let text = |tag| find(entries, tag).and_then(Entry::text);
    draft.make.offer(Origin::Exif, text(0x010F));
    draft.model.offer(Origin::Exif, text(0x0110));
    draft.orientation.offer(
        Origin::Exif,
        find(entries, 0x0112)
            .and_then(|entry| entry.unsigned(0))
            .filter(|value| (1..=8).contains(value))
            .map(|value| value as u32),
    );
    draft.description.offer(
        Origin::Exif,
        "Exif.ImageDescription",
        text(0x010E).filter(|text| !is_boilerplate(text)),
    );
    let windows = |tag| find(entries, tag).and_then(|entry| utf16(entry.value, false));
    draft.title.offer(Origin::Other, "Exif.XPTitle", windows(0x9C9B));
    draft.description.offer(Origin::Other, "Exif.XPComment", windows(0x9C9C));
    if let Some(keywords) = windows(0x9C9E) {
        keywords.split(';').for_each(|keyword| draft.keyword("Exif.XPKeywords", keyword));
    }
    let stars = find(entries, 0x4746).and_then(|entry| entry.unsigned(0)).filter(|&stars| stars <= 5);
    let percent = find(entries, 0x4749).and_then(|entry| entry.unsigned(0));
    draft.rating.offer(Origin::Exif, "Exif.Rating", stars.map(|stars| stars as i8));
    draft.rating.offer(Origin::Other, "Exif.RatingPercent", percent.and_then(stars_of_percent));
    if let Some(packet) = find(entries, 0x02BC) {
        xmp::read(packet.value, draft);
    }
    if let Some(block) = find(entries, 0x83BB) {
        iptc::read_iim(block.value, draft);
    }
    if let Some(resources) = find(entries, 0x8649) {
        iptc::read_photoshop(resources.value, draft);
    }
    if let Some(profile) = find(entries, 0x8773) {
        draft.icc.get_or_insert_with(|| profile.value.to_vec());
    }

    // The dates of both directories are needed together: the fields of DateTime sit in the Exif directory.
    let mut exif = Vec::new();
    if let Some(pointer) = find(entries, 0x8769) {
        match tiff.children(pointer).into_iter().next() {
            Some(entries) => exif = entries,
            None => draft.damaged("the Exif directory cannot be read"),
        }
    }
    photo(&exif, entries, draft);
    if let Some(pointer) = find(entries, 0x8825) {
        match tiff.children(pointer).into_iter().next() {
            Some(entries) => gps(&entries, draft),
            None => draft.damaged("the GPS directory cannot be read"),
        }
    }
}

/// The facts of one exposure. Some writers put them in the primary directory, which is therefore the fallback.
pub(crate) fn photo(exif: &[Entry<'_>], primary: &[Entry<'_>], draft: &mut Draft) {
    let entry = |tag| find(exif, tag).or_else(|| find(primary, tag));
    let ascii = |tag| entry(tag).and_then(Entry::ascii);
    for (source, date, subsec, offset) in [
        (DateSource::ExifOriginal, 0x9003, 0x9291, 0x9011),
        (DateSource::ExifDigitized, 0x9004, 0x9292, 0x9012),
        (DateSource::ExifModify, 0x0132, 0x9290, 0x9010),
    ] {
        // OffsetTime belongs to the date of change; it holds for a date that is the same moment.
        let same = ascii(date).is_some() && ascii(date) == ascii(0x0132);
        let offset = ascii(offset).or_else(|| ascii(0x9010).filter(|_| same));
        let stamp = ascii(date).and_then(Stamp::parse);
        draft.date(source, stamp.map(|stamp| stamp.with_subsec(ascii(subsec)).with_offset(offset)));
    }
    let real = |tag| entry(tag).and_then(|entry| entry.real(0));
    let positive = |tag| real(tag).filter(|&value| value > 0.0);
    let meta = &mut draft.meta;
    meta.exposure_secs = meta.exposure_secs.or_else(|| positive(0x829A));
    // APEX values where the plain ones are missing (Exif 2.32 annex C).
    meta.exposure_secs =
        meta.exposure_secs.or_else(|| real(0x9201).map(|v| (-v).exp2()).filter(|v| *v < 1e5));
    meta.f_number = meta.f_number.or_else(|| positive(0x829D));
    meta.f_number = meta.f_number.or_else(|| real(0x9202).map(|v| (v / 2.0).exp2()).filter(|v| *v < 1e3));
    meta.focal_length_mm = meta.focal_length_mm.or_else(|| positive(0x920A));
    // PhotographicSensitivity stops at 65535; the longer fields go on.
    let iso = entry(0x8827).and_then(|entry| entry.unsigned(0));
    let long = || {
        [0x8833, 0x8832, 0x8831].into_iter().find_map(|tag| entry(tag).and_then(|entry| entry.unsigned(0)))
    };
    let iso = match iso {
        None | Some(0) => long(),
        Some(65535) => long().or(iso),
        iso => iso,
    };
    meta.iso = meta.iso.or(iso.filter(|&iso| iso > 0).and_then(|iso| u32::try_from(iso).ok()));
    let flash = entry(0x9209).and_then(|entry| entry.unsigned(0));
    meta.flash_fired = meta.flash_fired.or(flash.map(|flags| flags & 1 == 1));
    draft.lens.offer(Origin::Exif, entry(0xA434).and_then(Entry::text).filter(|lens| lens != "----"));
}

/// The place and, if no better date is known, the satellites' time (Exif 2.32 §4.6.6).
pub(crate) fn gps(entries: &[Entry<'_>], draft: &mut Draft) {
    let coordinate = |value, reference, negative: u8, limit: f64| {
        let entry = find(entries, value)?;
        let degrees = entry.real(0)?;
        let minutes = entry.real(1).unwrap_or(0.0);
        let seconds = entry.real(2).unwrap_or(0.0);
        let value = degrees + minutes / 60.0 + seconds / 3600.0;
        let sign = find(entries, reference).and_then(|entry| entry.value.first()).copied();
        let value =
            if sign.is_some_and(|sign| sign.eq_ignore_ascii_case(&negative)) { -value } else { value };
        (value.abs() <= limit).then_some(value)
    };
    let altitude = find(entries, 6).and_then(|entry| entry.real(0)).map(|metres| {
        let below = find(entries, 5).and_then(|entry| entry.unsigned(0)).is_some_and(|flag| flag & 1 == 1);
        if below { -metres } else { metres }
    });
    let place = coordinate(2, 1, b'S', 90.0)
        .zip(coordinate(4, 3, b'W', 180.0))
        .map(|(latitude, longitude)| Gps { latitude, longitude, altitude });
    draft.gps.offer(Origin::Exif, "Exif.GPS", place.filter(is_somewhere));

    if let (Some(date), Some(time)) = (find(entries, 0x1D).and_then(Entry::ascii), find(entries, 7)) {
        let part = |i| time.real(i).filter(|v| (0.0..60.0).contains(v)).unwrap_or(0.0) as u32;
        let date = String::from_utf8_lossy(date);
        let text = format!("{} {:02}:{:02}:{:02}Z", date.trim(), part(0), part(1), part(2));
        draft.date(DateSource::GpsUtc, Stamp::parse(text.as_bytes()));
    }
}

/// Exactly 0° 0° is what a receiver without a fix writes.
pub(crate) fn is_somewhere(place: &Gps) -> bool {
    place.latitude != 0.0 || place.longitude != 0.0
}

/// Stars of Windows' percentage: 1, 25, 50, 75, 99 for one to five stars.
pub(crate) fn stars_of_percent(percent: u64) -> Option<i8> {
    match percent {
        0 => Some(0),
        1..=12 => Some(1),
        13..=37 => Some(2),
        38..=62 => Some(3),
        63..=87 => Some(4),
        88..=100 => Some(5),
        _ => None,
    }
}

/// What cameras write into ImageDescription by themselves, which describes nothing.
fn is_boilerplate(text: &str) -> bool {
    [
        "OLYMPUS DIGITAL CAMERA",
        "SONY DSC",
        "KONICA MINOLTA DIGITAL CAMERA",
        "MINOLTA DIGITAL CAMERA",
        "DIGITAL CAMERA",
        "SAMSUNG",
        "DCIM",
        "DEFAULT",
        "USER COMMENTS",
    ]
    .iter()
    .any(|known| text.eq_ignore_ascii_case(known))
}
