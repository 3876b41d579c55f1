//! Indexing folders and running steps.

use std::collections::BTreeMap;
use std::path::Path;

use axum::extract::State;
use serde_json::Value;
use tintype_core::AlbumId;
use tintype_engine::store::AlbumSource;
use tintype_engine::{Engine, OperationRequest, OperationView, PRESETS};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accepted, accepted};
use crate::app::{Answer, App};
use crate::dto::album::check_name;
use crate::dto::operation::Operation;
use crate::dto::pipeline::{IngestDirectory, PipelineRun, Step, StepCatalogue};
use crate::extract::Body;
use crate::problem::{Invalid, Missing, NotJson, Problem, TooLarge};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_steps))
        .routes(routes!(run_pipeline))
        .routes(routes!(ingest_directory))
}

/// Lists the steps with their parameters, and the presets
#[utoipa::path(get, path = "/pipeline/steps", tag = "pipeline",
    responses((status = 200, description = "The catalogue.", body = StepCatalogue)))]
async fn list_steps(State(app): State<App>) -> Answer<StepCatalogue> {
    app.json(|engine| {
        let reasons: BTreeMap<_, _> = engine.unavailable_steps()?.into_iter().collect();
        let steps = engine.steps().into_iter();
        let items = steps.map(|row| Step::new(row, reasons.get(row.id).cloned())).collect();
        let presets = PRESETS.iter().map(|(name, steps)| (*name, steps.to_vec())).collect();
        Ok(StepCatalogue { items, presets })
    })
    .await
}

/// Runs steps over an album or the library
///
/// Only what is missing is computed. The folders are not looked at again: that is `ingest_directory`.
#[utoipa::path(post, path = "/pipeline/run", tag = "pipeline", request_body = PipelineRun,
    responses((status = 202, description = "The operation that does it.", body = Operation), Missing, TooLarge, NotJson, Invalid))]
async fn run_pipeline(State(app): State<App>, Body(run): Body<PipelineRun>) -> Accepted {
    accepted(app.blocking(move |engine| start_pipeline(engine, run)).await)
}

fn start_pipeline(engine: &Engine, run: PipelineRun) -> Result<OperationView, Problem> {
    let album = run.album_id.map(AlbumId);
    let scope = engine.album_scope(album)?;
    let named = album.map(|id| engine.store().album(id)).transpose()?.flatten();
    let label = named.map_or_else(|| "the library".to_owned(), |album| album.name);
    Ok(engine.start(OperationRequest::Analyze {
        scope,
        label,
        steps: run.steps,
        config: Value::Object(run.config),
    })?)
}

/// Indexes a folder: finds what changed below it, and analyses it with every step
#[utoipa::path(post, path = "/ingest_directory", tag = "pipeline", request_body = IngestDirectory,
    responses((status = 202, description = "The operation that does it.", body = Operation), TooLarge, NotJson, Invalid))]
async fn ingest_directory(State(app): State<App>, Body(ingest): Body<IngestDirectory>) -> Accepted {
    accepted(app.blocking(move |engine| start_ingest(engine, &ingest)).await)
}

fn start_ingest(engine: &Engine, ingest: &IngestDirectory) -> Result<OperationView, Problem> {
    if !ingest.recursive {
        return Err(Problem::field(
            "recursive",
            "false is not supported: a folder is indexed with everything below it",
        ));
    }
    let album_name = ingest
        .album_name
        .as_deref()
        .map(check_name)
        .transpose()
        .map_err(|problem| problem.about("album_name"))?;
    let path = engine.check_path(ingest.path.as_ref()).map_err(|error| Problem::from(error).about("path"))?;
    if let Some(name) = album_name
        && !has_album(engine, &name, &path)?
    {
        engine.create_folder_album(&name, &path)?;
    }
    Ok(engine.start(OperationRequest::Index { paths: vec![path], steps: None, config: Value::Null })?)
}

/// Whether there is an album of this name over this folder, so that asking twice does not make two.
fn has_album(engine: &Engine, name: &str, path: &Path) -> Result<bool, Problem> {
    let roots = engine.store().roots()?;
    let is_over = |source: &AlbumSource| match source {
        AlbumSource::Folder { root, rel } => roots.iter().filter(|known| known.id == *root).any(|known| {
            path.strip_prefix(&known.path).is_ok_and(|below| below.as_os_str().as_encoded_bytes() == rel)
        }),
        _ => false,
    };
    Ok(engine.store().albums()?.iter().any(|album| album.name == name && is_over(&album.source)))
}
