//! `tintype decisions`.

use anyhow::Result;
use serde_json::json;

use super::open;
use crate::args::{Args, DecisionsCommand};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, command: &DecisionsCommand) -> Result<Ended> {
    let engine = open(args)?;
    match command {
        DecisionsCommand::Export { file } => {
            let count = engine.export_decisions(file)?;
            if args.json {
                outln!("{}", json!({ "file": file, "decisions": count }))?;
            } else {
                outln!("{count} decisions written to {}", file.display())?;
            }
        }
        DecisionsCommand::Import { file } => {
            let report = engine.import_decisions(file)?;
            if args.json {
                outln!("{}", serde_json::to_string(&report)?)?;
            } else {
                outln!(
                    "{} new decisions, {} known, {} damaged lines",
                    report.new,
                    report.known,
                    report.damaged
                )?;
            }
        }
    }
    Ok(Ended::Done)
}
