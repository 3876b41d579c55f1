//! Albums.

use serde_json::json;

use crate::server::Server;

#[test]
fn an_album_over_a_folder() {
    let server = Server::indexed();
    let path = server.photos_dir().join("roll-00");
    let created = server.post("/albums", &json!({ "name": " Roll ", "source_path": path }));
    assert_eq!(created.status, 201);
    let album = created.json();
    assert_eq!((&album["name"], &album["photos"]), (&json!("Roll"), &json!(4)));
    assert_eq!(album["source"], json!({ "type": "folder", "path": fs_err::canonicalize(&path).unwrap() }));
    let id = album["id"].as_str().unwrap();
    assert_eq!(created.header("location"), format!("/api/v1/albums/{id}"));

    assert_eq!(server.get(&format!("/albums/{id}")).json(), album);
    let photos = server.get(&format!("/albums/{id}/photos?sort=name&order=asc")).json();
    assert_eq!((&photos["total"], &photos["items"][0]["name"]), (&json!(4), &json!("IMG_0000 copy.jpg")));
    assert_eq!(server.get(&format!("/photos?album={id}")).json()["total"], 4);
    assert_eq!(server.get(&format!("/timeline?album={id}")).json()["total"], 4);
    assert_eq!(server.get(&format!("/albums/{id}/photos?album={id}")).wrong_fields(), ["album"]);

    let renamed = server.json("PATCH", &format!("/albums/{id}"), &json!({ "name": "First roll" })).json();
    assert_eq!(renamed["name"], "First roll");
    let photo = server.photo("IMG_0001");
    server
        .json("PATCH", &format!("/albums/{id}"), &json!({ "add_photo_ids": [photo] }))
        .problem(422, "VALIDATION_ERROR");

    let deleted = server.send("DELETE", &format!("/albums/{id}"), &[], b"");
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    for (method, path) in [("DELETE", ""), ("GET", ""), ("GET", "/photos")] {
        server.send(method, &format!("/albums/{id}{path}"), &[], b"").problem(404, "NOT_FOUND");
    }
    server.json("PATCH", &format!("/albums/{id}"), &json!({ "name": "x" })).problem(404, "NOT_FOUND");
    assert_eq!(
        server.get("/photos?format=jpeg&has_issues=false").json()["total"],
        4,
        "photos stay when albums go"
    );
}

#[test]
fn an_album_of_picked_photos() {
    let server = Server::indexed();
    let (first, second) = (server.photo("IMG_0001"), server.photo("IMG_0002"));
    let album = server.post("/albums", &json!({ "name": "Picked", "photo_ids": [first, first] })).json();
    assert_eq!((&album["source"], &album["photos"]), (&json!({ "type": "photos" }), &json!(1)));
    let path = format!("/albums/{}", album["id"].as_str().unwrap());
    let change = json!({ "add_photo_ids": [second], "remove_photo_ids": [first] });
    assert_eq!(server.json("PATCH", &path, &change).json()["photos"], 1);
    assert_eq!(server.get(&format!("{path}/photos")).json()["items"][0]["id"], second.as_str());
}

#[test]
fn an_album_of_a_search() {
    let server = Server::indexed();
    let filter = json!({ "name": "IMG_000", "from": "1999", "blurry": false, "has_issues": false });
    let album = server.post("/albums", &json!({ "name": "Sharp", "filter": filter })).json();
    let shown =
        json!({ "name": "IMG_000", "from": "1999-01-01T00:00:00", "blurry": false, "has_issues": false });
    assert_eq!(album["source"], json!({ "type": "search", "filter": shown }));
    let listed = server.get("/photos?name=IMG_000&from=1999&blurry=false&has_issues=false").json();
    assert_eq!(album["photos"], listed["total"]);
}

#[test]
fn albums_are_listed_page_by_page() {
    let server = Server::empty();
    for name in ["c", "a", "b"] {
        server.post("/albums", &json!({ "name": name, "photo_ids": [] })).json();
    }
    let first = server.get("/albums?limit=2").json();
    assert_eq!((&first["items"][0]["name"], &first["items"][1]["name"]), (&json!("a"), &json!("b")));
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = server.get(&format!("/albums?limit=2&cursor={cursor}")).json();
    assert_eq!((&second["items"][0]["name"], &second["next_cursor"]), (&json!("c"), &json!(null)));
    assert_eq!(server.get("/albums?cursor=9").wrong_fields(), ["cursor"]);
    assert_eq!(server.get("/albums?limit=-1").wrong_fields(), ["limit"]);
}

#[test]
fn wrong_albums_are_refused() {
    let server = Server::empty();
    let wrong = |body| server.post("/albums", &body).wrong_fields();
    assert_eq!(wrong(json!({})), ["name"]);
    assert_eq!(wrong(json!({ "name": "x" })), ["source_path"]);
    assert_eq!(wrong(json!({ "name": "  ", "photo_ids": [] })), ["name"]);
    assert_eq!(wrong(json!({ "name": "a\nb", "photo_ids": [] })), ["name"]);
    assert_eq!(wrong(json!({ "name": "x".repeat(201), "photo_ids": [] })), ["name"]);
    assert_eq!(wrong(json!({ "name": "x", "photo_ids": ["7"] })), ["photo_ids[0]"]);
    assert_eq!(wrong(json!({ "name": "x", "photo_ids": [], "filter": {} })), ["filter"]);
    assert_eq!(wrong(json!({ "name": "x", "filter": { "camra": "y" } })), ["filter.camra"]);
    assert_eq!(wrong(json!({ "name": "x", "filter": { "taken": "soon" } })), ["taken"]);
}

#[test]
fn folders_outside_the_library_are_nobodys_business() {
    let server = Server::empty();
    let file = server.library.add("a file.jpg", b"x");
    let inside =
        |path: &std::path::Path| server.post("/albums", &json!({ "name": "x", "source_path": path }));
    inside(&server.photos_dir().join("nowhere")).problem(422, "PATH_NOT_FOUND");
    inside(&file).problem(422, "PATH_NOT_FOUND");
    inside("photos".as_ref()).problem(422, "PATH_NOT_FOUND");
    for outside in ["/etc", "/", "/no/such/place"] {
        let problem = inside(outside.as_ref()).problem(403, "PATH_NOT_ALLOWED");
        assert_eq!(problem["errors"][0]["field"], "source_path");
    }
    inside(&server.photos_dir().join("../data")).problem(403, "PATH_NOT_ALLOWED");
    std::os::unix::fs::symlink("/etc", server.photos_dir().join("link")).unwrap();
    inside(&server.photos_dir().join("link")).problem(403, "PATH_NOT_ALLOWED");
}
