//! Small drawn files, a few operators each.

use super::super::{ExtraOutput, TfliteError, lower, lower_with};
use super::support::{apart, drawn, engines, fixtures, inputs, largest, node_types, recorded, run, session};
use crate::DType;

/// Relative to the largest element; the recorded numbers have six digits.
const CLOSE: f64 = 1e-5;

#[test]
fn drawn_files_give_the_interpreters_numbers_on_every_engine() {
    let cases = recorded("cases.json");
    let files = fs_err::read_dir(fixtures()).unwrap().filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "tflite")
    });
    assert_eq!(files.count(), cases.len(), "every file has numbers");
    for engine in engines() {
        for (name, recorded) in &cases {
            let session = session(name, lower(&drawn(name)).unwrap(), &engine);
            let outputs = run(&session, &inputs(&session, recorded.seed, recorded.spread, 1));
            assert_eq!(outputs.len(), recorded.outputs.len());
            for (at, ((shape, values), output)) in outputs.iter().zip(&recorded.outputs).enumerate() {
                let place = format!("{name} on {}, output {at} ({})", engine.kind(), output.name);
                assert_eq!(shape, &output.shape, "{place}");
                assert_eq!(session.outputs()[at].name, output.name, "{place}");
                let values: Vec<f64> = values.iter().step_by(output.every).copied().collect();
                let near = CLOSE * (1.0 + largest(&output.values));
                let near = output.step.map_or(near, |step| step * 1.001);
                let apart = apart(&values, &output.values);
                assert!(apart <= near, "{place}: {apart} apart");
            }
        }
    }
}

#[test]
fn pictures_are_run_in_batches_where_the_file_leaves_their_number_open() {
    for engine in engines() {
        let session = session("open_batch", lower(&drawn("open_batch")).unwrap(), &engine);
        assert!(session.inputs()[0].has_batch_dimension() && session.outputs()[0].has_batch_dimension());
        let three = inputs(&session, 5, 1, 3);
        let together = run(&session, &three);
        for (picture, data) in three[0].1.as_f32().unwrap().chunks_exact(6 * 8 * 3).enumerate() {
            let one = crate::Tensor::f32([1, 6, 8, 3], data.to_vec()).unwrap();
            let alone = run(&session, &[(three[0].0.clone(), one)]);
            for ((shape, all), (_, one)) in together.iter().zip(&alone) {
                assert_eq!(shape[0], 3);
                let own = &all[picture * one.len()..(picture + 1) * one.len()];
                assert!(apart(own, one) <= CLOSE * (1.0 + largest(one)));
            }
        }
    }
}

#[test]
fn transpositions_that_cancel_are_never_written() {
    let count = |name: &str, kind: &str| {
        node_types(&lower(&drawn(name)).unwrap()).iter().filter(|node| *node == kind).count()
    };
    // One for the input, one for each output that is a picture.
    assert_eq!(count("convolutions", "Transpose"), 1 + 5);
    assert_eq!(count("pools", "Conv"), 1);
    // Pictures of one pixel need none.
    assert_eq!(count("pools", "Transpose"), 1 + 6);
    assert_eq!(count("whole_unsigned", "Transpose"), 2);
}

#[test]
fn tensors_inside_become_outputs_by_name() {
    let extra = |tensor: &str, name: &str| [ExtraOutput { tensor: tensor.into(), name: name.into() }];
    // The fully connected layer of the quantised graph.
    let inner = "whole_unsigned_19";
    let onnx = lower_with(&drawn("whole_unsigned"), &extra(inner, "inner")).unwrap();
    for engine in engines() {
        let session = session("whole_unsigned", onnx.clone(), &engine);
        let info = session.outputs().last().unwrap();
        assert_eq!((info.name.as_str(), info.dtype), ("inner", DType::F32));
        let outputs = run(&session, &inputs(&session, 7, 1, 1));
        let (shape, before_rounding) = outputs.last().unwrap();
        let (_, rounded) = &outputs[1];
        assert_eq!(shape, &[1, 5]);
        // Half a step of 0.1 at most, within what a byte can hold, and not rounded itself.
        let held: Vec<f64> = before_rounding.iter().map(|value| value.clamp(-12.8, 12.7)).collect();
        assert!(apart(&held, rounded) <= 0.0501, "{before_rounding:?} {rounded:?}");
        assert!(before_rounding.iter().any(|value| (value * 10.0 - (value * 10.0).round()).abs() > 0.01));
    }
    let nothing = lower_with(&drawn("pools"), &extra("pools_999", "inner"));
    assert_eq!(nothing, Err(TfliteError::NoSuchTensor("pools_999".into())));
    let taken = lower_with(&drawn("pools"), &extra("pools_3", "pools_0"));
    assert_eq!(taken, Err(TfliteError::AmbiguousName("pools_0".into())));
}
