//! Pictures as models want them: scaled or padded to a size, cropped, and as planes or pixels of floats.
#![allow(unsafe_code, reason = "one kernel per instruction set")]
#![allow(clippy::inline_always, reason = "bodies are compiled into one caller per instruction set")]

use crate::image::RgbImage;
use crate::resize::resize_rgb;
use crate::simd::per_level;

/// The order of the three colour channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red: what models trained with OpenCV expect.
    Bgr,
}

/// `value = byte × scale + offset`, for each channel in the order red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalisation {
    /// Factor of each channel.
    pub scale: [f32; 3],
    /// What is added to each channel.
    pub offset: [f32; 3],
}

impl Normalisation {
    /// Bytes as −1 to 1: `x / 127.5 − 1`.
    pub const SIGNED: Self = Self { scale: [1.0 / 127.5; 3], offset: [-1.0; 3] };

    /// Mean and standard deviation of ImageNet's training pictures, over bytes as 0 to 1 (torchvision).
    pub const IMAGENET: Self = Self::of_mean_std([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    /// `(byte / 255 − mean) / std`; means and deviations of red, green and blue as 0 to 1.
    pub const fn of_mean_std(mean: [f32; 3], std: [f32; 3]) -> Self {
        Self {
            scale: [1.0 / (255.0 * std[0]), 1.0 / (255.0 * std[1]), 1.0 / (255.0 * std[2])],
            offset: [-mean[0] / std[0], -mean[1] / std[1], -mean[2] / std[2]],
        }
    }
}

/// The picture as three planes of floats (channels, rows, columns), appended to `out`.
pub fn push_planes(image: &RgbImage, normalisation: &Normalisation, order: ChannelOrder, out: &mut Vec<f32>) {
    let before = out.len();
    out.resize(before + image.data().len(), 0.0);
    let planes = &mut out[before..];
    let (first, rest) = planes.split_at_mut(planes.len() / 3);
    let (green, last) = rest.split_at_mut(first.len());
    let (red, blue) = match order {
        ChannelOrder::Rgb => (first, last),
        ChannelOrder::Bgr => (last, first),
    };
    to_planes(image.data(), normalisation, red, green, blue);
}

/// The picture as floats pixel by pixel (rows, columns, channels red, green, blue), appended to `out`.
pub fn push_pixels(image: &RgbImage, normalisation: &Normalisation, out: &mut Vec<f32>) {
    let before = out.len();
    out.resize(before + image.data().len(), 0.0);
    to_pixels(image.data(), normalisation, &mut out[before..]);
}

per_level! {
    fn to_planes(pixels: &[u8], normalisation: &Normalisation, red: &mut [f32], green: &mut [f32], blue: &mut [f32]) = planes_of;
}
per_level! {
    fn to_pixels(pixels: &[u8], normalisation: &Normalisation, out: &mut [f32]) = pixels_of;
}

/// All channels in one pass: the compiler takes pixels apart with shuffles, many at a time.
#[inline(always)]
fn planes_of(
    pixels: &[u8],
    normalisation: &Normalisation,
    red: &mut [f32],
    green: &mut [f32],
    blue: &mut [f32],
) {
    let Normalisation { scale, offset } = *normalisation;
    for (((pixel, red), green), blue) in pixels.as_chunks::<3>().0.iter().zip(red).zip(green).zip(blue) {
        *red = f32::from(pixel[0]) * scale[0] + offset[0];
        *green = f32::from(pixel[1]) * scale[1] + offset[1];
        *blue = f32::from(pixel[2]) * scale[2] + offset[2];
    }
}

#[inline(always)]
fn pixels_of(pixels: &[u8], normalisation: &Normalisation, out: &mut [f32]) {
    /// Bytes of a step: whole pixels, and whole vectors of any width.
    const STEP: usize = 48;
    let scale: [f32; STEP] = std::array::from_fn(|at| normalisation.scale[at % 3]);
    let offset: [f32; STEP] = std::array::from_fn(|at| normalisation.offset[at % 3]);
    let (wide, rest) = pixels.as_chunks::<STEP>();
    let (wide_out, rest_out) = out.as_chunks_mut::<STEP>();
    for (bytes, out) in wide.iter().zip(wide_out) {
        for at in 0..STEP {
            out[at] = f32::from(bytes[at]) * scale[at] + offset[at];
        }
    }
    for (at, (byte, out)) in rest.iter().zip(rest_out).enumerate() {
        *out = f32::from(*byte) * scale[at] + offset[at];
    }
}

/// The picture with its shorter side at `side` pixels, of which the middle `crop`×`crop` is kept (`crop` ≤ `side`).
pub fn resize_and_crop(image: &RgbImage, side: u32, crop: u32) -> RgbImage {
    let shorter = image.width().min(image.height()).max(1);
    let scaled = |length: u32| {
        ((u64::from(length) * u64::from(side) * 2 + u64::from(shorter)) / (2 * u64::from(shorter)))
            .clamp(1, u64::from(u32::MAX)) as u32
    };
    // A strip that is thousands of times longer than wide is cut before it is enlarged.
    let longest = shorter.saturating_mul(4);
    let (w, h) = (image.width().min(longest), image.height().min(longest));
    let middle = if (w, h) == (image.width(), image.height()) {
        None
    } else {
        Some(crop_at(image, (image.width() - w) / 2, (image.height() - h) / 2, w, h))
    };
    let resized = resize_rgb(middle.as_ref().unwrap_or(image), scaled(w), scaled(h));
    let (x, y) = (resized.width().saturating_sub(crop) / 2, resized.height().saturating_sub(crop) / 2);
    crop_at(&resized, x, y, crop, crop)
}

/// The `w`×`h` pixels from (`x`, `y`) on; black outside the picture.
pub fn crop_at(image: &RgbImage, x: u32, y: u32, w: u32, h: u32) -> RgbImage {
    let mut out = RgbImage::black(w, h);
    let wide = w.min(image.width().saturating_sub(x)) as usize * 3;
    let high = h.min(image.height().saturating_sub(y));
    let stride = w as usize * 3;
    if wide > 0 {
        for row in 0..high {
            let source = &image.row(y + row)[x as usize * 3..][..wide];
            out.data_mut()[row as usize * stride..][..wide].copy_from_slice(source);
        }
    }
    out
}

/// A picture scaled to fit a frame, in its upper left corner, on a ground of one colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Letterbox {
    /// The frame.
    pub image: RgbImage,
    /// Pixels of the frame per pixel of the picture, horizontally and vertically (they differ by rounding only).
    pub scale: [f32; 2],
}

/// Fits `image` into `w`×`h`, enlarging it if need be; the rest gets the grey level `ground`.
pub fn letterbox(image: &RgbImage, w: u32, h: u32, ground: u8) -> Letterbox {
    let (source_w, source_h) = (image.width().max(1), image.height().max(1));
    let ratio = (f64::from(w) / f64::from(source_w)).min(f64::from(h) / f64::from(source_h));
    let scaled = |side: u32, most: u32| ((f64::from(side) * ratio).round() as u32).clamp(1, most.max(1));
    let (inner_w, inner_h) = (scaled(source_w, w), scaled(source_h, h));
    let inner = resize_rgb(image, inner_w, inner_h);
    let mut frame = RgbImage::black(w, h);
    frame.data_mut().fill(ground);
    let stride = w as usize * 3;
    for row in 0..inner_h.min(h) {
        frame.data_mut()[row as usize * stride..][..inner_w.min(w) as usize * 3]
            .copy_from_slice(inner.row(row));
    }
    let scale = [inner_w as f32 / source_w as f32, inner_h as f32 / source_h as f32];
    Letterbox { image: frame, scale }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture(w: u32, h: u32) -> RgbImage {
        let data = (0..w * h * 3).map(|i| (i * 37 % 251) as u8).collect();
        RgbImage::new(w, h, data).unwrap()
    }

    #[test]
    fn planes_and_pixels_hold_the_same_numbers() {
        let image = picture(5, 3);
        let (mut planes, mut pixels) = (vec![9.0], Vec::new());
        push_planes(&image, &Normalisation::IMAGENET, ChannelOrder::Rgb, &mut planes);
        push_pixels(&image, &Normalisation::IMAGENET, &mut pixels);
        assert_eq!(planes.len(), 1 + 45);
        for (at, pixel) in pixels.chunks_exact(3).enumerate() {
            for (channel, value) in pixel.iter().enumerate() {
                assert_eq!(*value, planes[1 + channel * 15 + at]);
            }
        }
        let mut bgr = Vec::new();
        push_planes(&image, &Normalisation::IMAGENET, ChannelOrder::Bgr, &mut bgr);
        assert_eq!(bgr[..15], planes[31..46]);
        assert_eq!(bgr[30..], planes[1..16]);
    }

    #[test]
    fn normalisations_mean_what_they_say() {
        let white = RgbImage::new(1, 1, vec![255; 3]).unwrap();
        let mut out = Vec::new();
        push_pixels(&white, &Normalisation::SIGNED, &mut out);
        push_pixels(&white, &Normalisation::IMAGENET, &mut out);
        assert!((out[0] - 1.0).abs() < 1e-6);
        assert!((out[3] - (1.0 - 0.485) / 0.229).abs() < 1e-5);
        assert!((out[5] - (1.0 - 0.406) / 0.225).abs() < 1e-5);
    }

    #[test]
    fn a_letterbox_keeps_the_proportions_in_the_upper_left_corner() {
        let boxed = letterbox(&picture(100, 50), 40, 40, 114);
        assert_eq!(boxed.scale, [0.4, 0.4]);
        assert_eq!(boxed.image.row(19)[0..3], resize_rgb(&picture(100, 50), 40, 20).row(19)[0..3]);
        assert!(boxed.image.data()[20 * 40 * 3..].iter().all(|&byte| byte == 114));
        let larger = letterbox(&picture(4, 2), 8, 8, 0);
        assert_eq!(larger.scale, [2.0, 2.0]);
    }

    proptest! {
        #[test]
        fn planes_and_pixels_are_those_of_the_slow_way(w in 0u32..90, h in 0u32..5, bgr in any::<bool>()) {
            let image = picture(w, h);
            let Normalisation { scale, offset } = Normalisation::IMAGENET;
            let of = |pixel: &[u8], channel: usize| f32::from(pixel[channel]) * scale[channel] + offset[channel];
            let pixels: Vec<&[u8]> = image.data().chunks_exact(3).collect();
            let by_pixel: Vec<f32> = pixels.iter().flat_map(|pixel| [0, 1, 2].map(|channel| of(pixel, channel))).collect();
            let channels = if bgr { [2, 1, 0] } else { [0, 1, 2] };
            let by_plane: Vec<f32> = channels.iter().flat_map(|&channel| pixels.iter().map(move |pixel| of(pixel, channel))).collect();
            let order = if bgr { ChannelOrder::Bgr } else { ChannelOrder::Rgb };
            let (mut found, mut planes) = (Vec::new(), Vec::new());
            push_pixels(&image, &Normalisation::IMAGENET, &mut found);
            push_planes(&image, &Normalisation::IMAGENET, order, &mut planes);
            prop_assert_eq!(found, by_pixel);
            prop_assert_eq!(planes, by_plane);
        }

        #[test]
        fn any_size_gives_the_wanted_size(w in 0u32..300, h in 0u32..300, strip in 1u32..3) {
            let image = picture(w, h * strip.pow(2));
            let cropped = resize_and_crop(&image, 32, 28);
            prop_assert_eq!((cropped.width(), cropped.height()), (28, 28));
            let boxed = letterbox(&image, 32, 24, 1);
            prop_assert_eq!((boxed.image.width(), boxed.image.height()), (32, 24));
            let part = crop_at(&image, w / 2, 5, 7, 9);
            prop_assert_eq!((part.width(), part.height()), (7, 9));
        }

        #[test]
        fn a_crop_is_its_pixels(x in 0u32..20, y in 0u32..20) {
            let image = picture(13, 11);
            let part = crop_at(&image, x, y, 6, 5);
            for row in 0..5 {
                for column in 0..6 {
                    let pixel = &part.row(row)[column as usize * 3..][..3];
                    let wanted = if x + column < 13 && y + row < 11 {
                        &image.row(y + row)[(x + column) as usize * 3..][..3]
                    } else {
                        &[0, 0, 0]
                    };
                    prop_assert_eq!(pixel, wanted);
                }
            }
        }
    }
}
