//! The trash: files go there, come back, or are deleted for good. Duplicates are resolved into it.

use axum::extract::State;
use tintype_engine::store::PathText;
use tintype_engine::{Engine, OperationRequest, Unwanted};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accepted, accepted};
use crate::app::{Answer, App};
use crate::dto::listing::Paging;
use crate::dto::mark::check_photos;
use crate::dto::operation::Operation;
use crate::dto::trash::{NewTrash, Resolution, TrashPage, TrashSelection};
use crate::extract::{Body, Query};
use crate::problem::{Invalid, NotJson, Problem, TooLarge};

/// Most groups of one request.
const MAX_GROUPS: usize = 10_000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_trash, move_to_trash))
        .routes(routes!(restore_from_trash))
        .routes(routes!(purge_trash))
        .routes(routes!(resolve_duplicates))
}

/// Lists the trash, latest first
#[utoipa::path(get, path = "/trash", tag = "trash", params(Paging),
    responses((status = 200, description = "A page of the trash.", body = TrashPage), Invalid))]
async fn list_trash(State(app): State<App>, Query(paging, ..): Query<Paging>) -> Answer<TrashPage> {
    let limit = paging.limit()?;
    app.json(move |engine| {
        let page = engine
            .trash(limit, paging.cursor.as_deref())
            .map_err(|error| Problem::from(error).about_value("cursor"))?;
        let (total, total_bytes) = engine.store().trash_totals()?;
        let items = page.items.into_iter().map(Into::into).collect();
        Ok(TrashPage { items, next_cursor: page.next_cursor, total, total_bytes })
    })
    .await
}

/// Moves photos to the trash, with all of their files
#[utoipa::path(post, path = "/trash", tag = "trash", request_body = NewTrash,
    responses((status = 202, description = "The operation.", body = Operation), TooLarge, NotJson, Invalid))]
async fn move_to_trash(State(app): State<App>, Body(new): Body<NewTrash>) -> Accepted {
    let photos = check_photos(new.photo_ids)?.into_iter();
    let unwanted =
        photos.map(|photo| Unwanted { photo, path: None, kept: None, reason: new.reason.clone() }).collect();
    let request = OperationRequest::Trash { unwanted, keep_together: Vec::new() };
    accepted(app.blocking(move |engine| Ok(engine.start(request)?)).await)
}

/// Puts files back where they were
///
/// Where something else is by now, the file gets a name of its own beside it.
#[utoipa::path(post, path = "/trash/restore", tag = "trash", request_body = TrashSelection,
    responses((status = 202, description = "The operation.", body = Operation), TooLarge, NotJson, Invalid))]
async fn restore_from_trash(State(app): State<App>, Body(selection): Body<TrashSelection>) -> Accepted {
    let request = OperationRequest::Restore { choice: selection.check()? };
    accepted(app.blocking(move |engine| Ok(engine.start(request)?)).await)
}

/// Deletes files in the trash for good
#[utoipa::path(post, path = "/trash/purge", tag = "trash", request_body = TrashSelection,
    responses((status = 202, description = "The operation.", body = Operation), TooLarge, NotJson, Invalid))]
async fn purge_trash(State(app): State<App>, Body(selection): Body<TrashSelection>) -> Accepted {
    let request = OperationRequest::Purge { choice: selection.check()? };
    accepted(app.blocking(move |engine| Ok(engine.start(request)?)).await)
}

/// Resolves groups of duplicates: files to keep, files for the trash
///
/// A group of which nothing is removed is not shown again.
#[utoipa::path(post, path = "/duplicates/resolve", tag = "trash", request_body = Resolution,
    responses((status = 202, description = "The operation.", body = Operation), TooLarge, NotJson, Invalid))]
async fn resolve_duplicates(State(app): State<App>, Body(resolution): Body<Resolution>) -> Accepted {
    accepted(app.blocking(move |engine| resolve(engine, &resolution)).await)
}

fn resolve(engine: &Engine, resolution: &Resolution) -> Result<tintype_engine::OperationView, Problem> {
    if resolution.groups.is_empty() || resolution.groups.len() > MAX_GROUPS {
        return Err(Problem::field(
            "groups",
            format!("are 1 to {MAX_GROUPS}, not {}", resolution.groups.len()),
        ));
    }
    let (mut unwanted, mut keep_together) = (Vec::new(), Vec::new());
    for (at, group) in resolution.groups.iter().enumerate() {
        let field = |part: &str| format!("groups[{at}].{part}");
        let Some(kept) = group.keep.first() else {
            return Err(Problem::field(field("keep"), "names at least one file"));
        };
        if let Some(both) = group.remove.iter().find(|path| group.keep.contains(path)) {
            return Err(Problem::field(field("remove"), format!("names {both:?}, which is to be kept")));
        }
        for path in group.keep.iter().filter(|_| !group.remove.is_empty()) {
            photo_at(engine, path, &field("keep"))?;
        }
        for path in &group.remove {
            unwanted.push(Unwanted {
                photo: photo_at(engine, path, &field("remove"))?,
                path: Some(PathText::Text(path.clone())),
                kept: Some(PathText::Text(kept.clone())),
                reason: Some("duplicate".into()),
            });
        }
        if group.remove.is_empty() {
            for path in &group.keep {
                photo_at(engine, path, &field("keep"))?;
            }
            keep_together.push(group.keep.iter().cloned().map(PathText::Text).collect());
        }
    }
    Ok(engine.start(OperationRequest::Trash { unwanted, keep_together })?)
}

fn photo_at(engine: &Engine, path: &str, field: &str) -> Result<tintype_core::PhotoId, Problem> {
    let found = engine.store().file_at(path.as_ref())?.and_then(|(_, photo)| photo);
    found.ok_or_else(|| Problem::field(field, format!("{path:?} is no photo of the library")))
}
