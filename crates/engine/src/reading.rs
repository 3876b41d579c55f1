//! Reading a photo's file together with the side file that describes it.

use std::path::Path;

use tintype_core::{Issue, Stage};
use tintype_media::{Inspected, find_sidecar, load_sidecar, merge_sidecar};

/// Lets what the side file of `photo` says hold over what the file says (`media` documents what wins). A side file
/// that cannot be read is an issue of the photo, not a failure.
pub(crate) fn merge_side_file(inspected: &mut Inspected, photo: &Path) {
    let Some(path) = find_sidecar(photo) else { return };
    match load_sidecar(&path) {
        Ok(sidecar) => merge_sidecar(&mut inspected.metadata, &sidecar),
        Err(error) => inspected.issues.push(Issue::new(Stage::Metadata, error.code(), error.to_string())),
    }
}
