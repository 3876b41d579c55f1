//! Batches: all or nothing, once, under a lease; and which photo a file's content belongs to.

use std::time::Duration;

use tintype_core::{ErrorCode, FeatureValue, Issue, Orientation, PhotoId, Stage};
use tintype_store::{BatchCommit, Counters, OperationState, PhotoFilter, PhotoQuery, ScanChanges, Scope};

use crate::fixture::{Fixture, LONG, feature, key, news, on_both, outcome, picture, record, stat};

on_both!(
    results_and_checkpoint_commit_together,
    nothing_is_written_under_a_lost_lease,
    two_holders_one_expires,
    many_workers_commit_every_batch_once,
    edited_metadata_keeps_the_photo,
    edited_copies_keep_the_photo,
    a_copy_left_alone_keeps_the_photo,
    new_pixels_are_a_new_photo,
    old_bytes_from_a_backup,
    unreadable_files_are_settled_with_their_issue,
    turning_is_another_picture,
    news_reach_the_photo,
);

fn results_and_checkpoint_commit_together(f: &Fixture) {
    let files = f.add(&["a.jpg", "b.jpg"]);
    let (operation, lease, seq) = f.leased(files.clone());
    let mut counters = Counters { photos: 2, computed: 3, bytes_read: 10, ..Counters::default() };
    counters.step_us.insert("blur".to_owned(), 5);
    let batch = BatchCommit {
        operation,
        seq,
        lease,
        files: vec![
            outcome(files[0], stat("a.jpg"), Some(record(1, 1))),
            outcome(files[1], stat("b.jpg"), Some(record(2, 2))),
        ],
        features: vec![feature(1, key("n"), FeatureValue::Number(1.0))],
        subjects: vec![],
        counters,
    };
    f.store.commit_batch(&batch).unwrap();
    let after = f.store.operation(operation).unwrap().unwrap();
    assert_eq!((after.total, after.done, after.totals.computed, after.totals.step_us["blur"]), (2, 2, 3, 5));
    assert_eq!(f.store.batches(operation).unwrap().done, 1);
    assert_eq!(f.store.batch_log(operation).unwrap()[0].commits, 1);
    assert_eq!(f.listed().len(), 2);
    let stored = f.store.get_features(&[picture(1), picture(2)], &[key("n")]).unwrap();
    assert_eq!(stored, [vec![Some(FeatureValue::Number(1.0))], vec![None]]);

    // The same batch a second time is a lost lease, and changes nothing.
    let generation = f.store.generation().unwrap();
    assert_eq!(f.store.commit_batch(&batch).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(f.store.operation(operation).unwrap().unwrap().totals.computed, 3);
    assert_eq!(f.store.generation().unwrap(), generation);
}

fn nothing_is_written_under_a_lost_lease(f: &Fixture) {
    let files = f.add(&["a.jpg"]);
    let (operation, _, seq) = f.leased(files.clone());
    let batch = BatchCommit {
        operation,
        seq,
        lease: uuid::Uuid::new_v4(),
        files: vec![outcome(files[0], stat("a.jpg"), Some(record(1, 1)))],
        features: vec![feature(1, key("n"), FeatureValue::Number(1.0))],
        subjects: vec![news(1)],
        counters: Counters { photos: 1, ..Counters::default() },
    };
    assert_eq!(f.store.commit_batch(&batch).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(f.listed(), []);
    assert_eq!(f.store.unsettled_files(&Scope::Library).unwrap(), files);
    assert_eq!(f.store.get_features(&[picture(1)], &[key("n")]).unwrap(), [[None]]);
    assert_eq!(f.store.stats().unwrap().subjects, 0);
    assert_eq!(f.store.operation(operation).unwrap().unwrap().totals, Counters::default());
}

fn two_holders_one_expires(f: &Fixture) {
    let files = f.add(&["a.jpg"]);
    let operation = f.operation(&[files.clone()]);
    let slow = f.store.next_batch(operation, "slow", Duration::ZERO).unwrap().unwrap();
    let quick = f.store.next_batch(operation, "quick", LONG).unwrap().unwrap();
    assert_eq!((slow.seq, &slow.files), (quick.seq, &quick.files));
    assert!(f.store.next_batch(operation, "third", LONG).unwrap().is_none());
    let batch = |lease| BatchCommit {
        operation,
        seq: quick.seq,
        lease,
        files: vec![outcome(files[0], stat("a.jpg"), Some(record(1, 1)))],
        features: vec![],
        subjects: vec![],
        counters: Counters { photos: 1, ..Counters::default() },
    };
    assert_eq!(f.store.commit_batch(&batch(slow.lease)).unwrap_err().code(), ErrorCode::Conflict);
    assert!(!f.store.renew_lease(operation, slow.seq, slow.lease, LONG).unwrap());
    assert!(f.store.renew_lease(operation, quick.seq, quick.lease, LONG).unwrap());
    f.store.commit_batch(&batch(quick.lease)).unwrap();
    assert_eq!(f.store.commit_batch(&batch(slow.lease)).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(f.store.operation(operation).unwrap().unwrap().totals.photos, 1);
    assert_eq!(f.store.batch_log(operation).unwrap()[0].commits, 1);
}

fn many_workers_commit_every_batch_once(f: &Fixture) {
    let paths: Vec<String> = (0..60).map(|i| format!("{i}.jpg")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let files = f.add(&paths);
    let batches: Vec<Vec<_>> = files.chunks(3).map(<[_]>::to_vec).collect();
    let operation = f.operation(&batches);
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (store, files) = (&f.store, &files);
            scope.spawn(move || {
                while let Some(batch) =
                    store.next_batch(operation, &format!("worker {worker}"), LONG).unwrap()
                {
                    // All batches show some of the same pictures, and two files each the same photo.
                    let number = |file| files.iter().position(|other| *other == file).unwrap() as u32;
                    let outcomes = batch.files.iter().map(|file| {
                        let n = number(*file);
                        outcome(*file, stat(&format!("{n}.jpg")), Some(record(n / 2, n % 5)))
                    });
                    let features =
                        (0..5).rev().map(|n| feature(n, key("n"), FeatureValue::Number(f64::from(n))));
                    let commit = BatchCommit {
                        operation,
                        seq: batch.seq,
                        lease: batch.lease,
                        files: outcomes.collect(),
                        features: features.collect(),
                        subjects: vec![news(1), news(0)],
                        counters: Counters { photos: batch.files.len() as u64, ..Counters::default() },
                    };
                    store.commit_batch(&commit).unwrap();
                }
            });
        }
    });
    let log = f.store.batch_log(operation).unwrap();
    assert!(log.len() == 20 && log.iter().all(|batch| batch.commits == 1));
    let after = f.store.operation(operation).unwrap().unwrap();
    assert_eq!((after.done, after.totals.photos), (60, 60));
    assert_eq!(f.listed().len(), 30);
    assert!(f.store.list_photos(&PhotoQuery::default()).unwrap().items.iter().all(|photo| photo.files == 2));
    assert_eq!(f.store.stats().unwrap().subjects, 5);
}

fn edited_metadata_keeps_the_photo(f: &Fixture) {
    let (file, photo) = f.photo("a.jpg", record(1, 1));
    f.store
        .apply_scan(f.root(), &ScanChanges { changed: vec![(file, stat("x"))], ..ScanChanges::default() })
        .unwrap();
    let mut edited = record(2, 1);
    edited.metadata.rating = Some(4);
    f.settle(file, "x", edited);
    assert_eq!(f.photo_of(file), Some(photo));
    let detail = f.store.photo(photo).unwrap().unwrap();
    assert_eq!((detail.summary.rating, detail.content_hash), (Some(4), record(2, 1).content_hash));
    assert_eq!(f.listed(), [photo]);
    assert_eq!(f.store.stats().unwrap().subjects, 1);
}

fn edited_copies_keep_the_photo(f: &Fixture) {
    let (a, photo) = f.photo("a.jpg", record(1, 1));
    let (b, same) = f.photo("b.jpg", record(1, 1));
    assert_eq!(photo, same);
    let changed = vec![(a, stat("x")), (b, stat("y"))];
    f.store.apply_scan(f.root(), &ScanChanges { changed, ..ScanChanges::default() }).unwrap();
    f.settle(a, "x", record(2, 1));
    f.settle(b, "y", record(2, 1));
    assert_eq!((f.photo_of(a), f.photo_of(b)), (Some(photo), Some(photo)));
    assert_eq!(f.listed(), [photo]);
}

fn a_copy_left_alone_keeps_the_photo(f: &Fixture) {
    let (a, photo) = f.photo("a.jpg", record(1, 1));
    let (b, _) = f.photo("b.jpg", record(1, 1));
    f.store
        .apply_scan(f.root(), &ScanChanges { changed: vec![(b, stat("y"))], ..ScanChanges::default() })
        .unwrap();
    f.settle(b, "y", record(2, 1));
    assert_eq!(f.photo_of(a), Some(photo));
    assert_eq!(f.photo_of(b), Some(PhotoId::from_content(&record(2, 1).content_hash, 0)));
    let files: Vec<u32> =
        f.store.list_photos(&PhotoQuery::default()).unwrap().items.iter().map(|p| p.files).collect();
    assert_eq!(files, [1, 1]);
}

fn new_pixels_are_a_new_photo(f: &Fixture) {
    let (file, photo) = f.photo("a.jpg", record(1, 1));
    f.store
        .apply_scan(f.root(), &ScanChanges { changed: vec![(file, stat("x"))], ..ScanChanges::default() })
        .unwrap();
    f.settle(file, "x", record(2, 2));
    assert_ne!(f.photo_of(file), Some(photo));
    assert_eq!(f.listed(), [f.photo_of(file).unwrap()]);
    let report = f.store.prune(&[], false).unwrap();
    assert_eq!((report.photos, report.subjects), (1, 1));
    assert!(f.store.photo(photo).unwrap().is_none());
}

fn old_bytes_from_a_backup(f: &Fixture) {
    let (file, photo) = f.photo("a.jpg", record(1, 1));
    f.store
        .apply_scan(f.root(), &ScanChanges { changed: vec![(file, stat("x"))], ..ScanChanges::default() })
        .unwrap();
    f.settle(file, "x", record(2, 1));
    let (back, restored) = f.photo("backup/a.jpg", record(1, 1));
    assert_eq!(restored, PhotoId::from_content(&record(1, 1).content_hash, 1));
    assert_eq!((f.photo_of(file), f.photo_of(back)), (Some(photo), Some(restored)));
}

fn unreadable_files_are_settled_with_their_issue(f: &Fixture) {
    let file = f.add(&["a.jpg"])[0];
    let issue = Issue::new(Stage::Read, ErrorCode::FileUnreadable, "denied");
    let mut failed = outcome(file, stat("a.jpg"), None);
    failed.issues = vec![issue.clone()];
    f.commit(vec![failed], vec![], vec![]);
    assert!(f.store.unsettled_files(&Scope::Library).unwrap().is_empty());
    assert_eq!(f.store.issues_of_file(file).unwrap(), [issue]);
    assert_eq!(f.listed(), []);
    let mut rows = Vec::new();
    f.store.report_rows(&Scope::Library, |row| rows.push(row)).unwrap();
    assert_eq!((rows.len(), rows[0].photo.is_none(), rows[0].issues.len()), (1, true, 1));
    f.store.replace_issues(file, &[]).unwrap();
    assert_eq!(f.store.issues_of_file(file).unwrap(), []);
}

fn turning_is_another_picture(f: &Fixture) {
    let (file, photo) = f.photo("a.jpg", record(1, 1));
    f.store.put_features(&[feature(1, key("n"), FeatureValue::Number(1.0))]).unwrap();
    f.store
        .apply_scan(f.root(), &ScanChanges { changed: vec![(file, stat("x"))], ..ScanChanges::default() })
        .unwrap();
    let mut turned = record(2, 1);
    turned.metadata.orientation = Orientation::from_exif(6);
    f.settle(file, "x", turned);
    assert_eq!(f.photo_of(file), Some(photo));
    assert_eq!(f.store.missing_features(&Scope::Library, &[key("n")], "").unwrap(), [(file, 1)]);
    assert_eq!(f.store.photo(photo).unwrap().unwrap().summary.orientation.exif(), 6);
}

fn news_reach_the_photo(f: &Fixture) {
    let (_, photo) = f.photo("a.jpg", record(1, 1));
    let mut update = news(1);
    (update.sharpness, update.is_blurry, update.decoder) = (Some(0.5), Some(true), Some("turbo".to_owned()));
    f.commit(vec![], vec![], vec![update]);
    let mut update = news(1);
    (update.quality, update.undecodable) = (Some(0.25), Some("all@1".to_owned()));
    f.commit(vec![], vec![], vec![update]);
    let detail = f.store.photo(photo).unwrap().unwrap();
    let summary = &detail.summary;
    assert_eq!((summary.sharpness, summary.quality, summary.is_blurry), (Some(0.5), Some(0.25), Some(true)));
    assert_eq!((summary.decodable, detail.decoder.as_deref()), (false, Some("turbo")));
    assert_eq!(f.store.missing_features(&Scope::Library, &[key("n")], "all@1").unwrap(), []);
    assert_eq!(f.store.missing_features(&Scope::Library, &[key("n")], "all@2").unwrap().len(), 1);
    // A copy of the same picture has its scores from the start.
    let (_, other) = f.photo("b.jpg", record(2, 1));
    assert_eq!(f.store.photo(other).unwrap().unwrap().summary.sharpness, Some(0.5));
    let filter = PhotoFilter { is_blurry: Some(true), ..PhotoFilter::default() };
    assert_eq!(f.store.count_photos(&PhotoQuery { filter, ..PhotoQuery::default() }).unwrap(), 2);
    f.commit(vec![], vec![], vec![news(1)]);
    assert!(f.store.photo(photo).unwrap().unwrap().summary.decodable);
    assert_eq!(f.store.operations(Some(OperationState::Pending), 10, None).unwrap().items.len(), 5);
}
