//! Several rankings as one.

use std::collections::HashMap;

use tintype_core::PhotoId;

/// The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): how soon later ranks stop to matter.
const RANK_CONSTANT: f64 = 60.0;

/// The photos of several rankings, each with its weight, best first: a photo's score is the sum of weight ÷ (60 + rank)
/// over the rankings that have it. Of equal ones the order of the first ranking that has them is kept.
pub(super) fn fuse(rankings: &[(f64, Vec<PhotoId>)]) -> Vec<PhotoId> {
    let mut scores: HashMap<PhotoId, (f64, usize)> = HashMap::new();
    for (weight, ranking) in rankings {
        for (rank, photo) in ranking.iter().enumerate() {
            let seen = scores.len();
            scores.entry(*photo).or_insert((0.0, seen)).0 += weight / (RANK_CONSTANT + rank as f64 + 1.0);
        }
    }
    let mut fused: Vec<(PhotoId, (f64, usize))> = scores.into_iter().collect();
    fused.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.1.1.cmp(&b.1.1)));
    fused.into_iter().map(|(photo, _)| photo).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(n: u128) -> PhotoId {
        PhotoId(uuid::Uuid::from_u128(n))
    }

    fn ranking(list: &[u128]) -> Vec<PhotoId> {
        list.iter().map(|n| photo(*n)).collect()
    }

    #[test]
    fn what_several_rankings_agree_on_comes_first() {
        assert_eq!(fuse(&[(1.0, ranking(&[1, 2, 3])), (1.0, ranking(&[4, 3]))]), ranking(&[3, 1, 4, 2]));
        assert_eq!(fuse(&[(1.0, ranking(&[1, 2])), (0.5, ranking(&[3, 4]))]), ranking(&[1, 2, 3, 4]));
        assert_eq!(fuse(&[(1.0, ranking(&[5, 6]))]), ranking(&[5, 6]));
        assert!(fuse(&[]).is_empty());
    }
}
