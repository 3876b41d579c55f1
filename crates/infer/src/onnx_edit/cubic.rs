//! Bicubic resizing of a square of known size, as two matrix products.
//!
//! A DINOv2 graph shrinks the positions it learned (37×37) to those of the picture (16×16) with a cubic `Resize`.
//! RTen has no cubic filter and takes a linear one without a word, which moves the vectors by several percent. The
//! picture's size is always the same here, so the filter is a constant matrix, and every engine can multiply.

use super::{EditableGraph, Node, Weight};

/// Replaces the cubic `Resize` by products with constant matrices, for pictures of `side` × `side` pixels. A graph
/// without one is left as it is. The error says why a graph cannot be changed.
pub(crate) fn with_constant_positions(bytes: &[u8], side: u32) -> Result<Option<Vec<u8>>, String> {
    let mut graph = EditableGraph::read(bytes)?;
    let is_cubic =
        |node: &Node| node.op == "Resize" && node.text_attribute("mode").as_deref() == Some("cubic");
    let Some(at) = graph.nodes.iter().position(is_cubic) else { return Ok(None) };
    if graph.nodes.iter().filter(|node| is_cubic(node)).count() > 1 {
        return Err("more than one cubic Resize".to_owned());
    }
    let node = graph.nodes[at].clone();
    if node.inputs.get(3).is_none_or(String::is_empty) {
        return Err("a cubic Resize by factors instead of sizes".to_owned());
    }
    let mode = node.text_attribute("coordinate_transformation_mode");
    if !mode.as_deref().is_none_or(|mode| matches!(mode, "half_pixel" | "pytorch_half_pixel")) {
        return Err(format!("a cubic Resize with coordinates {mode:?}"));
    }
    let (from, to) =
        position_sides(&graph, &node, side).ok_or("no positions or patches found beside a cubic Resize")?;
    let steepness = f64::from(node.float_attribute("cubic_coeff_a").unwrap_or(-0.75));
    let rows = matrix(from, to, steepness);
    let columns: Vec<f32> = (0..from * to).map(|at| rows[at % to * from + at / to]).collect();

    let [source, result] = [node.inputs[0].as_str(), node.outputs[0].as_str()];
    let products = [
        Node::new("MatMul", &[source, "tintype.columns"], "tintype.narrow"),
        Node::new("MatMul", &["tintype.rows", "tintype.narrow"], result),
    ];
    let (from, to) = (from as u64, to as u64);
    graph.weights.push(Weight::floats("tintype.columns", &[from, to], &columns));
    graph.weights.push(Weight::floats("tintype.rows", &[to, from], &rows));
    graph.nodes.splice(at..=at, products);
    Ok(Some(graph.write()))
}

/// Sides of the learned and of the wanted square of positions: from the weight that `resize` is fed with, and from
/// the weight of the patches `[d, 3, p, p]`.
fn position_sides(graph: &EditableGraph, resize: &Node, side: u32) -> Option<(usize, usize)> {
    let patch = graph.weights.iter().find_map(|weight| match weight.dims[..] {
        [_, 3, high, wide] if high == wide && high > 0 => Some(high),
        _ => None,
    })?;
    let mut name = resize.inputs.first()?;
    // Cast, transpose, reshape, slice: each passes its first input on.
    let weight = (0..8).find_map(|_| {
        let weight = graph.weights.iter().find(|weight| weight.name == *name);
        if weight.is_none()
            && let Some(maker) = graph.nodes.iter().find(|node| node.outputs.contains(name))
            && let Some(input) = maker.inputs.first()
        {
            name = input;
        }
        weight
    })?;
    let learned = match weight.dims[..] {
        [1, _, high, wide] if high == wide => high,
        // Squares, or squares after the class token's own position.
        [1, count, _] => {
            let root = count.isqrt();
            if root * root != count && root * root + 1 != count {
                return None;
            }
            root
        }
        _ => return None,
    };
    let wanted = u64::from(side) / patch;
    let is_sensible = (1..=1024).contains(&learned) && (1..=1024).contains(&wanted);
    is_sensible.then_some((learned as usize, wanted as usize))
}

/// The filter from `from` to `to` places: `to` rows of `from` weights. Places beyond an end count as the end.
fn matrix(from: usize, to: usize, steepness: f64) -> Vec<f32> {
    let mut rows = vec![0.0f64; from * to];
    for (target, row) in rows.chunks_exact_mut(from).enumerate() {
        let place = (target as f64 + 0.5) * from as f64 / to as f64 - 0.5;
        let first = place.floor();
        for offset in -1..=2 {
            let source = (first as i64 + offset).clamp(0, from as i64 - 1) as usize;
            row[source] += weight((place - first - offset as f64).abs(), steepness);
        }
    }
    rows.into_iter().map(|weight| weight as f32).collect()
}

/// The cubic convolution kernel (Keys 1981).
fn weight(x: f64, a: f64) -> f64 {
    if x <= 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_a_place_sum_to_one() {
        for (from, to) in [(37, 16), (3, 7), (1, 4), (5, 5)] {
            let rows = matrix(from, to, -0.75);
            for row in rows.chunks_exact(from) {
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{from} to {to}: {row:?}");
            }
        }
        let same = matrix(3, 3, -0.75);
        assert_eq!(same, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn a_graph_without_cubic_filters_stays() {
        let bytes = crate::session::test_graphs::add_one();
        assert_eq!(with_constant_positions(&bytes, 224), Ok(None));
        assert!(with_constant_positions(&bytes[..20], 224).is_err());
    }
}
