//! JSON bodies.

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;
use tintype_core::ErrorCode;

use super::nearest;
use crate::problem::{FieldError, Problem};

/// A JSON body. The record must deny unknown fields.
pub(crate) struct Body<T>(pub(crate) T);

/// A JSON body that may be absent.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        check_content_type(request.headers())?;
        parse(&read(request, state).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let content_type = check_content_type(request.headers());
        let bytes = read(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        content_type?;
        parse(&bytes).map(Self)
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<axum::body::Bytes, Problem> {
    axum::body::Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| {
        let detail = rejection.body_text();
        match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::new(ErrorCode::PayloadTooLarge, "the request body exceeds the limit")
            }
            _ => Problem::field("body", format!("cannot be read: {detail}")),
        }
    })
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_json = text.parse::<mime::Mime>().is_ok_and(|kind| {
        kind.type_() == mime::APPLICATION
            && (kind.subtype() == mime::JSON || kind.suffix() == Some(mime::JSON))
    });
    if is_json {
        return Ok(());
    }
    let sent = if text.is_empty() { "no content type".to_owned() } else { format!("{text:?}") };
    Err(Problem::new(
        ErrorCode::UnsupportedMediaType,
        format!("the body must be declared as application/json, not {sent}"),
    ))
}

/// The record in `bytes`, or what is wrong with which of its fields.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // serde would read a record from a list too, by position.
    if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(Problem::field("body", "is not a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let record = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        match error.into_inner() {
            inner if inner.is_data() => Problem::invalid(vec![field_error(&path, &inner.to_string())]),
            inner => Problem::field("body", format!("is not JSON: {inner}")),
        }
    })?;
    deserializer.end().map_err(|error| Problem::field("body", format!("is not JSON: {error}")))?;
    Ok(record)
}

/// serde tells of missing and unknown fields only in words; these are stable since its first release, and the
/// tests below notice when they are not.
fn field_error(path: &str, message: &str) -> FieldError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let child = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
    match quoted.as_slice() {
        [name, ..] if message.starts_with("missing field") => FieldError::new(child(name), "is missing"),
        [name, known @ ..] if message.starts_with("unknown field") => {
            // The path already leads to the unknown field where the parser had entered it.
            let field = if path == *name || path.ends_with(&format!(".{name}")) {
                path.to_owned()
            } else {
                child(name)
            };
            FieldError::new(field, nearest::unknown(name, known.iter().copied()))
        }
        _ => FieldError::new(if path == "." { "body" } else { path }, message),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only parsed")]
    struct Outer {
        path: String,
        recursive: Option<bool>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only parsed")]
    struct Inner {
        camera: Option<String>,
        rating: i8,
    }

    fn wrong(json: &str) -> FieldError {
        let problem = parse::<Outer>(json.as_bytes()).unwrap_err();
        assert_eq!(problem.code, ErrorCode::ValidationError);
        problem.errors().first().cloned().unwrap()
    }

    #[test]
    fn the_wrong_field_is_named() {
        assert_eq!(wrong("{}"), FieldError::new("path", "is missing"));
        assert_eq!(wrong(r#"{"pth":"/"}"#), FieldError::new("pth", "is not known; did you mean \"path\"?"));
        assert_eq!(wrong(r#"{"path":1}"#).field, "path");
        assert_eq!(wrong(r#"{"path":"/","recursive":"yes"}"#).field, "recursive");
        assert_eq!(wrong(r#"{"path":"/","inner":{}}"#), FieldError::new("inner.rating", "is missing"));
        let unknown = wrong(r#"{"path":"/","inner":{"rating":1,"camra":"x"}}"#);
        assert_eq!(unknown, FieldError::new("inner.camra", "is not known; did you mean \"camera\"?"));
        assert_eq!(wrong(r#"{"path":"/","inner":{"rating":300}}"#).field, "inner.rating");
        for not_json in ["", "{", "[1,", "{\"path\":\"/\"} x", "\u{0}"] {
            assert_eq!(wrong(not_json).field, "body", "{not_json:?}");
        }
        for not_an_object in ["[]", "7", " [\"/\"]", "null"] {
            assert_eq!(wrong(not_an_object), FieldError::new("body", "is not a JSON object"));
        }
    }
}
