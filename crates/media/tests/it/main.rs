//! The crate through its public face.

#![allow(clippy::unwrap_used, reason = "what fails here is the test")]

mod formats;
mod hostile;
mod identity;
mod roundtrip;
mod truth;
mod write;

/// The folder of real photos: `TINTYPE_TEST_DATA`, or `shared` beside the repository. Without it the test says so
/// and passes, except in CI.
pub(crate) fn photos() -> Option<std::path::PathBuf> {
    let root = std::env::var_os("TINTYPE_TEST_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let photos = root.join("photos");
    if photos.is_dir() {
        return Some(photos);
    }
    assert!(std::env::var_os("CI").is_none(), "test data is missing: set TINTYPE_TEST_DATA");
    eprintln!("SKIPPED: no photos at {}; set TINTYPE_TEST_DATA", photos.display());
    None
}

/// Every file below a folder, sorted.
pub(crate) fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
