//! Finding photos by words, facts and pictures.
//!
//! A [`Query`] is read from what people type. Its facts (ratings, dates, places, people …) are conditions for the
//! database; its words are looked for in the documents of photos, ranked by [`score`], and joined with what looks alike
//! ([`crate::vectors`]) by reciprocal rank. Without any model all of it works but words for pictures.

mod compile;
mod fuse;
mod looks;
pub mod query;
mod records;
mod score;
mod suggest;
mod variants;

use std::collections::{HashMap, HashSet};

use compile::{Compiled, Sought, compile};
use looks::Looks;
pub use query::{Chip, Query};
pub use records::{Hit, Ingredient, Likeness, Reason, SearchAnswer, SearchRequest};
use score::Evidence;
pub use suggest::Suggestion;
use tintype_core::PhotoId;
use tintype_store::{
    PhotoQuery, PhotoSummary, SearchCandidate, SearchCondition, SearchDocument, SearchField, TextMatch,
};

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
/// Documents after whose writing the index of words is put together.
const MANY_WRITTEN: u64 = 10_000;
/// Where counting stops.
const COUNTED: usize = 10_000;

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
        let looks = looks.as_ref();
        let hits =
            self.store().photo_summaries(&page)?.into_iter().map(|photo| found.hit(photo, looks, &facts));
        let hits = hits.collect();
        let has_good_match = found.order.iter().any(|photo| found.score(*photo, looks) >= GOOD_SCORE);
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

    /// Brings every document up to date; how many were written. Runs do it at their end; this is for when something
    /// wants to be sure.
    pub fn refresh_search(&self) -> Result<u64> {
        self.0.refresh_search(&|| false, &mut || {})
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

    fn find(&self, request: &SearchRequest, compiled: &Compiled, looks: Option<&Looks>) -> Result<Found> {
        let mut found = Found::default();
        let mut rankings = Vec::new();
        if !compiled.sought.is_empty() {
            let (ranking, is_more) = self.rank(request, &compiled.condition(), compiled, &mut found)?;
            found.is_more = is_more;
            rankings.push((1.0, ranking));
        }
        if let Some(looks) = looks {
            let facts = compiled.facts();
            let near = self.nearest(looks, ALIKE, &|_| true, (&request.scope, &request.filter, &facts))?;
            let mut ranking = Vec::new();
            for (one, similarity) in near {
                // Words were answered exactly already; what merely looks a little like them only fills the list.
                let is_asked_for = !request.like.is_empty();
                if is_asked_for || looks.certainty(similarity) > 0.0 {
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
            let telling = in_fields(condition, SearchField::TELLING);
            // Where all that came first have them there, the same would come again.
            let are_told = candidates.iter().all(|one| is_told(&telling, &one.document, true));
            if telling != *condition && !are_told {
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
}

impl Inner {
    /// Brings every document up to date at the end of a run, unless asked to stop. What is left is done by the next
    /// one, and so is everything if the database refuses: the run itself has succeeded.
    pub(crate) fn follow_with_search(&self, live: &Live) {
        let stop = || live.control.requested().is_some();
        if let Err(error) = self.refresh_search(&stop, &mut || live.set_phase("indexing words")) {
            tracing::warn!(%error, "documents for searching could not be brought up to date");
        }
    }

    /// Brings documents up to date until `stop` says so; `on_many` is called when it takes a while.
    fn refresh_search(&self, stop: &dyn Fn() -> bool, on_many: &mut dyn FnMut()) -> Result<u64> {
        let mut written = 0;
        while !stop() {
            let some = self.store.refresh_search(FEW_MARKED)?;
            written += some.written;
            if !some.more {
                break;
            }
            if written == some.written {
                on_many();
            }
        }
        if written >= MANY_WRITTEN {
            self.store.merge_words(stop)?;
        }
        Ok(written)
    }
}

impl Found {
    fn score(&self, photo: PhotoId, looks: Option<&Looks>) -> f32 {
        let words = self.by_words.get(&photo).map_or(0.0, |(score, _)| *score);
        let similarity = self.by_looks.get(&photo).zip(looks);
        words.max(similarity.map_or(0.0, |(similarity, looks)| looks.certainty(*similarity)))
    }

    fn hit(&self, photo: PhotoSummary, looks: Option<&Looks>, facts: &[Reason]) -> Hit {
        let score = self.score(photo.id, looks);
        let mut reasons: Vec<Reason> = Vec::new();
        if let Some((_, evidence)) = self.by_words.get(&photo.id) {
            reasons.extend(evidence.iter().map(reason));
        }
        if let Some((similarity, looks)) = self.by_looks.get(&photo.id).zip(looks) {
            let confidence = rounded(looks.certainty(*similarity));
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

/// Whether a document surely meets the texts of a condition; of its facts, those that have to be met are.
fn is_told(condition: &SearchCondition, document: &SearchDocument, is_met: bool) -> bool {
    match condition {
        SearchCondition::All(list) => list.iter().all(|one| is_told(one, document, is_met)),
        SearchCondition::Any(list) => list.iter().any(|one| is_told(one, document, false)),
        SearchCondition::Text(text) => text.is_in(document),
        _ => is_met,
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
