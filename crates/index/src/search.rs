//! Finding the k best: a scan of nibbles, then ever closer looks at ever fewer rows.
//!
//! At each level a row has an estimate and a proven bound of its error. The k-th best *lower* bound seen so far is a
//! score that k rows are known to reach, so a row whose upper bound is below it is out. What is left after all levels
//! is scored exactly from the vectors themselves; hence the answer is that of brute force, at every k, on any data.
//!
//! 1. Nibbles of all rows, in file order (half a byte a dimension). A row whose estimate is among the k best so far is
//!    looked at in full at once, because it is what raises the bar; one that may still reach the bar is remembered.
//! 2. The vectors of the k most promising, from the caller.
//! 3. High crumbs of the remembered (a quarter byte a dimension), read ahead.
//! 4. All bits of those left, best first.
//! 5. The vectors of those left.

mod best;
mod exact;
mod scan;

use rayon::prelude::*;

use crate::code::normalised;
use crate::error::Error;
use crate::filter::{Filter, Rows};
use crate::score::{Hit, Vectors};
use crate::snapshot::{Snapshot, place};

use exact::Exact;
#[cfg(feature = "hnsw")]
pub(crate) use exact::scores;
use scan::{Bar, Scan};

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

/// A query at length one, or what is wrong with it.
pub(crate) fn unit_query(query: &[f32], expected: usize) -> Result<Vec<f32>, Error> {
    if query.len() != expected {
        return Err(Error::Dimension { expected, got: query.len() });
    }
    let unit = normalised(query).ok_or(Error::NotFinite)?;
    if unit.iter().all(|&value| value == 0.0) { Err(Error::ZeroQuery) } else { Ok(unit) }
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
        let units = queries
            .iter()
            .map(|query| unit_query(query, self.layout.shape.dim))
            .collect::<Result<Vec<_>, _>>()?;
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
        for (mut scan, query) in merged.into_iter().zip(queries) {
            let mut exact = Exact::new(self, query, options, vectors);
            // The k most promising first: their scores are the highest bar there is for all that follows.
            exact.score(&scan.most_promising())?;
            if let Some(score) = exact.bar() {
                scan.raise_bar(score);
            }
            exact.score(&scan.narrowed()?)?;
            answers.push(match exact.hits() {
                Ok(hits) => hits,
                Err(missing) => self.without(query, options, rows, vectors, &missing)?,
            });
        }
        Ok(answers)
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
