//! Backups of a database in use, going back to one, and starting again from one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use tintype_core::{ErrorCode, FeatureValue};
use tintype_store::{
    BackupInfo, Completion, OperationState, PhotoQuery, Store, StoreConfig, TransitionFields, recover,
};

use crate::fixture::{Fixture, feature, key, on_both, picture, record, seen, stat};

fn photos(store: &Store) -> u64 {
    store.count_photos(&PhotoQuery::default()).unwrap()
}

fn database(f: &Fixture) -> PathBuf {
    f.config.data_dir.join("tintype.db")
}

fn backups_dir(f: &Fixture) -> PathBuf {
    f.config.data_dir.join("backups")
}

fn add_photos(f: &Fixture, range: std::ops::Range<u32>) {
    for i in range {
        f.photo(&format!("{i}.jpg"), record(i, i));
    }
}

/// Everything but what no one may rely on, as text.
fn dump(store: &Store) -> String {
    let listed: Vec<_> = store.list_photos(&PhotoQuery::default()).unwrap().items;
    let root = store.roots().unwrap();
    let scan = root.first().map(|root| store.load_scan(root.id, None).unwrap());
    format!("{:?} {listed:?} {scan:?} {:?}", store.generation().unwrap(), store.stats().unwrap().by_key)
}

fn integrity(path: &Path) -> String {
    rusqlite::Connection::open(path)
        .unwrap()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}

fn hidden_files(f: &Fixture) -> usize {
    let entries = fs_err::read_dir(backups_dir(f)).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.')).count()
}

#[test]
fn a_backup_is_one_checked_file_that_says_what_it_holds() {
    let f = Fixture::sqlite();
    add_photos(&f, 0..3);
    let backup = f.store.backup().unwrap();
    assert_eq!((backup.photos, backup.problem.as_deref()), (Some(3), None));
    assert!(backup.name.starts_with("tintype-") && backup.name.ends_with("Z.db"), "{}", backup.name);
    let path = backups_dir(&f).join(&backup.name);
    assert_eq!(integrity(&path), "ok");
    assert_eq!(backup.bytes, fs_err::metadata(&path).unwrap().len());
    assert_eq!(hidden_files(&f), 0);
    add_photos(&f, 3..5);
    let second = f.store.backup().unwrap();
    assert_eq!(f.store.backups().unwrap(), [second, backup], "newest first");
}

#[test]
fn backups_are_consistent_while_others_write() {
    let f = Fixture::sqlite();
    let files = f.add(
        &(0..400)
            .map(|i| format!("{i}.jpg"))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Pairs of photos appear together, so that half a transaction would show as an odd count.
            for pair in files.chunks(2) {
                let outcomes = pair.iter().map(|file| {
                    let n = file.0 as u32;
                    crate::fixture::outcome(*file, stat("x"), Some(record(n, n)))
                });
                f.commit(outcomes.collect(), vec![], vec![]);
            }
            stop.store(true, Ordering::Release);
        });
        let mut made = 0;
        while !stop.load(Ordering::Acquire) || made == 0 {
            let backup = f.store.backup().unwrap();
            assert_eq!(backup.photos.unwrap() % 2, 0);
            made += 1;
        }
    });
    assert_eq!(photos(&f.store), 400);
}

#[test]
fn going_back_is_seen_by_every_handle_and_can_be_undone() {
    let f = Fixture::sqlite();
    add_photos(&f, 0..3);
    f.store.put_features(&[feature(1, key("a"), FeatureValue::Number(1.0))]).unwrap();
    let old = f.store.backup().unwrap();
    add_photos(&f, 3..10);
    f.store.put_features(&[feature(1, key("a"), FeatureValue::Number(2.0))]).unwrap();
    let other = f.reopen();
    let read = |store: &Store| store.get_features(&[picture(1)], &[key("a")]).unwrap()[0][0].clone();
    assert_eq!(
        (read(&f.store), read(&other)),
        (Some(FeatureValue::Number(2.0)), Some(FeatureValue::Number(2.0)))
    );
    let generation = other.generation().unwrap();
    let done = Completion { generation, photos: 10, files: 10, features: 0 };
    other.record_completion("library", "plan", done).unwrap();

    let report = f.store.restore(&old.name).unwrap();
    assert_eq!((&report.restored.name, report.before.photos), (&old.name, Some(10)));
    for store in [&f.store, &other, &f.reopen()] {
        assert_eq!(photos(store), 3);
        assert_eq!(read(store), Some(FeatureValue::Number(1.0)), "memory must not outlive its rows");
        assert!(store.generation().unwrap() > generation);
    }
    let completion = other.completion("library", "plan").unwrap();
    assert!(completion.is_none_or(|done| done.generation != other.generation().unwrap()));
    add_photos(&f, 20..22);
    assert_eq!(photos(&other), 5, "the restored library can be written");

    f.store.restore(&report.before.name).unwrap();
    assert_eq!((photos(&f.store), photos(&other), read(&other)), (10, 10, Some(FeatureValue::Number(2.0))));
    assert_eq!(integrity(&database(&f)), "ok");
    assert_eq!(hidden_files(&f), 0);
}

#[test]
fn a_running_operation_comes_back_as_one_to_resume() {
    let f = Fixture::sqlite();
    let files = f.add(&["a.jpg", "b.jpg"]);
    let operation = f.operation(&[vec![files[0]], vec![files[1]]]);
    let to =
        |state| f.store.transition(operation, &[OperationState::Pending], state, TransitionFields::default());
    assert!(to(OperationState::Running).unwrap());
    let lease = f.store.next_batch(operation, "test", crate::fixture::LONG).unwrap().unwrap();
    let backup = f.store.backup().unwrap();
    f.store.restore(&backup.name).unwrap();
    assert_eq!(f.store.operation(operation).unwrap().unwrap().state, OperationState::Interrupted);
    let counts = f.store.batches(operation).unwrap();
    assert_eq!((counts.pending, counts.leased), (2, 0));
    // INV-4: whoever held the lease before has lost it.
    assert!(!f.store.renew_lease(operation, lease.seq, lease.lease, crate::fixture::LONG).unwrap());
}

#[test]
fn what_other_processes_remember_stays_true() {
    let f = Fixture::sqlite();
    add_photos(&f, 0..2);
    let old = f.store.backup().unwrap();
    // Keys that the backup does not know, remembered by a handle that is not told of the restore.
    let other = f.reopen();
    other.put_features(&[feature(0, key("late"), FeatureValue::Number(7.0))]).unwrap();
    f.store.restore(&old.name).unwrap();
    f.store.put_features(&[feature(0, key("new"), FeatureValue::Number(8.0))]).unwrap();
    let read =
        |store: &Store| store.get_features(&[picture(0)], &[key("late"), key("new")]).unwrap().remove(0);
    assert_eq!(read(&other), [None, Some(FeatureValue::Number(8.0))]);
    other.put_features(&[feature(0, key("late"), FeatureValue::Number(9.0))]).unwrap();
    for store in [&f.store, &other, &f.reopen()] {
        assert_eq!(read(store), [Some(FeatureValue::Number(9.0)), Some(FeatureValue::Number(8.0))]);
    }
}

#[test]
fn a_library_from_elsewhere_keeps_the_row_numbers_that_are_remembered_here() {
    let (f, elsewhere) = (Fixture::sqlite(), Fixture::sqlite());
    let names = ["a", "b", "c", "d"];
    let value = |name: &str| FeatureValue::Json(serde_json::json!(name));
    // The same keys in another order have each other's numbers.
    for (fixture, order) in [(&f, [0, 1, 2, 3]), (&elsewhere, [3, 2, 0, 1])] {
        for at in order {
            fixture.store.put_features(&[feature(5, key(names[at]), value(names[at]))]).unwrap();
        }
    }
    elsewhere.store.put_features(&[feature(5, key("only there"), value("only there"))]).unwrap();
    f.store.put_features(&[feature(5, key("only here"), value("only here"))]).unwrap();
    elsewhere.photo("x.jpg", record(5, 5));
    let backup = elsewhere.store.backup().unwrap();
    let other = f.reopen();
    let keys: Vec<_> = ["a", "b", "c", "d", "only there", "only here"].map(key).to_vec();
    other.get_features(&[picture(5)], &keys).unwrap();
    let report = f.store.restore_file(&backups_dir(&elsewhere).join(&backup.name)).unwrap();
    assert_eq!(report.restored.photos, Some(1));
    for store in [&f.store, &other, &f.reopen()] {
        let found = store.get_features(&[picture(5)], &keys).unwrap().remove(0);
        let expected = ["a", "b", "c", "d", "only there"].map(|name| Some(value(name)));
        assert_eq!(found, [&expected[..], &[None]].concat());
    }
    assert_eq!(integrity(&database(&f)), "ok");
    let broken: i64 = rusqlite::Connection::open(database(&f))
        .unwrap()
        .query_row("SELECT COUNT(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(broken, 0);
}

#[test]
fn large_values_that_are_gone_are_no_features() {
    let f = Fixture::sqlite();
    let large = |n: u8| FeatureValue::Blob((0..40_000_u32).map(|i| (i * 31) as u8 ^ n).collect());
    f.store.put_features(&[feature(0, key("blob"), large(1)), feature(1, key("blob"), large(2))]).unwrap();
    let backup = f.store.backup().unwrap();
    fs_err::remove_dir_all(f.config.data_dir.join("blobs")).unwrap();
    f.store.put_features(&[feature(1, key("blob"), large(2))]).unwrap();
    f.store.restore(&backup.name).unwrap();
    let have = f.store.have_features(&[picture(0), picture(1)], &[key("blob")]).unwrap();
    assert_eq!(
        have.iter().map(|(mask, _)| *mask).collect::<Vec<_>>(),
        [0, 1],
        "what is gone is computed again"
    );
}

#[test]
fn whatever_is_wrong_with_a_backup_the_library_stays_as_it_is() {
    let f = Fixture::sqlite();
    let added = (0..3000).map(|i| seen(&format!("{}/{i}.jpg", i / 10), stat("x"))).collect();
    f.store.apply_scan(f.root(), &tintype_store::ScanChanges { added, ..Default::default() }).unwrap();
    let backup = f.store.backup().unwrap();
    let path = backups_dir(&f).join(&backup.name);
    let whole = fs_err::read(&path).unwrap();
    let before = dump(&f.store);
    let bad = backups_dir(&f).join("bad.db");
    let refused = |bytes: &[u8]| {
        fs_err::write(&bad, bytes).unwrap();
        let error = f.store.restore("bad.db").expect_err("it should be refused");
        assert!(error.to_string().contains("bad.db"), "{error}");
        assert_eq!(dump(&f.store), before);
        assert_eq!(fs_err::read(&bad).unwrap(), bytes, "the backup was touched");
        error.code()
    };
    for length in [99, 100, 4096, 5000, whole.len() / 2, whole.len() - 1] {
        assert_eq!(refused(&whole[..length]), ErrorCode::DatabaseCorrupt, "{length} bytes");
    }
    assert_eq!(refused(b""), ErrorCode::DatabaseForeign);
    assert_eq!(refused(b"Dear diary"), ErrorCode::DatabaseForeign);
    let mut refusals = 0;
    for page in (0..whole.len() / 4096).step_by(3) {
        let mut damaged = whole.clone();
        damaged[page * 4096 + usize::from(page == 0) * 100..][..64].fill(0xa5);
        fs_err::write(&bad, &damaged).unwrap();
        // Pages that nothing uses may be damaged without loss.
        if f.store.restore("bad.db").is_err() {
            refusals += 1;
            assert_eq!(dump(&f.store), before);
        } else {
            f.store.restore(&backup.name).unwrap();
            break;
        }
    }
    assert!(refusals > 0);
    let newer = backups_dir(&f).join("newer.db");
    fs_err::copy(&path, &newer).unwrap();
    let sql = "INSERT INTO refinery_schema_history VALUES (999, 'future', '2030-01-01T00:00:00Z', '1')";
    rusqlite::Connection::open(&newer).unwrap().execute_batch(sql).unwrap();
    assert_eq!(f.store.restore("newer.db").unwrap_err().code(), ErrorCode::DatabaseForeign);
    for name in ["../tintype.db", "/etc/passwd", "", ".", "..", "nothing.db", ".hidden.db"] {
        assert_eq!(f.store.restore(name).unwrap_err().code(), ErrorCode::NotFound, "{name}");
    }
    assert_eq!(hidden_files(&f), 0);
}

#[test]
fn strange_files_are_listed_and_never_removed() {
    let f = Fixture::sqlite();
    assert_eq!(f.store.backups().unwrap(), []);
    add_photos(&f, 0..2);
    let made: Vec<BackupInfo> = (0..4).map(|_| f.store.backup().unwrap()).collect();
    let folder = backups_dir(&f);
    fs_err::write(folder.join("notes.txt"), "not a backup").unwrap();
    let whole = fs_err::read(folder.join(&made[0].name)).unwrap();
    fs_err::write(folder.join("tintype-1-20200101T000000.000Z.db"), &whole[..whole.len() - 4096]).unwrap();
    fs_err::write(folder.join("before the wedding.db"), &whole).unwrap();
    fs_err::create_dir(folder.join("a folder")).unwrap();
    let listed = f.store.backups().unwrap();
    assert_eq!(listed.len(), 7);
    let problem = |name: &str| listed.iter().find(|backup| backup.name == name).unwrap().problem.clone();
    assert!(problem("notes.txt").unwrap().contains("not a SQLite file"));
    assert!(problem("tintype-1-20200101T000000.000Z.db").is_some());
    assert_eq!(problem("before the wedding.db"), None);
    let removed = f.store.prune_backups(2).unwrap();
    assert_eq!(removed, [made[1].name.clone(), made[0].name.clone()]);
    assert_eq!(f.store.backups().unwrap().len(), 5);
    assert_eq!(f.store.prune_backups(0).unwrap(), [made[2].name.clone()], "the last one stays");
    f.store.restore("before the wedding.db").unwrap();
}

/// Run as a child by [`a_killed_restore_leaves_the_old_library_or_the_new`].
#[test]
#[ignore = "runs as a child process"]
fn restore_until_killed() {
    let Some(folder) = std::env::var_os("TINTYPE_KILL_DIR") else { return };
    let store = Store::open(&StoreConfig::new(folder)).unwrap();
    for name in ["many.db", "few.db"].iter().cycle() {
        store.restore(name).unwrap();
        println!("restored");
        store.prune_backups(1).unwrap();
    }
}

#[test]
fn a_killed_restore_leaves_the_old_library_or_the_new() {
    use std::io::{BufRead as _, BufReader};
    let f = Fixture::sqlite();
    add_photos(&f, 0..20);
    let few = f.store.backup().unwrap();
    let added = (0..20_000).map(|i| seen(&format!("{}/{i}.png", i / 10), stat("x"))).collect();
    f.store.apply_scan(f.root(), &tintype_store::ScanChanges { added, ..Default::default() }).unwrap();
    let many = f.store.backup().unwrap();
    for (backup, name) in [(&few, "few.db"), (&many, "many.db")] {
        fs_err::rename(backups_dir(&f).join(&backup.name), backups_dir(&f).join(name)).unwrap();
    }
    let mut ends = std::collections::BTreeSet::new();
    for round in 0..10_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["backups::restore_until_killed", "--exact", "--ignored", "--nocapture"])
            .env("TINTYPE_KILL_DIR", &f.config.data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Some restores are through; then it dies in one of the next ones, each time a little later.
        lines.map_while(Result::ok).filter(|line| line.contains("restored")).nth(round as usize % 3).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(round * 13));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        let store = f.reopen();
        let files = store.load_scan(store.roots().unwrap()[0].id, None).unwrap();
        let files: usize = files.iter().map(|folder| folder.files.len()).sum();
        assert!(files == 20 || files == 20_020, "a mixture: {files} files");
        ends.insert(files);
        assert_eq!(photos(&store), 20);
        drop(store);
        assert_eq!(integrity(&database(&f)), "ok");
    }
    assert!(!ends.is_empty());
}

#[test]
fn a_library_without_its_database_runs_again() {
    let f = Fixture::sqlite();
    add_photos(&f, 0..4);
    f.store.backup().unwrap();
    add_photos(&f, 4..6);
    let good = f.store.backup().unwrap();
    let whole = fs_err::read(backups_dir(&f).join(&good.name)).unwrap();
    let (config, data) = (f.config.clone(), f.config.data_dir.clone());
    let expected = photos(&f.store);
    let damage: [&dyn Fn(&Path); 4] = [
        &|path| fs_err::remove_file(path).unwrap(),
        &|path| fs_err::write(path, "rubbish").unwrap(),
        &|path| fs_err::write(path, &whole[..5000]).unwrap(),
        &|path| {
            let mut bytes = whole.clone();
            for page in 3..bytes.len() / 4096 {
                bytes[page * 4096..][..64].fill(0xa5);
            }
            fs_err::write(path, bytes).unwrap();
        },
    ];
    for (at, damage) in damage.iter().enumerate() {
        // A library of its own, because this process holds the fixture's open.
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("data");
        fs_err::create_dir_all(own.join("backups")).unwrap();
        for entry in fs_err::read_dir(data.join("backups")).unwrap() {
            let entry = entry.unwrap();
            fs_err::copy(entry.path(), own.join("backups").join(entry.file_name())).unwrap();
        }
        let path = own.join("tintype.db");
        fs_err::write(&path, &whole).unwrap();
        damage(&path);
        let damaged = fs_err::read(&path).ok();
        let report = recover(&own, None).unwrap();
        assert_eq!(report.restored.name, good.name);
        assert_eq!(report.set_aside.len(), usize::from(damaged.is_some()), "{at}");
        for aside in &report.set_aside {
            assert!(aside.file_name().unwrap().to_string_lossy().starts_with("tintype.db.damaged-"));
            assert_eq!(Some(fs_err::read(aside).unwrap()), damaged, "what was damaged is kept as it was");
        }
        let store = Store::open(&StoreConfig { data_dir: own.clone(), ..config.clone() }).unwrap();
        assert_eq!(photos(&store), expected);
        drop(store);
        let error = recover(&own, None).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "a database that is well is left alone: {error}");
    }
}

#[test]
fn recovering_passes_over_a_damaged_backup_and_takes_a_named_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    {
        let f = Fixture::sqlite();
        fs_err::create_dir_all(data.join("backups")).unwrap();
        for (n, name) in [(2, "tintype-1-20250101T000000.000Z.db"), (3, "tintype-1-20250102T000000.000Z.db")]
        {
            add_photos(&f, n * 10..n * 10 + n);
            let made = f.store.backup().unwrap();
            fs_err::copy(backups_dir(&f).join(made.name), data.join("backups").join(name)).unwrap();
        }
    }
    let newest = data.join("backups/tintype-1-20250103T000000.000Z.db");
    let mut bytes = fs_err::read(data.join("backups/tintype-1-20250102T000000.000Z.db")).unwrap();
    let last = bytes.len() / 4096 - 1;
    // An index page: tables can still be read and counted.
    for page in last - 6..=last {
        bytes[page * 4096..][..8].fill(0xff);
    }
    fs_err::write(&newest, bytes).unwrap();
    let report = recover(&data, None).unwrap();
    assert_eq!(
        (report.restored.name.as_str(), report.set_aside.len()),
        ("tintype-1-20250102T000000.000Z.db", 0)
    );
    fs_err::write(data.join("tintype.db"), "rubbish").unwrap();
    for suffix in ["-wal", "-shm"] {
        fs_err::write(data.join(format!("tintype.db{suffix}")), "an old log").unwrap();
    }
    let named = tintype_store::backup_path(&data, "tintype-1-20250101T000000.000Z.db").unwrap();
    let report = recover(&data, Some(&named)).unwrap();
    assert_eq!((report.restored.photos, report.set_aside.len()), (Some(2), 3));
    assert_eq!(photos(&Store::open(&StoreConfig::new(&data)).unwrap()), 2);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(recover(empty.path(), None).unwrap_err().code(), ErrorCode::NotFound);
}

/// Run as a child by [`a_database_in_use_is_not_taken_away`].
#[test]
#[ignore = "runs as a child process"]
fn try_to_recover() {
    let Some(folder) = std::env::var_os("TINTYPE_KILL_DIR") else { return };
    println!("answer: {:?}", recover(Path::new(&folder), None).map_err(|error| error.code()));
}

#[test]
fn a_database_in_use_is_not_taken_away() {
    let f = Fixture::sqlite();
    add_photos(&f, 0..1);
    f.store.backup().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["backups::try_to_recover", "--exact", "--ignored", "--nocapture"])
        .env("TINTYPE_KILL_DIR", &f.config.data_dir)
        .output()
        .unwrap();
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(answer.contains("answer: Err(Busy)"), "{answer}");
    f.store.ping().unwrap();
}

/// What a library holds, apart from numbers that only grow.
fn content(store: &Store) -> String {
    let listed: Vec<_> = store.list_photos(&PhotoQuery::default()).unwrap().items;
    let features: Vec<_> = listed.iter().map(|photo| store.features_of(photo.id).unwrap()).collect();
    let decisions = store.decisions(0, 1000).unwrap();
    format!(
        "{listed:?} {features:?} {decisions:?} {:?} {:?}",
        store.roots().unwrap(),
        store.setting("a").unwrap()
    )
}

fn backups_of_either_database_fit_either(f: &Fixture) {
    add_photos(f, 0..5);
    let values = [FeatureValue::Vector(vec![0.5, -0.25]), FeatureValue::Json(serde_json::json!({"a": "ü"}))];
    let [vector, json] = values;
    let large = FeatureValue::Blob((0..200_000_u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect());
    f.store
        .put_features(&[
            feature(1, key("v"), vector),
            feature(2, key("j"), json),
            feature(3, key("b"), large),
        ])
        .unwrap();
    f.store.set_setting("a", Some("1")).unwrap();
    let was = content(&f.store);
    let backup = f.store.backup().unwrap();
    assert_eq!((backup.photos, &backup.problem), (Some(5), &None));
    assert_eq!(f.store.backups().unwrap(), [backup.clone()]);
    assert_eq!(hidden_files(f), 0);

    // Another process, with what it remembers.
    let other = f.reopen();
    other.get_features(&[picture(1)], &[key("v")]).unwrap();
    add_photos(f, 5..8);
    f.store.invalidate_kind("v").unwrap();
    f.store.put_features(&[feature(6, key("new"), FeatureValue::Number(1.0))]).unwrap();
    f.store.set_setting("a", None).unwrap();
    let later = content(&f.store);
    let (state, generation) = (f.store.vector_state().unwrap(), f.store.generation().unwrap());
    let report = f.store.restore(&backup.name).unwrap();
    assert_eq!(content(&f.store), was);
    assert_eq!(content(&other), was);
    assert_ne!(f.store.vector_state().unwrap().epoch, state.epoch, "indexes of vectors are made again");
    assert!(f.store.generation().unwrap() > generation, "whoever remembers a generation knows better");
    // Row numbers go on: nothing that is added now is taken for something else.
    add_photos(f, 8..12);
    other.put_features(&[feature(9, key("new"), FeatureValue::Number(2.0))]).unwrap();
    assert_eq!(photos(&other), 9);
    f.store.refresh_search(100).unwrap();
    assert_eq!(f.store.search_backlog(100).unwrap(), 0, "documents are made for the other database");

    f.store.restore(&report.before.name).unwrap();
    assert_eq!(content(&f.store), later, "and back");

    // The same file in the other kind of database. Large values lie beside it, and are missing there.
    let path = backups_dir(f).join(&backup.name);
    let there = if f.config.url.is_some() { Some(Fixture::sqlite()) } else { Fixture::postgres() };
    if let Some(there) = there {
        there.store.restore_file(&path).unwrap();
        let without_blob = |store: &Store| {
            store.invalidate_kind("b").unwrap();
            content(store)
        };
        let moved = without_blob(&there.store);
        f.store.restore(&backup.name).unwrap();
        assert_eq!(moved, without_blob(&f.store));
        add_photos(&there, 20..22);
        assert_eq!(photos(&there.store), 7);
    }
}

fn what_is_no_backup_changes_nothing(f: &Fixture) {
    add_photos(f, 0..3);
    let backup = f.store.backup().unwrap();
    let path = backups_dir(f).join(&backup.name);
    let whole = fs_err::read(&path).unwrap();
    let was = content(&f.store);
    for (name, bytes) in [("half.db", &whole[..whole.len() / 2]), ("text.db", b"not a database".as_slice())] {
        fs_err::write(backups_dir(f).join(name), bytes).unwrap();
        f.store.restore(name).unwrap_err();
        assert_eq!(content(&f.store), was, "{name}");
    }
    assert_eq!(f.store.restore("none.db").unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(f.store.restore("../tintype.db").unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(hidden_files(f), 0);
}

fn a_backup_is_of_one_moment_while_others_write(f: &Fixture) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                let pair = [
                    feature(n, key("a"), FeatureValue::Number(0.0)),
                    feature(n, key("b"), FeatureValue::Number(0.0)),
                ];
                f.store.put_features(&pair).unwrap();
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        for _ in 0..4 {
            let backup = f.store.backup().unwrap();
            let copy = rusqlite::Connection::open(backups_dir(f).join(&backup.name)).unwrap();
            let odd: i64 = copy
                .query_row(
                    "SELECT COUNT(*) FROM (SELECT subject_id FROM features GROUP BY subject_id HAVING COUNT(*) <> 2)",
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(odd, 0);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

mod databases {
    super::on_both!(
        backups_of_either_database_fit_either,
        what_is_no_backup_changes_nothing,
        a_backup_is_of_one_moment_while_others_write,
    );
    use super::{
        a_backup_is_of_one_moment_while_others_write, backups_of_either_database_fit_either,
        what_is_no_backup_changes_nothing,
    };
}
