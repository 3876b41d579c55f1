//! The k greatest of what is offered.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Keeps the k greatest.
#[derive(Debug, Clone)]
pub(super) struct Best<T: Ord> {
    k: usize,
    heap: BinaryHeap<Reverse<T>>,
}

impl<T: Ord> Best<T> {
    pub(super) fn new(k: usize) -> Self {
        Self { k, heap: BinaryHeap::new() }
    }

    /// The least of the k greatest; `None` while there are fewer.
    pub(super) fn least(&self) -> Option<&T> {
        if self.heap.len() < self.k { None } else { self.heap.peek().map(|Reverse(least)| least) }
    }

    pub(super) fn offer(&mut self, value: T) {
        if self.heap.len() < self.k {
            self.heap.push(Reverse(value));
        } else if let Some(mut least) = self.heap.peek_mut()
            && least.0 < value
        {
            *least = Reverse(value);
        }
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = T> {
        self.heap.into_iter().map(|Reverse(value)| value)
    }
}

/// A number with a total order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number(pub(super) f32);

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
