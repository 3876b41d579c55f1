//! [`serve`] puts a [`tintype_engine::Engine`] on HTTP: the API under `/api/v1`, its OpenAPI description at
//! `/api/v1/openapi.json`, interactive documentation at `/docs`, and the embedded web page on everything else.
//!
//! A handler parses, calls the engine on a blocking thread, and maps; what the engine refuses becomes a problem
//! (RFC 9457) by the one table of codes in `tintype_core`. A route group is one file under `routes/`, its records
//! are one file under `dto/`. Around every route stand, from the outside in: the request's id, security headers,
//! compression, the rendering of problems, and the check that the request was meant for this server.
//!
//! ```no_run
//! use tintype_engine::{Engine, EngineConfig};
//! use tintype_server::{ServeOptions, serve};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::open(EngineConfig::new("library-data".into()))?;
//! let options = ServeOptions::default();
//! serve(engine, options, |address| eprintln!("http://{address}"), std::future::pending()).await?;
//! # Ok(())
//! # }
//! ```

mod app;
mod documentation;
mod dto;
mod error;
mod events;
mod extract;
mod guard;
mod originals;
mod page;
mod period;
mod problem;
mod request_id;
mod routes;
mod security_headers;
mod serve;

pub use app::openapi;
pub use error::Error;
pub use page::has_page;
pub use serve::{ServeOptions, serve};
