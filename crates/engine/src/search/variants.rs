//! Other forms of English words. A photo of a dog is found by "dogs" and the other way round; no more is tried, because
//! the words of a query are mostly names.

/// Other forms of a word as [`tintype_store::words`] gives it: singular and plural. None for short words, numbers and
/// words of other scripts.
pub(super) fn variants(word: &str) -> Vec<String> {
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut forms = Vec::new();
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        forms.push(format!("{stem}y"));
        forms.push(format!("{stem}ie"));
    } else if let Some(stem) =
        word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']))
    {
        forms.push(stem.to_owned());
        if let Some(shorter) = stem.strip_suffix('e').filter(|shorter| is_sibilant(shorter)) {
            forms.push(shorter.to_owned());
        }
    } else {
        forms.push(match word.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
            _ if is_sibilant(word) => format!("{word}es"),
            _ => format!("{word}s"),
        });
    }
    forms
}

/// Whether a word takes "es" in the plural.
fn is_sibilant(word: &str) -> bool {
    ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::variants;

    #[test]
    fn singular_and_plural() {
        for (word, forms) in [
            ("dog", "dogs"),
            ("dogs", "dog"),
            ("beach", "beaches"),
            ("beaches", "beache beach"),
            ("city", "cities"),
            ("cities", "city citie"),
            ("boys", "boy"),
            ("boy", "boys"),
            ("houses", "house hous"),
            ("glass", "glasses"),
            ("bus", "buses"),
            ("cactus", "cactuses"),
            ("tv", ""),
            ("353", ""),
            ("海", ""),
            ("café", ""),
        ] {
            assert_eq!(variants(word).join(" "), forms, "{word}");
        }
    }
}
