//! The crate through its public face.

mod changing;
mod concurrent;
mod damage;
mod exactness;
mod support;
