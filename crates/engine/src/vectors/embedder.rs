//! What makes vectors of pictures and of words: one [`Embedder`] for each producer, used by the pipeline for photos and
//! by searches for questions.

use std::sync::Arc;
use std::time::Duration;

use tintype_core::FeatureKey;
use tintype_infer::clip::ClipModel;
use tintype_infer::dino::DinoModel;
use tintype_infer::scene::SceneModel;
use tintype_infer::{MicroBatcher, ModelRow, Models, Provider, Task};
use tintype_vision::RgbImage;

use crate::Result;
use crate::steps::{Subject, ready};

/// The kind of feature of vectors that say how a picture looks.
pub(crate) const SCENE: &str = "scene_embedding";
/// The kind of feature of vectors in a space of pictures and words.
pub(crate) const CLIP: &str = "clip_embedding";

/// The weight-free producer of [`SCENE`]: colour layout and gradients on a grid.
pub(crate) fn grid_key() -> FeatureKey {
    FeatureKey::new(SCENE, "colour-gradient-grid@1")
}

/// One producer of vectors. All its vectors have one length and Euclidean length 1, so that their inner product says
/// how alike two pictures are, or how well words fit one.
pub(crate) trait Embedder: Send + Sync {
    /// Kind and producer of its vectors.
    fn key(&self) -> FeatureKey;

    /// The row of the table of models, if it has weights.
    fn model(&self) -> Option<&'static str>;

    /// Whether it turns words into vectors, too.
    fn reads_words(&self) -> bool {
        false
    }

    /// Loads what it takes.
    fn prepare(&self) -> Result<()>;

    /// The longer side in pixels from which its input is made.
    fn long_side(&self) -> u32;

    /// The vector of an upright picture.
    fn look_at(&self, image: &RgbImage) -> Result<Vec<f32>>;

    /// The vector of a photo of the pipeline, whose other steps may have done part of the work.
    fn look_at_subject(&self, subject: &Subject<'_>) -> Result<Vec<f32>> {
        self.look_at(&subject.picture.rgb(self.long_side()))
    }

    /// The vector of words; `None` from one that reads none.
    fn read(&self, _words: &str) -> Result<Option<Vec<f32>>> {
        Ok(None)
    }
}

/// Every producer of the table of models, best last within its kind: a vector of a later one tells more.
pub(crate) fn embedders(models: &Models) -> Vec<Arc<dyn Embedder>> {
    let weighted = models.rows().iter().filter_map(|row| Weighted::of(models, row));
    let weighted = weighted.map(|one| Arc::new(one) as Arc<dyn Embedder>);
    std::iter::once(Arc::new(Grid) as Arc<dyn Embedder>).chain(weighted).collect()
}

/// [`tintype_vision::scene`], without any weights.
struct Grid;

impl Embedder for Grid {
    fn key(&self) -> FeatureKey {
        grid_key()
    }

    fn model(&self) -> Option<&'static str> {
        None
    }

    fn prepare(&self) -> Result<()> {
        Ok(())
    }

    fn long_side(&self) -> u32 {
        256
    }

    fn look_at(&self, image: &RgbImage) -> Result<Vec<f32>> {
        Ok(tintype_vision::scene::scene_descriptor(image))
    }
}

/// A producer with weights.
struct Weighted {
    models: Models,
    row: &'static ModelRow,
    network: Network,
    /// Where pictures of several workers run together.
    batcher: Option<Batcher>,
}

/// What is behind the weights.
enum Network {
    /// MobileNetV2, whose labels come with a vector.
    Labels(SceneModel),
    /// DINOv2.
    Look(DinoModel),
    /// CLIP and its relatives.
    Words(ClipModel),
}

impl Weighted {
    /// The producer of a row; `None` for models that make no vectors of pictures.
    fn of(models: &Models, row: &'static ModelRow) -> Option<Self> {
        let network = match (row.task, row.family) {
            (Task::Scene, "scene") => Network::Labels(SceneModel::new(models)),
            (Task::Embedding, "dino") => Network::Look(said(row, DinoModel::new(models, row.id))?),
            (Task::ImageText, _) => Network::Words(said(row, ClipModel::new(models, row.id))?),
            _ => return None,
        };
        Some(Self { models: models.clone(), row, network, batcher: batcher(models) })
    }

    fn embed(
        &self,
        image: &RgbImage,
        run: impl FnOnce(&[&RgbImage]) -> tintype_infer::Result<Vec<Vec<f32>>>,
    ) -> Result<Vec<f32>> {
        let Some(batcher) = &self.batcher else { return one(run(&[image])?) };
        Ok(batcher.run(self.row.id, image.clone(), |images| run(&images.iter().collect::<Vec<_>>()))?)
    }
}

fn said<T>(row: &ModelRow, opened: tintype_infer::Result<T>) -> Option<T> {
    opened.inspect_err(|error| tracing::warn!(model = row.id, %error, "left out")).ok()
}

impl Embedder for Weighted {
    fn key(&self) -> FeatureKey {
        let kind = if self.reads_words() { CLIP } else { SCENE };
        FeatureKey::new(kind, self.row.version)
    }

    fn model(&self) -> Option<&'static str> {
        Some(self.row.id)
    }

    fn reads_words(&self) -> bool {
        matches!(self.network, Network::Words(_))
    }

    fn prepare(&self) -> Result<()> {
        ready(&self.models, &[self.row.id])
    }

    fn long_side(&self) -> u32 {
        match self.network {
            Network::Labels(_) => crate::steps::extract_tags::LONG_SIDE,
            // Above what any of them looks at.
            Network::Look(_) | Network::Words(_) => 512,
        }
    }

    fn look_at(&self, image: &RgbImage) -> Result<Vec<f32>> {
        match &self.network {
            Network::Labels(model) => Ok(model.look_at(image, 0)?.embedding),
            Network::Look(model) => self.embed(image, |images| model.embed_images(images)),
            Network::Words(model) => self.embed(image, |images| model.embed_images(images)),
        }
    }

    fn look_at_subject(&self, subject: &Subject<'_>) -> Result<Vec<f32>> {
        match &self.network {
            Network::Labels(model) => Ok(subject.scene(model)?.embedding.clone()),
            _ => self.look_at(&subject.picture.rgb(self.long_side())),
        }
    }

    fn read(&self, words: &str) -> Result<Option<Vec<f32>>> {
        match &self.network {
            Network::Words(model) => one(model.embed_texts(&[words])?).map(Some),
            _ => Ok(None),
        }
    }
}

/// Pictures of several workers for one run.
type Batcher = MicroBatcher<RgbImage, Vec<f32>>;

/// Pictures of one run at most, and how long the first waits for others.
const TOGETHER: (usize, Duration) = (16, Duration::from_millis(4));

/// A graphics card is busy only with several pictures at a time. On processors each worker has a session of its own, and
/// waiting for others would only cost time.
fn batcher(models: &Models) -> Option<Batcher> {
    (models.config().provider != Provider::Cpu).then(|| Batcher::new(TOGETHER.0, TOGETHER.1))
}

fn one(vectors: Vec<Vec<f32>>) -> Result<Vec<f32>> {
    vectors.into_iter().next().ok_or_else(|| crate::Error::Unavailable {
        code: tintype_core::ErrorCode::Internal,
        detail: "a model gave no vector".into(),
    })
}

#[cfg(test)]
mod tests {
    use tintype_infer::{EngineChoice, InferConfig};
    use tintype_testkit::{OwnModels, scene};

    use super::*;

    #[test]
    fn pictures_that_run_together_have_the_vectors_that_they_have_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mut own = OwnModels::new(dir.path());
        own.add_dino("dino-mine", "dino_mine@1");
        own.add_clip("clip-mine", "clip_mine@1");
        let config = InferConfig { engine: EngineChoice::Rten, ..InferConfig::new(dir.path()) };
        let on_card = |provider| embedders(&Models::open(InferConfig { provider, ..config.clone() }));
        let (alone, together) = (on_card(Provider::Cpu), on_card(Provider::Cuda));
        for id in ["dino-mine", "clip-mine"] {
            let of = |all: &[Arc<dyn Embedder>]| {
                Arc::clone(all.iter().find(|embedder| embedder.model() == Some(id)).unwrap())
            };
            let (alone, together) = (of(&alone), of(&together));
            std::thread::scope(|scope| {
                for seed in 0..5 {
                    let (alone, together) = (&alone, &together);
                    scope.spawn(move || {
                        let image = scene(seed, 160, 120);
                        let (a, b) = (alone.look_at(&image).unwrap(), together.look_at(&image).unwrap());
                        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4), "{id} {seed}");
                    });
                }
            });
        }
    }
}
