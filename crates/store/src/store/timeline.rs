//! The library over time, and what there is to filter by.

use std::collections::HashMap;

use super::Store;
use super::scope::{self, Query};
use crate::backend::query_all;
use crate::civil::{DAY_MS, civil_from_days};
use crate::error::Result;
use crate::model::listing::{Facets, Granularity, PhotoFilter, TimelineBucket};
use crate::model::scope::Scope;

impl Store {
    /// Photos per month or day, newest first; those without a date last, under an empty key.
    pub fn timeline(
        &self,
        scope: &Scope,
        filter: &PhotoFilter,
        granularity: Granularity,
    ) -> Result<Vec<TimelineBucket>> {
        self.buckets(scope, filter, |day| {
            let (year, month, day) = civil_from_days(day);
            match granularity {
                Granularity::Month => format!("{year:04}-{month:02}"),
                Granularity::Day => format!("{year:04}-{month:02}-{day:02}"),
            }
        })
    }

    /// What the photos of `scope` can be filtered by.
    pub fn facets(&self, scope: &Scope) -> Result<Facets> {
        let years =
            self.buckets(scope, &PhotoFilter::default(), |day| format!("{:04}", civil_from_days(day).0))?;
        let rows = self.read(|session| {
            let mut query = Query::default();
            let condition = scope::photos(session, scope, &mut query)?;
            let sql = format!(
                "SELECT p.camera, p.lens, p.format, COUNT(*) FROM photos p WHERE {condition} \
                 GROUP BY p.camera, p.lens, p.format"
            );
            query_all(session, &sql, &query.params, |row| {
                Ok(([row.opt_text(0)?, row.opt_text(1)?, row.opt_text(2)?], row.int(3)? as u64))
            })
        })?;
        let ranked = |column: usize| -> Vec<(String, u64)> {
            let mut counts: HashMap<&str, u64> = HashMap::new();
            for (texts, count) in &rows {
                if let Some(text) = texts[column].as_deref().filter(|text| !text.is_empty()) {
                    *counts.entry(text).or_default() += count;
                }
            }
            let mut ranked: Vec<_> =
                counts.into_iter().map(|(text, count)| (text.to_owned(), count)).collect();
            ranked.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            ranked
        };
        Ok(Facets {
            cameras: ranked(0),
            lenses: ranked(1),
            formats: ranked(2),
            years: years
                .into_iter()
                .filter(|year| !year.key.is_empty())
                .map(|year| (year.key, year.count))
                .collect(),
        })
    }

    /// Counts photos by a text of their day, in the order of days from the newest.
    fn buckets(
        &self,
        scope: &Scope,
        filter: &PhotoFilter,
        key: impl Fn(i64) -> String,
    ) -> Result<Vec<TimelineBucket>> {
        self.read(|session| {
            let mut query = Query::default();
            let condition = scope::photos(session, scope, &mut query)?;
            let filter = scope::filter(filter, &mut query);
            // Along the index on taken_ms, so that the database neither sorts nor looks at photos themselves.
            let sql =
                format!("SELECT p.taken_ms FROM photos p WHERE {condition}{filter} ORDER BY p.taken_ms");
            let mut buckets: Vec<TimelineBucket> = Vec::new();
            let mut undated = 0;
            let mut until = i64::MIN;
            session.query(&sql, &query.params, &mut |row| {
                let Some(taken) = row.opt_int(0)? else {
                    undated += 1;
                    return Ok(());
                };
                if taken >= until {
                    let day = taken.div_euclid(DAY_MS);
                    until = (day + 1).saturating_mul(DAY_MS);
                    let key = key(day);
                    if buckets.last().is_none_or(|last| last.key != key) {
                        buckets.push(TimelineBucket { key, count: 0 });
                    }
                }
                if let Some(last) = buckets.last_mut() {
                    last.count += 1;
                }
                Ok(())
            })?;
            buckets.reverse();
            if undated > 0 {
                buckets.push(TimelineBucket { key: String::new(), count: undated });
            }
            Ok(buckets)
        })
    }
}
