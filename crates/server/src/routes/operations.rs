//! Durable work: its progress, and asking it to pause, go on or stop.

use axum::extract::State;
use axum::response::IntoResponse;
use tintype_core::OperationId;
use tintype_engine::store::{ReportRow, RootId, Scope};
use tintype_engine::{Engine, Error, OperationRequest, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accepted, accepted};
use crate::app::{Answer, App};
use crate::dto::listing::{Page, Paging, offset_of};
use crate::dto::operation::{ItemQuery, Operation, OperationIssue, OperationItem, OperationQuery, Retry};
use crate::events;
use crate::extract::{Id, OptionalBody, Query};
use crate::problem::{Code, Invalid, Missing, NotJson, NotNow, Problem, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_operations))
        .routes(routes!(follow_operations))
        .routes(routes!(get_operation))
        .routes(routes!(follow_operation))
        .routes(routes!(list_operation_issues))
        .routes(routes!(resume_operation))
        .routes(routes!(pause_operation))
        .routes(routes!(cancel_operation))
        .routes(routes!(undo_operation))
        .routes(routes!(retry_operation))
        .routes(routes!(list_operation_items))
}

/// Lists operations, latest first
#[utoipa::path(get, path = "/operations", tag = "operations", params(OperationQuery, Paging),
    responses((status = 200, description = "A page of operations.", body = Page<Operation>), Invalid))]
async fn list_operations(
    State(app): State<App>,
    Query(query, paging, _): Query<OperationQuery, Paging>,
) -> Answer<Page<Operation>> {
    let limit = paging.limit()?;
    app.json(move |engine| {
        let page = engine.operations(query.state.map(Into::into), limit, paging.cursor.as_deref())?;
        Ok(Page { items: page.items.into_iter().map(Into::into).collect(), next_cursor: page.next_cursor })
    })
    .await
}

/// Gives one operation, with live numbers while it runs
#[utoipa::path(get, path = "/operations/{id}", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    responses((status = 200, description = "The operation.", body = Operation), Missing, Invalid))]
async fn get_operation(State(app): State<App>, Id(id): Id<OperationId>) -> Answer<Operation> {
    app.json(move |engine| Ok(engine.operation(id)?.into())).await
}

/// Follows one operation (server-sent events)
///
/// `progress` carries the operation whenever it changes, at most five times a second; `done` carries it in its final
/// state and ends the stream. A paused or interrupted operation may go on, so its stream does too.
#[utoipa::path(get, path = "/operations/{id}/events", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    responses((status = 200, description = "Events with an operation as data.", content_type = "text/event-stream", body = Operation), Missing, Invalid))]
async fn follow_operation(
    State(app): State<App>,
    Id(id): Id<OperationId>,
) -> Result<impl IntoResponse, Problem> {
    events::of_one(app, id).await
}

/// Follows all operations (server-sent events)
///
/// Begins with those that run or wait to be resumed. `progress` carries an operation that changed, `done` one that
/// reached a final state.
#[utoipa::path(get, path = "/operations/events", tag = "operations",
    responses((status = 200, description = "Events with an operation as data.", content_type = "text/event-stream", body = Operation)))]
async fn follow_operations(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    events::of_all(app).await
}

/// Resumes a paused, interrupted or failed operation
#[utoipa::path(post, path = "/operations/{id}/resume", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    responses((status = 202, description = "The operation.", body = Operation), Missing, NotNow, Invalid))]
async fn resume_operation(State(app): State<App>, Id(id): Id<OperationId>) -> Accepted {
    accepted(app.blocking(move |engine| Ok(engine.resume(id)?)).await)
}

/// Asks an operation to stop after the photo at hand and to keep the rest for later
#[utoipa::path(post, path = "/operations/{id}/pause", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    responses((status = 202, description = "The operation.", body = Operation), Missing, NotNow, Invalid))]
async fn pause_operation(State(app): State<App>, Id(id): Id<OperationId>) -> Accepted {
    accepted(app.blocking(move |engine| Ok(engine.pause(id)?)).await)
}

/// Asks an operation to stop for good; what it has learned is kept
#[utoipa::path(post, path = "/operations/{id}/cancel", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    responses((status = 202, description = "The operation.", body = Operation), Missing, NotNow, Invalid))]
async fn cancel_operation(State(app): State<App>, Id(id): Id<OperationId>) -> Accepted {
    accepted(app.blocking(move |engine| Ok(engine.cancel(id)?)).await)
}

/// Undoes what a finished operation decided or moved to the trash
#[utoipa::path(post, path = "/operations/{id}/undo", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    responses((status = 202, description = "The operation that undoes it.", body = Operation), Missing, NotNow, Invalid))]
async fn undo_operation(State(app): State<App>, Id(id): Id<OperationId>) -> Accepted {
    accepted(app.blocking(move |engine| Ok(engine.undo(id)?)).await)
}

/// Tries again what a finished operation could not do
#[utoipa::path(post, path = "/operations/{id}/retry", tag = "operations", params(("id" = Uuid, Path, description = "The operation.")),
    request_body = Retry,
    responses((status = 202, description = "The operation.", body = Operation), Missing, NotNow, TooLarge, NotJson, Invalid))]
async fn retry_operation(
    State(app): State<App>,
    Id(id): Id<OperationId>,
    OptionalBody(Retry { positions }): OptionalBody<Retry>,
) -> Accepted {
    accepted(app.blocking(move |engine| Ok(engine.retry(id, positions.as_deref())?)).await)
}

/// Lists what an operation does to each file
#[utoipa::path(get, path = "/operations/{id}/items", tag = "operations",
    params(("id" = Uuid, Path, description = "The operation."), ItemQuery, Paging),
    responses((status = 200, description = "A page of items.", body = Page<OperationItem>), Missing, Invalid))]
async fn list_operation_items(
    State(app): State<App>,
    Id(id): Id<OperationId>,
    Query(query, paging, _): Query<ItemQuery, Paging>,
) -> Answer<Page<OperationItem>> {
    let limit = paging.limit()?;
    app.json(move |engine| {
        let page = engine
            .items(id, query.state.map(Into::into), limit, paging.cursor.as_deref())
            .map_err(|error| Problem::from(error).about_value("cursor"))?;
        let items = page.items.into_iter().map(Into::into).collect();
        Ok(Page { items, next_cursor: page.next_cursor })
    })
    .await
}

/// Lists what went wrong with files that the operation looked at
#[utoipa::path(get, path = "/operations/{id}/issues", tag = "operations",
    params(("id" = Uuid, Path, description = "The operation."), Paging),
    responses((status = 200, description = "A page of issues, by path.", body = Page<OperationIssue>), Missing, Invalid))]
async fn list_operation_issues(
    State(app): State<App>,
    Id(id): Id<OperationId>,
    Query(paging, ..): Query<Paging>,
) -> Answer<Page<OperationIssue>> {
    let (limit, offset) = (paging.limit()?, offset_of(paging.cursor.as_deref())?);
    app.json(move |engine| issues(engine, id, offset, limit)).await
}

fn issues(
    engine: &Engine,
    id: OperationId,
    offset: usize,
    limit: usize,
) -> Result<Page<OperationIssue>, Problem> {
    let mut items = Vec::new();
    let mut seen = 0;
    let mut collect = |row: ReportRow| {
        for issue in row.issues {
            if (offset..offset.saturating_add(limit)).contains(&seen) {
                let path = paths::display(row.path.as_os_str().as_encoded_bytes());
                items.push(OperationIssue {
                    path,
                    stage: issue.stage.as_str(),
                    code: Code(issue.code),
                    detail: issue.detail,
                });
            }
            seen += 1;
        }
    };
    for scope in scopes(engine, id)? {
        engine.store().report_rows(&scope, &mut collect)?;
    }
    let next_cursor = crate::dto::listing::cursor_at(offset.saturating_add(limit), seen as u64);
    Ok(Page { items, next_cursor })
}

/// What the operation looked at.
fn scopes(engine: &Engine, id: OperationId) -> Result<Vec<Scope>, Problem> {
    let row = engine.store().operation(id)?.ok_or(Error::NoOperation(id))?;
    let request: OperationRequest =
        serde_json::from_value(row.params).map_err(|error| Error::BadRequest(id, error))?;
    let roots = engine.store().roots()?;
    let scope = |path: &std::path::Path| {
        let root = roots.iter().find(|root| path.starts_with(&root.path))?;
        let rel = path.strip_prefix(&root.path).ok()?;
        Some(Scope::Folder { root: RootId(root.id.0), rel: rel.as_os_str().as_encoded_bytes().to_vec() })
    };
    Ok(match request {
        OperationRequest::Index { paths, .. } => paths.iter().filter_map(|path| scope(path)).collect(),
        OperationRequest::Analyze { scope, .. } => vec![scope],
        OperationRequest::Import { plan } => scope(&plan.into.to_path()).into_iter().collect(),
        // What these met with is told item by item.
        _ => Vec::new(),
    })
}
