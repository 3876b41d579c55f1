//! Checking that every file of the library is there and still holds what it held.

use serde_json::{Value as Json, json};
use tintype_core::ErrorCode;
use tintype_store::{FileId, Item, ItemState, NewItem, Scope};

use crate::engine::Inner;
use crate::items::{Applied, ItemWork, body};
use crate::live::Live;
use crate::{Error, Result, moving, scan, walk};

/// Reads every file of a scope again and compares.
pub(crate) struct Verify<'a> {
    engine: &'a Inner,
    scope: &'a Scope,
}

impl<'a> Verify<'a> {
    pub(crate) fn new(engine: &'a Inner, scope: &'a Scope) -> Self {
        Self { engine, scope }
    }

    /// Files on disk that the library does not know, with a few of their names.
    fn extra(&self, live: &Live) -> Result<(u64, Vec<String>)> {
        let (mut count, mut names) = (0, Vec::new());
        for root in self.engine.store.roots()?.into_iter().filter(|root| root.online) {
            let under: Vec<u8> = match self.scope {
                Scope::Library => Vec::new(),
                Scope::Folder { root: id, rel } if *id == root.id => rel.clone(),
                _ => continue,
            };
            let walked = walk::walk(
                &root.path,
                &under,
                Some(self.engine.config.shelter()),
                self.engine.config.threads,
                &live.control,
            );
            let known = self.engine.store.load_scan(root.id, (!under.is_empty()).then_some(&under))?;
            for file in scan::compare(walked, known).changes.added {
                count += 1;
                if names.len() < 100 {
                    let folder = crate::paths::join(&root.path, &file.folder);
                    let path = crate::paths::join(&folder, &file.name);
                    names.push(crate::paths::display(path.as_os_str().as_encoded_bytes()));
                }
            }
        }
        Ok((count, names))
    }
}

impl ItemWork for Verify<'_> {
    fn plan(&self, live: &Live) -> Result<Option<Vec<NewItem>>> {
        let mut items = Vec::new();
        let mut failure = None;
        self.engine.store.report_rows(self.scope, |row| {
            if row.settled {
                match serde_json::to_value(row.file) {
                    Ok(body) => items.push(NewItem { path: row.path, body }),
                    Err(error) => failure = Some(error),
                }
            }
        })?;
        match failure {
            Some(error) => Err(Error::BadRequest(live.id, error)),
            None => Ok(Some(items)),
        }
    }

    fn apply(&self, item: &Item, live: &Live) -> Result<Applied> {
        let file: FileId = body(item, live)?;
        let Some(known) = self.engine.store.work_items(&[file])?.pop() else {
            return Ok(Applied::skipped("it is not in the library any more"));
        };
        let Some(now) = moving::stat(&known.path) else {
            // An unmounted disk leaves an empty folder behind.
            let root_is_there = known.path.ancestors().skip(1).any(|folder| {
                self.engine.store.roots().is_ok_and(|roots| roots.iter().any(|root| root.path == folder))
                    && std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
            });
            if !root_is_there {
                return Ok(Applied::failed(ErrorCode::RootOffline, "its folder cannot be reached now"));
            }
            return Ok(Applied::failed(
                ErrorCode::FileVanished,
                "it is not there; index again, or look in your backups",
            ));
        };
        if (now.size, now.mtime_ns) != (known.stat.size, known.stat.mtime_ns) {
            return Ok(Applied::failed(
                ErrorCode::FileChanged,
                "it was changed since it was indexed; index again",
            ));
        }
        let Some(photo) = known.photo else { return Ok(Applied::skipped("it holds no picture")) };
        let _share = self.engine.budget.take(now.size);
        let mut applied = match tintype_media::inspect(&known.path, &self.engine.config.limits) {
            Err(error) => {
                return Ok(Applied::failed(error.code(), error.to_string()));
            }
            Ok(inspected) if inspected.content_hash == photo.content_hash => {
                let mut done = Applied::done();
                done.counters.bytes_read = inspected.size;
                done
            }
            Ok(inspected) => {
                let what =
                    if inspected.pixel_hash == photo.pixel_hash { "its metadata" } else { "its pixels" };
                let detail = format!(
                    "{what} changed although size and time did not: SHA-256 was {}, is {}",
                    photo.content_hash, inspected.content_hash
                );
                Applied::failed(ErrorCode::FileDamaged, detail)
            }
        };
        applied.counters.opened = 1;
        Ok(applied)
    }

    fn finish(&self, live: &Live) -> Result<Json> {
        live.set_phase("comparing folders");
        let store = &self.engine.store;
        let counts = store.item_counts(live.id)?;
        let (mut changed, mut missing, mut rotten, mut unreachable) = (0_u64, 0_u64, 0_u64, 0_u64);
        let mut cursor = None;
        loop {
            let page = store.items(live.id, Some(ItemState::Failed), 1000, cursor.as_deref())?;
            for item in &page.items {
                match item.code {
                    Some(ErrorCode::FileChanged) => changed += 1,
                    Some(ErrorCode::FileVanished) => missing += 1,
                    Some(ErrorCode::FileDamaged) => rotten += 1,
                    _ => unreachable += 1,
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let (extra, names) = self.extra(live)?;
        // That a file is well needs no line of its own.
        store.forget_items(live.id, ItemState::Done)?;
        store.forget_items(live.id, ItemState::Skipped)?;
        Ok(json!({
            "ok": counts.done, "changed": changed, "missing": missing, "rotten": rotten,
            "unreachable": unreachable, "extra": extra, "extra_files": names,
        }))
    }
}
