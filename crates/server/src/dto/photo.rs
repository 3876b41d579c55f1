//! Photos.

use serde::{Deserialize, Serialize};
use tintype_engine::{paths, rfc3339, store};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::caption::Caption;
use super::filter::MediaKind;
use super::listing::check_limit;
use super::mark::Flag;
use super::metadata::Metadata;
use crate::problem::{Code, Problem};

/// A photo in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoSummary {
    #[serde(flatten)]
    common: PhotoFacts,
    /// Copies that are present.
    files: u32,
}

/// What a photo's row and its page share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoFacts {
    /// Its id: made from its content, so that it is the same in a library rebuilt from the same files.
    id: Uuid,
    /// Upright width in pixels; 0 when unknown.
    width: u32,
    /// Upright height in pixels; 0 when unknown.
    height: u32,
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    #[schema(example = "2024-06-01T12:00:00")]
    taken_at: Option<String>,
    /// Still picture or film.
    media: MediaKind,
    /// Format by content; empty when unknown.
    #[schema(example = "jpeg")]
    format: String,
    /// Name of one of its files, control characters escaped.
    name: String,
    /// Maker and model.
    camera: Option<String>,
    /// Stars, −1 (rejected) to 5.
    rating: Option<i8>,
    /// Picked, rejected or neither.
    flag: Option<Flag>,
    /// Whether it has five stars.
    favorite: bool,
    /// Other photos that are shown with it as one: RAW beside JPEG, still beside its short film.
    stack: u32,
    /// 0 to 1; null when not judged.
    sharpness: Option<f64>,
    /// 0 to 1; null when not judged.
    quality: Option<f64>,
    /// Whether it counts as blurred.
    is_blurry: Option<bool>,
    /// `sharp`, `defocus`, `motion` or `low_detail`.
    blur_kind: Option<String>,
    /// Issues of its files.
    issues: u32,
    /// Whether its pixels can be shown.
    decodable: bool,
    /// Size of its file in bytes.
    bytes: u64,
    /// Changes when its pixels or how they are turned change. As the parameter `v` of `thumbnail` it lets browsers
    /// keep the picture for good.
    picture_version: String,
}

impl From<store::PhotoSummary> for PhotoFacts {
    fn from(photo: store::PhotoSummary) -> Self {
        let picture_version = format!("{}-{}", &photo.pixel_hash.to_string()[..16], photo.orientation.exif());
        Self {
            id: photo.id.0,
            width: photo.width,
            height: photo.height,
            taken_at: photo.taken_at,
            media: photo.media.into(),
            format: photo.format,
            name: paths::display(photo.name.as_bytes()),
            camera: photo.camera,
            rating: photo.rating,
            flag: photo.flag.map(Into::into),
            favorite: photo.rating == Some(5),
            stack: photo.stack,
            sharpness: photo.sharpness,
            quality: photo.quality,
            is_blurry: photo.is_blurry,
            blur_kind: photo.blur_kind,
            issues: photo.issues,
            decodable: photo.decodable,
            bytes: photo.bytes,
            picture_version,
        }
    }
}

impl From<store::PhotoSummary> for PhotoSummary {
    fn from(photo: store::PhotoSummary) -> Self {
        Self { files: photo.files, common: photo.into() }
    }
}

/// A page of photos.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoPage {
    /// The photos.
    pub(crate) items: Vec<PhotoSummary>,
    /// What to pass as `cursor` for the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
    /// Photos on all pages together; only on the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) total: Option<u64>,
}

/// One of a photo's files.
#[derive(Debug, Serialize, ToSchema)]
struct PhotoFile {
    /// Where it is, control characters escaped.
    path: String,
    /// Bytes.
    size: u64,
    /// When it was last modified, RFC 3339.
    modified_at: String,
    /// Whether it was there at the last look.
    present: bool,
    /// Whether its library folder can be reached.
    online: bool,
}

/// One thing that went wrong with a photo's file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoIssue {
    /// `read`, `identify`, `metadata`, `decode` or `analyze`.
    stage: &'static str,
    /// What kind of thing it is.
    code: Code,
    /// What exactly.
    detail: String,
    /// What it means and what to do.
    help: &'static str,
}

/// Everything about a photo but its features.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PhotoDetail {
    #[serde(flatten)]
    common: PhotoFacts,
    /// SHA-256 of its file.
    content_hash: String,
    /// Hash of its coded pixels without metadata.
    pixel_hash: String,
    /// What decoded it.
    decoder: Option<String>,
    /// What its file says about it.
    metadata: Metadata,
    /// Its files, present ones first.
    files: Vec<PhotoFile>,
    /// What went wrong with its files.
    issue_list: Vec<PhotoIssue>,
    /// What people decided about it; null where what the file says holds.
    annotations: Annotations,
    /// The sentence about it that is shown; its features list all that were computed.
    caption: Option<Caption>,
    /// The other photos of its stack.
    companions: Vec<PhotoSummary>,
}

/// What people decided about a photo; null where what the file says holds.
#[derive(Debug, Serialize, ToSchema)]
struct Annotations {
    /// Stars.
    rating: Option<i8>,
    /// Picked or rejected.
    flag: Option<Flag>,
    /// Title.
    title: Option<String>,
    /// A caption in people's own words.
    caption: Option<String>,
    /// Keywords.
    keywords: Option<Vec<String>>,
    /// Local wall-clock time.
    taken_at: Option<String>,
}

impl From<store::Annotations> for Annotations {
    fn from(decided: store::Annotations) -> Self {
        Self {
            rating: decided.rating.and_then(|held| held.value),
            flag: decided.flag.map(Into::into),
            title: decided.title.and_then(|held| held.value),
            caption: decided.caption,
            keywords: decided.keywords.map(|held| held.value),
            taken_at: decided.taken_at.and_then(|held| held.value).map(|taken| taken.local),
        }
    }
}

impl PhotoDetail {
    /// The record of `photo`, with the caption that is shown and the other photos of its stack.
    pub(crate) fn new(
        photo: store::PhotoDetail,
        caption: Option<tintype_core::Caption>,
        companions: Vec<store::PhotoSummary>,
    ) -> Self {
        let file = |file: store::FileDetail| PhotoFile {
            path: paths::display(file.path.as_os_str().as_encoded_bytes()),
            size: file.size,
            modified_at: rfc3339(file.mtime_ns.div_euclid(1_000_000)),
            present: file.present,
            online: file.root_online,
        };
        let issue = |issue: tintype_core::Issue| PhotoIssue {
            stage: issue.stage.as_str(),
            code: Code(issue.code),
            help: issue.code.help(),
            detail: issue.detail,
        };
        Self {
            common: photo.summary.into(),
            content_hash: photo.content_hash.to_string(),
            pixel_hash: photo.pixel_hash.to_string(),
            decoder: photo.decoder,
            metadata: photo.metadata.into(),
            files: photo.files.into_iter().map(file).collect(),
            issue_list: photo.issues.into_iter().map(issue).collect(),
            annotations: photo.annotations.into(),
            caption: caption.map(Into::into),
            companions: companions.into_iter().map(Into::into).collect(),
        }
    }
}

/// What to sort photos by. Those that lack the fact come last in either order.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PhotoSort {
    /// When it was taken.
    TakenAt,
    /// When it was first seen.
    AddedAt,
    /// Sharpness.
    Sharpness,
    /// Quality.
    Quality,
    /// File name.
    Name,
    /// File size.
    Size,
}

impl From<PhotoSort> for store::PhotoSort {
    fn from(sort: PhotoSort) -> Self {
        match sort {
            PhotoSort::TakenAt => Self::TakenAt,
            PhotoSort::AddedAt => Self::AddedAt,
            PhotoSort::Sharpness => Self::Sharpness,
            PhotoSort::Quality => Self::Quality,
            PhotoSort::Name => Self::Name,
            PhotoSort::Size => Self::Size,
        }
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// Smallest, oldest or A first.
    Asc,
    /// Largest, newest or Z first.
    Desc,
}

/// Order and page of a list of photos.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Arrangement {
    /// What to sort by; `taken_at` when not given.
    #[param(inline)]
    sort: Option<PhotoSort>,
    /// Which end first; `desc` when not given.
    #[param(inline)]
    order: Option<Order>,
    /// Rows at most, 1 to 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same order and conditions.
    cursor: Option<String>,
}

impl Arrangement {
    /// The query for photos of `scope` that meet `filter`.
    pub(crate) fn query(
        self,
        scope: store::Scope,
        filter: store::PhotoFilter,
    ) -> Result<store::PhotoQuery, Problem> {
        Ok(store::PhotoQuery {
            scope,
            filter,
            condition: None,
            sort: self.sort.map(Into::into).unwrap_or_default(),
            descending: self.order != Some(Order::Asc),
            limit: check_limit(self.limit)?,
            cursor: self.cursor,
        })
    }
}
