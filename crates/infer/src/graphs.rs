//! [`Graphs`]: where the graphs and files of one model come from. An installation loads them when first used and
//! lets go of them later; graphs that are already loaded serve a model that is in no table.

use std::collections::BTreeMap;
use std::sync::Arc;

use tintype_vision::RgbImage;
use tintype_vision::vit_input::VitInput;

use crate::error::{Error, Result};
use crate::registry::Models;
use crate::session::Session;
use crate::tensor::Tensor;
use crate::tokenize::Tokenizer;

/// At most so many pictures in one run: beyond that a batch is no faster and takes memory.
const BATCH: usize = 8;

/// The parts of one model. Clones are the same.
#[derive(Debug, Clone)]
pub struct Graphs(Source);

#[derive(Debug, Clone)]
enum Source {
    Installed {
        models: Models,
        id: &'static str,
    },
    Loaded {
        model: Arc<str>,
        sessions: Arc<BTreeMap<&'static str, Arc<Session>>>,
        tokenizer: Option<Arc<Tokenizer>>,
    },
}

impl Graphs {
    /// The model of an installation; [`Error::UnknownModel`] if the table has no such row.
    pub fn installed(models: &Models, id: &str) -> Result<Self> {
        let id = models.row(id)?.id;
        Ok(Self(Source::Installed { models: models.clone(), id }))
    }

    /// Graphs that are loaded already, by role, and the tokeniser, if the model needs one.
    pub fn loaded(
        model: &str,
        sessions: impl IntoIterator<Item = (&'static str, Session)>,
        tokenizer: Option<Arc<Tokenizer>>,
    ) -> Self {
        let sessions = sessions.into_iter().map(|(role, session)| (role, Arc::new(session))).collect();
        Self(Source::Loaded { model: model.into(), sessions: Arc::new(sessions), tokenizer })
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        match &self.0 {
            Source::Installed { id, .. } => id,
            Source::Loaded { model, .. } => model,
        }
    }

    /// The graph of a role.
    pub(crate) fn session(&self, role: &'static str) -> Result<Arc<Session>> {
        match &self.0 {
            Source::Installed { models, id } => models.session(id, role),
            Source::Loaded { sessions, .. } => {
                sessions.get(role).cloned().ok_or_else(|| self.misfit(format!("it has no part {role:?}")))
            }
        }
    }

    /// Whether there is a graph of this role.
    pub(crate) fn has(&self, role: &str) -> bool {
        match &self.0 {
            Source::Installed { models, id } => models.row(id).is_ok_and(|row| {
                row.part(role).is_some() || row.exports().iter().any(|(exported, _)| *exported == role)
            }),
            Source::Loaded { sessions, .. } => sessions.contains_key(role),
        }
    }

    /// The tokeniser. Reading it takes some tens of milliseconds: keep it.
    pub(crate) fn tokenizer(&self) -> Result<Arc<Tokenizer>> {
        match &self.0 {
            Source::Installed { models, id } => {
                let path = models.file(id, "tokenizer")?;
                let bytes = fs_err::read(&path).map_err(|source| Error::File {
                    model: (*id).to_owned(),
                    path: path.clone(),
                    source,
                })?;
                let tokenizer = Tokenizer::from_file(&bytes).map_err(|source| Error::Tokenizer {
                    model: (*id).to_owned(),
                    source: Box::new(source),
                })?;
                Ok(Arc::new(tokenizer))
            }
            Source::Loaded { tokenizer, .. } => {
                tokenizer.clone().ok_or_else(|| self.misfit("it has no tokenizer".to_owned()))
            }
        }
    }

    /// Runs a vision tower over pictures: `pixel_values` in, the first of `outputs` that the graph has out, one
    /// tensor of `[pictures, …]` for each batch.
    pub(crate) fn see(
        &self,
        role: &'static str,
        input: &VitInput,
        images: &[&RgbImage],
        outputs: &[&str],
    ) -> Result<Vec<Tensor>> {
        let session = self.session(role)?;
        let output =
            first_output(&session, outputs).ok_or_else(|| self.misfit(format!("no output {outputs:?}")))?;
        let [pixels] = session.inputs() else {
            return Err(self.misfit(format!("its graph {role:?} takes {} inputs", session.inputs().len())));
        };
        let can_batch = pixels.has_batch_dimension() && session.keeps_batches_apart();
        let batch = if can_batch { BATCH } else { 1 };
        let side = input.side as usize;
        images
            .chunks(batch)
            .map(|images| {
                let mut data = Vec::with_capacity(images.len() * 3 * side * side);
                for image in images {
                    input.push(image, &mut data);
                }
                let tensor = Tensor::f32([images.len(), 3, side, side], data)?;
                let mut seen = session.run(&[(pixels.name.as_str(), tensor)], &[output])?;
                let seen = seen.pop().filter(|seen| seen.shape().first() == Some(&images.len()));
                seen.ok_or_else(|| {
                    self.unreadable("another number of pictures came out than went in".to_owned())
                })
            })
            .collect()
    }

    /// An error about the graph's inputs and outputs.
    pub(crate) fn misfit(&self, detail: String) -> Error {
        Error::Input { model: self.model().to_owned(), detail }
    }

    /// An error about what the graph gave.
    pub(crate) fn unreadable(&self, detail: String) -> Error {
        Error::Output { model: self.model().to_owned(), detail }
    }

    /// `[pictures, numbers]` as vectors of length 1.
    pub(crate) fn unit_rows(&self, tensor: &Tensor) -> Result<Vec<Vec<f32>>> {
        let [_, len] = tensor.dims().map_err(|error| error.of_model(self.model()))?;
        let data = tensor.as_f32().map_err(|error| error.of_model(self.model()))?;
        data.chunks_exact(len.max(1)).map(|row| self.unit(row)).collect()
    }

    /// The vector at length 1.
    pub(crate) fn unit(&self, row: &[f32]) -> Result<Vec<f32>> {
        crate::scene::normalised(row).ok_or_else(|| self.unreadable("the vector is of no length".to_owned()))
    }
}

/// The first of `names` that the graph gives.
pub(crate) fn first_output<'n>(session: &Session, names: &[&'n str]) -> Option<&'n str> {
    names.iter().copied().find(|name| session.outputs().iter().any(|output| output.name == *name))
}
