//! Searching.

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use tintype_core::PhotoId;
use tintype_engine::search;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::filter::Filter;
use super::listing::check_limit;
use super::photo::PhotoSummary;
use crate::problem::{FieldError, Problem};

/// What to look for. Everything given must be met.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// Words and facts as people type them: `beach "red car" rating:>=4 date:2024-06..2024-08 -night`. Never refused;
    /// what is not understood becomes plain words, with a warning.
    text: Option<String>,
    /// Photos that look like this one.
    photo_id: Option<Uuid>,
    /// Photos that look like this picture: a file in base64. As `multipart/form-data` it is sent as it is, in a part
    /// `image` beside the part `request` with this record.
    image: Option<String>,
    /// Words and pictures, each with its weight: photos that look like their sum.
    #[serde(default)]
    mix: Vec<MixPart>,
    /// Somebody who is in it, by name.
    person: Option<String>,
    /// A race number that is in it.
    bib: Option<String>,
    /// Only in this album.
    album: Option<Uuid>,
    /// Further conditions, as in lists of photos.
    filters: Option<Filter>,
    /// Hits at most, 1 to 1000; 100 when not given.
    limit: Option<usize>,
    /// The `next_cursor` of the page before, with the same question.
    cursor: Option<String>,
}

/// One part of a mix: exactly one of `text`, `photo_id` and `image`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MixPart {
    /// Words; needs a model that knows what words look like.
    text: Option<String>,
    /// A photo of the library.
    photo_id: Option<Uuid>,
    /// A picture file in base64.
    image: Option<String>,
    /// How much of it, −10 to 10; 1 when not given, less than 0 for what is not wanted.
    weight: Option<f32>,
}

impl SearchQuery {
    /// The album to look in.
    pub(crate) fn album(&self) -> Option<Uuid> {
        self.album
    }

    /// The checked request, to be completed by its scope. `image` is a picture that came beside the record.
    pub(crate) fn check(self, image: Option<Vec<u8>>) -> Result<search::SearchRequest, Problem> {
        let mut errors = Vec::new();
        let mut like = Vec::new();
        let mut add = |name: &str, part: MixPart| match part.check(name) {
            Ok(ingredient) => like.push(ingredient),
            Err(error) => errors.push(error),
        };
        let part = || MixPart { text: None, photo_id: None, image: None, weight: None };
        if self.photo_id.is_some() {
            add("photo_id", MixPart { photo_id: self.photo_id, ..part() });
        }
        if self.image.is_some() {
            add("image", MixPart { image: self.image, ..part() });
        }
        for (at, part) in self.mix.into_iter().enumerate() {
            add(&format!("mix[{at}]"), part);
        }
        if let Some(bytes) = image {
            like.push(search::Ingredient { what: search::Likeness::Image(bytes), weight: 1.0 });
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(search::SearchRequest {
            text: self.text.unwrap_or_default(),
            person: self.person,
            bib: self.bib,
            like,
            filter: self.filters.unwrap_or_default().check()?,
            limit: check_limit(self.limit)?,
            cursor: self.cursor,
            ..search::SearchRequest::default()
        })
    }
}

impl MixPart {
    fn check(self, name: &str) -> Result<search::Ingredient, FieldError> {
        const MOST: f32 = 10.0;
        let weight = self.weight.unwrap_or(1.0);
        if !(weight.is_finite() && weight.abs() <= MOST) {
            return Err(FieldError::new(format!("{name}.weight"), format!("is -{MOST} to {MOST}")));
        }
        let what = match (self.text, self.photo_id, self.image) {
            (Some(text), None, None) if !text.trim().is_empty() => search::Likeness::Text(text),
            (None, Some(photo), None) => search::Likeness::Photo(PhotoId(photo)),
            (None, None, Some(image)) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(image.trim());
                search::Likeness::Image(bytes.map_err(|_not_base64| FieldError::new(name, "is no base64"))?)
            }
            _ => return Err(FieldError::new(name, "has exactly one of text, photo_id and image")),
        };
        Ok(search::Ingredient { what, weight })
    }
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchPage {
    /// Hits, best first; newest first where the question has facts only.
    items: Vec<Hit>,
    /// What to pass as `cursor` for the next page; null at the end.
    next_cursor: Option<String>,
    /// Photos that were found.
    total: u64,
    /// Whether there are no more than `total`; very many are not counted.
    total_is_exact: bool,
    /// The text as it was understood, in canonical form.
    query: String,
    /// Its terms.
    chips: Vec<Chip>,
    /// What was not understood as it may have been meant.
    warnings: Vec<String>,
    /// Whether no photo has all the words, and these have some.
    relaxed: bool,
    /// Whether no hit is a good match: the page should say so.
    no_good_match: bool,
    /// Photos about which something changed that this answer may not know yet; the next run looks at them.
    waiting: u64,
}

/// A term of the text.
#[derive(Debug, Serialize, ToSchema)]
struct Chip {
    /// `word`, `phrase`, or the name of a field.
    kind: &'static str,
    /// The term without its negation: `rating:>=4`.
    text: String,
    /// Where it begins in the text sent, in UTF-16 code units.
    start: usize,
    /// Where it ends.
    end: usize,
    /// Whether photos must not be like this.
    negated: bool,
    /// The whole text without it.
    without: String,
}

/// A photo that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Hit {
    /// The photo.
    photo: PhotoSummary,
    /// How sure it is what was asked for, 0 to 1.
    score: f32,
    /// Whether the score is good.
    good: bool,
    /// Why it was found.
    reasons: Vec<Reason>,
}

/// Why a photo was found.
#[derive(Debug, Serialize, ToSchema)]
struct Reason {
    /// What kind of thing it is: `tag`, `text`, `name`, …, the name of a fact, or `looks_like`.
    kind: String,
    /// In words: `tag: bicycle 0.91`.
    #[schema(example = "tag: bicycle 0.91")]
    text: String,
    /// How sure that is, 0 to 1.
    confidence: f32,
}

impl From<search::SearchAnswer> for SearchPage {
    fn from(answer: search::SearchAnswer) -> Self {
        let chips = answer.query.chips().iter().cloned().map(|chip| Chip {
            kind: chip.kind,
            text: chip.text,
            start: chip.start,
            end: chip.end,
            negated: chip.is_negated,
            without: chip.without,
        });
        Self {
            query: answer.query.to_string(),
            chips: chips.collect(),
            warnings: answer.query.warnings,
            items: answer.hits.into_iter().map(Into::into).collect(),
            next_cursor: answer.next_cursor,
            total: answer.total,
            total_is_exact: answer.is_total_exact,
            relaxed: answer.is_relaxed,
            no_good_match: !answer.has_good_match,
            waiting: answer.waiting,
        }
    }
}

impl From<search::Hit> for Hit {
    fn from(hit: search::Hit) -> Self {
        let reason = |reason: search::Reason| Reason {
            kind: reason.kind,
            text: tintype_engine::paths::display(reason.text.as_bytes()),
            confidence: reason.confidence,
        };
        Self {
            photo: hit.photo.into(),
            score: hit.score,
            good: hit.is_good,
            reasons: hit.reasons.into_iter().map(reason).collect(),
        }
    }
}

/// Where to look for similar photos.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SimilarQuery {
    /// Which vectors to compare, for example `scene_embedding`; the best there are when not given.
    pub(crate) kind: Option<String>,
    /// Whose vectors to compare, to see how producers differ; those that searches use when not given.
    pub(crate) producer: Option<String>,
    /// Only in this album.
    pub(crate) album: Option<Uuid>,
    /// Photos at most, 1 to 1000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub(crate) limit: Option<usize>,
}

/// What is being typed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuggestQuery {
    /// The text up to the caret; its last word is not finished.
    pub(crate) text: Option<String>,
    /// Suggestions at most, 1 to 50.
    #[param(minimum = 1, maximum = 50, default = 10)]
    pub(crate) limit: Option<usize>,
}

impl SuggestQuery {
    /// The checked limit.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let limit = self.limit.unwrap_or(10);
        let fits = (1..=50).contains(&limit);
        fits.then_some(limit).ok_or_else(|| Problem::field("limit", format!("is 1 to 50, not {limit}")))
    }
}

/// A way to go on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suggestion {
    /// What takes the place of the last word.
    #[schema(example = "tag:bicycle")]
    text: String,
    /// For people.
    label: String,
    /// `field`, `value`, or where it is from: `tag`, `person`, `album`, `camera`, …
    kind: String,
    /// Photos that have it, where that is known.
    photos: Option<u64>,
    /// One line, where there is something to say.
    help: Option<String>,
    /// Where the last word begins, in UTF-16 code units.
    start: usize,
}

impl From<search::Suggestion> for Suggestion {
    fn from(one: search::Suggestion) -> Self {
        let search::Suggestion { text, label, kind, photos, help, start } = one;
        Self { text, label, kind, photos, help, start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<search::SearchRequest, Problem> {
        serde_json::from_str::<SearchQuery>(json).unwrap().check(None)
    }

    #[test]
    fn mixes_are_checked_part_by_part() {
        let id = "00000000-0000-0000-0000-000000000001";
        let request = parsed(&format!(
            r#"{{"photo_id":"{id}","image":"AQID","mix":[{{"text":"sea","weight":-0.5}},{{"photo_id":"{id}"}}]}}"#
        ))
        .unwrap();
        assert_eq!(request.like.iter().map(|one| one.weight).collect::<Vec<_>>(), [1.0, 1.0, -0.5, 1.0]);
        assert!(matches!(&request.like[1].what, search::Likeness::Image(bytes) if bytes == &[1, 2, 3]));
        let wrong = parsed(
            r#"{"image":"!","mix":[{},{"text":" "},{"text":"a","image":"AQID"},{"text":"a","weight":11}]}"#,
        );
        let fields: Vec<String> =
            wrong.unwrap_err().errors().iter().map(|error| error.field.clone()).collect();
        assert_eq!(fields, ["image", "mix[0]", "mix[1]", "mix[2]", "mix[3].weight"]);
    }
}
