//! Paths as bytes: names on disk need not be UTF-8, and a library must not lose a photo over its name.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// `base/rel`, where `rel` is `/`-separated bytes and may be empty.
pub(crate) fn join(base: &Path, rel: &[u8]) -> PathBuf {
    if rel.is_empty() { base.to_path_buf() } else { base.join(OsStr::from_bytes(rel)) }
}

/// `path` below `base` as bytes; empty when they are equal. `None` when it is not below.
pub(crate) fn relative(base: &Path, path: &Path) -> Option<Vec<u8>> {
    path.strip_prefix(base).ok().map(|rel| rel.as_os_str().as_bytes().to_vec())
}

/// Whether `rel` is `folder` or lies below it.
pub(crate) fn is_under(rel: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || rel == folder || (rel.starts_with(folder) && rel.get(folder.len()) == Some(&b'/'))
}

/// A name for people: invalid UTF-8 replaced, control and direction-changing characters shown as escapes, so
/// that a hostile name cannot rearrange a terminal or a page.
pub fn display(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(hostile) {
        return text.into_owned();
    }
    text.chars().map(|c| if hostile(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_at_separators() {
        assert!(is_under(b"a/b", b"a"));
        assert!(is_under(b"a", b"a"));
        assert!(!is_under(b"ab", b"a"));
        assert!(is_under(b"x", b""));
    }

    #[test]
    fn hostile_names_are_made_visible() {
        assert_eq!(display("a\nb\u{202e}gpj.exe".as_bytes()), "a\\u{a}b\\u{202e}gpj.exe");
        assert_eq!(display("été.jpg".as_bytes()), "été.jpg");
        assert_eq!(display(b"\xff.jpg"), "\u{fffd}.jpg");
    }
}
