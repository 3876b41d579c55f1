//! Whether the server lives, and whether it can do its work.

use serde::Serialize;
use tintype_engine::Check;
use utoipa::ToSchema;

use super::models::ModelSummary;

/// The server lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    pub(crate) status: &'static str,
    /// Version of the program.
    pub(crate) version: &'static str,
}

/// One part that requests depend on.
#[derive(Debug, Serialize, ToSchema)]
struct ReadyCheck {
    /// What was checked.
    name: &'static str,
    /// `ok` or `failed`.
    status: &'static str,
    /// In words.
    detail: String,
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// What was checked.
    checks: Vec<ReadyCheck>,
    /// What runs models, and where they stand. None of it makes the server less ready.
    models: ModelSummary,
}

impl Readiness {
    /// What came of the checks, with where models stand.
    pub(crate) fn new(checks: Vec<Check>, models: ModelSummary) -> Self {
        let status = if checks.iter().all(|check| check.ok) { "ready" } else { "not_ready" };
        let check = |check: Check| {
            let status = if check.ok { "ok" } else { "failed" };
            ReadyCheck { name: check.name, status, detail: check.detail }
        };
        Self { status, checks: checks.into_iter().map(check).collect(), models }
    }

    /// Whether all is well.
    pub(crate) fn is_ready(&self) -> bool {
        self.status == "ready"
    }
}
