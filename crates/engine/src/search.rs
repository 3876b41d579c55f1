//! Finding photos by words, facts and pictures.
//!
//! A [`Query`] is read from what people type. Its facts (ratings, dates, places, people …) are conditions for the
//! database; its words are looked for in the documents of photos, ranked by [`score`], and joined with what looks alike
//! ([`VectorSource`]) by reciprocal rank. Without any model all of it works but words for pictures.

mod compile;
mod fuse;
pub mod query;
mod score;
mod suggest;
mod variants;
pub mod vectors;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use compile::{Compiled, Sought, compile};
pub use query::{Chip, Query};
use score::Evidence;
pub use suggest::Suggestion;
use tintype_core::{ErrorCode, PhotoId};
use tintype_media::DecodeRequest;
use tintype_store::{
    PhotoFilter, PhotoQuery, PhotoSummary, Scope, SearchCandidate, SearchCondition, SearchField, TextMatch,
};
pub use vectors::{KeepPhoto, VectorKind, VectorSource};

use crate::engine::{Engine, Inner};
use crate::live::Live;
use crate::{Error, Result};

/// Hits of a page at most.
pub const MAX_LIMIT: usize = 1000;
/// Photos that are ranked by words. Of more, those first seen last and those whose more telling fields hold the words
/// are; to see all of many, add a fact to the query.
const RANKED: usize = 1500;
/// Photos taken from what looks alike.
const ALIKE: usize = 300;
/// Below this score nobody would call it a match: a tag that its model is hardly sure of, one word of three, a
/// picture that shares little more than its brightness.
pub const GOOD_SCORE: f32 = 0.35;
/// Documents that a search brings up to date by itself; more wait for the end of a run.
const FEW_MARKED: usize = 200;
/// Where counting stops.
const COUNTED: usize = 10_000;
/// Words and pictures in one question at most.
const MAX_INGREDIENTS: usize = 16;

/// What to look for.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// Words and facts, as people type them.
    pub text: String,
    /// Somebody who is to be in it, by name.
    pub person: Option<String>,
    /// A race number that is to be in it.
    pub bib: Option<String>,
    /// Words and pictures that photos are to look like, or unlike: their vectors are added up with their weights.
    pub like: Vec<Ingredient>,
    /// Where to look.
    pub scope: Scope,
    /// What photos must be like beside what the text says.
    pub filter: PhotoFilter,
    /// Hits per page; at least 1, at most [`MAX_LIMIT`].
    pub limit: usize,
    /// Where the previous page ended.
    pub cursor: Option<String>,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            text: String::new(),
            person: None,
            bib: None,
            like: Vec::new(),
            scope: Scope::Library,
            filter: PhotoFilter::default(),
            limit: 100,
            cursor: None,
        }
    }
}

/// A part of what photos are to look like.
#[derive(Debug, Clone)]
pub struct Ingredient {
    /// What it is.
    pub what: Likeness,
    /// How much of it; less than 0 for what is not wanted.
    pub weight: f32,
}

/// Something that photos can look like.
#[derive(Debug, Clone)]
pub enum Likeness {
    /// Words; needs a model that reads them.
    Text(String),
    /// A photo of the library.
    Photo(PhotoId),
    /// A picture as a file's bytes.
    Image(Vec<u8>),
}

/// A photo that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The photo.
    pub photo: PhotoSummary,
    /// How sure it is what was asked for, 0 to 1.
    pub score: f32,
    /// Whether the score is at least [`GOOD_SCORE`].
    pub is_good: bool,
    /// Why it was found, the strongest reason for each word.
    pub reasons: Vec<Reason>,
}

/// Why a photo was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// A field of its document, a fact of the query, or `looks_like`.
    pub kind: String,
    /// In words: `tag: bicycle 0.91`.
    pub text: String,
    /// How sure that is, 0 to 1; 1 for facts.
    pub confidence: f32,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchAnswer {
    /// The query as it was understood.
    pub query: Query,
    /// Hits, best first; newest first where the query has facts only.
    pub hits: Vec<Hit>,
    /// What to pass as cursor for the next page.
    pub next_cursor: Option<String>,
    /// Photos that were found.
    pub total: u64,
    /// Whether there are no more than that.
    pub is_total_exact: bool,
    /// Whether no photo has all the words, and these have some.
    pub is_relaxed: bool,
    /// Whether any hit of all pages is good.
    pub has_good_match: bool,
    /// Photos about which something changed that this search may not know yet; counting stops early.
    pub waiting: u64,
}

/// Photos in order of how well they answer, with what is known of why.
#[derive(Default)]
struct Found {
    order: Vec<PhotoId>,
    by_words: HashMap<PhotoId, (f32, Vec<Evidence>)>,
    by_looks: HashMap<PhotoId, f32>,
    is_more: bool,
    is_relaxed: bool,
}

impl Engine {
    /// Looks for photos.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchAnswer> {
        let waiting = self.catch_up_a_little()?;
        let query = Query::parse(&request.text);
        let named = [("person", &request.person), ("bib", &request.bib)];
        let mut parts: Vec<query::Node> = query.root.iter().cloned().collect();
        for (field, value) in named {
            parts.extend(value.as_deref().map(|value| named_part(field, value)).transpose()?);
        }
        let compiled = compile(self.store(), query::Node::all(parts).as_ref())?;
        let limit = request.limit.clamp(1, MAX_LIMIT);
        if compiled.sought.is_empty() && request.like.is_empty() {
            return self.search_facts(request, query, &compiled, limit, waiting);
        }
        let offset = match &request.cursor {
            None => 0,
            Some(text) => {
                text.strip_prefix('o').and_then(|text| text.parse().ok()).ok_or_else(wrong_cursor)?
            }
        };
        let looks = self.looks(request, &compiled)?;
        let found = self.find(request, &compiled, looks.as_ref())?;
        let page: Vec<PhotoId> = found.order.iter().skip(offset).take(limit).copied().collect();
        let facts = fact_reasons(&query);
        let kind = looks.as_ref().map(|(kind, _)| kind);
        let hits =
            self.store().photo_summaries(&page)?.into_iter().map(|photo| found.hit(photo, kind, &facts));
        let hits = hits.collect();
        let has_good_match = found.order.iter().any(|photo| found.score(*photo, kind) >= GOOD_SCORE);
        let next = offset.saturating_add(limit);
        Ok(SearchAnswer {
            query,
            hits,
            next_cursor: (next < found.order.len()).then(|| format!("o{next}")),
            total: found.order.len() as u64,
            is_total_exact: !found.is_more,
            is_relaxed: found.is_relaxed,
            has_good_match,
            waiting,
        })
    }

    /// A query of facts alone: whatever meets them, newest first.
    fn search_facts(
        &self,
        request: &SearchRequest,
        query: Query,
        compiled: &Compiled,
        limit: usize,
        waiting: u64,
    ) -> Result<SearchAnswer> {
        let condition = compiled.condition();
        let cursor = request.cursor.as_deref().map(|text| text.strip_prefix('l').ok_or_else(wrong_cursor));
        let listing = PhotoQuery {
            scope: request.scope.clone(),
            filter: request.filter.clone(),
            condition: Some(condition.clone()),
            cursor: cursor.transpose()?.map(str::to_owned),
            limit,
            ..PhotoQuery::default()
        };
        let page = self.store().list_photos(&listing)?;
        let total = self.store().search_count(&request.scope, &request.filter, &condition, COUNTED)?;
        let reasons = fact_reasons(&query);
        let hit = |photo| Hit { photo, score: 1.0, is_good: true, reasons: reasons.clone() };
        Ok(SearchAnswer {
            query,
            hits: page.items.into_iter().map(hit).collect(),
            next_cursor: page.next_cursor.map(|cursor| format!("l{cursor}")),
            total,
            is_total_exact: total < COUNTED as u64,
            is_relaxed: false,
            has_good_match: total > 0,
            waiting,
        })
    }

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

    /// Brings every document up to date; how many were written. Runs do it at their end; this is for when something
    /// wants to be sure.
    pub fn refresh_search(&self) -> Result<u64> {
        let mut written = 0;
        loop {
            let some = self.store().refresh_search(FEW_MARKED)?;
            written += some.written;
            if !some.more {
                return Ok(written);
            }
        }
    }

    /// Brings few documents up to date, and leaves many to the next run; how many wait.
    fn catch_up_a_little(&self) -> Result<u64> {
        let waiting = self.store().search_backlog(COUNTED)?;
        if waiting == 0 || waiting > FEW_MARKED {
            return Ok(waiting as u64);
        }
        match self.store().refresh_search(FEW_MARKED) {
            Ok(_) => Ok(0),
            // An old answer is better than none.
            Err(error) => {
                tracing::warn!(%error, "documents could not be brought up to date before a search");
                Ok(waiting as u64)
            }
        }
    }

    /// What photos are to look like: what was asked for, or the words themselves where a model reads them.
    fn looks(&self, request: &SearchRequest, compiled: &Compiled) -> Result<Option<(VectorKind, Vec<f32>)>> {
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

    fn find(
        &self,
        request: &SearchRequest,
        compiled: &Compiled,
        looks: Option<&(VectorKind, Vec<f32>)>,
    ) -> Result<Found> {
        let mut found = Found::default();
        let mut rankings = Vec::new();
        if !compiled.sought.is_empty() {
            let (ranking, is_more) = self.rank(request, &compiled.condition(), compiled, &mut found)?;
            found.is_more = is_more;
            rankings.push((1.0, ranking));
        }
        if let Some((kind, vector)) = looks {
            let source = self.vector_source();
            let facts = compiled.facts();
            let near = self.nearest(
                &*source,
                kind,
                vector,
                ALIKE,
                &|_| true,
                (&request.scope, &request.filter, &facts),
            )?;
            let mut ranking = Vec::new();
            for (one, similarity) in near {
                // Words were answered exactly already; what merely looks a little like them only fills the list.
                let is_asked_for = !request.like.is_empty();
                if is_asked_for || kind.certainty(similarity) > 0.0 {
                    ranking.push(one.photo);
                    found.by_looks.insert(one.photo, similarity);
                    let (score, evidence) =
                        score::score(&one.document, &compiled.sought, &vec![1.0; compiled.sought.len()]);
                    if score > 0.0 {
                        found.by_words.entry(one.photo).or_insert((score, evidence));
                    }
                }
            }
            rankings.push((1.0, ranking));
        }
        if rankings.iter().all(|(_, ranking)| ranking.is_empty()) && compiled.soft.len() > 1 {
            let (ranking, is_more) = self.rank(request, &compiled.relaxed(), compiled, &mut found)?;
            (found.is_more, found.is_relaxed) = (is_more, !ranking.is_empty());
            rankings.push((1.0, ranking));
        }
        found.order = fuse::fuse(&rankings);
        Ok(found)
    }

    /// The photos that meet a condition, by how well their documents answer; and whether there are more.
    fn rank(
        &self,
        request: &SearchRequest,
        condition: &SearchCondition,
        compiled: &Compiled,
        found: &mut Found,
    ) -> Result<(Vec<PhotoId>, bool)> {
        let (scope, filter) = (&request.scope, &request.filter);
        let (mut candidates, is_more) = self.store().search_candidates(scope, filter, condition, RANKED)?;
        if is_more {
            // Of very many, those that have the words where they tell most must not be missed.
            let telling = in_fields(condition, score::TELLING);
            if telling != *condition {
                let (more, _) = self.store().search_candidates(scope, filter, &telling, RANKED)?;
                let known: HashSet<PhotoId> = candidates.iter().map(|one| one.photo).collect();
                candidates.extend(more.into_iter().filter(|one| !known.contains(&one.photo)));
            }
        }
        let rarity = self.rarity(&compiled.sought, candidates.len())?;
        let mut scored: Vec<(f32, Option<i64>, PhotoId)> = Vec::with_capacity(candidates.len());
        for SearchCandidate { photo, taken_ms, document } in candidates {
            let (score, evidence) = score::score(&document, &compiled.sought, &rarity);
            scored.push((score, taken_ms, photo));
            found.by_words.insert(photo, (score, evidence));
        }
        // Of equally good ones the newest first.
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(&a.1)).then_with(|| a.2.cmp(&b.2)));
        Ok((scored.into_iter().map(|(_, _, photo)| photo).collect(), is_more))
    }

    /// How telling each text is. A single one needs no weight.
    fn rarity(&self, sought: &[Sought], candidates: usize) -> Result<Vec<f32>> {
        if sought.len() < 2 || candidates < 2 {
            return Ok(vec![1.0; sought.len()]);
        }
        let texts: Vec<TextMatch> = sought.iter().map(|sought| sought.text.clone()).collect();
        let all = self.store().photos_about()?;
        let counts = self.store().text_frequencies(&texts, COUNTED)?;
        Ok(counts.into_iter().map(|count| score::rarity(count, all)).collect())
    }

    /// The photos nearest to a vector of those that meet conditions, with their similarity. More are asked for until
    /// enough are left or there are no more.
    fn nearest(
        &self,
        source: &dyn VectorSource,
        kind: &VectorKind,
        vector: &[f32],
        limit: usize,
        keep: KeepPhoto<'_>,
        conditions: (&Scope, &PhotoFilter, &SearchCondition),
    ) -> Result<Vec<(SearchCandidate, f32)>> {
        // Beyond this the rest of the library has nothing in common with what was asked for.
        const MOST: usize = 20_000;
        let (scope, filter, condition) = conditions;
        let mut wanted = limit;
        loop {
            let near = source.nearest(&kind.name, vector, wanted, Some(keep))?;
            let similarity: HashMap<PhotoId, f32> = near.iter().copied().collect();
            let photos: Vec<PhotoId> = near.iter().map(|(photo, _)| *photo).collect();
            let mut kept = self.store().search_among(&photos, scope, filter, condition)?;
            if kept.len() >= limit || near.len() < wanted || wanted >= MOST {
                kept.truncate(limit);
                return Ok(kept
                    .into_iter()
                    .map(|one| {
                        let similarity = similarity.get(&one.photo).copied().unwrap_or_default();
                        (one, similarity)
                    })
                    .collect());
            }
            wanted = (wanted * 8).min(MOST);
        }
    }
}

impl Inner {
    /// Brings every document up to date at the end of a run, unless asked to stop. What is left is done by the next
    /// one, and so is everything if the database refuses: the run itself has succeeded.
    pub(crate) fn follow_with_search(&self, live: &Live) {
        let mut is_first = true;
        while live.control.requested().is_none() {
            match self.store.refresh_search(FEW_MARKED) {
                Ok(some) if some.more => {
                    if is_first {
                        live.set_phase("indexing words");
                        is_first = false;
                    }
                }
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(%error, "documents for searching could not be brought up to date");
                    return;
                }
            }
        }
    }
}

impl Found {
    fn score(&self, photo: PhotoId, kind: Option<&VectorKind>) -> f32 {
        let words = self.by_words.get(&photo).map_or(0.0, |(score, _)| *score);
        let looks =
            self.by_looks.get(&photo).zip(kind).map_or(0.0, |(similarity, kind)| kind.certainty(*similarity));
        words.max(looks)
    }

    fn hit(&self, photo: PhotoSummary, kind: Option<&VectorKind>, facts: &[Reason]) -> Hit {
        let score = self.score(photo.id, kind);
        let mut reasons: Vec<Reason> = Vec::new();
        if let Some((_, evidence)) = self.by_words.get(&photo.id) {
            reasons.extend(evidence.iter().map(reason));
        }
        if let Some((similarity, kind)) = self.by_looks.get(&photo.id).zip(kind) {
            let confidence = rounded(kind.certainty(*similarity));
            let text = format!("looks like it {confidence:.2}");
            reasons.push(Reason { kind: "looks_like".into(), text, confidence });
        }
        reasons.extend_from_slice(facts);
        Hit { photo, score: rounded(score), is_good: score >= GOOD_SCORE, reasons }
    }
}

fn reason(evidence: &Evidence) -> Reason {
    let piece = &evidence.piece;
    let confidence = rounded(evidence.confidence);
    let text = match evidence.field {
        SearchField::Name => format!("name matches: {piece}"),
        SearchField::Folder => format!("folder matches: {piece}"),
        SearchField::Tag | SearchField::Object | SearchField::Text | SearchField::Bib if confidence < 1.0 => {
            format!("{}: {piece} {confidence:.2}", evidence.field.name())
        }
        field => format!("{}: {piece}", field.name()),
    };
    Reason { kind: evidence.field.name().to_owned(), text, confidence }
}

/// Two decimals: no score is surer than that.
fn rounded(score: f32) -> f32 {
    (score * 100.0).round() / 100.0
}

/// The facts that every hit meets because the query asks for them.
fn fact_reasons(query: &Query) -> Vec<Reason> {
    let is_text = |kind: &str| {
        matches!(kind, "word" | "phrase")
            || query::FIELDS.iter().any(|row| row.name == kind && row.value == query::ValueKind::Text)
    };
    // Only what stands at the top must hold; an alternative may be met or not.
    let parts = match &query.root {
        Some(query::Node::All(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let terms = parts.iter().filter_map(|part| match part {
        query::Node::Term(term) => Some(term.to_string()),
        _ => None,
    });
    terms
        .filter_map(|text| {
            let chip = query.chips().iter().find(|chip| chip.text == text && !chip.is_negated)?;
            (!is_text(chip.kind)).then(|| Reason { kind: chip.kind.to_owned(), text, confidence: 1.0 })
        })
        .collect()
}

/// The same condition with texts that may stand anywhere looked for in `fields` only.
fn in_fields(condition: &SearchCondition, fields: &[SearchField]) -> SearchCondition {
    let each = |list: &[SearchCondition]| list.iter().map(|one| in_fields(one, fields)).collect();
    match condition {
        SearchCondition::All(list) => SearchCondition::All(each(list)),
        SearchCondition::Any(list) => SearchCondition::Any(each(list)),
        SearchCondition::Text(text) if text.alternatives.is_some() && !is_within(&text.fields, fields) => {
            let narrowed = if text.fields.is_empty() {
                fields.to_vec()
            } else {
                text.fields.iter().copied().filter(|field| fields.contains(field)).collect()
            };
            if narrowed.is_empty() {
                return condition.clone();
            }
            SearchCondition::Text(TextMatch { fields: narrowed, alternatives: text.alternatives.clone() })
        }
        other => other.clone(),
    }
}

fn is_within(some: &[SearchField], all: &[SearchField]) -> bool {
    !some.is_empty() && some.iter().all(|field| all.contains(field))
}

/// The part of a query for a field that has a parameter of its own.
fn named_part(field: &'static str, value: &str) -> Result<query::Node> {
    let text = tintype_store::folded(value);
    if text.is_empty() || text.len() > query::MAX_TEXT {
        let detail = format!("is a text with letters or digits of at most {} characters", query::MAX_TEXT);
        return Err(Error::BadValue { field, detail });
    }
    Ok(query::Node::Term(query::Term::Text { field, text, is_prefix: false }))
}

fn wrong_cursor() -> Error {
    Error::BadValue { field: "cursor", detail: "does not belong to this search".into() }
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
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
