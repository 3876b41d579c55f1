//! Opening: what is refused is left as it is, and what was killed opens again.

use std::path::Path;

use tintype_core::ErrorCode;
use tintype_store::{Store, StoreConfig};

use crate::fixture::{Fixture, outcome, record, seen, stat};

/// The error's code, having made sure that nothing in the folder changed.
fn refused(data_dir: &Path) -> ErrorCode {
    let path = data_dir.join("tintype.db");
    let before = fs_err::read(&path).unwrap();
    let error = Store::open(&StoreConfig::new(data_dir)).expect_err("it should be refused");
    assert!(fs_err::read(&path).unwrap() == before, "the file was touched: {error}");
    assert!(error.to_string().contains("tintype.db"), "{error}");
    error.code()
}

/// A closed database with something in it: many small pages.
fn filled(data_dir: &Path) {
    let store = Store::open(&StoreConfig::new(data_dir)).unwrap();
    let root = store.ensure_root(Path::new("/photos")).unwrap();
    let added = (0..3000).map(|i| seen(&format!("{}/{i}.jpg", i / 10), stat("x"))).collect();
    store.apply_scan(root, &tintype_store::ScanChanges { added, ..Default::default() }).unwrap();
}

#[test]
fn what_is_not_ours_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tintype.db");
    fs_err::write(&path, "Dear diary").unwrap();
    assert_eq!(refused(folder.path()), ErrorCode::DatabaseForeign);
    fs_err::write(&path, vec![7; 10_000]).unwrap();
    assert_eq!(refused(folder.path()), ErrorCode::DatabaseForeign);
    fs_err::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE photos (id)").unwrap();
    assert_eq!(refused(folder.path()), ErrorCode::DatabaseForeign);
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let database = rusqlite::Connection::open(folder.path().join("tintype.db")).unwrap();
    let newer = "INSERT INTO refinery_schema_history VALUES (999, 'future', '2030-01-01T00:00:00Z', '1')";
    database.execute_batch(newer).unwrap();
    drop(database);
    assert_eq!(refused(folder.path()), ErrorCode::DatabaseForeign);
}

#[test]
fn a_damaged_file_is_refused_or_says_so() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let path = folder.path().join("tintype.db");
    let whole = fs_err::read(&path).unwrap();
    for length in [17, 99, 100, 4096, 5000, whole.len() / 2, whole.len() - 1] {
        fs_err::write(&path, &whole[..length]).unwrap();
        assert_eq!(refused(folder.path()), ErrorCode::DatabaseCorrupt, "{length} bytes");
    }
    // Damage anywhere must show as such, at opening or at reading, never as other data or a panic.
    let mut noticed = 0;
    for page in 0..whole.len() / 4096 {
        let mut damaged = whole.clone();
        damaged[page * 4096 + usize::from(page == 0) * 100..][..64].fill(0xa5);
        fs_err::write(&path, &damaged).unwrap();
        for suffix in ["-wal", "-shm"] {
            fs_err::remove_file(folder.path().join(format!("tintype.db{suffix}"))).ok();
        }
        let outcome = Store::open(&StoreConfig::new(folder.path())).and_then(|store| {
            let roots = store.roots()?;
            let root = roots.first().map_or(tintype_store::RootId(1), |root| root.id);
            store.load_scan(root, None)?;
            store.stats()
        });
        if let Err(error) = outcome {
            noticed += 1;
            assert_eq!(error.code(), ErrorCode::DatabaseCorrupt, "page {page}: {error}");
        }
    }
    assert!(noticed > 10, "{noticed}");
}

#[test]
fn an_empty_file_becomes_a_database() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("tintype.db"), b"").unwrap();
    let store = Store::open(&StoreConfig::new(folder.path())).unwrap();
    assert!(store.backend_name().starts_with("SQLite 3."));
    assert_eq!(store.data_dir(), folder.path());
    store.ping().unwrap();
}

#[test]
fn a_newer_postgres_schema_is_refused() {
    let Some(f) = Fixture::postgres() else { return };
    let mut client = postgres::Client::connect(f.config.url.as_ref().unwrap(), postgres::NoTls).unwrap();
    client.batch_execute("INSERT INTO refinery_schema_history VALUES (999, 'future', '2030', '1')").unwrap();
    assert_eq!(Store::open(&f.config).unwrap_err().code(), ErrorCode::DatabaseForeign);
    let nowhere =
        StoreConfig { url: Some("postgres://nobody@127.0.0.1:1/none".to_owned()), ..f.config.clone() };
    assert_eq!(Store::open(&nowhere).unwrap_err().code(), ErrorCode::DatabaseUnavailable);
    let nonsense = StoreConfig { url: Some("postgres://[".to_owned()), ..f.config.clone() };
    assert_eq!(Store::open(&nonsense).unwrap_err().code(), ErrorCode::ValidationError);
}

/// Run as a child by [`a_killed_writer_leaves_whole_batches`]: commits batches until it is killed.
#[test]
#[ignore = "runs as a child process"]
fn write_until_killed() {
    let Some(folder) = std::env::var_os("TINTYPE_KILL_DIR") else { return };
    let store = Store::open(&StoreConfig::new(folder)).unwrap();
    let operation = store.operations(None, 1, None).unwrap().items[0].id;
    while let Some(batch) = store.next_batch(operation, "child", crate::fixture::LONG).unwrap() {
        let (seq, lease) = (batch.seq, batch.lease);
        let files = batch
            .files
            .iter()
            .map(|file| outcome(*file, stat("x"), Some(record(file.0 as u32, file.0 as u32))));
        let counters = tintype_store::Counters { photos: batch.files.len() as u64, ..Default::default() };
        let files = files.collect();
        let (features, subjects) = (vec![], vec![]);
        store
            .commit_batch(&tintype_store::BatchCommit {
                operation,
                seq,
                lease,
                files,
                features,
                subjects,
                counters,
            })
            .unwrap();
    }
}

#[test]
fn a_killed_writer_leaves_whole_batches() {
    let f = Fixture::sqlite();
    let paths: Vec<String> = (0..6000).map(|i| format!("{i}.jpg")).collect();
    let files = f.add(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let operation = f.operation(&files.chunks(10).map(<[_]>::to_vec).collect::<Vec<_>>());
    for _ in 0..5 {
        let done = f.store.batches(operation).unwrap().done;
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["open::write_until_killed", "--exact", "--ignored"])
            .env("TINTYPE_KILL_DIR", &f.config.data_dir)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() && f.store.batches(operation).unwrap().done < done + 7 {
            std::thread::yield_now();
        }
        child.kill().ok(); // SIGKILL
        child.wait().unwrap();
        let store = f.reopen();
        let done = store.batches(operation).unwrap().done;
        let state = store.operation(operation).unwrap().unwrap();
        assert_eq!((state.done, state.totals.photos), (done * 10, done * 10));
        assert_eq!(store.count_photos(&tintype_store::PhotoQuery::default()).unwrap(), done * 10);
        assert!(store.batch_log(operation).unwrap().iter().all(|batch| batch.commits <= 1));
        store.release_leases(operation).unwrap();
    }
}
