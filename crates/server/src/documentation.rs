//! The OpenAPI description and the pages that show it.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::problem;

/// Where the description is.
const ADDRESS: &str = "/api/v1/openapi.json";

/// Swagger UI styles itself with inline styles and draws its icons from data addresses.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
                      base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

/// Title, tags and the schema of problems.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Tintype",
        description = "A photo library that remembers what it learned about every picture.\n\n\
            Errors are problem details (RFC 9457) with a stable `code`. Every response carries `x-request-id`, taken \
            from the request if one was sent. Lists are paged by cursor: pass `next_cursor` as `cursor`. Parameters \
            and fields that are not known are refused."
    ),
    components(schemas(problem::Body)),
    tags(
        (name = "photos", description = "Photos, their pictures and what is known about them"),
        (name = "search", description = "Finding photos by words, facts and pictures"),
        (name = "albums", description = "Named parts of the library"),
        (name = "pipeline", description = "Indexing folders and running steps"),
        (name = "operations", description = "Durable work: progress, pause, resume, cancel"),
        (name = "cache", description = "The feature store"),
        (name = "health", description = "Whether the server lives and can do its work"),
    )
)]
struct Base;

/// The description before the routes are in it.
pub(crate) fn base() -> OpenApi {
    <Base as utoipa::OpenApi>::openapi()
}

/// The description with what every route has in common.
pub(crate) fn complete(mut description: OpenApi) -> OpenApi {
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            document_common_problems(operation);
        }
    }
    description
}

fn document_common_problems(operation: &mut Operation) {
    let common = [
        (
            "403",
            "The request came from another page, for another host, or names a folder that this server may not read.",
        ),
        ("500", "A mistake in Tintype, or damaged data."),
        ("503", "The database cannot be reached, or too much is asked at once."),
        ("507", "No space is left for the database."),
    ];
    for (status, description) in common {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem::documented(description)));
    }
}

/// The description as JSON, and the interactive page that reads it.
pub(crate) fn router(description: &OpenApi) -> Router {
    // Written once: it does not change while the server runs.
    let json: axum::body::Bytes = description.to_json().unwrap_or_default().into();
    let description = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json) });
    // Without a validator the page does not send our address to a stranger's server.
    let config = Config::new([ADDRESS]).validator_url("none").try_it_out_enabled(true);
    let policy =
        SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    let pages = Router::from(SwaggerUi::new("/docs").config(config)).layer(policy);
    Router::new().route(ADDRESS, description).merge(pages)
}
