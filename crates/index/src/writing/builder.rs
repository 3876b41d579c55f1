//! Building an index from nothing.

use std::path::{Path, PathBuf};

use super::{Changes, Inner, Temporary, WriteLock};
use crate::basis::Basis;
use crate::code::{Shape, normalised};
use crate::error::Error;
use crate::identity::Identity;
use crate::index::Index;

/// How many vectors the mean is taken of: its error is then 1 / 64 of a vector's own spread.
const SAMPLE: usize = 4096;
/// With fewer, their mean says more about them than about what is to come, and none is taken.
const LEAST_SAMPLE: usize = 64;

/// Builds an index from nothing, under another name until it is whole. What was at the path is replaced then; handles
/// that are open on it keep what they have.
#[derive(Debug)]
pub struct Builder {
    path: PathBuf,
    identity: Identity,
    sample: Vec<(u64, Vec<f32>)>,
    begun: Option<(Inner, Changes)>,
    temporary: Option<Temporary>,
    _lock: WriteLock,
}

impl Builder {
    /// Begins an index of `identity` that is to be at `path`. Its folder is made where needed.
    ///
    /// # Errors
    /// [`Error::Identity`]; [`Error::Locked`] where another process writes an index there; [`Error::Io`].
    pub fn new(path: &Path, identity: &Identity) -> Result<Self, Error> {
        identity.check()?;
        Ok(Self {
            path: path.to_owned(),
            identity: identity.clone(),
            sample: Vec::new(),
            begun: None,
            temporary: None,
            _lock: WriteLock::at(path)?,
        })
    }

    /// Adds a vector; as [`Batch::put`](crate::Batch::put).
    ///
    /// # Errors
    /// A vector of another dimension or not finite, which changes nothing; [`Error::Io`].
    pub fn put(&mut self, key: u64, vector: &[f32]) -> Result<(), Error> {
        if let Some((inner, changes)) = &mut self.begun {
            return changes.put(inner, key, vector);
        }
        if vector.len() != self.identity.dimension {
            return Err(Error::Dimension { expected: self.identity.dimension, got: vector.len() });
        }
        if !vector.iter().all(|value| value.is_finite()) {
            return Err(Error::NotFinite);
        }
        self.sample.push((key, vector.to_vec()));
        if self.sample.len() == SAMPLE { self.begin() } else { Ok(()) }
    }

    /// Makes the index durable, puts it in its place, and opens it. `generation` is the store's.
    ///
    /// # Errors
    /// [`Error::Io`]: what was at the path is still there then.
    pub fn finish(mut self, generation: u64) -> Result<Index, Error> {
        self.begin()?;
        let (Some((mut inner, mut changes)), Some(temporary)) = (self.begun.take(), self.temporary.take())
        else {
            return Err(Error::Full);
        };
        changes.commit(&mut inner, generation)?;
        // A million keys take longer to note again than they are worth keeping: most indexes are only read.
        inner.slots = None;
        Ok(Index::new(temporary.into_place(inner, &self.path)?))
    }

    /// Creates the file, now that there is a sample to take the mean of.
    fn begin(&mut self) -> Result<(), Error> {
        if self.begun.is_some() {
            return Ok(());
        }
        let temporary = Temporary::beside(&self.path)?;
        let mean = self.mean();
        let basis = self.basis(&mean);
        let mut inner = Inner::create(&temporary.0, &self.identity, mean, basis)?;
        let mut changes = Changes::new(&inner)?;
        for (key, vector) in std::mem::take(&mut self.sample) {
            changes.put(&mut inner, key, &vector)?;
        }
        (self.begun, self.temporary) = (Some((inner, changes)), Some(temporary));
        Ok(())
    }

    fn mean(&self) -> Vec<f32> {
        let mut sum = vec![0f64; self.identity.dimension];
        if self.sample.len() < LEAST_SAMPLE {
            return vec![0.0; sum.len()];
        }
        for unit in self.sample.iter().filter_map(|(_, vector)| normalised(vector)) {
            for (sum, value) in sum.iter_mut().zip(unit) {
                *sum += f64::from(value);
            }
        }
        sum.into_iter().map(|sum| (sum / self.sample.len() as f64) as f32).collect()
    }

    /// The principal directions of the sample around its mean, where they hold most of its spread.
    fn basis(&self, mean: &[f32]) -> Option<Basis> {
        let count = Shape::head_for(self.identity.dimension);
        if count == 0 {
            return None;
        }
        let units = self.sample.iter().filter_map(|(_, vector)| normalised(vector));
        let centred: Vec<Vec<f32>> =
            units.map(|unit| unit.iter().zip(mean).map(|(x, mean)| x - mean).collect()).collect();
        Basis::of(mean, &centred, count)
    }
}
