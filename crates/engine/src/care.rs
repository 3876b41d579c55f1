//! Looking after the library: where decisions are written, previews of what would change, everything people decided
//! as one file, and taking it in again.

use std::collections::BTreeMap;
use std::path::Path;

use tintype_core::{AlbumId, Control, PhotoId};
use tintype_store::{
    Album, AlbumContent, AlbumSource, Choice, Decision, ItemState, Page, PathText, PhotoRef, RootId,
    TrashEntry, WriteMode,
};

use crate::engine::{Engine, Inner};
use crate::import::{self, ImportPlan, ImportPreview};
use crate::journal::{self, DecisionImport};
use crate::{DateChange, DateEdit, OperationRequest, OperationView, Result, paths, trash};

/// Decisions looked at together.
const CHUNK: usize = 2000;

/// Says that albums wait for photos to be indexed.
const REPLAY_MARK: &str = "replay";

impl Engine {
    /// What a date edit would do, photo by photo.
    pub fn preview_dates(&self, photos: &[PhotoId], edit: &DateEdit) -> Result<Vec<DateChange>> {
        edit.check()?;
        let mut changes = Vec::with_capacity(photos.len());
        for photo in photos {
            changes.push(edit.change(&self.photo(*photo)?));
        }
        Ok(changes)
    }

    /// What an import would do, file by file. It reads files that are not known yet.
    pub fn preview_import(&self, plan: &ImportPlan, control: &Control) -> Result<Vec<ImportPreview>> {
        plan.check()?;
        import::preview(&self.0, plan, control)
    }

    /// Says where decisions about a root's photos are written from now on. What was decided before is written there
    /// by an operation of its own, which is returned where there is anything to write.
    pub fn set_write_mode(&self, root: RootId, mode: WriteMode) -> Result<Option<OperationView>> {
        self.store().set_write_mode(root, mode)?;
        self.0.journal.append(self.store())?;
        if mode == WriteMode::Database
            || self.store().pending_annotations(&tintype_store::Scope::Library)?.is_empty()
        {
            return Ok(None);
        }
        self.start(OperationRequest::WriteBack {}).map(Some)
    }

    /// What is in the trash, latest first.
    pub fn trash(&self, limit: usize, cursor: Option<&str>) -> Result<Page<TrashEntry>> {
        Ok(self.store().trash(limit, cursor)?)
    }

    /// One page of an operation's items.
    pub fn items(
        &self,
        operation: tintype_core::OperationId,
        state: Option<ItemState>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<tintype_store::Item>> {
        Ok(self.store().items(operation, state, limit, cursor)?)
    }

    /// Brings the file of decisions beside the database up to date.
    pub fn save_decisions(&self) -> Result<()> {
        self.0.journal.append(self.store())
    }

    /// Writes everything people decided to a file of JSON lines; how many decisions.
    pub fn export_decisions(&self, path: &Path) -> Result<u64> {
        journal::export(self.store(), path)
    }

    /// Takes in what [`Engine::export_decisions`] wrote, here or in another library. Photos are found by content, then
    /// by picture; those that are not there yet remember it when they come.
    pub fn import_decisions(&self, path: &Path) -> Result<DecisionImport> {
        let report = journal::import(self.store(), path)?;
        self.0.replay()?;
        self.0.mark_replay()?;
        self.0.journal.append(self.store())?;
        Ok(report)
    }
}

impl Inner {
    /// A database that lacks what the journal says was lost, or restored from a backup. What people decided is taken
    /// in again; photos that are not there yet get it when they are indexed.
    pub(crate) fn recover_decisions(&self) -> Result<()> {
        let new = self.journal.recover(&self.store)?;
        if new > 0 {
            tracing::warn!(
                decisions = new,
                "what was decided was taken in again from the journal beside the database"
            );
            self.replay()?;
            self.mark_replay()?;
            self.journal.append(&self.store)?;
        }
        Ok(())
    }

    fn mark_replay(&self) -> Result<()> {
        let folder = self.config.data_dir.join("run");
        fs_err::create_dir_all(&folder)?;
        fs_err::write(folder.join(REPLAY_MARK), b"")?;
        Ok(())
    }

    /// After an index that followed taking in decisions: albums get the photos that are there now.
    pub(crate) fn replay_if_marked(&self) -> Result<()> {
        let mark = self.config.data_dir.join("run").join(REPLAY_MARK);
        if mark.exists() {
            self.replay()?;
            fs_err::remove_file(mark)?;
        }
        Ok(())
    }

    /// Brings folders and albums to where decisions say they are.
    fn replay(&self) -> Result<()> {
        let mut state = Replayed::default();
        let mut last = 0;
        loop {
            let chunk = self.store.decisions(last, CHUNK)?;
            let Some((number, _)) = chunk.last() else { break };
            last = *number;
            for (_, decision) in chunk {
                state.take(decision);
            }
        }
        let known = self.store.roots()?;
        for (path, mode) in &state.roots {
            let path = PathText::from(path.as_slice()).to_path();
            // A folder that became part of a larger one meanwhile.
            if known.iter().any(|root| path.starts_with(&root.path) && path != root.path) {
                continue;
            }
            let root = self.store.ensure_root(&path)?;
            if self.store.roots()?.iter().any(|one| one.id == root && one.write_mode != *mode) {
                self.store.set_write_mode(root, *mode)?;
            }
        }
        let roots = self.store.roots()?;
        for (id, album) in state.albums {
            let source = match album.source {
                AlbumContent::Photos => AlbumSource::Photos { photos: Vec::new() },
                AlbumContent::Search { filter } => AlbumSource::Search { filter },
                AlbumContent::Folder { path } => {
                    let path = path.to_path();
                    let holder =
                        roots.iter().find_map(|root| Some((root.id, paths::relative(&root.path, &path)?)));
                    let Some((root, rel)) = holder else { continue };
                    AlbumSource::Folder { root, rel }
                }
            };
            let record =
                Album { id: AlbumId(id), name: album.name, source, created_ms: album.created_ms, photos: 0 };
            let photos: Vec<PhotoRef> = album.photos.into_values().collect();
            self.store.put_album(&record, &photos)?;
        }
        trash::find_again(self, &state.trashed)
    }
}

/// Folders, albums and what was thrown away, as decisions tell it.
#[derive(Default)]
struct Replayed {
    trashed: Vec<Decision>,
    roots: BTreeMap<Vec<u8>, WriteMode>,
    albums: BTreeMap<uuid::Uuid, ReplayedAlbum>,
}

struct ReplayedAlbum {
    name: String,
    source: AlbumContent,
    created_ms: i64,
    photos: BTreeMap<PhotoId, PhotoRef>,
}

impl Replayed {
    fn take(&mut self, decision: Decision) {
        match decision.choice {
            Choice::Trashed { .. } => self.trashed.push(decision),
            Choice::Root { path, write_mode } => {
                self.roots.insert(path.as_bytes().to_vec(), write_mode);
            }
            Choice::RootForgotten { path } => {
                self.roots.remove(path.as_bytes());
            }
            Choice::Album { id, name, source, created_ms } => {
                let photos = self.albums.remove(&id).map(|album| album.photos).unwrap_or_default();
                self.albums.insert(id, ReplayedAlbum { name, source, created_ms, photos });
            }
            Choice::AlbumAdded { id, photos } => {
                if let Some(album) = self.albums.get_mut(&id) {
                    album.photos.extend(photos.into_iter().map(|photo| (photo.id, photo)));
                }
            }
            Choice::AlbumRemoved { id, photos } => {
                if let Some(album) = self.albums.get_mut(&id) {
                    for photo in photos {
                        album.photos.remove(&photo.id);
                    }
                }
            }
            Choice::AlbumDeleted { id } => {
                self.albums.remove(&id);
            }
            _ => {}
        }
    }
}
