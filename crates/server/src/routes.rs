//! The routes, one file per noun. A handler parses, calls the engine on a blocking thread, and maps.

mod albums;
mod backups;
mod cache;
mod captions;
mod duplicates;
mod health;
mod import;
mod marks;
mod metrics;
mod models;
mod operations;
mod photos;
mod pipeline;
mod roots;
mod search;
mod timeline;
mod trash;
mod vectors;
mod verify;

use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use tintype_engine::OperationView;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::dto::operation::Operation;
use crate::problem::Problem;

/// Where the API is.
pub(crate) const BASE: &str = "/api/v1";

/// Every route group.
pub(crate) fn all() -> OpenApiRouter<App> {
    // On the heap: the groups together are larger than what may lie on the stack.
    let groups = vec![
        photos::routes(),
        marks::routes(),
        trash::routes(),
        import::routes(),
        verify::routes(),
        backups::routes(),
        timeline::routes(),
        search::routes(),
        vectors::routes(),
        duplicates::routes(),
        albums::routes(),
        pipeline::routes(),
        operations::routes(),
        cache::routes(),
        roots::routes(),
        models::routes(),
        captions::routes(),
        health::routes(),
        metrics::routes(),
    ];
    groups.into_iter().fold(OpenApiRouter::new(), OpenApiRouter::merge)
}

/// 202 with the operation that was started or asked to change, and where to follow it.
type Accepted = Result<(StatusCode, [(HeaderName, String); 1], Json<Operation>), Problem>;

fn accepted(view: Result<OperationView, Problem>) -> Accepted {
    let operation = Operation::from(view?);
    let location = format!("{BASE}/operations/{}", operation.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(operation)))
}
