//! Facts as they are found, from several places in one file, and the rules by which one of each wins.

use tintype_core::{ErrorCode, FaceRegion, Gps, Issue, Metadata, Orientation, Stage, TakenAt};

use super::date::Stamp;

/// Where a date came from, in order of preference: the moment of exposure first, then that of digitising, then
/// the container's own, then dates of editing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DateSource {
    ExifOriginal,
    XmpOriginal,
    XmpDateCreated,
    ExifDigitized,
    QuickTimeCreation,
    ContainerCreation,
    MatroskaDate,
    RiffOriginal,
    Iptc,
    XmpCreate,
    ExifModify,
    XmpModify,
    GpsUtc,
    PngTime,
}

impl DateSource {
    /// The name that is kept with the date.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ExifOriginal => "Exif.DateTimeOriginal",
            Self::XmpOriginal => "XMP.exif:DateTimeOriginal",
            Self::XmpDateCreated => "XMP.photoshop:DateCreated",
            Self::ExifDigitized => "Exif.CreateDate",
            Self::QuickTimeCreation => "QuickTime.CreationDate",
            Self::ContainerCreation => "QuickTime.CreateDate",
            Self::MatroskaDate => "Matroska.DateUTC",
            Self::RiffOriginal => "RIFF.DateTimeOriginal",
            Self::Iptc => "IPTC.DateCreated",
            Self::XmpCreate => "XMP.xmp:CreateDate",
            Self::ExifModify => "Exif.ModifyDate",
            Self::XmpModify => "XMP.xmp:ModifyDate",
            Self::GpsUtc => "Exif.GPSDateTime",
            Self::PngTime => "PNG.ModifyDate",
        }
    }
}

/// The kinds of place a fact can come from, strongest first where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The container itself (box, header).
    Container,
    /// XMP.
    Xmp,
    /// IPTC-IIM.
    Iptc,
    /// Exif.
    Exif,
    /// Anything weaker: text chunks, Windows' own tags.
    Other,
}

/// A fact with its origin: a stronger origin replaces a weaker one, the first of equals stays.
#[derive(Debug)]
pub(crate) struct Best<T>(Option<(Origin, T)>);

impl<T> Default for Best<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Best<T> {
    pub(crate) fn offer(&mut self, origin: Origin, value: Option<T>) {
        if let Some(value) = value
            && self.0.as_ref().is_none_or(|(held, _value)| origin < *held)
        {
            self.0 = Some((origin, value));
        }
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        self.0.take().map(|(_origin, value)| value)
    }
}

/// A fact of which the library keeps the source: its origin and the name of its tag with it.
#[derive(Debug)]
pub(crate) struct Sourced<T>(Best<(&'static str, T)>);

impl<T> Default for Sourced<T> {
    fn default() -> Self {
        Self(Best::default())
    }
}

impl<T> Sourced<T> {
    pub(crate) fn offer(&mut self, origin: Origin, source: &'static str, value: Option<T>) {
        self.0.offer(origin, value.map(|value| (source, value)));
    }
}

/// Dates kept while reading one file: real files have a handful, hostile ones any number.
const MAX_DATES: usize = 64;

/// Metadata under construction.
#[derive(Default)]
pub(crate) struct Draft {
    /// Facts of which a file holds one, written directly; the first writer wins.
    pub(crate) meta: Metadata,
    /// Size of the stored pixels.
    pub(crate) size: Best<(u32, u32)>,
    pub(crate) orientation: Best<u32>,
    pub(crate) rating: Sourced<i8>,
    pub(crate) title: Sourced<String>,
    pub(crate) description: Sourced<String>,
    pub(crate) gps: Sourced<Gps>,
    pub(crate) make: Best<String>,
    pub(crate) model: Best<String>,
    pub(crate) lens: Best<String>,
    /// Regions relative to the stored pixels.
    pub(crate) regions: Vec<FaceRegion>,
    /// The embedded colour profile.
    pub(crate) icc: Option<Vec<u8>>,
    pub(crate) issues: Vec<Issue>,
    dates: Vec<(DateSource, TakenAt)>,
    /// Where keywords were found, each place once.
    keyword_sources: Vec<&'static str>,
}

impl Draft {
    /// Offers a date; see [`Draft::best_date`].
    pub(crate) fn date(&mut self, source: DateSource, stamp: Option<Stamp>) {
        if let Some(stamp) = stamp
            && self.dates.len() < MAX_DATES
        {
            self.dates.push((source, stamp.into_taken(source.name())));
        }
    }

    /// The date of the best source, the first of equals. A date without a time of day (IPTC, `photoshop:DateCreated`)
    /// gives way to the best source that has one for the same day: it says the same, and more.
    fn best_date(&mut self) -> Option<TakenAt> {
        self.dates.sort_by_key(|(source, _taken)| *source);
        let is_day_only = |taken: &TakenAt| taken.local.ends_with("T00:00:00");
        let (_source, best) = self.dates.first()?;
        let same_day = |taken: &TakenAt| taken.local.get(..10) == best.local.get(..10) && !is_day_only(taken);
        let precise = self.dates.iter().map(|(_source, taken)| taken).find(|taken| same_day(taken));
        Some(precise.filter(|_| is_day_only(best)).unwrap_or(best).clone())
    }

    /// Adds a keyword unless it is there.
    pub(crate) fn keyword(&mut self, source: &'static str, keyword: &str) {
        let keyword = keyword.trim();
        if !keyword.is_empty() && !self.keyword_sources.contains(&source) {
            self.keyword_sources.push(source);
        }
        // A bound on what one file may put in the library: real files have tens.
        if !keyword.is_empty()
            && self.meta.keywords.len() < 1000
            && !self.meta.keywords.iter().any(|held| held == keyword)
        {
            self.meta.keywords.push(keyword.to_owned());
        }
    }

    /// Notes damage in the metadata, once per kind of detail.
    pub(crate) fn damaged(&mut self, detail: &str) {
        let issue = Issue::new(Stage::Metadata, ErrorCode::MetadataDamaged, detail);
        if self.issues.len() < 16 && !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
    }

    /// The finished record, upright, with the issues found on the way and the colour profile.
    pub(crate) fn finish(mut self) -> (Metadata, Vec<Issue>, Option<Vec<u8>>) {
        let orientation = Orientation::from_exif(self.orientation.take().unwrap_or(1));
        let (width, height) = self.size.take().unwrap_or_default();
        let taken_at = self.best_date();
        let mut meta = self.meta;
        (meta.width, meta.height) = orientation.upright_size(width, height);
        meta.orientation = orientation;
        let mut sources = std::collections::BTreeMap::new();
        let mut note = |field: &str, source: &str| sources.insert(field.to_owned(), source.to_owned());
        if let Some(taken) = &taken_at {
            note("taken_at", &taken.source);
        }
        if !self.keyword_sources.is_empty() {
            note("keywords", &self.keyword_sources.join(", "));
        }
        meta.taken_at = taken_at;
        meta.rating = noted(self.rating, "rating", &mut note);
        meta.title = noted(self.title, "title", &mut note);
        meta.description = noted(self.description, "description", &mut note);
        meta.gps = noted(self.gps, "gps", &mut note);
        meta.sources = sources;
        meta.make = self.make.take();
        meta.model = self.model.take();
        meta.lens = self.lens.take();
        meta.face_regions = self.regions.iter().map(|region| upright(region, orientation)).collect();
        (meta, self.issues, self.icc)
    }
}

/// The value of a fact, its source noted under the field's name.
fn noted<T>(
    mut fact: Sourced<T>,
    field: &str,
    note: &mut impl FnMut(&str, &str) -> Option<String>,
) -> Option<T> {
    let (source, value) = fact.0.take()?;
    note(field, source);
    Some(value)
}

/// Turns a region of the stored picture into one of the upright picture.
pub(crate) fn upright(region: &FaceRegion, orientation: Orientation) -> FaceRegion {
    let FaceRegion { name, x, y, width: w, height: h } = region.clone();
    let (right, bottom) = (1.0 - x - w, 1.0 - y - h);
    let (x, y, width, height) = match orientation.exif() {
        2 => (right, y, w, h),
        3 => (right, bottom, w, h),
        4 => (x, bottom, w, h),
        5 => (y, x, h, w),
        6 => (bottom, x, h, w),
        7 => (bottom, right, h, w),
        8 => (y, right, h, w),
        _ => (x, y, w, h),
    };
    FaceRegion { name, x, y, width, height }
}
