//! Bringing photos into the library.

use serde::{Deserialize, Serialize};
use tintype_engine::{DEFAULT_TEMPLATE, ImportPreview, paths};
use utoipa::ToSchema;

/// Whether originals stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportMode {
    /// They stay.
    #[default]
    Copy,
    /// They go once their copies are whole.
    Move,
}

/// What to import, and where to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewImport {
    /// Files and folders of this machine.
    #[schema(min_items = 1, max_items = 1000)]
    pub(crate) sources: Vec<String>,
    /// A folder of the library, or one that the server was allowed to use.
    pub(crate) into: String,
    /// Folders below it: `{yyyy}`, `{yy}`, `{mm}`, `{dd}`, `{hh}`, `{make}`, `{model}`, `{camera}`; `{yyyy}/{mm}` when not
    /// given.
    #[serde(default = "default_template")]
    pub(crate) template: String,
    /// Whether originals stay.
    #[serde(default)]
    pub(crate) mode: ImportMode,
    /// Only say what would be imported.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

fn default_template() -> String {
    DEFAULT_TEMPLATE.to_owned()
}

/// One file of an import that is looked at beforehand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPlanItem {
    /// The original, control characters escaped.
    path: String,
    /// Where it would go.
    target: Option<String>,
    /// `new`, `known` or `rejected`.
    state: &'static str,
    /// Why it is known or rejected.
    detail: Option<String>,
}

impl From<ImportPreview> for ImportPlanItem {
    fn from(file: ImportPreview) -> Self {
        let shown = |path: &std::path::Path| paths::display(path.as_os_str().as_encoded_bytes());
        Self {
            path: shown(&file.path),
            target: file.target.as_deref().map(shown),
            state: file.state,
            detail: file.detail,
        }
    }
}

/// What an import would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportPlanPage {
    /// The first 200 files.
    pub(crate) items: Vec<ImportPlanItem>,
    /// Files looked at.
    pub(crate) total: usize,
    /// Files that would be imported.
    pub(crate) new: usize,
    /// Files that the library holds already.
    pub(crate) known: usize,
    /// Files that are no pictures or cannot be read.
    pub(crate) rejected: usize,
    /// Bytes that would be copied.
    pub(crate) bytes: u64,
}
