//! The API through its public face: a real server on a free port over a small drawn library, and a plain HTTP
//! client. Every answer is checked against the OpenAPI description: a status that is not documented fails the test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failure in these tests' own parts is a failed test"
)]

mod albums;
mod cache;
mod captions;
mod care;
mod description;
mod events;
mod guard;
mod operations;
mod page;
mod photos;
mod pictures;
mod problems;
mod search;
mod server;
mod vectors;
