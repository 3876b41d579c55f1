//! The feature store in figures, forgetting and pruning; health and roots.

use serde_json::json;
use tintype_core::{Control, ErrorCode};
use tintype_engine::OperationRequest;

use crate::server::Server;

#[test]
fn figures_of_the_feature_store() {
    let server = Server::indexed();
    let stats = server.get("/cache/stats").json();
    assert!(
        stats["entries"].as_u64().unwrap() > 0 && stats["database_bytes"].as_u64().unwrap() > 0,
        "{stats}"
    );
    assert_eq!(stats["duplicate_files"], 1, "the copy; the file that is no picture is no copy of anything");
    let by_key: u64 =
        stats["by_key"].as_array().unwrap().iter().map(|key| key["entries"].as_u64().unwrap()).sum();
    assert_eq!(stats["entries"], by_key);
    let coverage = stats["coverage"].as_array().unwrap();
    assert!(coverage.iter().any(|row| row["kind"] == "perceptual_hash" && row["have"] == 4), "{coverage:?}");
    // Without any model, what needs one is said once a kind.
    let of = |kind: &str| coverage.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!((of("clip_embedding"), of("scene_embedding"), of("caption")), (1, 1, 1), "{coverage:?}");
    assert!(stats["memory"]["hit_rate"].is_number() && stats["blobs"]["count"].is_number(), "{stats}");
}

#[test]
fn a_photo_is_forgotten_and_computed_again() {
    let server = Server::indexed();
    let id = server.photo("IMG_0001");
    let path = format!("/cache/photos/{id}");
    let forgotten = server.send("DELETE", &path, &[], b"").json();
    assert!(forgotten["features"].as_u64().unwrap() > 0, "{forgotten}");
    assert_eq!(server.get(&format!("/photos/{id}/features")).json()["items"], json!([]));
    let run = server.post("/pipeline/run", &json!({ "album_id": null })).json();
    let run = server.wait(run["id"].as_str().unwrap());
    assert_eq!(run["computed"], forgotten["features"], "{run}");

    server
        .send("DELETE", "/cache/photos/00000000-0000-0000-0000-000000000000", &[], b"")
        .problem(404, "NOT_FOUND");
    assert_eq!(server.send("DELETE", "/cache/photos/x", &[], b"").wrong_fields(), ["id"]);
}

#[test]
fn pruning_can_be_tried_first() {
    let server = Server::indexed();
    fs_err::remove_file(server.photos_dir().join("roll-00/IMG_0003.jpg")).unwrap();
    server.index();
    let tried = server.post("/cache/prune", &json!({ "dry_run": true })).json();
    assert_eq!((&tried["photos"], &tried["dry_run"]), (&json!(1), &json!(true)), "{tried}");
    let pruned = server.send("POST", "/cache/prune", &[], b"").json();
    assert_eq!((&pruned["photos"], &pruned["dry_run"]), (&json!(1), &json!(false)), "{pruned}");
    assert_eq!(server.post("/cache/prune", &json!({})).json()["photos"], 0);

    assert_eq!(server.post("/cache/prune", &json!({ "dryrun": true })).wrong_fields(), ["dryrun"]);
    server
        .send("POST", "/cache/prune", &[("content-type", "text/plain")], b"{}")
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[test]
fn health() {
    let server = Server::empty();
    assert_eq!(server.get("/health").json(), json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    let ready = server.get("/health/ready").json();
    assert_eq!(ready["status"], "ready");
    assert!(ready["checks"].as_array().unwrap().iter().all(|check| check["status"] == "ok"), "{ready}");

    let models = &ready["models"];
    assert_eq!(models["engine"], server.get("/models").json()["engine"]);
    let all = server.get("/models").json()["items"].as_array().unwrap().len();
    assert_eq!(
        (&models["absent"], &models["ready"], &models["failed"]),
        (&json!(all), &json!(0), &json!([]))
    );
    assert_eq!((&models["sessions"], &models["loaded_bytes"]), (&json!(0), &json!(0)));

    // A data directory that cannot be written to any more.
    let run = server.library.data().join("run");
    fs_err::remove_dir_all(&run).unwrap();
    fs_err::write(&run, b"in the way").unwrap();
    let answer = server.get("/health/ready");
    assert_eq!((answer.status, answer.header("content-type")), (503, "application/json"));
    assert!(answer.text().contains("not_ready"), "{}", answer.text());
}

#[test]
fn roots_say_whether_they_can_be_reached() {
    let server = Server::indexed();
    let roots = server.get("/roots").json();
    let root = &roots["items"][0];
    assert_eq!((&root["online"], roots["items"].as_array().unwrap().len()), (&json!(true), 1));
    assert_eq!(root["photos"], server.get("/photos").json()["total"]);
    fs_err::rename(server.photos_dir(), server.library.path().join("unplugged")).unwrap();
    let roots = server.engine.store().roots().unwrap();
    let request = OperationRequest::Index {
        paths: roots.into_iter().map(|root| root.path).collect(),
        steps: None,
        config: serde_json::Value::Null,
    };
    let refused = server.engine.run(&request, &Control::new(), &mut |_view| {}).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::RootOffline);
    assert_eq!(server.get("/roots").json()["items"][0]["online"], false);
    let id = server.photo("IMG_0001");
    server.get(&format!("/photos/{id}/original")).problem(409, "ROOT_OFFLINE");
    assert_eq!(server.get(&format!("/photos/{id}/thumbnail")).status, 200, "previews stay when a disk goes");
}
