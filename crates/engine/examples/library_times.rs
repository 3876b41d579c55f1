//! How long searches take in a large library.
//!
//! `cargo run --release -p tintype-engine --example library_times -- DIR 200000 [postgres://…]` makes up so many photos
//! below DIR, with file names, tags, text and dates whose words are as unequally common as real ones, and prints one line
//! of JSON for each question: how many were found, and the first, the median and the 99th percentile of its times.

use std::error::Error;
use std::time::Instant;

use serde_json::json;
use tintype_core::{
    ContentHash, FeatureKey, FeatureValue, Metadata, OperationId, Orientation, PixelHash, TakenAt,
};
use tintype_engine::search::SearchRequest;
use tintype_engine::store::{
    BatchCommit, ContentRecord, Counters, FileOutcome, NewFeature, NewOperation, ScanChanges, SeenFile, Stat,
    Store,
};
use tintype_engine::{Engine, EngineConfig};

/// Files of one commit.
const BATCH: usize = 100;
/// Different tags; the n-th most common one is on about every n-th photo.
const TAGS: u32 = 2000;
/// Times that each question is asked.
const TIMES: usize = 40;

/// xorshift64* (Vigna 2016).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    /// 1 to `most`, the smaller the likelier (Zipf's law).
    fn ranked(&mut self, most: u32) -> u32 {
        let uniform = (self.next() % 1_000_000) as f64 / 1e6;
        f64::from(most).powf(uniform) as u32
    }
}

fn photo(n: u32, random: &mut Random, seen: &SeenFile) -> (ContentRecord, Vec<NewFeature>, Stat) {
    let hash = |salt: u64| {
        let mut random = Random((((u64::from(n) << 8) | salt) * 0x9E37_79B9_7F4A_7C15) | 1);
        std::array::from_fn(|_| random.next() as u8)
    };
    let source = "Exif.DateTimeOriginal".to_owned();
    let local = format!("{:04}-{:02}-{:02}T10:{:02}:00", 2004 + n % 20, 1 + n % 12, 1 + n / 12 % 28, n % 60);
    let metadata = Metadata {
        width: 4000,
        height: 3000,
        taken_at: Some(TakenAt { local, subsec_nanos: None, offset_minutes: None, source }),
        make: Some("Canon".into()),
        model: Some(format!("EOS R{}", random.ranked(9))),
        iso: Some(100 << (n % 7)),
        f_number: Some(1.4 + f64::from(n % 12)),
        // A thousand of the best in a million, and many that are rated at all.
        rating: if n.is_multiple_of(997) { Some(5) } else { n.is_multiple_of(9).then_some((n % 6) as i8) },
        ..Metadata::default()
    };
    let pixel_hash = PixelHash(hash(1));
    let labels: Vec<_> = (0..5)
        .map(|_| json!({ "name": format!("tag{}x", random.ranked(TAGS)), "confidence": (random.next() % 1000) as f64 / 1000.0 }))
        .collect();
    let feature = |kind: &str, value| NewFeature {
        pixel_hash,
        orientation: Orientation::UPRIGHT,
        key: FeatureKey::new(kind, "made-up@1"),
        value: FeatureValue::Json(value),
    };
    let lines = json!([{ "text": format!("{}", random.next() % 100_000), "confidence": 0.9 }]);
    let features =
        vec![feature("tags", json!({ "labels": labels })), feature("text", json!({ "lines": lines }))];
    let content =
        ContentRecord { content_hash: ContentHash(hash(2)), pixel_hash, format: "jpeg".into(), metadata };
    (content, features, seen.stat)
}

fn fill(store: &Store, count: u32) -> Result<(), Box<dyn Error>> {
    let root = store.ensure_root("/made-up".as_ref())?;
    let added: Vec<SeenFile> = (0..count)
        .map(|n| SeenFile {
            folder: format!("{}/trip {:04}", 2004 + n % 20, n / 200).into_bytes(),
            name: format!("IMG_{n:07}.JPG").into_bytes(),
            stat: Stat { size: 5_000_000, mtime_ns: i64::from(n), inode: u64::from(n) + 1 },
        })
        .collect();
    let changes = ScanChanges { added, ..ScanChanges::default() };
    let ids = store.apply_scan(root, &changes)?.added;
    let operation = OperationId::now();
    let (kind, scope_key, label, owner) =
        ("index".into(), "library".into(), "made up".into(), "example".into());
    store.create_operation(&NewOperation {
        id: operation,
        kind,
        params: json!({}),
        scope_key,
        label,
        owner,
    })?;
    store.add_batches(operation, &ids.chunks(BATCH).map(<[_]>::to_vec).collect::<Vec<_>>())?;
    let mut random = Random(7);
    let mut n = 0;
    while let Some(batch) = store.next_batch(operation, "example", std::time::Duration::from_hours(1))? {
        let (mut files, mut features) = (Vec::new(), Vec::new());
        for file in &batch.files {
            let (content, new, stat) = photo(n, &mut random, &changes.added[n as usize]);
            files.push(FileOutcome { file: *file, stat, content: Some(content), issues: Vec::new() });
            features.extend(new);
            n += 1;
        }
        let (seq, lease, counters) = (batch.seq, batch.lease, Counters::default());
        store.commit_batch(&BatchCommit {
            operation,
            seq,
            lease,
            files,
            features,
            subjects: Vec::new(),
            counters,
        })?;
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "a command-line example")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(count)) = (arguments.next(), arguments.next()) else {
        return Err("usage: library_times DIR PHOTOS [DATABASE]".into());
    };
    let mut config = EngineConfig::new(folder.into());
    config.database_url = arguments.next();
    let engine = Engine::open(config)?;
    if engine.store().stats()?.photos == 0 {
        let start = Instant::now();
        fill(engine.store(), count.parse()?)?;
        println!("{}", json!({ "name": "fill", "secs": start.elapsed().as_secs_f64() }));
    }
    let start = Instant::now();
    let written = engine.refresh_search()?;
    println!("{}", json!({ "name": "documents", "written": written, "secs": start.elapsed().as_secs_f64() }));
    let stats = engine.store().stats()?;
    println!(
        "{}",
        json!({ "name": "library", "photos": stats.photos, "database_bytes": stats.database_bytes })
    );
    let questions = [
        "tag1500x",
        "tag100x",
        "tag10x",
        "tag1x",
        "tag1x tag2x",
        "tag3x tag40x rating:>=4",
        "tag2x rating:5",
        "tag2x date:2019-06-07",
        "tag1x -tag2x date:2010-06..2012-08",
        "tag700x OR tag800x OR tag900x",
        "jpg",
        "canon jpg",
        "\"trip 400\"",
        "IMG_0000353",
        "text:353",
        "june 2012",
        "img*",
        "tag5*",
        "rating:5 iso:>3000",
        "aperture:<2",
        "camera:r3 date:2015",
        "tag1x (rating:5 OR tag2x)",
        "walrus tag9x",
    ];
    let mut all = Vec::new();
    for question in questions {
        let request = SearchRequest { text: question.into(), limit: 100, ..SearchRequest::default() };
        let mut times = Vec::new();
        let mut total = 0;
        for _ in 0..TIMES {
            let start = Instant::now();
            total = engine.search(&request)?.total;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        let first = times[0];
        all.extend_from_slice(&times[1..]);
        let (median, p99) = of_times(&mut times);
        let line = json!({
            "name": "question", "text": question, "found": total, "first_ms": first, "median_ms": median, "p99_ms": p99,
        });
        println!("{line}");
    }
    let (median, p99) = of_times(&mut all);
    println!("{}", json!({ "name": "all, warm", "median_ms": median, "p99_ms": p99 }));
    for typed in ["tag", "tag1", "ca", "rating:"] {
        let start = Instant::now();
        let found = engine.suggest(typed, 10)?.len();
        let ms = start.elapsed().as_secs_f64() * 1e3;
        println!("{}", json!({ "name": "suggest", "text": typed, "found": found, "ms": ms }));
    }
    Ok(())
}

/// Median and 99th percentile.
fn of_times(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}
