//! Models, and vectors that they make: where they are, what runs them, which are used.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use tintype_engine::vectors::VectorConfig;

/// Where models are, and what runs them.
#[derive(Debug, ClapArgs)]
pub(crate) struct ModelArgs {
    /// Where files of models are kept [default: models in the data directory].
    #[arg(
        long = "models",
        id = "models_dir",
        global = true,
        env = "TINTYPE__MODELS__DIR",
        value_name = "DIR"
    )]
    pub(crate) dir: Option<PathBuf>,
    /// A folder or an http(s) address that has them, asked before their publishers.
    #[arg(
        long = "models-mirror",
        global = true,
        env = "TINTYPE__MODELS__MIRROR",
        value_name = "DIR|URL",
        hide_short_help = true
    )]
    pub(crate) mirror: Option<String>,
    /// The shared library of ONNX Runtime [default: looked for].
    #[arg(
        long,
        global = true,
        env = "TINTYPE__MODELS__ONNXRUNTIME",
        value_name = "FILE",
        hide_short_help = true
    )]
    pub(crate) onnxruntime: Option<PathBuf>,
    /// What runs models: ONNX Runtime where its library is found, or RTen, which is built in.
    #[arg(long = "model-engine", global = true, env = "TINTYPE__MODELS__ENGINE", value_name = "ENGINE", value_parser = ["auto", "rten", "onnx"], hide_short_help = true)]
    pub(crate) engine: Option<String>,
    /// What ONNX Runtime computes on; all but cpu need a library built for it.
    #[arg(long = "model-provider", global = true, env = "TINTYPE__MODELS__PROVIDER", value_name = "PROVIDER", value_parser = ["cpu", "cuda", "coreml", "openvino", "directml"], hide_short_help = true)]
    pub(crate) provider: Option<String>,
    /// After so many seconds without use a model is let go from memory; 0 keeps it.
    #[arg(
        long = "model-unload-after",
        id = "unload_after",
        global = true,
        env = "TINTYPE__MODELS__UNLOAD_AFTER_SECS",
        value_name = "SECS",
        default_value_t = 300,
        hide_short_help = true
    )]
    pub(crate) unload_after_secs: u64,
}

/// How what is near is found.
#[derive(Debug, ClapArgs)]
pub(crate) struct VectorArgs {
    /// What finds similar photos in a large library: the exact index, or a graph, which finds nearly all of them and has
    /// to be built in.
    #[arg(long = "vector-index", id = "vector_index", global = true, env = "TINTYPE__VECTORS__INDEX", value_name = "INDEX", value_parser = ["exact", "hnsw"], hide_short_help = true)]
    pub(crate) index: Option<String>,
    /// From how many vectors of a model on the graph is used.
    #[arg(
        long = "vector-graph-from",
        id = "graph_from",
        global = true,
        env = "TINTYPE__VECTORS__GRAPH_FROM",
        value_name = "N",
        default_value_t = VectorConfig::GRAPH_FROM,
        hide_short_help = true
    )]
    pub(crate) graph_from: usize,
}

/// See [`super::Command::Vectors`].
#[derive(Debug, Subcommand)]
pub(crate) enum VectorsCommand {
    /// Every producer, how many pictures have its vectors, and whether searches use them.
    List,
    /// Use a producer's vectors from now on. Nothing is computed and nothing removed.
    Use {
        /// The kind, as listed: scene_embedding or clip_embedding.
        kind: String,
        /// The producer, as listed; auto is the best one that nearly every picture has vectors of.
        producer: String,
    },
}

/// See [`super::Command::Models`].
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Every model with its licence and where it stands.
    List,
    /// Fetch models: ids, or the packs lite and quality. Models that may not be used commercially come by their id only.
    Pull {
        /// Which; the pack lite when none is named.
        models: Vec<String>,
    },
    /// Check the files of models by their SHA-256.
    Verify {
        /// Which; all that are here when none is named.
        models: Vec<String>,
    },
    /// Delete the files of models. What they computed stays.
    Remove {
        /// Which.
        #[arg(required = true)]
        models: Vec<String>,
    },
}
