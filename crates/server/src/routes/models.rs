//! Models: which there are, under which licences, where they stand, and fetching them.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accepted, accepted};
use crate::app::{Answer, App};
use crate::dto::models::{ModelList, PullModels};
use crate::dto::operation::Operation;
use crate::extract::Body;
use crate::problem::{Invalid, Missing, NotJson, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_models)).routes(routes!(pull_models))
}

/// Lists the models that can be used, their licences and where they stand
#[utoipa::path(get, path = "/models", tag = "models",
    responses((status = 200, description = "The models, and the engine that runs them.", body = ModelList)))]
async fn list_models(State(app): State<App>) -> Answer<ModelList> {
    app.json(|engine| Ok(ModelList::of(engine.models()))).await
}

/// Fetches models
///
/// From the mirror where there is one, else from their publishers. What is there already is not fetched again, and a
/// fetch that was cut off goes on where it stopped.
#[utoipa::path(post, path = "/models/pull", tag = "models", request_body = PullModels,
    responses((status = 202, description = "The operation that does it.", body = Operation), Missing, TooLarge, NotJson, Invalid))]
async fn pull_models(State(app): State<App>, Body(pull): Body<PullModels>) -> Accepted {
    accepted(app.blocking(move |engine| Ok(engine.start(engine.pull_request(&pull.models)?)?)).await)
}
