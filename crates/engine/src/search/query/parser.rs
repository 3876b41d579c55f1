//! From pieces to a tree.

use tintype_store::words;

use super::fields::{self, FieldRow, ValueKind};
use super::lexer::{self, Lexeme, Placed};
use super::values::{self, Day};
use super::{Chip, MAX_BYTES, MAX_DEPTH, MAX_TERMS, MAX_TEXT, Node, Query, Term, print};

/// Most warnings that are kept: the first ones tell what is wrong.
const MAX_WARNINGS: usize = 10;

struct Parser {
    pieces: Vec<Placed>,
    at: usize,
    /// Where each term stands, in order of appearance.
    places: Vec<(usize, usize)>,
    warnings: Vec<String>,
}

pub(super) fn parse(text: &str) -> Query {
    let mut warnings = Vec::new();
    let read = &text[..text.floor_char_boundary(MAX_BYTES)];
    if read.len() < text.len() {
        warnings.push(format!("only the first {MAX_BYTES} bytes were read"));
    }
    let pieces = lexer::cut(read, &mut |warning| warnings.push(warning));
    let mut parser = Parser { pieces, at: 0, places: Vec::new(), warnings };
    let mut list = Vec::new();
    while parser.at < parser.pieces.len() {
        list.extend(parser.any(0));
        if parser.peek().is_some() {
            // Only a parenthesis that closes nothing ends a query early.
            parser.warn("a closing parenthesis has no opening one; it was left out".to_owned());
            parser.at += 1;
        }
    }
    let root = Node::all(list);
    let chips = root.as_ref().map_or_else(Vec::new, |root| chips(root, &parser.places, read));
    Query { root, warnings: parser.warnings, chips }
}

fn chips(root: &Node, places: &[(usize, usize)], text: &str) -> Vec<Chip> {
    let mut chips = Vec::with_capacity(places.len());
    let utf16 = |byte: usize| text[..byte].encode_utf16().count();
    root.each_term(&mut |term, wanted| {
        let (start, end) = places.get(chips.len()).copied().unwrap_or_default();
        chips.push(Chip {
            kind: print::kind(term),
            text: term.to_string(),
            start: utf16(start),
            end: utf16(end),
            is_negated: !wanted,
            without: root.without(chips.len()).map_or_else(String::new, |rest| rest.to_string()),
        });
    });
    chips
}

impl Parser {
    fn peek(&self) -> Option<&Lexeme> {
        self.pieces.get(self.at).map(|piece| &piece.lexeme)
    }

    fn warn(&mut self, warning: String) {
        if self.warnings.len() < MAX_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Alternatives up to a closing parenthesis or the end.
    fn any(&mut self, depth: usize) -> Option<Node> {
        let mut alternatives = Vec::new();
        let mut list = Vec::new();
        // Whether something stands before the operator, even if nothing came of it.
        let mut is_after_operand = false;
        // Parentheses that are too deep to group anything.
        let mut flat = 0;
        loop {
            let is_before_operand =
                self.pieces.get(self.at + 1).is_some_and(|piece| piece.lexeme.begins_operand());
            match self.peek() {
                Some(Lexeme::Close) if flat > 0 => {
                    flat -= 1;
                    self.at += 1;
                }
                None | Some(Lexeme::Close) => break,
                Some(Lexeme::Open) if depth >= MAX_DEPTH => {
                    self.warn(format!("parentheses within more than {MAX_DEPTH} others group nothing"));
                    flat += 1;
                    self.at += 1;
                }
                Some(Lexeme::Or) if is_after_operand && is_before_operand => {
                    alternatives.extend(Node::all(std::mem::take(&mut list)));
                    is_after_operand = false;
                    self.at += 1;
                }
                Some(Lexeme::And) if is_after_operand && is_before_operand => self.at += 1,
                Some(Lexeme::Or) => list.extend(self.dangling("or")),
                Some(Lexeme::And) => list.extend(self.dangling("and")),
                Some(_) => {
                    list.extend(self.one(depth));
                    is_after_operand = true;
                }
            }
        }
        alternatives.extend(Node::all(list));
        Node::any(alternatives)
    }

    /// An operator that joins nothing, as the plain word that it may have been meant to be.
    fn dangling(&mut self, word: &str) -> Option<Node> {
        self.warn(format!("{} stands alone; it was taken as a word", word.to_uppercase()));
        let (start, end) = (self.pieces[self.at].start, self.pieces[self.at].end);
        self.at += 1;
        self.term(Term::Word { text: word.to_owned(), is_prefix: false }, start, end)
    }

    /// A group or a term with the negations before it.
    fn one(&mut self, depth: usize) -> Option<Node> {
        let start = self.pieces[self.at].start;
        let mut is_negated = false;
        while let Some(Lexeme::Minus | Lexeme::Not) = self.peek() {
            let is_before_operand =
                self.pieces.get(self.at + 1).is_some_and(|piece| piece.lexeme.begins_operand());
            if !is_before_operand {
                let is_word = matches!(self.peek(), Some(Lexeme::Not));
                let word = if is_word { self.dangling("not") } else { None };
                self.at += usize::from(!is_word);
                return word.map(|node| if is_negated { node.negated() } else { node });
            }
            is_negated = !is_negated;
            self.at += 1;
        }
        // A parenthesis too deep to group is dealt with where its list is.
        if self.peek() == Some(&Lexeme::Open) && depth >= MAX_DEPTH {
            return None;
        }
        let Placed { lexeme, end, .. } = self.pieces.get(self.at)?.clone();
        self.at += 1;
        let node = match lexeme {
            Lexeme::Open => {
                let inner = self.any(depth + 1);
                match self.peek() {
                    Some(Lexeme::Close) => self.at += 1,
                    _ => self.warn("a parenthesis is not closed".to_owned()),
                }
                inner
            }
            Lexeme::Word(word) => self.word(&word, start, end),
            Lexeme::Quoted(text) => self.phrase(&text, start, end),
            Lexeme::Named(name, text) => match fields::find(&name) {
                Some(row) => self.named(row, &text, &format!("{name}:{text}"), true, start, end),
                None => self.phrase(&text, start, end),
            },
            _ => None,
        };
        node.map(|node| if is_negated { node.negated() } else { node })
    }

    fn word(&mut self, word: &str, start: usize, end: usize) -> Option<Node> {
        if let Some((name, value)) = word.split_once(':')
            && let Some(row) = fields::find(name)
        {
            return self.named(row, value, word, false, start, end);
        }
        self.plain(word, start, end)
    }

    /// A word in anything; nothing if it has no letter or digit.
    fn plain(&mut self, word: &str, start: usize, end: usize) -> Option<Node> {
        let (text, is_prefix) = ending(&self.shortened(word));
        if words(&text).is_empty() {
            self.warn(format!("{} has no letter or digit; it was left out", shown(word)));
            return None;
        }
        self.term(Term::Word { text, is_prefix }, start, end)
    }

    fn phrase(&mut self, text: &str, start: usize, end: usize) -> Option<Node> {
        let text = self.shortened(&tidy(text));
        if words(&text).is_empty() {
            if !text.is_empty() {
                self.warn(format!("{} has no letter or digit; it was left out", shown(&text)));
            }
            return None;
        }
        self.term(Term::Phrase(text), start, end)
    }

    /// The value of a field, or `whole` as plain words where it is none.
    fn named(
        &mut self,
        row: &'static FieldRow,
        value: &str,
        whole: &str,
        is_quoted: bool,
        start: usize,
        end: usize,
    ) -> Option<Node> {
        let value = tidy(value);
        if let Some(term) = self.value(row, &value) {
            return self.term(term, start, end);
        }
        let example = row.example;
        self.warn(format!("{} was taken as words; try for example {example}", shown(whole)));
        if is_quoted { self.phrase(whole, start, end) } else { self.plain(whole, start, end) }
    }

    fn value(&mut self, row: &'static FieldRow, value: &str) -> Option<Term> {
        let field = row.name;
        let text = |parser: &mut Self| {
            let (text, is_prefix) = ending(&parser.shortened(value));
            (!words(&text).is_empty()).then_some((text, is_prefix))
        };
        match row.value {
            ValueKind::Text => text(self).map(|(text, is_prefix)| Term::Text { field, text, is_prefix }),
            ValueKind::Number => values::span(value, values::number, values::is_greater)
                .map(|span| Term::Number { field, span }),
            ValueKind::Date => values::span(value, Day::parse, Day::is_after).map(Term::Date),
            ValueKind::Album => text(self).map(|(text, _)| Term::Album(text)),
            ValueKind::Place => match values::near(value) {
                Some((latitude, longitude, km)) => Some(Term::Near { latitude, longitude, km }),
                None => text(self).map(|(text, is_prefix)| Term::Text { field, text, is_prefix }),
            },
            ValueKind::Choice(known) => {
                fields::choice(known, value).map(|value| Term::Choice { field, value })
            }
        }
    }

    fn term(&mut self, term: Term, start: usize, end: usize) -> Option<Node> {
        if self.places.len() == MAX_TERMS {
            self.warn(format!("only the first {MAX_TERMS} terms were read"));
            return None;
        }
        self.places.push((start, end));
        Some(Node::Term(term))
    }

    fn shortened(&mut self, text: &str) -> String {
        match text.char_indices().nth(MAX_TEXT) {
            None => text.to_owned(),
            Some((at, _)) => {
                self.warn(format!("only the first {MAX_TEXT} characters of a long word were read"));
                text[..at].trim_end().to_owned()
            }
        }
    }
}

/// A text without the asterisks at its end, and whether it had any.
fn ending(text: &str) -> (String, bool) {
    let bare = text.trim_end_matches('*');
    (bare.trim_end().to_owned(), bare.len() < text.len())
}

/// One space between words, none around them.
fn tidy(text: &str) -> String {
    let words = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The beginning of what was typed, for a warning.
fn shown(text: &str) -> String {
    const SHOWN: usize = 30;
    match text.char_indices().nth(SHOWN) {
        None => lexer::quoted(text),
        Some((at, _)) => format!("{}…", lexer::quoted(&text[..at])),
    }
}
