//! Asking for photos, and what comes back.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tintype_core::{ContentHash, Flag, Issue, MediaKind, Metadata, Orientation, PhotoId, PixelHash};

use super::decision::Annotations;
use super::scan::{FileId, WriteMode};
use super::scope::Scope;
use super::search::SearchCondition;

/// Conditions that a photo meets all of; `None` is no condition.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhotoFilter {
    /// Still pictures or films.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<MediaKind>,
    /// Camera model, or maker and model with a space between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<String>,
    /// Lens model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Taken at or after: local wall clock as if it were UTC, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_from: Option<i64>,
    /// Taken before: local wall clock as if it were UTC, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_to: Option<i64>,
    /// At least this sharp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharpness_min: Option<f64>,
    /// At most this sharp.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharpness_max: Option<f64>,
    /// At least this good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_min: Option<f64>,
    /// At most this good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_max: Option<f64>,
    /// Blurred or not; photos not yet judged meet neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_blurry: Option<bool>,
    /// At least this many stars; photos without a rating count as 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating_min: Option<i8>,
    /// Exactly this many stars; photos without a rating count as 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<i8>,
    /// Picked or rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// Five stars (`true`), or fewer (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favorite: Option<bool>,
    /// Neither picked nor rejected (`true`), or either (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unflagged: Option<bool>,
    /// With this keyword, in either case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Of stacks (RAW beside JPEG, still beside film) only the photo that stands for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stacked: Option<bool>,
    /// With or without a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_gps: Option<bool>,
    /// With or without issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_issues: Option<bool>,
    /// Part of the file name; ASCII letters match in either case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_contains: Option<String>,
    /// Format by content, for example `jpeg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// What to sort photos by. Photos that lack the fact come last in either direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoSort {
    /// When it was taken.
    #[default]
    TakenAt,
    /// When it was first seen.
    AddedAt,
    /// Sharpness.
    Sharpness,
    /// Quality.
    Quality,
    /// File name, bytewise.
    Name,
    /// File size.
    Size,
}

/// Which photos, in which order, and how many of them.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoQuery {
    /// Where to look.
    pub scope: Scope,
    /// What they must be like.
    pub filter: PhotoFilter,
    /// What else they must be like.
    pub condition: Option<SearchCondition>,
    /// What to sort by.
    pub sort: PhotoSort,
    /// Largest, latest or best first.
    pub descending: bool,
    /// Where the previous page ended.
    pub cursor: Option<String>,
    /// Photos per page; at least 1, at most [`PhotoQuery::MAX_LIMIT`].
    pub limit: usize,
}

impl PhotoQuery {
    /// Largest page.
    pub const MAX_LIMIT: usize = 10_000;
}

impl Default for PhotoQuery {
    fn default() -> Self {
        Self {
            scope: Scope::Library,
            filter: PhotoFilter::default(),
            condition: None,
            sort: PhotoSort::TakenAt,
            descending: true,
            cursor: None,
            limit: 100,
        }
    }
}

/// A photo in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhotoSummary {
    /// Its id.
    pub id: PhotoId,
    /// Upright width in pixels; 0 when unknown.
    pub width: u32,
    /// Upright height in pixels; 0 when unknown.
    pub height: u32,
    /// How the stored pixels must be turned.
    pub orientation: Orientation,
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    pub taken_at: Option<String>,
    /// The same as if it were UTC, milliseconds since the Unix epoch.
    pub taken_ms: Option<i64>,
    /// When it was first seen, milliseconds since the Unix epoch.
    pub added_ms: i64,
    /// Still picture or film.
    pub media: MediaKind,
    /// Format by content; empty when unknown.
    pub format: String,
    /// Name of one of its files; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// Camera, maker and model.
    pub camera: Option<String>,
    /// Stars, −1 to 5.
    pub rating: Option<i8>,
    /// Picked or rejected.
    pub flag: Option<Flag>,
    /// Other photos of its stack.
    pub stack: u32,
    /// Sharpness.
    pub sharpness: Option<f64>,
    /// Quality.
    pub quality: Option<f64>,
    /// Whether it counts as blurred.
    pub is_blurry: Option<bool>,
    /// How it is blurred.
    pub blur_kind: Option<String>,
    /// Present copies.
    pub files: u32,
    /// Issues of its present files.
    pub issues: u32,
    /// Whether no set of decoders is known to have failed on it.
    pub decodable: bool,
    /// The picture.
    pub pixel_hash: PixelHash,
    /// Size of its file.
    pub bytes: u64,
}

/// One of a photo's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDetail {
    /// Its row.
    pub id: FileId,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Time of the last modification, nanoseconds since the Unix epoch.
    pub mtime_ns: i64,
    /// Whether it was there at the last walk.
    pub present: bool,
    /// Whether size and time vouch for the photo's hashes: it was read as it is now.
    pub settled: bool,
    /// Whether its root can be reached.
    pub root_online: bool,
    /// Where decisions about it are written.
    pub write_mode: WriteMode,
}

/// Everything about one photo but its features.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoDetail {
    /// As in lists.
    pub summary: PhotoSummary,
    /// Hash of the whole file.
    pub content_hash: ContentHash,
    /// Hash of the coded picture.
    pub pixel_hash: PixelHash,
    /// What the file says about itself.
    pub metadata: Metadata,
    /// What decoded it.
    pub decoder: Option<String>,
    /// Its files, present ones first.
    pub files: Vec<FileDetail>,
    /// What went wrong with its present files.
    pub issues: Vec<Issue>,
    /// What people say of it.
    pub annotations: Annotations,
    /// The other photos of its stack.
    pub companions: Vec<PhotoId>,
}

/// Width of a timeline's buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// Keys like `2024-06`.
    #[default]
    Month,
    /// Keys like `2024-06-30`.
    Day,
}

/// One bucket of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimelineBucket {
    /// `YYYY-MM`, `YYYY-MM-DD`, or empty for photos without a date.
    pub key: String,
    /// Photos in it.
    pub count: u64,
}

/// What there is to filter by, with counts, most frequent first (years: newest first).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Facets {
    /// Cameras, maker and model.
    pub cameras: Vec<(String, u64)>,
    /// Lenses.
    pub lenses: Vec<(String, u64)>,
    /// Formats.
    pub formats: Vec<(String, u64)>,
    /// Years.
    pub years: Vec<(String, u64)>,
}

/// One present file in a report, whether it holds a photo or not.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRow {
    /// Its row.
    pub file: FileId,
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Whether it was looked at already.
    pub settled: bool,
    /// The photo in it, if any.
    pub photo: Option<ReportPhoto>,
    /// What went wrong with it.
    pub issues: Vec<Issue>,
}

/// The photo in a [`ReportRow`].
#[derive(Debug, Clone, PartialEq)]
pub struct ReportPhoto {
    /// Its id.
    pub id: PhotoId,
    /// Hash of the whole file.
    pub content_hash: ContentHash,
    /// Hash of the coded picture.
    pub pixel_hash: PixelHash,
    /// Upright width in pixels; 0 when unknown.
    pub width: u32,
    /// Upright height in pixels; 0 when unknown.
    pub height: u32,
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    pub taken_at: Option<String>,
    /// Stars, −1 to 5.
    pub rating: Option<i8>,
    /// Format by content; empty when unknown.
    pub format: String,
    /// Camera, maker and model.
    pub camera: Option<String>,
    /// What the file says about itself, with what people decided over it.
    pub metadata: Metadata,
    /// What decoded it.
    pub decoder: Option<String>,
    /// Sharpness.
    pub sharpness: Option<f64>,
    /// Quality.
    pub quality: Option<f64>,
    /// Whether it counts as blurred.
    pub is_blurry: Option<bool>,
    /// How it is blurred.
    pub blur_kind: Option<String>,
}
