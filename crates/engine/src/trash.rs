//! The trash: files are moved, never deleted, until somebody says so. A move within one disk is a rename; to another
//! disk it is a copy that is compared byte for byte before the original goes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tintype_core::{ContentHash, ErrorCode, PhotoId};
use tintype_store::{
    Choice, Decision, FileId, Item, NewDecision, NewItem, NewTrash, PathText, PhotoQuery, Scope, Stat,
    TrashChange, TrashEntry,
};
use uuid::Uuid;

use crate::engine::Inner;
use crate::items::{Applied, ItemWork, body};
use crate::live::Live;
use crate::moving::{self, Moved};
use crate::{Error, Result};

/// Photos up to which duplicates are grouped again at once: a few seconds.
const REGROUPED_AT_ONCE: u64 = 30_000;

/// Name of the folder below the data directory.
const FOLDER: &str = "trash";

/// A file to move to the trash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unwanted {
    /// The photo.
    pub photo: PhotoId,
    /// One of its files. `None` means all of them, and those of the photos of its stack (the RAW beside a JPEG, the film
    /// beside a still): what is shown as one goes as one. Duplicates, of which one is kept, go alone.
    pub path: Option<PathText>,
    /// The file that is kept instead.
    pub kept: Option<PathText>,
    /// Why.
    pub reason: Option<String>,
}

/// Moves files to the trash.
pub(crate) struct Discard<'a> {
    pub(crate) engine: &'a Inner,
    pub(crate) unwanted: &'a [Unwanted],
    /// Groups of files that stay side by side.
    pub(crate) keep_together: &'a [Vec<PathText>],
}

#[derive(Debug, Serialize, Deserialize)]
struct DiscardItem {
    id: Uuid,
    file: FileId,
    photo: PhotoId,
    content_hash: ContentHash,
    size: u64,
    mtime_ns: i64,
    /// Below the trash folder.
    place: String,
    kept: Option<PathText>,
    reason: Option<String>,
}

/// The id of a file in the trash. Made from what the file is, so that a move that was cut off is found by the next
/// operation that is asked for it, whichever that is.
fn entry_id(path: &Path, size: u64, mtime_ns: i64) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(path.as_os_str().as_encoded_bytes())
        .update(&size.to_le_bytes())
        .update(&mtime_ns.to_le_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

pub(crate) fn folder(engine: &Inner) -> PathBuf {
    engine.config.data_dir.join(FOLDER)
}

/// Puts entries of the trash on record again that a lost database knew: of what decisions tell, that which is in the
/// trash folder still. An entry's id proves that the file in its folder is the one that was moved there.
pub(crate) fn find_again(engine: &Inner, trashed: &[Decision]) -> Result<()> {
    let folder = folder(engine);
    let mut by_name: HashMap<&OsStr, Vec<(PathBuf, &Decision)>> = HashMap::new();
    for decision in trashed {
        if let Choice::Trashed { path, .. } = &decision.choice {
            let name =
                OsStr::from_bytes(path.as_bytes().rsplit(|byte| *byte == b'/').next().unwrap_or_default());
            by_name.entry(name).or_default().push((path.to_path(), decision));
        }
    }
    if by_name.is_empty() || !folder.is_dir() {
        return Ok(());
    }
    let mut entries = Vec::new();
    for own in fs_err::read_dir(&folder)? {
        let own = own?;
        let Some(id) = own.file_name().to_str().and_then(|name| Uuid::parse_str(name).ok()) else { continue };
        let Ok(files) = fs_err::read_dir(own.path()) else { continue };
        for file in files {
            let name = file?.file_name();
            let place = Path::new(&own.file_name()).join(&name);
            let Some(stat) = moving::stat(&folder.join(&place)) else { continue };
            let known = by_name.get(name.as_os_str()).into_iter().flatten();
            let mut known = known.rev().filter(|(path, _)| entry_id(path, stat.size, stat.mtime_ns) == id);
            if let Some((
                original,
                Decision { photo, operation, choice: Choice::Trashed { kept, reason, .. }, .. },
            )) = known.next()
            {
                entries.push(NewTrash {
                    id,
                    original: original.clone(),
                    place,
                    stat,
                    file: None,
                    photo: photo.map(|photo| photo.id),
                    content_hash: photo.map(|photo| photo.content_hash),
                    reason: reason.clone(),
                    kept: kept.as_ref().map(PathText::to_path),
                    operation: *operation,
                });
            }
        }
    }
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
    let known: HashSet<Uuid> =
        engine.store.trash_entries(&ids)?.into_iter().map(|entry| entry.file.id).collect();
    entries.retain(|entry| !known.contains(&entry.id));
    Ok(engine.store.put_trash(entries)?)
}

impl ItemWork for Discard<'_> {
    fn plan(&self, live: &Live) -> Result<Option<Vec<NewItem>>> {
        let mut items = Vec::new();
        let (mut seen, mut stacked) = (HashSet::new(), HashSet::new());
        let mut waiting: VecDeque<Unwanted> = self.unwanted.iter().cloned().collect();
        while let Some(unwanted) = waiting.pop_front() {
            if live.control.requested().is_some() {
                return Ok(None);
            }
            let Some(photo) = self.engine.store.photo(unwanted.photo)? else { continue };
            let wanted = unwanted.path.as_ref().map(PathText::to_path);
            if wanted.is_none() && unwanted.kept.is_none() {
                // Others of the stack name this one again, of which every file is seen by then.
                let companions = photo.companions.iter().filter(|other| stacked.insert(**other));
                waiting.extend(companions.map(|other| Unwanted { photo: *other, ..unwanted.clone() }));
            }
            for file in photo.files.iter().filter(|file| file.present) {
                if wanted.as_ref().is_some_and(|path| *path != file.path) || !seen.insert(file.id) {
                    continue;
                }
                let id = entry_id(&file.path, file.size, file.mtime_ns);
                let item = DiscardItem {
                    id,
                    file: file.id,
                    photo: photo.summary.id,
                    content_hash: photo.content_hash,
                    size: file.size,
                    mtime_ns: file.mtime_ns,
                    place: id.to_string(),
                    kept: unwanted.kept.clone(),
                    reason: unwanted.reason.clone(),
                };
                let body = serde_json::to_value(item).map_err(|error| Error::BadRequest(live.id, error))?;
                items.push(NewItem { path: file.path.clone(), body });
            }
        }
        Ok(Some(items))
    }

    fn apply(&self, item: &Item, live: &Live) -> Result<Applied> {
        let wanted: DiscardItem = body(item, live)?;
        let name = item.path.file_name().unwrap_or_default();
        let place = Path::new(&wanted.place).join(name);
        let target = folder(self.engine).join(&place);
        let expected = Stat { size: wanted.size, mtime_ns: wanted.mtime_ns, inode: 0 };
        // A duplicate goes only while the file that is kept is there.
        if let Some(kept) = &wanted.kept
            && !kept.to_path().is_file()
        {
            let detail = format!("{} is not there, so this file stays", kept.to_path().display());
            return Ok(Applied::failed(ErrorCode::FileVanished, detail));
        }
        match moving::relocate(&item.path, &target, Some(expected))? {
            Moved::Done | Moved::Before => {}
            Moved::Refused(code, detail) => return Ok(Applied::failed(code, detail)),
        }
        moving::bring_side_file(&item.path, &target);
        let mut applied = Applied::done();
        applied.target = Some(target);
        applied.gone = vec![wanted.file];
        applied.trash = vec![TrashChange::Added(Box::new(NewTrash {
            id: wanted.id,
            original: item.path.clone(),
            place,
            stat: expected,
            file: Some(wanted.file),
            photo: Some(wanted.photo),
            content_hash: Some(wanted.content_hash),
            reason: wanted.reason.clone(),
            kept: wanted.kept.as_ref().map(PathText::to_path),
            operation: Some(live.id),
        }))];
        applied.decisions = vec![NewDecision {
            photo: Some(wanted.photo),
            operation: Some(live.id),
            choice: Choice::Trashed {
                path: item.path.as_path().into(),
                kept: wanted.kept,
                reason: wanted.reason,
            },
        }];
        Ok(applied)
    }

    fn finish(&self, live: &Live) -> Result<Json> {
        let mut decisions = Vec::new();
        for paths in self.keep_together {
            let choice = crate::steps::group_duplicates::keep_together(&self.engine.store, paths)?;
            decisions.push(NewDecision { photo: None, operation: Some(live.id), choice });
        }
        self.engine.store.decide(&decisions)?;
        self.engine.journal.append(&self.engine.store)?;
        self.engine.regroup(live)?;
        let (files, bytes) = self.engine.store.trash_totals()?;
        Ok(json!({ "kept_together": decisions.len(), "trash_files": files, "trash_bytes": bytes }))
    }
}

/// Which files of the trash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrashChoice {
    /// These.
    Ids(Vec<Uuid>),
    /// All.
    All,
    /// All that are there for at least so many days.
    OlderThanDays(u32),
    /// All that an operation moved there.
    Operation(tintype_core::OperationId),
}

/// What becomes of files in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Restore,
    Purge,
}

/// Puts files back or deletes them for good.
pub(crate) struct Empty<'a> {
    pub(crate) engine: &'a Inner,
    pub(crate) choice: &'a TrashChoice,
    pub(crate) fate: Fate,
}

#[derive(Debug, Serialize, Deserialize)]
struct TrashItem {
    id: Uuid,
    place: PathText,
    file: Option<FileId>,
}

impl Empty<'_> {
    fn entries(&self) -> Result<Vec<TrashEntry>> {
        let store = &self.engine.store;
        Ok(match self.choice {
            TrashChoice::Ids(ids) => store.trash_entries(ids)?,
            TrashChoice::All => store.trash_since(i64::MAX, None)?,
            TrashChoice::OlderThanDays(days) => {
                let before = tintype_core::clock::now_ms() - i64::from(*days) * 86_400_000;
                store.trash_since(before, None)?
            }
            TrashChoice::Operation(operation) => store.trash_since(i64::MAX, Some(*operation))?,
        })
    }
}

impl ItemWork for Empty<'_> {
    fn plan(&self, live: &Live) -> Result<Option<Vec<NewItem>>> {
        let items = self.entries()?.into_iter().map(|entry| {
            let item = TrashItem {
                id: entry.file.id,
                place: entry.file.place.as_path().into(),
                file: entry.file.file,
            };
            let body = serde_json::to_value(item).map_err(|error| Error::BadRequest(live.id, error))?;
            Ok(NewItem { path: entry.file.original, body })
        });
        items.collect::<Result<Vec<_>>>().map(Some)
    }

    fn apply(&self, item: &Item, live: &Live) -> Result<Applied> {
        let wanted: TrashItem = body(item, live)?;
        let place = folder(self.engine).join(wanted.place.to_path());
        // The folder of the entry is named by its id and holds nothing else; any other is not ours to empty.
        let name = wanted.id.to_string();
        let Some(own) = place.parent().filter(|own| own.file_name().is_some_and(|own| own == name.as_str()))
        else {
            return Ok(Applied::failed(ErrorCode::Internal, "the entry has no place in the trash"));
        };
        if self.fate == Fate::Purge {
            return Ok(match fs_err::remove_dir_all(own) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Applied::failed(ErrorCode::FileUnreadable, error.to_string())
                }
                _ => {
                    let mut applied = Applied::done();
                    applied.trash = vec![TrashChange::Purged(wanted.id)];
                    applied
                }
            });
        }
        let target = match moving::relocate(&place, &item.path, None)? {
            Moved::Done | Moved::Before => item.path.clone(),
            // Something else is there by now: beside it rather than over it.
            Moved::Refused(ErrorCode::AlreadyExists, _) => {
                let free = moving::free_name(&item.path);
                match moving::relocate(&place, &free, None)? {
                    Moved::Done | Moved::Before => free,
                    Moved::Refused(code, detail) => return Ok(Applied::failed(code, detail)),
                }
            }
            Moved::Refused(code, detail) => return Ok(Applied::failed(code, detail)),
        };
        moving::bring_side_file(&place, &target);
        if let Err(error) = std::fs::remove_dir(own) {
            tracing::debug!(%error, "{} stays behind in the trash", own.display());
        }
        let mut applied = Applied::done();
        applied.trash = vec![TrashChange::Restored(wanted.id)];
        if target == item.path
            && let (Some(file), Some(stat)) = (wanted.file, moving::stat(&target))
        {
            applied.back = vec![(file, stat)];
        }
        applied.target = Some(target);
        Ok(applied)
    }

    fn finish(&self, live: &Live) -> Result<Json> {
        if self.fate == Fate::Restore {
            self.engine.regroup(live)?;
        }
        let (files, bytes) = self.engine.store.trash_totals()?;
        Ok(json!({ "trash_files": files, "trash_bytes": bytes }))
    }
}

impl Inner {
    /// Groups duplicates again after files came or went. In a large library that is left to the next run: the list
    /// says that it is stale.
    pub(crate) fn regroup(&self, live: &Live) -> Result<()> {
        if self.store.count_photos(&PhotoQuery::default())? > REGROUPED_AT_ONCE {
            return Ok(());
        }
        live.set_phase("grouping");
        crate::steps::group_duplicates::refresh(
            &self.store,
            &Scope::Library,
            &crate::steps::Params::new(),
            &live.control,
        )?;
        Ok(())
    }
}
