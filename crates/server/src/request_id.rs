//! An id for every request: taken from `x-request-id` where a sane one was sent, made otherwise; it is in every
//! response, every problem and every line of the log.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

/// The header that carries the id both ways.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a request; a UUID has 36 characters, trace ids up to 64.
const MAX_LENGTH: usize = 128;

/// The id of a request, as an extension of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The sent id if it is safe to log and to echo, a fresh one otherwise.
    fn of(request: &Request) -> Self {
        let sent =
            request.headers().get(HEADER).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
        Self(sent.map_or_else(|| Uuid::now_v7().to_string().into(), Into::into))
    }
}

fn is_sane(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte);
    (1..=MAX_LENGTH).contains(&id.len()) && id.bytes().all(allowed)
}

/// Gives the request its id, and logs it.
pub(crate) async fn assign(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(&request);
    let span = tracing::info_span!("request", id = id.as_str(), method = %request.method(), path = request.uri().path());
    let value = HeaderValue::from_str(id.as_str());
    request.extensions_mut().insert(id);
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    if let Ok(value) = value {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn hostile_ids_are_not_echoed() {
        assert!(is_sane("0198c0de-1"));
        assert!(is_sane("trace:01/ab+c="));
        for bad in ["", "a b", "a\tb", "<script>", "ä", &"x".repeat(129)] {
            assert!(!is_sane(bad), "{bad:?}");
        }
    }
}
