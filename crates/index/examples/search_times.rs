//! Prints the time of exact top-10 searches as JSON lines, for the benchmark beside Python peers.
//!
//! `cargo run --release -p tintype-index --example search_times [-- --rows 100000,1000000 --queries 50]`. The vectors
//! are made up here: uniformly random directions, and a collection shaped like the embeddings of photos.
//! With `--features hnsw` a second line is that of a graph of the same vectors, with the share of the nearest that it finds.
//! `--write FOLDER` also writes them and the queries as raw f32, so that a peer can search the same.
#![allow(clippy::print_stdout, reason = "a program whose output is its purpose")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use tintype_index::{Builder, Filter, Identity, Index, Options, State, brute_force};
use tintype_vision::simd;

const DIM: usize = 512;
const K: usize = 10;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let rows = value("--rows").unwrap_or_else(|| "100000".to_owned());
    let queries: usize = value("--queries").unwrap_or_else(|| "100".to_owned()).parse()?;
    let data = value("--data").unwrap_or_else(|| "random,photos".to_owned());
    for data in data.split(',') {
        for rows in rows.split(',') {
            measure(data, rows.parse()?, queries, value("--write").as_deref().map(Path::new))?;
        }
    }
    Ok(())
}

fn measure(data: &str, rows: usize, queries: usize, write: Option<&Path>) -> Result<(), Failure> {
    let vectors = Vectors::new(data, rows + queries);
    let (rows_data, queries_data) = vectors.0.split_at(rows * DIM);
    if let Some(folder) = write {
        std::fs::File::create(folder.join("kind"))?.write_all(data.as_bytes())?;
        for (name, values) in [("vectors.f32", rows_data), ("queries.f32", queries_data)] {
            let mut file = BufWriter::new(File::create(folder.join(name))?);
            values.iter().try_for_each(|value| file.write_all(&value.to_le_bytes()))?;
        }
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.tvi");
    let identity = Identity::new("bench", "made up@1", DIM);
    let start = Instant::now();
    let mut builder = Builder::new(&path, &identity)?;
    for (key, vector) in (0..).zip(rows_data.chunks_exact(DIM)) {
        builder.put(key, vector)?;
    }
    drop(builder.finish(1)?);
    let build_secs = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let State::Ready(index) = Index::open(&path, &identity, Some(1))? else {
        return Err("the index that was just built does not open".into());
    };
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let snapshot = index.snapshot();

    let asked = std::sync::atomic::AtomicUsize::new(0);
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| {
        asked.fetch_add(keys.len(), std::sync::atomic::Ordering::Relaxed);
        for (at, &key) in keys.iter().enumerate() {
            found(at, &rows_data[key as usize * DIM..][..DIM]);
        }
        Ok(())
    };
    let queries_data: Vec<&[f32]> = queries_data.chunks_exact(DIM).collect();
    let before = resident_mb();
    let start = Instant::now();
    snapshot.search(queries_data[0], Options::top(K), Filter::All, &read)?;
    let first_ms = start.elapsed().as_secs_f64() * 1e3;
    asked.store(0, std::sync::atomic::Ordering::Relaxed);
    let (mut times, mut cpu_times) = (Vec::new(), Vec::new());
    let mut answers = Vec::new();
    for query in &queries_data {
        let (start, cpu) = (Instant::now(), cpu_ms());
        answers.push(snapshot.search(query, Options::top(K), Filter::All, &read)?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        cpu_times.push(cpu_ms() - cpu);
    }
    let asked = asked.load(std::sync::atomic::Ordering::Relaxed) as f64 / queries as f64;
    let resident = resident_mb() - before;
    let start = Instant::now();
    let together = snapshot.search_batch(&queries_data, Options::top(K), None, &read)?;
    let batch_ms = start.elapsed().as_secs_f64() * 1e3 / queries as f64;
    let checked = queries.min(20);
    let mut right = 0;
    for (query, (answer, again)) in queries_data.iter().zip(answers.iter().zip(&together)).take(checked) {
        let truth = brute_force(query, K, (0..).zip(rows_data.chunks_exact(DIM)));
        right += usize::from(*answer == truth && *again == truth);
    }
    times.sort_by(f64::total_cmp);
    cpu_times.sort_by(f64::total_cmp);
    println!(
        r#"{{"name":"search_{data}_{rows}","rows":{rows},"median_ms":{:.4},"p95_ms":{:.4},"min_ms":{:.4},"cpu_median_ms":{:.4},"cpu_min_ms":{:.4},"first_ms":{first_ms:.2},"batch_ms":{batch_ms:.4},"load_ms":{load_ms:.2},"build_secs":{build_secs:.2},"file_mb":{:.1},"resident_mb":{resident:.1},"exact_scores":{asked:.1},"equal_to_brute_force":"{right}/{checked}","simd":"{}"}}"#,
        times[times.len() / 2],
        times[times.len() * 95 / 100],
        times[0],
        cpu_times[times.len() / 2],
        cpu_times[0],
        snapshot.file_bytes() as f64 / 1e6,
        simd::level(),
    );
    #[cfg(feature = "hnsw")]
    measure_graph(data, rows_data, &queries_data, &answers)?;
    Ok(())
}

/// The same with a graph, whose answers are compared with the exact index's.
#[cfg(feature = "hnsw")]
fn measure_graph(
    data: &str,
    rows_data: &[f32],
    queries: &[&[f32]],
    exact: &[Vec<tintype_index::Hit>],
) -> Result<(), Failure> {
    use tintype_index::{Graph, GraphWriter};

    let rows = rows_data.len() / DIM;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.tvg");
    let identity = Identity::new("bench", "made up@1", DIM);
    let start = Instant::now();
    let mut writer = GraphWriter::new(&path, &identity)?;
    for (key, vector) in (0..).zip(rows_data.chunks_exact(DIM)) {
        writer.put(key, vector)?;
    }
    drop(writer.commit(1)?);
    let build_secs = start.elapsed().as_secs_f64();

    let before = resident_mb();
    let start = Instant::now();
    let State::Ready(graph) = Graph::open(&path, &identity)? else {
        return Err("the graph that was just made does not open".into());
    };
    let load_ms = start.elapsed().as_secs_f64() * 1e3;
    let resident = resident_mb() - before;
    let read = |keys: &[u64], found: &mut dyn FnMut(usize, &[f32])| {
        for (at, &key) in keys.iter().enumerate() {
            found(at, &rows_data[key as usize * DIM..][..DIM]);
        }
        Ok(())
    };
    let measured = |filter: Filter<'_>| -> Result<_, Failure> {
        let (mut times, mut cpu_times, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for query in queries {
            let (start, cpu) = (Instant::now(), cpu_ms());
            answers.push(graph.search(query, Options::top(K), filter, &read)?);
            times.push(start.elapsed().as_secs_f64() * 1e3);
            cpu_times.push(cpu_ms() - cpu);
        }
        times.sort_by(f64::total_cmp);
        cpu_times.sort_by(f64::total_cmp);
        Ok((times, cpu_times, answers))
    };
    let (times, cpu_times, answers) = measured(Filter::All)?;
    let (_, tenth_cpu_times, _) = measured(Filter::Where(&|key| key % 10 == 0))?;
    let found: usize = answers
        .iter()
        .zip(exact)
        .map(|(hits, truth)| truth.iter().filter(|hit| hits.contains(hit)).count())
        .sum();
    let all: usize = exact.iter().map(Vec::len).sum();
    println!(
        r#"{{"name":"graph_{data}_{rows}","rows":{rows},"median_ms":{:.4},"p95_ms":{:.4},"cpu_median_ms":{:.4},"cpu_min_ms":{:.4},"one_in_ten_cpu_median_ms":{:.4},"load_ms":{load_ms:.2},"build_secs":{build_secs:.2},"file_mb":{:.1},"resident_mb":{resident:.1},"recall":{:.4}}}"#,
        times[times.len() / 2],
        times[times.len() * 95 / 100],
        cpu_times[times.len() / 2],
        cpu_times[0],
        tenth_cpu_times[times.len() / 2],
        graph.file_bytes() as f64 / 1e6,
        found as f64 / all as f64,
    );
    Ok(())
}

/// Processor time of this thread in ms: what a search costs when other programs take turns; 0 where the system does
/// not tell.
fn cpu_ms() -> f64 {
    #[cfg(unix)]
    {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
    }
    #[cfg(not(unix))]
    0.0
}

/// Resident memory of this process in MB; 0 where the system does not tell.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().map_or(0.0, |kb| kb / 1024.0)
}

struct Vectors(Vec<f32>);

impl Vectors {
    fn new(data: &str, count: usize) -> Self {
        let mut random = Random(42);
        let mut values = vec![0f32; count * DIM];
        if data == "random" {
            for value in &mut values {
                *value = random.gauss();
            }
            return Self(values);
        }
        // A common direction, which makes unrelated photos about 0.45 alike; weights that fall with the coordinate, as
        // in the principal axes of real embeddings; a tree of occasions, places and bursts.
        let weight: Vec<f32> = (0..DIM).map(|i| 1.0 / (1.0 + i as f32 / 24.0).sqrt()).collect();
        let common: Vec<f32> = (0..DIM).map(|_| random.gauss() * 0.42).collect();
        let mut level = |size: usize, scale: f32| -> Vec<f32> {
            (0..size * DIM).map(|i| random.gauss() * weight[i % DIM] * scale).collect()
        };
        let (themes, places) = (level(200, 0.65), level((count / 50).max(1), 0.65));
        for (i, vector) in values.chunks_exact_mut(DIM).enumerate() {
            let place = random.below(places.len() / DIM);
            let theme = place * 31 % 200;
            let near = if i % 3 == 0 { 0.15 } else { 0.55 };
            for (j, value) in vector.iter_mut().enumerate() {
                *value = common[j]
                    + themes[theme * DIM + j]
                    + places[place * DIM + j]
                    + random.gauss() * weight[j] * near;
            }
        }
        Self(values)
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Close to a standard Gaussian: eight sixteen-bit numbers summed.
    fn gauss(&mut self) -> f32 {
        let (a, b) = (self.next(), self.next());
        let sum: u64 =
            [a, b].iter().map(|x| (x & 0xFFFF) + (x >> 16 & 0xFFFF) + (x >> 32 & 0xFFFF) + (x >> 48)).sum();
        (sum as f32 / 65536.0 - 4.0) * 1.2247
    }
}
