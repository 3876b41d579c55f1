//! `tintype report`.

use std::io::{BufWriter, Write as _};

use anyhow::Result;
use tintype_engine::ReportLine;

use super::{open, scope_of};
use crate::args::{Args, ReportArgs};
use crate::exit::Ended;

pub(super) fn run(args: &Args, report: &ReportArgs) -> Result<Ended> {
    let engine = open(args)?;
    let (scope, label) = scope_of(&engine, report.target.as_deref())?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    if args.json {
        engine.report(&scope, |line| {
            serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from)?;
            out.write_all(b"\n")
        })??;
    } else if report.csv {
        let mut table = csv::Writer::from_writer(&mut out);
        table.write_record(ReportLine::COLUMNS)?;
        engine.report(&scope, |line| table.write_record(line.values()))??;
        table.flush()?;
    } else {
        let mut summary = Summary::default();
        engine.report(&scope, |line| {
            summary.add(&line);
            for issue in &line.issues {
                let path = tintype_engine::paths::display(line.path.as_bytes());
                writeln!(out, "{path}: {} {}: {}", issue.stage.as_str(), issue.code, issue.detail)?;
            }
            Ok::<_, std::io::Error>(())
        })??;
        writeln!(
            out,
            "{label}: {} files, {} photos, {} blurred, {} files with issues; --csv or --json prints every value",
            summary.files, summary.photos, summary.blurred, summary.with_issues
        )?;
    }
    out.flush()?;
    Ok(Ended::Done)
}

#[derive(Default)]
struct Summary {
    files: u64,
    photos: u64,
    blurred: u64,
    with_issues: u64,
}

impl Summary {
    fn add(&mut self, line: &ReportLine) {
        self.files += 1;
        self.photos += u64::from(line.photo_id.is_some());
        self.blurred += u64::from(line.is_blurry == Some(true));
        self.with_issues += u64::from(!line.issues.is_empty());
    }
}
