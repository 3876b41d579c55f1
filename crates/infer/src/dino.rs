//! [`DinoModel`]: DINOv2, a vector of how a picture looks, learned without any words.

use tintype_vision::RgbImage;
use tintype_vision::vit_input::VitInput;

use crate::error::Result;
use crate::graphs::Graphs;
use crate::registry::Models;

/// The row of the table.
pub const MODEL: &str = "dinov2-small";
/// Side of the picture the graph sees.
pub(crate) const SIDE: u32 = VitInput::DINO.side;

/// The model, loaded when first used. Clones are the same.
#[derive(Debug, Clone)]
pub struct DinoModel {
    graphs: Graphs,
}

impl DinoModel {
    /// A model of an installation, such as [`MODEL`].
    pub fn new(models: &Models, id: &str) -> Result<Self> {
        Ok(Self::over(Graphs::installed(models, id)?))
    }

    /// A model over a given graph, with the role `graph`.
    pub fn over(graphs: Graphs) -> Self {
        Self { graphs }
    }

    /// Vectors of length 1 of upright pictures of any size, in their order: the state of the class token, which the
    /// authors use for nearest neighbours.
    pub fn embed_images(&self, images: &[&RgbImage]) -> Result<Vec<Vec<f32>>> {
        let mut vectors = Vec::with_capacity(images.len());
        for states in self.graphs.see("graph", &VitInput::DINO, images, &["last_hidden_state"])? {
            let [_, places, len] = states.dims().map_err(|error| error.of_model(self.graphs.model()))?;
            let data = states.as_f32().map_err(|error| error.of_model(self.graphs.model()))?;
            for picture in data.chunks_exact((places * len).max(1)) {
                vectors.push(self.graphs.unit(&picture[..len])?);
            }
        }
        Ok(vectors)
    }
}
