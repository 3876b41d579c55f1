//! Import: copy or move photos from cards and folders into a dated tree of the library. What the library holds
//! already (by content) is left where it is; each copy is compared with its original; nothing is overwritten.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tintype_core::{ContentHash, Control, ErrorCode, Metadata};
use tintype_store::{Item, ItemState, NewItem, PathText, SeenSource, Stat, Store};

use crate::engine::Inner;
use crate::items::{Applied, ItemWork, body};
use crate::live::Live;
use crate::{Error, Result, moving, walk};

/// Where photos go when nothing else is said.
pub const DEFAULT_TEMPLATE: &str = "{yyyy}/{mm}";

/// Names that a file may not have got from a template on some system.
const FORBIDDEN: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// What is to be imported, and where to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportPlan {
    /// Files and folders.
    pub sources: Vec<PathText>,
    /// The folder of the library that it goes into.
    pub into: PathText,
    /// Folders below it, with `{yyyy}`, `{yy}`, `{mm}`, `{dd}`, `{hh}`, `{make}`, `{model}`, `{camera}`.
    pub template: String,
    /// Whether the originals go once their copies are whole.
    pub moves: bool,
}

/// One file of a plan, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportPreview {
    /// The original.
    pub path: PathBuf,
    /// Where it would go.
    pub target: Option<PathBuf>,
    /// `new`, `known` or `rejected`.
    pub state: &'static str,
    /// Why it is known or rejected.
    pub detail: Option<String>,
    /// Bytes.
    pub size: u64,
}

impl ImportPlan {
    /// Whether it makes sense at all; the folders must be there.
    pub fn check(&self) -> Result<()> {
        let wrong = |field: &'static str, detail: String| Err(Error::BadValue { field, detail });
        if self.sources.is_empty() {
            return wrong("sources", "name at least one file or folder".into());
        }
        if let Err(unknown) = expand(&self.template, &Metadata::default()) {
            return wrong("template", unknown);
        }
        let into = self.into.to_path();
        if !into.is_dir() {
            return Err(Error::PathNotFound(into));
        }
        for source in &self.sources {
            let source = source.to_path();
            if std::fs::symlink_metadata(&source).is_err() {
                return Err(Error::PathNotFound(source));
            }
            if into.starts_with(&source) {
                return wrong("sources", format!("{} holds the folder to import into", source.display()));
            }
        }
        Ok(())
    }
}

/// The folder that a template gives for a photo; parts that are empty are left out.
fn expand(template: &str, metadata: &Metadata) -> Result<PathBuf, String> {
    let date = metadata.taken_at.as_ref().map(|taken| taken.local.as_str()).unwrap_or_default();
    let part = |range: std::ops::Range<usize>| date.get(range).unwrap_or_default().to_owned();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let camera = match (&metadata.make, &metadata.model) {
        (Some(make), Some(model)) if !model.starts_with(make.as_str()) => format!("{make} {model}"),
        (make, model) => model.clone().or_else(|| make.clone()).unwrap_or_default(),
    };
    let mut path = PathBuf::new();
    for folder in template.split('/') {
        let mut rest = folder;
        let mut name = String::new();
        while let Some(open) = rest.find('{') {
            name.push_str(&rest[..open]);
            let close =
                rest[open..].find('}').ok_or_else(|| format!("{{ is not closed in {template:?}"))? + open;
            let value = match &rest[open + 1..close] {
                "yyyy" => part(0..4),
                "yy" => part(2..4),
                "mm" => part(5..7),
                "dd" => part(8..10),
                "hh" => part(11..13),
                "make" => text(&metadata.make),
                "model" => text(&metadata.model),
                "camera" => camera.clone(),
                other => {
                    return Err(format!(
                        "{{{other}}} is not known; there are yyyy, yy, mm, dd, hh, make, model, camera"
                    ));
                }
            };
            // What a camera calls itself must not lead elsewhere.
            name.extend(
                value.chars().map(|c| if c.is_control() || FORBIDDEN.contains(&c) { '_' } else { c }),
            );
            rest = &rest[close + 1..];
        }
        name.push_str(rest);
        let name = name.trim().trim_start_matches('.');
        if name == ".." || name.contains('\0') {
            return Err(format!("{folder:?} is no name of a folder"));
        }
        if !name.is_empty() {
            path.push(name);
        }
    }
    Ok(path)
}

/// Brings photos into the library.
pub(crate) struct Import<'a> {
    pub(crate) engine: &'a Inner,
    pub(crate) plan: &'a ImportPlan,
    /// Contents that this run has taken in or is taking in, with where they go.
    taken: Mutex<HashMap<ContentHash, PathBuf>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ImportItem {
    size: u64,
    mtime_ns: i64,
}

impl<'a> Import<'a> {
    /// An import, going on where operation `live` has got to.
    pub(crate) fn new(engine: &'a Inner, plan: &'a ImportPlan, live: &Live) -> Result<Self> {
        let mut taken = HashMap::new();
        let mut cursor = None;
        loop {
            let page = engine.store.items(live.id, Some(ItemState::Done), 1000, cursor.as_deref())?;
            let mut sources = Vec::new();
            for item in &page.items {
                let about: ImportItem = body(item, live)?;
                sources.push((item.path.clone(), about.size, about.mtime_ns));
            }
            for (item, hash) in page.items.iter().zip(engine.store.seen_sources(&sources)?) {
                if let (Some(hash), Some(target)) = (hash, &item.target) {
                    taken.insert(hash, target.clone());
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(Self { engine, plan, taken: Mutex::new(taken) })
    }

    /// Where a photo goes: the template's folder, the original's name.
    fn target(&self, source: &Path, metadata: &Metadata) -> PathBuf {
        let folder = expand(&self.plan.template, metadata).unwrap_or_default();
        self.plan.into.to_path().join(folder).join(source.file_name().unwrap_or_default())
    }

    /// Gives the content a place, or says where it is already.
    fn claim(&self, hash: ContentHash, target: &Path) -> Option<PathBuf> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        match taken.get(&hash) {
            Some(place) if place != target => Some(place.clone()),
            _ => {
                taken.insert(hash, target.to_path_buf());
                None
            }
        }
    }

    fn give_back(&self, hash: &ContentHash) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
    }

    /// Why the library does not want the content, if it does not.
    fn unwanted(store: &Store, hash: ContentHash) -> Result<Option<String>> {
        if let Some(path) = store.contents_held(&[hash])?.remove(&hash) {
            return Ok(Some(format!("the library holds it already: {}", path.display())));
        }
        if store.contents_thrown_away(&[hash])?.contains(&hash) {
            return Ok(Some("it was thrown away before; restore it from the trash to have it back".into()));
        }
        Ok(None)
    }

    /// Removes the originals whose copies are committed: a run that dies before this has two of each, never none.
    fn remove_originals(&self, live: &Live) -> Result<(u64, Vec<String>)> {
        let (mut removed, mut kept) = (0, Vec::new());
        let mut cursor = None;
        loop {
            let page = self.engine.store.items(live.id, Some(ItemState::Done), 1000, cursor.as_deref())?;
            for item in &page.items {
                let about: ImportItem = body(item, live)?;
                let Some(now) = moving::stat(&item.path) else { continue };
                let copy = item.target.as_deref().and_then(moving::stat);
                let is_safe = (now.size, now.mtime_ns) == (about.size, about.mtime_ns)
                    && copy.is_some_and(|copy| copy.size == now.size);
                if is_safe && fs_err::remove_file(&item.path).is_ok() {
                    removed += 1;
                } else {
                    kept.push(crate::paths::display(item.path.as_os_str().as_encoded_bytes()));
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok((removed, kept));
            }
        }
    }

    fn take_in(&self, source: &Path, was: Stat) -> Result<Applied> {
        let store = &self.engine.store;
        let known = store.seen_sources(&[(source.to_path_buf(), was.size, was.mtime_ns)])?.pop().flatten();
        // A card that was imported before: nothing on it is opened.
        if let Some(hash) = known
            && let Some(why) = Self::unwanted(store, hash)?
        {
            return Ok(Applied::skipped(why));
        }
        let _share = self.engine.budget.take(was.size);
        let inspected = match tintype_media::inspect(source, &self.engine.config.limits) {
            Ok(inspected) => inspected,
            Err(error) => return Ok(Applied::failed(error.code(), error.to_string())),
        };
        let hash = inspected.content_hash;
        let seen = SeenSource {
            path: source.to_path_buf(),
            size: inspected.size,
            mtime_ns: inspected.mtime_ns,
            content_hash: hash,
        };
        let opened = |mut applied: Applied| {
            applied.seen.push(seen.clone());
            applied.counters.opened = 1;
            applied.counters.bytes_read = seen.size;
            applied
        };
        if inspected.format.is_none() {
            let why =
                inspected.issues.first().map_or("it is no picture or film", |issue| issue.detail.as_str());
            return Ok(opened(Applied::failed(ErrorCode::InvalidImage, why)));
        }
        if let Some(why) = Self::unwanted(store, hash)? {
            return Ok(opened(Applied::skipped(why)));
        }
        let mut metadata = inspected.metadata.clone();
        if metadata.taken_at.is_none() {
            metadata.taken_at = crate::dates::from_modified(inspected.mtime_ns);
        }
        let mut target = self.target(source, &metadata);
        if let Some(place) = self.claim(hash, &target) {
            let why = format!("the same content was imported as {}", place.display());
            return Ok(opened(Applied::skipped(why)));
        }
        if let Some(folder) = target.parent() {
            fs_err::create_dir_all(folder)?;
        }
        loop {
            match moving::copy(source, inspected.bytes.as_deref(), &target) {
                Ok(()) => break,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    // An earlier try got that far, or another file has this name.
                    let there = tintype_media::inspect(&target, &self.engine.config.limits);
                    if there.is_ok_and(|there| there.content_hash == hash) {
                        break;
                    }
                    target = moving::free_name(&target);
                }
                Err(error) => {
                    self.give_back(&hash);
                    let full = matches!(
                        error.kind(),
                        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
                    );
                    // Nothing more fits either: stop, to be resumed when there is room.
                    return if full {
                        Err(error.into())
                    } else {
                        Ok(opened(Applied::failed(ErrorCode::FileUnreadable, error.to_string())))
                    };
                }
            }
        }
        let mut applied = opened(Applied::done());
        copy_side_file(source, &target);
        applied.target = Some(target);
        Ok(applied)
    }
}

/// Copies `NAME.EXT.xmp` along; what it says is worth having, but the photo does not depend on it.
fn copy_side_file(source: &Path, target: &Path) {
    let beside = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".xmp");
        PathBuf::from(name)
    };
    let from = beside(source);
    if moving::stat(&from).is_some()
        && let Err(error) = moving::copy(&from, None, &beside(target))
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        tracing::warn!(%error, "the side file {} was not copied", from.display());
    }
}

impl ItemWork for Import<'_> {
    fn plan(&self, live: &Live) -> Result<Option<Vec<NewItem>>> {
        let Some(found) = sources(self.plan, self.engine, &live.control) else { return Ok(None) };
        let items = found.into_iter().map(|(path, stat)| {
            let item = ImportItem { size: stat.size, mtime_ns: stat.mtime_ns };
            let body = serde_json::to_value(item).map_err(|error| Error::BadRequest(live.id, error))?;
            Ok(NewItem { path, body })
        });
        items.collect::<Result<Vec<_>>>().map(Some)
    }

    fn apply(&self, item: &Item, _live: &Live) -> Result<Applied> {
        if let Some(now) = moving::stat(&item.path) {
            return self.take_in(&item.path, now);
        }
        let detail = format!("{} is not there any more", item.path.display());
        Ok(Applied::failed(ErrorCode::FileVanished, detail))
    }

    fn finish(&self, live: &Live) -> Result<Json> {
        let counts = self.engine.store.item_counts(live.id)?;
        let mut result =
            json!({ "imported": counts.done, "known": counts.skipped, "rejected": counts.failed });
        if self.plan.moves {
            live.set_phase("removing originals");
            let (removed, kept) = self.remove_originals(live)?;
            result["originals_removed"] = json!(removed);
            result["originals_kept"] = json!(kept);
        }
        Ok(result)
    }
}

/// Every candidate below the sources, in order.
fn sources(plan: &ImportPlan, engine: &Inner, control: &Control) -> Option<Vec<(PathBuf, Stat)>> {
    let mut found = Vec::new();
    for source in &plan.sources {
        let source = source.to_path();
        if let Some(stat) = moving::stat(&source) {
            found.push((source, stat));
            continue;
        }
        let walked = walk::walk(&source, b"", Some(engine.config.shelter()), engine.config.threads, control);
        if control.requested().is_some() {
            return None;
        }
        for folder in walked.folders {
            let path = crate::paths::join(&source, &folder.rel);
            found.extend(
                folder.files.into_iter().map(|(name, stat)| (crate::paths::join(&path, &name), stat)),
            );
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.dedup_by(|a, b| a.0 == b.0);
    Some(found)
}

/// What an import would do, file by file, without doing it. It reads what is not known yet.
pub(crate) fn preview(engine: &Inner, plan: &ImportPlan, control: &Control) -> Result<Vec<ImportPreview>> {
    let live = Live::new(tintype_core::OperationId::now(), control.clone());
    let import = Import { engine, plan, taken: Mutex::default() };
    let found = sources(plan, engine, control).unwrap_or_default();
    let mut files = Vec::with_capacity(found.len());
    for (path, stat) in found {
        if live.control.requested().is_some() {
            break;
        }
        let mut file = ImportPreview { path, target: None, state: "new", detail: None, size: stat.size };
        let known =
            engine.store.seen_sources(&[(file.path.clone(), stat.size, stat.mtime_ns)])?.pop().flatten();
        if let Some(hash) = known
            && let Some(why) = Import::unwanted(&engine.store, hash)?
        {
            (file.state, file.detail) = ("known", Some(why));
            files.push(file);
            continue;
        }
        let _share = engine.budget.take(stat.size);
        match tintype_media::inspect(&file.path, &engine.config.limits) {
            Err(error) => (file.state, file.detail) = ("rejected", Some(error.to_string())),
            Ok(inspected) if inspected.format.is_none() => {
                let why = inspected.issues.first().map(|issue| issue.detail.clone());
                (file.state, file.detail) = ("rejected", why);
            }
            Ok(inspected) => {
                let mut metadata = inspected.metadata.clone();
                if metadata.taken_at.is_none() {
                    metadata.taken_at = crate::dates::from_modified(inspected.mtime_ns);
                }
                let target = import.target(&file.path, &metadata);
                let why = match Import::unwanted(&engine.store, inspected.content_hash)? {
                    Some(why) => Some(why),
                    None => import
                        .claim(inspected.content_hash, &target)
                        .map(|place| format!("the same content goes to {}", place.display())),
                };
                if let Some(why) = why {
                    (file.state, file.detail) = ("known", Some(why));
                } else {
                    let is_taken = moving::stat(&target).is_some();
                    file.target = Some(if is_taken { moving::free_name(&target) } else { target });
                }
            }
        }
        files.push(file);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use tintype_core::TakenAt;

    use super::*;

    #[test]
    fn templates_give_folders_that_stay_below() {
        let metadata = Metadata {
            taken_at: Some(TakenAt {
                local: "2024-06-30T18:05:12".into(),
                subsec_nanos: None,
                offset_minutes: None,
                source: String::new(),
            }),
            make: Some("../../etc".into()),
            model: Some("X/1".into()),
            ..Metadata::default()
        };
        let of = |template: &str| expand(template, &metadata).map(|path| path.display().to_string());
        assert_eq!(of("{yyyy}/{mm}").unwrap(), "2024/06");
        assert_eq!(of("{yyyy}/{yyyy}-{mm}-{dd} {model}").unwrap(), "2024/2024-06-30 X_1");
        assert_eq!(of("{make}").unwrap(), "_.._etc");
        assert_eq!(of("../{yy}/.").unwrap(), "24");
        assert!(of("{year}").unwrap_err().contains("{year} is not known"));
        assert!(of("{yyyy").is_err());
        let undated = expand("{yyyy}/{mm}", &Metadata::default()).unwrap();
        assert_eq!(undated, PathBuf::new());
    }
}
