//! Groups of duplicates.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use tintype_core::PhotoId;
use tintype_engine::{paths, store};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::photo::PhotoSummary;

/// How alike the members of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tier {
    /// The files are equal byte for byte.
    Bytes,
    /// One picture in several files: resized, recompressed, re-tagged, cropped, turned.
    Picture,
    /// Several pictures of one moment.
    Moment,
}

impl From<Tier> for tintype_engine::Tier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Bytes => Self::Bytes,
            Tier::Picture => Self::Picture,
            Tier::Moment => Self::Moment,
        }
    }
}

impl From<tintype_engine::Tier> for Tier {
    fn from(tier: tintype_engine::Tier) -> Self {
        match tier {
            tintype_engine::Tier::Bytes => Self::Bytes,
            tintype_engine::Tier::Picture => Self::Picture,
            tintype_engine::Tier::Moment => Self::Moment,
        }
    }
}

/// Which groups.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DuplicateQuery {
    /// Only this tier; all of them, strictest first, when not given.
    #[param(inline)]
    pub(crate) tier: Option<Tier>,
    /// Only within this album.
    pub(crate) album: Option<Uuid>,
}

/// One file of a group, with its photo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicatePhoto {
    #[serde(flatten)]
    photo: PhotoSummary,
    /// Where this file is, control characters escaped.
    path: String,
}

/// Files that belong together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicateGroup {
    /// Stable while the same photo leads the group.
    id: String,
    /// How alike they are.
    tier: Tier,
    /// The photo worth keeping.
    keep: Uuid,
    /// Why that one, and what makes them a group.
    why: String,
    /// Every file, the one worth keeping first.
    photos: Vec<DuplicatePhoto>,
}

impl DuplicateGroup {
    /// The record of `group`; members that are not among `photos` any more are left out.
    pub(crate) fn new(
        group: tintype_engine::DuplicateGroup,
        photos: &HashMap<PhotoId, store::PhotoSummary>,
    ) -> Self {
        let members = group.members.into_iter().filter_map(|member| {
            let photo = photos.get(&member.photo)?.clone().into();
            Some(DuplicatePhoto { photo, path: paths::display(member.path.as_bytes()) })
        });
        Self {
            id: group.id,
            tier: group.tier.into(),
            keep: group.keep.0,
            why: group.why,
            photos: members.collect(),
        }
    }
}

/// Groups per tier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TierTotals {
    /// Groups of equal files.
    pub(crate) bytes: u64,
    /// Groups of one picture.
    pub(crate) picture: u64,
    /// Groups of one moment.
    pub(crate) moment: u64,
}

/// A page of groups.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DuplicatePage {
    /// The groups, largest first within their tier.
    pub(crate) items: Vec<DuplicateGroup>,
    /// What to pass as `cursor` for the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
    /// Groups in all, by tier.
    pub(crate) totals: TierTotals,
    /// Whether the library has changed since they were grouped.
    pub(crate) stale: bool,
}
