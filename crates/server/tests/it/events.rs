//! Server-sent events.

use std::io::BufRead;

use serde_json::{Value as Json, json};

use crate::server::Server;

/// The next event's name and data; `None` at the end of the stream.
fn next(lines: &mut dyn BufRead) -> Option<(String, Json)> {
    let (mut name, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if lines.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        if let Some(event) = line.strip_prefix("event: ") {
            event.trim_end().clone_into(&mut name);
        } else if let Some(data) = line.strip_prefix("data: ") {
            return Some((name, serde_json::from_str(data).unwrap()));
        }
    }
}

#[test]
fn an_operations_stream_ends_with_it() {
    let server = Server::empty();
    for seed in 0..12 {
        server.library.add(&format!("{seed}.jpg"), &tintype_testkit::jpeg(seed, 800, 600));
    }
    let operation = server.post("/ingest_directory", &json!({ "path": server.photos_dir() })).json();
    let mut stream = server.events(&format!("/operations/{}/events", operation["id"].as_str().unwrap()));
    let mut events = Vec::new();
    while let Some(event) = next(&mut stream) {
        events.push(event);
    }
    let (name, last) = events.pop().unwrap();
    assert_eq!((name.as_str(), &last["state"], &last["done"]), ("done", &json!("completed"), &last["total"]));
    assert!(
        events.iter().all(|(name, operation)| name == "progress" && operation["state"] != "completed"),
        "{events:?}"
    );

    let mut again = server.events(&format!("/operations/{}/events", operation["id"].as_str().unwrap()));
    assert_eq!(next(&mut again).unwrap().0, "done", "a stream of something done says so");
    assert!(next(&mut again).is_none());
}

#[test]
fn the_stream_of_all_tells_of_what_begins_and_ends() {
    let server = Server::indexed();
    let mut stream = server.events("/operations/events");
    let operation = server.post("/ingest_directory", &json!({ "path": server.photos_dir() })).json();
    let (name, seen) = loop {
        let (name, seen) = next(&mut stream).unwrap();
        assert_eq!(seen["id"], operation["id"], "what ended before is not told");
        if seen["state"] == "completed" {
            break (name, seen);
        }
        assert_eq!(name, "progress");
    };
    assert_eq!((name.as_str(), &seen["computed"]), ("done", &json!(0)));
}

#[test]
fn streams_end_with_the_server() {
    let mut server = Server::empty();
    let mut stream = server.events("/operations/events");
    let reader = std::thread::Builder::new().spawn(move || next(&mut stream)).unwrap();
    server.stop();
    assert!(reader.join().unwrap().is_none());
}

#[test]
fn there_is_a_limit_to_open_streams() {
    let server = Server::empty();
    let streams: Vec<_> = (0..64).map(|_| server.events("/operations/events")).collect();
    server.get("/operations/events").problem(503, "BUSY");
    drop(streams);
}
