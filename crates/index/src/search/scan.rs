//! One query's way through the blocks, on one thread.

use std::sync::atomic::{AtomicU32, Ordering};

use super::best::{Best, Number};
use crate::code::{CodedQuery, SLACK, coarse_error, fine_errors};
use crate::error::Error;
use crate::file::{Part, WORDS};
use crate::kernels::{Kernels, prefetch};
use crate::snapshot::{Block, Snapshot, place, slot};

/// Rows that one call of a kernel covers.
const GROUP: usize = 64;
/// With at most so many rows allowed in a group, only the fours that hold one are computed.
const SPARSE: u32 = 12;
/// How many candidates ahead their crumbs are asked for: enough that memory answers in time (about 100 ns against
/// 10 ns a candidate).
const AHEAD: usize = 16;

/// The score that k rows are known to reach; shared by the threads of one search.
pub(super) struct Bar(AtomicU32);

impl Bar {
    pub(super) fn new(min_score: Option<f32>) -> Self {
        Self(AtomicU32::new(min_score.unwrap_or(f32::NEG_INFINITY).to_bits()))
    }

    fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }

    fn raise(&self, to: f32) {
        let raised = |bits| (f32::from_bits(bits) < to).then_some(to.to_bits());
        // Only fails where it is already as high.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, raised);
    }
}

/// A row that may be among the best, as far as the nibbles tell.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    slot: u32,
    estimate: f32,
    coarse: u32,
}

/// A row that may be among the best, as far as the file tells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) slot: u32,
    pub(super) estimate: f32,
    /// At least its score.
    pub(super) upper: f32,
}

impl Found {
    /// Best first.
    fn rank(&self, other: &Self) -> std::cmp::Ordering {
        other.estimate.total_cmp(&self.estimate)
    }
}

/// The state of a scan.
pub(super) struct Scan<'a> {
    snapshot: &'a Snapshot,
    query: &'a CodedQuery,
    kernels: Kernels,
    k: usize,
    bar: &'a Bar,
    /// The best estimates: rows among them are looked at in full at once.
    estimates: Best<Number>,
    /// The best lower bounds, of different rows: the least of k is the bar.
    lower: Best<Number>,
    candidates: Vec<Candidate>,
    found: Vec<Found>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(snapshot: &'a Snapshot, query: &'a CodedQuery, k: usize, bar: &'a Bar) -> Self {
        Self {
            snapshot,
            query,
            kernels: Kernels::detected(),
            k,
            bar,
            estimates: Best::new(k),
            lower: Best::new(k),
            candidates: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Scans a block; `allowed` is the filter's bitmap of it.
    pub(super) fn block(&mut self, index: usize, allowed: Option<&[u64; WORDS]>) -> Result<(), Error> {
        let snapshot = self.snapshot;
        let entry = &snapshot.blocks[index].entry;
        let masks: [u64; WORDS] =
            std::array::from_fn(|word| entry.live[word] & allowed.map_or(u64::MAX, |allowed| allowed[word]));
        if masks == [0; WORDS] {
            return Ok(());
        }
        let block = snapshot.checked(index, Part::Scan)?;
        let stride = snapshot.layout.shape.stride;
        let rows = entry.rows as usize;
        let nibbles = &block.bytes(snapshot.layout.nibbles())[..rows * stride];
        let words = &block.bytes(snapshot.layout.coarse())[..rows * 4];
        let mut threshold = self.query.threshold(self.bar.get(), entry.length);
        let mut dots = [0i32; GROUP];
        for (group, &mask) in masks.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            let first = group * GROUP;
            let count = GROUP.min(rows - first);
            let (nibbles, words) =
                (&nibbles[first * stride..][..count * stride], &words[first * 4..][..count * 4]);
            self.dots(nibbles, stride, mask, &mut dots[..count]);
            let mut hits = (self.kernels.select)(&dots[..count], words, threshold) & mask;
            while hits != 0 {
                let row = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                let coarse = words.as_chunks::<4>().0.get(row).map_or(0, |word| u32::from_le_bytes(*word));
                let candidate = Candidate {
                    slot: slot(index, first + row),
                    estimate: self.query.base + threshold.estimate(dots[row], coarse),
                    coarse,
                };
                if self.estimates.least().is_some_and(|least| candidate.estimate <= least.0) {
                    self.candidates.push(candidate);
                } else {
                    self.estimates.offer(Number(candidate.estimate));
                    self.look_closely(candidate)?;
                    threshold = self.query.threshold(self.bar.get(), entry.length);
                }
            }
        }
        Ok(())
    }

    /// Products of the rows that the mask allows; others keep what they had.
    fn dots(&self, nibbles: &[u8], stride: usize, mask: u64, dots: &mut [i32]) {
        if mask.count_ones() > SPARSE {
            return (self.kernels.nibbles)(nibbles, stride, &self.query.coarse, dots);
        }
        for (four, (dots, nibbles)) in dots.chunks_mut(4).zip(nibbles.chunks(4 * stride)).enumerate() {
            if mask >> (4 * four) & 15 != 0 {
                (self.kernels.nibbles)(nibbles, stride, &self.query.coarse, dots);
            }
        }
    }

    /// Computes a row's score from all its bits, and raises the bar if that does.
    fn look_closely(&mut self, candidate: Candidate) -> Result<(), Error> {
        let (index, row) = place(candidate.slot);
        let layout = self.snapshot.layout;
        let block = self.snapshot.checked(index, Part::Fine)?;
        let (stride, crumbs) = (layout.shape.stride, layout.shape.crumbs());
        let dot = (self.kernels.full)(
            block.row(&layout.nibbles(), row, stride),
            block.row(&layout.high(), row, crumbs),
            block.row(&layout.low(), row, crumbs),
            &self.query.fine,
        );
        let estimate = self.query.full_estimate(dot, candidate.coarse);
        let (_, error) = fine_errors(block.word(&layout.fine(), row));
        let error = error + self.query.fine_error * block.entry.length + SLACK;
        self.lower.offer(Number(estimate - error));
        if let Some(least) = self.lower.least() {
            self.bar.raise(least.0);
        }
        let upper = estimate + error;
        if upper >= self.bar.get() {
            self.found.push(Found { slot: candidate.slot, estimate, upper });
        }
        Ok(())
    }

    /// The two scans as one, of the blocks of both.
    pub(super) fn merged(mut self, mut other: Self) -> Self {
        other.lower.into_iter().for_each(|value| self.lower.offer(value));
        if let Some(least) = self.lower.least() {
            self.bar.raise(least.0);
        }
        self.candidates.append(&mut other.candidates);
        self.found.append(&mut other.found);
        self
    }

    /// Takes out the k rows with the best estimates.
    pub(super) fn most_promising(&mut self) -> Vec<Found> {
        self.found.sort_unstable_by(Found::rank);
        let rest = self.found.split_off(self.found.len().min(self.k));
        std::mem::replace(&mut self.found, rest)
    }

    /// Notes a score that k rows are known to reach.
    pub(super) fn raise_bar(&mut self, to: f32) {
        self.bar.raise(to);
    }

    /// Looks closer and closer at the candidates, and returns what may be among the best then, best first.
    pub(super) fn narrowed(mut self) -> Result<Vec<Found>, Error> {
        let mut left = self.by_crumbs()?;
        left.sort_unstable_by(|(a, _), (b, _)| b.estimate.total_cmp(&a.estimate));
        for (candidate, upper) in left {
            if upper >= self.bar.get() {
                self.look_closely(candidate)?;
            }
        }
        let bar = self.bar.get();
        self.found.retain(|found| found.upper >= bar);
        self.found.sort_unstable_by(Found::rank);
        Ok(self.found)
    }

    /// The candidates that may reach the bar once their high crumbs are counted, with their upper bounds.
    fn by_crumbs(&mut self) -> Result<Vec<(Candidate, f32)>, Error> {
        let (snapshot, query, bar) = (self.snapshot, self.query, self.bar.get());
        let layout = snapshot.layout;
        let (high, fine, crumbs) = (layout.high(), layout.fine(), layout.shape.crumbs());
        let rounding = |block: &Block| query.coarse_error * block.entry.length + SLACK;
        let candidates = std::mem::take(&mut self.candidates);
        let may_reach = |candidate: &Candidate| {
            let block = &snapshot.blocks[place(candidate.slot).0];
            candidate.estimate + coarse_error(candidate.coarse) + rounding(block) >= bar
        };
        let candidates: Vec<Candidate> = candidates.into_iter().filter(may_reach).collect();
        let mut left = Vec::new();
        for (at, &candidate) in candidates.iter().enumerate() {
            if let Some(next) = candidates.get(at + AHEAD) {
                let (index, row) = place(next.slot);
                prefetch(snapshot.blocks[index].row(&high, row, crumbs));
                prefetch(snapshot.blocks[index].row(&fine, row, 4));
            }
            let (index, row) = place(candidate.slot);
            let block = snapshot.checked(index, Part::Fine)?;
            let dot = (self.kernels.crumbs)(block.row(&high, row, crumbs), &query.coarse);
            let estimate = candidate.estimate + query.crumb_correction(dot, candidate.coarse);
            let upper = estimate + fine_errors(block.word(&fine, row)).0 + rounding(block);
            if upper >= bar {
                left.push((Candidate { estimate, ..candidate }, upper));
            }
        }
        Ok(left)
    }
}
