use proptest::prelude::*;

use super::*;

/// `y = a + b` and `z = a × w`, with `w` a weight.
fn two_outputs() -> EditableGraph {
    let named = |name: &str| {
        let mut raw = Vec::new();
        put_bytes(&mut raw, 1, name.as_bytes());
        Named { name: name.to_owned(), raw }
    };
    EditableGraph {
        model: vec![8, 7],
        rest: Vec::new(),
        nodes: vec![Node::new("Add", &["a", "b"], "y"), Node::new("Mul", &["a", "w"], "z")],
        weights: vec![Weight::floats("w", &[2], &[1.5, -2.0])],
        inputs: vec![named("a"), named("b")],
        outputs: vec![named("y"), named("z")],
    }
}

fn names(graph: &EditableGraph) -> [Vec<&str>; 4] {
    [
        graph.nodes.iter().map(|node| node.op.as_str()).collect(),
        graph.weights.iter().map(|weight| weight.name.as_str()).collect(),
        graph.inputs.iter().map(|input| input.name.as_str()).collect(),
        graph.outputs.iter().map(|output| output.name.as_str()).collect(),
    ]
}

#[test]
fn what_an_output_does_not_need_goes() {
    let mut graph = two_outputs();
    graph.keep_outputs(&["y"]).unwrap();
    assert_eq!(names(&graph), [vec!["Add"], vec![], vec!["a", "b"], vec!["y"]]);
    let mut graph = two_outputs();
    graph.keep_outputs(&["z"]).unwrap();
    assert_eq!(names(&graph), [vec!["Mul"], vec!["w"], vec!["a"], vec!["z"]]);
    assert!(two_outputs().keep_outputs(&["x"]).unwrap_err().contains("\"x\""));
}

#[test]
fn written_and_read_again_it_is_the_same() {
    let bytes = two_outputs().write();
    let graph = EditableGraph::read(&bytes).unwrap();
    assert_eq!(names(&graph), names(&two_outputs()));
    assert_eq!(graph.weights[0].dims, [2]);
    assert_eq!(graph.write(), bytes);
    for len in 0..bytes.len() {
        let _ = EditableGraph::read(&bytes[..len]);
    }
    assert!(EditableGraph::read(&[]).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = EditableGraph::read(&bytes);
    }
}
