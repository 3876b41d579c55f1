//! Computed facts about a photo.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use tintype_engine::{FeatureView, rfc3339};
use utoipa::{IntoParams, ToSchema};

/// One computed fact, and where it came from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feature {
    /// The fact.
    #[schema(example = "perceptual_hash")]
    kind: String,
    /// The algorithm or model that made it, with its version.
    producer: String,
    /// Its parameters as canonical JSON; empty when there are none.
    params: String,
    /// A number, or an object. Blobs are described by their size, vectors by their dimension and first values.
    value: Json,
    /// When it was computed, RFC 3339.
    computed_at: String,
    /// Size of the stored value.
    bytes: u64,
}

impl From<FeatureView> for Feature {
    fn from(feature: FeatureView) -> Self {
        let FeatureView { kind, producer, params, value, computed_ms, bytes } = feature;
        Self { kind, producer, params, value, computed_at: rfc3339(computed_ms), bytes }
    }
}

/// How much of the values.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeatureQuery {
    /// Give vectors in full.
    pub(crate) full: Option<bool>,
}
