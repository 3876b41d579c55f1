//! Editing XMP packets (ISO 16684-1) as text: only the named properties change, and everything else, known or not,
//! stays letter for letter. Where the padding allows it, the packet keeps its length.

mod outline;

use std::ops::Range;

use super::refused;
use crate::Error;
use outline::{Description, Element, Outline};

/// White space that a packet is padded with when it has to grow, so that the next edit fits (part 1 §7.3.2 recommends
/// 2 to 4 KiB).
const PADDING: usize = 2048;

/// What a property holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// An unordered list.
    Bag(Vec<String>),
    /// A text by language: this is the default; other languages stay.
    Alternative(String),
}

/// One property to set or, with no content, to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    pub(super) uri: &'static str,
    /// The prefix to declare where the packet has none for the namespace.
    pub(super) prefix: &'static str,
    pub(super) name: &'static str,
    pub(super) content: Option<Content>,
    /// Set only where the property exists.
    pub(super) only_present: bool,
}

/// What a packet sits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// Embedded in a picture: between processing instructions by which scanners find it, with padding.
    Packet,
    /// A file of its own.
    File,
}

/// A new packet with the properties; `None` when there is nothing to say.
pub(super) fn create(properties: &[Property], wrapping: Wrapping) -> Result<Option<Vec<u8>>, Error> {
    if properties.iter().all(|property| property.content.is_none() || property.only_present) {
        return Ok(None);
    }
    let core = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  \
                <rdf:Description rdf:about=\"\">\n  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n";
    let text = match wrapping {
        Wrapping::Packet => {
            format!(
                "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n{core}<?xpacket end=\"w\"?>"
            )
        }
        Wrapping::File => format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{core}"),
    };
    edit(text.as_bytes(), properties)
}

/// The packet with the properties set; `None` when it says so already. A packet that is not well-formed is not edited.
pub(super) fn edit(packet: &[u8], properties: &[Property]) -> Result<Option<Vec<u8>>, Error> {
    let end = packet.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let (text, tail) = packet.split_at(end);
    let Ok(text) = std::str::from_utf8(text) else { return refused("the XMP packet is not in UTF-8") };
    let outline = Outline::read(text)?;
    let mut edits = Edits::default();
    let mut added = Vec::new();
    for property in properties {
        edits.property(text, &outline, property, &mut added);
    }
    edits.add(text, &outline, &added);
    if edits.0.is_empty() {
        return Ok(None);
    }
    let edited = padded(edits.applied(text), text.len());
    // What was written must be read: whatever the packet looked like, it is well-formed now.
    Outline::read(&edited)?;
    let mut bytes = edited.into_bytes();
    bytes.extend(tail);
    Ok(Some(bytes))
}

/// The text of a property's value, if it is plain.
pub(super) fn plain(packet: &[u8], uri: &str, name: &str) -> Option<String> {
    let text = std::str::from_utf8(packet).ok()?;
    let outline = Outline::read(text).ok()?;
    let attribute = outline
        .descriptions
        .iter()
        .flat_map(|description| &description.attributes)
        .find(|attribute| attribute.is(uri, name))
        .map(|attribute| attribute.value.clone());
    let element = || {
        outline
            .properties
            .iter()
            .find(|element| element.is_plain && element.is(uri, name))
            .map(|element| element.content.clone())
    };
    let range = attribute.or_else(element)?;
    quick_xml::escape::unescape(text.get(range)?).ok().map(std::borrow::Cow::into_owned)
}

/// Replacements of parts of the text.
#[derive(Default)]
struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    fn applied(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _text)| (range.start, range.end));
        let (mut out, mut at) = (String::with_capacity(text.len() + 256), 0);
        for (range, new) in self.0 {
            // Two edits of one place cannot be: a packet that makes them is caught by reading the result.
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(&new);
            at = range.end.max(at);
        }
        out.push_str(&text[at..]);
        out
    }

    /// Sets one property where it is, or puts it among those to be added.
    fn property<'p>(
        &mut self,
        text: &str,
        outline: &Outline,
        property: &'p Property,
        added: &mut Vec<&'p Property>,
    ) {
        let attributes: Vec<_> = outline
            .descriptions
            .iter()
            .flat_map(|description| &description.attributes)
            .filter(|attribute| attribute.is(property.uri, property.name))
            .collect();
        let elements: Vec<&Element> =
            outline.properties.iter().filter(|element| element.is(property.uri, property.name)).collect();
        let mut first = true;
        for element in elements {
            match property.content.as_ref().filter(|_| std::mem::take(&mut first)) {
                Some(content) if element.holds(text, content) => {}
                Some(content) => {
                    if let Content::Text(value) = content
                        && element.is_plain
                    {
                        self.replace(element.content.clone(), escaped(value));
                        continue;
                    }
                    let (name, declarations) = (&element.name, &element.declarations);
                    let body = body(content, &outline.rdf_prefix, &element.languages(text));
                    self.replace(element.whole.clone(), format!("<{name}{declarations}>{body}</{name}>"));
                }
                None => self.replace(with_space_before(text, &element.whole), ""),
            }
        }
        for attribute in attributes {
            match (&property.content, std::mem::take(&mut first)) {
                (Some(Content::Text(value)), true) => {
                    let held = quick_xml::escape::unescape(&text[attribute.value.clone()]);
                    if held.ok().is_none_or(|held| held.trim() != value) {
                        self.replace(attribute.value.clone(), escaped(value));
                    }
                }
                (content, is_first) => {
                    self.replace(with_space_before(text, &attribute.whole), "");
                    // A list cannot be an attribute: it becomes an element.
                    added.extend((content.is_some() && is_first).then_some(property));
                }
            }
        }
        if first && property.content.is_some() && !property.only_present {
            added.push(property);
        }
    }

    /// Adds new properties to the first description, or to a new one.
    fn add(&mut self, text: &str, outline: &Outline, added: &[&Property]) {
        if added.is_empty() {
            return;
        }
        let rdf = &outline.rdf_prefix;
        let mut prefixes = Prefixes::default();
        let elements: String = added
            .iter()
            .filter_map(|property| {
                let prefix = prefixes.of(property, outline.descriptions.first());
                let name = format!("{prefix}:{}", property.name);
                let body = body(property.content.as_ref()?, rdf, &[]);
                Some(["\n   <", &name, ">", &body, "</", &name, ">"].concat())
            })
            .collect();
        let declared = prefixes.declarations();
        let Some(description) = outline.descriptions.first() else {
            let whole = format!(
                "\n  <{rdf}:Description {rdf}:about=\"\"{declared}>{elements}\n  </{rdf}:Description>"
            );
            if outline.rdf_self_closing {
                let close = outline.rdf_tag.end - 2..outline.rdf_tag.end;
                self.replace(close, format!(">{whole}\n </{rdf}:RDF>"));
            } else {
                self.replace(outline.rdf_tag.end..outline.rdf_tag.end, whole);
            }
            return;
        };
        let name_end = description.tag.start + 1 + description.name.len();
        if !declared.is_empty() {
            self.replace(name_end..name_end, declared);
        }
        if let Some(end) = description.end {
            // In front of the white space before the closing tag, so that the indentation stays.
            let at = text[..end].trim_end().len();
            self.replace(at..at, elements);
        } else {
            let close = description.tag.end - 2..description.tag.end;
            self.replace(close, format!(">{elements}\n  </{}>", description.name));
        }
    }
}

/// Prefixes that have to be declared for new properties, by namespace.
#[derive(Default)]
struct Prefixes(Vec<(&'static str, String)>);

impl Prefixes {
    /// The prefix of a property: the one in force in the description, or a new one that means nothing else there.
    fn of(&mut self, property: &Property, description: Option<&Description>) -> String {
        if let Some(known) = description.and_then(|description| description.prefix_of(property.uri)) {
            return known.to_owned();
        }
        if let Some((_uri, held)) = self.0.iter().find(|(uri, _prefix)| *uri == property.uri) {
            return held.clone();
        }
        let mut prefix = property.prefix.to_owned();
        while description.is_some_and(|description| description.binds(&prefix))
            || self.0.iter().any(|(_uri, held)| *held == prefix)
        {
            prefix.push('_');
        }
        self.0.push((property.uri, prefix.clone()));
        prefix
    }

    fn declarations(&self) -> String {
        self.0.iter().map(|(uri, prefix)| [" xmlns:", prefix, "=\"", uri, "\""].concat()).collect()
    }
}

/// A range with the white space in front of it.
fn with_space_before(text: &str, range: &Range<usize>) -> Range<usize> {
    text[..range.start].trim_end().len()..range.end
}

/// What stands between a property's tags. `others` are the raw items of other languages.
fn body(content: &Content, rdf: &str, others: &[&str]) -> String {
    let item = |language: &str, value: &str| format!("<{rdf}:li{language}>{}</{rdf}:li>", escaped(value));
    let (list, items) = match content {
        Content::Text(value) => return escaped(value),
        Content::Bag(values) => ("Bag", values.iter().map(|value| item("", value)).collect()),
        Content::Alternative(value) => {
            let mut items = vec![item(" xml:lang=\"x-default\"", value)];
            items.extend(others.iter().map(|&other| other.to_owned()));
            ("Alt", items)
        }
    };
    let items = items.join("\n     ");
    format!("\n    <{rdf}:{list}>\n     {items}\n    </{rdf}:{list}>\n   ")
}

fn escaped(value: &str) -> String {
    quick_xml::escape::escape(value).into_owned()
}

/// The packet with its padding grown or shrunk so that it keeps `len` bytes, or with fresh padding where it cannot.
fn padded(text: String, len: usize) -> String {
    let Some(trailer) = text.rfind("<?xpacket end=") else { return text };
    let body = text[..trailer].trim_end();
    let rest = &text[trailer..];
    let room = len.checked_sub(body.len() + rest.len()).unwrap_or(PADDING);
    let mut out = String::with_capacity(body.len() + room + rest.len());
    out.push_str(body);
    // Lines, so that the packet stays readable where someone opens it.
    out.extend((1..=room).map(|i| if i == room || i % 100 == 1 { '\n' } else { ' ' }));
    out.push_str(rest);
    out
}
