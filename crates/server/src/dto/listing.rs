//! Lists, and where in them to go on.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// Rows that a list gives when not told.
pub(crate) const DEFAULT_LIMIT: usize = 100;
/// Most rows that a list gives at once.
pub(crate) const MAX_LIMIT: usize = 1000;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The rows.
    pub(crate) items: Vec<T>,
    /// What to pass as `cursor` for the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
}

/// A list that is always given whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Items<T> {
    /// The rows.
    pub(crate) items: Vec<T>,
}

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self { items: rows.into_iter().collect() }
    }
}

/// How much of a list, and from where.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Rows at most, 1 to 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub(crate) limit: Option<usize>,
    /// The `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

impl Paging {
    /// The checked limit.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        check_limit(self.limit)
    }
}

/// The limit asked for, or the usual one.
pub(crate) fn check_limit(limit: Option<usize>) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let fits = (1..=MAX_LIMIT).contains(&limit);
    fits.then_some(limit).ok_or_else(|| Problem::field("limit", format!("is 1 to {MAX_LIMIT}, not {limit}")))
}

/// The row at which a list that is numbered goes on.
pub(crate) fn offset_of(cursor: Option<&str>) -> Result<usize, Problem> {
    let Some(cursor) = cursor else { return Ok(0) };
    let offset = cursor.strip_prefix('o').and_then(|digits| digits.parse().ok());
    offset.ok_or_else(|| Problem::field("cursor", "is not a cursor of this list"))
}

/// The cursor for the row at `offset`, if there is one among `total`.
pub(crate) fn cursor_at(offset: usize, total: u64) -> Option<String> {
    ((offset as u64) < total).then(|| format!("o{offset}"))
}
