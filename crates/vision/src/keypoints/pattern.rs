//! Where the descriptor looks: comparison pairs that are closed under mirroring, turned to a point's orientation.

use std::f32::consts::{PI, TAU};
use std::sync::LazyLock;

/// Farthest a sample lies from the centre, in pixels of the level.
pub(super) const REACH: usize = 14;

/// Orientations that the pattern is prepared for (11.25° apart; ORB uses 30).
const TURNS: usize = 32;

/// Comparisons per half; the other half is the mirror image of the first.
const PAIRS: usize = 128;

/// Radius in pixels of the disc whose intensity centroid gives the orientation.
const CENTROID_RADIUS: i32 = 13;

/// Offsets (x, y) of the two samples of each comparison.
type Turned = [[(i8, i8); 2]; 2 * PAIRS];

static TURNED: LazyLock<Vec<Turned>> = LazyLock::new(|| {
    let pairs = pairs();
    (0..TURNS)
        .map(|turn| {
            let (sin, cos) = (turn as f32 * TAU / TURNS as f32).sin_cos();
            let mut out = [[(0i8, 0i8); 2]; 2 * PAIRS];
            for (index, pair) in pairs.iter().enumerate() {
                for (end, (u, v)) in pair.iter().enumerate() {
                    let place =
                        |v: f32| ((u * cos - v * sin).round() as i8, (u * sin + v * cos).round() as i8);
                    out[index][end] = place(*v);
                    out[index + PAIRS][end] = place(-*v);
                }
            }
            out
        })
        .collect()
});

/// Half-widths of the centroid disc, row by row from its centre.
static DISC: LazyLock<Vec<i32>> = LazyLock::new(|| {
    (0..=CENTROID_RADIUS)
        .map(|v| ((CENTROID_RADIUS * CENTROID_RADIUS - v * v) as f32).sqrt() as i32)
        .collect()
});

/// The comparison pairs in a point's own frame (u along its orientation): both ends normally distributed with
/// σ = 31/5 px inside the disc, as the G II pattern of Calonder et al., "BRIEF" (ECCV 2010).
fn pairs() -> Vec<[(f32, f32); 2]> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut uniform = move || {
        // xorshift64*: any fixed well-mixed sequence does.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1u64 << 24) as f32
    };
    let mut point = move || loop {
        let radius = (-2.0 * uniform().max(1e-7).ln()).sqrt() * 31.0 / 5.0;
        let (sin, cos) = (uniform() * TAU).sin_cos();
        if radius <= REACH as f32 - 1.0 {
            return (radius * cos, radius * sin);
        }
    };
    let mut out: Vec<[(f32, f32); 2]> = Vec::with_capacity(PAIRS);
    while out.len() < PAIRS {
        let pair = [point(), point()];
        let [(au, av), (bu, bv)] = pair;
        // Too short compares noise; symmetric about the axis is its own mirror image.
        let apart = (au - bu).hypot(av - bv) >= 3.0;
        let own_mirror = (au - bu).abs() < 1.5 && (av + bv).abs() < 1.5;
        if apart && !own_mirror {
            out.push(pair);
        }
    }
    out
}

/// Direction from `centre` to the intensity centroid of the disc around it (Rosin 1999, as in ORB).
pub(super) fn orientation(smooth: &[u8], stride: usize, centre: usize) -> f32 {
    let (mut mx, mut my) = (0i32, 0i32);
    for (v, half) in DISC.iter().enumerate() {
        let half = *half as usize;
        let below = &smooth[centre + v * stride - half..=centre + v * stride + half];
        if v == 0 {
            for (i, value) in below.iter().enumerate() {
                mx += (i as i32 - half as i32) * i32::from(*value);
            }
            continue;
        }
        let above = &smooth[centre - v * stride - half..=centre - v * stride + half];
        for (i, (lower, upper)) in below.iter().zip(above).enumerate() {
            let (lower, upper) = (i32::from(*lower), i32::from(*upper));
            mx += (i as i32 - half as i32) * (lower + upper);
            my += v as i32 * (lower - upper);
        }
    }
    (my as f32).atan2(mx as f32)
}

/// The 256 comparisons around `centre`, turned by `angle` radians.
pub(super) fn compare(smooth: &[u8], stride: usize, centre: usize, angle: f32) -> [u64; 4] {
    let turn = ((angle + PI) * TURNS as f32 / TAU).round() as usize + TURNS / 2;
    let pattern = &TURNED[turn % TURNS];
    let sample = |(x, y): (i8, i8)| {
        smooth[(centre as isize + isize::from(y) * stride as isize + isize::from(x)) as usize]
    };
    let mut out = [0u64; 4];
    for (word, pairs) in out.iter_mut().zip(pattern.chunks_exact(64)) {
        for (bit, [first, second]) in pairs.iter().enumerate() {
            *word |= u64::from(sample(*first) < sample(*second)) << bit;
        }
    }
    out
}
