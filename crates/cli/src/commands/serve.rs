//! `tintype serve`.

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};
use tintype_engine::{Engine, OperationRequest};
use tintype_server::ServeOptions;

use super::{engine_config, watch};
use crate::args::{Args, ServeArgs};
use crate::exit::Ended;
use crate::out::outln;

pub(super) fn run(args: &Args, serve: &ServeArgs) -> Result<Ended> {
    let mut config = engine_config(args)?;
    config.allowed.clone_from(&serve.allow);
    let engine = Engine::open(config)?;
    let paths = serve.dirs.iter().map(|dir| engine.local_folder(dir)).collect::<Result<Vec<_>, _>>()?;
    let options =
        ServeOptions { listen: serve.listen, allow_remote: serve.allow_remote, ..ServeOptions::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the network threads")?;
    let (json, no_open) = (args.json, serve.no_open);
    let server = engine.clone();
    let mut watching = None;
    let outcome = runtime.block_on(tintype_server::serve(
        server,
        options,
        |address| {
            let said = if json {
                outln!("{}", json!({ "serving": format!("http://{address}/") }))
            } else {
                outln!("Tintype is at http://{address}/ (Ctrl-C stops it)")
            };
            if let Err(error) = said {
                tracing::warn!(%error, "nobody reads where the server says that it is at http://{address}/");
            }
            catch_up(&engine);
            if serve.watch {
                watching = watch::start(&engine, watch::options(paths, &serve.how));
            } else if !paths.is_empty() {
                start_index(&engine, paths);
            }
            if !no_open {
                open_browser(&format!("http://{address}/"));
            }
        },
        stop_signal(),
    ));
    if let Some(watching) = watching {
        watching.stop();
    }
    engine.shutdown();
    outcome?;
    Ok(Ended::Done)
}

/// Indexing goes on behind the page; a run of the same folders that was interrupted is continued.
fn start_index(engine: &Engine, paths: Vec<std::path::PathBuf>) {
    let request = OperationRequest::Index { paths, steps: None, config: Json::Null };
    if let Err(error) = engine.start_or_resume(request) {
        tracing::error!(%error, "indexing could not start");
    }
}

/// Documents that an older program wrote, and indexes of vectors that are missing or of another database, are made anew
/// before a search wants them. If the program ends meanwhile, the next one goes on.
fn catch_up(engine: &Engine) {
    let engine = engine.clone();
    let work = move || {
        if let Err(error) = engine.refresh_search() {
            tracing::warn!(%error, "documents for searching could not be brought up to date");
        }
        if let Err(error) = engine.refresh_vectors(&|| false) {
            tracing::warn!(%error, "indexes of vectors could not be brought up to date");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("catch-up".into()).spawn(work) {
        tracing::warn!(%error, "documents and indexes are made when a search needs them");
    }
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_no_signals) => drop(interrupt.await),
    }
}

/// Only where there is somebody to look: a terminal and a desktop session.
fn open_browser(address: &str) {
    use std::io::IsTerminal as _;
    if !std::io::stdout().is_terminal() || std::env::var_os("CI").is_some() {
        return;
    }
    let command = if cfg!(target_os = "macos") {
        "open"
    } else if std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some() {
        "xdg-open"
    } else {
        return;
    };
    if let Err(error) = std::process::Command::new(command).arg(address).spawn() {
        tracing::debug!(%error, "no browser was opened");
    }
}
