//! Vectors of pictures: who makes them, which of several producers' are used, and what is near what.
//!
//! Vectors of one kind and one producer are a *space*. Several spaces of one kind live side by side: a new model's vectors
//! are computed while searches go on with the old one's, and become the active ones when nearly every picture has
//! them, or when somebody says so. The old ones stay until they are pruned.

#[cfg(feature = "hnsw")]
mod beside;
pub(crate) mod embedder;
mod followed;
mod scale;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use embedder::{CLIP, Embedder, SCENE};
use followed::Followed;
pub(crate) use scale::Scale;
use serde::{Deserialize, Serialize};
use tintype_core::{ErrorCode, FeatureKey, PhotoId};
use tintype_infer::Models;
use tintype_media::Picture;
use tintype_store::{PictureId, Store, VectorState};

use crate::engine::{Engine, Inner};
use crate::live::Live;
use crate::{Error, Result};

/// Kinds of features that are vectors of pictures.
const KINDS: [&str; 2] = [SCENE, CLIP];
/// A space becomes active when it has this share of the pictures of the space that has most.
const ENOUGH: f64 = 0.9;
/// While a run writes vectors, pictures are counted again when that took at most this share of the time since.
const RECOUNT_SHARE: u32 = 20;

/// The vectors of one producer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VectorSpace {
    /// The kind of feature, `scene_embedding` or `clip_embedding`.
    pub kind: String,
    /// The model or algorithm with its version.
    pub producer: String,
    /// The model's row of the table; `None` without weights, and for producers of the past.
    pub model: Option<&'static str>,
    /// Whether words can be turned into such vectors.
    pub reads_words: bool,
    /// Whether vectors of new pictures and words can be made here and now.
    pub can_embed: bool,
    /// How many pictures have one.
    pub pictures: u64,
    /// Whether searches use it, of those of its kind.
    pub is_active: bool,
    /// Whether that is because somebody said so.
    pub is_chosen: bool,
}

impl VectorSpace {
    fn key(&self) -> FeatureKey {
        FeatureKey::new(self.kind.as_str(), self.producer.as_str())
    }
}

/// Which index finds what is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VectorIndex {
    /// The exact one: what comparing with every vector would find.
    #[default]
    Exact,
    /// A graph, which finds nearly all of it and looks at a few thousand vectors, whatever their number. Only in
    /// programs that were built with it.
    Hnsw,
}

/// How vectors are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VectorConfig {
    /// Which index is used for many vectors.
    pub index: VectorIndex,
    /// How many vectors are many: with fewer, the exact index answers.
    pub graph_from: usize,
}

impl VectorConfig {
    /// Where [`VectorConfig::graph_from`] begins unless somebody says otherwise: up to there the exact index answers
    /// within milliseconds.
    pub const GRAPH_FROM: usize = 200_000;

    /// Refuses what this program was built without.
    pub(crate) fn check(self) -> Result<()> {
        if self.index == VectorIndex::Hnsw && cfg!(not(feature = "hnsw")) {
            let detail = "hnsw is not in this program: build it with `cargo build --release --features hnsw`, which \
                          needs a C++ compiler, or use exact";
            return Err(Error::BadValue { field: "the vector index", detail: detail.into() });
        }
        Ok(())
    }

    /// How many vectors make a graph worth it; `None` where none is wanted.
    #[cfg(feature = "hnsw")]
    fn graph_wanted_from(self) -> Option<usize> {
        (self.index == VectorIndex::Hnsw).then_some(self.graph_from)
    }
}

impl Default for VectorConfig {
    fn default() -> Self {
        Self { index: VectorIndex::default(), graph_from: Self::GRAPH_FROM }
    }
}

/// Which space is meant, as far as somebody said.
#[derive(Debug, Clone, Copy, Default)]
pub struct SpaceWanted<'a> {
    /// The kind of feature.
    pub kind: Option<&'a str>,
    /// The producer.
    pub producer: Option<&'a str>,
    /// Whether it has to read words.
    pub reads_words: bool,
}

/// The spaces of one library, with their indexes.
pub(crate) struct Vectors {
    store: Store,
    models: Models,
    dir: PathBuf,
    config: VectorConfig,
    embedders: Vec<Arc<dyn Embedder>>,
    followed: Mutex<HashMap<FeatureKey, Arc<Followed>>>,
    counted: Mutex<Option<Counted>>,
}

/// How many pictures have which vectors.
struct Counted {
    state: VectorState,
    at: Instant,
    took: Duration,
    pictures: Arc<Vec<(FeatureKey, u64)>>,
}

impl Vectors {
    pub(crate) fn new(
        store: Store,
        models: Models,
        data_dir: &Path,
        config: VectorConfig,
        embedders: Vec<Arc<dyn Embedder>>,
    ) -> Self {
        let dir = data_dir.join("vectors");
        Self { store, models, dir, config, embedders, followed: Mutex::default(), counted: Mutex::default() }
    }

    /// Every space that has vectors or can make them, the most telling first.
    pub(crate) fn spaces(&self) -> Result<Vec<VectorSpace>> {
        let mut spaces: Vec<VectorSpace> = Vec::new();
        let counts = self.counts()?;
        let count =
            |key: &FeatureKey| counts.iter().find(|(other, _)| other == key).map_or(0, |(_, count)| *count);
        for embedder in self.embedders.iter().rev() {
            let (key, model) = (embedder.key(), embedder.model());
            let (pictures, can_embed) = (count(&key), model.is_none_or(|id| self.models.is_available(id)));
            if pictures > 0 || can_embed {
                spaces.push(VectorSpace {
                    kind: key.kind,
                    producer: key.producer,
                    model,
                    reads_words: embedder.reads_words(),
                    can_embed,
                    pictures,
                    is_active: false,
                    is_chosen: false,
                });
            }
        }
        // Producers of the past: their vectors serve as long as there are more of them than of others.
        for (key, pictures) in counts.iter().filter(|(_, pictures)| *pictures > 0) {
            if !self.embedders.iter().any(|embedder| embedder.key() == *key) {
                spaces.push(VectorSpace {
                    kind: key.kind.clone(),
                    producer: key.producer.clone(),
                    model: None,
                    reads_words: false,
                    can_embed: false,
                    pictures: *pictures,
                    is_active: false,
                    is_chosen: false,
                });
            }
        }
        for kind in KINDS {
            let chosen = self.store.setting(&setting(kind))?;
            activate(&mut spaces, kind, chosen.as_deref());
        }
        Ok(spaces)
    }

    fn counts(&self) -> Result<Arc<Vec<(FeatureKey, u64)>>> {
        let state = self.store.vector_state()?;
        if let Some(known) = self.counted.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let is_recent = known.at.elapsed() < known.took * RECOUNT_SHARE;
            if known.state.epoch == state.epoch && (known.state == state || is_recent) {
                return Ok(Arc::clone(&known.pictures));
            }
        }
        let started = Instant::now();
        let pictures = Arc::new(self.store.keys_of_kinds(&KINDS)?);
        let (at, took) = (Instant::now(), started.elapsed());
        let counted = Counted { state, at, took, pictures: Arc::clone(&pictures) };
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
        Ok(pictures)
    }

    /// See [`Engine::vector_space`].
    pub(crate) fn pick(&self, wanted: SpaceWanted<'_>) -> Result<VectorSpace> {
        let spaces = self.spaces()?;
        for (field, value) in [("kind", wanted.kind), ("producer", wanted.producer)] {
            let of = |space: &VectorSpace| {
                if field == "kind" { space.kind.clone() } else { space.producer.clone() }
            };
            if let Some(value) = value
                && !spaces.iter().any(|space| of(space) == value)
            {
                let mut known: Vec<String> = spaces.iter().map(of).collect();
                known.dedup();
                return Err(Error::BadValue { field, detail: format!("is one of {known:?}") });
            }
        }
        let can_serve = |space: &VectorSpace| {
            wanted.kind.is_none_or(|kind| space.kind == kind)
                && wanted.producer.is_none_or(|producer| space.producer == producer)
                && (!wanted.reads_words || space.reads_words && space.can_embed)
        };
        let fits = |space: &&VectorSpace| can_serve(space) && (space.is_active || wanted.producer.is_some());
        let mut fitting: Vec<&VectorSpace> = spaces.iter().filter(fits).collect();
        if fitting.is_empty() {
            // The active vectors are of a model that is gone: another one reads words, though fewer pictures have its.
            fitting = spaces.iter().filter(|space| can_serve(space)).collect();
        }
        let most = fitting.iter().map(|space| space.pictures).max().unwrap_or(0);
        let found = fitting.into_iter().find(|space| space.pictures as f64 >= most as f64 * ENOUGH);
        found.cloned().ok_or_else(|| {
            no_model(if wanted.reads_words {
                "no model that knows what words look like is installed; photos are found by tags, text and names all the same"
            } else {
                "there are no vectors of pictures of this kind and producer"
            })
        })
    }

    /// Says which producer's vectors of a kind searches are to use; `None` leaves it to how many pictures have them.
    pub(crate) fn choose(&self, kind: &str, producer: Option<&str>) -> Result<()> {
        self.pick(SpaceWanted { kind: Some(kind), ..SpaceWanted::default() })?;
        if let Some(producer) = producer {
            self.pick(SpaceWanted { kind: Some(kind), producer: Some(producer), reads_words: false })?;
        }
        Ok(self.store.set_setting(&setting(kind), producer)?)
    }

    /// The pictures of `only` (of all, where that is `None`) most similar to a vector, most similar first.
    pub(crate) fn nearest(
        &self,
        space: &VectorSpace,
        vector: &[f32],
        k: usize,
        only: Option<&[PictureId]>,
    ) -> Result<Vec<(PictureId, f32)>> {
        self.followed(&space.key()).nearest(vector, k, only)
    }

    /// The vector of a photo's picture, if it has one.
    pub(crate) fn of_photo(&self, space: &VectorSpace, photo: PhotoId) -> Result<Option<Vec<f32>>> {
        let Some(picture) = self.store.picture_of(photo)? else { return Ok(None) };
        let mut found = None;
        self.store.read_vectors(&space.key(), &[picture], |_, vector| found = Some(vector.to_vec()))?;
        Ok(found)
    }

    /// The vector of words.
    pub(crate) fn of_words(&self, space: &VectorSpace, words: &str) -> Result<Vec<f32>> {
        let vector = self.embedder(space)?.read(words)?;
        vector.ok_or_else(|| no_model(&format!("{} reads no words", space.producer)))
    }

    /// The vector of an upright picture that need not be in the library.
    pub(crate) fn of_picture(&self, space: &VectorSpace, picture: &Picture) -> Result<Vec<f32>> {
        let embedder = self.embedder(space)?;
        embedder.look_at(&picture.rgb(embedder.long_side()))
    }

    fn embedder(&self, space: &VectorSpace) -> Result<&Arc<dyn Embedder>> {
        let key = space.key();
        let found = self.embedders.iter().find(|embedder| embedder.key() == key);
        found.ok_or_else(|| no_model(&format!("no model here makes the vectors of {}", space.producer)))
    }

    /// What similarities with this vector mean.
    pub(crate) fn scale(&self, space: &VectorSpace, vector: &[f32], is_of_words: bool) -> Scale {
        if space.key() == embedder::grid_key() {
            return Scale::GRID;
        }
        let likeness = match self.followed(&space.key()).sample() {
            Ok(sample) => sample.and_then(|sample| sample.likeness(vector)),
            // A score that is less telling is better than no answer.
            Err(error) => {
                tracing::warn!(%error, "what is usual is not known: scores are those of any library");
                None
            }
        };
        if is_of_words { Scale::of_words(likeness) } else { Scale::of_pictures(likeness) }
    }

    /// Brings all indexes up to date, unless `stop` says so.
    pub(crate) fn bring_up_to_date(&self, stop: &dyn Fn() -> bool) -> Result<()> {
        for (key, pictures) in self.counts()?.iter() {
            if *pictures > 0 && !stop() {
                self.followed(key).bring_up_to_date(stop)?;
            }
        }
        Ok(())
    }

    /// Makes room in the indexes after vectors were removed from the store.
    pub(crate) fn sweep(&self) -> Result<()> {
        *self.counted.lock().unwrap_or_else(PoisonError::into_inner) = None;
        for (key, _) in self.store.keys_of_kinds(&KINDS)? {
            self.followed(&key).sweep()?;
        }
        Ok(())
    }

    fn followed(&self, key: &FeatureKey) -> Arc<Followed> {
        let mut all = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let followed = all.entry(key.clone()).or_insert_with(|| {
            let path = self.dir.join(file_name(key));
            Arc::new(Followed::new(self.store.clone(), key.clone(), path, self.config))
        });
        Arc::clone(followed)
    }
}

impl Engine {
    /// Every space of vectors, the most telling first.
    pub fn vector_spaces(&self) -> Result<Vec<VectorSpace>> {
        self.0.vectors.spaces()
    }

    /// The space that is meant: the one named, or the active one that tells most and that nearly every picture is in.
    pub fn vector_space(&self, wanted: SpaceWanted<'_>) -> Result<VectorSpace> {
        self.0.vectors.pick(wanted)
    }

    /// Says which producer's vectors of a kind searches use from now on; `None` leaves it to how many pictures have
    /// them. Nothing is computed and nothing removed.
    pub fn choose_vectors(&self, kind: &str, producer: Option<&str>) -> Result<()> {
        self.0.vectors.choose(kind, producer)
    }

    /// Brings the indexes of vectors up to date. Runs do it at their end; this is for a library that another program
    /// wrote, or whose indexes were removed.
    pub fn refresh_vectors(&self, stop: &dyn Fn() -> bool) -> Result<()> {
        self.0.vectors.bring_up_to_date(stop)
    }
}

impl Inner {
    /// Brings the indexes up to date at the end of a run. If that fails, searches do without, and the run has succeeded
    /// all the same.
    pub(crate) fn follow_with_vectors(&self, live: &Live) {
        // A database that is being built beside the one in use answers no searches.
        if self.config.shelter.is_some() {
            return;
        }
        live.set_phase("indexing vectors");
        let stop = || live.control.requested().is_some();
        if let Err(error) = self.vectors.bring_up_to_date(&stop) {
            tracing::warn!(%error, "indexes of vectors could not be brought up to date");
        }
    }
}

/// Marks the active space of a kind: the chosen one, as long as it has vectors; otherwise the most telling of those that
/// have enough.
fn activate(spaces: &mut [VectorSpace], kind: &str, chosen: Option<&str>) {
    let of_kind = |space: &VectorSpace| space.kind == kind;
    let most = spaces.iter().filter(|space| of_kind(space)).map(|space| space.pictures).max().unwrap_or(0);
    let is_chosen = |space: &VectorSpace| Some(space.producer.as_str()) == chosen && space.pictures > 0;
    let by_choice = spaces.iter().position(|space| of_kind(space) && is_chosen(space));
    let by_count =
        || spaces.iter().position(|space| of_kind(space) && space.pictures as f64 >= most as f64 * ENOUGH);
    if let Some(active) = by_choice.or_else(by_count) {
        spaces[active].is_active = true;
        spaces[active].is_chosen = by_choice.is_some();
    }
}

/// Under which name the choice of a kind's producer is kept.
fn setting(kind: &str) -> String {
    format!("vectors:{kind}")
}

/// `clip_embedding-tinyclip_8m@1.tvi`, with a few letters of a hash where the name had to be made plain.
fn file_name(key: &FeatureKey) -> String {
    let plain: String = key
        .producer
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_.@".contains(letter) { letter } else { '_' })
        .take(80)
        .collect();
    if plain == key.producer && key.params.is_empty() {
        return format!("{}-{plain}.tvi", key.kind);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.producer.as_bytes()).update(&[0]).update(key.params.as_bytes());
    format!("{}-{plain}-{}.tvi", key.kind, &hasher.finalize().to_hex()[..8])
}

fn no_model(detail: &str) -> Error {
    Error::Unavailable { code: ErrorCode::ModelUnavailable, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(producer: &str, pictures: u64) -> VectorSpace {
        VectorSpace {
            kind: SCENE.into(),
            producer: producer.into(),
            model: None,
            reads_words: false,
            can_embed: true,
            pictures,
            is_active: false,
            is_chosen: false,
        }
    }

    fn active(spaces: &[(&str, u64)], chosen: Option<&str>) -> String {
        let mut spaces: Vec<VectorSpace> = spaces.iter().map(|(name, count)| space(name, *count)).collect();
        activate(&mut spaces, SCENE, chosen);
        assert!(spaces.iter().filter(|space| space.is_active).count() <= 1);
        spaces.into_iter().find(|space| space.is_active).map_or_else(String::new, |space| space.producer)
    }

    #[test]
    fn a_new_model_takes_over_when_nearly_all_pictures_have_its_vectors() {
        assert_eq!(active(&[("new", 0), ("old", 100)], None), "old");
        assert_eq!(active(&[("new", 89), ("old", 100)], None), "old");
        assert_eq!(active(&[("new", 90), ("old", 100)], None), "new");
        assert_eq!(active(&[("new", 120), ("old", 100)], None), "new");
    }

    #[test]
    fn what_people_choose_holds_while_it_has_vectors() {
        assert_eq!(active(&[("new", 100), ("old", 100)], Some("old")), "old");
        assert_eq!(active(&[("new", 1), ("old", 100)], Some("new")), "new");
        assert_eq!(active(&[("new", 100), ("old", 0)], Some("old")), "new");
        assert_eq!(active(&[("new", 100)], Some("gone")), "new");
        assert_eq!(active(&[], None), "");
    }

    #[test]
    fn file_names_are_plain_and_apart() {
        assert_eq!(file_name(&FeatureKey::new(SCENE, "a-b@1")), "scene_embedding-a-b@1.tvi");
        let odd = [file_name(&FeatureKey::new(SCENE, "a/b")), file_name(&FeatureKey::new(SCENE, "a:b"))];
        assert!(odd[0] != odd[1] && odd.iter().all(|name| !name.contains(['/', ':'])), "{odd:?}");
    }
}
