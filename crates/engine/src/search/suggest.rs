//! What could be meant by the beginning of a word.

use tintype_store::SearchField as Field;

use super::query::{FIELDS, FieldRow, ValueKind};
use crate::Result;
use crate::engine::Engine;

/// A way to go on with what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What takes the place of the last word: `tag:bicycle`, `rating:`, `"mountain bike"`.
    pub text: String,
    /// For people: `mountain bike`.
    pub label: String,
    /// A field of documents, `field` for the name of a field, `value` for one of its values.
    pub kind: String,
    /// Photos that have it, where that is known.
    pub photos: Option<u64>,
    /// One line, where there is something to say.
    pub help: Option<String>,
    /// Where the last word begins in what was typed, in UTF-16 code units as browsers count.
    pub start: usize,
}

/// Suggestions at most, whatever is asked for.
const MAX: usize = 50;

impl Engine {
    /// Ways to go on with `text`, of which the last word is not finished: names of fields, values of a field, tags,
    /// people, albums, cameras.
    pub fn suggest(&self, text: &str, limit: usize) -> Result<Vec<Suggestion>> {
        let limit = limit.clamp(1, MAX);
        let (start, negation, last) = last_word(text);
        if last.is_empty() {
            return Ok(Vec::new());
        }
        let start = text[..start].encode_utf16().count();
        let mut found = Vec::new();
        if let Some((name, value)) = last.split_once(':') {
            if let Some(row) = super::query::field(name) {
                found.extend(self.values(row, value.trim_start_matches('"'), limit)?);
            }
        } else {
            found.extend(fields(last));
            for term in self.store().search_terms(last, &[], limit)? {
                found.push(Suggestion {
                    text: written(prefix(term.field), &term.label),
                    label: term.label,
                    kind: term.field.name().to_owned(),
                    photos: Some(term.photos),
                    help: None,
                    start: 0,
                });
            }
        }
        found.truncate(limit);
        for suggestion in &mut found {
            suggestion.start = start;
            suggestion.text = format!("{negation}{}", suggestion.text);
        }
        Ok(found)
    }

    /// Values of a field that begin like `value`.
    fn values(&self, row: &FieldRow, value: &str, limit: usize) -> Result<Vec<Suggestion>> {
        let own = |text: String, label: &str, help: &str| Suggestion {
            text,
            label: label.to_owned(),
            kind: "value".into(),
            photos: None,
            help: Some(help.to_owned()),
            start: 0,
        };
        if let ValueKind::Choice(values) = row.value {
            let begins = |word: &str| word.starts_with(&value.to_ascii_lowercase());
            let fitting = values.iter().filter(|(word, _)| begins(word));
            return Ok(fitting.map(|(word, help)| own(format!("{}:{word}", row.name), word, help)).collect());
        }
        if row.value == ValueKind::Album {
            let beginning = tintype_store::folded(value);
            let albums = self.store().album_names()?;
            let fitting = albums.into_iter().filter(|name| {
                let name = tintype_store::folded(name);
                name.starts_with(&beginning) || name.contains(&format!(" {beginning}"))
            });
            let shown = fitting.map(|name| Suggestion {
                text: written("album:", &name),
                label: name,
                kind: "album".into(),
                photos: None,
                help: None,
                start: 0,
            });
            return Ok(shown.take(limit).collect());
        }
        let fields: &[Field] = match row.name {
            "tag" => &[Field::Keyword, Field::Tag, Field::Object],
            "object" => &[Field::Object],
            "person" => &[Field::Person],
            "place" => &[Field::Place],
            "camera" => &[Field::Camera],
            "lens" => &[Field::Lens],
            // Nobody can list the numbers there are: an example says how they are written.
            _ if value.is_empty() => return Ok(vec![own(row.example.to_owned(), row.example, row.help)]),
            _ => return Ok(Vec::new()),
        };
        let terms = self.store().search_terms(value, fields, limit)?;
        Ok(terms
            .into_iter()
            .map(|term| Suggestion {
                text: written(&format!("{}:", row.name), &term.label),
                label: term.label,
                kind: term.field.name().to_owned(),
                photos: Some(term.photos),
                help: None,
                start: 0,
            })
            .collect())
    }
}

/// Names of fields that begin like `text`.
fn fields(text: &str) -> impl Iterator<Item = Suggestion> {
    let beginning = text.to_ascii_lowercase();
    FIELDS.iter().filter(move |row| row.name.starts_with(&beginning)).map(|row| Suggestion {
        text: format!("{}:", row.name),
        label: format!("{}:", row.name),
        kind: "field".into(),
        photos: None,
        help: Some(format!("{}, for example {}", row.help, row.example)),
        start: 0,
    })
}

/// What stands before a term of a field, so that it means just that.
fn prefix(field: Field) -> &'static str {
    match field {
        Field::Person => "person:",
        Field::Album => "album:",
        Field::Place => "place:",
        Field::Camera => "camera:",
        Field::Lens => "lens:",
        Field::Object => "object:",
        _ => "tag:",
    }
}

/// A field's value as a query holds it.
fn written(prefix: &str, value: &str) -> String {
    format!("{prefix}{}", super::query::value_text(value))
}

/// Where the last word of what is typed begins, the negation before it, and the word; a field's value in quotes that
/// are still open belongs to it.
fn last_word(text: &str) -> (usize, &str, &str) {
    let mut start = text
        .char_indices()
        .rev()
        .find(|(_, letter)| letter.is_whitespace() || matches!(letter, '(' | ')'))
        .map_or(0, |(at, letter)| at + letter.len_utf8());
    // An odd number of quotes: the last one is open.
    if text.matches('"').count() % 2 == 1
        && let Some(open) = text.rfind('"')
    {
        let before = &text[..open];
        start = before
            .char_indices()
            .rev()
            .find(|(_, letter)| letter.is_whitespace() || matches!(letter, '(' | ')'))
            .map_or(0, |(at, letter)| at + letter.len_utf8());
    }
    let word = &text[start..];
    match word.strip_prefix('-') {
        Some(rest) => (start, "-", rest.trim_start_matches('"')),
        None => (start, "", word.trim_start_matches('"')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_is_what_is_being_typed() {
        for (text, expected) in [
            ("", (0, "", "")),
            ("bea", (0, "", "bea")),
            ("dog -bea", (4, "-", "bea")),
            ("(a OR tag:bi", (6, "", "tag:bi")),
            ("tag:\"red b", (0, "", "tag:\"red b")),
            ("\"x y\" tag:\"red b", (6, "", "tag:\"red b")),
            ("dog ", (4, "", "")),
            ("\"mount", (0, "", "mount")),
            ("é\u{a0}ü", (4, "", "ü")),
        ] {
            assert_eq!(last_word(text), expected, "{text:?}");
        }
    }
}
