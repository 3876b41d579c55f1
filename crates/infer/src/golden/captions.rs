//! Captions: what the tower sees, the scores of every step, and the sentences of every way to choose words.

use serde_json::Value;
use tintype_core::Control;
use tintype_vision::RgbImage;
use tintype_vision::vit_input::VitInput;

use super::{PICTURES, assert_sampled, drawn, expected, on_each_engine, row};
use crate::blip;
use crate::generate::{CaptionRules, Captioner, Generation, Stopping};
use crate::graphs::Graphs;
use crate::registry::{ModelState, Models};
use crate::table::{Format, Part, Pin};

/// States and scores are up to 20 in size. A picture that needs no resizing leaves rounding only.
const SAME_PIXELS: f64 = 1e-3;
/// The others have pixels that are one level off here and there, which such rough weights carry far.
const ROUNDED_PIXELS: f64 = 0.4;

fn tolerance(image: &RgbImage, input: &VitInput) -> f64 {
    let is_same = (image.width(), image.height()) == (input.side, input.side);
    if is_same { SAME_PIXELS } else { ROUNDED_PIXELS }
}

fn rules(setting: &Value) -> Generation {
    let whole = |key: &str, otherwise| setting[key].as_u64().map_or(otherwise, |value| value as usize);
    let float = |key: &str| setting[key].as_f64().map_or(1.0, |value| value as f32);
    Generation {
        max_length: whole("max_length", 20),
        min_length: whole("min_length", 0),
        beams: whole("num_beams", 1),
        length_penalty: float("length_penalty"),
        stopping: match &setting["early_stopping"] {
            Value::Bool(true) => Stopping::Full,
            Value::String(_) => Stopping::Impossible,
            _ => Stopping::Unlikely,
        },
        repetition_penalty: float("repetition_penalty"),
        no_repeat: whole("no_repeat_ngram_size", 0),
    }
}

fn ids(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

fn captioner(models: &Models, id: &str, input: VitInput, expected: &Value) -> Captioner {
    let token = |key: &str| expected[key].as_u64().unwrap() as u32;
    let rules =
        CaptionRules { input, start: token("start"), end: token("end"), generation: Generation::default() };
    Captioner::over(Graphs::installed(models, id).unwrap(), rules)
}

fn check(models: &Models, id: &str, input: VitInput, expected: &Value) {
    let captioner = captioner(models, id, input, expected);
    for (at, image) in PICTURES.iter().enumerate() {
        let seen = captioner.look_at(image).unwrap();
        let tolerance = tolerance(image, &input);
        assert_sampled(
            seen.as_f32().unwrap(),
            &expected["states"][at],
            tolerance,
            &format!("{id}, states of {at}"),
        );
    }
    let captions = expected["captions"].as_array().unwrap();
    assert!(captions.len() >= 39);
    let mut wrong = Vec::new();
    for (caption, text) in captions.iter().zip(expected["text"].as_array().unwrap()) {
        let image = &drawn(caption["seed"].as_i64().unwrap(), input.side, input.side);
        let wanted = ids(&caption["ids"]);
        let found = captioner.generate(image, &rules(&caption["setting"])).unwrap();
        if found.ids != wanted {
            wrong.push(format!(
                "{} of {}:\n  {wanted:?}\n  {:?}",
                caption["setting"], caption["seed"], found.ids
            ));
        }
        assert!(found.score <= 0.0 && found.score.is_finite());
        assert_eq!(captioner.text(&wanted).unwrap(), text.as_str().unwrap().trim());
        if let Some(steps) = caption["logits"].as_array() {
            let rows = captioner.logits(image, &wanted[..steps.len()]).unwrap();
            for (row, step) in rows.iter().zip(steps) {
                assert_sampled(row, step, SAME_PIXELS, &format!("{id}, scores"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{id} on {:?}: {} differ\n{}",
        models.engine().kind(),
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn vit_gpt2() {
    let encoder = ("encoder", "vit_gpt2.encoder.onnx");
    let words = ("tokenizer", "gpt2.tokenizer.json");
    let rows = vec![
        row("merged", "vit_gpt2", &[encoder, ("decoder", "vit_gpt2.merged.onnx"), words]),
        row(
            "pair",
            "vit_gpt2",
            &[encoder, ("decoder", "vit_gpt2.first.onnx"), ("decoder_next", "vit_gpt2.next.onnx"), words],
        ),
        row("forgetful", "vit_gpt2", &[encoder, ("decoder", "vit_gpt2.first.onnx"), words]),
    ];
    let expected = expected("vit_gpt2");
    on_each_engine(rows, |models| {
        for id in ["merged", "pair", "forgetful"] {
            check(models, id, VitInput::VIT, &expected);
        }
    });
}

#[test]
fn blip_captions() {
    let rows = vec![row(
        "blip",
        "blip",
        &[
            ("encoder", "blip.encoder.onnx"),
            ("decoder", "blip.first.onnx"),
            ("decoder_next", "blip.next.onnx"),
            ("tokenizer", "bert.tokenizer.json"),
        ],
    )];
    let expected = expected("blip");
    on_each_engine(rows, |models| check(models, "blip", VitInput::BLIP, &expected));
}

#[test]
fn blip_from_an_export() {
    const WEIGHTS: Part = Part {
        role: "weights",
        pins: &[Pin {
            name: "weights.bin",
            format: Format::PyTorch {
                graphs: &[
                    ("encoder", "encoder.onnx"),
                    ("decoder", "decoder.onnx"),
                    ("decoder_next", "decoder_next.onnx"),
                ],
            },
            bytes: None,
            sha256: "0000000000000000000000000000000000000000000000000000000000000000",
            url: Some("https://example.com/weights.bin"),
        }],
    };
    let mut row = row("blip-base", "blip", &[("tokenizer", "bert.tokenizer.json")]);
    row.note = "export it";
    row.parts = vec![WEIGHTS, row.parts[0]].leak();
    let expected = expected("blip");
    on_each_engine(vec![row], |models| {
        let captioner = blip::captioner(models).unwrap();
        assert!(!models.is_available(blip::MODEL));
        assert_eq!(models.status(blip::MODEL).unwrap().state, ModelState::Absent);
        // Weights are never fetched for nothing; what to do is said wherever somebody asks for the model.
        let pulled = models.pull(blip::MODEL, false, &Control::new(), &|_| {});
        for error in [
            captioner.look_at(&PICTURES[1]).unwrap_err(),
            models.prepare(blip::MODEL).unwrap_err(),
            pulled.unwrap_err(),
        ] {
            assert_eq!(error.code(), tintype_core::ErrorCode::ModelUnavailable);
            let error = error.to_string();
            assert!(error.contains("blip-base/encoder.onnx") && error.contains("export it"), "{error}");
        }
        let problems = |models: &Models| {
            let reports = models.verify(blip::MODEL).unwrap();
            reports.into_iter().filter(|report| report.problem.is_some()).map(|report| report.name).collect()
        };
        let missing: Vec<_> = problems(models);
        assert_eq!(missing, ["encoder.onnx", "decoder.onnx", "decoder_next.onnx"]);
        let folder = models.config().models_dir.join("blip-base");
        fs_err::create_dir_all(&folder).unwrap();
        for (fixture, file) in [("encoder", "encoder"), ("first", "decoder"), ("next", "decoder_next")] {
            let bytes = super::unpacked(&format!("blip.{fixture}.onnx"));
            fs_err::write(folder.join(format!("{file}.onnx")), bytes).unwrap();
        }
        assert!(models.is_available(blip::MODEL));
        assert_eq!(models.status(blip::MODEL).unwrap().state, ModelState::Installed);
        assert!(problems(models).is_empty());
        let seen = captioner.look_at(&PICTURES[1]).unwrap();
        assert_sampled(seen.as_f32().unwrap(), &expected["states"][1], SAME_PIXELS, "states");
        // A caption needs all three, and they are let go like any session.
        let small = self::captioner(models, blip::MODEL, VitInput::BLIP, &expected);
        assert!(small.caption(&PICTURES[1]).unwrap().score <= 0.0);
        models.prepare(blip::MODEL).unwrap();
        assert_eq!(models.status(blip::MODEL).unwrap().state, ModelState::Ready);
        assert_eq!(models.unload_unused_for(std::time::Duration::ZERO), 3);
        assert_eq!(models.remove(blip::MODEL).unwrap(), 4, "three graphs and the tokeniser");
        assert!(!models.is_available(blip::MODEL));
        fs_err::write(
            models.config().models_dir.join("bert.tokenizer.json"),
            super::unpacked("bert.tokenizer.json"),
        )
        .unwrap();
    });
}

#[test]
fn a_graph_that_does_not_fit_is_said() {
    let rows = vec![row(
        "odd",
        "blip",
        &[
            ("encoder", "blip.encoder.onnx"),
            ("decoder", "clip.vision.onnx"),
            ("tokenizer", "bert.tokenizer.json"),
        ],
    )];
    let expected = expected("blip");
    on_each_engine(rows, |models| {
        let captioner = captioner(models, "odd", VitInput::BLIP, &expected);
        let error = captioner.caption(&PICTURES[0]).unwrap_err();
        assert!(error.to_string().contains("odd") && error.to_string().contains("pixel_values"), "{error}");
        let error = captioner.generate(&PICTURES[0], &Generation::default()).unwrap_err();
        assert_eq!(error.code(), tintype_core::ErrorCode::Internal);
    });
}
