//! The store through its public face. Every test body runs on SQLite and on PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::cloned_ref_to_slice_refs,
    clippy::assigning_clones,
    reason = "a failed step is a failed test"
)]

mod albums;
mod backups;
mod commit;
mod decisions;
mod features;
mod fixture;
mod listing;
mod open;
mod operations;
mod packs;
mod scan;
mod search;
mod speed;
mod upgrade;
mod vectors;
