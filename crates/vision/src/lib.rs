//! [`GrayImage`] and [`RgbImage`] and the pure functions over them: everything Tintype computes from pixels
//! without a model. No I/O, no decoding, no global state.

pub mod blur;
pub mod ctc;
pub mod duplicates;
pub mod geometry;
pub mod hamming;
pub mod image;
pub mod keypoints;
pub mod luma;
pub mod nms;
pub mod phash;
pub mod quality;
pub mod resize;
pub mod scene;
pub mod simd;
pub mod tensor_input;
pub mod text_boxes;
pub mod warp;

pub use image::{GrayImage, RgbImage};
