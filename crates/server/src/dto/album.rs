//! Albums.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tintype_core::PhotoId;
use tintype_engine::{paths, rfc3339, store};
use utoipa::ToSchema;
use uuid::Uuid;

use super::filter::Filter;
use crate::problem::{FieldError, Problem};

/// Longest name of an album, in characters.
const MAX_NAME: usize = 200;
/// Most photos that one request names.
const MAX_PHOTOS: usize = 10_000;

/// What an album holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum AlbumSource {
    /// Everything in a folder and below it.
    Folder {
        /// Where it is.
        path: String,
    },
    /// Photos picked one by one.
    Photos,
    /// Whatever meets the conditions, now and later.
    Search {
        /// The conditions.
        filter: Box<Filter>,
    },
}

/// A named part of the library.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Album {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// What it holds.
    source: AlbumSource,
    /// Photos in it.
    photos: u64,
    /// When it was created, RFC 3339.
    created_at: String,
}

impl Album {
    /// The record of `album`, whose folder lies under one of `roots`.
    pub(crate) fn new(album: store::Album, roots: &[store::Root]) -> Self {
        let source = match album.source {
            store::AlbumSource::Folder { root, rel } => {
                let base = roots
                    .iter()
                    .find(|known| known.id == root)
                    .map_or(&[][..], |root| root.path.as_os_str().as_encoded_bytes());
                let bytes = if rel.is_empty() { base.to_vec() } else { [base, b"/", &rel].concat() };
                AlbumSource::Folder { path: paths::display(&bytes) }
            }
            store::AlbumSource::Photos { .. } => AlbumSource::Photos,
            store::AlbumSource::Search { filter } => AlbumSource::Search { filter: Box::new(filter.into()) },
        };
        Self {
            id: album.id.0,
            name: album.name,
            source,
            photos: album.photos,
            created_at: rfc3339(album.created_ms),
        }
    }
}

/// An album to create: exactly one of `source_path`, `photo_ids` and `filter` says what it holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAlbum {
    /// Its name, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// A folder under the library or under a folder that the server was allowed to read; absolute.
    source_path: Option<String>,
    /// Photos picked one by one, at most 10,000.
    photo_ids: Option<Vec<Uuid>>,
    /// A saved search.
    filter: Option<Filter>,
}

/// What a checked [`NewAlbum`] holds.
#[derive(Debug)]
pub(crate) enum NewSource {
    /// A folder, not checked yet.
    Folder(PathBuf),
    /// The rest.
    Stored(Box<store::AlbumSource>),
}

impl NewAlbum {
    /// Name and source.
    pub(crate) fn check(self) -> Result<(String, NewSource), Problem> {
        let name = check_name(&self.name)?;
        let source = match (self.source_path, self.photo_ids, self.filter) {
            (Some(path), None, None) => NewSource::Folder(path.into()),
            (None, Some(ids), None) if ids.len() <= MAX_PHOTOS => {
                let photos = ids.into_iter().map(PhotoId).collect();
                NewSource::Stored(Box::new(store::AlbumSource::Photos { photos }))
            }
            (None, Some(ids), None) => {
                return Err(Problem::field(
                    "photo_ids",
                    format!("at most {MAX_PHOTOS} at once, not {}", ids.len()),
                ));
            }
            (None, None, Some(filter)) => {
                NewSource::Stored(Box::new(store::AlbumSource::Search { filter: filter.check()? }))
            }
            (path, ids, filter) => return Err(only_one(path.is_some(), ids.is_some(), filter.is_some())),
        };
        Ok((name, source))
    }
}

fn only_one(has_path: bool, has_ids: bool, has_filter: bool) -> Problem {
    let given = [("source_path", has_path), ("photo_ids", has_ids), ("filter", has_filter)];
    let surplus = given.iter().filter(|(_, is_given)| *is_given).skip(1);
    let errors: Vec<FieldError> =
        surplus.map(|(name, _)| FieldError::new(*name, "an album has only one source")).collect();
    if errors.is_empty() {
        return Problem::field("source_path", "is missing; photo_ids or filter will do as well");
    }
    Problem::invalid(errors)
}

/// A change to an album.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlbumChange {
    /// A new name, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// Photos to add; only where photos are picked one by one.
    #[serde(default)]
    add_photo_ids: Vec<Uuid>,
    /// Photos to take out; only where photos are picked one by one.
    #[serde(default)]
    remove_photo_ids: Vec<Uuid>,
}

impl AlbumChange {
    /// The store's change.
    pub(crate) fn check(self) -> Result<store::AlbumUpdate, Problem> {
        for (name, ids) in
            [("add_photo_ids", &self.add_photo_ids), ("remove_photo_ids", &self.remove_photo_ids)]
        {
            if ids.len() > MAX_PHOTOS {
                return Err(Problem::field(name, format!("at most {MAX_PHOTOS} at once, not {}", ids.len())));
            }
        }
        let ids = |ids: Vec<Uuid>| ids.into_iter().map(PhotoId).collect();
        Ok(store::AlbumUpdate {
            name: self.name.as_deref().map(check_name).transpose()?,
            add: ids(self.add_photo_ids),
            remove: ids(self.remove_photo_ids),
        })
    }
}

/// The name without white space around it.
pub(crate) fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count()) && !name.contains(char::is_control);
    fits.then(|| name.to_owned())
        .ok_or_else(|| Problem::field("name", format!("is 1 to {MAX_NAME} printable characters")))
}
