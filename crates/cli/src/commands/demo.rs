//! `tintype demo`.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::args::{Args, DemoArgs};
use crate::demo::{DemoOptions, draw_library};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, demo: &DemoArgs) -> Result<Ended> {
    let target = if args.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target).with_prefix("drawing");
    bar.set_style(ProgressStyle::with_template("{prefix:>10} {wide_bar} {pos}/{len}")?);
    let report = draw_library(&demo.into, &DemoOptions::default(), &mut |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    if args.json {
        outln!("{}", json!({ "into": demo.into, "files": report.files, "drawn": report.drawn }))?;
    } else {
        outln!(
            "{} files in {}, {} newly drawn; next: tintype serve {1}",
            report.files,
            demo.into.display(),
            report.drawn
        )?;
    }
    Ok(Ended::Done)
}
