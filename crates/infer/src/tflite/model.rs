//! [`Model`]: the first graph of a TFLite file, checked, with weights left where they lie.

use super::error::{Result, TfliteError, shortened};
use super::flatbuffer::{Flatbuffer, Table};
use super::operators::{self, Kind};

/// Most elements of one tensor: 64 Mi, a quarter gigabyte of floats, as much as 64 channels of 1,024 × 1,024. Real
/// files stay below 4 Mi; the limit keeps a hostile file from making an engine allocate without end.
const MOST_ELEMENTS: u64 = 1 << 26;
/// Most axes of one tensor. TFLite's own kernels stop at 6.
const MOST_AXES: usize = 6;

/// Element types that lowering knows; the rest is kept by number, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementType {
    F32,
    F16,
    I32,
    U8,
    I64,
    Bool,
    I8,
    /// A type by its number in the schema.
    Other(i8),
}

impl ElementType {
    fn from_schema(number: i8) -> Self {
        match number {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::I32,
            3 => Self::U8,
            4 => Self::I64,
            6 => Self::Bool,
            9 => Self::I8,
            other => Self::Other(other),
        }
    }

    /// Bytes of one element; none for types that lowering cannot hold.
    pub(super) fn size(self) -> Option<usize> {
        match self {
            Self::U8 | Self::I8 | Self::Bool => Some(1),
            Self::F16 => Some(2),
            Self::F32 | Self::I32 => Some(4),
            Self::I64 => Some(8),
            Self::Other(_) => None,
        }
    }
}

/// How whole numbers stand for real ones: `real = scale × (stored − zero point)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantisation {
    /// One scale for the whole tensor, or one for each slice along `axis`. Finite and positive.
    pub(super) scales: Vec<f32>,
    /// As many as scales, each within the element type.
    pub(super) zero_points: Vec<i64>,
    /// The axis that several scales belong to.
    pub(super) axis: usize,
}

/// A tensor as the file describes it.
#[derive(Debug, Clone)]
pub(super) struct TensorDef<'a> {
    pub(super) name: &'a str,
    pub(super) element: ElementType,
    /// The length along each axis; 1 where `open` says that any length will do.
    pub(super) dims: Vec<usize>,
    /// Which axes have no fixed length.
    pub(super) open: Vec<bool>,
    /// The values of a constant, exactly as many bytes as the shape needs.
    pub(super) data: Option<&'a [u8]>,
    pub(super) quantisation: Option<Quantisation>,
}

impl TensorDef<'_> {
    /// The product of the shape; within [`MOST_ELEMENTS`].
    pub(super) fn elements(&self) -> usize {
        self.dims.iter().product()
    }

    /// The number of axes.
    pub(super) fn rank(&self) -> usize {
        self.dims.len()
    }
}

/// An operator: what it is, what it reads and writes, and its options.
#[derive(Debug, Clone)]
pub(super) struct Operator<'a, 'f> {
    pub(super) kind: Kind<'a>,
    pub(super) version: i32,
    /// Tensors by index; optional ones may be absent.
    pub(super) inputs: Vec<Option<usize>>,
    pub(super) outputs: Vec<usize>,
    /// The built-in options, whatever table they are.
    pub(super) options: Option<Table<'a, 'f>>,
    /// A custom operator's own bytes.
    pub(super) custom_options: &'a [u8],
}

/// A graph: every index in it points at a tensor that exists.
#[derive(Debug)]
pub(super) struct Model<'a, 'f> {
    pub(super) tensors: Vec<TensorDef<'a>>,
    pub(super) inputs: Vec<usize>,
    pub(super) outputs: Vec<usize>,
    pub(super) operators: Vec<Operator<'a, 'f>>,
}

impl<'a, 'f> Model<'a, 'f> {
    /// Reads the first subgraph, the one that TFLite runs.
    pub(super) fn read(file: &'f Flatbuffer<'a>) -> Result<Self> {
        let root = file.root()?;
        let version = root.u32(0)?;
        if version != 3 {
            return Err(TfliteError::NotTflite("its schema version is not 3"));
        }
        let graphs = root.tables(2)?;
        let graph = graphs.first().ok_or(TfliteError::NotTflite("it has no graph"))?;
        let buffers = root.tables(4)?;
        let tensors: Vec<TensorDef<'a>> = graph
            .tables(0)?
            .iter()
            .enumerate()
            .map(|(index, table)| read_tensor(file, index, table, &buffers))
            .collect::<Result<_>>()?;
        let codes = root
            .tables(1)?
            .iter()
            .map(|code| Ok((read_kind(code)?, code.i32(2, 1)?)))
            .collect::<Result<Vec<_>>>()?;
        let operators = graph
            .tables(3)?
            .iter()
            .map(|table| read_operator(table, &codes, tensors.len()))
            .collect::<Result<_>>()?;
        let inputs = required(graph, 1, tensors.len())?;
        let outputs = required(graph, 2, tensors.len())?;
        if outputs.is_empty() {
            return Err(TfliteError::NotTflite("its graph has no output"));
        }
        Ok(Self { tensors, inputs, outputs, operators })
    }
}

/// Tensor indices, each checked; −1 stands for an optional tensor that is absent.
fn indices(table: &Table<'_, '_>, field: usize, tensors: usize) -> Result<Vec<Option<usize>>> {
    let check = |index: i32| match index {
        -1 => Ok(None),
        index => usize::try_from(index)
            .ok()
            .filter(|index| *index < tensors)
            .map(Some)
            .ok_or(TfliteError::Damaged { what: "index of a tensor", at: table.position() }),
    };
    table.i32s(field)?.unwrap_or_default().into_iter().map(check).collect()
}

fn required(table: &Table<'_, '_>, field: usize, tensors: usize) -> Result<Vec<usize>> {
    let missing = TfliteError::Damaged { what: "a tensor that must not be absent", at: table.position() };
    let all: Option<Vec<usize>> = indices(table, field, tensors)?.into_iter().collect();
    all.ok_or(missing)
}

fn read_kind<'a>(code: &Table<'a, '_>) -> Result<Kind<'a>> {
    // Codes up to 127 stood in a byte once; newer writers fill both fields.
    let number = code.i32(3, 0)?.max(i32::from(code.i8(0)?));
    Ok(if number == operators::CUSTOM { Kind::Custom(code.string(1)?) } else { Kind::Builtin(number) })
}

fn read_operator<'a, 'f>(
    table: &Table<'a, 'f>,
    codes: &[(Kind<'a>, i32)],
    tensors: usize,
) -> Result<Operator<'a, 'f>> {
    let (kind, version) = *codes
        .get(table.u32(0)? as usize)
        .ok_or(TfliteError::Damaged { what: "index of an operator code", at: table.position() })?;
    Ok(Operator {
        kind,
        version,
        inputs: indices(table, 1, tensors)?,
        outputs: required(table, 2, tensors)?,
        options: table.table(4)?,
        custom_options: table.bytes(5)?.unwrap_or_default(),
    })
}

fn read_tensor<'a>(
    file: &Flatbuffer<'a>,
    index: usize,
    table: &Table<'a, '_>,
    buffers: &[Table<'a, '_>],
) -> Result<TensorDef<'a>> {
    let name = table.string(3)?;
    let refuse = |reason: String| TfliteError::Tensor { index, name: shortened(name), reason };
    let element = ElementType::from_schema(table.i8(1)?);
    let (dims, open) = read_shape(table, &refuse)?;
    let elements: u64 = dims.iter().map(|dim| *dim as u64).product();
    if table.bool(5)? {
        return Err(refuse("it keeps its value between runs, which is not supported".into()));
    }
    if table.u32(10)? != 0 {
        return Err(refuse("its values lie in another file".into()));
    }
    let buffer = table.u32(2)? as usize;
    // Buffer 0 is empty by convention and shared by everything that is computed.
    let data = match buffers.get(buffer) {
        Some(buffer) => buffer_bytes(file, buffer)?.filter(|data| !data.is_empty()),
        None if buffer == 0 => None,
        None => return Err(refuse(format!("there is no buffer {buffer}"))),
    };
    if data.is_some() {
        if table.table(6)?.is_some() {
            return Err(refuse("its values are stored sparsely, which is not supported".into()));
        }
        let size = element.size().map(|size| size as u64 * elements);
        if let (Some(size), Some(data)) = (size, data)
            && size != data.len() as u64
        {
            return Err(refuse(format!("its shape needs {size} bytes, its buffer has {}", data.len())));
        }
    }
    let quantisation = match table.table(4)? {
        Some(table) => read_quantisation(&table, element, &dims).map_err(|error| match error {
            Ok(error) => error,
            Err(reason) => refuse(reason.into()),
        })?,
        None => None,
    };
    Ok(TensorDef { name, element, dims, open, data, quantisation })
}

/// The fixed lengths and which of them are open.
fn read_shape(
    table: &Table<'_, '_>,
    refuse: &impl Fn(String) -> TfliteError,
) -> Result<(Vec<usize>, Vec<bool>)> {
    let shape = table.i32s(0)?.unwrap_or_default();
    let signature = table.i32s(7)?.unwrap_or_default();
    if shape.len() > MOST_AXES {
        return Err(refuse(format!("{} axes are more than {MOST_AXES}", shape.len())));
    }
    let open: Vec<bool> =
        (0..shape.len()).map(|axis| signature.get(axis).is_some_and(|length| *length < 0)).collect();
    let dims: Option<Vec<usize>> = shape.iter().map(|length| usize::try_from(*length).ok()).collect();
    let dims = dims.ok_or_else(|| refuse(format!("its shape {shape:?} has a negative length")))?;
    // Counted with zeros as ones, so that no single length is out of hand either.
    let elements = dims.iter().try_fold(1u64, |product, dim| product.checked_mul((*dim as u64).max(1)));
    if elements.is_none_or(|elements| elements > MOST_ELEMENTS) {
        return Err(refuse(format!("its shape {shape:?} has more than {MOST_ELEMENTS} elements")));
    }
    Ok((dims, open))
}

/// A buffer's bytes: inside the flatbuffer, or behind it in the same file (models beyond 2 GB).
fn buffer_bytes<'a>(file: &Flatbuffer<'a>, buffer: &Table<'a, '_>) -> Result<Option<&'a [u8]>> {
    let (offset, size) = (buffer.u64(1)?, buffer.u64(2)?);
    if offset <= 1 {
        return buffer.bytes(0);
    }
    let range =
        usize::try_from(offset).ok().zip(offset.checked_add(size).and_then(|end| usize::try_from(end).ok()));
    let bytes = range.and_then(|(start, end)| file.bytes().get(start..end));
    bytes.map(Some).ok_or(TfliteError::Damaged { what: "a buffer behind the graph", at: buffer.position() })
}

/// The inner error is a reason against the tensor; the outer one a damaged file.
fn read_quantisation(
    table: &Table<'_, '_>,
    element: ElementType,
    dims: &[usize],
) -> Result<Option<Quantisation>, Result<TfliteError, &'static str>> {
    let scales = table.f32s(2).map_err(Ok)?.unwrap_or_default();
    let range = match element {
        ElementType::U8 => 0..=255,
        ElementType::I8 => -128..=127,
        ElementType::I32 | ElementType::Other(_) => i64::from(i32::MIN)..=i64::from(i32::MAX),
        // Floats may carry the statistics of a calibration; they are what they are.
        _ => return Ok(None),
    };
    if scales.is_empty() {
        return Ok(None);
    }
    if table.i8(4).map_err(Ok)? != 0 {
        return Err(Err("it is quantised in blocks or in a custom way, which is not supported"));
    }
    if scales.iter().any(|scale| !(scale.is_finite() && *scale > 0.0)) {
        return Err(Err("a quantisation scale is not a positive number"));
    }
    let mut zero_points = table.i64s(3).map_err(Ok)?.unwrap_or_default();
    if zero_points.is_empty() {
        zero_points = vec![0; scales.len()];
    }
    // Some writers give one zero point for many scales.
    if zero_points.len() == 1 {
        zero_points.resize(scales.len(), zero_points[0]);
    }
    if zero_points.len() != scales.len() || !zero_points.iter().all(|zero| range.contains(zero)) {
        return Err(Err("its quantisation zero points do not fit its scales or its type"));
    }
    let axis = usize::try_from(table.i32(6, 0).map_err(Ok)?).unwrap_or(usize::MAX);
    if scales.len() > 1 && dims.get(axis) != Some(&scales.len()) {
        return Err(Err("it has not as many quantisation scales as slices along their axis"));
    }
    Ok(Some(Quantisation { scales, zero_points, axis }))
}
