//! Building the library's database anew: beside the old one, from the files themselves and from what files do not
//! tell; checked; then swapped in, with a backup of the old. On any failure the old one is as it was.

use std::path::Path;

use serde_json::{Value as Json, json};
use tintype_core::{Control, ErrorCode, Stop};
use tintype_store::{PhotoQuery, Store, StoreConfig};

use crate::engine::{Engine, EngineConfig, Inner};
use crate::live::Live;
use crate::operations::OperationRequest;
use crate::steps::StepScope;
use crate::{Error, Result};

/// Name of the folder, below the data directory, in which the new database is built.
const FOLDER: &str = "rebuild";

/// Says that the new database holds all that it gets from the old one, so that an interrupted run goes on with it.
const SEEDED: &str = "seeded";

/// Decisions taken over at a time.
const CHUNK: usize = 2000;

/// Builds, checks and swaps. `None` when asked to stop, to go on later.
///
/// A file whose size and time are as the old database knows them is not opened: they vouch for its hashes, as in every
/// scan. With `reread` every file is read and hashed again, for a database that is not to be trusted so far.
pub(crate) fn run(engine: &Inner, reread: bool, live: &Live) -> Result<Option<Json>> {
    let folder = engine.config.data_dir.join(FOLDER);
    live.set_phase("copying");
    seed(engine, &folder, reread, live)?;
    live.set_phase("reading files");
    let new = Engine::open(EngineConfig {
        data_dir: folder.clone(),
        shelter: Some(engine.config.data_dir.clone()),
        // It is built in a file, whatever the library lies in.
        database_url: None,
        ..engine.config.clone()
    })?;
    let Some(read) = read_files(&new, live)? else { return Ok(None) };
    live.set_phase("checking");
    take_over_decisions(engine, &new)?;
    new.store().catch_up_with(&engine.store)?;
    let compared = compare(engine, &new, &read)?;
    live.set_phase("swapping");
    let database = new.store().database_path()?;
    drop(new);
    // From here on it is used up: a run that dies begins anew.
    fs_err::remove_file(folder.join(SEEDED))?;
    let report = engine.store.take_in(&database)?;
    fs_err::remove_dir_all(&folder)?;
    let mut result = json!({ "backup": report.before.name, "read": read });
    if let (Some(result), Json::Object(compared)) = (result.as_object_mut(), compared) {
        result.extend(compared);
    }
    Ok(Some(result))
}

/// The new database, with everything that files do not tell.
fn seed(engine: &Inner, folder: &Path, reread: bool, live: &Live) -> Result<()> {
    let mark = folder.join(SEEDED);
    let id = live.id.to_string();
    if fs_err::read_to_string(&mark).is_ok_and(|of| of == id) {
        return Ok(());
    }
    if folder.exists() {
        fs_err::remove_dir_all(folder)?;
    }
    fs_err::create_dir_all(folder)?;
    // Large values and previews are found by content: both databases refer to the same ones.
    for shared in ["blobs", "previews"] {
        let place = engine.config.data_dir.join(shared);
        fs_err::create_dir_all(&place)?;
        fs_err::os::unix::fs::symlink(&place, folder.join(shared))?;
    }
    let new = Store::open(&StoreConfig::new(folder))?;
    new.seed_from(&engine.store, reread)?;
    fs_err::write(&mark, id)?;
    Ok(())
}

/// Looks at every file of every folder that can be reached, and reads those that are not as known, into the new database.
fn read_files(new: &Engine, live: &Live) -> Result<Option<Json>> {
    let paths: Vec<_> = new.store().roots()?.into_iter().map(|root| root.path).collect();
    let reachable: Vec<_> = paths.iter().filter(|path| std::fs::read_dir(path).is_ok()).cloned().collect();
    if reachable.is_empty() {
        return Ok(Some(json!({ "files": 0, "photos": 0 })));
    }
    // Groups came along as they were; the next run brings them up to date.
    let photo_steps = new.steps().into_iter().filter(|row| row.scope == StepScope::Photo);
    let steps = Some(photo_steps.map(|row| row.id.to_owned()).collect());
    let request = OperationRequest::Index { paths: reachable, steps, config: Json::Null };
    let control = Control::new();
    let view = new.run(&request, &control, &mut |view| {
        live.follow(view.done, view.total);
        if let Some(stop) = live.control.requested() {
            control.request(stop);
        }
    })?;
    match view.state {
        tintype_store::OperationState::Completed => Ok(Some(view.result.unwrap_or(Json::Null))),
        _ => Ok(None),
    }
}

/// What was decided while files were read.
fn take_over_decisions(engine: &Inner, new: &Engine) -> Result<()> {
    let mut last = 0;
    loop {
        let chunk = engine.store.decisions(last, CHUNK)?;
        let Some((number, _)) = chunk.last() else { return Ok(()) };
        last = *number;
        let decisions: Vec<_> = chunk.into_iter().map(|(_, decision)| decision).collect();
        new.store().import_decisions(&decisions)?;
    }
}

/// Refuses a new database that lacks anything that the old one has and files do not tell. Whether it is whole is found
/// out when it is swapped in.
fn compare(engine: &Inner, new: &Engine, read: &Json) -> Result<Json> {
    let refuse = |detail: String| {
        Err(Error::Unavailable {
            code: ErrorCode::Conflict,
            detail: format!("the new database was not taken, the old one is as it was: {detail}"),
        })
    };
    let (old_features, features) = (engine.store.feature_count()?, new.store().feature_count()?);
    if features < old_features {
        return refuse(format!("{features} features instead of {old_features}"));
    }
    let albums = |store: &Store| -> Result<Vec<_>> {
        Ok(store.albums()?.into_iter().map(|album| (album.id, album.name)).collect())
    };
    if albums(new.store())? != albums(&engine.store)? {
        return refuse("the albums differ".into());
    }
    let count = |store: &Store| -> Result<u64> {
        let (mut count, mut last) = (0, 0);
        loop {
            let chunk = store.decisions(last, CHUNK)?;
            let Some((number, _)) = chunk.last() else { return Ok(count) };
            (last, count) = (*number, count + chunk.len() as u64);
        }
    };
    let decisions = count(&engine.store)?;
    let taken = count(new.store())?;
    if taken < decisions {
        return refuse(format!("{taken} decisions instead of {decisions}"));
    }
    let photos = |store: &Store| store.count_photos(&PhotoQuery::default());
    Ok(json!({
        "photos_before": photos(&engine.store)?, "photos_after": photos(new.store())?,
        "features": features, "decisions": decisions,
        "computed": read.get("computed").cloned().unwrap_or(Json::Null),
    }))
}

/// Puts a backup in the place of the database.
pub(crate) fn recover(engine: &Inner, name: &str, live: &Live) -> Result<Json> {
    live.set_phase("restoring");
    let report = engine.store.restore(name)?;
    Ok(json!({ "restored": report.restored.name, "backup": report.before.name }))
}

/// The stop that was asked for, or an interruption.
pub(crate) fn stop_of(live: &Live) -> Stop {
    live.control.requested().unwrap_or(Stop::Interrupt)
}
