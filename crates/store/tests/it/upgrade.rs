//! Databases of every released schema open in this version with all that was in them.
//!
//! They are made here by the migrations up to that version, and filled by SQL as that version filled them.

use std::fmt::Write as _;
use std::path::Path;

use refinery::Target;
use tintype_core::{ContentHash, FeatureKey, FeatureValue, Metadata, OperationId, PhotoId};
use tintype_store::{
    Annotations, Choice, Held, OperationState, PhotoQuery, RootId, Scope, Store, StoreConfig, WriteMode,
};
use uuid::Uuid;

use crate::fixture::{Schema, hash, picture};

mod sqlite_migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

mod postgres_migrations {
    refinery::embed_migrations!("migrations/postgres");
}

const PHOTO: Uuid = Uuid::from_u128(0x11);
const OPERATION: Uuid = Uuid::from_u128(0x22);
const ALBUM: Uuid = Uuid::from_u128(0x33);
/// "Tint": SQLite file format §1.3.14.
const APPLICATION_ID: u32 = 0x5469_6e74;

/// A library of one photo, as schema version `version` holds it. `blob` writes bytes as SQL does.
fn rows(version: u32, blob: impl Fn(&[u8]) -> String) -> Vec<String> {
    let bytes = |bytes: &[u8]| blob(bytes);
    let (pixels, orientation) = picture(1);
    let subject = bytes(&[pixels.0.as_slice(), &[orientation.exif()]].concat());
    let metadata =
        Metadata { width: 4000, height: 3000, title: Some("Low tide".into()), ..Metadata::default() };
    let metadata = serde_json::to_string(&metadata).unwrap();
    let mut rows = vec![
        format!("INSERT INTO roots (id, path, online) VALUES (1, {}, 1)", bytes(b"/photos")),
        format!("INSERT INTO folders (id, root_id, rel) VALUES (2, 1, {})", bytes(b"sea")),
        format!("INSERT INTO subjects (id, subject_key, sharpness, is_blurry) VALUES (3, {subject}, 0.75, 0)"),
        format!(
            "INSERT INTO photos (id, uuid, content_hash, subject_id, media, width, height, added_ms, copies, size, format, \
             name, sharpness, is_blurry) VALUES (4, {}, {}, 3, 0, 4000, 3000, 1700000000000, 1, 123, 'jpeg', 'a.jpg', 0.75, 0)",
            bytes(PHOTO.as_bytes()),
            bytes(&hash(1))
        ),
        format!("INSERT INTO photo_metadata (photo_id, metadata) VALUES (4, '{metadata}')"),
        format!(
            "INSERT INTO files (id, folder_id, size, mtime_ns, inode, present, settled, photo_id, name) \
             VALUES (5, 2, 123, 456, 789, 1, 1, 4, {})",
            bytes(b"a.jpg")
        ),
        "INSERT INTO issues (file_id, position, stage, code, detail) VALUES (5, 0, 'metadata', 'METADATA_DAMAGED', 'half')".into(),
        "INSERT INTO feature_keys (id, kind, producer, params) VALUES (6, 'phash', 'dct@1', '')".into(),
        format!(
            "INSERT INTO features (subject_id, key_id, type, bytes, created_ms, value) VALUES (3, 6, 0, 8, 1700000000000, {})",
            bytes(&0.5_f64.to_le_bytes())
        ),
        format!(
            "INSERT INTO operations (id, uuid, kind, state, params, scope_key, label, created_ms, updated_ms, total, done, \
             totals, phase, owner) VALUES (7, {}, 'index', 'interrupted', '{{}}', 'library', 'Index', 1, 1, 2, 1, '{{}}', 'interrupted', '')",
            bytes(OPERATION.as_bytes())
        ),
        format!(
            "INSERT INTO operation_batches (operation_id, seq, state, commits, file_count, files) VALUES (7, 0, 'pending', 0, 1, {})",
            bytes(&5_i64.to_le_bytes())
        ),
        "INSERT INTO completions (scope_key, plan_hash, generation, photos, files, features, created_ms) \
         VALUES ('library', 'plan', 1, 1, 1, 1, 1)"
            .into(),
        format!(
            "INSERT INTO albums (id, uuid, name, kind, created_ms) VALUES (8, {}, 'Sea', 'photos', 1700000000000)",
            bytes(ALBUM.as_bytes())
        ),
        "INSERT INTO album_photos (album_id, photo_id, added_ms) VALUES (8, 4, 1700000000000)".into(),
    ];
    if version >= 2 {
        let choice = serde_json::to_string(&Choice::Rating { value: Some(4), base: None }).unwrap();
        let held = Annotations {
            rating: Some(Held { value: Some(4), base: None, made_ms: 1 }),
            ..Annotations::default()
        };
        let held = serde_json::to_string(&held).unwrap();
        rows.extend([
            "UPDATE roots SET write_mode = 'sidecar'".into(),
            "UPDATE photos SET rating = 4".into(),
            format!(
                "INSERT INTO decisions (id, uuid, made_ms, photo, content_hash, pixel_hash, choice) VALUES (9, {}, 1, {}, {}, {}, '{choice}')",
                bytes(Uuid::from_u128(0x44).as_bytes()),
                bytes(PHOTO.as_bytes()),
                bytes(&hash(1)),
                bytes(&pixels.0)
            ),
            format!("INSERT INTO annotations (photo_id, pending, body) VALUES (4, 1, '{held}')"),
            "INSERT INTO photo_keywords (photo_id, keyword) VALUES (4, 'sea')".into(),
            format!("INSERT INTO sidecars (file_id, name, size, mtime_ns) VALUES (5, {}, 9, 9)", bytes(b"a.xmp")),
        ]);
    }
    rows
}

/// All of it, read through today's store.
fn check(store: &Store, version: u32) {
    let listed = store.list_photos(&PhotoQuery::default()).unwrap().items;
    assert_eq!(listed.iter().map(|photo| photo.id).collect::<Vec<_>>(), [PhotoId(PHOTO)]);
    let photo = store.photo(PhotoId(PHOTO)).unwrap().unwrap();
    assert_eq!((photo.content_hash, photo.pixel_hash), (ContentHash(hash(1)), picture(1).0));
    assert_eq!(photo.metadata.title.as_deref(), Some("Low tide"));
    assert_eq!(photo.issues.len(), 1);
    let [file] = &photo.files[..] else { panic!("{:?}", photo.files) };
    assert_eq!(
        (file.path.as_path(), file.size, file.mtime_ns, file.present, file.settled),
        (Path::new("/photos/sea/a.jpg"), 123, 456, true, true)
    );
    let key = FeatureKey { kind: "phash".into(), producer: "dct@1".into(), params: String::new() };
    let values = store.get_features(&[picture(1)], &[key]).unwrap();
    assert_eq!(values, [[Some(FeatureValue::Number(0.5))]]);
    let operation = store.operation(OperationId(OPERATION)).unwrap().unwrap();
    assert_eq!((operation.state, operation.done, operation.total), (OperationState::Interrupted, 1, 2));
    assert_eq!(store.batches(OperationId(OPERATION)).unwrap().total, 1);
    let albums = store.albums().unwrap();
    assert_eq!(
        albums.iter().map(|album| (album.name.as_str(), album.photos)).collect::<Vec<_>>(),
        [("Sea", 1)]
    );
    let root = store.roots().unwrap().remove(0);
    assert_eq!(root.id, RootId(1));
    let decided = version >= 2;
    assert_eq!(root.write_mode, if decided { WriteMode::Sidecar } else { WriteMode::Database });
    assert_eq!(photo.annotations.rating.map(|held| held.value), decided.then_some(Some(4)));
    assert_eq!(store.decisions(0, 10).unwrap().len(), usize::from(decided));
    assert_eq!(store.pending_annotations(&Scope::Library).unwrap().len(), usize::from(decided));
    // Row numbers go on where the old version was.
    let added = store.ensure_root(Path::new("/more")).unwrap();
    assert!(added.0 >= 100, "{added:?}");
}

/// The database of `version` in a data directory.
fn sqlite_of(version: u32, data_dir: &Path) {
    fs_err::create_dir_all(data_dir).unwrap();
    let mut database = rusqlite::Connection::open(data_dir.join("tintype.db")).unwrap();
    database.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    let target = Target::Version(version.try_into().unwrap());
    sqlite_migrations::migrations::runner().set_target(target).run(&mut database).unwrap();
    for row in rows(version, |bytes| format!("X'{}'", hex(bytes))) {
        database.execute_batch(&row).expect(&row);
    }
    database.execute_batch("UPDATE tintype_meta SET next_id = 100").unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn an_older_database_is_backed_up_and_migrated(version: u32) {
    let folder = tempfile::tempdir().unwrap();
    sqlite_of(version, folder.path());
    let config = StoreConfig::new(folder.path());
    let store = Store::open(&config).unwrap();
    check(&store, version);
    let database = rusqlite::Connection::open(folder.path().join("tintype.db")).unwrap();
    let waiting: i64 = database.query_row("SELECT count(*) FROM search_dirty", [], |row| row.get(0)).unwrap();
    assert_eq!(waiting, 1, "its words are to be gathered");
    let backups = store.backups().unwrap();
    assert_eq!(
        backups.iter().map(|backup| (backup.schema, backup.photos, backup.is_usable())).collect::<Vec<_>>(),
        [(Some(i64::from(version)), Some(1), true)]
    );
    // Only the first opening migrates.
    drop(store);
    let store = Store::open(&config).unwrap();
    assert_eq!(store.backups().unwrap(), backups);
    // Going back to what was there before, with this version.
    store.delete_album(store.albums().unwrap()[0].id).unwrap();
    store.invalidate_kind("phash").unwrap();
    store.restore(&backups[0].name).unwrap();
    check(&store, version);
    assert_eq!(store.backups().unwrap().len(), 2);
}

#[test]
fn a_database_of_schema_1_is_backed_up_and_migrated() {
    an_older_database_is_backed_up_and_migrated(1);
}

#[test]
fn a_database_of_schema_2_is_backed_up_and_migrated() {
    an_older_database_is_backed_up_and_migrated(2);
}

#[test]
fn older_postgres_schemas_are_migrated() {
    for version in [1, 2] {
        let Some(schema) = Schema::new() else { return };
        let mut client = postgres::Client::connect(&schema.url(), postgres::NoTls).unwrap();
        let target = Target::Version(version.try_into().unwrap());
        postgres_migrations::migrations::runner().set_target(target).run(&mut client).unwrap();
        for row in rows(version, |bytes| format!("'\\x{}'::bytea", hex(bytes))) {
            client.batch_execute(&row).expect(&row);
        }
        client.batch_execute("SELECT setval('tintype_ids', 100)").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut config = StoreConfig::new(folder.path());
        config.url = Some(schema.url());
        check(&Store::open(&config).unwrap(), version);
    }
}
