use std::sync::atomic::{AtomicBool, Ordering};

use tintype_index::{Builder, Error, Filter, Options};

use crate::support::{Data, Judge, Place, Random, build, identity, reopen};

#[test]
fn searches_see_whole_commits_while_another_thread_writes() {
    let (place, dim) = (Place::new(), 32);
    let pool = Data::Clustered.vectors(4000, dim, 1);
    let (index, judge) = build(&place.path(), &pool[..1000], dim);
    // Every vector that will ever be there, so that readers can score whatever they find.
    let all = Judge((0..4000).map(|i| (10 * (i + 1), pool[i as usize].clone())).collect());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for seed in 0..2 {
            let (all, index, done, pool) = (&all, &index, &done, &pool);
            scope.spawn(move || {
                let mut random = Random(seed);
                while !done.load(Ordering::Relaxed) {
                    let snapshot = index.snapshot();
                    // Commits add 100 at a time, or remove 50 of the oldest.
                    assert_eq!(snapshot.len() % 50, 0);
                    let mut keys = snapshot.keys().unwrap();
                    keys.sort_unstable();
                    let query = &pool[random.below(4000) as usize];
                    let expected = all.best(query, 5, |key| keys.binary_search(&key).is_ok());
                    assert_eq!(all.search(&snapshot, query, 5), expected);
                }
            });
        }
        for round in 0..30u64 {
            let mut batch = index.write().unwrap();
            for i in 0..100 {
                let key = 10 * (1000 + round * 100 + i + 1);
                batch.put(key, &all.0[&key]).unwrap();
            }
            if round % 3 == 0 {
                for i in 0..50 {
                    assert!(batch.remove(10 * (round / 3 * 50 + i + 1)));
                }
            }
            batch.commit(round + 2).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(index.snapshot().len(), 1000 + 3000 - 500);
    assert_eq!(judge.0.len(), 1000);
}

#[test]
fn a_second_writer_of_the_file_is_refused_and_a_stale_one_told() {
    let (place, dim) = (Place::new(), 8);
    let (first, _) = build(&place.path(), &Data::Random.vectors(10, dim, 1), dim);
    let second = reopen(&place.path(), dim);
    let mut batch = first.write().unwrap();
    assert!(matches!(second.write(), Err(Error::Locked { .. })));
    assert!(matches!(second.compact(), Err(Error::Locked { .. })));
    assert!(matches!(Builder::new(&place.path(), &identity(dim)), Err(Error::Locked { .. })));
    batch.put(1, &[1.0; 8]).unwrap();
    batch.commit(2).unwrap();
    assert!(matches!(second.write(), Err(Error::Changed { .. })));
    // It still answers from what it saw.
    assert_eq!(second.snapshot().len(), 10);
    assert_eq!(reopen(&place.path(), dim).snapshot().len(), 11);
    // Replacing the file is a change, too.
    let (_third, judge) = build(&place.path(), &Data::Random.vectors(20, dim, 2), dim);
    assert!(matches!(first.write(), Err(Error::Changed { .. })));
    judge.check(&reopen(&place.path(), dim).snapshot(), &mut Random(3));
    let read = |_: &[u64], _: &mut dyn FnMut(usize, &[f32])| Ok(());
    assert_eq!(first.snapshot().search(&[1.0; 8], Options::top(1), Filter::All, &read).unwrap(), []);
}
