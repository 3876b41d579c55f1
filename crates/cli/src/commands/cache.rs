//! `tintype cache`.

use anyhow::Result;
use indicatif::HumanBytes;
use serde_json::json;

use super::{open, packs};
use crate::args::{Args, CacheCommand};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, command: &CacheCommand) -> Result<Ended> {
    let engine = open(args)?;
    match command {
        CacheCommand::Stats => {
            let report = engine.cache_stats()?;
            if args.json {
                outln!("{}", serde_json::to_string(&report)?)?;
                return Ok(Ended::Done);
            }
            let stats = &report.stats;
            outln!(
                "{} photos in {} files ({} further copies)",
                stats.photos,
                stats.files,
                stats.duplicate_files
            )?;
            outln!("{} features of {} pictures, {}", stats.entries, stats.subjects, HumanBytes(stats.bytes))?;
            outln!(
                "database {}, {} blobs {}",
                HumanBytes(stats.database_bytes),
                stats.blobs.count,
                HumanBytes(stats.blobs.bytes)
            )?;
            for key in &stats.by_key {
                let params = if key.params.is_empty() { String::new() } else { format!(" {}", key.params) };
                outln!(
                    "  {:<20} {:<24} {:>9}  {}{params}",
                    key.kind,
                    key.producer,
                    key.entries,
                    HumanBytes(key.bytes)
                )?;
            }
            for coverage in &report.coverage {
                outln!(
                    "  {:<20} {:<24} {} of {} photos",
                    coverage.kind,
                    coverage.producer,
                    coverage.have,
                    coverage.total
                )?;
            }
        }
        CacheCommand::Export { file, target } => {
            return packs::export(args, &engine, file, target.as_deref());
        }
        CacheCommand::Import { file } => return packs::import(args, &engine, file),
        CacheCommand::Prune { dry_run } => {
            let pruned = engine.prune(*dry_run)?;
            if args.json {
                outln!("{}", json!({ "dry_run": dry_run, "removed": pruned }))?;
            } else {
                let verb = if *dry_run { "would remove" } else { "removed" };
                outln!(
                    "{verb} {} files' entries, {} photos, {} features, {} pictures, {} blobs: {}",
                    pruned.files,
                    pruned.photos,
                    pruned.features,
                    pruned.subjects,
                    pruned.blobs,
                    HumanBytes(pruned.bytes_freed)
                )?;
            }
        }
    }
    Ok(Ended::Done)
}
