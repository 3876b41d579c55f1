//! From what was typed to what is asked of the database.

use std::collections::HashMap;
use std::sync::LazyLock;

use tintype_core::{Flag, MediaKind};
use tintype_store::{
    Adjacent, PhotoFact, Range, SearchCondition, SearchField as Field, Store, TextMatch, words,
};

use super::query::{Day, Node, Span, Term};
use super::variants::variants;
use crate::Result;

/// Words that say nothing about a photo. They need not be in it where other words are asked for.
const FILLERS: [&str; 28] = [
    "a", "an", "and", "are", "at", "by", "for", "from", "in", "is", "it", "my", "near", "not", "of", "on",
    "or", "our", "photo", "photos", "picture", "pictures", "some", "that", "the", "to", "with", "without",
];

/// Formats of raw files, as the library names them.
const RAW: [&str; 13] =
    ["cr2", "cr3", "crw", "nef", "arw", "dng", "raf", "orf", "rw2", "pef", "srw", "mrw", "x3f"];

/// A text that photos are to have, for ranking and for saying why they were found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sought {
    /// As it was typed.
    pub(super) label: String,
    /// What is looked for; the first alternative is what was typed, the others are other forms of it.
    pub(super) text: TextMatch,
    /// Where it stands in the query.
    pub(super) place: Place,
}

/// Which part of a query a text belongs to. Photos are to have every part; of a part, one alternative will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: usize,
    pub(super) alternative: usize,
}

/// A query as conditions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compiled {
    /// What photos must be like, whatever they look like.
    pub(super) hard: Vec<SearchCondition>,
    /// Words and texts in quotes that are to be found somewhere; a picture that looks like them will do, too.
    pub(super) soft: Vec<SearchCondition>,
    /// Every text that is wanted.
    pub(super) sought: Vec<Sought>,
    /// The soft words as one text, for a model that knows what words look like.
    pub(super) sentence: String,
}

impl Compiled {
    /// Everything that photos must be like to be found by words.
    pub(super) fn condition(&self) -> SearchCondition {
        SearchCondition::All(self.hard.iter().chain(&self.soft).cloned().collect())
    }

    /// The same, but one of the soft words is enough.
    pub(super) fn relaxed(&self) -> SearchCondition {
        let mut all = self.hard.clone();
        all.push(SearchCondition::Any(self.soft.clone()));
        SearchCondition::All(all)
    }

    /// What photos must be like to be found by what they look like.
    pub(super) fn facts(&self) -> SearchCondition {
        SearchCondition::All(self.hard.clone())
    }
}

/// Compiles a query's tree; names of albums are looked up in `store`.
pub(super) fn compile(store: &Store, root: Option<&Node>) -> Result<Compiled> {
    let mut compiled =
        Compiled { hard: Vec::new(), soft: Vec::new(), sought: Vec::new(), sentence: String::new() };
    let Some(root) = root else { return Ok(compiled) };
    let parts = match root {
        Node::All(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let has_words = parts.iter().any(|part| is_soft(part) && !is_filler(part));
    let mut sentence = Vec::new();
    let mut compiler = Compiler { store, albums: HashMap::new() };
    for (at, part) in parts.iter().enumerate() {
        if is_soft(part) {
            collect_words(part, &mut sentence);
        }
        if has_words && is_filler(part) {
            continue;
        }
        let condition = compiler.node(part)?;
        if is_soft(part) {
            compiled.soft.push(condition);
        } else {
            compiled.hard.push(condition);
        }
        let alternatives = match part {
            Node::Any(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for (alternative, node) in alternatives.iter().enumerate() {
            let place = Place { part: at, alternative };
            node.each_term(&mut |term, wanted| {
                compiled.sought.extend(sought(term, place).filter(|_| wanted));
            });
        }
    }
    compiled.sentence = sentence.join(" ");
    Ok(compiled)
}

/// Whether a part is nothing but wanted words and quoted texts.
fn is_soft(node: &Node) -> bool {
    match node {
        Node::All(list) | Node::Any(list) => list.iter().all(is_soft),
        Node::Not(_) => false,
        Node::Term(term) => matches!(term, Term::Word { .. } | Term::Phrase(_)),
    }
}

fn is_filler(node: &Node) -> bool {
    matches!(node, Node::Term(Term::Word { text, is_prefix: false }) if FILLERS.contains(&text.to_lowercase().as_str()))
}

fn collect_words<'a>(node: &'a Node, words: &mut Vec<&'a str>) {
    node.each_term(&mut |term, _| match term {
        Term::Word { text, .. } | Term::Phrase(text) => words.push(text),
        _ => {}
    });
}

/// What a term looks for in documents, if it is a text.
fn sought(term: &Term, place: Place) -> Option<Sought> {
    let label = match term {
        Term::Word { text, .. } | Term::Phrase(text) | Term::Text { text, .. } => text.clone(),
        _ => return None,
    };
    let texts = text_matches(term);
    // Of several words that need not stand together, the longest tells most.
    let text = texts.into_iter().max_by_key(|text| {
        text.alternatives
            .iter()
            .flatten()
            .next()
            .map_or(0, |one| one.words.iter().map(String::len).sum::<usize>())
    })?;
    Some(Sought { label, text, place })
}

/// The texts of which a document must hold all.
fn text_matches(term: &Term) -> Vec<TextMatch> {
    let one = |fields: &[Field], text: &str, is_prefix: bool, has_forms: bool| {
        let words = words(text);
        let mut alternatives = vec![Adjacent { words: words.clone(), is_prefix }];
        if has_forms
            && !is_prefix
            && let [word] = words.as_slice()
        {
            alternatives.extend(
                variants(word).into_iter().map(|form| Adjacent { words: vec![form], is_prefix: false }),
            );
        }
        TextMatch { fields: fields.to_vec(), alternatives: Some(alternatives) }
    };
    match term {
        Term::Word { text, is_prefix } => vec![one(fields_for(text), text, *is_prefix, true)],
        Term::Phrase(text) => vec![one(&[], text, false, false)],
        Term::Text { field, text, is_prefix } => {
            let (fields, has_forms): (&[Field], bool) = match *field {
                "tag" => (&[Field::Keyword, Field::Tag, Field::Object], true),
                "object" => (&[Field::Object], true),
                "text" => (&[Field::Text, Field::Bib], false),
                "caption" => (&[Field::Caption], true),
                "title" => (&[Field::Title], true),
                "person" => (&[Field::Person], false),
                "bib" => (&[Field::Bib, Field::Text], false),
                "place" => (&[Field::Place], false),
                "name" => (&[Field::Name], false),
                "path" => (&[Field::Folder, Field::Name], false),
                "lens" => (&[Field::Lens], false),
                _ => (&[Field::Camera], false),
            };
            if matches!(*field, "camera" | "lens") {
                // "Canon R5" is written "Canon EOS R5" by the camera.
                let parts: Vec<&str> =
                    text.split_whitespace().filter(|part| !words(part).is_empty()).collect();
                let last = parts.len().saturating_sub(1);
                return parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| one(fields, part, *is_prefix && at == last, false))
                    .collect();
            }
            vec![one(fields, text, *is_prefix, has_forms)]
        }
        _ => Vec::new(),
    }
}

/// Where a word is looked for. A small number alone is no date: every photo was taken on some day of some month.
fn fields_for(text: &str) -> &'static [Field] {
    static WITHOUT_DATE: LazyLock<Vec<Field>> =
        LazyLock::new(|| Field::ALL.iter().copied().filter(|field| *field != Field::Date).collect());
    match words(text).as_slice() {
        [word] if word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() != 4 => &WITHOUT_DATE,
        _ => &[],
    }
}

struct Compiler<'a> {
    store: &'a Store,
    /// Conditions on albums by what was asked for, so that each name is looked up once.
    albums: HashMap<String, SearchCondition>,
}

impl Compiler<'_> {
    fn node(&mut self, node: &Node) -> Result<SearchCondition> {
        Ok(match node {
            Node::All(list) => SearchCondition::All(self.nodes(list)?),
            Node::Any(list) => SearchCondition::Any(self.nodes(list)?),
            Node::Not(inner) => SearchCondition::Not(Box::new(self.node(inner)?)),
            Node::Term(term) => self.term(term)?,
        })
    }

    fn nodes(&mut self, list: &[Node]) -> Result<Vec<SearchCondition>> {
        list.iter().map(|node| self.node(node)).collect()
    }

    fn term(&mut self, term: &Term) -> Result<SearchCondition> {
        Ok(match term {
            Term::Word { .. } | Term::Phrase(_) | Term::Text { .. } => {
                let mut texts: Vec<_> = text_matches(term).into_iter().map(SearchCondition::Text).collect();
                match (texts.len(), texts.pop()) {
                    (1, Some(only)) => only,
                    (_, last) => {
                        texts.extend(last);
                        SearchCondition::All(texts)
                    }
                }
            }
            Term::Number { field, span } => number(field, *span),
            Term::Date(span) => taken(*span),
            Term::Album(name) => self.album(name)?,
            Term::Near { latitude, longitude, km } => within(*latitude, *longitude, *km),
            Term::Choice { field, value } => choice(field, value),
        })
    }

    fn album(&mut self, name: &str) -> Result<SearchCondition> {
        if let Some(known) = self.albums.get(name) {
            return Ok(known.clone());
        }
        let condition = SearchCondition::In(self.store.albums_named(&words(name))?);
        self.albums.insert(name.to_owned(), condition.clone());
        Ok(condition)
    }
}

fn number(field: &str, span: Span<f64>) -> SearchCondition {
    // Megabytes are asked for, bytes are stored.
    let (fact, factor) = match field {
        "rating" => (PhotoFact::Rating, 1.0),
        "iso" => (PhotoFact::Iso, 1.0),
        "aperture" => (PhotoFact::Aperture, 1.0),
        "focal" => (PhotoFact::FocalLength, 1.0),
        "sharpness" => (PhotoFact::Sharpness, 1.0),
        "quality" => (PhotoFact::Quality, 1.0),
        "aesthetic" => (PhotoFact::Aesthetic, 1.0),
        "faces" => (PhotoFact::Faces, 1.0),
        "width" => (PhotoFact::Width, 1.0),
        "height" => (PhotoFact::Height, 1.0),
        _ => (PhotoFact::Bytes, 1e6),
    };
    let (mut low, mut high) = (
        span.low.map(|bound| (bound.value * factor, bound.is_included)),
        span.high.map(|bound| (bound.value * factor, bound.is_included)),
    );
    // Measured numbers are never exactly what people write: 2.8 is anything that rounds to it.
    if let (Some(at), true) = (low.filter(|_| low == high), is_measured(fact)) {
        let half = half_step(at.0 / factor) * factor;
        (low, high) = (Some((at.0 - half, true)), Some((at.0 + half, false)));
    }
    SearchCondition::Number(fact, Range { low, high })
}

fn is_measured(fact: PhotoFact) -> bool {
    !matches!(
        fact,
        PhotoFact::Rating | PhotoFact::Iso | PhotoFact::Faces | PhotoFact::Width | PhotoFact::Height
    )
}

/// Half of the last digit of a number as people write it.
fn half_step(value: f64) -> f64 {
    let decimals = value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    0.5 / 10_f64.powi(decimals as i32)
}

fn taken(span: Span<Day>) -> SearchCondition {
    let from =
        span.low.map(|bound| if bound.is_included { bound.value.start_ms() } else { bound.value.end_ms() });
    let to =
        span.high.map(|bound| if bound.is_included { bound.value.end_ms() } else { bound.value.start_ms() });
    SearchCondition::Taken { from, to }
}

/// The rectangle around a point; at the poles it goes all round.
fn within(latitude: f64, longitude: f64, km: f64) -> SearchCondition {
    // Kilometres in a degree of a great circle (mean radius 6371.0 km).
    const KM_PER_DEGREE: f64 = 111.195;
    let half = km / KM_PER_DEGREE;
    let (south, north) = ((latitude - half).max(-90.0), (latitude + half).min(90.0));
    let across = south.abs().max(north.abs()).to_radians().cos();
    let wide = if across > 1e-6 { half / across } else { 360.0 };
    let (west, east) = if wide >= 180.0 {
        (-180.0, 180.0)
    } else {
        let wrapped = |degrees: f64| (degrees + 180.0).rem_euclid(360.0) - 180.0;
        (wrapped(longitude - wide), wrapped(longitude + wide))
    };
    SearchCondition::Within { south, north, west, east }
}

fn choice(field: &str, value: &str) -> SearchCondition {
    use SearchCondition::{Any, Blurry, Format, HasIssues, Media, Not, Number};
    let at_least = |fact, value| Number(fact, Range { low: Some((value, true)), high: None });
    let holds =
        |fields: &[Field]| SearchCondition::Text(TextMatch { fields: fields.to_vec(), alternatives: None });
    let flagged = |flag| SearchCondition::Flag(Some(flag));
    let shape = |low, high| Number(PhotoFact::Shape, Range { low, high });
    match (field, value) {
        ("flag", "pick") | ("is", "picked") => flagged(Flag::Pick),
        ("flag", "reject") | ("is", "rejected") => flagged(Flag::Reject),
        ("flag", _) | ("is", "unflagged") => SearchCondition::Flag(None),
        ("type" | "is", "photo") => Media(MediaKind::Photo),
        ("type" | "is", "video") => Media(MediaKind::Video),
        ("type", "raw") => Format(RAW.iter().map(|format| (*format).to_owned()).collect()),
        ("type", "heic") => Format(vec!["heif".into(), "heic".into()]),
        ("type", format) => Format(vec![format.to_owned()]),
        ("is", "favorite") => at_least(PhotoFact::Rating, 5.0),
        ("is", "rated") => at_least(PhotoFact::Rating, 1.0),
        ("is", "unrated") => {
            Number(PhotoFact::Rating, Range { low: Some((0.0, true)), high: Some((0.0, true)) })
        }
        ("is", "blurry") => Blurry(true),
        ("is", "sharp") => Blurry(false),
        ("is", "landscape") => shape(Some((0.0, false)), None),
        ("is", "portrait") => shape(None, Some((0.0, false))),
        ("is", _) => shape(Some((0.0, true)), Some((0.0, true))),
        ("has", "gps") => Number(PhotoFact::Latitude, Range::default()),
        ("has", "date") => SearchCondition::Taken { from: None, to: None },
        ("has", "faces") => at_least(PhotoFact::Faces, 1.0),
        ("has", "rating") => Not(Box::new(Number(
            PhotoFact::Rating,
            Range { low: Some((0.0, true)), high: Some((0.0, true)) },
        ))),
        ("has", "issues") => HasIssues,
        ("has", "people") => holds(&[Field::Person]),
        ("has", "text") => holds(&[Field::Text]),
        ("has", "bib") => holds(&[Field::Bib]),
        ("has", "keywords") => holds(&[Field::Keyword]),
        ("has", "tags") => holds(&[Field::Tag]),
        ("has", "objects") => holds(&[Field::Object]),
        ("has", "title") => holds(&[Field::Title]),
        ("has", "caption") => holds(&[Field::Caption]),
        ("has", "album") => holds(&[Field::Album]),
        ("has", "camera") => holds(&[Field::Camera]),
        ("has", "lens") => holds(&[Field::Lens]),
        // The table of fields and this one are compared by a test.
        _ => Any(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::{FIELDS, Query, ValueKind};
    use super::*;

    fn compiled(text: &str) -> (tempfile::TempDir, Compiled) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&tintype_store::StoreConfig::new(folder.path())).unwrap();
        let compiled = compile(&store, Query::parse(text).root.as_ref()).unwrap();
        (folder, compiled)
    }

    #[test]
    fn every_choice_of_the_table_is_a_condition() {
        for row in FIELDS {
            if let ValueKind::Choice(values) = row.value {
                for (value, _) in values {
                    assert_ne!(choice(row.name, value), SearchCondition::Any(vec![]), "{}:{value}", row.name);
                }
            }
        }
        assert_eq!(choice("has", "wings"), SearchCondition::Any(vec![]));
    }

    #[test]
    fn words_are_soft_and_facts_are_hard() {
        let (_folder, query) = compiled("a \"red car\" on the beach (dog OR cat) rating:>=4 tag:sea -night");
        assert_eq!((query.soft.len(), query.hard.len()), (3, 3));
        assert_eq!(query.sentence, "a red car on the beach dog cat");
        let labels: Vec<_> = query.sought.iter().map(|sought| sought.label.as_str()).collect();
        assert_eq!(labels, ["red car", "beach", "dog", "cat", "sea"]);
        let places: Vec<_> =
            query.sought.iter().map(|sought| (sought.place.part, sought.place.alternative)).collect();
        assert_eq!(places[2..4].iter().map(|place| place.1).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(places[2].0, places[3].0, "alternatives of one part");
        assert!(places[0].0 < places[1].0 && places[1].0 < places[2].0 && places[3].0 < places[4].0);
        let (_folder, only_fillers) = compiled("of the");
        assert_eq!(only_fillers.soft.len(), 2, "a query of fillers alone asks for them");
    }

    #[test]
    fn numbers_mean_what_people_write() {
        let range = |text: &str| match compiled(text).1.hard.remove(0) {
            SearchCondition::Number(_, range) => range,
            other => panic!("{other:?}"),
        };
        assert!(range("aperture:2.8").contains(&2.799_999) && !range("aperture:2.8").contains(&2.9));
        assert!(range("rating:4").contains(&4.0) && !range("rating:4").contains(&4.4));
        assert!(range("megabytes:>2").contains(&2_000_001.0) && !range("megabytes:>2").contains(&2e6));
        assert!(range("sharpness:>0.4").contains(&0.41) && !range("sharpness:>0.4").contains(&0.4));
    }

    #[test]
    fn days_include_their_ends() {
        let hard = |text: &str| compiled(text).1.hard.remove(0);
        let day = 86_400_000;
        assert_eq!(hard("date:1970-01-02"), SearchCondition::Taken { from: Some(day), to: Some(2 * day) });
        assert_eq!(
            hard("date:1970-01-01..1970-01"),
            SearchCondition::Taken { from: Some(0), to: Some(31 * day) }
        );
        assert_eq!(hard("date:>1970-01-01"), SearchCondition::Taken { from: Some(day), to: None });
        assert_eq!(hard("date:<1970"), SearchCondition::Taken { from: None, to: Some(0) });
    }

    #[test]
    fn rectangles_cross_the_date_line_and_close_at_the_poles() {
        let SearchCondition::Within { west, east, .. } = within(0.0, 179.9, 50.0) else { panic!() };
        assert!(west > 179.0 && east < -179.0);
        assert_eq!(
            within(90.0, 0.0, 10.0),
            SearchCondition::Within { south: 90.0 - 10.0 / 111.195, north: 90.0, west: -180.0, east: 180.0 }
        );
    }
}
