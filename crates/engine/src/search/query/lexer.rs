//! Cutting a query into pieces.

use super::fields;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `-` right before something.
    Minus,
    /// `AND`
    And,
    /// `OR`
    Or,
    /// `NOT`
    Not,
    /// Anything without spaces, quotes and parentheses.
    Word(String),
    /// Text in quotes.
    Quoted(String),
    /// Text in quotes right after the name of a known field and a colon.
    Named(String, String),
}

impl Lexeme {
    /// Whether a part of a query may begin with it.
    pub(super) fn begins_operand(&self) -> bool {
        !matches!(self, Self::Close | Self::And | Self::Or)
    }
}

/// A piece with where it stands, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) lexeme: Lexeme,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Straight quotes, and those that telephones and word processors put in their place.
const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

fn is_space(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

/// Whether a text reads back as one word.
pub(super) fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && !text
            .contains(|letter| is_space(letter) || QUOTES.contains(&letter) || matches!(letter, '(' | ')'))
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        if letter == '\\' || QUOTES.contains(&letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}

/// The pieces of a query; `warn` is told of quotes that nothing closes.
pub(super) fn cut(text: &str, warn: &mut dyn FnMut(String)) -> Vec<Placed> {
    let mut pieces = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        let lexeme = match letter {
            _ if is_space(letter) => continue,
            '(' => Lexeme::Open,
            ')' => Lexeme::Close,
            _ if QUOTES.contains(&letter) => Lexeme::Quoted(quotation(&mut letters, warn)),
            '-' if letters.peek().is_some_and(|(_, next)| !is_space(*next)) => Lexeme::Minus,
            _ => {
                let mut word = String::from(letter);
                while let Some((_, letter)) = letters.next_if(|(_, letter)| {
                    !is_space(*letter) && !QUOTES.contains(letter) && !matches!(letter, '(' | ')')
                }) {
                    word.push(letter);
                }
                let name = word.strip_suffix(':').filter(|name| fields::find(name).is_some());
                match (name, letters.next_if(|(_, letter)| QUOTES.contains(letter))) {
                    (Some(name), Some(_)) => Lexeme::Named(name.to_owned(), quotation(&mut letters, warn)),
                    (None, Some((at, _))) => {
                        // A quote in the middle ends the word and begins a text.
                        pieces.push(Placed { lexeme: plain(word), start, end: at });
                        let end = |letters: &mut std::iter::Peekable<std::str::CharIndices<'_>>| {
                            letters.peek().map_or(text.len(), |(at, _)| *at)
                        };
                        let lexeme = Lexeme::Quoted(quotation(&mut letters, warn));
                        pieces.push(Placed { lexeme, start: at, end: end(&mut letters) });
                        continue;
                    }
                    _ => plain(word),
                }
            }
        };
        let end = letters.peek().map_or(text.len(), |(at, _)| *at);
        pieces.push(Placed { lexeme, start, end });
    }
    pieces
}

fn plain(word: String) -> Lexeme {
    match word.as_str() {
        "AND" => Lexeme::And,
        "OR" => Lexeme::Or,
        "NOT" => Lexeme::Not,
        _ => Lexeme::Word(word),
    }
}

/// The text up to the closing quote, or to the end.
fn quotation(
    letters: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    warn: &mut dyn FnMut(String),
) -> String {
    let mut text = String::new();
    while let Some((_, letter)) = letters.next() {
        match letter {
            '\\' => text.extend(letters.next().map(|(_, letter)| letter)),
            _ if QUOTES.contains(&letter) => return text,
            _ => text.push(letter),
        }
    }
    warn("a quotation mark is not closed; everything after it was taken as one text".to_owned());
    text
}
