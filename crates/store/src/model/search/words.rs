//! The words that texts are found by: the same for what is stored and for what is asked, on both databases.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longest word kept, in characters; what is longer is cut alike in texts and in questions.
const MAX_CHARS: usize = 40;

/// Accents over Latin, Greek and Cyrillic letters (Unicode block "Combining Diacritical Marks"). Marks of other
/// scripts are part of their words.
const ACCENTS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// Splits a text into the words it is found by, in order.
///
/// Letters lose case and accents (`É` is `e`, `ß` is `ss`), width and ligatures (Unicode NFKD). A word ends where
/// letters meet digits (`IMG0353` is `img`, `353`), numbers lose leading zeros, and scripts that are written without
/// spaces give one word for each character, so that any part of a sentence is found as a sequence of them. Everything
/// else separates words; the result holds letters, digits and marks only.
pub fn words(text: &str) -> Vec<String> {
    if text.is_ascii() { words_of_ascii(text) } else { words_of_any(text) }
}

/// Most texts: nothing in them decomposes, and ranking a search splits thousands.
fn words_of_ascii(text: &str) -> Vec<String> {
    let mut splitter = Splitter::default();
    text.bytes().for_each(|letter| splitter.take(char::from(letter.to_ascii_lowercase())));
    splitter.end();
    splitter.words
}

fn words_of_any(text: &str) -> Vec<String> {
    let mut splitter = Splitter::default();
    let plain = text.nfkd().filter(|letter| !ACCENTS.contains(letter)).nfc();
    for letter in plain {
        match unfolded(letter) {
            Some(letters) => letters.chars().for_each(|letter| splitter.take(letter)),
            None => letter.to_lowercase().for_each(|letter| match unfolded(letter) {
                Some(letters) => letters.chars().for_each(|letter| splitter.take(letter)),
                None => splitter.take(letter),
            }),
        }
    }
    splitter.end();
    splitter.words
}

/// [`words`] with one space between: equal for texts that are found alike.
pub fn folded(text: &str) -> String {
    words(text).join(" ")
}

/// Letters that have no decomposition in Unicode but that people type without the stroke or as two.
fn unfolded(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'þ' | 'Þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// What a character does to the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// Of a script without spaces: a word of its own.
    Alone,
    /// Belongs to the character before it.
    Mark,
    Between,
}

fn class(letter: char) -> Class {
    match letter {
        '0'..='9' => Class::Digit,
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '\u{0}'..='\u{7f}' => Class::Between,
        _ if is_combining_mark(letter) => Class::Mark,
        // Kana, Han, Hangul, Thai, Lao, Khmer, Myanmar.
        '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{e01}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
            if letter.is_alphanumeric() =>
        {
            Class::Alone
        }
        _ if letter.is_numeric() => Class::Digit,
        _ if letter.is_alphanumeric() => Class::Letter,
        _ => Class::Between,
    }
}

#[derive(Default)]
struct Splitter {
    words: Vec<String>,
    word: String,
    chars: usize,
    last: Option<Class>,
}

impl Splitter {
    fn take(&mut self, letter: char) {
        let class = class(letter);
        match class {
            Class::Between => return self.end(),
            // A mark without a letter before it is nothing.
            Class::Mark if self.last.is_none() => return,
            Class::Mark => {}
            _ => {
                if self.last.is_some_and(|last| last != class) || class == Class::Alone {
                    self.end();
                }
                self.last = Some(class);
            }
        }
        if self.chars < MAX_CHARS {
            self.word.push(letter);
            self.chars += 1;
        }
    }

    fn end(&mut self) {
        if self.last == Some(Class::Digit) {
            let digits = self.word.trim_start_matches('0').len().max(1).min(self.word.len());
            self.word.drain(..self.word.len() - digits);
        }
        if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
        (self.chars, self.last) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ascii_has_the_same_words_on_the_short_way(text in "[ -~\\x00-\\x7f]{0,60}|[a-cA-C0 _]{0,60}") {
            prop_assert_eq!(words_of_ascii(&text), words_of_any(&text));
        }
    }

    #[test]
    fn texts_become_words() {
        for (text, expected) in [
            ("", ""),
            ("IMG_0353.JPG", "img 353 jpg"),
            ("DSC01234", "dsc 1234"),
            ("Café CRÈME, ÉTÉ!", "cafe creme ete"),
            ("Straße Łódź Ærø", "strasse lodz aero"),
            ("İstanbul ISTANBUL", "istanbul istanbul"),
            ("ﬁsh ｆｕｌｌ", "fish full"),
            ("000 007 0", "0 7 0"),
            ("海辺の犬", "海 辺 の 犬"),
            ("바다에서", "바 다 에 서"),
            ("नमस्ते दुनिया", "नमस्ते दुनिया"),
            ("Ελλάδα Москва", "ελλαδα москва"),
            ("a\u{0}b'c\"d*e(f)g:h", "a b c d e f g h"),
            ("🏖 - – …", ""),
            ("f/2.8 50mm", "f 2 8 50 mm"),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
        assert_eq!(words(&"x".repeat(100))[0].chars().count(), MAX_CHARS);
    }

    #[test]
    fn words_of_words_are_the_same() {
        for text in ["0a00b", "éa\u{301}\u{302}", "\u{301}x", "ỉ٣٤x", "ǅ ŉ ﷺ", "½ ² Ⅷ", "ไทย ก็"]
        {
            let once = folded(text);
            assert_eq!(folded(&once), once, "{text:?}");
            assert!(!once.contains(['\'', '"', '\\', ':', '*', '/', '¦']), "{once:?}");
        }
    }
}
