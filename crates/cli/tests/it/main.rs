//! The real binary, used as a person would use it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod adverse;
mod caption;
mod care;
mod care_crash;
mod crash;
mod databases;
mod formats;
mod keep;
mod layers;
mod never_twice;
mod robust;
mod same_library;
mod search;
mod support;
mod vectors;
mod watch;
