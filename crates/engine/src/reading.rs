//! Reading what files say, together with the side files that describe them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tintype_core::{Control, Issue, Metadata, Stage};
use tintype_media::{Inspected, Limits, find_sidecar, load_sidecar, merge_sidecar};
use tintype_store::PathText;

use crate::walk;

/// Files described between two handings over: enough to keep every core busy, few enough to hold in memory.
const CHUNK: usize = 1024;

/// What a file says, as [`describe`] hands it over.
#[derive(Debug, Clone, Serialize)]
pub struct FileDescription {
    /// The file.
    pub path: PathText,
    /// What the content is, by its lower-case name; `None` when nothing known.
    pub format: Option<&'static str>,
    /// Size in bytes.
    pub size: u64,
    /// What the file and its side file say about the picture.
    pub metadata: Metadata,
    /// What was wrong with it.
    pub issues: Vec<Issue>,
}

/// Describes files and everything below folders, in order of their paths, without a library and without reading
/// more of each file than its metadata takes; how many there were. `hand_over` may stop it with its own error.
pub fn describe<E>(
    sources: &[PathBuf],
    threads: usize,
    control: &Control,
    mut hand_over: impl FnMut(FileDescription) -> Result<(), E>,
) -> Result<u64, E> {
    let limits = Limits::default();
    let files = list(sources, threads, control);
    let mut count = 0;
    for chunk in files.chunks(CHUNK) {
        for description in describe_together(chunk, threads, &limits) {
            if control.requested().is_some() {
                return Ok(count);
            }
            count += 1;
            hand_over(description)?;
        }
    }
    Ok(count)
}

/// A file to be described, and whether there may be a side file beside it.
struct Listed {
    path: PathBuf,
    may_have_side_file: bool,
}

fn list(sources: &[PathBuf], threads: usize, control: &Control) -> Vec<Listed> {
    let mut files = Vec::new();
    for source in sources {
        if !source.is_dir() {
            files.push(Listed { path: source.clone(), may_have_side_file: true });
            continue;
        }
        for folder in walk::walk(source, b"", None, threads, control).folders {
            let may_have_side_file = !folder.sidecars.is_empty();
            let path = crate::paths::join(source, &folder.rel);
            files.extend(
                folder.files.into_iter().map(|(name, _stat)| Listed {
                    path: crate::paths::join(&path, &name),
                    may_have_side_file,
                }),
            );
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Describes files on several threads; in the order given.
fn describe_together(files: &[Listed], threads: usize, limits: &Limits) -> Vec<FileDescription> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(files.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, files.len().max(1)) {
            scope.spawn(|| {
                let (mut mine, mut buffer) = (Vec::new(), Vec::new());
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(at) else { break };
                    mine.push((at, describe_one(file, limits, &mut buffer)));
                }
                done.lock().unwrap_or_else(PoisonError::into_inner).append(&mut mine);
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, description)| description).collect()
}

fn describe_one(file: &Listed, limits: &Limits, buffer: &mut Vec<u8>) -> FileDescription {
    let path = PathText::from(file.path.as_path());
    match tintype_media::read_metadata(&file.path, limits, buffer) {
        Ok(found) => {
            let (mut metadata, mut issues) = (found.metadata, found.issues);
            if file.may_have_side_file {
                merge(&mut metadata, &mut issues, &file.path);
            }
            let format = found.format.map(tintype_media::Format::name);
            FileDescription { path, format, size: found.size, metadata, issues }
        }
        Err(error) => {
            let issues = vec![Issue::new(Stage::Read, error.code(), error.to_string())];
            FileDescription { path, format: None, size: 0, metadata: Metadata::default(), issues }
        }
    }
}

/// Lets what the side file of `photo` says hold over what the file says (`media` documents what wins). A side file
/// that cannot be read is an issue of the photo, not a failure.
pub(crate) fn merge_side_file(inspected: &mut Inspected, photo: &Path) {
    merge(&mut inspected.metadata, &mut inspected.issues, photo);
}

fn merge(metadata: &mut Metadata, issues: &mut Vec<Issue>, photo: &Path) {
    let Some(path) = find_sidecar(photo) else { return };
    match load_sidecar(&path) {
        Ok(sidecar) => merge_sidecar(metadata, &sidecar),
        Err(error) => issues.push(Issue::new(Stage::Metadata, error.code(), error.to_string())),
    }
}
