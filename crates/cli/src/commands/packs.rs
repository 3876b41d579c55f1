//! `tintype cache export` and `tintype cache import`.

use std::path::Path;

use anyhow::Result;
use indicatif::HumanBytes;
use tintype_engine::Engine;

use super::scope_of;
use crate::args::Args;
use crate::exit::Ended;
use crate::out::outln;
use crate::progress::{Bar, stop_on_signal};

pub(super) fn export(args: &Args, engine: &Engine, file: &Path, target: Option<&str>) -> Result<Ended> {
    let (scope, label) = scope_of(engine, target)?;
    let control = stop_on_signal()?;
    let mut bar = Bar::new(args.json);
    let outcome = engine.export_features(&scope, file, &control, &mut |at| {
        bar.show_part("exporting", at.done, at.total, false);
    });
    bar.clear();
    let report = outcome?;
    if args.json {
        outln!("{}", serde_json::to_string(&report)?)?;
    } else if report.completed {
        outln!(
            "{}: {} features of {} pictures of {label}, {}",
            file.display(),
            report.features,
            report.pictures,
            HumanBytes(report.bytes)
        )?;
        if report.left_out > 0 {
            outln!("{} features are too large for a pack and were left out", report.left_out)?;
        }
    } else {
        outln!("stopped; nothing was written")?;
    }
    Ok(if report.completed { Ended::Done } else { Ended::Interrupted })
}

pub(super) fn import(args: &Args, engine: &Engine, file: &Path) -> Result<Ended> {
    let control = stop_on_signal()?;
    let mut bar = Bar::new(args.json);
    let outcome = engine.import_features(file, &control, &mut |at| {
        bar.show_part("importing", at.done, at.total, true);
    });
    bar.clear();
    let report = outcome?;
    if args.json {
        outln!("{}", serde_json::to_string(&report)?)?;
    } else {
        let counts = report.counts;
        outln!(
            "{} pictures: {} features added, {} replaced by newer ones, {} kept",
            counts.pictures,
            counts.added,
            counts.replaced,
            counts.kept
        )?;
        if !report.completed {
            outln!("stopped; the same command goes on")?;
        }
    }
    Ok(if report.completed { Ended::Done } else { Ended::Interrupted })
}
