//! Fetching models as an operation: with progress, stopped and resumed like any other.

use serde_json::{Value as Json, json};
use tintype_infer::{Pack, PullProgress};

use crate::engine::{Engine, Inner};
use crate::live::Live;
use crate::operations::OperationRequest;
use crate::planner::Plan;
use crate::{Error, Result};

impl Engine {
    /// The request that fetches models, named by id or by pack (`lite`, `quality`, `research`). A model whose licence
    /// forbids commercial use comes only when it is named itself: naming it accepts the licence.
    pub fn pull_request(&self, names: &[String]) -> Result<OperationRequest> {
        let mut models: Vec<String> = Vec::new();
        for name in names {
            if let Ok(pack) = name.parse::<Pack>() {
                // One whose graphs somebody has to export first would let every pull of its pack fail.
                let rows = self.models().rows().iter().filter(|row| row.pack == pack && row.commercial);
                let rows = rows.filter(|row| row.exports().is_empty());
                models.extend(rows.map(|row| row.id.to_owned()));
            } else {
                models.push(self.models().row(name)?.id.to_owned());
            }
        }
        let mut seen = std::collections::HashSet::new();
        models.retain(|id| seen.insert(id.clone()));
        if models.is_empty() {
            return Err(Error::BadValue {
                field: "models",
                detail: "names no model that may be fetched without naming it itself".into(),
            });
        }
        Ok(OperationRequest::PullModels { models })
    }

    /// Steps that cannot run now, each with the reason and what to do about it.
    pub fn unavailable_steps(&self) -> Result<Vec<(&'static str, String)>> {
        let plan = Plan::new(&self.0.steps, &self.0.models, None, &Json::Null)?;
        Ok(plan.skipped.into_iter().map(|skipped| (skipped.step, skipped.reason)).collect())
    }
}

/// Fetches what is missing of each model. One that cannot be had does not keep the others from coming; `None` when
/// asked to stop.
pub(crate) fn pull(engine: &Inner, models: &[String], live: &Live) -> Result<Option<Json>> {
    let (mut pulled, mut failed) = (Vec::new(), Vec::new());
    for id in models {
        if live.control.requested().is_some() {
            return Ok(None);
        }
        let told = |progress: &PullProgress| {
            live.set_phase(&format!("fetching {}", progress.file));
            live.follow(progress.bytes, progress.total.unwrap_or(progress.bytes));
        };
        match engine.models.pull(id, true, &live.control, &told) {
            Ok(()) => pulled.push(id),
            Err(tintype_infer::Error::Cancelled { .. }) => return Ok(None),
            Err(error) => {
                failed.push(json!({ "model": id, "code": error.code(), "detail": error.to_string() }));
            }
        }
    }
    if pulled.is_empty()
        && let Some(first) = failed.first()
    {
        return Err(Error::Unavailable {
            code: tintype_core::ErrorCode::ModelUnavailable,
            detail: first["detail"].as_str().unwrap_or_default().to_owned(),
        });
    }
    Ok(Some(json!({ "pulled": pulled, "failed": failed })))
}
