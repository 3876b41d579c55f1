//! The published files, where the folder of test data is.

use std::path::Path;

use super::super::{ExtraOutput, lower_with, task_member};
use super::support::{apart, engines, inputs, largest, node_types, recorded, run, session};
use crate::EngineKind;

/// The embedding inside MobileNetV2, which becomes an output of its own.
pub(super) fn extra_outputs(name: &str) -> Vec<ExtraOutput> {
    let embedding = ExtraOutput { tensor: "MobilenetV2/Logits/AvgPool".into(), name: "embedding".into() };
    Some(embedding).filter(|_| name.contains("mobilenet_v2")).into_iter().collect()
}

/// The bytes of a published file: a path without its ending, or a member of the bundle of face models.
pub(super) fn published(models: &Path, name: &str) -> Vec<u8> {
    if name.contains('/') {
        return fs_err::read(models.join(format!("{name}.tflite"))).unwrap();
    }
    let bundle = fs_err::read(models.join("face-landmarks/face_landmarker.task")).unwrap();
    task_member(&bundle, &format!("{name}.tflite")).unwrap()
}

/// How far from the interpreter's numbers an output may be. Floats: a share of the largest element (the order of
/// additions differs; landmarks pass 100 layers). Quantised scores: so many steps, and their embedding (steps of
/// 0.0235) is given from before it is rounded. ONNX Runtime computes on whole numbers as the interpreter does
/// (measured: 0 steps, 0.012); RTen on floats, where a number halfway between two steps may go the other way in any
/// of 64 layers (measured on noise: 2 steps, 0.19).
fn near(name: &str, engine: EngineKind, output: usize, largest: f64) -> f64 {
    match (name.contains("quant"), engine, output) {
        (true, EngineKind::Onnx, 0) => 1.0,
        (true, EngineKind::Onnx, _) => 0.0235,
        (true, EngineKind::Rten, 0) => 3.0,
        (true, EngineKind::Rten, _) => 0.3,
        _ => 2e-5 * (1.0 + largest),
    }
}

/// The cosine of the angle between two vectors.
fn cosine(one: &[f64], other: &[f64]) -> f64 {
    let product =
        |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f64>();
    product(one, other) / (product(one, one) * product(other, other)).sqrt()
}

#[test]
fn published_files_give_the_interpreters_numbers_on_every_engine() {
    let Some(data) = tintype_testkit::test_data() else { return };
    let mut differences = Vec::new();
    for (name, recorded) in recorded("real.json") {
        let onnx = lower_with(&published(&data.join("models"), &name), &extra_outputs(&name)).unwrap();
        for engine in engines() {
            let session = session(&name, onnx.clone(), &engine);
            let outputs = run(&session, &inputs(&session, recorded.seed, recorded.spread, 1));
            assert_eq!(outputs.len(), recorded.outputs.len());
            for (at, ((shape, values), output)) in outputs.iter().zip(&recorded.outputs).enumerate() {
                assert_eq!(shape, &output.shape);
                let values: Vec<f64> = values.iter().step_by(output.every).copied().collect();
                let (apart, near) =
                    (apart(&values, &output.values), near(&name, engine.kind(), at, largest(&output.values)));
                eprintln!("{name} on {}, output {at}: {apart:.2e} apart, {near:.2e} allowed", engine.kind());
                if apart > near {
                    differences.push((name.clone(), engine.kind(), at, apart));
                }
                assert!(cosine(&values, &output.values) > 0.999, "{name}, output {at}");
                // The interpreter's fast kernels for such weights round activations to bytes; scores stay close.
                if let Some(rounding) = &recorded.rounding_activations {
                    assert!(super::support::apart(&values, rounding) < 0.005, "{name}");
                }
            }
        }
    }
    assert!(differences.is_empty(), "too far from the interpreter's numbers: {differences:?}");
}

#[test]
fn a_published_classifier_is_transposed_once() {
    let Some(data) = tintype_testkit::test_data() else { return };
    let models = data.join("models");
    for name in ["scene/mobilenet_v2_1.0_224_quant", "aesthetics/nima_aesthetic_mobilenet"] {
        let onnx = lower_with(&published(&models, name), &extra_outputs(name)).unwrap();
        let nodes = node_types(&onnx);
        assert_eq!(nodes.iter().filter(|node| *node == "Transpose").count(), 1, "{name}: {nodes:?}");
    }
}
