//! What photos are to look like, and which ones do.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use tintype_core::{ErrorCode, PhotoId};
use tintype_media::DecodeRequest;
use tintype_store::{PhotoFilter, Scope, SearchCandidate, SearchCondition};

use super::compile::Compiled;
use super::{Found, Hit, KeepPhoto, Likeness, MAX_LIMIT, SearchRequest, VectorKind, VectorSource};
use crate::engine::Engine;
use crate::{Error, Result};

/// Words and pictures in one question at most.
const MAX_INGREDIENTS: usize = 16;
/// Up to so many photos that meet the conditions are compared alone.
const FEW_ALLOWED: usize = 20_000;
/// Where more than those meet the conditions, so many of the nearest are looked at.
const MOST_NEAR: usize = 20_000;

impl Engine {
    /// Photos that look like a photo of the library, most similar first, without the photo itself.
    pub fn similar(
        &self,
        photo: PhotoId,
        kind: Option<&str>,
        scope: &Scope,
        limit: usize,
    ) -> Result<Vec<Hit>> {
        self.photo(photo)?;
        let source = self.vector_source();
        let kind = pick_kind(&*source, kind, false)?;
        let vector = source.vector_of(&kind.name, photo)?.ok_or_else(|| no_vector(&kind))?;
        let limit = limit.clamp(1, MAX_LIMIT);
        let keep = |one: PhotoId| one != photo;
        let all = SearchCondition::All(Vec::new());
        let filter = PhotoFilter::default();
        let near = self.nearest(&*source, &kind, &vector, limit, &keep, (scope, &filter, &all))?;
        let mut found = Found::default();
        for (one, similarity) in near {
            found.order.push(one.photo);
            found.by_looks.insert(one.photo, similarity);
        }
        let summaries = self.store().photo_summaries(&found.order)?;
        Ok(summaries.into_iter().map(|photo| found.hit(photo, Some(&kind), &[])).collect())
    }

    /// Sets where vectors come from; until then it is the scene vectors of the store.
    pub fn set_vector_source(&self, source: Arc<dyn VectorSource>) {
        *self.0.vectors.write().unwrap_or_else(PoisonError::into_inner) = source;
    }

    /// Where vectors come from.
    pub fn vector_source(&self) -> Arc<dyn VectorSource> {
        Arc::clone(&self.0.vectors.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What photos are to look like: what was asked for, or the words themselves where a model reads them.
    pub(super) fn looks(
        &self,
        request: &SearchRequest,
        compiled: &Compiled,
    ) -> Result<Option<(VectorKind, Vec<f32>)>> {
        let source = self.vector_source();
        if request.like.is_empty() {
            let Some(kind) = source.kinds().into_iter().find(|kind| kind.reads_words) else {
                return Ok(None);
            };
            if compiled.sentence.is_empty() {
                return Ok(None);
            }
            return Ok(source.embed_text(&kind.name, &compiled.sentence)?.map(|vector| (kind, vector)));
        }
        if request.like.len() > MAX_INGREDIENTS {
            return Err(Error::BadValue {
                field: "mix",
                detail: format!("has at most {MAX_INGREDIENTS} parts"),
            });
        }
        let has_words = request.like.iter().any(|one| matches!(one.what, Likeness::Text(_)));
        let kind = pick_kind(&*source, None, has_words)?;
        let mut sum: Vec<f32> = Vec::new();
        for ingredient in &request.like {
            if !ingredient.weight.is_finite() {
                return Err(Error::BadValue { field: "weight", detail: "is a finite number".into() });
            }
            let mut vector = self.vector_of(&*source, &kind, &ingredient.what)?;
            normalise(&mut vector);
            sum.resize(sum.len().max(vector.len()), 0.0);
            for (sum, value) in sum.iter_mut().zip(&vector) {
                *sum += ingredient.weight * value;
            }
        }
        normalise(&mut sum);
        Ok(Some((kind, sum)))
    }

    fn vector_of(&self, source: &dyn VectorSource, kind: &VectorKind, what: &Likeness) -> Result<Vec<f32>> {
        let vector = match what {
            Likeness::Text(text) => source.embed_text(&kind.name, text)?,
            Likeness::Photo(photo) => {
                self.photo(*photo)?;
                let vector = source.vector_of(&kind.name, *photo)?;
                return vector.ok_or_else(|| no_vector(kind));
            }
            Likeness::Image(bytes) => {
                let picture = self.picture_of(bytes)?;
                source.embed_image(&kind.name, &picture)?
            }
        };
        vector.ok_or_else(|| no_model(&format!("the model that makes {} is not installed", kind.name)))
    }

    /// Decodes an uploaded picture.
    fn picture_of(&self, bytes: &[u8]) -> Result<tintype_media::Picture> {
        const SMALLEST: u32 = 32;
        let limits = &self.config().limits;
        let inspected = tintype_media::inspect_bytes(bytes.to_vec(), limits);
        let unreadable = |code, detail: &str| Error::Unavailable { code, detail: detail.to_owned() };
        if inspected.format.is_none() {
            return Err(unreadable(ErrorCode::InvalidImage, "the image is of no format that is known here"));
        }
        // Film and a few other decoders need a file.
        let _share = self.0.budget.take(inspected.size + tintype_media::decode_cost(&inspected, 256));
        let request = DecodeRequest { long_side: 256, limits: limits.clone() };
        let picture = tintype_media::decode(&inspected, &request).map_err(|error| match error.code() {
            ErrorCode::ImageTooLarge | ErrorCode::DecodeTimeout => Error::Media(error),
            _ => unreadable(ErrorCode::InvalidImage, &format!("the image cannot be decoded: {error}")),
        })?;
        let (width, height) = (inspected.metadata.width, inspected.metadata.height);
        if width.min(height) < SMALLEST {
            let detail = format!("the image has {width} × {height} pixels, fewer than {SMALLEST} on a side");
            return Err(unreadable(ErrorCode::ImageTooSmall, &detail));
        }
        Ok(picture)
    }

    /// The photos nearest to a vector of those that meet conditions, with their similarity.
    pub(super) fn nearest(
        &self,
        source: &dyn VectorSource,
        kind: &VectorKind,
        vector: &[f32],
        limit: usize,
        keep: KeepPhoto<'_>,
        conditions: (&Scope, &PhotoFilter, &SearchCondition),
    ) -> Result<Vec<(SearchCandidate, f32)>> {
        let (scope, filter, condition) = conditions;
        let is_anything = *scope == Scope::Library
            && *filter == PhotoFilter::default()
            && *condition == SearchCondition::All(Vec::new());
        let allowed = if is_anything {
            None
        } else {
            // Few photos are compared alone; of many, enough of the nearest will do.
            let found = self.store().search_ids(scope, filter, condition, FEW_ALLOWED + 1)?;
            (found.len() <= FEW_ALLOWED).then(|| found.into_iter().collect::<HashSet<PhotoId>>())
        };
        let keep =
            |photo: PhotoId| keep(photo) && allowed.as_ref().is_none_or(|allowed| allowed.contains(&photo));
        let mut wanted = limit;
        loop {
            let near = source.nearest(&kind.name, vector, wanted, Some(&keep))?;
            let similarity: HashMap<PhotoId, f32> = near.iter().copied().collect();
            let photos: Vec<PhotoId> = near.iter().map(|(photo, _)| *photo).collect();
            let mut kept = self.store().search_among(&photos, scope, filter, condition)?;
            if kept.len() >= limit || near.len() < wanted || wanted >= MOST_NEAR {
                kept.truncate(limit);
                let with_similarity = |one: SearchCandidate| {
                    let similarity = similarity.get(&one.photo).copied().unwrap_or_default();
                    (one, similarity)
                };
                return Ok(kept.into_iter().map(with_similarity).collect());
            }
            wanted = (wanted * 8).min(MOST_NEAR);
        }
    }
}

fn no_model(detail: &str) -> Error {
    Error::Unavailable { code: ErrorCode::ModelUnavailable, detail: detail.to_owned() }
}

fn no_vector(kind: &VectorKind) -> Error {
    Error::Unavailable {
        code: ErrorCode::Conflict,
        detail: format!("this photo has no {} yet; index it, or look why it could not be decoded", kind.name),
    }
}

/// The kind asked for, or the best one there is.
fn pick_kind(source: &dyn VectorSource, name: Option<&str>, must_read_words: bool) -> Result<VectorKind> {
    let kinds = source.kinds();
    if let Some(name) = name {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
        let detail = format!("is one of {known:?}");
        return kinds
            .iter()
            .find(|kind| kind.name == name)
            .cloned()
            .ok_or(Error::BadValue { field: "kind", detail });
    }
    let found = kinds.into_iter().find(|kind| kind.reads_words || !must_read_words);
    found.ok_or_else(|| {
        no_model(if must_read_words {
            "no model that knows what words look like is installed; photos are found by tags, text and names all the same"
        } else {
            "no vectors of pictures are there"
        })
    })
}

/// Scales a vector to length 1; one without a direction stays as it is.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length.is_finite() && length > 1e-12 {
        for value in vector.iter_mut() {
            *value /= length;
        }
    }
}
