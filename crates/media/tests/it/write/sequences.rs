//! Random sequences of edits against what they should add up to.

use proptest::prelude::*;
use tintype_media::{MetadataEdit, TakenEdit, edit_bytes};

use super::{assert_says, drawn_files, format, read};

fn any_text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9<>&\"'äß漢;,é ]{0,40}"
}

fn any_edit() -> impl Strategy<Value = MetadataEdit> {
    let date = (1900_u32..2090, 1_u32..13, 1_u32..29, 0_u32..24, 0_u32..60, 0_u32..60);
    let taken = (date, prop::option::of(0_u32..1_000_000_000), prop::option::of(-900_i16..900)).prop_map(
        |((year, month, day, hour, minute, second), subsec_nanos, offset_minutes)| TakenEdit {
            local: format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
            subsec_nanos,
            offset_minutes,
        },
    );
    (
        prop::option::of(prop::option::of(-1_i8..6)),
        prop::option::of(taken),
        prop::option::of(prop::option::of(any_text())),
        prop::option::of(prop::collection::vec(any_text(), 0..6)),
    )
        .prop_map(|(rating, taken_at, title, keywords)| MetadataEdit {
            rating,
            taken_at,
            title,
            keywords,
        })
}

/// What an edit comes to after trimming.
fn normal(edit: &MetadataEdit) -> MetadataEdit {
    let mut edit = edit.clone();
    if let Some(title) = &mut edit.title {
        *title = title.take().map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
    }
    if let Some(keywords) = &mut edit.keywords {
        let mut kept: Vec<String> = Vec::new();
        for keyword in keywords.iter().map(|keyword| keyword.trim()) {
            if !keyword.is_empty() && !kept.iter().any(|held| held == keyword) {
                kept.push(keyword.to_owned());
            }
        }
        *keywords = kept;
    }
    edit
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn edits_add_up(which in 0_usize..5, edits in prop::collection::vec(any_edit(), 1..8)) {
        let (name, original) = &drawn_files()[which];
        let (mut bytes, mut sum) = (original.clone(), MetadataEdit::default());
        for edit in edits {
            bytes = edit_bytes(format(&bytes), &bytes, &edit).unwrap().unwrap_or(bytes);
            prop_assert_eq!(edit_bytes(format(&bytes), &bytes, &edit).unwrap(), None);
            let edit = normal(&edit);
            sum.rating = edit.rating.or(sum.rating);
            sum.taken_at = edit.taken_at.or(sum.taken_at);
            sum.title = edit.title.or(sum.title);
            sum.keywords = edit.keywords.or(sum.keywords);
            assert_says(&bytes, &sum, name);
        }
        let (old, new) = (read(original), read(&bytes));
        prop_assert_eq!(old.pixel_hash, new.pixel_hash);
        prop_assert_eq!(old.metadata.description, new.metadata.description);
        prop_assert_eq!(old.metadata.iso, new.metadata.iso);
        if sum.rating.is_none() {
            prop_assert_eq!(old.metadata.rating, new.metadata.rating);
        }
    }
}
