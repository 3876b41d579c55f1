use proptest::prelude::*;
use tintype_index::{Error, Filter, Options};

use crate::support::{Data, Judge, Place, Random, build, identity, reopen};

#[test]
fn answers_equal_brute_force_on_every_kind_of_data() {
    for (dim, count) in [(2, 300), (3, 1500), (100, 1500), (128, 1025), (512, 2500), (768, 1024)] {
        for (data, seed) in Data::ALL.into_iter().zip(1..) {
            let place = Place::new();
            let vectors = data.vectors(count, dim, seed);
            let (index, judge) = build(&place.path(), &vectors, dim);
            let mut random = Random(seed ^ dim as u64);
            for _ in 0..2 {
                judge.check(&index.snapshot(), &mut random);
                judge.check(&reopen(&place.path(), dim).snapshot(), &mut random);
            }
        }
    }
}

#[test]
fn more_than_there_are_returns_all_in_order() {
    let (place, dim) = (Place::new(), 16);
    let (index, judge) = build(&place.path(), &Data::Lumpy.vectors(500, dim, 3), dim);
    let query = Random(9).vector(dim);
    let all = judge.search(&index.snapshot(), &query, 1000);
    assert_eq!(all.len(), 500);
    assert_eq!(all, judge.best(&query, 1000, |_| true));
    assert_eq!(judge.search(&index.snapshot(), &query, 0), []);
}

#[test]
fn equal_vectors_are_ranked_by_key() {
    let (place, dim) = (Place::new(), 64);
    let mut vectors = Data::Random.vectors(3000, dim, 4);
    let same = vectors[7].clone();
    for (i, vector) in vectors.iter_mut().enumerate() {
        if i % 3 == 0 {
            // The same direction at other lengths, powers of two, which leaves every bit of the direction alone.
            *vector = same.iter().map(|x| x * [0.25, 1.0, 8.0][i % 9 / 3]).collect();
        }
    }
    let (index, judge) = build(&place.path(), &vectors, dim);
    let hits = judge.search(&index.snapshot(), &same, 20);
    assert_eq!(hits, judge.best(&same, 20, |_| true));
    assert!(hits.iter().all(|hit| hit.score == hits[0].score));
    assert!(hits.is_sorted_by_key(|hit| hit.key));
}

#[test]
fn the_least_score_is_kept_to() {
    let (place, dim) = (Place::new(), 64);
    let (index, judge) = build(&place.path(), &Data::Clustered.vectors(2000, dim, 5), dim);
    let query = judge.0[&70].clone();
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| judge.read(keys, found);
    let all = judge.best(&query, 2000, |_| true);
    for least in [all[300].score, all[3].score, 0.9999, 2.0, -2.0] {
        let options = Options::top(1000).at_least(least);
        let hits = index.snapshot().search(&query, options, Filter::All, &read).unwrap();
        let expected: Vec<_> = all.iter().filter(|hit| hit.score >= least).take(1000).copied().collect();
        assert_eq!(hits, expected, "{least}");
    }
}

#[test]
fn threads_and_batches_answer_like_one_search() {
    let (place, dim) = (Place::new(), 96);
    let (index, judge) = build(&place.path(), &Data::Clustered.vectors(9000, dim, 6), dim);
    let snapshot = index.snapshot();
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| judge.read(keys, found);
    let queries: Vec<Vec<f32>> = (0..5).map(|i| judge.0[&(10 * (i * 171 + 1))].clone()).collect();
    let slices: Vec<&[f32]> = queries.iter().map(Vec::as_slice).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let some = snapshot.rows(Filter::Where(&|key| key % 20 == 0)).unwrap();
    for rows in [None, some.as_ref()] {
        let expected: Vec<_> = queries
            .iter()
            .map(|query| judge.best(query, 10, |key| rows.is_none() || key % 20 == 0))
            .collect();
        let together = snapshot.search_batch(&slices, Options::top(10), rows, &read).unwrap();
        assert_eq!(together, expected);
        let spread = pool
            .install(|| snapshot.search_batch(&slices, Options::top(10).in_parallel(), rows, &read))
            .unwrap();
        assert_eq!(spread, expected);
    }
}

#[test]
fn vectors_that_are_gone_from_the_store_do_not_hide_others() {
    let (place, dim) = (Place::new(), 32);
    let (index, judge) = build(&place.path(), &Data::Clustered.vectors(1500, dim, 8), dim);
    let query = judge.0[&100].clone();
    let best = judge.best(&query, 12, |_| true);
    let mut store = Judge(judge.0.clone());
    for hit in best.iter().step_by(2) {
        store.0.remove(&hit.key);
    }
    assert_eq!(store.search(&index.snapshot(), &query, 10), store.best(&query, 10, |_| true));
}

#[test]
fn faults_of_the_caller_are_named() {
    let (place, dim) = (Place::new(), 8);
    let (index, judge) = build(&place.path(), &Data::Random.vectors(50, dim, 1), dim);
    let snapshot = index.snapshot();
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| judge.read(keys, found);
    let ask = |query: &[f32]| snapshot.search(query, Options::top(3), Filter::All, &read).unwrap_err();
    assert!(matches!(ask(&[1.0; 7]), Error::Dimension { expected: 8, got: 7 }));
    assert!(matches!(ask(&[0.0; 8]), Error::ZeroQuery));
    assert!(matches!(ask(&[f32::NAN; 8]), Error::NotFinite));
    assert!(matches!(ask(&[f32::INFINITY; 8]), Error::NotFinite));
    let mut batch = index.write().unwrap();
    assert!(matches!(batch.put(1, &[f32::NAN; 8]), Err(Error::NotFinite)));
    assert!(matches!(batch.put(1, &[1.0; 9]), Err(Error::Dimension { expected: 8, got: 9 })));
    batch.commit(2).unwrap();
    judge.check(&index.snapshot(), &mut Random(1));
    let broken = |_: &[u64], _: &mut dyn FnMut(usize, &[f32])| Err("the store is away".into());
    let error = snapshot.search(&[1.0; 8], Options::top(3), Filter::All, &broken).unwrap_err();
    assert!(matches!(error, Error::Vectors(_)));
    let short = |_: &[u64], found: &mut dyn FnMut(usize, &[f32])| {
        found(0, &[1.0]);
        Ok(())
    };
    let error = snapshot.search(&[1.0; 8], Options::top(3), Filter::All, &short).unwrap_err();
    assert!(matches!(error, Error::Dimension { expected: 8, got: 1 }));
    for dim in [0, 1, 4097] {
        assert!(matches!(
            tintype_index::Builder::new(&place.path(), &identity(dim)),
            Err(Error::Identity { .. })
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn filters_are_applied_within_the_scan(
        seed in any::<u64>(),
        kind in 0usize..3,
        dim in prop_oneof![Just(2usize), Just(17), Just(130)],
        share in prop_oneof![Just(1u64), Just(2), Just(10), Just(200)],
    ) {
        let place = Place::new();
        let (index, judge) = build(&place.path(), &Data::ALL[kind].vectors(1300, dim, seed), dim);
        let snapshot = index.snapshot();
        let mut random = Random(seed);
        let query = random.vector(dim);
        let accepts = |key: u64| (key / 10).wrapping_mul(0x9E37_79B9).wrapping_add(seed) / 64 % share == 0;
        let some: Vec<u64> = judge.0.keys().copied().filter(|&key| accepts(key)).rev().collect();
        let expected = judge.best(&query, 15, accepts);
        let with_unknown: Vec<u64> = some.iter().copied().chain([3, u64::MAX]).collect();
        prop_assert_eq!(judge.filtered(&snapshot, &query, 15, Filter::Where(&accepts)), expected.clone());
        prop_assert_eq!(judge.filtered(&snapshot, &query, 15, Filter::Only(&some)), expected.clone());
        prop_assert_eq!(judge.filtered(&snapshot, &query, 15, Filter::Only(&with_unknown)), expected);
        let others = judge.best(&query, 15, |key| !accepts(key));
        prop_assert_eq!(judge.filtered(&snapshot, &query, 15, Filter::Except(&some)), others);
        prop_assert_eq!(judge.filtered(&snapshot, &query, 15, Filter::Only(&[])), vec![]);
    }
}
