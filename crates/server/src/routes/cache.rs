//! The feature store.

use axum::extract::State;
use tintype_core::{ErrorCode, PhotoId};
use tintype_engine::store::OperationState;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::cache::{CacheStats, Forgotten, PruneReport, PruneRequest};
use crate::extract::{Id, OptionalBody};
use crate::problem::{Invalid, Missing, NotJson, NotNow, Problem, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_cache_stats))
        .routes(routes!(prune_cache))
        .routes(routes!(forget_photo))
}

/// Gives the feature store in figures
#[utoipa::path(get, path = "/cache/stats", tag = "cache",
    responses((status = 200, description = "The figures.", body = CacheStats)))]
async fn get_cache_stats(State(app): State<App>) -> Answer<CacheStats> {
    app.json(|engine| Ok(engine.cache_stats()?.into())).await
}

/// Removes what nothing refers to any more
///
/// Photos whose files are gone, features of older producers, and what only they needed.
#[utoipa::path(post, path = "/cache/prune", tag = "cache", request_body = Option<PruneRequest>,
    responses((status = 200, description = "What was removed, or would be.", body = PruneReport), NotNow, TooLarge, NotJson, Invalid))]
async fn prune_cache(
    State(app): State<App>,
    OptionalBody(PruneRequest { dry_run }): OptionalBody<PruneRequest>,
) -> Answer<PruneReport> {
    app.json(move |engine| {
        // The engine would wait for it, for hours perhaps.
        if !engine.operations(Some(OperationState::Running), 1, None)?.items.is_empty() {
            return Err(Problem::new(ErrorCode::Conflict, "an operation is running; prune when it is done"));
        }
        Ok(PruneReport::new(engine.prune(dry_run)?, dry_run))
    })
    .await
}

/// Removes every feature of a photo, to have them computed again
#[utoipa::path(delete, path = "/cache/photos/{id}", tag = "cache", params(("id" = Uuid, Path, description = "The photo.")),
    responses((status = 200, description = "How many there were.", body = Forgotten), Missing, Invalid))]
async fn forget_photo(State(app): State<App>, Id(id): Id<PhotoId>) -> Answer<Forgotten> {
    app.json(move |engine| {
        engine.photo(id)?;
        Ok(Forgotten { features: engine.store().invalidate_photo(id)? })
    })
    .await
}
