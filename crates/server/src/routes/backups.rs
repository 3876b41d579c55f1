//! The library's database: building it anew, and backups of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use tintype_engine::store::BackupInfo;
use tintype_engine::{OperationRequest, rfc3339};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accepted, accepted};
use crate::app::{Answer, App};
use crate::dto::listing::Items;
use crate::dto::operation::{Operation, RebuildQuery};
use crate::extract::Query;
use crate::problem::{Invalid, Missing, NotNow, Problem};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_backups, make_backup))
        .routes(routes!(restore_backup))
        .routes(routes!(rebuild_library))
}

/// A copy of the database.
#[derive(Debug, Serialize, ToSchema)]
struct Backup {
    /// Its name.
    name: String,
    /// When it was made, RFC 3339.
    created_at: String,
    /// Bytes.
    bytes: u64,
    /// Version of its schema; null where it could not be read.
    schema: Option<i64>,
    /// Photos in it; null where they could not be counted.
    photos: Option<u64>,
    /// Why it cannot be restored; null for a usable one.
    problem: Option<String>,
}

impl From<BackupInfo> for Backup {
    fn from(backup: BackupInfo) -> Self {
        Self {
            name: backup.name,
            created_at: rfc3339(backup.created_ms),
            bytes: backup.bytes,
            schema: backup.schema,
            photos: backup.photos,
            problem: backup.problem,
        }
    }
}

/// Lists backups, newest first
#[utoipa::path(get, path = "/backups", tag = "operations",
    responses((status = 200, description = "The backups.", body = Items<Backup>), NotNow))]
async fn list_backups(State(app): State<App>) -> Answer<Items<Backup>> {
    app.json(|engine| Ok(engine.store().backups()?.into_iter().map(Into::into).collect())).await
}

/// Makes a backup of the database now
#[utoipa::path(post, path = "/backups", tag = "operations",
    responses((status = 201, description = "The backup.", body = Backup), NotNow))]
async fn make_backup(State(app): State<App>) -> Result<(StatusCode, Json<Backup>), Problem> {
    let backup = app.blocking(|engine| Ok(engine.store().backup()?)).await?;
    Ok((StatusCode::CREATED, Json(backup.into())))
}

/// Puts a backup in the place of the database, after a backup of the present state
#[utoipa::path(post, path = "/backups/{name}/restore", tag = "operations", params(("name" = String, Path, description = "The backup's name.")),
    responses((status = 202, description = "The operation.", body = Operation), Missing, NotNow, Invalid))]
async fn restore_backup(State(app): State<App>, Path(name): Path<String>) -> Accepted {
    let view = app
        .blocking(move |engine| {
            let known = engine.store().backups()?.into_iter().any(|backup| backup.name == name);
            if !known {
                let detail = format!("there is no backup called {name:?}");
                return Err(Problem::new(tintype_core::ErrorCode::NotFound, detail));
            }
            Ok(engine.start(OperationRequest::Recover { backup: name })?)
        })
        .await;
    accepted(view)
}

/// Builds the database anew from the files, and swaps it in once it is checked
///
/// What people decided, albums and computed features come along. Only files that are new or changed are read, unless
/// all are asked for. On any failure the old database stays.
#[utoipa::path(post, path = "/rebuild", tag = "operations", params(RebuildQuery),
    responses((status = 202, description = "The operation.", body = Operation), NotNow, Invalid))]
async fn rebuild_library(State(app): State<App>, Query(query, ..): Query<RebuildQuery>) -> Accepted {
    let request = OperationRequest::Rebuild { reread: query.reread };
    accepted(app.blocking(move |engine| Ok(engine.start(request)?)).await)
}
