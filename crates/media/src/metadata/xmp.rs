//! XMP packets (ISO 16684-1): properties as attributes and as elements, lists, and face regions (MWG and Microsoft).
//!
//! Packets are untrusted: at most [`MAX_PACKET`] bytes and [`MAX_DEPTH`] levels are read, entities other than the
//! five of XML and character references are never expanded, and parsing stops at the first error with what was found.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use tintype_core::{FaceRegion, Gps};

use super::date::Stamp;
use super::draft::{DateSource, Draft, Origin};
use super::exif::{is_somewhere, stars_of_percent};

/// Larger packets exist only with megabytes of editing history, which comes last.
const MAX_PACKET: usize = 8 << 20;
/// Deeper nesting than any schema has.
const MAX_DEPTH: usize = 48;
/// Longer values than anything a person writes; the rest is dropped.
const MAX_VALUE: usize = 64 << 10;
/// More regions than faces fit a photo.
const MAX_REGIONS: usize = 500;

/// Namespaces whose properties are read, with the prefix each goes by here whatever the packet calls it.
const NAMESPACES: &[(&str, &str)] = &[
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"),
    ("http://ns.adobe.com/xap/1.0/", "xmp"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://ns.adobe.com/exif/1.0/", "exif"),
    ("http://cipa.jp/exif/1.0/", "exifEX"),
    ("http://ns.adobe.com/exif/1.0/aux/", "aux"),
    ("http://ns.adobe.com/tiff/1.0/", "tiff"),
    ("http://ns.adobe.com/photoshop/1.0/", "photoshop"),
    ("http://ns.microsoft.com/photo/1.0/", "MicrosoftPhoto"),
    ("http://ns.microsoft.com/photo/1.0", "MicrosoftPhoto"),
    ("http://ns.microsoft.com/photo/1.2/", "MP"),
    ("http://ns.microsoft.com/photo/1.2/t/RegionInfo#", "MPRI"),
    ("http://ns.microsoft.com/photo/1.2/t/Region#", "MPReg"),
    ("http://www.metadataworkinggroup.com/schemas/regions/", "mwg-rs"),
    ("http://ns.adobe.com/xmp/sType/Area#", "stArea"),
    ("http://ns.adobe.com/xap/1.0/sType/Dimensions#", "stDim"),
];

/// Reads a packet into the draft.
pub(crate) fn read(packet: &[u8], draft: &mut Draft) {
    let packet = &packet[..packet.len().min(MAX_PACKET)];
    let text = decoded(packet);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut packet = Packet::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if packet.stack.len() >= MAX_DEPTH {
                    draft.damaged("the XMP packet is nested too deeply");
                    break;
                }
                packet.open(&start, draft);
            }
            Ok(Event::Empty(start)) => {
                packet.open(&start, draft);
                packet.close(draft);
            }
            Ok(Event::End(_)) => packet.close(draft),
            Ok(Event::Text(text)) => packet.push(&text),
            Ok(Event::CData(data)) => packet.push(&data),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(c)) => packet.push(c.encode_utf8(&mut [0; 4])),
                _ => {
                    if let Some(text) = quick_xml::escape::resolve_predefined_entity(&reference) {
                        packet.push(text);
                    }
                }
            },
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_damage) => {
                draft.damaged("the XMP packet is not well-formed");
                break;
            }
        }
    }
    packet.finish(draft);
}

/// The packet as text; the standard also allows UTF-16, marked by its first bytes.
fn decoded(packet: &[u8]) -> std::borrow::Cow<'_, str> {
    let wide = |big: bool| crate::bytes::utf16(packet, big).unwrap_or_default().into();
    match packet {
        [0xFE, 0xFF, ..] | [0, b'<', ..] => wide(true),
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => wide(false),
        _ => {
            let end = packet.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
            String::from_utf8_lossy(&packet[..end])
        }
    }
}

#[derive(Default)]
struct Packet {
    /// Names of the open elements, with the prefixes of [`NAMESPACES`].
    stack: Vec<String>,
    text: String,
    /// Prefixes as this packet declares them.
    prefixes: HashMap<String, &'static str>,
    /// The region being read and the depth at which its list item opened.
    region: Option<(usize, Region)>,
    dimensions: (f32, f32),
    gps: GpsText,
    regions: Vec<Region>,
}

#[derive(Default)]
struct Region {
    name: Option<String>,
    kind: Option<String>,
    centre: Option<(f32, f32)>,
    corner: Option<(f32, f32)>,
    x: Option<f32>,
    y: Option<f32>,
    w: Option<f32>,
    h: Option<f32>,
    pixels: bool,
}

#[derive(Default)]
struct GpsText {
    latitude: Option<f64>,
    longitude: Option<f64>,
    altitude: Option<f64>,
    below: bool,
}

impl Packet {
    fn name(&self, qualified: &str) -> String {
        match qualified.split_once(':') {
            Some((prefix, local)) => match self.prefixes.get(prefix) {
                Some(known) => format!("{known}:{local}"),
                None => qualified.to_owned(),
            },
            None => qualified.to_owned(),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, draft: &mut Draft) {
        self.text.clear();
        let attributes: Vec<(String, String)> = start
            .attributes()
            .with_checks(false)
            .flatten()
            .take(1000)
            .map(|attribute| {
                let value =
                    attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap_or_default();
                (attribute.key.into_inner().to_owned(), value.into_owned())
            })
            .collect();
        for (key, value) in &attributes {
            if let Some(prefix) = key.strip_prefix("xmlns:")
                && let Some((_, known)) = NAMESPACES.iter().find(|(uri, _)| uri == value)
            {
                self.prefixes.insert(prefix.to_owned(), known);
            }
        }
        let name = self.name(start.name().into_inner());
        self.stack.push(name);
        if self.region.is_none() && self.is_region_item() {
            self.region = Some((self.stack.len(), Region::default()));
        }
        let top = self.is_top_description();
        for (key, value) in attributes {
            let key = self.name(&key);
            self.value(&key, value.trim(), top, draft);
        }
    }

    fn close(&mut self, draft: &mut Draft) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if let Some(name) = self.stack.last().cloned() {
            if !text.is_empty() {
                if name == "rdf:li" {
                    self.item(text, draft);
                } else if name == "rdf:value" {
                    // A value with qualifiers: <p><rdf:Description><rdf:value>…
                    let depth = self.stack.len();
                    if let Some(property) = depth.checked_sub(3).and_then(|at| self.stack.get(at)).cloned() {
                        self.value(&property, text, self.is_top_property(depth.saturating_sub(2)), draft);
                    }
                } else {
                    let top = self.is_top_property(self.stack.len());
                    self.value(&name, text, top, draft);
                }
            }
            if let Some((_, region)) = self.region.take_if(|(depth, _)| *depth == self.stack.len())
                && self.regions.len() < MAX_REGIONS
            {
                self.regions.push(region);
            }
        }
        self.stack.pop();
    }

    fn push(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_VALUE {
            self.text.push_str(text);
        }
    }

    /// Whether the innermost element is a description directly below `rdf:RDF`, whose attributes are properties.
    fn is_top_description(&self) -> bool {
        matches!(&self.stack[..], [.., rdf, description] if rdf == "rdf:RDF" && description == "rdf:Description")
    }

    /// Whether the element at `depth` is a property of such a description.
    fn is_top_property(&self, depth: usize) -> bool {
        matches!(self.stack.get(..depth),
            Some([.., rdf, description, _]) if rdf == "rdf:RDF" && description == "rdf:Description")
    }

    /// Whether the innermost element is an entry of a list of regions.
    fn is_region_item(&self) -> bool {
        matches!(&self.stack[..], [.., list, _bag, item]
            if item == "rdf:li" && (list == "mwg-rs:RegionList" || list == "MPRI:Regions"))
    }

    /// An entry of a list at the top level: `property/rdf:Bag/rdf:li`.
    fn item(&mut self, text: &str, draft: &mut Draft) {
        let depth = self.stack.len();
        let Some(at) = depth.checked_sub(3).filter(|_| self.is_top_property(depth - 2)) else { return };
        match self.stack[at].as_str() {
            "dc:subject" => draft.keyword("XMP.dc:subject", text),
            "dc:title" => draft.title.offer(Origin::Xmp, "XMP.dc:title", Some(text.to_owned())),
            "dc:description" => {
                draft.description.offer(Origin::Xmp, "XMP.dc:description", Some(text.to_owned()));
            }
            "exif:ISOSpeedRatings" | "exifEX:PhotographicSensitivity" => {
                draft.meta.iso = draft.meta.iso.or_else(|| text.parse().ok());
            }
            _ => {}
        }
    }

    fn value(&mut self, name: &str, value: &str, top: bool, draft: &mut Draft) {
        if value.is_empty() {
            return;
        }
        if let Some((_, region)) = &mut self.region {
            region.set(name, value);
            return;
        }
        match name {
            "stDim:w" => self.dimensions.0 = value.parse().unwrap_or(0.0),
            "stDim:h" => self.dimensions.1 = value.parse().unwrap_or(0.0),
            _ if top => self.property(name, value, draft),
            _ => {}
        }
    }

    fn property(&mut self, name: &str, value: &str, draft: &mut Draft) {
        let stamp = || Stamp::parse(value.as_bytes());
        let text = || Some(value.to_owned());
        match name {
            "exif:DateTimeOriginal" => draft.date(DateSource::XmpOriginal, stamp()),
            "photoshop:DateCreated" => draft.date(DateSource::XmpDateCreated, stamp()),
            "xmp:CreateDate" | "exif:DateTimeDigitized" => draft.date(DateSource::XmpCreate, stamp()),
            "xmp:ModifyDate" => draft.date(DateSource::XmpModify, stamp()),
            "xmp:Rating" => draft.rating.offer(Origin::Xmp, "XMP.xmp:Rating", stars(value)),
            "MicrosoftPhoto:Rating" => {
                draft.rating.offer(
                    Origin::Other,
                    "XMP.MicrosoftPhoto:Rating",
                    value.parse().ok().and_then(stars_of_percent),
                );
            }
            "tiff:Orientation" => {
                draft.orientation.offer(Origin::Other, value.parse().ok().filter(|v| (1..=8).contains(v)));
            }
            "tiff:Make" => draft.make.offer(Origin::Other, text()),
            "tiff:Model" => draft.model.offer(Origin::Other, text()),
            "exifEX:LensModel" | "aux:Lens" => draft.lens.offer(Origin::Other, text()),
            "dc:title" => draft.title.offer(Origin::Other, "XMP.dc:title", text()),
            "photoshop:Headline" => draft.title.offer(Origin::Other, "XMP.photoshop:Headline", text()),
            "dc:description" => draft.description.offer(Origin::Other, "XMP.dc:description", text()),
            "exif:ExposureTime" => {
                draft.meta.exposure_secs = draft.meta.exposure_secs.or_else(|| number(value));
            }
            "exif:FNumber" => {
                draft.meta.f_number = draft.meta.f_number.or_else(|| number(value));
            }
            "exif:FocalLength" => {
                draft.meta.focal_length_mm = draft.meta.focal_length_mm.or_else(|| number(value));
            }
            "exif:GPSLatitude" => self.gps.latitude = degrees(value, 90.0),
            "exif:GPSLongitude" => self.gps.longitude = degrees(value, 180.0),
            "exif:GPSAltitude" => self.gps.altitude = number(value),
            "exif:GPSAltitudeRef" => self.gps.below = value == "1",
            _ => {}
        }
    }

    fn finish(self, draft: &mut Draft) {
        if let (Some(latitude), Some(longitude)) = (self.gps.latitude, self.gps.longitude) {
            let altitude = self.gps.altitude.map(|metres| if self.gps.below { -metres } else { metres });
            let place = Gps { latitude, longitude, altitude };
            draft.gps.offer(Origin::Other, "XMP.exif:GPS", Some(place).filter(is_somewhere));
        }
        for region in self.regions {
            if let Some(face) = region.face(self.dimensions)
                && !draft.regions.iter().any(|held| near(held, &face))
            {
                draft.regions.push(face);
            }
        }
    }
}

/// The same face is often written both ways, by one program for the other's readers.
fn near(a: &FaceRegion, b: &FaceRegion) -> bool {
    let close = |a: f32, b: f32| (a - b).abs() < 0.01;
    close(a.x, b.x) && close(a.y, b.y) && close(a.width, b.width) && close(a.height, b.height)
}

impl Region {
    fn set(&mut self, name: &str, value: &str) {
        let number = || value.parse::<f32>().ok().filter(|value| value.is_finite());
        match name {
            "mwg-rs:Name" | "MPReg:PersonDisplayName" => self.name = Some(value.to_owned()),
            "mwg-rs:Type" => self.kind = Some(value.to_owned()),
            "stArea:x" => self.x = number(),
            "stArea:y" => self.y = number(),
            "stArea:w" => self.w = number(),
            "stArea:h" => self.h = number(),
            "stArea:unit" => self.pixels = value == "pixel",
            "MPReg:Rectangle" => {
                // "left, top, width, height"
                let parts: Vec<f32> = value.split(',').filter_map(|part| part.trim().parse().ok()).collect();
                if let [x, y, w, h] = parts[..] {
                    (self.corner, self.w, self.h) = (Some((x, y)), Some(w), Some(h));
                }
            }
            _ => {}
        }
        self.centre = self.x.zip(self.y);
    }

    /// The region as a face, if it is one and lies in the picture.
    fn face(self, dimensions: (f32, f32)) -> Option<FaceRegion> {
        if self.kind.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("face")) {
            return None;
        }
        let (w, h) = (self.w?, self.h?);
        let (x, y) = match self.corner {
            Some(corner) => corner,
            None => self.centre.map(|(x, y)| (x - w / 2.0, y - h / 2.0))?,
        };
        let (sx, sy) = if self.pixels { dimensions } else { (1.0, 1.0) };
        let (x, y, w, h) = (x / sx, y / sy, w / sx, h / sy);
        let inside = |v: f32| (-0.5..=1.5).contains(&v);
        if !(inside(x) && inside(y) && w > 0.0 && h > 0.0 && w <= 1.5 && h <= 1.5) {
            return None;
        }
        let (left, top) = (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0));
        let (width, height) = ((x + w).clamp(0.0, 1.0) - left, (y + h).clamp(0.0, 1.0) - top);
        Some(FaceRegion { name: self.name, x: left, y: top, width, height })
    }
}

/// `xmp:Rating` is −1 (rejected) to 5, possibly written as a real number.
fn stars(value: &str) -> Option<i8> {
    let value: f64 = value.parse().ok()?;
    (-1.0..=5.0).contains(&value).then(|| value.round() as i8)
}

/// A number or a fraction `a/b`.
fn number(value: &str) -> Option<f64> {
    let number = match value.split_once('/') {
        Some((over, under)) => over.trim().parse::<f64>().ok()? / under.trim().parse::<f64>().ok()?,
        None => value.parse().ok()?,
    };
    number.is_finite().then_some(number)
}

/// `DDD,MM,SSk` or `DDD,MM.mmk` with k one of N, S, E, W (XMP part 2, GPSCoordinate); plain signed degrees too.
fn degrees(value: &str, limit: f64) -> Option<f64> {
    let (body, sign) = match value.chars().last()? {
        'N' | 'E' | 'n' | 'e' => (&value[..value.len() - 1], 1.0),
        'S' | 'W' | 's' | 'w' => (&value[..value.len() - 1], -1.0),
        _ => (value, 1.0),
    };
    let mut total = 0.0;
    for (part, unit) in body.split([',', ' ']).filter(|part| !part.is_empty()).zip([1.0, 60.0, 3600.0]) {
        total += part.trim().parse::<f64>().ok()? / unit;
    }
    Some(total * sign).filter(|degrees| degrees.abs() <= limit)
}
