//! [`Session`] is a loaded graph that runs on one of two engines: RTen, which is built in, or ONNX Runtime, whose
//! shared library is looked for when the program runs ([`Engine`]). [`Tensor`] goes in and comes out.
//!
//! It knows `vision` (pixels in, pure functions over outputs) and `core`, and neither the store nor the decoders:
//! `engine` brings pictures and keeps results.
//!
//! ```
//! use tintype_infer::Tensor;
//! let picture = Tensor::f32([1, 3, 2, 2], vec![0.0; 12])?;
//! assert_eq!(picture.shape(), [1, 3, 2, 2]);
//! # Ok::<(), tintype_infer::Error>(())
//! ```

pub mod blip;
pub mod clip;
pub mod dino;
pub mod engine;
pub mod error;
pub mod generate;
#[cfg(test)]
mod golden;
pub mod graphs;
pub mod nima;
pub mod ocr;
mod onnx_edit;
mod onnx_file;
pub mod registry;
pub mod scene;
pub mod session;
pub mod table;
pub mod tensor;
#[cfg(test)]
mod test_support;
pub mod tokenize;
pub mod vit_gpt2;
pub mod yolox;

pub use engine::{Engine, EngineChoice, EngineConfig, EngineKind, EngineReport, Provider};
pub use error::{Error, Result};
pub use registry::{FetchOptions, FileReport, InferConfig, ModelState, ModelStatus, Models, PullProgress};
pub use session::{ModelSource, Session, SessionOptions, TensorInfo};
pub use table::{Format, MODELS, ModelRow, Pack, Task};
pub use tensor::{DType, Tensor};
