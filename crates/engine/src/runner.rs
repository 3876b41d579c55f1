//! Carrying an operation out: scan, plan, analyse, group, and the state it ends in.
//!
//! The same path serves the first run and every resumption. What an earlier process left is a set of batches, each
//! pending or done; a resumed run works off the pending ones first, then looks again for what changed meanwhile.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value as Json, json};
use tintype_core::{OperationId, Stop};
use tintype_media::decoders;
use tintype_store::{Completion, Counters, FileId, OperationState, Root, Scope, TransitionFields, WriteMode};

use crate::claim::Claim;
use crate::engine::Inner;
use crate::executor::{Ended, Executor};
use crate::items::ItemRunner;
use crate::live::Live;
use crate::operations::{OperationRequest, Work};
use crate::planner::{Plan, SkippedStep};
use crate::steps::group_duplicates;
use crate::{Error, Result, annotate, models, moving, paths, rebuild, scan, walk};

/// Photos of one batch: the unit of checkpoint. SPEC allows 100; fewer make pausing prompt where photos are slow.
const BATCH: usize = 64;

/// What a run brought, as SPEC §12 words it.
#[derive(Debug, Clone, Default)]
struct Summary {
    /// What items came to, beside the counts of the pipeline.
    items: Json,
    files: u64,
    photos: u64,
    computed: u64,
    cached: u64,
    offline: Vec<String>,
    unreadable: Vec<Json>,
    skipped: Vec<SkippedStep>,
}

/// How far the work came.
enum Progress {
    Completed(Summary),
    Stopped(Stop),
}

impl Inner {
    /// Runs a claimed operation to its end, a stop or a failure, and stores the state it ended in. The claim is given
    /// up after that, so that no other process takes the operation for abandoned meanwhile.
    pub(crate) fn execute(&self, request: &OperationRequest, live: &Live, _claim: Claim) -> Result<()> {
        let (id, started) = (live.id, Instant::now());
        let outcome = self.attempt(id, request, live);
        let running = [OperationState::Running, OperationState::Pending];
        match outcome {
            Ok(Progress::Completed(summary)) => {
                self.follow_with_search(live);
                self.follow_with_vectors(live);
                let totals = live.counters();
                let mut result = json!({
                    "files": summary.files, "photos": summary.photos, "computed": summary.computed, "cached": summary.cached,
                    "opened": totals.opened, "issues": totals.issues + summary.unreadable.len() as u64,
                    "secs": (started.elapsed().as_secs_f64() * 1e4).round() / 1e4,
                    "offline": summary.offline, "unreadable": summary.unreadable,
                    "skipped_steps": summary.skipped,
                });
                if let (Some(result), Json::Object(items)) = (result.as_object_mut(), summary.items) {
                    result.extend(items);
                }
                let fields = TransitionFields {
                    phase: Some("done".into()),
                    result: Some(result),
                    ..TransitionFields::default()
                };
                self.store.transition(id, &running, OperationState::Completed, fields)?;
                Ok(())
            }
            Ok(Progress::Stopped(stop)) => {
                let (state, phase) = match stop {
                    Stop::Pause => (OperationState::Paused, "paused"),
                    Stop::Cancel => (OperationState::Cancelled, "cancelled"),
                    Stop::Interrupt => (OperationState::Interrupted, "interrupted"),
                };
                self.store.release_leases(id)?;
                let fields = TransitionFields { phase: Some(phase.into()), ..TransitionFields::default() };
                self.store.transition(id, &running, state, fields)?;
                Ok(())
            }
            Err(error) => {
                let detail = json!({ "code": error.code(), "detail": error.to_string() });
                let fields = TransitionFields {
                    phase: Some("failed".into()),
                    error: Some(detail),
                    ..TransitionFields::default()
                };
                // The database itself may be what failed; the first error is the one to report.
                if let Err(second) = self
                    .store
                    .release_leases(id)
                    .and_then(|_| self.store.transition(id, &running, OperationState::Failed, fields))
                {
                    tracing::error!(%second, "the failure of operation {id} could not be recorded");
                }
                Err(error)
            }
        }
    }

    fn attempt(&self, id: OperationId, request: &OperationRequest, live: &Live) -> Result<Progress> {
        live.set_phase("waiting");
        let Some(_pipeline) = self.wait_for_pipeline(&live.control)? else {
            return Ok(Progress::Stopped(live.control.requested().unwrap_or(Stop::Interrupt)));
        };
        let from = [
            OperationState::Pending,
            OperationState::Paused,
            OperationState::Interrupted,
            OperationState::Failed,
        ];
        let fields = TransitionFields {
            owner: Some(self.owner.clone()),
            phase: Some("scanning".into()),
            ..TransitionFields::default()
        };
        if !self.store.transition(id, &from, OperationState::Running, fields)? {
            let state = self.store.operation(id)?.map_or(OperationState::Cancelled, |row| row.state);
            return Err(Error::WrongState { state, wanted: "start" });
        }
        self.store.release_leases(id)?;
        if let Some(row) = self.store.operation(id)? {
            live.set_counters(row.totals);
            live.start_pace(row.done, row.total);
        }
        let mut summary = Summary::default();
        let work = request.work(self, live)?;
        if matches!(work, Work::Database) {
            let outcome = match request {
                OperationRequest::Recover { backup } => Some(rebuild::recover(self, backup, live)?),
                other => {
                    let reread = matches!(other, OperationRequest::Rebuild { reread: true });
                    rebuild::run(self, reread, live)?
                }
            };
            // The database that is there now may say of this operation what it said when it was copied.
            let running = TransitionFields { owner: Some(self.owner.clone()), ..TransitionFields::default() };
            let others: Vec<_> =
                OperationState::ALL.into_iter().filter(|state| *state != OperationState::Running).collect();
            if self.store.operation(id)?.is_none() {
                self.store.create_operation(&request.as_new(id, &self.owner)?)?;
            }
            self.store.transition(id, &others, OperationState::Running, running)?;
            self.mark_interrupted()?;
            self.recover_decisions()?;
            let Some(result) = outcome else { return Ok(Progress::Stopped(rebuild::stop_of(live))) };
            summary.items = result;
            return Ok(Progress::Completed(summary));
        }
        if let Work::Models(ids) = work {
            let Some(result) = models::pull(self, ids, live)? else {
                return Ok(Progress::Stopped(live.control.requested().unwrap_or(Stop::Interrupt)));
            };
            summary.items = result;
            return Ok(Progress::Completed(summary));
        }
        if let Work::Items(work, phase) = work {
            let runner = ItemRunner { engine: self, live, work: work.as_ref() };
            if let Ended::Stopped(stop) = runner.run(phase)? {
                return Ok(Progress::Stopped(stop));
            }
            summary.items = work.finish(live)?;
            self.journal.append(&self.store)?;
            if request.indexes().is_empty() {
                return Ok(Progress::Completed(summary));
            }
        }
        self.index(id, request, live, summary)
    }

    /// Scans and analyses.
    fn index(
        &self,
        id: OperationId,
        request: &OperationRequest,
        live: &Live,
        mut summary: Summary,
    ) -> Result<Progress> {
        let (steps, config) = request.steps();
        let mut plan = Plan::new(&self.steps, &self.models, steps, config)?;
        summary.skipped.clone_from(&plan.skipped);
        if let Ended::Stopped(stop) = self.analyse(&mut plan, live)? {
            return Ok(Progress::Stopped(stop));
        }
        live.set_phase("scanning");
        let paths = request.indexes();
        let scopes = match request {
            OperationRequest::Analyze { scope, .. } => vec![scope.clone()],
            _ => match self.scan_all(&paths, live, &mut summary)? {
                Some(scopes) => scopes,
                None => return Ok(Progress::Stopped(live.control.requested().unwrap_or(Stop::Interrupt))),
            },
        };
        if matches!(request, OperationRequest::Index { .. }) {
            annotate::flush(self, live)?;
        }
        let fingerprint = plan.fingerprint();
        let completion = self.store.completion(&request.scope_key(), &fingerprint)?;
        let unchanged =
            completion.is_some_and(|done| self.store.generation().is_ok_and(|now| now == done.generation));
        if let Some(done) = completion.filter(|_| unchanged) {
            (summary.files, summary.photos, summary.cached) = (done.files, done.photos, done.features);
            live.set_counters(Counters { cached: done.features, ..live.counters() });
            return Ok(Progress::Completed(summary));
        }
        live.set_phase("planning");
        let files = self.work_to_do(&scopes, &plan)?;
        let batches: Vec<Vec<FileId>> = files.chunks(BATCH).map(<[FileId]>::to_vec).collect();
        self.store.add_batches(id, &batches)?;
        let row = self.store.operation(id)?;
        live.start_pace(row.as_ref().map_or(0, |row| row.done), row.map_or(0, |row| row.total));
        if let Ended::Stopped(stop) = self.analyse(&mut plan, live)? {
            return Ok(Progress::Stopped(stop));
        }
        summary.skipped.clone_from(&plan.skipped);
        self.store.refresh_stacks()?;
        self.replay_if_marked()?;
        self.count(&scopes, &plan, live, &mut summary)?;
        if let Some(params) = &plan.group_duplicates {
            live.set_phase("grouping");
            let scope = match request {
                OperationRequest::Analyze { scope, .. } => scope.clone(),
                _ => Scope::Library,
            };
            if group_duplicates::refresh(&self.store, &scope, params, &live.control)?.is_none() {
                return Ok(Progress::Stopped(live.control.requested().unwrap_or(Stop::Interrupt)));
            }
        }
        let done = Completion {
            generation: self.store.generation()?,
            photos: summary.photos,
            files: summary.files,
            features: summary.computed + summary.cached,
        };
        // Files that could not be read now, and steps whose model did not load, are tried again next time, so nothing
        // is vouched for.
        if summary.unreadable.is_empty() && plan.fingerprint() == fingerprint {
            self.store.record_completion(&request.scope_key(), &fingerprint, done)?;
        }
        Ok(Progress::Completed(summary))
    }

    /// Refuses requests that cannot be carried out, before there is an operation.
    pub(crate) fn check(&self, request: &OperationRequest) -> Result<()> {
        let (steps, config) = request.steps();
        Plan::new(&self.steps, &self.models, steps, config)?;
        match request {
            OperationRequest::Rate { changes, .. } => {
                changes.iter().try_for_each(|change| change.clone().checked().map(|_change| ()))
            }
            OperationRequest::EditDate { edit, .. } => edit.check(),
            OperationRequest::Import { plan } => plan.check(),
            _ => Ok(()),
        }
    }

    /// Works off the batches that are left. Steps get ready first, if there is anything to do for them.
    fn analyse(&self, plan: &mut Plan, live: &Live) -> Result<Ended> {
        if self.store.operation(live.id)?.is_some_and(|row| row.done < row.total) {
            live.set_phase("loading models");
            plan.prepare();
        }
        live.set_phase("analysing");
        let executor = Executor {
            store: &self.store,
            config: &self.config,
            plan,
            live,
            owner: &self.owner,
            budget: &self.budget,
        };
        executor.run()
    }

    /// Files to open: those not read yet or changed, and those whose pictures lack a feature of the plan.
    fn work_to_do(&self, scopes: &[Scope], plan: &Plan) -> Result<Vec<FileId>> {
        let keys = plan.keys();
        let mut files = Vec::new();
        for scope in scopes {
            files.extend(self.store.unsettled_files(scope)?);
            if !keys.is_empty() {
                files.extend(
                    self.store.missing_features(scope, &keys, decoders())?.into_iter().map(|(file, _)| file),
                );
            }
        }
        let mut seen = std::collections::HashSet::with_capacity(files.len());
        files.retain(|file| seen.insert(*file));
        Ok(files)
    }

    /// Counts for the summary: every wanted feature that exists and was not computed by this run was cached.
    fn count(&self, scopes: &[Scope], plan: &Plan, live: &Live, summary: &mut Summary) -> Result<()> {
        let keys = plan.keys();
        let mut have = 0;
        for scope in scopes {
            for (_, covered, _) in self.store.coverage(scope, &keys)? {
                have += covered;
            }
            let query =
                tintype_store::PhotoQuery { scope: scope.clone(), ..tintype_store::PhotoQuery::default() };
            summary.photos += self.store.count_photos(&query)?;
        }
        let mut totals = live.counters();
        summary.computed = totals.computed;
        summary.cached = have.saturating_sub(totals.computed);
        totals.cached = summary.cached;
        live.set_counters(totals);
        Ok(())
    }

    /// Compares every folder with the database and applies what changed. `None` when asked to stop.
    fn scan_all(&self, given: &[PathBuf], live: &Live, summary: &mut Summary) -> Result<Option<Vec<Scope>>> {
        let mut scopes = Vec::new();
        for path in given {
            let Some((root, rel)) = self.locate(path)? else {
                summary.offline.push(path.display().to_string());
                continue;
            };
            if !self.scan_folder(&root, &rel, live, summary)? {
                return Ok(None);
            }
            scopes.push(Scope::Folder { root: root.id, rel });
        }
        if scopes.is_empty()
            && let Some(path) = given.first()
        {
            return Err(Error::Unavailable {
                code: tintype_core::ErrorCode::RootOffline,
                detail: format!(
                    "{} cannot be reached now; nothing was removed from the library",
                    path.display()
                ),
            });
        }
        Ok(Some(scopes))
    }

    /// Scans one folder. `false` when asked to stop, in which case nothing was applied.
    fn scan_folder(&self, root: &Root, rel: &[u8], live: &Live, summary: &mut Summary) -> Result<bool> {
        let (walked, known) = std::thread::scope(|scope| {
            let known = std::thread::Builder::new()
                .name("load-scan".into())
                .spawn_scoped(scope, || self.store.load_scan(root.id, (!rel.is_empty()).then_some(rel)))?;
            let walked =
                walk::walk(&root.path, rel, Some(self.config.shelter()), self.config.threads, &live.control);
            let known =
                known.join().map_err(|_panic| std::io::Error::other("the database reader panicked"))?;
            Ok::<_, Error>((walked, known?))
        })?;
        if live.control.requested().is_some() {
            return Ok(false);
        }
        let had_files = known.iter().any(|folder| folder.files.iter().any(|file| file.present));
        // An unmounted disk leaves an empty folder behind; a disk pulled out in the middle of the walk leaves a root
        // that cannot be opened any more. Either way nothing was deleted.
        let reachable = std::fs::read_dir(paths::join(&root.path, rel)).is_ok() || !had_files;
        if !reachable || (rel.is_empty() && had_files && !walked.saw_anything) {
            self.store.set_root_online(root.id, false)?;
            summary.offline.push(root.path.display().to_string());
            return Ok(true);
        }
        if !root.online {
            self.store.set_root_online(root.id, true)?;
        }
        for (_, issue) in &walked.unreadable {
            summary.unreadable.push(json!({ "code": issue.code, "detail": issue.detail }));
        }
        moving::remove_unfinished(&walked.unfinished);
        let comparison = scan::compare(walked, known);
        summary.files += comparison.seen;
        if !comparison.changes.is_empty() {
            self.store.apply_scan(root.id, &comparison.changes)?;
        }
        if !comparison.sidecars.is_empty() || self.store.has_sidecars(root.id, rel)? {
            self.store.apply_sidecars(root.id, rel, &comparison.sidecars)?;
        }
        Ok(true)
    }

    /// The root that holds `path`, made if there is none, and the path below it. `None` when the folder cannot be
    /// reached (its root is then marked offline).
    fn locate(&self, path: &Path) -> Result<Option<(Root, Vec<u8>)>> {
        let known = self.store.roots()?;
        let holder = known
            .iter()
            .filter(|root| path.starts_with(&root.path))
            .max_by_key(|root| root.path.as_os_str().len())
            .cloned();
        if std::fs::read_dir(path).is_err() {
            return match holder {
                Some(root) if path == root.path => {
                    self.store.set_root_online(root.id, false)?;
                    Ok(None)
                }
                // A folder below a root that is there: deleted. Scanning from the nearest folder left says so.
                Some(root) if std::fs::read_dir(&root.path).is_ok() => Ok(Some((root, Vec::new()))),
                Some(root) => {
                    self.store.set_root_online(root.id, false)?;
                    Ok(None)
                }
                None => Err(Error::PathNotFound(path.to_path_buf())),
            };
        }
        if let Some(root) = holder {
            let rel = paths::relative(&root.path, path).unwrap_or_default();
            return Ok(Some((root, rel)));
        }
        let id = self.store.ensure_root(path)?;
        for child in known.iter().filter(|root| root.path.starts_with(path)) {
            if let Some(prefix) = paths::relative(path, &child.path) {
                self.store.absorb_root(id, child.id, &prefix)?;
            }
        }
        let write_mode = WriteMode::default();
        Ok(Some((Root { id, path: path.to_path_buf(), online: true, write_mode }, Vec::new())))
    }
}
