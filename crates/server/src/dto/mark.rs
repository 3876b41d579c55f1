//! What people say of photos: stars, flags, titles, captions, keywords, dates.

use serde::{Deserialize, Deserializer, Serialize};
use tintype_core::PhotoId;
use tintype_engine::{Change, DateEdit, Written};
use utoipa::ToSchema;
use uuid::Uuid;

use super::caption::Caption;
use crate::problem::{FieldError, Problem};

/// Most photos of one request.
pub(crate) const MAX_PHOTOS: usize = 10_000;

/// First choice, or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flag {
    /// A keeper.
    Pick,
    /// To be left out.
    Reject,
}

impl From<Flag> for tintype_core::Flag {
    fn from(flag: Flag) -> Self {
        match flag {
            Flag::Pick => Self::Pick,
            Flag::Reject => Self::Reject,
        }
    }
}

impl From<tintype_core::Flag> for Flag {
    fn from(flag: tintype_core::Flag) -> Self {
        match flag {
            tintype_core::Flag::Pick => Self::Pick,
            tintype_core::Flag::Reject => Self::Reject,
        }
    }
}

/// Where a change is by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WriteState {
    /// In the library alone: the photo's folders are only read.
    Database,
    /// In the file too.
    File,
    /// In a side file too.
    Sidecar,
    /// In the library; writing it beside the photo failed and will be tried again.
    Failed,
}

/// What is said of a photo after a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mark {
    /// The photo.
    id: Uuid,
    /// Stars, −1 (rejected) to 5.
    rating: Option<i8>,
    /// Picked, rejected or neither.
    flag: Option<Flag>,
    /// Whether it has five stars.
    favorite: bool,
    /// Title.
    title: Option<String>,
    /// The caption that is shown.
    caption: Option<Caption>,
    /// Keywords.
    keywords: Vec<String>,
    /// Where the change is by now.
    write: WriteState,
    /// Why writing failed.
    detail: Option<String>,
}

impl From<tintype_engine::Mark> for Mark {
    fn from(mark: tintype_engine::Mark) -> Self {
        let facts = mark.photo.annotations.over(&mark.photo.metadata);
        Self {
            id: mark.photo.summary.id.0,
            rating: facts.rating,
            flag: mark.photo.annotations.flag.map(Into::into),
            favorite: facts.rating == Some(5),
            title: facts.title,
            caption: mark.caption.map(Into::into),
            keywords: facts.keywords,
            write: match mark.written {
                Written::Database => WriteState::Database,
                Written::File => WriteState::File,
                Written::Sidecar => WriteState::Sidecar,
                Written::Failed => WriteState::Failed,
            },
            detail: mark.detail,
        }
    }
}

/// Stars for a photo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRating {
    /// −1 (rejected) to 5; null takes the rating away.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, minimum = -1, maximum = 5)]
    pub(crate) rating: Option<i8>,
}

/// A flag for a photo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFlag {
    /// Null takes the flag away.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    pub(crate) flag: Option<Flag>,
}

/// A field that may be absent, null, or hold a value.
#[allow(clippy::option_option, reason = "absent and null mean different things")]
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// A title, a caption and keywords for a photo; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "absent and null mean different things")]
pub(crate) struct NewDescription {
    /// Null or an empty text takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    /// A caption in people's own words; null or an empty text goes back to what the file says or what was computed. It
    /// is kept in the library alone.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    caption: Option<Option<String>>,
    /// All of its keywords.
    keywords: Option<Vec<String>>,
}

impl NewDescription {
    /// The changes it asks for.
    pub(crate) fn changes(self) -> Result<Vec<Change>, Problem> {
        let title = self.title.map(Change::Title);
        let keywords = self.keywords.map(Change::Keywords);
        let caption = self.caption.map(Change::Caption);
        let changes: Vec<Change> = title.into_iter().chain(caption).chain(keywords).collect();
        if changes.is_empty() {
            return Err(Problem::field("title", "give a title, a caption or keywords"));
        }
        Ok(changes)
    }
}

/// The same change to many photos.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "absent and null mean different things")]
pub(crate) struct BulkMark {
    /// The photos, 1 to 10,000.
    #[schema(min_items = 1, max_items = 10_000)]
    photo_ids: Vec<Uuid>,
    /// Five stars, or none.
    favorite: Option<bool>,
    /// Stars, −1 to 5; null takes them away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i8>, minimum = -1, maximum = 5)]
    rating: Option<Option<i8>>,
    /// A flag; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Flag>)]
    flag: Option<Option<Flag>>,
}

impl BulkMark {
    /// The photos and the one change.
    pub(crate) fn check(self) -> Result<(Vec<PhotoId>, Change), Problem> {
        let changes: Vec<Change> = [
            self.favorite.map(|favorite| Change::Rating(Some(if favorite { 5 } else { 0 }))),
            self.rating.map(Change::Rating),
            self.flag.map(|flag| Change::Flag(flag.map(Into::into))),
        ]
        .into_iter()
        .flatten()
        .collect();
        let photos = check_photos(self.photo_ids)?;
        match <[Change; 1]>::try_from(changes) {
            Ok([change]) => Ok((photos, change)),
            Err(_) => Err(Problem::field("favorite", "give one of favorite, rating and flag")),
        }
    }
}

/// The ids of a request, not too many and not none.
pub(crate) fn check_photos(ids: Vec<Uuid>) -> Result<Vec<PhotoId>, Problem> {
    if ids.is_empty() || ids.len() > MAX_PHOTOS {
        return Err(Problem::field("photo_ids", format!("are 1 to {MAX_PHOTOS}, not {}", ids.len())));
    }
    Ok(ids.into_iter().map(PhotoId).collect())
}

/// How dates change.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DateMode {
    /// All photos get `taken_at`.
    Set,
    /// Each photo's date moves by `shift_secs`.
    Shift,
    /// Each photo gets the date in its file name.
    FromName,
    /// The same moment, as a clock of the zone `offset_minutes` shows it.
    TimeZone,
}

/// A change of dates. The photos are `photo_ids`, or those of an album.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditDate {
    /// The photos, 1 to 10,000.
    photo_ids: Option<Vec<Uuid>>,
    /// All photos of this album instead.
    album_id: Option<Uuid>,
    /// How dates change.
    mode: DateMode,
    /// For `set`: local wall-clock time.
    #[schema(example = "2024-06-30T18:05:00")]
    taken_at: Option<String>,
    /// For `shift`: seconds; negative is earlier.
    shift_secs: Option<i64>,
    /// For `time_zone`, and if wanted for `set`: offset from UTC in minutes.
    #[schema(minimum = -720, maximum = 840)]
    offset_minutes: Option<i16>,
    /// Only say what would change.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// Whose dates change.
pub(crate) enum Dated {
    /// These photos'.
    Photos(Vec<PhotoId>),
    /// All of an album's.
    Album(tintype_core::AlbumId),
}

impl EditDate {
    /// The photos and the edit.
    pub(crate) fn check(self) -> Result<(Dated, DateEdit), Problem> {
        let needed = |field: &str| Problem::invalid(vec![FieldError::new(field, "is missing for this mode")]);
        let edit = match self.mode {
            DateMode::Set => DateEdit::Set {
                taken_at: self.taken_at.ok_or_else(|| needed("taken_at"))?,
                offset_minutes: self.offset_minutes,
            },
            DateMode::Shift => {
                DateEdit::Shift { shift_secs: self.shift_secs.ok_or_else(|| needed("shift_secs"))? }
            }
            DateMode::FromName => DateEdit::FromName,
            DateMode::TimeZone => DateEdit::TimeZone {
                offset_minutes: self.offset_minutes.ok_or_else(|| needed("offset_minutes"))?,
            },
        };
        let dated = match (self.photo_ids, self.album_id) {
            (Some(ids), None) => Dated::Photos(check_photos(ids)?),
            (None, Some(album)) => Dated::Album(tintype_core::AlbumId(album)),
            _ => return Err(Problem::field("photo_ids", "give photo_ids or album_id")),
        };
        Ok((dated, edit))
    }
}

/// One photo's new date, or why it has none.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DateChange {
    /// The photo.
    photo_id: Uuid,
    /// Its name, control characters escaped.
    name: String,
    /// When it was taken so far.
    from: Option<String>,
    /// When it was taken from now on; null when it keeps its date.
    to: Option<String>,
    /// Offset from UTC of the new date, in minutes.
    offset_minutes: Option<i16>,
    /// Why it keeps its date, when that is not because it is right already.
    problem: Option<String>,
}

impl From<tintype_engine::DateChange> for DateChange {
    fn from(change: tintype_engine::DateChange) -> Self {
        Self {
            photo_id: change.photo.0,
            name: tintype_engine::paths::display(change.name.as_bytes()),
            from: change.from.map(|taken| taken.local),
            offset_minutes: change.to.as_ref().and_then(|taken| taken.offset_minutes),
            to: change.to.map(|taken| taken.local),
            problem: change.problem,
        }
    }
}

/// What a change of dates would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatePreview {
    /// The first 200 photos.
    pub(crate) items: Vec<DateChange>,
    /// Photos looked at.
    pub(crate) total: usize,
    /// Photos that would get a new date.
    pub(crate) changed: usize,
    /// Photos whose date is right already.
    pub(crate) unchanged: usize,
    /// Photos that keep their date for want of a new one.
    pub(crate) problems: usize,
}
