//! Import.

use std::path::Path;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tintype_core::Control;
use tintype_engine::{Engine, ImportPlan, OperationRequest};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accepted;
use crate::app::App;
use crate::dto::import::{ImportMode, ImportPlanItem, ImportPlanPage, NewImport};
use crate::dto::operation::Operation;
use crate::extract::Body;
use crate::problem::{Invalid, NotJson, Problem, TooLarge};

/// Files shown of a preview.
const SHOWN: usize = 200;
/// Most sources of one import.
const MAX_SOURCES: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(import_photos))
}

/// Copies or moves photos into a dated tree of the library, or says what would be imported
///
/// 200 with a preview for `dry_run`, otherwise 202 with the operation. What the library holds already, by content, is
/// left out; each copy is compared with its original; nothing is overwritten.
#[utoipa::path(post, path = "/import", tag = "trash", request_body = NewImport,
    responses((status = 200, description = "What would be imported.", body = ImportPlanPage),
        (status = 202, description = "The operation.", body = Operation), TooLarge, NotJson, Invalid))]
async fn import_photos(State(app): State<App>, Body(new): Body<NewImport>) -> Result<Response, Problem> {
    let dry_run = new.dry_run;
    if new.sources.is_empty() || new.sources.len() > MAX_SOURCES {
        return Err(Problem::field("sources", format!("are 1 to {MAX_SOURCES}, not {}", new.sources.len())));
    }
    if dry_run {
        let preview = app.blocking(move |engine| preview(engine, &plan(engine, &new)?)).await?;
        return Ok((StatusCode::OK, Json(preview)).into_response());
    }
    let view = app
        .blocking(move |engine| {
            let plan = plan(engine, &new)?;
            Ok(engine.start(OperationRequest::Import { plan })?)
        })
        .await;
    Ok(accepted(view)?.into_response())
}

/// The plan, with every path inside the folders that this server may use.
fn plan(engine: &Engine, new: &NewImport) -> Result<ImportPlan, Problem> {
    let mut sources = Vec::with_capacity(new.sources.len());
    for (at, source) in new.sources.iter().enumerate() {
        let field = format!("sources[{at}]");
        let path =
            engine.check_source(Path::new(source)).map_err(|error| Problem::from(error).about(&field))?;
        sources.push(path.as_path().into());
    }
    let into = engine.check_path(Path::new(&new.into)).map_err(|error| Problem::from(error).about("into"))?;
    Ok(ImportPlan {
        sources,
        into: into.as_path().into(),
        template: new.template.clone(),
        moves: new.mode == ImportMode::Move,
    })
}

fn preview(engine: &Engine, plan: &ImportPlan) -> Result<ImportPlanPage, Problem> {
    let files = engine.preview_import(plan, &Control::new())?;
    let count = |state: &str| files.iter().filter(|file| file.state == state).count();
    let (new, known, rejected) = (count("new"), count("known"), count("rejected"));
    let bytes = files.iter().filter(|file| file.state == "new").map(|file| file.size).sum();
    let total = files.len();
    let items: Vec<ImportPlanItem> = files.into_iter().take(SHOWN).map(Into::into).collect();
    Ok(ImportPlanPage { items, total, new, known, rejected, bytes })
}
