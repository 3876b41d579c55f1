//! Reading a file once.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use fs_err::File;
use sha2::{Digest, Sha256};
use tintype_core::{ContentHash, ErrorCode, Issue, Metadata, PixelHash, Stage};

use crate::bytes::{be32, be64};
use crate::{Error, Format, Limits, metadata, pixel_hash};

/// Bytes of a film or oversized file in which metadata is looked for, at its start and again at its end.
const HEAD_BYTES: usize = 8 << 20;

/// What one reading of a file gives.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// What the content is; `None` when nothing known here.
    pub format: Option<Format>,
    /// Size in bytes.
    pub size: u64,
    /// Time of last modification in nanoseconds since the Unix epoch; 0 for bytes without a file.
    pub mtime_ns: i64,
    /// Inode number; 0 for bytes without a file and where the system has none.
    pub inode: u64,
    /// SHA-256 of the whole file.
    pub content_hash: ContentHash,
    /// BLAKE3 of the coded image data.
    pub pixel_hash: PixelHash,
    /// What the file says about its picture.
    pub metadata: Metadata,
    /// What was wrong with it.
    pub issues: Vec<Issue>,
    /// The whole file, for decoding; `None` when it was streamed because of its size.
    pub bytes: Option<Vec<u8>>,
    /// The embedded colour profile.
    pub(crate) icc: Option<Vec<u8>>,
    /// Where it was read from; `None` for bytes without a file.
    pub(crate) path: Option<PathBuf>,
}

impl Inspected {
    /// Whether the file still is as it was when it was read: for decoders that open it again.
    pub(crate) fn is_unchanged(&self) -> bool {
        let now = self.path.as_deref().and_then(|path| stat(&open(path).ok()?).ok());
        now == Some(Stat { size: self.size, mtime_ns: self.mtime_ns, inode: self.inode })
    }
}

/// Size, time and inode of a file.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Stat {
    pub(crate) size: u64,
    pub(crate) mtime_ns: i64,
    pub(crate) inode: u64,
}

/// Those of an open file, which must be a regular one.
pub(crate) fn stat(file: &File) -> std::io::Result<Stat> {
    let not_regular = || std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file");
    stat_of_meta(&file.metadata()?).ok_or_else(not_regular)
}

/// Those in what the system said; `None` for anything but a regular file.
pub(crate) fn stat_of_meta(meta: &std::fs::Metadata) -> Option<Stat> {
    if !meta.is_file() {
        return None;
    }
    #[cfg(unix)]
    let (mtime_ns, inode) = {
        use std::os::unix::fs::MetadataExt;
        (meta.mtime().saturating_mul(1_000_000_000).saturating_add(meta.mtime_nsec()), meta.ino())
    };
    #[cfg(not(unix))]
    let (mtime_ns, inode) = (
        meta.modified()
            .ok()
            .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos() as i64),
        0,
    );
    Some(Stat { size: meta.len(), mtime_ns, inode })
}

/// Opens without ever blocking on a pipe or a device that poses as a photo.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    let mut options = fs_err::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// A file that is not there any more, or cannot be read.
pub(crate) fn unreadable(path: &Path, source: std::io::Error) -> Error {
    if source.kind() == std::io::ErrorKind::NotFound {
        Error::Vanished { path: path.to_owned() }
    } else {
        Error::Unreadable { path: path.to_owned(), source }
    }
}

/// Reads the file at `path` once and says what it is. Damaged and foreign files are answers with issues; an error
/// means that the file could not be read, or changed meanwhile.
pub fn inspect(path: &Path, limits: &Limits) -> Result<Inspected, Error> {
    let unreadable = |source| unreadable(path, source);
    let mut file = open(path).map_err(unreadable)?;
    let before = stat(&file).map_err(unreadable)?;
    let mut inspected = if before.size > limits.max_file_bytes {
        return Err(Error::TooLarge {
            detail: format!("{} bytes, at most {} are read", before.size, limits.max_file_bytes),
        });
    } else if before.size > limits.whole_file_bytes {
        stream(&mut file).map_err(unreadable)?
    } else {
        // One byte more than expected, so that growth shows without another call.
        let mut bytes = Vec::with_capacity(before.size as usize + 1);
        // Not through `fs_err`, by which the room would be cleared first.
        file.file().take(before.size + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        inspect_bytes(bytes, limits)
    };
    let after = stat(&file).map_err(unreadable)?;
    if before != after || inspected.size != before.size {
        return Err(Error::Vanished { path: path.to_owned() });
    }
    inspected.mtime_ns = before.mtime_ns;
    inspected.inode = before.inode;
    inspected.path = Some(path.to_owned());
    Ok(inspected)
}

/// Says what `bytes` are, as if they were a file: for uploads and tests.
pub fn inspect_bytes(bytes: Vec<u8>, limits: &Limits) -> Inspected {
    let content_hash = ContentHash(Sha256::digest(&bytes).into());
    let format = Format::sniff(&bytes);
    let pixel_hash = guarded(|| pixel_hash::of(format, &bytes))
        .unwrap_or_else(|| PixelHash(*blake3::hash(&bytes).as_bytes()));
    let mut inspected = inspected(format, &bytes, bytes.len() as u64, content_hash, pixel_hash, limits);
    inspected.bytes = Some(bytes);
    inspected
}

/// What bytes are that the metadata writer made, of which the format and mostly the pixel hash are known already.
/// Without the bytes themselves.
pub(crate) fn inspect_edited(
    bytes: Vec<u8>,
    format: Format,
    pixel_hash: Option<PixelHash>,
    limits: &Limits,
) -> Inspected {
    let Some(pixel_hash) = pixel_hash else {
        return Inspected { bytes: None, ..inspect_bytes(bytes, limits) };
    };
    let content_hash = ContentHash(Sha256::digest(&bytes).into());
    inspected(Some(format), &bytes, bytes.len() as u64, content_hash, pixel_hash, limits)
}

/// What the bytes at the start of a file of `size` bytes say: metadata, colour profile and what is wrong.
pub(crate) fn described(
    format: Option<Format>,
    head: &[u8],
    size: u64,
    limits: &Limits,
) -> (Metadata, Option<Vec<u8>>, Vec<Issue>) {
    let mut issues = Vec::new();
    let (mut metadata, mut icc) = (Metadata::default(), None);
    if size == 0 {
        issues.push(Issue::new(Stage::Read, ErrorCode::EmptyFile, "the file holds no bytes"));
    } else if let Some(format) = format {
        match guarded(|| metadata::read(format, head)) {
            Some(read) => (metadata, issues, icc) = (read.metadata, read.issues, read.icc),
            None => issues.push(Issue::new(
                Stage::Metadata,
                ErrorCode::MetadataDamaged,
                "the metadata reader gave up: please report this file",
            )),
        }
        let pixels = u64::from(metadata.width) * u64::from(metadata.height);
        if pixels > limits.max_pixels {
            issues.push(Issue::new(
                Stage::Identify,
                ErrorCode::ImageTooLarge,
                format!("{} × {} pixels, at most {}", metadata.width, metadata.height, limits.max_pixels),
            ));
        }
    } else {
        let detail = "the content is of no known image, raw or film format";
        issues.push(Issue::new(Stage::Identify, ErrorCode::InvalidImage, detail));
    }
    (metadata, icc, issues)
}

/// What was read, without bytes and path.
fn inspected(
    format: Option<Format>,
    head: &[u8],
    size: u64,
    content_hash: ContentHash,
    pixel_hash: PixelHash,
    limits: &Limits,
) -> Inspected {
    let (metadata, icc, issues) = described(format, head, size, limits);
    Inspected {
        format,
        size,
        mtime_ns: 0,
        inode: 0,
        content_hash,
        pixel_hash,
        metadata,
        issues,
        bytes: None,
        icc,
        path: None,
    }
}

/// Runs our own parsers under a net: a mistake in them costs one photo's facts, not the run.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).ok()
}

/// Hashes a file too large to hold, and reads metadata from its beginning.
fn stream(file: &mut File) -> std::io::Result<Inspected> {
    let (mut sha, mut blake) = (Sha256::new(), blake3::Hasher::new());
    let (mut head, mut size) = (Vec::new(), 0_u64);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        let part = &buffer[..read];
        sha.update(part);
        blake.update(part);
        size += read as u64;
        let room = HEAD_BYTES.saturating_sub(head.len());
        head.extend_from_slice(&part[..read.min(room)]);
    }
    let content_hash = ContentHash(sha.finalize().into());
    let pixel_hash = PixelHash(*blake.finalize().as_bytes());
    let format = Format::sniff(&head);
    if format.is_some_and(Format::is_video) && head.get(4..8) == Some(b"ftyp") {
        head = without_media(file, size)?.0;
    }
    Ok(inspected(format, &head, size, content_hash, pixel_hash, &Limits::default()))
}

/// A film's top-level boxes without its pictures and sound: recorders put the description behind gigabytes of them.
/// And whether those were all: whether each box ended where the next began, and the last with the file.
pub(crate) fn without_media(file: &mut File, size: u64) -> std::io::Result<(Vec<u8>, bool)> {
    let (mut kept, mut at) = (Vec::new(), 0_u64);
    for _ in 0..1000 {
        if at + 16 > size {
            break;
        }
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut head)?;
        let len = match be32(&head, 0) {
            Some(1) => be64(&head, 8).unwrap_or(0),
            Some(0) => size - at,
            Some(len) => u64::from(len),
            None => 0,
        };
        let room = HEAD_BYTES as u64 * 4 - kept.len() as u64;
        if len < 8 {
            break;
        }
        if &head[4..8] != b"mdat" && len <= room.min(size - at) {
            file.seek(SeekFrom::Start(at))?;
            Read::by_ref(file).take(len).read_to_end(&mut kept)?;
        }
        at = at.saturating_add(len);
    }
    Ok((kept, at == size))
}
