//! Who runs what, on locks of files: the kernel drops a lock when its process dies, however it dies, so that others can
//! tell work that goes on from work that was left.

use std::fs::{File, TryLockError};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tintype_core::{Control, OperationId};
use tintype_store::OperationState;

use crate::engine::Inner;
use crate::{Error, Result};

/// How often a lock that another holds is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// How long a claim is waited for: a process that starts holds the claims of abandoned operations while it marks them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Held by the process that runs an operation, from before the operation stands in the database until after its end
/// stands there. An operation said to run that nobody holds is abandoned.
pub(crate) struct Claim {
    file: File,
    path: PathBuf,
}

impl Claim {
    /// `None` when another holds it.
    fn try_take(path: &Path) -> Result<Option<Self>> {
        loop {
            let file = lock_file(path)?;
            match file.try_lock() {
                // Whoever held it before may have removed its name meanwhile, and another lock the next file of that name.
                Ok(()) if is_named(&file, path)? => return Ok(Some(Self { file, path: path.to_path_buf() })),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Removing the name first: whoever opens it later makes a new file.
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the claim {} stays behind; it is unlocked all the same", self.path.display());
        }
        drop(self.file.unlock());
    }
}

impl Inner {
    /// Makes this process the one that runs the operation.
    pub(crate) fn claim(&self, id: OperationId) -> Result<Claim> {
        let path = self.claim_path(id);
        let began = Instant::now();
        loop {
            if let Some(claim) = Claim::try_take(&path)? {
                return Ok(claim);
            }
            if began.elapsed() >= PATIENCE {
                return Err(Error::WrongState {
                    state: OperationState::Running,
                    wanted: "start a second time",
                });
            }
            std::thread::sleep(RETRY);
        }
    }

    /// The claim of an operation that the database says runs, if no process does run it.
    pub(crate) fn claim_abandoned(&self, id: OperationId) -> Result<Option<Claim>> {
        Claim::try_take(&self.claim_path(id))
    }

    /// Waits until no other operation, of this process or another on the same data directory, changes files and
    /// features. `None` when asked to stop meanwhile.
    pub(crate) fn wait_for_pipeline(&self, control: &Control) -> Result<Option<File>> {
        let file = lock_file(&self.run_folder().join("pipeline.lock"))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) if control.requested().is_some() => return Ok(None),
                Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }

    fn claim_path(&self, id: OperationId) -> PathBuf {
        self.run_folder().join(format!("{id}.lock"))
    }

    fn run_folder(&self) -> PathBuf {
        self.config.data_dir.join("run")
    }
}

fn lock_file(path: &Path) -> Result<File> {
    if let Some(dir) = path.parent() {
        fs_err::create_dir_all(dir)?;
    }
    Ok(File::options().create(true).truncate(false).read(true).write(true).open(path)?)
}

fn is_named(file: &File, path: &Path) -> std::io::Result<bool> {
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use serde_json::Value as Json;
    use tintype_testkit::Library;

    use super::*;
    use crate::{Engine, EngineConfig, OperationRequest};

    /// An engine on the same library that takes itself for another process of this host.
    fn another(library: &Library) -> Engine {
        let mut other = Engine::open(EngineConfig::new(library.data())).unwrap();
        let inner = std::sync::Arc::get_mut(&mut other.0).unwrap();
        let host = inner.owner.rsplit_once(':').unwrap().0.to_owned();
        inner.owner = format!("{host}:0");
        other
    }

    fn request(library: &Library) -> OperationRequest {
        OperationRequest::Index { paths: vec![library.photos()], steps: None, config: Json::Null }
    }

    #[test]
    fn what_runs_is_never_taken_for_abandoned() {
        let library = Library::drawn(3);
        let engine = Engine::open(EngineConfig::new(library.data())).unwrap();
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let other = another(&library);
                while !is_done.load(Ordering::Relaxed) {
                    other.0.mark_interrupted().unwrap();
                }
            });
            for round in 0..20 {
                library.add(&format!("{round}.jpg"), &tintype_testkit::jpeg(500 + round, 64, 64));
                let ended = engine.run(&request(&library), &Control::new(), &mut |_| {});
                let ended = ended.map(|view| (view.state, view.computed > 0));
                if !matches!(ended, Ok((OperationState::Completed, true))) {
                    is_done.store(true, Ordering::Relaxed);
                    panic!("round {round}: {ended:?}");
                }
            }
            is_done.store(true, Ordering::Relaxed);
        });
        assert_eq!(
            std::fs::read_dir(library.data().join("run")).unwrap().count(),
            1,
            "claims are cleared away"
        );
    }

    #[test]
    fn what_was_left_is_marked_and_resumed_by_one() {
        let library = Library::drawn(1);
        let (mine, other) = (Engine::open(EngineConfig::new(library.data())).unwrap(), another(&library));
        let id = OperationId::now();
        let row = request(&library).as_new(id, &mine.0.owner).unwrap();
        mine.store().create_operation(&row).unwrap();
        other.0.mark_interrupted().unwrap();
        assert_eq!(mine.operation(id).unwrap().state, OperationState::Interrupted);
        let claim = other.0.claim(id).unwrap();
        assert!(mine.0.claim_abandoned(id).unwrap().is_none());
        std::thread::scope(|scope| {
            let resumed = scope.spawn(|| mine.run_resumed(id, &Control::new(), &mut |_| {}));
            std::thread::sleep(Duration::from_millis(100));
            drop(claim);
            assert_eq!(resumed.join().unwrap().unwrap().state, OperationState::Completed);
        });
        let again = mine.run_resumed(id, &Control::new(), &mut |_| {});
        assert!(matches!(again, Err(Error::WrongState { state: OperationState::Completed, .. })));
    }
}
