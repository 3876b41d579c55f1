//! Files of models on this machine: where they lie, and whether they are the pinned ones.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::table::Pin;

/// How many folders below the directory are looked into.
const DEPTH: usize = 2;

/// The file of this pin below `dir`: by its name or its hash, in the directory itself or in a folder of it.
pub(super) fn find(dir: &Path, pin: &Pin) -> Option<PathBuf> {
    find_below(dir, pin, DEPTH)
}

fn find_below(dir: &Path, pin: &Pin, depth: usize) -> Option<PathBuf> {
    let here = [dir.join(pin.name), dir.join(pin.sha256)];
    if let Some(found) = here.into_iter().find(|path| path.is_file()) {
        return Some(found);
    }
    if depth == 0 {
        return None;
    }
    let mut folders: Vec<PathBuf> = fs_err::read_dir(dir)
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .collect();
    folders.sort_unstable();
    folders.iter().find_map(|folder| find_below(folder, pin, depth - 1))
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    bytes: u64,
    modified_ns: u128,
}

pub(super) fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let metadata = fs_err::metadata(path)?;
    let since = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Stamp { bytes: metadata.len(), modified_ns: since.as_nanos() })
}

/// Remembered beside a file after its hash was computed.
#[derive(Serialize, Deserialize)]
struct Verified {
    stamp: Stamp,
    sha256: String,
}

/// The path with something added to its name.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn memo(path: &Path) -> PathBuf {
    beside(path, ".verified")
}

/// Checks that `path` holds the pinned bytes. A file whose size and time are those of the last check is not read
/// again unless `again` asks for it.
pub(super) fn verify(model: &str, path: &Path, pin: &Pin, again: bool) -> Result<()> {
    let cannot = |source| Error::File { model: model.to_owned(), path: path.to_owned(), source };
    let now = stamp(path).map_err(cannot)?;
    check_length(model, pin, now.bytes)?;
    let remembered = || -> Option<Verified> { serde_json::from_slice(&fs_err::read(memo(path)).ok()?).ok() };
    if !again && remembered().is_some_and(|memo| memo.stamp == now && memo.sha256 == pin.sha256) {
        return Ok(());
    }
    check_hash(model, pin, hash_file(path).map_err(cannot)?)?;
    remember(path, now, pin.sha256);
    Ok(())
}

/// A directory that cannot be written (a read-only mirror) is hashed again next time.
fn remember(path: &Path, stamp: Stamp, sha256: &str) {
    if let Ok(text) = serde_json::to_vec(&Verified { stamp, sha256: sha256.to_owned() }) {
        let _ = fs_err::write(memo(path), text);
    }
}

pub(super) fn check_length(model: &str, pin: &Pin, found: u64) -> Result<()> {
    match pin.bytes {
        Some(expected) if expected != found => {
            Err(Error::WrongLength { model: model.to_owned(), file: pin.name.to_owned(), expected, found })
        }
        _ => Ok(()),
    }
}

pub(super) fn check_hash(model: &str, pin: &Pin, found: String) -> Result<()> {
    if found == pin.sha256 {
        return Ok(());
    }
    Err(Error::WrongHash {
        model: model.to_owned(),
        file: pin.name.to_owned(),
        expected: pin.sha256.to_owned(),
        found,
    })
}

/// Removes a file of a model with what is remembered about it and what was left of a download.
pub(super) fn remove(path: &Path) -> std::io::Result<bool> {
    let _ = fs_err::remove_file(memo(path));
    let _ = fs_err::remove_file(super::fetch::part_path(path));
    let _ = fs_err::remove_file(super::fetch::lock_path(path));
    match fs_err::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// SHA-256 of bytes, lower-case hexadecimal.
#[cfg(test)]
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
