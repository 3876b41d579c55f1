//! Feature packs: everything computed of an album or a library in one file, for another library to take in.
//! `docs/feature-packs.md` describes the format.
//!
//! A pack is checked whole, by its checksum, before anything of it is taken in; then it is read in batches of
//! bounded size, each one transaction. An import that was cut off is simply run again: what is there is passed over.

use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use fs_err::File;
use serde::Serialize;
use tintype_core::{Control, ErrorCode};
use tintype_store::{ImportCounts, PackedPicture, Scope};

use crate::engine::Engine;
use crate::{Error, Result};
use format::{HEADER_BYTES, Hashing, MAGIC, Next, Reader, TAIL_BYTES, VERSION, Writer};

mod format;

/// Bytes of values that are in memory at once.
const PORTION_BYTES: u64 = 16 << 20;
/// Pictures of one query or one transaction.
const PORTION: usize = 100;
/// Allowance for a feature beside its value, in bytes.
const FEATURE_BYTES: u64 = 256;
/// Bytes hashed at a time while a pack is checked.
const CHECK_BYTES: usize = 1 << 20;

/// How far an export (in pictures) or an import (in bytes of the pack) has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackProgress {
    /// Done.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// What went into a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ExportReport {
    /// Whether the pack was written; `false` if it was stopped, and then there is none.
    pub completed: bool,
    /// Pictures.
    pub pictures: u64,
    /// Features.
    pub features: u64,
    /// Features left out because they are larger than a pack takes.
    pub left_out: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// What was taken in from a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Whether all of it was; `false` if it was stopped after some batches.
    pub completed: bool,
    /// Pictures and features.
    #[serde(flatten)]
    pub counts: ImportCounts,
}

impl Engine {
    /// Writes the features of every picture of `scope` to `path`, under a temporary name until it is complete. A file
    /// that is there is replaced only if it is a pack itself.
    pub fn export_features(
        &self,
        scope: &Scope,
        path: &Path,
        control: &Control,
        progress: &mut dyn FnMut(PackProgress),
    ) -> Result<ExportReport> {
        refuse_to_replace(path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = Temporary(folder.join(format!(".tintype-{}.tmp", uuid::Uuid::new_v4().simple())));
        let ids = self.store().pictures_with_features(scope)?;
        let mut report = ExportReport::default();
        let mut file = Hashing::new(BufWriter::with_capacity(1 << 20, File::create(&temporary.0)?));
        file.write_all(MAGIC)?;
        file.write_all(&VERSION.to_le_bytes())?;
        let mut pack = Writer::new(file)?;
        let mut at = 0;
        while at < ids.len() {
            if control.requested().is_some() {
                return Ok(ExportReport::default());
            }
            progress(PackProgress { done: at as u64, total: ids.len() as u64 });
            let upto = ids.len().min(at + PORTION);
            let (pictures, covered) = self.store().load_pictures(&ids[at..upto], PORTION_BYTES)?;
            for picture in pictures.iter().filter(|picture| !picture.features.is_empty()) {
                report.left_out += pack.picture(picture)?;
            }
            at += covered;
        }
        (report.pictures, report.features) = pack.counts();
        let (mut file, hash) = pack.finish()?.finish();
        file.write_all(hash.as_bytes())?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        report.bytes = file.metadata()?.len();
        fs_err::rename(&temporary.0, path)?;
        File::open(folder)?.sync_all()?;
        report.completed = true;
        Ok(report)
    }

    /// Takes in a pack: values that are missing here or older than the pack's. The photos need not be indexed yet;
    /// when they are, nothing that came with the pack is computed. Waits for operations that run.
    pub fn import_features(
        &self,
        path: &Path,
        control: &Control,
        progress: &mut dyn FnMut(PackProgress),
    ) -> Result<ImportReport> {
        let mut report = ImportReport::default();
        let mut file = File::open(path)?;
        let total = file.metadata()?.len();
        let invalid = |detail: String| Error::InvalidPack { path: path.to_path_buf(), detail };
        if !check(&mut file, total, control).map_err(|problem| problem.at(path))? {
            return Ok(report);
        }
        let Some(_pipeline) = self.0.wait_for_pipeline(control)? else { return Ok(report) };
        file.seek(SeekFrom::Start(HEADER_BYTES))?;
        let packed = BufReader::with_capacity(1 << 20, file.take(total - HEADER_BYTES - TAIL_BYTES));
        let mut pack = Reader::new(packed)?;
        let (mut batch, mut bytes): (Vec<PackedPicture>, u64) = (Vec::new(), 0);
        loop {
            let next = pack.next().map_err(|problem| problem.at(path))?;
            let is_last = matches!(next, Next::End);
            let begins = matches!(next, Next::Picture(_));
            if is_last || (batch.len() >= PORTION && begins) || bytes >= PORTION_BYTES {
                if control.requested().is_some() {
                    return Ok(report);
                }
                let counts = self.store().import_pictures(&batch).map_err(|error| match error {
                    tintype_store::Error::Value { .. } => invalid(error.to_string()),
                    error => error.into(),
                })?;
                report.counts.add(counts);
                // A picture whose features fill several batches is one picture.
                let open = if is_last { None } else { batch.pop() };
                batch.clear();
                if let Some(mut open) = open
                    && !begins
                {
                    open.features.clear();
                    report.counts.pictures -= 1;
                    batch.push(open);
                }
                bytes = 0;
                progress(PackProgress { done: (total - pack.left()).min(total), total });
            }
            match next {
                Next::Picture(picture) => batch.push(*picture),
                Next::Feature(feature) => {
                    bytes += feature.value.len() as u64 + FEATURE_BYTES;
                    let picture = batch
                        .last_mut()
                        .ok_or_else(|| invalid("a feature comes before any picture".into()))?;
                    picture.features.push(*feature);
                }
                Next::End => break,
            }
        }
        report.completed = true;
        Ok(report)
    }
}

/// What is wrong with a pack, or with the disk it is on.
enum Problem {
    Io(std::io::Error),
    Pack(String),
}

impl Problem {
    fn at(self, path: &Path) -> Error {
        match self {
            Self::Io(error) => error.into(),
            Self::Pack(detail) => Error::InvalidPack { path: path.to_path_buf(), detail },
        }
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads the whole file once: magic, version and checksum. `false` when asked to stop.
fn check(file: &mut File, total: u64, control: &Control) -> Result<bool, Problem> {
    let mut header = [0; HEADER_BYTES as usize];
    if total < HEADER_BYTES + TAIL_BYTES {
        let mut start = Vec::new();
        file.take(HEADER_BYTES).read_to_end(&mut start)?;
        let is_start = !start.is_empty() && start.starts_with(&MAGIC[..start.len().min(MAGIC.len())]);
        return Err(Problem::Pack(
            if is_start { "it is cut short" } else { "it is not a feature pack" }.into(),
        ));
    }
    file.read_exact(&mut header)?;
    let (magic, version) = header.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(Problem::Pack("it is not a feature pack".into()));
    }
    let version = version.try_into().map_or(0, u32::from_le_bytes);
    if version != VERSION {
        return Err(Problem::Pack(format!(
            "it has version {version} of the format; this program reads version {VERSION}"
        )));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(&header);
    let mut left = total - HEADER_BYTES - TAIL_BYTES;
    let mut buffer = vec![0; CHECK_BYTES];
    while left > 0 {
        if control.requested().is_some() {
            return Ok(false);
        }
        let part = left.min(CHECK_BYTES as u64) as usize;
        file.read_exact(&mut buffer[..part])?;
        hasher.update(&buffer[..part]);
        left -= part as u64;
    }
    let mut tail = [0; TAIL_BYTES as usize];
    file.read_exact(&mut tail)?;
    if hasher.finalize() != blake3::Hash::from_bytes(tail) {
        return Err(Problem::Pack("its checksum is wrong: it is damaged or cut short".into()));
    }
    Ok(true)
}

/// A slip of the hand must not cost a photo.
fn refuse_to_replace(path: &Path) -> Result<()> {
    let mut start = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MAGIC.len() as u64).read_to_end(&mut start)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if start == MAGIC {
        return Ok(());
    }
    Err(Error::Unavailable {
        code: ErrorCode::Conflict,
        detail: format!("{} is there and is not a feature pack; it was left as it is", path.display()),
    })
}

/// A file that goes when this goes, unless it was renamed.
struct Temporary(std::path::PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        fs_err::remove_file(&self.0).ok(); // it has another name by now, mostly
    }
}
