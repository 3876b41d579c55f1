//! Library folders.

use axum::extract::State;
use tintype_engine::store::{PhotoQuery, Scope};
use tintype_engine::{Engine, paths, store};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::listing::Items;
use crate::dto::root::Root;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_roots))
}

/// Lists the folders that photos are read from
#[utoipa::path(get, path = "/roots", tag = "albums",
    responses((status = 200, description = "The folders.", body = Items<Root>)))]
async fn list_roots(State(app): State<App>) -> Answer<Items<Root>> {
    app.json(|engine| engine.store().roots()?.into_iter().map(|root| counted(engine, &root)).collect()).await
}

fn counted(engine: &Engine, root: &store::Root) -> Result<Root, Problem> {
    let scope = Scope::Folder { root: root.id, rel: Vec::new() };
    let photos = engine.store().count_photos(&PhotoQuery { scope, ..PhotoQuery::default() })?;
    Ok(Root { path: paths::display(root.path.as_os_str().as_encoded_bytes()), online: root.online, photos })
}
