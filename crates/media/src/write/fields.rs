//! What an edit means in the words of each standard.

use super::iptc::Dataset;
use super::tiff::{Change, Directory, Value};
use super::xmp::{Content, Property};
use super::{MetadataEdit, TakenEdit};

/// Percentages that Windows writes for zero to five stars.
const PERCENT: [u16; 6] = [0, 1, 25, 50, 75, 99];

const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const EXIF: &str = "http://ns.adobe.com/exif/1.0/";
const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
const MICROSOFT: &str = "http://ns.microsoft.com/photo/1.0/";

/// What an XMP packet is to the file it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The packet of a picture that has Exif for the dates.
    Beside,
    /// The only place there is: a side file.
    Alone,
    /// A second packet: what it says is kept true, nothing is added.
    Extra,
}

/// The Exif tags of an edit.
pub(super) fn exif(edit: &MetadataEdit) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut put = |directory, tag, value, only_present| {
        changes.push(Change { directory, tag, value, only_present });
    };
    if let Some(rating) = edit.rating {
        // Exif has no word for rejected (−1): only XMP says it then.
        let stars = rating.and_then(|rating| u16::try_from(rating).ok());
        put(Directory::Primary, 0x4746, stars.map(Value::Short), false);
        let percent = stars.and_then(|stars| PERCENT.get(usize::from(stars)).copied());
        put(Directory::Primary, 0x4749, percent.map(Value::Short), false);
    }
    if let Some(taken) = &edit.taken_at {
        let date = Value::Ascii(taken.local.replacen('-', ":", 2).replace('T', " "));
        let subsec = taken.subsec_nanos.map(|nanos| Value::Ascii(fraction(nanos)));
        let offset = taken.offset_minutes.map(|minutes| Value::Ascii(offset(minutes)));
        put(Directory::Primary, 0x0132, Some(date.clone()), false);
        put(Directory::Exif, 0x9003, Some(date.clone()), false);
        put(Directory::Exif, 0x9004, Some(date.clone()), false);
        for tag in [0x9010, 0x9011, 0x9012] {
            put(Directory::Exif, tag, offset.clone(), false);
        }
        for tag in [0x9290, 0x9291, 0x9292] {
            put(Directory::Exif, tag, subsec.clone(), false);
        }
        // TIFF/EP and some writers put these in the primary directory.
        for tag in [0x9003, 0x9004] {
            put(Directory::Primary, tag, Some(date.clone()), true);
        }
    }
    // Windows' own tags are kept true where they exist; nobody needs new ones.
    if let Some(title) = &edit.title {
        put(Directory::Primary, 0x9C9B, title.as_deref().map(windows), true);
    }
    if let Some(keywords) = &edit.keywords {
        // Its separator cannot be escaped.
        let fits = !keywords.is_empty() && !keywords.iter().any(|keyword| keyword.contains(';'));
        put(Directory::Primary, 0x9C9E, fits.then(|| windows(&keywords.join(";"))), true);
    }
    changes
}

fn windows(text: &str) -> Value {
    Value::Raw(1, text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect())
}

/// Digits after the decimal point, without needless zeros.
fn fraction(nanos: u32) -> String {
    let digits = format!("{nanos:09}");
    let short = digits.trim_end_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

fn offset(minutes: i16) -> String {
    let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The date as XMP writes it (ISO 8601).
fn iso(taken: &TakenEdit) -> String {
    let mut text = taken.local.clone();
    if let Some(nanos) = taken.subsec_nanos {
        text.push('.');
        text.push_str(&fraction(nanos));
    }
    text.extend(taken.offset_minutes.map(offset));
    text
}

/// The XMP properties of an edit, in a packet of `role`.
pub(super) fn xmp(edit: &MetadataEdit, role: Role) -> Vec<Property> {
    let mut properties = Vec::new();
    let mut put = |uri: &'static str, prefix, name, content: Option<Content>, only_present| {
        let only_present = only_present || role == Role::Extra;
        properties.push(Property { uri, prefix, name, content, only_present });
    };
    if let Some(rating) = edit.rating {
        let stars = rating.map(|rating| Content::Text(rating.to_string()));
        put(XMP, "xmp", "Rating", stars, false);
        let percent = rating
            .and_then(|rating| PERCENT.get(usize::try_from(rating).ok()?))
            .map(|percent| Content::Text(percent.to_string()));
        put(MICROSOFT, "MicrosoftPhoto", "Rating", percent, true);
    }
    if let Some(taken) = &edit.taken_at {
        let date = || Some(Content::Text(iso(taken)));
        let others = role != Role::Alone;
        put(EXIF, "exif", "DateTimeOriginal", date(), others);
        put(PHOTOSHOP, "photoshop", "DateCreated", date(), others);
        put(XMP, "xmp", "CreateDate", date(), others);
        put(EXIF, "exif", "DateTimeDigitized", date(), true);
        put(XMP, "xmp", "ModifyDate", date(), true);
        put(TIFF, "tiff", "DateTime", date(), true);
    }
    if let Some(title) = &edit.title {
        put(DC, "dc", "title", title.clone().map(Content::Alternative), false);
    }
    if let Some(keywords) = &edit.keywords {
        let bag = || (!keywords.is_empty()).then(|| Content::Bag(keywords.clone()));
        put(DC, "dc", "subject", bag(), false);
        put(MICROSOFT, "MicrosoftPhoto", "LastKeywordXMP", bag(), true);
    }
    properties
}

/// The IPTC datasets of an edit, for a file that has IPTC.
pub(super) fn iptc(edit: &MetadataEdit) -> Vec<Dataset> {
    let mut datasets = Vec::new();
    if let Some(title) = &edit.title {
        datasets.push(Dataset { number: 5, values: title.iter().cloned().collect(), only_present: false });
    }
    if let Some(keywords) = &edit.keywords {
        datasets.push(Dataset { number: 25, values: keywords.clone(), only_present: false });
    }
    if let Some(taken) = &edit.taken_at {
        let day: String = taken.local.chars().take(10).filter(char::is_ascii_digit).collect();
        let mut time: String = taken.local.chars().skip(11).filter(char::is_ascii_digit).collect();
        time.extend(taken.offset_minutes.map(|minutes| offset(minutes).replace(':', "")));
        for (number, value) in [(55, &day), (60, &time), (62, &day), (63, &time)] {
            datasets.push(Dataset { number, values: vec![value.clone()], only_present: true });
        }
    }
    datasets
}
