//! What work on photos needs to know, and what it brings back.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tintype_core::{
    ContentHash, FeatureKey, FeatureValue, Issue, Metadata, OperationId, Orientation, PhotoId, PixelHash,
};
use uuid::Uuid;

use super::scan::{FileId, Stat};

/// A file to work on.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkItem {
    /// Its row.
    pub file: FileId,
    /// Where it is.
    pub path: PathBuf,
    /// Path under its root, with the file name.
    pub rel: Vec<u8>,
    /// What it looked like when it was last seen.
    pub stat: Stat,
    /// Its XMP side file, if there is one.
    pub sidecar: Option<PathBuf>,
    /// Whether its hashes, or its issue, are known for this `stat`.
    pub settled: bool,
    /// The photo it holds, as far as known. Of an unsettled file this is what it held before.
    pub photo: Option<WorkPhoto>,
}

/// The photo in a [`WorkItem`].
#[derive(Debug, Clone, PartialEq)]
pub struct WorkPhoto {
    /// Its id.
    pub id: PhotoId,
    /// Hash of the whole file.
    pub content_hash: ContentHash,
    /// Hash of the coded picture.
    pub pixel_hash: PixelHash,
    /// How the stored pixels must be turned.
    pub orientation: Orientation,
    /// What the file says about itself.
    pub metadata: Metadata,
}

/// What reading a file found out.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentRecord {
    /// Hash of the whole file: the photo's identity.
    pub content_hash: ContentHash,
    /// Hash of the coded picture; with the metadata's orientation it is what features hang on.
    pub pixel_hash: PixelHash,
    /// Format by content, for example `jpeg`; empty when unknown.
    pub format: String,
    /// What the file says about itself.
    pub metadata: Metadata,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileOutcome {
    /// Its row.
    pub file: FileId,
    /// What it looked like when it was read.
    pub stat: Stat,
    /// What it holds; `None` when it could not be read. It becomes settled either way.
    pub content: Option<ContentRecord>,
    /// What went wrong with it; replaces the issues it had.
    pub issues: Vec<Issue>,
}

/// A feature to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFeature {
    /// The picture.
    pub pixel_hash: PixelHash,
    /// How it is turned.
    pub orientation: Orientation,
    /// Kind, producer and parameters.
    pub key: FeatureKey,
    /// The fact.
    pub value: FeatureValue,
}

/// News about a picture. Fields that are `None` leave what is stored as it is, except `undecodable`.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectUpdate {
    /// The picture.
    pub pixel_hash: PixelHash,
    /// How it is turned.
    pub orientation: Orientation,
    /// The set of decoders that failed on it, so that the same set does not try again; `None` clears the mark.
    pub undecodable: Option<String>,
    /// What decoded it.
    pub decoder: Option<String>,
    /// Sharpness, as the producing step scales it.
    pub sharpness: Option<f64>,
    /// Quality, as the producing step scales it.
    pub quality: Option<f64>,
    /// Whether it counts as blurred.
    pub is_blurry: Option<bool>,
    /// How it is blurred.
    pub blur_kind: Option<String>,
}

/// Running totals of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    /// Photos finished.
    pub photos: u64,
    /// Features computed.
    pub computed: u64,
    /// Features found in the store.
    pub cached: u64,
    /// Files opened.
    pub opened: u64,
    /// Issues recorded.
    pub issues: u64,
    /// Bytes read from files.
    pub bytes_read: u64,
    /// Time spent per step, in microseconds of one core.
    pub step_us: BTreeMap<String, u64>,
}

impl Counters {
    /// Adds `other` to these totals.
    pub fn add(&mut self, other: &Self) {
        self.photos += other.photos;
        self.computed += other.computed;
        self.cached += other.cached;
        self.opened += other.opened;
        self.issues += other.issues;
        self.bytes_read += other.bytes_read;
        for (step, micros) in &other.step_us {
            *self.step_us.entry(step.clone()).or_default() += micros;
        }
    }
}

/// Everything one batch of an operation found out. It is committed whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchCommit {
    /// The operation.
    pub operation: OperationId,
    /// The batch.
    pub seq: u32,
    /// The lease under which it was worked on.
    pub lease: Uuid,
    /// What became of its files.
    pub files: Vec<FileOutcome>,
    /// Features computed.
    pub features: Vec<NewFeature>,
    /// News about pictures.
    pub subjects: Vec<SubjectUpdate>,
    /// To be added to the operation's totals.
    pub counters: Counters,
}
