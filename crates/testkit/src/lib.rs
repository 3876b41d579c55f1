//! [`Library`] is a temporary folder of drawn photos for tests, and [`photos_dir`] the folder of real ones.
//! Everything is deterministic: the same seed gives the same bytes.
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "test support: a failure here is a failed test"
)]

mod own_models;
mod schema;

use std::path::{Path, PathBuf};

pub use own_models::OwnModels;
pub use schema::Schema;
use tintype_vision::RgbImage;

/// A picture with structure at every scale (sums of waves and a few discs), different for every seed.
pub fn scene(seed: u32, width: u32, height: u32) -> RgbImage {
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut random = move || {
        // xorshift64* (Vigna 2016)
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1u64 << 24) as f32
    };
    let waves: Vec<[f32; 5]> = (0..12)
        .map(|octave| {
            let frequency = 2.0 * 1.45f32.powi(octave);
            let angle = random() * std::f32::consts::TAU;
            [
                frequency * angle.cos(),
                frequency * angle.sin(),
                random() * std::f32::consts::TAU,
                42.0 / (1.0 + octave as f32).sqrt(),
                random(),
            ]
        })
        .collect();
    let discs: Vec<[f32; 6]> = (0..9)
        .map(|_| {
            [random(), random(), 0.03 + 0.1 * random(), random() * 255.0, random() * 255.0, random() * 255.0]
        })
        .collect();
    let mut image = RgbImage::black(width, height);
    let scale = 1.0 / width.max(height) as f32;
    for (at, pixel) in image.data_mut().chunks_exact_mut(3).enumerate() {
        let (x, y) = ((at as u32 % width) as f32 * scale, (at as u32 / width) as f32 * scale);
        let mut value = [118.0f32; 3];
        for [fx, fy, phase, amplitude, tint] in &waves {
            let wave = amplitude * (std::f32::consts::TAU * (fx * x + fy * y) + phase).sin();
            value[0] += wave * (0.5 + 0.5 * tint);
            value[1] += wave * 0.8;
            value[2] += wave * (1.0 - 0.5 * tint);
        }
        for [cx, cy, radius, red, green, blue] in &discs {
            if (x - cx).hypot(y - cy) < *radius {
                value = [*red, *green, *blue];
            }
        }
        for (byte, value) in pixel.iter_mut().zip(value) {
            *byte = value.clamp(0.0, 255.0) as u8;
        }
    }
    image
}

/// [`scene`] as a JPEG of quality 88.
pub fn jpeg(seed: u32, width: u32, height: u32) -> Vec<u8> {
    tintype_media::encode_jpeg(&scene(seed, width, height), 88).expect("a drawn picture encodes")
}

/// A temporary folder with photos in it and, beside them, room for a data directory. Removed on drop.
pub struct Library {
    dir: tempfile::TempDir,
}

impl Library {
    /// `count` photos of 640 × 480, seeds 0.., spread over folders of ten.
    pub fn drawn(count: u32) -> Self {
        let library = Self::empty();
        for seed in 0..count {
            library.add(&format!("roll-{:02}/IMG_{seed:04}.jpg", seed / 10), &jpeg(seed, 640, 480));
        }
        library
    }

    /// No photo yet.
    pub fn empty() -> Self {
        let dir = tempfile::Builder::new().prefix("tintype-test-").tempdir().expect("a temporary folder");
        fs_err::create_dir_all(dir.path().join("photos")).expect("a folder");
        Self { dir }
    }

    /// The folder of photos.
    pub fn photos(&self) -> PathBuf {
        self.dir.path().join("photos")
    }

    /// A data directory that nobody else uses.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The temporary folder itself.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file below the folder of photos and returns its path.
    pub fn add(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.photos().join(name);
        fs_err::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs_err::write(&path, bytes).expect("a file");
        path
    }
}

/// The folder of real test data (`TINTYPE_TEST_DATA`, by default `../shared` beside the repository). Without it a
/// test says loudly that it was skipped; under CI it fails instead.
pub fn test_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let dir = std::env::var_os("TINTYPE_TEST_DATA").map_or(beside, PathBuf::from);
    if dir.join("photos").is_dir() {
        return Some(dir);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no test data at {}: tests that need it must not be skipped in CI",
        dir.display()
    );
    eprintln!("SKIPPED: no test data at {}; set TINTYPE_TEST_DATA", dir.display());
    None
}

/// The folder of real photos; see [`test_data`].
pub fn photos_dir() -> Option<PathBuf> {
    test_data().map(|dir| dir.join("photos"))
}
