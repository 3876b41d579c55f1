use proptest::prelude::*;
use tintype_index::{Index, Stale, State};

use crate::support::{Data, Judge, Place, Random, build, identity, reopen};

#[derive(Debug, Clone)]
enum Step {
    /// Puts so many vectors at random keys, new and old.
    Put(u64),
    /// Removes so many random keys, there or not.
    Remove(u64),
    /// Puts and removes, and then does not commit.
    Abandon,
    Compact,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1u64..700).prop_map(Step::Put),
        2 => (1u64..300).prop_map(Step::Remove),
        1 => Just(Step::Abandon),
        1 => Just(Step::Compact),
        2 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_history_of_changes_leaves_what_a_plain_map_would_hold(
        steps in steps(),
        seed in any::<u64>(),
        kind in 0usize..3,
        dim in prop_oneof![Just(5usize), Just(64), Just(256)],
    ) {
        let place = Place::new();
        let mut random = Random(seed);
        let pool = Data::ALL[kind].vectors(1000, dim, seed);
        let (mut index, mut judge) = build(&place.path(), &pool[..random.below(200) as usize], dim);
        for (generation, step) in (2..).zip(steps) {
            match step {
                Step::Put(count) => {
                    let mut batch = index.write().unwrap();
                    for _ in 0..count {
                        let (key, vector) = (random.below(3000), &pool[random.below(1000) as usize]);
                        batch.put(key, vector).unwrap();
                        judge.0.insert(key, vector.clone());
                    }
                    batch.commit(generation).unwrap();
                    prop_assert_eq!(index.snapshot().generation(), generation);
                }
                Step::Remove(count) => {
                    let mut batch = index.write().unwrap();
                    for _ in 0..count {
                        let key = random.below(3000);
                        prop_assert_eq!(batch.remove(key), judge.0.remove(&key).is_some());
                    }
                    batch.commit(generation).unwrap();
                }
                Step::Abandon => {
                    let mut batch = index.write().unwrap();
                    for _ in 0..50 {
                        batch.put(random.below(3000), &pool[0]).unwrap();
                        batch.remove(random.below(3000));
                    }
                }
                Step::Compact => {
                    index.compact().unwrap();
                    prop_assert_eq!(index.snapshot().dead(), 0);
                }
                Step::Reopen => index = reopen(&place.path(), dim),
            }
            judge.check(&index.snapshot(), &mut random);
        }
        let snapshot = reopen(&place.path(), dim).snapshot();
        snapshot.verify().unwrap();
        judge.check(&snapshot, &mut random);
    }
}

#[test]
fn more_than_a_quarter_dead_rows_are_dropped_by_themselves() {
    let (place, dim) = (Place::new(), 8);
    let (index, mut judge) = build(&place.path(), &Data::Random.vectors(8000, dim, 1), dim);
    let before = index.snapshot();
    for (from, until) in [(0, 1900), (1900, 2200)] {
        let mut batch = index.write().unwrap();
        for i in from..until {
            assert!(batch.remove(10 * (i + 1)));
            judge.0.remove(&(10 * (i + 1)));
        }
        batch.commit(5).unwrap();
        let dead = index.snapshot().dead();
        assert_eq!(dead, if until == 1900 { 1900 } else { 0 });
    }
    assert!(index.snapshot().file_bytes() < before.file_bytes());
    judge.check(&index.snapshot(), &mut Random(1));
    judge.check(&reopen(&place.path(), dim).snapshot(), &mut Random(1));
    // What was seen before is still seen, from the file that is no longer in its place.
    assert_eq!(before.len(), 8000);
    before.verify().unwrap();
    // And the new file can be written.
    let mut batch = index.write().unwrap();
    batch.put(7, &[1.0; 8]).unwrap();
    batch.commit(6).unwrap();
    judge.0.insert(7, vec![1.0; 8]);
    judge.check(&reopen(&place.path(), dim).snapshot(), &mut Random(1));
}

#[test]
fn what_is_not_wanted_is_stale_and_says_why() {
    let (place, dim) = (Place::new(), 8);
    assert!(matches!(Index::open(&place.path(), &identity(dim), None).unwrap(), State::Missing));
    drop(build(&place.path(), &Data::Random.vectors(10, dim, 1), dim));
    let open = |identity: &_, generation| Index::open(&place.path(), identity, generation).unwrap();
    assert!(matches!(open(&identity(dim), Some(1)), State::Ready(_)));
    assert!(matches!(open(&identity(dim), Some(2)), State::Stale(Stale::Generation(1))));
    let mut other = identity(dim);
    other.producer.push('x');
    match open(&other, Some(1)) {
        State::Stale(Stale::Identity(found)) => assert_eq!(found, identity(dim)),
        state => panic!("{state:?}"),
    }
    assert!(matches!(open(&identity(dim + 1), None), State::Stale(Stale::Identity(_))));
}

#[test]
fn an_empty_index_finds_nothing() {
    let (place, dim) = (Place::new(), 8);
    let (index, _) = build(&place.path(), &[], dim);
    assert_eq!(Judge::default().search(&index.snapshot(), &[1.0; 8], 5), []);
    let index = reopen(&place.path(), dim);
    assert!(index.snapshot().is_empty());
    assert_eq!(Judge::default().search(&index.snapshot(), &[1.0; 8], 5), []);
}
