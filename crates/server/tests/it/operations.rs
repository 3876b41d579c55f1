//! Indexing and analysing through the API, and operations.

use serde_json::json;

use crate::server::Server;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

#[test]
fn a_folder_is_indexed_and_then_known() {
    let server = Server::empty();
    server.library.add("a.jpg", &tintype_testkit::jpeg(1, 320, 240));
    let accepted = server.post(
        "/ingest_directory",
        &json!({ "path": server.photos_dir(), "recursive": true, "album_name": "All" }),
    );
    assert_eq!(accepted.status, 202);
    let operation = accepted.json();
    let id = operation["id"].as_str().unwrap();
    assert_eq!(operation["kind"], "index");
    assert_eq!(accepted.header("location"), format!("/api/v1/operations/{id}"));

    let done = server.wait(id);
    assert_eq!(done["state"], "completed", "{done}");
    assert!(done["computed"].as_u64().unwrap() > 0 && done["opened"] == 1, "{done}");
    assert!(
        done["created_at"].as_str().unwrap().ends_with('Z')
            && done["error"].is_null()
            && done["resumable"] == false,
        "{done}"
    );
    assert_eq!(server.get("/albums").json()["items"][0]["photos"], 1);
    assert_eq!(server.get("/roots").json()["items"][0]["photos"], 1);

    let again = json!({ "path": server.photos_dir(), "album_name": "All" });
    let again = server.post("/ingest_directory", &again).json();
    assert_eq!(
        server.get("/albums").json()["items"].as_array().unwrap().len(),
        1,
        "the album is there already"
    );
    let again = server.wait(again["id"].as_str().unwrap());
    assert_eq!(
        (&again["computed"], &again["opened"]),
        (&json!(0), &json!(0)),
        "nothing is computed twice: {again}"
    );

    let listed = server.get("/operations").json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(listed["items"][0]["id"], again["id"], "latest first");
    let first = server.get("/operations?limit=1&state=completed").json();
    let second = server
        .get(&format!(
            "/operations?limit=1&state=completed&cursor={}",
            first["next_cursor"].as_str().unwrap()
        ))
        .json();
    assert_eq!(second["items"][0]["id"], id);
    assert_eq!(server.get("/operations?state=failed").json()["items"], json!([]));
}

#[test]
fn an_album_is_analysed() {
    let server = Server::indexed();
    let album = server.album();
    let run = server.post("/pipeline/run", &json!({ "album_id": album, "steps": ["minimal"], "config": {} }));
    assert_eq!(run.status, 202);
    let operation = server.wait(run.json()["id"].as_str().unwrap());
    assert_eq!(
        (&operation["state"], &operation["computed"]),
        (&json!("completed"), &json!(0)),
        "{operation}"
    );
    assert!(operation["label"].as_str().unwrap().contains("Roll"), "{operation}");

    let steps = json!({ "album_id": null, "steps": null, "config": { "detect_blur": { "laplacian_threshold": 100 } } });
    let whole = server.post("/pipeline/run", &steps).json();
    let whole = server.wait(whole["id"].as_str().unwrap());
    assert!(whole["computed"].as_u64().unwrap() > 0, "other parameters are other features: {whole}");
}

#[test]
fn wrong_runs_are_refused() {
    let server = Server::indexed();
    let run = |body| server.post("/pipeline/run", &body);
    assert_eq!(run(json!({})).wrong_fields(), ["album_id"]);
    assert_eq!(run(json!({ "album_id": "x" })).wrong_fields(), ["album_id"]);
    assert_eq!(run(json!({ "album_id": null, "stpes": [] })).wrong_fields(), ["stpes"]);
    assert_eq!(run(json!({ "album_id": null, "steps": "all" })).wrong_fields(), ["steps"]);
    assert_eq!(run(json!({ "album_id": null, "config": [] })).wrong_fields(), ["config"]);
    run(json!({ "album_id": NOBODY })).problem(404, "NOT_FOUND");
    let problem = run(json!({ "album_id": null, "steps": ["detect_blurr"] })).problem(422, "UNKNOWN_STEP");
    assert!(problem["detail"].as_str().unwrap().contains("did you mean \"detect_blur\""), "{problem}");
    let config = json!({ "album_id": null, "config": { "detect_blur": { "laplacian_threshold": -1 } } });
    run(config).problem(422, "VALIDATION_ERROR");

    let ingest = |body| server.post("/ingest_directory", &body);
    assert_eq!(ingest(json!({})).wrong_fields(), ["path"]);
    assert_eq!(
        ingest(json!({ "path": server.photos_dir(), "recursive": false })).wrong_fields(),
        ["recursive"]
    );
    assert_eq!(
        ingest(json!({ "path": server.photos_dir(), "album_name": "" })).wrong_fields(),
        ["album_name"]
    );
    ingest(json!({ "path": "/etc" })).problem(403, "PATH_NOT_ALLOWED");
    ingest(json!({ "path": "" })).problem(422, "PATH_NOT_FOUND");
    assert_eq!(
        server.get("/operations").json()["items"].as_array().unwrap().len(),
        1,
        "nothing was started by any of these"
    );
}

#[test]
fn the_catalogue_of_steps() {
    let server = Server::empty();
    let catalogue = server.get("/pipeline/steps").json();
    let steps = catalogue["items"].as_array().unwrap();
    let blur = steps.iter().find(|step| step["id"] == "detect_blur").unwrap();
    assert_eq!(
        (&blur["scope"], &blur["available"], &blur["reason"]),
        (&json!("photo"), &json!(true), &json!(null))
    );
    let parameter = &blur["parameters"][0];
    assert!(
        parameter["name"].is_string() && parameter["type"].is_string() && parameter["range"].is_array(),
        "{parameter}"
    );
    let known: Vec<&str> = steps.iter().map(|step| step["id"].as_str().unwrap()).collect();
    for (name, steps) in catalogue["presets"].as_object().unwrap() {
        for step in steps.as_array().unwrap() {
            assert!(known.contains(&step.as_str().unwrap()), "{name} has {step}");
        }
    }
}

#[test]
fn a_state_that_forbids_is_a_conflict() {
    let server = Server::indexed();
    let id = server.get("/operations").json()["items"][0]["id"].as_str().unwrap().to_owned();
    for verb in ["resume", "pause", "cancel"] {
        let problem =
            server.send("POST", &format!("/operations/{id}/{verb}"), &[], b"").problem(409, "CONFLICT");
        assert!(problem["detail"].as_str().unwrap().contains("completed"), "{problem}");
        server.send("POST", &format!("/operations/{NOBODY}/{verb}"), &[], b"").problem(404, "NOT_FOUND");
        assert_eq!(server.send("POST", &format!("/operations/x/{verb}"), &[], b"").wrong_fields(), ["id"]);
    }
    for path in ["", "/events", "/issues"] {
        server.get(&format!("/operations/{NOBODY}{path}")).problem(404, "NOT_FOUND");
        assert_eq!(server.get(&format!("/operations/x{path}")).wrong_fields(), ["id"]);
    }
    assert_eq!(server.get("/operations?state=done").wrong_fields(), ["state"]);
    assert_eq!(server.get("/operations?limit=0").wrong_fields(), ["limit"]);
}

#[test]
fn a_paused_operation_is_resumed_or_given_up() {
    let server = Server::empty();
    for seed in 0..40 {
        server.library.add(&format!("{seed}.jpg"), &tintype_testkit::jpeg(seed, 800, 600));
    }
    let operation = server.post("/ingest_directory", &json!({ "path": server.photos_dir() })).json();
    let path = format!("/operations/{}", operation["id"].as_str().unwrap());
    let paused = server.send("POST", &format!("{path}/pause"), &[], b"");
    assert_eq!(paused.status, 202, "{}", paused.text());
    let state = || server.get(&path).json()["state"].as_str().unwrap().to_owned();
    while state() == "running" || state() == "pending" {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // On a fast machine the last batch may have been under way already.
    if state() == "paused" {
        assert_eq!(server.get(&path).json()["resumable"], true);
        assert_eq!(server.send("POST", &format!("{path}/resume"), &[], b"").status, 202);
        assert_eq!(server.wait(operation["id"].as_str().unwrap())["state"], "completed");
    }
    assert_eq!(server.get("/photos").json()["total"], 40);
}

#[test]
fn issues_of_an_operation_are_listed_by_path() {
    let server = Server::indexed();
    let id = server.get("/operations").json()["items"][0]["id"].as_str().unwrap().to_owned();
    let issues = server.get(&format!("/operations/{id}/issues")).json();
    let items = issues["items"].as_array().unwrap();
    assert!(items.len() >= 2, "{issues}");
    let broken =
        items.iter().find(|issue| issue["path"].as_str().unwrap().ends_with("not-a-picture.jpg")).unwrap();
    assert!(
        broken["code"].is_string() && broken["stage"].is_string() && broken["detail"].is_string(),
        "{broken}"
    );
    let first = server.get(&format!("/operations/{id}/issues?limit=1")).json();
    let second = server
        .get(&format!("/operations/{id}/issues?limit=1&cursor={}", first["next_cursor"].as_str().unwrap()))
        .json();
    assert_eq!((&first["items"][0], &second["items"][0]), (&items[0], &items[1]));
}
