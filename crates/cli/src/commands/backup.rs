//! `tintype backup`, `restore` and `recover`.

use anyhow::Result;
use indicatif::HumanBytes;
use serde_json::json;
use tintype_engine::store::{BackupInfo, Error as StoreError};
use tintype_engine::{Engine, Error};

use super::{data_dir, open};
use crate::args::{Args, BackupArgs, RecoverArgs, RestoreArgs};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, backup: &BackupArgs) -> Result<Ended> {
    let engine = open(args)?;
    if backup.list {
        for info in engine.backups()? {
            if args.json {
                outln!("{}", serde_json::to_string(&info)?)?;
            } else {
                outln!("{}", describe(&info))?;
            }
        }
        return Ok(Ended::Done);
    }
    let made = engine.backup()?;
    let removed =
        backup.keep.map(|keep| engine.prune_backups(keep as usize)).transpose()?.unwrap_or_default();
    if args.json {
        outln!("{}", json!({ "backup": made, "removed": removed }))?;
    } else {
        outln!("{}", describe(&made))?;
        for name in removed {
            outln!("removed {name}")?;
        }
    }
    Ok(Ended::Done)
}

fn describe(info: &BackupInfo) -> String {
    let name = tintype_engine::paths::display(info.name.as_bytes());
    let made = tintype_engine::rfc3339(info.created_ms);
    let rest = match (&info.problem, info.photos) {
        (Some(problem), _) => format!("cannot be used: {problem}"),
        (None, Some(photos)) => format!("{photos} photos"),
        (None, None) => String::new(),
    };
    format!("{name}  {made}  {:>10}  {rest}", HumanBytes(info.bytes).to_string())
}

pub(super) fn restore(args: &Args, restore: &RestoreArgs) -> Result<Ended> {
    let report = open(args)?.restore_named_or_path(&restore.backup)?;
    if args.json {
        outln!("{}", serde_json::to_string(&report)?)?;
    } else {
        let photos = report.restored.photos.unwrap_or_default();
        outln!("the library is as it was in {} ({photos} photos)", report.restored.name)?;
        outln!("to undo this: tintype restore {}", report.before.name)?;
        outln!("tintype index finds what has changed on disk since")?;
    }
    Ok(Ended::Done)
}

pub(super) fn recover(args: &Args, recover: &RecoverArgs) -> Result<Ended> {
    if args.database.is_some() {
        let what = "recover is for the SQLite file; into an empty PostgreSQL database, restore a backup with: tintype restore";
        return Err(Error::Store(StoreError::Unsupported { what: what.to_owned() }).into());
    }
    let report = Engine::recover(&data_dir(args)?, recover.backup.as_deref())?;
    if args.json {
        outln!("{}", serde_json::to_string(&report)?)?;
    } else {
        let photos = report.restored.photos.unwrap_or_default();
        outln!("the library is as it was in {} ({photos} photos)", report.restored.name)?;
        for path in &report.set_aside {
            outln!("kept: {}", path.display())?;
        }
        outln!("tintype index finds what has changed on disk since")?;
    }
    Ok(Ended::Done)
}
