//! Each fast kernel beside its plain twin: what the fast one is for.

use divan::{Bencher, black_box};
use tintype_vision::{GrayImage, RgbImage, blur, hamming, luma, phash, quality, scene};

fn main() {
    divan::main();
}

fn picture(w: u32, h: u32) -> GrayImage {
    let data =
        (0..w * h).map(|i| ((i % w) * (i / w) / 7 + (i.wrapping_mul(2654435761) >> 29)) as u8).collect();
    GrayImage::new(w, h, data).unwrap_or_else(|| GrayImage::black(w, h))
}

fn colours(w: u32, h: u32) -> RgbImage {
    let data = picture(w, h).data().iter().flat_map(|&p| [p, p / 2, 255 - p]).collect();
    RgbImage::new(w, h, data).unwrap_or_else(|| RgbImage::black(w, h))
}

fn hashes(count: u64) -> Vec<u64> {
    (0..count).map(|i| (i / 2).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) ^ (i & 1)).collect()
}

#[divan::bench(args = [(256, 256), (1920, 1080)])]
fn laplacian(bencher: Bencher, (w, h): (u32, u32)) {
    let image = picture(w, h);
    bencher.bench(|| blur::laplacian_variance(black_box(&image)));
}

#[divan::bench(args = [(256, 256)])]
fn laplacian_naive(bencher: Bencher, (w, h): (u32, u32)) {
    let image = picture(w, h);
    bencher.bench(|| blur::naive_laplacian_variance(black_box(&image)));
}

#[divan::bench]
fn laplacian_tiles_1024(bencher: Bencher) {
    let image = picture(1024, 768);
    bencher.bench(|| blur::tile_laplacian(black_box(&image), 8));
}

#[divan::bench(args = [(256, 256), (256, 171)])]
fn fft_hf(bencher: Bencher, (w, h): (u32, u32)) {
    let image = picture(w, h);
    bencher.bench(|| blur::fft_hf_ratio(black_box(&image)));
}

#[divan::bench(sample_count = 5)]
fn fft_hf_naive(bencher: Bencher) {
    let image = picture(256, 256);
    bencher.bench(|| blur::naive_fft_hf_ratio(black_box(&image)));
}

#[divan::bench(args = [(256, 256), (256, 171)])]
fn perceptual_hash(bencher: Bencher, (w, h): (u32, u32)) {
    let image = picture(w, h);
    bencher.bench(|| phash::perceptual_hash(black_box(&image)));
}

#[divan::bench(sample_count = 3)]
fn perceptual_hash_naive(bencher: Bencher) {
    let image = picture(128, 128);
    bencher.bench(|| phash::naive_perceptual_hash(black_box(&image)));
}

#[divan::bench]
fn rgb_to_gray_1024(bencher: Bencher) {
    let image = colours(1024, 768);
    bencher.bench(|| luma::rgb_to_gray(black_box(&image)));
}

#[divan::bench]
fn iqa(bencher: Bencher) {
    let (rgb, gray) = (colours(256, 192), picture(1024, 768));
    bencher.bench(|| quality::score_iqa(black_box(&rgb), black_box(&gray), 900.0));
}

#[divan::bench]
fn scene_descriptor(bencher: Bencher) {
    let rgb = colours(256, 192);
    bencher.bench(|| scene::scene_descriptor(black_box(&rgb)));
}

#[divan::bench(args = [10_000, 100_000], sample_count = 5)]
fn groups(bencher: Bencher, count: u64) {
    let hashes = hashes(count);
    bencher.bench(|| hamming::groups_within(black_box(&hashes), 8));
}

#[divan::bench(sample_count = 3)]
fn groups_naive(bencher: Bencher) {
    let hashes = hashes(10_000);
    bencher.bench(|| hamming::naive_groups_within(black_box(&hashes), 8));
}
