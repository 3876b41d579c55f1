//! Replacing parts of a file in memory.

use std::ops::Range;

/// Replacements of parts of some bytes, applied in one pass.
#[derive(Default)]
pub(super) struct Splices(Vec<(Range<usize>, Vec<u8>)>);

impl Splices {
    pub(super) fn replace(&mut self, range: Range<usize>, bytes: Vec<u8>) {
        self.0.push((range, bytes));
    }

    /// Puts bytes at a place; of several at one place the first stays first.
    pub(super) fn insert(&mut self, at: usize, bytes: Vec<u8>) {
        self.0.push((at..at, bytes));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes longer the result is up to the old position `at`, what is put exactly there included.
    pub(super) fn growth_before(&self, at: usize) -> isize {
        self.0
            .iter()
            .filter(|(range, _bytes)| range.end <= at)
            .map(|(range, bytes)| bytes.len() as isize - range.len() as isize)
            .sum()
    }

    pub(super) fn applied(mut self, data: &[u8]) -> Vec<u8> {
        // An insertion comes before a replacement that starts at the same place.
        self.0.sort_by_key(|(range, _bytes)| (range.start, range.end));
        let added: usize = self.0.iter().map(|(_range, bytes)| bytes.len()).sum();
        let (mut out, mut at) = (Vec::with_capacity(data.len() + added), 0);
        for (range, bytes) in self.0 {
            out.extend_from_slice(data.get(at..range.start).unwrap_or_default());
            out.extend_from_slice(&bytes);
            at = range.end.max(at);
        }
        out.extend_from_slice(&data[at..]);
        out
    }
}
