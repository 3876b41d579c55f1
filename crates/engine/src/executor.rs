//! [`Executor`]: the photo-major heart. It takes one photo, reads it once, decodes it once, and lets every missing
//! step look at the same pixels; a batch's results and its checkpoint commit in one transaction (INV-3).

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, select};
use tintype_core::{ErrorCode, FeatureValue, Issue, Orientation, PixelHash, Stage, Stop};
use tintype_media::{DecodeRequest, Inspected, Picture, decoders};
use tintype_store::{
    BatchCommit, ContentRecord, Counters, FileId, FileOutcome, LeasedBatch, NewFeature, Stat, Store,
    SubjectUpdate, WorkItem,
};
use uuid::Uuid;

use crate::budget::Budget;
use crate::live::Live;
use crate::planner::Plan;
use crate::previews::PREVIEW_SIZES;
use crate::reading::merge_side_file;
use crate::steps::{Facts, Subject};
use crate::{EngineConfig, Error, Result};

/// Batches being worked on at once: the second one fills the cores while the first one's last photos finish.
const OPEN_BATCHES: usize = 2;

/// A lease outlives the slowest batch: 100 photos at the decode time limit would be half an hour on one core.
const LEASE: Duration = Duration::from_mins(45);

/// How a run of the executor ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// No batch is left.
    Finished,
    /// It was asked to stop, and stopped at a checkpoint.
    Stopped(Stop),
}

/// Works through the batches of one operation.
pub(crate) struct Executor<'a> {
    pub(crate) store: &'a Store,
    pub(crate) config: &'a EngineConfig,
    pub(crate) plan: &'a Plan,
    pub(crate) live: &'a Live,
    pub(crate) owner: &'a str,
    pub(crate) budget: &'a Budget,
}

struct Job {
    seq: u32,
    item: WorkItem,
}

struct Done {
    seq: u32,
    result: Result<PhotoResult>,
}

/// What one photo contributes to its batch.
#[derive(Default)]
struct PhotoResult {
    file: Option<FileOutcome>,
    features: Vec<NewFeature>,
    subject: Option<SubjectUpdate>,
    counters: Counters,
}

struct OpenBatch {
    lease: Uuid,
    left: usize,
    results: Vec<PhotoResult>,
}

/// Pictures whose features are being made, or were made by this run and may not be committed yet: a copy of one
/// of them, met meanwhile, is not computed again. If the run dies before the first one commits, the copy is a
/// settled file that lacks features, which the next run finds.
type InFlight = Mutex<HashSet<(PixelHash, Orientation)>>;

impl Executor<'_> {
    /// Runs until no batch is left or a stop is asked for. Photos already begun are finished and their batches
    /// committed, except on cancel.
    pub(crate) fn run(&self) -> Result<Ended> {
        let workers = self.config.threads.max(1);
        let (job_sender, jobs) = bounded::<Job>(workers);
        let (done_sender, done) = bounded::<Done>(workers * 2);
        let in_flight = InFlight::default();
        std::thread::scope(|scope| {
            for at in 0..workers {
                let (jobs, done_sender, in_flight) = (jobs.clone(), done_sender.clone(), &in_flight);
                std::thread::Builder::new()
                    .name(format!("photo-{at}"))
                    .spawn_scoped(scope, move || self.work(&jobs, &done_sender, in_flight))?;
            }
            drop(done_sender);
            let ended = self.coordinate(&job_sender, &done);
            // Dropping both ends lets workers leave even when coordination failed half way.
            drop(job_sender);
            drop(done);
            ended
        })
    }

    fn coordinate(&self, job_sender: &Sender<Job>, done: &Receiver<Done>) -> Result<Ended> {
        let mut open: HashMap<u32, OpenBatch> = HashMap::new();
        let mut queue: VecDeque<Job> = VecDeque::new();
        let mut exhausted = false;
        loop {
            let stop = self.live.control.requested();
            if stop == Some(Stop::Cancel) {
                return Ok(Ended::Stopped(Stop::Cancel));
            }
            while stop.is_none() && !exhausted && open.len() < OPEN_BATCHES {
                match self.store.next_batch(self.live.id, self.owner, LEASE)? {
                    Some(batch) => self.open_batch(&batch, &mut open, &mut queue)?,
                    None => exhausted = true,
                }
            }
            if open.is_empty() {
                return Ok(stop.map_or(Ended::Finished, Ended::Stopped));
            }
            let finished = if let Some(job) = queue.pop_front() {
                select! {
                    recv(done) -> finished => { queue.push_front(job); finished.ok() }
                    send(job_sender, job) -> _ => None,
                }
            } else {
                // A short wait, so that a cancel does not have to wait for a slow photo.
                done.recv_timeout(Duration::from_millis(200)).ok()
            };
            if let Some(finished) = finished {
                self.collect(finished, &mut open)?;
            }
        }
    }

    fn open_batch(
        &self,
        batch: &LeasedBatch,
        open: &mut HashMap<u32, OpenBatch>,
        queue: &mut VecDeque<Job>,
    ) -> Result<()> {
        let items = self.store.work_items(&batch.files)?;
        let state =
            OpenBatch { lease: batch.lease, left: items.len(), results: Vec::with_capacity(items.len()) };
        if items.is_empty() {
            return self.commit(batch.seq, state);
        }
        open.insert(batch.seq, state);
        queue.extend(items.into_iter().map(|item| Job { seq: batch.seq, item }));
        Ok(())
    }

    fn collect(&self, finished: Done, open: &mut HashMap<u32, OpenBatch>) -> Result<()> {
        let result = finished.result?;
        self.live.add(&result.counters);
        let Some(batch) = open.get_mut(&finished.seq) else { return Ok(()) };
        batch.results.push(result);
        batch.left -= 1;
        if batch.left == 0
            && let Some(batch) = open.remove(&finished.seq)
        {
            self.commit(finished.seq, batch)?;
        }
        Ok(())
    }

    fn commit(&self, seq: u32, batch: OpenBatch) -> Result<()> {
        let mut commit = BatchCommit {
            operation: self.live.id,
            seq,
            lease: batch.lease,
            files: Vec::with_capacity(batch.results.len()),
            features: Vec::new(),
            subjects: Vec::new(),
            counters: Counters::default(),
        };
        for result in batch.results {
            commit.files.extend(result.file);
            commit.features.extend(result.features);
            commit.subjects.extend(result.subject);
            commit.counters.add(&result.counters);
        }
        // Results arrive in the order in which workers finish; rows are written in the order of the files.
        commit.files.sort_by_key(|file| file.file.0);
        Ok(self.store.commit_batch(&commit)?)
    }

    fn work(&self, jobs: &Receiver<Job>, done: &Sender<Done>, in_flight: &InFlight) {
        for job in jobs {
            // A panic is a bug of ours, in a kernel or a parser. It costs one photo, recorded like any broken one, and
            // not the run: without an answer for every job, a batch would never end.
            let attempt = AssertUnwindSafe(|| self.process(&job.item, in_flight));
            let result = std::panic::catch_unwind(attempt).unwrap_or_else(|_panic| Ok(panicked(&job.item)));
            if done.send(Done { seq: job.seq, result }).is_err() {
                return;
            }
        }
    }

    /// One photo, from its path to its features. `Err` only where the run cannot go on (database, disk of the
    /// data directory); whatever is wrong with the photo itself is recorded in the result.
    fn process(&self, item: &WorkItem, in_flight: &InFlight) -> Result<PhotoResult> {
        let mut result = PhotoResult::default();
        result.counters.photos = 1;
        let share = self.budget.take(item.stat.size);
        let started = Instant::now();
        let mut inspected = match tintype_media::inspect(&item.path, &self.config.limits) {
            Ok(inspected) => inspected,
            Err(error) => {
                result.file =
                    Some(unreadable(item, Issue::new(Stage::Read, error.code(), error.to_string())));
                result.counters.issues = 1;
                return Ok(result);
            }
        };
        if item.sidecar.is_some() {
            merge_side_file(&mut inspected, &item.path);
        }
        clock(&mut result.counters, "read", started);
        result.counters.opened = 1;
        result.counters.bytes_read = inspected.size;
        let mut outcome = outcome_of(item.file, &inspected);
        if inspected.format.is_some() {
            drop(share);
            self.analyze(&inspected, in_flight, &mut outcome, &mut result)?;
        }
        result.counters.issues = outcome.issues.len() as u64;
        result.file = Some(outcome);
        Ok(result)
    }

    /// Makes the features that the plan wants and the store lacks.
    fn analyze(
        &self,
        inspected: &Inspected,
        in_flight: &InFlight,
        outcome: &mut FileOutcome,
        result: &mut PhotoResult,
    ) -> Result<()> {
        let subject = (inspected.pixel_hash, inspected.metadata.orientation);
        let keys = self.plan.keys();
        if keys.is_empty() {
            return Ok(());
        }
        // One indexed look-up of one picture, 10 to 20 µs on SQLite, beside 20 ms of decoding: asking for a whole
        // batch at once would have to hold the bytes of 100 photos until the answer is there.
        let have = self.store.have_features(&[subject], &keys)?;
        let (mask, undecodable) = have.first().map_or((0, None), |(mask, marker)| (*mask, marker.clone()));
        let missing: Vec<usize> = (0..keys.len()).filter(|at| mask & (1 << at) == 0).collect();
        let claimed = !missing.is_empty()
            && undecodable.as_deref() != Some(decoders())
            && in_flight.lock().unwrap_or_else(PoisonError::into_inner).insert(subject);
        if !claimed && undecodable.as_deref() != Some(decoders()) {
            result.counters.cached += keys.len() as u64;
            return Ok(());
        }
        result.counters.cached += (keys.len() - missing.len()) as u64;
        let mut columns = blank_update(subject);
        let _share =
            self.budget.take(inspected.size + tintype_media::decode_cost(inspected, PREVIEW_SIZES[0]));
        let started = Instant::now();
        let request = DecodeRequest { long_side: PREVIEW_SIZES[0], limits: self.config.limits.clone() };
        let picture = match tintype_media::decode(inspected, &request) {
            Ok(picture) => picture,
            Err(error) => {
                outcome.issues.push(Issue::new(Stage::Decode, error.code(), error.to_string()));
                columns.undecodable = Some(decoders().to_owned());
                result.subject = Some(columns);
                return Ok(());
            }
        };
        clock(&mut result.counters, "decode", started);
        outcome.issues.extend(picture.issues().iter().cloned());
        columns.decoder = Some(picture.decoder().to_owned());
        self.run_steps(&picture, subject, &missing, &mut columns, outcome, result)?;
        result.subject = Some(columns);
        Ok(())
    }

    fn run_steps(
        &self,
        picture: &Picture,
        subject: (PixelHash, Orientation),
        missing: &[usize],
        columns: &mut SubjectUpdate,
        outcome: &mut FileOutcome,
        result: &mut PhotoResult,
    ) -> Result<()> {
        let mut facts = self.stored_facts(subject, missing)?;
        let looked_at = Subject::new(picture, subject);
        for &at in missing {
            let planned = &self.plan.photo[at];
            let started = Instant::now();
            match planned.step.compute(&looked_at, &facts, &planned.params) {
                Ok(value) => {
                    planned.step.scores(&value, columns);
                    // Of several variants of a step the first one's word is the fact that others read.
                    facts.entry(planned.key.kind.clone()).or_insert_with(|| value.clone());
                    result.counters.computed += 1;
                    result.features.push(NewFeature {
                        pixel_hash: subject.0,
                        orientation: subject.1,
                        key: planned.key.clone(),
                        value,
                    });
                }
                // The data directory is full or gone: no later photo would fare better.
                Err(error @ (Error::Store(_) | Error::Io(_))) => return Err(error),
                Err(error) => {
                    let detail = format!("{}: {error}", planned.step.row().id);
                    outcome.issues.push(Issue::new(Stage::Analyze, error.code(), detail));
                }
            }
            clock(&mut result.counters, planned.step.row().id, started);
        }
        Ok(())
    }

    /// Features that are already stored and that missing steps may need.
    fn stored_facts(&self, subject: (PixelHash, Orientation), missing: &[usize]) -> Result<Facts> {
        let stored: Vec<_> = (0..self.plan.photo.len())
            .filter(|at| !missing.contains(at))
            .map(|at| self.plan.photo[at].key.clone())
            .collect();
        let needed = missing.iter().any(|&at| !self.plan.photo[at].step.needs().is_empty());
        if stored.is_empty() || !needed {
            return Ok(Facts::new());
        }
        let mut values = self.store.get_features(&[subject], &stored)?;
        let values: Vec<Option<FeatureValue>> = values.pop().unwrap_or_default();
        let mut facts = Facts::new();
        for (key, value) in stored.into_iter().zip(values) {
            if let Some(value) = value {
                facts.entry(key.kind).or_insert(value);
            }
        }
        Ok(facts)
    }
}

/// What reading a file found, for the store.
pub(crate) fn outcome_of(file: FileId, inspected: &Inspected) -> FileOutcome {
    let content = inspected.format.map(|format| {
        let mut metadata = inspected.metadata.clone();
        if metadata.taken_at.is_none() {
            metadata.taken_at = crate::dates::from_modified(inspected.mtime_ns);
        }
        ContentRecord {
            content_hash: inspected.content_hash,
            pixel_hash: inspected.pixel_hash,
            format: format.name().to_owned(),
            metadata,
        }
    });
    FileOutcome {
        file,
        stat: Stat { size: inspected.size, mtime_ns: inspected.mtime_ns, inode: inspected.inode },
        content,
        issues: inspected.issues.clone(),
    }
}

/// A file that could not be read now. Its state on disk is vouched for by nothing, so that the next scan sees a
/// change and tries again: permissions, cables and other programs' locks leave size and time as they are.
fn unreadable(item: &WorkItem, issue: Issue) -> FileOutcome {
    let unknown = Stat { size: 0, mtime_ns: i64::MIN, inode: 0 };
    FileOutcome { file: item.file, stat: unknown, content: None, issues: vec![issue] }
}

fn panicked(item: &WorkItem) -> PhotoResult {
    let detail = "Tintype failed on this file; please report it, with the file if you can";
    let issues = vec![Issue::new(Stage::Analyze, ErrorCode::Internal, detail)];
    PhotoResult {
        file: Some(FileOutcome { file: item.file, stat: item.stat, content: None, issues }),
        counters: Counters { photos: 1, opened: 1, issues: 1, ..Counters::default() },
        ..PhotoResult::default()
    }
}

fn blank_update((pixel_hash, orientation): (PixelHash, Orientation)) -> SubjectUpdate {
    SubjectUpdate {
        pixel_hash,
        orientation,
        undecodable: None,
        decoder: None,
        sharpness: None,
        quality: None,
        is_blurry: None,
        blur_kind: None,
    }
}

fn clock(counters: &mut Counters, step: &str, started: Instant) {
    *counters.step_us.entry(step.to_owned()).or_default() += started.elapsed().as_micros() as u64;
}
