//! Where things lie in the text of an XMP packet.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::Content;
use crate::Error;
use crate::write::refused;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// Deeper nesting than any schema has.
const MAX_DEPTH: usize = 48;
/// Larger packets are not edited: whoever made them keeps megabytes of history there.
const MAX_PACKET: usize = 8 << 20;

/// An attribute with a namespace.
#[derive(Debug)]
pub(super) struct Attribute {
    uri: String,
    local: String,
    /// From the first letter of the name to the closing quote.
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Attribute {
    pub(super) fn is(&self, uri: &str, name: &str) -> bool {
        self.local == name && same_space(&self.uri, uri)
    }
}

/// Some programs leave the slash at the end of Microsoft's namespace out.
fn same_space(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// An `rdf:Description` directly below `rdf:RDF`.
#[derive(Debug, Default)]
pub(super) struct Description {
    /// As written, with prefix.
    pub(super) name: String,
    pub(super) tag: Range<usize>,
    /// Where the closing tag begins; `None` where the element closes itself.
    pub(super) end: Option<usize>,
    pub(super) attributes: Vec<Attribute>,
    /// Prefixes and namespaces in force, the innermost last.
    scope: Vec<(String, String)>,
}

impl Description {
    /// The prefix for a namespace.
    pub(super) fn prefix_of(&self, uri: &str) -> Option<&str> {
        let bound = self.scope.iter().rev().find(|(prefix, held)| !prefix.is_empty() && held == uri);
        bound.map(|(prefix, _uri)| prefix.as_str()).filter(|prefix| lookup(&self.scope, prefix) == Some(uri))
    }

    /// Whether a prefix means something here.
    pub(super) fn binds(&self, prefix: &str) -> bool {
        lookup(&self.scope, prefix).is_some()
    }
}

/// A property written as an element of a description.
#[derive(Debug)]
pub(super) struct Element {
    uri: String,
    local: String,
    /// As written, with prefix.
    pub(super) name: String,
    /// The namespaces that its start tag declares, as written, with a space in front.
    pub(super) declarations: String,
    pub(super) whole: Range<usize>,
    /// What stands between the tags; empty at the end where the element closes itself.
    pub(super) content: Range<usize>,
    /// Whether it has a closing tag and holds text only.
    pub(super) is_plain: bool,
    /// The list it holds: `Bag`, `Seq` or `Alt`.
    list: Option<String>,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    whole: Range<usize>,
    content: Range<usize>,
    language: Option<String>,
}

impl Element {
    pub(super) fn is(&self, uri: &str, name: &str) -> bool {
        self.local == name && same_space(&self.uri, uri)
    }

    /// Whether it says `content` already.
    pub(super) fn holds(&self, text: &str, content: &Content) -> bool {
        let value = |range: &Range<usize>| {
            quick_xml::escape::unescape(&text[range.clone()]).map(|value| value.trim().to_owned()).ok()
        };
        match content {
            Content::Text(wanted) => self.is_plain && value(&self.content).as_deref() == Some(wanted),
            Content::Bag(wanted) => {
                self.list.is_some()
                    && self.items.len() == wanted.len()
                    && self
                        .items
                        .iter()
                        .zip(wanted)
                        .all(|(item, wanted)| value(&item.content).as_deref() == Some(wanted))
            }
            Content::Alternative(wanted) => {
                self.list.as_deref() == Some("Alt")
                    && self.items.first().is_some_and(|item| {
                        item.language.as_deref() == Some("x-default")
                            && value(&item.content).as_deref() == Some(wanted)
                    })
            }
        }
    }

    /// The items in other languages than the default, as written.
    pub(super) fn languages<'t>(&self, text: &'t str) -> Vec<&'t str> {
        self.items
            .iter()
            .filter(|item| item.language.as_deref().is_some_and(|language| language != "x-default"))
            .map(|item| &text[item.whole.clone()])
            .collect()
    }
}

/// A packet taken apart.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The prefix of RDF as this packet writes it.
    pub(super) rdf_prefix: String,
    pub(super) rdf_tag: Range<usize>,
    pub(super) rdf_self_closing: bool,
    pub(super) descriptions: Vec<Description>,
    pub(super) properties: Vec<Element>,
}

/// An open element.
struct Open {
    uri: String,
    local: String,
    tag: Range<usize>,
    /// How many bindings were in force outside.
    outer: usize,
    has_children: bool,
    language: Option<String>,
    declarations: String,
}

fn lookup<'s>(scope: &'s [(String, String)], prefix: &str) -> Option<&'s str> {
    scope.iter().rev().find(|(held, _uri)| held == prefix).map(|(_prefix, uri)| uri.as_str())
}

struct Walk<'t> {
    text: &'t str,
    outline: Outline,
    stack: Vec<Open>,
    scope: Vec<(String, String)>,
    found_rdf: bool,
    /// The list of the property being read.
    list: Option<String>,
    items: Vec<Item>,
}

impl Outline {
    /// Takes a packet apart. One that is not well-formed, or holds no RDF, is refused.
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_PACKET {
            return refused("the XMP packet is too large to be edited");
        }
        let mut reader = Reader::from_str(text);
        let mut walk = Walk {
            text,
            outline: Self::default(),
            stack: Vec::new(),
            scope: Vec::new(),
            found_rdf: false,
            list: None,
            items: Vec::new(),
        };
        loop {
            let start = reader.buffer_position() as usize;
            let Ok(event) = reader.read_event() else { return refused("the XMP packet is not well-formed") };
            let range = start..reader.buffer_position() as usize;
            match event {
                Event::Start(_) => walk.open(range)?,
                Event::Empty(_) => {
                    walk.open(range.clone())?;
                    walk.close(range.end, range.end);
                }
                Event::End(_) => walk.close(range.start, range.end),
                Event::DocType(_) => return refused("the XMP packet has a document type"),
                Event::Eof => break,
                _ => {}
            }
        }
        if !walk.stack.is_empty() {
            return refused("the XMP packet is cut off");
        }
        if !walk.found_rdf {
            return refused("the XMP packet holds no RDF");
        }
        Ok(walk.outline)
    }
}

impl Walk<'_> {
    fn open(&mut self, tag: Range<usize>) -> Result<(), Error> {
        if self.stack.len() >= MAX_DEPTH {
            return refused("the XMP packet is nested too deeply");
        }
        let Some((name, attributes)) = taken_apart(self.text, &tag) else {
            return refused("the XMP packet is not well-formed");
        };
        let outer = self.scope.len();
        let (mut language, mut declarations) = (None, String::new());
        for (key, whole, value) in &attributes {
            if key.starts_with("xmlns") {
                declarations.push(' ');
                declarations.push_str(&self.text[whole.clone()]);
            }
            let value = quick_xml::escape::unescape(&self.text[value.clone()]).unwrap_or_default();
            match key.split_once(':') {
                Some(("xmlns", prefix)) => self.scope.push((prefix.to_owned(), value.into_owned())),
                None if *key == "xmlns" => self.scope.push((String::new(), value.into_owned())),
                Some(("xml", "lang")) => language = Some(value.into_owned()),
                _ => {}
            }
        }
        let (uri, local) = self.resolved(name);
        let is_empty = self.text[tag.clone()].ends_with("/>");
        if let Some(parent) = self.stack.last_mut() {
            parent.has_children = true;
        }
        let parent_is =
            |name: &str| self.stack.last().is_some_and(|parent| parent.uri == RDF && parent.local == name);
        if uri == RDF && local == "RDF" && !self.found_rdf {
            self.found_rdf = true;
            self.outline.rdf_prefix = name.split_once(':').map_or("", |(prefix, _local)| prefix).to_owned();
            if self.outline.rdf_prefix.is_empty() {
                return refused("the XMP packet writes RDF without a prefix");
            }
            self.outline.rdf_tag = tag.clone();
            self.outline.rdf_self_closing = is_empty;
        } else if uri == RDF && local == "Description" && parent_is("RDF") {
            let attributes = attributes
                .iter()
                .filter(|(key, _whole, _value)| key.contains(':') && !key.starts_with("xml"))
                .map(|(key, whole, value)| {
                    let (uri, local) = self.resolved(key);
                    Attribute { uri, local, whole: whole.clone(), value: value.clone() }
                })
                .collect();
            self.outline.descriptions.push(Description {
                name: name.to_owned(),
                tag: tag.clone(),
                end: None,
                attributes,
                scope: self.scope.clone(),
            });
        } else if self.depth_below_description() == Some(1) && uri == RDF {
            self.list = Some(local.clone());
        }
        if self.depth_below_description() == Some(0) {
            (self.list, self.items) = (None, Vec::new());
        }
        self.stack.push(Open { uri, local, tag, outer, has_children: false, language, declarations });
        Ok(())
    }

    /// How many elements are open below a description at the top.
    fn depth_below_description(&self) -> Option<usize> {
        let at = self.stack.windows(2).position(|pair| {
            pair.iter().all(|open| open.uri == RDF)
                && pair[0].local == "RDF"
                && pair[1].local == "Description"
        })?;
        Some(self.stack.len() - at - 2)
    }

    fn close(&mut self, start: usize, end: usize) {
        let Some(open) = self.stack.pop() else { return };
        self.scope.truncate(open.outer);
        let is_empty = open.tag.end == end;
        let content = if is_empty { end..end } else { open.tag.end..start };
        match self.depth_below_description() {
            Some(0) => {
                let name = self.text[open.tag.start + 1..open.tag.end]
                    .split(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
                    .next()
                    .unwrap_or_default();
                self.outline.properties.push(Element {
                    uri: open.uri,
                    local: open.local,
                    name: name.to_owned(),
                    declarations: open.declarations,
                    whole: open.tag.start..end,
                    content,
                    is_plain: !open.has_children && !is_empty,
                    list: self.list.take(),
                    items: std::mem::take(&mut self.items),
                });
            }
            Some(2) if open.uri == RDF && open.local == "li" => {
                self.items.push(Item { whole: open.tag.start..end, content, language: open.language });
            }
            None if open.uri == RDF && open.local == "Description" && !is_empty => {
                if let Some(description) = self.outline.descriptions.last_mut()
                    && description.tag == open.tag
                {
                    description.end = Some(start);
                }
            }
            _ => {}
        }
    }

    fn resolved(&self, name: &str) -> (String, String) {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        (lookup(&self.scope, prefix).unwrap_or_default().to_owned(), local.to_owned())
    }
}

/// Name, attribute and place of the value, for each attribute.
type Attributes<'t> = Vec<(&'t str, Range<usize>, Range<usize>)>;

/// The name in a start tag and its attributes.
fn taken_apart<'t>(text: &'t str, tag: &Range<usize>) -> Option<(&'t str, Attributes<'t>)> {
    let bytes = text.as_bytes();
    let end = tag.end - 1;
    let name_end =
        (tag.start + 1..end).find(|&at| bytes[at].is_ascii_whitespace() || bytes[at] == b'/').unwrap_or(end);
    let mut attributes = Vec::new();
    let mut at = name_end;
    loop {
        while at < end && (bytes[at].is_ascii_whitespace() || bytes[at] == b'/') {
            at += 1;
        }
        if at >= end {
            break;
        }
        let start = at;
        while at < end && bytes[at] != b'=' && !bytes[at].is_ascii_whitespace() {
            at += 1;
        }
        let key = text.get(start..at)?;
        while at < end && (bytes[at].is_ascii_whitespace() || bytes[at] == b'=') {
            at += 1;
        }
        let quote = *bytes.get(at).filter(|quote| matches!(quote, b'"' | b'\''))?;
        let value = at + 1..at + 1 + memchr::memchr(quote, bytes.get(at + 1..end)?)?;
        at = value.end + 1;
        attributes.push((key, start..at, value));
    }
    Some((text.get(tag.start + 1..name_end)?, attributes))
}
