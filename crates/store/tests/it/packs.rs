//! Features on their way from one store to another.

use tintype_core::{FeatureValue, PhotoId};
use tintype_store::{PackedPicture, PictureScores, Scope, Store, SubjectUpdate};

use crate::fixture::{Fixture, feature, key, news, on_both, picture, record};

on_both!(
    values_arrive_bit_by_bit,
    a_newer_value_is_never_overwritten,
    what_came_before_its_photo_is_there_when_it_comes,
    large_values_come_in_portions,
    nonsense_is_refused_whole,
);

fn all(store: &Store, scope: &Scope) -> Vec<PackedPicture> {
    let ids = store.pictures_with_features(scope).unwrap();
    let (mut pictures, mut at) = (Vec::new(), 0);
    while at < ids.len() {
        let (loaded, covered) = store.load_pictures(&ids[at..], 1 << 20).unwrap();
        assert!(covered > 0);
        pictures.extend(loaded);
        at += covered;
    }
    pictures
}

fn values() -> [FeatureValue; 5] {
    [
        FeatureValue::Number(0.1 + 0.2),
        FeatureValue::Vector(vec![f32::MIN_POSITIVE, -0.0, 1.0 / 3.0]),
        FeatureValue::Json(serde_json::json!({ "ü": [0.1, null, 1e-300, 0.123_456_789_012_345_6] })),
        FeatureValue::Blob(vec![]),
        FeatureValue::Blob((0..50_000_u32).map(|i| (i * i) as u8).collect()),
    ]
}

fn scored(pixels: u32, sharpness: f64) -> SubjectUpdate {
    SubjectUpdate {
        sharpness: Some(sharpness),
        is_blurry: Some(false),
        decoder: Some("turbo".into()),
        ..news(pixels)
    }
}

fn values_arrive_bit_by_bit(f: &Fixture) {
    let there = Fixture::sqlite();
    f.photo("a.jpg", record(1, 1));
    let features: Vec<_> = values()
        .into_iter()
        .zip(["n", "v", "j", "e", "b"])
        .map(|(value, name)| feature(1, key(name), value))
        .collect();
    f.commit(vec![], features, vec![scored(1, 0.75)]);
    let packed = all(&f.store, &Scope::Library);
    assert_eq!((packed.len(), packed[0].features.len()), (1, 5));
    let counts = there.store.import_pictures(&packed).unwrap();
    assert_eq!((counts.pictures, counts.added, counts.replaced, counts.kept), (1, 5, 0, 0));
    assert_eq!(all(&there.store, &Scope::Library), packed);
    let keys = ["n", "v", "j", "e", "b"].map(key);
    let get = |store: &Store| store.get_features(&[picture(1)], &keys).unwrap();
    assert_eq!(get(&there.store), get(&f.store));
    let again = there.store.import_pictures(&packed).unwrap();
    assert_eq!((again.added, again.replaced, again.kept), (0, 0, 5), "a second time changes nothing");
}

fn a_newer_value_is_never_overwritten(f: &Fixture) {
    f.store.put_features(&[feature(1, key("a"), FeatureValue::Number(1.0))]).unwrap();
    f.store.put_features(&[feature(1, key("b"), FeatureValue::Number(1.0))]).unwrap();
    f.commit(vec![], vec![], vec![scored(1, 0.5)]);
    let mut packed = all(&f.store, &Scope::Library);
    let read = || f.store.get_features(&[picture(1)], &[key("a"), key("b")]).unwrap().remove(0);
    let number = |x| Some(FeatureValue::Number(x));
    assert_eq!(read(), [number(1.0), number(1.0)], "it is in memory now");
    let generation = f.store.generation().unwrap();
    let times: Vec<i64> = packed[0].features.iter().map(|feature| feature.created_ms).collect();
    for feature in &mut packed[0].features {
        feature.value = 2.0_f64.to_le_bytes().to_vec();
        feature.created_ms -= 1;
    }
    packed[0].scores = PictureScores { sharpness: Some(0.9), quality: Some(0.4), ..PictureScores::default() };
    let counts = f.store.import_pictures(&packed).unwrap();
    assert_eq!((counts.added, counts.replaced, counts.kept), (0, 0, 2));
    assert_eq!((read(), f.store.generation().unwrap()), ([number(1.0), number(1.0)].to_vec(), generation));
    // The second is older here than there: as if it were computed here long ago.
    f.store.invalidate_kind("b").unwrap();
    packed[0].features[0].created_ms = times[0] - 1;
    packed[0].features[1].created_ms = times[1] - 1000;
    f.store.import_pictures(&packed).unwrap();
    assert_eq!(read(), [number(1.0), number(2.0)]);
    packed[0].features[1].created_ms = times[1] - 500;
    packed[0].features[1].value = 3.0_f64.to_le_bytes().to_vec();
    let twice = [packed[0].clone(), packed[0].clone()];
    let counts = f.store.import_pictures(&twice).unwrap();
    assert_eq!((counts.replaced, counts.kept), (1, 3));
    assert_eq!(read(), [number(1.0), number(3.0)], "memory does not serve what was replaced");
    let scores = &all(&f.store, &Scope::Library)[0].scores;
    assert_eq!((scores.sharpness, scores.quality, scores.is_blurry), (Some(0.9), Some(0.4), Some(false)));
    // A clock that was wrong elsewhere does not win for ever.
    packed[0].features[0].created_ms = i64::MAX;
    f.store.import_pictures(&packed).unwrap();
    let now = all(&f.store, &Scope::Library)[0].features[0].created_ms;
    assert!(now < i64::MAX && now >= times[0]);
}

fn what_came_before_its_photo_is_there_when_it_comes(f: &Fixture) {
    let there = Fixture::sqlite();
    there.commit(vec![], vec![feature(3, key("a"), FeatureValue::Number(1.0))], vec![scored(3, 0.25)]);
    f.store.import_pictures(&all(&there.store, &Scope::Library)).unwrap();
    let (_, photo): (_, PhotoId) = f.photo("x.jpg", record(3, 3));
    let summary = f.store.photo(photo).unwrap().unwrap().summary;
    assert_eq!((summary.sharpness, summary.is_blurry), (Some(0.25), Some(false)));
    assert!(f.store.missing_features(&Scope::Library, &[key("a")], "d").unwrap().is_empty());
    // And the other way round: the photo first.
    let (_, late) = f.photo("y.jpg", record(4, 4));
    there.commit(vec![], vec![feature(4, key("a"), FeatureValue::Number(1.0))], vec![scored(4, 0.5)]);
    f.store.import_pictures(&all(&there.store, &Scope::Library)).unwrap();
    assert_eq!(f.store.photo(late).unwrap().unwrap().summary.sharpness, Some(0.5));
    // A folder's pack holds its pictures only.
    let root = f.root();
    f.photo("sub/z.jpg", record(5, 5));
    f.store.put_features(&[feature(5, key("a"), FeatureValue::Number(5.0))]).unwrap();
    let folder = Scope::Folder { root, rel: b"sub".to_vec() };
    assert_eq!(all(&f.store, &folder).len(), 1);
    assert_eq!(all(&f.store, &Scope::Library).len(), 3);
}

fn large_values_come_in_portions(f: &Fixture) {
    let blob = |n: u32| FeatureValue::Blob((0..60_000_u32).map(|i| (i * 7 + n) as u8).collect());
    let features: Vec<_> = (0..9).map(|n| feature(n, key("blob"), blob(n))).collect();
    f.store.put_features(&features).unwrap();
    let ids = f.store.pictures_with_features(&Scope::Library).unwrap();
    let (some, covered) = f.store.load_pictures(&ids, 150_000).unwrap();
    assert_eq!((some.len(), covered), (2, 2));
    let (one, covered) = f.store.load_pictures(&ids, 10).unwrap();
    assert_eq!((one.len(), covered), (1, 1), "at least one, however large");
    fs_err::remove_dir_all(f.config.data_dir.join("blobs")).unwrap();
    let (none, covered) = f.store.load_pictures(&ids[..1], 10).unwrap();
    assert_eq!((none[0].features.len(), covered), (0, 1));
}

fn nonsense_is_refused_whole(f: &Fixture) {
    f.store.put_features(&[feature(1, key("a"), FeatureValue::Number(1.0))]).unwrap();
    let good = all(&f.store, &Scope::Library).remove(0);
    f.store.invalidate_kind("a").unwrap();
    for (kind, value) in [(0, vec![1, 2]), (1, vec![0; 5]), (2, b"{".to_vec()), (9, vec![])] {
        let mut bad = good.clone();
        bad.features[0].kind = kind;
        bad.features[0].value = value;
        assert!(f.store.import_pictures(&[good.clone(), bad]).is_err());
        assert!(f.store.get_features(&[picture(1)], &[key("a")]).unwrap()[0][0].is_none());
    }
}
