//! `tintype models`.

use std::io::Write as _;

use anyhow::Result;
use indicatif::HumanBytes;
use serde_json::json;
use tintype_engine::infer::{ModelRow, ModelState};

use super::{carry_out, open};
use crate::args::{Args, ModelsCommand};
use crate::exit::{Ended, Usage};
use crate::out::outln;

pub(super) fn run(args: &Args, command: &ModelsCommand) -> Result<Ended> {
    match command {
        ModelsCommand::List => list(args),
        ModelsCommand::Pull { models } => pull(args, models),
        ModelsCommand::Verify { models } => verify(args, models),
        ModelsCommand::Remove { models } => remove(args, models),
    }
}

fn list(args: &Args) -> Result<Ended> {
    let engine = open(args)?;
    let models = engine.models();
    let mut out = std::io::stdout().lock();
    for status in models.list() {
        if args.json {
            let mut line = serde_json::to_value(&status)?;
            line["usable"] = json!(models.is_available(status.row.id));
            writeln!(out, "{line}")?;
            continue;
        }
        let state = match &status.state {
            ModelState::Absent if models.is_available(status.row.id) => "in the mirror".to_owned(),
            ModelState::Absent => "not installed".to_owned(),
            ModelState::Failed(reason) => format!("cannot be used: {reason}"),
            _ => format!("installed, {}", HumanBytes(status.installed_bytes)),
        };
        let use_allowed = if status.row.commercial { "" } else { ", NOT for commercial use" };
        writeln!(out, "{:<28} {:<9} {state}", status.row.id, status.row.pack.to_string())?;
        writeln!(out, "    {} ({}{use_allowed})", status.row.title, status.row.licence)?;
        if !status.row.note.is_empty() {
            writeln!(out, "    {}", status.row.note)?;
        }
    }
    if !args.json {
        let report = models.engine_report();
        writeln!(out, "{} {} on {}: {}", report.engine, report.version, report.provider, report.reason)?;
        writeln!(out, "files in {}", models.config().models_dir.display())?;
    }
    Ok(Ended::Done)
}

fn pull(args: &Args, names: &[String]) -> Result<Ended> {
    let engine = open(args)?;
    let names = if names.is_empty() { vec!["lite".to_owned()] } else { names.to_vec() };
    let view = carry_out(args, &engine, &engine.pull_request(&names)?)?;
    let result = view.result.clone().unwrap_or_default();
    if args.json {
        outln!(
            "{}",
            json!({ "operation": view.id, "state": view.state, "pulled": result["pulled"], "failed": result["failed"] })
        )?;
    }
    if view.state == tintype_engine::store::OperationState::Interrupted {
        return Ok(Ended::Interrupted);
    }
    let failed = result["failed"].as_array().cloned().unwrap_or_default();
    for failure in &failed {
        eprintln!("{}", failure["detail"].as_str().unwrap_or_default());
    }
    if !args.json {
        outln!("{} models are here", result["pulled"].as_array().map_or(0, Vec::len))?;
    }
    Ok(if failed.is_empty() { Ended::Done } else { Ended::Issues })
}

/// Every model that is here, or those named.
fn named<'a>(
    rows: &'a [ModelRow],
    names: &'a [String],
    installed: impl Fn(&str) -> bool,
) -> Result<Vec<&'a str>, Usage> {
    for name in names {
        if !rows.iter().any(|row| row.id == name) {
            return Err(Usage(format!(
                "there is no model {name:?}; tintype models list shows those there are"
            )));
        }
    }
    if !names.is_empty() {
        return Ok(names.iter().map(String::as_str).collect());
    }
    Ok(rows.iter().map(|row| row.id).filter(|id| installed(id)).collect())
}

fn verify(args: &Args, names: &[String]) -> Result<Ended> {
    let engine = open(args)?;
    let models = engine.models();
    let mut bad = 0;
    for id in named(models.rows(), names, |id| models.is_available(id))? {
        for file in models.verify(id)? {
            bad += u64::from(file.problem.is_some());
            if args.json {
                outln!("{}", json!({ "model": id, "file": file }))?;
            } else {
                outln!("{id}: {}: {}", file.name, file.problem.as_deref().unwrap_or("as it should be"))?;
            }
        }
    }
    Ok(if bad > 0 { Ended::Issues } else { Ended::Done })
}

fn remove(args: &Args, names: &[String]) -> Result<Ended> {
    let engine = open(args)?;
    for id in named(engine.models().rows(), names, |_| false)? {
        let files = engine.models().remove(id)?;
        if args.json {
            outln!("{}", json!({ "model": id, "files_removed": files }))?;
        } else {
            outln!("{id}: {files} files removed; what it computed stays")?;
        }
    }
    Ok(Ended::Done)
}
