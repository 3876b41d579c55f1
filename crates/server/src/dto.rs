//! The records of the API, one file per noun: what goes out is made `From` the engine's record, what comes in is
//! checked and made into the engine's. Each carries its schema, so that code and documentation cannot disagree.

pub(crate) mod album;
pub(crate) mod cache;
pub(crate) mod caption;
pub(crate) mod duplicate;
pub(crate) mod feature;
pub(crate) mod filter;
pub(crate) mod health;
pub(crate) mod import;
pub(crate) mod listing;
pub(crate) mod mark;
pub(crate) mod metadata;
pub(crate) mod models;
pub(crate) mod operation;
pub(crate) mod photo;
pub(crate) mod pipeline;
pub(crate) mod root;
pub(crate) mod search;
pub(crate) mod timeline;
pub(crate) mod trash;
pub(crate) mod vectors;
