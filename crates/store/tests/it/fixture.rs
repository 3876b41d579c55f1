//! Empty stores on both databases, and short ways to fill them.

use tempfile::TempDir;
use tintype_core::{
    ContentHash, FeatureKey, FeatureValue, Issue, Metadata, OperationId, Orientation, PhotoId, PixelHash,
    TakenAt,
};
use tintype_store::{
    BatchCommit, ContentRecord, Counters, FileId, FileOutcome, NewFeature, NewOperation, PhotoQuery, RootId,
    ScanChanges, SeenFile, Stat, Store, StoreConfig, SubjectUpdate,
};
pub(crate) use tintype_testkit::Schema;

/// A lease that does not run out during a test.
pub(crate) const LONG: std::time::Duration = std::time::Duration::from_hours(1);

pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) config: StoreConfig,
    _schema: Option<Schema>,
    _folder: TempDir,
}

impl Fixture {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig::new(folder.path().join("data"));
        Self { store: Store::open(&config).unwrap(), config, _schema: None, _folder: folder }
    }

    /// A fresh schema of the PostgreSQL server at `TINTYPE_TEST_POSTGRES`; `None` where there is no server.
    pub(crate) fn postgres() -> Option<Self> {
        let schema = Schema::new()?;
        let folder = tempfile::tempdir().unwrap();
        let mut config = StoreConfig::new(folder.path().join("data"));
        config.url = Some(schema.url());
        let store = Store::open(&config).unwrap();
        Some(Self { store, config, _schema: Some(schema), _folder: folder })
    }

    pub(crate) fn reopen(&self) -> Store {
        Store::open(&self.config).unwrap()
    }

    pub(crate) fn root(&self) -> RootId {
        self.store.ensure_root(std::path::Path::new("/photos")).unwrap()
    }

    /// Adds files, given by path, to the root.
    pub(crate) fn add(&self, paths: &[&str]) -> Vec<FileId> {
        let added = paths.iter().map(|path| seen(path, stat(path))).collect();
        self.store.apply_scan(self.root(), &ScanChanges { added, ..ScanChanges::default() }).unwrap().added
    }

    /// Commits outcomes, features and news in an operation of one batch.
    pub(crate) fn commit(
        &self,
        files: Vec<FileOutcome>,
        features: Vec<NewFeature>,
        subjects: Vec<SubjectUpdate>,
    ) {
        let (operation, lease, seq) = self.leased(files.iter().map(|file| file.file).collect());
        let counters = Counters::default();
        self.store
            .commit_batch(&BatchCommit { operation, seq, lease, files, features, subjects, counters })
            .unwrap();
    }

    /// An operation with one batch, leased.
    pub(crate) fn leased(&self, files: Vec<FileId>) -> (OperationId, uuid::Uuid, u32) {
        let id = self.operation(&[files]);
        let batch = self.store.next_batch(id, "test", LONG).unwrap().unwrap();
        (id, batch.lease, batch.seq)
    }

    pub(crate) fn operation(&self, batches: &[Vec<FileId>]) -> OperationId {
        let id = OperationId::now();
        let (kind, params) = ("index".to_owned(), serde_json::json!({"a": 1}));
        let (scope_key, label, owner) = ("library".to_owned(), "Index".to_owned(), "test".to_owned());
        self.store.create_operation(&NewOperation { id, kind, params, scope_key, label, owner }).unwrap();
        self.store.add_batches(id, batches).unwrap();
        id
    }

    /// Adds a file and commits what it holds.
    pub(crate) fn photo(&self, path: &str, content: ContentRecord) -> (FileId, PhotoId) {
        let file = self.add(&[path])[0];
        self.settle(file, path, content);
        (file, self.photo_of(file).unwrap())
    }

    pub(crate) fn settle(&self, file: FileId, path: &str, content: ContentRecord) {
        self.commit(vec![outcome(file, stat(path), Some(content))], vec![], vec![]);
    }

    pub(crate) fn photo_of(&self, file: FileId) -> Option<PhotoId> {
        self.store.work_items(&[file]).unwrap().remove(0).photo.map(|photo| photo.id)
    }

    pub(crate) fn listed(&self) -> Vec<PhotoId> {
        self.store.list_photos(&PhotoQuery::default()).unwrap().items.iter().map(|photo| photo.id).collect()
    }
}

/// Makes a test of each named body for each database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(&crate::fixture::Fixture::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $name() {
                if let Some(fixture) = crate::fixture::Fixture::postgres() { super::$name(&fixture); }
            })*
        }
    };
}
pub(crate) use on_both;

pub(crate) fn seen(path: &str, stat: Stat) -> SeenFile {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    SeenFile { folder: folder.into(), name: name.into(), stat }
}

/// A stat that follows from the path.
pub(crate) fn stat(path: &str) -> Stat {
    let n = path.bytes().fold(7_u64, |n, byte| n * 31 % 1_000_003 + u64::from(byte));
    Stat { size: n, mtime_ns: n as i64 * 1000, inode: n }
}

pub(crate) fn outcome(file: FileId, stat: Stat, content: Option<ContentRecord>) -> FileOutcome {
    FileOutcome { file, stat, content, issues: Vec::<Issue>::new() }
}

pub(crate) fn hash(n: u32) -> [u8; 32] {
    std::array::from_fn(|i| (n.wrapping_mul(2_654_435_761).rotate_left(i as u32) >> 3) as u8 ^ i as u8)
}

/// A photo with content number `content` that shows picture number `pixels`.
pub(crate) fn record(content: u32, pixels: u32) -> ContentRecord {
    let metadata = Metadata { width: 4000, height: 3000, ..Metadata::default() };
    let (content_hash, pixel_hash) = (ContentHash(hash(content)), PixelHash(hash(pixels ^ 0x8000_0000)));
    ContentRecord { content_hash, pixel_hash, format: "jpeg".to_owned(), metadata }
}

pub(crate) fn taken(mut record: ContentRecord, local: &str) -> ContentRecord {
    let (local, source) = (local.to_owned(), "Exif.DateTimeOriginal".to_owned());
    record.metadata.taken_at = Some(TakenAt { local, subsec_nanos: None, offset_minutes: None, source });
    record
}

pub(crate) fn key(kind: &str) -> FeatureKey {
    FeatureKey::new(kind, format!("{kind}@1"))
}

pub(crate) fn feature(pixels: u32, key: FeatureKey, value: FeatureValue) -> NewFeature {
    let pixel_hash = PixelHash(hash(pixels ^ 0x8000_0000));
    NewFeature { pixel_hash, orientation: Orientation::UPRIGHT, key, value }
}

pub(crate) fn picture(pixels: u32) -> (PixelHash, Orientation) {
    (PixelHash(hash(pixels ^ 0x8000_0000)), Orientation::UPRIGHT)
}

/// News that change nothing.
pub(crate) fn news(pixels: u32) -> SubjectUpdate {
    let (pixel_hash, orientation) = picture(pixels);
    SubjectUpdate {
        pixel_hash,
        orientation,
        undecodable: None,
        decoder: None,
        sharpness: None,
        quality: None,
        is_blurry: None,
        blur_kind: None,
    }
}
