//! GPT-2's alphabet: every byte is written as one printable character, so that any text is a word over 256 letters.

/// The 68 bytes that are not printable in Latin-1 take the characters from U+0100 on; the others stand for themselves.
fn is_printable(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF)
}

/// The letter of a byte.
pub(super) fn to_char(byte: u8) -> char {
    if is_printable(byte) {
        return char::from(byte);
    }
    let shift = (0..byte).filter(|b| !is_printable(*b)).count() as u32;
    char::from_u32(256 + shift).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// All 256 letters, by byte.
pub(super) fn alphabet() -> [char; 256] {
    std::array::from_fn(|byte| to_char(byte as u8))
}

/// The byte of a letter; `None` for a character outside the alphabet.
pub(super) fn to_byte(c: char) -> Option<u8> {
    let code = u32::from(c);
    match u8::try_from(code) {
        Ok(byte) => is_printable(byte).then_some(byte),
        Err(_) => (0..=255u8).filter(|byte| !is_printable(*byte)).nth(code.checked_sub(256)? as usize),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_its_own_letter() {
        for byte in 0..=255 {
            assert_eq!(super::to_byte(super::to_char(byte)), Some(byte));
        }
        assert_eq!(super::to_char(b' '), 'Ġ');
        assert_eq!(super::to_char(b'\n'), 'Ċ');
        assert_eq!(super::to_char(0xAD), 'Ń');
        assert_eq!(super::to_byte('ń'), None);
        assert_eq!(super::to_byte(' '), None);
    }
}
