//! Inspecting and decoding a drawn 12-megapixel JPEG, and cutting the sizes that the pipeline wants.

#![allow(clippy::expect_used, reason = "a benchmark stops at the first surprise")]

use divan::Bencher;
use tintype_media::{DecodeRequest, Limits, decode, encode_jpeg, inspect_bytes};
use tintype_vision::RgbImage;

fn main() {
    divan::main();
}

/// Smooth shapes with noise on them, so that entropy coding has about as much work as in a photo.
fn drawn(width: u32, height: u32) -> Vec<u8> {
    let mut image = RgbImage::black(width, height);
    let mut seed = 0x9E37_79B9_u32;
    for (i, pixel) in image.data_mut().chunks_exact_mut(3).enumerate() {
        let (x, y) = (i as u32 % width, i as u32 / width);
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        let noise = (seed >> 28) as u8;
        let disc = (x % 512).abs_diff(256).pow(2) + (y % 512).abs_diff(256).pow(2) < 30_000;
        pixel[0] = (x * 200 / width) as u8 + noise;
        pixel[1] = if disc { 180 } else { 40 } + noise;
        pixel[2] = (y * 200 / height) as u8 + noise;
    }
    encode_jpeg(&image, 85).expect("a drawn picture can be encoded")
}

#[divan::bench]
fn inspect_12mp(bencher: Bencher<'_, '_>) {
    let bytes = drawn(4000, 3000);
    bencher.with_inputs(|| bytes.clone()).bench_values(|bytes| inspect_bytes(bytes, &Limits::default()));
}

#[divan::bench(args = [1440, 1024, 256])]
fn decode_12mp(bencher: Bencher<'_, '_>, long_side: u32) {
    let photo = inspect_bytes(drawn(4000, 3000), &Limits::default());
    bencher.bench(|| decode(&photo, &DecodeRequest { long_side, limits: Limits::default() }));
}

#[divan::bench]
fn previews_12mp(bencher: Bencher<'_, '_>) {
    let photo = inspect_bytes(drawn(4000, 3000), &Limits::default());
    let request = DecodeRequest { long_side: 1440, limits: Limits::default() };
    bencher.with_inputs(|| decode(&photo, &request).expect("decodes")).bench_values(|picture| {
        (picture.jpeg(1440, 82), picture.luma(1024), picture.jpeg(256, 80), picture.rgb(256))
    });
}
