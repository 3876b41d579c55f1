//! Which of several copies of one picture to keep.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What is known of one copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Copy {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// Whether its format keeps pixels as they were given (PNG, TIFF, RAW).
    pub lossless: bool,
    /// Sharpness on any one scale, more is sharper; 0 when unknown.
    pub sharpness: f64,
    /// Whether it carries camera metadata.
    pub has_metadata: bool,
    /// Whether it carries a capture date.
    pub has_date: bool,
    /// Folders between the library's root and the file; fewer is tidier.
    pub path_depth: u32,
}

/// What decided in favour of the copy kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepReason {
    /// Nothing to choose from.
    OnlyOne,
    /// Clearly more pixels.
    MorePixels,
    /// Clearly sharper at the same size: the others were enlarged or blurred.
    Sharper,
    /// Carries the capture date or camera metadata that the others lost.
    Metadata,
    /// Kept in a format without loss.
    Lossless,
    /// More bytes at the same size: compressed less.
    LargerFile,
    /// Fewer folders deep.
    ShorterPath,
    /// Nothing tells them apart; the first one.
    First,
}

/// Shares by which a copy must lead for size and sharpness to decide. A few lines more are a different rounding,
/// a little more sharpness is noise.
const PIXELS_LEAD: f64 = 1.02;
const SHARPNESS_LEAD: f64 = 1.15;
const BYTES_LEAD: f64 = 1.05;

/// The copy to keep and what decided against the runner-up; `None` for no copies.
///
/// In this order: more pixels, sharper, metadata and date, lossless, larger file, shorter path, first.
pub fn keep_best(copies: &[Copy]) -> Option<(usize, KeepReason)> {
    let mut best = 0;
    let first = copies.first()?;
    if copies.len() == 1 {
        return Some((0, KeepReason::OnlyOne));
    }
    let mut leader = first;
    for (index, copy) in copies.iter().enumerate().skip(1) {
        if compare(copy, leader).0 == Ordering::Greater {
            (best, leader) = (index, copy);
        }
    }
    // The weakest lead over any other copy is what really decided.
    let reason = copies
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != best)
        .map(|(_, other)| compare(leader, other).1)
        .max_by_key(|reason| *reason as u8)?;
    Some((best, reason))
}

/// Which of two copies is better, and in what.
fn compare(a: &Copy, b: &Copy) -> (Ordering, KeepReason) {
    let lead = |x: f64, y: f64, by: f64| match () {
        () if x > y * by => Ordering::Greater,
        () if y > x * by => Ordering::Less,
        () => Ordering::Equal,
    };
    let pixels = |c: &Copy| f64::from(c.width) * f64::from(c.height);
    let known = |c: &Copy| u8::from(c.has_metadata) + 2 * u8::from(c.has_date);
    [
        (lead(pixels(a), pixels(b), PIXELS_LEAD), KeepReason::MorePixels),
        (lead(a.sharpness, b.sharpness, SHARPNESS_LEAD), KeepReason::Sharper),
        (known(a).cmp(&known(b)), KeepReason::Metadata),
        (a.lossless.cmp(&b.lossless), KeepReason::Lossless),
        (lead(a.bytes as f64, b.bytes as f64, BYTES_LEAD), KeepReason::LargerFile),
        (b.path_depth.cmp(&a.path_depth), KeepReason::ShorterPath),
    ]
    .into_iter()
    .find(|(order, _)| order.is_ne())
    .unwrap_or((Ordering::Equal, KeepReason::First))
}
