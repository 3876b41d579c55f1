//! `tintype decisions`.

use anyhow::Result;
use serde_json::json;

use super::open;
use crate::args::{Args, DecisionsCommand};
use crate::exit::Ended;

pub(super) fn run(args: &Args, command: &DecisionsCommand) -> Result<Ended> {
    let engine = open(args)?;
    match command {
        DecisionsCommand::Export { file } => {
            let count = engine.export_decisions(file)?;
            if args.json {
                println!("{}", json!({ "file": file, "decisions": count }));
            } else {
                println!("{count} decisions written to {}", file.display());
            }
        }
        DecisionsCommand::Import { file } => {
            let report = engine.import_decisions(file)?;
            if args.json {
                println!("{}", serde_json::to_string(&report)?);
            } else {
                println!(
                    "{} new decisions, {} known, {} damaged lines",
                    report.new, report.known, report.damaged
                );
            }
        }
    }
    Ok(Ended::Done)
}
