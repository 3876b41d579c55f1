//! What a file says about its picture, in one record whatever the file format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Orientation;

/// Whether a file holds a still picture or a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// A still picture.
    #[default]
    Photo,
    /// A film.
    Video,
}

/// When a picture was taken, as its clock showed it, and how we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenAt {
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    pub local: String,
    /// Fraction of a second in nanoseconds, if recorded.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subsec_nanos: Option<u32>,
    /// Offset from UTC in minutes (east is positive), if recorded.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset_minutes: Option<i16>,
    /// The tag it came from, for example `Exif.DateTimeOriginal`, `XMP.photoshop:DateCreated`,
    /// `QuickTime.CreationDate`; `File.ModifiedAt` when no tag held a usable date.
    pub source: String,
}

impl TakenAt {
    /// The source of dates that no tag holds: the time of the file's last modification.
    pub const FROM_FILE_TIME: &'static str = "File.ModifiedAt";
}

/// What a person thinks of a photo beside its stars: first choice, or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// A keeper.
    Pick,
    /// To be left out.
    Reject,
}

impl Flag {
    /// The flag as it is written in responses and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pick => "pick",
            Self::Reject => "reject",
        }
    }

    /// The flag that `text` names.
    pub fn from_name(text: &str) -> Option<Self> {
        [Self::Pick, Self::Reject].into_iter().find(|flag| flag.as_str() == text)
    }
}

/// A place on Earth (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gps {
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
    /// Metres above sea level.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub altitude: Option<f64>,
}

/// A face marked in the file's metadata (XMP `mwg-rs` or Microsoft regions), relative to the upright picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceRegion {
    /// The person's name, if given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Left edge, 0 to 1.
    pub x: f32,
    /// Top edge, 0 to 1.
    pub y: f32,
    /// Width, 0 to 1.
    pub width: f32,
    /// Height, 0 to 1.
    pub height: f32,
}

/// Everything one pass over a file's metadata gives. Absent facts are `None` or empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Metadata {
    /// Still picture or film.
    pub media: MediaKind,
    /// Width in pixels after turning upright; 0 when unknown.
    pub width: u32,
    /// Height in pixels after turning upright; 0 when unknown.
    pub height: u32,
    /// How the stored pixels must be turned.
    pub orientation: Orientation,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<TakenAt>,
    /// Camera maker as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    /// Camera model as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Lens model as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Exposure time in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure_secs: Option<f64>,
    /// Aperture as f-number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub f_number: Option<f64>,
    /// Sensitivity, ISO.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso: Option<u32>,
    /// Focal length in millimetres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focal_length_mm: Option<f64>,
    /// Whether the flash fired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flash_fired: Option<bool>,
    /// Where it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gps: Option<Gps>,
    /// Stars, −1 (rejected) to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<i8>,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description or caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Keywords from IPTC and XMP, each once, in order of appearance.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Faces marked in the file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub face_regions: Vec<FaceRegion>,
    /// Length of a film or animation in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_secs: Option<f64>,
    /// Name of the embedded colour profile, when it is not sRGB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour_profile: Option<String>,
    /// Where the values of `rating`, `title`, `description`, `keywords`, `taken_at` and `gps` came from, by field:
    /// `XMP.xmp:Rating`, `Exif.Rating`, `IPTC.Keywords`; `Sidecar.xmp:Rating` where a side file's word came first.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, String>,
}
