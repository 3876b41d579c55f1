//! Photos: lists, one photo, its pictures and its features.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use tintype_core::{AlbumId, ErrorClass, PhotoId};
use tintype_engine::store::{PhotoQuery, Scope};
use tintype_engine::{Engine, PREVIEW_SIZES};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::feature::{Feature, FeatureQuery};
use crate::dto::filter::Filter;
use crate::dto::listing::Items;
use crate::dto::photo::{Arrangement, PhotoDetail, PhotoPage};
use crate::dto::timeline::AlbumQuery;
use crate::extract::{Id, Query};
use crate::originals::{serve_original, serve_preview};
use crate::problem::{Invalid, Missing, NotNow, Problem, Unreadable};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_photos))
        .routes(routes!(get_photo))
        .routes(routes!(get_thumbnail))
        .routes(routes!(get_original))
        .routes(routes!(list_features))
}

/// Lists photos
///
/// `total` comes with the first page.
#[utoipa::path(get, path = "/photos", tag = "photos", params(AlbumQuery, Arrangement, Filter),
    responses((status = 200, description = "A page of photos.", body = PhotoPage), Missing, Invalid))]
async fn list_photos(
    State(app): State<App>,
    Query(AlbumQuery { album }, arrangement, filter): Query<AlbumQuery, Arrangement, Filter>,
) -> Answer<PhotoPage> {
    let query = arrangement.query(Scope::Library, filter.check()?)?;
    app.json(move |engine| {
        let scope = engine.album_scope(album.map(AlbumId))?;
        page(engine, &PhotoQuery { scope, ..query })
    })
    .await
}

/// A page of photos, counted if it is the first.
pub(super) fn page(engine: &Engine, query: &PhotoQuery) -> Result<PhotoPage, Problem> {
    let found =
        engine.store().list_photos(query).map_err(|error| Problem::from(error).about_value("cursor"))?;
    let total = query.cursor.is_none().then(|| engine.store().count_photos(query)).transpose()?;
    let items = found.items.into_iter().map(Into::into).collect();
    Ok(PhotoPage { items, next_cursor: found.next_cursor, total })
}

/// Gives everything about one photo but its features
#[utoipa::path(get, path = "/photos/{id}", tag = "photos", params(("id" = Uuid, Path, description = "The photo.")),
    responses((status = 200, description = "The photo.", body = PhotoDetail), Missing, Invalid))]
async fn get_photo(State(app): State<App>, Id(id): Id<PhotoId>) -> Answer<PhotoDetail> {
    app.json(move |engine| {
        let photo = engine.photo(id)?;
        let companions = photo.companions.iter().map(|other| Ok(engine.photo(*other)?.summary));
        let companions = companions.collect::<Result<Vec<_>, Problem>>()?;
        Ok(PhotoDetail::new(photo, engine.caption_of(id)?, companions))
    })
    .await
}

/// Which preview.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ThumbnailQuery {
    /// Long side in pixels: 256 (when not given) or 1440.
    #[param(example = 256)]
    size: Option<u32>,
    /// The photo's `picture_version`: with it, the browser keeps the picture for good.
    v: Option<String>,
}

/// Gives a preview of a photo
///
/// 404 with the reason in `code` where the photo's pixels cannot be shown.
#[utoipa::path(get, path = "/photos/{id}/thumbnail", tag = "photos",
    params(("id" = Uuid, Path, description = "The photo."), ThumbnailQuery),
    responses((status = 200, description = "A JPEG, upright, in sRGB.", content_type = "image/jpeg"),
        (status = 304, description = "The client's copy is current."), Unreadable, Missing, NotNow, Invalid))]
async fn get_thumbnail(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    Query(query, ..): Query<ThumbnailQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let size = query.size.unwrap_or(256);
    if !PREVIEW_SIZES.contains(&size) {
        return Err(Problem::field("size", format!("is one of {PREVIEW_SIZES:?}, not {size}")));
    }
    let preview = app.blocking(move |engine| engine.thumbnail(id, size).map_err(not_shown)).await?;
    Ok(serve_preview(preview, query.v.is_some(), &headers))
}

/// There is no preview of a photo whose pixels cannot be decoded, which is no fault of the request.
fn not_shown(error: tintype_engine::Error) -> Problem {
    let is_photos_fault = error.code().class() == ErrorClass::Media;
    let problem = Problem::from(error);
    if is_photos_fault { problem.with_status(StatusCode::NOT_FOUND) } else { problem }
}

/// Gives the photo's own file
#[utoipa::path(get, path = "/photos/{id}/original", tag = "photos", params(("id" = Uuid, Path, description = "The photo.")),
    responses((status = 200, description = "The file.", content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for with `Range`.", content_type = "application/octet-stream"),
        (status = 304, description = "The client's copy is current."),
        (status = 416, description = "The file does not have these bytes.", body = crate::problem::Body, content_type = "application/problem+json"),
        Unreadable, Missing, NotNow, Invalid))]
async fn get_original(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    request: Request,
) -> Result<Response, Problem> {
    let original = app.blocking(move |engine| Ok(engine.original(id)?)).await?;
    serve_original(original, request).await
}

/// Lists every feature of a photo, with what made it
#[utoipa::path(get, path = "/photos/{id}/features", tag = "photos",
    params(("id" = Uuid, Path, description = "The photo."), FeatureQuery),
    responses((status = 200, description = "The features.", body = Items<Feature>), Missing, Invalid))]
async fn list_features(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    Query(FeatureQuery { full }, ..): Query<FeatureQuery>,
) -> Answer<Items<Feature>> {
    app.json(move |engine| {
        let features = engine.features(id, full.unwrap_or(false))?;
        Ok(features.into_iter().map(Into::into).collect())
    })
    .await
}
