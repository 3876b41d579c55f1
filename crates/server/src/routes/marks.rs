//! What people say of photos: favourites, stars, flags, titles, keywords, dates.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tintype_core::PhotoId;
use tintype_engine::store::{PhotoFilter, Scope};
use tintype_engine::{Change, Engine, OperationRequest};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accepted, accepted, photos};
use crate::app::{Answer, App};
use crate::dto::filter::Filter;
use crate::dto::mark::{
    BulkMark, DateChange, DatePreview, Dated, EditDate, Mark, NewDescription, NewFlag, NewRating,
};
use crate::dto::operation::Operation;
use crate::dto::photo::{Arrangement, PhotoPage};
use crate::extract::{Body, Id, Query};
use crate::problem::{Invalid, Missing, NotJson, NotNow, Problem, TooLarge};

/// Photos shown of a preview.
const SHOWN: usize = 200;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_favorites))
        .routes(routes!(toggle_favorite))
        .routes(routes!(rate_photo))
        .routes(routes!(flag_photo))
        .routes(routes!(describe_photo))
        .routes(routes!(mark_many))
        .routes(routes!(edit_dates))
}

/// Lists favourites: photos with five stars
#[utoipa::path(get, path = "/photos/favorites", tag = "marks", params(Arrangement, Filter),
    responses((status = 200, description = "A page of photos.", body = PhotoPage), Invalid))]
async fn list_favorites(
    State(app): State<App>,
    Query(arrangement, filter, _): Query<Arrangement, Filter>,
) -> Answer<PhotoPage> {
    let filter = PhotoFilter { rating: Some(5), ..filter.check()? };
    let query = arrangement.query(Scope::Library, filter)?;
    app.json(move |engine| photos::page(engine, &query)).await
}

/// Makes a photo a favourite, or no longer one: five stars or none
#[utoipa::path(post, path = "/photos/{id}/favorite", tag = "marks", params(("id" = Uuid, Path, description = "The photo.")),
    responses((status = 200, description = "What is said of it now.", body = Mark), Missing, Invalid))]
async fn toggle_favorite(State(app): State<App>, Id(id): Id<PhotoId>) -> Answer<Mark> {
    app.json(move |engine| {
        let is_favorite = engine.photo(id)?.summary.rating == Some(5);
        Ok(engine.mark(id, vec![Change::Rating(Some(if is_favorite { 0 } else { 5 }))])?.into())
    })
    .await
}

/// Gives a photo stars, or takes them away
#[utoipa::path(put, path = "/photos/{id}/rating", tag = "marks", params(("id" = Uuid, Path, description = "The photo.")),
    request_body = NewRating,
    responses((status = 200, description = "What is said of it now.", body = Mark), Missing, TooLarge, NotJson, Invalid))]
async fn rate_photo(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    Body(NewRating { rating }): Body<NewRating>,
) -> Answer<Mark> {
    app.json(move |engine| Ok(engine.mark(id, vec![Change::Rating(rating)])?.into())).await
}

/// Picks or rejects a photo, or neither
#[utoipa::path(put, path = "/photos/{id}/flag", tag = "marks", params(("id" = Uuid, Path, description = "The photo.")),
    request_body = NewFlag,
    responses((status = 200, description = "What is said of it now.", body = Mark), Missing, TooLarge, NotJson, Invalid))]
async fn flag_photo(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    Body(NewFlag { flag }): Body<NewFlag>,
) -> Answer<Mark> {
    app.json(move |engine| Ok(engine.mark(id, vec![Change::Flag(flag.map(Into::into))])?.into())).await
}

/// Gives a photo a title, a caption and keywords
#[utoipa::path(patch, path = "/photos/{id}/metadata", tag = "marks", params(("id" = Uuid, Path, description = "The photo.")),
    request_body = NewDescription,
    responses((status = 200, description = "What is said of it now.", body = Mark), Missing, TooLarge, NotJson, Invalid))]
async fn describe_photo(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    Body(new): Body<NewDescription>,
) -> Answer<Mark> {
    let changes = new.changes()?;
    app.json(move |engine| Ok(engine.mark(id, changes)?.into())).await
}

/// Makes the same change to many photos
#[utoipa::path(post, path = "/photos/bulk-favorite", tag = "marks", request_body = BulkMark,
    responses((status = 202, description = "The operation.", body = Operation), TooLarge, NotJson, Invalid))]
async fn mark_many(State(app): State<App>, Body(bulk): Body<BulkMark>) -> Accepted {
    let (photos, change) = bulk.check()?;
    let request = OperationRequest::Rate { photos, changes: vec![change] };
    accepted(app.blocking(move |engine| Ok(engine.start(request)?)).await)
}

/// Sets or shifts when photos were taken, or says what would change
///
/// 200 with a preview for `dry_run`, otherwise 202 with the operation. Dates are recorded in the library, and written
/// into the files where their folders' write mode says so.
#[utoipa::path(post, path = "/photos/edit-date", tag = "marks", request_body = EditDate,
    responses((status = 200, description = "What would change.", body = DatePreview),
        (status = 202, description = "The operation.", body = Operation), Missing, NotNow, TooLarge, NotJson, Invalid))]
async fn edit_dates(State(app): State<App>, Body(edit): Body<EditDate>) -> Result<Response, Problem> {
    let dry_run = edit.dry_run;
    let (dated, edit) = edit.check()?;
    if dry_run {
        let preview = app
            .blocking(move |engine| {
                let photos = chosen(engine, dated)?;
                let changes = engine.preview_dates(&photos, &edit)?;
                let changed = changes.iter().filter(|change| change.to.is_some()).count();
                let problems = changes.iter().filter(|change| change.problem.is_some()).count();
                let total = changes.len();
                let items: Vec<DateChange> = changes.into_iter().take(SHOWN).map(Into::into).collect();
                Ok(DatePreview { items, total, changed, unchanged: total - changed - problems, problems })
            })
            .await?;
        return Ok((StatusCode::OK, Json(preview)).into_response());
    }
    let view = app
        .blocking(move |engine| {
            let photos = chosen(engine, dated)?;
            Ok(engine.start(OperationRequest::EditDate { photos, edit })?)
        })
        .await;
    Ok(accepted(view)?.into_response())
}

fn chosen(engine: &Engine, dated: Dated) -> Result<Vec<PhotoId>, Problem> {
    let album = match dated {
        Dated::Photos(photos) => return Ok(photos),
        Dated::Album(album) => album,
    };
    Ok(engine.photos_in(engine.album_scope(Some(album))?)?)
}
