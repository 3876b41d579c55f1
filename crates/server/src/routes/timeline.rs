//! Photos over time, and what there is to filter by.

use axum::extract::State;
use tintype_core::AlbumId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::filter::Filter;
use crate::dto::timeline::{AlbumQuery, Facets, Timeline, TimelineQuery};
use crate::extract::Query;
use crate::problem::{Invalid, Missing};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_timeline)).routes(routes!(get_facets))
}

/// Counts photos per month or day
#[utoipa::path(get, path = "/timeline", tag = "photos", params(TimelineQuery, Filter),
    responses((status = 200, description = "The counts, newest first.", body = Timeline), Missing, Invalid))]
async fn get_timeline(
    State(app): State<App>,
    Query(query, filter, _): Query<TimelineQuery, Filter>,
) -> Answer<Timeline> {
    let filter = filter.check()?;
    let granularity = query.granularity.map(Into::into).unwrap_or_default();
    app.json(move |engine| {
        let scope = engine.album_scope(query.album.map(AlbumId))?;
        Ok(engine.store().timeline(&scope, &filter, granularity)?.into())
    })
    .await
}

/// Lists what there is to filter by
#[utoipa::path(get, path = "/facets", tag = "photos", params(AlbumQuery),
    responses((status = 200, description = "Values with counts.", body = Facets), Missing, Invalid))]
async fn get_facets(
    State(app): State<App>,
    Query(AlbumQuery { album }, ..): Query<AlbumQuery>,
) -> Answer<Facets> {
    app.json(move |engine| {
        let scope = engine.album_scope(album.map(AlbumId))?;
        Ok(engine.store().facets(&scope)?.into())
    })
    .await
}
