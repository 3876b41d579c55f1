//! `tintype watch`, and watching behind the page.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;
use tintype_core::{Control, Stop};
use tintype_engine::{Engine, WatchEvent, WatchOptions};

use super::{finish, open};
use crate::args::{Args, WatchArgs, WatchHow};
use crate::exit::Ended;
use crate::progress::{Bar, stop_on_signal};

pub(super) fn run(args: &Args, watch: &WatchArgs) -> Result<Ended> {
    let engine = open(args)?;
    let folders = watch.dirs.iter().map(|dir| engine.local_folder(dir)).collect::<Result<Vec<_>, _>>()?;
    let mut options = options(folders, &watch.how);
    options.steps.clone_from(&watch.steps);
    let control = stop_on_signal()?;
    let (mut bar, mut ended) = (None, Ok(Ended::Done));
    engine.watch(&options, &control, &mut |event| match event {
        WatchEvent::Progress(view) => bar.get_or_insert_with(|| Bar::new(args.json)).show(view),
        event => {
            if let Some(bar) = bar.take() {
                bar.clear();
            }
            if let WatchEvent::Indexed(view) = event {
                if let Err(error) = finish(args, view, false) {
                    // Whoever reads has what was wanted.
                    ended = Err(error);
                    control.request(Stop::Interrupt);
                }
            } else {
                say(&event);
            }
        }
    })?;
    ended
}

pub(super) fn options(folders: Vec<PathBuf>, how: &WatchHow) -> WatchOptions {
    let mut options = WatchOptions::new(folders);
    options.settle = Duration::from_millis(how.settle);
    if let Some(secs) = how.poll {
        (options.poll, options.rescan) = (true, Duration::from_secs(secs));
    }
    options
}

/// Results go to standard output; this is about the watching itself.
fn say(event: &WatchEvent<'_>) {
    match event {
        WatchEvent::Watching(folder) => eprintln!("watching {}", folder.display()),
        WatchEvent::Polling(reason) => eprintln!("looking from time to time only: {reason}"),
        WatchEvent::Offline(folder) => eprintln!("offline, kept as it was: {}", folder.display()),
        WatchEvent::Online(folder) => eprintln!("back: {}", folder.display()),
        WatchEvent::Failed(error) => eprintln!("not indexed, tried again later: {error}"),
        WatchEvent::Progress(_) | WatchEvent::Indexed(_) => {}
    }
}

/// Watching that goes on behind something else.
pub(super) struct Watching {
    control: Control,
    thread: JoinHandle<()>,
}

/// Watches on a thread of its own; `None`, and a line in the log, where that cannot be.
pub(super) fn start(engine: &Engine, options: WatchOptions) -> Option<Watching> {
    let (engine, control) = (engine.clone(), Control::new());
    let asked = control.clone();
    let thread = std::thread::Builder::new().name("watch".into()).spawn(move || {
        let outcome = engine.watch(&options, &asked, &mut |event| match event {
            WatchEvent::Progress(_) | WatchEvent::Indexed(_) => {}
            WatchEvent::Failed(error) => tracing::warn!(%error, "not indexed, tried again later"),
            event => tracing::info!(?event, "watching"),
        });
        if let Err(error) = outcome {
            tracing::error!(%error, "the folders are not watched any more");
        }
    });
    match thread {
        Ok(thread) => Some(Watching { control, thread }),
        Err(error) => {
            tracing::error!(%error, "the folders are not watched");
            None
        }
    }
}

impl Watching {
    /// Stops at the next checkpoint, and waits for it.
    pub(super) fn stop(self) {
        self.control.request(Stop::Interrupt);
        if self.thread.join().is_err() {
            tracing::error!("watching panicked; please report it");
        }
    }
}
