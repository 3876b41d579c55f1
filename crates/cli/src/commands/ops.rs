//! `tintype ops`.

use anyhow::{Result, bail};
use tintype_engine::store::OperationState;

use super::{finish, open};
use crate::args::{Args, OpsCommand};
use crate::exit::Ended;
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
            let id = match id {
                Some(id) => *id,
                None => {
                    let mut candidates = Vec::new();
                    for state in [OperationState::Interrupted, OperationState::Paused, OperationState::Failed]
                    {
                        candidates.extend(engine.operations(Some(state), 1, None)?.items);
                    }
                    match candidates.into_iter().max_by_key(|view| view.id) {
                        Some(view) => view.id,
                        None => bail!("there is nothing to resume"),
                    }
                }
            };
            let control = stop_on_signal()?;
            let mut bar = Bar::new(args.json);
            let outcome = engine.run_resumed(id, &control, &mut |view| bar.show(view));
            bar.clear();
            finish(args, &outcome?, false)
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
