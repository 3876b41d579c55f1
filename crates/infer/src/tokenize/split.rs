//! Steps that cut a text into the words the model works on.

use regex::Regex;

use super::bytes;
use super::unicode::{is_bert_punctuation, is_letter, is_number};

/// One splitting step. Each takes and gives words in order.
#[derive(Debug)]
pub(super) enum Splitter {
    /// Matches are words; what lies between is dropped (`true`) or a word too (`false`).
    Matches(Regex, bool),
    /// Matches separate words and are dropped (`true`) or are words too (`false`).
    Separators(Regex, bool),
    /// At white space, which is dropped.
    Whitespace,
    /// At white space, and every punctuation mark alone.
    Bert,
    /// GPT-2: words with their leading space (`true`: cut here; `false`: already cut), bytes as letters.
    Bytes { adds_space: bool, cuts: bool, alphabet: Box<[char; 256]> },
    /// Spaces become the mark, the text begins with it, and words are cut before it if asked.
    Metaspace { mark: char, prepends: Prepend, cuts: bool },
}

/// Where [`Splitter::Metaspace`] adds a mark that the text does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prepend {
    /// Before every word.
    Always,
    /// Before the first word.
    First,
    /// Nowhere.
    Never,
}

impl Splitter {
    /// GPT-2's step.
    pub(super) fn bytes(adds_space: bool, cuts: bool) -> Self {
        Self::Bytes { adds_space, cuts, alphabet: Box::new(bytes::alphabet()) }
    }

    pub(super) fn apply(&self, words: &[String]) -> Vec<String> {
        let mut out = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            match self {
                Self::Matches(pattern, drops_rest) => by_pattern(pattern, word, true, !drops_rest, &mut out),
                Self::Separators(pattern, drops_them) => {
                    by_pattern(pattern, word, !drops_them, true, &mut out);
                }
                Self::Whitespace => out.extend(word.split_whitespace().map(str::to_owned)),
                Self::Bert => out.extend(bert_words(word).map(str::to_owned)),
                Self::Bytes { adds_space, cuts, alphabet } => {
                    let spaced;
                    let mut text = word.as_str();
                    if *adds_space && !text.starts_with(char::is_whitespace) {
                        spaced = format!(" {text}");
                        text = &spaced;
                    }
                    let letters = |part: &str| part.bytes().map(|byte| alphabet[byte as usize]).collect();
                    if *cuts {
                        out.extend(gpt2_words(text).map(letters));
                    } else {
                        out.push(letters(text));
                    }
                }
                Self::Metaspace { mark, prepends, cuts } => {
                    let mut text = word.replace(' ', mark.encode_utf8(&mut [0; 4]));
                    let is_wanted = *prepends == Prepend::Always || (*prepends == Prepend::First && at == 0);
                    if is_wanted && !text.is_empty() && !text.starts_with(*mark) {
                        text.insert(0, *mark);
                    }
                    if *cuts {
                        let starts = text.match_indices(*mark).map(|(at, _)| at).filter(|at| *at > 0);
                        let ends: Vec<usize> = starts.chain([text.len()]).collect();
                        let mut from = 0;
                        for end in ends {
                            out.push(text[from..end].to_owned());
                            from = end;
                        }
                    } else {
                        out.push(text);
                    }
                }
            }
        }
        out.retain(|word| !word.is_empty());
        out
    }
}

fn by_pattern(pattern: &Regex, text: &str, keeps_matches: bool, keeps_rest: bool, out: &mut Vec<String>) {
    let mut from = 0;
    for found in pattern.find_iter(text) {
        if keeps_rest {
            out.push(text[from..found.start()].to_owned());
        }
        if keeps_matches {
            out.push(found.as_str().to_owned());
        }
        from = found.end();
    }
    if keeps_rest {
        out.push(text[from..].to_owned());
    }
}

/// Words and single punctuation marks.
fn bert_words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|word| {
        word.split_inclusive(is_bert_punctuation).flat_map(|part| {
            let mark = part.char_indices().next_back().filter(|(_, c)| is_bert_punctuation(*c));
            let (before, mark) = part.split_at(mark.map_or(part.len(), |(at, _)| at));
            [before, mark].into_iter().filter(|part| !part.is_empty())
        })
    })
}

/// GPT-2's words: a contraction, or letters, digits or other marks with one space before them, or white space.
/// Of a run of white space before a word, the last character is left to the word (or alone, if it is no space).
fn gpt2_words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (word, tail) = rest.split_at(gpt2_word_len(rest));
        rest = tail;
        Some(word)
    })
}

/// Bytes of the first word of a text that is not empty.
fn gpt2_word_len(text: &str) -> usize {
    if let Some(contraction) =
        ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].into_iter().find(|ending| text.starts_with(ending))
    {
        return contraction.len();
    }
    let body = text.strip_prefix(' ').unwrap_or(text);
    let lead = text.len() - body.len();
    let is_other = |c: char| !c.is_whitespace() && !is_letter(c) && !is_number(c);
    let classes: [&dyn Fn(char) -> bool; 3] = [&is_letter, &is_number, &is_other];
    if let Some(class) = body.chars().next().and_then(|first| classes.into_iter().find(|class| class(first)))
    {
        return lead + body.find(|c| !class(c)).unwrap_or(body.len());
    }
    let space = text.find(|c: char| !c.is_whitespace());
    let Some(end) = space else { return text.len() };
    match text[..end].char_indices().next_back() {
        Some((last, _)) if last > 0 => last,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gpt2_cuts() {
        let words = |text| gpt2_words(text).collect::<Vec<_>>();
        assert_eq!(words("I'll go,  you're 20m"), ["I", "'ll", " go", ",", " ", " you", "'re", " 20", "m"]);
        assert_eq!(words("a\n\n b  "), ["a", "\n\n", " b", "  "]);
        assert_eq!(words("a\nb"), ["a", "\n", "b"]);
        assert_eq!(words("'S 's"), ["'", "S", " '", "s"]);
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn bert_cuts() {
        assert_eq!(
            bert_words(" don't—stop!! ").collect::<Vec<_>>(),
            ["don", "'", "t", "—", "stop", "!", "!"]
        );
    }

    #[test]
    fn metaspace_cuts() {
        let apply = |cuts, text: &str| {
            Splitter::Metaspace { mark: '▁', prepends: Prepend::Always, cuts }.apply(&[text.to_owned()])
        };
        assert_eq!(apply(true, "a bc  d"), ["▁a", "▁bc", "▁", "▁d"]);
        assert_eq!(apply(false, " a b"), ["▁a▁b"]);
        assert_eq!(apply(true, ""), [""; 0]);
    }
}
