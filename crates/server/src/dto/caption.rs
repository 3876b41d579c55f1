//! Captions.

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Who said a caption.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CaptionBy {
    /// Somebody, here.
    Person,
    /// The photo's file: somebody, elsewhere.
    File,
    /// A captioning model.
    Model,
    /// It was composed of labels, objects and text.
    Composed,
}

/// The sentence that is shown of a photo: people's own words before a model's, a model's before a composed one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Caption {
    /// The sentence.
    text: String,
    /// Who said it.
    by: CaptionBy,
    /// The model that made it, or of whose findings it was composed; null where people said it.
    producer: Option<String>,
}

impl From<tintype_core::Caption> for Caption {
    fn from(caption: tintype_core::Caption) -> Self {
        use tintype_core::CaptionBy as By;
        let by = match caption.by {
            By::Person => CaptionBy::Person,
            By::File => CaptionBy::File,
            By::Model => CaptionBy::Model,
            By::Composed => CaptionBy::Composed,
        };
        Self { text: caption.text, by, producer: caption.producer }
    }
}

/// A sentence about a picture that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PictureCaption {
    /// The sentence; empty where nothing sure enough was found to compose one of.
    #[schema(example = "2 people and a dog.")]
    caption: String,
    /// The model that made it, or of whose findings it was composed, with versions.
    producer: String,
    /// What it was composed of; null where a captioning model made it.
    made_of: Option<MadeOf>,
}

/// What a sentence was composed of, in the shape of the features `tags` and `text`.
#[derive(Debug, Serialize, ToSchema)]
struct MadeOf {
    /// Labels for the whole picture: `name` and `confidence`.
    #[schema(value_type = Vec<Object>)]
    labels: Json,
    /// Objects: `name`, `confidence` and `box` (left, top, width and height in shares of the picture).
    #[schema(value_type = Vec<Object>)]
    objects: Json,
    /// Lines of text: `text`, `confidence` and `box`.
    #[schema(value_type = Vec<Object>)]
    text: Json,
}

impl From<tintype_engine::PictureCaption> for PictureCaption {
    fn from(made: tintype_engine::PictureCaption) -> Self {
        let made_of = made.made_of.map(|of| MadeOf { labels: of.labels, objects: of.objects, text: of.text });
        Self { caption: made.caption, producer: made.producer, made_of }
    }
}
