//! The trash, and what goes there.

use serde::{Deserialize, Serialize};
use tintype_engine::{TrashChoice, paths, rfc3339, store};
use utoipa::ToSchema;
use uuid::Uuid;

use super::duplicate::Tier;
use crate::problem::Problem;

/// Photos to move to the trash.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTrash {
    /// The photos, 1 to 10,000; all of their files go.
    #[schema(min_items = 1, max_items = 10_000)]
    pub(crate) photo_ids: Vec<Uuid>,
    /// Why.
    pub(crate) reason: Option<String>,
}

/// Which files of the trash. Give one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrashSelection {
    /// These entries.
    ids: Option<Vec<Uuid>>,
    /// Everything (`true`).
    all: Option<bool>,
    /// Everything that is there for at least so many days.
    older_than_days: Option<u32>,
}

impl TrashSelection {
    /// The one choice.
    pub(crate) fn check(self) -> Result<TrashChoice, Problem> {
        match (self.ids, self.all, self.older_than_days) {
            (Some(ids), None, None) if !ids.is_empty() => Ok(TrashChoice::Ids(ids)),
            (None, Some(true), None) => Ok(TrashChoice::All),
            (None, None, Some(days)) => Ok(TrashChoice::OlderThanDays(days)),
            _ => Err(Problem::field("ids", "give one of ids, all and older_than_days")),
        }
    }
}

/// A file in the trash.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrashEntry {
    /// Its id.
    id: Uuid,
    /// The photo it holds; its previews are still there.
    photo_id: Option<Uuid>,
    /// Its name, control characters escaped.
    name: String,
    /// Where it was, control characters escaped.
    path: String,
    /// Bytes.
    bytes: u64,
    /// When it was moved, RFC 3339.
    trashed_at: String,
    /// Why.
    reason: Option<String>,
    /// The file that was kept instead, if it was a duplicate.
    kept_path: Option<String>,
}

fn shown(path: &std::path::Path) -> String {
    paths::display(path.as_os_str().as_encoded_bytes())
}

impl From<store::TrashEntry> for TrashEntry {
    fn from(entry: store::TrashEntry) -> Self {
        let file = entry.file;
        let name = file.original.file_name().map(|name| paths::display(name.as_encoded_bytes()));
        Self {
            id: file.id,
            photo_id: file.photo.map(|photo| photo.0),
            name: name.unwrap_or_default(),
            path: shown(&file.original),
            bytes: file.stat.size,
            trashed_at: rfc3339(entry.trashed_ms),
            reason: file.reason,
            kept_path: file.kept.as_deref().map(shown),
        }
    }
}

/// A page of the trash.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrashPage {
    /// The entries, latest first.
    pub(crate) items: Vec<TrashEntry>,
    /// What to pass as `cursor` for the next page; null at the end.
    pub(crate) next_cursor: Option<String>,
    /// Files in the trash.
    pub(crate) total: u64,
    /// Their bytes.
    pub(crate) total_bytes: u64,
}

/// What becomes of one group of duplicates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolvedGroup {
    /// The group's tier.
    #[allow(dead_code, reason = "clients say it; the files alone decide")]
    tier: Tier,
    /// Files that stay, as the list gives their paths; at least one.
    pub(crate) keep: Vec<String>,
    /// Files that go to the trash. None: all stay, and the group is not shown again.
    pub(crate) remove: Vec<String>,
}

/// Groups of duplicates to be resolved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// The groups, 1 to 10,000.
    #[schema(min_items = 1, max_items = 10_000)]
    pub(crate) groups: Vec<ResolvedGroup>,
}
