//! Connected components that several threads build together, and the join that profits from them.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::buckets::Bucket;
use super::compare::near_pairs;

/// A union–find forest: every element points towards the smallest of its component. Links only ever point to
/// smaller elements, so concurrent joins cannot form a circle and need no lock.
pub(super) struct Components {
    parents: Vec<AtomicU32>,
}

impl Components {
    /// `len` elements, each on its own.
    pub(super) fn new(len: usize) -> Self {
        Self { parents: (0..len as u32).map(AtomicU32::new).collect() }
    }

    /// The element that stands for the component of `x`.
    pub(super) fn root(&self, mut x: u32) -> u32 {
        loop {
            let parent = self.parents[x as usize].load(Relaxed);
            if parent == x {
                return x;
            }
            let grandparent = self.parents[parent as usize].load(Relaxed);
            if grandparent != parent {
                // Halving the path; losing the race costs nothing.
                let _ = self.parents[x as usize].compare_exchange(parent, grandparent, Relaxed, Relaxed);
            }
            x = grandparent;
        }
    }

    /// Makes the components of `a` and `b` one.
    pub(super) fn join(&self, a: u32, b: u32) {
        let (mut a, mut b) = (self.root(a), self.root(b));
        while a != b {
            let (low, high) = (a.min(b), a.max(b));
            if self.parents[high as usize].compare_exchange(high, low, Relaxed, Relaxed).is_ok() {
                return;
            }
            (a, b) = (self.root(low), self.root(high));
        }
    }

    /// The components of two or more elements, each sorted, sorted by their first element.
    pub(super) fn groups(&self) -> Vec<Vec<u32>> {
        let len = self.parents.len();
        let roots: Vec<u32> = (0..len as u32).map(|x| self.root(x)).collect();
        let mut sizes = vec![0u32; len];
        for &root in &roots {
            sizes[root as usize] += 1;
        }
        // A root is its component's smallest element, so that first come is in order.
        let mut place = vec![u32::MAX; len];
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for (x, &root) in (0u32..).zip(&roots) {
            let root = root as usize;
            if sizes[root] < 2 {
                continue;
            }
            if place[root] == u32::MAX {
                place[root] = groups.len() as u32;
                groups.push(Vec::with_capacity(sizes[root] as usize));
            }
            groups[place[root] as usize].push(x);
        }
        groups
    }
}

/// Elements of a block of [`join_connected`].
const BLOCK: usize = 512;
/// Rows after which [`join_connected`] first sorts its columns anew; doubled each time.
const FIRST_REFRESH: usize = 16;

/// Joins what is near between two large buckets. A block of columns that are one component already needs no look
/// from a row of the same component, and one hit from any other.
pub(super) fn join_connected(rows: Bucket, columns: Bucket, radius: u32, components: &Components) {
    let mut columns: Vec<(u32, u32, u64)> =
        columns.ids.iter().zip(columns.hashes).map(|(&id, &hash)| (0, id, hash)).collect();
    let mut hashes = Vec::new();
    let mut refresh = 0;
    let mut hits = Vec::new();
    for (row, (&id, &hash)) in rows.ids.iter().zip(rows.hashes).enumerate() {
        if row == refresh {
            refresh = (2 * row).max(FIRST_REFRESH);
            for (root, id, _) in &mut columns {
                *root = components.root(*id);
            }
            columns.sort_unstable();
            hashes = columns.iter().map(|&(_, _, hash)| hash).collect();
        }
        for (block, hashes) in columns.chunks(BLOCK).zip(hashes.chunks(BLOCK)) {
            let connected = block[0].0 == block[block.len() - 1].0;
            if connected && components.root(block[0].1) == components.root(id) {
                continue;
            }
            near_pairs(&[hash], hashes, radius, false, &mut hits);
            let needed = if connected { 1 } else { hits.len() };
            for &(_, j) in hits.iter().take(needed) {
                components.join(id, block[j as usize].1);
            }
            hits.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_sorted_and_leave_out_the_lonely() {
        let components = Components::new(7);
        components.join(5, 2);
        components.join(6, 1);
        components.join(2, 3);
        components.join(3, 5);
        assert_eq!(components.groups(), vec![vec![1, 6], vec![2, 3, 5]]);
        assert_eq!(components.root(5), components.root(3));
    }
}
