//! Which part of the library something is about.

use serde::{Deserialize, Serialize};
use tintype_core::AlbumId;

use super::scan::RootId;

/// A part of the library.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    Library,
    /// A folder with everything below it.
    Folder {
        /// Its root.
        root: RootId,
        /// Path under the root, parts separated by `/`; empty for the whole root.
        rel: Vec<u8>,
    },
    /// An album.
    Album(AlbumId),
}

impl Scope {
    /// The scope as text: equal exactly for equal scopes. Bytes that are not printable ASCII are escaped.
    pub fn key(&self) -> String {
        match self {
            Self::Library => "library".to_owned(),
            Self::Folder { root, rel } => format!("folder:{}:{}", root.0, rel.escape_ascii()),
            Self::Album(id) => format!("album:{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_scopes_apart() {
        let folder = |rel: &[u8]| Scope::Folder { root: RootId(1), rel: rel.to_vec() }.key();
        assert_ne!(folder(b"a\n"), folder(b"a\\n"));
        assert_ne!(folder(b""), Scope::Library.key());
    }
}
