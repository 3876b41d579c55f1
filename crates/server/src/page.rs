//! The web page, embedded in the program. Without it, one small page says how to build it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};
use tintype_core::ErrorCode;

use crate::originals::matches_etag;
use crate::problem::Problem;
use crate::routes;

#[derive(Embed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// The page of the single-page application.
const INDEX: &str = "index.html";

/// Files under here carry a hash of their content in their name.
const HASHED: &str = "assets/";

/// Shown when no page was built in.
const NOT_BUILT: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Tintype</title>\
    <style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}</style>\
    <h1>Tintype is running</h1><p>This program was built without its web page. To build it in, with Node 20 or later:\
    <pre>make build</pre><p>The <a href=/docs>API</a> works without it.";

/// Whether the web page was built in.
pub fn has_page() -> bool {
    Dist::get(INDEX).is_some()
}

/// Answers for everything that is not the API: files of the page, and the page itself for its own addresses.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    let path = uri.path().trim_start_matches('/');
    let is_api = path == "api" || path.starts_with("api/");
    if is_api || !matches!(method, Method::GET | Method::HEAD) {
        let detail = format!(
            "there is nothing at {method} {}; {}/openapi.json lists what there is",
            uri.path(),
            routes::BASE
        );
        return Err(Problem::new(ErrorCode::NotFound, detail));
    }
    if let Some(file) = Dist::get(path).filter(|_| path != INDEX) {
        return Ok(answer(path, file, &headers));
    }
    // The page's own addresses have no extension; a missing file must not be answered with a page.
    let is_file = path != INDEX && path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file {
        return Err(Problem::new(ErrorCode::NotFound, format!("there is no file {}", uri.path())));
    }
    Ok(Dist::get(INDEX).map_or_else(not_built, |page| answer(INDEX, page, &headers)))
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", BASE64_STANDARD.encode(file.metadata.sha256_hash()));
    let caching = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [
        (header::ETAG, etag.as_str()),
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_TYPE, file.metadata.mimetype()),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
    ];
    if matches_etag(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, file.data.into_owned()).into_response()
}

fn not_built() -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-cache")];
    (headers, Html(NOT_BUILT)).into_response()
}

/// What the page may load and run: its own files, pictures that it made itself, and the scripts written into it,
/// by their hashes.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let page =
        Dist::get(INDEX).map(|page| String::from_utf8_lossy(&page.data).into_owned()).unwrap_or_default();
    policy_for(&page)
});

fn policy_for(page: &str) -> String {
    let mut scripts = "script-src 'self'".to_owned();
    for script in inline_scripts(page) {
        let _infallible = write!(scripts, " 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script)));
    }
    let policy = format!(
        "default-src 'self'; {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    );
    // Base64 and our own words: it is always a header value.
    if HeaderValue::from_str(&policy).is_ok() { policy } else { "default-src 'self'".to_owned() }
}

/// Contents of the `<script>` elements without `src`. The page is ours, built by Vite: no need for a parser.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=") && !script.is_empty()).then_some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_the_page_are_allowed_by_hash() {
        let page = "<head><script>alert(1)</script><script type=module src=/a.js></script></head>";
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["alert(1)"]);
        // `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
        assert!(
            policy_for(page)
                .contains("script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';"),
            "{}",
            policy_for(page)
        );
        assert!(policy_for("").contains("script-src 'self';"));
    }
}
