//! The records of a feature pack, out and in.

use std::collections::HashMap;
use std::io::{BufReader, Read as _, Take, Write};

use serde_json::Value as Json;
use tintype_core::{FeatureKey, Orientation, PixelHash};
use tintype_store::{PackedFeature, PackedPicture, PictureScores};

use super::Problem;

/// What every pack begins with.
pub(super) const MAGIC: &[u8; 16] = b"tintype-features";
/// The version of the format.
pub(super) const VERSION: u32 = 1;
/// Magic and version.
pub(super) const HEADER_BYTES: u64 = 20;
/// The checksum.
pub(super) const TAIL_BYTES: u64 = 32;

/// zstd's default: features are mostly numbers, which higher levels hardly make smaller.
const LEVEL: i32 = 3;
/// Windows up to 16 MiB are read, whatever a pack asks for; level 3 writes 2 MiB.
const WINDOW_LOG_MAX: u32 = 24;
/// The largest value of a feature: segmentation embeddings are 2 to 4 MB.
const MAX_VALUE: usize = 64 << 20;
/// Everything in a record but the value.
const MAX_REST: usize = 64 << 10;
/// Different features in one pack: a step has one for each version and each set of parameters ever used.
const MAX_KEYS: usize = 10_000;

const KEY: u8 = 1;
const PICTURE: u8 = 2;
const FEATURE: u8 = 3;
const END: u8 = 4;

/// Passes bytes on and hashes them.
pub(super) struct Hashing<W> {
    inner: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hasher: blake3::Hasher::new() }
    }

    pub(super) fn finish(self) -> (W, blake3::Hash) {
        (self.inner, self.hasher.finalize())
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// Writes records.
pub(super) struct Writer<W: Write> {
    out: zstd::Encoder<'static, W>,
    keys: HashMap<FeatureKey, u32>,
    pictures: u64,
    features: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W) -> std::io::Result<Self> {
        Ok(Self { out: zstd::Encoder::new(out, LEVEL)?, keys: HashMap::new(), pictures: 0, features: 0 })
    }

    /// Writes a picture with its features; how many were left out because they are too large.
    pub(super) fn picture(&mut self, picture: &PackedPicture) -> std::io::Result<u64> {
        let mut left_out = 0;
        let mut head = picture.pixel_hash.0.to_vec();
        head.push(picture.orientation.exif());
        head.extend(serde_json::to_vec(&picture.scores)?);
        self.record(PICTURE, &[&head])?;
        self.pictures += 1;
        for feature in &picture.features {
            if feature.value.len() > MAX_VALUE {
                left_out += 1;
                continue;
            }
            let key = self.key(&feature.key)?;
            let head = [&key.to_le_bytes()[..], &feature.created_ms.to_le_bytes(), &[feature.kind]].concat();
            self.record(FEATURE, &[&head, &feature.value])?;
            self.features += 1;
        }
        Ok(left_out)
    }

    fn key(&mut self, key: &FeatureKey) -> std::io::Result<u32> {
        if let Some(number) = self.keys.get(key) {
            return Ok(*number);
        }
        self.record(KEY, &[&serde_json::to_vec(key)?])?;
        let number = self.keys.len() as u32;
        self.keys.insert(key.clone(), number);
        Ok(number)
    }

    fn record(&mut self, tag: u8, parts: &[&[u8]]) -> std::io::Result<()> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        self.out.write_all(&[tag])?;
        self.out.write_all(&(length as u32).to_le_bytes())?;
        parts.iter().try_for_each(|part| self.out.write_all(part))
    }

    /// Pictures and features written.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.pictures, self.features)
    }

    pub(super) fn finish(mut self) -> std::io::Result<W> {
        let counts = [self.pictures.to_le_bytes(), self.features.to_le_bytes()].concat();
        self.record(END, &[&counts])?;
        self.out.finish()
    }
}

/// What comes next in a pack.
pub(super) enum Next {
    /// A picture, without its features.
    Picture(Box<PackedPicture>),
    /// A feature of the picture before.
    Feature(Box<PackedFeature>),
    /// Nothing more, and nothing is missing.
    End,
}

/// Reads records. Nothing in them is believed.
pub(super) struct Reader {
    input: zstd::Decoder<'static, Packed>,
    keys: Vec<FeatureKey>,
    pictures: u64,
    features: u64,
}

/// The part of a pack's file between header and checksum.
pub(super) type Packed = BufReader<Take<fs_err::File>>;

impl Reader {
    pub(super) fn new(packed: Packed) -> std::io::Result<Self> {
        let mut input = zstd::Decoder::with_buffer(packed)?;
        input.window_log_max(WINDOW_LOG_MAX)?;
        Ok(Self { input, keys: Vec::new(), pictures: 0, features: 0 })
    }

    /// Bytes of the pack that are not read yet.
    pub(super) fn left(&self) -> u64 {
        self.input.get_ref().get_ref().limit()
    }

    pub(super) fn next(&mut self) -> Result<Next, Problem> {
        loop {
            let mut head = [0; 5];
            self.read_exact(&mut head)?;
            let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
            if length > MAX_REST + if head[0] == FEATURE { MAX_VALUE } else { 0 } {
                return Err(wrong("a record is too long"));
            }
            let payload = self.read(length)?;
            match head[0] {
                KEY => self.keys.push(self.parse_key(&payload)?),
                PICTURE => return self.parse_picture(&payload),
                FEATURE => return self.parse_feature(payload),
                END => return self.end(&payload),
                tag => return Err(wrong(format!("there is no record of kind {tag}"))),
            }
        }
    }

    /// A length is a claim: memory grows with what is really there.
    fn read(&mut self, length: usize) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        (&mut self.input).take(length as u64).read_to_end(&mut bytes).map_err(unpack_error)?;
        if bytes.len() == length { Ok(bytes) } else { Err(wrong("it ends within a record")) }
    }

    fn read_exact(&mut self, bytes: &mut [u8]) -> Result<(), Problem> {
        self.input.read_exact(bytes).map_err(unpack_error)
    }

    fn parse_key(&self, payload: &[u8]) -> Result<FeatureKey, Problem> {
        let key: FeatureKey =
            serde_json::from_slice(payload).map_err(|error| wrong(format!("a feature's name: {error}")))?;
        let is_text = |text: &str| !text.is_empty() && text.len() <= 256 && !text.contains(char::is_control);
        let is_json = key.params.is_empty() || serde_json::from_str::<Json>(&key.params).is_ok();
        if self.keys.len() < MAX_KEYS && is_text(&key.kind) && is_text(&key.producer) && is_json {
            Ok(key)
        } else {
            Err(wrong("a feature's name cannot be one"))
        }
    }

    fn parse_picture(&mut self, payload: &[u8]) -> Result<Next, Problem> {
        let (hash, rest) = payload.split_at_checked(32).ok_or_else(|| wrong("a picture is too short"))?;
        let (orientation, scores) = rest.split_first().ok_or_else(|| wrong("a picture is too short"))?;
        let pixel_hash = PixelHash::from_slice(hash).ok_or_else(|| wrong("a picture is too short"))?;
        if !(1..=8).contains(orientation) {
            return Err(wrong("a picture's orientation cannot be one"));
        }
        let scores: PictureScores =
            serde_json::from_slice(scores).map_err(|error| wrong(format!("a picture's scores: {error}")))?;
        self.pictures += 1;
        let orientation = Orientation::from_exif(u32::from(*orientation));
        Ok(Next::Picture(Box::new(PackedPicture { pixel_hash, orientation, scores, features: Vec::new() })))
    }

    fn parse_feature(&mut self, mut payload: Vec<u8>) -> Result<Next, Problem> {
        let Some(([a, b, c, d, time @ .., kind], _)) = payload.split_first_chunk::<13>() else {
            return Err(wrong("a feature is too short"));
        };
        let number = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        let time: [u8; 8] = *time;
        let key = self.keys.get(number).cloned().ok_or_else(|| wrong("a feature has no name"))?;
        let (created_ms, kind) = (i64::from_le_bytes(time), *kind);
        payload.drain(..13);
        self.features += 1;
        Ok(Next::Feature(Box::new(PackedFeature { key, created_ms, kind, value: payload })))
    }

    fn end(&mut self, payload: &[u8]) -> Result<Next, Problem> {
        let counts = [self.pictures.to_le_bytes(), self.features.to_le_bytes()].concat();
        let is_all = payload == counts && self.input.read(&mut [0]).map_err(unpack_error)? == 0;
        if is_all { Ok(Next::End) } else { Err(wrong("its counts do not match what is in it")) }
    }
}

/// The checksum was right, so what cannot be unpacked was packed wrongly.
fn unpack_error(error: std::io::Error) -> Problem {
    match error.raw_os_error() {
        Some(_) => Problem::Io(error),
        None => wrong(format!("it cannot be unpacked: {error}")),
    }
}

fn wrong(detail: impl Into<String>) -> Problem {
    Problem::Pack(detail.into())
}
