//! The last level: scores from the vectors themselves.

use super::Options;
use super::best::Best;
use super::scan::Found;
use crate::error::Error;
use crate::score::{Hit, Vectors, score};
use crate::snapshot::{Snapshot, place};

/// How many vectors are asked for at a time, at most.
const READ_AT_ONCE: usize = 1024;

/// The best hits of one query so far.
pub(super) struct Exact<'a> {
    snapshot: &'a Snapshot,
    query: &'a [f32],
    options: Options,
    vectors: &'a dyn Vectors,
    best: Best<Ranked>,
    /// Slots that have no vector any more.
    missing: Vec<u32>,
}

impl<'a> Exact<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        query: &'a [f32],
        options: Options,
        vectors: &'a dyn Vectors,
    ) -> Self {
        Self { snapshot, query, options, vectors, best: Best::new(options.k), missing: Vec::new() }
    }

    /// The score of the k-th best so far, once there are k.
    pub(super) fn bar(&self) -> Option<f32> {
        self.best.least().map(|least| least.0.score)
    }

    /// Scores these rows; the most promising should come first, since later ones are not read if they cannot be
    /// among the best any more.
    pub(super) fn score(&mut self, found: &[Found]) -> Result<(), Error> {
        let mut rest = found;
        while !rest.is_empty() {
            let (some, after) = rest.split_at(rest.len().min(self.options.k.clamp(16, READ_AT_ONCE)));
            rest = after;
            let bar = self.bar().unwrap_or(f32::NEG_INFINITY);
            let slots: Vec<u32> =
                some.iter().filter(|found| found.upper >= bar).map(|found| found.slot).collect();
            self.score_slots(&slots)?;
        }
        Ok(())
    }

    fn score_slots(&mut self, slots: &[u32]) -> Result<(), Error> {
        let key = |&slot: &u32| {
            let (block, row) = place(slot);
            self.snapshot.blocks[block].key(self.snapshot.layout, row)
        };
        let keys: Vec<u64> = slots.iter().map(key).collect();
        let scores = scores(self.query, &keys, self.vectors)?;
        for ((&slot, &key), score) in slots.iter().zip(&keys).zip(scores) {
            match score {
                None => self.missing.push(slot),
                Some(score) if self.options.min_score.is_none_or(|least| score >= least) => {
                    self.best.offer(Ranked(Hit { key, score }));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The best hits in order; or the slots that have no vector, whose bounds may have kept others out.
    pub(super) fn hits(self) -> Result<Vec<Hit>, Vec<u32>> {
        if !self.missing.is_empty() {
            return Err(self.missing);
        }
        let mut hits: Vec<Hit> = self.best.into_iter().map(|ranked| ranked.0).collect();
        hits.sort_by(Hit::rank);
        Ok(hits)
    }
}

/// The score of each key's vector; `None` where there is none any more.
pub(crate) fn scores(query: &[f32], keys: &[u64], vectors: &dyn Vectors) -> Result<Vec<Option<f32>>, Error> {
    let (mut scores, mut fault) = (vec![None; keys.len()], None);
    let mut found = |at: usize, vector: &[f32]| {
        let score = score(query, vector);
        if vector.len() != query.len() {
            fault = Some(Error::Dimension { expected: query.len(), got: vector.len() });
        } else if score.is_nan() {
            fault = Some(Error::NotFinite);
        } else if let Some(place) = scores.get_mut(at) {
            *place = Some(score);
        }
    };
    vectors.read(keys, &mut found).map_err(Error::Vectors)?;
    fault.map_or(Ok(scores), Err)
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
