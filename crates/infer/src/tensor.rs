//! [`Tensor`]: what goes into a graph and comes out of it, whichever engine runs it.

use crate::error::{Error, Result};

/// Element type of a graph's input or output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// 32-bit float.
    F32,
    /// Unsigned byte.
    U8,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// True or false.
    Bool,
    /// Something that no [`Tensor`] holds (half floats, strings, …).
    Other,
}

impl std::fmt::Display for DType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::U8 => "u8",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::Bool => "bool",
            Self::Other => "an unsupported type",
        })
    }
}

macro_rules! tensor_type {
    ($($(#[$doc:meta])* $variant:ident, $type:ty, $new:ident, $as:ident, $into:ident;)*) => {
        /// Numbers in row-major order with a shape. The length of `data` is the product of `shape`; the
        /// constructors check it, and so does [`crate::Session::run`].
        #[derive(Debug, Clone, PartialEq)]
        pub enum Tensor {
            $($(#[$doc])* $variant {
                /// Sizes of the dimensions, outermost first; empty for a single number.
                shape: Vec<usize>,
                /// The numbers, row by row.
                data: Vec<$type>,
            },)*
        }

        impl Tensor {
            $(
                #[doc = concat!("A tensor of `", stringify!($type), "`. [`Error::Tensor`] unless `data` has as many")]
                /// elements as `shape` says.
                pub fn $new(shape: impl Into<Vec<usize>>, data: Vec<$type>) -> Result<Self> {
                    let shape = shape.into();
                    check(&shape, data.len())?;
                    Ok(Self::$variant { shape, data })
                }

                #[doc = concat!("The numbers, if they are `", stringify!($type), "`; [`Error::Tensor`] otherwise.")]
                pub fn $as(&self) -> Result<&[$type]> {
                    match self {
                        Self::$variant { data, .. } => Ok(data),
                        other => Err(other.wrong(DType::$variant)),
                    }
                }

                #[doc = concat!("The numbers, given away, if they are `", stringify!($type), "`; [`Error::Tensor`]")]
                /// otherwise.
                pub fn $into(self) -> Result<Vec<$type>> {
                    match self {
                        Self::$variant { data, .. } => Ok(data),
                        other => Err(other.wrong(DType::$variant)),
                    }
                }
            )*

            /// Sizes of the dimensions, outermost first.
            pub fn shape(&self) -> &[usize] {
                match self { $(Self::$variant { shape, .. } => shape),* }
            }

            /// Type of the elements.
            pub fn dtype(&self) -> DType {
                match self { $(Self::$variant { .. } => DType::$variant),* }
            }

            /// Number of elements held.
            pub fn len(&self) -> usize {
                match self { $(Self::$variant { data, .. } => data.len()),* }
            }
        }
    };
}

tensor_type! {
    /// 32-bit floats.
    F32, f32, f32, as_f32, into_f32;
    /// Unsigned bytes.
    U8, u8, u8, as_u8, into_u8;
    /// 32-bit integers.
    I32, i32, i32, as_i32, into_i32;
    /// 64-bit integers.
    I64, i64, i64, as_i64, into_i64;
    /// True or false.
    Bool, bool, bool, as_bool, into_bool;
}

impl Tensor {
    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape when it has exactly `N` dimensions; [`Error::Tensor`] otherwise.
    pub fn dims<const N: usize>(&self) -> Result<[usize; N]> {
        self.shape().try_into().map_err(|_wrong_length| Error::Tensor {
            detail: format!("{N} dimensions expected, the shape is {:?}", self.shape()),
        })
    }

    /// Whether the number of elements fits the shape.
    pub(crate) fn is_consistent(&self) -> bool {
        check(self.shape(), self.len()).is_ok()
    }

    fn wrong(&self, wanted: DType) -> Error {
        Error::Tensor { detail: format!("{wanted} expected, the tensor holds {}", self.dtype()) }
    }
}

fn check(shape: &[usize], len: usize) -> Result<()> {
    match shape.iter().try_fold(1usize, |product, &side| product.checked_mul(side)) {
        Some(product) if product == len => Ok(()),
        _ => Err(Error::Tensor { detail: format!("{len} numbers do not fill the shape {shape:?}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_and_length_must_agree() {
        assert_eq!(Tensor::f32([2, 3], vec![0.0; 6]).unwrap().shape(), [2, 3]);
        assert_eq!(Tensor::i64([], vec![7]).unwrap().as_i64().unwrap(), [7]);
        assert!(Tensor::f32([2, 3], vec![0.0; 5]).is_err());
        assert!(Tensor::u8([usize::MAX, 2], vec![0; 2]).is_err());
        assert!(Tensor::f32([0, 3], Vec::new()).unwrap().is_empty());
    }

    #[test]
    fn a_wrong_type_is_said() {
        let tensor = Tensor::u8([1], vec![1]).unwrap();
        assert_eq!(tensor.as_f32().unwrap_err().to_string(), "f32 expected, the tensor holds u8");
        assert_eq!(tensor.dims::<1>().unwrap(), [1]);
        assert!(tensor.dims::<2>().is_err());
    }
}
