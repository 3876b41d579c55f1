//! `tintype verify`.

use anyhow::Result;
use serde_json::Value as Json;
use tintype_engine::OperationRequest;
use tintype_engine::store::OperationState;

use super::{carry_out, finish_items, open, scope_of};
use crate::args::{Args, VerifyArgs};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, verify: &VerifyArgs) -> Result<Ended> {
    let engine = open(args)?;
    let (scope, label) = scope_of(&engine, verify.target.as_deref())?;
    let view = carry_out(args, &engine, &OperationRequest::Verify { scope, label })?;
    if !args.json && view.state == OperationState::Completed {
        let result = view.result.clone().unwrap_or(Json::Null);
        let count = |name: &str| result.get(name).and_then(Json::as_u64).unwrap_or(0);
        outln!(
            "{} files are as they were, {} changed, {} missing, {} damaged, {} not reachable, {} not known yet",
            count("ok"),
            count("changed"),
            count("missing"),
            count("rotten"),
            count("unreachable"),
            count("extra")
        )?;
    }
    finish_items(args, &engine, &view, verify.strict)
}
