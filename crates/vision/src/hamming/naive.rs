//! The judges: every pair is looked at.

/// What [`pairs_within`](super::pairs_within) must return, the slow way.
pub fn naive_pairs_within(hashes: &[u64], radius: u32) -> Vec<(u32, u32, u32)> {
    let mut pairs = Vec::new();
    for (i, a) in hashes.iter().enumerate() {
        for (j, b) in hashes.iter().enumerate().skip(i + 1) {
            let distance = (a ^ b).count_ones();
            if distance <= radius {
                pairs.push((i as u32, j as u32, distance));
            }
        }
    }
    pairs
}

/// What [`cross_pairs_within`](super::cross_pairs_within) must return, the slow way.
pub fn naive_cross_pairs_within(queries: &[u64], targets: &[u64], radius: u32) -> Vec<(u32, u32, u32)> {
    let mut pairs = Vec::new();
    for (q, a) in queries.iter().enumerate() {
        for (t, b) in targets.iter().enumerate() {
            let distance = (a ^ b).count_ones();
            if distance <= radius {
                pairs.push((q as u32, t as u32, distance));
            }
        }
    }
    pairs
}

/// What [`groups_within`](super::groups_within) must return, the slow way.
pub fn naive_groups_within(hashes: &[u64], radius: u32) -> Vec<Vec<u32>> {
    let mut seen = vec![false; hashes.len()];
    let mut groups = Vec::new();
    for start in 0..hashes.len() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let mut group = vec![start as u32];
        let mut next = 0;
        while next < group.len() {
            let centre = hashes[group[next] as usize];
            next += 1;
            for (j, hash) in hashes.iter().enumerate() {
                if !seen[j] && (centre ^ hash).count_ones() <= radius {
                    seen[j] = true;
                    group.push(j as u32);
                }
            }
        }
        if group.len() > 1 {
            group.sort_unstable();
            groups.push(group);
        }
    }
    groups
}
