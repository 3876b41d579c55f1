//! All near pairs and groups among millions of 64-bit hashes, exactly: [`pairs_within`], [`groups_within`] and
//! [`cross_pairs_within`].
//!
//! Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012)
//! turned into a join: the bits are dealt into chunks, and two hashes within the radius must agree, up to a few
//! bits, in at least one chunk. Per chunk the hashes are sorted by its value, so that the candidates are pairs of
//! buckets lying next to each other in memory, compared eight at a time. How many chunks pay off is estimated from
//! the data; one chunk of no bits, which compares everything with everything, is among the choices.

mod buckets;
mod compare;
mod components;
mod naive;
mod plan;

use rayon::prelude::*;

use buckets::Buckets;
use compare::near_pairs;
use components::{Components, join_connected};
pub use naive::{naive_cross_pairs_within, naive_groups_within, naive_pairs_within};
use plan::{Chunk, Plan};

/// Buckets whose product of sizes exceeds this are joined with an eye on what is connected already: data that
/// dense would otherwise cost the square of its size.
const DENSE: usize = 1 << 20;

/// Every pair `(i, j, distance)` with `i < j` whose hashes differ in at most `radius` bits, sorted. The result is
/// as long as there are pairs: half a million million of them for a million equal hashes, for which
/// [`groups_within`] is the question to ask.
pub fn pairs_within(hashes: &[u64], radius: u32) -> Vec<(u32, u32, u32)> {
    let plan = Plan::new(hashes, hashes, radius);
    let permuted = plan.permuted(hashes);
    let mut pairs = Vec::new();
    for (position, chunk) in plan.chunks.iter().enumerate() {
        let buckets = Buckets::new(&permuted, *chunk);
        let earlier = &plan.chunks[..position];
        pairs.par_extend(buckets.ranges().into_par_iter().flat_map_iter(|range| {
            let (mut found, mut hits) = (Vec::new(), Vec::new());
            for mask in chunk.masks() {
                for key in range.clone() {
                    let other = key ^ mask;
                    if other < key {
                        continue;
                    }
                    let (a, b) = (buckets.of(key), buckets.of(other));
                    near_pairs(a.hashes, b.hashes, radius, mask == 0, &mut hits);
                    for (i, j) in hits.drain(..) {
                        let (x, y) = (a.hashes[i as usize], b.hashes[j as usize]);
                        if !earlier.iter().any(|chunk| chunk.joins(x, y)) {
                            let (i, j) = (a.ids[i as usize], b.ids[j as usize]);
                            found.push((i.min(j), i.max(j), (x ^ y).count_ones()));
                        }
                    }
                }
            }
            found
        }));
    }
    pairs.par_sort_unstable();
    pairs
}

/// Every `(query, target, distance)` at most `radius` bits apart, sorted.
pub fn cross_pairs_within(queries: &[u64], targets: &[u64], radius: u32) -> Vec<(u32, u32, u32)> {
    let plan = Plan::new(queries, targets, radius);
    let (queries, targets) = (plan.permuted(queries), plan.permuted(targets));
    let mut pairs = Vec::new();
    for (position, chunk) in plan.chunks.iter().enumerate() {
        let (left, right) = (Buckets::new(&queries, *chunk), Buckets::new(&targets, *chunk));
        let earlier = &plan.chunks[..position];
        pairs.par_extend(left.ranges().into_par_iter().flat_map_iter(|range| {
            let (mut found, mut hits) = (Vec::new(), Vec::new());
            for mask in chunk.masks() {
                for key in range.clone() {
                    let (a, b) = (left.of(key), right.of(key ^ mask));
                    near_pairs(a.hashes, b.hashes, radius, false, &mut hits);
                    for (i, j) in hits.drain(..) {
                        let (x, y) = (a.hashes[i as usize], b.hashes[j as usize]);
                        if !earlier.iter().any(|chunk| chunk.joins(x, y)) {
                            found.push((a.ids[i as usize], b.ids[j as usize], (x ^ y).count_ones()));
                        }
                    }
                }
            }
            found
        }));
    }
    pairs.par_sort_unstable();
    pairs
}

/// The connected components of the graph that joins hashes at most `radius` bits apart: those of two or more
/// members, each sorted, and sorted among themselves by their first member.
///
/// Equal hashes are taken together first, and dense clouds cost about as much as their components have members,
/// not pairs.
pub fn groups_within(hashes: &[u64], radius: u32) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..hashes.len() as u32).collect();
    order.par_sort_unstable_by_key(|&i| (hashes[i as usize], i));
    // The first member of each run of equal hashes stands for all of them.
    let components = Components::new(hashes.len());
    let (mut unique, mut first): (Vec<u64>, Vec<u32>) = (Vec::new(), Vec::new());
    for run in order.chunk_by(|&a, &b| hashes[a as usize] == hashes[b as usize]) {
        unique.push(hashes[run[0] as usize]);
        first.push(run[0]);
        run[1..].iter().for_each(|&same| components.join(run[0], same));
    }
    drop(order);

    let plan = Plan::new(&unique, &unique, radius);
    let permuted = plan.permuted(&unique);
    drop(unique);
    for chunk in &plan.chunks {
        join_chunk(&Buckets::with_ids(&permuted, &first, *chunk), *chunk, radius, &components);
    }
    components.groups()
}

fn join_chunk(buckets: &Buckets, chunk: Chunk, radius: u32, components: &Components) {
    buckets.ranges().into_par_iter().for_each(|range| {
        let mut hits = Vec::new();
        for mask in chunk.masks() {
            for key in range.clone() {
                let other = key ^ mask;
                if other < key {
                    continue;
                }
                let (a, b) = (buckets.of(key), buckets.of(other));
                if a.hashes.len() * b.hashes.len() > DENSE {
                    join_connected(a, b, radius, components);
                    continue;
                }
                near_pairs(a.hashes, b.hashes, radius, mask == 0, &mut hits);
                for (i, j) in hits.drain(..) {
                    components.join(a.ids[i as usize], b.ids[j as usize]);
                }
            }
        }
    });
}
