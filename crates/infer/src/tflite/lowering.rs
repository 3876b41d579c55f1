//! [`Lowering`]: an ONNX graph in the making, and what is known of every TFLite tensor's values in it.
//!
//! TFLite keeps pictures as batch × height × width × channels, ONNX convolutions want channels second. So a tensor
//! has *views*: values of the ONNX graph that hold its elements with the axes in some order. An operator asks for
//! the order it likes ([`Lowering::real`], [`Lowering::stored`]), and a transposition is added only when no view
//! has it yet; TFLite's own `TRANSPOSE` adds nothing at all, it only tells the same value under another order.
//! Pairs that would cancel therefore never come to be.
//!
//! Quantised tensors exist in two forms: *stored* (whole numbers) and *real* (floats). Operators compute on real
//! ones; their results are quantised at once. That is the form with `QuantizeLinear` and `DequantizeLinear` around
//! every operator, which ONNX Runtime fuses back into integer arithmetic and every other engine simply runs.

use std::collections::HashMap;

use super::constants::{real_values, reordered};
use super::error::{Result, TfliteError, shortened};
use super::model::{ElementType, Model, Operator, Quantisation, TensorDef};
use super::onnx::{Attribute, Graph, Length, OnnxType, Value};

/// The order of a picture's axes as ONNX wants it, in terms of TFLite's.
pub(super) const CHANNELS_SECOND: [usize; 4] = [0, 3, 1, 2];

/// Whether a value holds a quantised tensor's whole numbers or what they stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Stored,
    Real,
}

/// A value of the ONNX graph that holds a tensor's elements: axis `i` of the value is axis `order[i]` of the tensor.
#[derive(Debug, Clone)]
struct View {
    form: Form,
    order: Vec<usize>,
    value: Value,
}

/// See the module's page.
pub(super) struct Lowering<'a, 'f, 'm> {
    pub(super) model: &'m Model<'a, 'f>,
    pub(super) graph: Graph,
    views: Vec<Vec<View>>,
    /// For constants: the tensor whose bytes hold the values (itself, or what it was made from).
    constants: Vec<Option<usize>>,
    /// Real values before they were rounded to whole numbers, of the tensors in `kept`.
    unrounded: HashMap<usize, View>,
    kept: Vec<usize>,
    /// Bytes of constants that may still be written.
    left: u64,
    limit: u64,
    current: Current,
}

/// The operator being lowered, for messages, and whether its result is quantised.
#[derive(Debug, Default)]
struct Current {
    index: usize,
    name: String,
    version: i32,
    quantised: bool,
}

impl<'a, 'f, 'm> Lowering<'a, 'f, 'm> {
    /// Starts with the graph's inputs. Real values of tensors in `kept` stay available before rounding.
    pub(super) fn new(
        model: &'m Model<'a, 'f>,
        file_len: usize,
        graph: Graph,
        kept: Vec<usize>,
    ) -> Result<Self> {
        // Weights of one byte become floats of four at most; the rest is room for small files.
        let limit = 8 * file_len as u64 + (1 << 20);
        let constants =
            (0..model.tensors.len()).map(|index| model.tensors[index].data.map(|_| index)).collect();
        let mut lowering = Self {
            model,
            graph,
            views: vec![Vec::new(); model.tensors.len()],
            constants,
            unrounded: HashMap::new(),
            kept,
            left: limit,
            limit,
            current: Current::default(),
        };
        for input in &model.inputs {
            let def = &model.tensors[*input];
            if def.data.is_some() || !lowering.views[*input].is_empty() {
                return Err(tensor_error(*input, def, "it is an input and has values already"));
            }
            let element = onnx_type(*input, def)?;
            let value = lowering.graph.input(def.name, element, &shape(def));
            lowering.add(*input, Form::Stored, identity(def.rank()), value);
        }
        Ok(lowering)
    }

    /// Adds one operator's nodes.
    pub(super) fn operator(&mut self, index: usize, operator: &Operator<'_, '_>) -> Result<()> {
        let name = operator.kind.name();
        let Some(lower) = operator.kind.lowering(operator.version) else {
            let name = shortened(&name);
            return Err(TfliteError::UnsupportedOperator { index, name, version: operator.version });
        };
        let quantised = operator.outputs.first().is_some_and(|output| self.is_quantised(*output));
        self.current = Current { index, name, version: operator.version, quantised };
        for output in &operator.outputs {
            if self.constants[*output].is_some() || !self.views[*output].is_empty() {
                return Err(self.refuse(format!("it computes tensor {output} a second time")));
            }
        }
        lower(self, operator)
    }

    /// Makes a tensor an output of the graph, as TFLite lays it out.
    pub(super) fn output(&mut self, tensor: usize) -> Result<()> {
        let def = self.def(tensor);
        let element = onnx_type(tensor, def)?;
        let value = self.stored(tensor, &identity(def.rank()))?;
        self.graph.output(value, def.name, element, &shape(def));
        Ok(())
    }

    /// Makes a tensor's real values an output of the graph, where quantised from before they were rounded.
    pub(super) fn real_output(&mut self, tensor: usize, name: &str) -> Result<()> {
        let def = self.def(tensor);
        let native = identity(def.rank());
        let value = match self.unrounded.get(&tensor).cloned() {
            Some(view) => self.in_order(def, &view, &native),
            None => self.real(tensor, &native)?,
        };
        let element = if self.is_quantised(tensor) { OnnxType::F32 } else { onnx_type(tensor, def)? };
        self.graph.output(value, name, element, &shape(def));
        Ok(())
    }

    /// An error against the operator being lowered.
    pub(super) fn refuse(&self, reason: impl Into<String>) -> TfliteError {
        TfliteError::Operator {
            index: self.current.index,
            name: shortened(&self.current.name),
            version: self.current.version,
            reason: reason.into(),
        }
    }

    /// A tensor's description.
    pub(super) fn def(&self, tensor: usize) -> &'m TensorDef<'a> {
        &self.model.tensors[tensor]
    }

    /// The lengths of a tensor that must have four axes.
    pub(super) fn dims4(&self, tensor: usize) -> Result<[usize; 4]> {
        let dims = &self.def(tensor).dims;
        let picture = <[usize; 4]>::try_from(dims.as_slice()).ok().filter(|dims| !dims.contains(&0));
        picture.ok_or_else(|| self.refuse(format!("tensor {tensor} of shape {dims:?} has not four axes")))
    }

    /// Refuses a result whose shape is not what the file says of the tensor.
    pub(super) fn expect_shape(&self, tensor: usize, dims: &[usize]) -> Result<()> {
        let said = &self.def(tensor).dims;
        if said == dims {
            return Ok(());
        }
        Err(self.refuse(format!("its result has shape {dims:?}, the file says {said:?}")))
    }

    /// The input at `position`, which must be there.
    pub(super) fn input(&self, operator: &Operator<'_, '_>, position: usize) -> Result<usize> {
        let input = operator.inputs.get(position).copied().flatten();
        input.ok_or_else(|| self.refuse(format!("input {position} is missing")))
    }

    /// The output at `position`, which must be there.
    pub(super) fn only_output(&self, operator: &Operator<'_, '_>) -> Result<usize> {
        match operator.outputs.as_slice() {
            [output] => Ok(*output),
            outputs => Err(self.refuse(format!("it has {} outputs instead of one", outputs.len()))),
        }
    }

    /// Whether the tensor's elements are whole numbers that stand for real ones.
    pub(super) fn is_quantised(&self, tensor: usize) -> bool {
        let def = self.def(tensor);
        def.quantisation.is_some() && matches!(def.element, ElementType::U8 | ElementType::I8)
    }

    /// Whether the values stand in the file.
    pub(super) fn is_constant(&self, tensor: usize) -> bool {
        self.constants[tensor].is_some()
    }

    /// A constant's whole numbers, for axes, sizes and the like.
    pub(super) fn whole_numbers(&self, tensor: usize) -> Result<Vec<i64>> {
        /// No operator lists more than a pair of numbers for each axis.
        const MOST: usize = 64;
        let source = self.constants[tensor].map(|source| self.def(source));
        let values = source.filter(|def| def.elements() <= MOST).and_then(|def| {
            let data = def.data?;
            match def.element {
                ElementType::I32 => Some(
                    data.as_chunks().0.iter().map(|bytes| i64::from(i32::from_le_bytes(*bytes))).collect(),
                ),
                ElementType::I64 => {
                    Some(data.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
                }
                _ => None,
            }
        });
        values.ok_or_else(|| {
            self.refuse(format!("tensor {tensor} is not a short list of constant whole numbers"))
        })
    }

    /// An axis given by the file, counted from the end where negative.
    pub(super) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let counted = if axis < 0 { axis + rank as i64 } else { axis };
        let within = usize::try_from(counted).ok().filter(|axis| *axis < rank);
        within.ok_or_else(|| self.refuse(format!("axis {axis} is outside of {rank} axes")))
    }

    /// The order of axes in which an operator that takes any order should work: one that exists already, other than
    /// TFLite's own if there is such.
    pub(super) fn likely_order(&self, tensors: &[usize], rank: usize) -> Vec<usize> {
        let native = identity(rank);
        let computed = tensors.iter().filter(|tensor| !self.is_constant(**tensor));
        // Values with fewer axes are matched from the last one, so that the order must stay.
        if computed.clone().any(|tensor| self.def(*tensor).rank() != rank) {
            return native;
        }
        let mut orders = computed.flat_map(|tensor| &self.views[*tensor]).map(|view| &view.order);
        orders.find(|order| **order != native).cloned().unwrap_or(native)
    }

    /// A tensor's elements as floats (as they are, where not quantised) with the axes in this order.
    pub(super) fn real(&mut self, tensor: usize, order: &[usize]) -> Result<Value> {
        self.value(tensor, Form::Real, order)
    }

    /// A tensor's elements as the file types them, with the axes in this order.
    pub(super) fn stored(&mut self, tensor: usize, order: &[usize]) -> Result<Value> {
        self.value(tensor, Form::Stored, order)
    }

    fn value(&mut self, tensor: usize, form: Form, order: &[usize]) -> Result<Value> {
        let form = if self.is_quantised(tensor) { form } else { Form::Stored };
        let exact = self.views[tensor].iter().find(|view| view.form == form && view.order == order);
        if let Some(view) = exact {
            return Ok(view.value);
        }
        let def = self.def(tensor);
        let value = if self.is_constant(tensor) {
            self.constant(tensor, form == Form::Real, &def.dims, order)?
        } else if form == Form::Real {
            let stored = self.value(tensor, Form::Stored, order)?;
            self.dequantise(tensor, stored, order)?
        } else {
            let Some(view) = self.views[tensor].iter().find(|view| view.form == form).cloned() else {
                return Err(self.refuse(format!("tensor {tensor} is used before it is computed")));
            };
            self.in_order(def, &view, order)
        };
        self.add(tensor, form, order.to_vec(), value);
        Ok(value)
    }

    /// A tensor's elements as the file types them, in the order in which TFLite has them in memory; the lengths may
    /// be told in another order where that moves no element. For what is about to be given another shape anyway.
    pub(super) fn in_memory_order(&mut self, tensor: usize) -> Result<Value> {
        let def = self.def(tensor);
        let view = self.views[tensor]
            .iter()
            .find(|view| view.form == Form::Stored && moves_nothing(def, &view.order));
        match view {
            Some(view) => Ok(view.value),
            None => self.stored(tensor, &identity(def.rank())),
        }
    }

    /// Whether two tensors hold their elements alike, so that one's can be taken for the other's.
    pub(super) fn held_alike(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.def(one), self.def(other));
        one.element == other.element && one.quantisation == other.quantisation
    }

    fn add(&mut self, tensor: usize, form: Form, order: Vec<usize>, value: Value) {
        self.views[tensor].push(View { form, order, value });
    }

    /// A view's value with its axes in another order.
    fn in_order(&mut self, def: &TensorDef<'_>, view: &View, order: &[usize]) -> Value {
        if view.order == order {
            return view.value;
        }
        let steps: Vec<usize> =
            order.iter().filter_map(|axis| view.order.iter().position(|other| other == axis)).collect();
        // Axes of length one move without any element moving: a mere change of shape.
        let moving = |step: &&usize| moves(def, view.order[**step]);
        if steps.iter().filter(moving).is_sorted()
            && let Some(lengths) = reshape_lengths(def, order)
        {
            let lengths = self.graph.ints(&lengths);
            return self.graph.node("Reshape", &[view.value, lengths], Vec::new());
        }
        let steps = steps.into_iter().map(|step| step as i64).collect();
        self.graph.node("Transpose", &[view.value], vec![("perm", Attribute::Ints(steps))])
    }

    /// Tells that `tensor` has the elements of `value`, real ones where it is quantised.
    pub(super) fn define(&mut self, tensor: usize, order: &[usize], value: Value) -> Result<()> {
        if !self.is_quantised(tensor) {
            self.add(tensor, Form::Stored, order.to_vec(), value);
            return Ok(());
        }
        if self.kept.contains(&tensor) {
            self.unrounded.insert(tensor, View { form: Form::Real, order: order.to_vec(), value });
        }
        let (scale, zero, axis) = self.quantisation(tensor, order)?;
        let stored = self.graph.node("QuantizeLinear", &[value, scale, zero], axis);
        self.add(tensor, Form::Stored, order.to_vec(), stored);
        Ok(())
    }

    /// Tells that `tensor` has the elements of `value` as the file types them.
    pub(super) fn define_stored(&mut self, tensor: usize, order: &[usize], value: Value) {
        self.add(tensor, Form::Stored, order.to_vec(), value);
    }

    /// Tells that `tensor` is `source` under another name, its axis `i` being axis `axes[i]` of the source.
    /// The two must have the same element type and quantisation.
    pub(super) fn alias(&mut self, tensor: usize, source: usize, axes: &[usize]) -> Result<()> {
        if self.views[source].iter().all(|view| view.form == Form::Real) {
            self.stored(source, &identity(axes.len()))?;
        }
        let renamed = |axis: &usize| axes.iter().position(|other| other == axis);
        let views = self.views[source]
            .iter()
            .filter_map(|view| {
                let order = view.order.iter().map(renamed).collect::<Option<_>>()?;
                Some(View { form: view.form, order, value: view.value })
            })
            .collect();
        self.views[tensor] = views;
        Ok(())
    }

    /// Tells that `tensor` holds the real values of the constant `source`.
    pub(super) fn alias_constant(&mut self, tensor: usize, source: usize) {
        self.constants[tensor] = self.constants[source];
    }

    /// A constant with other lengths (as many elements) and its axes in some order. A quantised one in real form
    /// is a stored constant with a `DequantizeLinear` after it where the operator's result is quantised as well
    /// (integer arithmetic can then be fused), and plain floats otherwise (nothing is left to do when running).
    pub(super) fn constant(
        &mut self,
        tensor: usize,
        real: bool,
        dims: &[usize],
        order: &[usize],
    ) -> Result<Value> {
        let Some(source) = self.constants[tensor] else {
            return Err(self.refuse(format!("tensor {tensor} must be a constant")));
        };
        let (def, own) = (self.def(source), self.def(tensor));
        if def.dims != own.dims {
            return Err(self.refuse(format!("tensor {tensor} has another shape than what it is made from")));
        }
        let lengths: Vec<i64> = order.iter().map(|axis| dims[*axis] as i64).collect();
        let data = def.data.unwrap_or_default();
        // Floats, halves, and whole numbers made real once and for all.
        let folded = source != tensor || (real && self.is_quantised(tensor) && !self.current.quantised);
        if folded || def.element == ElementType::F16 {
            self.charge(4 * def.elements())?;
            let values = real_values(data, def.element, &def.dims, def.quantisation.as_ref());
            let values = values.ok_or_else(|| tensor_error(source, def, "its type has no real values"))?;
            let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
            return Ok(self.graph.constant(OnnxType::F32, &lengths, &reordered(&bytes, 4, dims, order)));
        }
        let element = onnx_type(source, def)?;
        let size = def.element.size().unwrap_or(1);
        self.charge(size * def.elements())?;
        let stored = self.graph.constant(element, &lengths, &reordered(data, size, dims, order));
        if real && self.is_quantised(tensor) {
            if dims != def.dims && def.quantisation.as_ref().is_some_and(|each| each.scales.len() > 1) {
                return Err(self.refuse(format!(
                    "tensor {tensor} has a scale for each slice, which it cannot have here"
                )));
            }
            return self.dequantise(tensor, stored, order);
        }
        Ok(stored)
    }

    /// A convolution's bias: one number for each channel, whole ones being multiples of both scales' product.
    pub(super) fn bias(&mut self, tensor: usize, input: usize, weights: usize) -> Result<Value> {
        let def = self.def(tensor);
        if def.element != ElementType::I32 || !self.is_quantised(input) || !self.is_quantised(weights) {
            return self.real(tensor, &[0]);
        }
        let (Some(input), Some(weights)) = (&self.def(input).quantisation, &self.def(weights).quantisation)
        else {
            return Err(self.refuse("its scales are missing"));
        };
        let scales: Vec<f32> = weights.scales.iter().map(|scale| scale * input.scales[0]).collect();
        if scales.len() > 1 && def.dims != [scales.len()] {
            return Err(self.refuse("its bias has not as many numbers as its weights have scales"));
        }
        let stored = self.stored(tensor, &[0])?;
        let bytes: Vec<u8> = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        let lengths: &[i64] = if scales.len() > 1 { &[scales.len() as i64] } else { &[] };
        let scale = self.graph.constant(OnnxType::F32, lengths, &bytes);
        Ok(self.graph.node("DequantizeLinear", &[stored, scale], vec![("axis", Attribute::Int(0))]))
    }

    fn dequantise(&mut self, tensor: usize, stored: Value, order: &[usize]) -> Result<Value> {
        let (scale, zero, axis) = self.quantisation(tensor, order)?;
        Ok(self.graph.node("DequantizeLinear", &[stored, scale, zero], axis))
    }

    /// Scale, zero point and axis of a quantised tensor as constants, for a value with its axes in this order.
    #[expect(clippy::type_complexity, reason = "the three things that both nodes take")]
    fn quantisation(
        &mut self,
        tensor: usize,
        order: &[usize],
    ) -> Result<(Value, Value, Vec<(&'static str, Attribute)>)> {
        let def = self.def(tensor);
        let element = onnx_type(tensor, def)?;
        let Some(Quantisation { scales, zero_points, axis }) = &def.quantisation else {
            return Err(self.refuse(format!("tensor {tensor} is not quantised")));
        };
        // Both unsigned and signed bytes are the low byte of the number, which is in range.
        let zeros: Vec<u8> = zero_points.iter().map(|zero| *zero as u8).collect();
        let bytes: Vec<u8> = scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        self.charge(bytes.len())?;
        let several = scales.len() > 1;
        let lengths: &[i64] = if several { &[scales.len() as i64] } else { &[] };
        let scale = self.graph.constant(OnnxType::F32, lengths, &bytes);
        let zero = self.graph.constant(element, lengths, &zeros);
        let axis = order.iter().position(|other| several && other == axis);
        let axis = axis.map(|axis| ("axis", Attribute::Int(axis as i64)));
        Ok((scale, zero, axis.into_iter().collect()))
    }

    fn charge(&mut self, bytes: usize) -> Result<()> {
        let left = self.left.checked_sub(bytes as u64);
        self.left = left.ok_or(TfliteError::TooLarge { limit: self.limit })?;
        Ok(())
    }
}

/// The order of axes that a tensor has in TFLite.
pub(super) fn identity(rank: usize) -> Vec<usize> {
    (0..rank).collect()
}

/// Whether an axis has more than one place.
fn moves(def: &TensorDef<'_>, axis: usize) -> bool {
    def.dims[axis] != 1 || def.open[axis]
}

/// Whether elements lie in memory as TFLite has them although the axes are in this order.
fn moves_nothing(def: &TensorDef<'_>, order: &[usize]) -> bool {
    order.iter().filter(|axis| moves(def, **axis)).is_sorted()
}

/// The lengths that a `Reshape` needs to give a tensor's value this order; none where two axes are open.
pub(super) fn reshape_lengths(def: &TensorDef<'_>, order: &[usize]) -> Option<Vec<i64>> {
    let one_open = def.open.iter().filter(|open| **open).count() <= 1;
    let length = |axis: &usize| if def.open[*axis] { -1 } else { def.dims[*axis] as i64 };
    // A zero would mean "as before" there.
    (one_open && !def.dims.contains(&0)).then(|| order.iter().map(length).collect())
}

fn tensor_error(index: usize, def: &TensorDef<'_>, reason: &str) -> TfliteError {
    TfliteError::Tensor { index, name: shortened(def.name), reason: reason.to_owned() }
}

/// The element type that both engines hold it in.
pub(super) fn onnx_type(index: usize, def: &TensorDef<'_>) -> Result<OnnxType> {
    Ok(match def.element {
        ElementType::F32 => OnnxType::F32,
        ElementType::I32 => OnnxType::I32,
        ElementType::U8 => OnnxType::U8,
        ElementType::I64 => OnnxType::I64,
        ElementType::Bool => OnnxType::Bool,
        ElementType::I8 => OnnxType::I8,
        ElementType::F16 => {
            return Err(tensor_error(index, def, "half floats are supported for constants only"));
        }
        ElementType::Other(number) => {
            return Err(tensor_error(index, def, &format!("element type {number} is not supported")));
        }
    })
}

/// A tensor's shape as TFLite has it; open lengths are named by their axis.
fn shape(def: &TensorDef<'_>) -> Vec<Length> {
    let length = |(axis, dim): (usize, &usize)| match (def.open[axis], axis) {
        (false, _) => Length::Fixed(*dim),
        (true, 0) => Length::Open("batch".into()),
        (true, axis) => Length::Open(format!("axis_{axis}")),
    };
    def.dims.iter().enumerate().map(length).collect()
}
