//! Operations' states and pages, views and completions.

use tintype_core::OperationId;
use tintype_store::{Completion, OperationState, TransitionFields};

use crate::fixture::{Fixture, LONG, on_both};

on_both!(
    states_change_only_from_where_they_may,
    operations_come_newest_first,
    leases_go_back,
    views_are_replaced_whole,
    completions_are_remembered
);

fn states_change_only_from_where_they_may(f: &Fixture) {
    use OperationState::{Completed, Failed, Pending, Running};
    let id = f.operation(&[]);
    let none = TransitionFields::default;
    assert!(!f.store.transition(id, &[Running], Completed, none()).unwrap());
    assert!(f.store.transition(id, &[Pending], Running, none()).unwrap());
    let started = f.store.operation(id).unwrap().unwrap();
    assert!(started.started_ms.is_some() && started.finished_ms.is_none());
    f.store.set_phase(id, "looking").unwrap();
    let error = Some(serde_json::json!({"code": "BUSY", "detail": "x"}));
    let fields = TransitionFields { error: error.clone(), owner: Some("me".to_owned()), ..none() };
    assert!(f.store.transition(id, &[Pending, Running], Failed, fields).unwrap());
    let failed = f.store.operation(id).unwrap().unwrap();
    assert_eq!(
        (failed.state, failed.error, failed.phase.as_str(), failed.owner.as_str()),
        (Failed, error, "looking", "me")
    );
    assert!(failed.finished_ms.is_some());
    assert!(f.store.operation(OperationId::now()).unwrap().is_none());
    assert!(f.store.next_batch(id, "x", LONG).unwrap().is_none());
}

fn operations_come_newest_first(f: &Fixture) {
    let ids: Vec<OperationId> = (0..7).map(|_| f.operation(&[])).collect();
    f.store
        .transition(ids[3], &[OperationState::Pending], OperationState::Paused, TransitionFields::default())
        .unwrap();
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = f.store.operations(None, 3, cursor.as_deref()).unwrap();
        seen.extend(page.items.iter().map(|operation| operation.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids.iter().rev().copied().collect::<Vec<_>>());
    let paused = f.store.operations(Some(OperationState::Paused), 10, None).unwrap();
    assert_eq!((paused.items.len(), paused.items[0].id), (1, ids[3]));
    assert!(f.store.operations(None, 3, Some("nonsense")).is_err());
}

fn leases_go_back(f: &Fixture) {
    let files = f.add(&["a.jpg", "b.jpg", "c.jpg"]);
    let id = f.operation(&[files[..1].to_vec(), files[1..].to_vec()]);
    f.store.add_batches(id, &[vec![]]).unwrap();
    let first = f.store.next_batch(id, "dead", LONG).unwrap().unwrap();
    assert_eq!((first.seq, &first.files[..]), (0, &files[..1]));
    assert_eq!(f.store.next_batch(id, "dead", LONG).unwrap().unwrap().files, files[1..]);
    let counts = f.store.batches(id).unwrap();
    assert_eq!((counts.pending, counts.leased, counts.done, counts.total), (1, 2, 0, 3));
    assert_eq!(f.store.release_leases(id).unwrap(), 2);
    assert_eq!(f.store.next_batch(id, "new", LONG).unwrap().unwrap().seq, 0);
    assert_eq!(f.store.operation(id).unwrap().unwrap().total, 3);
}

fn views_are_replaced_whole(f: &Fixture) {
    let rows: Vec<_> = (0..25).map(|i| serde_json::json!({"group": i})).collect();
    assert_eq!(f.store.view_stamp("duplicates", "library").unwrap(), None);
    assert_eq!(f.store.view_rows("duplicates", "library", 0, 10).unwrap(), (vec![], 0));
    f.store.put_view("duplicates", "library", "a", &rows).unwrap();
    f.store.put_view("duplicates", "album:1", "b", &rows[..2]).unwrap();
    assert_eq!(f.store.view_rows("duplicates", "library", 20, 10).unwrap(), (rows[20..].to_vec(), 25));
    f.store.put_view("duplicates", "library", "c", &rows[..1]).unwrap();
    assert_eq!(f.store.view_rows("duplicates", "library", 0, 10).unwrap(), (rows[..1].to_vec(), 1));
    assert_eq!(f.store.view_stamp("duplicates", "library").unwrap().as_deref(), Some("c"));
    assert_eq!(f.store.view_stamp("duplicates", "album:1").unwrap().as_deref(), Some("b"));
}

fn completions_are_remembered(f: &Fixture) {
    let completion = Completion { generation: 5, photos: 1, files: 2, features: 3 };
    assert_eq!(f.store.completion("library", "p").unwrap(), None);
    f.store.record_completion("library", "p", completion).unwrap();
    f.store.record_completion("library", "p", Completion { generation: 6, ..completion }).unwrap();
    assert_eq!(f.store.completion("library", "p").unwrap().unwrap().generation, 6);
    assert_eq!(f.store.completion("library", "q").unwrap(), None);
    f.store.ping().unwrap();
}
