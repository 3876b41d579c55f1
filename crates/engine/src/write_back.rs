//! Writing what was decided beside photos: into their files, or into side files (INV-5: through the one writer).

use tintype_core::ErrorCode;
use tintype_media::{BatchEdit, Limits, MetadataEdit, Place, TakenEdit, WriteOptions, Written};
use tintype_store::{FileDetail, FileOutcome, PhotoDetail, WriteMode};

use crate::executor::outcome_of;

/// What came of writing beside one file.
pub(crate) struct Beside {
    /// The photo's number among those given.
    pub(crate) photo: usize,
    /// What the file holds now, for the store, and whether that is in a side file.
    pub(crate) outcome: Result<(FileOutcome, bool), (ErrorCode, String)>,
}

/// Writes everything that was decided about `photos` and that their files do not say, where their roots ask for it.
/// The disk is waited for once, not once for each file.
pub(crate) fn write(photos: &[PhotoDetail], limits: &Limits) -> Vec<Beside> {
    let mut done = Vec::new();
    let mut into_files: Vec<(usize, &FileDetail)> = Vec::new();
    for (at, photo) in photos.iter().enumerate() {
        if !photo.annotations.differs_from(&photo.metadata) {
            continue;
        }
        for file in photo.files.iter().filter(|file| file.present) {
            if file.write_mode == WriteMode::Database {
                continue;
            }
            if !file.root_online {
                let detail = format!("{} cannot be reached now", file.path.display());
                done.push(Beside { photo: at, outcome: Err((ErrorCode::RootOffline, detail)) });
            } else if file.write_mode == WriteMode::Sidecar {
                let written =
                    tintype_media::write_sidecar(&file.path, &edit_of(photo), &options(photo, limits));
                done.push(Beside { photo: at, outcome: outcome(file, written) });
            } else {
                into_files.push((at, file));
            }
        }
    }
    let edits: Vec<BatchEdit> = into_files
        .iter()
        .map(|(at, file)| BatchEdit {
            path: file.path.clone(),
            edit: edit_of(&photos[*at]),
            hash_expected: Some(photos[*at].content_hash),
        })
        .collect();
    let written = tintype_media::write_batch(
        &edits,
        &WriteOptions { limits: limits.clone(), ..WriteOptions::default() },
    );
    for ((at, file), written) in into_files.into_iter().zip(written) {
        done.push(Beside { photo: at, outcome: outcome(file, written) });
    }
    done
}

fn options(photo: &PhotoDetail, limits: &Limits) -> WriteOptions {
    WriteOptions {
        limits: limits.clone(),
        hash_expected: Some(photo.content_hash),
        ..WriteOptions::default()
    }
}

fn outcome(
    file: &FileDetail,
    written: Result<Written, tintype_media::Error>,
) -> Result<(FileOutcome, bool), (ErrorCode, String)> {
    let written = written.map_err(|error| (error.code(), error.to_string()))?;
    Ok((outcome_of(file.id, &written.inspected), matches!(written.place, Place::Sidecar(_))))
}

/// The differences between what holds and what the file says.
fn edit_of(photo: &PhotoDetail) -> MetadataEdit {
    let (file, decided) = (&photo.metadata, &photo.annotations);
    MetadataEdit {
        rating: decided.rating.as_ref().map(|held| held.value).filter(|value| *value != file.rating),
        title: decided.title.as_ref().map(|held| held.value.clone()).filter(|value| *value != file.title),
        keywords: decided
            .keywords
            .as_ref()
            .map(|held| held.value.clone())
            .filter(|value| *value != file.keywords),
        taken_at: decided.taken_at.as_ref().and_then(|held| held.value.as_ref()).map(|taken| TakenEdit {
            local: taken.local.clone(),
            subsec_nanos: taken.subsec_nanos,
            offset_minutes: taken.offset_minutes,
        }),
    }
}
