//! Is a photo out of focus or shaken? [`detect_blur`] decides; the plain measures stand beside it.

mod detect;
pub(crate) mod laplacian;
mod spectrum;

pub(crate) use detect::sharpness_of;
pub use detect::{BlurKind, BlurParams, BlurReport, detect_blur};
pub use laplacian::{
    laplacian_variance, laplacian_variance_batch, naive_laplacian_variance, naive_tile_laplacian,
    tile_laplacian,
};
pub use spectrum::{fft_hf_ratio, naive_fft_hf_ratio};

#[cfg(test)]
pub(crate) mod tests {
    use crate::image::GrayImage;

    /// A picture of smooth waves and some noise, the same for the same arguments.
    pub(crate) fn texture(w: u32, h: u32, seed: u32) -> GrayImage {
        let mut state = seed.wrapping_mul(2654435761).wrapping_add(1);
        let data = (0..w * h)
            .map(|i| {
                state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                let (x, y) = ((i % w) as f32, (i / w) as f32);
                let wave = 60.0 * (x * 0.11 + y * 0.07).sin() + 40.0 * (y * 0.31 - x * 0.05).cos();
                (128.0 + wave + (state >> 27) as f32) as u8
            })
            .collect();
        GrayImage::new(w, h, data).unwrap_or_else(|| GrayImage::black(w, h))
    }
}
