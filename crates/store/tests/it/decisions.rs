//! Decisions, items, the trash, side files and stacks, on both databases.

use serde_json::json;
use tintype_core::{CaptionBy, FeatureKey, FeatureValue, Flag, OperationId, PhotoId};
use tintype_store::{
    Choice, Counters, ItemCommit, ItemOutcome, ItemState, NewDecision, NewItem, NewTrash, PhotoFilter,
    PhotoQuery, Scope, SeenSidecar, SeenSource, TrashChange, WriteMode,
};

use crate::fixture::{Fixture, LONG, feature, record, stat};

fn on_both(test: impl Fn(&Fixture)) {
    test(&Fixture::sqlite());
    if let Some(f) = Fixture::postgres() {
        test(&f);
    }
}

fn decide(f: &Fixture, photo: PhotoId, choice: Choice) {
    f.store.decide(&[NewDecision { photo: Some(photo), operation: None, choice }]).unwrap();
}

fn found(f: &Fixture, filter: PhotoFilter) -> Vec<PhotoId> {
    let query = PhotoQuery { filter, ..PhotoQuery::default() };
    f.store.list_photos(&query).unwrap().items.iter().map(|photo| photo.id).collect()
}

#[test]
fn decisions_hold_are_found_and_travel() {
    on_both(|f| {
        let (_, one) = f.photo("a/one.jpg", record(1, 1));
        let (_, two) = f.photo("a/two.jpg", record(2, 2));
        decide(f, one, Choice::Rating { value: Some(5), base: None });
        decide(f, one, Choice::Flag { value: Some(Flag::Pick) });
        decide(f, two, Choice::Keywords { value: vec!["Sea".into()], base: vec![] });
        decide(f, one, Choice::Caption { value: Some("Rex at home".into()) });
        assert_eq!(found(f, PhotoFilter { favorite: Some(true), ..Default::default() }), [one]);
        assert_eq!(found(f, PhotoFilter { flag: Some(Flag::Pick), ..Default::default() }), [one]);
        assert_eq!(found(f, PhotoFilter { unflagged: Some(true), ..Default::default() }), [two]);
        assert_eq!(found(f, PhotoFilter { keyword: Some("sea".into()), ..Default::default() }), [two]);
        let detail = f.store.photo(one).unwrap().unwrap();
        assert_eq!((detail.summary.rating, detail.summary.flag), (Some(5), Some(Flag::Pick)));

        assert!(f.store.pending_annotations(&Scope::Library).unwrap().is_empty(), "the root is only read");
        f.store.set_write_mode(f.root(), WriteMode::File).unwrap();
        let mut pending = f.store.pending_annotations(&Scope::Library).unwrap();
        pending.sort_unstable();
        let mut both = vec![one, two];
        both.sort_unstable();
        assert_eq!(pending, both);

        let decisions: Vec<_> =
            f.store.decisions(0, 1000).unwrap().into_iter().map(|(_, decision)| decision).collect();
        assert_eq!(f.store.import_decisions(&decisions).unwrap(), 0, "read twice, counted once");
        let other = Fixture::sqlite();
        assert_eq!(other.store.import_decisions(&decisions).unwrap(), decisions.len() as u64);
        let (_, again) = other.photo("elsewhere.jpg", record(1, 1));
        assert_eq!(other.store.captions(&[again]).unwrap()[&again].text, "Rex at home");
        assert_eq!(
            other.store.photo(again).unwrap().unwrap().summary.rating,
            Some(5),
            "photos that come later"
        );
    });
}

#[test]
fn the_caption_that_is_shown_is_peoples_then_the_models() {
    on_both(|f| {
        let mut described = record(2, 2);
        described.metadata.description = Some("At the sea".into());
        let (_, one) = f.photo("a/one.jpg", record(1, 1));
        let (_, two) = f.photo("a/two.jpg", described);
        let (_, three) = f.photo("a/three.jpg", record(3, 3));
        let sentence = |text: &str| FeatureValue::Json(json!({ "text": text, "confidence": 0.5 }));
        let by = |producer: &str| FeatureKey::new("caption", producer);
        f.store
            .put_features(&[
                feature(1, by("composed@1(a)"), sentence("A dog.")),
                feature(1, by("vit@1"), sentence("a dog on a beach")),
                feature(2, by("vit@1"), sentence("a beach")),
                feature(3, by("composed@1(a)"), sentence("")),
            ])
            .unwrap();
        let shown = || {
            let captions = f.store.captions(&[one, two, three]).unwrap();
            let of = |photo| captions.get(&photo).map(|shown| (shown.text.clone(), shown.by));
            [of(one), of(two), of(three)]
        };
        let said = |text: &str, by| Some((text.to_owned(), by));
        let (model, file) = (said("a dog on a beach", CaptionBy::Model), said("At the sea", CaptionBy::File));
        assert_eq!(shown(), [model.clone(), file.clone(), None]);
        decide(f, one, Choice::Caption { value: Some("Rex".into()) });
        assert_eq!(shown(), [said("Rex", CaptionBy::Person), file.clone(), None]);
        decide(f, one, Choice::Caption { value: None });
        assert_eq!(shown(), [model, file, None]);
        assert!(f.store.captions(&[]).unwrap().is_empty());
        f.store.set_write_mode(f.root(), WriteMode::File).unwrap();
        assert!(
            f.store.pending_annotations(&Scope::Library).unwrap().is_empty(),
            "kept in the library alone"
        );
    });
}

/// Two photos of one picture, told apart by their metadata, in a new database that reads them in either order.
#[test]
fn after_a_lost_database_decisions_find_the_photo_that_they_are_about() {
    on_both(|f| {
        let (_, one) = f.photo("one.jpg", record(1, 9));
        f.photo("two.jpg", record(2, 9));
        decide(f, one, Choice::Rating { value: Some(4), base: None });
        decide(f, one, Choice::Keywords { value: vec!["sea".into()], base: vec![] });
        let decisions: Vec<_> =
            f.store.decisions(0, 1000).unwrap().into_iter().map(|(_, decision)| decision).collect();
        for order in [["one.jpg", "two.jpg"], ["two.jpg", "one.jpg"]] {
            let other = Fixture::sqlite();
            other.store.import_decisions(&decisions).unwrap();
            let ids = order.map(|name| other.photo(name, record(if name == "one.jpg" { 1 } else { 2 }, 9)).1);
            for (name, id) in order.into_iter().zip(ids) {
                let rating = other.store.photo(id).unwrap().unwrap().summary.rating;
                assert_eq!(rating, (name == "one.jpg").then_some(4), "{name} of {order:?}");
            }
            let sea = found(&other, PhotoFilter { keyword: Some("sea".into()), ..Default::default() });
            assert_eq!(sea.len(), 1, "{order:?}");
        }
        // Its bytes were changed since by another program: then the picture alone tells.
        let changed = Fixture::sqlite();
        changed.store.import_decisions(&decisions).unwrap();
        let (_, id) = changed.photo("one.jpg", record(3, 9));
        assert_eq!(changed.store.photo(id).unwrap().unwrap().summary.rating, Some(4));
    });
}

#[test]
fn items_are_committed_failed_and_retried() {
    on_both(|f| {
        let (file, photo) = f.photo("a.jpg", record(1, 1));
        let operation = f.operation(&[]);
        let items: Vec<NewItem> = (0..3)
            .map(|i| NewItem { path: format!("/photos/{i}.jpg").into(), body: json!({ "i": i }) })
            .collect();
        f.store.add_items(operation, &items, 2).unwrap();
        let (batch, leased) = f.store.next_item_batch(operation, "test", LONG).unwrap().unwrap();
        assert_eq!(leased.len(), 2);
        assert!(f.store.next_batch(operation, "test", LONG).unwrap().is_none(), "no batch of files");
        let outcome =
            |position, state| ItemOutcome { position, state, target: None, code: None, detail: None };
        let place = uuid::Uuid::now_v7();
        let trash = NewTrash {
            id: place,
            original: "/photos/a.jpg".into(),
            place: "x/a.jpg".into(),
            stat: stat("a.jpg"),
            file: Some(file),
            photo: Some(photo),
            content_hash: Some(record(1, 1).content_hash),
            reason: None,
            kept: None,
            operation: Some(operation),
        };
        let commit = ItemCommit {
            operation,
            seq: batch.seq,
            lease: batch.lease,
            is_whole: true,
            outcomes: vec![outcome(0, ItemState::Done), outcome(1, ItemState::Failed)],
            files: vec![],
            gone: vec![file],
            back: vec![],
            decisions: vec![],
            trash: vec![TrashChange::Added(Box::new(trash))],
            seen: vec![SeenSource {
                path: "/card/1.jpg".into(),
                size: 1,
                mtime_ns: 2,
                content_hash: record(1, 1).content_hash,
            }],
            counters: Counters::default(),
        };
        f.store.commit_items(&commit).unwrap();
        assert!(f.store.commit_items(&commit).is_err(), "a batch is done once (INV-4)");
        let counts = f.store.item_counts(operation).unwrap();
        assert_eq!((counts.pending, counts.done, counts.failed), (1, 1, 1));
        assert!(f.listed().is_empty() && f.store.trash_totals().unwrap().0 == 1);
        let hash = record(1, 1).content_hash;
        let sources = [("/card/1.jpg".into(), 1, 2), ("/card/1.jpg".into(), 1, 3)];
        assert_eq!(f.store.seen_sources(&sources).unwrap(), [Some(hash), None]);
        assert!(f.store.contents_thrown_away(&[hash]).unwrap().contains(&hash));
        assert!(f.store.contents_held(&[hash]).unwrap().is_empty());
        assert_eq!(f.store.trash_since(i64::MAX, Some(operation)).unwrap().len(), 1);
        assert!(f.store.trash_since(i64::MAX, Some(OperationId::now())).unwrap().is_empty());

        assert_eq!(f.store.retry_items(operation, None).unwrap(), 1);
        assert_eq!(f.store.item_counts(operation).unwrap().pending, 2);
        let (again, items) = f.store.next_item_batch(operation, "test", LONG).unwrap().unwrap();
        assert_eq!((again.seq, items.len(), items[0].position), (0, 1, 1));
        let restore = ItemCommit {
            lease: again.lease,
            outcomes: vec![outcome(1, ItemState::Done)],
            gone: vec![],
            back: vec![(file, stat("a.jpg"))],
            trash: vec![TrashChange::Restored(place)],
            seen: vec![],
            ..commit
        };
        f.store.commit_items(&restore).unwrap();
        assert_eq!((f.listed(), f.store.trash(10, None).unwrap().items.len()), (vec![photo], 0));
        assert_eq!(f.store.items(operation, Some(ItemState::Done), 10, None).unwrap().items.len(), 2);
    });
}

#[test]
fn side_files_and_stacks_are_noticed() {
    on_both(|f| {
        let mut raw = record(1, 1);
        raw.format = "cr2".into();
        let (file, one) = f.photo("a/IMG_1.CR2", raw);
        let (_, still) = f.photo("a/IMG_1.JPG", record(2, 2));
        f.photo("a/IMG_2.JPG", record(3, 3));
        assert!(f.store.refresh_stacks().unwrap() > 0);
        assert_eq!(f.store.refresh_stacks().unwrap(), 0, "nothing changed");
        let shown = found(f, PhotoFilter { stacked: Some(true), ..Default::default() });
        assert!(shown.contains(&still) && !shown.contains(&one) && shown.len() == 2, "{shown:?}");
        assert_eq!(f.store.photo(still).unwrap().unwrap().companions, [one]);

        let root = f.root();
        assert!(!f.store.has_sidecars(root, b"").unwrap());
        let mut seen = SeenSidecar {
            folder: b"a".to_vec(),
            of: b"IMG_1.CR2".to_vec(),
            name: b"IMG_1.xmp".to_vec(),
            size: 10,
            mtime_ns: 1,
        };
        assert_eq!(f.store.apply_sidecars(root, b"", std::slice::from_ref(&seen)).unwrap(), 1);
        assert_eq!(f.store.apply_sidecars(root, b"", std::slice::from_ref(&seen)).unwrap(), 0);
        assert!(f.store.has_sidecars(root, b"a").unwrap());
        assert_eq!(f.store.unsettled_files(&Scope::Library).unwrap(), [file]);
        seen.mtime_ns = 2;
        assert_eq!(f.store.apply_sidecars(root, b"", &[seen]).unwrap(), 1);
        assert_eq!(f.store.apply_sidecars(root, b"a", &[]).unwrap(), 1, "gone");
    });
}
