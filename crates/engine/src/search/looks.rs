//! What photos are to look like, and which ones do.

use std::collections::HashMap;

use tintype_core::{ErrorCode, PhotoId};
use tintype_store::{PhotoFilter, PictureId, Scope, SearchCandidate, SearchCondition};

use super::compile::Compiled;
use super::{Found, Hit, Ingredient, Likeness, MAX_LIMIT, SearchRequest};
use crate::engine::Engine;
use crate::vectors::{Scale, SpaceWanted, VectorSpace};
use crate::{Error, Result};

/// Words and pictures in one question at most.
const MAX_INGREDIENTS: usize = 16;
/// Pictures of at most so many photos that meet the conditions are looked for alone.
const FEW_ALLOWED: usize = 100_000;
/// Where more than those meet the conditions, so many of the nearest are looked at.
const MOST_NEAR: usize = 20_000;
/// Longer side in pixels of an uploaded picture: no model here looks at more.
const EMBEDDED_SIDE: u32 = 720;

/// What photos are to look like.
pub(super) struct Looks {
    space: VectorSpace,
    vector: Vec<f32>,
    scale: Scale,
}

impl Looks {
    /// How sure a similarity makes that a photo is like that, 0 to 1.
    pub(super) fn certainty(&self, similarity: f32) -> f32 {
        self.scale.certainty(similarity)
    }
}

impl Engine {
    /// Photos that look like a photo of the library, most similar first, without the photo itself; and the space in which
    /// they do.
    pub fn similar(
        &self,
        photo: PhotoId,
        wanted: SpaceWanted<'_>,
        scope: &Scope,
        limit: usize,
    ) -> Result<(VectorSpace, Vec<Hit>)> {
        self.photo(photo)?;
        let vectors = &self.0.vectors;
        let space = vectors.pick(wanted)?;
        let vector = vectors.of_photo(&space, photo)?.ok_or_else(|| no_vector(&space))?;
        let scale = vectors.scale(&space, &vector, false);
        let looks = Looks { space, vector, scale };
        let limit = limit.clamp(1, MAX_LIMIT);
        let all = SearchCondition::All(Vec::new());
        let filter = PhotoFilter::default();
        let near = self.nearest(&looks, limit, &|one| one != photo, (scope, &filter, &all))?;
        let mut found = Found::default();
        for (one, similarity) in near {
            found.order.push(one.photo);
            found.by_looks.insert(one.photo, similarity);
        }
        let summaries = self.store().photo_summaries(&found.order)?;
        let hits = summaries.into_iter().map(|photo| found.hit(photo, Some(&looks), &[])).collect();
        Ok((looks.space, hits))
    }

    /// What photos are to look like: what was asked for, or the words themselves where a model reads them.
    pub(super) fn looks(&self, request: &SearchRequest, compiled: &Compiled) -> Result<Option<Looks>> {
        if request.like.is_empty() {
            return Ok(self.looks_of_words(&compiled.sentence));
        }
        if request.like.len() > MAX_INGREDIENTS {
            return Err(Error::BadValue {
                field: "mix",
                detail: format!("has at most {MAX_INGREDIENTS} parts"),
            });
        }
        let vectors = &self.0.vectors;
        let is_of_words = |one: &Ingredient| matches!(one.what, Likeness::Text(_));
        let has_words = request.like.iter().any(is_of_words);
        let space = vectors.pick(SpaceWanted { reads_words: has_words, ..SpaceWanted::default() })?;
        let mut sum: Vec<f32> = Vec::new();
        for ingredient in &request.like {
            if !ingredient.weight.is_finite() {
                return Err(Error::BadValue { field: "weight", detail: "is a finite number".into() });
            }
            let mut vector = self.vector_of(&space, &ingredient.what)?;
            normalise(&mut vector);
            sum.resize(sum.len().max(vector.len()), 0.0);
            for (sum, value) in sum.iter_mut().zip(&vector) {
                *sum += ingredient.weight * value;
            }
        }
        normalise(&mut sum);
        let scale = vectors.scale(&space, &sum, request.like.iter().all(is_of_words));
        Ok(Some(Looks { space, vector: sum, scale }))
    }

    /// The looks of a sentence; `None` where no model reads it. That is no error: words are found in documents, too.
    fn looks_of_words(&self, sentence: &str) -> Option<Looks> {
        let vectors = &self.0.vectors;
        if sentence.is_empty() {
            return None;
        }
        let space = vectors.pick(SpaceWanted { reads_words: true, ..SpaceWanted::default() }).ok()?;
        if space.pictures == 0 {
            return None;
        }
        match vectors.of_words(&space, sentence) {
            Ok(vector) => {
                let scale = vectors.scale(&space, &vector, true);
                Some(Looks { space, vector, scale })
            }
            Err(error) => {
                tracing::warn!(%error, "words are looked for in documents only");
                None
            }
        }
    }

    fn vector_of(&self, space: &VectorSpace, what: &Likeness) -> Result<Vec<f32>> {
        let vectors = &self.0.vectors;
        match what {
            Likeness::Text(text) => vectors.of_words(space, text),
            Likeness::Photo(photo) => {
                self.photo(*photo)?;
                vectors.of_photo(space, *photo)?.ok_or_else(|| no_vector(space))
            }
            Likeness::Image(bytes) => {
                vectors.of_picture(space, &self.uploaded(bytes.clone(), EMBEDDED_SIDE)?.picture)
            }
        }
    }

    /// The vector of a picture's file, of length 1.
    pub fn embed_image(&self, bytes: &[u8], space: &VectorSpace) -> Result<Vec<f32>> {
        let uploaded = self.uploaded(bytes.to_vec(), EMBEDDED_SIDE)?;
        self.0.vectors.of_picture(space, &uploaded.picture)
    }

    /// The vector of words, of length 1.
    pub fn embed_text(&self, text: &str, space: &VectorSpace) -> Result<Vec<f32>> {
        self.0.vectors.of_words(space, text)
    }

    /// The photos that look most like it of those that meet conditions, with their similarity.
    pub(super) fn nearest(
        &self,
        looks: &Looks,
        limit: usize,
        keep: &dyn Fn(PhotoId) -> bool,
        (scope, filter, condition): (&Scope, &PhotoFilter, &SearchCondition),
    ) -> Result<Vec<(SearchCandidate, f32)>> {
        let store = self.store();
        let is_anything = *scope == Scope::Library
            && *filter == PhotoFilter::default()
            && *condition == SearchCondition::All(Vec::new());
        let allowed = if is_anything {
            None
        } else {
            // Few are looked for within the scan; of many, enough of the nearest will do.
            let found = store.search_pictures(scope, filter, condition, FEW_ALLOWED + 1)?;
            (found.len() <= FEW_ALLOWED).then_some(found)
        };
        let mut wanted = limit + 1;
        loop {
            let near = self.0.vectors.nearest(&looks.space, &looks.vector, wanted, allowed.as_deref())?;
            let pictures: Vec<PictureId> = near.iter().map(|(picture, _)| *picture).collect();
            let similarity: HashMap<PictureId, f32> = near.iter().copied().collect();
            let showing = store.photos_showing(&pictures)?;
            let similarity: HashMap<PhotoId, f32> = showing
                .iter()
                .filter_map(|(picture, photo)| Some((*photo, *similarity.get(picture)?)))
                .collect();
            let photos: Vec<PhotoId> =
                showing.into_iter().map(|(_, photo)| photo).filter(|photo| keep(*photo)).collect();
            let mut kept = store.search_among(&photos, scope, filter, condition)?;
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

fn no_vector(space: &VectorSpace) -> Error {
    Error::Unavailable {
        code: ErrorCode::Conflict,
        detail: format!(
            "this photo has no {} of {} yet; index it, or look why it could not be decoded",
            space.kind, space.producer
        ),
    }
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
