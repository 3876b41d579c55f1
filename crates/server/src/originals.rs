//! Pictures as answers: the photo's own file, in parts where asked for, and its previews.

use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tintype_engine::{Original, Preview, paths};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::problem::{self, Problem};

/// A file's content is whatever somebody put there. A browser may show it, but must not run anything in it: no
/// scripts, no plug-ins, its own origin.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; frame-ancestors 'none'; sandbox";

/// The file of a photo; `Range` and `If-Modified-Since` are honoured.
pub(crate) async fn serve_original(original: Original, mut request: Request) -> Result<Response, Problem> {
    // Whether the file is still the one that a client has parts of is not known here: it gets all of it.
    if request.headers().contains_key(header::IF_RANGE) {
        request.headers_mut().remove(header::RANGE);
    }
    let mime = original.mime.parse().unwrap_or(mime::APPLICATION_OCTET_STREAM);
    let answer = ServeFile::new_with_mime(&original.path, &mime).oneshot(request).await;
    let mut response = answer.map_err(|never| problem::internal(&never))?.map(Body::new);
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        let disposition = HeaderValue::from_str(&disposition(&mime, &original.name));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_DISPOSITION,
            disposition.unwrap_or(HeaderValue::from_static("attachment")),
        );
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    Ok(response)
}

/// Pictures and films are shown, everything else is saved. SVG is a document that can run scripts.
fn disposition(mime: &mime::Mime, name: &str) -> String {
    let is_shown = matches!(mime.type_(), mime::IMAGE | mime::VIDEO) && mime.subtype() != mime::SVG;
    let kind = if is_shown { "inline" } else { "attachment" };
    // RFC 6266 and RFC 8187: the name in ASCII for old clients, then in full.
    let name = paths::display(name.as_bytes());
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\%;".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            full.push(char::from(byte));
        } else {
            let _infallible = write!(full, "%{byte:02X}");
        }
    }
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

/// A preview. `is_versioned` when the address names the version of the picture: it then never changes.
pub(crate) fn serve_preview(preview: Preview, is_versioned: bool, request: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", preview.etag);
    // A photo keeps its id when its orientation is corrected, so without a version the browser must ask again.
    let caching = if is_versioned {
        "private, max-age=31536000, immutable"
    } else {
        "private, max-age=300, stale-while-revalidate=86400"
    };
    let headers = [(header::ETAG, etag.as_str()), (header::CACHE_CONTROL, caching)];
    if matches_etag(request, &etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (
        headers,
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CONTENT_SECURITY_POLICY, POLICY)],
        preview.bytes,
    )
        .into_response()
}

/// Whether the client has what `etag` (with its quotes) names; compared weakly, as RFC 9110 §13.1.2 asks.
pub(crate) fn matches_etag(request: &HeaderMap, etag: &str) -> bool {
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known =
        known.flat_map(|value| value.split(',')).map(|value| value.trim().trim_start_matches("W/"));
    known.any(|value| value == etag || value == "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        let kind = |mime: &str, name: &str| disposition(&mime.parse().unwrap(), name);
        assert_eq!(kind("image/jpeg", "a b.jpg"), "inline; filename=\"a b.jpg\"; filename*=UTF-8''a%20b.jpg");
        assert_eq!(
            kind("image/jpeg", "été\".jpg"),
            "inline; filename=\"_t__.jpg\"; filename*=UTF-8''%C3%A9t%C3%A9%22.jpg"
        );
        assert!(!kind("image/jpeg", "a\r\nset-cookie: x").contains(['\r', '\n']));
        assert!(kind("image/svg+xml", "a.svg").starts_with("attachment"));
        assert!(kind("text/html", "a.html").starts_with("attachment"));
    }

    #[test]
    fn known_versions_are_recognised() {
        let request = |value: &str| HeaderMap::from_iter([(header::IF_NONE_MATCH, value.parse().unwrap())]);
        for value in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(matches_etag(&request(value), "\"a\""), "{value}");
        }
        assert!(!matches_etag(&request("\"b\""), "\"a\""));
        assert!(!matches_etag(&HeaderMap::new(), "\"a\""));
    }
}
