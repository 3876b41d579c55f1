//! How well a photo's document answers what is sought, and why: BM25 over weighted fields, normalised to 0–1.
//!
//! For each text sought, the occurrences in a document are summed up with the weight of their field, the confidence of
//! their author and the length of their piece; the sum is saturated as BM25 does (Robertson and Zaragoza 2009, §3.6,
//! "BM25F"), and the texts are weighted by how rare they are. Unlike plain BM25 the result is divided by its largest
//! possible value, so that a threshold means the same in every library.

use tintype_store::{SearchDocument, SearchField as Field};

use super::compile::Sought;

/// BM25's k1: a text in a field of this weight counts half. Fitted so that one sure tag is a good match and one folder
/// name is a fair one.
const SATURATION: f32 = 0.6;
/// BM25's b for the length of a piece, in words.
const LENGTH_SHARE: f32 = 0.3;
/// A piece of usual length.
const USUAL_WORDS: f32 = 3.0;
/// What another form of a word, or a longer word that begins so, counts beside the word itself.
const OTHER_FORM: f32 = 0.85;

/// How much it tells that a text stands in a field: what people said before what models said, names of things before
/// names of folders.
fn weight(field: Field) -> f32 {
    match field {
        Field::Person | Field::Keyword | Field::Bib => 4.0,
        Field::Title | Field::Tag | Field::Object => 3.0,
        Field::Place => 2.5,
        Field::Caption | Field::Text | Field::Album => 2.0,
        Field::Name => 1.2,
        Field::Folder => 0.9,
        Field::Camera | Field::Lens | Field::Date => 0.6,
    }
}

/// Where a text was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Evidence {
    /// In which part of the document.
    pub(super) field: Field,
    /// In which piece.
    pub(super) piece: String,
    /// How sure the piece's author is, 0 to 1.
    pub(super) confidence: f32,
}

/// A document's score, 0 to 1, and the strongest evidence for each text that it holds.
pub(super) fn score(document: &SearchDocument, sought: &[Sought], rarity: &[f32]) -> (f32, Vec<Evidence>) {
    let tokens = document.tokens();
    let (mut sum, mut evidence) = (0.0, Vec::new());
    for (sought, rarity) in sought.iter().zip(rarity) {
        let mut total = 0.0;
        let mut best: Option<(f32, Evidence)> = None;
        for (piece, words) in &tokens {
            if !sought.text.fields.is_empty() && !sought.text.fields.contains(&piece.field) {
                continue;
            }
            let length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * words.len() as f32 / USUAL_WORDS;
            let mut occurrences = 0.0_f32;
            for (nth, adjacent) in sought.text.alternatives.iter().flatten().enumerate() {
                let count = adjacent.count_in(words) as f32;
                let is_exact = nth == 0 && !adjacent.is_prefix;
                occurrences = occurrences.max(if is_exact { count } else { count * OTHER_FORM });
            }
            let strength = weight(piece.field) * piece.confidence * occurrences / length.max(1.0);
            total += strength;
            if strength > best.as_ref().map_or(0.0, |(strength, _)| *strength) {
                let (field, confidence) = (piece.field, piece.confidence);
                best = Some((strength, Evidence { field, piece: piece.text.clone(), confidence }));
            }
        }
        sum += rarity * total / (total + SATURATION);
        evidence.extend(best.map(|(_, evidence)| evidence));
    }
    let most: f32 = rarity.iter().take(sought.len()).sum();
    let score = if most > 0.0 { sum / most } else { 0.0 };
    evidence.dedup();
    (score, evidence)
}

/// How telling a text is that stands in `with` of `all` documents (BM25's inverse document frequency).
pub(super) fn rarity(with: u64, all: u64) -> f32 {
    let (with, all) = (with as f64, all.max(with) as f64);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln() as f32
}

#[cfg(test)]
mod tests {
    use tintype_store::{Adjacent, TextMatch, words};

    use super::*;

    fn sought(text: &str) -> Sought {
        let alternatives = Some(vec![Adjacent { words: words(text), is_prefix: false }]);
        Sought { label: text.to_owned(), text: TextMatch { fields: vec![], alternatives } }
    }

    fn document(pieces: &[(Field, &str, f32)]) -> SearchDocument {
        let mut document = SearchDocument::default();
        for (field, text, confidence) in pieces {
            document.add(*field, text, *confidence);
        }
        document
    }

    fn of(pieces: &[(Field, &str, f32)], texts: &[&str]) -> f32 {
        let sought: Vec<_> = texts.iter().map(|text| sought(text)).collect();
        score(&document(pieces), &sought, &vec![1.0; texts.len()]).0
    }

    #[test]
    fn better_evidence_scores_higher() {
        let ladder = [
            of(&[(Field::Keyword, "beach", 1.0), (Field::Tag, "beach", 0.9)], &["beach"]),
            of(&[(Field::Keyword, "beach", 1.0)], &["beach"]),
            of(&[(Field::Tag, "beach", 0.9)], &["beach"]),
            of(&[(Field::Caption, "a dog runs over the beach at dusk", 1.0)], &["beach"]),
            of(&[(Field::Name, "beach 1", 1.0)], &["beach"]),
            of(&[(Field::Folder, "beach", 1.0)], &["beach"]),
            of(&[(Field::Tag, "beach", 0.1)], &["beach"]),
            of(&[(Field::Tag, "dog", 1.0)], &["beach"]),
        ];
        assert!(ladder.is_sorted_by(|a, b| a > b), "{ladder:?}");
        assert!(ladder.iter().all(|score| (0.0..=1.0).contains(score)));
        assert!(ladder[2] > 0.7 && ladder[7] == 0.0);
    }

    #[test]
    fn rare_words_decide() {
        let (rare, common) = (rarity(3, 1_000_000), rarity(900_000, 1_000_000));
        assert!(rare > 10.0 && common < 0.2 && rarity(5, 0) > 0.0);
        let texts = [sought("walrus"), sought("jpg")];
        let has = |pieces: &[(Field, &str, f32)]| score(&document(pieces), &texts, &[rare, common]).0;
        assert!(has(&[(Field::Tag, "walrus", 0.5)]) > has(&[(Field::Tag, "jpg", 1.0)]) * 10.0);
    }

    #[test]
    fn the_strongest_piece_is_the_reason() {
        let document = document(&[(Field::Name, "bicycle.jpg", 1.0), (Field::Tag, "bicycle", 0.914)]);
        let (_, evidence) = score(&document, &[sought("bicycle")], &[1.0]);
        let expected = Evidence { field: Field::Tag, piece: "bicycle".into(), confidence: 0.914 };
        assert_eq!(evidence, [expected]);
    }
}
