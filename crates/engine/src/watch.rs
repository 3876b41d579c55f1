//! Keeping the library up to date while folders change: [`Engine::watch`].
//!
//! The kernel's notices only say where to look; what changed is found by the same scan as always, once nothing has
//! changed for a while. So a notice that is lost, doubled or wrong costs time, never truth, and a rescan at long
//! intervals finds what no notice told of (network mounts tell nothing at all).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tintype_core::{Control, ErrorCode};
use tintype_store::{OperationState, Scope};

use crate::engine::Engine;
use crate::operations::{OperationRequest, OperationView};
use crate::planner::Plan;
use crate::{Error, Result, paths, scan, walk};
use changes::Changes;
use source::{News, Source};

mod changes;
mod source;

/// How often changes that settled, and somebody who asks to stop, are noticed.
const TICK: Duration = Duration::from_millis(50);
/// How often folders are looked at for having been unplugged or plugged in.
const LOOK: Duration = Duration::from_secs(1);
/// The interval of rescans where the kernel cannot tell of changes.
const FALLBACK_POLL: Duration = Duration::from_mins(1);

/// What to watch, and how.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// Absolute, canonical paths of folders, as [`Engine::local_folder`] gives them.
    pub folders: Vec<PathBuf>,
    /// A folder is looked at when nothing in it has changed for so long, and after 30 seconds at the latest.
    pub settle: Duration,
    /// Everything is looked at this often, whatever the kernel says.
    pub rescan: Duration,
    /// Only rescans, for network mounts.
    pub poll: bool,
    /// Steps by name; `None` runs every step.
    pub steps: Option<Vec<String>>,
    /// Parameters by step name.
    pub config: Json,
}

impl WatchOptions {
    /// Two seconds to settle, a rescan every ten minutes, every step.
    pub fn new(folders: Vec<PathBuf>) -> Self {
        Self {
            folders,
            settle: Duration::from_secs(2),
            rescan: Duration::from_mins(10),
            poll: false,
            steps: None,
            config: Json::Null,
        }
    }
}

/// What happens while folders are watched.
#[derive(Debug)]
pub enum WatchEvent<'a> {
    /// The kernel tells of changes in this folder.
    Watching(&'a Path),
    /// The folders are looked at from time to time only, and why.
    Polling(&'a str),
    /// This folder cannot be reached; its photos stay.
    Offline(&'a Path),
    /// This folder can be reached again.
    Online(&'a Path),
    /// Something changed and is being indexed.
    Progress(&'a OperationView),
    /// It was indexed; or stopped.
    Indexed(&'a OperationView),
    /// It could not be indexed; the next rescan tries again.
    Failed(&'a Error),
}

impl Engine {
    /// Indexes `options.folders`, and then whatever changes in them, until `control` asks to stop. What runs then is
    /// interrupted at its next checkpoint; the next start goes on with it.
    ///
    /// What cannot be indexed is told to `on_event` and tried again; only steps that there are not are refused.
    pub fn watch(
        &self,
        options: &WatchOptions,
        control: &Control,
        on_event: &mut dyn FnMut(WatchEvent<'_>),
    ) -> Result<()> {
        Plan::new(&self.0.steps, &self.0.models, options.steps.as_deref(), &options.config)?;
        let changes = Arc::new(Changes::new(options.folders.clone(), self.config().data_dir.clone()));
        let mut watch = Watch { engine: self, options, control, on_event };
        let mut rescan = options.rescan;
        // Watching begins before the first look, so that nothing falls in between.
        let mut source = Source::new(&options.folders, (!options.poll).then_some(&changes));
        watch.tell(source.look(), &mut rescan);
        if let Err(error) = watch.finish_interrupted().and_then(|()| watch.first_run()) {
            (watch.on_event)(WatchEvent::Failed(&error));
            changes.all(Instant::now());
        }
        let (mut last_look, mut last_scan) = (Instant::now(), Instant::now());
        while control.requested().is_none() {
            std::thread::sleep(TICK);
            let now = Instant::now();
            if now.duration_since(last_look) >= LOOK {
                last_look = now;
                let news = source.look();
                if !news.is_empty() {
                    changes.all(now);
                }
                watch.tell(news, &mut rescan);
            }
            if now.duration_since(last_scan) >= rescan {
                changes.all_due();
                last_scan = now;
            }
            for folder in changes.take_due(now, options.settle) {
                watch.update(&folder);
            }
        }
        Ok(())
    }

    /// Whether indexing `path` would find anything new: the scan without its effects. A root that is not there is
    /// marked offline.
    fn has_changed(&self, path: &Path, control: &Control) -> Result<bool> {
        let roots = self.store().roots()?;
        let holder = roots.iter().filter(|root| path.starts_with(&root.path));
        let Some(root) = holder.max_by_key(|root| root.path.as_os_str().len()) else { return Ok(true) };
        // Of a folder that is gone, its root tells; so does the index.
        let there = [path, &root.path].into_iter().find(|path| std::fs::read_dir(path).is_ok());
        let (mut is_gone, mut has_changed) = (there.is_none(), false);
        if let Some(path) = there {
            let rel = paths::relative(&root.path, path).unwrap_or_default();
            let data_dir = Some(self.config().data_dir.as_path());
            let walked = walk::walk(&root.path, &rel, data_dir, self.config().threads, control);
            let known = self.store().load_scan(root.id, (!rel.is_empty()).then_some(&rel))?;
            let had_files = known.iter().any(|folder| folder.files.iter().any(|file| file.present));
            // See `scan_folder`: what an unmounted disk leaves behind.
            is_gone = rel.is_empty() && had_files && !walked.saw_anything;
            // Files that a run which failed did not come to are no change on disk, but work to do.
            let scope = Scope::Folder { root: root.id, rel };
            has_changed = !root.online
                || !scan::compare(walked, known).changes.is_empty()
                || !self.store().unsettled_files(&scope)?.is_empty();
        }
        if is_gone && root.online {
            self.store().set_root_online(root.id, false)?;
        }
        Ok(!is_gone && has_changed)
    }
}

struct Watch<'a> {
    engine: &'a Engine,
    options: &'a WatchOptions,
    control: &'a Control,
    on_event: &'a mut dyn FnMut(WatchEvent<'_>),
}

impl Watch<'_> {
    fn tell(&mut self, news: Vec<News>, rescan: &mut Duration) {
        for news in news {
            match &news {
                News::Watching(folder) => (self.on_event)(WatchEvent::Watching(folder)),
                News::Offline(folder) => (self.on_event)(WatchEvent::Offline(folder)),
                News::Online(folder) => (self.on_event)(WatchEvent::Online(folder)),
                News::Polling(reason) => {
                    if !self.options.poll {
                        *rescan = (*rescan).min(FALLBACK_POLL);
                    }
                    (self.on_event)(WatchEvent::Polling(reason));
                }
            }
        }
    }

    /// Goes on with what an earlier watch was doing when it died.
    fn finish_interrupted(&mut self) -> Result<()> {
        for row in self.engine.store().operations(Some(OperationState::Interrupted), 50, None)?.items {
            if self.control.requested().is_some() {
                return Ok(());
            }
            let request = serde_json::from_value::<OperationRequest>(row.params);
            let is_ours = matches!(request, Ok(OperationRequest::Index { paths, .. }) if paths.iter().all(|path| {
                self.options.folders.iter().any(|folder| path.starts_with(folder))
            }));
            if is_ours {
                let outcome =
                    self.attempt(|engine, control, progress| engine.run_resumed(row.id, control, progress));
                self.ended(outcome)?;
            }
        }
        Ok(())
    }

    /// Indexes everything once: new folders, what changed while nobody watched, and what was not finished.
    fn first_run(&mut self) -> Result<()> {
        let outcome = self.index(self.options.folders.clone());
        self.ended(outcome)
    }

    /// Indexes `folder` if anything in it changed.
    fn update(&mut self, folder: &Path) {
        let outcome = match self.engine.has_changed(folder, self.control) {
            Ok(true) if self.control.requested().is_none() => self.index(vec![folder.to_path_buf()]),
            Ok(_) => return,
            Err(error) => Err(error),
        };
        if let Err(error) = self.ended(outcome) {
            (self.on_event)(WatchEvent::Failed(&error));
        }
    }

    fn ended(&mut self, outcome: Result<OperationView>) -> Result<()> {
        match outcome {
            Ok(view) => (self.on_event)(WatchEvent::Indexed(&view)),
            // It was told that it is offline.
            Err(error) if error.code() == ErrorCode::RootOffline => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn index(&mut self, paths: Vec<PathBuf>) -> Result<OperationView> {
        let (steps, config) = (self.options.steps.clone(), self.options.config.clone());
        let request = OperationRequest::Index { paths, steps, config };
        self.attempt(|engine, control, progress| engine.run(&request, control, progress))
    }

    /// Runs with a control of its own: who pauses or cancels the operation does not end the watch.
    fn attempt(
        &mut self,
        run: impl FnOnce(&Engine, &Control, &mut dyn FnMut(&OperationView)) -> Result<OperationView>,
    ) -> Result<OperationView> {
        let own = Control::new();
        let (control, on_event) = (self.control, &mut *self.on_event);
        run(self.engine, &own, &mut |view| {
            if let Some(stop) = control.requested() {
                own.request(stop);
            }
            on_event(WatchEvent::Progress(view));
        })
    }
}
