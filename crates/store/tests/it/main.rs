//! The store through its public face. Every test body runs on SQLite and on PostgreSQL.

mod albums;
mod commit;
mod features;
mod fixture;
mod listing;
mod open;
mod operations;
mod scan;
mod speed;
