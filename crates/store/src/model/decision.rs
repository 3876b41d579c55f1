//! What people decide about photos, albums and folders: facts of a third kind, beside what files say and what was
//! computed. They are appended, never changed (INV-6); [`Annotations`] is their sum for one photo.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tintype_core::{ContentHash, Flag, Metadata, OperationId, PhotoId, PixelHash, TakenAt};
use uuid::Uuid;

use super::scan::WriteMode;

/// One decision. What it says of a photo is told with what the file said then (`base`): as long as the file still
/// says that, or says the same as the decision, the decision holds; a file that was edited since and says something
/// else wins, because that edit is the later decision of the same people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    /// Stars, −1 to 5; `None` takes them away.
    Rating {
        /// What it is to be.
        value: Option<i8>,
        /// What the file said.
        base: Option<i8>,
    },
    /// Picked, rejected or neither.
    Flag {
        /// What it is to be.
        value: Option<Flag>,
    },
    /// A title.
    Title {
        /// What it is to be.
        value: Option<String>,
        /// What the file said.
        base: Option<String>,
    },
    /// A caption in people's own words; `None` goes back to what the file says or what was computed.
    Caption {
        /// What it is to be.
        value: Option<String>,
    },
    /// All of a photo's keywords.
    Keywords {
        /// What they are to be.
        value: Vec<String>,
        /// What the file said.
        base: Vec<String>,
    },
    /// When it was taken; `None` goes back to what the file says.
    TakenAt {
        /// What it is to be.
        value: Option<TakenAt>,
        /// What the file said.
        base: Option<TakenAt>,
    },
    /// The file was edited by another program after the decision; what it says holds again.
    FileEdited {
        /// Which fact.
        field: Field,
    },
    /// A photo's file was moved to the trash.
    Trashed {
        /// Where it was.
        path: PathText,
        /// The file kept instead, if it was a duplicate.
        kept: Option<PathText>,
        /// Why.
        reason: Option<String>,
    },
    /// These pictures are to stay side by side: as duplicates they are not shown again.
    KeptTogether {
        /// Pixel hashes.
        pictures: Vec<PixelHash>,
        /// Files, where they hold one picture.
        paths: Vec<PathText>,
    },
    /// A folder belongs to the library, and this is where decisions are written for its photos.
    Root {
        /// Where it is.
        path: PathText,
        /// Where decisions are written.
        write_mode: WriteMode,
    },
    /// A folder does not belong to the library any more.
    RootForgotten {
        /// Where it is.
        path: PathText,
    },
    /// An album as it is now.
    Album {
        /// Its id.
        id: Uuid,
        /// Its name.
        name: String,
        /// What it holds.
        source: AlbumContent,
        /// When it was created, milliseconds since the Unix epoch.
        created_ms: i64,
    },
    /// Photos were added to an album.
    AlbumAdded {
        /// The album.
        id: Uuid,
        /// The photos.
        photos: Vec<PhotoRef>,
    },
    /// Photos were removed from an album.
    AlbumRemoved {
        /// The album.
        id: Uuid,
        /// The photos.
        photos: Vec<PhotoRef>,
    },
    /// An album was deleted.
    AlbumDeleted {
        /// Its id.
        id: Uuid,
    },
}

/// What an album holds, without row numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlbumContent {
    /// Everything in a folder and below it.
    Folder {
        /// The folder.
        path: PathText,
    },
    /// Photos picked one by one.
    Photos,
    /// Whatever meets the filter.
    Search {
        /// The filter.
        filter: super::listing::PhotoFilter,
    },
}

/// A photo, by everything that may find it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoRef {
    /// Its id.
    pub id: PhotoId,
    /// Its file's hash at the time.
    pub content_hash: ContentHash,
    /// The hash of its pixels.
    pub pixel_hash: PixelHash,
}

/// A fact that files and people both speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Stars.
    Rating,
    /// Title.
    Title,
    /// Keywords.
    Keywords,
    /// Date.
    TakenAt,
}

/// A path in JSON: text where it is UTF-8, its bytes otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathText {
    /// UTF-8.
    Text(String),
    /// Any other name that the file system allows.
    Bytes(Vec<u8>),
}

impl PathText {
    /// The path as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The path.
    pub fn to_path(&self) -> PathBuf {
        crate::store::to_path(self.as_bytes())
    }
}

impl From<&[u8]> for PathText {
    fn from(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_vec()),
        }
    }
}

impl From<&std::path::Path> for PathText {
    fn from(path: &std::path::Path) -> Self {
        path.as_os_str().as_encoded_bytes().into()
    }
}

/// A decision to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDecision {
    /// The photo it is about.
    pub photo: Option<PhotoId>,
    /// The operation that it is part of.
    pub operation: Option<OperationId>,
    /// What was decided.
    pub choice: Choice,
}

/// A recorded decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id: a decision that is read twice counts once.
    pub id: Uuid,
    /// When, milliseconds since the Unix epoch.
    pub made_ms: i64,
    /// The photo it is about, as it was then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub photo: Option<PhotoRef>,
    /// The operation that it was part of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operation: Option<OperationId>,
    /// What was decided.
    pub choice: Choice,
}

/// A decided value with what the file said when it was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held<T> {
    /// What was decided.
    pub value: T,
    /// What the file said, or what was written into it since.
    pub base: T,
    /// When, milliseconds since the Unix epoch.
    pub made_ms: i64,
}

/// What people say of a photo: the sum of its decisions. `None`: what the file says holds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Annotations {
    /// Stars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<Held<Option<i8>>>,
    /// Picked or rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<Flag>,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Held<Option<String>>>,
    /// A caption; it is kept in the library alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Keywords.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keywords: Option<Held<Vec<String>>>,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Held<Option<TakenAt>>>,
}

impl Annotations {
    /// Whether the file holds.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes a further decision in, made at `made_ms`.
    pub fn apply(&mut self, choice: &Choice, made_ms: i64) {
        match choice {
            Choice::Rating { value, base } => {
                self.rating = Some(Held { value: *value, base: *base, made_ms });
            }
            Choice::Flag { value } => self.flag = *value,
            Choice::Title { value, base } => {
                self.title = Some(Held { value: value.clone(), base: base.clone(), made_ms });
            }
            Choice::Caption { value } => self.caption.clone_from(value),
            Choice::Keywords { value, base } => {
                self.keywords = Some(Held { value: value.clone(), base: base.clone(), made_ms });
            }
            Choice::TakenAt { value, base } => {
                self.taken_at =
                    value.is_some().then(|| Held { value: value.clone(), base: base.clone(), made_ms });
            }
            Choice::FileEdited { field } => match field {
                Field::Rating => self.rating = None,
                Field::Title => self.title = None,
                Field::Keywords => self.keywords = None,
                Field::TakenAt => self.taken_at = None,
            },
            _ => {}
        }
    }

    /// Compares with what the file says, which was last changed at `changed_ms`. Facts on which the file caught up get
    /// it as their base; those that another program changed after they were decided are dropped and returned.
    pub fn reconcile(&mut self, file: &Metadata, changed_ms: i64) -> Vec<Field> {
        fn settle<T: Clone>(
            held: &mut Option<Held<T>>,
            now: (&T, i64),
            equal: impl Fn(&T, &T) -> bool,
            field: Field,
            edited: &mut Vec<Field>,
        ) {
            let (now, changed_ms) = now;
            let Some(fact) = held else { return };
            if equal(now, &fact.value) {
                fact.base = fact.value.clone();
            } else if !equal(now, &fact.base) && changed_ms > fact.made_ms {
                *held = None;
                edited.push(field);
            }
        }
        let mut edited = Vec::new();
        settle(&mut self.rating, (&file.rating, changed_ms), PartialEq::eq, Field::Rating, &mut edited);
        settle(&mut self.title, (&file.title, changed_ms), PartialEq::eq, Field::Title, &mut edited);
        settle(&mut self.keywords, (&file.keywords, changed_ms), PartialEq::eq, Field::Keywords, &mut edited);
        settle(&mut self.taken_at, (&file.taken_at, changed_ms), same_moment, Field::TakenAt, &mut edited);
        edited
    }

    /// Whether a file that says `file` lacks something that was decided.
    pub fn differs_from(&self, file: &Metadata) -> bool {
        self.rating.as_ref().is_some_and(|held| held.value != file.rating)
            || self.title.as_ref().is_some_and(|held| held.value != file.title)
            || self.keywords.as_ref().is_some_and(|held| held.value != file.keywords)
            || self.taken_at.as_ref().is_some_and(|held| !same_moment(&held.value, &file.taken_at))
    }

    /// What holds: the file's facts with what was decided over them.
    #[must_use]
    pub fn over(&self, file: &Metadata) -> Metadata {
        let mut facts = file.clone();
        if let Some(held) = &self.rating {
            facts.rating = held.value;
        }
        if let Some(held) = &self.title {
            facts.title.clone_from(&held.value);
        }
        if let Some(held) = &self.keywords {
            facts.keywords.clone_from(&held.value);
        }
        if let Some(held) = &self.taken_at {
            facts.taken_at.clone_from(&held.value);
        }
        facts
    }
}

/// Whether two dates say the same. The file's own modification time, which stands in where a file has no date, is
/// no date here: writing to the file changes it.
#[allow(clippy::ref_option, reason = "the shape that comparing facts calls")]
fn same_moment(a: &Option<TakenAt>, b: &Option<TakenAt>) -> bool {
    fn said(taken: Option<&TakenAt>) -> Option<(&str, Option<u32>, Option<i16>)> {
        taken.filter(|taken| taken.source != TakenAt::FROM_FILE_TIME).map(|taken| {
            (taken.local.as_str(), taken.subsec_nanos.filter(|nanos| *nanos > 0), taken.offset_minutes)
        })
    }
    said(a.as_ref()) == said(b.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(value: Option<i8>, base: Option<i8>) -> Annotations {
        let mut sum = Annotations::default();
        sum.apply(&Choice::Rating { value, base }, 1000);
        sum
    }

    fn says(rating: Option<i8>) -> Metadata {
        Metadata { rating, ..Metadata::default() }
    }

    #[test]
    fn a_decision_holds_while_the_file_says_what_it_said() {
        let mut sum = rated(Some(5), Some(2));
        assert!(sum.reconcile(&says(Some(2)), 2000).is_empty());
        assert_eq!(sum.over(&says(Some(2))).rating, Some(5));
        assert!(sum.differs_from(&says(Some(2))));
    }

    #[test]
    fn a_file_that_caught_up_may_be_edited_later() {
        let mut sum = rated(Some(5), None);
        assert!(sum.reconcile(&says(Some(5)), 2000).is_empty());
        assert!(!sum.differs_from(&says(Some(5))));
        assert_eq!(sum.reconcile(&says(Some(1)), 2000), [Field::Rating]);
        assert_eq!(sum.over(&says(Some(1))).rating, Some(1));
        let mut removed = rated(Some(5), None);
        removed.reconcile(&says(Some(5)), 2000);
        assert_eq!(removed.reconcile(&says(None), 2000), [Field::Rating], "taken away by another program");
    }

    #[test]
    fn a_look_at_the_file_from_before_the_decision_says_nothing() {
        let mut sum = rated(Some(5), None);
        sum.reconcile(&says(Some(5)), 2000);
        assert!(sum.reconcile(&says(None), 500).is_empty());
        assert_eq!(sum.over(&says(None)).rating, Some(5));
    }

    #[test]
    fn the_time_of_the_file_is_no_date() {
        let taken = |local: &str, source: &str| {
            let source = source.to_owned();
            Some(TakenAt { local: local.to_owned(), subsec_nanos: None, offset_minutes: None, source })
        };
        let mut sum = Annotations::default();
        let base = taken("2020-01-01T00:00:00", TakenAt::FROM_FILE_TIME);
        let value = taken("2019-05-05T10:00:00", "Tintype");
        sum.apply(&Choice::TakenAt { value: value.clone(), base }, 1000);
        let touched = Metadata {
            taken_at: taken("2024-02-02T00:00:00", TakenAt::FROM_FILE_TIME),
            ..Metadata::default()
        };
        assert!(sum.reconcile(&touched, 2000).is_empty());
        assert_eq!(sum.over(&touched).taken_at, value);
    }

    #[test]
    fn paths_of_any_bytes_survive_json() {
        for bytes in [b"/a/b.jpg".as_slice(), b"/a/\xff\n.jpg"] {
            let text = serde_json::to_string(&PathText::from(bytes)).unwrap();
            let back: PathText = serde_json::from_str(&text).unwrap();
            assert_eq!(back.as_bytes(), bytes);
        }
    }
}
