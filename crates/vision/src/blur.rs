//! Is a photo out of focus or shaken? [`detect_blur`] decides; the plain measures stand beside it.

mod detect;
mod laplacian;
mod spectrum;

pub use detect::{BlurKind, BlurParams, BlurReport, detect_blur};
pub use laplacian::{laplacian_variance, laplacian_variance_batch, tile_laplacian};
pub use spectrum::fft_hf_ratio;
