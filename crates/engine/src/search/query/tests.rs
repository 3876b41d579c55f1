//! What is read from what is typed.

use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    Query::parse(text).to_string()
}

#[test]
fn queries_have_one_canonical_text() {
    for (typed, shown) in [
        ("", ""),
        ("  beach \t sunset\n", "beach sunset"),
        ("beach AND sunset", "beach sunset"),
        ("beach OR sunset OR dune", "beach OR sunset OR dune"),
        ("a b OR c d", "a b OR c d"),
        ("(a OR b) c", "(a OR b) c"),
        ("((a)) (b (c))", "a b c"),
        ("NOT beach -sunset --dune NOT NOT x", "-beach -sunset dune x"),
        ("-(a b) -(c)", "-(a b) -c"),
        ("\"red  car\" “blue ‘sky’”", "\"red car\" \"blue ‘sky’\""),
        ("bicy* tag:bi** tag:\"red bi*\"", "bicy* tag:bi* tag:\"red bi*\""),
        (
            "rating:>=4 stars:4.. RATING:4..5 rating:..3 rating:-1",
            "rating:>=4 rating:>=4 rating:4..5 rating:<=3 rating:-1",
        ),
        (
            "date:2024-6..2024/08 taken:>2024 when:2024-06-30",
            "date:2024-06..2024-08 date:>2024 date:2024-06-30",
        ),
        ("aperture:f/2.8 focal:35mm..85mm iso:<800", "aperture:2.8 focal:35..85 iso:<800"),
        (
            "place:47.37,8.54 place:zurich near:\"1, 2, 500m\"",
            "place:47.37,8.54,10km place:zurich place:1,2,0.5km",
        ),
        ("album:\"summer trip\" person:anna keyword:x", "album:\"summer trip\" person:anna tag:x"),
        ("type:JPG flag:picked has:faces is:favourite", "type:jpeg flag:pick has:faces is:favorite"),
        ("12:30 http://x.y/z foo:bar", "12:30 http://x.y/z foo:bar"),
    ] {
        assert_eq!(canonical(typed), shown, "{typed:?}");
        assert_eq!(canonical(shown), shown);
    }
}

#[test]
fn what_is_not_understood_becomes_words_with_a_warning() {
    for (typed, shown) in [
        ("rating:many", "rating:many"),
        ("date:2024-13 sunset", "date:2024-13 sunset"),
        ("has:wings", "has:wings"),
        ("tag:", "tag:"),
        ("rating:\"a b\"", "\"rating:a b\""),
        ("\"red car", "\"red car\""),
        ("(a b", "a b"),
        ("a) b", "a b"),
        ("OR a", "or a"),
        ("a OR", "a or"),
        ("AND", "and"),
        ("NOT", "not"),
        ("a OR OR b", "a or OR b"),
        ("*", ""),
        ("-- & !!", ""),
        ("\"---\"", ""),
    ] {
        let query = Query::parse(typed);
        assert_eq!(query.to_string(), shown, "{typed:?}");
        assert!(!query.warnings.is_empty(), "{typed:?}");
    }
    assert!(Query::parse("()").is_empty() && Query::parse("\"\" -").is_empty());
}

#[test]
fn chips_say_where_they_stand_and_what_is_left_without_them() {
    let query = Query::parse("🏖 beach -(rating:>=4 \"red car\") -tag:dog OR x");
    let shown: Vec<_> = query
        .chips()
        .iter()
        .map(|chip| {
            (chip.kind, chip.text.as_str(), chip.start, chip.end, chip.is_negated, chip.without.as_str())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("word", "beach", 3, 8, false, "-(rating:>=4 \"red car\") -tag:dog OR x"),
            ("rating", "rating:>=4", 11, 21, true, "beach -\"red car\" -tag:dog OR x"),
            ("phrase", "\"red car\"", 22, 31, true, "beach -rating:>=4 -tag:dog OR x"),
            ("tag", "tag:dog", 33, 41, true, "beach -(rating:>=4 \"red car\") OR x"),
            ("word", "x", 45, 46, false, "beach -(rating:>=4 \"red car\") -tag:dog"),
        ]
    );
    assert_eq!(Query::parse("a").chips()[0].without, "");
}

#[test]
fn whatever_is_given_the_tree_is_bounded() {
    for text in [
        "(".repeat(100_000),
        "a ".repeat(50_000),
        "-".repeat(100_000),
        format!("{}a", "-(".repeat(50_000)),
        "NOT ".repeat(25_000),
        format!("{}a{}", "(b OR ".repeat(10_000), ")".repeat(10_000)),
        "x".repeat(100_000),
        "\"".repeat(99_999),
        "é".repeat(70_000),
        "tag:\u{0}".repeat(9_000),
        "'; DROP TABLE photos; -- ".repeat(4_000),
        "NEAR(a b, 5) {x}: ^y + z".repeat(4_000),
    ] {
        let query = Query::parse(&text);
        assert!(query.chips().len() <= MAX_TERMS);
        assert!(query.warnings.len() <= 12, "{:?}", query.warnings);
        let shown = query.to_string();
        assert!(shown.len() < MAX_BYTES);
        assert_eq!(Query::parse(&shown).root, query.root);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn reading_never_fails_and_reads_its_own_text(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn reading_the_language_never_fails(
        parts in prop::collection::vec(prop::sample::select(vec![
            " ", " ", "(", ")", "-", "\"", "“", "\\", "*", ":", ",", "..", ">=", "<", "AND", "OR", "NOT", "or", "tag:", "rating:",
            "date:", "place:", "album:", "has:gps", "is:", "2024-06", "4", "-1", "1e9", "a", "Straße", "海辺", "🏖", "\u{301}",
            "\u{0}", "\u{2028}", "%", "_", "'", ";", "foo:", "f/2.8", "12km", "x".repeat(99).leak(), "…", "≥",
        ]), 0..60)
    ) {
        check(&parts.concat())?;
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let query = Query::parse(text);
    let shown = query.to_string();
    let again = Query::parse(&shown);
    prop_assert_eq!(&again.root, &query.root, "{:?} -> {:?}", text, shown);
    prop_assert_eq!(again.to_string(), shown);
    let length = text.encode_utf16().count();
    for chip in query.chips() {
        prop_assert!(chip.start < chip.end && chip.end <= length);
        prop_assert_eq!(&Query::parse(&chip.without).to_string(), &chip.without);
    }
    Ok(())
}
