//! `tintype analyze`.

use anyhow::Result;
use tintype_engine::OperationRequest;

use super::{carry_out, finish, open, scope_of, step_config};
use crate::args::{AnalyzeArgs, Args};
use crate::exit::Ended;

pub(super) fn run(args: &Args, analyze: &AnalyzeArgs) -> Result<Ended> {
    let config = step_config(&analyze.steps)?;
    let engine = open(args)?;
    let (scope, label) = scope_of(&engine, analyze.target.as_deref())?;
    let request = OperationRequest::Analyze { scope, label, steps: analyze.steps.steps.clone(), config };
    let view = carry_out(args, &engine, &request)?;
    finish(args, &view, analyze.steps.strict)
}
