//! `tintype trash`.

use anyhow::Result;
use indicatif::HumanBytes;
use serde_json::json;
use tintype_engine::{OperationRequest, TrashChoice, Unwanted, paths, rfc3339};

use super::{carry_out, finish_items, open, select};
use crate::args::{Args, TrashCommand, TrashSelection};
use crate::exit::Ended;
use crate::out::outln;

/// Entries read at a time.
const PAGE: usize = 1000;

pub(super) fn run(args: &Args, command: &TrashCommand) -> Result<Ended> {
    let engine = open(args)?;
    let request = match command {
        TrashCommand::List => return list(args, &engine),
        TrashCommand::Add { reason, photos } => {
            let photos = select::photos(&engine, photos)?.into_iter();
            let unwanted =
                photos.map(|photo| Unwanted { photo, path: None, kept: None, reason: reason.clone() });
            OperationRequest::Trash { unwanted: unwanted.collect(), keep_together: Vec::new() }
        }
        TrashCommand::Restore(selection) => OperationRequest::Restore { choice: choice(selection) },
        TrashCommand::Purge(selection) => OperationRequest::Purge { choice: choice(selection) },
    };
    let view = carry_out(args, &engine, &request)?;
    finish_items(args, &engine, &view, false)
}

fn choice(selection: &TrashSelection) -> TrashChoice {
    match selection.older_than {
        Some(days) => TrashChoice::OlderThanDays(days),
        None if selection.all => TrashChoice::All,
        None => TrashChoice::Ids(selection.ids.clone()),
    }
}

fn list(args: &Args, engine: &tintype_engine::Engine) -> Result<Ended> {
    let mut cursor = None;
    loop {
        let page = engine.trash(PAGE, cursor.as_deref())?;
        for entry in page.items {
            let path = paths::display(entry.file.original.as_os_str().as_encoded_bytes());
            let trashed_at = rfc3339(entry.trashed_ms);
            if args.json {
                outln!(
                    "{}",
                    json!({ "id": entry.file.id, "path": path, "bytes": entry.file.stat.size,
                                       "trashed_at": trashed_at, "reason": entry.file.reason, "photo_id": entry.file.photo })
                )?;
            } else {
                let why = entry.file.reason.map(|reason| format!("  ({reason})")).unwrap_or_default();
                outln!(
                    "{}  {trashed_at}  {:>10}  {path}{why}",
                    entry.file.id,
                    HumanBytes(entry.file.stat.size).to_string()
                )?;
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if !args.json {
        let (files, bytes) = engine.store().trash_totals()?;
        outln!("{files} files, {}", HumanBytes(bytes))?;
    }
    Ok(Ended::Done)
}
