//! Sentences about pictures that are not in the library.

use axum::extract::{DefaultBodyLimit, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{Answer, App};
use crate::dto::caption::PictureCaption;
use crate::extract::{MAX_UPLOAD_BYTES, Upload, UploadForm};
use crate::problem::{Invalid, NotForm, TooLarge, Unreadable};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(caption_picture)).layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES))
}

/// Says in a sentence what a picture shows
///
/// A captioning model says it where one is installed; else it is composed of labels, objects and text, as far as their
/// models are there. 503 `MODEL_UNAVAILABLE` where none is. The picture is not kept.
#[utoipa::path(post, path = "/caption", tag = "models",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The sentence.", body = PictureCaption), Unreadable, TooLarge, NotForm, Invalid))]
async fn caption_picture(State(app): State<App>, Upload(file): Upload) -> Answer<PictureCaption> {
    app.json(move |engine| Ok(engine.caption_picture(file)?.into())).await
}
