use std::path::Path;

use tintype_index::{Error, Filter, Index, Options, Snapshot, Stale, State};

use crate::support::{Data, Judge, Place, Random, build, identity, reopen};

const DIM: usize = 24;

/// Opens and searches a file that may be anything. What is found must be right or refused; nothing may panic.
fn try_it(path: &Path, states: &[&Judge]) -> &'static str {
    let index = match Index::open(path, &identity(DIM), None).unwrap() {
        State::Ready(index) => index,
        State::Missing => return "missing",
        State::Stale(_) => return "stale",
        State::Damaged { reason } => {
            assert!(!reason.is_empty());
            return "damaged";
        }
    };
    let snapshot = index.snapshot();
    if snapshot.verify().is_err() {
        assert!(matches!(search(&snapshot, states[0]), Err(Error::Damaged { .. })));
        // A writer does not build on damage, or leaves it as it is.
        if let Ok(mut batch) = index.write() {
            drop(batch.put(1, &[1.0; DIM]));
        }
        return "damaged";
    }
    let judge =
        states.iter().find(|judge| judge.0.len() == snapshot.len()).expect("a state that was committed");
    judge.check(&snapshot, &mut Random(5));
    "whole"
}

/// A search that needs every part of every block.
fn search(snapshot: &Snapshot, judge: &Judge) -> Result<(), Error> {
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| judge.read(keys, found);
    snapshot.search(&[1.0; DIM], Options::top(10_000), Filter::All, &read).map(drop)
}

/// A file with three commits, and what each of them held.
fn sample(place: &Place) -> (Vec<u8>, Vec<Judge>) {
    let pool = Data::Lumpy.vectors(1400, DIM, 2);
    let (index, mut judge) = build(&place.path(), &pool[..1100], DIM);
    let mut states = vec![judge.clone()];
    let mut batch = index.write().unwrap();
    for key in 1..=40u64 {
        batch.remove(key * 20);
        judge.0.remove(&(key * 20));
    }
    for (key, vector) in (100_000u64..).zip(&pool[1100..1200]) {
        batch.put(key, vector).unwrap();
        judge.0.insert(key, vector.clone());
    }
    batch.commit(2).unwrap();
    states.push(judge.clone());
    (fs_err::read(place.path()).unwrap(), states)
}

#[test]
fn a_file_cut_short_anywhere_is_refused_or_right() {
    let place = Place::new();
    let (bytes, states) = sample(&place);
    let states: Vec<&Judge> = states.iter().collect();
    let mut lengths: Vec<usize> = (0..bytes.len()).step_by(bytes.len() / 60).collect();
    lengths.extend([1, 7, 8, 4095, 4096, 8191, 8192, 8193, bytes.len() - 1]);
    for length in lengths {
        fs_err::write(place.path(), &bytes[..length]).unwrap();
        assert_eq!(try_it(&place.path(), &states), "damaged", "{length} of {}", bytes.len());
    }
}

#[test]
fn flipped_bits_are_found_or_do_no_harm() {
    let place = Place::new();
    let (bytes, states) = sample(&place);
    let states: Vec<&Judge> = states.iter().collect();
    let mut random = Random(77);
    let mut outcomes = std::collections::BTreeMap::new();
    for round in 0..400 {
        let mut flipped = bytes.clone();
        // Header, mean and directory are a small part of the file, and get half of the flips.
        let within = if round % 2 == 0 { 12_288 + 2048 } else { bytes.len() as u64 };
        for _ in 0..=random.below(3) {
            flipped[random.below(within) as usize] ^= 1 << random.below(8);
        }
        fs_err::write(place.path(), &flipped).unwrap();
        *outcomes.entry(try_it(&place.path(), &states)).or_insert(0) += 1;
    }
    assert!(outcomes["damaged"] > 50 && outcomes["whole"] > 50, "{outcomes:?}");
}

#[test]
fn whole_pages_of_rubbish_are_refused() {
    let place = Place::new();
    let (bytes, states) = sample(&place);
    let states: Vec<&Judge> = states.iter().collect();
    let mut random = Random(78);
    for round in 0..120 {
        let mut broken = bytes.clone();
        let start = random.below(bytes.len() as u64 / 4096) as usize * 4096;
        let end = (start + 4096).min(bytes.len());
        match round % 3 {
            0 => broken[start..end].fill(0),
            1 => broken[start..end].fill_with(|| random.next() as u8),
            _ => broken = (0..bytes.len()).map(|_| random.next() as u8).collect(),
        }
        fs_err::write(place.path(), &broken).unwrap();
        try_it(&place.path(), &states);
    }
}

#[test]
fn a_newer_format_is_stale() {
    let place = Place::new();
    let (mut bytes, states) = sample(&place);
    for page in [0, 4096] {
        bytes[page + 8] = 2;
        let sum = blake3::hash(&bytes[page..page + 4088]);
        bytes[page + 4088..page + 4096].copy_from_slice(&sum.as_bytes()[..8]);
    }
    fs_err::write(place.path(), &bytes).unwrap();
    let state = Index::open(&place.path(), &identity(DIM), None).unwrap();
    assert!(matches!(state, State::Stale(Stale::Version(2))), "{state:?}");
    assert_eq!(try_it(&place.path(), &[&states[0]]), "stale");
}

/// A power cut during a commit: any of its pages may have reached the disk or not, and the header may be old, torn or
/// new. With an old or torn header the file holds the state before, and can be written again as if nothing had been.
#[test]
fn a_commit_that_was_cut_off_never_was() {
    let place = Place::new();
    let pool = Data::Clustered.vectors(3000, DIM, 3);
    let (index, mut judge) = build(&place.path(), &pool[..1500], DIM);
    let change = |index: &Index, judge: &mut Judge, seed: u64, count: u64| {
        let mut random = Random(seed);
        let mut batch = index.write().unwrap();
        for _ in 0..count {
            let key = 10 * (random.below(2500) + 1);
            if random.below(3) == 0 {
                assert_eq!(batch.remove(key), judge.0.remove(&key).is_some());
            } else {
                let vector = &pool[random.below(3000) as usize];
                batch.put(key, vector).unwrap();
                judge.0.insert(key, vector.clone());
            }
        }
        batch.commit(seed).unwrap();
    };
    change(&index, &mut judge, 1, 100);
    for round in 0..30u64 {
        let before = fs_err::read(place.path()).unwrap();
        let held = judge.clone();
        change(&reopen(&place.path(), DIM), &mut judge, 100 + round, [20, 300, 900][round as usize % 3]);
        let after = fs_err::read(place.path()).unwrap();

        let mut random = Random(round);
        let mut cut = before.clone();
        cut.resize(after.len().max(before.len()), 0);
        for start in (8192..after.len()).step_by(4096) {
            let end = (start + 4096).min(after.len());
            if random.below(2) == 0 {
                cut[start..end].copy_from_slice(&after[start..end]);
            }
        }
        if round % 2 == 0 {
            let torn = random.below(4096) as usize;
            for page in [0, 4096] {
                if before[page..page + 4096] != after[page..page + 4096] {
                    cut[page..page + torn].copy_from_slice(&after[page..page + torn]);
                }
            }
        }
        fs_err::write(place.path(), &cut).unwrap();
        let index = reopen(&place.path(), DIM);
        index.snapshot().verify().unwrap();
        held.check(&index.snapshot(), &mut random);
        // Another commit on top of the remains, which takes the sequence that the lost one had.
        judge = held;
        change(&index, &mut judge, 200 + round, 40);
        let index = reopen(&place.path(), DIM);
        index.snapshot().verify().unwrap();
        judge.check(&index.snapshot(), &mut random);
    }
}

#[test]
fn what_a_dead_process_left_is_cleared_away() {
    let place = Place::new();
    fs_err::create_dir_all(place.path().parent().unwrap()).unwrap();
    let left = place.path().with_added_extension("new");
    fs_err::write(&left, b"half an index").unwrap();
    let (index, judge) = build(&place.path(), &Data::Random.vectors(30, DIM, 1), DIM);
    assert!(!left.exists());
    judge.check(&index.snapshot(), &mut Random(1));
}
