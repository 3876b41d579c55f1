//! The whole way: TFLite files through the engines, against the TFLite interpreter's numbers (recorded by
//! `tests/fixtures/tflite/make_cases.py`), and against the converted twins of the published files.

mod cases;
mod hostile;
mod real;
mod support;
mod twins;
pub(in crate::tflite) mod written;
