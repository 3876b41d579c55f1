use std::path::PathBuf;

use tintype_core::Control;
use tintype_store::PictureId;
use tintype_testkit::{Library, jpeg};

use crate::vectors::{VectorConfig, VectorIndex, embedder};
use crate::{Engine, EngineConfig, OperationRequest};

fn engine(library: &Library, index: VectorIndex) -> Engine {
    let mut config = EngineConfig::new(library.data());
    config.vectors = VectorConfig { index, graph_from: 0 };
    Engine::open(config).unwrap()
}

fn run(engine: &Engine, library: &Library) {
    let paths = vec![engine.local_folder(&library.photos()).unwrap()];
    let steps = Some(vec!["extract_scene_embedding".to_owned()]);
    let request = OperationRequest::Index { paths, steps, config: serde_json::Value::Null };
    engine.run(&request, &Control::new(), &mut |_| ()).unwrap();
}

/// The pictures like each picture of the library.
fn similar(engine: &Engine) -> Vec<Vec<(PictureId, f32)>> {
    let key = embedder::grid_key();
    let mut vectors = Vec::new();
    engine
        .0
        .store
        .vectors_since(&key, 0, |_, _, vector| {
            vectors.push(vector.to_vec());
            true
        })
        .unwrap();
    let followed = engine.0.vectors.followed(&key);
    vectors.iter().map(|vector| followed.nearest(vector, 10, None).unwrap()).collect()
}

/// The generation of the graph in use, and how many pictures it holds.
fn graph(engine: &Engine) -> Option<(u64, usize)> {
    let followed = engine.0.vectors.followed(&embedder::grid_key());
    let open = followed.beside.open.read().unwrap().clone();
    open.map(|open| (open.graph.generation(), open.graph.len()))
}

fn file(library: &Library) -> PathBuf {
    let files = fs_err::read_dir(library.data().join("vectors")).unwrap();
    let mut files = files.map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "tvg")).unwrap()
}

#[test]
fn similar_photos_are_those_of_the_exact_index() {
    let library = Library::drawn(30);
    let exact = engine(&library, VectorIndex::Exact);
    run(&exact, &library);
    let expected = similar(&exact);
    assert_eq!((expected.len(), expected[0].len(), graph(&exact)), (30, 10, None));
    drop(exact);

    let hnsw = engine(&library, VectorIndex::Hnsw);
    assert_eq!(similar(&hnsw), expected, "as long as there is no graph");
    assert_eq!(graph(&hnsw), None);
    hnsw.refresh_vectors(&|| true).unwrap();
    assert_eq!(graph(&hnsw), None, "stopped");
    hnsw.refresh_vectors(&|| false).unwrap();
    let made = graph(&hnsw).unwrap();
    assert_eq!(made.1, 30);
    assert_eq!(similar(&hnsw), expected, "by the graph");

    // One more is found though the graph does not know it; many more, and it is made anew.
    library.add("late.jpg", &jpeg(900, 640, 480));
    run(&hnsw, &library);
    assert_eq!(graph(&hnsw), Some(made));
    let late = similar(&hnsw);
    assert_eq!(late.len(), 31);
    assert!(late.iter().all(|hits| hits.len() == 10) && late[30][0].1 > 0.9999);
    for n in 0..6 {
        library.add(&format!("later-{n}.jpg"), &jpeg(901 + n, 640, 480));
    }
    run(&hnsw, &library);
    assert_eq!(graph(&hnsw).unwrap().1, 37);
    let by_graph = similar(&hnsw);
    drop(hnsw);
    assert_eq!(similar(&engine(&library, VectorIndex::Exact)), by_graph);
}

#[test]
fn a_damaged_graph_is_made_again() {
    let library = Library::drawn(8);
    let first = engine(&library, VectorIndex::Hnsw);
    run(&first, &library);
    let expected = similar(&first);
    assert_eq!(graph(&first).unwrap().1, 8);
    drop(first);
    let file = file(&library);
    let whole = fs_err::read(&file).unwrap();
    for damaged in [&whole[..100], &vec![0; whole.len()]] {
        fs_err::write(&file, damaged).unwrap();
        let again = engine(&library, VectorIndex::Hnsw);
        assert_eq!((similar(&again), graph(&again)), (expected.clone(), None));
        again.refresh_vectors(&|| false).unwrap();
        assert_eq!((similar(&again), graph(&again).unwrap().1), (expected.clone(), 8));
    }
}
