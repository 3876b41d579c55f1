//! What walks find, and what is remembered of it.

use std::path::Path;

use tintype_store::{KnownFile, RootId, ScanChanges, Scope, Store};

use crate::fixture::{Fixture, on_both, record, seen, stat};

on_both!(
    a_walk_is_remembered,
    files_move_and_trade_places,
    gone_and_back,
    roots_absorb_roots,
    scopes_of_files,
    a_known_path_can_be_added_again
);

fn all(store: &Store, root: RootId) -> Vec<(String, KnownFile)> {
    let folders = store.load_scan(root, None).unwrap();
    assert!(folders.is_sorted_by(|a, b| a.rel < b.rel));
    let path = |rel: &[u8], name: &[u8]| {
        format!("{}/{}", String::from_utf8_lossy(rel), String::from_utf8_lossy(name))
    };
    folders.iter().flat_map(|d| d.files.iter().map(|f| (path(&d.rel, &f.name), f.clone()))).collect()
}

fn a_walk_is_remembered(f: &Fixture) {
    let before = f.store.generation().unwrap();
    let ids = f.add(&["b/2.jpg", "1.jpg", "b/1.jpg", "a/x/1.jpg"]);
    assert!(f.store.generation().unwrap() > before);
    let files = all(&f.store, f.root());
    let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["/1.jpg", "a/x/1.jpg", "b/1.jpg", "b/2.jpg"]);
    assert_eq!(files[0].1.id, ids[1]);
    assert_eq!(files[3].1.stat, stat("b/2.jpg"));
    assert!(files.iter().all(|(_, file)| file.present && !file.settled));
    let under = f.store.load_scan(f.root(), Some(b"b")).unwrap();
    assert_eq!((under.len(), under[0].files.len()), (1, 2));

    let strange = seen("a/\n\u{202e}.jpg", stat("x"));
    let mut not_utf8 = seen("a/?.jpg", stat("y"));
    not_utf8.name = vec![0xff, b'.', b'j'];
    let changes = ScanChanges { added: vec![strange, not_utf8.clone()], ..ScanChanges::default() };
    let added = f.store.apply_scan(f.root(), &changes).unwrap().added;
    assert_eq!(f.store.work_items(&added).unwrap()[1].rel, [b"a/", not_utf8.name.as_slice()].concat());

    let generation = f.store.generation().unwrap();
    f.store.apply_scan(f.root(), &ScanChanges::default()).unwrap();
    assert_eq!(f.store.generation().unwrap(), generation);
    assert_eq!(all(&f.reopen(), f.root()).len(), 6);
}

fn files_move_and_trade_places(f: &Fixture) {
    let (a, photo) = f.photo("a.jpg", record(1, 1));
    let (b, _) = f.photo("b.jpg", record(2, 2));
    let (c, photo_c) = f.photo("c.jpg", record(3, 3));
    let moved = vec![(a, seen("b.jpg", stat("a.jpg"))), (b, seen("a.jpg", stat("b.jpg")))];
    f.store.apply_scan(f.root(), &ScanChanges { moved, ..ScanChanges::default() }).unwrap();
    let items = f.store.work_items(&[a, b]).unwrap();
    assert_eq!((items[0].rel.as_slice(), items[1].rel.as_slice()), (&b"b.jpg"[..], &b"a.jpg"[..]));
    assert!(items[0].settled);
    assert_eq!(f.store.photo(photo).unwrap().unwrap().summary.name, "b.jpg");

    // Over a path that another row holds.
    let moved = vec![(a, seen("new/c.jpg", stat("a.jpg")))];
    f.store.apply_scan(f.root(), &ScanChanges { moved, ..ScanChanges::default() }).unwrap();
    let moved = vec![(a, seen("c.jpg", stat("a.jpg")))];
    f.store.apply_scan(f.root(), &ScanChanges { moved, ..ScanChanges::default() }).unwrap();
    assert!(f.store.work_items(&[c]).unwrap().is_empty());
    assert_eq!(f.photo_of(a), Some(photo));
    assert_eq!(f.listed().len(), 2);
    assert!(!f.listed().contains(&photo_c));
}

fn gone_and_back(f: &Fixture) {
    let (file, photo) = f.photo("a.jpg", record(1, 1));
    f.photo("b.jpg", record(2, 2));
    f.store.apply_scan(f.root(), &ScanChanges { gone: vec![file], ..ScanChanges::default() }).unwrap();
    assert!(!f.listed().contains(&photo));
    assert!(!f.store.photo(photo).unwrap().unwrap().files[0].present);
    f.store.apply_scan(f.root(), &ScanChanges { back: vec![file], ..ScanChanges::default() }).unwrap();
    assert!(f.listed().contains(&photo));
    assert!(f.store.unsettled_files(&Scope::Library).unwrap().is_empty());
    f.store
        .apply_scan(f.root(), &ScanChanges { changed: vec![(file, stat("z"))], ..ScanChanges::default() })
        .unwrap();
    assert_eq!(f.store.unsettled_files(&Scope::Library).unwrap(), [file]);
}

fn a_known_path_can_be_added_again(f: &Fixture) {
    let first = f.add(&["a.jpg", "b.jpg"]);
    f.store.apply_scan(f.root(), &ScanChanges { gone: vec![first[1]], ..ScanChanges::default() }).unwrap();
    let again = f.add(&["c.jpg", "b.jpg"]);
    assert_eq!(again[1], first[1]);
    assert_ne!(again[0], first[0]);
    assert!(f.store.work_items(&again).unwrap().len() == 2);
}

fn roots_absorb_roots(f: &Fixture) {
    let child = f.store.ensure_root(Path::new("/photos/2024")).unwrap();
    let changes = |paths: &[&str]| ScanChanges {
        added: paths.iter().map(|p| seen(p, stat(p))).collect(),
        ..ScanChanges::default()
    };
    let of_child = f.store.apply_scan(child, &changes(&["x.jpg", "may/y.jpg", "may/z.jpg"])).unwrap().added;
    let parent = f.root();
    let of_parent = f.store.apply_scan(parent, &changes(&["2024/may/y.jpg", "other/z.jpg"])).unwrap().added;
    f.store.absorb_root(parent, child, b"2024").unwrap();
    let files = all(&f.store, parent);
    let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["2024/x.jpg", "2024/may/y.jpg", "2024/may/z.jpg", "other/z.jpg"]);
    assert_eq!([files[0].1.id, files[1].1.id, files[2].1.id], [of_child[0], of_parent[0], of_child[2]]);
    assert_eq!(f.store.roots().unwrap().len(), 1);
    f.store.set_root_online(parent, false).unwrap();
    assert!(!f.store.roots().unwrap()[0].online);
    assert!(f.store.set_root_online(child, true).is_err());
}

fn scopes_of_files(f: &Fixture) {
    let ids = f.add(&["a/1.jpg", "a/b/1.jpg", "a.b/1.jpg", "ab/1.jpg", "a0/1.jpg"]);
    let scope = |rel: &[u8]| Scope::Folder { root: f.root(), rel: rel.to_vec() };
    assert_eq!(f.store.unsettled_files(&scope(b"a")).unwrap(), ids[..2]);
    assert_eq!(f.store.unsettled_files(&scope(b"")).unwrap().len(), 5);
    assert_eq!(f.store.unsettled_files(&scope(b"none")).unwrap(), []);
}
