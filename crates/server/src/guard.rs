//! Whether a request was meant for this server by a person in front of it.
//!
//! There are no keys yet, so a web page of someone else must not be able to use the browser as its arm. Two ways
//! are closed: a foreign name that resolves to this machine (DNS rebinding), by looking at `Host`; and a foreign
//! page that sends a form or a script's request here (cross-site request forgery), by looking at `Origin` and
//! `Sec-Fetch-Site` on requests that change something. Reading across origins is closed by the browser itself, as
//! no answer carries CORS headers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tintype_core::ErrorCode;

use crate::problem::Problem;

/// Which hosts this server answers for.
#[derive(Debug, Clone)]
pub(crate) struct Guard(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    listen: IpAddr,
    /// Names, lower case, without port.
    names: Vec<String>,
    /// Whether any IP address is a fine host: a name is needed for rebinding.
    any_address: bool,
}

impl Guard {
    /// Answers for `localhost`, loopback addresses, the address listened on, and `names`; where other machines may
    /// connect, also for any literal address and the machine's own name.
    pub(crate) fn new(listen: SocketAddr, is_remote_allowed: bool, names: &[String]) -> Self {
        let mut names: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.push("localhost".to_owned());
        if is_remote_allowed {
            let own = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
            names.push(format!("{own}.local"));
            names.push(own);
        }
        Self(Arc::new(Rules { listen: listen.ip(), names, any_address: is_remote_allowed }))
    }

    fn answers_for(&self, host: &str) -> bool {
        let host =
            host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
        match host.parse::<IpAddr>() {
            Ok(address) => self.0.any_address || address.is_loopback() || address == self.0.listen,
            Err(_name) => self.0.names.contains(&host) || host.ends_with(".localhost"),
        }
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let refuse = |detail: String| Err(Problem::new(ErrorCode::Forbidden, detail));
        let Some(host) = host_of(request) else {
            return refuse("the request names no host".into());
        };
        if !self.answers_for(host.host()) {
            return refuse(format!(
                "this server does not answer for {:?}; use its address, or start it with that name",
                host.host()
            ));
        }
        if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
            || is_same_origin(request.headers(), &host)
        {
            return Ok(());
        }
        refuse(
            "changes are only accepted from this server's own page and from programs, not from other pages"
                .into(),
        )
    }
}

/// The authority that the client asked for.
fn host_of(request: &Request) -> Option<Authority> {
    let header = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    header.map_or_else(|| request.uri().authority().cloned(), |text| text.parse().ok())
}

/// Whether a browser says that its own page for `host` sends this, or no browser is involved.
fn is_same_origin(headers: &HeaderMap, host: &Authority) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let authority = origin
            .to_str()
            .ok()
            .and_then(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")));
        return authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()));
    }
    headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none")
}

/// Refuses requests that were not meant for this server.
pub(crate) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let mut builder = Request::builder().method(method).uri("/api/v1/albums");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Body::empty()).unwrap()
    }

    fn local() -> Guard {
        Guard::new("127.0.0.1:8420".parse().unwrap(), false, &["photos.example".into()])
    }

    #[test]
    fn only_own_hosts_are_answered_for() {
        for host in [
            "localhost",
            "LOCALHOST:8420",
            "127.0.0.1:1",
            "127.8.0.1",
            "[::1]:8420",
            "photos.example",
            "tintype.localhost:8420",
        ] {
            assert!(local().check(&request("GET", &[("host", host)])).is_ok(), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "192.168.1.5", "127.0.0.1.nip.io", ""] {
            assert!(local().check(&request("GET", &[("host", host)])).is_err(), "{host}");
        }
        assert!(local().check(&request("GET", &[])).is_err());
        let remote = Guard::new("0.0.0.0:8420".parse().unwrap(), true, &[]);
        assert!(remote.check(&request("GET", &[("host", "192.168.1.5:8420")])).is_ok());
        assert!(remote.check(&request("GET", &[("host", "evil.example")])).is_err());
    }

    #[test]
    fn foreign_pages_change_nothing() {
        let host = ("host", "localhost:8420");
        let fine: &[&[(&str, &str)]] =
            &[&[], &[("origin", "http://localhost:8420")], &[("sec-fetch-site", "same-origin")]];
        for headers in fine {
            assert!(local().check(&request("POST", &[&[host], *headers].concat())).is_ok(), "{headers:?}");
        }
        let foreign = [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("origin", "http://localhost:3000"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ];
        for header in foreign {
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                assert!(local().check(&request(method, &[host, header])).is_err(), "{method} {header:?}");
            }
            assert!(local().check(&request("GET", &[host, header])).is_ok(), "{header:?}");
        }
    }
}
