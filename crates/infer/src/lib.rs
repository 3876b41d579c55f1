//! Models: [`tflite::lower`] reads TFLite files.

pub mod tflite;
