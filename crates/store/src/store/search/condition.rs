//! Conditions as SQL. Every value is a parameter.

use super::super::scope::{self, Query};
use super::{index, rare};
use crate::backend::sqlite::row_set;
use crate::backend::{Dialect, Session};
use crate::error::Result;
use crate::model::listing::PhotoFilter;
use crate::model::scope::Scope;
use crate::model::search::{PhotoFact, Range, SearchCondition};

/// In which order photos are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// By their row.
    Row,
    Any,
}

/// Where photos come from.
pub(super) struct Source {
    /// The tables and conditions of a statement about photos `p`, up to the end of the `WHERE` clause, with
    /// `{documents}` where further tables can be joined.
    pub(super) from: String,
    /// The column whose order they come in without being sorted: their row.
    pub(super) row: &'static str,
}

/// Where photos of `scope` that meet `filter` and `condition` come from.
///
/// Texts that every photo must hold, and those that none may, are one question to the full-text index, which gives
/// its answers in the order of rows: with a limit, nothing is sorted and no more is read than needed. Facts that few
/// photos meet are looked up before anything else; see [`rare`].
pub(super) fn source(
    session: &mut dyn Session,
    scope: &Scope,
    filter: &PhotoFilter,
    condition: &SearchCondition,
    order: Order,
    query: &mut Query,
) -> Result<Source> {
    let dialect = session.dialect();
    let parts = match condition.normalised(false) {
        SearchCondition::All(list) => list,
        other => vec![other],
    };
    let (mut wanted, mut unwanted, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        match (question(dialect, &part), &part) {
            (Some(question), _) => wanted.push(question),
            (None, SearchCondition::Not(inner)) if matches!(**inner, SearchCondition::Text(_)) => {
                unwanted.push(part);
            }
            _ => rest.push(part),
        }
    }
    if wanted.is_empty() {
        rest.append(&mut unwanted);
    }
    let rare = rare::take(session, &mut rest)?;
    let numbers = (dialect == Dialect::Sqlite && order == Order::Any && wanted.is_empty() && rare.is_none())
        .then(|| rest.iter().position(is_of_document))
        .flatten()
        .map(|at| rest.swap_remove(at));
    let mut conditions = super::listed(session, scope, filter, query)?;
    for part in &rest {
        conditions.push_str(" AND ");
        conditions.push_str(&self::condition(session, part, query)?);
    }
    if let Some(SearchCondition::Number(fact, range)) = numbers {
        // The index of the numbers first, which are met by more photos than a list holds.
        let ends = number("n", fact, &range, query);
        let from = format!(
            "search_documents n CROSS JOIN photos p ON p.id = n.photo_id {{documents}} WHERE {ends} AND {conditions}"
        );
        return Ok(Source { from, row: "p.id" });
    }
    if wanted.is_empty() {
        if let Some(rare) = rare {
            conditions = format!("p.id IN rarray({}) AND {conditions}", query.arg(rare));
        }
        return Ok(Source { from: format!("photos p {{documents}} WHERE {conditions}"), row: "p.id" });
    }
    let unwanted: Vec<String> = unwanted
        .iter()
        .filter_map(|part| match part {
            SearchCondition::Not(inner) => question(dialect, inner),
            _ => None,
        })
        .collect();
    let asked = query.arg(index::but_not(dialect, &index::all(dialect, &wanted), &unwanted));
    if let Some(rare) = rare {
        return Ok(if rare.len() <= rare::FEW {
            let rare = query.arg(rare);
            let from = format!(
                "photos p {{documents}} WHERE p.id IN rarray({rare}) AND {conditions} AND EXISTS \
                 (SELECT 1 FROM search_index x WHERE x.search_index MATCH {asked} AND x.rowid = p.id)"
            );
            Source { from, row: "p.id" }
        } else {
            let rare = query.arg(row_set(&rare));
            let from = format!(
                "search_index x CROSS JOIN photos p ON p.id = x.rowid {{documents}} \
                 WHERE x.search_index MATCH {asked} AND row_in({rare}, x.rowid) AND {conditions}"
            );
            Source { from, row: "x.rowid" }
        });
    }
    Ok(match dialect {
        // CROSS JOIN keeps SQLite to this order of tables.
        Dialect::Sqlite => Source {
            row: "x.rowid",
            from: format!(
                "search_index x CROSS JOIN photos p ON p.id = x.rowid {{documents}} \
             WHERE x.search_index MATCH {asked} AND {conditions}"
            ),
        },
        Dialect::Postgres => Source {
            row: "x.photo_id",
            from: format!(
                "search_documents x JOIN photos p ON p.id = x.photo_id {{documents}} \
             WHERE x.words @@ CAST(CAST({asked} AS TEXT) AS tsquery) AND {conditions}"
            ),
        },
    })
}

/// The conditions on a photo `p` for being in `scope` and meeting `filter` and `condition`.
pub(super) fn on_photo(
    session: &mut dyn Session,
    scope: &Scope,
    filter: &PhotoFilter,
    condition: &SearchCondition,
    query: &mut Query,
) -> Result<String> {
    let listed = super::listed(session, scope, filter, query)?;
    let condition = self::condition(session, &condition.normalised(false), query)?;
    Ok(format!("{listed} AND {condition}"))
}

/// The question that a condition of nothing but wanted texts is. SQLite's index knows NOT between two questions only,
/// so unwanted texts are left to [`source`].
fn question(dialect: Dialect, condition: &SearchCondition) -> Option<String> {
    question_within(dialect, condition, DEEPEST)
}

/// How deep parentheses may stand within each other in a question: FTS5's parser keeps at most 100 things in mind, four
/// for each of them. What is deeper is asked in several questions.
const DEEPEST: usize = 12;

fn question_within(dialect: Dialect, condition: &SearchCondition, levels: usize) -> Option<String> {
    let levels = levels.checked_sub(1)?;
    let each = |list: &[SearchCondition]| -> Option<Vec<String>> {
        list.iter().map(|one| question_within(dialect, one, levels)).collect()
    };
    match condition {
        SearchCondition::Text(text) => Some(index::question(dialect, text)),
        SearchCondition::All(list) if !list.is_empty() => Some(index::all(dialect, &each(list)?)),
        SearchCondition::Any(list) if !list.is_empty() => Some(index::any(dialect, &each(list)?)),
        _ => None,
    }
}

/// The condition on a photo `p`, whatever else stands in the statement.
pub(in crate::store) fn condition(
    session: &mut dyn Session,
    condition: &SearchCondition,
    query: &mut Query,
) -> Result<String> {
    let each = |session: &mut dyn Session, list: &[SearchCondition], query: &mut Query| {
        list.iter().map(|one| self::condition(session, one, query)).collect::<Result<Vec<_>>>()
    };
    // A question to the index costs the same for one text and for many.
    if let Some(question) = question(session.dialect(), condition) {
        let question = query.arg(question);
        return Ok(index::asked(session.dialect(), &question));
    }
    Ok(match condition {
        SearchCondition::All(list) if list.is_empty() => "1 = 1".to_owned(),
        SearchCondition::Any(list) if list.is_empty() => "1 = 0".to_owned(),
        SearchCondition::All(list) => format!("({})", each(session, list, query)?.join(" AND ")),
        SearchCondition::Any(list) => format!("({})", each(session, list, query)?.join(" OR ")),
        // A fact that is not known is not met, so its negation is.
        SearchCondition::Not(inner) => {
            format!("NOT COALESCE({}, 1 = 0)", self::condition(session, inner, query)?)
        }
        SearchCondition::Text(text) => {
            let question = query.arg(index::question(session.dialect(), text));
            index::asked(session.dialect(), &question)
        }
        SearchCondition::Number(fact, range) if is_of_document(condition) => {
            match rare::of_document(session, condition, query)? {
                Some(known) => known,
                None if session.dialect() == Dialect::Sqlite => {
                    let ends = number("n", *fact, range, query);
                    format!("EXISTS (SELECT 1 FROM search_documents n WHERE n.photo_id = p.id AND {ends})")
                }
                None => {
                    let ends = number("n", *fact, range, query);
                    format!("p.id IN (SELECT n.photo_id FROM search_documents n WHERE {ends})")
                }
            }
        }
        SearchCondition::Number(fact, range) => number("p", *fact, range, query),
        SearchCondition::Taken { from, to } => taken("p", *from, *to, query),
        SearchCondition::Within { south, north, west, east } => {
            let (south, north) = (query.arg(*south), query.arg(*north));
            let joined = if west <= east { "AND" } else { "OR" };
            let (west, east) = (query.arg(*west), query.arg(*east));
            format!("(p.lat >= {south} AND p.lat <= {north} AND (p.lon >= {west} {joined} p.lon <= {east}))")
        }
        SearchCondition::In(scopes) => {
            let parts = scopes.iter().map(|scope| scope::photos(session, scope, query));
            let parts = parts.map(|part| part.map(|part| format!("({part})"))).collect::<Result<Vec<_>>>()?;
            if parts.is_empty() { "1 = 0".to_owned() } else { format!("({})", parts.join(" OR ")) }
        }
        SearchCondition::Media(media) => format!("p.media = {}", query.arg(scope::media_code(*media))),
        SearchCondition::Format(formats) => {
            let formats: Vec<String> =
                formats.iter().map(|format| format!("p.format = {}", query.arg(format))).collect();
            if formats.is_empty() { "1 = 0".to_owned() } else { format!("({})", formats.join(" OR ")) }
        }
        SearchCondition::Blurry(is_blurry) => format!("p.is_blurry = {}", query.arg(*is_blurry)),
        SearchCondition::Flag(Some(flag)) => format!("p.flag = {}", query.arg(flag.as_str())),
        SearchCondition::Flag(None) => "p.flag IS NULL".to_owned(),
        SearchCondition::HasIssues => scope::HAS_ISSUES.to_owned(),
    })
}

/// Whether it is about a number that stands in documents and not with photos.
pub(super) fn is_of_document(condition: &SearchCondition) -> bool {
    use PhotoFact::{Aesthetic, Aperture, Faces, FocalLength};
    matches!(condition, SearchCondition::Number(Aesthetic | Aperture | FocalLength | Faces, _))
}

/// The condition on a photo, or on a document where the fact stands there, called `row`.
pub(super) fn number(row: &str, fact: PhotoFact, range: &Range<f64>, query: &mut Query) -> String {
    let column = match fact {
        // An index serves the plain column only.
        PhotoFact::Rating if range.contains(&0.0) => format!("COALESCE({row}.rating, 0)"),
        PhotoFact::Rating => format!("{row}.rating"),
        PhotoFact::Iso => format!("{row}.iso"),
        PhotoFact::Sharpness => format!("{row}.sharpness"),
        PhotoFact::Quality => format!("{row}.quality"),
        PhotoFact::Width => format!("{row}.width"),
        PhotoFact::Height => format!("{row}.height"),
        PhotoFact::Bytes => format!("{row}.size"),
        PhotoFact::Latitude => format!("{row}.lat"),
        PhotoFact::Aesthetic => format!("{row}.aesthetic"),
        PhotoFact::Aperture => format!("{row}.aperture"),
        PhotoFact::FocalLength => format!("{row}.focal_mm"),
        PhotoFact::Faces => format!("{row}.faces"),
        PhotoFact::Shape => format!(
            "(CASE WHEN {row}.width = 0 OR {row}.height = 0 THEN NULL ELSE {row}.width - {row}.height END)"
        ),
    };
    let end = |bound: Option<(f64, bool)>, strict: &str, query: &mut Query| {
        let (value, is_included) = bound?;
        let comparison = if is_included { format!("{strict}=") } else { strict.to_owned() };
        Some(format!("{column} {comparison} CAST({} AS DOUBLE PRECISION)", query.arg(value)))
    };
    let low = end(range.low, ">", query);
    let high = end(range.high, "<", query);
    let mut ends: Vec<String> = low.into_iter().chain(high).collect();
    if ends.is_empty() {
        ends.push(format!("{column} IS NOT NULL"));
    }
    format!("({})", ends.join(" AND "))
}

/// The condition on a photo called `row` for when it was taken.
pub(super) fn taken(row: &str, from: Option<i64>, to: Option<i64>, query: &mut Query) -> String {
    let from = from.map(|from| format!("{row}.taken_ms >= {}", query.arg(from)));
    let to = to.map(|to| format!("{row}.taken_ms < {}", query.arg(to)));
    let ends: Vec<String> = from.into_iter().chain(to).collect();
    if ends.is_empty() { format!("{row}.taken_ms IS NOT NULL") } else { format!("({})", ends.join(" AND ")) }
}
