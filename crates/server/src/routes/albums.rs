//! Albums: over a folder, over photos picked one by one, or over a saved search.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use tintype_core::AlbumId;
use tintype_engine::store::{self, NewAlbum, PhotoQuery, Scope};
use tintype_engine::{Engine, Error};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::BASE;
use crate::app::{Answer, App};
use crate::dto;
use crate::dto::album::{Album, AlbumChange, NewSource};
use crate::dto::filter::Filter;
use crate::dto::listing::{Page, Paging, cursor_at, offset_of};
use crate::dto::photo::{Arrangement, PhotoPage};
use crate::extract::{Body, Id, Query};
use crate::problem::{Invalid, Missing, NotJson, Problem, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_albums, create_album))
        .routes(routes!(get_album, change_album, delete_album))
        .routes(routes!(list_album_photos))
}

/// Lists albums by name
#[utoipa::path(get, path = "/albums", tag = "albums", params(Paging),
    responses((status = 200, description = "A page of albums.", body = Page<Album>), Invalid))]
async fn list_albums(State(app): State<App>, Query(paging, ..): Query<Paging>) -> Answer<Page<Album>> {
    let (limit, offset) = (paging.limit()?, offset_of(paging.cursor.as_deref())?);
    app.json(move |engine| {
        let albums = engine.store().albums()?;
        let next_cursor = cursor_at(offset.saturating_add(limit), albums.len() as u64);
        let roots = engine.store().roots()?;
        let items =
            albums.into_iter().skip(offset).take(limit).map(|album| Album::new(album, &roots)).collect();
        Ok(Page { items, next_cursor })
    })
    .await
}

/// Makes an album of a folder, of photos, or of a search
#[utoipa::path(post, path = "/albums", tag = "albums", request_body = dto::album::NewAlbum,
    responses((status = 201, description = "The album.", body = Album), TooLarge, NotJson, Invalid))]
async fn create_album(
    State(app): State<App>,
    Body(new): Body<dto::album::NewAlbum>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Album>), Problem> {
    let (name, source) = new.check()?;
    let album = app
        .blocking(move |engine| {
            let album = match source {
                NewSource::Folder(path) => folder_album(engine, &name, &path)?,
                NewSource::Stored(source) => {
                    engine.store().create_album(&NewAlbum { name, source: *source })?
                }
            };
            engine.save_decisions()?;
            Ok((album.id, Album::new(album, &engine.store().roots()?)))
        })
        .await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("{BASE}/albums/{}", album.0))], Json(album.1)))
}

fn folder_album(engine: &Engine, name: &str, path: &std::path::Path) -> Result<store::Album, Problem> {
    let path = engine.check_path(path).map_err(|error| Problem::from(error).about("source_path"))?;
    Ok(engine.create_folder_album(name, &path)?)
}

fn no_album(id: AlbumId) -> Problem {
    Problem::new(tintype_core::ErrorCode::NotFound, format!("no album has the id {id}"))
}

/// Gives one album
#[utoipa::path(get, path = "/albums/{id}", tag = "albums", params(("id" = Uuid, Path, description = "The album.")),
    responses((status = 200, description = "The album.", body = Album), Missing, Invalid))]
async fn get_album(State(app): State<App>, Id(id): Id<AlbumId>) -> Answer<Album> {
    app.json(move |engine| {
        let album = engine.store().album(id)?.ok_or_else(|| no_album(id))?;
        Ok(Album::new(album, &engine.store().roots()?))
    })
    .await
}

/// Renames an album, adds photos to it or takes some out
#[utoipa::path(patch, path = "/albums/{id}", tag = "albums", params(("id" = Uuid, Path, description = "The album.")),
    request_body = AlbumChange,
    responses((status = 200, description = "The album.", body = Album), Missing, TooLarge, NotJson, Invalid))]
async fn change_album(
    State(app): State<App>,
    Id(id): Id<AlbumId>,
    Body(change): Body<AlbumChange>,
) -> Answer<Album> {
    let update = change.check()?;
    app.json(move |engine| {
        let album = engine.store().update_album(id, &update).map_err(Error::from)?;
        engine.save_decisions()?;
        Ok(Album::new(album, &engine.store().roots()?))
    })
    .await
}

/// Deletes an album, not its photos
#[utoipa::path(delete, path = "/albums/{id}", tag = "albums", params(("id" = Uuid, Path, description = "The album.")),
    responses((status = 204, description = "It is gone."), Missing, Invalid))]
async fn delete_album(State(app): State<App>, Id(id): Id<AlbumId>) -> Result<StatusCode, Problem> {
    let was_there = app
        .blocking(move |engine| {
            let was_there = engine.store().delete_album(id)?;
            engine.save_decisions()?;
            Ok(was_there)
        })
        .await?;
    was_there.then_some(StatusCode::NO_CONTENT).ok_or_else(|| no_album(id))
}

/// Lists the photos of an album
#[utoipa::path(get, path = "/albums/{id}/photos", tag = "albums",
    params(("id" = Uuid, Path, description = "The album."), Arrangement, Filter),
    responses((status = 200, description = "A page of photos.", body = PhotoPage), Missing, Invalid))]
async fn list_album_photos(
    State(app): State<App>,
    Id(id): Id<AlbumId>,
    Query(arrangement, filter, _): Query<Arrangement, Filter>,
) -> Answer<PhotoPage> {
    let query = arrangement.query(Scope::Library, filter.check()?)?;
    app.json(move |engine| {
        let scope = engine.album_scope(Some(id))?;
        super::photos::page(engine, &PhotoQuery { scope, ..query })
    })
    .await
}
