//! Anti-aliased resizing: a triangle filter that widens with the reduction, so that every source pixel counts.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::image::{GrayImage, RgbImage};

/// The size of a `w`×`h` picture reduced so that its longer side is at most `long_side` pixels. Never enlarges;
/// neither side gets smaller than one pixel.
pub fn fit_within(w: u32, h: u32, long_side: u32) -> (u32, u32) {
    let longest = w.max(h);
    let long_side = long_side.max(1);
    if longest <= long_side {
        return (w.max(1), h.max(1));
    }
    let scaled = |side: u32| {
        let rounded =
            (u64::from(side) * u64::from(long_side) * 2 + u64::from(longest)) / (2 * u64::from(longest));
        (rounded as u32).max(1)
    };
    (scaled(w), scaled(h))
}

/// `image` at `w`×`h` pixels, anti-aliased; a copy when it has that size already. A target or source without
/// pixels gives an image of zeros.
pub fn resize_gray(image: &GrayImage, w: u32, h: u32) -> GrayImage {
    if (image.width(), image.height()) == (w, h) {
        return image.clone();
    }
    let data = resampled::<U8>(image.data(), image.width(), image.height(), w, h);
    GrayImage::new(w, h, data).unwrap_or_else(|| GrayImage::black(w, h))
}

/// `image` at `w`×`h` pixels, anti-aliased; a copy when it has that size already. A target or source without
/// pixels gives an image of zeros.
pub fn resize_rgb(image: &RgbImage, w: u32, h: u32) -> RgbImage {
    if (image.width(), image.height()) == (w, h) {
        return image.clone();
    }
    let data = resampled::<U8x3>(image.data(), image.width(), image.height(), w, h);
    RgbImage::new(w, h, data).unwrap_or_else(|| RgbImage::black(w, h))
}

/// One plane of `w`×`h` bytes (row by row, no padding) at `dst_w`×`dst_h`, anti-aliased. Zeros when `data` is
/// shorter than `w × h` or when one of the sizes is zero.
pub fn resize_plane(data: &[u8], w: u32, h: u32, dst_w: u32, dst_h: u32) -> Vec<u8> {
    let len = w as usize * h as usize;
    match data.get(..len) {
        Some(plane) if (w, h) == (dst_w, dst_h) => plane.to_vec(),
        Some(plane) => resampled::<U8>(plane, w, h, dst_w, dst_h),
        None => vec![0; dst_w as usize * dst_h as usize],
    }
}

/// One pixel type at a time: the library's own choice at run time would compile its filters for all thirteen.
fn resampled<P: PixelTrait>(data: &[u8], w: u32, h: u32, dst_w: u32, dst_h: u32) -> Vec<u8> {
    let mut out = vec![0; dst_w as usize * dst_h as usize * P::size()];
    if w == 0 || h == 0 || dst_w == 0 || dst_h == 0 {
        return out;
    }
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).use_alpha(false);
    // The three calls fail only for buffers of the wrong length; the zeros stay in that case.
    if let (Ok(source), Ok(mut target)) =
        (TypedImageRef::<P>::from_buffer(w, h, data), TypedImage::<P>::from_buffer(dst_w, dst_h, &mut out))
    {
        let _ = Resizer::new().resize_typed(&source, &mut target, &options);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_without_enlarging() {
        assert_eq!(fit_within(4000, 3000, 1024), (1024, 768));
        assert_eq!(fit_within(3000, 4000, 256), (192, 256));
        assert_eq!(fit_within(300, 200, 1024), (300, 200));
        assert_eq!(fit_within(10_000, 1, 256), (256, 1));
        assert_eq!(fit_within(0, 0, 256), (1, 1));
        assert_eq!(fit_within(u32::MAX, u32::MAX, 100), (100, 100));
    }

    #[test]
    fn reduction_averages_everything() {
        // A fine checkerboard of 0 and 200 is grey 100 once reduced; nearest neighbour would keep 0 or 200.
        let data = (0..64 * 64).map(|i| if (i % 64 + i / 64) % 2 == 0 { 0 } else { 200 }).collect();
        let image = GrayImage::new(64, 64, data).unwrap();
        let small = resize_gray(&image, 8, 8);
        assert!(small.data().iter().all(|&p| (97..=103).contains(&p)), "{:?}", small.data());
        assert_eq!(resize_plane(image.data(), 64, 64, 8, 8), small.data());
    }

    #[test]
    fn same_size_is_a_copy_and_empty_is_zeros() {
        let image = RgbImage::new(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(resize_rgb(&image, 2, 1), image);
        assert_eq!(resize_rgb(&RgbImage::black(0, 5), 3, 2), RgbImage::black(3, 2));
        assert_eq!(resize_gray(&GrayImage::black(3, 2), 0, 2).data().len(), 0);
        assert_eq!(resize_plane(&[1], 2, 2, 1, 1), vec![0]);
    }
}
