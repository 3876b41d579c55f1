//! Features: exact keys, the memory level, blobs, removal.

use std::collections::BTreeMap;

use tintype_core::{FeatureKey, FeatureValue, Orientation};
use tintype_store::{NewFeature, Scope, Store, StoreConfig};

use crate::fixture::{Fixture, feature, key, news, on_both, picture, record};

on_both!(
    a_feature_is_found_only_by_its_exact_key,
    every_type_of_value_comes_back,
    memory_never_serves_what_was_removed,
    what_is_missing,
    scans_see_every_photo_once,
    prune_keeps_what_is_current,
    later_values_replace_earlier_ones,
);

/// INV-2.
fn a_feature_is_found_only_by_its_exact_key(f: &Fixture) {
    let exact = FeatureKey::new("hash", "dct8@1").with_params(&serde_json::json!({"size": 8}));
    f.store.put_features(&[feature(1, exact.clone(), FeatureValue::Number(1.0))]).unwrap();
    let turned = (picture(1).0, Orientation::from_exif(6));
    let others = [
        FeatureKey::new("hash", "dct8@2").with_params(&serde_json::json!({"size": 8})),
        FeatureKey::new("hash", "dct8@1"),
        FeatureKey::new("hash", "dct8@1").with_params(&serde_json::json!({"size": 9})),
        FeatureKey::new("Hash", "dct8@1").with_params(&serde_json::json!({"size": 8})),
    ];
    for _ in 0..2 {
        let found = f.store.get_features(&[picture(1), picture(2), turned], &[exact.clone()]).unwrap();
        assert_eq!(found, [[Some(FeatureValue::Number(1.0))], [None], [None]]);
        assert_eq!(f.store.get_features(&[picture(1)], &others).unwrap(), [[None, None, None, None]]);
    }
    let have = f.store.have_features(&[picture(1), turned], &[others[0].clone(), exact]).unwrap();
    assert_eq!(have, [(2, None), (0, None)]);
}

fn every_type_of_value_comes_back(f: &Fixture) {
    let large: Vec<u8> = (0..300_000_u32).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
    let values: BTreeMap<&str, FeatureValue> = [
        ("number", FeatureValue::Number(0.1)),
        ("vector", FeatureValue::Vector(vec![1.0, -0.5])),
        ("json", FeatureValue::Json(serde_json::json!({"a": [1, "\u{0}ü"]}))),
        ("blob", FeatureValue::Blob(vec![0, 1, 255])),
        ("large blob", FeatureValue::Blob(large)),
        ("large vector", FeatureValue::Vector(vec![0.25; 100_000])),
        ("empty", FeatureValue::Blob(Vec::new())),
    ]
    .into();
    let (_, photo) = f.photo("a.jpg", record(1, 1));
    let new: Vec<NewFeature> =
        values.iter().map(|(kind, value)| feature(1, key(kind), value.clone())).collect();
    f.store.put_features(&new).unwrap();
    let keys: Vec<FeatureKey> = values.keys().map(|kind| key(kind)).collect();
    let expected: Vec<Option<FeatureValue>> = values.values().cloned().map(Some).collect();
    for store in [&f.store, &f.reopen()] {
        for _ in 0..2 {
            assert_eq!(store.get_features(&[picture(1)], &keys).unwrap(), [expected.clone()]);
        }
        let stored = store.features_of(photo).unwrap();
        assert!(stored.iter().all(|feature| values[feature.key.kind.as_str()] == feature.value));
        assert_eq!(stored.len(), values.len());
    }
    let stats = f.store.stats().unwrap();
    assert_eq!((stats.entries, stats.blobs.count), (7, 2));
    assert_eq!(stats.bytes, stats.by_key.iter().map(|key| key.bytes).sum::<u64>());
    assert!(stats.memory.hits > 0 && stats.memory.bytes > 0);
}

fn memory_never_serves_what_was_removed(f: &Fixture) {
    let (_, photo) = f.photo("a.jpg", record(1, 1));
    let other = f.reopen();
    let get = |store: &Store| store.get_features(&[picture(1)], &[key("n")]).unwrap()[0][0].clone();
    let removals: [&dyn Fn(&Store) -> u64; 3] = [
        &|store| store.invalidate_photo(photo).unwrap(),
        &|store| store.invalidate_kind("n").unwrap(),
        &|store| store.invalidate_producer("n@1").unwrap(),
    ];
    for remove in removals {
        for remover in [&f.store, &other] {
            f.store.put_features(&[feature(1, key("n"), FeatureValue::Number(1.0))]).unwrap();
            let generation = f.store.generation().unwrap();
            assert!(get(&f.store).is_some() && get(&f.store).is_some() && get(&other).is_some());
            assert_eq!(remove(remover), 1);
            assert_eq!((get(&f.store), get(&other)), (None, None));
            assert!(f.store.generation().unwrap() > generation);
        }
    }
}

fn later_values_replace_earlier_ones(f: &Fixture) {
    let put = |values: &[f64]| {
        let new: Vec<NewFeature> =
            values.iter().map(|v| feature(1, key("n"), FeatureValue::Number(*v))).collect();
        let generation = f.store.generation().unwrap();
        f.store.put_features(&new).unwrap();
        assert_eq!(f.store.generation().unwrap(), generation);
        f.store.get_features(&[picture(1)], &[key("n")]).unwrap()[0][0].clone()
    };
    assert_eq!(put(&[1.0, 2.0]), Some(FeatureValue::Number(2.0)));
    assert_eq!(put(&[3.0]), Some(FeatureValue::Number(3.0)));
}

fn what_is_missing(f: &Fixture) {
    let (a, photo) = f.photo("b/a.jpg", record(1, 1));
    let (copy, _) = f.photo("a/copy.jpg", record(1, 1));
    let (b, _) = f.photo("b/b.jpg", record(2, 2));
    let (c, _) = f.photo("b/c.jpg", record(3, 3));
    f.add(&["unsettled.jpg"]);
    let keys = [key("x"), key("y")];
    let missing = |scope: &Scope| f.store.missing_features(scope, &keys, "d").unwrap();
    assert_eq!(missing(&Scope::Library), [(copy, 3), (b, 3), (c, 3)]);
    f.store.put_features(&[feature(1, key("y"), FeatureValue::Number(1.0))]).unwrap();
    f.store
        .put_features(&[
            feature(2, key("x"), FeatureValue::Number(1.0)),
            feature(2, key("y"), FeatureValue::Number(1.0)),
        ])
        .unwrap();
    let mut update = news(3);
    update.undecodable = Some("d".to_owned());
    f.commit(vec![], vec![], vec![update]);
    assert_eq!(missing(&Scope::Library), [(copy, 1)]);
    assert_eq!(missing(&Scope::Folder { root: f.root(), rel: b"b".to_vec() }), [(a, 1)]);
    let have = f.store.have_features(&[picture(1), picture(3), picture(9)], &keys).unwrap();
    assert_eq!(have, [(2, None), (0, Some("d".to_owned())), (0, None)]);
    let coverage = f.store.coverage(&Scope::Library, &keys).unwrap();
    assert_eq!(coverage, [(key("x"), 1, 3), (key("y"), 2, 3)]);
    f.store.invalidate_photo(photo).unwrap();
    assert_eq!(missing(&Scope::Library), [(copy, 3)]);
}

fn scans_see_every_photo_once(f: &Fixture) {
    let paths: Vec<String> = (0..2_050).map(|i| format!("{}/{i}.jpg", i / 100)).collect();
    let files = f.add(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let outcomes = files.iter().zip(&paths).zip(0..).map(|((file, path), n)| {
        crate::fixture::outcome(*file, crate::fixture::stat(path), Some(record(n, n)))
    });
    let features = (0..2_050).step_by(2).map(|n| feature(n, key("n"), FeatureValue::Number(f64::from(n))));
    f.commit(outcomes.collect(), features.collect(), vec![]);
    let mut seen = BTreeMap::new();
    let keys = [key("unknown"), key("n")];
    f.store
        .scan_features(&Scope::Library, &keys, |row| assert!(seen.insert(row.photo, row).is_none()))
        .unwrap();
    assert_eq!(seen.len(), 2_050);
    for (n, file) in files.iter().enumerate().step_by(97) {
        let row = &seen[&f.photo_of(*file).unwrap()];
        let expected = (n % 2 == 0).then_some(FeatureValue::Number(n as f64));
        assert_eq!((row.pixel_hash, &row.values), (picture(n as u32).0, &vec![None, expected]));
    }
    let mut some = 0;
    f.store
        .scan_features(&Scope::Folder { root: f.root(), rel: b"3".to_vec() }, &keys, |_row| some += 1)
        .unwrap();
    assert_eq!(some, 100);
}

fn prune_keeps_what_is_current(f: &Fixture) {
    f.photo("a.jpg", record(1, 1));
    let (gone, _) = f.photo("b.jpg", record(2, 2));
    let features = |n| {
        [feature(n, key("old"), FeatureValue::Number(1.0)), feature(n, key("new"), FeatureValue::Number(1.0))]
    };
    f.store.put_features(&[features(1), features(2)].concat()).unwrap();
    f.store.get_features(&[picture(1), picture(2)], &[key("old"), key("new")]).unwrap();
    let changes = tintype_store::ScanChanges { gone: vec![gone], ..Default::default() };
    f.store.apply_scan(f.root(), &changes).unwrap();
    f.store.set_root_online(f.root(), false).unwrap();
    let plan = f.store.prune(&[key("new")], true).unwrap();
    assert_eq!((plan.files, plan.photos, plan.features), (0, 0, 2));
    f.store.set_root_online(f.root(), true).unwrap();
    let plan = f.store.prune(&[key("new")], true).unwrap();
    assert_eq!((plan.files, plan.photos, plan.features, plan.subjects, plan.bytes_freed), (1, 1, 3, 1, 24));
    assert_eq!(f.store.stats().unwrap().entries, 4);
    assert_eq!(f.store.prune(&[key("new")], false).unwrap(), plan);
    let left = f.store.get_features(&[picture(1), picture(2)], &[key("old"), key("new")]).unwrap();
    assert_eq!(left, [[None, Some(FeatureValue::Number(1.0))], [None, None]]);
    assert_eq!(f.store.prune(&[key("new")], false).unwrap().features, 0);
}

#[test]
fn a_small_memory_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let config = StoreConfig { cache_bytes: 10_000, ..StoreConfig::new(folder.path()) };
    let store = Store::open(&config).unwrap();
    let new: Vec<NewFeature> =
        (0..100).map(|n| feature(n, key("v"), FeatureValue::Vector(vec![0.5; 100]))).collect();
    store.put_features(&new).unwrap();
    let pictures: Vec<_> = (0..100).map(picture).collect();
    let found = store.get_features(&pictures, &[key("v")]).unwrap();
    assert!(found.iter().all(|values| values[0].is_some()));
    let memory = store.stats().unwrap().memory;
    assert!(memory.bytes <= 10_000 && memory.entries > 0);
}
