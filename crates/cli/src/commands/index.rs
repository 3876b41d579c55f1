//! `tintype index` and `tintype forget`.

use anyhow::Result;
use tintype_core::Control;
use tintype_engine::OperationRequest;
use tintype_engine::store::OperationState;

use super::{carry_out, finish, open, step_config};
use crate::args::{Args, ForgetArgs, IndexArgs};
use crate::exit::{Ended, Usage};
use crate::out::outln;

pub(super) fn run(args: &Args, index: &IndexArgs) -> Result<Ended> {
    let config = step_config(&index.steps)?;
    let engine = open(args)?;
    let paths = index.dirs.iter().map(|dir| engine.local_folder(dir)).collect::<Result<Vec<_>, _>>()?;
    let request = OperationRequest::Index { paths: paths.clone(), steps: index.steps.steps.clone(), config };
    let mut view = carry_out(args, &engine, &request)?;
    if index.clean_empty && view.state == OperationState::Completed {
        let removed = engine.remove_empty_folders(&paths, &Control::new())?;
        if let Some(result) = &mut view.result {
            result["folders_removed"] = removed.into();
        }
    }
    finish(args, &view, index.steps.strict)
}

pub(super) fn forget(args: &Args, forget: &ForgetArgs) -> Result<Ended> {
    let engine = open(args)?;
    let path = engine.local_folder(&forget.dir)?;
    let root = engine.store().roots()?.into_iter().find(|root| root.path == path);
    let Some(root) = root else {
        let roots: Vec<String> =
            engine.store().roots()?.iter().map(|root| root.path.display().to_string()).collect();
        return Err(Usage(format!(
            "{} is no folder of the library; those are: {}",
            path.display(),
            roots.join(", ")
        ))
        .into());
    };
    let files = engine.forget_root(root.id)?;
    if args.json {
        outln!("{}", serde_json::json!({ "forgotten": path, "files": files }))?;
    } else {
        outln!("{} is no longer part of the library ({files} files; none was touched)", path.display())?;
    }
    Ok(Ended::Done)
}
