//! Pixels above a threshold that touch each other, sides or corners.

/// A set of pixels that touch.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// The leftmost and the rightmost pixel of every row, as (column, row): all corners of the hull are among them.
    pub outline: Vec<[f32; 2]>,
    /// Number of pixels.
    pub pixels: usize,
}

/// Pixels of one row from `start` to `end` (exclusive).
#[derive(Debug, Clone, Copy)]
struct Run {
    row: usize,
    start: usize,
    end: usize,
}

/// The components of a map of `width` columns in the order of their first pixels, row by row. `None` unless the map
/// has whole rows of that width.
///
/// Works on runs of pixels, so that the empty greater part of a map costs one comparison per pixel.
pub fn components(map: &[f32], width: usize, threshold: f32) -> Option<Vec<Component>> {
    if width == 0 || !map.len().is_multiple_of(width) {
        return None;
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut above = 0..0;
    for (row, pixels) in map.chunks_exact(width).enumerate() {
        let first = runs.len();
        let mut candidate = above.start;
        let mut at = 0;
        while let Some(offset) = pixels[at..].iter().position(|&value| value > threshold) {
            let start = at + offset;
            let len = pixels[start..].iter().position(|&value| value <= threshold || value.is_nan());
            let end = len.map_or(width, |len| start + len);
            let this = runs.len();
            runs.push(Run { row, start, end });
            parents.push(this);
            // Runs of the row above that end before this one begins touch no later one either.
            while candidate < above.end && runs[candidate].end < start {
                candidate += 1;
            }
            let mut touching = candidate;
            while touching < above.end && runs[touching].start <= end {
                join(&mut parents, touching, this);
                touching += 1;
            }
            at = end;
        }
        above = first..runs.len();
    }
    Some(gather(&runs, &mut parents))
}

fn gather(runs: &[Run], parents: &mut [usize]) -> Vec<Component> {
    let mut found: Vec<Component> = Vec::new();
    let mut number = vec![usize::MAX; runs.len()];
    for (at, run) in runs.iter().enumerate() {
        let root = root(parents, at);
        if number[root] == usize::MAX {
            number[root] = found.len();
            found.push(Component { outline: Vec::new(), pixels: 0 });
        }
        let component = &mut found[number[root]];
        component.pixels += run.end - run.start;
        component.outline.push([run.start as f32, run.row as f32]);
        component.outline.push([(run.end - 1) as f32, run.row as f32]);
    }
    found
}

fn root(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

/// The smaller number becomes the root, so that components come in the order of their first runs.
fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Spreads from pixel to pixel; the judge of the fast one.
    fn by_flooding(map: &[f32], width: usize, threshold: f32) -> Vec<Vec<(usize, usize)>> {
        let height = map.len() / width;
        let mut is_seen = vec![false; map.len()];
        let mut found = Vec::new();
        for at in 0..map.len() {
            if is_seen[at] || map[at] <= threshold {
                continue;
            }
            let (mut open, mut pixels) = (vec![at], Vec::new());
            is_seen[at] = true;
            while let Some(at) = open.pop() {
                let (x, y) = (at % width, at / width);
                pixels.push((y, x));
                for ny in y.saturating_sub(1)..(y + 2).min(height) {
                    for nx in x.saturating_sub(1)..(x + 2).min(width) {
                        let next = ny * width + nx;
                        if !is_seen[next] && map[next] > threshold {
                            is_seen[next] = true;
                            open.push(next);
                        }
                    }
                }
            }
            pixels.sort_unstable();
            found.push(pixels);
        }
        found
    }

    proptest! {
        #[test]
        fn runs_find_what_flooding_finds(
            width in 1usize..17,
            pixels in proptest::collection::vec(0u8..5, 1..200),
        ) {
            let mut map: Vec<f32> = pixels.into_iter().map(|value| if value < 2 { 0.9 } else { 0.1 }).collect();
            map.resize(map.len().next_multiple_of(width), 0.0);
            let fast = components(&map, width, 0.5).unwrap();
            let slow = by_flooding(&map, width, 0.5);
            prop_assert_eq!(fast.len(), slow.len());
            for (fast, slow) in fast.iter().zip(&slow) {
                prop_assert_eq!(fast.pixels, slow.len());
                // Per row, the outermost pixels are in the outline, and nothing is outside of it.
                let row_of = |y: usize| slow.iter().filter(move |pixel| pixel.0 == y).map(|pixel| pixel.1 as f32);
                for &[x, y] in &fast.outline {
                    prop_assert!(row_of(y as usize).any(|column| column == x));
                }
                for y in slow.iter().map(|pixel| pixel.0) {
                    let outline = || fast.outline.iter().filter(move |point| point[1] == y as f32);
                    for end in [row_of(y).fold(f32::MAX, f32::min), row_of(y).fold(0.0, f32::max)] {
                        prop_assert!(outline().any(|point| point[0] == end));
                    }
                }
            }
        }
    }
}
