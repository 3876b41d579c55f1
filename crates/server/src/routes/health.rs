//! Whether the server lives, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::dto::health::{Health, Readiness};
use crate::dto::models::ModelSummary;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_readiness))
}

/// Says that the server lives
#[utoipa::path(get, path = "/health", tag = "health",
    responses((status = 200, description = "It lives.", body = Health)))]
async fn get_health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Says whether the server can do its work
#[utoipa::path(get, path = "/health/ready", tag = "health",
    responses((status = 200, description = "It can.", body = Readiness), (status = 503, description = "Something is wrong.", body = Readiness)))]
async fn get_readiness(State(app): State<App>) -> Result<(StatusCode, Json<Readiness>), Problem> {
    let readiness = app
        .blocking(|engine| {
            let models = ModelSummary::of(engine.models(), &engine.models().list());
            Ok(Readiness::new(engine.ready(), models))
        })
        .await?;
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(readiness)))
}
