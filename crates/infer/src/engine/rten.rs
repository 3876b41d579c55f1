//! RTen: one loaded graph serves every thread; each run borrows a lane (a small pool of threads) of its own, since
//! two runs on one single-threaded pool would wait for each other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rten::{DataType, Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView, ValueType, ValueView};
use rten_tensor::Layout;

use crate::session::TensorInfo;
use crate::tensor::{DType, Tensor};

/// The version of the crate that is built in.
pub(super) const VERSION: &str = "0.27";

/// Threads for runs, by how many threads one run gets. Lanes are made when a run finds none free, so there are as
/// many as there were runs at one time.
#[derive(Default)]
pub struct RtenLanes {
    free: Mutex<HashMap<usize, Vec<Arc<ThreadPool>>>>,
}

impl std::fmt::Debug for RtenLanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RtenLanes").finish_non_exhaustive()
    }
}

impl RtenLanes {
    fn with_lane<T>(&self, threads: usize, run: impl FnOnce(Arc<ThreadPool>) -> T) -> T {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = free().entry(threads).or_default().pop();
        let lane = lane.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(threads)));
        let result = run(Arc::clone(&lane));
        // Not reached when `run` unwinds: a lane that saw a panic is not used again.
        free().entry(threads).or_default().push(lane);
        result
    }
}

/// A graph loaded by RTen.
pub(crate) struct RtenGraph {
    model: Model,
    lanes: Arc<RtenLanes>,
    threads: usize,
}

impl RtenGraph {
    pub(crate) fn load(bytes: Vec<u8>, lanes: &Arc<RtenLanes>, threads: usize) -> Result<Self, String> {
        let model = Model::load(bytes).map_err(|error| error.to_string())?;
        Ok(Self { model, lanes: Arc::clone(lanes), threads })
    }

    /// Runs the graph. Names and types were checked by the caller; `declared` are the infos of `outputs`.
    pub(crate) fn run(
        &self,
        inputs: &[(&str, Tensor)],
        outputs: &[&TensorInfo],
    ) -> Result<Vec<Tensor>, String> {
        let node = |name: &str| -> Result<NodeId, String> {
            self.model.find_node(name).ok_or_else(|| format!("there is no value {name:?} in the graph"))
        };
        let mut values: Vec<(NodeId, ValueOrView)> = Vec::with_capacity(inputs.len());
        for (name, tensor) in inputs {
            values.push((node(name)?, value_of(tensor)?));
        }
        let wanted = outputs.iter().map(|info| node(&info.name)).collect::<Result<Vec<_>, _>>()?;
        let results = self.lanes.with_lane(self.threads, |lane| {
            let mut options = RunOptions::default();
            options.thread_pool = Some(lane);
            self.model.run(values, &wanted, Some(options))
        });
        let results = results.map_err(|error| error.to_string())?;
        results.into_iter().zip(outputs).map(|(value, info)| tensor_of(value, info.dtype)).collect()
    }
}

/// 64-bit integers and truth values travel as `i32`, which is how RTen stores them.
fn value_of(tensor: &Tensor) -> Result<ValueOrView<'_>, String> {
    let shape = tensor.shape();
    let owned = |data: Vec<i32>| -> Result<ValueOrView<'_>, String> {
        Ok(Value::from_shape(shape, data).map_err(|error| error.to_string())?.into())
    };
    match tensor {
        Tensor::F32 { data, .. } => {
            Ok(ValueView::from_shape(shape, data.as_slice()).map_err(|error| error.to_string())?.into())
        }
        Tensor::U8 { data, .. } => {
            Ok(ValueView::from_shape(shape, data.as_slice()).map_err(|error| error.to_string())?.into())
        }
        Tensor::I32 { data, .. } => {
            Ok(ValueView::from_shape(shape, data.as_slice()).map_err(|error| error.to_string())?.into())
        }
        Tensor::I64 { data, .. } => owned(
            data.iter()
                .map(|&value| i32::try_from(value).map_err(|_range| format!("{value} is too large for RTen")))
                .collect::<Result<_, _>>()?,
        ),
        Tensor::Bool { data, .. } => owned(data.iter().map(|&value| i32::from(value)).collect()),
    }
}

/// `declared` tells a 64-bit integer or a truth value from a plain `i32`.
fn tensor_of(value: Value, declared: DType) -> Result<Tensor, String> {
    let kind = value.dtype();
    let tensor = match kind {
        ValueType::Tensor(DataType::Float) => value.into_tensor::<f32>().map(|tensor| {
            let shape = tensor.shape().to_vec();
            Tensor::F32 { shape, data: tensor.into_data() }
        }),
        ValueType::Tensor(DataType::UInt8) => value.into_tensor::<u8>().map(|tensor| {
            let shape = tensor.shape().to_vec();
            Tensor::U8 { shape, data: tensor.into_data() }
        }),
        ValueType::Tensor(DataType::Int32) => value.into_tensor::<i32>().map(|tensor| {
            let shape = tensor.shape().to_vec();
            let data = tensor.into_data();
            match declared {
                DType::I64 => Tensor::I64 { shape, data: data.into_iter().map(i64::from).collect() },
                DType::Bool => {
                    Tensor::Bool { shape, data: data.into_iter().map(|value| value != 0).collect() }
                }
                _ => Tensor::I32 { shape, data },
            }
        }),
        _ => None,
    };
    tensor.ok_or_else(|| format!("an output of type {kind} cannot be read"))
}
