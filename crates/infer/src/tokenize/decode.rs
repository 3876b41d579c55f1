//! From tokens back to words.

use super::bytes;

/// How a family's tokens are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decoder {
    /// Letters of the byte alphabet; an end-of-word mark becomes a space.
    Bytes { suffix: Option<String> },
    /// Words with a space between, continuations without; punctuation tidied if asked.
    WordPiece { prefix: String, tidies: bool },
    /// The mark becomes a space.
    Metaspace { mark: char },
}

impl Decoder {
    pub(super) fn decode<'t>(&self, tokens: impl Iterator<Item = &'t str>) -> String {
        match self {
            Self::Bytes { suffix } => {
                let mut bytes = Vec::new();
                for token in tokens {
                    let (body, ends_word) =
                        match suffix.as_deref().and_then(|suffix| token.strip_suffix(suffix)) {
                            Some(body) => (body, true),
                            None => (token, false),
                        };
                    for c in body.chars() {
                        match bytes::to_byte(c) {
                            Some(byte) => bytes.push(byte),
                            None => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        }
                    }
                    if ends_word {
                        bytes.push(b' ');
                    }
                }
                let text = String::from_utf8_lossy(&bytes);
                if suffix.is_some() { text.trim().to_owned() } else { text.into_owned() }
            }
            Self::WordPiece { prefix, tidies } => {
                let mut text = String::new();
                for token in tokens {
                    match token.strip_prefix(prefix.as_str()) {
                        Some(rest) if !text.is_empty() => text.push_str(rest),
                        _ if text.is_empty() => text.push_str(token),
                        _ => {
                            text.push(' ');
                            text.push_str(token);
                        }
                    }
                }
                if *tidies { tidy_spacing(&text) } else { text }
            }
            Self::Metaspace { mark } => {
                let text: String = tokens.collect::<String>().replace(*mark, " ");
                text.trim_start_matches(' ').to_owned()
            }
        }
    }
}

/// English text without the spaces that tokenising put before punctuation and contractions: `a dog , isn ' t it ?`
/// becomes `a dog, isn't it?`. The rules and their order are those of the Python tokenisers.
pub fn tidy_spacing(text: &str) -> String {
    const RULES: [(&str, &str); 10] = [
        (" .", "."),
        (" ?", "?"),
        (" !", "!"),
        (" ,", ","),
        (" ' ", "'"),
        (" n't", "n't"),
        (" 'm", "'m"),
        (" 's", "'s"),
        (" 've", "'ve"),
        (" 're", "'re"),
    ];
    RULES.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
