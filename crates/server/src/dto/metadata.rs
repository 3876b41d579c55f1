//! What a file says about its picture.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::filter::MediaKind;

/// When a picture was taken, and how we know.
#[derive(Debug, Serialize, ToSchema)]
struct TakenAt {
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    local: String,
    /// Fraction of a second in nanoseconds, if recorded.
    subsec_nanos: Option<u32>,
    /// Offset from UTC in minutes (east is positive), if recorded.
    offset_minutes: Option<i16>,
    /// The tag it came from; `File.ModifiedAt` when no tag held a usable date.
    source: String,
}

/// A place on Earth (WGS 84).
#[derive(Debug, Serialize, ToSchema)]
struct Gps {
    /// Degrees north.
    latitude: f64,
    /// Degrees east.
    longitude: f64,
    /// Metres above sea level.
    altitude: Option<f64>,
}

/// A face marked in the file's metadata, relative to the upright picture.
#[derive(Debug, Serialize, ToSchema)]
struct FaceRegion {
    /// The person's name, if given.
    name: Option<String>,
    /// Left edge, 0 to 1.
    x: f32,
    /// Top edge, 0 to 1.
    y: f32,
    /// Width, 0 to 1.
    width: f32,
    /// Height, 0 to 1.
    height: f32,
}

/// Everything that a file's metadata gives; absent facts are null or empty.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Metadata {
    /// Still picture or film.
    media: MediaKind,
    /// Upright width in pixels; 0 when unknown.
    width: u32,
    /// Upright height in pixels; 0 when unknown.
    height: u32,
    /// How the stored pixels must be turned: EXIF orientation, 1 to 8.
    orientation: u8,
    /// When it was taken.
    taken_at: Option<TakenAt>,
    /// Camera maker as written.
    make: Option<String>,
    /// Camera model as written.
    model: Option<String>,
    /// Lens model as written.
    lens: Option<String>,
    /// Exposure time in seconds.
    exposure_secs: Option<f64>,
    /// Aperture as f-number.
    f_number: Option<f64>,
    /// Sensitivity, ISO.
    iso: Option<u32>,
    /// Focal length in millimetres.
    focal_length_mm: Option<f64>,
    /// Whether the flash fired.
    flash_fired: Option<bool>,
    /// Where it was taken.
    gps: Option<Gps>,
    /// Stars, −1 (rejected) to 5.
    rating: Option<i8>,
    /// Title.
    title: Option<String>,
    /// Description or caption.
    description: Option<String>,
    /// Keywords, each once.
    keywords: Vec<String>,
    /// Faces marked in the file.
    face_regions: Vec<FaceRegion>,
    /// Length of a film or animation in seconds.
    duration_secs: Option<f64>,
    /// Name of the embedded colour profile, when it is not sRGB.
    colour_profile: Option<String>,
    /// Where `rating`, `title`, `description`, `keywords`, `taken_at` and `gps` came from, by field: `XMP.xmp:Rating`,
    /// `Exif.Rating`; `Sidecar.…` where a side file's word came first.
    sources: BTreeMap<String, String>,
}

impl From<tintype_core::TakenAt> for TakenAt {
    fn from(taken: tintype_core::TakenAt) -> Self {
        let tintype_core::TakenAt { local, subsec_nanos, offset_minutes, source } = taken;
        Self { local, subsec_nanos, offset_minutes, source }
    }
}

impl From<tintype_core::Gps> for Gps {
    fn from(gps: tintype_core::Gps) -> Self {
        let tintype_core::Gps { latitude, longitude, altitude } = gps;
        Self { latitude, longitude, altitude }
    }
}

impl From<tintype_core::FaceRegion> for FaceRegion {
    fn from(face: tintype_core::FaceRegion) -> Self {
        let tintype_core::FaceRegion { name, x, y, width, height } = face;
        Self { name, x, y, width, height }
    }
}

impl From<tintype_core::Metadata> for Metadata {
    fn from(metadata: tintype_core::Metadata) -> Self {
        Self {
            media: metadata.media.into(),
            width: metadata.width,
            height: metadata.height,
            orientation: metadata.orientation.exif(),
            taken_at: metadata.taken_at.map(Into::into),
            make: metadata.make,
            model: metadata.model,
            lens: metadata.lens,
            exposure_secs: metadata.exposure_secs,
            f_number: metadata.f_number,
            iso: metadata.iso,
            focal_length_mm: metadata.focal_length_mm,
            flash_fired: metadata.flash_fired,
            gps: metadata.gps.map(Into::into),
            rating: metadata.rating,
            title: metadata.title,
            description: metadata.description,
            keywords: metadata.keywords,
            face_regions: metadata.face_regions.into_iter().map(Into::into).collect(),
            duration_secs: metadata.duration_secs,
            colour_profile: metadata.colour_profile,
            sources: metadata.sources,
        }
    }
}
