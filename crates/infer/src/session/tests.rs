use super::*;
use crate::engine::{EngineChoice, EngineConfig};

/// RTen, and ONNX Runtime where its library is.
fn engines() -> Vec<Engine> {
    let mut engines = vec![Engine::rten()];
    engines.extend(crate::test_support::onnx_runtime());
    engines
}

fn load(bytes: Vec<u8>, engine: &Engine) -> Result<Session> {
    Session::load("test", bytes, engine, SessionOptions::default())
}

#[test]
fn runs_on_every_engine() {
    for engine in engines() {
        let session = load(test_graphs::add_one(), &engine).unwrap();
        assert_eq!(session.inputs()[0].to_string(), "x f32[?, 2]");
        assert!(session.inputs()[0].has_batch_dimension());
        assert!(session.weight_bytes() > 0);
        let x = Tensor::f32([2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let outputs = session.run(&[("x", x)], &["y"]).unwrap();
        assert_eq!(outputs, [Tensor::f32([2, 2], vec![2.0, 3.0, 4.0, 5.0]).unwrap()]);
    }
}

#[test]
fn integers_and_truth_values_keep_their_type_and_the_order_asked_for() {
    for engine in engines() {
        let session = load(test_graphs::integers(), &engine).unwrap();
        let a = Tensor::i64([1, 2], vec![1, 5]).unwrap();
        let b = Tensor::i64([1, 2], vec![2, 5]).unwrap();
        let outputs = session.run(&[("a", a), ("b", b)], &["same", "sum"]).unwrap();
        assert_eq!(outputs[0], Tensor::bool([1, 2], vec![false, true]).unwrap());
        assert_eq!(outputs[1], Tensor::i64([1, 2], vec![3, 10]).unwrap());
    }
}

#[test]
fn what_does_not_fit_is_said_with_the_models_name() {
    for engine in engines() {
        let session = load(test_graphs::add_one(), &engine).unwrap();
        let x = |shape: &[usize]| Tensor::f32(shape, vec![0.0; shape.iter().product()]).unwrap();
        let refused = |inputs: &[(&str, Tensor)], outputs: &[&str]| {
            let error = session.run(inputs, outputs).unwrap_err();
            assert!(matches!(error, Error::Input { .. }), "{error:?}");
            error.to_string()
        };
        assert_eq!(
            refused(&[("x", x(&[2, 3]))], &["y"]),
            "model test: it wants x f32[?, 2] and was given f32[2, 3] of 6 numbers"
        );
        assert_eq!(refused(&[("z", x(&[2, 2]))], &["y"]), "model test: it has no input \"z\", but [\"x\"]");
        assert_eq!(refused(&[("x", x(&[2, 2]))], &["w"]), "model test: it has no output \"w\", but [\"y\"]");
        assert_eq!(refused(&[], &["y"]), "model test: the input x f32[?, 2] is missing");
        assert_eq!(
            refused(&[("x", x(&[2, 2])), ("x", x(&[2, 2]))], &["y"]),
            "model test: the input \"x\" is given twice"
        );
        let bytes = Tensor::u8([2, 2], vec![0; 4]).unwrap();
        assert!(refused(&[("x", bytes)], &["y"]).contains("given u8[2, 2]"));
        let lying = Tensor::F32 { shape: vec![1, 2], data: vec![0.0] };
        assert!(refused(&[("x", lying)], &["y"]).contains("of 1 numbers"));
    }
}

#[test]
fn damaged_files_are_refused_by_every_engine() {
    let whole = test_graphs::add_one();
    for engine in engines() {
        for bytes in [Vec::new(), b"not a model".to_vec(), whole[..whole.len() / 2].to_vec()] {
            let error = load(bytes, &engine).unwrap_err();
            assert!(matches!(error, Error::Load { .. }), "{error:?}");
            assert_eq!(error.code(), tintype_core::ErrorCode::ModelUnavailable);
        }
        let missing = ModelSource::from(PathBuf::from("/nowhere/at/all.onnx"));
        let error = Session::load("test", missing, &engine, SessionOptions::default()).unwrap_err();
        assert!(error.to_string().contains("model test cannot be loaded"), "{error}");
    }
}

#[test]
fn an_unknown_operator_is_named() {
    for engine in engines() {
        let error = load(test_graphs::unknown_operator(), &engine).unwrap_err();
        assert!(error.to_string().contains("Tintypify"), "{error}");
    }
}

#[test]
fn many_threads_share_one_session() {
    for engine in engines() {
        let options = SessionOptions { threads: 1, workers: 2 };
        let session = Session::load("test", test_graphs::add_one(), &engine, options).unwrap();
        std::thread::scope(|scope| {
            for start in 0..6 {
                let session = &session;
                scope.spawn(move || {
                    for at in 0..20 {
                        let value = (start * 100 + at) as f32;
                        let x = Tensor::f32([1, 2], vec![value, 0.0]).unwrap();
                        let y = session.run_single(x).unwrap().remove(0).into_f32().unwrap();
                        assert_eq!(y, [value + 1.0, 1.0]);
                    }
                });
            }
        });
        let bytes = test_graphs::add_one().len() as u64;
        assert!([bytes, 2 * bytes].contains(&session.weight_bytes()), "at most one copy per worker");
    }
}

#[test]
fn a_panic_is_caught() {
    let error = guarded("test", EngineKind::Rten, || -> () { panic!("of the foreign code") }).unwrap_err();
    assert_eq!(error.to_string(), "model test: RTen panicked: of the foreign code");
}

#[test]
fn rten_is_there_without_the_library() {
    let dir = tempfile::tempdir().unwrap();
    let config = EngineConfig {
        choice: EngineChoice::Onnx,
        library: Some(dir.path().join("libonnxruntime.so")),
        ..EngineConfig::default()
    };
    let (engine, report) = Engine::choose(&config);
    assert_eq!((engine.kind(), report.engine), (EngineKind::Rten, EngineKind::Rten));
    assert!(report.reason.contains("libonnxruntime.so"), "{}", report.reason);

    let config = EngineConfig { choice: EngineChoice::Rten, ..EngineConfig::default() };
    assert_eq!(Engine::choose(&config).1.reason, "RTen was asked for");
}

#[test]
fn a_provider_that_the_library_lacks_falls_back_to_the_processor() {
    let Some(Engine::Onnx(runtime)) = crate::test_support::onnx_runtime() else { return };
    let config = EngineConfig {
        provider: crate::engine::Provider::DirectMl,
        library: Some(runtime.library().to_owned()),
        ..EngineConfig::default()
    };
    let (engine, report) = Engine::choose(&config);
    assert_eq!(engine.kind(), EngineKind::Onnx);
    assert_eq!(report.provider, crate::engine::Provider::Cpu);
    assert!(report.reason.contains("directml cannot be used"), "{}", report.reason);
    assert!(load(test_graphs::add_one(), &engine).is_ok());
}
