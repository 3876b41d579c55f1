//! Prints the median time of each kernel as one JSON line, for the benchmark beside Python peers.
//!
//! `cargo run --release -p tintype-vision --example kernel_times [-- --hashes 1000000]`; the second form times the
//! grouping of that many hashes instead. Images and hashes are made up here, the same every time.
#![allow(clippy::print_stdout, reason = "a program whose output is its purpose")]

use std::hint::black_box;
use std::time::Instant;

use tintype_vision::{GrayImage, blur, hamming, phash, simd};

/// Repetitions of a kernel; the median counts.
const REPETITIONS: usize = 301;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().position(|arg| arg == "--hashes") {
        Some(at) => groups(args.get(at + 1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000)),
        None => kernels(),
    }
}

fn kernels() {
    let small = photo(256, 256, 1);
    let large = photo(1920, 1080, 2);
    let batch: Vec<GrayImage> = (0..100).map(|seed| photo(128, 128, seed)).collect();
    report("laplacian_256", || blur::laplacian_variance(black_box(&small)));
    report("laplacian_1080p", || blur::laplacian_variance(black_box(&large)));
    report("fft_hf_256", || blur::fft_hf_ratio(black_box(&small)));
    report("phash_256", || phash::perceptual_hash(black_box(&small)));
    report("batch_blur_100x128", || blur::laplacian_variance_batch(black_box(&batch)));
}

fn report<T>(name: &str, mut kernel: impl FnMut() -> T) {
    let mut times: Vec<f64> = (0..REPETITIONS)
        .map(|_| {
            let start = Instant::now();
            black_box(kernel());
            start.elapsed().as_nanos() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times[REPETITIONS / 2];
    println!(
        r#"{{"name":"{name}","median_ns":{median},"repetitions":{REPETITIONS},"simd":"{}"}}"#,
        simd::level()
    );
}

/// Half random hashes, half families of ten near ones, grouped at radius 8.
fn groups(count: usize) {
    let mut random = Random(7);
    let mut hashes = Vec::with_capacity(count);
    while hashes.len() < count / 2 {
        hashes.push(random.next());
    }
    while hashes.len() < count {
        let centre = random.next();
        for _ in 0..10.min(count - hashes.len()) {
            let flips = (0..random.next() % 5).fold(0, |flips, _| flips | 1 << (random.next() % 64));
            hashes.push(centre ^ flips);
        }
    }
    let start = Instant::now();
    let groups = hamming::groups_within(&hashes, 8);
    let secs = start.elapsed().as_secs_f64();
    println!(
        r#"{{"name":"groups_1m","hashes":{count},"radius":8,"secs":{secs:.4},"groups":{},"peak_rss_mb":{:.1},"simd":"{}"}}"#,
        groups.len(),
        peak_rss_mb(),
        simd::level()
    );
}

/// The largest amount of memory this process has held, in MB; 0 where the system does not tell.
fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().map_or(0.0, |kb| kb / 1024.0)
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
}

/// A picture with the falling spectrum of a photo: waves of all lengths, weaker the shorter, edges and a little noise.
fn photo(w: u32, h: u32, seed: u64) -> GrayImage {
    let mut random = Random(seed);
    let mut unit = || (random.next() >> 40) as f32 / (1u32 << 24) as f32;
    let waves: Vec<[f32; 4]> = (0..16)
        .map(|i| {
            let frequency = 0.01 * 1.3f32.powi(i);
            let angle = unit() * std::f32::consts::TAU;
            [frequency * angle.cos(), frequency * angle.sin(), unit() * 6.3, 30.0 / (1.0 + i as f32)]
        })
        .collect();
    let data = (0..w * h)
        .map(|i| {
            let (x, y) = ((i % w) as f32, (i / w) as f32);
            let smooth: f32 =
                waves.iter().map(|[fx, fy, phase, size]| size * (fx * x + fy * y + phase).sin()).sum();
            let edge = if (x * 0.7 + y) % 97.0 < 40.0 { 25.0 } else { -25.0 };
            (128.0 + smooth + edge + unit() * 6.0).clamp(0.0, 255.0) as u8
        })
        .collect();
    GrayImage::new(w, h, data).unwrap_or_else(|| GrayImage::black(w, h))
}
