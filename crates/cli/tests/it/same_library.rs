//! The library after its database was lost, or built anew, is the library that it was (TARGETS R5): over every real
//! file of `exif` and `big`, wherever decisions are written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use tintype_core::PhotoId;
use tintype_engine::store::{AlbumSource, NewAlbum, PhotoFilter, PhotoQuery, Scope};
use tintype_engine::{Engine, EngineConfig};
use tintype_testkit::{Library, photos_dir};

use crate::support::{index, report, stdout};

/// Everything about a library that its owner would miss, by paths and not by ids.
#[derive(Debug, PartialEq)]
struct Picture {
    files: Vec<Json>,
    said: BTreeMap<Vec<PathBuf>, Json>,
    albums: BTreeMap<String, Vec<Vec<PathBuf>>>,
    roots: Vec<(PathBuf, String)>,
}

fn engine(library: &Library) -> Engine {
    Engine::open(EngineConfig::new(library.data())).unwrap()
}

fn photos(engine: &Engine, scope: Scope) -> Vec<PhotoId> {
    let query = PhotoQuery { scope, limit: PhotoQuery::MAX_LIMIT, ..PhotoQuery::default() };
    engine.store().list_photos(&query).unwrap().items.into_iter().map(|photo| photo.id).collect()
}

fn files(engine: &Engine, photo: PhotoId) -> Vec<PathBuf> {
    let mut files: Vec<_> = engine.photo(photo).unwrap().files.into_iter().map(|file| file.path).collect();
    files.sort();
    files
}

fn picture(library: &Library) -> Picture {
    let mut files_reported = report(&library.data());
    for line in &mut files_reported {
        line.as_object_mut().unwrap().remove("photo_id");
    }
    let engine = engine(library);
    let said = photos(&engine, Scope::Library).into_iter().map(|photo| {
        let detail = engine.photo(photo).unwrap();
        let holds = detail.annotations.over(&detail.metadata);
        let said = json!({
            "rating": detail.summary.rating, "flag": detail.summary.flag, "title": holds.title,
            "keywords": holds.keywords, "taken_at": detail.summary.taken_at,
        });
        (files(&engine, photo), said)
    });
    let albums = engine.store().albums().unwrap().into_iter().map(|album| {
        let mut held: Vec<_> =
            photos(&engine, Scope::Album(album.id)).into_iter().map(|photo| files(&engine, photo)).collect();
        held.sort();
        (format!("{} {}", album.id, album.name), held)
    });
    let roots = engine.store().roots().unwrap();
    Picture {
        files: files_reported,
        said: said.collect(),
        albums: albums.collect(),
        roots: roots.into_iter().map(|root| (root.path, format!("{:?}", root.write_mode))).collect(),
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

/// Ratings, flags, titles, keywords, dates, the trash and albums of each kind, all over the library.
fn decide(library: &Library) {
    let (data, photos_dir) = (library.data(), library.photos());
    let mut paths: Vec<String> = report(&data)
        .iter()
        .filter(|line| line["photo_id"].is_string())
        .map(|line| line["path"].as_str().unwrap().to_owned())
        .collect();
    paths.sort();
    let every = |step: usize, first: usize| -> Vec<&str> {
        paths.iter().skip(first).step_by(step).map(String::as_str).collect()
    };
    let run = |args: &[&str], photos: Vec<&str>| {
        stdout(&data, &[args, &photos[..]].concat());
    };
    run(&["rate", "--stars", "5"], every(3, 0));
    run(&["rate", "--stars", "1", "--keyword", "Été", "--keyword", "sea"], every(3, 1));
    run(&["rate", "--flag", "pick", "--title", "Höhe & <Tiefe>"], every(4, 2));
    run(&["rate", "--flag", "reject"], every(7, 3));
    run(&["date", "set", "2011-11-11T11:11:11", "--offset", "+02:00"], every(5, 0));
    run(&["date", "shift", "-90m"], every(6, 1));
    run(&["rate", "--stars", "none"], every(15, 0));
    run(&["trash", "add", "--reason", "spoilt"], every(23, 4));
    let engine = engine(library);
    let all = photos(&engine, Scope::Library);
    let picked: Vec<_> = all.iter().copied().step_by(5).collect();
    let root = engine.store().roots().unwrap().remove(0);
    assert_eq!(root.path, photos_dir);
    let starred = PhotoFilter { favorite: Some(true), ..PhotoFilter::default() };
    for (name, source) in [
        ("Picked", AlbumSource::Photos { photos: picked }),
        ("A folder", AlbumSource::Folder { root: root.id, rel: b"exif/photo".to_vec() }),
        ("Starred", AlbumSource::Search { filter: starred }),
    ] {
        engine.store().create_album(&NewAlbum { name: name.into(), source }).unwrap();
    }
    engine.save_decisions().unwrap();
}

fn lose_the_database(library: &Library) {
    for entry in fs_err::read_dir(library.data()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("tintype.db") {
            fs_err::remove_file(entry.path()).unwrap();
        }
    }
}

fn check(mode: &str) {
    let Some(real) = photos_dir() else { return };
    let library = Library::empty();
    for folder in ["exif", "big"] {
        copy_tree(&real.join(folder), &library.photos().join(folder));
    }
    let (data, photos) = (library.data(), library.photos());
    index(&data, &[&photos]);
    stdout(&data, &["roots", "mode", photos.to_str().unwrap(), mode]);
    decide(&library);
    index(&data, &[&photos]);
    let (before, thrown_away) = (picture(&library), trash(&library));
    assert!(thrown_away.len() > 4, "{thrown_away:?}");
    assert!(before.files.len() > 140, "{} files", before.files.len());
    assert!(before.albums.values().all(|photos| photos.len() > 10), "{:?}", before.albums.keys());

    stdout(&data, &["rebuild"]);
    compare(&picture(&library), &before, "rebuilt");
    lose_the_database(&library);
    index(&data, &[&photos]);
    compare(&picture(&library), &before, "after the database was lost");
    assert_eq!(trash(&library), thrown_away, "what is in the trash is known");
    stdout(&data, &["trash", "restore", "--all"]);
    assert!(thrown_away.iter().all(|path| Path::new(path).is_file()), "and can be put back");
}

/// Where the files of the trash were.
fn trash(library: &Library) -> Vec<String> {
    let lines = stdout(&library.data(), &["trash", "list", "--json"]);
    let entries = lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let mut paths: Vec<_> = entries
        .map(|entry| {
            assert_eq!(entry["reason"], "spoilt");
            entry["path"].as_str().unwrap().to_owned()
        })
        .collect();
    paths.sort();
    paths
}

/// The first differences, where there are any: whole libraries cannot be read.
fn compare(now: &Picture, before: &Picture, when: &str) {
    assert_eq!(now.roots, before.roots, "{when}");
    assert_eq!(now.files.len(), before.files.len(), "{when}");
    for (now, before) in now.files.iter().zip(&before.files) {
        assert_eq!(now, before, "{when}");
    }
    for (files, said) in &before.said {
        assert_eq!(now.said.get(files), Some(said), "{files:?} {when}");
    }
    for (album, photos) in &before.albums {
        assert_eq!(now.albums.get(album), Some(photos), "{album} {when}");
    }
    assert!(now == before, "{when}");
}

#[test]
fn with_decisions_in_the_library_alone() {
    check("database");
}

#[test]
fn with_decisions_in_side_files() {
    check("sidecar");
}

#[test]
fn with_decisions_in_the_files() {
    check("file");
}
