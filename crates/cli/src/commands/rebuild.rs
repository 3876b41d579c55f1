//! `tintype rebuild`.

use anyhow::Result;
use serde_json::{Value as Json, json};
use tintype_engine::OperationRequest;
use tintype_engine::store::OperationState;

use super::{carry_out, open};
use crate::args::{Args, RebuildArgs};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, rebuild: &RebuildArgs) -> Result<Ended> {
    let engine = open(args)?;
    let view = carry_out(args, &engine, &OperationRequest::Rebuild { reread: rebuild.reread })?;
    let result = view.result.clone().unwrap_or(Json::Null);
    if view.state != OperationState::Completed {
        outln!("{}; to go on: tintype ops resume {}", view.state.as_str(), view.id)?;
        return Ok(Ended::Interrupted);
    }
    if args.json {
        outln!("{}", json!({ "operation": view.id, "state": view.state, "result": result }))?;
    } else {
        let count = |name: &str| result.get(name).and_then(Json::as_u64).unwrap_or(0);
        outln!(
            "rebuilt: {} photos ({} before), {} features, {} decisions; {} features were computed; the old database is backups/{}",
            count("photos_after"),
            count("photos_before"),
            count("features"),
            count("decisions"),
            count("computed"),
            result.get("backup").and_then(Json::as_str).unwrap_or_default()
        )?;
    }
    Ok(Ended::Done)
}
