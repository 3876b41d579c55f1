//! All near pairs and groups among millions of 64-bit hashes, exactly.

mod naive;

pub use naive::{naive_cross_pairs_within, naive_groups_within, naive_pairs_within};

/// Every pair `(i, j, distance)` with `i < j` whose hashes differ in at most `radius` bits, sorted.
pub fn pairs_within(hashes: &[u64], radius: u32) -> Vec<(u32, u32, u32)> {
    naive_pairs_within(hashes, radius)
}

/// The connected components of the graph that joins hashes at most `radius` bits apart: those of two or more
/// members, each sorted, and sorted among themselves by their first member.
pub fn groups_within(hashes: &[u64], radius: u32) -> Vec<Vec<u32>> {
    naive_groups_within(hashes, radius)
}

/// Every `(query, target, distance)` at most `radius` bits apart, sorted.
pub fn cross_pairs_within(queries: &[u64], targets: &[u64], radius: u32) -> Vec<(u32, u32, u32)> {
    naive_cross_pairs_within(queries, targets, radius)
}
