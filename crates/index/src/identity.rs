//! What an index is of.

use crate::error::Error;

/// The kind of vector, who made it, and its dimensions. A file of another identity is stale.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The feature, for example `clip_embedding`; at most 256 bytes.
    pub kind: String,
    /// The model with its version and parameters; at most 2,048 bytes.
    pub producer: String,
    /// 2 to 4,096.
    pub dimension: usize,
}

impl Identity {
    /// An identity; whether it can be used is checked where it is.
    pub fn new(kind: impl Into<String>, producer: impl Into<String>, dimension: usize) -> Self {
        Self { kind: kind.into(), producer: producer.into(), dimension }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let fault = |what: String| Err(Error::Identity { what });
        if !(2..=4096).contains(&self.dimension) {
            return fault(format!("{} dimensions (2 to 4096 can be indexed)", self.dimension));
        }
        if self.kind.len() > 256 || self.producer.len() > 2048 {
            return fault("the kind or the producer has too long a name".to_owned());
        }
        Ok(())
    }
}
