//! `tintype analyze`.

use anyhow::Result;
use tintype_engine::OperationRequest;

use super::{finish, open, scope_of, step_config};
use crate::args::{AnalyzeArgs, Args};
use crate::exit::Ended;
use crate::progress::{Bar, stop_on_signal};

pub(super) fn run(args: &Args, analyze: &AnalyzeArgs) -> Result<Ended> {
    let config = step_config(&analyze.steps)?;
    let engine = open(args)?;
    let (scope, label) = scope_of(&engine, analyze.target.as_deref())?;
    let request = OperationRequest::Analyze { scope, label, steps: analyze.steps.steps.clone(), config };
    let control = stop_on_signal()?;
    let mut bar = Bar::new(args.json);
    let outcome = engine.run(&request, &control, &mut |view| bar.show(view));
    bar.clear();
    Ok(finish(args, &outcome?, analyze.steps.strict))
}
