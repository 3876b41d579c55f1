//! What people say of photos: stars, flags, titles, captions, keywords, dates. Each is a decision in the store; where a photo's
//! root asks for it, it is also written into the file or a side file.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tintype_core::{Caption, ErrorCode, Flag, OperationId, PhotoId, TakenAt};
use tintype_store::{Choice, FileOutcome, Item, ItemState, NewDecision, NewItem, PhotoDetail, WriteMode};

use crate::edit_dates::DateEdit;
use crate::engine::{Engine, Inner};
use crate::items::{Applied, ItemWork, body};
use crate::live::Live;
use crate::{Error, Result, write_back};

/// Photos that are written together.
const AT_ONCE: usize = 100;

/// Most keywords of one photo, and most characters of a keyword, title or caption: what other programs read back whole.
const MAX_KEYWORDS: usize = 500;
const MAX_TEXT: usize = 2000;

/// A change to what is said of a photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum Change {
    /// Stars, −1 (rejected) to 5; `None` takes them away.
    Rating(Option<i8>),
    /// Picked, rejected or neither.
    Flag(Option<Flag>),
    /// Title; `None` takes it away.
    Title(Option<String>),
    /// A caption in people's own words, kept in the library alone; `None` goes back to what the file says or what was
    /// computed.
    Caption(Option<String>),
    /// All keywords.
    Keywords(Vec<String>),
    /// When it was taken.
    TakenAt(Option<TakenAt>),
}

impl Change {
    /// The change, tidied, or what is wrong with it.
    pub fn checked(self) -> Result<Self> {
        let wrong = |field: &'static str, detail: String| Error::BadValue { field, detail };
        Ok(match self {
            Self::Rating(Some(stars)) if !(-1..=5).contains(&stars) => {
                return Err(wrong("rating", format!("is a whole number from -1 to 5, not {stars}")));
            }
            Self::Title(title) => Self::Title(tidied("title", title)?),
            Self::Caption(caption) => Self::Caption(tidied("caption", caption)?),
            Self::Keywords(words) => {
                let mut kept: Vec<String> = Vec::new();
                for word in words {
                    let word = word.trim().to_owned();
                    if word.chars().count() > MAX_TEXT || word.chars().any(char::is_control) {
                        return Err(wrong("keywords", "are short texts without control characters".into()));
                    }
                    if !word.is_empty() && !kept.contains(&word) {
                        kept.push(word);
                    }
                }
                if kept.len() > MAX_KEYWORDS {
                    return Err(wrong("keywords", format!("are at most {MAX_KEYWORDS}")));
                }
                Self::Keywords(kept)
            }
            other => other,
        })
    }

    /// Whether it is written beside photos whose folders ask for that; other changes are kept in the library alone.
    fn is_written(&self) -> bool {
        !matches!(self, Self::Flag(_) | Self::Caption(_))
    }

    /// What holds now, as a change back to it.
    fn current(&self, photo: &PhotoDetail) -> Self {
        let facts = photo.annotations.over(&photo.metadata);
        match self {
            Self::Rating(_) => Self::Rating(facts.rating),
            Self::Flag(_) => Self::Flag(photo.annotations.flag),
            Self::Title(_) => Self::Title(facts.title),
            Self::Caption(_) => Self::Caption(photo.annotations.caption.clone()),
            Self::Keywords(_) => Self::Keywords(facts.keywords),
            Self::TakenAt(_) => Self::TakenAt(facts.taken_at),
        }
    }

    /// The decision it makes about a photo.
    fn choice(&self, photo: &PhotoDetail) -> Choice {
        let file = &photo.metadata;
        match self.clone() {
            Self::Rating(value) => Choice::Rating { value, base: file.rating },
            Self::Flag(value) => Choice::Flag { value },
            Self::Title(value) => Choice::Title { value, base: file.title.clone() },
            Self::Caption(value) => Choice::Caption { value },
            Self::Keywords(value) => Choice::Keywords { value, base: file.keywords.clone() },
            Self::TakenAt(value) => Choice::TakenAt { value, base: file.taken_at.clone() },
        }
    }
}

/// A text without blanks around it; nothing where nothing is left.
fn tidied(field: &'static str, text: Option<String>) -> Result<Option<String>> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT) {
        return Err(Error::BadValue { field, detail: format!("has at most {MAX_TEXT} characters") });
    }
    Ok(text)
}

/// Where what was decided is by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// In the library alone: its folders are only read.
    #[default]
    Database,
    /// In the file too.
    File,
    /// In a side file too.
    Sidecar,
    /// In the library; writing it beside the photo failed and will be tried again.
    Failed,
}

/// A photo's marks after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The photo as it is now.
    pub photo: PhotoDetail,
    /// The caption that is shown of it now.
    pub caption: Option<Caption>,
    /// Where the change is by now.
    pub written: Written,
    /// Why writing failed.
    pub detail: Option<String>,
}

impl Engine {
    /// Records changes about one photo and writes them where its folders ask for it. The decision is recorded even
    /// where writing fails.
    pub fn mark(&self, id: PhotoId, changes: Vec<Change>) -> Result<Mark> {
        let changes = changes.into_iter().map(Change::checked).collect::<Result<Vec<_>>>()?;
        let photo = self.photo(id)?;
        let decisions: Vec<NewDecision> = changes
            .iter()
            .map(|change| NewDecision { photo: Some(id), operation: None, choice: change.choice(&photo) })
            .collect();
        self.store().decide(&decisions)?;
        let written = write_photos(&self.0, &[id])?.pop().flatten().unwrap_or_default();
        self.store().commit_read(&written.outcomes)?;
        self.0.journal.append(self.store())?;
        let place = match written.place {
            Written::Failed => Written::Failed,
            place if changes.iter().any(Change::is_written) => place,
            _ => Written::Database,
        };
        Ok(Mark {
            photo: self.photo(id)?,
            caption: self.caption_of(id)?,
            written: place,
            detail: written.failure.map(|(_, detail)| detail),
        })
    }
}

/// Writes what is decided and not yet where roots ask for it, for example because a process died in between.
pub(crate) fn flush(engine: &Inner, live: &Live) -> Result<()> {
    let pending = engine.store.pending_annotations(&tintype_store::Scope::Library)?;
    if pending.is_empty() {
        return Ok(());
    }
    live.set_phase("writing");
    for some in pending.chunks(AT_ONCE) {
        if live.control.requested().is_some() {
            break;
        }
        for written in write_photos(engine, some)?.into_iter().flatten() {
            engine.store.commit_read(&written.outcomes)?;
            if let Some((code, detail)) = written.failure {
                tracing::warn!(%code, "{detail}");
            }
        }
    }
    Ok(())
}

/// What came of writing one photo's annotations beside it.
#[derive(Default)]
struct WrittenPhoto {
    place: Written,
    outcomes: Vec<FileOutcome>,
    failure: Option<(ErrorCode, String)>,
}

/// Writes everything decided about photos into their files or side files, where their roots ask for it. Files that
/// say it already are not touched. `None` for photos that are not there.
fn write_photos(engine: &Inner, ids: &[PhotoId]) -> Result<Vec<Option<WrittenPhoto>>> {
    let mut written: Vec<Option<WrittenPhoto>> = Vec::with_capacity(ids.len());
    let (mut photos, mut places) = (Vec::new(), Vec::new());
    for id in ids {
        let Some(photo) = engine.store.photo(*id)? else {
            written.push(None);
            continue;
        };
        let mode = photo.files.iter().find(|file| file.present && file.write_mode != WriteMode::Database);
        let place = match mode.map(|file| file.write_mode) {
            Some(WriteMode::File) => Written::File,
            Some(WriteMode::Sidecar) => Written::Sidecar,
            Some(WriteMode::Database) | None => Written::Database,
        };
        places.push(written.len());
        written.push(Some(WrittenPhoto { place, ..WrittenPhoto::default() }));
        photos.push(photo);
    }
    for beside in write_back::write(&photos, &engine.config.limits) {
        let Some(Some(photo)) = places.get(beside.photo).and_then(|at| written.get_mut(*at)) else {
            continue;
        };
        match beside.outcome {
            Ok((outcome, in_side_file)) => {
                photo.outcomes.push(outcome);
                if in_side_file && photo.failure.is_none() {
                    photo.place = Written::Sidecar;
                }
            }
            Err(failure) => (photo.place, photo.failure) = (Written::Failed, Some(failure)),
        }
    }
    Ok(written)
}

/// One photo's changes in an operation.
#[derive(Debug, Serialize, Deserialize)]
struct AnnotateItem {
    photo: PhotoId,
    changes: Vec<Change>,
    /// What held before, to undo it.
    before: Vec<Change>,
}

/// Changes to many photos.
pub(crate) struct Annotate<'a> {
    pub(crate) engine: &'a Inner,
    pub(crate) plan: AnnotatePlan<'a>,
}

/// Where the changes come from.
pub(crate) enum AnnotatePlan<'a> {
    /// The same changes to each.
    Same(&'a [PhotoId], &'a [Change]),
    /// New dates.
    Dates(&'a [PhotoId], &'a DateEdit),
    /// Back to what held before an operation.
    Undo(OperationId),
    /// Nothing changes, but what was decided is written.
    Pending,
}

impl ItemWork for Annotate<'_> {
    fn plan(&self, live: &Live) -> Result<Option<Vec<NewItem>>> {
        let store = &self.engine.store;
        let wanted: Vec<(PhotoId, Vec<Change>)> = match &self.plan {
            AnnotatePlan::Same(photos, changes) => {
                let changes = changes.iter().cloned().map(Change::checked).collect::<Result<Vec<_>>>()?;
                photos.iter().map(|photo| (*photo, changes.clone())).collect()
            }
            AnnotatePlan::Dates(photos, edit) => {
                let mut dated = Vec::new();
                for photo in *photos {
                    let Some(detail) = store.photo(*photo)? else { continue };
                    // Photos without a new date keep theirs, and say why in the plan that people see first.
                    dated.extend(edit.change(&detail).to.map(|to| (*photo, vec![Change::TakenAt(Some(to))])));
                }
                dated
            }
            AnnotatePlan::Pending => {
                let photos = store.pending_annotations(&tintype_store::Scope::Library)?;
                photos.into_iter().map(|photo| (photo, Vec::new())).collect()
            }
            AnnotatePlan::Undo(operation) => {
                let mut back = Vec::new();
                // What could not be written was decided all the same.
                for state in [ItemState::Done, ItemState::Failed] {
                    let mut cursor = None;
                    loop {
                        let page = store.items(*operation, Some(state), 1000, cursor.as_deref())?;
                        for item in page.items {
                            let item: AnnotateItem = body(&item, live)?;
                            back.push((item.photo, item.before));
                        }
                        cursor = page.next_cursor;
                        if cursor.is_none() {
                            break;
                        }
                    }
                }
                back.reverse();
                back
            }
        };
        let mut items = Vec::with_capacity(wanted.len());
        let mut seen = std::collections::HashSet::new();
        for (photo, changes) in wanted {
            if live.control.requested().is_some() {
                return Ok(None);
            }
            if !seen.insert(photo) {
                continue;
            }
            let detail = store.photo(photo)?;
            let path = detail.as_ref().and_then(|detail| detail.files.first()).map(|file| file.path.clone());
            let before = detail
                .as_ref()
                .map(|detail| changes.iter().map(|change| change.current(detail)).collect())
                .unwrap_or_default();
            let item = AnnotateItem { photo, changes, before };
            let body = serde_json::to_value(item).map_err(|error| Error::BadRequest(live.id, error))?;
            items.push(NewItem { path: path.unwrap_or_default(), body });
        }
        // The files of one folder are written one after another.
        items.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Some(items))
    }

    fn apply(&self, item: &Item, live: &Live) -> Result<Applied> {
        let applied = self.apply_batch(std::slice::from_ref(item), live)?.and_then(|mut batch| batch.pop());
        Ok(applied.unwrap_or_else(|| Applied::failed(ErrorCode::Internal, "nothing came of it")))
    }

    /// One transaction for all decisions of the batch, one wait for the disk for all of its files.
    fn apply_batch(&self, items: &[Item], live: &Live) -> Result<Option<Vec<Applied>>> {
        let store = &self.engine.store;
        let mut applied: Vec<Option<Applied>> = Vec::with_capacity(items.len());
        let (mut decisions, mut to_write, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            let wanted: AnnotateItem = body(item, live)?;
            let Some(photo) = store.photo(wanted.photo)? else {
                let detail = "the photo is not in the library any more";
                applied.push(Some(Applied::failed(ErrorCode::NotFound, detail)));
                continue;
            };
            let unchanged = wanted.changes.iter().all(|change| *change == change.current(&photo));
            if unchanged && !wanted.changes.is_empty() && !photo.annotations.differs_from(&photo.metadata) {
                applied.push(Some(Applied::skipped("it says so already")));
                continue;
            }
            if !unchanged {
                decisions.extend(wanted.changes.iter().map(|change| NewDecision {
                    photo: Some(wanted.photo),
                    operation: Some(live.id),
                    choice: change.choice(&photo),
                }));
            }
            places.push(applied.len());
            to_write.push(wanted.photo);
            applied.push(None);
        }
        // Writing needs the sum of all decisions, so these are recorded first; done again after a crash they say the
        // same once more.
        store.decide(&decisions)?;
        for (at, written) in places.into_iter().zip(write_photos(self.engine, &to_write)?) {
            let written = written.unwrap_or_default();
            let mut outcome = match written.failure {
                None => Applied::done(),
                Some((code, detail)) => {
                    Applied::failed(code, format!("kept in the library; not written: {detail}"))
                }
            };
            outcome.counters.opened = written.outcomes.len() as u64;
            outcome.files = written.outcomes;
            applied[at] = Some(outcome);
        }
        Ok(Some(applied.into_iter().flatten().collect()))
    }

    fn finish(&self, _live: &Live) -> Result<Json> {
        self.engine.journal.append(&self.engine.store)?;
        Ok(json!({}))
    }
}
