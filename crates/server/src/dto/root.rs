//! Library folders.

use serde::Serialize;
use utoipa::ToSchema;

/// A folder that photos are read from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Root {
    /// Where it is, control characters escaped.
    pub(crate) path: String,
    /// Whether it could be reached when last looked at; photos of an unreachable folder stay.
    pub(crate) online: bool,
    /// Photos in it.
    pub(crate) photos: u64,
}
