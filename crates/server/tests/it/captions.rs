//! Sentences about pictures that were sent.

use serde_json::Value as Json;
use tintype_testkit::{jpeg, photos_dir};

use crate::server::Server;

#[test]
fn what_is_no_picture_is_refused() {
    let server = Server::empty();
    let send = |file: &[u8]| server.post_file("/caption", "image", file);
    send(b"hello").problem(400, "INVALID_IMAGE");
    let whole = jpeg(1, 640, 480);
    for kept in [200, whole.len() / 8, whole.len() / 2] {
        send(&whole[..kept]).problem(400, "INVALID_IMAGE");
    }
    send(&jpeg(1, 31, 200)).problem(400, "IMAGE_TOO_SMALL");
    assert_eq!(send(b"").wrong_fields(), ["image"]);
    assert_eq!(server.post_file("/caption", "picture", &whole).wrong_fields(), ["picture"]);
    let form = [("content-type", "multipart/form-data; boundary=xx")];
    assert_eq!(server.send("POST", "/caption", &form, b"--xx--\r\n").wrong_fields(), ["image"]);
    assert_eq!(server.send("POST", "/caption", &form, b"--xx\r\nno").wrong_fields(), ["body"]);
    server
        .send("POST", "/caption", &[("content-type", "image/jpeg")], &whole)
        .problem(415, "UNSUPPORTED_MEDIA_TYPE");
    send(&vec![0; 25 << 20]).problem(413, "PAYLOAD_TOO_LARGE");
}

#[test]
fn without_models_it_says_which_to_get() {
    let server = Server::empty();
    for part in ["image", "file"] {
        let problem =
            server.post_file("/caption", part, &jpeg(1, 640, 480)).problem(503, "MODEL_UNAVAILABLE");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("tintype models pull vit-gpt2"), "{detail}");
        assert!(detail.contains("tintype models pull mobilenet-v2 yolox-nano ppocr-v3-tiny"), "{detail}");
    }
}

#[test]
fn a_sentence_is_composed_of_what_the_models_find() {
    let (Some(server), Some(photos)) = (Server::with_models(), photos_dir()) else { return };
    let caption = |name: &str| {
        let file = fs_err::read(photos.join(name)).unwrap();
        let answer = server.post_file("/caption", "image", &file).json();
        let made_of = answer["made_of"].clone();
        let names = |list: &Json, name: &str| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| one[name].as_str().unwrap().to_owned()).collect()
        };
        assert!(!names(&made_of["labels"], "name").is_empty(), "{answer}");
        assert!(answer["producer"].as_str().unwrap().starts_with("composed@1("), "{answer}");
        let objects = names(&made_of["objects"], "name");
        let lines = names(&made_of["text"], "text");
        (answer["caption"].as_str().unwrap().to_owned(), objects, lines)
    };
    let (sentence, objects, _) = caption("scenes/coco/000000000328.jpg");
    assert!(objects.iter().any(|object| sentence.to_lowercase().contains(object.as_str())), "{sentence}");
    assert!(sentence.ends_with('.'), "{sentence}");
    let (sentence, _, lines) = caption("bibs/rbnr_set1/set1_39.JPG");
    assert!(sentence.contains(&format!("“{}”", lines[0])), "{sentence} of {lines:?}");
    assert_eq!(server.get("/photos").json()["total"], 0, "nothing is kept");
}

#[test]
fn figures_tell_what_models_did() {
    let Some(server) = Server::with_models() else { return };
    let figure = |name: &str| {
        let page = server.get("/metrics");
        assert!(page.header("content-type").starts_with("text/plain; version=0.0.4"));
        let text = page.text();
        let line = text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
    };
    let runs = "tintype_inference_runs_total{model=\"yolox-nano\"}";
    assert_eq!((figure("tintype_model_sessions"), figure(runs)), (Some(0.0), None));
    assert_eq!(figure("tintype_inference_engine_info{engine="), Some(1.0));
    for seed in [1, 2] {
        server.post_file("/caption", "image", &jpeg(seed, 640, 480)).json();
    }
    assert_eq!(figure(runs), Some(2.0));
    assert_eq!(figure("tintype_inference_failures_total{model=\"yolox-nano\"}"), Some(0.0));
    assert!(figure("tintype_inference_seconds_total{model=\"yolox-nano\"}").unwrap() > 0.0);
    let sessions = figure("tintype_model_sessions").unwrap();
    assert!(sessions >= 3.0, "labels, objects, and finding text: {sessions}");
    assert!(figure("tintype_model_loaded_bytes").unwrap() > 1e6);
    assert_eq!(figure("tintype_models{state=\"ready\"}"), Some(3.0));
    let ready = server.get("/health/ready").json();
    assert_eq!(
        (&ready["models"]["ready"], &ready["models"]["sessions"]),
        (&3.into(), &(sessions as u64).into())
    );
    // What nobody uses is let go.
    server.engine.models().unload_unused_for(std::time::Duration::ZERO);
    assert_eq!(figure("tintype_model_sessions"), Some(0.0));
    assert_eq!(figure(runs), Some(2.0), "what was counted stays");
}
