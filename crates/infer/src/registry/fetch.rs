//! Brings one file into the models directory, from a directory or an address: continued where the last try
//! stopped, checked, flushed, then renamed into place.

use std::fs::TryLockError;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tintype_core::Control;
use ureq::http::{StatusCode, header};

use super::files;
use crate::error::{Error, Result};
use crate::table::Pin;

/// A file of unknown length may not be larger: no model of the table is.
const LARGEST: u64 = 4 << 30;
/// Left free on the disk for everything else.
const SPARE_BYTES: u64 = 16 << 20;

/// How often a wish to stop is looked for while waiting, in milliseconds.
const STEP_MS: u64 = 50;

/// How to fetch.
#[derive(Debug, Clone, Copy)]
pub struct FetchOptions {
    /// How often a download that makes no headway is tried again.
    pub retries: u32,
    /// How long to wait before that, in milliseconds; twice as long each time.
    pub backoff_ms: u64,
    /// How long a connection may stay silent, in milliseconds.
    pub silence_ms: u64,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self { retries: 3, backoff_ms: 500, silence_ms: 30_000 }
    }
}

/// A place that may have a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    Address(String),
}

impl Place {
    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Address(address) => address.clone(),
        }
    }
}

pub(super) struct Fetch<'a> {
    pub(super) model: &'a str,
    pub(super) pin: &'a Pin,
    pub(super) target: &'a Path,
    pub(super) options: FetchOptions,
    pub(super) control: &'a Control,
    /// Told of every chunk: bytes there so far, and bytes in all where known.
    pub(super) progress: &'a dyn Fn(u64, Option<u64>),
}

/// Where a download is kept until it is whole.
pub(super) fn part_path(target: &Path) -> PathBuf {
    files::beside(target, ".part")
}

/// What is locked while a file is fetched.
pub(super) fn lock_path(target: &Path) -> PathBuf {
    files::beside(target, ".lock")
}

/// How one try ended without an error that ends everything.
enum Try {
    Whole,
    /// The place does not have the file.
    Absent(String),
    /// It broke off; what arrived is kept.
    Broken(String),
}

impl Fetch<'_> {
    /// Tries the places in order. `Ok(None)`: the file is in place; `Ok(Some(text))`: no place has it.
    pub(super) fn first_of(&self, places: &[Place]) -> Result<Option<String>> {
        let mut absent = Vec::new();
        let mut failed = None;
        for place in places {
            match self.try_place(place) {
                Ok(None) => return Ok(None),
                Ok(Some(why)) => absent.push(why),
                // The next place may have better bytes; a full disk or a wish to stop is final.
                Err(
                    error @ (Error::Download { .. } | Error::WrongHash { .. } | Error::WrongLength { .. }),
                ) => {
                    failed = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        failed.map_or_else(|| Ok(Some(absent.join("; "))), Err)
    }

    fn try_place(&self, place: &Place) -> Result<Option<String>> {
        let part = part_path(self.target);
        if let Some(folder) = part.parent() {
            fs_err::create_dir_all(folder).map_err(|source| self.file_error(folder, source))?;
        }
        let _lock = self.lock()?;
        // Whoever held the lock before may have brought it.
        if self.target.is_file() && files::verify(self.model, self.target, self.pin, false).is_ok() {
            return Ok(None);
        }
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&part)
            .map_err(|source| self.file_error(&part, source))?;
        let mut fruitless = 0;
        let mut restarted = false;
        loop {
            let before = file.metadata().map_err(|source| self.file_error(&part, source))?.len();
            let outcome = match place {
                Place::File(path) => self.copy(path, &mut file, &part)?,
                Place::Address(address) => self.download(address, before, &mut file, &part)?,
            };
            match outcome {
                Try::Absent(why) => {
                    if before == 0 {
                        let _ = fs_err::remove_file(&part);
                    }
                    return Ok(Some(why));
                }
                Try::Whole => match self.put_in_place(&file, &part) {
                    // What was there before may have been of other bytes: once more from the start.
                    Err(Error::WrongHash { .. }) if before > 0 && !restarted => {
                        restarted = true;
                        self.start_over(&file, &part)?;
                    }
                    Err(error) => {
                        if matches!(error, Error::WrongHash { .. } | Error::WrongLength { .. }) {
                            let _ = fs_err::remove_file(&part);
                        }
                        return Err(error);
                    }
                    Ok(()) => return Ok(None),
                },
                Try::Broken(why) => {
                    let now = file.metadata().map_err(|source| self.file_error(&part, source))?.len();
                    fruitless = if now > before { 0 } else { fruitless + 1 };
                    if fruitless > self.options.retries {
                        return Err(self.failed(place, why));
                    }
                    if fruitless > 0 {
                        self.wait(self.options.backoff_ms << (fruitless - 1).min(6))?;
                    }
                }
            }
        }
    }

    /// Waits until no other thread or process fetches this file. The lock is a file of its own, since the part is
    /// renamed when it is whole.
    fn lock(&self) -> Result<std::fs::File> {
        let path = lock_path(self.target);
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| self.file_error(&path, source))?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) => self.wait(STEP_MS)?,
                Err(TryLockError::Error(source)) => return Err(self.file_error(&path, source)),
            }
        }
    }

    fn copy(&self, path: &Path, file: &mut std::fs::File, part: &Path) -> Result<Try> {
        let source = match fs_err::File::open(path) {
            Ok(source) => source,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Try::Absent(format!("{} does not exist", path.display())));
            }
            Err(error) => return Err(self.file_error(path, error)),
        };
        let len = source.metadata().map_err(|error| self.file_error(path, error))?.len();
        files::check_length(self.model, self.pin, len)?;
        self.need_room(part, len)?;
        self.start_over(file, part)?;
        match self.receive(source, 0, Some(len), file, part)? {
            Try::Broken(why) => Err(self.failed(&Place::File(path.to_owned()), why)),
            other => Ok(other),
        }
    }

    fn download(&self, address: &str, have: u64, file: &mut std::fs::File, part: &Path) -> Result<Try> {
        if self.pin.bytes.is_some_and(|bytes| have > bytes) {
            self.start_over(file, part)?;
            return Ok(Try::Broken("too much was there".to_owned()));
        }
        if have > 0 && self.pin.bytes == Some(have) {
            return Ok(Try::Whole);
        }
        let mut request = self.agent(address).get(address);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) => return Ok(Try::Broken(error.to_string())),
        };
        let status = response.status();
        let header = |name: header::HeaderName| response.headers().get(name)?.to_str().ok();
        let sent: Option<u64> = header(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
        let start = match status {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT
                if header(header::CONTENT_RANGE).and_then(first_byte) == Some(have) =>
            {
                have
            }
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                self.start_over(file, part)?;
                return Ok(Try::Broken(format!("the server answered {status} to a continued download")));
            }
            StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => {
                return Ok(Try::Absent(format!("{address} answers {status}")));
            }
            _ => return Ok(Try::Broken(format!("the server answered {status}"))),
        };
        if start == 0 {
            self.start_over(file, part)?;
        }
        let total = sent.and_then(|sent| sent.checked_add(start));
        if let (Some(total), Some(_)) = (total, self.pin.bytes) {
            files::check_length(self.model, self.pin, total)?;
        }
        self.need_room(part, self.pin.bytes.or(total).unwrap_or(0).saturating_sub(start))?;
        self.receive(response.into_body().into_reader(), start, self.pin.bytes.or(total), file, part)
    }

    /// Appends what `source` gives at `start` until it ends.
    fn receive(
        &self,
        mut source: impl Read,
        start: u64,
        total: Option<u64>,
        file: &mut std::fs::File,
        part: &Path,
    ) -> Result<Try> {
        let unwritable = |error| self.file_error(part, error);
        file.seek(SeekFrom::Start(start)).map_err(unwritable)?;
        let mut there = start;
        let mut buffer = vec![0; 1 << 16];
        (self.progress)(there, total);
        loop {
            if self.control.requested().is_some() {
                return Err(Error::Cancelled { model: self.model.to_owned() });
            }
            match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    there += read as u64;
                    if there > total.unwrap_or(LARGEST) {
                        // Not kept: a place that goes on for ever must not fill the disk.
                        let _ = file.set_len(0);
                        let expected = total.unwrap_or(LARGEST);
                        let file = self.pin.name.to_owned();
                        return Err(Error::WrongLength {
                            model: self.model.to_owned(),
                            file,
                            expected,
                            found: there,
                        });
                    }
                    file.write_all(&buffer[..read]).map_err(unwritable)?;
                    (self.progress)(there, total);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Ok(Try::Broken(error.to_string())),
            }
        }
        match total {
            Some(total) if there < total => {
                Ok(Try::Broken(format!("it broke off at byte {there} of {total}")))
            }
            _ => Ok(Try::Whole),
        }
    }

    fn put_in_place(&self, file: &std::fs::File, part: &Path) -> Result<()> {
        let unwritable = |error| self.file_error(part, error);
        files::check_length(self.model, self.pin, file.metadata().map_err(unwritable)?.len())?;
        files::check_hash(self.model, self.pin, files::hash_file(part).map_err(unwritable)?)?;
        file.sync_all().map_err(unwritable)?;
        fs_err::rename(part, self.target).map_err(unwritable)?;
        // So that the name survives a power cut. Where folders cannot be opened, the system sees to it.
        if let Some(folder) = self.target.parent().and_then(|folder| std::fs::File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        files::verify(self.model, self.target, self.pin, false)
    }

    fn start_over(&self, file: &std::fs::File, part: &Path) -> Result<()> {
        file.set_len(0).map_err(|source| self.file_error(part, source))
    }

    fn agent(&self, address: &str) -> ureq::Agent {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .user_agent("tintype")
            .timeout_connect(Some(Duration::from_millis(self.options.silence_ms)))
            .timeout_recv_response(Some(Duration::from_millis(self.options.silence_ms)))
            .timeout_per_read(Some(Duration::from_millis(self.options.silence_ms)));
        // A mirror on this machine is not behind a proxy, whatever the environment says.
        let is_loopback = ["http://127.", "http://localhost", "http://[::1]"]
            .iter()
            .any(|start| address.starts_with(start));
        if is_loopback {
            config = config.proxy(None);
        }
        config.build().into()
    }

    /// Waits in short steps, so that a wish to stop is heard.
    fn wait(&self, mut left_ms: u64) -> Result<()> {
        while left_ms > 0 {
            if self.control.requested().is_some() {
                return Err(Error::Cancelled { model: self.model.to_owned() });
            }
            let step = left_ms.min(STEP_MS);
            std::thread::sleep(Duration::from_millis(step));
            left_ms -= step;
        }
        Ok(())
    }

    fn need_room(&self, part: &Path, bytes: u64) -> Result<()> {
        match free_bytes(part) {
            Some(free) if free < bytes.saturating_add(SPARE_BYTES) => Err(self.file_error(
                part,
                std::io::Error::new(
                    ErrorKind::StorageFull,
                    format!("{bytes} bytes are needed and {free} are free"),
                ),
            )),
            _ => Ok(()),
        }
    }

    fn file_error(&self, path: &Path, source: std::io::Error) -> Error {
        Error::File { model: self.model.to_owned(), path: path.to_owned(), source }
    }

    fn failed(&self, place: &Place, detail: String) -> Error {
        Error::Download {
            model: self.model.to_owned(),
            file: self.pin.name.to_owned(),
            address: place.name(),
            detail,
        }
    }
}

/// The first byte of `bytes 5-9/10`.
fn first_byte(content_range: &str) -> Option<u64> {
    content_range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path.parent()?).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_path: &Path) -> Option<u64> {
    None
}
