//! [`Caption`]: the sentence that is shown of a photo, and who said it.

use serde::{Deserialize, Serialize};

/// Producers of captions that were composed of other features begin so.
pub const COMPOSED: &str = "composed@";

/// Who said a caption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionBy {
    /// Somebody, here.
    Person,
    /// The photo's file: somebody, elsewhere.
    File,
    /// A captioning model.
    Model,
    /// It was composed of labels, objects and text.
    Composed,
}

/// A sentence about a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Caption {
    /// The sentence.
    pub text: String,
    /// Who said it.
    pub by: CaptionBy,
    /// The algorithm or model that made it; `None` where people said it.
    pub producer: Option<String>,
    /// How sure its author is, 0 to 1; 1 where it does not say.
    pub confidence: f32,
}

/// A caption that was computed.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedCaption {
    /// The sentence; empty where there was nothing to say.
    pub text: String,
    /// What made it.
    pub producer: String,
    /// How sure that is, 0 to 1; 1 where it does not say.
    pub confidence: f32,
    /// When, milliseconds since the Unix epoch.
    pub computed_ms: i64,
}

impl ComputedCaption {
    fn by(&self) -> CaptionBy {
        if self.producer.starts_with(COMPOSED) { CaptionBy::Composed } else { CaptionBy::Model }
    }
}

impl Caption {
    /// The one that is shown and searched, of all that were said: what people said goes before what a model said, and
    /// that before what was composed. Of several models the one that spoke last holds: it was added because people
    /// wanted it.
    ///
    /// `own` is what somebody wrote here, `file` what the photo's file says.
    pub fn shown(own: Option<&str>, file: Option<&str>, computed: &[ComputedCaption]) -> Option<Self> {
        let said = |text: Option<&str>, by| {
            let text = text.map(str::trim).filter(|text| !text.is_empty())?;
            Some(Self { text: text.to_owned(), by, producer: None, confidence: 1.0 })
        };
        let of = |by| {
            let candidates = computed.iter().filter(|one| one.by() == by && !one.text.trim().is_empty());
            let last = candidates.max_by_key(|one| (one.computed_ms, std::cmp::Reverse(&one.producer)))?;
            Some(Self {
                text: last.text.trim().to_owned(),
                by,
                producer: Some(last.producer.clone()),
                confidence: last.confidence,
            })
        };
        said(own, CaptionBy::Person)
            .or_else(|| said(file, CaptionBy::File))
            .or_else(|| of(CaptionBy::Model))
            .or_else(|| of(CaptionBy::Composed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn computed(producer: &str, text: &str, computed_ms: i64) -> ComputedCaption {
        ComputedCaption { text: text.into(), producer: producer.into(), confidence: 0.5, computed_ms }
    }

    #[test]
    fn people_go_before_models_and_models_before_what_was_composed() {
        let all = [
            computed("composed@1(a+b)", "A dog.", 9),
            computed("vit_gpt2@1", "a dog on a beach", 5),
            computed("blip@1", "a dog at sea", 5),
            computed("old@1", "a cat", 1),
        ];
        let shown = |own, file, computed: &[ComputedCaption]| {
            Caption::shown(own, file, computed).map(|one| (one.text, one.by, one.producer))
        };
        let expected =
            |text: &str, by, producer: Option<&str>| Some((text.to_owned(), by, producer.map(str::to_owned)));
        assert_eq!(shown(Some("Rex"), Some("dog"), &all), expected("Rex", CaptionBy::Person, None));
        assert_eq!(shown(Some(" "), Some("dog "), &all), expected("dog", CaptionBy::File, None));
        let by_model = expected("a dog at sea", CaptionBy::Model, Some("blip@1"));
        assert_eq!(shown(None, None, &all), by_model, "the last one, and of two at once the first by name");
        let reversed: Vec<_> = all.iter().rev().cloned().collect();
        assert_eq!(shown(None, Some(""), &reversed), by_model, "in whatever order they come");
        let composed = expected("A dog.", CaptionBy::Composed, Some("composed@1(a+b)"));
        assert_eq!(shown(None, None, &[computed("blip@1", " ", 10), all[0].clone()]), composed);
        assert_eq!(shown(None, None, &[computed("composed@1()", "", 1)]), None);
    }
}
