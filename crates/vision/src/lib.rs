//! [`GrayImage`] and [`RgbImage`] and the pure functions over them: everything Tintype computes from pixels
//! without a model. No I/O, no decoding, no global state.

pub mod image;

pub use image::{GrayImage, RgbImage};
