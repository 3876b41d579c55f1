//! Turning planes upright.

use tintype_core::Orientation;

/// Side of the squares in which pixels move: both the rows read and the rows written stay in the first-level cache
/// when axes swap.
const TILE: usize = 32;

/// The `width` × `height` pixels of `N` bytes turned as `orientation` says. Returns the new bytes; the size is
/// [`Orientation::upright_size`].
pub(crate) fn upright<const N: usize>(
    data: Vec<u8>,
    width: u32,
    height: u32,
    orientation: Orientation,
) -> Vec<u8> {
    let (w, h) = (width as usize, height as usize);
    if orientation == Orientation::UPRIGHT || data.len() != w * h * N {
        return data;
    }
    let (out_w, out_h) = orientation.upright_size(width, height);
    let (out_w, out_h) = (out_w as usize, out_h as usize);
    // Where the pixel of the first row's column 0 comes from, and the steps in x and y (Exif 2.32 §4.6.4 A).
    let (last_x, last_y) = (w.wrapping_sub(1), h.wrapping_sub(1));
    let source = |x: usize, y: usize| match orientation.exif() {
        2 => (last_x - x, y),
        3 => (last_x - x, last_y - y),
        4 => (x, last_y - y),
        5 => (y, x),
        6 => (y, last_y - x),
        7 => (last_x - y, last_y - x),
        8 => (last_x - y, x),
        _ => (x, y),
    };
    let mut out = vec![0; data.len()];
    for tile_y in (0..out_h).step_by(TILE) {
        for tile_x in (0..out_w).step_by(TILE) {
            for y in tile_y..out_h.min(tile_y + TILE) {
                for x in tile_x..out_w.min(tile_x + TILE) {
                    let (from_x, from_y) = source(x, y);
                    let (to, from) = ((y * out_w + x) * N, (from_y * w + from_x) * N);
                    out[to..to + N].copy_from_slice(&data[from..from + N]);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_orientation_moves_the_corners_as_exif_says() {
        // 0 1 2
        // 3 4 5
        let data: Vec<u8> = (0..6).collect();
        for (value, expected) in [
            (1, [0, 1, 2, 3, 4, 5]),
            (2, [2, 1, 0, 5, 4, 3]),
            (3, [5, 4, 3, 2, 1, 0]),
            (4, [3, 4, 5, 0, 1, 2]),
            (5, [0, 3, 1, 4, 2, 5]),
            (6, [3, 0, 4, 1, 5, 2]),
            (7, [5, 2, 4, 1, 3, 0]),
            (8, [2, 5, 1, 4, 0, 3]),
        ] {
            assert_eq!(upright::<1>(data.clone(), 3, 2, Orientation::from_exif(value)), expected, "{value}");
        }
    }
}
