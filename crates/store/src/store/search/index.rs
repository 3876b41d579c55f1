//! Documents and questions in the words of each database's full-text index.

use crate::backend::Dialect;
use crate::model::search::{Adjacent, SearchDocument, SearchField, TextMatch};

/// Stands before each piece. It is no letter or digit, so no word is equal to it.
const MARK: &str = "¦";

/// The words of each field, in the order of the index's columns, as SQLite splits them at spaces.
///
/// Words of telling fields stand twice, the second time with [`MARK`] before each: asked for a word in some columns, FTS5
/// reads every row that has it in any, which takes a third of a second for a word that is in a million file names.
pub(super) fn columns(document: &SearchDocument) -> Vec<String> {
    let mut columns = vec![String::new(); SearchField::ALL.len()];
    for (piece, tokens) in document.tokens() {
        let column = &mut columns[piece.field as usize];
        let mut push = |mark: &str, word: &str| {
            if !column.is_empty() {
                column.push(' ');
            }
            column.push_str(mark);
            column.push_str(word);
        };
        push(MARK, "");
        for word in &tokens {
            push("", word);
        }
        if SearchField::TELLING.contains(&piece.field) {
            push(MARK, "");
            for word in &tokens {
                push(MARK, word);
            }
        }
    }
    columns
}

/// The text of a PostgreSQL `tsvector`: each word alone and behind its field's letter, with its positions.
pub(super) fn vector(document: &SearchDocument) -> String {
    let mut places: std::collections::BTreeMap<String, Vec<usize>> = std::collections::BTreeMap::new();
    let mut at = 1;
    for (piece, tokens) in document.tokens() {
        let letter = piece.field.letter();
        places.entry(format!("{letter}/{MARK}")).or_default();
        for word in tokens {
            places.entry(format!("{letter}/{word}")).or_default().push(at);
            places.entry(word).or_default().push(at);
            at += 1;
        }
        at += 1;
    }
    let mut text = String::new();
    for (word, positions) in places {
        // Words hold letters, digits and marks only: nothing to escape.
        text.extend(["'", word.as_str(), "'"]);
        for (nth, position) in positions.iter().enumerate() {
            text.push(if nth == 0 { ':' } else { ',' });
            text.push_str(&position.to_string());
        }
        text.push(' ');
    }
    text
}

/// A question for one text.
pub(super) fn question(dialect: Dialect, text: &TextMatch) -> String {
    match dialect {
        Dialect::Sqlite => {
            let is_telling = text.fields == SearchField::TELLING;
            let found = match &text.alternatives {
                None => format!("\"{MARK}\""),
                Some(alternatives) => {
                    let mark = if is_telling { MARK } else { "" };
                    let each = alternatives.iter().map(|one| phrase(mark, one));
                    each.collect::<Vec<_>>().join(" OR ")
                }
            };
            if text.fields.is_empty() || is_telling && text.alternatives.is_some() {
                return format!("({found})");
            }
            let names: Vec<&str> = text.fields.iter().map(|field| field.name()).collect();
            format!("({{{}}} : ({found}))", names.join(" "))
        }
        Dialect::Postgres => {
            let fields = if text.fields.is_empty() && text.alternatives.is_none() {
                SearchField::ALL
            } else {
                &text.fields
            };
            let prefixes: Vec<String> = if fields.is_empty() {
                vec![String::new()]
            } else {
                fields.iter().map(|field| format!("{}/", field.letter())).collect()
            };
            let questions: Vec<String> = prefixes
                .iter()
                .flat_map(|prefix| match &text.alternatives {
                    None => vec![format!("'{prefix}{MARK}'")],
                    Some(alternatives) => alternatives.iter().map(|one| sequence(prefix, one)).collect(),
                })
                .collect();
            format!("({})", questions.join(" | "))
        }
    }
}

/// Adjacent words for FTS5, with `mark` before each.
fn phrase(mark: &str, adjacent: &Adjacent) -> String {
    let words: Vec<String> = adjacent.words.iter().map(|word| format!("{mark}{word}")).collect();
    format!("\"{}\"{}", words.join(" "), if adjacent.is_prefix { "*" } else { "" })
}

fn sequence(prefix: &str, adjacent: &Adjacent) -> String {
    let last = adjacent.words.len().saturating_sub(1);
    let words: Vec<String> = adjacent
        .words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            format!("'{prefix}{word}'{}", if adjacent.is_prefix && at == last { ":*" } else { "" })
        })
        .collect();
    format!("({})", words.join(" <-> "))
}

/// Questions of which all must be answered by yes.
pub(super) fn all(dialect: Dialect, questions: &[String]) -> String {
    format!("({})", questions.join(if dialect == Dialect::Sqlite { " AND " } else { " & " }))
}

/// Questions of which one must be answered by yes.
pub(super) fn any(dialect: Dialect, questions: &[String]) -> String {
    format!("({})", questions.join(if dialect == Dialect::Sqlite { " OR " } else { " | " }))
}

/// A question that must be answered by yes, and others that must not.
pub(super) fn but_not(dialect: Dialect, question: &str, others: &[String]) -> String {
    if others.is_empty() {
        return question.to_owned();
    }
    let others = any(dialect, others);
    match dialect {
        Dialect::Sqlite => format!("({question} NOT {others})"),
        Dialect::Postgres => format!("({question} & !{others})"),
    }
}

/// The condition on a photo `p` for the document that `question`, a parameter, asks for.
pub(super) fn asked(dialect: Dialect, question: &str) -> String {
    match dialect {
        Dialect::Sqlite => {
            format!("p.id IN (SELECT x.rowid FROM search_index x WHERE x.search_index MATCH {question})")
        }
        Dialect::Postgres => format!(
            "p.id IN (SELECT x.photo_id FROM search_documents x WHERE x.words @@ CAST(CAST({question} AS TEXT) AS tsquery))"
        ),
    }
}
