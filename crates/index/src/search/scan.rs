//! One query's way through the blocks, on one thread.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::best::{Best, Number};
use crate::code::{CodedQuery, QuerySegment, SLACK, coarse_error, fine_errors};
use crate::error::Error;
use crate::file::{Part, WORDS};
use crate::kernels::{Kernels, prefetch};
use crate::snapshot::{Block, Snapshot, place, slot};

/// Rows that one call of a kernel covers.
const GROUP: usize = 64;
/// With at most so many rows wanted in a group, they are computed one by one or by fours.
const SPARSE: u32 = 12;
/// Rows whose rests were asked for and are waited for: enough that memory answers in time.
const WAITING: usize = 48;
/// How many candidates ahead their crumbs are asked for, for the same reason (about 100 ns against 10 ns each).
const AHEAD: usize = 16;
/// The same for rows that are looked at in full, ten lines each.
const CLOSE_AHEAD: usize = 4;

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
    /// At least its score.
    upper: f32,
}

/// A row that may be among the best, as far as its head tells.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    row: usize,
    /// What the head contributes to the estimate, and to the upper bound.
    estimate: f32,
    upper: f32,
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
    /// The least of them: what an estimate has to exceed. Every candidate is held against it.
    promising: f32,
    /// The best lower bounds, of different rows: the least of k is the bar.
    lower: Best<Number>,
    candidates: Vec<Candidate>,
    found: Vec<Found>,
}

/// What a scan reads of a block.
struct Scanned<'a> {
    index: usize,
    head_nibbles: &'a [u8],
    head_words: &'a [[u8; 4]],
    rest_lengths: &'a [[u8; 4]],
    nibbles: &'a [u8],
    words: &'a [[u8; 4]],
    /// What the query's own rounding may add to an error.
    rounding: f32,
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
            promising: f32::NEG_INFINITY,
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
        let (layout, rows) = (snapshot.layout, entry.rows as usize);
        let words = |part: Range<usize>| block.bytes(part).as_chunks::<4>().0;
        let scanned = Scanned {
            index,
            head_nibbles: &block.bytes(layout.head_nibbles())[..rows * layout.shape.head_stride()],
            head_words: words(layout.head_coarse()),
            rest_lengths: words(layout.rest_lengths()),
            nibbles: &block.bytes(layout.nibbles())[..rows * layout.shape.stride()],
            words: words(layout.coarse()),
            rounding: self.rounding(block, |segment| segment.coarse_error),
        };
        let mut waiting = Vec::new();
        for (group, &mask) in masks.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            let rows = group * GROUP..rows.min((group + 1) * GROUP);
            match &self.query.head {
                Some(head) => self.heads(&scanned, head, rows, mask, &mut waiting)?,
                None => self.rests(&scanned, rows, mask, &[0.0; GROUP], &[self.query.base; GROUP])?,
            }
        }
        self.waited(&scanned, &mut waiting)
    }

    /// What rounding the query may add to the error of a block's estimates.
    fn rounding(&self, block: &Block, error: impl Fn(&QuerySegment) -> f32) -> f32 {
        let errors: f32 = self.query.head.iter().chain([&self.query.rest]).map(error).sum();
        errors * block.entry.length + SLACK
    }

    /// Scans the heads of a group: the rests of what they leave are scanned at once where that is much, and asked for
    /// where it is little.
    fn heads(
        &mut self,
        scanned: &Scanned<'_>,
        head: &QuerySegment,
        rows: Range<usize>,
        mask: u64,
        waiting: &mut Vec<Waiting>,
    ) -> Result<(), Error> {
        let stride = self.snapshot.layout.shape.head_stride();
        let count = rows.len();
        let mut dots = [0; GROUP];
        let nibbles = &scanned.head_nibbles[rows.start * stride..rows.end * stride];
        self.dots(nibbles, stride, head, mask, &mut dots[..count]);
        let words = &scanned.head_words[rows.clone()];
        let mut reach = [0f32; GROUP];
        for (reach, length) in reach.iter_mut().zip(&scanned.rest_lengths[rows.clone()]) {
            *reach = f32::from_le_bytes(*length) * self.query.rest.length;
        }
        let threshold = head.threshold(self.bar.get() - self.query.base - scanned.rounding);
        let left =
            (self.kernels.select)(&dots[..count], words.as_flattened(), &reach[..count], threshold) & mask;
        if left.count_ones() > SPARSE {
            let (mut estimates, mut uppers) = ([0f32; GROUP], [0f32; GROUP]);
            for (row, word) in words.iter().enumerate() {
                let word = u32::from_le_bytes(*word);
                estimates[row] = self.query.base + head.estimate(dots[row], word);
                uppers[row] = coarse_error(word) * head.length;
            }
            return self.rests(scanned, rows, left, &uppers, &estimates);
        }
        let stride = self.snapshot.layout.shape.stride();
        for bit in bits(left) {
            let row = rows.start + bit;
            let word = u32::from_le_bytes(words[bit]);
            prefetch(&scanned.nibbles[row * stride..(row + 1) * stride]);
            prefetch(&scanned.words[row]);
            let estimate = self.query.base + head.estimate(dots[bit], word);
            waiting.push(Waiting { row, estimate, upper: coarse_error(word) * head.length });
        }
        if waiting.len() >= WAITING { self.waited(scanned, waiting) } else { Ok(()) }
    }

    /// Scans the rests that were asked for.
    fn waited(&mut self, scanned: &Scanned<'_>, waiting: &mut Vec<Waiting>) -> Result<(), Error> {
        let query = self.query;
        let stride = self.snapshot.layout.shape.stride();
        for Waiting { row, estimate, upper } in waiting.drain(..) {
            let mut dot = [0];
            let nibbles = &scanned.nibbles[row * stride..(row + 1) * stride];
            (self.kernels.nibbles)(nibbles, stride, &query.rest.coarse, &mut dot);
            let word = u32::from_le_bytes(scanned.words[row]);
            let estimate = estimate + query.rest.estimate(dot[0], word);
            let upper = estimate + upper + coarse_error(word) * query.rest.length + scanned.rounding;
            if upper >= self.bar.get() {
                self.note(Candidate { slot: slot(scanned.index, row), estimate, upper })?;
            }
        }
        Ok(())
    }

    /// Scans the rests of a group. `errors` and `estimates` are what the heads contribute.
    fn rests(
        &mut self,
        scanned: &Scanned<'_>,
        rows: Range<usize>,
        mask: u64,
        errors: &[f32; GROUP],
        estimates: &[f32; GROUP],
    ) -> Result<(), Error> {
        let query = &self.query.rest;
        let stride = self.snapshot.layout.shape.stride();
        let count = rows.len();
        let mut dots = [0; GROUP];
        self.dots(
            &scanned.nibbles[rows.start * stride..rows.end * stride],
            stride,
            query,
            mask,
            &mut dots[..count],
        );
        let words = &scanned.words[rows.clone()];
        let mut addends = [0f32; GROUP];
        for ((addend, error), estimate) in addends.iter_mut().zip(errors).zip(estimates) {
            *addend = error + estimate;
        }
        let threshold = query.threshold(self.bar.get() - scanned.rounding);
        let hits =
            (self.kernels.select)(&dots[..count], words.as_flattened(), &addends[..count], threshold) & mask;
        for bit in bits(hits) {
            let word = u32::from_le_bytes(words[bit]);
            let estimate = estimates[bit] + query.estimate(dots[bit], word);
            let upper = estimate + errors[bit] + coarse_error(word) * query.length + scanned.rounding;
            self.note(Candidate { slot: slot(scanned.index, rows.start + bit), estimate, upper })?;
        }
        Ok(())
    }

    /// Products of the rows that the mask names; others keep what they had.
    fn dots(&self, nibbles: &[u8], stride: usize, query: &QuerySegment, mask: u64, dots: &mut [i32]) {
        if mask.count_ones() > SPARSE {
            return (self.kernels.nibbles)(nibbles, stride, &query.coarse, dots);
        }
        for (four, (dots, nibbles)) in dots.chunks_mut(4).zip(nibbles.chunks(4 * stride)).enumerate() {
            if mask >> (4 * four) & 15 != 0 {
                (self.kernels.nibbles)(nibbles, stride, &query.coarse, dots);
            }
        }
    }

    /// Remembers a candidate, or looks at it closely if its estimate is among the best.
    fn note(&mut self, candidate: Candidate) -> Result<(), Error> {
        if candidate.estimate <= self.promising {
            self.candidates.push(candidate);
            return Ok(());
        }
        self.estimates.offer(Number(candidate.estimate));
        self.promising = self.estimates.least().map_or(f32::NEG_INFINITY, |least| least.0);
        self.look_closely(candidate.slot)
    }

    /// Computes a row's score from all its bits, and raises the bar if that does.
    fn look_closely(&mut self, slot: u32) -> Result<(), Error> {
        let (index, row) = place(slot);
        let layout = self.snapshot.layout;
        let block = self.snapshot.checked(index, Part::Fine)?;
        let crumbs = layout.shape.crumbs();
        let high = block.row(&layout.high(), row, crumbs);
        let low = block.row(&layout.low(), row, crumbs);
        let (head_stride, stride) = (layout.shape.head_stride(), layout.shape.stride());
        let (head_high, rest_high) = high.split_at(head_stride / 2);
        let (head_low, rest_low) = low.split_at(head_stride / 2);
        let mut estimate = self.query.base;
        let mut error = self.rounding(block, |segment| segment.fine_error);
        if let Some(head) = &self.query.head {
            let nibbles = block.row(&layout.head_nibbles(), row, head_stride);
            let dot = (self.kernels.full)(nibbles, head_high, head_low, &head.fine);
            estimate += head.full_estimate(dot, block.word(&layout.head_coarse(), row));
            error += fine_errors(block.word(&layout.head_fine(), row)).1 * head.length;
        }
        let rest = &self.query.rest;
        let nibbles = block.row(&layout.nibbles(), row, stride);
        let dot = (self.kernels.full)(nibbles, rest_high, rest_low, &rest.fine);
        estimate += rest.full_estimate(dot, block.word(&layout.coarse(), row));
        error += fine_errors(block.word(&layout.fine(), row)).1 * rest.length;
        self.lower.offer(Number(estimate - error));
        if let Some(least) = self.lower.least() {
            self.bar.raise(least.0);
        }
        let upper = estimate + error;
        if upper >= self.bar.get() {
            self.found.push(Found { slot, estimate, upper });
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
        left.sort_unstable_by(|a, b| b.estimate.total_cmp(&a.estimate));
        for (at, candidate) in left.iter().enumerate() {
            if let Some(next) = left.get(at + CLOSE_AHEAD) {
                self.ask_for_all(next.slot);
            }
            if candidate.upper >= self.bar.get() {
                self.look_closely(candidate.slot)?;
            }
        }
        let bar = self.bar.get();
        self.found.retain(|found| found.upper >= bar);
        self.found.sort_unstable_by(Found::rank);
        Ok(self.found)
    }

    /// Asks for what [`Self::look_closely`] reads of a row.
    fn ask_for_all(&self, slot: u32) {
        let (index, row) = place(slot);
        let (block, layout) = (&self.snapshot.blocks[index], self.snapshot.layout);
        for (part, bytes) in layout.parts() {
            prefetch(block.row(&part, row, bytes));
        }
    }

    /// The candidates that may reach the bar once their high crumbs are counted, with their closer bounds.
    fn by_crumbs(&mut self) -> Result<Vec<Candidate>, Error> {
        let (snapshot, bar) = (self.snapshot, self.bar.get());
        let layout = snapshot.layout;
        let candidates = still_possible(std::mem::take(&mut self.candidates), bar);
        let crumbs = layout.shape.crumbs();
        let segments = [
            self.query.head.as_ref().map(|head| (head, layout.head_coarse(), layout.head_fine())),
            Some((&self.query.rest, layout.coarse(), layout.fine())),
        ];
        let words = segments.iter().flatten().flat_map(|(_, coarse, fine)| [coarse, fine]);
        let asked: Vec<_> =
            words.map(|part| (part.start, 4)).chain([(layout.high().start, crumbs)]).collect();
        let head_crumbs = layout.shape.head_stride() / 2;
        let mut left = Vec::new();
        let mut ahead = candidates.iter().skip(AHEAD);
        for in_block in candidates.chunk_by(|a, b| place(a.slot).0 == place(b.slot).0) {
            let Some(&Candidate { slot, .. }) = in_block.first() else { continue };
            let block = snapshot.checked(place(slot).0, Part::Fine)?;
            let rounding = self.rounding(block, |segment| segment.coarse_error);
            let highs = block.bytes(layout.high());
            let [head, rest] = segments.each_ref().map(|segment| {
                segment.as_ref().map(|(segment, coarse, fine)| {
                    let words = |part: &Range<usize>| block.bytes(part.clone()).as_chunks::<4>().0;
                    (*segment, words(coarse), words(fine))
                })
            });
            for candidate in in_block {
                if let Some(next) = ahead.next() {
                    let (index, row) = place(next.slot);
                    let block = &snapshot.blocks[index];
                    for (start, bytes) in &asked {
                        prefetch(block.bytes(start + row * bytes..start + (row + 1) * bytes));
                    }
                }
                let row = place(candidate.slot).1;
                let (head_high, rest_high) = highs[row * crumbs..(row + 1) * crumbs].split_at(head_crumbs);
                let (mut estimate, mut error) = (candidate.estimate, rounding);
                for (segment, high) in [(&head, head_high), (&rest, rest_high)] {
                    let Some((segment, coarse, fine)) = segment else { continue };
                    let [coarse, fine] = [coarse, fine].map(|words| u32::from_le_bytes(words[row]));
                    estimate +=
                        segment.crumb_correction((self.kernels.crumbs)(high, &segment.coarse), coarse);
                    error += fine_errors(fine).0 * segment.length;
                }
                let upper = estimate + error;
                if upper >= bar {
                    left.push(Candidate { estimate, upper, ..*candidate });
                }
            }
        }
        Ok(left)
    }
}

/// The candidates that may reach the bar, in their order. Without a branch on what cannot be guessed.
fn still_possible(mut candidates: Vec<Candidate>, bar: f32) -> Vec<Candidate> {
    let mut kept = 0;
    for at in 0..candidates.len() {
        let candidate = candidates[at];
        candidates[kept] = candidate;
        kept += usize::from(candidate.upper >= bar);
    }
    candidates.truncate(kept);
    candidates
}

/// The places of the bits that are set.
fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize);
        mask &= mask.wrapping_sub(1);
        bit
    })
}
