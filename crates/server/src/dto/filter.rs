//! Conditions on photos: as parameters of a query, and as the saved search of an album.

use serde::{Deserialize, Serialize};
use tintype_engine::store;
use utoipa::{IntoParams, ToSchema};

use crate::period::{self, Period};
use crate::problem::{FieldError, Problem};

/// Still pictures or films.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaKind {
    /// A still picture.
    Photo,
    /// A film.
    Video,
}

impl From<tintype_core::MediaKind> for MediaKind {
    fn from(kind: tintype_core::MediaKind) -> Self {
        match kind {
            tintype_core::MediaKind::Photo => Self::Photo,
            tintype_core::MediaKind::Video => Self::Video,
        }
    }
}

impl From<MediaKind> for tintype_core::MediaKind {
    fn from(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Photo => Self::Photo,
            MediaKind::Video => Self::Video,
        }
    }
}

/// A flag as a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlagFilter {
    /// Picked.
    Pick,
    /// Rejected.
    Reject,
    /// Neither.
    None,
}

/// Conditions that a photo meets all of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// Taken within this year, month, day or time: `2024`, `2024-06`, `2024-06-30`, `2024-06-30T12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<String>,
    /// Taken then or later; written like `taken`.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Taken then or earlier; a year, month or day counts whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// Camera: its model, or maker and model as `/facets` gives them.
    #[serde(skip_serializing_if = "Option::is_none")]
    camera: Option<String>,
    /// Lens.
    #[serde(skip_serializing_if = "Option::is_none")]
    lens: Option<String>,
    /// Format by content, for example `jpeg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    /// Still pictures or films.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    media: Option<MediaKind>,
    /// At least this sharp, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(minimum = 0, maximum = 1)]
    sharpness_min: Option<f64>,
    /// At most this sharp, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(minimum = 0, maximum = 1)]
    sharpness_max: Option<f64>,
    /// At least this good, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(minimum = 0, maximum = 1)]
    quality_min: Option<f64>,
    /// At most this good, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(minimum = 0, maximum = 1)]
    quality_max: Option<f64>,
    /// Blurred or not; photos not judged yet meet neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    blurry: Option<bool>,
    /// At least this many stars, −1 to 5; photos without a rating count as 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(minimum = -1, maximum = 5)]
    rating_min: Option<i8>,
    /// Exactly this many stars, −1 to 5; photos without a rating count as 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(minimum = -1, maximum = 5)]
    rating: Option<i8>,
    /// Picked, rejected, or neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    flag: Option<FlagFilter>,
    /// Five stars (`true`), or fewer (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    favorite: Option<bool>,
    /// With this keyword, in either case.
    #[serde(skip_serializing_if = "Option::is_none")]
    keyword: Option<String>,
    /// Of RAW beside JPEG, and of a still beside its short film, only the one that stands for both: `true` when not
    /// given.
    #[serde(skip_serializing_if = "Option::is_none")]
    stacked: Option<bool>,
    /// With or without a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_gps: Option<bool>,
    /// With or without issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    has_issues: Option<bool>,
    /// Part of the file name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Filter {
    /// The store's filter, or everything that is wrong with this one.
    pub(crate) fn check(self) -> Result<store::PhotoFilter, Problem> {
        let mut errors = Vec::new();
        let (taken_from, taken_to) = self.stretch(&mut errors);
        let shares = [
            ("sharpness_min", self.sharpness_min),
            ("sharpness_max", self.sharpness_max),
            ("quality_min", self.quality_min),
            ("quality_max", self.quality_max),
        ];
        for (name, value) in shares {
            if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
                errors.push(FieldError::new(name, "is a number from 0 to 1"));
            }
        }
        if self.rating_min.is_some_and(|stars| !(-1..=5).contains(&stars)) {
            errors.push(FieldError::new("rating_min", "is a whole number from -1 to 5"));
        }
        if self.rating.is_some_and(|stars| !(-1..=5).contains(&stars)) {
            errors.push(FieldError::new("rating", "is a whole number from -1 to 5"));
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let flag = match self.flag {
            Some(FlagFilter::Pick) => Some(tintype_core::Flag::Pick),
            Some(FlagFilter::Reject) => Some(tintype_core::Flag::Reject),
            Some(FlagFilter::None) | None => None,
        };
        Ok(store::PhotoFilter {
            rating: self.rating,
            flag,
            unflagged: (self.flag == Some(FlagFilter::None)).then_some(true),
            favorite: self.favorite,
            keyword: self.keyword,
            stacked: Some(self.stacked.unwrap_or(true)),
            media: self.media.map(Into::into),
            camera: self.camera,
            lens: self.lens,
            taken_from,
            taken_to,
            sharpness_min: self.sharpness_min,
            sharpness_max: self.sharpness_max,
            quality_min: self.quality_min,
            quality_max: self.quality_max,
            is_blurry: self.blurry,
            rating_min: self.rating_min,
            has_gps: self.has_gps,
            has_issues: self.has_issues,
            name_contains: self.name,
            format: self.format,
        })
    }

    /// First millisecond, and the first one after, that `taken`, `from` and `to` leave together.
    fn stretch(&self, errors: &mut Vec<FieldError>) -> (Option<i64>, Option<i64>) {
        let mut read = |name: &str, text: &Option<String>| {
            let period = text.as_deref().map(Period::parse)?;
            if period.is_none() {
                errors.push(FieldError::new(name, period::EXPECTED));
            }
            period
        };
        let (taken, from, to) = (read("taken", &self.taken), read("from", &self.from), read("to", &self.to));
        let starts = [taken.map(|period| period.start_ms), from.map(|period| period.start_ms)];
        let ends = [taken.map(|period| period.end_ms), to.map(|period| period.end_ms)];
        (starts.into_iter().flatten().max(), ends.into_iter().flatten().min())
    }
}

impl From<store::PhotoFilter> for Filter {
    fn from(filter: store::PhotoFilter) -> Self {
        Self {
            taken: None,
            from: filter.taken_from.and_then(period::local_text),
            // The store's end is the first millisecond after; ours is the last second within.
            to: filter.taken_to.and_then(|end| period::local_text(end - 1)),
            camera: filter.camera,
            lens: filter.lens,
            format: filter.format,
            media: filter.media.map(Into::into),
            sharpness_min: filter.sharpness_min,
            sharpness_max: filter.sharpness_max,
            quality_min: filter.quality_min,
            quality_max: filter.quality_max,
            blurry: filter.is_blurry,
            rating_min: filter.rating_min,
            rating: filter.rating,
            flag: match (filter.flag, filter.unflagged) {
                (Some(tintype_core::Flag::Pick), _) => Some(FlagFilter::Pick),
                (Some(tintype_core::Flag::Reject), _) => Some(FlagFilter::Reject),
                (None, Some(true)) => Some(FlagFilter::None),
                (None, _) => None,
            },
            favorite: filter.favorite,
            keyword: filter.keyword,
            stacked: filter.stacked.filter(|stacked| !stacked),
            has_gps: filter.has_gps,
            has_issues: filter.has_issues,
            name: filter.name_contains,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_search_comes_back_meaning_the_same() {
        let filter = Filter {
            taken: Some("2024".into()),
            from: Some("2024-06".into()),
            to: Some("2024-07-14".into()),
            blurry: Some(false),
            ..Filter::default()
        };
        let stored = filter.check().unwrap();
        let shown = Filter::from(stored.clone());
        assert_eq!(
            (shown.from.as_deref(), shown.to.as_deref()),
            (Some("2024-06-01T00:00:00"), Some("2024-07-14T23:59:59"))
        );
        assert_eq!(shown.check().unwrap(), stored);
    }

    #[test]
    fn every_wrong_condition_is_named() {
        let filter = Filter {
            taken: Some("soon".into()),
            sharpness_min: Some(f64::NAN),
            quality_max: Some(2.0),
            rating_min: Some(9),
            ..Filter::default()
        };
        let problem = filter.check().unwrap_err();
        let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["taken", "sharpness_min", "quality_max", "rating_min"]);
    }
}
