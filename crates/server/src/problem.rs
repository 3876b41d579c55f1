//! [`Problem`]: what a request that fails is answered with (RFC 9457), by the one table of codes in
//! `tintype_core`.
//!
//! A problem travels as an extension of a bodiless response until [`render`] writes it down, because only the
//! middleware knows the request's id. Bare error responses of axum itself (no such method, body too large, range
//! not satisfiable, …) get their body there too.

use std::any::Any;
use std::collections::BTreeMap;

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tintype_core::{ErrorClass, ErrorCode};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::request_id::RequestId;

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A failed request, before it is written down.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// What kind of failure.
    pub(crate) code: ErrorCode,
    /// The status, when it is not the code's usual one.
    status: Option<StatusCode>,
    detail: String,
    errors: Vec<FieldError>,
}

/// What is wrong with one field or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field's path in the body (`config.detect_blur`), or the parameter's name.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) detail: String,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: field.into(), detail: detail.into() }
    }
}

impl Problem {
    /// A problem of `code`, with what exactly in words.
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, status: None, detail: detail.into(), errors: Vec::new() }
    }

    /// Fields or parameters with wrong values.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail =
            errors.iter().map(|error| format!("{}: {}", error.field, error.detail)).collect::<Vec<_>>();
        Self { errors, ..Self::new(ErrorCode::ValidationError, detail.join("; ")) }
    }

    /// One field or parameter with a wrong value.
    pub(crate) fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, detail)])
    }

    /// The same problem, naming the field of the request it came from.
    pub(crate) fn about(mut self, field: &str) -> Self {
        self.errors = vec![FieldError::new(field, self.detail.clone())];
        self
    }

    /// The same problem, naming `field` if it is a wrong value and nothing is named yet.
    pub(crate) fn about_value(self, field: &str) -> Self {
        let is_unnamed = self.code == ErrorCode::ValidationError && self.errors.is_empty();
        if is_unnamed { self.about(field) } else { self }
    }

    /// The same problem under another status.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// The fields that are wrong.
    #[cfg(test)]
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    fn status(&self) -> StatusCode {
        let usual =
            || StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.status.unwrap_or_else(usual)
    }

    fn body(self, request_id: &str) -> Body {
        Body {
            kind: format!("urn:tintype:problem:{}", self.code),
            title: self.code.help(),
            status: self.status().as_u16(),
            detail: self.detail,
            code: Code(self.code),
            request_id: request_id.to_owned(),
            errors: self.errors,
        }
    }
}

impl From<tintype_engine::Error> for Problem {
    fn from(error: tintype_engine::Error) -> Self {
        let code = error.code();
        if let tintype_engine::Error::BadValue { field, detail } = error {
            return Self::field(field, detail);
        }
        match code.class() {
            // The cause is for the log, with the request's id; the client can do nothing with it.
            ErrorClass::Bug => internal(&with_causes(&error)),
            ErrorClass::Environment | ErrorClass::Corrupt | ErrorClass::Busy => {
                tracing::warn!(error = with_causes(&error), %code, "a request could not be answered");
                Self::new(code, error.to_string())
            }
            _ => Self::new(code, error.to_string()),
        }
    }
}

impl From<tintype_engine::store::Error> for Problem {
    fn from(error: tintype_engine::store::Error) -> Self {
        tintype_engine::Error::from(error).into()
    }
}

/// The error and what caused it, for the log.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// A mistake of ours: logged here, answered without its cause.
pub(crate) fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request failed");
    Problem::new(
        ErrorCode::Internal,
        "something went wrong in Tintype; its log has the cause under this request id",
    )
}

/// What a panic in a handler becomes.
#[allow(clippy::needless_pass_by_value, reason = "the shape that the catcher calls")]
pub(crate) fn from_panic(panic: Box<dyn Any + Send>) -> Response {
    internal(&panic_text(panic.as_ref())).into_response()
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("(without words)"))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Problem details (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// A name for this kind of problem: `urn:tintype:problem:` and the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:tintype:problem:NOT_FOUND")]
    kind: String,
    /// What this kind of problem means and what to do.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What exactly is wrong this time.
    detail: String,
    /// The stable code that programs may rely on.
    code: Code,
    /// The id of the request, as in the header `x-request-id` and in the log.
    request_id: String,
    /// Which fields or parameters are wrong, where the code is `VALIDATION_ERROR`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// An [`ErrorCode`] with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Code(pub(crate) ErrorCode);

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let codes = ErrorCode::ALL.iter().map(|code| code.as_str());
        let lines =
            ErrorCode::ALL.iter().map(|code| format!("- `{code}` ({}): {}", code.http_status(), code.help()));
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(codes))
            .description(Some(format!("A stable error code.\n\n{}", lines.collect::<Vec<_>>().join("\n"))))
            .into()
    }
}

impl ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "ErrorCode".into()
    }
}

/// Writes problems down, and gives a problem to error responses that have none.
pub(crate) async fn render(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let what = format!("{} {}", request.method(), request.uri().path());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>().or_else(|| bare(&response, &what))
    else {
        return response;
    };
    let body = serde_json::to_vec(&problem.body(request_id.as_str())).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, body.into())
}

/// The problem for an error response that no handler of ours made.
fn bare(response: &Response, what: &str) -> Option<Problem> {
    let status = response.status();
    let is_ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Problem::new(ErrorCode::NotFound, format!("there is nothing at {what}")),
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed =
                response.headers().get(header::ALLOW).and_then(|allowed| allowed.to_str().ok()).unwrap_or("");
            Problem::new(
                ErrorCode::MethodNotAllowed,
                format!("{what} is not possible; allowed here: {allowed}"),
            )
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(ErrorCode::PayloadTooLarge, "the request body exceeds the limit")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(ErrorCode::UnsupportedMediaType, "the content type is not handled here")
        }
        StatusCode::RANGE_NOT_SATISFIABLE => Problem::field(
            "Range",
            "the file does not have these bytes, or more than one range was asked for",
        )
        .with_status(status),
        status if status.is_server_error() => internal(&format!("{what} answered {status}")),
        status => Problem::new(ErrorCode::ValidationError, format!("the request was refused: {status}"))
            .with_status(status),
    })
}

/// The documentation of a problem response.
pub(crate) fn documented(description: &str) -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, Content::new(Some(schema))).build()
}

macro_rules! problem_responses {
    ($($(#[$doc:meta])* $name:ident: $status:literal, $description:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
                BTreeMap::from([($status.to_owned(), documented($description).into())])
            }
        }
    )*};
}

problem_responses! {
    /// In `responses(…)` of a route: its id or album may not exist.
    Missing: "404", "There is no such thing.";
    /// In `responses(…)` of a route: a parameter or field may be wrong.
    Invalid: "422", "A parameter or field is missing or has a wrong value; `errors` names it.";
    /// In `responses(…)` of a route that takes a body.
    TooLarge: "413", "The request body exceeds the limit.";
    /// In `responses(…)` of a route that takes a body.
    NotJson: "415", "The body is not declared as `application/json`.";
    /// In `responses(…)` of a route that takes a form.
    NotForm: "415", "The body is not declared as `multipart/form-data`.";
    /// In `responses(…)` of a route: the state of things may forbid it.
    NotNow: "409", "The state that the thing is in forbids this now.";
    /// In `responses(…)` of a route that reads photo files.
    Unreadable: "400", "The file cannot be read now: its permissions, or it disappeared.";
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body as Bytes, to_bytes};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;
    use crate::request_id;

    async fn panics() {
        panic!("the secret cause");
    }

    async fn breaks() -> Result<(), Problem> {
        Err(tintype_engine::Error::from(std::io::Error::from(std::io::ErrorKind::StorageFull)).into())
    }

    fn answer(path: &str) -> (StatusCode, serde_json::Value) {
        let router = Router::new().route("/panics", get(panics)).route("/breaks", get(breaks));
        let router = router.layer(CatchPanicLayer::custom(from_panic)).layer(from_fn(render));
        let router = router.layer(from_fn(request_id::assign));
        let request = Request::builder().uri(path).header("x-request-id", "r1").body(Bytes::empty()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let response = router.oneshot(request).await.unwrap();
            let status = response.status();
            assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
            (status, serde_json::from_slice(&to_bytes(response.into_body(), 9999).await.unwrap()).unwrap())
        })
    }

    #[test]
    fn a_panic_is_our_mistake_and_keeps_its_cause_to_the_log() {
        let (status, problem) = answer("/panics");
        assert_eq!(
            (status.as_u16(), &problem["code"], &problem["request_id"]),
            (500, &"INTERNAL".into(), &"r1".into())
        );
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }

    #[test]
    fn the_status_is_the_tables() {
        let (status, problem) = answer("/breaks");
        assert_eq!((status.as_u16(), &problem["code"]), (507, &"STORAGE_FULL".into()));
    }
}
