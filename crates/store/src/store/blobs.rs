//! Large values beside the database: compressed, content-addressed, written whole or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::model::feature::BlobStats;

/// Values above this size become blobs: SQLite reads small values in a row faster than files, large ones slower
/// (sqlite.org, "Internal Versus External BLOBs": the break-even is at some tens of KiB).
pub(super) const INLINE_BYTES: usize = 16 << 10;
/// zstd level 3, its default: embeddings barely compress, masks do at any level.
const LEVEL: i32 = 3;
/// A blob may be written moments before the row that refers to it: younger ones are never removed.
const GRACE: Duration = Duration::from_hours(1);

/// The folder of blobs.
pub(super) struct Blobs {
    folder: PathBuf,
}

/// What a blob is found by: BLAKE3 of the value before compression.
pub(super) type BlobHash = [u8; 32];

impl Blobs {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, hash: &BlobHash) -> PathBuf {
        let name = blake3::Hash::from_bytes(*hash).to_hex();
        self.folder.join(&name[..2]).join(&name[2..])
    }

    /// Stores `value`; safe on disk when this returns.
    pub(super) fn put(&self, value: &[u8]) -> Result<BlobHash> {
        let hash = *blake3::hash(value).as_bytes();
        let path = self.path(&hash);
        if let Ok(file) = fs_err::OpenOptions::new().append(true).open(&path) {
            // Young again, so that a removal going on right now lets it be.
            #[allow(clippy::disallowed_methods, reason = "a file's time, not ours")]
            let now = std::time::SystemTime::now();
            file.file().set_modified(now).map_err(Error::io(&path))?;
            return Ok(hash);
        }
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        fs_err::create_dir_all(&folder).map_err(Error::io(&folder))?;
        let temporary = folder.join(format!(".{}.tmp", uuid::Uuid::new_v4().simple()));
        let outcome = write_synced(&temporary, value).and_then(|()| fs_err::rename(&temporary, &path));
        if outcome.is_err() {
            fs_err::remove_file(&temporary).ok();
        }
        outcome.map_err(Error::io(&path))?;
        Ok(hash)
    }

    /// Whether the value is there; not whether it is whole.
    pub(super) fn has(&self, hash: &BlobHash) -> bool {
        self.path(hash).is_file()
    }

    /// The value, if it is there and whole.
    pub(super) fn get(&self, hash: &BlobHash) -> Option<Vec<u8>> {
        let path = self.path(hash);
        let value = fs_err::read(&path).and_then(|bytes| zstd::decode_all(bytes.as_slice()));
        match value {
            Ok(value) if blake3::hash(&value).as_bytes() == hash => Some(value),
            Ok(_) => {
                tracing::warn!(path = %path.display(), "a blob is damaged");
                None
            }
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a blob cannot be read");
                None
            }
        }
    }

    /// Calls `each` with every blob's hash, path, size and whether it is old enough to be removed.
    pub(super) fn walk(&self, mut each: impl FnMut(BlobHash, &Path, u64, bool)) {
        let Ok(folders) = fs_err::read_dir(&self.folder) else { return };
        for folder in folders.flatten() {
            let Ok(files) = fs_err::read_dir(folder.path()) else { continue };
            for file in files.flatten() {
                let name =
                    format!("{}{}", folder.file_name().to_string_lossy(), file.file_name().to_string_lossy());
                let (Ok(hash), Ok(meta)) = (blake3::Hash::from_hex(&name), file.metadata()) else { continue };
                let is_old =
                    meta.modified().ok().and_then(|time| time.elapsed().ok()).is_some_and(|age| age > GRACE);
                each(*hash.as_bytes(), &file.path(), meta.len(), is_old);
            }
        }
    }

    pub(super) fn stats(&self) -> BlobStats {
        let mut stats = BlobStats::default();
        self.walk(|_hash, _path, bytes, _is_old| {
            stats.count += 1;
            stats.bytes += bytes;
        });
        stats
    }
}

fn write_synced(path: &Path, value: &[u8]) -> std::io::Result<()> {
    let mut file = fs_err::File::create(path)?;
    file.write_all(&zstd::encode_all(value, LEVEL)?)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_blob_is_no_blob() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(folder.path().to_owned());
        let value: Vec<u8> = (0..100_000_u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        let hash = blobs.put(&value).unwrap();
        assert_eq!(blobs.put(&value).unwrap(), hash);
        assert_eq!(blobs.get(&hash).unwrap(), value);
        assert_eq!(blobs.stats().count, 1);
        fs_err::write(blobs.path(&hash), b"something else").unwrap();
        assert_eq!(blobs.get(&hash), None);
        fs_err::remove_file(blobs.path(&hash)).unwrap();
        assert_eq!(blobs.get(&hash), None);
    }
}
