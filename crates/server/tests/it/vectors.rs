//! Vectors of pictures and words, and which are used.

use base64::Engine as _;
use serde_json::{Value as Json, json};
use tintype_testkit::{Library, OwnModels, jpeg};

use crate::server::Server;

fn with_models() -> Server {
    let library = Library::drawn(4);
    let mut models = OwnModels::new(&library.data().join("models"));
    models.add_clip("clip-mine", "clip_mine@1");
    models.add_clip_int8("clip-new", "clip_mine@2");
    let server = Server::over(library, 4096);
    server.index();
    server
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn vectors(answer: &Json) -> Vec<Vec<f64>> {
    serde_json::from_value(answer["vectors"].clone()).unwrap()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn pictures_and_words_get_vectors_of_one_space() {
    let server = with_models();
    let [first, second] = [jpeg(0, 640, 480), jpeg(1, 640, 480)];
    let body = json!({ "inputs": [{ "image": base64(&first) }, { "text": "a walrus" }, { "image": base64(&second) }, { "image": base64(&first) }] });
    let answer = server.post("/embed", &body).json();
    assert_eq!((&answer["kind"], &answer["producer"]), (&json!("clip_embedding"), &json!("clip_mine@2")));
    let all = vectors(&answer);
    assert_eq!(all.len(), 4);
    for vector in &all {
        assert_eq!(vector.len() as u64, answer["dimension"].as_u64().unwrap());
        assert!((dot(vector, vector) - 1.0).abs() < 1e-5);
    }
    assert_eq!(all[0], all[3], "the same whatever stands beside it");
    assert_ne!(all[0], all[2]);

    // The same through a form, by the producer that is named.
    let kind = [("content-type", "multipart/form-data; boundary=xx")];
    let part = |name: &str, body: &[u8]| {
        let head = format!("--xx\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n");
        [head.as_bytes(), body, b"\r\n"].concat()
    };
    let form = [
        part("image", &first),
        part("text", b"a walrus"),
        part("producer", b"clip_mine@1"),
        b"--xx--\r\n".to_vec(),
    ];
    let other = server.send("POST", "/embed", &kind, &form.concat()).json();
    assert_eq!((&other["producer"], vectors(&other).len()), (&json!("clip_mine@1"), 2));
    assert_ne!(vectors(&other)[0], all[0]);
    let grid = json!({ "inputs": [{ "image": base64(&first) }], "kind": "scene_embedding" });
    assert_eq!(server.post("/embed", &grid).json()["producer"], "colour-gradient-grid@1");

    // The library's own vector of the same file is the same but for what decoding at another scale does.
    let found = server.post("/search", &json!({ "image": base64(&first) })).json();
    assert!(found["items"][0]["photo"]["name"].as_str().unwrap().starts_with("IMG_0000"), "{found}");
}

#[test]
fn what_cannot_be_embedded_is_named() {
    let server = with_models();
    let picture = json!({ "image": base64(&jpeg(0, 640, 480)) });
    for body in [json!({}), json!({ "inputs": [] })] {
        assert_eq!(server.post("/embed", &body).wrong_fields(), ["inputs"]);
    }
    for input in [json!({}), json!({ "text": "a", "image": "b" }), json!({ "image": "=" })] {
        assert_eq!(
            server.post("/embed", &json!({ "inputs": [picture, input] })).wrong_fields(),
            ["inputs[1]"]
        );
    }
    let broken = json!({ "inputs": [picture, { "image": base64(b"no picture") }] });
    let problem = server.post("/embed", &broken).problem(400, "INVALID_IMAGE");
    assert!(problem["detail"].as_str().unwrap().starts_with("input 1: "), "{problem}");
    let small = json!({ "inputs": [{ "image": base64(&jpeg(0, 20, 20)) }] });
    server.post("/embed", &small).problem(400, "IMAGE_TOO_SMALL");
    let many = json!({ "inputs": vec![json!({ "text": "a" }); 101] });
    server.post("/embed", &many).problem(400, "BATCH_TOO_LARGE");
    let long = json!({ "inputs": [{ "text": "a walrus \u{1F9AD} ".repeat(5_000) }, { "text": "" }] });
    assert_eq!(vectors(&server.post("/embed", &long).json()).len(), 2);
    let unknown = json!({ "inputs": [picture], "producer": "nobody@1" });
    server.post("/embed", &unknown).problem(422, "VALIDATION_ERROR");
    let wordless = json!({ "inputs": [{ "text": "a" }], "kind": "scene_embedding" });
    server.post("/embed", &wordless).problem(503, "MODEL_UNAVAILABLE");
    let empty = Server::empty();
    let problem =
        empty.post("/embed", &json!({ "inputs": [{ "text": "a" }] })).problem(503, "MODEL_UNAVAILABLE");
    assert!(problem["detail"].as_str().unwrap().contains("installed"), "{problem}");
    assert_eq!(
        vectors(&empty.post("/embed", &json!({ "inputs": [picture] })).json()).len(),
        1,
        "without weights"
    );
}

#[test]
fn producers_are_listed_chosen_and_compared() {
    let server = with_models();
    let active = |spaces: &Json| -> Vec<String> {
        let spaces = spaces["items"].as_array().unwrap();
        let of = spaces.iter().filter(|space| space["active"] == true);
        of.map(|space| {
            format!(
                "{}{}",
                space["producer"].as_str().unwrap(),
                if space["chosen"] == true { "!" } else { "" }
            )
        })
        .collect()
    };
    let spaces = server.get("/vectors").json();
    assert_eq!(active(&spaces), ["clip_mine@2", "colour-gradient-grid@1"]);
    let new = &spaces["items"][0];
    assert_eq!(
        (&new["model"], &new["reads_words"], &new["pictures"]),
        (&json!("clip-new"), &json!(true), &json!(4))
    );

    let choose = |producer: Json| {
        server.json("PUT", "/vectors", &json!({ "kind": "clip_embedding", "producer": producer }))
    };
    assert_eq!(active(&choose(json!("clip_mine@1")).json()), ["clip_mine@1!", "colour-gradient-grid@1"]);
    let photo = server.photo("IMG_0001");
    let similar = |query: &str| server.get(&format!("/photos/{photo}/similar?{query}")).json();
    let (by_choice, by_name) = (similar("kind=clip_embedding"), similar("producer=clip_mine@1"));
    assert_eq!(by_choice, by_name);
    assert_eq!(by_choice["producer"], "clip_mine@1");
    assert_eq!(by_choice["items"].as_array().unwrap().len(), 3);
    assert_ne!(similar("producer=clip_mine@2")["items"], by_choice["items"]);
    assert_eq!(active(&choose(Json::Null).json()), ["clip_mine@2", "colour-gradient-grid@1"]);

    assert_eq!(choose(json!("nobody@1")).wrong_fields(), ["producer"]);
    let kind = server.json("PUT", "/vectors", &json!({ "kind": "x", "producer": null }));
    assert_eq!(kind.wrong_fields(), ["kind"]);
    let wrong = server.get(&format!("/photos/{photo}/similar?producer=nobody@1"));
    assert_eq!(wrong.wrong_fields(), ["producer"]);
}

#[test]
fn words_and_pictures_are_added_up() {
    let server = with_models();
    let photo = server.photo("IMG_0001");
    let mix = |parts: Json| server.post("/search", &json!({ "mix": parts })).json();
    let itself = mix(json!([{ "photo_id": photo }]));
    assert_eq!(itself["items"][0]["photo"]["id"], photo);
    let more = mix(json!([{ "photo_id": photo }, { "text": "walrus", "weight": 0.1 }]));
    assert_eq!(more["items"][0]["photo"]["id"], photo, "a little of something else");
    let less = mix(json!([{ "photo_id": photo, "weight": -1 }]));
    assert_eq!(less["items"].as_array().unwrap().last().unwrap()["photo"]["id"], photo, "the opposite");
    let words = mix(json!([{ "text": "walrus" }]));
    assert_eq!(words["items"].as_array().unwrap().len(), 4, "words alone are compared with pictures");
    assert!(words["items"][0]["reasons"].to_string().contains("looks_like"), "{words}");
}
