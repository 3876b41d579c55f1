//! Reading numbers out of bytes that may end anywhere. Nothing here panics.

/// The `len` bytes at `at`, if they all exist.
pub(crate) fn slice(data: &[u8], at: usize, len: usize) -> Option<&[u8]> {
    data.get(at..at.checked_add(len)?)
}

macro_rules! reader {
    ($name:ident, $type:ty, $from:ident) => {
        /// The number stored at `at`, if its bytes exist.
        pub(crate) fn $name(data: &[u8], at: usize) -> Option<$type> {
            slice(data, at, size_of::<$type>())?.try_into().ok().map(<$type>::$from)
        }
    };
}

reader!(be16, u16, from_be_bytes);
reader!(be32, u32, from_be_bytes);
reader!(be64, u64, from_be_bytes);
reader!(le16, u16, from_le_bytes);
reader!(le32, u32, from_le_bytes);

/// The four-letter code at `at`.
pub(crate) fn code(data: &[u8], at: usize) -> Option<[u8; 4]> {
    slice(data, at, 4)?.try_into().ok()
}

/// The little-endian 24-bit number at `at`.
pub(crate) fn le24(data: &[u8], at: usize) -> Option<u32> {
    slice(data, at, 3).map(|b| u32::from(b[0]) | u32::from(b[1]) << 8 | u32::from(b[2]) << 16)
}

/// Text as files hold it: UTF-8 where valid, Latin-1 otherwise; cut at the first NUL and trimmed. `None` when
/// nothing is left.
pub(crate) fn text(data: &[u8]) -> Option<String> {
    let end = memchr::memchr(0, data).unwrap_or(data.len());
    let data = &data[..end];
    let text = match std::str::from_utf8(data) {
        Ok(text) => text.to_owned(),
        Err(_not_utf8) => data.iter().map(|&byte| char::from(byte)).collect(),
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    (!text.is_empty()).then(|| text.to_owned())
}

/// UTF-16 text of the given byte order, cut at the first NUL and trimmed.
pub(crate) fn utf16(data: &[u8], big_endian: bool) -> Option<String> {
    let units = data
        .chunks_exact(2)
        .map(|pair| {
            let pair = [pair[0], pair[1]];
            if big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        })
        .take_while(|&unit| unit != 0);
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
