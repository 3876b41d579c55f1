//! The one table of operators: number in the schema, name, newest version understood, and how it is lowered.

use super::error::Result;
use super::lowering::Lowering;
use super::model::Operator;
use super::ops;

/// The number of every custom operator; its name tells which.
pub(super) const CUSTOM: i32 = 32;

/// Which operator: one of TFLite's own by number, or a custom one by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Builtin(i32),
    Custom(&'a str),
}

impl Kind<'_> {
    /// The name in the schema, a custom operator's own name, or the number where neither is known.
    pub(super) fn name(self) -> String {
        match self {
            Self::Custom(name) => name.to_owned(),
            Self::Builtin(number) => usize::try_from(number)
                .ok()
                .and_then(|number| NAMES.get(number))
                .map_or_else(|| format!("operator number {number}"), |name| (*name).to_owned()),
        }
    }

    /// How it is lowered, if this version of it is known.
    pub(super) fn lowering(self, version: i32) -> Option<Lower> {
        let row = match self {
            Self::Custom(name) => CUSTOMS.iter().find(|(known, ..)| *known == name).map(|row| (row.1, row.2)),
            Self::Builtin(number) => {
                BUILTINS.iter().find(|(known, ..)| *known == number).map(|row| (row.1, row.2))
            }
        };
        row.filter(|(newest, _)| version <= *newest).map(|(_, lower)| lower)
    }
}

/// Adds one operator's nodes to the graph.
pub(super) type Lower = fn(&mut Lowering<'_, '_, '_>, &Operator<'_, '_>) -> Result<()>;

/// Number, newest version whose meaning is known (TensorFlow's own table of 2025), lowering. A newer version of a
/// known operator is refused: what it changed is not known here.
const BUILTINS: &[(i32, i32, Lower)] = &[
    (0, 5, ops::pointwise::add),
    (1, 3, ops::pool::average),
    (2, 4, ops::join::concatenation),
    (3, 8, ops::conv::conv_2d),
    (4, 7, ops::conv::depthwise_conv_2d),
    (5, 2, ops::blocks::depth_to_space),
    (6, 6, ops::quantise::dequantize),
    (8, 1, ops::pointwise::floor),
    (9, 12, ops::dense::fully_connected),
    (11, 2, ops::reduce::l2_normalization),
    (14, 3, ops::pointwise::logistic),
    (17, 3, ops::pool::max),
    (18, 7, ops::pointwise::mul),
    (19, 3, ops::pointwise::relu),
    (20, 2, ops::pointwise::relu_n1_to_1),
    (21, 3, ops::pointwise::relu6),
    (22, 1, ops::reshape::reshape),
    (23, 4, ops::resize::bilinear),
    (25, 3, ops::reduce::softmax),
    (26, 2, ops::blocks::space_to_depth),
    (28, 3, ops::pointwise::tanh),
    (34, 4, ops::pad::pad),
    (36, 7, ops::join::gather),
    (37, 4, ops::blocks::batch_to_space),
    (38, 4, ops::blocks::space_to_batch),
    (39, 6, ops::reshape::transpose),
    (40, 3, ops::reduce::mean),
    (41, 5, ops::pointwise::sub),
    (42, 2, ops::pointwise::div),
    (43, 2, ops::reshape::reshape),
    (45, 8, ops::slice::strided_slice),
    (47, 2, ops::pointwise::exp),
    (49, 4, ops::slice::split),
    (50, 2, ops::reduce::log_softmax),
    (53, 6, ops::quantise::cast),
    (54, 1, ops::pointwise::prelu),
    (55, 4, ops::pointwise::maximum),
    (56, 3, ops::reduce::arg_max),
    (57, 4, ops::pointwise::minimum),
    (59, 2, ops::pointwise::neg),
    (60, 4, ops::pad::pad_v2),
    (65, 6, ops::slice::slice),
    (66, 1, ops::pointwise::sin),
    (67, 5, ops::conv::transpose_conv),
    (70, 2, ops::reshape::reshape),
    (73, 2, ops::pointwise::log),
    (74, 2, ops::reduce::sum),
    (75, 1, ops::pointwise::sqrt),
    (76, 3, ops::pointwise::rsqrt),
    (77, 1, ops::reshape::shape),
    (78, 1, ops::pointwise::pow),
    (79, 3, ops::reduce::arg_min),
    (82, 3, ops::reduce::max),
    (83, 4, ops::join::pack),
    (88, 4, ops::slice::unpack),
    (89, 3, ops::reduce::min),
    (92, 1, ops::pointwise::square),
    (97, 4, ops::resize::nearest),
    (98, 2, ops::pointwise::leaky_relu),
    (99, 2, ops::pointwise::squared_difference),
    (100, 3, ops::pad::mirror_pad),
    (101, 5, ops::pointwise::abs),
    (104, 1, ops::pointwise::ceil),
    (108, 1, ops::pointwise::cos),
    (111, 1, ops::pointwise::elu),
    (114, 4, ops::quantise::quantize),
    (116, 1, ops::pointwise::round),
    (117, 1, ops::pointwise::hard_swish),
    (126, 4, ops::dense::batch_matmul),
    (150, 2, ops::pointwise::gelu),
];

/// Custom operators of published models: name, newest version, lowering.
const CUSTOMS: &[(&str, i32, Lower)] = &[("Convolution2DTransposeBias", 1, ops::conv::transpose_conv_bias)];

/// The schema's names by number, for messages.
const NAMES: &[&str] = &[
    "ADD",
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "DEPTH_TO_SPACE",
    "DEQUANTIZE",
    "EMBEDDING_LOOKUP",
    "FLOOR",
    "FULLY_CONNECTED",
    "HASHTABLE_LOOKUP",
    "L2_NORMALIZATION",
    "L2_POOL_2D",
    "LOCAL_RESPONSE_NORMALIZATION",
    "LOGISTIC",
    "LSH_PROJECTION",
    "LSTM",
    "MAX_POOL_2D",
    "MUL",
    "RELU",
    "RELU_N1_TO_1",
    "RELU6",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RNN",
    "SOFTMAX",
    "SPACE_TO_DEPTH",
    "SVDF",
    "TANH",
    "CONCAT_EMBEDDINGS",
    "SKIP_GRAM",
    "CALL",
    "CUSTOM",
    "EMBEDDING_LOOKUP_SPARSE",
    "PAD",
    "UNIDIRECTIONAL_SEQUENCE_RNN",
    "GATHER",
    "BATCH_TO_SPACE_ND",
    "SPACE_TO_BATCH_ND",
    "TRANSPOSE",
    "MEAN",
    "SUB",
    "DIV",
    "SQUEEZE",
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
    "STRIDED_SLICE",
    "BIDIRECTIONAL_SEQUENCE_RNN",
    "EXP",
    "TOPK_V2",
    "SPLIT",
    "LOG_SOFTMAX",
    "DELEGATE",
    "BIDIRECTIONAL_SEQUENCE_LSTM",
    "CAST",
    "PRELU",
    "MAXIMUM",
    "ARG_MAX",
    "MINIMUM",
    "LESS",
    "NEG",
    "PADV2",
    "GREATER",
    "GREATER_EQUAL",
    "LESS_EQUAL",
    "SELECT",
    "SLICE",
    "SIN",
    "TRANSPOSE_CONV",
    "SPARSE_TO_DENSE",
    "TILE",
    "EXPAND_DIMS",
    "EQUAL",
    "NOT_EQUAL",
    "LOG",
    "SUM",
    "SQRT",
    "RSQRT",
    "SHAPE",
    "POW",
    "ARG_MIN",
    "FAKE_QUANT",
    "REDUCE_PROD",
    "REDUCE_MAX",
    "PACK",
    "LOGICAL_OR",
    "ONE_HOT",
    "LOGICAL_AND",
    "LOGICAL_NOT",
    "UNPACK",
    "REDUCE_MIN",
    "FLOOR_DIV",
    "REDUCE_ANY",
    "SQUARE",
    "ZEROS_LIKE",
    "FILL",
    "FLOOR_MOD",
    "RANGE",
    "RESIZE_NEAREST_NEIGHBOR",
    "LEAKY_RELU",
    "SQUARED_DIFFERENCE",
    "MIRROR_PAD",
    "ABS",
    "SPLIT_V",
    "UNIQUE",
    "CEIL",
    "REVERSE_V2",
    "ADD_N",
    "GATHER_ND",
    "COS",
    "WHERE",
    "RANK",
    "ELU",
    "REVERSE_SEQUENCE",
    "MATRIX_DIAG",
    "QUANTIZE",
    "MATRIX_SET_DIAG",
    "ROUND",
    "HARD_SWISH",
    "IF",
    "WHILE",
    "NON_MAX_SUPPRESSION_V4",
    "NON_MAX_SUPPRESSION_V5",
    "SCATTER_ND",
    "SELECT_V2",
    "DENSIFY",
    "SEGMENT_SUM",
    "BATCH_MATMUL",
    "PLACEHOLDER_FOR_GREATER_OP_CODES",
    "CUMSUM",
    "CALL_ONCE",
    "BROADCAST_TO",
    "RFFT2D",
    "CONV_3D",
    "IMAG",
    "REAL",
    "COMPLEX_ABS",
    "HASHTABLE",
    "HASHTABLE_FIND",
    "HASHTABLE_IMPORT",
    "HASHTABLE_SIZE",
    "REDUCE_ALL",
    "CONV_3D_TRANSPOSE",
    "VAR_HANDLE",
    "READ_VARIABLE",
    "ASSIGN_VARIABLE",
    "BROADCAST_ARGS",
    "RANDOM_STANDARD_NORMAL",
    "BUCKETIZE",
    "RANDOM_UNIFORM",
    "MULTINOMIAL",
    "GELU",
    "DYNAMIC_UPDATE_SLICE",
    "RELU_0_TO_1",
    "UNSORTED_SEGMENT_PROD",
    "UNSORTED_SEGMENT_MAX",
    "UNSORTED_SEGMENT_SUM",
    "ATAN2",
    "UNSORTED_SEGMENT_MIN",
    "SIGN",
    "BITCAST",
    "BITWISE_XOR",
    "RIGHT_SHIFT",
    "STABLEHLO_LOGISTIC",
    "STABLEHLO_ADD",
    "STABLEHLO_DIVIDE",
    "STABLEHLO_MULTIPLY",
    "STABLEHLO_MAXIMUM",
    "STABLEHLO_RESHAPE",
    "STABLEHLO_CLAMP",
    "STABLEHLO_CONCATENATE",
    "STABLEHLO_BROADCAST_IN_DIM",
    "STABLEHLO_CONVOLUTION",
    "STABLEHLO_SLICE",
    "STABLEHLO_CUSTOM_CALL",
    "STABLEHLO_REDUCE",
    "STABLEHLO_ABS",
    "STABLEHLO_AND",
    "STABLEHLO_COSINE",
    "STABLEHLO_EXPONENTIAL",
    "STABLEHLO_FLOOR",
    "STABLEHLO_LOG",
    "STABLEHLO_MINIMUM",
    "STABLEHLO_NEGATE",
    "STABLEHLO_OR",
    "STABLEHLO_POWER",
    "STABLEHLO_REMAINDER",
    "STABLEHLO_RSQRT",
    "STABLEHLO_SELECT",
    "STABLEHLO_SUBTRACT",
    "STABLEHLO_TANH",
    "STABLEHLO_SCATTER",
    "STABLEHLO_COMPARE",
    "STABLEHLO_CONVERT",
    "STABLEHLO_DYNAMIC_SLICE",
    "STABLEHLO_DYNAMIC_UPDATE_SLICE",
    "STABLEHLO_PAD",
    "STABLEHLO_IOTA",
    "STABLEHLO_DOT_GENERAL",
    "STABLEHLO_REDUCE_WINDOW",
    "STABLEHLO_SORT",
    "STABLEHLO_WHILE",
    "STABLEHLO_GATHER",
    "STABLEHLO_TRANSPOSE",
    "DILATE",
    "STABLEHLO_RNG_BIT_GENERATOR",
    "REDUCE_WINDOW",
    "STABLEHLO_COMPOSITE",
    "STABLEHLO_SHIFT_LEFT",
    "STABLEHLO_CBRT",
    "STABLEHLO_CASE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_has_a_name() {
        assert!(BUILTINS.is_sorted_by(|one, next| one.0 < next.0));
        assert!(BUILTINS.iter().all(|row| NAMES.get(row.0 as usize).is_some() && row.0 != CUSTOM));
        assert_eq!(Kind::Builtin(3).name(), "CONV_2D");
        assert_eq!(Kind::Builtin(150).name(), "GELU");
        assert_eq!(Kind::Builtin(205).name(), "REDUCE_WINDOW");
        assert_eq!(Kind::Builtin(9999).name(), "operator number 9999");
    }

    #[test]
    fn a_newer_version_of_a_known_operator_is_not_known() {
        assert!(Kind::Builtin(3).lowering(8).is_some());
        assert!(Kind::Builtin(3).lowering(9).is_none());
        assert!(Kind::Builtin(16).lowering(1).is_none());
        assert!(Kind::Custom("Convolution2DTransposeBias").lowering(1).is_some());
        assert!(Kind::Custom("Convolution2DTransposeBiased").lowering(1).is_none());
    }
}
