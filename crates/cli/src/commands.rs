//! One module per command; what several of them need is here.

mod analyze;
mod cache;
mod demo;
mod doctor;
mod dupes;
mod index;
mod ops;
mod report;
mod serve;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};
use tintype_engine::store::Scope;
use tintype_engine::{Engine, EngineConfig, OperationView};

use crate::args::{Args, Command, StepArgs};
use crate::exit::{Ended, Usage};

/// Carries a command out.
pub(crate) fn run(args: &Args) -> Result<Ended> {
    match &args.command {
        Command::Index(index) => index::run(args, index),
        Command::Analyze(analyze) => analyze::run(args, analyze),
        Command::Serve(serve) => serve::run(args, serve),
        Command::Dupes(dupes) => dupes::run(args, dupes),
        Command::Report(report) => report::run(args, report),
        Command::Cache(cache) => cache::run(args, cache),
        Command::Ops(ops) => ops::run(args, ops),
        Command::Forget(forget) => index::forget(args, forget),
        Command::Doctor => doctor::run(args),
        Command::Demo(demo) => demo::run(args, demo),
    }
}

/// The data directory: as given, or the platform's.
fn data_dir(args: &Args) -> Result<PathBuf> {
    if let Some(dir) = &args.data {
        return Ok(dir.clone());
    }
    let dirs = directories::ProjectDirs::from("", "", "tintype")
        .context("this account has no home directory; give --data DIR")?;
    Ok(dirs.data_dir().to_path_buf())
}

fn engine_config(args: &Args) -> Result<EngineConfig> {
    let mut config = EngineConfig::new(data_dir(args)?);
    config.database_url.clone_from(&args.database);
    config.threads = args.threads;
    config.limits.decode_program = this_program();
    Ok(config)
}

/// This program, for decoding in a process of its own. On Linux by the name that stays when an update replaces the
/// file.
fn this_program() -> Option<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Some(running) } else { std::env::current_exe().ok() }
}

fn open(args: &Args) -> Result<Engine> {
    Ok(Engine::open(engine_config(args)?)?)
}

/// Step parameters given as `step.param=value`, as the API takes them.
fn step_config(steps: &StepArgs) -> Result<Json> {
    let mut config = json!({});
    for setting in &steps.set {
        let wrong = || Usage(format!("--set takes STEP.PARAM=VALUE, not {setting:?}"));
        let (name, value) = setting.split_once('=').ok_or_else(wrong)?;
        let (step, parameter) = name.split_once('.').ok_or_else(wrong)?;
        let value: f64 = value.parse().or(Err(wrong()))?;
        config[step][parameter] = json!(value);
    }
    Ok(config)
}

/// The scope a user names: an album by id or name, a folder of the library, or everything.
fn scope_of(engine: &Engine, target: Option<&str>) -> Result<(Scope, String)> {
    let Some(target) = target else { return Ok((Scope::Library, "the library".into())) };
    for album in engine.store().albums()? {
        if album.name == target || album.id.to_string() == target {
            return Ok((Scope::Album(album.id), album.name));
        }
    }
    let path = engine
        .local_folder(target.as_ref())
        .map_err(|_not_a_folder| Usage(format!("{target:?} is neither an album nor a folder")))?;
    for root in engine.store().roots()? {
        if let Ok(rel) = path.strip_prefix(&root.path) {
            let rel = rel.as_os_str().as_encoded_bytes().to_vec();
            return Ok((Scope::Folder { root: root.id, rel }, path.display().to_string()));
        }
    }
    Err(Usage(format!("{} is not part of the library; run: tintype index {0}", path.display())).into())
}

/// Prints an operation's end: SPEC §12's one JSON line, or words for people.
fn finish(args: &Args, view: &OperationView, strict: bool) -> Ended {
    use tintype_engine::store::OperationState as State;
    let result = view.result.clone().unwrap_or(Json::Null);
    let count = |name: &str, live: u64| result.get(name).and_then(Json::as_u64).unwrap_or(live);
    let (files, photos) = (count("files", 0), count("photos", view.done));
    let (computed, cached) = (count("computed", view.computed), count("cached", view.cached));
    let (opened, issues) = (count("opened", view.opened), count("issues", view.issues));
    let secs = result.get("secs").and_then(Json::as_f64).unwrap_or(0.0);
    if args.json {
        println!(
            "{}",
            json!({ "operation": view.id, "state": view.state, "files": files, "photos": photos, "computed": computed,
                    "cached": cached, "opened": opened, "issues": issues, "secs": secs })
        );
    } else {
        match view.state {
            State::Completed => {
                println!(
                    "{photos} photos: {computed} features computed, {cached} were known; {opened} files opened, {issues} issues, {secs:.2} s"
                );
            }
            state => println!(
                "{} after {} of {} photos; to go on: tintype ops resume {}",
                state.as_str(),
                view.done,
                view.total,
                view.id
            ),
        }
        for offline in result.get("offline").and_then(Json::as_array).into_iter().flatten() {
            println!("offline, kept as it was: {}", offline.as_str().unwrap_or_default());
        }
        if issues > 0 && view.state == State::Completed {
            println!("tintype report lists each file's issues");
        }
    }
    match view.state {
        State::Completed if strict && issues > 0 => Ended::Issues,
        State::Completed | State::Cancelled => Ended::Done,
        _ => Ended::Interrupted,
    }
}
