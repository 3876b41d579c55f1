//! Vectors through the program: models side by side, swapped while searches go on, and indexes that come back.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tintype_testkit::{Library, OwnModels, jpeg, test_data};

use crate::support::{command, index, report, stdout};

/// A library with a models directory.
struct Place {
    library: Library,
    models: PathBuf,
}

impl Place {
    fn drawn(photos: u32) -> Self {
        let library = Library::drawn(photos);
        let models = library.path().join("models");
        Self { library, models }
    }

    fn run(&self, args: &[&str]) -> String {
        let args: Vec<&str> =
            ["--models", self.models.to_str().unwrap()].iter().chain(args).copied().collect();
        stdout(&self.library.data(), &args)
    }

    fn lines(&self, args: &[&str]) -> Vec<Json> {
        self.run(args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn index(&self) -> Json {
        self.lines(&["index", "--json", self.library.photos().to_str().unwrap()]).pop().unwrap()
    }

    fn photo(&self) -> PathBuf {
        self.library.photos().join("roll-00/IMG_0001.jpg")
    }

    fn similar(&self, more: &[&str]) -> Vec<(String, f64)> {
        let photo = self.photo();
        let args: Vec<&str> =
            ["similar", "--json", photo.to_str().unwrap()].iter().chain(more).copied().collect();
        let hit = |hit: &Json| (hit["path"].as_str().unwrap().to_owned(), hit["score"].as_f64().unwrap());
        self.lines(&args).iter().map(hit).collect()
    }

    /// Kind and producer of the vectors that searches use.
    fn active(&self, kind: &str) -> (String, u64, bool) {
        let spaces = self.lines(&["vectors", "list", "--json"]);
        let space = spaces.iter().find(|space| space["kind"] == kind && space["is_active"] == true).unwrap();
        let producer = space["producer"].as_str().unwrap().to_owned();
        (producer, space["pictures"].as_u64().unwrap(), space["is_chosen"].as_bool().unwrap())
    }
}

#[test]
fn a_model_is_swapped_while_searches_go_on() {
    let place = Place::drawn(12);
    let mut models = OwnModels::new(&place.models);
    models.add_clip("clip-mine", "clip_mine@1");
    let first = place.index();
    assert_eq!(first["state"], "completed");
    let photos = first["photos"].as_u64().unwrap();
    let (producer, pictures, _) = place.active("clip_embedding");
    assert_eq!((producer.as_str(), pictures), ("clip_mine@1", photos));
    let found = place.lines(&["search", "--json", "walrus"]);
    assert!(found.len() > 1, "words that stand nowhere are compared with pictures");

    // Another version: it takes over by itself when the pictures have its vectors, and until then the old one serves.
    models.add_clip_int8("clip-new", "clip_mine@2");
    let mut indexing = command(&place.library.data())
        .args(["--models", place.models.to_str().unwrap(), "index", "--json"])
        .arg(place.library.photos())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut searches = 0;
    loop {
        let found = place.lines(&["search", "--json", "walrus"]);
        assert!(found.len() > 1, "{found:?}");
        assert_eq!(place.similar(&["--kind", "clip_embedding"]).len() as u64, photos - 1);
        searches += 1;
        if indexing.try_wait().unwrap().is_some() {
            break;
        }
    }
    let output = indexing.wait_with_output().unwrap();
    assert!(output.status.success() && searches > 0, "{output:?}");
    let second: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(second["computed"], photos, "the new model's vectors and nothing else");
    assert_eq!(place.active("clip_embedding"), ("clip_mine@2".to_owned(), photos, false));

    // Both can be asked, and either chosen.
    let by = |version: &str| place.similar(&["--kind", "clip_embedding", "--producer", version]);
    let (old, new) = (by("clip_mine@1"), by("clip_mine@2"));
    assert_eq!((old.len(), new.len()), (old.len(), old.len()));
    assert_ne!(old, new, "other weights, other likeness");
    place.run(&["vectors", "use", "clip_embedding", "clip_mine@1"]);
    assert_eq!(place.active("clip_embedding"), ("clip_mine@1".to_owned(), photos, true));
    assert_eq!(place.similar(&["--kind", "clip_embedding"]), old);
    place.run(&["vectors", "use", "clip_embedding", "auto"]);
    assert_eq!(place.similar(&["--kind", "clip_embedding"]), new);

    // A model that is gone leaves its vectors; nothing is computed for want of it.
    fs_err::write(place.models.join("own.json"), "[]").unwrap();
    assert_eq!(place.similar(&["--kind", "clip_embedding", "--producer", "clip_mine@1"]), old);
    assert_eq!(place.index()["computed"], 0);
    for args in
        [["vectors", "use", "clip_embedding", "nobody@1"], ["vectors", "use", "no_embedding", "clip_mine@1"]]
    {
        let output = command(&place.library.data()).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn indexes_that_are_lost_or_damaged_come_back() {
    let place = Place::drawn(10);
    OwnModels::new(&place.models).add_dino("dino-mine", "dino_mine@1");
    place.index();
    let wanted = ["--kind", "scene_embedding", "--producer", "dino_mine@1"];
    let expected = place.similar(&wanted);
    assert_eq!(expected.len(), 9);
    let file = place.library.data().join("vectors/scene_embedding-dino_mine@1.tvi");
    let whole = fs_err::read(&file).unwrap();
    for damage in ["nothing", "half", "zeros", "other"] {
        match damage {
            "nothing" => fs_err::remove_file(&file).unwrap(),
            "half" => fs_err::write(&file, &whole[..whole.len() / 2]).unwrap(),
            "zeros" => fs_err::write(&file, vec![0; whole.len()]).unwrap(),
            _ => fs_err::write(&file, b"something else").unwrap(),
        }
        assert_eq!(place.similar(&wanted), expected, "{damage}");
    }
    // Neither a folder that cannot be made nor a file that cannot be read keeps anything from being found.
    fs_err::remove_dir_all(place.library.data().join("vectors")).unwrap();
    fs_err::write(place.library.data().join("vectors"), b"in the way").unwrap();
    assert_eq!(place.similar(&wanted), expected);
}

#[test]
fn the_index_is_a_setting_and_one_that_is_not_built_in_is_refused() {
    let place = Place::drawn(2);
    let facts = |args: &[&str]| -> Json {
        let doctor = place.lines(&[&["doctor", "--json"], args].concat()).pop().unwrap();
        doctor["facts"]["vector index"].clone()
    };
    assert_eq!(facts(&[]), "exact");
    if cfg!(feature = "hnsw") {
        let wanted = ["--vector-index", "hnsw", "--vector-graph-from", "5000"];
        assert_eq!(facts(&wanted), "exact, and hnsw from 5000 vectors of a model on");
    } else {
        let output =
            command(&place.library.data()).args(["doctor", "--vector-index", "hnsw"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("cargo build --release --features hnsw"), "{said}");
    }
}

#[test]
fn indexes_follow_a_library_that_is_rebuilt_or_restored() {
    let place = Place::drawn(10);
    OwnModels::new(&place.models).add_dino("dino-mine", "dino_mine@1");
    place.index();
    let wanted = ["--kind", "scene_embedding", "--producer", "dino_mine@1"];
    let expected = place.similar(&wanted);
    let backup: Json =
        serde_json::from_str(place.run(&["backup", "--json"]).lines().last().unwrap()).unwrap();
    place.run(&["rebuild"]);
    assert_eq!(place.similar(&wanted), expected, "rebuilt");
    // Rows that came after the backup have numbers that are given out again.
    place.library.add("late.jpg", &jpeg(900, 640, 480));
    place.index();
    assert_eq!(place.similar(&wanted).len(), 10);
    place.run(&["restore", backup["backup"]["name"].as_str().unwrap()]);
    assert_eq!(place.similar(&wanted), expected, "restored");
    place.library.add("other.jpg", &jpeg(901, 640, 480));
    place.index();
    let again = place.similar(&wanted);
    let fresh = Place { library: Library::empty(), models: place.models.clone() };
    copy(&place.library.photos(), &fresh.library.photos());
    fresh.index();
    let names = |hits: Vec<(String, f64)>| -> Vec<(PathBuf, f64)> {
        hits.into_iter().map(|(path, score)| (Path::new(&path).file_name().unwrap().into(), score)).collect()
    };
    assert_eq!(names(again), names(fresh.similar(&wanted)), "as if nothing had happened");
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn real_models_see_what_pictures_share() {
    let Some(shared) = test_data() else { return };
    let library = Library::empty();
    let data = library.data();
    let (models, photos) = (shared.join("models"), shared.join("photos/scenes"));
    let mirror = ["--models-mirror", models.to_str().unwrap()];
    let run = |args: &[&str]| stdout(&data, &mirror.iter().chain(args).copied().collect::<Vec<_>>());
    let line = |text: String| -> Json { serde_json::from_str(text.lines().last().unwrap()).unwrap() };
    let steps =
        ["index", "--json", "--steps", "extract_scene_embedding,extract_tags", photos.to_str().unwrap()];
    let first = line(run(&steps));
    let count = first["photos"].as_u64().unwrap();
    assert_eq!(first["computed"], 3 * count, "the weight-free vector, the model's, and its labels");
    assert_eq!(line(run(&steps))["computed"], 0);
    let lines = report(&data);
    assert_eq!(lines.len() as u64, first["files"].as_u64().unwrap());
    let listed = run(&["vectors", "list"]);
    assert!(listed.lines().any(|line| line.contains("mobilenet_v2") && line.contains("used")), "{listed}");
    assert!(index(&data, &[&photos]).computed > 0, "without the mirror the other steps still run");
}
