//! The graph: nearly all of the nearest, with exact scores, and whole or not at all.

use tintype_index::{Error, Filter, Graph, GraphWriter, Hit, Options, ReadError, Stale, State};

use crate::support::{Data, Judge, Place, Random, identity};

const DIM: usize = 64;

fn made(place: &Place, vectors: &[Vec<f32>]) -> (Graph, Judge) {
    let mut writer = GraphWriter::new(&place.path(), &identity(DIM)).unwrap();
    let mut judge = Judge::default();
    for (key, vector) in (0..).zip(vectors) {
        writer.put(key, vector).unwrap();
        judge.0.insert(key, vector.clone());
    }
    (writer.commit(7).unwrap(), judge)
}

fn found(graph: &Graph, judge: &Judge, query: &[f32], k: usize, filter: Filter<'_>) -> Vec<Hit> {
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| -> Result<(), ReadError> {
        judge.read(keys, found)
    };
    graph.search(query, Options::top(k), filter, &read).unwrap()
}

/// The share of the ten nearest that are found, over many queries; every score has to be exact.
fn recall(graph: &Graph, judge: &Judge, accepts: impl Fn(u64) -> bool) -> f64 {
    let mut random = Random(5);
    let (mut right, mut all) = (0, 0);
    for (_, near) in judge.0.iter().step_by(judge.0.len() / 100) {
        let query: Vec<f32> = near.iter().map(|x| x + 0.1 * random.gauss()).collect();
        let truth = judge.best(&query, 10, &accepts);
        let hits = found(graph, judge, &query, 10, Filter::Where(&accepts));
        assert!(hits.is_sorted_by(|a, b| a.rank(b).is_lt()) && hits.len() == truth.len());
        let every = judge.best(&query, judge.0.len(), &accepts);
        assert!(hits.iter().all(|hit| every.contains(hit)), "scores are those of the vectors");
        right += hits.iter().filter(|hit| truth.contains(hit)).count();
        all += truth.len();
    }
    f64::from(right as u32) / f64::from(all as u32)
}

#[test]
fn nearly_all_of_the_nearest_are_found() {
    let place = Place::new();
    let vectors = Data::Clustered.vectors(5000, DIM, 1);
    let (graph, judge) = made(&place, &vectors);
    assert_eq!((graph.len(), graph.generation()), (5000, 7));
    let all = recall(&graph, &judge, |_| true);
    assert!(all >= 0.95, "{all}");
    let filtered = recall(&graph, &judge, |key| key % 3 == 0);
    assert!(filtered >= 0.95, "{filtered}");
    let rare: Vec<u64> = (0..5000).step_by(500).collect();
    let hits = found(&graph, &judge, &vectors[9], 20, Filter::Only(&rare));
    assert_eq!(hits, judge.best(&vectors[9], 20, |key| key % 500 == 0));
    assert!(
        found(&graph, &judge, &vectors[9], 20, Filter::Except(&rare)).iter().all(|hit| hit.key % 500 != 0)
    );
}

#[test]
fn what_is_removed_or_gone_is_not_found() {
    let place = Place::new();
    let vectors = Data::Clustered.vectors(2000, DIM, 2);
    let (graph, mut judge) = made(&place, &vectors);
    // Gone from the store, and still in the graph.
    judge.0.retain(|key, _| key % 4 == 1);
    let hits = found(&graph, &judge, &vectors[3], 10, Filter::All);
    assert_eq!(hits.len(), 10);
    assert!(recall(&graph, &judge, |_| true) >= 0.95);

    // A graph of the graph, without them, and with others in their place.
    let mut writer = GraphWriter::from_graph(&graph).unwrap();
    for key in (0..2000).filter(|key| key % 4 != 1) {
        assert!(writer.remove(key).unwrap());
        assert!(!writer.remove(key).unwrap());
    }
    let other = Data::Clustered.vectors(300, DIM, 3);
    for (key, vector) in (1900..).zip(&other) {
        writer.put(key, vector).unwrap();
        judge.0.insert(key, vector.clone());
    }
    writer.put(5000, &[0.0; DIM]).unwrap();
    let anew = writer.commit(8).unwrap();
    assert_eq!((anew.len(), anew.generation()), (judge.0.len(), 8));
    assert!(judge.0.keys().all(|key| anew.contains(*key)) && !anew.contains(0) && !anew.contains(5000));
    assert!(recall(&anew, &judge, |_| true) >= 0.95);
    // The old one is still what it was.
    assert_eq!((graph.len(), graph.contains(0)), (2000, true));
    assert!(!found(&graph, &judge, &vectors[3], 10, Filter::All).is_empty());
}

#[test]
fn wrong_vectors_and_queries_are_refused() {
    let place = Place::new();
    let mut writer = GraphWriter::new(&place.path(), &identity(DIM)).unwrap();
    assert!(matches!(writer.put(1, &[1.0; 3]), Err(Error::Dimension { expected: DIM, got: 3 })));
    assert!(matches!(writer.put(1, &[f32::NAN; DIM]), Err(Error::NotFinite)));
    assert!(matches!(GraphWriter::new(&place.path(), &identity(DIM)), Err(Error::Locked { .. })));
    drop(writer);
    assert!(
        matches!(Graph::open(&place.path(), &identity(DIM)).unwrap(), State::Missing),
        "nothing was committed"
    );

    let (empty, judge) = made(&place, &[]);
    assert_eq!(found(&empty, &judge, &[1.0; DIM], 5, Filter::All), []);
    let (graph, judge) = made(&place, &Data::Random.vectors(50, DIM, 4));
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| judge.read(keys, found);
    let search = |query: &[f32]| graph.search(query, Options::top(5), Filter::All, &read);
    assert!(matches!(search(&[0.0; DIM]), Err(Error::ZeroQuery)));
    assert!(matches!(search(&[f32::INFINITY; DIM]), Err(Error::NotFinite)));
    assert!(matches!(search(&[1.0]), Err(Error::Dimension { .. })));
    let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = graph.search(&[1.0; DIM], Options::top(5), Filter::Where(&|_| panic!("in a filter")), &read);
    }));
    assert!(panics.is_err(), "and the process goes on");
}

#[test]
fn a_damaged_or_foreign_file_is_not_opened() {
    let place = Place::new();
    let (graph, judge) = made(&place, &Data::Random.vectors(300, DIM, 6));
    let before = found(&graph, &judge, &judge.0[&3], 5, Filter::All);
    drop(graph);
    let whole = fs_err::read(place.path()).unwrap();
    let open = || Graph::open(&place.path(), &identity(DIM)).unwrap();
    for at in (0..whole.len()).step_by(whole.len() / 40).chain([whole.len() - 4096, whole.len() - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs_err::write(place.path(), damaged).unwrap();
        assert!(matches!(open(), State::Damaged { .. }), "byte {at}");
        fs_err::write(place.path(), &whole[..at]).unwrap();
        assert!(matches!(open(), State::Damaged { .. }), "cut at {at}");
    }
    fs_err::write(place.path(), &whole).unwrap();
    let other = tintype_index::Identity::new("test", "made up@2", DIM);
    assert!(matches!(
        Graph::open(&place.path(), &other).unwrap(),
        State::Stale(Stale::Identity(found)) if found == identity(DIM)
    ));
    let State::Ready(graph) = open() else { panic!("the whole file opens") };
    assert_eq!(found(&graph, &judge, &judge.0[&3], 5, Filter::All), before);
}

#[test]
fn many_search_at_once() {
    let place = Place::new();
    let (graph, judge) = made(&place, &Data::Random.vectors(500, DIM, 8));
    let expected = found(&graph, &judge, &judge.0[&1], 5, Filter::All);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(found(&graph, &judge, &judge.0[&1], 5, Filter::All), expected);
                }
            });
        }
    });
}
