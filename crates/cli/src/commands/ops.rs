//! `tintype ops`.

use anyhow::Result;
use serde_json::json;
use tintype_core::OperationId;
use tintype_engine::store::{ItemState, OperationState};
use tintype_engine::{Engine, OperationView, paths};

use super::{carry_out, finish, finish_items, open};
use crate::args::{Args, OpsCommand};
use crate::exit::{Ended, Usage};
use crate::out::outln;
use crate::progress::{Bar, stop_on_signal};

pub(super) fn run(args: &Args, command: &OpsCommand) -> Result<Ended> {
    let engine = open(args)?;
    match command {
        OpsCommand::List { limit } => {
            for view in engine.operations(None, *limit, None)?.items {
                if args.json {
                    outln!("{}", serde_json::to_string(&view)?)?;
                } else {
                    outln!(
                        "{}  {:<11} {:>7}/{:<7} {:>7} computed {:>7} cached {:>6} opened {:>4} issues  {}  {}",
                        view.id,
                        view.state.as_str(),
                        view.done,
                        view.total,
                        view.computed,
                        view.cached,
                        view.opened,
                        view.issues,
                        view.created_at,
                        view.label
                    )?;
                }
            }
            Ok(Ended::Done)
        }
        OpsCommand::Resume { id } => {
            let id = id.map_or_else(|| latest_resumable(&engine), Ok)?;
            let control = stop_on_signal()?;
            let mut bar = Bar::new(args.json);
            let outcome = engine.run_resumed(id, &control, &mut |view| bar.show(view));
            bar.clear();
            finished(args, &engine, &outcome?)
        }
        OpsCommand::Retry { id, items } => {
            engine.prepare_retry(*id, items.as_deref())?;
            let control = stop_on_signal()?;
            let mut bar = Bar::new(args.json);
            let outcome = engine.run_resumed(*id, &control, &mut |view| bar.show(view));
            bar.clear();
            finished(args, &engine, &outcome?)
        }
        OpsCommand::Undo { id } => {
            let request = engine.undo_request(*id)?;
            let view = carry_out(args, &engine, &request)?;
            finish_items(args, &engine, &view, false)
        }
        OpsCommand::Items { id, state } => items(args, &engine, *id, state.as_deref()),
        OpsCommand::Cancel { id } => {
            let view = engine.cancel(*id)?;
            if args.json {
                outln!("{}", serde_json::to_string(&view)?)?;
            } else {
                outln!("{} is {}", view.label, view.state.as_str())?;
            }
            Ok(Ended::Done)
        }
    }
}

/// Prints the end of an operation of any kind.
fn finished(args: &Args, engine: &Engine, view: &OperationView) -> Result<Ended> {
    match view.kind.as_str() {
        "index" | "analyze" => finish(args, view, false),
        _ => finish_items(args, engine, view, false),
    }
}

fn items(args: &Args, engine: &Engine, id: OperationId, state: Option<&str>) -> Result<Ended> {
    let state = state.and_then(ItemState::from_name);
    let mut cursor = None;
    loop {
        let page = engine.items(id, state, 1000, cursor.as_deref())?;
        for item in page.items {
            let shown = |path: &std::path::Path| paths::display(path.as_os_str().as_encoded_bytes());
            let (path, target) = (shown(&item.path), item.target.as_deref().map(shown));
            if args.json {
                outln!(
                    "{}",
                    json!({ "position": item.position, "state": item.state, "path": path, "target": target,
                            "code": item.code, "detail": item.detail })
                )?;
            } else {
                let to = target.map(|target| format!(" -> {target}")).unwrap_or_default();
                let why = item.detail.map(|detail| format!(": {detail}")).unwrap_or_default();
                outln!("{:>6}  {:<7}  {path}{to}{why}", item.position, item.state.as_str())?;
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(Ended::Done);
        }
    }
}

fn latest_resumable(engine: &Engine) -> Result<OperationId> {
    let mut candidates = Vec::new();
    for state in [OperationState::Interrupted, OperationState::Paused, OperationState::Failed] {
        candidates.extend(engine.operations(Some(state), 1, None)?.items);
    }
    let latest = candidates.into_iter().map(|view| view.id).max();
    latest.ok_or_else(|| Usage("there is nothing to resume".into()).into())
}
