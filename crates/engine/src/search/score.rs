//! How well a photo's document answers what is sought, and why: BM25 over weighted fields, normalised to 0–1.
//!
//! For each text sought, the occurrences in a document are summed up with the weight of their field, the confidence of
//! their author and the length of their piece; the sum is saturated as BM25 does (Robertson and Zaragoza 2009, §3.6,
//! "BM25F"), and the texts are weighted by how rare they are. Unlike plain BM25 the result is divided by its largest
//! possible value, so that a threshold means the same in every library.

use tintype_store::{SearchDocument, SearchField as Field, TextMatch, words};

use super::compile::{Place, Sought};

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

/// A document's score, 0 to 1, and the strongest evidence for each text that it holds. Of alternatives the one that is
/// answered best counts: what nobody has takes nothing from a photo that has the other.
pub(super) fn score(document: &SearchDocument, sought: &[Sought], rarity: &[f32]) -> (f32, Vec<Evidence>) {
    let tokens = document.tokens();
    let mut evidence = Vec::new();
    // What each alternative got, and could get at most.
    let mut answered: Vec<(Place, f32, f32)> = Vec::with_capacity(sought.len());
    for (sought, rarity) in sought.iter().zip(rarity) {
        let mut total = 0.0;
        let mut best: Option<(f32, Evidence)> = None;
        for (piece, words) in &tokens {
            if !sought.text.fields.is_empty() && !sought.text.fields.contains(&piece.field) {
                continue;
            }
            let length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * words.len() as f32 / USUAL_WORDS;
            let occurrences = occurrences(&sought.text, words);
            let strength = weight(piece.field) * piece.confidence * occurrences / length.max(1.0);
            total += strength;
            if strength > best.as_ref().map_or(0.0, |(strength, _)| *strength) {
                let (field, confidence) = (piece.field, piece.confidence);
                let piece =
                    if field == Field::Folder { below_root(&piece.text, &sought.text) } else { &piece.text };
                best = Some((strength, Evidence { field, piece: piece.to_owned(), confidence }));
            }
        }
        let got = rarity * total / (total + SATURATION);
        match answered.last_mut() {
            Some((place, sum, most)) if *place == sought.place => {
                *sum += got;
                *most += rarity;
            }
            _ => answered.push((sought.place, got, *rarity)),
        }
        evidence.extend(best.map(|(_, evidence)| evidence));
    }
    let (mut sum, mut most) = (0.0, 0.0);
    for alternatives in answered.chunk_by(|one, other| one.0.part == other.0.part) {
        let share = |(_, got, most): &(Place, f32, f32)| if *most > 0.0 { got / most } else { 0.0 };
        // Where none is answered, the commonest was the least to ask for.
        let best = alternatives.iter().max_by(|a, b| share(a).total_cmp(&share(b)).then(b.2.total_cmp(&a.2)));
        if let Some((_, got, possible)) = best {
            sum += got;
            most += possible;
        }
    }
    let score = if most > 0.0 { sum / most } else { 0.0 };
    evidence.dedup();
    (score, evidence)
}

/// How often a text occurs in the words of a piece; other forms of it count less.
fn occurrences(text: &TextMatch, words: &[String]) -> f32 {
    let mut most = 0.0_f32;
    for (nth, adjacent) in text.alternatives.iter().flatten().enumerate() {
        let count = adjacent.count_in(words) as f32;
        let is_exact = nth == 0 && !adjacent.is_prefix;
        most = most.max(if is_exact { count } else { count * OTHER_FORM });
    }
    most
}

/// A folder as people know it: below its library root, unless only the root's own name was meant.
fn below_root<'a>(folder: &'a str, text: &TextMatch) -> &'a str {
    match folder.split_once('/') {
        Some((_, below)) if occurrences(text, &words(below)) > 0.0 => below,
        _ => folder,
    }
}

/// How telling a text is that stands in `with` of `all` documents (BM25's inverse document frequency).
pub(super) fn rarity(with: u64, all: u64) -> f32 {
    let (with, all) = (with as f64, all.max(with) as f64);
    (1.0 + (all - with + 0.5) / (with + 0.5)).ln() as f32
}

#[cfg(test)]
mod tests {
    use tintype_store::Adjacent;

    use super::*;

    fn sought(text: &str) -> Sought {
        let alternatives = Some(vec![Adjacent { words: words(text), is_prefix: false }]);
        let place = Place { part: 0, alternative: 0 };
        Sought { label: text.to_owned(), text: TextMatch { fields: vec![], alternatives }, place }
    }

    /// Texts that photos are to have all of.
    fn all(texts: &[&str]) -> Vec<Sought> {
        let place = |part| Place { part, alternative: 0 };
        texts.iter().enumerate().map(|(at, text)| Sought { place: place(at), ..sought(text) }).collect()
    }

    fn document(pieces: &[(Field, &str, f32)]) -> SearchDocument {
        let mut document = SearchDocument::default();
        for (field, text, confidence) in pieces {
            document.add(*field, text, *confidence);
        }
        document
    }

    fn of(pieces: &[(Field, &str, f32)], texts: &[&str]) -> f32 {
        score(&document(pieces), &all(texts), &vec![1.0; texts.len()]).0
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
    fn of_alternatives_the_best_one_counts() {
        let of = |texts: &[(&str, Place)], pieces: &[(Field, &str, f32)]| {
            let sought: Vec<_> =
                texts.iter().map(|(text, place)| Sought { place: *place, ..sought(text) }).collect();
            let rarity: Vec<f32> =
                texts.iter().map(|(text, _)| if *text == "walrus" { 10.0 } else { 1.0 }).collect();
            score(&document(pieces), &sought, &rarity).0
        };
        let place = |part, alternative| Place { part, alternative };
        let dog = [(Field::Tag, "dog", 0.9)];
        let alone = of(&[("dog", place(0, 0))], &dog);
        // (dog OR walrus), where no photo has a walrus.
        assert_eq!(of(&[("dog", place(0, 0)), ("walrus", place(0, 1))], &dog), alone);
        assert_eq!(of(&[("walrus", place(0, 0)), ("dog", place(0, 1))], &dog), alone);
        // Both words: the rare one that is missing counts.
        assert!(of(&[("dog", place(0, 0)), ("walrus", place(1, 0))], &dog) < alone / 4.0);
        // (dog walrus OR cat): half of an alternative is not all of it.
        let half = of(&[("dog", place(0, 0)), ("walrus", place(0, 0)), ("cat", place(0, 1))], &dog);
        assert!(half < alone / 4.0 && half > 0.0);
        // beach (walrus OR cat), with neither: the commoner one is missed.
        let asked = [("beach", place(0, 0)), ("walrus", place(1, 0)), ("cat", place(1, 1))];
        let beach = [(Field::Tag, "beach", 0.9)];
        assert_eq!(of(&asked, &beach), of(&[asked[0], ("cat", place(1, 0))], &beach));
    }

    #[test]
    fn folders_are_named_below_their_root() {
        let folder = document(&[(Field::Folder, "Pictures/2024/Norway trip", 1.0)]);
        let named = |text: &str| score(&folder, &[sought(text)], &[1.0]).1.remove(0).piece;
        assert_eq!(named("norway"), "2024/Norway trip");
        assert_eq!(named("pictures"), "Pictures/2024/Norway trip");
        let root = document(&[(Field::Folder, "Pictures", 1.0)]);
        assert_eq!(score(&root, &[sought("pictures")], &[1.0]).1.remove(0).piece, "Pictures");
    }

    #[test]
    fn telling_fields_are_those_of_the_picture() {
        let plain = [Field::Name, Field::Folder, Field::Camera, Field::Lens, Field::Date];
        let telling: Vec<_> = Field::ALL.iter().filter(|field| !plain.contains(field)).copied().collect();
        assert_eq!(Field::TELLING, telling);
    }

    #[test]
    fn rare_words_decide() {
        let (rare, common) = (rarity(3, 1_000_000), rarity(900_000, 1_000_000));
        assert!(rare > 10.0 && common < 0.2 && rarity(5, 0) > 0.0);
        let texts = all(&["walrus", "jpg"]);
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
