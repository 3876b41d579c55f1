//! Writing what was decided beside photos: into their files, or into side files (INV-5: through the one writer).

use tintype_core::{ErrorCode, Metadata};
use tintype_media::{
    BatchEdit, Error as MediaError, Expected, Limits, MetadataEdit, Place, TakenEdit, WriteOptions, Written,
};
use tintype_store::{Annotations, FileDetail, FileOutcome, PhotoDetail, WriteMode};

use crate::executor::outcome_of;
use crate::reading::merge_side_file;

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
                let edit = edit_of(&photo.annotations, &photo.metadata);
                let options = options(expected(file, photo), limits);
                let written = tintype_media::write_sidecar(&file.path, &edit, &options);
                done.push(Beside { photo: at, outcome: outcome(file, photo, written, limits) });
            } else {
                into_files.push((at, file));
            }
        }
    }
    let edits: Vec<BatchEdit> = into_files
        .iter()
        .map(|(at, file)| BatchEdit {
            path: file.path.clone(),
            edit: edit_of(&photos[*at].annotations, &photos[*at].metadata),
            expected: Some(expected(file, &photos[*at])),
        })
        .collect();
    let written = tintype_media::write_batch(
        &edits,
        &WriteOptions { limits: limits.clone(), ..WriteOptions::default() },
    );
    for ((at, file), written) in into_files.into_iter().zip(written) {
        done.push(Beside { photo: at, outcome: outcome(file, &photos[at], written, limits) });
    }
    done
}

fn options(expected: Expected, limits: &Limits) -> WriteOptions {
    WriteOptions { limits: limits.clone(), expected: Some(expected), ..WriteOptions::default() }
}

/// The content that the library knows, and what vouches for it.
fn expected(file: &FileDetail, photo: &PhotoDetail) -> Expected {
    Expected { content: photo.content_hash, vouched_by: file.settled.then_some((file.size, file.mtime_ns)) }
}

/// What the library is told of a write, which may be tried once more.
fn outcome(
    file: &FileDetail,
    photo: &PhotoDetail,
    written: Result<Written, MediaError>,
    limits: &Limits,
) -> Result<(FileOutcome, bool), (ErrorCode, String)> {
    let written = match written {
        Err(MediaError::Vanished { .. }) => again(file, photo, limits),
        other => other,
    };
    let written = written.map_err(|error| (error.code(), error.to_string()))?;
    Ok((outcome_of(file.id, &written.inspected), matches!(written.place, Place::Sidecar(_))))
}

/// The file is not what the library believed: it was written by a process that died before it could say so, or by
/// another program. If it still holds the same picture, it is written with what holds now that its own word is known.
fn again(file: &FileDetail, photo: &PhotoDetail, limits: &Limits) -> Result<Written, MediaError> {
    let mut inspected = tintype_media::inspect(&file.path, limits)?;
    if inspected.pixel_hash != photo.pixel_hash {
        return Err(MediaError::Vanished { path: file.path.clone() });
    }
    merge_side_file(&mut inspected, &file.path);
    let mut decided = photo.annotations.clone();
    decided.reconcile(&inspected.metadata, inspected.mtime_ns / 1_000_000);
    let edit = edit_of(&decided, &inspected.metadata);
    let now =
        Expected { content: inspected.content_hash, vouched_by: Some((inspected.size, inspected.mtime_ns)) };
    let options = options(now, limits);
    if file.write_mode == WriteMode::Sidecar {
        tintype_media::write_sidecar(&file.path, &edit, &options)
    } else {
        tintype_media::write_metadata(&file.path, &edit, &options)
    }
}

/// The differences between what was decided and what the file says.
fn edit_of(decided: &Annotations, file: &Metadata) -> MetadataEdit {
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
