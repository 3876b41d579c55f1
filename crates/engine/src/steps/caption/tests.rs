//! Captioning models as variants of the step: a small random one of the architecture of ViT-GPT2.

use std::io::Read as _;
use std::sync::Arc;

use serde_json::Value as Json;
use tintype_core::{Caption, CaptionBy, Control};
use tintype_infer::generate::{CaptionRules, Generation};
use tintype_infer::graphs::Graphs;
use tintype_infer::tokenize::Tokenizer;
use tintype_infer::{EngineChoice, InferConfig, Session, SessionOptions};
use tintype_testkit::{Library, jpeg};
use tintype_vision::vit_input::VitInput;

use super::*;
use crate::planner::Plan;
use crate::{Engine, EngineConfig, OperationRequest};

/// A fixture of the crate of models.
fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../infer/tests/golden");
    let packed = fs_err::read(folder.join(format!("{name}.gz"))).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
    bytes
}

fn no_models() -> Models {
    let mut config = InferConfig::new("nowhere");
    config.engine = EngineChoice::Rten;
    Models::open(config)
}

/// A captioner that says nonsense, and the same every time.
fn small_captioner(models: &Models) -> Captioner {
    let expected: Json = serde_json::from_slice(&fixture("vit_gpt2.json")).unwrap();
    let token = |key: &str| expected[key].as_u64().unwrap() as u32;
    let graph = |role: &'static str, name: &str| {
        let session = Session::load(role, fixture(name), models.engine(), SessionOptions::default());
        (role, session.unwrap())
    };
    let graphs = [graph("encoder", "vit_gpt2.encoder.onnx"), graph("decoder", "vit_gpt2.merged.onnx")];
    let words = Tokenizer::from_file(&fixture("gpt2.tokenizer.json")).unwrap();
    let generation = Generation { beams: 2, min_length: 8, ..Generation::default() };
    let rules = CaptionRules { input: VitInput::VIT, start: token("start"), end: token("end"), generation };
    Captioner::over(Graphs::loaded("small", graphs, Some(Arc::new(words))), rules)
}

fn small_step(models: &Models) -> Arc<dyn PhotoStep> {
    Arc::new(ModelCaption::over(models, "small@1", small_captioner(models)))
}

#[test]
fn every_captioner_of_the_table_is_a_variant() {
    let steps = ModelCaption::all(&no_models());
    let keys: Vec<String> = steps.iter().map(|step| step.key(&Params::new()).producer).collect();
    assert_eq!(keys, ["vit_gpt2_int8@1", "blip_base@1"]);
    assert!(steps.iter().all(|step| step.needs().is_empty() && !step.is_fallback()));
    let captioners = tintype_infer::MODELS.iter().filter(|row| row.task == tintype_infer::Task::Caption);
    assert_eq!(captioners.count(), steps.len());
    let error = steps[0].prepare().unwrap_err().to_string();
    assert!(error.contains("tintype models pull vit-gpt2"), "{error}");
    let error = steps[1].prepare().unwrap_err().to_string();
    assert!(error.contains("scripts/export_blip.py"), "{error}");
}

#[test]
fn sentences_are_composed_only_where_no_model_says_one() {
    let models = no_models();
    let previews = crate::previews::Previews::new(std::path::Path::new("nowhere"));
    let mut steps = crate::steps::photo_steps(&previews, &models, &[]);
    let asked = ["caption".to_owned()];
    let planned = |steps: &[Arc<dyn PhotoStep>]| {
        let plan = Plan::new(steps, &models, Some(&asked), &Json::Null).unwrap();
        (plan.keys().into_iter().map(|key| key.producer).collect::<Vec<_>>(), plan.skipped.len())
    };
    assert_eq!(planned(&steps), (vec![], 3), "without models neither does");
    let at = steps.iter().position(|step| step.row().id == "caption").unwrap();
    steps.insert(at, small_step(&models));
    assert_eq!(planned(&steps), (vec!["small@1".to_owned()], 0), "a captioner needs no tags and no text");
}

/// A library whose engine has the small captioner beside its own steps.
fn indexed(library: &Library) -> Engine {
    let mut config = EngineConfig::new(library.data());
    (config.allowed, config.threads) = (vec![library.photos()], 1);
    config.models.engine = EngineChoice::Rten;
    let mut engine = Engine::open(config).unwrap();
    let models = engine.models().clone();
    let steps = &mut Arc::get_mut(&mut engine.0).unwrap().steps;
    let at = steps.iter().position(|step| step.row().id == "caption").unwrap();
    steps.insert(at, small_step(&models));
    let paths = vec![engine.local_folder(&library.photos()).unwrap()];
    let request = OperationRequest::Index { paths, steps: None, config: Json::Null };
    engine.run(&request, &Control::new(), &mut |_view| {}).unwrap();
    engine
}

#[test]
fn a_models_sentence_is_kept_shown_searched_and_not_made_twice() {
    let library = Library::drawn(1);
    let engine = indexed(&library);
    let photo = engine.store().list_photos(&tintype_store::PhotoQuery::default()).unwrap().items[0].id;
    let features = engine.features(photo, false).unwrap();
    let caption = features.iter().find(|feature| feature.kind == "caption").unwrap();
    assert_eq!(caption.producer, "small@1");
    let text = caption.value["text"].as_str().unwrap().to_owned();
    let confidence = caption.value["confidence"].as_f64().unwrap();
    assert!(!text.trim().is_empty() && confidence > 0.0 && confidence <= 1.0, "{}", caption.value);
    let shown =
        |engine: &Engine| engine.caption_of(photo).unwrap().map(|shown: Caption| (shown.text, shown.by));
    assert_eq!(shown(&engine), Some((text.trim().to_owned(), CaptionBy::Model)));
    let mut reported = Vec::new();
    engine
        .report(&tintype_store::Scope::Library, |line| {
            reported.push(line.caption);
            Ok::<_, ()>(())
        })
        .unwrap()
        .unwrap();
    assert_eq!(reported, [Some(text.trim().to_owned())]);

    // The file itself, sent: the answer is the library's, bit for bit.
    let file = fs_err::read(engine.photo(photo).unwrap().files[0].path.clone()).unwrap();
    let again = engine.caption_picture(file).unwrap();
    assert_eq!((again.caption.as_str(), again.producer.as_str()), (text.as_str(), "small@1"));
    assert!(again.made_of.is_none());
    // Another picture is looked at, and not kept.
    let other = engine.caption_picture(jpeg(77, 320, 240)).unwrap();
    assert_eq!(other.producer, "small@1");
    assert_eq!(engine.store().list_photos(&tintype_store::PhotoQuery::default()).unwrap().items.len(), 1);

    engine.mark(photo, vec![crate::Change::Caption(Some("  Mine ".into()))]).unwrap();
    assert_eq!(shown(&engine), Some(("Mine".to_owned(), CaptionBy::Person)));
    engine.mark(photo, vec![crate::Change::Caption(Some(" ".into()))]).unwrap();
    assert_eq!(shown(&engine), Some((text.trim().to_owned(), CaptionBy::Model)));
    let long = crate::Change::Caption(Some("x".repeat(2001)));
    assert!(engine.mark(photo, vec![long]).is_err());
}
