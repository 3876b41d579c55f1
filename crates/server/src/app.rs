//! [`App`]: what handlers share, and the router they hang on.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Json, Router};
use tintype_engine::Engine;
use tokio::sync::{Semaphore, watch};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use utoipa_axum::router::OpenApiRouter;

use crate::guard::Guard;
use crate::problem::{self, Problem};
use crate::{documentation, guard, page, request_id, routes, security_headers};

/// Requests that are in the engine at once; further ones wait. Enough to keep every core and the disk busy, few
/// enough that their memory is bounded.
const MAX_IN_ENGINE: usize = 32;

/// Event streams that are open at once: a few pages with a few tabs.
const MAX_STREAMS: usize = 64;

/// What a handler answers with.
pub(crate) type Answer<T> = Result<Json<T>, Problem>;

/// What handlers share; clones are cheap.
#[derive(Clone)]
pub(crate) struct App {
    engine: Engine,
    in_engine: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

impl App {
    /// The state of a server that stops when `stopping` becomes true.
    pub(crate) fn new(engine: Engine, stopping: watch::Receiver<bool>) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { engine, in_engine: semaphore(MAX_IN_ENGINE), streams: semaphore(MAX_STREAMS), stopping }
    }

    /// Calls the engine on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let permit =
            Arc::clone(&self.in_engine).acquire_owned().await.map_err(|closed| problem::internal(&closed))?;
        let engine = self.engine.clone();
        let task = tokio::task::spawn_blocking(move || {
            // Given back when the work is done, not when the client goes away.
            let _permit = permit;
            work(&engine)
        });
        task.await.unwrap_or_else(|failed| {
            let words = match failed.try_into_panic() {
                Ok(panic) => problem::panic_text(panic.as_ref()),
                Err(cancelled) => cancelled.to_string(),
            };
            Err(problem::internal(&words))
        })
    }

    /// As [`App::blocking`], answering with JSON.
    pub(crate) async fn json<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, Problem> + Send + 'static,
    ) -> Answer<T> {
        self.blocking(work).await.map(Json)
    }

    /// Places for event streams.
    pub(crate) fn streams(&self) -> Arc<Semaphore> {
        Arc::clone(&self.streams)
    }

    /// Becomes true when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }
}

/// Everything the server answers.
pub(crate) fn router(app: App, guard: Guard, max_body_bytes: usize) -> Router {
    let (api, description) = described_routes().split_for_parts();
    api.with_state(app)
        .merge(documentation::router(&documentation::complete(description)))
        .fallback(page::serve)
        .layer(DefaultBodyLimit::max(max_body_bytes))
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(from_fn_with_state(guard, guard::check))
        .layer(from_fn(problem::render))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(512).and(is_worth_compressing)))
        .layer(from_fn(security_headers::add))
        .layer(from_fn(request_id::assign))
}

/// The OpenAPI description of every route.
pub fn openapi() -> utoipa::openapi::OpenApi {
    documentation::complete(described_routes().into_openapi())
}

fn described_routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(documentation::base()).nest(routes::BASE, routes::all())
}

/// Text is; pictures are compressed already, parts of files must keep their length, and event streams must not wait
/// in a buffer.
fn is_worth_compressing(status: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    const TEXT: [&str; 7] = [
        "application/json",
        problem::MEDIA_TYPE,
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "image/svg+xml",
    ];
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    status != StatusCode::PARTIAL_CONTENT
        && !headers.contains_key(header::CONTENT_DISPOSITION)
        && TEXT.iter().any(|text| kind.starts_with(text))
}
