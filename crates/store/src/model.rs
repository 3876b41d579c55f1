//! The records that go in and out of a [`crate::Store`].

pub mod album;
pub mod backup;
pub mod decision;
pub mod feature;
pub mod item;
pub mod listing;
pub mod operation;
pub mod pack;
pub mod scan;
pub mod scope;
pub mod search;
pub mod work;
