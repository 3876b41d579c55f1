//! [`ReportLine`]: one line per file with everything known about it, for people's spreadsheets and other programs.

use serde::Serialize;
use serde_json::Value as Json;
use tintype_core::{Caption, ContentHash, Gps, Issue, MediaKind, PhotoId, PixelHash};
use tintype_store::{ReportRow, Scope};

use crate::engine::Engine;
use crate::steps::{Params, PhotoStep, detect_blur::DetectBlur, score_iqa::ScoreIqa};
use crate::{Result, paths};

/// Everything known about one file. Facts that are not known are `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportLine {
    /// Absolute path; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// The photo in it; `null` when the file is no picture or could not be read.
    pub photo_id: Option<PhotoId>,
    /// SHA-256 of the file.
    pub content_hash: Option<ContentHash>,
    /// Hash of the encoded pixels.
    pub pixel_hash: Option<PixelHash>,
    /// Format by content.
    pub format: Option<String>,
    /// Still picture or film.
    pub media: Option<MediaKind>,
    /// Upright width in pixels; 0 when unknown.
    pub width: Option<u32>,
    /// Upright height in pixels; 0 when unknown.
    pub height: Option<u32>,
    /// EXIF orientation, 1 to 8.
    pub orientation: Option<u8>,
    /// Local wall-clock time, `YYYY-MM-DDTHH:MM:SS`.
    pub taken_at: Option<String>,
    /// Offset from UTC in minutes.
    pub taken_offset_minutes: Option<i16>,
    /// The tag it came from.
    pub taken_source: Option<String>,
    /// Stars, −1 to 5.
    pub rating: Option<i8>,
    /// Camera maker.
    pub make: Option<String>,
    /// Camera model.
    pub model: Option<String>,
    /// Lens.
    pub lens: Option<String>,
    /// Sensitivity.
    pub iso: Option<u32>,
    /// Where it was taken.
    pub gps: Option<Gps>,
    /// Keywords.
    pub keywords: Vec<String>,
    /// What decoded it.
    pub decoder: Option<String>,
    /// 0 to 1.
    pub sharpness: Option<f64>,
    /// Laplacian variance of the strongest tile at 1024 px.
    pub tile_sharpness: Option<f64>,
    /// Laplacian variance at 256 px.
    pub laplacian_variance: Option<f64>,
    /// Share of high spatial frequencies.
    pub fft_hf_ratio: Option<f64>,
    /// Whether it counts as blurred.
    pub is_blurry: Option<bool>,
    /// How certain that is, 0 to 1.
    pub blur_confidence: Option<f64>,
    /// `sharp`, `defocus`, `motion` or `low_detail`.
    pub blur_kind: Option<String>,
    /// Technical quality, 0 to 1.
    pub quality: Option<f64>,
    /// Its parts, each 0 to 1.
    pub exposure: Option<f64>,
    /// See `exposure`.
    pub contrast: Option<f64>,
    /// See `exposure`.
    pub colourfulness: Option<f64>,
    /// See `exposure`; 1 is free of noise.
    pub noise: Option<f64>,
    /// How good it looks, 1 to 10.
    pub aesthetic: Option<f64>,
    /// Names of objects, then of labels, the surest first, each once.
    pub tags: Vec<String>,
    /// Lines of text in it, in reading order.
    pub text: Vec<String>,
    /// The sentence about it that is shown.
    pub caption: Option<String>,
    /// What went wrong with it.
    pub issues: Vec<Issue>,
}

/// Rows whose features are read with one query.
const CHUNK: usize = 256;

impl Engine {
    /// Calls `line` for every file of the scope, ordered by path; a line's error ends the report.
    pub fn report<E>(
        &self,
        scope: &Scope,
        mut line: impl FnMut(ReportLine) -> Result<(), E>,
    ) -> Result<Result<(), E>> {
        let mut chunk: Vec<ReportRow> = Vec::with_capacity(CHUNK);
        let mut outcome: Result<Result<(), E>> = Ok(Ok(()));
        self.store().report_rows(scope, |row| {
            chunk.push(row);
            if chunk.len() == CHUNK && matches!(outcome, Ok(Ok(()))) {
                outcome = self.lines(std::mem::take(&mut chunk), &mut line);
            }
        })?;
        if matches!(outcome, Ok(Ok(()))) {
            outcome = self.lines(chunk, &mut line);
        }
        outcome
    }

    fn lines<E>(
        &self,
        rows: Vec<ReportRow>,
        line: &mut impl FnMut(ReportLine) -> Result<(), E>,
    ) -> Result<Result<(), E>> {
        let by_models = ["aesthetic", "tags", "text"];
        let made = |kind: &str| {
            let mut steps = self.0.steps.iter();
            steps.find(|step| step.row().makes.contains(&kind)).map(|step| step.key(&Params::new()))
        };
        let mut keys = vec![DetectBlur.key(&Params::new()), ScoreIqa.key(&Params::new())];
        keys.extend(by_models.into_iter().filter_map(made));
        let photos = rows.iter().filter_map(|row| row.photo.as_ref());
        let subjects: Vec<_> = photos.map(|photo| (photo.pixel_hash, photo.metadata.orientation)).collect();
        let mut features = self.store().get_features(&subjects, &keys)?.into_iter();
        let ids: Vec<PhotoId> = rows.iter().filter_map(|row| Some(row.photo.as_ref()?.id)).collect();
        let captions = self.store().captions(&ids)?;
        for row in rows {
            let mut values =
                if row.photo.is_some() { features.next().unwrap_or_default() } else { Vec::new() }
                    .into_iter();
            let mut next =
                || values.next().flatten().and_then(|value| value.as_json().cloned()).unwrap_or(Json::Null);
            let (blur, quality) = (next(), next());
            let seen = [next(), next(), next()];
            // Several files may hold one photo.
            let caption = row.photo.as_ref().and_then(|photo| captions.get(&photo.id)).cloned();
            if let Err(error) = line(report_line(row, &blur, &quality, &seen, caption)) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

/// The texts under `name` of a list, each once.
fn texts(list: &Json, name: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in list.as_array().into_iter().flatten().filter_map(|item| item[name].as_str()) {
        if !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    }
    texts
}

fn report_line(
    row: ReportRow,
    blur: &Json,
    quality: &Json,
    [aesthetic, tags, text]: &[Json; 3],
    caption: Option<Caption>,
) -> ReportLine {
    let number = |json: &Json, field: &str| json.get(field).and_then(Json::as_f64);
    let photo = row.photo;
    let metadata = photo.as_ref().map(|photo| photo.metadata.clone());
    let taken = metadata.as_ref().and_then(|metadata| metadata.taken_at.clone());
    ReportLine {
        path: row.path.to_string_lossy().into_owned(),
        bytes: row.size,
        photo_id: photo.as_ref().map(|photo| photo.id),
        content_hash: photo.as_ref().map(|photo| photo.content_hash),
        pixel_hash: photo.as_ref().map(|photo| photo.pixel_hash),
        format: photo.as_ref().map(|photo| photo.format.clone()),
        media: metadata.as_ref().map(|metadata| metadata.media),
        width: photo.as_ref().map(|photo| photo.width),
        height: photo.as_ref().map(|photo| photo.height),
        orientation: metadata.as_ref().map(|metadata| metadata.orientation.exif()),
        taken_at: taken.as_ref().map(|taken| taken.local.clone()),
        taken_offset_minutes: taken.as_ref().and_then(|taken| taken.offset_minutes),
        taken_source: taken.map(|taken| taken.source),
        rating: photo.as_ref().and_then(|photo| photo.rating),
        make: metadata.as_ref().and_then(|metadata| metadata.make.clone()),
        model: metadata.as_ref().and_then(|metadata| metadata.model.clone()),
        lens: metadata.as_ref().and_then(|metadata| metadata.lens.clone()),
        iso: metadata.as_ref().and_then(|metadata| metadata.iso),
        gps: metadata.as_ref().and_then(|metadata| metadata.gps),
        keywords: metadata.map(|metadata| metadata.keywords).unwrap_or_default(),
        decoder: photo.as_ref().and_then(|photo| photo.decoder.clone()),
        sharpness: photo.as_ref().and_then(|photo| photo.sharpness),
        tile_sharpness: number(blur, "tile_sharpness"),
        laplacian_variance: number(blur, "laplacian_variance"),
        fft_hf_ratio: number(blur, "fft_hf_ratio"),
        is_blurry: photo.as_ref().and_then(|photo| photo.is_blurry),
        blur_confidence: number(blur, "confidence"),
        blur_kind: photo.as_ref().and_then(|photo| photo.blur_kind.clone()),
        quality: photo.as_ref().and_then(|photo| photo.quality),
        exposure: number(quality, "exposure"),
        contrast: number(quality, "contrast"),
        colourfulness: number(quality, "colourfulness"),
        noise: number(quality, "noise"),
        aesthetic: number(aesthetic, "score"),
        tags: [texts(&tags["objects"], "name"), texts(&tags["labels"], "name")].concat(),
        text: texts(&text["lines"], "text"),
        caption: caption.map(|caption| caption.text),
        issues: row.issues,
    }
}

impl ReportLine {
    /// Column names of the CSV form.
    pub const COLUMNS: [&'static str; 33] = [
        "path",
        "bytes",
        "photo_id",
        "content_hash",
        "pixel_hash",
        "format",
        "media",
        "width",
        "height",
        "orientation",
        "taken_at",
        "taken_source",
        "rating",
        "make",
        "model",
        "lens",
        "iso",
        "latitude",
        "longitude",
        "sharpness",
        "tile_sharpness",
        "laplacian_variance",
        "fft_hf_ratio",
        "is_blurry",
        "blur_kind",
        "quality",
        "decoder",
        "keywords",
        "aesthetic",
        "tags",
        "text",
        "caption",
        "issues",
    ];

    /// The line's values as text, in the order of [`ReportLine::COLUMNS`]; unknown ones are empty. The path is shown
    /// with control characters escaped, so that a file name cannot break the table.
    pub fn values(&self) -> [String; 33] {
        fn text<T: ToString>(value: Option<&T>) -> String {
            value.map(T::to_string).unwrap_or_default()
        }
        let issues: Vec<String> =
            self.issues.iter().map(|issue| format!("{} {}", issue.stage.as_str(), issue.code)).collect();
        [
            paths::display(self.path.as_bytes()),
            self.bytes.to_string(),
            text(self.photo_id.as_ref()),
            text(self.content_hash.as_ref()),
            text(self.pixel_hash.as_ref()),
            text(self.format.as_ref()),
            self.media
                .map(|media| if media == MediaKind::Video { "video" } else { "photo" }.to_owned())
                .unwrap_or_default(),
            text(self.width.as_ref()),
            text(self.height.as_ref()),
            text(self.orientation.as_ref()),
            text(self.taken_at.as_ref()),
            text(self.taken_source.as_ref()),
            text(self.rating.as_ref()),
            text(self.make.as_ref()),
            text(self.model.as_ref()),
            text(self.lens.as_ref()),
            text(self.iso.as_ref()),
            text(self.gps.map(|gps| gps.latitude).as_ref()),
            text(self.gps.map(|gps| gps.longitude).as_ref()),
            text(self.sharpness.as_ref()),
            text(self.tile_sharpness.as_ref()),
            text(self.laplacian_variance.as_ref()),
            text(self.fft_hf_ratio.as_ref()),
            text(self.is_blurry.as_ref()),
            text(self.blur_kind.as_ref()),
            text(self.quality.as_ref()),
            text(self.decoder.as_ref()),
            self.keywords.join("; "),
            text(self.aesthetic.as_ref()),
            self.tags.join("; "),
            self.text.join("; "),
            text(self.caption.as_ref()),
            issues.join("; "),
        ]
    }
}
