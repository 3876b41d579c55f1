//! [`draw_library`] paints a small photo library, so that a first look at Tintype needs no photos of one's own.
//!
//! Everything is computed from a seed: scenes, optics, sensor noise, dates and places. The blurred frames are
//! convolved as a lens or a shaking hand would, the copies are made as people make them, and two files are
//! broken on purpose.

mod canvas;
mod colour;
mod files;
mod lens;
mod library;
mod noise;
mod scenes;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rayon::prelude::*;

use self::canvas::Canvas;
use self::library::{EMPTY_FILE, Optics, Painting, Version};
use self::noise::Rng;

/// Names the library and the options it was drawn with. Its presence says that the folder is ours to write to.
const MARKER: &str = ".tintype-demo";

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DemoOptions {
    /// Another seed gives another library of the same shape.
    pub(crate) seed: u64,
    /// Multiplies the side lengths of the pictures; 1.0 gives 1,600 to 1,920 pixels.
    pub(crate) scale: f32,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self { seed: 1839, scale: 1.0 }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DemoReport {
    /// Files the library consists of.
    pub(crate) files: usize,
    /// Files written by this call; the others were there already.
    pub(crate) drawn: usize,
    /// Bytes written by this call.
    pub(crate) bytes: u64,
}

/// Why a library could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DemoError {
    /// The folder holds something else, which we will not mix with.
    #[error("{} is not empty and was not made by `tintype demo`", .0.display())]
    Foreign(PathBuf),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// A picture could not be encoded.
    #[error("cannot encode {path}")]
    Encode {
        /// The file within the library.
        path: String,
        /// Why.
        #[source]
        source: tintype_media::Error,
    },
}

/// Draws the library into `dir`, which is created if need be and must be empty or an earlier demo library.
///
/// Files that are there already are kept, so a second call writes nothing, and an interrupted one is carried
/// on. `progress` gets the number of finished files and of all files, on the calling thread's pool.
pub(crate) fn draw_library(
    dir: &Path,
    options: &DemoOptions,
    progress: &mut (dyn FnMut(usize, usize) + Send),
) -> Result<DemoReport, DemoError> {
    let same_options = prepare(dir, options)?;
    let plan = library::plan(options.seed, options.scale);
    let total = plan.iter().flat_map(|p| &p.versions).map(|v| v.paths.len()).sum::<usize>() + 1;
    let report = Mutex::new((DemoReport { files: total, ..DemoReport::default() }, progress, 0_usize));
    let finished = |written: &[u64], kept: usize| {
        // A poisoned lock only means that another painter panicked; the counts are still good.
        let mut state = report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.0.drawn += written.len();
        state.0.bytes += written.iter().sum::<u64>();
        state.2 += written.len() + kept;
        let done = state.2;
        (state.1)(done, total);
    };
    let keep = |path: &str| same_options && dir.join(path).is_file();
    if keep(EMPTY_FILE) {
        finished(&[], 1);
    } else {
        files::write(&dir.join(EMPTY_FILE), &[])?;
        finished(&[0], 0);
    }
    plan.par_iter().try_for_each(|painting| {
        let wanted: Vec<&Version> =
            painting.versions.iter().filter(|v| v.paths.iter().any(|path| !keep(path))).collect();
        let kept = painting.versions.iter().map(|v| v.paths.len()).sum::<usize>()
            - wanted.iter().map(|v| v.paths.len()).sum::<usize>();
        if kept > 0 {
            finished(&[], kept);
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let canvas = paint(painting);
        for version in wanted {
            let bytes = render(&canvas, version)?;
            for path in &version.paths {
                let path = dir.join(path);
                files::write(&path, &bytes)?;
                if let Some(taken) = files::taken(painting) {
                    // Copies whose metadata was stripped then still sort beside their originals.
                    fs_err::File::options().write(true).open(&path)?.set_modified(taken)?;
                }
                finished(&[bytes.len() as u64], 0);
            }
        }
        Ok::<(), DemoError>(())
    })?;
    files::write(&dir.join(MARKER), marker(options).as_bytes())?;
    let state = report.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(state.0)
}

/// The first line identifies the drawing code: raise the number when pictures change.
fn marker(options: &DemoOptions) -> String {
    format!("tintype demo library 1\nseed {}\nscale {}\n", options.seed, options.scale)
}

/// Creates the folder and its marker. Returns whether files already there were drawn with the same options.
fn prepare(dir: &Path, options: &DemoOptions) -> Result<bool, DemoError> {
    fs_err::create_dir_all(dir)?;
    let path = dir.join(MARKER);
    if path.is_file() {
        return Ok(fs_err::read_to_string(&path)? == marker(options));
    }
    if fs_err::read_dir(dir)?.next().is_some() {
        return Err(DemoError::Foreign(dir.to_owned()));
    }
    files::write(&path, marker(options).as_bytes())?;
    Ok(true)
}

fn paint(painting: &Painting) -> Canvas {
    let mut canvas = Canvas::new(painting.size.0, painting.size.1);
    let mut rng = Rng::new(painting.seed);
    scenes::paint(&painting.scene, &mut canvas, &mut rng);
    lens::bloom(&mut canvas, 0.35);
    canvas
}

fn render(canvas: &Canvas, version: &Version) -> Result<Vec<u8>, DemoError> {
    let settings = lens::Development {
        stops: version.stops,
        noise: version.noise,
        vignette: 0.22,
        seed: version.noise_seed,
    };
    let picture = match version.optics {
        Optics::Sharp => lens::develop(canvas, settings),
        Optics::Defocus(radius) => lens::develop(&lens::defocus(canvas, radius * canvas.scale()), settings),
        Optics::Motion(length, angle, bend) => {
            lens::develop(&lens::motion(canvas, length * canvas.scale(), angle, bend), settings)
        }
    };
    files::encode(picture, version)
        .map_err(|source| DemoError::Encode { path: version.paths.join(", "), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: DemoOptions = DemoOptions { seed: 5, scale: 0.08 };

    fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![dir.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push((path.strip_prefix(dir).unwrap().to_owned(), fs_err::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn same_seed_draws_the_same_bytes_and_a_second_call_draws_nothing() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut seen = 0;
        let report = draw_library(first.path(), &SMALL, &mut |done, _| seen = seen.max(done)).unwrap();
        draw_library(second.path(), &SMALL, &mut |_, _| {}).unwrap();
        assert_eq!(report.files, report.drawn);
        assert_eq!(seen, report.files);
        let drawn = contents(first.path());
        assert_eq!(drawn.len(), report.files + 1, "every file and the marker");
        assert!(drawn == contents(second.path()));

        let again = draw_library(first.path(), &SMALL, &mut |_, _| {}).unwrap();
        assert_eq!(again, DemoReport { files: report.files, ..DemoReport::default() });

        let lost = first.path().join(&library::plan(SMALL.seed, SMALL.scale)[4].versions[0].paths[0]);
        fs_err::remove_file(&lost).unwrap();
        assert_eq!(draw_library(first.path(), &SMALL, &mut |_, _| {}).unwrap().drawn, 1);
        assert!(drawn == contents(first.path()));
    }

    #[test]
    fn plan_has_the_promised_cases() {
        let plan = library::plan(DemoOptions::default().seed, 1.0);
        let versions: Vec<&Version> = plan.iter().flat_map(|p| &p.versions).collect();
        let files: usize = versions.iter().map(|v| v.paths.len()).sum();
        assert!((90..=150).contains(&files), "{files} files");
        let mut paths: Vec<&String> = versions.iter().flat_map(|v| &v.paths).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), files, "two files of one name");
        assert!(versions.iter().filter(|v| v.paths.len() > 1).count() >= 5, "exact copies");
        assert!(versions.iter().filter(|v| matches!(v.optics, Optics::Defocus(_))).count() >= 8);
        assert!(versions.iter().filter(|v| matches!(v.optics, Optics::Motion(..))).count() >= 8);
        assert!(versions.iter().any(|v| v.keep < 1.0));
        let months: std::collections::BTreeSet<&str> =
            versions.iter().filter_map(|v| v.record.as_ref()).map(|r| &r.local[..7]).collect();
        assert!(months.len() >= 9, "{months:?}");
    }

    #[test]
    fn broken_files_are_broken() {
        let dir = tempfile::tempdir().unwrap();
        draw_library(dir.path(), &SMALL, &mut |_, _| {}).unwrap();
        assert_eq!(fs_err::metadata(dir.path().join(EMPTY_FILE)).unwrap().len(), 0);
        let half = fs_err::read(dir.path().join("broken/IMG_half.jpg")).unwrap();
        assert_eq!(half[..2], [0xFF, 0xD8]);
        assert_ne!(half[half.len() - 2..], [0xFF, 0xD9]);
    }

    #[test]
    fn somebody_elses_folder_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("holiday.jpg"), b"mine").unwrap();
        let refused = draw_library(dir.path(), &SMALL, &mut |_, _| {});
        assert!(matches!(refused, Err(DemoError::Foreign(_))));
        assert_eq!(contents(dir.path()).len(), 1);
    }
}
