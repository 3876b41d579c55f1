//! Paths as the database keeps them: bytes, as the file system has them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A path or name of bytes.
#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

pub(super) fn to_bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

pub(crate) fn to_path(bytes: &[u8]) -> PathBuf {
    os_string(bytes.to_vec()).into()
}

/// `folder/name`, or just `name` where the folder is the root itself.
pub(super) fn join_rel(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// The path of a file under a root.
pub(super) fn full_path(root: &[u8], folder: &[u8], name: &[u8]) -> PathBuf {
    to_path(root).join(to_path(&join_rel(folder, name)))
}
