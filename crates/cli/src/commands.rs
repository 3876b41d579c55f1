//! One module per command; what several of them need is here.

mod analyze;
mod backup;
mod cache;
mod caption;
mod date;
mod decisions;
mod demo;
mod doctor;
mod dupes;
mod import;
mod index;
mod metadata;
mod models;
mod ops;
mod packs;
mod rate;
mod rebuild;
mod report;
mod roots;
mod search;
mod select;
mod serve;
mod trash;
mod vectors;
mod verify;
mod watch;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use tintype_engine::store::Scope;
use tintype_engine::{Engine, EngineConfig, OperationRequest, OperationView};

use crate::args::{Args, Command, StepArgs};
use crate::exit::{Ended, Usage};
use crate::out::outln;
use crate::progress::{Bar, stop_on_signal};

/// Carries a command out.
pub(crate) fn run(args: &Args) -> Result<Ended> {
    match &args.command {
        Command::Index(index) => index::run(args, index),
        Command::Analyze(analyze) => analyze::run(args, analyze),
        Command::Serve(serve) => serve::run(args, serve),
        Command::Watch(watch) => watch::run(args, watch),
        Command::Search(search) => search::run(args, search),
        Command::Similar(similar) => search::similar(args, similar),
        Command::Vectors(command) => vectors::run(args, command),
        Command::Caption(caption) => caption::run(args, caption),
        Command::Dupes(dupes) => dupes::run(args, dupes),
        Command::Report(report) => report::run(args, report),
        Command::Metadata(metadata) => metadata::run(args, metadata),
        Command::Backup(backup) => backup::run(args, backup),
        Command::Restore(restore) => backup::restore(args, restore),
        Command::Recover(recover) => backup::recover(args, recover),
        Command::Cache(cache) => cache::run(args, cache),
        Command::Models(models) => models::run(args, models),
        Command::Ops(ops) => ops::run(args, ops),
        Command::Rate(rate) => rate::run(args, rate),
        Command::Date(date) => date::run(args, date),
        Command::Import(import) => import::run(args, import),
        Command::Trash(trash) => trash::run(args, trash),
        Command::Verify(verify) => verify::run(args, verify),
        Command::Rebuild(rebuild) => rebuild::run(args, rebuild),
        Command::Roots(roots) => roots::run(args, roots),
        Command::Decisions(decisions) => decisions::run(args, decisions),
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
    let (models, given) = (&mut config.models, &args.models);
    if let Some(dir) = &given.dir {
        models.models_dir.clone_from(dir);
    }
    models.mirror.clone_from(&given.mirror);
    models.idle_secs = given.unload_after_secs;
    models.onnxruntime.clone_from(&given.onnxruntime);
    models.engine = word(given.engine.as_deref())?;
    models.provider = word(given.provider.as_deref())?;
    config.vectors.index = word(args.vectors.index.as_deref())?;
    config.vectors.graph_from = args.vectors.graph_from;
    Ok(config)
}

/// A setting by its name as people write it, or its default.
fn word<T: DeserializeOwned + Default>(name: Option<&str>) -> Result<T> {
    name.map_or_else(|| Ok(T::default()), |name| Ok(serde_json::from_value(json!(name))?))
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

/// Runs an operation with a progress bar, until it ends or Ctrl-C asks it to stop at its checkpoint.
fn carry_out(args: &Args, engine: &Engine, request: &OperationRequest) -> Result<OperationView> {
    let control = stop_on_signal()?;
    let mut bar = Bar::new(args.json);
    let outcome = engine.run(request, &control, &mut |view| bar.show(view));
    bar.clear();
    Ok(outcome?)
}

/// Prints the end of an operation on single files: what was done, skipped and failed, and why.
fn finish_items(args: &Args, engine: &Engine, view: &OperationView, strict: bool) -> Result<Ended> {
    use tintype_engine::store::{ItemState, OperationState as State};
    let done = view.done.saturating_sub(view.failed + view.skipped);
    if args.json {
        let mut line = json!({ "operation": view.id, "kind": view.kind, "state": view.state, "total": view.total,
                               "done": done, "skipped": view.skipped, "failed": view.failed });
        if let (Some(line), Some(Json::Object(result))) = (line.as_object_mut(), view.result.clone()) {
            line.extend(result);
        }
        outln!("{line}")?;
    } else if view.state == State::Completed {
        outln!("{}: {done} done, {} skipped, {} failed", view.label, view.skipped, view.failed)?;
        for item in engine.items(view.id, Some(ItemState::Failed), 50, None)?.items {
            let path = tintype_engine::paths::display(item.path.as_os_str().as_encoded_bytes());
            outln!("  {path}: {}", item.detail.unwrap_or_default())?;
        }
        if view.failed > 0 {
            outln!("to try those again: tintype ops retry {}", view.id)?;
        }
        if view.undoable && done > 0 {
            outln!("to undo: tintype ops undo {}", view.id)?;
        }
    } else {
        outln!(
            "{} after {} of {}; to go on: tintype ops resume {}",
            view.state.as_str(),
            view.done,
            view.total,
            view.id
        )?;
    }
    Ok(match view.state {
        State::Completed if strict && view.failed > 0 => Ended::Issues,
        State::Completed | State::Cancelled => Ended::Done,
        _ => Ended::Interrupted,
    })
}

/// Prints an operation's end: SPEC §12's one JSON line, or words for people.
fn finish(args: &Args, view: &OperationView, strict: bool) -> Result<Ended> {
    use tintype_engine::store::OperationState as State;
    let result = view.result.clone().unwrap_or(Json::Null);
    let count = |name: &str, live: u64| result.get(name).and_then(Json::as_u64).unwrap_or(live);
    let (files, photos) = (count("files", 0), count("photos", view.done));
    let (computed, cached) = (count("computed", view.computed), count("cached", view.cached));
    let (opened, issues) = (count("opened", view.opened), count("issues", view.issues));
    let secs = result.get("secs").and_then(Json::as_f64).unwrap_or(0.0);
    let folders_removed = result.get("folders_removed").and_then(Json::as_u64);
    if args.json {
        let mut line = json!({ "operation": view.id, "state": view.state, "files": files, "photos": photos,
            "computed": computed, "cached": cached, "opened": opened, "issues": issues, "secs": secs });
        if let Some(removed) = folders_removed {
            line["folders_removed"] = json!(removed);
        }
        if result["skipped_steps"].as_array().is_some_and(|skipped| !skipped.is_empty()) {
            line["skipped_steps"] = result["skipped_steps"].clone();
        }
        outln!("{line}")?;
    } else {
        match view.state {
            State::Completed => {
                outln!(
                    "{photos} photos: {computed} features computed, {cached} were known; {opened} files opened, {issues} issues, {secs:.2} s"
                )?;
            }
            state => outln!(
                "{} after {} of {} photos; to go on: tintype ops resume {}",
                state.as_str(),
                view.done,
                view.total,
                view.id
            )?,
        }
        if let Some(removed) = folders_removed {
            outln!("{removed} empty folders removed")?;
        }
        for offline in result.get("offline").and_then(Json::as_array).into_iter().flatten() {
            outln!("offline, kept as it was: {}", offline.as_str().unwrap_or_default())?;
        }
        for skipped in result.get("skipped_steps").and_then(Json::as_array).into_iter().flatten() {
            let text = |name: &str| skipped[name].as_str().unwrap_or_default();
            outln!("skipped {}: {}", text("step"), text("reason"))?;
        }
        if issues > 0 && view.state == State::Completed {
            outln!("tintype report lists each file's issues")?;
        }
    }
    Ok(match view.state {
        State::Completed if strict && issues > 0 => Ended::Issues,
        State::Completed | State::Cancelled => Ended::Done,
        _ => Ended::Interrupted,
    })
}
