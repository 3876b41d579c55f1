//! [`Journal`]: everything people decided, in one file of JSON lines beside the database, so that a lost database
//! loses none of it (INV-6). The database is the truth; the file follows it, line by line, after each change.

use std::io::{BufRead as _, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tintype_store::{Decision, Store};

use crate::{Error, Result};

/// Decisions read or written at a time.
const CHUNK: usize = 2000;

/// The last line of a journal is looked for in so many bytes from its end.
const TAIL: u64 = 4 << 20;

/// A line: the decision, and its number in the database that wrote it.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    seq: i64,
    #[serde(flatten)]
    decision: Decision,
}

/// The journal file of a data directory.
pub(crate) struct Journal {
    path: PathBuf,
    writing: Mutex<()>,
}

impl Journal {
    pub(crate) fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join("decisions.jsonl"), writing: Mutex::new(()) }
    }

    /// The file, locked: another process may write too.
    fn open(&self) -> Result<std::fs::File> {
        let file = std::fs::File::options().create(true).read(true).append(true).open(&self.path)?;
        file.lock()?;
        Ok(file)
    }

    /// Keeps the file under another name, so that the next begins anew.
    fn set_aside(&self) -> Result<()> {
        let name = format!("before-{}.jsonl", tintype_core::clock::now_ms());
        fs_err::rename(&self.path, self.path.with_extension(name))?;
        Ok(())
    }

    /// Takes in what the file has and the database has not: it was lost, or restored from a backup, and no decision is
    /// lost with it. How many were new.
    pub(crate) fn recover(&self, store: &Store) -> Result<u64> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.path.exists() {
            return Ok(0);
        }
        let last = last_line(&mut self.open()?)?;
        match last {
            Some(line) if !is_known(store, &line)? => Ok(import(store, &self.path)?.new),
            _ => Ok(0),
        }
    }

    /// Appends what the database has and the file has not.
    pub(crate) fn append(&self, store: &Store) -> Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self.open()?;
        let mut last = 0;
        if let Some(line) = last_line(&mut file)? {
            let known = store.decisions(line.seq - 1, 1)?;
            if known
                .first()
                .is_some_and(|(seq, decision)| *seq == line.seq && decision.id == line.decision.id)
            {
                last = line.seq;
            } else {
                // The database was restored from a backup, or is another one: the file is kept, and written anew.
                self.set_aside()?;
                file = self.open()?;
            }
        }
        let mut written = false;
        loop {
            let chunk = store.decisions(last, CHUNK)?;
            let Some((number, _)) = chunk.last() else { break };
            last = *number;
            let mut lines = Vec::new();
            for (seq, decision) in chunk {
                write_line(&mut lines, seq, decision)?;
            }
            file.write_all(&lines)?;
            written = true;
        }
        if written {
            file.sync_data()?;
        }
        Ok(())
    }
}

fn write_line(out: &mut impl std::io::Write, seq: i64, decision: Decision) -> Result<()> {
    serde_json::to_writer(&mut *out, &Line { seq, decision }).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Whether the database has the decision of a line, under the line's number.
fn is_known(store: &Store, line: &Line) -> Result<bool> {
    let found = store.decisions(line.seq - 1, 1)?;
    Ok(found.first().is_some_and(|(seq, decision)| *seq == line.seq && decision.id == line.decision.id))
}

/// The last whole line. A line that was cut off by a crash is ended, so that the next begins anew.
fn last_line(file: &mut std::fs::File) -> Result<Option<Line>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    Read::by_ref(file).take(TAIL).read_to_end(&mut tail)?;
    if tail.last().is_some_and(|byte| *byte != b'\n') {
        file.write_all(b"\n")?;
    }
    Ok(tail.rsplit(|byte| *byte == b'\n').find_map(|line| serde_json::from_slice(line).ok()))
}

/// Writes every decision of a library to a file, under a temporary name first; how many.
pub(crate) fn export(store: &Store, path: &Path) -> Result<u64> {
    let temporary = path.with_extension("tmp");
    let mut out = std::io::BufWriter::new(fs_err::File::create(&temporary)?);
    let (mut last, mut count) = (0, 0);
    loop {
        let chunk = store.decisions(last, CHUNK)?;
        let Some((number, _)) = chunk.last() else { break };
        last = *number;
        count += chunk.len() as u64;
        for (seq, decision) in chunk {
            write_line(&mut out, seq, decision)?;
        }
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    drop(out);
    fs_err::rename(&temporary, path)?;
    Ok(count)
}

/// What came of reading a file of decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DecisionImport {
    /// Decisions that were not known.
    pub new: u64,
    /// Decisions that were.
    pub known: u64,
    /// Lines that are none.
    pub damaged: u64,
}

/// Calls `each` with every line of a file that is not blank.
fn for_each_line(path: &Path, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut lines = BufReader::new(fs_err::File::open(path)?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if !line.iter().all(u8::is_ascii_whitespace) {
            each(&line)?;
        }
        line.clear();
    }
    Ok(())
}

/// When each decision of a file was made, in its order: not after the one behind it. A later line with an earlier time
/// says that the clock was ahead before.
fn times(path: &Path) -> Result<Vec<i64>> {
    #[derive(Deserialize)]
    struct Made {
        made_ms: i64,
    }
    let mut times = Vec::new();
    for_each_line(path, |line| {
        times.push(serde_json::from_slice::<Made>(line).map_or(i64::MAX, |line| line.made_ms));
        Ok(())
    })?;
    let mut earliest = i64::MAX;
    for time in times.iter_mut().rev() {
        earliest = earliest.min(*time);
        *time = earliest;
    }
    Ok(times)
}

/// Reads decisions from a file into a library. Lines that are damaged are counted and left out.
pub(crate) fn import(store: &Store, path: &Path) -> Result<DecisionImport> {
    let mut report = DecisionImport::default();
    let mut times = times(path)?.into_iter();
    let mut chunk = Vec::new();
    let take_in = |chunk: &mut Vec<Decision>, report: &mut DecisionImport| -> Result<()> {
        let new = store.import_decisions(chunk)?;
        report.new += new;
        report.known += chunk.len() as u64 - new;
        chunk.clear();
        Ok(())
    };
    for_each_line(path, |line| {
        let made_ms = times.next();
        match serde_json::from_slice::<Line>(line) {
            Ok(Line { mut decision, .. }) => {
                decision.made_ms = made_ms.map_or(decision.made_ms, |time| time.min(decision.made_ms));
                chunk.push(decision);
            }
            Err(error) => {
                tracing::warn!(%error, "a line of {} is no decision", path.display());
                report.damaged += 1;
            }
        }
        if chunk.len() == CHUNK { take_in(&mut chunk, &mut report) } else { Ok(()) }
    })?;
    take_in(&mut chunk, &mut report)?;
    if report.new + report.known == 0 && report.damaged > 0 {
        return Err(Error::BadValue {
            field: "file",
            detail: format!("{} holds no decisions", path.display()),
        });
    }
    Ok(report)
}
