//! The character map inside a SentencePiece model: byte sequences and what they are replaced by, stored as a
//! double-array trie (the layout of the Darts-clone library) followed by the replacements, each ending in a zero byte.

use super::TokenizerError;

/// Replaces the longest mapped sequence at each place, left to right; what is not mapped stays.
#[derive(Debug)]
pub(super) struct Charsmap {
    units: Vec<u32>,
    replacements: Vec<u8>,
}

impl Charsmap {
    /// The map in the bytes of `precompiled_charsmap`. Every later look-up is checked, so a hostile map can only give
    /// wrong text.
    pub(super) fn new(bytes: &[u8]) -> Result<Self, TokenizerError> {
        const CUT: TokenizerError = TokenizerError::Damaged("a character map that is cut off");
        let (size, rest) = bytes.split_first_chunk::<4>().ok_or(CUT)?;
        let (units, replacements) = rest.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or(CUT)?;
        let units = units
            .chunks_exact(4)
            .map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]))
            .collect();
        Ok(Self { units, replacements: replacements.to_vec() })
    }

    /// `text` with every mapped sequence replaced.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
            match self.longest(&text.as_bytes()[at..]) {
                Some((len, replacement)) if text.is_char_boundary(at + len) => {
                    out.push_str(replacement);
                    at += len;
                }
                _ => {
                    out.push(c);
                    at += c.len_utf8();
                }
            }
        }
        out
    }

    /// Length of the longest mapped beginning of `text`, and its replacement.
    fn longest(&self, text: &[u8]) -> Option<(usize, &str)> {
        let mut at = step(0, *self.units.first()?);
        let mut found = None;
        for (index, byte) in text.iter().enumerate() {
            let Some(&unit) = self.units.get(at ^ *byte as usize) else { break };
            // A unit's label is its low byte; the top bit marks a value instead.
            if unit & 0x8000_00FF != u32::from(*byte) {
                break;
            }
            at = step(at ^ *byte as usize, unit);
            if unit & 0x100 != 0 {
                found = self.units.get(at).map(|value| (index + 1, value & 0x7FFF_FFFF));
            }
        }
        let (len, from) = found?;
        let tail = self.replacements.get(from as usize..)?;
        let end = tail.iter().position(|byte| *byte == 0)?;
        Some((len, std::str::from_utf8(&tail[..end]).ok()?))
    }
}

/// Where the children of the node at `at` begin.
fn step(at: usize, unit: u32) -> usize {
    let offset = (unit >> 10) << ((unit & 0x200) >> 6);
    at ^ offset as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_safe(size in 0u32..80, mut bytes in prop::collection::vec(any::<u8>(), 0..120), text in ".{0,20}") {
            bytes.splice(0..0, size.to_le_bytes());
            if let Ok(map) = Charsmap::new(&bytes) {
                map.apply(&text);
            }
        }
    }

    #[test]
    fn an_empty_map_changes_nothing() {
        let map = Charsmap::new(&[0, 0, 0, 0]).unwrap();
        assert_eq!(map.apply("Ünï ① x"), "Ünï ① x");
        assert!(Charsmap::new(&[9, 0, 0, 0, 1]).is_err());
        assert!(Charsmap::new(&[9]).is_err());
    }
}
