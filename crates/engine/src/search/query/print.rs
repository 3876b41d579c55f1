//! The canonical text of a query.

use std::fmt::{Display, Formatter, Result};

use super::lexer::{is_bare, quoted};
use super::{Node, Query, Term};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.root.as_ref().map_or(Ok(()), |root| root.fmt(f))
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            // Within alternatives no parentheses are needed: AND binds tighter.
            Self::All(list) => join(f, list, " ", |node| matches!(node, Self::Any(_))),
            Self::Any(list) => join(f, list, " OR ", |_| false),
            Self::Not(inner) if matches!(**inner, Self::Term(_)) => write!(f, "-{inner}"),
            Self::Not(inner) => write!(f, "-({inner})"),
            Self::Term(term) => term.fmt(f),
        }
    }
}

fn join(f: &mut Formatter<'_>, list: &[Node], between: &str, is_grouped: impl Fn(&Node) -> bool) -> Result {
    for (at, node) in list.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        if is_grouped(node) { write!(f, "({node})")? } else { node.fmt(f)? }
    }
    Ok(())
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Word { text, is_prefix } => write!(f, "{text}{}", star(*is_prefix)),
            Self::Phrase(text) => f.write_str(&quoted(text)),
            Self::Text { field, text, is_prefix } => {
                write!(f, "{field}:{}", value(&format!("{text}{}", star(*is_prefix))))
            }
            Self::Number { field, span } => write!(f, "{field}:{span}"),
            Self::Date(span) => write!(f, "date:{span}"),
            Self::Album(text) => write!(f, "album:{}", value(text)),
            Self::Near { latitude, longitude, km } => write!(f, "place:{latitude},{longitude},{km}km"),
            Self::Choice { field, value } => write!(f, "{field}:{value}"),
        }
    }
}

fn star(is_prefix: bool) -> &'static str {
    if is_prefix { "*" } else { "" }
}

/// A field's value as a query holds it.
pub(in crate::search) fn value(text: &str) -> String {
    if is_bare(text) { text.to_owned() } else { quoted(text) }
}

/// What kind of term it is, for chips.
pub(super) fn kind(term: &Term) -> &'static str {
    match term {
        Term::Word { .. } => "word",
        Term::Phrase(_) => "phrase",
        Term::Text { field, .. } | Term::Number { field, .. } | Term::Choice { field, .. } => field,
        Term::Date(_) => "date",
        Term::Album(_) => "album",
        Term::Near { .. } => "place",
    }
}
