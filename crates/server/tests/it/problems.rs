//! Requests that no handler sees, and what every answer has in common.

use serde_json::json;

use crate::server::Server;

#[test]
fn unknown_addresses_and_methods() {
    let server = Server::empty();
    for path in ["/nothing", "/photos/", "/", "/photos/a/b/c"] {
        server.get(path).problem(404, "NOT_FOUND");
    }
    server.send("POST", "/nothing", &[("content-type", "application/json")], b"{}").problem(404, "NOT_FOUND");
    server.get("/!api").problem(404, "NOT_FOUND");
    server.get("/!api/v2/photos").problem(404, "NOT_FOUND");
    for (method, path) in
        [("DELETE", "/photos"), ("GET", "/ingest_directory"), ("PUT", "/albums"), ("POST", "/health")]
    {
        let answer = server.send(method, path, &[], b"");
        answer.problem(405, "METHOD_NOT_ALLOWED");
        assert!(!answer.header("allow").is_empty(), "{method} {path}");
    }
}

#[test]
fn bodies_that_are_not_what_they_should_be() {
    let server = Server::empty();
    let send = |content_type: &str, body: &[u8]| {
        let headers = if content_type.is_empty() { vec![] } else { vec![("content-type", content_type)] };
        server.send("POST", "/albums", &headers, body)
    };
    for content_type in
        ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"]
    {
        send(content_type, b"{\"name\":\"x\"}").problem(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for body in [&b"{"[..], b"{\"name\":\"x\"} trailing", b"\xff\xfe", b"name=x", b"nul\0"] {
        assert_eq!(send("application/json", body).wrong_fields(), ["body"]);
    }
    assert_eq!(send("application/json", b"").wrong_fields(), ["body"]);
    assert_eq!(send("application/json; charset=utf-8", b"{}").wrong_fields(), ["name"]);
    let deep = format!("{{\"filter\":{}", "[".repeat(2000));
    assert_eq!(send("application/json", deep.as_bytes()).wrong_fields(), ["filter[0]"]);
    let problem = send("application/json", b"{\"nme\":\"x\"}").problem(422, "VALIDATION_ERROR");
    assert_eq!(
        problem["errors"],
        json!([{ "field": "nme", "detail": "is not known; did you mean \"name\"?" }])
    );
    send("application/json", &[b' '; 5000]).problem(413, "PAYLOAD_TOO_LARGE");
}

#[test]
fn request_ids_are_taken_or_made() {
    let server = Server::empty();
    assert_eq!(server.get_with("/health", &[("x-request-id", "trace-7")]).header("x-request-id"), "trace-7");
    let problem = server.get_with("/nothing", &[("x-request-id", "trace-8")]).problem(404, "NOT_FOUND");
    assert_eq!(problem["request_id"], "trace-8");
    for hostile in ["a b", "<script>", &"x".repeat(500)] {
        let made = server.get_with("/health", &[("x-request-id", hostile)]);
        assert_eq!(made.header("x-request-id").len(), 36, "{hostile:?} is not echoed");
    }
    assert_ne!(server.get("/health").header("x-request-id"), server.get("/health").header("x-request-id"));
}

#[test]
fn answers_are_not_kept_and_long_ones_are_compressed() {
    let server = Server::empty();
    let steps = server.get_with("/pipeline/steps", &[("accept-encoding", "gzip")]);
    assert_eq!((steps.header("content-encoding"), steps.header("cache-control")), ("gzip", "no-store"));
    assert!(steps.header("vary").contains("accept-encoding"), "{}", steps.header("vary"));
    assert_eq!(server.get("/pipeline/steps").header("content-encoding"), "");
    assert_eq!(
        server.get_with("/health", &[("accept-encoding", "gzip")]).header("content-encoding"),
        "",
        "too short"
    );
    assert_eq!(server.get("/nothing").header("cache-control"), "no-store");
}
