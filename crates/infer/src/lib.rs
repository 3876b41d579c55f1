//! [`Session`] is a loaded graph that runs on one of two engines: RTen, which is built in, or ONNX Runtime, whose
//! shared library is looked for when the program runs ([`Engine`]). [`Tensor`] goes in and comes out.
//!
//! [`Models`] is an installation: the one table of models ([`MODELS`]), where their files are and how they get there,
//! and sessions that are loaded when first used. Each family has a module that takes an upright picture and gives
//! plain records: [`scene`] (labels and vector), [`nima`] (votes), [`yolox`] (objects), [`ocr`] (lines of text).
//!
//! It knows `vision` (pixels in, pure functions over outputs) and `core`, and neither the store nor the decoders:
//! `engine` brings pictures and keeps results.
//!
//! ```
//! use tintype_infer::scene::SceneModel;
//! use tintype_infer::{InferConfig, ModelState, Models, Tensor};
//! # let dir = tempfile::tempdir()?;
//! let models = Models::open(InferConfig::new(dir.path()));
//! println!("{}", models.engine_report().reason);
//! // Nothing is installed: that is said, and everything else goes on.
//! assert_eq!(models.status("mobilenet-v2")?.state, ModelState::Absent);
//! let picture = tintype_vision::RgbImage::black(640, 480);
//! let error = SceneModel::new(&models).look_at(&picture, 5).unwrap_err();
//! assert!(error.to_string().contains("tintype models pull mobilenet-v2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod batch;
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
pub mod own;
pub mod registry;
pub mod runs;
pub mod scene;
pub mod session;
pub mod table;
pub mod tensor;
#[cfg(test)]
mod test_support;
pub mod tflite;
pub mod tokenize;
pub mod vit_gpt2;
pub mod yolox;

pub use batch::MicroBatcher;
pub use engine::{Engine, EngineChoice, EngineConfig, EngineKind, EngineReport, Provider};
pub use error::{Error, Result};
pub use registry::{FetchOptions, FileReport, InferConfig, ModelState, ModelStatus, Models, PullProgress};
pub use runs::{RunCounter, RunTotals};
pub use session::{ModelSource, Session, SessionOptions, TensorInfo};
pub use table::{Format, MODELS, ModelRow, Pack, Task};
pub use tensor::{DType, Tensor};
