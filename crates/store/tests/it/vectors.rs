//! Vectors for indexes beside the database: what is new, what is gone, and which pictures are meant.

use tintype_core::{FeatureKey, FeatureValue};
use tintype_store::{PhotoFilter, PictureId, Scope, SearchCondition, Store};

use crate::fixture::{Fixture, feature, key, on_both, picture, record};

on_both!(
    new_vectors_come_after_old_ones,
    many_vectors_come_in_pieces,
    removed_vectors_are_missed,
    pictures_and_their_photos,
    settings_are_kept,
);

fn vector(values: &[f32]) -> FeatureValue {
    FeatureValue::Vector(values.to_vec())
}

fn since(store: &Store, key: &FeatureKey, revision: u64) -> (Vec<(PictureId, Vec<f32>)>, u64) {
    let mut found = Vec::new();
    let reached = store
        .vectors_since(key, revision, |_, picture, vector| {
            found.push((picture, vector.to_vec()));
            true
        })
        .unwrap();
    (found, reached)
}

fn new_vectors_come_after_old_ones(f: &Fixture) {
    let (scene, other) = (key("scene"), key("other"));
    let before = f.store.vector_state().unwrap();
    assert_eq!(since(&f.store, &scene, 0), (vec![], before.revision));
    f.store
        .put_features(&[
            feature(1, scene.clone(), vector(&[1.0])),
            feature(1, key("n"), FeatureValue::Number(1.0)),
        ])
        .unwrap();
    let (first, one) = since(&f.store, &scene, before.revision);
    assert_eq!((first.len(), first[0].1.as_slice()), (1, &[1.0][..]));
    // Values that are no vectors, and vectors of other keys, are none of this key's business.
    f.store.put_features(&[feature(2, key("n"), FeatureValue::Number(2.0))]).unwrap();
    assert_eq!(f.store.vector_state().unwrap().revision, one);
    f.store.put_features(&[feature(2, other.clone(), vector(&[9.0]))]).unwrap();
    let (none, two) = since(&f.store, &scene, one);
    assert!(none.is_empty() && two > one);
    // A value made anew comes again, under the same number.
    f.store
        .put_features(&[feature(1, scene.clone(), vector(&[2.0])), feature(3, scene.clone(), vector(&[3.0]))])
        .unwrap();
    let (changed, three) = since(&f.store, &scene, two);
    assert_eq!(changed.len(), 2);
    assert!(changed.contains(&(first[0].0, vec![2.0])) && three > two);
    assert_eq!(f.store.count_vectors_since(&scene, two, 10).unwrap(), 2);
    assert_eq!(f.store.count_vectors_since(&scene, two, 1).unwrap(), 1);
    assert_eq!(f.store.count_vectors_since(&key("unknown"), 0, 10).unwrap(), 0);
    let counts = f.store.keys_of_kinds(&["scene", "n"]).unwrap();
    let of = |key: &FeatureKey| counts.iter().find(|(other, _)| other == key).map(|(_, count)| *count);
    assert_eq!((of(&scene), of(&other), of(&key("n"))), (Some(2), None, Some(0)));
    // The state is the database's, not the process's.
    assert_eq!(f.reopen().vector_state().unwrap(), f.store.vector_state().unwrap());
}

fn many_vectors_come_in_pieces(f: &Fixture) {
    let scene = key("scene");
    let all: Vec<_> = (0..2_500_u32).map(|n| feature(n, scene.clone(), vector(&[n as f32, 1.0]))).collect();
    let before = f.store.vector_state().unwrap().revision;
    for some in all.chunks(1_100) {
        f.store.put_features(some).unwrap();
    }
    let (found, reached) = since(&f.store, &scene, before);
    assert_eq!((found.len(), reached), (2_500, before + 3));
    let mut seen: Vec<u32> = found.iter().map(|(_, vector)| vector[0] as u32).collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..2_500));
    let (rest, _) = since(&f.store, &scene, before + 2);
    assert_eq!(rest.len(), 300);
    // Whoever stops has reached nothing.
    assert_eq!(f.store.vectors_since(&scene, before, |_, _, _| false).unwrap(), before);
    let pictures: Vec<PictureId> = found.iter().map(|(picture, _)| *picture).collect();
    let mut read = vec![None; pictures.len()];
    f.store.read_vectors(&scene, &pictures, |at, vector| read[at] = Some(vector.to_vec())).unwrap();
    assert!(read.iter().zip(&found).all(|(read, (_, vector))| read.as_ref() == Some(vector)));
}

fn removed_vectors_are_missed(f: &Fixture) {
    let (scene, other) = (key("scene"), key("other"));
    let all = [(1, &scene), (2, &scene), (3, &scene), (3, &other)];
    f.store.put_features(&all.map(|(n, key)| feature(n, key.clone(), vector(&[n as f32])))).unwrap();
    let pictures: Vec<PictureId> =
        since(&f.store, &scene, 0).0.into_iter().map(|(picture, _)| picture).collect();
    assert!(f.store.without_vector(&scene, &pictures).unwrap().is_empty());
    assert_eq!(f.store.without_vector(&other, &pictures).unwrap().len(), 2);
    f.store.invalidate_kind("scene").unwrap();
    assert_eq!(f.store.without_vector(&scene, &pictures).unwrap(), pictures);
    let mut read = 0;
    f.store.read_vectors(&scene, &pictures, |_, _| read += 1).unwrap();
    assert_eq!(read, 0);
    assert_eq!(f.store.without_vector(&key("unknown"), &pictures).unwrap(), pictures);
}

fn pictures_and_their_photos(f: &Fixture) {
    let scene = key("scene");
    let (_, a) = f.photo("a.jpg", record(1, 1));
    // Other bytes, the same picture; and a picture that no photo shows.
    let (_, b) = f.photo("b.jpg", record(2, 1));
    let (_, c) = f.photo("c.jpg", record(3, 2));
    let shown = [1, 2, 7].map(|n| feature(n, scene.clone(), vector(&[n as f32])));
    f.store.put_features(&shown).unwrap();
    let [one, two] = [a, c].map(|photo| f.store.picture_of(photo).unwrap().unwrap());
    assert_eq!(f.store.picture_of(b).unwrap(), Some(one));
    let all: Vec<PictureId> = since(&f.store, &scene, 0).0.into_iter().map(|(picture, _)| picture).collect();
    let unseen = *all.iter().find(|picture| **picture != one && **picture != two).unwrap();
    let showing = f.store.photos_showing(&[two, unseen, one]).unwrap();
    assert_eq!(showing, [(two, c), (one, a), (one, b)]);
    let anything = SearchCondition::All(Vec::new());
    let mut found = f.store.search_pictures(&Scope::Library, &PhotoFilter::default(), &anything, 10).unwrap();
    found.sort_unstable();
    found.dedup();
    let mut expected = vec![one, two];
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(PictureId::from_number(one.number()), one);
    assert!(picture(1) != picture(2));
}

fn settings_are_kept(f: &Fixture) {
    assert_eq!(f.store.setting("a").unwrap(), None);
    f.store.set_setting("a", Some("1")).unwrap();
    f.store.set_setting("b", Some("ü")).unwrap();
    f.store.set_setting("a", Some("2")).unwrap();
    let other = f.reopen();
    assert_eq!(other.setting("a").unwrap().as_deref(), Some("2"));
    other.set_setting("a", None).unwrap();
    assert_eq!((f.store.setting("a").unwrap(), f.store.setting("b").unwrap()), (None, Some("ü".into())));
}
