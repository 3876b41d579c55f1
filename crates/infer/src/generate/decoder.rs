//! [`Decoder`]: the graph or graphs of a text decoder, fed so that each step computes one token only. What earlier
//! tokens left in the attention layers (their keys and values) is handed from step to step and follows its sentence.
//!
//! Three forms of export are understood, told apart by the graphs' inputs:
//! - one graph with a switch `use_cache_branch`, as most publishers ship it;
//! - a pair: `decoder` for the first step, `decoder_next` for the others;
//! - one graph that keeps nothing; then every step computes the whole sentence.

use std::sync::Arc;

use crate::error::Result;
use crate::graphs::Graphs;
use crate::session::{Session, TensorInfo};
use crate::tensor::{DType, Tensor};

use super::beam::NextTokens;

const PAST: &str = "past_key_values.";
const PRESENT: &str = "present.";
const SWITCH: &str = "use_cache_branch";
/// Keys and values of what was seen do not change; a step with a cache may give empty ones back.
const SEEN: &str = ".encoder.";

/// A sentence generator over one picture.
pub(super) struct Decoder<'g> {
    graphs: &'g Graphs,
    first: Arc<Session>,
    next: Option<Arc<Session>>,
    /// The picture, for one sentence.
    seen: Tensor,
    /// The same for as many sentences as the last step had.
    seen_by_all: Tensor,
    /// Inputs of the next step by name, one row for each sentence of the last step.
    cache: Vec<(String, Tensor)>,
}

impl<'g> Decoder<'g> {
    /// `seen` is `[1, places, numbers]`.
    pub(super) fn new(graphs: &'g Graphs, seen: Tensor) -> Result<Self> {
        let first = graphs.session("decoder")?;
        let next = if first.inputs().iter().any(|input| input.name == SWITCH) {
            Some(Arc::clone(&first))
        } else if graphs.has("decoder_next") {
            Some(graphs.session("decoder_next")?)
        } else {
            None
        };
        Ok(Self { graphs, first, next, seen_by_all: seen.clone(), seen, cache: Vec::new() })
    }

    /// Values for every input of `session`, by name.
    fn inputs<'s>(
        &mut self,
        session: &'s Session,
        sequences: &[Vec<u32>],
        has_past: bool,
    ) -> Result<Vec<(&'s str, Tensor)>> {
        let rows = sequences.len();
        let total = sequences.first().map_or(0, Vec::len);
        let fed = if has_past { 1 } else { total };
        let places = self.seen.shape().get(1).copied().unwrap_or(0);
        session
            .inputs()
            .iter()
            .map(|input| {
                let ones = |len: usize| whole(input, [rows, len], vec![1; rows * len]);
                let tensor = match input.name.as_str() {
                    "input_ids" => {
                        let ids = sequences.iter().flat_map(|ids| &ids[ids.len() - fed..]);
                        whole(input, [rows, fed], ids.map(|id| i64::from(*id)).collect())?
                    }
                    "position_ids" => {
                        let places = (total - fed) as i64..total as i64;
                        whole(input, [rows, fed], (0..rows).flat_map(|_| places.clone()).collect())?
                    }
                    "encoder_hidden_states" => self.seen_by(rows)?,
                    "encoder_attention_mask" => ones(places)?,
                    "attention_mask" => ones(total)?,
                    SWITCH => Tensor::bool([1], vec![has_past])?,
                    name if name.starts_with(PAST) => self.past(input, rows, has_past)?,
                    name => return Err(self.graphs.misfit(format!("its decoder wants {name:?}"))),
                };
                Ok((input.name.as_str(), tensor))
            })
            .collect()
    }

    fn past(&mut self, input: &TensorInfo, rows: usize, has_past: bool) -> Result<Tensor> {
        if has_past {
            let at = self.cache.iter().position(|(name, _)| *name == input.name);
            let at = at.ok_or_else(|| self.graphs.misfit(format!("no step fills {:?}", input.name)))?;
            return Ok(self.cache[at].1.clone());
        }
        // Nothing yet: no places at all, in the shape the graph declares.
        let shape = match input.shape[..] {
            [_, Some(heads), _, Some(numbers)] => [rows, heads, 0, numbers],
            _ => return Err(self.graphs.misfit(format!("the shape of {:?} is not known", input.name))),
        };
        Tensor::f32(shape, Vec::new())
    }

    fn seen_by(&mut self, rows: usize) -> Result<Tensor> {
        if self.seen_by_all.shape().first() != Some(&rows) {
            self.seen_by_all = picked(&self.seen, &vec![0; rows])?;
        }
        Ok(self.seen_by_all.clone())
    }
}

impl NextTokens for Decoder<'_> {
    fn step(&mut self, sequences: &[Vec<u32>], parents: &[usize]) -> Result<Vec<Vec<f32>>> {
        let has_past = !self.cache.is_empty();
        let session = match &self.next {
            Some(next) if has_past => Arc::clone(next),
            _ => Arc::clone(&self.first),
        };
        if has_past {
            for (_, tensor) in &mut self.cache {
                let is_same = tensor.shape().first() == Some(&parents.len())
                    && parents.iter().enumerate().all(|(at, parent)| at == *parent);
                if !is_same {
                    *tensor = picked(tensor, parents)?;
                }
            }
        }
        let inputs = self.inputs(&session, sequences, has_past)?;
        let mut wanted = vec!["logits"];
        if self.next.is_some() {
            wanted.extend(
                session
                    .outputs()
                    .iter()
                    .map(|info| info.name.as_str())
                    .filter(|name| name.starts_with(PRESENT)),
            );
        }
        let mut outputs = session.run(&inputs, &wanted)?.into_iter();
        let logits = outputs.next().ok_or_else(|| self.graphs.unreadable("no logits came out".to_owned()))?;
        for (name, tensor) in wanted[1..].iter().zip(outputs) {
            let name = name.replacen(PRESENT, PAST, 1);
            match self.cache.iter_mut().find(|(cached, _)| *cached == name) {
                Some(_) if has_past && name.contains(SEEN) => {}
                Some((_, cached)) => *cached = tensor,
                None => self.cache.push((name, tensor)),
            }
        }
        last_rows(self.graphs, &logits, sequences.len())
    }
}

/// A tensor of whole numbers in the type the graph wants.
fn whole(input: &TensorInfo, shape: [usize; 2], values: Vec<i64>) -> Result<Tensor> {
    if input.dtype == DType::I32 {
        Tensor::i32(shape, values.into_iter().map(|value| value as i32).collect())
    } else {
        Tensor::i64(shape, values)
    }
}

/// The scores at the last place of each sentence, from `[sentences, places, vocabulary]`.
fn last_rows(graphs: &Graphs, logits: &Tensor, rows: usize) -> Result<Vec<Vec<f32>>> {
    let [found, places, vocabulary] = logits.dims().map_err(|error| error.of_model(graphs.model()))?;
    let data = logits.as_f32().map_err(|error| error.of_model(graphs.model()))?;
    if found != rows || places == 0 || vocabulary == 0 {
        return Err(
            graphs.unreadable(format!("logits of the shape {:?} for {rows} sentences", logits.shape()))
        );
    }
    Ok(data.chunks_exact(places * vocabulary).map(|row| row[(places - 1) * vocabulary..].to_vec()).collect())
}

/// The rows (first dimension) of a tensor of floats, by their places.
fn picked(tensor: &Tensor, places: &[usize]) -> Result<Tensor> {
    let data = tensor.as_f32()?;
    let mut shape = tensor.shape().to_vec();
    let Some(rows) = shape.first().copied() else { return Ok(tensor.clone()) };
    let len = data.len() / rows.max(1);
    let mut out = Vec::with_capacity(len * places.len());
    for place in places {
        out.extend_from_slice(data.get(place * len..(place + 1) * len).unwrap_or_default());
    }
    shape[0] = places.len();
    Tensor::f32(shape, out)
}
