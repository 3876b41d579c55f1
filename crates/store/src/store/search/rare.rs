//! Facts that few photos meet.
//!
//! A common word with a fact that hardly any photo meets would have the full-text index give all photos of the word, one
//! by one, to be read and refused. So SQLite is asked first which photos meet the fact, as far as an index tells, and
//! gets their rows. PostgreSQL counts on its own.

use super::super::scope::Query;
use super::condition::{is_of_document, number, taken};
use crate::backend::sqlite::row_set;
use crate::backend::{Dialect, Session, query_all};
use crate::error::Result;
use crate::model::search::{PhotoFact, SearchCondition};

/// Up to so many photos are each asked whether they hold the words that are wanted. Above, the words' photos are looked up
/// among them: in a million photos, asking one takes 10 to 60 µs (and 80 or more while the index is in many parts), and
/// passing by one 0.3 µs.
pub(super) const FEW: usize = 1_500;

/// Photos that meet a fact beside wanted words, at most. What more meet is soon met by photos that come along.
const BESIDE_WORDS: usize = 20_000;

/// Photos that meet a fact in documents, at most. What more meet is asked of each photo that comes along.
const OF_DOCUMENTS: usize = 200_000;

/// Takes the one of `conditions` that fewest photos meet out of them, and gives the photos' rows; nothing where there
/// is none that an index answers with at most [`BESIDE_WORDS`].
pub(super) fn take(
    session: &mut dyn Session,
    conditions: &mut Vec<SearchCondition>,
) -> Result<Option<Vec<i64>>> {
    let mut fewest: Option<(usize, Vec<i64>)> = None;
    for (at, condition) in conditions.iter().enumerate() {
        let at_most = fewest.as_ref().map_or(BESIDE_WORDS, |(_, rows)| rows.len());
        if let Some(rows) = listed(session, condition, at_most)? {
            fewest = Some((at, rows));
        }
    }
    Ok(fewest.map(|(at, rows)| {
        conditions.remove(at);
        rows
    }))
}

/// The condition on a photo `p` for a number in its document.
pub(super) fn of_document(
    session: &mut dyn Session,
    condition: &SearchCondition,
    query: &mut Query,
) -> Result<Option<String>> {
    Ok(match listed(session, condition, OF_DOCUMENTS)? {
        Some(rows) if rows.len() <= FEW => Some(format!("p.id IN rarray({})", query.arg(rows))),
        Some(rows) => Some(format!("row_in({}, p.id)", query.arg(row_set(&rows)))),
        None => None,
    })
}

/// The rows of the photos that meet a fact, if an index tells and there are at most `at_most`.
fn listed(
    session: &mut dyn Session,
    condition: &SearchCondition,
    at_most: usize,
) -> Result<Option<Vec<i64>>> {
    let mut query = Query::default();
    let found = match condition {
        _ if session.dialect() != Dialect::Sqlite => return Ok(None),
        SearchCondition::Number(fact, range) if is_of_document(condition) => {
            format!(
                "SELECT n.photo_id FROM search_documents n WHERE {}",
                number("n", *fact, range, &mut query)
            )
        }
        SearchCondition::Number(PhotoFact::Rating, range) if !range.contains(&0.0) => {
            format!("SELECT p.id FROM photos p WHERE {}", number("p", PhotoFact::Rating, range, &mut query))
        }
        // These indexes know photos with files only, and no others are ever listed.
        SearchCondition::Number(
            fact @ (PhotoFact::Sharpness | PhotoFact::Quality | PhotoFact::Bytes),
            range,
        ) => {
            format!(
                "SELECT p.id FROM photos p WHERE p.copies > 0 AND {}",
                number("p", *fact, range, &mut query)
            )
        }
        SearchCondition::Taken { from, to } if from.is_some() || to.is_some() => {
            format!("SELECT p.id FROM photos p WHERE p.copies > 0 AND {}", taken("p", *from, *to, &mut query))
        }
        _ => return Ok(None),
    };
    let limit = query.arg(at_most + 1);
    let rows = query_all(session, &format!("{found} LIMIT {limit}"), &query.params, |row| row.int(0))?;
    Ok((rows.len() <= at_most).then_some(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::listing::{PhotoFilter, PhotoQuery};
    use crate::model::scope::Scope;
    use crate::model::search::{Adjacent, Range, SearchField, TextMatch};
    use crate::store::{Store, StoreConfig};

    const PHOTOS: i64 = 50_000;

    /// A library whose photos are their numbers; each fact is met by about as many as its name says.
    fn numbered(folder: &std::path::Path) -> Store {
        let store = Store::open(&StoreConfig::new(folder)).unwrap();
        let numbers =
            format!("WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {PHOTOS})");
        let statements = [
            format!("INSERT INTO subjects (id, subject_key) VALUES (1, x'{}01')", "00".repeat(32)),
            format!(
                "INSERT INTO photos (id, uuid, content_hash, subject_id, media, width, height, taken_ms, added_ms, copies, size, rating, \
                 format, name) {numbers} SELECT id, CAST(printf('%016d', id) AS BLOB), CAST(printf('%032d', id) AS BLOB), 1, 0, 1, 1, \
                 id, 0, 1, 1, CASE WHEN id % 5000 = 0 THEN 5 WHEN id % 10 = 1 THEN 4 ELSE 1 END, 'jpeg', '' FROM n"
            ),
            format!(
                "INSERT INTO search_documents (photo_id, aperture, body) {numbers} SELECT id, CASE WHEN id % 3 = 0 THEN 2.0 ELSE 8.0 END, '' FROM n"
            ),
            format!(
                "INSERT INTO search_index (rowid, tag) {numbers} SELECT id, 'all' || CASE WHEN id % 2 = 0 THEN ' half' ELSE '' END || \
                 CASE WHEN id % 7000 = 3 THEN ' seldom' ELSE '' END FROM n"
            ),
        ];
        store
            .write(|session| statements.iter().try_for_each(|sql| session.execute(sql, &[]).map(|_rows| ())))
            .unwrap();
        store
    }

    fn word(word: &str) -> SearchCondition {
        let alternatives = Some(vec![Adjacent { words: vec![word.to_owned()], is_prefix: false }]);
        SearchCondition::Text(TextMatch { fields: vec![SearchField::Tag], alternatives })
    }

    fn number(fact: PhotoFact, low: f64, high: f64) -> SearchCondition {
        SearchCondition::Number(fact, Range { low: Some((low, true)), high: Some((high, true)) })
    }

    fn taken(from: i64, to: i64) -> SearchCondition {
        SearchCondition::Taken { from: Some(from), to: Some(to) }
    }

    /// What the conditions above say of the photo with this number.
    fn meets(condition: &SearchCondition, id: i64) -> bool {
        match condition {
            SearchCondition::All(list) => list.iter().all(|one| meets(one, id)),
            SearchCondition::Any(list) => list.iter().any(|one| meets(one, id)),
            SearchCondition::Not(inner) => !meets(inner, id),
            SearchCondition::Text(text) => match text.alternatives.as_ref().unwrap()[0].words[0].as_str() {
                "all" => true,
                "half" => id % 2 == 0,
                _ => id % 7000 == 3,
            },
            SearchCondition::Number(PhotoFact::Aperture, range) => {
                range.contains(if id % 3 == 0 { &2.0 } else { &8.0 })
            }
            SearchCondition::Number(_, range) => range.contains(match id {
                _ if id % 5000 == 0 => &5.0,
                _ if id % 10 == 1 => &4.0,
                _ => &1.0,
            }),
            SearchCondition::Taken { from, to } => (from.unwrap()..to.unwrap()).contains(&id),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn however_many_meet_a_fact_the_same_photos_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let store = numbered(folder.path());
        let facts = [
            number(PhotoFact::Rating, 5.0, 5.0),
            number(PhotoFact::Rating, 4.0, 4.0),
            number(PhotoFact::Rating, 1.0, 3.0),
            number(PhotoFact::Rating, 2.0, 3.0),
            number(PhotoFact::Aperture, 1.0, 3.0),
            number(PhotoFact::Aperture, 3.0, 9.0),
            taken(100, 300),
            taken(10_000, 25_000),
            taken(0, PHOTOS + 1),
        ];
        let words = [word("all"), word("half"), word("seldom"), SearchCondition::Not(Box::new(word("half")))];
        let mut conditions: Vec<SearchCondition> = facts.to_vec();
        for fact in &facts {
            for word in &words {
                conditions.push(SearchCondition::All(vec![word.clone(), fact.clone()]));
                conditions.push(SearchCondition::Any(vec![word.clone(), fact.clone()]));
                let any = SearchCondition::Any(vec![fact.clone(), facts[0].clone(), self::word("seldom")]);
                conditions.push(SearchCondition::All(vec![word.clone(), any]));
            }
            for other in &facts {
                conditions.push(SearchCondition::All(vec![word("all"), fact.clone(), other.clone()]));
            }
        }
        let (scope, filter) = (Scope::Library, PhotoFilter::default());
        let number_of = |photo: tintype_core::PhotoId| {
            std::str::from_utf8(photo.0.as_bytes()).unwrap().parse::<i64>().unwrap()
        };
        for condition in conditions {
            let expected: Vec<i64> = (1..=PHOTOS).rev().filter(|id| meets(&condition, *id)).collect();
            let (found, more) = store.search_candidates(&scope, &filter, &condition, 50).unwrap();
            let found: Vec<i64> = found.into_iter().map(|one| number_of(one.photo)).collect();
            assert_eq!(found, expected.iter().copied().take(50).collect::<Vec<_>>(), "{condition:?}");
            assert_eq!(more, expected.len() > 50);
            let count = store.search_count(&scope, &filter, &condition, 1_000_000).unwrap();
            assert_eq!(count, expected.len() as u64, "{condition:?}");
            let listing =
                PhotoQuery { condition: Some(condition.clone()), limit: 50, ..PhotoQuery::default() };
            let listed = store.list_photos(&listing).unwrap().items;
            let listed: Vec<i64> = listed.into_iter().map(|photo| number_of(photo.id)).collect();
            assert_eq!(listed, expected.iter().copied().take(50).collect::<Vec<_>>(), "{condition:?}");
        }
    }
}
