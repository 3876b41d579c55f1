//! Writing what was decided beside a photo: into its file, or into a side file (INV-5: through the one writer).

use tintype_media::{Limits, MetadataEdit, TakenEdit, WriteOptions};
use tintype_store::{FileDetail, FileOutcome, PhotoDetail, WriteMode};

use crate::executor::outcome_of;
use crate::{Error, Result};

/// Where it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    File,
    Sidecar,
}

/// What was written.
pub(crate) struct Done {
    pub(crate) place: Place,
    /// What the file holds now, for the store.
    pub(crate) outcome: FileOutcome,
}

/// Writes everything that was decided about `photo` and that its file does not say.
pub(crate) fn write(file: &FileDetail, photo: &PhotoDetail, limits: &Limits) -> Result<Done> {
    let edit = edit_of(photo);
    let options = WriteOptions {
        limits: limits.clone(),
        hash_expected: Some(photo.content_hash),
        ..WriteOptions::default()
    };
    let written = match file.write_mode {
        WriteMode::File => tintype_media::write_metadata(&file.path, &edit, &options),
        WriteMode::Sidecar => tintype_media::write_sidecar(&file.path, &edit, &options),
        WriteMode::Database => {
            return Err(Error::Unavailable {
                code: tintype_core::ErrorCode::Conflict,
                detail: "this folder is only read".into(),
            });
        }
    }?;
    let place = match written.place {
        tintype_media::Place::File => Place::File,
        tintype_media::Place::Sidecar(_) => Place::Sidecar,
    };
    Ok(Done { place, outcome: outcome_of(file.id, &written.inspected) })
}

/// The differences between what holds and what the file says.
fn edit_of(photo: &PhotoDetail) -> MetadataEdit {
    let file = &photo.metadata;
    let decided = &photo.annotations;
    let mut edit = MetadataEdit::default();
    edit.rating = decided.rating.as_ref().map(|held| held.value).filter(|value| *value != file.rating);
    edit.title = decided.title.as_ref().map(|held| held.value.clone()).filter(|value| *value != file.title);
    edit.keywords =
        decided.keywords.as_ref().map(|held| held.value.clone()).filter(|value| *value != file.keywords);
    edit.taken_at = decided.taken_at.as_ref().and_then(|held| held.value.as_ref()).map(|taken| TakenEdit {
        local: taken.local.clone(),
        subsec_nanos: taken.subsec_nanos,
        offset_minutes: taken.offset_minutes,
    });
    edit
}
