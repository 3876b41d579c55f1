//! [`Store`] is Tintype's database: the only crate with SQL.

pub mod model;
