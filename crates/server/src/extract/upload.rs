//! Pictures in forms.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use tintype_core::ErrorCode;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The largest request with a picture in it: a photo of any telephone.
pub(crate) const MAX_UPLOAD_BYTES: usize = 24 << 20;

/// The one picture of a form: its file, not read yet.
pub(crate) struct Upload(pub(crate) Vec<u8>);

/// A form with one picture.
#[derive(ToSchema)]
#[allow(dead_code, reason = "described, not parsed: the file is the form's one part")]
pub(crate) struct UploadForm {
    /// The picture's file; the part may be called `file`, too.
    #[schema(value_type = String, format = Binary)]
    image: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Err(Problem::new(
                ErrorCode::UnsupportedMediaType,
                "send the picture as multipart/form-data, in a part called image",
            ));
        }
        let mut form = open_form(request, state).await?;
        let mut image = None;
        while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
            match part.name().unwrap_or_default() {
                "image" | "file" if image.is_none() => image = Some(part_bytes(part).await?),
                name => return Err(stray(name, "the only part is image, once")),
            }
        }
        let image = image.filter(|bytes| !bytes.is_empty());
        image.map(Self).ok_or_else(|| Problem::field("image", "is missing: send a picture's file"))
    }
}

/// Whether the body is a form in parts.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.parse::<mime::Mime>().ok())
        .is_some_and(|kind| kind.type_() == mime::MULTIPART && kind.subtype() == mime::FORM_DATA)
}

/// The parts of a form.
pub(crate) async fn open_form<S: Send + Sync>(request: Request, state: &S) -> Result<Multipart, Problem> {
    let opened = Multipart::from_request(request, state).await;
    opened.map_err(|error| Problem::field("body", format!("cannot be read: {error}")))
}

/// The bytes of a part.
pub(crate) async fn part_bytes(part: Field<'_>) -> Result<Vec<u8>, Problem> {
    Ok(part.bytes().await.map_err(|error| unreadable(&error))?.to_vec())
}

/// The problem with a part that has no place in a form.
pub(crate) fn stray(name: &str, detail: &str) -> Problem {
    Problem::field(name.chars().take(50).collect::<String>(), detail)
}

/// The problem with a form that breaks off or is too large.
pub(crate) fn unreadable(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(ErrorCode::PayloadTooLarge, "the request body exceeds the limit")
        }
        _ => Problem::field("body", format!("cannot be read: {}", error.body_text())),
    }
}
