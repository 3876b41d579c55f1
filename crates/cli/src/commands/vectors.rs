//! `tintype vectors`.

use std::io::Write as _;

use anyhow::Result;

use super::open;
use crate::args::{Args, VectorsCommand};
use crate::exit::Ended;

pub(super) fn run(args: &Args, command: &VectorsCommand) -> Result<Ended> {
    let engine = open(args)?;
    if let VectorsCommand::Use { kind, producer } = command {
        engine.choose_vectors(kind, (producer != "auto").then_some(producer.as_str()))?;
    }
    let mut out = std::io::stdout().lock();
    for space in engine.vector_spaces()? {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&space)?)?;
            continue;
        }
        let mark = match (space.is_active, space.is_chosen) {
            (true, true) => "used, chosen",
            (true, false) => "used",
            _ => "",
        };
        let words = if space.reads_words { ", reads words" } else { "" };
        writeln!(
            out,
            "{:<17} {:<28} {:>9} pictures  {mark}{words}",
            space.kind, space.producer, space.pictures
        )?;
    }
    Ok(Ended::Done)
}
