//! [`Previews`]: preview pictures on disk, found by pixel hash, orientation and size.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tintype_core::{Orientation, PixelHash};

/// Long sides of the previews that are kept, largest first: the small one is made from the large one's pixels.
pub const PREVIEW_SIZES: [u32; 2] = [1440, 256];

/// The folder of previews. Clones refer to the same folder.
#[derive(Debug, Clone)]
pub(crate) struct Previews {
    dir: PathBuf,
}

/// Makes temporary names unique within the process.
static SEQUENCE: AtomicU64 = AtomicU64::new(0);

impl Previews {
    /// Previews under `data_dir`.
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self { dir: data_dir.join("previews") }
    }

    /// Where the preview is, whether it exists or not.
    pub(crate) fn path(&self, pixel_hash: &PixelHash, orientation: Orientation, size: u32) -> PathBuf {
        let name = pixel_hash.to_string();
        self.dir.join(&name[..2]).join(format!("{name}-{}-{size}.jpg", orientation.exif()))
    }

    /// Writes a preview under a temporary name and renames it into place, so that a reader never sees half of it.
    ///
    /// It is not synced to disk: after a power cut a preview may be empty, which [`Previews::load`] treats as
    /// absent, and then it is made again. Syncing 400,000 small files would cost more than decoding the photos.
    pub(crate) fn save(
        &self,
        pixel_hash: &PixelHash,
        orientation: Orientation,
        size: u32,
        bytes: &[u8],
    ) -> std::io::Result<()> {
        let path = self.path(pixel_hash, orientation, size);
        let temporary = path.with_extension(format!(
            "{}-{}.tmp",
            std::process::id(),
            SEQUENCE.fetch_add(1, Ordering::Relaxed)
        ));
        if let Err(error) = fs_err::write(&temporary, bytes) {
            if error.kind() != std::io::ErrorKind::NotFound {
                return Err(error);
            }
            if let Some(dir) = path.parent() {
                fs_err::create_dir_all(dir)?;
            }
            fs_err::write(&temporary, bytes)?;
        }
        fs_err::rename(&temporary, &path)
    }

    /// The preview's bytes, if it is there and whole (a JPEG ends with the marker EOI).
    pub(crate) fn load(
        &self,
        pixel_hash: &PixelHash,
        orientation: Orientation,
        size: u32,
    ) -> Option<Vec<u8>> {
        fs_err::read(self.path(pixel_hash, orientation, size))
            .ok()
            .filter(|bytes| bytes.ends_with(&[0xff, 0xd9]))
    }
}
