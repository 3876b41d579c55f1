//! Ratings, dates, trash, import and the rest of looking after files, over HTTP: good and bad requests.

use serde_json::{Value as Json, json};

use crate::server::Server;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

fn wait(server: &Server, accepted: &crate::server::Answer) -> Json {
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let done = server.wait(accepted.json()["id"].as_str().unwrap());
    assert_eq!(done["state"], "completed", "{done}");
    done
}

#[test]
fn favourites_are_toggled_listed_and_refused_in_words() {
    let server = Server::indexed();
    let photo = server.photo("IMG_0001");
    let mark = server.send("POST", &format!("/photos/{photo}/favorite"), &[], b"").json();
    assert_eq!(
        (&mark["rating"], &mark["favorite"], &mark["write"]),
        (&json!(5), &json!(true), &json!("database"))
    );
    let favorites = server.get("/photos/favorites").json();
    assert_eq!((&favorites["total"], &favorites["items"][0]["id"]), (&json!(1), &json!(photo)));
    assert_eq!(server.get("/photos?favorite=true").json()["total"], 1);
    let mark = server.send("POST", &format!("/photos/{photo}/favorite"), &[], b"").json();
    assert_eq!((&mark["rating"], &mark["favorite"]), (&json!(0), &json!(false)));
    assert_eq!(server.get("/photos/favorites").json()["total"], 0);

    let rate = |body: &Json| server.json("PUT", &format!("/photos/{photo}/rating"), body);
    assert_eq!(rate(&json!({ "rating": -1 })).json()["rating"], -1);
    assert_eq!(rate(&json!({ "rating": null })).json()["rating"], Json::Null);
    assert_eq!(rate(&json!({ "rating": 6 })).wrong_fields(), ["rating"]);
    assert_eq!(rate(&json!({})).wrong_fields(), ["rating"]);
    assert_eq!(rate(&json!({ "rating": 3, "stars": 3 })).wrong_fields(), ["stars"]);
    server
        .json("PUT", &format!("/photos/{NOBODY}/rating"), &json!({ "rating": 1 }))
        .problem(404, "NOT_FOUND");
    server.json("PUT", "/photos/x/rating", &json!({ "rating": 1 })).problem(422, "VALIDATION_ERROR");
}

#[test]
fn flags_titles_and_keywords_are_found_again() {
    let server = Server::indexed();
    let photo = server.photo("IMG_0002");
    let flag = server.json("PUT", &format!("/photos/{photo}/flag"), &json!({ "flag": "pick" })).json();
    assert_eq!(flag["flag"], "pick");
    assert_eq!(server.get("/photos?flag=pick").json()["total"], 1);
    assert_eq!(server.get("/photos?flag=none").json()["total"], 4);
    let describe = |body: &Json| server.json("PATCH", &format!("/photos/{photo}/metadata"), body);
    let mark = describe(&json!({ "title": " Low tide ", "keywords": ["Sea", "sea ", "Sea"] })).json();
    assert_eq!((&mark["title"], &mark["keywords"]), (&json!("Low tide"), &json!(["Sea", "sea"])));
    assert_eq!(server.get("/photos?keyword=SEA").json()["items"][0]["id"], json!(photo));
    let detail = server.get(&format!("/photos/{photo}")).json();
    assert_eq!(
        (&detail["annotations"]["title"], &detail["metadata"]["title"]),
        (&json!("Low tide"), &Json::Null)
    );
    assert_eq!(describe(&json!({ "title": null })).json()["title"], Json::Null);
    assert_eq!(describe(&json!({})).wrong_fields(), ["title"]);
    assert_eq!(describe(&json!({ "keywords": ["a\u{7}b"] })).wrong_fields(), ["keywords"]);
}

#[test]
fn captions_are_peoples_own_words_until_taken_back() {
    let server = Server::indexed();
    let photo = server.photo("IMG_0002");
    let describe = |body: &Json| server.json("PATCH", &format!("/photos/{photo}/metadata"), body);
    let shown = || server.get(&format!("/photos/{photo}")).json()["caption"].clone();
    assert_eq!(shown(), Json::Null, "without models nothing is said");
    let own = json!({ "text": "Rex at home", "by": "person", "producer": null });
    let mark = describe(&json!({ "caption": " Rex at home " })).json();
    assert_eq!((&mark["caption"], &mark["title"]), (&own, &Json::Null));
    assert_eq!(shown(), own);
    assert_eq!(
        server.get(&format!("/photos/{photo}")).json()["annotations"]["caption"],
        json!("Rex at home")
    );
    let found = |text: &str| server.post("/search", &json!({ "text": text })).json()["total"].clone();
    assert_eq!((found("rex"), found("caption:rex"), found("has:caption")), (json!(1), json!(1), json!(1)));
    assert_eq!(describe(&json!({ "caption": "" })).json()["caption"], Json::Null);
    assert_eq!((shown(), found("rex")), (Json::Null, json!(0)));
    assert_eq!(describe(&json!({ "caption": "x".repeat(2001) })).wrong_fields(), ["caption"]);
    assert_eq!(describe(&json!({ "caption": 7 })).wrong_fields(), ["caption"]);
}

#[test]
fn many_are_rated_in_one_operation_that_can_be_undone() {
    let server = Server::indexed();
    let ids = [server.photo("IMG_0001"), server.photo("IMG_0003")];
    let done =
        wait(&server, &server.post("/photos/bulk-favorite", &json!({ "photo_ids": ids, "favorite": true })));
    assert_eq!((&done["kind"], &done["done"], &done["undoable"]), (&json!("rate"), &json!(2), &json!(true)));
    assert_eq!(server.get("/photos/favorites").json()["total"], 2);
    let id = done["id"].as_str().unwrap();
    let items = server.get(&format!("/operations/{id}/items?state=done")).json();
    assert_eq!(items["items"].as_array().unwrap().len(), 2);
    wait(&server, &server.send("POST", &format!("/operations/{id}/undo"), &[], b""));
    assert_eq!(server.get("/photos/favorites").json()["total"], 0);
    server.send("POST", &format!("/operations/{id}/retry"), &[], b"").problem(409, "CONFLICT");
    server.send("POST", &format!("/operations/{NOBODY}/undo"), &[], b"").problem(404, "NOT_FOUND");

    let bad = |body: Json| server.post("/photos/bulk-favorite", &body).wrong_fields();
    assert_eq!(bad(json!({ "photo_ids": [], "favorite": true })), ["photo_ids"]);
    assert_eq!(bad(json!({ "photo_ids": ids })), ["favorite"]);
    assert_eq!(bad(json!({ "photo_ids": ids, "favorite": true, "rating": 3 })), ["favorite"]);
    assert_eq!(bad(json!({ "photo_ids": ids, "rating": 9 })), ["rating"]);
    let gone = server.post("/photos/bulk-favorite", &json!({ "photo_ids": [NOBODY], "rating": 1 }));
    assert_eq!(wait(&server, &gone)["failed"], 1);
}

#[test]
fn dates_are_previewed_then_changed() {
    let server = Server::indexed();
    let photo = server.photo("IMG_0001");
    let edit = |body: Json| server.post("/photos/edit-date", &body);
    let set =
        json!({ "photo_ids": [photo], "mode": "set", "taken_at": "2024-06-30T18:05:00", "dry_run": true });
    let preview = edit(set.clone()).json();
    assert_eq!((&preview["changed"], &preview["items"][0]["to"]), (&json!(1), &json!("2024-06-30T18:05:00")));
    assert_ne!(server.get(&format!("/photos/{photo}")).json()["taken_at"], "2024-06-30T18:05:00");
    let mut set = set;
    set["dry_run"] = json!(false);
    wait(&server, &edit(set));
    assert_eq!(server.get(&format!("/photos/{photo}")).json()["taken_at"], "2024-06-30T18:05:00");
    wait(&server, &edit(json!({ "album_id": server.album(), "mode": "shift", "shift_secs": -60 })));
    assert_eq!(server.get(&format!("/photos/{photo}")).json()["taken_at"], "2024-06-30T18:04:00");
    assert_eq!(edit(json!({ "photo_ids": [photo], "mode": "set" })).wrong_fields(), ["taken_at"]);
    assert_eq!(
        edit(json!({ "photo_ids": [photo], "mode": "set", "taken_at": "soon" })).wrong_fields(),
        ["taken_at"]
    );
    assert_eq!(
        edit(json!({ "photo_ids": [photo], "mode": "shift", "shift_secs": 0 })).wrong_fields(),
        ["shift_secs"]
    );
    assert_eq!(edit(json!({ "mode": "from_name" })).wrong_fields(), ["photo_ids"]);
    assert_eq!(edit(json!({ "photo_ids": [photo], "mode": "guess" })).status, 422);
    let named = edit(json!({ "photo_ids": [photo], "mode": "from_name", "dry_run": true })).json();
    assert_eq!((&named["problems"], &named["changed"]), (&json!(1), &json!(0)), "{named}");
}

#[test]
fn the_trash_is_filled_listed_and_emptied() {
    let server = Server::indexed();
    let photo = server.photo("IMG_0003");
    let path = server.photos_dir().join("roll-00/IMG_0003.jpg");
    let bytes = fs_err::read(&path).unwrap();
    let done = wait(&server, &server.post("/trash", &json!({ "photo_ids": [photo], "reason": "blurred" })));
    assert_eq!((done["failed"].clone(), path.exists()), (json!(0), false));
    let trash = server.get("/trash").json();
    let entry = &trash["items"][0];
    assert_eq!(
        (&trash["total"], &entry["reason"], &entry["photo_id"]),
        (&json!(1), &json!("blurred"), &json!(photo))
    );
    assert_eq!(server.get(&format!("/photos/{photo}/thumbnail")).status, 200, "its picture is still shown");
    wait(&server, &server.post("/trash/restore", &json!({ "ids": [entry["id"]] })));
    assert!(fs_err::read(&path).unwrap() == bytes);
    assert_eq!(server.get("/trash").json()["total"], 0);
    wait(&server, &server.post("/trash", &json!({ "photo_ids": [photo] })));
    wait(&server, &server.post("/trash/purge", &json!({ "all": true })));
    assert_eq!(server.get("/trash").json()["total_bytes"], 0);
    for bad in
        [json!({}), json!({ "all": false }), json!({ "all": true, "ids": [NOBODY] }), json!({ "ids": [] })]
    {
        assert_eq!(server.post("/trash/purge", &bad).wrong_fields(), ["ids"], "{bad}");
    }
}

#[test]
fn duplicates_are_resolved_or_kept_for_good() {
    let server = Server::indexed();
    let group = server.get("/duplicates?tier=bytes").json()["items"][0].clone();
    let paths: Vec<String> = group["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|photo| photo["path"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(paths.len(), 2, "{group}");
    let resolve = |keep: &[String], remove: &[String]| {
        server.post(
            "/duplicates/resolve",
            &json!({ "groups": [{ "tier": "bytes", "keep": keep, "remove": remove }] }),
        )
    };
    assert_eq!(resolve(&[], &paths).wrong_fields(), ["groups[0].keep"]);
    assert_eq!(resolve(&paths, &paths[..1]).wrong_fields(), ["groups[0].remove"]);
    assert_eq!(resolve(&paths[..1], &["/etc/passwd".into()]).wrong_fields(), ["groups[0].remove"]);
    wait(&server, &resolve(&paths, &[]));
    assert_eq!(server.get("/duplicates?tier=bytes").json()["totals"]["bytes"], 0, "kept together");
    server.library.add("third/again.jpg", &fs_err::read(&paths[0]).unwrap());
    server.index();
    assert_eq!(server.get("/duplicates?tier=bytes").json()["totals"]["bytes"], 1, "a further copy is news");
    let third = server.photos_dir().join("third/again.jpg").to_str().unwrap().to_owned();
    let done = wait(&server, &resolve(&paths[..1], &[paths[1].clone(), third]));
    assert_eq!(done["failed"], 0, "{done}");
    assert_eq!(server.get("/duplicates?tier=bytes").json()["totals"]["bytes"], 0);
    let trash = server.get("/trash").json();
    assert_eq!((&trash["total"], &trash["items"][0]["kept_path"]), (&json!(2), &json!(paths[0])));
    assert!(std::path::Path::new(&paths[0]).exists());
}

#[test]
fn imports_stay_within_what_the_server_may_use() {
    let server = Server::indexed();
    let inbox = server.photos_dir().join("inbox");
    fs_err::create_dir_all(&inbox).unwrap();
    fs_err::write(inbox.join("new.jpg"), tintype_testkit::jpeg(40, 320, 240)).unwrap();
    let into = server.photos_dir().join("sorted");
    fs_err::create_dir_all(&into).unwrap();
    let import = |body: Json| server.post("/import", &body);
    let plan = json!({ "sources": [inbox], "into": into, "template": "{yyyy}", "dry_run": true });
    let preview = import(plan).json();
    assert_eq!((&preview["new"], &preview["known"]), (&json!(1), &json!(0)), "{preview}");
    let done = wait(&server, &import(json!({ "sources": [inbox], "into": into, "mode": "move" })));
    assert_eq!(
        (&done["result"]["imported"], &done["result"]["originals_removed"]),
        (&json!(1), &json!(1)),
        "{done}"
    );
    import(json!({ "sources": ["/etc"], "into": into })).problem(403, "PATH_NOT_ALLOWED");
    import(json!({ "sources": [inbox], "into": "/tmp" })).problem(403, "PATH_NOT_ALLOWED");
    import(json!({ "sources": [inbox.join("gone")], "into": into })).problem(422, "PATH_NOT_FOUND");
    assert_eq!(import(json!({ "sources": [], "into": into })).wrong_fields(), ["sources"]);
    assert_eq!(
        import(json!({ "sources": [inbox], "into": into, "template": "{year}" })).wrong_fields(),
        ["template"]
    );
    assert_eq!(
        import(json!({ "sources": [server.photos_dir()], "into": into })).wrong_fields(),
        ["sources"],
        "a folder is not imported into itself"
    );
}

#[test]
fn folders_are_written_only_when_told() {
    let server = Server::indexed();
    let root = server.get("/roots").json()["items"][0].clone();
    assert_eq!(root["write_mode"], "database");
    let change =
        |id: &Json, mode: &str| server.json("PATCH", &format!("/roots/{id}"), &json!({ "write_mode": mode }));
    let photo = server.photo("IMG_0001");
    server.json("PUT", &format!("/photos/{photo}/rating"), &json!({ "rating": 4 })).json();
    assert_eq!(change(&root["id"], "file").json()["write_mode"], "file");
    let written = server.get("/operations?limit=1").json()["items"][0].clone();
    assert_eq!(written["kind"], "write_back");
    server.wait(written["id"].as_str().unwrap());
    let mark = server.json("PUT", &format!("/photos/{photo}/rating"), &json!({ "rating": 5 })).json();
    assert_eq!(mark["write"], "file", "{mark}");
    let detail = server.get(&format!("/photos/{photo}")).json();
    assert_eq!((&detail["metadata"]["rating"], &detail["id"]), (&json!(5), &json!(photo)));
    assert!(detail["metadata"]["sources"]["rating"].is_string(), "{detail}");
    assert_eq!(change(&root["id"], "everywhere").status, 422);
    change(&json!(99_999), "file").problem(404, "NOT_FOUND");
    assert_eq!(server.json("PATCH", "/roots/x", &json!({ "write_mode": "file" })).wrong_fields(), ["id"]);
}

#[test]
fn the_library_is_verified_backed_up_rebuilt_and_restored() {
    let server = Server::indexed();
    let photo = server.photo("IMG_0001");
    let verified = wait(&server, &server.send("POST", "/verify", &[], b""));
    assert_eq!(
        (&verified["result"]["missing"], &verified["result"]["rotten"]),
        (&json!(0), &json!(0)),
        "{verified}"
    );
    let backup = server.send("POST", "/backups", &[], b"");
    assert_eq!(backup.status, 201);
    let name = backup.json()["name"].as_str().unwrap().to_owned();
    server.json("PUT", &format!("/photos/{photo}/rating"), &json!({ "rating": 3 })).json();
    let rebuilt = wait(&server, &server.send("POST", "/rebuild", &[], b""));
    assert_eq!(rebuilt["result"]["computed"], 0, "{rebuilt}");
    let reread = wait(&server, &server.send("POST", "/rebuild?reread=true", &[], b""));
    assert!(reread["result"]["read"]["opened"].as_u64().unwrap() > 0, "{reread}");
    assert_eq!(server.get(&format!("/photos/{photo}")).json()["rating"], 3);
    wait(&server, &server.send("POST", &format!("/backups/{name}/restore"), &[], b""));
    let restored = server.get(&format!("/photos/{photo}")).json();
    assert_eq!(restored["rating"], 3, "what people decided outlives going back to a backup");
    assert!(server.get("/backups").json()["items"].as_array().unwrap().len() >= 3);
    server.send("POST", "/backups/nothing.db/restore", &[], b"").problem(404, "NOT_FOUND");
    server.send("POST", "/backups/..%2Ftintype.db/restore", &[], b"").problem(404, "NOT_FOUND");
    server.post("/verify", &json!({ "album_id": NOBODY })).problem(404, "NOT_FOUND");
}
