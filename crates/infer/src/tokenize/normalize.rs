//! Steps that rewrite a whole text before it is split.

use std::borrow::Cow;

use regex::{NoExpand, Regex};
use unicode_normalization::UnicodeNormalization;

use super::charsmap::Charsmap;
use super::unicode::{is_bert_control, is_cjk, is_nonspacing_mark};

/// One rewriting step.
#[derive(Debug)]
pub(super) enum Normalizer {
    /// A Unicode normalisation form.
    Form(Form),
    /// Lower case, character by character (no rule for a final sigma).
    Lowercase,
    /// Every match replaced by the same text.
    Replace(Regex, String),
    /// White space removed at the start, at the end.
    Strip(bool, bool),
    /// BERT's four steps.
    Bert(BertRules),
    /// A SentencePiece character map.
    Charsmap(Charsmap),
    /// SentencePiece's spaces: one before every word, written `▁`, none at the end.
    MarkedSpaces,
}

/// Unicode normalisation forms.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

/// Which of BERT's steps apply.
#[derive(Debug, Clone, Copy)]
pub(super) struct BertRules {
    /// Drop control characters, make every white space a space.
    pub(super) cleans: bool,
    /// Put spaces around CJK characters.
    pub(super) separates_cjk: bool,
    /// Drop accents.
    pub(super) strips_accents: bool,
    /// Lower case.
    pub(super) lowercases: bool,
}

impl Normalizer {
    pub(super) fn apply(&self, text: String) -> String {
        match self {
            Self::Form(Form::Nfc) => text.nfc().collect(),
            Self::Form(Form::Nfd) => text.nfd().collect(),
            Self::Form(Form::Nfkc) => text.nfkc().collect(),
            Self::Form(Form::Nfkd) => text.nfkd().collect(),
            Self::Lowercase => text.chars().flat_map(char::to_lowercase).collect(),
            Self::Replace(pattern, with) => match pattern.replace_all(&text, NoExpand(with)) {
                Cow::Borrowed(_) => text,
                Cow::Owned(changed) => changed,
            },
            Self::Strip(left, right) => {
                let text = if *left { text.trim_start() } else { &text };
                if *right { text.trim_end() } else { text }.to_owned()
            }
            Self::Bert(rules) => rules.apply(text),
            Self::Charsmap(map) => map.apply(&text),
            Self::MarkedSpaces => {
                let mut marked = String::with_capacity(text.len() + 3);
                for word in text.split(' ').filter(|word| !word.is_empty()) {
                    marked.push('▁');
                    marked.push_str(word);
                }
                // A mark in the text itself counts as a space, too.
                marked.truncate(marked.trim_end_matches('▁').len());
                marked
            }
        }
    }
}

impl BertRules {
    fn apply(self, mut text: String) -> String {
        if self.cleans {
            text = text
                .chars()
                .filter(|c| !matches!(c, '\0' | '\u{FFFD}') && !is_bert_control(*c))
                .map(|c| if c.is_whitespace() { ' ' } else { c })
                .collect();
        }
        if self.separates_cjk && text.chars().any(is_cjk) {
            let mut spaced = String::with_capacity(text.len() * 2);
            for c in text.chars() {
                if is_cjk(c) {
                    spaced.extend([' ', c, ' ']);
                } else {
                    spaced.push(c);
                }
            }
            text = spaced;
        }
        if self.strips_accents {
            text = text.nfd().filter(|c| !is_nonspacing_mark(*c)).collect();
        }
        if self.lowercases {
            text = text.chars().flat_map(char::to_lowercase).collect();
        }
        text
    }
}
