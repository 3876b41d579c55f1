//! `tintype metadata`.

use std::io::{BufWriter, Write};

use anyhow::Result;
use tintype_engine::{FileDescription, describe, paths};

use crate::args::{Args, MetadataArgs};
use crate::exit::{Ended, Usage};
use crate::progress::stop_on_signal;

pub(super) fn run(args: &Args, metadata: &MetadataArgs) -> Result<Ended> {
    if let Some(absent) = metadata.paths.iter().find(|path| !path.exists()) {
        return Err(Usage(format!("there is no {}", absent.display())).into());
    }
    let control = stop_on_signal()?;
    let threads = if args.threads > 0 {
        args.threads
    } else {
        std::thread::available_parallelism().map_or(1, usize::from)
    };
    let mut out = BufWriter::with_capacity(1 << 18, std::io::stdout().lock());
    let mut with_issues = 0_u64;
    let count = describe(&metadata.paths, threads, &control, |file| {
        with_issues += u64::from(!file.issues.is_empty());
        if args.json {
            serde_json::to_writer(&mut out, &file).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        } else {
            print(&mut out, &file)
        }
    })?;
    out.flush()?;
    if control.requested().is_some() {
        return Ok(Ended::Interrupted);
    }
    if !args.json {
        eprintln!("{count} files, {with_issues} with issues");
    }
    Ok(if metadata.strict && with_issues > 0 { Ended::Issues } else { Ended::Done })
}

/// One line for people: what a photographer looks for first.
fn print(out: &mut impl Write, file: &FileDescription) -> std::io::Result<()> {
    let facts = &file.metadata;
    let mut parts = vec![paths::display(file.path.as_bytes())];
    parts.push(file.format.unwrap_or("unknown").to_owned());
    if facts.width > 0 {
        parts.push(format!("{} × {}", facts.width, facts.height));
    }
    parts.extend(facts.taken_at.as_ref().map(|taken| taken.local.replace('T', " ")));
    parts.extend(facts.model.as_ref().map(|model| paths::display(model.trim().as_bytes())));
    parts.extend(facts.gps.map(|place| format!("{:.5}, {:.5}", place.latitude, place.longitude)));
    parts.extend(facts.rating.map(|stars| format!("{stars} stars")));
    if !facts.keywords.is_empty() {
        parts.push(paths::display(facts.keywords.join(", ").as_bytes()));
    }
    writeln!(out, "{}", parts.join("  "))?;
    for issue in &file.issues {
        writeln!(out, "  {} {}: {}", issue.stage.as_str(), issue.code, issue.detail)?;
    }
    Ok(())
}
