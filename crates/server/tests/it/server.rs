//! [`Server`]: a running server with a library, and a client for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tintype_core::Control;
use tintype_engine::{Engine, EngineConfig, OperationRequest};
use tintype_server::{ServeOptions, serve};
use tintype_testkit::{Library, jpeg};
use tokio::sync::oneshot;

/// The description that answers are checked against.
static DESCRIPTION: LazyLock<Json> =
    LazyLock::new(|| serde_json::to_value(tintype_server::openapi()).unwrap());

/// A running server. Dropping it stops it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) engine: Engine,
    pub(crate) library: Library,
    agent: ureq::Agent,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body of a success.
    pub(crate) fn json(&self) -> Json {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text());
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body of a failure, which must be a problem of this status and code.
    pub(crate) fn problem(&self, status: u16, code: &str) -> Json {
        let text = self.text();
        assert_eq!(self.status, status, "{text}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{text}");
        let problem: Json = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["code"], code, "{text}");
        assert_eq!(problem["status"], status, "{text}");
        assert_eq!(problem["type"], format!("urn:tintype:problem:{code}"), "{text}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{text}");
        assert!(problem["title"].as_str().is_some_and(|title| title.ends_with('.')), "{text}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{text}");
        problem
    }

    /// The fields that a `VALIDATION_ERROR` names.
    pub(crate) fn wrong_fields(&self) -> Vec<String> {
        let problem = self.problem(422, "VALIDATION_ERROR");
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

impl Server {
    /// A server over nothing.
    pub(crate) fn empty() -> Self {
        Self::over(Library::empty(), 4096)
    }

    /// A server over an indexed library: four drawn photos in `roll-00`, an exact copy of the first, a HEIC whose
    /// pixels cannot be decoded, and a file that is no picture.
    pub(crate) fn indexed() -> Self {
        let library = Library::drawn(4);
        library.add("copies/IMG_0000 copy.jpg", &jpeg(0, 640, 480));
        library.add("broken/not-yet.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta");
        library.add("broken/not-a-picture.jpg", b"<svg onload=alert(1)>");
        let server = Self::over(library, 4096);
        server.index();
        server
    }

    /// A server over nothing, with the models of the test data; `None` without test data.
    pub(crate) fn with_models() -> Option<Self> {
        let mirror = tintype_testkit::test_data()?.join("models");
        let library = Library::empty();
        let mut config = EngineConfig::new(library.data());
        config.models.mirror = Some(mirror.to_str().unwrap().to_owned());
        config.models.onnxruntime = std::env::var_os("TINTYPE__MODELS__ONNXRUNTIME").map(Into::into);
        Some(Self::with_config(config, library, 4096))
    }

    pub(crate) fn over(library: Library, max_body_bytes: usize) -> Self {
        let config = EngineConfig::new(library.data());
        Self::with_config(config, library, max_body_bytes)
    }

    fn with_config(mut config: EngineConfig, library: Library, max_body_bytes: usize) -> Self {
        config.allowed = vec![library.photos()];
        config.threads = 2;
        let engine = Engine::open(config).unwrap();
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let options =
            ServeOptions { listen: ([127, 0, 0, 1], 0).into(), max_body_bytes, ..ServeOptions::default() };
        let served = engine.clone();
        let thread = std::thread::Builder::new().name("server".into());
        let thread = thread.spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let shutdown = async { drop(stopped.await) };
            runtime
                .block_on(serve(served, options, |address| tell.send(address).unwrap(), shutdown))
                .unwrap();
        });
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent = agent.timeout_global(Some(Duration::from_mins(1))).build().into();
        Self {
            address: told.recv().unwrap(),
            engine,
            library,
            agent,
            stop: Some(stop),
            thread: Some(thread.unwrap()),
        }
    }

    /// Indexes the library without the API.
    pub(crate) fn index(&self) {
        let paths = vec![self.engine.local_folder(&self.library.photos()).unwrap()];
        let request = OperationRequest::Index { paths, steps: None, config: Json::Null };
        self.engine.run(&request, &Control::new(), &mut |_view| {}).unwrap();
    }

    /// Stops the server and waits for it.
    pub(crate) fn stop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            let _stopped_by_itself = stop.send(());
            thread.join().unwrap();
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, b"")
    }

    pub(crate) fn json(&self, method: &str, path: &str, body: &Json) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Answer {
        self.json("POST", path, body)
    }

    /// Sends a request. Paths that do not begin with `/docs` or `/!` are below `/api/v1`; `/!` stands for the root.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let full =
            path.strip_prefix("/!").map_or_else(|| format!("/api/v1{path}"), |rest| format!("/{rest}"));
        let request =
            ureq::http::Request::builder().method(method).uri(format!("http://{}{full}", self.address));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body.to_vec()).unwrap())
        };
        let mut response = response.unwrap();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let answer = Answer {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.body_mut().read_to_vec().unwrap(),
        };
        assert!(!answer.header("x-request-id").is_empty(), "{method} {full} has no request id");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {full}");
        assert!(!answer.header("content-security-policy").is_empty(), "{method} {full}");
        check_documented(method, &full, answer.status);
        answer
    }

    /// A stream of events, as its lines.
    pub(crate) fn events(&self, path: &str) -> Box<dyn std::io::BufRead + Send> {
        let response = self.agent.get(format!("http://{}/api/v1{path}", self.address)).call().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Box::new(std::io::BufReader::new(response.into_body().into_reader()))
    }

    /// Waits until an operation is in a final state.
    pub(crate) fn wait(&self, id: &str) -> Json {
        let started = Instant::now();
        loop {
            let operation = self.get(&format!("/operations/{id}")).json();
            if ["completed", "failed", "cancelled"].contains(&operation["state"].as_str().unwrap()) {
                return operation;
            }
            assert!(started.elapsed() < Duration::from_mins(1), "{operation}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a form with one part.
    pub(crate) fn post_file(&self, path: &str, part: &str, file: &[u8]) -> Answer {
        let head =
            format!("--xx\r\ncontent-disposition: form-data; name=\"{part}\"; filename=\"a.jpg\"\r\n\r\n");
        let form = [head.as_bytes(), file, b"\r\n--xx--\r\n"].concat();
        self.send("POST", path, &[("content-type", "multipart/form-data; boundary=xx")], &form)
    }

    /// The id of the photo whose file has this name.
    pub(crate) fn photo(&self, name: &str) -> String {
        let query: String =
            form_urlencoded::Serializer::new(String::new()).append_pair("name", name).finish();
        let page = self.get(&format!("/photos?{query}")).json();
        page["items"][0]["id"].as_str().unwrap_or_else(|| panic!("no photo {name}: {page}")).to_owned()
    }

    pub(crate) fn photos_dir(&self) -> PathBuf {
        self.library.photos()
    }

    /// An album over the photos drawn first.
    pub(crate) fn album(&self) -> String {
        let path = self.photos_dir().join("roll-00");
        let album = self.post("/albums", &json!({ "name": "Roll", "source_path": path })).json();
        album["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        self.engine.shutdown();
    }
}

/// Whether the description knows that this address may answer so. Unknown addresses and methods have no entry.
fn check_documented(method: &str, path: &str, status: u16) {
    let path = path.split('?').next().unwrap();
    let matches = |template: &str| {
        let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        template.len() == path.len()
            && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
    };
    let paths = DESCRIPTION["paths"].as_object().unwrap();
    // A literal address wins over one with parameters.
    let found = paths
        .iter()
        .filter(|(template, _)| matches(template))
        .min_by_key(|(template, _)| template.matches('{').count());
    let method = if method == "HEAD" { "get" } else { &method.to_ascii_lowercase() };
    if let Some(operation) = found.and_then(|(_, item)| item.get(method)) {
        let documented = operation["responses"].as_object().unwrap();
        assert!(
            documented.contains_key(&status.to_string()),
            "{method} {path} answered {status}, documented are {:?}",
            documented.keys()
        );
    } else {
        assert!(
            [400, 403, 404, 405].contains(&status)
                || !path.starts_with("/api/")
                || path.ends_with("openapi.json"),
            "{method} {path} answered {status}"
        );
    }
}
