//! A sentence composed of what other steps found: what serves where no captioning model is installed.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tintype_core::caption::COMPOSED;
use tintype_core::{FeatureKey, FeatureValue};

use super::ROW;
use crate::Result;
use crate::steps::{Facts, Params, PhotoStep, StepRow, Subject, missing_fact};

/// Objects and labels less sure than this are not spoken of.
const MIN_CONFIDENCE: f64 = 0.35;
/// Lines of text less sure than this are not quoted.
const MIN_TEXT_CONFIDENCE: f64 = 0.8;
/// Kinds of objects that are named; more make no sentence.
const MOST_KINDS: usize = 4;
/// Letters of text that are quoted.
const QUOTED: usize = 40;

/// Its sentence is made anew when what it is made of was made by other models.
pub(crate) struct ComposedCaption {
    producer: String,
}

impl ComposedCaption {
    /// Composed of what steps make that have these keys.
    pub(crate) fn new(parts: &[FeatureKey]) -> Self {
        let producers: Vec<&str> = parts.iter().map(|key| key.producer.as_str()).collect();
        Self { producer: format!("{COMPOSED}1({})", producers.join("+")) }
    }
}

impl PhotoStep for ComposedCaption {
    fn row(&self) -> &'static StepRow {
        &ROW
    }

    fn key(&self, _params: &Params) -> FeatureKey {
        FeatureKey::new(ROW.makes[0], self.producer.as_str())
    }

    fn is_fallback(&self) -> bool {
        true
    }

    fn compute(&self, _subject: &Subject<'_>, facts: &Facts, _params: &Params) -> Result<FeatureValue> {
        let tags = facts.get("tags").and_then(FeatureValue::as_json).ok_or_else(|| missing_fact("tags"))?;
        let text = facts.get("text").and_then(FeatureValue::as_json).ok_or_else(|| missing_fact("text"))?;
        Ok(FeatureValue::Json(json!({ "text": compose(tags, text) })))
    }
}

fn sure<'a>(list: &'a Json, name: &'static str, at_least: f64) -> impl Iterator<Item = &'a str> {
    let sure =
        move |item: &&Json| item["confidence"].as_f64().is_some_and(|confidence| confidence >= at_least);
    list.as_array().into_iter().flatten().filter(sure).filter_map(move |item| item[name].as_str())
}

/// "2 people and a dog, with the text “EXIT 24”." Objects are counted, the surest first; without any, the surest
/// label speaks. Empty when nothing is sure.
fn compose(tags: &Json, text: &Json) -> String {
    let (mut counts, mut order) = (BTreeMap::new(), Vec::new());
    for name in sure(&tags["objects"], "name", MIN_CONFIDENCE) {
        let count: &mut u32 = counts.entry(name).or_default();
        if *count == 0 {
            order.push(name);
        }
        *count += 1;
    }
    let mut parts: Vec<String> =
        order.into_iter().take(MOST_KINDS).map(|name| counted(name, counts[name])).collect();
    if parts.is_empty() {
        // Labels list synonyms after commas.
        let label = sure(&tags["labels"], "name", MIN_CONFIDENCE).next();
        parts.extend(label.and_then(|label| label.split(',').next()).map(|name| counted(name.trim(), 1)));
    }
    let mut sentence = match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    };
    let quote = sure(&text["lines"], "text", MIN_TEXT_CONFIDENCE).next();
    if let Some(quote) = quote.map(str::trim).filter(|quote| !quote.is_empty()) {
        let quote: String = quote.chars().take(QUOTED).collect();
        sentence.push_str(if sentence.is_empty() { "the text “" } else { ", with the text “" });
        sentence.push_str(&quote);
        sentence.push('”');
    }
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).chain(['.']).collect(),
        None => sentence,
    }
}

/// "a dog", "an apple", "2 people".
fn counted(name: &str, count: u32) -> String {
    if count == 1 {
        let article =
            if name.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
        return format!("{article} {name}");
    }
    let plural = match name {
        "person" => "people".to_owned(),
        "mouse" => "mice".to_owned(),
        "sheep" | "skis" | "scissors" => name.to_owned(),
        _ if name.ends_with("knife") => format!("{}ves", &name[..name.len() - 2]),
        _ if name.ends_with("ss") || name.ends_with('s') || name.ends_with("ch") || name.ends_with("sh") => {
            format!("{name}es")
        }
        _ => format!("{name}s"),
    };
    format!("{count} {plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str, confidence: f64) -> Json {
        json!({ "name": name, "confidence": confidence })
    }

    #[test]
    fn objects_are_counted_and_text_is_quoted() {
        let tags = json!({
            "objects": [object("person", 0.9), object("dog", 0.8), object("person", 0.5), object("cat", 0.1)],
            "labels": [object("beach, shore", 0.9)],
        });
        let text = json!({ "lines": [object("", 0.9), { "text": "EXIT 24", "confidence": 0.95 }] });
        assert_eq!(compose(&tags, &Json::Null), "2 people and a dog.");
        assert_eq!(compose(&tags, &text), "2 people and a dog, with the text “EXIT 24”.");
    }

    #[test]
    fn without_objects_the_surest_label_speaks_and_without_both_nothing_does() {
        let tags = json!({ "objects": [], "labels": [object("orange, fruit", 0.9)] });
        assert_eq!(compose(&tags, &Json::Null), "An orange.");
        let nothing = json!({ "objects": [object("dog", 0.1)], "labels": [object("beach", 0.2)] });
        assert_eq!(compose(&nothing, &Json::Null), "");
        assert_eq!(compose(&json!(null), &json!(7)), "");
    }

    #[test]
    fn plurals() {
        assert_eq!(counted("bus", 2), "2 buses");
        assert_eq!(counted("bench", 3), "3 benches");
        assert_eq!(counted("knife", 2), "2 knives");
        assert_eq!(counted("sheep", 5), "5 sheep");
    }
}
