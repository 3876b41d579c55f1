//! How long the large things take. Not run by default: `cargo test -p tintype-store --release --test it speed --
//! --ignored --nocapture --test-threads=1`. Prints, asserts no times.

use std::time::Instant;

use tintype_core::{FeatureValue, Gps};
use tintype_store::{
    BatchCommit, Counters, FileOutcome, Granularity, NewFeature, PhotoFilter, PhotoQuery, PhotoSort,
    ScanChanges, Scope, SeenFile, Stat,
};

use crate::fixture::{Fixture, LONG, feature, key, news, outcome, record, taken};

/// Files in the library; `TINTYPE_SPEED_FILES` sets another number.
fn files() -> usize {
    std::env::var("TINTYPE_SPEED_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(200_000)
}

/// Milliseconds that this thread has run; on a busy machine they say more than the clock does. 0 where unknown.
fn cpu_ms() -> f64 {
    let text = fs_err::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, cpu) = (Instant::now(), cpu_ms());
    let answer = work();
    eprintln!("{:>10.2} ms {:>10.2} ms of CPU  {what}", start.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu);
    answer
}

#[test]
#[ignore = "measures"]
fn sqlite() {
    measure(&Fixture::sqlite());
}

#[test]
#[ignore = "measures"]
fn postgres() {
    if let Some(fixture) = Fixture::postgres() {
        measure(&fixture);
    }
}

fn photo(n: u32) -> (FileOutcome, Vec<NewFeature>) {
    let day = 1 + n / 24 % 28;
    let local = format!("{:04}-{:02}-{day:02}T{:02}:00:{:02}", 2000 + n % 25, 1 + n % 12, n % 24, n % 60);
    let mut content = taken(record(n, n), &local);
    content.metadata.make = Some("Canon".to_owned());
    content.metadata.model = Some(format!("EOS R{}", n % 7));
    content.metadata.lens = Some(format!("RF{} mm F2.8 L IS USM", n % 11));
    content.metadata.gps =
        n.is_multiple_of(3).then_some(Gps { latitude: 47.0, longitude: 8.5, altitude: None });
    let (exposure, aperture, length) = (Some(0.004), Some(2.8), Some(85.0));
    (content.metadata.exposure_secs, content.metadata.f_number, content.metadata.focal_length_mm) =
        (exposure, aperture, length);
    let features = vec![
        feature(n, key("perceptual_hash"), FeatureValue::Blob(vec![n as u8; 8])),
        feature(
            n,
            key("blur"),
            FeatureValue::Json(serde_json::json!({"sharpness": 0.5, "tiles": [1, 2, 3, 4, 5, 6]})),
        ),
        feature(
            n,
            key("quality"),
            FeatureValue::Json(serde_json::json!({"score": 0.5, "exposure": 0.1, "noise": 0.2})),
        ),
        feature(n, key("scene"), FeatureValue::Vector(vec![0.1; 128])),
    ];
    (outcome(tintype_store::FileId(0), Stat::default(), Some(content)), features)
}

fn measure(f: &Fixture) {
    let count = files();
    eprintln!("{} with {count} files", f.store.backend_name());
    let root = f.root();
    let added: Vec<SeenFile> = (0..count)
        .map(|i| SeenFile {
            folder: format!("2024/trip {:04}", i / 200).into_bytes(),
            name: format!("IMG_{:05}.JPG", i % 200).into_bytes(),
            stat: Stat {
                size: 5_000_000 + i as u64,
                mtime_ns: 1_700_000_000_000_000_000 + i as i64,
                inode: 1000 + i as u64,
            },
        })
        .collect();
    let changes = ScanChanges { added, ..ScanChanges::default() };
    let ids = timed("apply_scan, all new", || f.store.apply_scan(root, &changes).unwrap().added);
    for _ in 0..3 {
        assert_eq!(
            timed("load_scan", || f.store.load_scan(root, None).unwrap())
                .iter()
                .map(|d| d.files.len())
                .sum::<usize>(),
            count
        );
    }
    let operation = f.operation(&ids.chunks(100).map(<[_]>::to_vec).collect::<Vec<_>>());
    let mut spent = 0.0;
    let mut n = 0;
    timed("all batches (with making them up)", || {
        while let Some(batch) = f.store.next_batch(operation, "speed", LONG).unwrap() {
            let (mut outcomes, mut features, mut subjects) = (Vec::new(), Vec::new(), Vec::new());
            for file in &batch.files {
                let (mut outcome, new) = photo(n);
                let seen = &changes.added[n as usize];
                (outcome.file, outcome.stat) = (*file, seen.stat);
                let mut update = news(n);
                (update.sharpness, update.quality) =
                    (Some(f64::from(n % 1000) / 1000.0), Some(f64::from(n % 777) / 777.0));
                (update.is_blurry, update.decoder) = (Some(n % 50 == 0), Some("turbo@1".to_owned()));
                outcomes.push(outcome);
                features.extend(new);
                subjects.push(update);
                n += 1;
            }
            let start = cpu_ms();
            let (seq, lease) = (batch.seq, batch.lease);
            let counters = Counters { photos: 100, ..Counters::default() };
            f.store
                .commit_batch(&BatchCommit {
                    operation,
                    seq,
                    lease,
                    files: outcomes,
                    features,
                    subjects,
                    counters,
                })
                .unwrap();
            spent += cpu_ms() - start;
        }
    });
    eprintln!(
        "{:>10.2} ms of CPU  commit_batch of 100 photos with 4 features, mean",
        spent / (count as f64 / 100.0)
    );
    timed("load_scan of settled files", || f.store.load_scan(root, None).unwrap());
    let keys = ["perceptual_hash", "blur", "quality", "scene"].map(key);
    timed("missing_features, 4 keys, none missing", || {
        f.store.missing_features(&Scope::Library, &keys, "x").unwrap()
    });
    timed("unsettled_files", || f.store.unsettled_files(&Scope::Library).unwrap());
    let mut rows = 0;
    timed("scan_features, 1 key", || {
        f.store.scan_features(&Scope::Library, &keys[..1], |_row| rows += 1).unwrap();
    });
    assert_eq!(rows, count);
    for sort in [PhotoSort::TakenAt, PhotoSort::Sharpness, PhotoSort::Name] {
        let mut query = PhotoQuery { sort, limit: 200, ..PhotoQuery::default() };
        let page = timed(&format!("first 200 by {sort:?}"), || f.store.list_photos(&query).unwrap());
        query.cursor = page.next_cursor;
        timed("next 200", || f.store.list_photos(&query).unwrap());
    }
    let filter = PhotoFilter { is_blurry: Some(true), quality_min: Some(0.9), ..PhotoFilter::default() };
    let query = PhotoQuery { filter, limit: 200, ..PhotoQuery::default() };
    timed("first 200 of 0.2 % that match", || f.store.list_photos(&query).unwrap());
    let folder = Scope::Folder { root, rel: b"2024/trip 0003".to_vec() };
    timed("first 200 of one folder", || {
        f.store
            .list_photos(&PhotoQuery { scope: folder.clone(), limit: 200, ..PhotoQuery::default() })
            .unwrap()
    });
    timed("count of one folder", || {
        f.store.count_photos(&PhotoQuery { scope: folder, ..PhotoQuery::default() }).unwrap()
    });
    timed("count of all", || f.store.count_photos(&PhotoQuery::default()).unwrap());
    timed("timeline", || {
        f.store.timeline(&Scope::Library, &PhotoFilter::default(), Granularity::Month).unwrap()
    });
    timed("facets", || f.store.facets(&Scope::Library).unwrap());
    let stats = timed("stats", || f.store.stats().unwrap());
    eprintln!(
        "{:>10.0} bytes per photo, {} features",
        stats.database_bytes as f64 / count as f64,
        stats.entries
    );
    timed("completion and generation", || {
        (f.store.generation().unwrap(), f.store.completion("library", "x").unwrap())
    });
    timed("reopen", || f.reopen());
}
