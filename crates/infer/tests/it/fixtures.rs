//! Reading the fixtures of `tests/golden`, which the Python scripts beside them write.

use std::io::Read as _;
use std::path::Path;

/// A fixture unpacked.
pub(crate) fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&fs_err::read(path).unwrap()[..]).read_to_end(&mut bytes).unwrap();
    bytes
}

/// A packed JSON fixture.
pub(crate) fn json(name: &str) -> serde_json::Value {
    serde_json::from_slice(&unpacked(name)).unwrap()
}
