//! Groups of duplicates.

use std::collections::HashMap;

use axum::extract::State;
use tintype_core::{AlbumId, PhotoId};
use tintype_engine::store::PhotoSummary;
use tintype_engine::{DuplicateGroup, Engine};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto;
use crate::dto::duplicate::{DuplicatePage, DuplicateQuery, TierTotals};
use crate::dto::listing::{Paging, cursor_at, offset_of};
use crate::extract::Query;
use crate::problem::{Invalid, Missing, Problem};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_duplicates))
}

/// Lists groups of duplicates
///
/// As last grouped; `stale` says that the library has changed since, and the step `group_duplicates` groups again.
#[utoipa::path(get, path = "/duplicates", tag = "photos", params(DuplicateQuery, Paging),
    responses((status = 200, description = "A page of groups.", body = DuplicatePage), Missing, Invalid))]
async fn list_duplicates(
    State(app): State<App>,
    Query(query, paging, _): Query<DuplicateQuery, Paging>,
) -> Answer<DuplicatePage> {
    let (limit, offset) = (paging.limit()?, offset_of(paging.cursor.as_deref())?);
    app.json(move |engine| {
        let scope = engine.album_scope(query.album.map(AlbumId))?;
        let page = engine.duplicates(&scope, query.tier.map(Into::into), offset, limit)?;
        let photos = photos_of(engine, &page.items)?;
        Ok(DuplicatePage {
            next_cursor: cursor_at(offset + page.items.len(), page.total),
            items: page
                .items
                .into_iter()
                .map(|group| dto::duplicate::DuplicateGroup::new(group, &photos))
                .collect(),
            totals: TierTotals { bytes: page.bytes, picture: page.picture, moment: page.moment },
            stale: page.stale,
        })
    })
    .await
}

/// The photos that the groups speak of, each once. A photo that was pruned since is not among them.
fn photos_of(engine: &Engine, groups: &[DuplicateGroup]) -> Result<HashMap<PhotoId, PhotoSummary>, Problem> {
    let mut photos = HashMap::new();
    for member in groups.iter().flat_map(|group| &group.members) {
        if !photos.contains_key(&member.photo)
            && let Some(photo) = engine.store().photo(member.photo)?
        {
            photos.insert(member.photo, photo.summary);
        }
    }
    Ok(photos)
}
