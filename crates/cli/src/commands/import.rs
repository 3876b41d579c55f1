//! `tintype import`.

use anyhow::Result;
use serde_json::json;
use tintype_core::Control;
use tintype_engine::{ImportPlan, OperationRequest, paths};

use super::{carry_out, finish_items, open};
use crate::args::{Args, ImportArgs};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, import: &ImportArgs) -> Result<Ended> {
    let engine = open(args)?;
    fs_err::create_dir_all(&import.into)?;
    let into = engine.local_folder(&import.into)?;
    let sources = import.sources.iter().map(|source| Ok(std::path::absolute(source)?.as_path().into()));
    let plan = ImportPlan {
        sources: sources.collect::<Result<_>>()?,
        into: into.as_path().into(),
        template: import.template.clone(),
        moves: import.moves,
    };
    if import.dry_run {
        return dry_run(args, &engine, &plan);
    }
    let view = carry_out(args, &engine, &OperationRequest::Import { plan })?;
    finish_items(args, &engine, &view, import.strict)
}

fn dry_run(args: &Args, engine: &tintype_engine::Engine, plan: &ImportPlan) -> Result<Ended> {
    let files = engine.preview_import(plan, &Control::new())?;
    for file in &files {
        let path = paths::display(file.path.as_os_str().as_encoded_bytes());
        let target = file.target.as_ref().map(|target| paths::display(target.as_os_str().as_encoded_bytes()));
        if args.json {
            outln!(
                "{}",
                json!({ "path": path, "target": target, "state": file.state, "detail": file.detail, "bytes": file.size })
            )?;
        } else if let Some(target) = target {
            outln!("{path} -> {target}")?;
        } else {
            outln!("{path}: {}: {}", file.state, file.detail.clone().unwrap_or_default())?;
        }
    }
    let count = |state: &str| files.iter().filter(|file| file.state == state).count();
    let (new, known, rejected) = (count("new"), count("known"), count("rejected"));
    if args.json {
        outln!("{}", json!({ "dry_run": true, "new": new, "known": known, "rejected": rejected }))?;
    } else {
        outln!("{new} would be imported, {known} are known, {rejected} would be rejected")?;
    }
    Ok(Ended::Done)
}
