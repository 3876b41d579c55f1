//! Searching, similar photos, suggestions.

use base64::Engine as _;
use serde_json::{Value as Json, json};
use tintype_testkit::jpeg;

use crate::server::Server;

fn names(page: &Json) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|hit| hit["photo"]["name"].as_str().unwrap()).collect()
}

fn describe(server: &Server, name: &str, body: &Json) {
    let id = server.photo(name);
    server.json("PATCH", &format!("/photos/{id}/metadata"), body).json();
}

#[test]
fn words_and_facts_find_photos_with_reasons() {
    let server = Server::indexed();
    describe(&server, "IMG_0001", &json!({ "title": "Low tide", "keywords": ["Red car", "sea"] }));
    describe(&server, "IMG_0002", &json!({ "keywords": ["sea"] }));
    let rated = server.photo("IMG_0002");
    server.json("PUT", &format!("/photos/{rated}/rating"), &json!({ "rating": 4 })).json();

    let page = server.post("/search", &json!({ "text": "sea \"red car\" -night" })).json();
    assert_eq!(names(&page), ["IMG_0001.jpg"]);
    assert_eq!(
        (&page["total"], &page["total_is_exact"], &page["waiting"]),
        (&json!(1), &json!(true), &json!(0))
    );
    assert_eq!((&page["relaxed"], &page["no_good_match"]), (&json!(false), &json!(false)));
    let hit = &page["items"][0];
    assert!(hit["score"].as_f64().is_some_and(|score| score > 0.5 && score <= 1.0), "{hit}");
    let reasons: Vec<&str> =
        hit["reasons"].as_array().unwrap().iter().map(|reason| reason["text"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["keyword: sea", "keyword: Red car"]);
    assert_eq!(hit["photo"]["width"], 640);
    assert_eq!(page["query"], "sea \"red car\" -night");
    let chip = &page["chips"][2];
    assert_eq!(
        chip,
        &json!({ "kind": "word", "text": "night", "start": 14, "end": 20, "negated": true, "without": "sea \"red car\"" })
    );

    let page = server.post("/search", &json!({ "text": "rating:>=4" })).json();
    assert_eq!(names(&page), ["IMG_0002.jpg"]);
    assert_eq!(
        page["items"][0]["reasons"][0],
        json!({ "kind": "rating", "text": "rating:>=4", "confidence": 1.0 })
    );
    let page = server.post("/search", &json!({ "text": "sea", "filters": { "rating_min": 4 } })).json();
    assert_eq!(names(&page), ["IMG_0002.jpg"]);
    let album = server.album();
    let page = server.post("/search", &json!({ "text": "name:IMG_0000", "album": album })).json();
    // The photo has two files of such names: either may stand for it.
    assert_eq!(names(&page).len(), 1);
    assert!(names(&page)[0].starts_with("IMG_0000"), "{page}");
    let reason = page["items"][0]["reasons"][0]["text"].as_str().unwrap();
    assert!(reason.starts_with("name matches: IMG_0000"), "{reason}");

    let page = server.post("/search", &json!({ "text": "sea walrus" })).json();
    assert_eq!((&page["relaxed"], names(&page).len()), (&json!(true), 2), "some of the words");
    let page = server.post("/search", &json!({ "text": "walrus" })).json();
    assert_eq!((&page["no_good_match"], names(&page).len()), (&json!(true), 0));
}

#[test]
fn nothing_that_is_typed_is_refused() {
    let server = Server::indexed();
    let all = server.post("/search", &json!({})).json();
    assert_eq!(all["total"], server.get("/photos").json()["total"], "no question finds everything");
    let long = "\"(tag: ' OR ".repeat(200);
    for text in [
        "",
        "\"",
        "((((",
        "'; DROP TABLE photos; --",
        "NEAR(a b) {x}: ^*",
        "rating:abc",
        "\u{0}\u{202e}🏖",
        &long,
    ] {
        let page = server.post("/search", &json!({ "text": text })).json();
        assert!(page["items"].is_array(), "{text:?}: {page}");
    }
    let page = server.post("/search", &json!({ "text": "rating:many" })).json();
    assert!(page["warnings"][0].as_str().unwrap().contains("rating:>=4"), "{page}");
}

#[test]
fn wrong_questions_name_what_is_wrong() {
    let server = Server::indexed();
    let wrong = |body: Json| server.post("/search", &body).wrong_fields();
    assert_eq!(wrong(json!({ "txt": "x" })), ["txt"]);
    assert_eq!(wrong(json!({ "limit": 0 })), ["limit"]);
    assert_eq!(wrong(json!({ "text": "x", "cursor": "nonsense" })), ["cursor"]);
    assert_eq!(wrong(json!({ "cursor": "o5" })), ["cursor"], "a cursor of another kind of question");
    assert_eq!(wrong(json!({ "filters": { "rating": 9 } })), ["rating"]);
    assert_eq!(wrong(json!({ "person": "" })), ["person"]);
    assert_eq!(wrong(json!({ "mix": [{ "text": "a", "weight": 1e9 }] })), ["mix[0].weight"]);
    server
        .send("POST", "/search", &[("content-type", "text/plain")], b"x")
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
    let nobody = "00000000-0000-0000-0000-000000000000";
    server.post("/search", &json!({ "album": nobody })).problem(404, "NOT_FOUND");
    server.post("/search", &json!({ "photo_id": nobody })).problem(404, "NOT_FOUND");
    server.post("/search", &json!({ "image": "aGVsbG8=" })).problem(400, "INVALID_IMAGE");
    let small = base64::engine::general_purpose::STANDARD.encode(jpeg(1, 20, 20));
    server.post("/search", &json!({ "image": small })).problem(400, "IMAGE_TOO_SMALL");
    let mix = json!({ "mix": [{ "text": "sea" }, { "photo_id": server.photo("IMG_0001"), "weight": -1.0 }] });
    let problem = server.post("/search", &mix).problem(503, "MODEL_UNAVAILABLE");
    assert!(problem["detail"].as_str().unwrap().contains("tags"), "{problem}");
}

#[test]
fn pages_follow_each_other() {
    let server = Server::indexed();
    for text in ["img", "", "has:date"] {
        let all = server.post("/search", &json!({ "text": text })).json();
        assert!(names(&all).len() >= 4, "{all}");
        let mut seen: Vec<String> = Vec::new();
        let mut cursor = Json::Null;
        loop {
            let page = server.post("/search", &json!({ "text": text, "limit": 2, "cursor": cursor })).json();
            seen.extend(names(&page).into_iter().map(str::to_owned));
            cursor = page["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        assert_eq!(seen, names(&all), "{text:?}");
    }
}

#[test]
fn pictures_find_what_looks_like_them() {
    let server = Server::indexed();
    let image = jpeg(2, 800, 600);
    let encoded = base64::engine::general_purpose::STANDARD.encode(&image);
    let page = server.post("/search", &json!({ "image": encoded })).json();
    assert_eq!(names(&page)[0], "IMG_0002.jpg");
    let hit = &page["items"][0];
    assert!(hit["good"] == true && hit["reasons"][0]["kind"] == "looks_like", "{hit}");

    let mut form = Vec::new();
    form.extend_from_slice(
        b"--xx\r\ncontent-disposition: form-data; name=\"request\"\r\n\r\n{\"limit\": 1}\r\n",
    );
    form.extend_from_slice(
        b"--xx\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\n",
    );
    form.extend_from_slice(&image);
    form.extend_from_slice(b"\r\n--xx--\r\n");
    let kind = [("content-type", "multipart/form-data; boundary=xx")];
    let page = server.send("POST", "/search", &kind, &form).json();
    assert_eq!(names(&page), ["IMG_0002.jpg"]);
    let stray = b"--xx\r\ncontent-disposition: form-data; name=\"img\"\r\n\r\n1\r\n--xx--\r\n";
    assert_eq!(server.send("POST", "/search", &kind, stray).wrong_fields(), ["img"]);
    assert_eq!(server.send("POST", "/search", &kind, b"--xx\r\nno").wrong_fields(), ["body"]);

    let id = server.photo("IMG_0002");
    let similar = server.get(&format!("/photos/{id}/similar?limit=3")).json();
    assert_eq!(names(&similar).len(), 3);
    assert!(!names(&similar).contains(&"IMG_0002.jpg"), "not the photo itself: {similar}");
    let scores: Vec<f64> =
        similar["items"].as_array().unwrap().iter().map(|hit| hit["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let page = server.post("/search", &json!({ "photo_id": id, "text": "name:IMG_0003" })).json();
    assert_eq!(names(&page), ["IMG_0003.jpg"], "facts hold for pictures, too");

    assert_eq!(server.get(&format!("/photos/{id}/similar?kind=nose")).wrong_fields(), ["kind"]);
    assert_eq!(server.get("/photos/x/similar").wrong_fields(), ["id"]);
    server.get("/photos/00000000-0000-0000-0000-000000000000/similar").problem(404, "NOT_FOUND");
    let page = server.get("/photos?has_issues=true").json();
    let broken = page["items"][0]["id"].as_str().unwrap();
    server.get(&format!("/photos/{broken}/similar")).problem(409, "CONFLICT");
}

#[test]
fn suggestions_complete_the_last_word() {
    let server = Server::indexed();
    describe(&server, "IMG_0001", &json!({ "keywords": ["Mountain bike", "mouse"] }));
    describe(&server, "IMG_0002", &json!({ "keywords": ["mouse"] }));
    server.post("/search", &json!({ "text": "bring documents up to date" })).json();
    let suggest = |text: &str| -> Vec<(String, u64)> {
        let query: String =
            form_urlencoded::Serializer::new(String::new()).append_pair("text", text).finish();
        let items = server.get(&format!("/search/suggest?{query}")).json()["items"].clone();
        let of = |one: &Json| (one["text"].as_str().unwrap().to_owned(), one["start"].as_u64().unwrap());
        items.as_array().unwrap().iter().map(of).collect()
    };
    let one = |text: &str, start| (text.to_owned(), start);
    assert_eq!(suggest("sea -mou"), [one("-tag:mouse", 4), one("-tag:\"Mountain bike\"", 4)]);
    assert_eq!(suggest("tag:mount"), [one("tag:\"Mountain bike\"", 0)]);
    assert_eq!(suggest("🏖 has:g"), [one("has:gps", 3)]);
    assert_eq!(suggest("rat"), [one("rating:", 0)]);
    assert_eq!(suggest("rating:"), [one("rating:>=4", 0)]);
    server.album();
    assert_eq!(suggest("album:ro"), [one("album:Roll", 0)]);
    assert!(suggest("").is_empty() && suggest("sea ").is_empty() && suggest("foo:b").is_empty());
    assert_eq!(server.get("/search/suggest?limit=51").wrong_fields(), ["limit"]);
}
