//! Photos over time, and what there is to filter by.

use serde::{Deserialize, Serialize};
use tintype_engine::store;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Width of the buckets.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Granularity {
    /// Keys like `2024-06`.
    Month,
    /// Keys like `2024-06-30`.
    Day,
}

impl From<Granularity> for store::Granularity {
    fn from(granularity: Granularity) -> Self {
        match granularity {
            Granularity::Month => Self::Month,
            Granularity::Day => Self::Day,
        }
    }
}

/// Which part of the library, and how finely.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimelineQuery {
    /// Only this album.
    pub(crate) album: Option<Uuid>,
    /// `month` when not given.
    #[param(inline)]
    pub(crate) granularity: Option<Granularity>,
}

/// Which part of the library.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlbumQuery {
    /// Only this album.
    pub(crate) album: Option<Uuid>,
}

/// Photos of a month or day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimelineBucket {
    /// `2024-06` or `2024-06-30`; empty for photos without a date.
    #[schema(example = "2024-06")]
    key: String,
    /// Photos in it.
    count: u64,
}

/// Photos over time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Timeline {
    /// Months or days that have photos, newest first; photos without a date last.
    items: Vec<TimelineBucket>,
    /// Photos in all of them.
    total: u64,
}

impl From<Vec<store::TimelineBucket>> for Timeline {
    fn from(buckets: Vec<store::TimelineBucket>) -> Self {
        let total = buckets.iter().map(|bucket| bucket.count).sum();
        let items = buckets.into_iter().map(|bucket| TimelineBucket { key: bucket.key, count: bucket.count });
        Self { items: items.collect(), total }
    }
}

/// One value to filter by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetValue {
    /// The value.
    value: String,
    /// Photos that have it.
    count: u64,
}

/// What there is to filter by, most frequent first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Facets {
    /// Maker and model.
    cameras: Vec<FacetValue>,
    /// Lens models.
    lenses: Vec<FacetValue>,
    /// Formats by content.
    formats: Vec<FacetValue>,
    /// Years, newest first.
    years: Vec<FacetValue>,
}

impl From<store::Facets> for Facets {
    fn from(facets: store::Facets) -> Self {
        let values = |pairs: Vec<(String, u64)>| {
            pairs.into_iter().map(|(value, count)| FacetValue { value, count }).collect()
        };
        Self {
            cameras: values(facets.cameras),
            lenses: values(facets.lenses),
            formats: values(facets.formats),
            years: values(facets.years),
        }
    }
}
