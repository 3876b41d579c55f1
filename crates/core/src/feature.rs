//! Features: computed facts about pictures, and what they are found by.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What a feature is, apart from the picture it belongs to: its kind, who made it, and with which parameters.
///
/// Together with a pixel hash and an orientation this is the whole key of a feature (INV-2): a new producer
/// version or other parameters never find an old value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FeatureKey {
    /// The fact, for example `perceptual_hash`.
    pub kind: String,
    /// The algorithm or model with its version, for example `dct8@1`.
    pub producer: String,
    /// Parameters as canonical JSON (sorted keys, no white space); empty when there are none.
    pub params: String,
}

impl FeatureKey {
    /// A key without parameters.
    pub fn new(kind: impl Into<String>, producer: impl Into<String>) -> Self {
        Self { kind: kind.into(), producer: producer.into(), params: String::new() }
    }

    /// The same key with parameters. `serde_json` keeps object keys sorted, which makes its text canonical.
    #[must_use]
    pub fn with_params(mut self, params: &Json) -> Self {
        self.params = if params.is_null() { String::new() } else { params.to_string() };
        self
    }
}

/// The value of a feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum FeatureValue {
    /// One number.
    Number(f64),
    /// A vector, f32 on the way in and out.
    Vector(Vec<f32>),
    /// Structured data.
    Json(Json),
    /// Bytes of any size; large ones live in the blob store.
    Blob(Vec<u8>),
}

impl FeatureValue {
    /// Approximate size in memory, in bytes, for the byte-bounded cache.
    pub fn approximate_bytes(&self) -> usize {
        match self {
            Self::Number(_) => 8,
            Self::Vector(vector) => vector.len() * 4,
            Self::Json(json) => json.to_string().len(),
            Self::Blob(blob) => blob.len(),
        }
    }

    /// The JSON value, if it is one.
    pub fn as_json(&self) -> Option<&Json> {
        if let Self::Json(json) = self { Some(json) } else { None }
    }

    /// The bytes, if it is a blob.
    pub fn as_blob(&self) -> Option<&[u8]> {
        if let Self::Blob(blob) = self { Some(blob) } else { None }
    }

    /// The vector, if it is one.
    pub fn as_vector(&self) -> Option<&[f32]> {
        if let Self::Vector(vector) = self { Some(vector) } else { None }
    }
}
