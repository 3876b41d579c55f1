//! The real binary, used as a person would use it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod crash;
mod formats;
mod layers;
mod never_twice;
mod robust;
mod support;
