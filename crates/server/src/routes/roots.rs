//! Library folders.

use axum::extract::{Path, State};
use tintype_core::ErrorCode;
use tintype_engine::store::{PhotoQuery, Scope};
use tintype_engine::{Engine, paths, store};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::listing::Items;
use crate::dto::root::{Root, RootChange};
use crate::extract::Body;
use crate::problem::{Invalid, Missing, NotJson, Problem, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_roots)).routes(routes!(change_root))
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
    Ok(Root {
        id: root.id.0,
        path: paths::display(root.path.as_os_str().as_encoded_bytes()),
        online: root.online,
        photos,
        write_mode: root.write_mode.into(),
    })
}

/// Says where decisions about a folder's photos are written
///
/// What was decided before is written there by an operation of its own.
#[utoipa::path(patch, path = "/roots/{id}", tag = "albums", params(("id" = i64, Path, description = "The folder's number.")),
    request_body = RootChange,
    responses((status = 200, description = "The folder.", body = Root), Missing, TooLarge, NotJson, Invalid))]
async fn change_root(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(change): Body<RootChange>,
) -> Answer<Root> {
    let id = id.parse().map_err(|_text| Problem::field("id", format!("{id:?} is not a number")))?;
    app.json(move |engine| {
        let find = |engine: &Engine| -> Result<store::Root, Problem> {
            let root = engine.store().roots()?.into_iter().find(|root| root.id == store::RootId(id));
            root.ok_or_else(|| Problem::new(ErrorCode::NotFound, format!("no folder has the number {id}")))
        };
        find(engine)?;
        engine.set_write_mode(store::RootId(id), change.write_mode.into())?;
        counted(engine, &find(engine)?)
    })
    .await
}
