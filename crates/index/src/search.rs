//! Finding the k best: a scan of nibbles, then ever closer looks at ever fewer rows.
//!
//! At each level a row has an estimate and a proven bound of its error. The k-th best *lower* bound seen so far is a
//! score that k rows are known to reach, so a row whose upper bound is below it is out. What is left after all levels
//! is scored exactly from the vectors themselves; hence the answer is that of brute force, at every k, on any data.
//!
//! 1. Nibbles of all rows, in file order (half a byte a dimension). A row whose estimate is among the k best so far is
//!    looked at in full at once, because it is what raises the bar; one that may still reach the bar is remembered.
//! 2. High crumbs of the remembered (a quarter byte a dimension), read ahead.
//! 3. All bits of those left, best first.
//! 4. The vectors of those left, from the caller.

mod best;
mod scan;

use rayon::prelude::*;

use crate::code::normalised;
use crate::error::Error;
use crate::filter::{Filter, Rows};
use crate::score::{Hit, Vectors, score};
use crate::snapshot::{Snapshot, place};

use best::Best;
use scan::{Bar, Found, Scan};

/// How many vectors are asked for at a time, at least.
const READ_AT_ONCE: usize = 16;

/// What a search wants besides the nearest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How many to return at most.
    pub k: usize,
    /// Only those with at least this score.
    pub min_score: Option<f32>,
    /// Whether to use all threads of the current rayon pool; otherwise the calling thread does everything.
    pub parallel: bool,
}

impl Options {
    /// The `k` best, on the calling thread.
    pub fn top(k: usize) -> Self {
        Self { k, min_score: None, parallel: false }
    }

    /// Only scores of at least `score`.
    #[must_use]
    pub fn at_least(self, score: f32) -> Self {
        Self { min_score: Some(score), ..self }
    }

    /// With all threads of the current rayon pool.
    #[must_use]
    pub fn in_parallel(self) -> Self {
        Self { parallel: true, ..self }
    }
}

impl Snapshot {
    /// The vectors with the highest [`score`] against `query`, best first, equal ones by key: exactly what comparing
    /// with every vector would return.
    ///
    /// # Errors
    /// A query of another dimension, of zeros or not finite; [`Error::Damaged`] where a checksum does not fit;
    /// [`Error::Vectors`] where `vectors` failed.
    pub fn search(
        &self,
        query: &[f32],
        options: Options,
        filter: Filter<'_>,
        vectors: &dyn Vectors,
    ) -> Result<Vec<Hit>, Error> {
        self.search_rows(query, options, self.rows(filter)?.as_ref(), vectors)
    }

    /// [`Self::search`] with a filter that was worked out before by [`Self::rows`]; `None` lets all through.
    ///
    /// # Errors
    /// As [`Self::search`].
    pub fn search_rows(
        &self,
        query: &[f32],
        options: Options,
        rows: Option<&Rows>,
        vectors: &dyn Vectors,
    ) -> Result<Vec<Hit>, Error> {
        let mut all = self.search_batch(&[query], options, rows, vectors)?;
        Ok(all.pop().unwrap_or_default())
    }

    /// Several searches in one pass over the index: a block is read from memory once for all of them.
    ///
    /// # Errors
    /// As [`Self::search`], if any of the queries is at fault.
    pub fn search_batch(
        &self,
        queries: &[&[f32]],
        options: Options,
        rows: Option<&Rows>,
        vectors: &dyn Vectors,
    ) -> Result<Vec<Vec<Hit>>, Error> {
        let units = queries.iter().map(|query| self.unit_query(query)).collect::<Result<Vec<_>, _>>()?;
        if options.k == 0 || options.min_score.is_some_and(f32::is_nan) {
            return Ok(vec![Vec::new(); queries.len()]);
        }
        let coded: Vec<_> = units.iter().map(|unit| self.encoder.query(unit)).collect();
        let bars: Vec<Bar> = coded.iter().map(|_| Bar::new(options.min_score)).collect();
        let scans = || coded.iter().zip(&bars).map(|(query, bar)| Scan::new(self, query, options.k, bar));
        let blocks = self.blocks.len();
        let scan = |range: std::ops::Range<usize>| -> Result<Vec<Scan<'_>>, Error> {
            let mut scans: Vec<Scan<'_>> = scans().collect();
            for block in range {
                for scan in &mut scans {
                    scan.block(block, rows.map(|rows| rows.block(block)))?;
                }
            }
            Ok(scans)
        };
        let merged = if options.parallel && rayon::current_num_threads() > 1 && blocks > 1 {
            let parts = blocks.min(rayon::current_num_threads() * 4);
            let ranges =
                (0..parts).into_par_iter().map(|part| part * blocks / parts..(part + 1) * blocks / parts);
            ranges.map(scan).try_reduce(
                || scans().collect(),
                |left, right| {
                    Ok(left.into_iter().zip(right).map(|(left, right)| left.merged(right)).collect())
                },
            )?
        } else {
            scan(0..blocks)?
        };
        let mut answers = Vec::with_capacity(queries.len());
        for (scan, query) in merged.into_iter().zip(queries) {
            let found = scan.narrowed()?;
            let answer = match self.exact(query, options, found, vectors)? {
                Ok(hits) => hits,
                Err(missing) => self.without(query, options, rows, vectors, &missing)?,
            };
            answers.push(answer);
        }
        Ok(answers)
    }

    /// The query at length one, or what is wrong with it.
    fn unit_query(&self, query: &[f32]) -> Result<Vec<f32>, Error> {
        let expected = self.layout.shape.dim;
        if query.len() != expected {
            return Err(Error::Dimension { expected, got: query.len() });
        }
        let unit = normalised(query).ok_or(Error::NotFinite)?;
        if unit.iter().all(|&value| value == 0.0) { Err(Error::ZeroQuery) } else { Ok(unit) }
    }

    /// Scores what was found exactly; or the slots of those that have no vector.
    fn exact(
        &self,
        query: &[f32],
        options: Options,
        mut found: Vec<Found>,
        vectors: &dyn Vectors,
    ) -> Result<Result<Vec<Hit>, Vec<u32>>, Error> {
        found.sort_unstable_by(|a, b| b.estimate.total_cmp(&a.estimate));
        let mut best: Best<Ranked> = Best::new(options.k);
        let mut missing = Vec::new();
        let mut rest = &found[..];
        while !rest.is_empty() {
            let (some, after) = rest.split_at(rest.len().min(options.k.clamp(READ_AT_ONCE, 1024)));
            rest = after;
            // What is already known to lie below the k best is not asked for.
            let bar = best.least().map_or(f32::NEG_INFINITY, |least| least.0.score);
            let some: Vec<&Found> = some.iter().filter(|found| found.upper >= bar).collect();
            let keys: Vec<u64> = some
                .iter()
                .map(|found| {
                    let (block, row) = place(found.slot);
                    self.blocks[block].key(self.layout, row)
                })
                .collect();
            let mut scores = vec![None; keys.len()];
            let mut fault = None;
            vectors
                .read(&keys, &mut |at, vector| {
                    if vector.len() != query.len() {
                        fault = Some(Error::Dimension { expected: query.len(), got: vector.len() });
                    } else if let Some(place) = scores.get_mut(at) {
                        *place = Some(score(query, vector));
                    }
                })
                .map_err(Error::Vectors)?;
            if let Some(fault) = fault {
                return Err(fault);
            }
            for ((found, &key), score) in some.into_iter().zip(&keys).zip(scores) {
                match score {
                    None => missing.push(found.slot),
                    Some(score) if score.is_nan() => return Err(Error::NotFinite),
                    Some(score) if options.min_score.is_none_or(|least| score >= least) => {
                        best.offer(Ranked(Hit { key, score }));
                    }
                    Some(_) => {}
                }
            }
        }
        if !missing.is_empty() {
            return Ok(Err(missing));
        }
        let mut hits: Vec<Hit> = best.into_iter().map(|ranked| ranked.0).collect();
        hits.sort_by(Hit::rank);
        Ok(Ok(hits))
    }

    /// The search again without some rows: their bounds must not keep others out.
    fn without(
        &self,
        query: &[f32],
        options: Options,
        rows: Option<&Rows>,
        vectors: &dyn Vectors,
        missing: &[u32],
    ) -> Result<Vec<Hit>, Error> {
        let mut rows = match rows {
            Some(rows) => rows.clone(),
            None => self.rows_where(|_| true)?,
        };
        for &slot in missing {
            let (block, row) = place(slot);
            rows.remove(block, row);
        }
        self.search_rows(query, options, Some(&rows), vectors)
    }
}

/// A hit in the order of [`Hit::rank`]: the better, the greater.
struct Ranked(Hit);

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.rank(&self.0)
    }
}
