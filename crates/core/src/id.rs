//! Public identities of photos, albums and operations: UUIDs in the API, never row numbers.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ContentHash;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

id_type! {
    /// A photo. Made from the content it was first seen with, so that a library rebuilt from the same files
    /// has the same ids.
    PhotoId
}
id_type! {
    /// An album.
    AlbumId
}
id_type! {
    /// An operation; later ones sort after earlier ones (UUID version 7).
    OperationId
}

impl PhotoId {
    /// The `attempt`-th candidate id for a photo first seen with `content` (0, then 1 if that is taken, …).
    ///
    /// An id can be taken by a photo whose metadata has been edited since: it keeps its id while its content
    /// hash moves on, and then its old bytes reappear from a backup.
    pub fn from_content(content: &ContentHash, attempt: u8) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&content.0[..16]);
        bytes[15] ^= attempt;
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

impl AlbumId {
    /// A fresh random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
}

impl OperationId {
    /// A fresh id, ordered by time.
    pub fn now() -> Self {
        Self(Uuid::now_v7())
    }
}
