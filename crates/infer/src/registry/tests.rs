mod server;

use std::path::Path;
use std::sync::Mutex;

use tempfile::TempDir;
use tintype_core::{ErrorCode, Stop};

use self::server::{Reply, Server};
use super::*;
use crate::session::test_graphs;
use crate::table::{Pack, Task};
use crate::tensor::Tensor;

/// A table over a tiny graph and a file of labels, with the official address `url`.
fn rows(url: Option<&str>) -> &'static [ModelRow] {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let graph = test_graphs::add_one();
    let pin = |name: &'static str, format, bytes: &[u8], url| Pin {
        name,
        format,
        bytes: Some(bytes.len() as u64),
        sha256: leak(sha256_hex(bytes)),
        url,
    };
    let url = url.map(|url| leak(url.to_owned()));
    let pins = |pins: Vec<Pin>| -> &'static [Pin] { pins.leak() };
    let parts = vec![
        Part { role: "graph", pins: pins(vec![pin("add_one.onnx", Format::Onnx, &graph, url)]) },
        Part { role: "labels", pins: pins(vec![pin("labels.txt", Format::Data, LABELS, None)]) },
    ];
    let research =
        vec![Part { role: "graph", pins: pins(vec![pin("add_one.onnx", Format::Onnx, &graph, url)]) }];
    let row = |id, parts: Vec<Part>, commercial| ModelRow {
        id,
        title: "Adds one",
        task: Task::Scene,
        family: "test",
        version: "test@1",
        pack: if commercial { Pack::Lite } else { Pack::Research },
        licence: "MIT",
        commercial,
        note: "",
        parts: parts.leak(),
    };
    vec![row("add-one", parts, true), row("research", research, false)].leak()
}

const LABELS: &[u8] = b"one\ntwo\n";

struct Place {
    dir: TempDir,
    config: InferConfig,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = InferConfig::new(dir.path().join("models"));
        config.engine = EngineChoice::Rten;
        config.idle_secs = 0;
        config.fetch = FetchOptions { retries: 2, backoff_ms: 1, silence_ms: 2_000 };
        Self { dir, config }
    }

    /// A mirror with both files, one of them in a folder.
    fn with_mirror() -> Self {
        let mut place = Self::new();
        let mirror = place.dir.path().join("mirror");
        fs_err::create_dir_all(mirror.join("scene")).unwrap();
        fs_err::write(mirror.join("scene/add_one.onnx"), test_graphs::add_one()).unwrap();
        fs_err::write(mirror.join("labels.txt"), LABELS).unwrap();
        place.config.mirror = Some(mirror.to_str().unwrap().to_owned());
        place
    }

    /// An address as mirror, labels installed.
    fn with_server(server: &Server) -> Self {
        let mut place = Self::new();
        place.config.mirror = Some(server.address());
        place.install("labels.txt", LABELS);
        place
    }

    fn install(&self, name: &str, bytes: &[u8]) {
        fs_err::create_dir_all(&self.config.models_dir).unwrap();
        fs_err::write(self.config.models_dir.join(name), bytes).unwrap();
    }

    fn models(&self) -> Models {
        Models::with_rows(self.config.clone(), rows(None))
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.config.models_dir.join(name)
    }
}

fn pull(models: &Models) -> Result<()> {
    models.pull("add-one", false, &Control::new(), &|_| {})
}

fn assert_runs(models: &Models) {
    let session = models.session("add-one", "graph").unwrap();
    let y = session.run_single(Tensor::f32([1, 2], vec![1.0, 2.0]).unwrap()).unwrap();
    assert_eq!(y[0].as_f32().unwrap(), [2.0, 3.0]);
}

#[test]
fn a_directory_is_a_mirror_by_itself() {
    let place = Place::with_mirror();
    let models = place.models();
    assert_eq!(models.status("add-one").unwrap().state, ModelState::Absent);
    assert!(models.is_available("add-one"));
    assert_runs(&models);
    assert_eq!(models.text("add-one", "labels").unwrap().as_bytes(), LABELS);
    let status = models.status("add-one").unwrap();
    assert_eq!(status.state, ModelState::Ready);
    assert_eq!(status.installed_bytes, test_graphs::add_one().len() as u64 + LABELS.len() as u64);
    assert!(status.loaded_bytes > 0 && status.loaded_bytes == models.loaded_bytes());
    assert!(!place.file("add_one.onnx.part").exists());
}

#[test]
fn without_anything_the_model_says_how_to_get_it() {
    let place = Place::new();
    let models = place.models();
    let error = models.session("add-one", "graph").unwrap_err();
    assert_eq!(error.code(), ErrorCode::ModelUnavailable);
    assert_eq!(
        error.to_string(),
        "model add-one is not installed: add_one.onnx is missing; `tintype models pull add-one` gets it"
    );
    assert!(!models.is_available("add-one"));
    assert!(matches!(pull(&models).unwrap_err(), Error::NowhereToGet { .. }));
    assert!(matches!(models.session("none", "graph").unwrap_err(), Error::UnknownModel { .. }));
    assert!(models.session("add-one", "no-such-part").is_err());
}

#[test]
fn a_pull_fetches_checks_and_puts_in_place() {
    let server = Server::start(Reply::File(test_graphs::add_one()));
    let place = Place::with_server(&server);
    let models = place.models();
    let seen = Mutex::new(Vec::new());
    models
        .pull("add-one", false, &Control::new(), &|progress| seen.lock().unwrap().push(progress.clone()))
        .unwrap();
    let seen = seen.into_inner().unwrap();
    let len = test_graphs::add_one().len() as u64;
    let last = seen.last().unwrap();
    assert_eq!((last.model, last.file, last.bytes, last.total), ("add-one", "add_one.onnx", len, Some(len)));
    assert_runs(&models);
    assert_eq!(server.paths(), ["/add_one.onnx"]);
    // Nothing is asked again.
    pull(&models).unwrap();
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn a_mirror_by_hash_works_too() {
    let graph = test_graphs::add_one();
    let server = Server::start(Reply::OnlyAt(format!("/{}", sha256_hex(&graph)), graph));
    let place = Place::with_server(&server);
    let models = place.models();
    pull(&models).unwrap();
    assert_runs(&models);
    assert_eq!(server.paths().len(), 2, "by name first, then by hash");
}

#[test]
fn a_download_that_breaks_off_is_continued_where_it_stopped() {
    // Every answer gives 40 bytes more and then closes the connection.
    let server = Server::start(Reply::Piecewise { file: test_graphs::add_one(), piece: 40, ranges: true });
    let place = Place::with_server(&server);
    let models = place.models();
    pull(&models).unwrap();
    assert_runs(&models);
    let ranges = server.ranges();
    assert_eq!(ranges[0], None);
    assert_eq!(ranges[1].as_deref(), Some("bytes=40-"));
    assert!(ranges.len() >= 3);
}

#[test]
fn a_part_left_by_an_earlier_run_is_continued() {
    let graph = test_graphs::add_one();
    let server = Server::start(Reply::File(graph.clone()));
    let place = Place::with_server(&server);
    place.install("add_one.onnx.part", &graph[..30]);
    pull(&place.models()).unwrap();
    assert_eq!(server.ranges(), [Some("bytes=30-".to_owned())]);
    assert_eq!(fs_err::read(place.file("add_one.onnx")).unwrap(), graph);
}

#[test]
fn a_part_of_other_bytes_is_thrown_away_once() {
    let graph = test_graphs::add_one();
    for wrong in [vec![7; 30], vec![7; graph.len()], vec![7; graph.len() + 9]] {
        let server = Server::start(Reply::File(graph.clone()));
        let place = Place::with_server(&server);
        place.install("add_one.onnx.part", &wrong);
        pull(&place.models()).unwrap();
        assert_eq!(fs_err::read(place.file("add_one.onnx")).unwrap(), graph, "{} bytes", wrong.len());
    }
}

#[test]
fn a_server_without_ranges_starts_from_the_beginning() {
    let graph = test_graphs::add_one();
    let server = Server::start(Reply::NoRanges(graph.clone()));
    let place = Place::with_server(&server);
    place.install("add_one.onnx.part", &[1, 2, 3]);
    pull(&place.models()).unwrap();
    assert_eq!(fs_err::read(place.file("add_one.onnx")).unwrap(), graph);
}

#[test]
fn what_always_breaks_off_is_given_up_and_kept() {
    let server = Server::start(Reply::Piecewise { file: test_graphs::add_one(), piece: 25, ranges: false });
    let place = Place::with_server(&server);
    let error = pull(&place.models()).unwrap_err();
    assert!(matches!(error, Error::Download { .. }), "{error:?}");
    assert!(
        error.to_string().starts_with("model add-one: add_one.onnx cannot be fetched from http://"),
        "{error}"
    );
    assert_eq!(fs_err::metadata(place.file("add_one.onnx.part")).unwrap().len(), 25);
    assert!(!place.file("add_one.onnx").exists());
}

#[test]
fn lies_are_found_out() {
    let graph = test_graphs::add_one();
    let mut other = graph.clone();
    other[20] ^= 1;
    let mut longer = graph.clone();
    longer.push(0);
    let page = b"<html>not what you wanted</html>".to_vec();
    for (bytes, wants) in [(other, "has the SHA-256"), (longer, "instead of"), (page, "instead of")] {
        let server = Server::start(Reply::File(bytes));
        let place = Place::with_server(&server);
        let models = place.models();
        let error = pull(&models).unwrap_err();
        assert!(error.to_string().contains(wants), "{error}");
        assert_eq!(error.code(), ErrorCode::ModelUnavailable);
        assert!(!place.file("add_one.onnx").exists(), "nothing wrong is put in place");
        assert_eq!(models.status("add-one").unwrap().state, ModelState::Absent);
    }
}

#[test]
fn an_endless_answer_ends() {
    let server = Server::start(Reply::Endless);
    let place = Place::with_server(&server);
    let error = pull(&place.models()).unwrap_err();
    assert!(matches!(error, Error::WrongLength { .. }), "{error:?}");
}

#[test]
fn a_mirror_without_the_file_falls_back_to_the_publisher() {
    let mirror = Server::start(Reply::Status(404));
    let publisher = Server::start(Reply::File(test_graphs::add_one()));
    let place = Place::with_server(&mirror);
    let url = format!("{}/official.onnx", publisher.address());
    let models = Models::with_rows(place.config.clone(), rows(Some(&url)));
    pull(&models).unwrap();
    assert_runs(&models);
    assert_eq!(publisher.paths(), ["/official.onnx"]);

    // Unless that is not allowed.
    let mut config = Place::with_server(&mirror).config;
    config.allow_official = false;
    let error = pull(&Models::with_rows(config, rows(Some(&url)))).unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
    assert_eq!(publisher.paths().len(), 1);
}

#[test]
fn a_failing_server_is_asked_again_and_then_named() {
    let server = Server::start(Reply::Status(503));
    let place = Place::with_server(&server);
    let error = pull(&place.models()).unwrap_err();
    assert!(error.to_string().contains("503"), "{error}");
    assert_eq!(server.paths().len(), 6, "three tries by name, three by hash");
    drop(server);
    let mut place = Place::new();
    place.install("labels.txt", LABELS);
    // A port on which nobody listens.
    place.config.mirror = Some("http://127.0.0.1:9".to_owned());
    assert!(matches!(pull(&place.models()).unwrap_err(), Error::Download { .. }));
}

#[test]
fn a_cancelled_pull_keeps_what_arrived() {
    let server = Server::start(Reply::File(test_graphs::add_one()));
    let place = Place::with_server(&server);
    let models = place.models();
    let control = Control::new();
    let cancel = |_: &PullProgress| control.request(Stop::Cancel);
    let error = models.pull("add-one", false, &control, &cancel).unwrap_err();
    assert_eq!(error.to_string(), "fetching model add-one was cancelled");
    pull(&models).unwrap();
    assert_runs(&models);
}

#[test]
fn a_file_that_is_being_fetched_is_waited_for() {
    let server = Server::start(Reply::File(test_graphs::add_one()));
    let place = Place::with_server(&server);
    place.install("add_one.onnx.lock", b"");
    let other = std::fs::File::open(place.file("add_one.onnx.lock")).unwrap();
    other.lock().unwrap();
    let control = Control::new();
    control.request(Stop::Cancel);
    let error = place.models().pull("add-one", false, &control, &|_| {}).unwrap_err();
    assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
    assert!(server.paths().is_empty());
    // It was brought by the other one meanwhile.
    place.install("add_one.onnx", &test_graphs::add_one());
    other.unlock().unwrap();
    pull(&place.models()).unwrap();
    assert!(server.paths().is_empty());
}

#[test]
fn research_weights_need_a_word() {
    let server = Server::start(Reply::File(test_graphs::add_one()));
    let place = Place::with_server(&server);
    let models = place.models();
    let error = models.pull("research", false, &Control::new(), &|_| {}).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(server.paths().is_empty());
    models.pull("research", true, &Control::new(), &|_| {}).unwrap();
    assert_eq!(models.status("research").unwrap().state, ModelState::Installed);
}

#[test]
fn a_damaged_file_fails_is_named_and_is_fetched_again() {
    let mut damaged = test_graphs::add_one();
    damaged[25] ^= 4;
    let place = Place::with_mirror();
    place.install("add_one.onnx", &damaged);
    let models = place.models();
    let error = models.session("add-one", "graph").unwrap_err();
    assert!(matches!(error, Error::WrongHash { .. }), "{error:?}");
    let again = models.session("add-one", "graph").unwrap_err();
    assert!(matches!(&again, Error::Unavailable { reason, .. } if reason.contains("SHA-256")), "{again:?}");
    assert!(matches!(models.status("add-one").unwrap().state, ModelState::Failed(_)));
    let report = models.verify("add-one").unwrap();
    assert!(report[0].problem.as_deref().unwrap().contains("SHA-256"), "{report:?}");
    assert_eq!(report[1].problem.as_deref(), Some("it is missing"));

    pull(&models).unwrap();
    assert_runs(&models);
    assert!(models.verify("add-one").unwrap().iter().all(|report| report.problem.is_none()));
}

#[test]
fn a_truncated_file_is_tried_again_when_it_was_replaced() {
    let graph = test_graphs::add_one();
    let place = Place::new();
    place.install("add_one.onnx", &graph[..graph.len() / 2]);
    let models = place.models();
    assert!(matches!(models.session("add-one", "graph").unwrap_err(), Error::WrongLength { .. }));
    assert!(matches!(models.session("add-one", "graph").unwrap_err(), Error::Unavailable { .. }));
    place.install("add_one.onnx", &graph);
    assert_runs(&models);
}

#[test]
fn a_file_is_hashed_once_until_it_changes() {
    let place = Place::with_mirror();
    let models = place.models();
    pull(&models).unwrap();
    let path = place.file("add_one.onnx");
    let memo = fs_err::read_to_string(place.file("add_one.onnx.verified")).unwrap();
    assert!(memo.contains(&sha256_hex(&test_graphs::add_one())));
    // Same length, other bytes, other time: found out although it was verified before.
    let mut other = test_graphs::add_one();
    other[25] ^= 4;
    fs_err::write(&path, &other).unwrap();
    let later = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    assert!(matches!(models.session("add-one", "graph").unwrap_err(), Error::WrongHash { .. }));
}

#[test]
fn removing_takes_files_and_sessions_but_not_what_others_share() {
    let place = Place::with_mirror();
    let models = place.models();
    assert_runs(&models);
    models.text("add-one", "labels").unwrap();
    // `research` has the same graph, and is installed by that.
    assert_eq!(models.remove("add-one").unwrap(), 1);
    assert!(place.file("add_one.onnx").exists() && !place.file("labels.txt").exists());
    assert_eq!(models.loaded_bytes(), 0);
    assert_eq!(models.remove("research").unwrap(), 1);
    let left: Vec<_> = fs_err::read_dir(&place.config.models_dir).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn unused_sessions_are_let_go_and_loaded_again() {
    let place = Place::with_mirror();
    let models = place.models();
    let held = models.session("add-one", "graph").unwrap();
    assert_eq!(models.unload_unused_for(Duration::ZERO), 0, "one that is in use stays");
    drop(held);
    assert_eq!(models.unload_unused_for(Duration::from_hours(1)), 0);
    assert_eq!(models.unload_unused_for(Duration::ZERO), 1);
    assert_eq!(models.loaded_bytes(), 0);
    assert_eq!(models.status("add-one").unwrap().state, ModelState::Absent, "the labels were not copied");
    assert_runs(&models);
}

#[test]
fn a_session_that_nobody_uses_is_let_go_by_itself() {
    let mut place = Place::with_mirror();
    place.config.idle_secs = 1;
    let models = place.models();
    assert_runs(&models);
    assert_eq!(models.status("add-one").unwrap().sessions, 1);
    let started = std::time::Instant::now();
    while models.loaded_bytes() > 0 {
        assert!(started.elapsed() < Duration::from_secs(30), "it is still loaded");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(started.elapsed() > Duration::from_millis(900), "not before its time");
    assert_runs(&models);
    let status = models.status("add-one").unwrap();
    assert_eq!((status.sessions, status.ran.runs, status.ran.failures), (1, 2, 0), "runs are counted on");
    assert!(status.ran.secs > 0.0);
    let other = models.status("research").unwrap();
    assert_eq!((other.sessions, other.ran), (0, RunTotals::default()));
}

#[test]
fn memory_stays_within_the_limit() {
    let mut place = Place::with_mirror();
    place.config.memory_limit = test_graphs::add_one().len() as u64;
    let models = place.models();
    assert_runs(&models);
    models.session("research", "graph").unwrap();
    assert_eq!(models.loaded_bytes(), place.config.memory_limit);
    assert_eq!(models.status("research").unwrap().state, ModelState::Ready);
    assert_ne!(models.status("add-one").unwrap().state, ModelState::Ready);
}

#[test]
fn many_threads_load_a_model_once() {
    let place = Place::with_mirror();
    let models = place.models();
    let sessions: Vec<_> = std::thread::scope(|scope| {
        let load = || models.session("add-one", "graph").unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(load)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(sessions.iter().all(|session| Arc::ptr_eq(session, &sessions[0])));
}

#[test]
fn a_full_disk_is_said_before_anything_is_fetched() {
    // No disk has four exabytes free.
    let pin = Pin { name: "huge.onnx", format: Format::Onnx, bytes: Some(1 << 62), sha256: "00", url: None };
    let server = Server::start(Reply::Huge(1 << 62));
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("huge.onnx");
    let fetch = Fetch {
        model: "huge",
        pin: &pin,
        target: &target,
        options: FetchOptions::default(),
        control: &Control::new(),
        progress: &|_, _| {},
    };
    let places = [super::Place::Address(format!("{}/huge.onnx", server.address()))];
    let error = fetch.first_of(&places).unwrap_err();
    assert_eq!(error.code(), ErrorCode::StorageFull, "{error:?}");
    assert!(!Path::new(&target).exists());
}

#[test]
fn the_shared_models_are_a_mirror() {
    let Some(data) = tintype_testkit::test_data() else { return };
    let mut place = Place::new();
    place.config.mirror = Some(data.join("models").to_str().unwrap().to_owned());
    let models = Models::open(place.config.clone());
    for id in
        ["mobilenet-v2", "nima-aesthetic", "nima-technical", "yolox-nano", "ppocr-v6-tiny", "ppocr-v3-tiny"]
    {
        assert!(models.is_available(id), "{id}");
        models.pull(id, false, &Control::new(), &|_| {}).unwrap();
        assert_eq!(models.status(id).unwrap().state, ModelState::Installed, "{id}");
    }
    assert!(models.list().len() > 10);
}
