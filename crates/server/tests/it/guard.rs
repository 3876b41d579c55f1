//! Requests that were not meant for this server.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;
use tintype_engine::{Engine, EngineConfig};
use tintype_server::{ServeOptions, serve};

use crate::server::Server;

/// The answer to a request written by hand.
fn raw(server: &Server, request: &str) -> String {
    let mut connection = TcpStream::connect(server.address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn names_that_others_chose_are_not_answered_for() {
    let server = Server::empty();
    for host in ["evil.example", "192.168.1.7", "localhost.evil.example"] {
        for path in ["/api/v1/photos", "/", "/docs/"] {
            let answer =
                raw(&server, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"));
            assert!(answer.starts_with("HTTP/1.1 403"), "{host} {path}: {answer}");
            assert!(
                answer.contains("\"code\":\"FORBIDDEN\"") && answer.contains("x-request-id:"),
                "{answer}"
            );
        }
    }
    let answer =
        raw(&server, "GET /api/v1/health HTTP/1.1\r\nhost: localhost:1\r\nconnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = raw(&server, "GET /api/v1/health HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.0 403") || answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[test]
fn other_pages_change_nothing() {
    let server = Server::empty();
    let album = json!({ "name": "x", "photo_ids": [] }).to_string();
    let post = |header: (&str, &str)| {
        server.send("POST", "/albums", &[("content-type", "application/json"), header], album.as_bytes())
    };
    post(("origin", "http://evil.example")).problem(403, "FORBIDDEN");
    post(("origin", "null")).problem(403, "FORBIDDEN");
    post(("sec-fetch-site", "cross-site")).problem(403, "FORBIDDEN");
    assert_eq!(server.get("/albums").json()["items"], json!([]));
    let own = format!("http://{}", server.address);
    assert_eq!(post(("origin", &own)).status, 201);
    assert_eq!(post(("sec-fetch-site", "same-origin")).status, 201);
    let read = server.get_with("/albums", &[("origin", "http://evil.example")]);
    assert_eq!(
        (read.status, read.header("access-control-allow-origin")),
        (200, ""),
        "the browser keeps it from the page"
    );
    assert_eq!(read.header("cross-origin-resource-policy"), "same-origin");
}

#[test]
fn other_machines_are_only_let_in_when_asked_for() {
    let library = tintype_testkit::Library::empty();
    let engine = Engine::open(EngineConfig::new(library.data())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let options = ServeOptions { listen: ([0, 0, 0, 0], 0).into(), ..ServeOptions::default() };
    let refused = runtime.block_on(serve(
        engine.clone(),
        options.clone(),
        |_| panic!("not ready"),
        std::future::pending(),
    ));
    assert!(refused.unwrap_err().to_string().contains("no keys"));
    let options = ServeOptions { allow_remote: true, ..options };
    runtime
        .block_on(serve(
            engine.clone(),
            options,
            |address| assert_ne!(address.port(), 0),
            std::future::ready(()),
        ))
        .unwrap();

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let options = ServeOptions { listen: taken.local_addr().unwrap(), ..ServeOptions::default() };
    let error = runtime.block_on(serve(engine, options, |_| {}, std::future::pending())).unwrap_err();
    assert_eq!(error.code(), tintype_core::ErrorCode::Busy, "{error}");
}
