//! Checking the library's files.

use axum::extract::State;
use serde::Deserialize;
use tintype_core::AlbumId;
use tintype_engine::OperationRequest;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Accepted, accepted};
use crate::app::App;
use crate::dto::operation::Operation;
use crate::extract::OptionalBody;
use crate::problem::{Invalid, Missing, NotJson, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(verify_files))
}

/// What to check.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewVerify {
    /// Only this album; everything when not given.
    album_id: Option<Uuid>,
}

/// Reads every file again and reports what is missing, changed, damaged or not known
#[utoipa::path(post, path = "/verify", tag = "operations", request_body = NewVerify,
    responses((status = 202, description = "The operation.", body = Operation), Missing, TooLarge, NotJson, Invalid))]
async fn verify_files(State(app): State<App>, OptionalBody(new): OptionalBody<NewVerify>) -> Accepted {
    let view = app
        .blocking(move |engine| {
            let album = new.album_id.map(AlbumId);
            let scope = engine.album_scope(album)?;
            let label = match album {
                Some(id) => engine.store().album(id)?.map_or_else(|| "an album".into(), |album| album.name),
                None => "the library".into(),
            };
            Ok(engine.start(OperationRequest::Verify { scope, label })?)
        })
        .await;
    accepted(view)
}
