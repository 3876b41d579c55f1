//! What is known of a photo in words.

use serde::{Deserialize, Serialize};

use super::words::{folded, words};

/// Longest piece of a document, in characters: longer than any caption, shorter than a page of text.
const MAX_PIECE_CHARS: usize = 500;
/// Most pieces of a document: a photo of a newspaper has some hundred lines.
const MAX_PIECES: usize = 400;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $letter:literal;)*) => {
        /// A part of a photo's document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum SearchField {
            $($(#[$doc])* $variant,)*
        }

        impl SearchField {
            /// Every field, in the order of the index's columns.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name: the index's column, and what responses call it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The letter that stands for it in stored documents.
            pub(crate) fn letter(self) -> char {
                match self { $(Self::$variant => $letter),* }
            }

            fn from_letter(letter: char) -> Option<Self> {
                match letter { $($letter => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    /// Names of the people in it.
    Person, "person", 'p';
    /// Keywords that people or files gave it.
    Keyword, "keyword", 'k';
    /// Title and description.
    Title, "title", 'i';
    /// What a model says it shows.
    Tag, "tag", 't';
    /// What a model found in it, with a place.
    Object, "object", 'o';
    /// Race numbers.
    Bib, "bib", 'b';
    /// Text in the picture.
    Text, "text", 'x';
    /// A sentence about it.
    Caption, "caption", 'c';
    /// Albums it was put into one by one.
    Album, "album", 'a';
    /// Names of where it was taken.
    Place, "place", 'g';
    /// Names of its files.
    Name, "name", 'n';
    /// Folders of its files, from the library root's own name on.
    Folder, "folder", 'f';
    /// Camera.
    Camera, "camera", 'm';
    /// Lens.
    Lens, "lens", 'l';
    /// Year, month, day; names of month and weekday.
    Date, "date", 'd';
}

impl SearchField {
    /// Fields whose words tell most: a first look at very common words goes no further. The index holds their words
    /// twice (`store/search/index.rs`), so that asking for them does not read what stands in other fields.
    pub const TELLING: &'static [Self] = &[
        Self::Person,
        Self::Keyword,
        Self::Title,
        Self::Tag,
        Self::Object,
        Self::Bib,
        Self::Text,
        Self::Caption,
        Self::Album,
        Self::Place,
    ];
}

/// A piece of a document: a tag, a line of text, a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// What part it belongs to.
    pub field: SearchField,
    /// As it was said, without control characters.
    pub text: String,
    /// How sure its author is, 0 to 1; 1 for facts.
    pub confidence: f32,
}

/// All that is known of a photo in words, as pieces in order of their fields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchDocument {
    pieces: Vec<Piece>,
}

impl SearchDocument {
    /// Its pieces.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Adds a piece. What has no word is left out; of pieces of a field that read alike the surest stays.
    pub fn add(&mut self, field: SearchField, text: &str, confidence: f32) {
        let confidence = if confidence.is_finite() { confidence.clamp(0.0, 1.0) } else { 0.0 };
        // In steps of a thousandth, as it is stored.
        let confidence = (confidence * 1000.0).round() / 1000.0;
        let text: String = text.chars().take(MAX_PIECE_CHARS).collect();
        let text = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
        let text = text.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let key = folded(&text);
        if key.is_empty() {
            return;
        }
        let alike = self.pieces.iter_mut().find(|piece| piece.field == field && folded(&piece.text) == key);
        if let Some(piece) = alike {
            if piece.confidence < confidence {
                piece.confidence = confidence;
            }
        } else if self.pieces.len() < MAX_PIECES {
            let at = self.pieces.partition_point(|piece| piece.field <= field);
            self.pieces.insert(at, Piece { field, text, confidence });
        }
    }

    /// The document as the database keeps it: a line for each piece, of its field's letter, thousandths of confidence
    /// where it is below 1, a space, and its text.
    pub(crate) fn encode(&self) -> String {
        let mut lines = String::new();
        for piece in &self.pieces {
            lines.push(piece.field.letter());
            if piece.confidence < 1.0 {
                lines.push_str(&((piece.confidence * 1000.0).round() as u32).to_string());
            }
            lines.push(' ');
            lines.push_str(&piece.text);
            lines.push('\n');
        }
        lines
    }

    /// Reads what [`SearchDocument::encode`] wrote; lines that it cannot have written are left out.
    pub(crate) fn decode(lines: &str) -> Self {
        let piece = |line: &str| {
            let (head, text) = line.split_once(' ')?;
            let mut head = head.chars();
            let field = SearchField::from_letter(head.next()?)?;
            let confidence = match head.as_str() {
                "" => 1.0,
                thousandths => thousandths.parse::<u32>().ok()?.min(1000) as f32 / 1000.0,
            };
            Some(Piece { field, text: text.to_owned(), confidence })
        };
        Self { pieces: lines.lines().filter_map(piece).collect() }
    }

    /// Its pieces with their words.
    pub fn tokens(&self) -> Vec<(&Piece, Vec<String>)> {
        self.pieces.iter().map(|piece| (piece, words(&piece.text))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_are_tidied() {
        let mut document = SearchDocument::default();
        document.add(SearchField::Name, "IMG\n1.jpg\t\u{0}", 1.0);
        document.add(SearchField::Tag, "Bicycle", 0.5);
        document.add(SearchField::Tag, "bicycle", 0.9126);
        document.add(SearchField::Tag, " - ", 0.9);
        document.add(SearchField::Tag, "wheel", f32::NAN);
        let shown: Vec<_> =
            document.pieces().iter().map(|p| (p.field.name(), p.text.as_str(), p.confidence)).collect();
        assert_eq!(shown, [("tag", "Bicycle", 0.913), ("tag", "wheel", 0.0), ("name", "IMG 1.jpg", 1.0)]);
    }

    #[test]
    fn letters_and_names_are_unique() {
        let mut letters: Vec<_> = SearchField::ALL.iter().map(|field| field.letter()).collect();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), SearchField::ALL.len());
        for field in SearchField::ALL {
            assert_eq!(SearchField::from_letter(field.letter()), Some(*field));
        }
    }

    proptest! {
        #[test]
        fn documents_survive_the_database(pieces in prop::collection::vec((0..15_usize, "\\PC{0,30}|[a-c \n\r]{0,6}", 0.0..1.2_f32), 0..20)) {
            let mut document = SearchDocument::default();
            for (field, text, confidence) in &pieces {
                document.add(SearchField::ALL[*field], text, *confidence);
            }
            prop_assert_eq!(SearchDocument::decode(&document.encode()), document);
        }

        #[test]
        fn any_text_is_a_document(lines in "\\PC{0,200}") {
            SearchDocument::decode(&lines);
        }
    }
}
