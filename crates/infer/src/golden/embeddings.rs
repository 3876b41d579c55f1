//! Pictures as tensors, and the vectors of CLIP, SigLIP and DINOv2.

use tintype_vision::vit_input::VitInput;

use super::{assert_rows, assert_sampled, expected, floats, on_each_engine, pictures, row};
use crate::clip::{ClipModel, Variant};
use crate::dino::DinoModel;
use crate::graphs::Graphs;

/// Numbers of a vector of length 1, computed from pixels that may be one level (of 255) off here and there.
const VECTOR: f64 = 2e-3;
/// The same where no pixels are involved.
const EXACT: f64 = 2e-5;
/// An 8-bit graph quantises what flows through it by its own measure; rounding the other way now and then is expected.
const EIGHT_BIT: f64 = 0.05;

/// Scaled values of one level.
fn level(input: &VitInput) -> f64 {
    input.normalisation.scale.iter().copied().fold(0.0, f32::max).into()
}

#[test]
fn pictures_are_prepared_like_the_references() {
    for (family, input) in [
        ("clip", VitInput::CLIP),
        ("siglip", VitInput::SIGLIP),
        ("dino", VitInput::DINO),
        ("blip", VitInput::BLIP),
        ("vit_gpt2", VitInput::VIT),
    ] {
        let expected = expected(family);
        for (at, image) in pictures().into_iter().enumerate() {
            let mut planes = Vec::new();
            input.push(image, &mut planes);
            let pixels = &expected["pixels"][at];
            let what = format!("{family}, picture {at}");
            assert_sampled(&planes, pixels, 1.01 * level(&input), &what);
            // Off by one level in a pixel is rounding; off on average would be another filter.
            let mean = planes.iter().map(|value| f64::from(*value)).sum::<f64>() / planes.len() as f64;
            let wanted = pixels["sum"].as_f64().unwrap() / planes.len() as f64;
            assert!(
                (mean - wanted).abs() < 0.02 * level(&input),
                "{what}: {mean} instead of {wanted} on average"
            );
        }
    }
}

fn texts(expected: &serde_json::Value) -> Vec<&str> {
    expected["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn clip_towers() {
    let rows = vec![
        row(
            "apart",
            "clip",
            &[
                ("image", "clip.vision.onnx"),
                ("text", "clip.text.onnx"),
                ("tokenizer", "clip.tokenizer.json"),
            ],
        ),
        row("together", "clip", &[("graph", "clip.both.onnx"), ("tokenizer", "clip.tokenizer.json")]),
    ];
    let expected = expected("clip");
    on_each_engine(rows, |models| {
        for id in ["apart", "together"] {
            let clip = ClipModel::new(models, id).unwrap();
            let images = clip.embed_images(&pictures()).unwrap();
            assert_rows(&images, &expected["image_embeds"], VECTOR, "pictures");
            let words = clip.embed_texts(&texts(&expected)).unwrap();
            assert_rows(&words, &expected["text_embeds"], EXACT, "texts");
            // One by one is the same as in a batch.
            let alone = clip.embed_texts(&texts(&expected)[1..2]).unwrap();
            assert!(alone[0].iter().zip(&words[1]).all(|(a, b)| (a - b).abs() < 1e-5));
        }
        assert_eq!(models.session("together", "text").unwrap().inputs().len(), 2, "words need no picture");
        assert_eq!(models.session("together", "image").unwrap().inputs().len(), 1, "pictures need no words");
    });
}

#[test]
fn clip_in_8_bits() {
    let rows =
        vec![row("int8", "clip", &[("graph", "clip.both.int8.onnx"), ("tokenizer", "clip.tokenizer.json")])];
    let expected = expected("clip");
    on_each_engine(rows, |models| {
        let clip = ClipModel::new(models, "int8").unwrap();
        let images = clip.embed_images(&pictures()).unwrap();
        assert_rows(&images, &expected["int8_image_embeds"], EIGHT_BIT, "pictures");
        let words = clip.embed_texts(&texts(&expected)).unwrap();
        assert_rows(&words, &expected["int8_text_embeds"], EIGHT_BIT, "texts");
        for (found, full) in images.iter().zip(expected["image_embeds"].as_array().unwrap()) {
            let cosine: f64 = found.iter().zip(floats(full)).map(|(a, b)| f64::from(*a) * b).sum();
            assert!(cosine > 0.97, "8 bits are close to full precision: {cosine}");
        }
    });
}

#[test]
fn siglip_towers() {
    let parts = [("image", "siglip.vision.onnx"), ("text", "siglip.text.onnx")];
    let rows = vec![
        row("siglip-b16", "siglip", &[parts[0], parts[1], ("tokenizer", "siglip.tokenizer.json")]),
        row("from-model", "siglip", &[parts[0], parts[1], ("tokenizer", "siglip.spiece.model")]),
    ];
    let expected = expected("siglip");
    on_each_engine(rows, |models| {
        let by_table = ClipModel::new(models, "siglip-b16").unwrap();
        let by_hand = ClipModel::over(Graphs::installed(models, "from-model").unwrap(), Variant::SIGLIP);
        for siglip in [by_table, by_hand] {
            let images = siglip.embed_images(&pictures()).unwrap();
            assert_rows(&images, &expected["image_embeds"], VECTOR, "pictures");
            let words = siglip.embed_texts(&texts(&expected)).unwrap();
            assert_rows(&words, &expected["text_embeds"], EXACT, "texts");
        }
    });
}

#[test]
fn dino_vectors() {
    let expected = expected("dino");
    on_each_engine(vec![row("dinov2-small", "dino", &[("graph", "dino.onnx")])], |models| {
        let dino = DinoModel::new(models, "dinov2-small").unwrap();
        let vectors = dino.embed_images(&pictures()).unwrap();
        assert_rows(&vectors, &expected["embeds"], VECTOR, "pictures");
    });
}
