//! Tokenisers against the reference implementations, on 1,000 strings, id by id.

use std::sync::LazyLock;

use serde_json::Value;
use tintype_infer::tokenize::Tokenizer;

use crate::fixtures;

static EXPECTED: LazyLock<Value> = LazyLock::new(|| fixtures::json("tokens.json.gz"));

fn strings(key: &str) -> Vec<&'static str> {
    EXPECTED[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn ids(key: &str) -> Vec<Vec<u32>> {
    let lines = EXPECTED[key].as_array().unwrap();
    lines
        .iter()
        .map(|line| line.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect())
        .collect()
}

/// Every string must give exactly the reference's ids; the first few that do not are shown.
fn check(tokenizer: &Tokenizer, key: &str) {
    let (strings, expected) = (strings("strings"), ids(key));
    assert_eq!(strings.len(), 1000);
    assert_eq!(expected.len(), 1000);
    let wrong: Vec<String> = strings
        .iter()
        .zip(&expected)
        .map(|(text, expected)| (text, expected, tokenizer.encode(text)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| format!("{text:?}\n  reference {expected:?}\n  here      {found:?}"))
        .collect();
    assert!(
        wrong.is_empty(),
        "{key}: {} of 1000 differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}

fn check_decoding(tokenizer: &Tokenizer, key: &str) {
    for (line, expected) in ids(key).iter().zip(strings(&format!("{key}_decoded"))) {
        assert_eq!(tokenizer.decode(line), expected, "{key}: {line:?}");
    }
}

fn check_frame(tokenizer: &Tokenizer, key: &str) {
    for (text, expected) in strings("strings").iter().zip(ids(&format!("{key}_framed"))) {
        assert_eq!(tokenizer.encode_framed(text, 512), expected, "{key}: {text:?}");
    }
}

fn from_json(name: &str) -> Tokenizer {
    Tokenizer::from_json(&fixtures::unpacked(&format!("{name}.tokenizer.json.gz"))).unwrap()
}

#[test]
fn clip() {
    let clip = from_json("clip");
    check(&clip, "clip");
    check_decoding(&clip, "clip");
    check_frame(&clip, "clip");
}

#[test]
fn gpt2() {
    let gpt2 = from_json("gpt2");
    check(&gpt2, "gpt2");
    check_decoding(&gpt2, "gpt2");
    check_frame(&gpt2, "gpt2");
}

#[test]
fn gpt2_from_its_two_older_files() {
    let file: Value = serde_json::from_slice(&fixtures::unpacked("gpt2.tokenizer.json.gz")).unwrap();
    let merges: Vec<String> = file["model"]["merges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| format!("{} {}", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect();
    let merges = format!("#version: 0.2\n{}\n", merges.join("\n"));
    let vocab = serde_json::to_vec(&file["model"]["vocab"]).unwrap();
    let gpt2 = Tokenizer::from_gpt2_vocabulary(&vocab, &merges).unwrap();
    check(&gpt2, "gpt2");
    check_decoding(&Tokenizer::from_gpt2_vocabulary(&vocab, "").unwrap(), "gpt2");
}

#[test]
fn bert() {
    let bert = from_json("bert");
    check(&bert, "bert");
    check_decoding(&bert, "bert");
    check_frame(&bert, "bert");
}

#[test]
fn bert_from_its_list_of_words() {
    let file: Value = serde_json::from_slice(&fixtures::unpacked("bert.tokenizer.json.gz")).unwrap();
    let mut words: Vec<_> = file["model"]["vocab"].as_object().unwrap().iter().collect();
    words.sort_by_key(|(_, id)| id.as_u64().unwrap());
    let list = words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join("\n");
    let bert = Tokenizer::from_bert_vocabulary(&list).unwrap();
    check(&bert, "bert");
    check_decoding(&bert, "bert");
    check_frame(&bert, "bert");
}

#[test]
fn siglip() {
    let siglip = Tokenizer::from_siglip_model(&fixtures::unpacked("siglip.spiece.model.gz")).unwrap();
    check(&siglip, "siglip");
    assert_eq!(siglip.encode_framed("a dog", 64).last(), Some(&1));
    assert_eq!(siglip.decode(&siglip.encode("A dog, runs!")), "a dog runs");
}

#[test]
fn siglip_from_json() {
    // The strings with a literal "▁" are the two where the reference's two implementations differ.
    let (model, json) = (
        Tokenizer::from_siglip_model(&fixtures::unpacked("siglip.spiece.model.gz")).unwrap(),
        from_json("siglip"),
    );
    for text in strings("strings") {
        if !text.contains('▁') {
            assert_eq!(json.encode(text), model.encode(text), "{text:?}");
        }
    }
    assert_eq!(json.encode_framed("a dog", 64), model.encode_framed("a dog", 64));
}

#[test]
fn clip_with_its_real_vocabulary() {
    let Some(data) = tintype_testkit::test_data() else { return };
    let packed = fs_err::read(data.join("models/clip/bpe_simple_vocab_16e6.txt.gz")).unwrap();
    let clip = Tokenizer::from_clip_vocabulary(&packed).unwrap();
    assert_eq!(clip.vocabulary_size(), 49_408);
    check(&clip, "clip_real");
    let long = strings("strings").into_iter().filter(|text| text.chars().count() > 150);
    let expected = ids("clip_real_framed");
    assert!(expected.len() >= 6 && expected.iter().any(|line| line.len() == 77));
    for (text, expected) in long.zip(expected) {
        assert_eq!(clip.encode_framed(text, 77), expected, "{text:?}");
    }
    assert_eq!(clip.encode_framed("", 77), [49_406, 49_407]);
    assert_eq!(clip.decode(&clip.encode("A photo of two dogs")), "a photo of two dogs");
}

#[test]
fn damaged_files_are_refused() {
    for name in ["clip", "gpt2", "bert", "siglip"] {
        let whole = fixtures::unpacked(&format!("{name}.tokenizer.json.gz"));
        for len in (0..whole.len()).step_by(whole.len() / 60) {
            assert!(Tokenizer::from_json(&whole[..len]).is_err(), "{name} cut to {len}");
        }
    }
    let model = fixtures::unpacked("siglip.spiece.model.gz");
    for len in (0..model.len()).step_by(model.len() / 200) {
        // A message cut between two fields is a shorter message; whatever comes out must work.
        if let Ok(tokenizer) = Tokenizer::from_siglip_model(&model[..len]) {
            tokenizer.encode_framed("A dog runs along the beach", 64);
        }
    }
    assert!(Tokenizer::from_clip_vocabulary(b"not gzip").is_err());
    assert!(Tokenizer::from_clip_vocabulary(&[]).is_err());
    assert!(Tokenizer::from_bert_vocabulary("a\nb").is_err());
    assert!(Tokenizer::from_gpt2_vocabulary(b"{\"<|endoftext|>\": 4000000000}", "").is_err());
    let unknown = Tokenizer::from_json(
        br#"{"model":{"type":"BPE","vocab":{},"merges":[]},"normalizer":{"type":"Nmt"}}"#,
    );
    assert!(format!("{:?}", unknown.unwrap_err()).contains("Nmt"), "an unsupported part is named");
}
