//! `tintype ops`.

use anyhow::Result;
use tintype_core::OperationId;
use tintype_engine::Engine;
use tintype_engine::store::OperationState;

use super::{finish, open};
use crate::args::{Args, OpsCommand};
use crate::exit::{Ended, Usage};
use crate::progress::{Bar, stop_on_signal};

pub(super) fn run(args: &Args, command: &OpsCommand) -> Result<Ended> {
    let engine = open(args)?;
    match command {
        OpsCommand::List { limit } => {
            for view in engine.operations(None, *limit, None)?.items {
                if args.json {
                    println!("{}", serde_json::to_string(&view)?);
                } else {
                    println!(
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
                    );
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
            Ok(finish(args, &outcome?, false))
        }
        OpsCommand::Cancel { id } => {
            let view = engine.cancel(*id)?;
            if args.json {
                println!("{}", serde_json::to_string(&view)?);
            } else {
                println!("{} is {}", view.label, view.state.as_str());
            }
            Ok(Ended::Done)
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
