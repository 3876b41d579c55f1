//! Documents, conditions and suggestions, against a naive twin that reads every document.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use tintype_core::{FaceRegion, FeatureKey, FeatureValue, Flag, Gps, Issue, MediaKind, PhotoId, Stage};
use tintype_store::{
    Adjacent, AlbumSource, AlbumUpdate, Choice, NewAlbum, NewDecision, PhotoDetail, PhotoFact, PhotoFilter,
    PhotoQuery, Range, ScanChanges, Scope, SearchCondition, SearchDocument, SearchField, TextMatch, words,
};

use crate::fixture::{Fixture, feature, key, news, on_both, outcome, picture, record, seen, stat, taken};

on_both!(
    documents_hold_what_is_known,
    documents_follow_changes,
    conditions_equal_the_naive_choice,
    candidates_come_with_documents,
    sequences_do_not_cross_pieces,
    hostile_words_are_words,
    terms_are_counted,
    albums_are_found_by_words,
    lists_take_conditions
);

/// Everything marked is written.
fn refresh(f: &Fixture) {
    while f.store.refresh_search(1000).unwrap().more {}
    assert_eq!(f.store.search_backlog(10).unwrap(), 0);
}

fn document(f: &Fixture, photo: PhotoId) -> SearchDocument {
    let all = SearchCondition::All(vec![]);
    f.store.search_among(&[photo], &Scope::Library, &PhotoFilter::default(), &all).unwrap().remove(0).document
}

fn pieces(f: &Fixture, photo: PhotoId) -> Vec<(&'static str, String, f32)> {
    refresh(f);
    document(f, photo).pieces().iter().map(|p| (p.field.name(), p.text.clone(), p.confidence)).collect()
}

fn piece(field: &'static str, text: &str) -> (&'static str, String, f32) {
    (field, text.to_owned(), 1.0)
}

fn text(fields: &[SearchField], text: &str) -> TextMatch {
    TextMatch {
        fields: fields.to_vec(),
        alternatives: Some(vec![Adjacent { words: words(text), is_prefix: false }]),
    }
}

fn found(f: &Fixture, condition: &SearchCondition) -> Vec<PhotoId> {
    let filter = PhotoFilter::default();
    let (candidates, more) = f.store.search_candidates(&Scope::Library, &filter, condition, 1000).unwrap();
    assert!(!more);
    candidates.into_iter().map(|one| one.photo).collect()
}

fn documents_hold_what_is_known(f: &Fixture) {
    let mut content = taken(record(1, 1), "2024-06-01T10:00:00");
    content.metadata.title = Some("Low tide".to_owned());
    content.metadata.description = Some("At the sea".to_owned());
    content.metadata.keywords = vec!["Sea".to_owned(), "sea".to_owned()];
    content.metadata.make = Some("Fuji".to_owned());
    content.metadata.model = Some("X100".to_owned());
    content.metadata.lens = Some("23mm".to_owned());
    content.metadata.face_regions =
        vec![FaceRegion { name: Some("Anna".to_owned()), x: 0.0, y: 0.0, width: 0.1, height: 0.1 }];
    let (_, photo) = f.photo("2024/trip/IMG_0353.JPG", content);
    f.store
        .put_features(&[
            feature(
                1,
                key("tags"),
                FeatureValue::Json(json!({"labels": [{"name": "beach", "confidence": 0.8}],
                "objects": [{"name": "dog", "confidence": 0.5, "box": [0, 0, 1, 1]}]})),
            ),
            feature(
                1,
                key("text"),
                FeatureValue::Json(json!({"lines": [{"text": "EXIT", "confidence": 0.25}]})),
            ),
            feature(1, key("caption"), FeatureValue::Json(json!({"text": "a dog"}))),
            feature(1, key("scene_embedding"), FeatureValue::Vector(vec![1.0])),
        ])
        .unwrap();
    assert_eq!(
        pieces(f, photo),
        [
            piece("person", "Anna"),
            piece("keyword", "Sea"),
            piece("title", "Low tide"),
            piece("title", "At the sea"),
            ("tag", "beach".to_owned(), 0.8),
            ("object", "dog".to_owned(), 0.5),
            ("text", "EXIT".to_owned(), 0.25),
            piece("caption", "a dog"),
            piece("name", "IMG_0353.JPG"),
            piece("folder", "photos/2024/trip"),
            piece("camera", "Fuji X100"),
            piece("lens", "23mm"),
            piece("date", "2024-06-01"),
            piece("date", "June"),
            piece("date", "Saturday"),
        ]
    );
}

fn documents_follow_changes(f: &Fixture) {
    let (file, photo) = f.photo("a/one.jpg", record(1, 1));
    let has = |words: &str| {
        refresh(f);
        found(f, &SearchCondition::Text(text(&[], words))) == [photo]
    };
    assert!(has("one") && has("a") && !has("dog"));
    let revision = f.store.search_revision().unwrap();

    let tags = |name: &str| FeatureValue::Json(json!({"labels": [{"name": name}]}));
    f.store.put_features(&[feature(1, key("tags"), tags("dog"))]).unwrap();
    assert!(has("dog"));
    assert!(f.store.search_revision().unwrap() > revision);
    f.commit(vec![], vec![feature(1, key("tags"), tags("cat"))], vec![news(1)]);
    assert!(has("cat") && !has("dog"), "a value that was replaced is gone");

    let decide =
        |choice| f.store.decide(&[NewDecision { photo: Some(photo), operation: None, choice }]).unwrap();
    decide(Choice::Keywords { value: vec!["harbour".into()], base: vec![] });
    decide(Choice::Title { value: Some("Evening".into()), base: None });
    assert!(has("harbour") && has("evening"));
    decide(Choice::Title { value: None, base: None });
    assert!(!has("evening"));
    let sentence = |text: &str| FeatureValue::Json(json!({"text": text}));
    let composed = FeatureKey::new("caption", "composed@1(a)");
    f.store.put_features(&[feature(1, composed, sentence("A wolf."))]).unwrap();
    assert!(has("wolf"));
    f.store.put_features(&[feature(1, key("caption"), sentence("a husky on snow"))]).unwrap();
    assert!(has("husky") && !has("wolf"), "a model goes before what was composed");
    decide(Choice::Caption { value: Some("Rex at home".into()) });
    assert!(has("rex") && !has("husky"), "and people before models");
    decide(Choice::Caption { value: None });
    assert!(has("husky") && !has("rex"));

    let source = AlbumSource::Photos { photos: vec![photo] };
    let album = f.store.create_album(&NewAlbum { name: "Norway".into(), source }).unwrap().id;
    assert!(has("norway"));
    f.store
        .update_album(album, &AlbumUpdate { name: Some("Sweden".into()), ..AlbumUpdate::default() })
        .unwrap();
    assert!(has("sweden") && !has("norway"));
    f.store.update_album(album, &AlbumUpdate { remove: vec![photo], ..AlbumUpdate::default() }).unwrap();
    assert!(!has("sweden"));
    f.store.update_album(album, &AlbumUpdate { add: vec![photo], ..AlbumUpdate::default() }).unwrap();
    assert!(has("sweden"));
    f.store.delete_album(album).unwrap();
    assert!(!has("sweden"));

    let moved = vec![(file, seen("b/two.jpg", stat("a/one.jpg")))];
    f.store.apply_scan(f.root(), &ScanChanges { moved, ..ScanChanges::default() }).unwrap();
    assert!(has("two") && has("b") && !has("one"));

    f.store.invalidate_kind("tags").unwrap();
    assert!(!has("cat"));
    f.store.put_features(&[feature(1, key("tags"), tags("owl"))]).unwrap();
    assert!(has("owl"));
    f.store.prune(&[], false).unwrap();
    assert!(!has("owl"));

    f.store.apply_scan(f.root(), &ScanChanges { gone: vec![file], ..ScanChanges::default() }).unwrap();
    assert!(!has("two"), "a photo without a file is not found");
    f.store.apply_scan(f.root(), &ScanChanges { back: vec![file], ..ScanChanges::default() }).unwrap();
    assert!(has("two"));
    f.store.apply_scan(f.root(), &ScanChanges { gone: vec![file], ..ScanChanges::default() }).unwrap();
    f.store.prune(&[], false).unwrap();
    refresh(f);
    assert!(f.store.photo(photo).unwrap().is_none() && found(f, &SearchCondition::All(vec![])).is_empty());
    assert!(f.store.search_terms("harb", &[], 10).unwrap().is_empty(), "no photo has it any more");
}

const WORDS: [&str; 8] = ["sea", "seal", "dog", "new", "york", "7", "海", "café"];

/// A small library in which every fact is there for some and lacking for others.
fn fill(f: &Fixture) -> Vec<PhotoId> {
    let paths: Vec<String> = (0..40).map(|n| format!("{}/{}_{n}.jpg", WORDS[n % 5], WORDS[n % 7])).collect();
    let files = f.add(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut outcomes, mut updates, mut features) = (Vec::new(), Vec::new(), Vec::new());
    for (n, (file, path)) in (0..40_u32).zip(files.iter().zip(&paths)) {
        let word = |salt: u32| WORDS[((n * 7 + salt) % 8) as usize].to_owned();
        let mut content = record(n, n);
        let facts = &mut content.metadata;
        facts.rating = (n % 3 != 0).then_some((n % 7) as i8 - 1);
        facts.iso = (n % 4 != 1).then_some(100 * (n % 5));
        facts.f_number = (n % 4 != 2).then_some(f64::from(n % 6) + 0.5);
        facts.focal_length_mm = (n % 5 != 3).then_some(f64::from(n) * 2.0);
        (facts.width, facts.height) = [(400, 300), (300, 400), (0, 0), (300, 300)][n as usize % 4];
        facts.gps = (n % 3 == 1).then_some(Gps {
            latitude: f64::from(n) - 20.0,
            longitude: f64::from(n) * 9.0 - 180.0,
            altitude: None,
        });
        facts.media = if n % 11 == 0 { MediaKind::Video } else { MediaKind::Photo };
        facts.title = (n % 4 == 0).then(|| format!("{} {}", word(1), word(2)));
        facts.keywords = vec![word(3), format!("{} {}", word(4), word(5))];
        content.format = ["jpeg", "png", "cr2"][n as usize % 3].to_owned();
        if n % 5 != 0 {
            content = taken(content, &format!("20{:02}-0{}-11T10:00:00", 10 + n % 9, 1 + n % 8));
        }
        let mut outcome = outcome(*file, stat(path), Some(content));
        if n % 10 == 3 {
            outcome.issues = vec![Issue::new(Stage::Metadata, tintype_core::ErrorCode::MetadataDamaged, "x")];
        }
        outcomes.push(outcome);
        let mut update = news(n);
        update.sharpness = (n % 6 != 0).then_some(f64::from(n % 9) / 10.0);
        update.is_blurry = (n % 6 != 0).then_some(n % 9 < 4);
        updates.push(update);
        if n % 2 == 0 {
            let tags = json!({"labels": [{"name": word(6), "confidence": 0.5}, {"name": word(7), "confidence": 0.9}]});
            features.push(feature(n, key("tags"), FeatureValue::Json(tags)));
            features.push(feature(n, key("aesthetic"), FeatureValue::Number(f64::from(n % 10))));
            features.push(feature(
                n,
                key("faces"),
                FeatureValue::Json(json!({"faces": vec![json!({}); n as usize % 3]})),
            ));
        }
    }
    f.commit(outcomes, features, updates);
    let photos: Vec<PhotoId> = files.iter().map(|file| f.photo_of(*file).unwrap()).collect();
    let flag = |value| Choice::Flag { value };
    for (n, photo) in photos.iter().enumerate().filter(|(n, _)| n % 3 > 0) {
        let choice = flag(Some(if n % 3 == 1 { Flag::Pick } else { Flag::Reject }));
        f.store.decide(&[NewDecision { photo: Some(*photo), operation: None, choice }]).unwrap();
    }
    refresh(f);
    photos
}

/// What the naive twin knows of a photo.
struct Known {
    id: PhotoId,
    detail: PhotoDetail,
    document: SearchDocument,
    aesthetic: Option<f64>,
    faces: Option<f64>,
}

impl Known {
    fn meets(&self, condition: &SearchCondition, one: PhotoId) -> bool {
        let (summary, facts) = (&self.detail.summary, &self.detail.metadata);
        let within =
            |value: Option<f64>, range: &Range<f64>| value.is_some_and(|value| range.contains(&value));
        match condition {
            SearchCondition::All(list) => list.iter().all(|inner| self.meets(inner, one)),
            SearchCondition::Any(list) => list.iter().any(|inner| self.meets(inner, one)),
            SearchCondition::Not(inner) => !self.meets(inner, one),
            SearchCondition::Text(text) => text.is_in(&self.document),
            SearchCondition::Number(fact, range) => match fact {
                PhotoFact::Rating => within(Some(f64::from(summary.rating.unwrap_or(0))), range),
                PhotoFact::Iso => within(facts.iso.map(f64::from), range),
                PhotoFact::Sharpness => within(summary.sharpness, range),
                PhotoFact::Quality => within(summary.quality, range),
                PhotoFact::Aesthetic => within(self.aesthetic, range),
                PhotoFact::Aperture => within(facts.f_number, range),
                PhotoFact::FocalLength => within(facts.focal_length_mm, range),
                PhotoFact::Faces => within(self.faces, range),
                PhotoFact::Width => within(Some(f64::from(summary.width)), range),
                PhotoFact::Height => within(Some(f64::from(summary.height)), range),
                PhotoFact::Bytes => within(Some(summary.bytes as f64), range),
                PhotoFact::Latitude => within(facts.gps.map(|gps| gps.latitude), range),
                PhotoFact::Shape => {
                    let is_known = summary.width > 0 && summary.height > 0;
                    within(is_known.then(|| f64::from(summary.width) - f64::from(summary.height)), range)
                }
            },
            SearchCondition::Taken { from, to } => summary
                .taken_ms
                .is_some_and(|taken| from.is_none_or(|from| taken >= from) && to.is_none_or(|to| taken < to)),
            SearchCondition::Within { south, north, west, east } => facts.gps.is_some_and(|gps| {
                let (is_east, is_west) = (gps.longitude >= *west, gps.longitude <= *east);
                (*south..=*north).contains(&gps.latitude)
                    && if west <= east { is_east && is_west } else { is_east || is_west }
            }),
            SearchCondition::In(scopes) => !scopes.is_empty() && self.id == one,
            SearchCondition::Media(media) => summary.media == *media,
            SearchCondition::Format(formats) => formats.contains(&summary.format),
            SearchCondition::Blurry(is_blurry) => summary.is_blurry == Some(*is_blurry),
            SearchCondition::Flag(flag) => summary.flag == *flag,
            SearchCondition::HasIssues => summary.issues > 0,
        }
    }
}

fn any_text() -> impl Strategy<Value = SearchCondition> {
    let adjacent = (prop::collection::vec(prop::sample::select(&WORDS[..]), 1..3), any::<bool>())
        .prop_map(|(list, is_prefix)| Adjacent { words: words(&list.join(" ")), is_prefix });
    let fields = prop_oneof![
        4 => prop::sample::subsequence(SearchField::ALL, 0..4),
        1 => Just(SearchField::TELLING.to_vec()),
    ];
    (fields, prop::option::weighted(0.9, prop::collection::vec(adjacent, 1..3)))
        .prop_map(|(fields, alternatives)| SearchCondition::Text(TextMatch { fields, alternatives }))
}

fn any_leaf(album: Scope) -> impl Strategy<Value = SearchCondition> {
    let fact = prop::sample::select(vec![
        PhotoFact::Rating,
        PhotoFact::Iso,
        PhotoFact::Sharpness,
        PhotoFact::Quality,
        PhotoFact::Aesthetic,
        PhotoFact::Aperture,
        PhotoFact::FocalLength,
        PhotoFact::Faces,
        PhotoFact::Width,
        PhotoFact::Height,
        PhotoFact::Bytes,
        PhotoFact::Latitude,
        PhotoFact::Shape,
    ]);
    let end = || {
        prop::option::of((
            prop::sample::select(vec![-1.0, 0.0, 0.4, 1.0, 2.5, 4.0, 20.0, 300.0]),
            any::<bool>(),
        ))
    };
    let number =
        (fact, end(), end()).prop_map(|(fact, low, high)| SearchCondition::Number(fact, Range { low, high }));
    let time = || prop::option::of(1_262_304_000_000..1_577_836_800_000_i64);
    let coordinate = || -180.0..180.0_f64;
    prop_oneof![
        6 => any_text(),
        3 => number,
        1 => (time(), time()).prop_map(|(from, to)| SearchCondition::Taken { from, to }),
        1 => (coordinate(), coordinate()).prop_map(|(west, east)| SearchCondition::Within { south: -15.0, north: 15.0, west, east }),
        1 => prop::sample::subsequence(vec![album], 0..=1).prop_map(SearchCondition::In),
        1 => prop::sample::select(vec![
            SearchCondition::Media(MediaKind::Video), SearchCondition::Blurry(true), SearchCondition::Blurry(false),
            SearchCondition::Flag(None), SearchCondition::Flag(Some(Flag::Pick)), SearchCondition::HasIssues,
            SearchCondition::Format(vec!["png".into(), "cr2".into()]), SearchCondition::Format(vec![]),
        ]),
    ]
}

fn any_condition(album: Scope) -> impl Strategy<Value = SearchCondition> {
    any_leaf(album).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(SearchCondition::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(SearchCondition::Any),
            inner.prop_map(|one| SearchCondition::Not(Box::new(one))),
        ]
    })
}

fn conditions_equal_the_naive_choice(f: &Fixture) {
    let made = fill(f);
    let source = AlbumSource::Photos { photos: vec![made[7]] };
    let album = Scope::Album(f.store.create_album(&NewAlbum { name: "x".into(), source }).unwrap().id);
    refresh(f);
    // In the order of rows, last first.
    let photos = found(f, &SearchCondition::All(vec![]));
    let known: Vec<Known> = photos
        .iter()
        .map(|id| {
            let n = made.iter().position(|one| one == id).unwrap();
            Known {
                id: *id,
                detail: f.store.photo(*id).unwrap().unwrap(),
                document: document(f, *id),
                aesthetic: (n % 2 == 0).then_some((n % 10) as f64),
                faces: (n % 2 == 0).then_some((n % 3) as f64),
            }
        })
        .collect();
    let config = Config::default();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let strategy = any_condition(album);
    let filter = PhotoFilter::default();
    let mut kinds = [0; 3];
    for nth in 0..600 {
        if nth == 300 {
            // What the index of words keeps in parts is put together, and nothing is found that was not.
            f.store.merge_words(&|| false).unwrap();
        }
        let condition = strategy.new_tree(&mut runner).unwrap().current();
        let expected: Vec<PhotoId> =
            known.iter().filter(|known| known.meets(&condition, made[7])).map(|known| known.id).collect();
        let (candidates, _) = f.store.search_candidates(&Scope::Library, &filter, &condition, 100).unwrap();
        let found: Vec<PhotoId> = candidates.iter().map(|one| one.photo).collect();
        assert_eq!(found, expected, "{condition:?}");
        let among = f.store.search_among(&photos, &Scope::Library, &filter, &condition).unwrap();
        assert_eq!(among.iter().map(|one| one.photo).collect::<Vec<_>>(), expected, "{condition:?}");
        let pictures = f.store.search_pictures(&Scope::Library, &filter, &condition, 1000).unwrap();
        let mut ids: Vec<PhotoId> =
            f.store.photos_showing(&pictures).unwrap().into_iter().map(|(_, photo)| photo).collect();
        ids.sort_by_key(|id| photos.iter().position(|one| one == id));
        assert_eq!(ids, expected, "{condition:?}");
        let count = f.store.search_count(&Scope::Library, &filter, &condition, 1000).unwrap();
        assert_eq!(count, expected.len() as u64);
        kinds[usize::from(!expected.is_empty()) + usize::from(expected.len() == photos.len())] += 1;
    }
    assert!(kinds.iter().all(|count| *count > 10), "none, some and all photos: {kinds:?}");
    assert!(picture(0).0.0[0] != picture(1).0.0[0]);
}

fn candidates_come_with_documents(f: &Fixture) {
    let photos = fill(f);
    let sea = SearchCondition::Text(text(&[], "sea"));
    let filter = PhotoFilter { rating_min: Some(3), ..PhotoFilter::default() };
    let (all, more) = f.store.search_candidates(&Scope::Library, &filter, &sea, 100).unwrap();
    assert!(!more && all.len() > 2);
    assert!(all.iter().all(|one| text(&[], "sea").is_in(&one.document)));
    let (some, more) = f.store.search_candidates(&Scope::Library, &filter, &sea, 2).unwrap();
    assert!(more && some == all[..2]);
    assert_eq!(f.store.search_count(&Scope::Library, &filter, &sea, 2).unwrap(), 2);
    let frequencies = f.store.text_frequencies(&[text(&[], "sea"), text(&[], "walrus")], 1000).unwrap();
    let naive = photos.iter().filter(|photo| text(&[], "sea").is_in(&document(f, **photo))).count();
    assert_eq!(frequencies, [naive as u64, 0]);
    assert_eq!(f.store.text_frequencies(&[text(&[], "sea")], 3).unwrap(), [3]);
    assert!(f.store.photos_about().unwrap() >= photos.len() as u64);

    let mut wanted = photos.clone();
    wanted.reverse();
    let summaries = f.store.photo_summaries(&wanted).unwrap();
    assert_eq!(summaries.iter().map(|one| one.id).collect::<Vec<_>>(), wanted);
    assert!(f.store.photo_summaries(&[PhotoId(uuid::Uuid::nil())]).unwrap().is_empty());
}

fn sequences_do_not_cross_pieces(f: &Fixture) {
    let mut content = record(1, 1);
    content.metadata.keywords = vec!["new".into(), "york".into()];
    let (_, apart) = f.photo("a.jpg", content);
    let mut content = record(2, 2);
    content.metadata.keywords = vec!["New York".into()];
    let (_, together) = f.photo("b.jpg", content);
    refresh(f);
    let sequence = SearchCondition::Text(text(&[], "new york"));
    assert_eq!(found(f, &sequence), [together]);
    assert_eq!(found(f, &SearchCondition::Not(Box::new(sequence))), [apart]);
}

fn hostile_words_are_words(f: &Fixture) {
    let hostile = [
        "'; DROP TABLE photos; --",
        "\" OR 1=1 --",
        "NEAR(a b)",
        "{tag} : x",
        "a*b^c",
        "x' & !y | (z <-> w):*A",
        "\\",
        "?1 $1 %_",
        "IN rarray(?1)",
        "\u{0}nul",
        "¦",
        "t/beach",
        "col:umn",
        "AND OR NOT",
    ];
    let mut ids = Vec::new();
    for (n, hostile) in (0..).zip(hostile) {
        let mut content = record(n, n);
        content.metadata.title = Some(hostile.to_owned());
        ids.push(f.photo(&format!("{n}.jpg"), content).1);
    }
    refresh(f);
    for (id, hostile) in ids.iter().zip(hostile) {
        let wanted = words(hostile);
        if !wanted.is_empty() {
            let condition = SearchCondition::Text(text(&[SearchField::Title], hostile));
            assert!(found(f, &condition).contains(id), "{hostile:?}");
        }
        f.store.search_terms(hostile, &[], 10).unwrap();
        f.store.albums_named(&wanted).unwrap();
    }
    assert_eq!(f.listed().len(), hostile.len());
}

fn terms_are_counted(f: &Fixture) {
    for n in 0..5 {
        let mut content = record(n, n);
        content.metadata.keywords = vec!["Mountain Bike".into(), format!("mouse {}", n % 2)];
        content.metadata.model = Some("Mou 5".into());
        f.photo(&format!("{n}.jpg"), content);
    }
    let tags =
        json!({"labels": [{"name": "mountain", "confidence": 0.9}, {"name": "mouth", "confidence": 0.1}]});
    f.store.put_features(&[feature(0, key("tags"), FeatureValue::Json(tags))]).unwrap();
    refresh(f);
    let terms = |beginning: &str, fields: &[SearchField], limit| -> Vec<(&str, String, u64)> {
        let found = f.store.search_terms(beginning, fields, limit).unwrap();
        found.into_iter().map(|term| (term.field.name(), term.label, term.photos)).collect()
    };
    let term = |field, label: &str, photos| (field, label.to_owned(), photos);
    assert_eq!(
        terms("MOU", &[], 10),
        [
            term("keyword", "Mountain Bike", 5),
            term("camera", "Mou 5", 5),
            term("keyword", "mouse 0", 3),
            term("keyword", "mouse 1", 2),
            term("tag", "mountain", 1),
        ]
    );
    assert_eq!(terms("mountain b", &[], 10), [term("keyword", "Mountain Bike", 5)]);
    assert_eq!(terms("mou", &[SearchField::Tag], 10), [term("tag", "mountain", 1)]);
    assert_eq!(terms("mou", &[], 1).len(), 1);
    refresh(f);
    f.store.put_features(&[feature(0, key("tags"), FeatureValue::Json(json!({"labels": []})))]).unwrap();
    refresh(f);
    assert!(terms("mou", &[SearchField::Tag], 10).is_empty());
    assert_eq!(terms("", &[SearchField::Keyword], 10).len(), 3);
}

fn albums_are_found_by_words(f: &Fixture) {
    let make = |name: &str| {
        let source = AlbumSource::Search { filter: PhotoFilter::default() };
        Scope::Album(f.store.create_album(&NewAlbum { name: name.into(), source }).unwrap().id)
    };
    let (summer, winter) = (make("Summer trip 2024"), make("Winter trip"));
    let named = |text: &str| f.store.albums_named(&words(text)).unwrap();
    assert_eq!(named("trip"), [summer.clone(), winter]);
    assert_eq!(named("TRIP sum"), [summer]);
    assert!(named("trip autumn").is_empty() && named("").is_empty());
}

fn lists_take_conditions(f: &Fixture) {
    let photos = fill(f);
    let condition = SearchCondition::Not(Box::new(SearchCondition::Text(text(&[], "sea"))));
    let mut query = PhotoQuery { condition: Some(condition.clone()), limit: 7, ..PhotoQuery::default() };
    let mut listed = Vec::new();
    let total = f.store.count_photos(&query).unwrap();
    loop {
        let page = f.store.list_photos(&query).unwrap();
        listed.extend(page.items.into_iter().map(|photo| photo.id));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(listed.len() as u64, total);
    let mut expected = found(f, &condition);
    expected.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, expected);
    assert!(listed.len() < photos.len());
}
