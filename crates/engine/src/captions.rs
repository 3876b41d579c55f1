//! Captions: the one that is shown of a photo, and those of pictures that are not in the library.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;
use tintype_core::{Caption, ErrorCode, FeatureKey, FeatureValue, PhotoId};

use crate::engine::Engine;
use crate::previews::PREVIEW_SIZES;
use crate::steps::caption::{self, ComposedCaption};
use crate::steps::{Facts, Params, PhotoStep, missing_fact};
use crate::upload::Uploaded;
use crate::{Error, Result};

/// A sentence about a picture that is not in the library.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PictureCaption {
    /// The sentence; empty where nothing sure enough was found to compose one of.
    pub caption: String,
    /// The model that made it, or of whose findings it was composed, with versions.
    pub producer: String,
    /// What it was composed of; `None` where a captioning model made it.
    pub made_of: Option<MadeOf>,
}

/// What a sentence was composed of, as features hold it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct MadeOf {
    /// Labels: `name` and `confidence`.
    pub labels: Json,
    /// Objects: `name`, `confidence` and `box`.
    pub objects: Json,
    /// Lines of text: `text`, `confidence` and `box`.
    pub text: Json,
}

impl Engine {
    /// The caption that is shown of a photo.
    pub fn caption_of(&self, photo: PhotoId) -> Result<Option<Caption>> {
        Ok(self.store().captions(&[photo])?.remove(&photo))
    }

    /// A sentence about the picture in a file: by the first captioning model that is installed, else composed of what
    /// the models there are find. Nothing is kept, but what the library knows of the same picture is not computed again.
    ///
    /// [`ErrorCode::ModelUnavailable`] where no model is installed that a sentence could come from.
    pub fn caption_picture(&self, file: Vec<u8>) -> Result<PictureCaption> {
        // As large as photos are decoded when they are indexed, so that the answers are the same.
        let uploaded = self.uploaded(file, PREVIEW_SIZES[0])?;
        for step in self.usable("caption").filter(|step| !step.is_fallback()) {
            match self.look(&**step, &uploaded) {
                Ok(value) => return caption(step.key(&Params::new()), &value, None),
                Err(Error::Model(error)) => {
                    tracing::warn!(%error, "this captioner is passed over");
                }
                Err(error) => return Err(error),
            }
        }
        self.composed(&uploaded)
    }

    fn composed(&self, uploaded: &Uploaded) -> Result<PictureCaption> {
        let (mut facts, mut keys) = (Facts::new(), Vec::new());
        for name in caption::ROW.needs {
            // What is not installed contributes nothing.
            let Some(step) = self.usable(name).next() else { continue };
            let key = step.key(&Params::new());
            facts.insert(key.kind.clone(), self.look(&**step, uploaded)?);
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(self.no_captioner());
        }
        let nothing = FeatureValue::Json(Json::Null);
        for kind in ["tags", "text"] {
            facts.entry(kind.to_owned()).or_insert_with(|| nothing.clone());
        }
        let composed = ComposedCaption::new(&keys);
        let value = composed.compute(&uploaded.subject(), &facts, &Params::new())?;
        let of = |kind: &str, list: &str| {
            let json = facts.get(kind).and_then(FeatureValue::as_json).map(|json| json[list].clone());
            json.filter(Json::is_array).unwrap_or_else(|| Json::Array(Vec::new()))
        };
        let made_of = MadeOf {
            labels: of("tags", "labels"),
            objects: of("tags", "objects"),
            text: of("text", "lines"),
        };
        caption(composed.key(&Params::new()), &value, Some(made_of))
    }

    /// Variants of a step whose models are installed, the one to recommend first.
    fn usable(&self, name: &'static str) -> impl Iterator<Item = &Arc<dyn PhotoStep>> {
        let steps = self.0.steps.iter().filter(move |step| step.row().id == name);
        steps.filter(move |step| step.models().iter().all(|id| self.models().is_available(id)))
    }

    /// What a step says of a picture: known already, or found out now.
    fn look(&self, step: &dyn PhotoStep, uploaded: &Uploaded) -> Result<FeatureValue> {
        let params = Params::new();
        let picture = (uploaded.pixel_hash, uploaded.orientation);
        let known = self.store().get_features(&[picture], &[step.key(&params)])?.pop();
        match known.and_then(|mut values| values.pop().flatten()) {
            Some(value) => Ok(value),
            None => step.compute(&uploaded.subject(), &Facts::new(), &params),
        }
    }

    /// Names what could be installed: what speaks by itself, and what sentences are composed of.
    fn no_captioner(&self) -> Error {
        let of = |wanted: &dyn Fn(&dyn PhotoStep) -> bool| {
            let steps = self.0.steps.iter().filter(|step| wanted(&***step));
            steps.flat_map(|step| step.models().to_vec()).collect::<Vec<_>>().join(" ")
        };
        let parts = of(&|step| caption::ROW.needs.contains(&step.row().id));
        // The first is one that can be fetched as it is.
        let captioners = of(&|step| step.row().id == caption::ROW.id);
        let captioner = captioners.split(' ').next().unwrap_or_default();
        let detail = format!(
            "no model that describes pictures is installed; get one with: tintype models pull {captioner}, or those \
             of whose findings sentences are composed: tintype models pull {parts}"
        );
        Error::Unavailable { code: ErrorCode::ModelUnavailable, detail }
    }
}

fn caption(key: FeatureKey, value: &FeatureValue, made_of: Option<MadeOf>) -> Result<PictureCaption> {
    let text =
        value.as_json().and_then(|json| json["text"].as_str()).ok_or_else(|| missing_fact("caption"))?;
    Ok(PictureCaption { caption: text.to_owned(), producer: key.producer, made_of })
}
