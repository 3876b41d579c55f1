//! Searching by words, facts and pictures; what looks like a photo; suggestions while typing.

use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use tintype_core::{AlbumId, PhotoId};
use tintype_engine::vectors::SpaceWanted;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::listing::{Items, check_limit};
use crate::dto::search::{SearchPage, SearchQuery, SimilarQuery, SuggestQuery, Suggestion};
use crate::dto::vectors::SimilarPhotos;
use crate::extract::{
    Body, Id, MAX_UPLOAD_BYTES, Query, is_form, open_form, parse_json, part_bytes, stray, unreadable_form,
};
use crate::problem::{Invalid, Missing, NotJson, NotNow, Problem, TooLarge, Unreadable};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search_photos))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES))
        .routes(routes!(list_similar))
        .routes(routes!(suggest))
}

/// A question, with a picture beside it if it came in parts.
struct Question(SearchQuery, Option<Vec<u8>>);

impl<S: Send + Sync> FromRequest<S> for Question {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Body::from_request(request, state).await.map(|Body(query)| Self(query, None));
        }
        let mut form = open_form(request, state).await?;
        let (mut query, mut image) = (None, None);
        while let Some(part) = form.next_field().await.map_err(|error| unreadable_form(&error))? {
            match part.name().unwrap_or_default() {
                "request" if query.is_none() => query = Some(parse_json(&part_bytes(part).await?)?),
                "image" if image.is_none() => image = Some(part_bytes(part).await?),
                name => return Err(stray(name, "the parts are request and image, each once")),
            }
        }
        Ok(Self(query.unwrap_or_default(), image))
    }
}

/// Looks for photos by words, facts and pictures
///
/// A `text` is never refused. 503 `MODEL_UNAVAILABLE` where words are to be mixed with pictures and no model is
/// installed that knows what words look like.
#[utoipa::path(post, path = "/search", tag = "search", request_body = SearchQuery,
    responses((status = 200, description = "A page of hits.", body = SearchPage), Unreadable, Missing, NotNow, TooLarge, NotJson, Invalid))]
async fn search_photos(State(app): State<App>, Question(query, image): Question) -> Answer<SearchPage> {
    let album = query.album().map(AlbumId);
    let request = query.check(image)?;
    app.json(move |engine| {
        let scope = engine.album_scope(album)?;
        let request = tintype_engine::search::SearchRequest { scope, ..request };
        let answer = engine.search(&request).map_err(|error| Problem::from(error).about_value("cursor"))?;
        Ok(answer.into())
    })
    .await
}

/// Lists photos that look like a photo, most similar first
#[utoipa::path(get, path = "/photos/{id}/similar", tag = "search",
    params(("id" = Uuid, Path, description = "The photo."), SimilarQuery),
    responses((status = 200, description = "The photos.", body = SimilarPhotos), Missing, NotNow, Invalid))]
async fn list_similar(
    State(app): State<App>,
    Id(id): Id<PhotoId>,
    Query(SimilarQuery { kind, producer, album, limit }, ..): Query<SimilarQuery>,
) -> Answer<SimilarPhotos> {
    let limit = check_limit(limit)?;
    app.json(move |engine| {
        let scope = engine.album_scope(album.map(AlbumId))?;
        let wanted = SpaceWanted { kind: kind.as_deref(), producer: producer.as_deref(), reads_words: false };
        let (space, hits) = engine.similar(id, wanted, &scope, limit)?;
        let items = hits.into_iter().map(Into::into).collect();
        Ok(SimilarPhotos { items, kind: space.kind, producer: space.producer })
    })
    .await
}

/// Suggests how to go on with what is being typed
#[utoipa::path(get, path = "/search/suggest", tag = "search", params(SuggestQuery),
    responses((status = 200, description = "The suggestions, best first.", body = Items<Suggestion>), Invalid))]
async fn suggest(State(app): State<App>, Query(query, ..): Query<SuggestQuery>) -> Answer<Items<Suggestion>> {
    let limit = query.limit()?;
    app.json(move |engine| {
        let found = engine.suggest(query.text.as_deref().unwrap_or_default(), limit)?;
        Ok(found.into_iter().map(Into::into).collect())
    })
    .await
}
